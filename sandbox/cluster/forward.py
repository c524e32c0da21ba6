"""`pods/portforward` over a websocket: a pod's port becomes a local stream (protocol `v4.channel.k8s.io`)."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from ..staging import Staging
from .api import Api
from .meta import ApiError
from .workloads import PARTS

PROTOCOL = "v4.channel.k8s.io"
CHUNK = 65536


class Forwarder:
    """Connects a websocket with the process that stands in for the pod."""

    def __init__(self, staging: Staging, api: Api) -> None:
        self._staging = staging
        self._api = api

    async def __call__(self, socket: WebSocket) -> None:
        """Serve one websocket: for each asked port a data channel and an error channel."""
        try:
            self._api.check_token(socket.headers.get("authorization", ""))
        except ApiError as refusal:
            await socket.close(reason=str(refusal))
            return
        offered = socket.scope.get("subprotocols") or []
        await socket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
        ports = [int(part) for text in socket.query_params.getlist("ports") for part in text.split(",")]
        await _Streams(socket, ports).run([self._local(socket.path_params["name"], port) for port in ports])

    def _local(self, pod: str, port: int) -> int | None:
        """The local port behind a pod's port."""
        if pod == "postgres-0" and port == 5432:
            return urlsplit(self._staging.database_url).port
        part = next(
            (part for part in PARTS if pod.startswith(f"{part.pod_name()[:-5]}") and part.port == port), None
        )
        return self._staging.ports.get(part.log) if part else None


class _Streams:
    """The streams of one websocket: channel 2n carries data, channel 2n+1 an error text."""

    def __init__(self, socket: WebSocket, ports: list[int]) -> None:
        self._socket = socket
        self._ports = ports
        self._writers: dict[int, asyncio.StreamWriter] = {}

    async def run(self, targets: list[int | None]) -> None:
        for number, port in enumerate(self._ports):
            for channel in (2 * number, 2 * number + 1):
                await self._send(channel, struct.pack("<H", port))
        pumps = [asyncio.create_task(self._open(2 * n, target)) for n, target in enumerate(targets)]
        try:
            await self._receive()
        finally:
            for pump in pumps:
                pump.cancel()
            for writer in self._writers.values():
                writer.close()

    async def _open(self, channel: int, target: int | None) -> None:
        """Connect, then carry what the pod says until it closes."""
        try:
            reader, self._writers[channel] = await asyncio.open_connection("127.0.0.1", target or 1)
        except OSError:
            text = f"error forwarding port {self._ports[channel // 2]}: connection refused"
            await self._send(channel + 1, text.encode())
            return
        while chunk := await reader.read(CHUNK):
            await self._send(channel, chunk)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close()

    async def _receive(self) -> None:
        """Carry what the client says; bytes that come before the pod is connected wait for it."""
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                frame = await self._socket.receive_bytes()
                while frame[0] not in self._writers:
                    await asyncio.sleep(0.005)
                writer = self._writers[frame[0]]
                writer.write(frame[1:])
                await writer.drain()

    async def _send(self, channel: int, data: bytes) -> None:
        await self._socket.send_bytes(bytes([channel]) + data)
