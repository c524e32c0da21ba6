"""The staff console: a single-page app, served the way a Vite dev server serves one (contract 1 and 6)."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from ..staging import Staging
from .vite import DevServer


def app(staging: Staging) -> Starlette:
    """The console as an ASGI application."""
    server = DevServer(staging)
    return Starlette(
        routes=[
            WebSocketRoute("/__vite_ws", server.hot_reload),
            Route("/{path:path}", server.serve, methods=["GET", "HEAD"]),
        ]
    )
