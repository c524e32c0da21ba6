"""Steps that fail as often as they are told to; `test_retrying.py` copies them into a project of their own."""

from __future__ import annotations

from collections import Counter
from typing import Any

from behave import given

from gate import evidence
from gate.errors import NotProven

DONE: Counter[str] = Counter()


@given("it {how} {number:d} times")  # type: ignore[untyped-decorator]
def fails(context: Any, how: str, number: int) -> None:
    """As often as told, then it works."""
    evidence.text("what was seen", how)
    key = f"{context.scenario.filename} {context.scenario.name}"
    DONE[key] += 1
    if DONE[key] > number:
        return
    if how == "cannot be seen":
        raise NotProven("no door leads there")
    if how == "breaks":
        raise AssertionError(f"it broke, attempt {DONE[key]}")
    if how == "leaves rubbish":
        context.add_cleanup(_not_removed)
        return
    raise KeyError(how)


def _not_removed() -> None:
    raise RuntimeError("not removed")
