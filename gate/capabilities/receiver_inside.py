"""What is asked of the gateway itself, where nobody before it judges (probe W15): as far as it can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gate import evidence
from gate.errors import NotProven
from gate.language import say


@contextmanager
def weaker_from_outside() -> Iterator[None]:
    """Where the gateway cannot be asked itself, what is seen at the edge is weaker proof."""
    try:
        yield
    except NotProven as reason:
        evidence.weaker(
            say(f"Not proven at the gateway itself: {reason}", f"У самого шлюза не доказано: {reason}")
        )
