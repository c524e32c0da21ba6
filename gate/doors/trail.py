"""What the doors were really asked for, in the contract's words: routes, headers, tables.

A run's record keeps it, so that which part of the contract nobody touches is a fact and not an
opinion.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gate import evidence

if TYPE_CHECKING:
    from gate.doors.http import Exchange

_ID = re.compile(r"(?<=/)(?:[0-9a-f]{8}-[0-9a-f-]{27}|\d+|gate-[0-9a-f]{6}[^/]*)(?=/|$)")
_REPOSITORY = re.compile(r"^/repos/[^/]+/[^/]+")
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+([a-z_]+)")
# Beyond this an answer is no error of the contract's form.
LONGEST_ERROR_BYTES = 1_000


def template(address: str) -> str:
    """A path with its ids left out; what stands behind `?` is nobody's matter."""
    return _ID.sub("{id}", _REPOSITORY.sub("/repos/{owner}/{name}", urlsplit(address).path))


def asked(door: str, exchange: Exchange) -> None:
    """A request was answered: its route and status, the platform's own headers on it, the code of an error."""
    evidence.touched(f"{door} {exchange.method} {template(exchange.url)} {exchange.status}")
    for name, _ in exchange.sent_headers:
        if name.lower().startswith("x-"):
            evidence.touched(f"header {name}")
    if exchange.status >= 400 and len(exchange.body) < LONGEST_ERROR_BYTES:
        error = exchange.parsed()
        if isinstance(error, dict):
            evidence.touched(f"error {exchange.status} {error.get('code')}: {error.get('message')}")


def queried(sql: str) -> None:
    """A statement went to the database."""
    for table in _tables(sql):
        evidence.touched(f"table {table}")


@functools.lru_cache
def _tables(sql: str) -> tuple[str, ...]:
    return tuple(sorted(set(_TABLE.findall(sql))))
