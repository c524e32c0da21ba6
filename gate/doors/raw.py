"""HTTP/1.1 exactly as written: the target, every header line and the body leave the machine as they were given.

`requests` rewrites `/a/../b` and folds header lines before it sends, so a probe built on it tests something else
and stays green. This door asserts, on the bytes that were written to the socket, what was really sent.
"""

from __future__ import annotations

import functools
import http.client
import io
import select
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gate import evidence
from gate.doors import trail
from gate.doors.again import HEALTH, Silent, lost, odd, whose
from gate.doors.http import Exchange, Hosts, mapped, nameless, untrusted
from gate.doors.tls import believing
from gate.errors import Broken, NotProven
from gate.language import say
from gate.redaction import redact
from gate.safety import READING, refuse_method

Lines = tuple[tuple[str, str], ...]
# Small enough that a server which refuses a huge body early is heard before much more of it is sent.
PIECE_BYTES = 64 * 1024
LONGEST_ANSWER_BYTES = 2 * 1024 * 1024
# A connection that the other side has closed; inside TLS it ends with or without a farewell.
HUNG_UP = (
    http.client.RemoteDisconnected,
    BrokenPipeError,
    ConnectionResetError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)
# A balancer forgets an idle connection without a word, some servers after five seconds: what is sent into such a
# one is never answered.
IDLE_SECONDS = 4.0
AGENT = ("User-Agent", "codex-k8s-gate")


@dataclass(frozen=True)
class Ask:
    """One request as it is to be written. `host` None means the door's own; "" means no Host line at all."""

    method: str
    target: str
    lines: Lines = ()
    body: bytes = b""
    host: str | None = None

    def head(self, host: str) -> bytes:
        """The bytes that must leave the machine before the body."""
        shown = f"{self.method} {self.target} HTTP/1.1\r\n"
        shown += "".join(f"{name}: {value}\r\n" for name, value in self.all_lines(host))
        return shown.encode() + b"\r\n"

    def all_lines(self, host: str) -> Lines:
        """The header lines in the order in which they are sent."""
        hosted: Lines = (("Host", host),) if host else ()
        said = {name.lower() for name, _ in self.lines}
        agent: Lines = () if "user-agent" in said else (AGENT,)
        framed = said & {"content-length", "transfer-encoding"}
        sized = bool(self.body) or self.method in ("POST", "PUT", "PATCH")
        length: Lines = (("Content-Length", str(len(self.body))),) if sized and not framed else ()
        return (*hosted, *agent, *self.lines, *length)


class _Wire(http.client.HTTPConnection):
    """A connection to a given place that remembers what was written to it."""

    def __init__(self, place: tuple[str, int], tls: tuple[ssl.SSLContext, str] | None, seconds: float) -> None:
        super().__init__(place[0], place[1], timeout=seconds)
        self._tls = tls
        self.written = b""
        self.cut_short = False
        self.whole = False
        self.answer: http.client.HTTPResponse | None = None
        self.used = 0.0

    def connect(self) -> None:
        """Open the connection; inside TLS when there is a context for it."""
        super().connect()
        if self._tls is not None:
            context, name = self._tls
            self.sock = context.wrap_socket(self.sock, server_hostname=name)

    def send(self, data: object) -> None:
        """Write, and remember."""
        assert isinstance(data, (bytes, bytearray))
        self.written += bytes(data[:PIECE_BYTES])
        super().send(data)

    def answer_waits(self) -> bool:
        """Whether the other side has begun to answer, or hung up; the first byte of an answer is put back."""
        if not select.select([self.sock], [], [], 0)[0]:
            return False
        # TLS says things of its own (session tickets), so only a byte that can be read is an answer.
        self.sock.setblocking(False)
        try:
            first = self.sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            self.sock.settimeout(self.timeout)
        self.response_class = functools.partial(_continued, first)  # type: ignore[assignment]
        return True


def _continued(first: bytes, sock: socket.socket, **named: Any) -> http.client.HTTPResponse:
    """An answer whose first byte was read already."""
    return http.client.HTTPResponse(_Rest(first, sock), **named)  # type: ignore[arg-type]


class _Rest(io.RawIOBase):
    """What a socket still has to say, after a byte that was taken from it."""

    def __init__(self, first: bytes, sock: socket.socket) -> None:
        self._first = first
        # `http.client` closes the socket itself when an answer says `Connection: close`; only files that were
        # made of it keep it open until the body is read.
        self._stream = sock.makefile("rb", buffering=0)

    def makefile(self, mode: str) -> io.BufferedReader:
        """As `http.client` asks a socket."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """Let go of the socket, too."""
        self._stream.close()
        super().close()

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The byte first, then what comes."""
        if self._first:
            buffer[:1], self._first = self._first, b""
            return 1
        return self._stream.readinto(buffer) or 0


class Raw:
    """A raw door to one place. One connection is kept, and opened anew when the other side has closed it."""

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
        self._ready = ready
        parts = urlsplit(base)
        self.base = base.rstrip("/")
        self.host = parts.netloc
        self._name = parts.hostname or ""
        self._secure = parts.scheme == "https"
        self._place = mapped(hosts, self._name, parts.port or (443 if self._secure else 80))
        self._door = door
        self._ca = ca
        self._timeout = timeout_seconds
        self._read_only = read_only
        self._kept: _Wire | None = None

    def ask(
        self, ask: Ask, *, server_name: str | None = None, fresh: bool = False, seconds: float | None = None
    ) -> Exchange:
        """Send the request as written and return the exchange.

        `server_name` is another name for TLS, whose certificate is then not judged; `fresh` wants a connection of
        its own. Raises `Broken` when the platform does not answer, `NotProven` when it cannot be reached.
        """
        self._begin(ask)
        odd(ask.method)
        try:
            exchange = self._asked(ask, server_name, seconds, fresh=fresh)
        except Silent as silent:
            raise self._whose(silent, ask, seconds) from None
        except Broken as silent:
            lost(ask.method, str(silent), lambda: self._is_answered(ask, server_name, seconds))
            raise
        if self._door == "edge" and exchange.is_by_nobody:
            lost(ask.method, exchange.brief(), lambda: self._is_answered(ask, server_name, seconds))
        return exchange

    def ask_at_once(self, asks: Sequence[Ask]) -> list[Exchange]:
        """Send them all at the same moment; the exchanges in their order.

        Each goes over a connection of its own and is written but for its last byte; then the last bytes follow one
        another. Connections and TLS so take no part in who comes first, and a race is a race. Each needs a body.
        """
        for ask in asks:
            self._begin(ask)
        wires = [self._new(None, None) for _ in asks]
        began = time.monotonic()
        try:
            for wire, ask in zip(wires, asks, strict=True):
                _write(wire, ask, self._host_of(ask), short=1)
            for wire, ask in zip(wires, asks, strict=True):
                _write_rest(wire, ask.body[-1:])
            return [self._answered(wire, ask, began) for wire, ask in zip(wires, asks, strict=True)]
        except (OSError, http.client.HTTPException) as failure:
            silent = self._no_answer(asks[0], failure, began)
            if isinstance(silent, Broken):
                lost(asks[0].method, str(silent), lambda: self._is_answered(asks[0], None, None))
            raise silent from None
        finally:
            for wire in wires:
                wire.close()

    def ask_halfway(self, ask: Ask, seconds: float) -> Exchange | None:
        """Send less of a body than its header lines announce, and read what is answered to that within `seconds`.

        None when the other side hangs up without an answer; raises `Broken` when it goes on waiting for the rest.
        """
        self._begin(ask)
        wire, began = self._new(None, seconds), time.monotonic()
        try:
            _write(wire, ask, self._host_of(ask))
            return self._answered(wire, ask, began)
        except HUNG_UP:
            return None
        except (OSError, http.client.HTTPException) as failure:
            if isinstance(failure, TimeoutError) and wire.sock is not None:
                raise Broken(
                    say(
                        f"{ask.method} {self.base}{ask.target}: nothing was answered to {len(ask.body)} B of a "
                        f"larger body in {seconds:.0f} s: the rest is waited for.",
                        f"{ask.method} {self.base}{ask.target}: на {len(ask.body)} Б большего тела за "
                        f"{seconds:.0f} с нет ответа: ждут остальное.",
                    )
                ) from None
            raise self._no_answer(ask, failure, began) from None
        finally:
            wire.close()

    def _begin(self, ask: Ask) -> None:
        if self._ready:
            self._ready()
        refuse_method(self._read_only, ask.method, ask.target)
        evidence.used(self._door)

    def _asked(self, ask: Ask, server_name: str | None, seconds: float | None, *, fresh: bool) -> Exchange:
        began = time.monotonic()
        kept = None if fresh or server_name is not None else self._reusable(ask, began)
        wire = kept or self._new(server_name, seconds)
        try:
            return self._exchanged(wire, ask, began, keep=server_name is None)
        except HUNG_UP as gone:
            self.close()
            if not kept:
                raise self._no_answer(ask, gone, began, whole=wire.whole) from None
            # A kept connection may have been closed by the other side meanwhile; that says nothing about the ask.
            return self._asked(ask, server_name, seconds, fresh=True)
        except (OSError, http.client.HTTPException) as failure:
            self.close()
            whole = wire.whole
            raise self._no_answer(ask, failure, began, own_name=server_name is None, whole=whole) from None

    def _reusable(self, ask: Ask, now: float) -> _Wire | None:
        """The kept connection, unless it may be forgotten by now; a change could be lost in it, or sent twice."""
        young = self._kept is not None and now - self._kept.used < IDLE_SECONDS
        return self._kept if young and ask.method in READING else None

    def _is_answered(self, ask: Ask, server_name: str | None, seconds: float | None) -> bool:
        """Whether it is answered, asked once more."""
        try:
            return self._asked(ask, server_name, seconds, fresh=True).status < 500
        except (Broken, NotProven):
            return False

    def _whose(self, silent: Silent, ask: Ask, seconds: float | None) -> Silent | Broken:
        """Who hangs up while a body is on its way may have answered; that is lost with the connection."""
        if self._door != "gateway" or not silent.whole:
            return silent
        health = Ask("GET", HEALTH, (("Accept", "*/*"),))
        return whose(silent, lambda: self._is_told(health, seconds), lambda: self._is_told(ask, seconds))

    def _is_told(self, ask: Ask, seconds: float | None) -> bool:
        """Whether there is any answer."""
        try:
            self._asked(ask, None, seconds, fresh=True)
        except (Broken, NotProven):
            return False
        return True

    def close(self) -> None:
        """Close the kept connection."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _new(self, server_name: str | None, seconds: float | None) -> _Wire:
        tls = (self._context(server_name), server_name or self._name) if self._secure else None
        return _Wire(self._place, tls, seconds or self._timeout)

    def _context(self, server_name: str | None) -> ssl.SSLContext:
        if server_name is None:
            return believing(self._ca)
        # Asked for a name that is not there the edge shows some other certificate; precondition 2 judges it.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def _exchanged(self, wire: _Wire, ask: Ask, began: float, *, keep: bool) -> Exchange:
        wire.written = b""
        _write(wire, ask, self._host_of(ask))
        exchange = self._answered(wire, ask, began, written=time.monotonic() - began)
        self._keep_or_close(wire, ask, keep=keep)
        return exchange

    def _host_of(self, ask: Ask) -> str:
        return self.host if ask.host is None else ask.host

    def _answered(self, wire: _Wire, ask: Ask, began: float, written: float = 0.0) -> Exchange:
        host = self._host_of(ask)
        _assert_as_written(wire, ask, host)
        answer = wire.answer = wire.getresponse()
        body = answer.read(LONGEST_ANSWER_BYTES) if answer.status != http.client.SWITCHING_PROTOCOLS else b""
        exchange = Exchange(
            method=ask.method,
            url=self.base + ask.target,
            status=answer.status,
            headers=tuple(answer.headers.items()),
            body=body,
            seconds=time.monotonic() - began,
            sent_headers=ask.all_lines(host),
            sent_body=ask.body,
            upload_seconds=written,
        )
        evidence.note(exchange.told())
        trail.asked(self._door, exchange)
        return exchange

    def _keep_or_close(self, wire: _Wire, ask: Ask, *, keep: bool) -> None:
        answer = wire.answer
        assert answer is not None
        whole = answer.isclosed() and answer.status != http.client.SWITCHING_PROTOCOLS
        ends = any(name.lower() == "connection" and "close" in value.lower() for name, value in ask.lines)
        if keep and whole and not (answer.will_close or ends or wire.cut_short):
            if self._kept is not wire:
                self.close()
            self._kept, wire.used = wire, time.monotonic()
            return
        wire.close()
        if self._kept is wire:
            self._kept = None

    def _no_answer(
        self, ask: Ask, failure: Exception, began: float, *, own_name: bool = True, whole: bool = False
    ) -> NotProven | Broken:
        spent = time.monotonic() - began
        what = redact(f"{ask.method} {self.base}{ask.target} ({spent:.1f} s): {type(failure).__name__}: {failure}")
        # That precondition judges also who speaks no TLS at all; a name that is not there may be refused in it.
        if own_name and isinstance(failure, ssl.SSLError) and not isinstance(failure, HUNG_UP):
            return untrusted(what)
        if isinstance(failure, socket.gaierror):
            return nameless(what)
        if self._door != "edge":
            return Silent(self._door, what, whole=whole)
        return Broken(say(f"The platform did not answer. {what}", f"Платформа не ответила. {what}"))


def _write(wire: _Wire, ask: Ask, host: str, *, short: int = 0) -> None:
    """All of it, or all but the last `short` bytes of the body."""
    wire.whole = False
    wire.putrequest(ask.method, ask.target, skip_host=True, skip_accept_encoding=True)
    for name, value in ask.all_lines(host):
        wire.putheader(name, value.encode())
    wire.endheaders()
    body = ask.body[: len(ask.body) - short]
    for start in range(0, len(body), PIECE_BYTES):
        # Who refuses a body by its size may answer at once; more of it would be waste, or lost with the answer.
        if start and (wire.cut_short or wire.answer_waits()):
            wire.cut_short = True
            return
        _write_rest(wire, body[start : start + PIECE_BYTES])
    wire.whole = not (short or wire.cut_short)


def _write_rest(wire: _Wire, piece: bytes) -> None:
    try:
        wire.send(piece)
    except (BrokenPipeError, ConnectionResetError):
        # It hung up, and may have answered before; if it has not, reading the answer says so.
        wire.cut_short = True


def _assert_as_written(wire: _Wire, ask: Ask, host: str) -> None:
    """The proof that this is the probe and not a tidied version of it."""
    head = ask.head(host)
    sent = wire.written[: len(head)]
    if sent != head:
        raise NotProven(
            say(
                f"The probe did not leave as written: {sent!r} instead of {head!r}.",
                f"Проба ушла не так, как написана: {sent!r} вместо {head!r}.",
            ),
            "suite",
        )
