"""Errors and what is printed pass the one redaction point too, before behave or anybody else shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gate.redaction import redact


def redact_screen(*streams: Any) -> None:
    """From now on what anybody prints there is redacted: behave shows captured output and errors as they came."""
    for stream in streams:
        if not hasattr(stream, "redacted"):
            stream.write = _redacted(stream.write)
            stream.redacted = True


def _redacted(write: Callable[[str], int]) -> Callable[[str], int]:
    return lambda text: write(redact(text))


def redact_error(error: BaseException) -> None:
    """Take secrets out of an error and of those that led to it, before anybody prints them."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        found.args = tuple(redact(one) if isinstance(one, str) else one for one in found.args)
        found = found.__cause__ or found.__context__
