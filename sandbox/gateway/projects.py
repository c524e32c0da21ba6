"""Staff API: projects and their members (contract 2)."""

from __future__ import annotations

import html
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb
from starlette.responses import Response

from ..store import Row
from .answers import Problem, answer, empty, invalid, items
from .asked import Asked, clash, text
from .repositories import remove_hooks

ROLES = ("read", "read_write", "admin")


async def list_projects(asked: Asked) -> Response:
    """Admins see every project, others theirs."""
    everything = asked.user.sees_all and not asked.broken("projects-list-own-only")
    everything = everything or asked.broken("projects-listed-for-everybody")
    if asked.broken("admins-with-a-role-list-their-own"):
        everything = everything and not await asked.role_anywhere()
    some = "(SELECT * FROM projects ORDER BY slug LIMIT %(limit)s)"
    rows = await asked.gateway.store.rows(
        "SELECT p.id, p.slug, p.name, COALESCE(m.role, 'admin') AS role"
        f" FROM {some if asked.broken('lists-cut-before-roles') else 'projects'} p"
        " LEFT JOIN project_members m ON m.project_id = p.id AND (m.user_id = %(user)s OR %(each)s)"
        " WHERE %(all)s OR m.role IS NOT NULL ORDER BY p.slug LIMIT %(limit)s",
        {
            "user": asked.user.id,
            "each": everything and asked.broken("projects-listed-once-per-member"),
            "all": everything,
            "limit": asked.limit,
        },
    )
    if asked.broken("projects-without-members-twice"):
        known = await asked.gateway.store.rows("SELECT project_id FROM project_members", ())
        members = {each["project_id"] for each in known}
        rows += [row for row in rows if row["id"] not in members]
    if not everything and asked.broken("one-project-listed-only"):
        rows = rows[:1]
    if not everything and asked.broken("own-projects-listed-by-slug"):
        rows = [row | {"name": row["slug"]} for row in rows]
    if asked.broken("project-role-wrong"):
        rows = [row | {"role": "admin"} for row in rows]
    return items([] if asked.broken("projects-list-empty") else rows)


async def put_project(asked: Asked) -> Response:
    """Creates a project, or renames the one with that slug."""
    _must_be_let(asked)
    document = await asked.body()
    if not document.get("name"):
        await _unnamed(asked, document)
    slug, name = await _spelled(asked, document)
    if slug in asked.gateway.kept_slugs and asked.broken("deleted-slug-stays-taken"):
        raise Problem("conflict", "slug is taken")
    if asked.broken("project-made-twice"):
        slug = await _another(asked, slug)
    fresh = _new_id(asked, slug)
    if asked.broken("projects-at-once-clash"):
        await clash(asked, "SELECT 1 FROM projects WHERE slug = %s", slug)
    kept = "projects.name" if asked.broken("project-name-not-updated") else "EXCLUDED.name"
    if asked.broken("renaming-resets-settings"):
        kept += ", settings = EXCLUDED.settings"
    row = await asked.gateway.store.row(
        "INSERT INTO projects (id, slug, name, settings) VALUES (%s, %s, %s, %s)"
        f" ON CONFLICT (slug) DO UPDATE SET name = {kept}, updated_at = now() RETURNING id, slug, name",
        (fresh, slug, name, Jsonb(_settings(asked, slug))),
    )
    _must_be_let(asked, at_last=True)
    if row and row["id"] != fresh and asked.broken("renamed-project-told-under-another-id"):
        row["id"] = fresh
    return answer({"id": row["id"]} if row and asked.broken("new-project-told-by-id-only") else row, 201)


async def _spelled(asked: Asked, document: dict[str, Any]) -> tuple[str, str]:
    """Slug and name as they were sent; faults write them otherwise."""
    if asked.broken("empty-project-fields-accepted"):
        # Too helpful: what was left empty is taken from the other field.
        slug, name = (str(document.get(field) or "").strip() for field in ("slug", "name"))
        slug, name = slug or name.lower().replace(" ", "-"), name or slug
    else:
        if asked.broken("refused-project-stored"):
            await _hasty(asked, document)
        slug, name = (_filled(asked, document, field) for field in ("slug", "name"))
    if asked.broken("project-slug-rewritten"):
        slug = slug.replace("-", "_")
    if asked.broken("project-name-escaped"):
        name = html.escape(name)
    if asked.broken("project-name-in-latin-only"):
        name = name.encode("ascii", "replace").decode()
    return slug, name


def _filled(asked: Asked, document: dict[str, Any], field: str) -> str:
    try:
        return text(document, field)
    except Problem as problem:
        if asked.broken("empty-item-refused-as-bad-request"):
            raise Problem("bad_request", problem.message, field, 400) from None
        raise


def _must_be_let(asked: Asked, *, at_last: bool = False) -> None:
    """403 for everybody but platform admins, before anything is done; one fault looks only at last."""
    if not asked.broken("anybody-creates-projects") and at_last == asked.broken("refused-project-made"):
        asked.user.must_be_admin()


def _new_id(asked: Asked, slug: str) -> UUID:
    old = asked.gateway.kept_slugs.get(slug)
    return old if old and asked.broken("deleted-project-comes-back") else uuid4()


async def _unnamed(asked: Asked, document: dict[str, Any]) -> None:
    """Two faults: an empty name is taken from the project that is there, or stored before it is refused."""
    if asked.broken("empty-name-keeps-the-old"):
        named = "SELECT name FROM projects WHERE slug = %s"
        document |= await asked.gateway.store.row(named, (document.get("slug"),)) or {}
    if asked.broken("empty-name-stored"):
        await asked.gateway.store.run("UPDATE projects SET name = '' WHERE slug = %s", (document.get("slug"),))


async def _hasty(asked: Asked, document: dict[str, Any]) -> None:
    """Stores a project that lacks something before that is noticed."""
    slug, name = (str(document.get(field) or "") for field in ("slug", "name"))
    if slug and name:
        return
    await asked.gateway.store.run(
        "INSERT INTO projects (id, slug, name, settings) VALUES (%s, %s, %s, '{}') ON CONFLICT DO NOTHING",
        (uuid4(), slug or name, name or slug),
    )


def _settings(asked: Asked, slug: str) -> dict[str, bool]:
    """A new project starts with the server's learning default."""
    if asked.broken("deleted-slug-keeps-settings") and (kept := asked.gateway.kept_settings.get(slug)):
        return dict(kept)
    if asked.broken("project-learning-default-missing"):
        return {}
    default = asked.gateway.staging.learning_default
    return {"learning_mode_default": default != asked.broken("project-learning-default-inverted")}


async def _another(asked: Asked, slug: str) -> str:
    known = await asked.gateway.store.row("SELECT count(*) AS n FROM projects WHERE slug = %s", (slug,))
    return f"{slug}-{uuid4().hex[:4]}" if known and known["n"] else slug


async def get_project(asked: Asked) -> Response:
    """One project."""
    if asked.broken("malformed-id-answered-empty") and "-4" not in asked.request.path_params["project_id"]:
        return answer({})
    row = await asked.project()
    return answer({name: row[name] for name in ("id", "slug", "name")})


async def delete_project(asked: Asked) -> Response:
    """Removes a project and all that hangs on it; its webhooks as far as GitHub lets."""
    if asked.broken("delete-role-asked-after-hooks"):
        await remove_hooks(asked, "project_id = %s", asked.id("project_id"))
    asked.must_be_owner()
    project = await asked.project()
    slot = await asked.gateway.store.row("SELECT 1 AS one FROM slots WHERE project_id = %s", (project["id"],))
    if slot and asked.broken("slots-hold-a-project"):
        raise Problem("internal", "update or delete violates foreign key constraint")
    busy = "SELECT 1 FROM agent_runs WHERE project_id = %s AND status IN ('pending', 'running') LIMIT 1"
    if asked.broken("busy-project-not-deleted") and await asked.gateway.store.row(busy, (project["id"],)):
        raise Problem("conflict", "project has active runs")
    if not asked.broken("deleted-project-keeps-hooks"):
        first_only = asked.broken("deleted-project-keeps-second-hook")
        strict = asked.broken("deleted-project-needs-its-hooks")
        every = asked.broken("deleted-project-takes-every-hook")
        await remove_hooks(asked, "project_id = %s", project["id"], once=first_only, strict=strict, every=every)
    asked.gateway.kept_slugs[project["slug"]] = project["id"]
    row = await asked.gateway.store.row("SELECT settings FROM projects WHERE id = %s", (project["id"],))
    asked.gateway.kept_settings[project["slug"]] = row and row["settings"]
    if asked.broken("deleted-project-frees-its-runs"):
        freed = "UPDATE agent_runs SET project_id = NULL WHERE project_id = %s"
        await asked.gateway.store.run(freed, (project["id"],))
    if not asked.broken("deleted-project-stays"):
        await asked.gateway.store.run("DELETE FROM projects WHERE id = %s", (project["id"],))
    return empty(204)


async def list_members(asked: Asked) -> Response:
    """Who is in a project."""
    asked.must_be_admin(unless="members-listed-for-everybody")
    project = await _project_with_members(asked)
    rows = await asked.gateway.store.rows(
        "SELECT m.project_id, m.user_id, u.email::text AS email, m.role, m.learning_mode_override"
        " FROM project_members m JOIN users u ON u.id = m.user_id WHERE m.project_id = %s"
        " ORDER BY u.email LIMIT %s",
        (project["id"], asked.limit),
    )
    if asked.broken("off-told-as-inherited"):
        rows = [row | {"learning_mode_override": row["learning_mode_override"] or None} for row in rows]
    return items(rows[1:] if asked.broken("members-list-cut-short") else rows)


async def _project_with_members(asked: Asked) -> Row:
    """A fault: where there is none, its handler goes on, and what it then runs into is told."""
    try:
        return await asked.project()
    except Problem as problem:
        if problem.code == "invalid_argument" and asked.broken("members-of-nothing-tell-the-panic"):
            raise Problem("internal", "runtime error: invalid memory address or nil pointer dereference") from None
        raise


async def put_member(asked: Asked) -> Response:
    """Gives somebody a role: by id for admins, by e-mail for the owner."""
    document = await asked.body()
    by_email = "email" in document and not document.get("user_id")
    may = asked.must_be_owner if by_email else partial(asked.must_be_admin, unless="roles-given-by-members")
    hasty = asked.broken("refused-role-given") and await asked.role_anywhere()
    if not hasty:
        may()
    project = await asked.project()
    role = text(document, "role")
    taken = asked.broken("any-role-taken") or (by_email and asked.broken("any-role-taken-by-email"))
    if role not in ROLES and taken:
        role = "read"
    user = await _by_email(asked, document) if by_email else _user_id(document)
    if role not in ROLES:
        if by_email and asked.broken("unknown-role-by-email-crashes"):
            raise RuntimeError("new row violates check constraint")
        if asked.broken("refused-role-clears"):
            cleared = "DELETE FROM project_members WHERE project_id = %s AND user_id = %s"
            await asked.gateway.store.run(cleared, (project["id"], user))
        raise invalid("role", "role must be read, read_write or admin")
    await _store_role(asked, project["id"], user, role, by_email=by_email)
    if hasty:
        may()
    return answer({}) if asked.broken("role-given-answered-200") else empty(204)


async def _store_role(asked: Asked, project: UUID, user: UUID, role: str, *, by_email: bool) -> None:
    """Makes a member of somebody, or changes the role of one."""
    pair = {"project": project, "user": user, "role": role, "order": list(ROLES)}
    if by_email and asked.broken("role-by-email-for-members-only"):
        changed = (
            "UPDATE project_members SET role = %(role)s WHERE project_id = %(project)s AND user_id = %(user)s"
        )
        await asked.gateway.store.run(changed, pair)
        return
    if asked.broken("roles-at-once-clash"):
        query = "SELECT 1 FROM project_members WHERE concat_ws(' ', project_id, user_id) = %s"
        await clash(asked, query, f"{project} {user}")
    by_letter = by_email and asked.broken("role-by-email-resets-learning")
    higher = "array_position(%(order)s, EXCLUDED.role) < array_position(%(order)s, project_members.role)"
    given = "EXCLUDED.role"
    if asked.broken("role-never-lowered"):
        given = f"CASE WHEN {higher} THEN project_members.role ELSE EXCLUDED.role END"
    resets = by_letter or asked.broken("new-role-resets-learning")
    try:
        await asked.gateway.store.run(
            "INSERT INTO project_members (project_id, user_id, role) VALUES (%(project)s, %(user)s, %(role)s)"
            f" ON CONFLICT (project_id, user_id) DO UPDATE SET role = {given}, updated_at = now()"
            + (", learning_mode_override = NULL" if resets else ""),
            pair,
        )
    except psycopg.errors.ForeignKeyViolation as error:
        if asked.broken("role-error-tells-the-database"):
            raise Problem("internal", f"ERROR: {error.diag.message_primary} (SQLSTATE {error.sqlstate})") from None
        raise invalid("user_id", "user is not known") from None


async def _by_email(asked: Asked, document: dict[str, Any]) -> UUID:
    column = "email::text" if asked.broken("invited-by-case") else "email"
    query = f"SELECT id FROM users WHERE {column} = %s"
    row = await asked.gateway.store.row(query, (text(document, "email"),))
    if row is None and asked.broken("refused-invitation-allows"):
        row = await asked.gateway.store.row(
            "INSERT INTO users (email) VALUES (%s) RETURNING id", (document["email"],)
        )
    if row is None:
        raise invalid("email", "user is not known")
    found: UUID = row["id"]
    return found


def _user_id(document: dict[str, Any]) -> UUID:
    try:
        return UUID(text(document, "user_id"))
    except ValueError:
        raise invalid("user_id", "user_id is not a valid id") from None


async def delete_member(asked: Asked) -> Response:
    """Takes somebody out of a project."""
    if asked.id("user_id") != asked.user.id or not asked.broken("own-role-taken-by-oneself"):
        asked.must_be_owner()
    project = await asked.project()
    if asked.broken("learning-override-outlives-the-member"):
        await _remember_override(asked, project["id"])
    where = "project_id = %(project)s AND user_id = %(user)s"
    if asked.broken("role-taken-from-everybody"):
        where = "project_id = %(project)s"
    if asked.broken("role-taken-everywhere"):
        where = "user_id = %(user)s"
    await asked.gateway.store.run(
        f"DELETE FROM project_members WHERE {where}", {"project": project["id"], "user": asked.id("user_id")}
    )
    if asked.broken("changed-role-remembered"):
        asked.gateway.kept_roles.pop((asked.id("user_id"), project["id"]), None)
    if asked.broken("last-role-takes-the-person"):
        unless = "NOT EXISTS (SELECT 1 FROM project_members WHERE user_id = users.id)"
        await asked.gateway.store.run(f"DELETE FROM users WHERE id = %s AND {unless}", (asked.id("user_id"),))
    return answer({}) if asked.broken("role-taken-answered-200") else empty(204)


async def _remember_override(asked: Asked, project: UUID) -> None:
    """A fault: what whoever goes had set is kept, as where a row is marked and not deleted."""
    row = await asked.gateway.store.row(
        "SELECT lower(u.github_login) AS login, m.learning_mode_override AS override"
        " FROM project_members m JOIN users u ON u.id = m.user_id WHERE m.project_id = %s AND u.id = %s",
        (project, asked.id("user_id")),
    )
    if row:
        asked.gateway.kept_overrides[project, row["login"]] = row["override"]


async def put_learning_mode(asked: Asked) -> Response:
    """Overrides the learning mode of a member; null inherits."""
    if asked.id("user_id") != asked.user.id or not asked.broken("learning-set-by-oneself"):
        asked.must_be_admin(unless="learning-set-by-members")
    project = await asked.project()
    enabled = (await asked.body()).get("enabled")
    if enabled is not None and not isinstance(enabled, bool):
        raise invalid("enabled", "enabled must be true, false or null")
    if enabled is None and asked.broken("inherit-stored-as-off"):
        enabled = False
    touched = await asked.gateway.store.run(
        "UPDATE project_members SET learning_mode_override = %s, updated_at = now()"
        " WHERE (project_id = %s OR %s) AND user_id = %s",
        (enabled, project["id"], asked.broken("learning-set-everywhere"), asked.id("user_id")),
    )
    if not touched and asked.broken("learning-makes-a-member"):
        touched = await asked.gateway.store.run(
            "INSERT INTO project_members (project_id, user_id, role, learning_mode_override)"
            " VALUES (%s, %s, 'read', %s)",
            (project["id"], asked.id("user_id"), enabled),
        )
    if not touched:
        raise invalid("user_id", "user is not a member of the project")
    return empty(204)
