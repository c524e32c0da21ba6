"""The door that is a port: each address of a host tried alone, for one that cannot be tried says nothing."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from enum import Enum

from gate.language import say
from gate.redaction import redact

GREETING_SECONDS = 1.0
GREETING_BYTES = 80


class Answer(Enum):
    """What a connection to a port comes to."""

    OPEN = "open"
    REFUSED = "refused"
    SILENT = "timeout"
    UNREACHABLE = "unreachable"


# Of several addresses the first of these is the port's: one that is open is enough to come in.
WEIGHT = (Answer.OPEN, Answer.UNREACHABLE, Answer.SILENT, Answer.REFUSED)


@dataclass(frozen=True)
class Port:
    """A port as the staging's address has it, where it really was tried, and what came."""

    number: int
    address: str
    answer: Answer
    detail: str = ""
    # Addresses of the host in a family that this machine lacks, IPv6 as a rule.
    untried: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = {
            Answer.OPEN: say("accepts connections", "принимает соединения"),
            Answer.REFUSED: say("refused", "отказ"),
            Answer.SILENT: say("no answer (timeout)", "нет ответа (таймаут)"),
            Answer.UNREACHABLE: say("unreachable", "недостижим"),
        }
        return f"{self.number} ({self.address}): {words[self.answer]}" + (f" {self.detail}" if self.detail else "")


@dataclass(frozen=True)
class _Try:
    """What came of one address."""

    family: int
    address: str
    answer: Answer
    detail: str = ""


def try_port(number: int, host: str, real: int, within_seconds: float) -> Port:
    """Connect once to every address of `host`, all at the same time, at its port `real`."""
    place = f"{host}:{real}"
    try:
        found = socket.getaddrinfo(host, real, type=socket.SOCK_STREAM)
    except OSError as failure:
        return Port(number, place, Answer.UNREACHABLE, str(failure))
    with ThreadPoolExecutor(len(found)) as pool:
        tries = list(pool.map(lambda one: _connect(one[0], one[4], within_seconds), found))
    return _together(number, place, tries)


def _together(number: int, place: str, tries: Sequence[_Try]) -> Port:
    """A family in which no address can be reached is one that this machine lacks, and does not count."""
    reached = {one.family for one in tries if one.answer is not Answer.UNREACHABLE}
    counted = [one for one in tries if one.family in reached] or tries
    told = min(counted, key=lambda one: WEIGHT.index(one.answer))
    untried = tuple(one.address for one in tries if one not in counted)
    return Port(number, place, told.answer, told.detail, untried)


def _connect(family: int, place: tuple[object, ...], within_seconds: float) -> _Try:
    address = str(place[0])
    try:
        with closing(socket.socket(family, socket.SOCK_STREAM)) as connection:
            connection.settimeout(within_seconds)
            connection.connect(place)
            return _Try(family, address, Answer.OPEN, _greeting(connection))
    except ConnectionRefusedError:
        return _Try(family, address, Answer.REFUSED)
    except TimeoutError:
        return _Try(family, address, Answer.SILENT)
    except OSError as failure:
        # A firewall that rejects says "no route to host"; anything else is a matter of our own network.
        rejected = failure.errno == errno.EHOSTUNREACH
        return _Try(family, address, Answer.REFUSED if rejected else Answer.UNREACHABLE, str(failure))


def _greeting(connection: socket.socket) -> str:
    """What an open port says of itself, in reply to a harmless line."""
    try:
        connection.settimeout(GREETING_SECONDS)
        connection.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
        said = connection.recv(GREETING_BYTES)
    except OSError:
        return ""
    first = said.splitlines()[0] if said else b""
    return repr(redact(first.decode("latin-1"))) if first else ""
