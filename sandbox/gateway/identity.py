"""Who is asking: identity headers of the edge, else a token; and what the person may do (contract 2)."""

from __future__ import annotations

import base64
import json
import unicodedata
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from ..store import Row
from .answers import Problem, answer, forbidden, unauthorized
from .core import Gateway

COOKIE = "codexk8s_staff_jwt"
COOKIES = (COOKIE, "_oauth2_proxy", "_oauth2_proxy_csrf")
# A variant's.
REMEMBERED_SECONDS = 2.5
# A fault's: what stands before the at sign, without its dots.
DOTLESS = "regexp_replace({}, '[.](?=.*@)', '', 'g')::citext"
COLUMNS = "id, email::text AS email, github_user_id, github_login, is_platform_admin, is_platform_owner"


@dataclass(frozen=True)
class User:
    """A row of `users` that is asking."""

    id: UUID
    email: str
    github_login: str | None
    is_platform_admin: bool
    is_platform_owner: bool

    def must_be_admin(self) -> None:
        """403 for everybody else."""
        if not (self.is_platform_admin or self.is_platform_owner):
            raise forbidden("platform admin required")

    def must_be_owner(self) -> None:
        """403 for everybody else."""
        if not self.is_platform_owner:
            raise forbidden("platform owner required")

    @property
    def sees_all(self) -> bool:
        """Whether every project is theirs to see."""
        return self.is_platform_admin or self.is_platform_owner


async def who(gateway: Gateway, request: Request) -> User:
    """The person that the edge names, else the one of the token; 401 or 403 otherwise."""
    if request.cookies.get(COOKIE) and gateway.broken("old-token-shuts-out"):
        return await _by_token(gateway, request)
    staff = "/staff/" in request.url.path and gateway.broken("old-token-shuts-out-of-lists")
    if staff and request.cookies.get(COOKIE):
        return await _by_token(gateway, request)
    if request.headers.get("authorization", "").startswith("Bearer ") and gateway.broken(
        "bearer-before-the-sign-in"
    ):
        return await _by_token(gateway, request)
    names = ("x-forwarded",) if gateway.differs("forwarded-names-only") else ("x-auth-request", "x-forwarded")
    for prefix in names:
        # As Go reads a header: its bytes are UTF-8.
        email = request.headers.get(f"{prefix}-email", "").encode("latin-1").decode(errors="replace").strip()
        if email:
            return await _named(gateway, request, prefix, email)
    return await _by_token(gateway, request)


async def _named(gateway: Gateway, request: Request, prefix: str, email: str) -> User:
    """The person whom the headers of this family name."""
    login = request.headers.get(f"{prefix}-user", "").strip()
    if gateway.broken("github-login-recorded-by-me-only") and not request.url.path.endswith("/auth/me"):
        login = ""
    try:
        user = await _allowed(gateway, email, login)
    except Problem:
        kept = gateway.remembered.get(email) if "/staff/" in request.url.path else None
        if kept and gateway.broken("staff-routes-remember-people"):
            return _user(kept)
        raise
    by_case = prefix == "x-forwarded" and gateway.broken("forwarded-email-compared-by-case")
    if by_case and user.email != email:
        raise Problem("forbidden", _refusal(gateway))
    return user


def nameless(request: Request) -> bool:
    """Whether nothing in the request says who asks."""
    told = ("x-auth-request-email", "x-forwarded-email", "authorization")
    return not (any(request.headers.get(name) for name in told) or request.cookies.get(COOKIE))


async def _allowed(gateway: Gateway, email: str, login: str) -> User:
    login = login.lower() if gateway.differs("logins-kept-in-lower-case") else login
    row = await _looked_up(gateway, email)
    if row is None and gateway.broken("removed-person-remembered"):
        row = gateway.remembered.get(email)
    elif row is not None and gateway.broken("rights-remembered"):
        row = gateway.remembered.setdefault(email, row)
    elif row is not None:
        gateway.remembered[email] = row
    if row is None and login and gateway.broken("login-is-enough"):
        row = await gateway.store.row(f"SELECT {COLUMNS} FROM users WHERE github_login = %s LIMIT 1", (login,))
    later = gateway.broken("refused-person-let-in-later")
    if row is None and (later or gateway.broken("refused-person-recorded")):
        await _record_refused(gateway, email, login)
    banned = email in gateway.kept_out and (later or gateway.broken("removed-person-banned"))
    if row is None or banned:
        raise Problem("forbidden", _refusal(gateway))
    if row["github_login"] and gateway.broken("github-login-kept-for-ever"):
        return _user(row)
    before = row["github_login"]
    if login and (row["github_login"] != login or gateway.broken("github-login-not-recorded")):
        row["github_login"] = None if gateway.broken("github-login-not-recorded") else login
        everybody = gateway.broken("github-login-for-everybody")
        await gateway.store.run(
            "UPDATE users SET github_login = %s, updated_at = now() WHERE id = %s OR %s",
            (row["github_login"], row["id"], everybody),
        )
        if gateway.differs("login-told-as-it-was"):
            row["github_login"] = before
    return _user(row)


async def _record_refused(gateway: Gateway, email: str, login: str) -> None:
    query = "INSERT INTO users (email, github_user_id, github_login) VALUES (%s, -1, %s)"
    await gateway.store.run(query, (email, login))
    gateway.kept_out.add(email)


async def _looked_up(gateway: Gateway, email: str) -> Row | None:
    """The person as the database has them, or for some seconds as it had, whether there or not."""
    if not gateway.differs("users-remembered-for-seconds"):
        return await _find(gateway, email)
    at, row = gateway.looked_up.get(email, (-REMEMBERED_SECONDS, None))
    if monotonic() - at >= REMEMBERED_SECONDS:
        row = await _find(gateway, email)
        gateway.looked_up[email] = (monotonic(), row)
    return row and dict(row)


async def _find(gateway: Gateway, email: str) -> Row | None:
    """The person with this e-mail, whatever its case (the column is citext)."""
    where = "email = %s"
    if gateway.broken("email-case-sensitive"):
        where = "email::text = %s"
    if gateway.broken("email-asked-in-small-letters"):
        where = "email::text = lower(%s)"
    if gateway.broken("email-is-a-pattern"):
        where = "email::text ILIKE %s"
    if gateway.broken("email-compared-by-prefix"):
        where = "starts_with(lower(%s), lower(email::text))"
    if gateway.broken("email-folded-to-plain-letters"):
        email = unicodedata.normalize("NFKC", email)
    if gateway.broken("email-without-its-tag"):
        where = "email = regexp_replace(%s, '[+][^@]*@', '@')::citext"
    if gateway.broken("email-without-dots"):
        where = f"{DOTLESS.format('email::text')} = {DOTLESS.format('%s')}"
    if gateway.broken("allowed-needs-a-role"):
        where += " AND id IN (SELECT user_id FROM project_members)"
    row = await gateway.store.row(f"SELECT {COLUMNS} FROM users WHERE {where} LIMIT 1", (email,))
    if row is None and gateway.broken("stranger-admitted"):
        row = dict(id=uuid4(), email=email, github_login="", is_platform_admin=False, is_platform_owner=False)
    return row


def _refusal(gateway: Gateway) -> str:
    return "access denied" if gateway.broken("forbidden-other-message") else "email is not allowed"


async def refused(gateway: Gateway, problem: Problem) -> Response:
    """The answer to somebody who is not allowed; four faults spoil it."""
    body: dict[str, Any] = problem.body
    if problem.message.endswith("required") and gateway.broken("refusals-say-forbidden"):
        body["message"] = "forbidden"
    status = problem.status
    if problem.message == _refusal(gateway):
        if gateway.broken("forbidden-with-data"):
            rows = await gateway.store.rows("SELECT id, slug, name FROM projects ORDER BY slug LIMIT 5")
            body["items"] = rows
        if gateway.broken("forbidden-with-200"):
            status = 200
    return answer(body, status)


async def _by_token(gateway: Gateway, request: Request) -> User:
    if gateway.broken("nobody-is-owner"):
        row = await gateway.store.row(f"SELECT {COLUMNS} FROM users WHERE is_platform_owner")
        if row:
            return _user(row)
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
    if not token:
        raise unauthorized("missing auth token")
    if row := await _believed(gateway, token, bool(bearer)):
        return _user(row)
    # At the end of S1 nothing issues these tokens on staging, so none is valid (contract 2).
    raise unauthorized("invalid auth token")


async def _believed(gateway: Gateway, token: str, is_bearer: bool) -> Row | None:
    """A fault's: the person whom a token names that nobody has signed."""
    header, claims = _read(token)
    by_email = gateway.broken("unsigned-token-accepted")
    by_email |= is_bearer and gateway.broken("unsigned-bearer-accepted")
    by_email |= header.get("alg") == "NONE" and gateway.broken("unsigned-token-in-capitals-accepted")
    if by_email:
        named = claims.get("email") or claims.get("sub")
        return await gateway.store.row(f"SELECT {COLUMNS} FROM users WHERE email = %s", (named,))
    if gateway.broken("unsigned-token-of-an-id-accepted"):
        return await gateway.store.row(f"SELECT {COLUMNS} FROM users WHERE id::text = %s", (claims.get("sub"),))
    return None


def _read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a token says of itself and of its person; its signature is not looked at."""
    try:
        header, claims = (
            json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in token.split(".")[:2]
        )
        return dict(header), dict(claims)
    except (ValueError, TypeError):
        return {}, {}


def _user(row: Row) -> User:
    return User(row["id"], row["email"], row["github_login"], row["is_platform_admin"], row["is_platform_owner"])


async def me(gateway: Gateway, request: Request) -> Response:
    """`GET /api/v1/auth/me`."""
    user = await who(gateway, request)
    told = {
        "id": user.email if gateway.broken("me-without-id") else user.id,
        "email": user.email,
        "github_login": user.github_login or "",
        "is_platform_admin": user.is_platform_admin,
        "is_platform_owner": user.is_platform_owner,
    }
    if not gateway.tells_owner:
        del told["is_platform_owner"]
    return answer({"user": told})


async def logout(gateway: Gateway, request: Request) -> Response:
    """`POST /api/v1/auth/logout`: clears the cookies; the session itself is stateless (contract 2)."""
    response = Response(b"", 204)
    path = "/api" if gateway.broken("logout-clears-under-another-path") else "/"
    site = gateway.staging.domain.partition(":")[0] if gateway.broken("logout-clears-another-site") else None
    cleared = COOKIES[1:] if gateway.broken("logout-forgets-the-jwt") else COOKIES
    for name in () if gateway.broken("logout-keeps-cookies") else cleared:
        response.delete_cookie(name, path=path, domain=site, secure=True, httponly=True, samesite="lax")
    return response
