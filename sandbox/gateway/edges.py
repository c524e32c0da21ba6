"""The rim of the gateway: the path that a request asks for, before anything else looks at it."""

from __future__ import annotations

import posixpath
import re

from starlette.types import ASGIApp, Receive, Scope, Send

from .core import Gateway

UNKNOWN_BELOW = re.compile(r"(/staff/(?:projects|runs)/[^/]+)/(?!members|repositories|events|learning-feedback).*")


def rimmed(gateway: Gateway, inner: ASGIApp) -> ASGIApp:
    """`inner`, which sees the path as it came: the edge has decided by that one who needs a session."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and gateway.broken("paths-below-an-id-cut"):
            scope = {**scope, "path": UNKNOWN_BELOW.sub(r"\1", scope["path"])}
        if scope["type"] == "http" and gateway.broken("gateway-tidies-paths"):
            scope = {**scope, "path": _tidy(scope["path"])}
        await inner(scope, receive, send)

    return application


def _tidy(path: str) -> str:
    """What a careful but misplaced clean-up makes of `/api/v1/webhooks/../staff/users`."""
    resolved = posixpath.normpath(path.replace("\\", "/").replace("..;", ".."))
    return "/" + resolved.lstrip("/")
