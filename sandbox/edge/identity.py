"""Who the gateway is told is asking: what a client says under these names is removed (contract 2, identity)."""

from __future__ import annotations

import re
from collections.abc import Callable

from .cookies import Session
from .messages import Incoming

On = Callable[[str], bool]

_HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"}
_HOP_BY_HOP |= {"te", "trailer", "transfer-encoding", "upgrade", "http2-settings", "expect", "content-length"}
# nginx writes these itself; nothing that the client says under them goes on.
_FROM_NGINX = re.compile(r"x-(real-ip|request-id|scheme|forwarded-(for|host|port|proto|scheme))$")
_IDENTITY = re.compile(r"x-forwarded-(email|user|groups|preferred-username|access-token)$|x-auth-request-.*$")
# Those of them that say who somebody is; X-Auth-Request-Redirect only says where to go.
_AUTH_REQUEST = re.compile(r"x-auth-request-(email|user|groups|preferred-username|access-token)$")
_PLAIN_NAME = re.compile(r"[a-z0-9-]+$")
_UNDERSCORED_NAME = re.compile(r"[a-z0-9_-]+$")


def outgoing(request: Incoming, session: Session | None, on: On, *, slipped: bool) -> list[tuple[str, str]]:
    """The headers for the gateway."""
    named = {part.lower() for part in request.values("connection")}
    client = [(name, value) for name, value in _client(request, session, on, slipped) if _end_to_end(name, named)]
    said = {name for name, _ in client}
    own = [
        (name, value) for name, value in _own(session, on) if name not in said and not _dropped(name, named, on)
    ]
    return [*client, *_nginx(request), *own]


def through_ingress(
    request: Incoming, *, strips_auth_request: bool, keeps_underscores: bool
) -> list[tuple[str, str]]:
    """What nginx alone passes on: it writes its own headers, drops odd names, and knows nothing of people."""
    names = _UNDERSCORED_NAME if keeps_underscores else _PLAIN_NAME
    kept = [
        (name, value)
        for name, value in request.headers
        if names.match(name)
        if name not in _HOP_BY_HOP - {"http2-settings"} and not _FROM_NGINX.match(name)
        if not (strips_auth_request and _AUTH_REQUEST.match(name))
    ]
    # `Connection $connection_upgrade`: what the client wrote there never gets further (E14).
    upgrade = request.header("upgrade")
    return [*kept, *([("upgrade", upgrade), ("connection", "upgrade")] if upgrade else []), *_nginx(request)]


def _end_to_end(name: str, named: set[str]) -> bool:
    """Hop-by-hop headers end here; what `Connection` names ends here too, before the edge adds its own (E14)."""
    ends = name in _HOP_BY_HOP or (name in named and not _IDENTITY.match(name))
    return not ends


def _dropped(name: str, named: set[str], on: On) -> bool:
    return on("edge-connection-removes-identity") and bool(named & {name, "x-auth-request-email"})


def _nginx(request: Incoming) -> list[tuple[str, str]]:
    return [
        ("x-real-ip", request.client),
        ("x-forwarded-for", request.client),
        ("x-forwarded-host", request.header("host")),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-scheme", "https"),
    ]


def _own(session: Session | None, on: On) -> list[tuple[str, str]]:
    """What oauth2-proxy says of the person; GitHub gives it no preferred name."""
    if session is None:
        return []
    user = session.email if on("edge-user-is-the-email") else session.user
    named = [] if on("edge-user-header-missing") else [("x-forwarded-user", user)]
    return [("x-forwarded-email", session.email), *named]


def _client(request: Incoming, session: Session | None, on: On, slipped: bool) -> list[tuple[str, str]]:
    """The client's own headers, without those that say who somebody is."""
    kept: list[tuple[str, str]] = []
    seen: set[str] = set()
    for index, (spelled, value) in enumerate(request.headers):
        name = spelled
        if "_" in name and _underscore_let_through(name, on):
            name = name.replace("_", "-")
        elif not _PLAIN_NAME.match(name):
            continue
        if _FROM_NGINX.match(name):
            continue
        if _IDENTITY.match(name) and not slipped and name == spelled:
            passed = _let_through(request, index, name in seen, on) if session else None
            seen.add(name)
            if passed is None:
                continue
            value = passed
        kept.append((name, value))
    return kept


def _underscore_let_through(name: str, on: On) -> bool:
    """nginx drops names with an underscore; with `underscores_in_headers` they become the dashed ones (E5)."""
    if name == "x_auth_request_email":
        return on("edge-underscore-auth-request")
    if name == "x_forwarded_email":
        return on("edge-underscore-forwarded")
    return name == "x-forwarded_email" and on("edge-underscore-mixed")


def _let_through(request: Incoming, index: int, again: bool, on: On) -> str | None:
    """A signed-in person's own line under such a name: what of it goes on, by the faults that are on."""
    name, value = request.headers[index]
    named = {part.lower() for part in request.values("connection")}
    lower = index < len(request.spelling) and request.spelling[index] == name
    passes = (
        (on("edge-auth-request-email-let-through") and name.startswith("x-auth-request-"))
        or (
            on("edge-auth-request-let-through-in-changes")
            and name.startswith("x-auth-request-")
            and request.method in ("PUT", "DELETE")
        )
        or (on("edge-forwarded-email-let-through") and name == "x-forwarded-email")
        or (on("edge-forwarded-email-of-a-gone-owner") and name == "x-forwarded-email")
        or (on("edge-user-let-through-in-writes") and name == "x-forwarded-user" and request.method == "POST")
        or (on("edge-second-line-let-through") and again)
        or (on("edge-lower-case-let-through") and lower)
        or (on("edge-connection-removes-identity") and bool(named & {"x-forwarded-email", "x-auth-request-email"}))
    )
    if not passes and on("edge-list-let-through") and "," in value:
        return value.rpartition(",")[2].strip()
    return value if passes else None
