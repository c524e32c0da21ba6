"""Clean-ups through a door that is shut are told once at the end; other failures stay failures."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from gate.capabilities.webhook_order import WebhookOrder
from gate.errors import Broken, Held, NotProven
from runner.guard import forgiving, guard_steps


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


def test_what_broke_in_a_clean_up_is_tried_once_more() -> None:
    registered: list[Callable[[], Any]] = []
    left: list[str] = []
    add = forgiving(registered.append, left.append)
    answers = iter([Broken("no answer"), None])

    def heals() -> None:
        if failure := next(answers):
            raise failure

    add(heals)
    add(raising(Broken("the platform answered 500")))
    for clean_up in registered:
        clean_up()
    assert left == ["the platform answered 500"]


def test_a_step_without_its_given_is_a_mistake_of_the_feature() -> None:
    told: list[NotProven] = []
    skipped: list[str] = []
    scenario = SimpleNamespace(skip=skipped.append)
    context = SimpleNamespace(scenario=scenario, world=None)
    matcher = SimpleNamespace(func=lambda _: WebhookOrder(world()).expect_first_told(401, "x"))
    guard_steps(SimpleNamespace(steps={"then": [matcher]}), lambda _, reason: told.append(reason))
    matcher.func(context)
    assert told[0].category == "suite" and "earlier sentence" in str(told[0]) and skipped
    # A step of somebody's own may compare as it likes.
    own = SimpleNamespace(func=lambda _: failing())
    guard_steps(SimpleNamespace(steps={"then": [own]}), lambda _, reason: told.append(reason))
    with pytest.raises(AssertionError):
        own.func(context)
    assert len(told) == 1


def world() -> Any:
    return SimpleNamespace(target=None, mark="gate-000000-1")


def failing() -> None:
    assert not registered_twice, "the page shows it twice"


registered_twice = True
