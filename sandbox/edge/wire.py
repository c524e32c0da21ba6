"""One request over a connection of its own, read while it is still being written, as nginx does.

A server that refuses a large body answers before the body has ended and then hangs up: who reads only after
writing finds the connection reset and the answer gone.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import h11

from ..calls import TIMEOUT_SECONDS, Answer, CallError
from ..sockets import CHUNK, HOST

Headers = list[tuple[bytes, bytes]]


async def exchange(port: int, method: str, target: bytes, headers: Headers, body: bytes) -> Answer:
    """The answer of the part at a local port; status 101 ends the exchange."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await _exchange(port, method, target, headers, body)
    except (OSError, h11.ProtocolError) as error:
        raise CallError(f"port {port}: {error or type(error).__name__}") from error


async def _exchange(port: int, method: str, target: bytes, headers: Headers, body: bytes) -> Answer:
    connection = h11.Connection(h11.CLIENT)
    request = h11.Request(method=method, target=target, headers=_framed(headers, method, body))
    raw = (connection.send(request) or b"") + (connection.send(h11.Data(body)) or b"")
    raw += connection.send(h11.EndOfMessage()) or b""
    reader, writer = await asyncio.open_connection(HOST, port)
    sending = asyncio.create_task(_send(writer, raw))
    try:
        return await _receive(connection, reader)
    finally:
        sending.cancel()
        writer.close()
        with suppress(asyncio.CancelledError):
            await sending


def _framed(headers: Headers, method: str, body: bytes) -> Headers:
    framed = [(b"Connection", b"close")] if not any(name == b"connection" for name, _ in headers) else []
    if body or method in ("POST", "PUT", "PATCH"):
        framed.append((b"Content-Length", str(len(body)).encode()))
    return [*headers, *framed]


async def _send(writer: asyncio.StreamWriter, raw: bytes) -> None:
    with suppress(OSError):  # it hung up: what it said before that counts
        for start in range(0, len(raw), CHUNK):
            writer.write(raw[start : start + CHUNK])
            await writer.drain()


async def _receive(connection: h11.Connection, reader: asyncio.StreamReader) -> Answer:
    head: h11.Response | h11.InformationalResponse | None = None
    body: list[bytes] = []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(CHUNK))
        elif isinstance(event, h11.InformationalResponse) and event.status_code == 101:
            return Answer(101, list(event.headers), b"")
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            assert head
            return Answer(head.status_code, list(head.headers), b"".join(body))
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionResetError("it hung up without an answer")
