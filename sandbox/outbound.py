"""The way out for a real program of the platform: a proxy that knows GitHub's names and leads to the stand-in.

A program of its own resolves names of its own. With `HTTPS_PROXY` set to this door it asks for the true names, and
TLS is between the program and the stand-in GitHub, certificate and all.
"""

from __future__ import annotations

import asyncio
import socket

from .sockets import carry
from .staging import GITHUB, GITHUB_API, Staging

_OPENED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_REFUSED = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_HTTPS = 443


async def serve(staging: Staging, bound: socket.socket) -> asyncio.Server:
    """Answer `CONNECT github…:443`; every other address is refused, so that nothing leaves the sandbox."""
    known = {f"{name}:{_HTTPS}" for name in (GITHUB, GITHUB_API)}

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            writer.close()
            return
        method, _, rest = head.decode("latin-1").partition(" ")
        if method == "CONNECT" and rest.partition(" ")[0] in known:
            writer.write(_OPENED)
            await carry(reader, writer, staging.port("github"))
        else:
            writer.write(_REFUSED)
            writer.close()

    return await asyncio.start_server(connect, sock=bound)
