"""A request as it reached the edge, unread and unchanged, and the reply to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = tuple[tuple[str, str], ...]

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Incoming:
    """One request. `target` is exactly what stood on the request line; header names are in lower case."""

    method: str
    target: str
    headers: Headers
    body: bytes = b""
    # How the client itself wrote the names, where the server underneath keeps that.
    spelling: tuple[str, ...] = ()
    client: str = ""
    # Whether the request line named the whole address, host included.
    absolute: bool = False

    @property
    def path(self) -> str:
        """The path, still encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, list[str]]:
        """The decoded query."""
        return parse_qs(self.target.partition("?")[2], keep_blank_values=True)

    def header(self, name: str) -> str:
        """The first value of a header, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")

    def values(self, name: str) -> list[str]:
        """All values of a header, lines and commas alike."""
        lines = (value for key, value in self.headers if key == name)
        return [part.strip() for line in lines for part in line.split(",")]

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies; of two with one name the first counts."""
        found: dict[str, str] = {}
        for part in ";".join(value for name, value in self.headers if name == "cookie").split(";"):
            name, equals, value = part.strip().partition("=")
            if equals:
                found.setdefault(name, value)
        return found

    @property
    def host(self) -> str:
        """The host asked for, without port, in lower case."""
        return bare_host(self.header("host"))

    @property
    def wants_json(self) -> bool:
        """Whether this is an API client in the eyes of oauth2-proxy: one of `Accept` is exactly JSON."""
        return "application/json" in self.values("accept")


def bare_host(authority: str) -> str:
    """A host without port and final dot, in lower case."""
    host = authority if authority.endswith("]") else authority.rpartition(":")[0] or authority
    return host.rstrip(".").lower()


@dataclass
class Reply:
    """What goes back."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, send: Send, *, websocket: bool = False) -> None:
        """Send it, as the refusal of a websocket where one was asked for."""
        prefix = "websocket.http.response" if websocket else "http.response"
        headers = [*self.headers, ("content-length", str(len(self.body)))]
        if self.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers = self.headers
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": f"{prefix}.start", "status": int(self.status), "headers": raw})
        await send({"type": f"{prefix}.body", "body": self.body})


def page(status: int, html: str, headers: Iterable[tuple[str, str]] = ()) -> Reply:
    """A reply with a page."""
    return Reply(status, html.encode(), [("content-type", HTML), *headers])


def text(status: int, words: str) -> Reply:
    """A reply with plain text."""
    return Reply(status, words.encode(), [("content-type", "text/plain; charset=utf-8")])


def redirect(location: str, status: int = HTTPStatus.FOUND) -> Reply:
    """A redirect; what may not stand in a header is escaped."""
    safe = "".join(letter if " " <= letter <= "~" or letter == "\t" else _escaped(letter) for letter in location)
    return Reply(status, b"", [("location", safe)])


def _escaped(letter: str) -> str:
    return "".join(f"%{byte:02x}" for byte in letter.encode())
