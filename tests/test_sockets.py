"""The ways between the parts of the local staging."""

import asyncio
import time

from sandbox.sockets import SLOW_SECONDS, bind, port_of, slow_way


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while said := await reader.read(100):
        writer.write(said)
    writer.close()


async def _asked_twice() -> tuple[list[bytes], float]:
    """What a server behind a slow way answers to two requests, and how long the quicker one took."""
    server, way = bind("server"), bind("way")
    async with await asyncio.start_server(_echo, sock=server), await slow_way(way, port_of(server)):
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(way))
        heard, took = [], []
        for question in (b"one", b"two"):
            began = time.monotonic()
            writer.write(question)
            heard.append(await reader.read(100))
            took.append(time.monotonic() - began)
        writer.close()
        await writer.wait_closed()
    return heard, min(took)


def test_every_request_on_a_slow_way_takes_its_time() -> None:
    heard, seconds = asyncio.run(_asked_twice())
    assert heard == [b"one", b"two"]
    assert seconds >= SLOW_SECONDS[0]
