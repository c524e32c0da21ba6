"""HTTP as the gate speaks it: no proxy of the machine, no redirect followed, every exchange noted.

Addresses may be overridden (`GATE_HOSTS`): the name stays in the request and in TLS, the connection goes
elsewhere.
"""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gate import evidence
from gate.doors import trail
from gate.doors.again import HEALTH, NOBODY_BEHIND, Silent, lost, whose
from gate.errors import Broken, NotProven
from gate.language import say
from gate.redaction import redact
from gate.safety import refuse_method

if TYPE_CHECKING:
    import requests

LONGEST_BODY_SHOWN = 2_000
_SECRET_HEADERS = {"cookie", "set-cookie", "authorization", "x-hub-signature-256", "x-hub-signature", "location"}

# What contract 2 tells of people, projects and runs: beside a refusal it is what was refused.
DATA_FIELDS = frozenset(
    {
        "id",
        "user_id",
        "project_id",
        "run_id",
        "email",
        "login",
        "github_login",
        "slug",
        "name",
        "role",
        "owner",
        "token",
    }
)

# nginx closes what was idle for 75 s, Node after 5: a connection that may have been is not trusted with a POST.
# The age of all counts, not the last use of one: what ten requests at once opened lies idle beside the used one.
_OLDEST_SECONDS = 4.0

Hosts = Mapping[tuple[str, int | None], tuple[str, int | None]]


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `headers` keeps every line, in order, as it came.

    Of the `seconds` of it all, `upload_seconds` went by until the request was written, where a door measures that.
    """

    method: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    seconds: float
    sent_headers: tuple[tuple[str, str], ...] = ()
    sent_body: bytes = field(default=b"", repr=False)
    upload_seconds: float = 0.0

    def header(self, name: str) -> str:
        """The first header line of this name, or ""."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all_headers(self, name: str) -> list[str]:
        """Every header line of this name."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode("utf-8", "replace")

    @property
    def is_no_route(self) -> bool:
        """Whether the API says that it has no such route or method: 404 or 405, without a word (contract 2)."""
        return self.status in (404, 405) and not self.body.strip()

    @property
    def is_by_nobody(self) -> bool:
        """Whether a proxy answers because nobody does behind it; JSON is the gateway's own word (contract 2)."""
        return self.status in NOBODY_BEHIND and not self.is_json

    @property
    def is_json(self) -> bool:
        """Whether the answer calls itself JSON and is."""
        return "json" in self.header("content-type").lower() and self.parsed() is not None

    def parsed(self) -> Any:
        """The body read as JSON, or None when it is none."""
        try:
            return jsonlib.loads(self.body)
        except ValueError:
            return None

    def json(self, kind: type = dict) -> Any:
        """The body read as a JSON object, or another `kind`; raises `Broken` when it is none."""
        found = self.parsed()
        if not isinstance(found, kind):
            brief = self.brief()
            what = say(
                f"The answer is not the JSON of the contract: {brief}.", f"Ответ — не JSON по контракту: {brief}."
            )
            raise Broken(f"{what}\n{self.told()}")
        return found

    @property
    def id(self) -> str:
        """The `id` of what was made or asked for; raises `Broken` where none is told (contract 2)."""
        found = self.json().get("id")
        if found in (None, ""):
            what = say(f"The answer names no id: {self.brief()}.", f"В ответе нет id: {self.brief()}.")
            raise Broken(f"{what}\n{self.told()}")
        return str(found)

    def items(self) -> list[dict[str, Any]]:
        """The `items` of a list answer (contract 2); raises `Broken` when there is no such list."""
        if self.is_empty_list:
            return []
        found = self.parsed()
        if self.status != 200 or not isinstance(found, dict) or not isinstance(found.get("items"), list):
            what = say(f"The answer is not a list: {self.brief()}.", f"Ответ — не список: {self.brief()}.")
            raise Broken(f"{what}\n{self.told()}")
        return list(found["items"])

    @property
    def is_empty_list(self) -> bool:
        """Whether this is a list (contract 2) of nothing, which a server in Go may write as null."""
        found = self.parsed()
        return self.status == 200 and isinstance(found, dict) and found.get("items", ...) in ([], None)

    def is_error(self, status: int, code: str, message: str) -> bool:
        """Whether this is that error (contract 2) and no data beside it.

        A `field` that blames none is nothing; nor are a time, a number of the request and the like, by which
        builds let their errors be found again.
        """
        found = self.parsed()
        if not isinstance(found, dict):
            return False
        told = {name: value for name, value in found.items() if not _is_dressing(name, value)}
        return self.status == status and told == {"code": code, "message": message}

    def brief(self) -> str:
        """One line: method, address, status, time."""
        return redact(f"{self.method} {self.url} -> {self.status} ({self.seconds * 1000:.0f} ms)")

    def told(self) -> str:
        """The exchange for the report: redacted, the bodies cut."""
        lines = [self.brief()]
        lines += [f"> {key}: {_shown_header(key, value)}" for key, value in self.sent_headers]
        if self.sent_body:
            lines.append(_shown_body(self.sent_body))
        lines += [f"< {key}: {_shown_header(key, value)}" for key, value in self.headers]
        if self.body:
            lines.append(_shown_body(self.body))
        return redact("\n".join(lines))


def _is_dressing(name: str, value: object) -> bool:
    if name == "field":
        return not value
    if isinstance(value, dict):
        return all(_is_dressing(*each) for each in value.items())
    short = isinstance(value, str | int | float | None) and "@" not in str(value)
    return short and name not in ("code", "message", *DATA_FIELDS)


def _shown_header(key: str, value: str) -> str:
    if key.lower() == "location":
        return value.partition("?")[0] + ("?…" if "?" in value else "")
    if key.lower() in ("set-cookie", "cookie"):
        name, _, rest = value.partition("=")
        attributes = rest.partition(";")[2]
        return f"{name}=[hidden]" + (f";{attributes}" if key.lower() == "set-cookie" else "")
    return "[hidden]" if key.lower() in _SECRET_HEADERS else value


def _shown_body(body: bytes) -> str:
    text = body[: LONGEST_BODY_SHOWN * 2].decode("utf-8", "replace")
    more = f"… ({len(body)} bytes)" if len(text) > LONGEST_BODY_SHOWN else ""
    return text[:LONGEST_BODY_SHOWN] + more


def mapped(hosts: Hosts, host: str, port: int) -> tuple[str, int]:
    """Where a connection to `host:port` really goes."""
    address, instead = hosts.get((host.lower(), port)) or hosts.get((host.lower(), None)) or (host, None)
    return address, instead or port


class Http:
    """A kept HTTP session to one place. Safe to use from several threads at once."""

    def __init__(
        self,
        base: str,
        door: evidence.Door,
        hosts: Hosts,
        ca: Path | None,
        timeout_seconds: float,
        ready: Callable[[], None] | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        self.base = base.rstrip("/")
        self.door = door
        self._ready = ready
        self._timeout = timeout_seconds
        self._read_only = read_only
        self._hosts, self._ca = hosts, ca
        self._session = self._new_session()

    def _new_session(self) -> requests.Session:
        from gate.doors.session import session

        self._opened = time.monotonic()
        return session(self._hosts, self._ca)

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        body: bytes | None = None,
        cookies: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> Exchange:
        """Send one request and return the exchange; raises `NotProven` or `Broken` when there is no answer."""
        if self._ready:
            self._ready()
        refuse_method(self._read_only, method, path)
        evidence.used(self.door)
        url = path if path.startswith(("http://", "https://")) else self.base + path
        sent = {"Host": urlsplit(url).netloc, "Accept": "application/json", **(headers or {})}
        if json is not None:
            body = jsonlib.dumps(json).encode()
            sent.setdefault("Content-Type", "application/json")
        if cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        seconds = timeout_seconds or self._timeout
        try:
            exchange = self._exchanged(method, url, sent, body, seconds)
        except Silent as silent:
            raise self._whose(silent, method, url, sent, body, seconds) from None
        except Broken as silent:
            # Of what was never sent nothing can have come.
            asked = "GET" if isinstance(silent, Unsent) else method
            lost(asked, str(silent), lambda: self._is_answered(asked, url, sent, seconds))
            raise
        if self.door == "edge" and exchange.is_by_nobody:
            lost(method, exchange.brief(), lambda: self._is_answered(method, url, sent, seconds))
        evidence.note(exchange.told())
        trail.asked(self.door, exchange)
        return exchange

    def _exchanged(
        self, method: str, url: str, sent: dict[str, str], body: bytes | None, seconds: float
    ) -> Exchange:
        from requests.exceptions import RequestException

        began = time.monotonic()
        if began - self._opened > _OLDEST_SECONDS:
            # Not closed: another thread may be using it. It closes when nobody holds it any more.
            self._session = self._new_session()
        try:
            answer = self._session.request(
                method, url, headers=sent, data=body, allow_redirects=False, timeout=seconds
            )
        except RequestException as failure:
            raise self._no_answer(method, url, failure, time.monotonic() - began) from None
        return Exchange(
            method=method,
            url=url,
            status=answer.status_code,
            headers=tuple(answer.raw.headers.items()),
            body=answer.content,
            seconds=time.monotonic() - began,
            sent_headers=tuple(sent.items()),
            sent_body=body or b"",
        )

    def _is_answered(self, method: str, url: str, sent: dict[str, str], seconds: float) -> bool:
        """Whether what reads is answered, asked once more."""
        try:
            return self._exchanged(method, url, sent, None, seconds).status < 500
        except (Broken, NotProven):
            return False

    def _whose(
        self, silent: Silent, method: str, url: str, sent: dict[str, str], body: bytes | None, seconds: float
    ) -> Silent | Broken:
        if self.door != "gateway":
            return silent
        return whose(
            silent,
            lambda: self._is_told("GET", self.base + HEALTH, {"Accept": "*/*"}, None, seconds),
            lambda: self._is_told(method, url, sent, body, seconds),
        )

    def _is_told(self, method: str, url: str, sent: dict[str, str], body: bytes | None, seconds: float) -> bool:
        """Whether there is any answer, over a connection of its own."""
        self._session = self._new_session()
        try:
            self._exchanged(method, url, sent, body, seconds)
        except (Broken, NotProven):
            return False
        return True

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def _no_answer(self, method: str, url: str, failure: Exception, seconds: float) -> NotProven | Broken:
        from requests.exceptions import SSLError

        what = redact(f"{method} {url} ({seconds:.1f} s): {rooted(failure)}")
        # The preconditions judge the platform's own name and certificate, not those of GitHub.
        if self.door != "github" and isinstance(failure, SSLError):
            return untrusted(what)
        if self.door != "github" and ("NameResolution" in repr(failure) or "getaddrinfo" in repr(failure)):
            return nameless(what)
        if self.door in ("gateway", "github"):
            return Silent(self.door, what)
        kind = Unsent if is_unsent(failure) else Broken
        return kind(say(f"The platform did not answer. {what}", f"Платформа не ответила. {what}"))


class Unsent(Broken):
    """There was no connection: nothing of the request was sent."""


def is_unsent(failure: Exception) -> bool:
    """Whether it came of connecting."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    inner = getattr(failure.args[0], "reason", None) if failure.args else None
    return isinstance(inner, ConnectTimeoutError | NewConnectionError)


# The first line of a reason is the same for all that it concerns, so that they are told together.
def untrusted(what: str) -> NotProven:
    """The certificate is not believed, which a precondition judges."""
    return NotProven(
        say(
            f"TLS is not to be trusted, see precondition s1.pre.2.\n{what}",
            f"TLS не вызывает доверия, см. предусловие s1.pre.2.\n{what}",
        ),
        "staging",
    )


def nameless(what: str) -> NotProven:
    """The name leads nowhere, which a precondition judges."""
    return NotProven(
        say(
            f"The name does not resolve, see precondition s1.pre.1.\n{what}",
            f"Имя не резолвится, см. предусловие s1.pre.1.\n{what}",
        ),
        "staging",
    )


def rooted(failure: BaseException) -> str:
    """What is at the bottom of an error, without the layers above it."""
    while failure.__cause__ or failure.__context__:
        failure = failure.__cause__ or failure.__context__  # type: ignore[assignment]
    return f"{type(failure).__name__}: {failure}"
