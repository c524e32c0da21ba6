"""ingress-nginx: the host, the size, the names of headers, and the redirect from plain http (contract 1)."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from http import HTTPStatus

from ..naming import SECOND_HOST
from ..staging import Staging
from . import pages
from .messages import Incoming, Receive, Reply, Scope, Send, bare_host, page, redirect
from .paths import climbs_out, passage
from .proxy import Proxy
from .real import RealProxy

# What the ingress takes into memory at all; the platform's own limit is 1 MiB (contract 2).
_BODY_LIMIT_BYTES = 32 * 1024 * 1024
_SMALL_BODY_LIMIT_BYTES = 1024 * 1024
_SLOW_SECONDS = (0.05, 0.8)
_HSTS = ("strict-transport-security", "max-age=31536000; includeSubDomains")


class Edge:
    """The public https door as one ASGI application."""

    def __init__(self, staging: Staging, proxy: Proxy | RealProxy) -> None:
        self._staging = staging
        self._proxy = proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one websocket, or the server's own start and stop."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send, self._proxy)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await (await self._http(scope, receive)).send(send)

    async def _http(self, scope: Scope, receive: Receive) -> Reply:
        lost = self._staging.variants.on("edge-502-large")
        small = lost or self._staging.variants.on("edge-413")
        body = await _body(scope, receive, _SMALL_BODY_LIMIT_BYTES if small else _BODY_LIMIT_BYTES)
        if body is None and lost:
            return page(502, pages.nginx(502, "Bad Gateway"))
        if body is None:
            return page(413, pages.nginx(413, "Request Entity Too Large"))
        request = _incoming(scope, body)
        if self._staging.variants.on("slow-network"):
            await asyncio.sleep(random.uniform(*_SLOW_SECONDS))
        reply = await self._routed(request)
        self._staging.log("edge", f'{request.client} "{request.method} {request.path}" {int(reply.status)}')
        reply.headers.append(_HSTS)
        return reply

    async def _routed(self, request: Incoming) -> Reply:
        if self._staging.troubles.on("edge-502"):
            return page(502, pages.nginx(502, "Bad Gateway"))
        if refusal := self._refusal(request):
            return refusal
        return await self._proxy.answer(request)

    def _refusal(self, request: Incoming) -> Reply | None:
        """What nginx answers itself: another host, or a request line that it cannot read."""
        on = self._staging.faults.on
        own = bare_host(self._staging.domain)
        served = request.host == own or (request.host.endswith(f".{own}") and on("edge-subdomains-served"))
        second = request.host == SECOND_HOST and on("edge-second-host")
        if not served and not second and not on("edge-any-host"):
            return page(404, pages.nginx(404, "Not Found"))
        if passage(request, on).slipped:
            return None
        readable = request.target.startswith("/") and "%00" not in request.path
        if not readable or climbs_out(request.path):
            return page(400, pages.nginx(400, "Bad Request"))
        return None

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        request = _incoming(scope, b"")
        refusal = self._refusal(request) or await self._proxy.refuses_upgrade(request)
        if refusal:
            await refusal.send(send, websocket=True)
        else:
            await send({"type": "websocket.accept"})
            while (await receive())["type"] != "websocket.disconnect":
                pass


class PlainHttp:
    """Port 80: everything goes to https, nothing is served."""

    def __init__(self, staging: Staging, edge: Edge) -> None:
        self._staging = staging
        self._edge = edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect one request."""
        if scope["type"] == "lifespan" or self._staging.faults.on("edge-plain-http-served"):
            await self._edge(scope, receive, send)
        else:
            await self._redirected(_incoming(scope, b"")).send(send)

    def _redirected(self, request: Incoming) -> Reply:
        if request.host != bare_host(self._staging.domain) or self._staging.faults.on("edge-plain-http-404"):
            return page(404, pages.nginx(404, "Not Found"))
        moved = (
            HTTPStatus.MOVED_PERMANENTLY
            if self._staging.variants.on("http-301")
            else HTTPStatus.PERMANENT_REDIRECT
        )
        scheme = "http" if self._staging.faults.on("edge-plain-http-redirects-to-itself") else "https"
        target = request.target if request.target.startswith("/") else "/"
        return redirect(f"{scheme}://{self._staging.domain}{target}", moved)


def _incoming(scope: Scope, body: bytes) -> Incoming:
    raw: bytes = scope["raw_path"]
    target = raw.decode("latin-1") + (
        "?" + scope["query_string"].decode("latin-1") if scope["query_string"] else ""
    )
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    client = scope.get("client") or ("", 0)
    spelling = tuple(scope.get("state", {}).get("header_names", ()))
    return _origin_form(Incoming(scope.get("method", "GET"), target, tuple(headers), body, spelling, client[0]))


def _origin_form(request: Incoming) -> Incoming:
    """nginx reads an absolute target as its host and its path; the host there counts more than the header."""
    scheme, mark, rest = request.target.partition("://")
    if not mark or scheme.lower() not in ("http", "https"):
        return request
    host, slash, path = rest.partition("/")
    headers = tuple((name, host if name == "host" else value) for name, value in request.headers)
    return replace(request, target=slash + path or "/", headers=headers, absolute=True)


async def _body(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    """The whole body, or nothing when it is longer than the limit."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    if lengths and int(lengths[0]) > limit:
        return None
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > limit:
            return None
    return b"".join(parts)


async def _lifespan(receive: Receive, send: Send, proxy: Proxy | RealProxy) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await proxy.close()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
