"""GitHub as somebody would write it who has read contract 5 only: few addresses, few fields."""

from __future__ import annotations

import json
import re
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ..staging import GITHUB_API, Staging

_ADDRESSES = (
    # Orgs and teams are what a real oauth2-proxy asks besides.
    ("GET", re.compile(r"/(user(/emails|/orgs|/teams)?)?")),
    ("GET", re.compile(r"/repos/[^/]+/[^/]+(/hooks)?")),
    ("POST", re.compile(r"/repos/[^/]+/[^/]+/hooks")),
    ("PATCH", re.compile(r"/repos/[^/]+/[^/]+/hooks/\d+")),
    ("DELETE", re.compile(r"/repos/[^/]+/[^/]+/hooks/\d+")),
)
_FIELDS = {"id", "login", "email", "primary", "verified", "full_name", "active", "events", "config", "message"}
_SETTINGS = {"url", "content_type"}


def reduced(staging: Staging, served: ASGIApp) -> ASGIApp:
    """The same application; its API, where the variant is on, without what the contract does not name."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (staging.variants.on("github-minimal") and _is_api(scope)):
            await served(scope, receive, send)
        elif any(verb == scope["method"] and path.fullmatch(scope["path"]) for verb, path in _ADDRESSES):
            await _Bare(send).told(served, scope, receive)
        else:
            await JSONResponse({"message": "not implemented"}, HTTPStatus.NOT_IMPLEMENTED)(scope, receive, send)

    return answered


def _is_api(scope: Scope) -> bool:
    host = dict(scope["headers"]).get(b"host", b"").decode()
    return bool(host.partition(":")[0] == GITHUB_API)


class _Bare:
    """Keeps an answer until it is whole, and sends what is left of it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self._body = b""

    async def told(self, served: ASGIApp, scope: Scope, receive: Receive) -> None:
        """Ask, then answer."""
        await served(scope, receive, self._keep)
        body = json.dumps(_bare(json.loads(self._body))).encode() if self._body else b""
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await self._send({"type": "http.response.start", "status": self._status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def _keep(self, message: MutableMapping[str, Any]) -> None:
        self._status = message.get("status", self._status)
        self._body += message.get("body", b"")


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: each for name, each in value.items() if name in _FIELDS}
    if "config" in kept:
        kept["config"] = {name: each for name, each in kept["config"].items() if name in _SETTINGS}
    return kept
