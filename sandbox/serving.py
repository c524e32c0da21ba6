"""HTTP servers on sockets that are bound already: uvicorn, many in one event loop, without signal handlers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

import uvicorn

GRACE_SECONDS = 1
KEPT_ALIVE_SECONDS = 75


class Activity:
    """When somebody last asked for something."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        """Seconds since the last request."""
        return time.monotonic() - self._last

    def watching(self, app: Any) -> Any:
        """`app`, and every request to it counts."""

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            self._last = time.monotonic()
            await app(scope, receive, send)

        return watched


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the sandbox's matter: it has many servers."""
        yield


class Server:
    """One server and the task that runs it."""

    def __init__(
        self,
        app: Any,
        bound: socket.socket,
        tls: ssl.SSLContext | None = None,
        http: Any = "httptools",
        lifespan: Any = "auto",
    ) -> None:
        config = uvicorn.Config(
            app,
            http=http,
            ws="wsproto",
            loop="asyncio",
            lifespan=lifespan,
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEPT_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ssl_context_factory=(lambda *_: tls) if tls else None,
        )
        self._server = _Quiet(config)
        self._bound = bound
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and return when it accepts connections."""
        self._task = asyncio.create_task(self._server.serve([self._bound]))
        while not self._server.started:
            if self._task.done():
                await self._task
                raise RuntimeError("a server ended while it was starting")
            await asyncio.sleep(0.002)

    async def stop(self) -> None:
        """Stop accepting, let running requests end within a second."""
        self._server.should_exit = True
        if self._task:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
