"""Clean-ups through a door that is shut are told once at the end; other failures stay failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gate.errors import Held, NotProven
from runner.guard import forgiving


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_a_shut_door_is_told_and_nothing_else_is_forgiven() -> None:
    registered: list[Callable[[], Any]] = []
    left: list[str] = []
    add = forgiving(registered.append, left.append)
    done: list[tuple[str, str]] = []
    add(lambda one, *, two: done.append((one, two)), "a", two="b")
    add(raising(NotProven("permission denied")))
    add(raising(ValueError("a mistake of ours")))
    add(raising(Held("users are referred to", "audit_log")))
    for clean_up in (*registered[:2], registered[3]):
        clean_up()
    assert done == [("a", "b")] and left == ["permission denied"]
    with pytest.raises(ValueError, match="mistake"):
        registered[2]()
