"""One local staging from its first socket to its last: all parts in one process and one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from . import aim, cluster, console, control, edge, gateway, github, people, resolver, worker
from .certificates import Certificates
from .database import Database
from .database import start as start_database
from .serving import Activity, Server
from .sockets import bind, greet, port_of
from .staging import Staging
from .surface import Surface

LOOK_SECONDS = 5.0
PARTS = ("edge", "edge_http", "gateway", "console", "cluster", "github", "control", "ssh")
SSH_BANNER = b"SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5\r\n"
Undo = Callable[[], Awaitable[None]]


@dataclass
class Local:
    """The running staging. `async with Local(...)` starts and stops it."""

    staging: Staging
    wanted_ports: dict[str, int] = field(default_factory=dict)
    activity: Activity = field(default_factory=Activity)
    settings: dict[str, str] = field(default_factory=dict, repr=False)
    database: Database | None = None
    _worker: asyncio.Task[Any] | None = field(default=None, repr=False)
    _undo: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack, repr=False)

    async def __aenter__(self) -> Local:
        try:
            await self._start()
        except BaseException:
            await self._undo.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._undo.aclose()

    async def _start(self) -> None:
        staging = self.staging
        people.settle(staging)
        bound = {part: self._bind(part) for part in PARTS}
        staging.ports |= {part: port_of(each) for part, each in bound.items()}
        # PostgreSQL takes its time: it starts beside everything that does not need it yet.
        starting = asyncio.create_task(asyncio.to_thread(start_database, staging))
        self._undo.push_async_callback(self._stop_database, starting)
        certificates = Certificates(staging)
        surface = Surface(staging)
        self._undo.callback(surface.close)
        self.database = await asyncio.shield(starting)  # a thread: cancelled or not, it goes on to its end
        staging.ports |= {
            "postgres": urlsplit(staging.database_url).port or 5432,
            "closed": surface.doors[6443].number,
        }
        await self._serve(bound, certificates, surface)
        names, dns_port = await resolver.serve(staging)
        self._undo.callback(names.close)
        self._worker = asyncio.create_task(worker.run(staging))
        self._undo.push_async_callback(_cancel, self._worker)
        self.settings = aim.settings(staging, surface, dns_port)
        await surface.apply()

    async def _serve(self, bound: dict[str, socket.socket], certificates: Certificates, surface: Surface) -> None:
        staging, watching = self.staging, self.activity.watching
        inside = certificates.inside()
        servers = [
            Server(watching(edge.app(staging)), bound["edge"], certificates.edge(), http=edge.Protocol),
            Server(edge.redirect_app(staging), bound["edge_http"], http=edge.Protocol),
            Server(watching(gateway.app(staging)), bound["gateway"]),
            Server(console.app(staging), bound["console"]),
            Server(watching(cluster.app(staging, certificates)), bound["cluster"], inside),
            Server(watching(github.app(staging)), bound["github"], inside),
            Server(watching(control.app(staging, surface.apply)), bound["control"]),
        ]
        greeter = await greet(SSH_BANNER, bound["ssh"])
        self._undo.callback(greeter.close)
        self._undo.push_async_callback(_all, *(server.stop for server in servers))
        await _all(*(server.start for server in servers))

    async def until_over(self, idle_seconds: float | None) -> str:
        """Stay until nobody has asked for anything in that time, or a part fails; says which part, and how."""
        assert self._worker
        while not self._worker.done():
            await asyncio.wait({self._worker}, timeout=min(LOOK_SECONDS, idle_seconds or LOOK_SECONDS))
            if idle_seconds and self.activity.idle_seconds > idle_seconds:
                return ""
        return f"The worker of the local staging ended by itself: {self._worker.exception()!r}"

    def _bind(self, part: str) -> socket.socket:
        bound = bind(part, self.wanted_ports.get(part, 0))
        self._undo.callback(bound.close)
        return bound

    @staticmethod
    async def _stop_database(starting: asyncio.Task[Database]) -> None:
        with contextlib.suppress(Exception):  # its start failed: that error is on its way already
            database = await starting
            await asyncio.to_thread(database.stop)


async def _all(*actions: Callable[[], Awaitable[None]]) -> None:
    await asyncio.gather(*(action() for action in actions))


async def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task
