"""The door that is a port: each address of a host tried alone, for one that cannot be tried says nothing."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
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


def try_port(number: int, host: str, real: int, within_seconds: float) -> Port:
    """Connect once to every address of `host`, all at the same time, at its port `real`."""
    place = f"{host}:{real}"
    try:
        found = socket.getaddrinfo(host, real, type=socket.SOCK_STREAM)
    except OSError as failure:
        return Port(number, place, Answer.UNREACHABLE, str(failure))
    with ThreadPoolExecutor(len(found)) as pool:
        tries = list(pool.map(lambda one: _connect(one[0], one[4], within_seconds), found))
    came = [Port(number, str(one[4][0]), *answer) for one, answer in zip(found, tries, strict=True)]
    return _together(place, [one[0] for one in found], came)


def _together(place: str, families: Sequence[int], came: Sequence[Port]) -> Port:
    """A family in which no address can be reached is one that this machine lacks, and does not count."""
    reached = {family for family, one in zip(families, came, strict=True) if one.answer is not Answer.UNREACHABLE}
    counted = [one for family, one in zip(families, came, strict=True) if family in reached] or came
    told = min(counted, key=lambda one: WEIGHT.index(one.answer))
    return replace(told, address=place, untried=tuple(one.address for one in came if one not in counted))


def _connect(family: int, place: tuple[object, ...], within_seconds: float) -> tuple[Answer, str]:
    """What came of one address, and what is to be told of it."""
    try:
        with closing(socket.socket(family, socket.SOCK_STREAM)) as connection:
            connection.settimeout(within_seconds)
            connection.connect(place)
            return Answer.OPEN, _greeting(connection)
    except ConnectionRefusedError:
        return Answer.REFUSED, ""
    except TimeoutError:
        return Answer.SILENT, ""
    except OSError as failure:
        # A firewall that rejects says "no route to host"; anything else is a matter of our own network.
        rejected = failure.errno == errno.EHOSTUNREACH
        return Answer.REFUSED if rejected else Answer.UNREACHABLE, str(failure)


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
