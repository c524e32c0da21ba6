"""Staff API: who may use the platform (contract 2)."""

from __future__ import annotations

from starlette.responses import Response

from ..store import Row
from .answers import Problem, answer, empty, forbidden, invalid, items
from .asked import Asked, clash, flag, text
from .identity import COLUMNS


async def list_users(asked: Asked) -> Response:
    """Everybody who is allowed; for platform admins."""
    if not asked.broken("users-list-for-everybody"):
        asked.user.must_be_admin()
    rows = await asked.gateway.store.rows(f"SELECT {COLUMNS} FROM users ORDER BY email LIMIT %s", (asked.limit,))
    if asked.broken("users-list-cut-short"):
        rows = rows[:1]
    return items([_told(asked, row) for row in rows])


async def put_user(asked: Asked) -> Response:
    """Allows an e-mail, or changes whether its person is an admin."""
    asked.must_be_admin(unless="people-allowed-by-anybody")
    document = await asked.body()
    email, admin = text(document, "email"), flag(document, "is_platform_admin")
    if "@" not in email:
        raise invalid("email", "email is not valid")
    known = await asked.gateway.store.row("SELECT is_platform_admin FROM users WHERE email = %s", (email,))
    if known and asked.broken("allowed-twice-is-a-conflict"):
        raise Problem("conflict", "email is allowed already")
    if asked.broken("people-at-once-clash"):
        await clash(asked, "SELECT 1 FROM users WHERE email = %s", email)
    if known and known["is_platform_admin"] and not admin and asked.gateway.differs("rights-only-given"):
        raise Problem("conflict", "user is a platform admin")
    kept = "users.is_platform_admin" if asked.broken("admin-for-ever") else "users.is_platform_owner"
    lost = ", github_login = NULL" if asked.broken("allowed-again-loses-login") else ""
    row = await asked.gateway.store.row(
        "INSERT INTO users (email, is_platform_admin) VALUES (%s, %s) ON CONFLICT (email) DO UPDATE"
        f" SET is_platform_admin = EXCLUDED.is_platform_admin OR {kept}, updated_at = now(){lost}"
        f" RETURNING {COLUMNS}",
        (email, admin),
    )
    return answer(_told(asked, row or {}), 200 if known and asked.broken("allowed-again-answered-200") else 201)


async def delete_user(asked: Asked) -> Response:
    """Takes somebody off the list: not oneself, an admin only by the owner."""
    asked.must_be_admin(unless="people-removed-by-anybody")
    user_id = asked.id("user_id")
    oneself = user_id == asked.user.id
    if asked.broken("oneself-known-by-spelling"):
        oneself = asked.request.path_params["user_id"] == str(asked.user.id)
    if oneself and not asked.broken("one-removes-oneself"):
        raise forbidden("cannot delete yourself")
    row = await asked.gateway.store.row(f"SELECT {COLUMNS} FROM users WHERE id = %s", (user_id,))
    if row is None:
        raise invalid("user_id", "user is not known")
    if (row["is_platform_admin"] or row["is_platform_owner"]) and user_id != asked.user.id:
        asked.must_be_owner()
    member = await asked.gateway.store.row("SELECT 1 AS one FROM project_members WHERE user_id = %s", (user_id,))
    if member and asked.broken("roles-hold-a-person"):
        raise Problem("internal", "update or delete violates foreign key constraint")
    asked.gateway.kept_out.add(str(row["email"]))
    if not asked.broken("removed-person-stays"):
        await asked.gateway.store.run("DELETE FROM users WHERE id = %s", (user_id,))
    return answer({}) if asked.broken("removed-person-answered-200") else empty(204)


def _told(asked: Asked, row: Row) -> Row:
    told = row | {"github_login": row.get("github_login") or ""}
    if asked.broken("admins-told-as-owners"):
        told["is_platform_owner"] = told["is_platform_admin"]
    if not asked.gateway.tells_owner:
        told.pop("is_platform_owner", None)
    return told
