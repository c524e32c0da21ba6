"""The way from the edge to the gateway: kept connections, and the request target byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from http import HTTPStatus

from ..calls import Answer, Caller, CallError
from ..staging import Staging
from . import pages
from .messages import Incoming, Reply, page

On = Callable[[str], bool]

_TRUNCATED_BYTES = 16 * 1024
_NOT_RETURNED = frozenset(
    [b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"date", b"server"]
)


class Gateway:
    """The api-gateway as the edge reaches it (contract 1: Service codex-k8s)."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._on = staging.faults.on
        self._kept: dict[str, Reply] = {}

    async def ask(self, request: Incoming, target: str, headers: list[tuple[str, str]]) -> Reply:
        """Forward a request and bring the answer back."""
        request, headers = self._spoilt(request, headers)
        if self._on("edge-answers-kept") and (kept := self._kept.get(target)) and request.method == "GET":
            return kept
        try:
            reply = await self._forward(request.method, target, headers, request.body)
            if self._on("edge-post-sent-twice") and request.method == "POST":
                reply = await self._forward(request.method, target, headers, request.body)
        except CallError as problem:
            self._staging.log("edge", f"Error proxying to upstream server: {problem}")
            return page(
                HTTPStatus.BAD_GATEWAY, pages.error(502, "Bad Gateway", "The upstream server did not answer.")
            )
        self._keep(request, target, reply)
        return self._replaced(reply)

    async def close(self) -> None:
        """Close the kept connections."""
        if "_caller" in self.__dict__:
            await self._caller.close()

    @cached_property
    def _caller(self) -> Caller:
        return Caller(self._staging.port("gateway"))

    async def _forward(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> Reply:
        raw = encoded(headers)
        if not body and method in ("POST", "PUT", "PATCH"):
            raw.append((b"content-length", b"0"))
        return returned(await self._caller.send(method, target.encode("latin-1"), raw, body))

    def _spoilt(self, request: Incoming, headers: list[tuple[str, str]]) -> tuple[Incoming, list[tuple[str, str]]]:
        """The request as a careless edge would pass it on."""
        method, body = request.method, request.body
        if self._on("edge-method-override") and (asked := request.header("x-http-method-override")):
            method = asked.upper()
        if self._on("edge-signature-dropped"):
            headers = [(name, value) for name, value in headers if name != "x-hub-signature-256"]
        if self._on("edge-body-truncated"):
            body = body[:_TRUNCATED_BYTES]
        if self._on("edge-body-rewritten"):
            body = _rewritten(body)
        return replace(request, method=method, body=body), headers

    def _keep(self, request: Incoming, target: str, reply: Reply) -> None:
        if not self._on("edge-answers-kept"):
            self._kept.clear()
        elif request.method == "GET" and reply.status == HTTPStatus.OK and target.startswith("/api/"):
            self._kept[target] = reply

    def _replaced(self, reply: Reply) -> Reply:
        """`custom-http-errors` of the ingress: its own page instead of the platform's answer."""
        if self._on("edge-401-replaced") and reply.status == HTTPStatus.UNAUTHORIZED:
            return page(401, pages.nginx(401, "Authorization Required"))
        if self._on("edge-403-replaced") and reply.status == HTTPStatus.FORBIDDEN:
            return page(403, pages.nginx(403, "Forbidden"))
        if self._on("edge-400-replaced") and reply.status == HTTPStatus.BAD_REQUEST:
            return page(400, pages.nginx(400, "Bad Request"))
        return reply


def encoded(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers as they go over the wire."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def returned(answer: Answer) -> Reply:
    """The next part's answer without what belongs to that one connection."""
    kept = [(name, value) for name, value in answer.headers if name.lower() not in _NOT_RETURNED]
    return Reply(answer.status, answer.body, [(n.decode("latin-1"), v.decode("latin-1")) for n, v in kept])


def _rewritten(body: bytes) -> bytes:
    """The same JSON in other bytes."""
    try:
        return json.dumps(json.loads(body), separators=(", ", ": "), sort_keys=True).encode()
    except ValueError:
        return body
