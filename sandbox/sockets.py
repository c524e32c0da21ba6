"""Local ports: bound before anything starts, so that addresses are known; and ports that are surely closed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from dataclasses import dataclass, field

HOST = "127.0.0.1"
CHUNK = 65536
# What a request to the database or the cluster takes with the variant `slow-network`.
SLOW_SECONDS = (0.2, 0.8)


class PortError(Exception):
    """A port that was asked for is taken; the text says which."""


def bind(part: str, port: int = 0) -> socket.socket:
    """A bound socket that does not listen yet: a connection to it is refused."""
    # With the protocol said, asyncio turns Nagle off for what is accepted; without it an answer takes 40 ms more.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
    except (OSError, OverflowError) as error:
        made.close()
        raise PortError(f"port {port} for the {part} cannot be used: {error}") from error
    return made


def port_of(bound: socket.socket) -> int:
    """The number of the port that it has."""
    return int(bound.getsockname()[1])


@dataclass
class Door:
    """A port of the staging: refused, until it is opened onto some part (contract 1)."""

    part: str
    number: int = 0
    _bound: socket.socket | None = field(default=None, repr=False)
    _server: asyncio.Server | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._bound = bind(self.part)
        self.number = port_of(self._bound)

    @property
    def is_open(self) -> bool:
        """Whether somebody answers there now."""
        return self._server is not None

    async def open(self, target: int) -> None:
        """Let it answer: every connection is carried to the local port `target`."""

        async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await carry(reader, writer, target)

        self._server = await asyncio.start_server(through, sock=self._bound)
        self._bound = None

    async def close(self) -> None:
        """Refuse again; the number stays ours."""
        if self._server:
            self._server.close()
            self._server = None
            self._bound = bind(self.part, self.number)

    def drop(self) -> None:
        """Give the port back."""
        if self._server:
            self._server.close()
        if self._bound:
            self._bound.close()


async def carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int, *, slowly: bool = False
) -> None:
    """Carry a connection to the local port `target`, both ways, until one side ends; `slowly` what is asked."""
    with contextlib.suppress(OSError):
        inner_reader, inner_writer = await asyncio.open_connection(HOST, target)
        await asyncio.gather(_pump(reader, inner_writer, slowly=slowly), _pump(inner_reader, writer))


async def slow_way(bound: socket.socket, target: int) -> asyncio.Server:
    """A way to the local port `target` on which every request takes `SLOW_SECONDS`."""

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await carry(reader, writer, target, slowly=True)

    return await asyncio.start_server(through, sock=bound)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slowly: bool = False) -> None:
    try:
        while chunk := await reader.read(CHUNK):
            if slowly:
                await asyncio.sleep(random.uniform(*SLOW_SECONDS))
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass  # one side is gone: the other one is told by the closing below
    finally:
        writer.close()


async def greet(banner: bytes, bound: socket.socket) -> asyncio.Server:
    """A server that says `banner` and hangs up: enough to prove that a port is open."""

    async def hello(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(banner)
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    return await asyncio.start_server(hello, sock=bound)
