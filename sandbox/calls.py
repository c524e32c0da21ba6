"""How a part of the platform calls another one over HTTP: kept connections, real TLS, real host names."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import Any

import httpcore

TIMEOUT_SECONDS = 15.0


class CallError(Exception):
    """The other part could not be reached, or said nothing in time."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; None when it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Caller:
    """Calls `host` at a local port. With `ca` over TLS, verified against that authority and that name."""

    def __init__(self, port: int, host: str = "127.0.0.1", ca: str | None = None) -> None:
        self._origin = httpcore.URL(scheme=b"https" if ca else b"http", host=b"127.0.0.1", port=port, target=b"/")
        self._host = host.encode()
        context = ssl.create_default_context(cafile=ca) if ca else None
        self._pool = httpcore.AsyncConnectionPool(ssl_context=context, keepalive_expiry=30, max_connections=50)

    async def call(
        self, method: str, target: str | bytes, *, token: str | None = None, json_body: Any = None
    ) -> Answer:
        """One JSON request; the token goes as a bearer."""
        headers = [(b"Accept", b"application/json"), (b"User-Agent", b"codex-k8s")]
        if token is not None:
            headers.append((b"Authorization", b"Bearer " + token.encode()))
        content = b""
        if json_body is not None:
            content = json.dumps(json_body).encode()
            headers.append((b"Content-Type", b"application/json"))
        return await self.send(method, target, headers, content)

    async def send(
        self, method: str, target: str | bytes, headers: list[tuple[bytes, bytes]], content: bytes = b""
    ) -> Answer:
        """One request with the target's bytes as they are; `Host` is added when it is not given."""
        raw = target.encode() if isinstance(target, str) else target
        url = httpcore.URL(scheme=self._origin.scheme, host=self._origin.host, port=self._origin.port, target=raw)
        if not any(name.lower() == b"host" for name, _ in headers):
            headers = [(b"Host", self._host), *headers]
        if content:
            headers = [*headers, (b"Content-Length", str(len(content)).encode())]
        times = dict.fromkeys(("connect", "read", "write", "pool"), TIMEOUT_SECONDS)
        extensions = {"sni_hostname": self._host.decode(), "timeout": times}
        try:
            answer = await self._pool.request(method, url, headers=headers, content=content, extensions=extensions)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            raise CallError(f"{self._host.decode()}: {error or type(error).__name__}") from error
        return Answer(answer.status, answer.headers, answer.content)

    async def close(self) -> None:
        """Closes the kept connections."""
        await self._pool.aclose()
