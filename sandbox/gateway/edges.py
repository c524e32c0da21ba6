"""The rim of the gateway: what happens to a request before a handler sees it, and to an error after it."""

from __future__ import annotations

import posixpath
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .answers import Problem, answer
from .core import Gateway


def guarded(gateway: Gateway, inner: ASGIApp) -> ASGIApp:
    """Any error of a handler becomes the JSON `internal`; the trace goes to the log and never to the client."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await inner(_seen(gateway, scope), receive, watched)
        except Exception:
            gateway.staging.log("gateway", traceback.format_exc())
            if started:
                raise
            await answer(Problem("internal", "internal error").body, 500)(scope, receive, send)

    return application


def _seen(gateway: Gateway, scope: Scope) -> Scope:
    """The path as it came. A gateway that tidies it up sees another one than the edge let through."""
    if gateway.broken("gateway-tidies-paths"):
        tidy = posixpath.normpath(scope["path"].replace("\\", "/").replace("..;", ".."))
        return {**scope, "path": "/" + tidy.lstrip("/")}
    return scope
