"""One local staging from its first socket to its last: all parts in one process and one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from . import (
    aim,
    cluster,
    console,
    control,
    edge,
    gateway,
    github,
    lifetime,
    neighbours,
    outbound,
    resolver,
    worker,
)
from .beginning import Starting
from .certificates import Certificates
from .database import Database
from .serving import Activity, Server
from .sockets import bind, greet, port_of, slow_way
from .staging import Staging
from .surface import Surface

LOOK_SECONDS = 5.0
PARTS = ("edge", "edge_http", "gateway", "console", "cluster", "github", "control", "ssh")
# Further ports that real parts need; our bound sockets never listen there, see `_start`.
PROXY_PORTS, CLUSTER_PORTS = ("oauth2_proxy", "outbound"), ("etcd", "etcd_peers")
SSH_BANNER = b"SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5\r\n"
Undo = Callable[[], Awaitable[None]]


class Part(Protocol):
    """A real part: started once, ended by `stop`, or by itself with a sentence."""

    async def start(self) -> None:
        """Return when it is ready."""

    async def ended(self) -> str:
        """Wait until it ends by itself; how it did."""

    async def stop(self) -> None:
        """End it."""


@dataclass
class Local:
    """The running staging. `async with Local(...)` starts and stops it."""

    staging: Staging
    starting: Starting
    wanted_ports: dict[str, int] = field(default_factory=dict)
    # Real programs to run instead of the stand-ins.
    oauth2_proxy: Path | None = None
    real_cluster: cluster.Programs | None = None
    activity: Activity = field(default_factory=Activity)
    settings: dict[str, str] = field(default_factory=dict, repr=False)
    database: Database | None = None
    _worker: asyncio.Task[Any] | None = field(default=None, repr=False)
    # How each real part ended, when it did.
    _endings: list[asyncio.Task[str]] = field(default_factory=list, repr=False)
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
        further = {PROXY_PORTS: self.oauth2_proxy, CLUSTER_PORTS: self.real_cluster}
        wanted = [*PARTS, *(port for ports, real in further.items() if real for port in ports)]
        bound = {part: self._bind(part) for part in wanted}
        staging.ports |= {part: port_of(each) for part, each in bound.items()}
        certificates = Certificates(staging)
        surface = Surface(staging)
        self._undo.callback(surface.close)
        self.database = await asyncio.shield(self.starting)  # a thread: cancelled or not, it goes on to its end
        if staging.variants.on("slow-network"):
            await self._slow_database()
        staging.ports |= {
            "postgres": urlsplit(staging.database_url).port or 5432,
            "closed": surface.doors[6443].number,
        }
        await self._serve(bound, certificates, surface)
        if self.oauth2_proxy:
            await self._run_proxy(self.oauth2_proxy, bound)
        if self.real_cluster:
            await self._run_part(cluster.RealCluster(staging, certificates, self.real_cluster))
        names, dns_port = await resolver.serve(staging)
        self._undo.callback(names.close)
        self._worker = asyncio.create_task(worker.run(staging))
        self._undo.push_async_callback(lifetime.cancel, self._worker)
        others = asyncio.create_task(neighbours.run(staging))
        self._undo.push_async_callback(lifetime.cancel, others)
        self.settings = aim.settings(staging, surface, dns_port)
        await surface.apply()

    async def _serve(self, bound: dict[str, socket.socket], certificates: Certificates, surface: Surface) -> None:
        staging, watching = self.staging, self.activity.watching
        inside, real = certificates.inside(), self.oauth2_proxy is not None
        servers = [
            Server(watching(edge.app(staging, real=real)), bound["edge"], certificates.edge(), http=edge.Protocol),
            Server(edge.redirect_app(staging, real=real), bound["edge_http"], http=edge.Protocol),
            Server(watching(gateway.app(staging)), bound["gateway"]),
            Server(console.app(staging), bound["console"]),
            Server(watching(github.app(staging)), bound["github"], inside),
            Server(watching(control.app(staging, surface.apply)), bound["control"]),
        ]
        if not self.real_cluster:
            servers.append(Server(watching(cluster.app(staging, certificates)), bound["cluster"], inside))
        greeter = await greet(SSH_BANNER, bound["ssh"])
        self._undo.callback(greeter.close)
        self._undo.push_async_callback(_all, *(server.stop for server in servers))
        await _all(*(server.start for server in servers))

    async def _slow_database(self) -> None:
        """The gate's way to the database is a slow one; the platform itself keeps the short one."""
        bound = self._bind("slow way to the database")
        way = await slow_way(bound, urlsplit(self.staging.database_url).port or 5432)
        self._undo.callback(way.close)
        self.staging.ports["slow_database"] = port_of(bound)

    async def _run_proxy(self, program: Path, bound: dict[str, socket.socket]) -> None:
        """Our bound socket never listens: it keeps the number until the process listens there itself."""
        door = await outbound.serve(self.staging, bound["outbound"])
        self._undo.callback(door.close)
        await self._run_part(edge.proxy_program(self.staging, program))

    async def _run_part(self, part: Part) -> None:
        self._undo.push_async_callback(part.stop)
        await part.start()
        self._endings.append(asyncio.create_task(part.ended()))
        self._undo.push_async_callback(lifetime.cancel, self._endings[-1])

    async def until_over(self, idle_seconds: float | None) -> str:
        """Stay until nobody has asked for anything in that time, or a part fails; says which part, and how."""
        assert self._worker
        parts: set[asyncio.Task[Any]] = {self._worker, *self._endings}
        while not any(part.done() for part in parts):
            wait = min(LOOK_SECONDS, idle_seconds or LOOK_SECONDS)
            await asyncio.wait(parts, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            if idle_seconds and self.activity.idle_seconds > idle_seconds:
                return ""
        for ending in self._endings:
            if ending.done():
                return ending.result()
        return f"The worker of the local staging ended by itself: {self._worker.exception()!r}"

    def _bind(self, part: str) -> socket.socket:
        bound = bind(part, self.wanted_ports.get(part, 0))
        self._undo.callback(bound.close)
        return bound


async def _all(*actions: Callable[[], Awaitable[None]]) -> None:
    await asyncio.gather(*(action() for action in actions))
