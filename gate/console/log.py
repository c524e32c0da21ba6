"""What happened behind a page: requests, refusals, errors of the page and of the browser's log."""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gate import evidence
from gate.doors import trail
from gate.doors.again import NOBODY_BEHIND
from gate.redaction import redact

# A browser asks for these by itself; that they are missing is no fault of a page.
ASKED_BY_THE_BROWSER = re.compile(r"/(favicon|apple-touch-icon|(\w+\.)?(web)?manifest)[\w.-]*$")
# Vite's development client keeps a socket only to reload sources, and asks for it when it is lost; staging lives
# without it. "closed without opened" is what the client throws when there is a proxy that knows no sockets.
DEVELOPMENT_SOCKET = ("__vite_ws", "__vite_ping", "[vite]", "WebSocket connection to", "closed without opened")
# What is for admins only (contract 2): a console may ask for it in anybody's name and do without the answer.
FORBIDDEN = re.compile(r"(-> |status of )403\b")
FOR_ADMINS = re.compile(r"/api/v1/staff/(users|projects/[^/]+/members)/?$")
# What a browser remarks about a header of the edge, which stops nothing on the page.
HEADER_REMARKED = (
    "Error with Permissions-Policy header",
    "Error with Feature-Policy header",
    "Unrecognized Content-Security-Policy directive",
    "The Content Security Policy directive",
    "[Report Only]",
)
# A dev server that has just bundled a library anew says so once for the old one, and has the page loaded again.
OUTDATED_LIBRARY = re.compile(r"/\.vite/deps/.*(?:-> |status of )504\b")
# A connection that broke or never came about; not what the browser refuses, nor a name or certificate.
BROKE_OFF = re.compile(
    r"net::ERR_(?!ABORTED|FAILED|BLOCKED|UNSAFE|CERT|SSL|NAME|INVALID|DISALLOWED|TOO_MANY|UNKNOWN_URL|FILE)"
)
# Lists of the API that a page's table shows (contract 2).
LIST = re.compile(r"/api/v1/staff/(projects|runs|users)")
TOLD = (200, 304)
QUERY = re.compile(r"\?[^\s'\"]+")
# How a browser begins to say that another host did not let a page have something.
NOT_LET_HAVE = re.compile(r"Access to .*? at '([^']+)'")
# What of another host keeps a page from being drawn as long as it does not come.
HOLDING = ("stylesheet", "script")
# Open as long as the page is; nobody waits for its end.
NEVER_ENDS = ("eventsource", "websocket")
# A fetch of these lasts as long as there is news: its headers are all that comes for certain.
STREAMS = ("text/event-stream", "application/x-ndjson")
# What a script asks for and does not read never ends in Chromium where the answer may not be stored. Who reads it
# does so at once; the rest of an answer that comes later than this after its head is not waited for.
SCRIPTS = ("fetch", "xhr")
UNREAD_SECONDS = 1.0
LONGEST_LINE = 400


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong: `kind` is "request", "page" or "log"."""

    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


@dataclass(frozen=True)
class Refused:
    """A request that nobody behind the edge answered. The address is whole: it is to be asked for again.

    `answer` is the status by which the edge said so, or what became of the connection.
    """

    method: str
    url: str = field(repr=False)
    answer: str
    document: bool
    at: float = field(default_factory=time.monotonic)


@dataclass
class PageLog:
    """Listens to one page. Only plain facts are kept: no header, no body, no secret of an address.

    The answers in `lists`, by path and whole address, stay in the browser; they are read where a row is missing.
    """

    host: str
    began: float = field(default_factory=time.monotonic)
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    # What is not the platform's own, each once: addresses without what stands behind their `?`.
    strangers: list[str] = field(default_factory=list)
    answered: list[tuple[str, str, int]] = field(default_factory=list)
    # Paths of the platform's API that answered 200 to what was asked for since the log was begun anew.
    told: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    lists: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Methods and paths of what the page asked to have changed.
    changes: list[tuple[str, str]] = field(default_factory=list)
    # Other hosts that the page asked for an API.
    apis: set[str] = field(default_factory=set)
    # Whether the page was told that a library of its is outdated, since it was loaded or acted upon.
    outdated: bool = False
    crashed: bool = False
    # Another host, to which a page was sent and did not get through.
    cut_off: str = ""
    # Addresses that are held back on purpose: the page is not waiting for them.
    held: re.Pattern[str] | None = None
    # Until when each is waited for.
    _pending: dict[Any, float] = field(default_factory=dict)
    # Not answered yet when the log was begun anew: the page before asked for them.
    _former: set[Any] = field(default_factory=set)
    _last_move: float = field(default_factory=time.monotonic)

    def listen(self, page: Any) -> None:
        """Hear everything that the page does from now on."""
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("requestfinished", self._over)
        page.on("requestfailed", self._failed)
        page.on("console", self._said)
        page.on("pageerror", self._threw)
        page.on("framenavigated", self._went)
        page.on("crash", lambda _: setattr(self, "crashed", True))

    def start_over(self) -> None:
        """What went wrong until now is no matter of the page that is opened next."""
        self.troubles.clear()
        self.strangers.clear()
        self.answered.clear()
        self.told.clear()
        self.refused.clear()
        self.lists.clear()
        self.changes.clear()
        self.apis.clear()
        self.outdated = False
        self._former.update(self._pending)
        self._pending.clear()
        self.moved()

    def moved(self) -> None:
        """The page was acted upon: it is given time again."""
        self._last_move = time.monotonic()

    def acted(self) -> None:
        """What is acted upon was there: loaded once more it would lose what is done to it."""
        self.outdated = False

    @property
    def waiting_for(self) -> list[str]:
        """The platform's own addresses that are asked for and not answered yet."""
        return sorted(redact(request.url) for request in self._waited_for() if self._own(request.url))

    @property
    def strangers_due(self) -> list[tuple[str, str]]:
        """What other hosts have not answered yet: the kind and the host of each."""
        return [(one.resource_type, urlsplit(one.url).netloc) for one in self._pending if not self._own(one.url)]

    def status_of(self, path: str) -> int:
        """How a path of the platform was answered last; 0 when it was not asked for."""
        return next((status for _, asked, status in reversed(self.answered) if asked == path), 0)

    @property
    def going(self) -> bool:
        """Whether a page has been asked for that has not come yet."""
        return any(request.is_navigation_request() for request in self._pending)

    def gets_through_to(self, host: str) -> bool:
        """Whether a page that was sent to this other host has got there, or was not sent there at all."""
        waited = any(one.is_navigation_request() and urlsplit(one.url).netloc == host for one in self._pending)
        return self.cut_off != host and not waited

    @property
    def still_seconds(self) -> float:
        """For how long the page has begun and ended nothing."""
        return time.monotonic() - self._last_move

    @property
    def quiet_seconds(self) -> float:
        """For how long the page has been waiting for nothing."""
        return 0.0 if self._waited_for() else self.still_seconds

    def _waited_for(self) -> list[Any]:
        now = time.monotonic()
        return [request for request, until in self._pending.items() if now < until]

    def _went(self, frame: Any) -> None:
        # A page that the app opens by itself is no request, yet it has an address.
        if urlsplit(frame.url).netloc == self.host:
            evidence.touched(f"page {trail.template(frame.url)}")

    def _asked(self, request: Any) -> None:
        if request.resource_type not in NEVER_ENDS and not (self.held and self.held.search(request.url)):
            self._pending[request] = math.inf
        asked = urlsplit(request.url)
        if not self._own(request.url) and asked.path.startswith("/api/"):
            self.apis.add(asked.hostname or "")
        elif request.method != "GET" and self._own(request.url):
            self.changes.append((request.method, asked.path))
        self.moved()

    def _answered(self, response: Any) -> None:
        method, url, status = response.request.method, response.url, response.status
        self._line(self.requests, f"{method} {url} -> {status}")
        self.answered.append((method, urlsplit(url).path, status))
        if status == 200 and self._is_api(url) and response.request not in self._former:
            self.told.append(urlsplit(url).path)
        if response.headers.get("content-type", "").startswith(STREAMS):
            self._over(response.request)
        elif response.request in self._pending and response.request.resource_type in SCRIPTS:
            self._pending[response.request] = time.monotonic() + UNREAD_SECONDS
        self.outdated |= OUTDATED_LIBRARY.search(f"{url} -> {status}") is not None
        path = urlsplit(url).path.rstrip("/")
        if method == "GET" and status in TOLD and self._own(url) and LIST.fullmatch(path):
            self.lists.setdefault(path, {})[url] = response
        if self._own(url):
            evidence.touched(f"browser {method} {trail.template(url)} {status}")
        # An answer in JSON is the gateway's own word, about a console that is down for instance (contract 2).
        if status in NOBODY_BEHIND and self._own(url) and "json" not in response.headers.get("content-type", ""):
            self.refused.append(Refused(method, url, str(status), response.request.is_navigation_request()))
        if response.request.is_navigation_request():
            self.cut_off = ""
        if status >= 400:
            self._refused(url, f"{method} {url} -> {status}")

    def _over(self, request: Any) -> None:
        self._pending.pop(request, None)
        self._former.discard(request)
        self.moved()

    def _failed(self, request: Any) -> None:
        self._over(request)
        failure = request.failure or ""
        self._line(self.requests, f"{request.method} {request.url} -> {failure}")
        if self._own(request.url) and BROKE_OFF.match(failure):
            self.refused.append(Refused(request.method, request.url, failure, request.is_navigation_request()))
        if not self._own(request.url) and request.is_navigation_request() and BROKE_OFF.match(failure):
            self.cut_off = urlsplit(request.url).netloc
        # A request that a navigation overtakes is aborted by the browser itself.
        if "ERR_ABORTED" not in failure:
            self._refused(request.url, f"{request.method} {request.url} -> {failure}")

    def _said(self, message: Any) -> None:
        where = message.location.get("url", "")
        self._line(self.messages, f"[{message.type}] {message.text} ({where})")
        if message.type != "error":
            return
        if _is_development(f"{message.text} {where}"):
            return
        if self._is_no_matter(message.text):
            self._strange(message.text)
        elif message.text.startswith("Failed to load resource"):
            # The request itself is judged as a request; this line only repeats it, with its address.
            self._refused(where, message.text, kind="log")
        else:
            self._trouble("log", message.text)

    def _is_no_matter(self, text: str) -> bool:
        """Whether a line of the browser's log is about a header of the edge, or another host."""
        refused = NOT_LET_HAVE.match(text)
        stranger = refused is not None and not self._own(refused[1])
        return stranger or text.startswith(HEADER_REMARKED)

    def _threw(self, error: Any) -> None:
        if not _is_development(text := str(error)):
            self._trouble("page", text)

    def _refused(self, url: str, text: str, kind: str = "request") -> None:
        if ASKED_BY_THE_BROWSER.search(urlsplit(url).path) or _is_development(f"{url} {text}"):
            return
        not_for_them = FORBIDDEN.search(text) and FOR_ADMINS.search(urlsplit(url).path)
        if self._own(url) and not not_for_them:
            self._trouble(kind, text)
        else:
            self._strange(text)

    def _is_api(self, url: str) -> bool:
        return self._own(url) and urlsplit(url).path.startswith("/api/")

    def _own(self, url: str) -> bool:
        return urlsplit(url).netloc in (self.host, "")

    def _trouble(self, kind: str, text: str) -> None:
        self.troubles.append(Trouble(kind, _short(text)))

    def _strange(self, text: str) -> None:
        told = _short(QUERY.sub("?…", text))
        if told not in self.strangers:
            self.strangers.append(told)

    def _line(self, lines: list[str], text: str) -> None:
        lines.append(f"{time.monotonic() - self.began:7.2f} s  {_short(text)}")


def _is_development(text: str) -> bool:
    """Whether this is about reloading sources, which nobody on a staging does."""
    return any(sign in text for sign in DEVELOPMENT_SOCKET) or OUTDATED_LIBRARY.search(text) is not None


def _short(text: str) -> str:
    return redact(" ".join(text.split()))[:LONGEST_LINE]
