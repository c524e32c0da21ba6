"""How soon a run begins and ends, over made-up times: others before it are an excuse as far as they took turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from gate.capabilities.pace import Pace, wait_of_its_own
from gate.errors import Broken, NotProven
from tests.test_run_rules import DONE, PENDING, RUNNING, look, record

NOW = datetime(2026, 2, 9, 12, tzinfo=UTC)
RUN = str(DONE.id)
POLL = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("begun", "others", "waited"),
    [
        (5, [], 5),
        (60, [], 60),
        # One at each poll, and ours last.
        (20, [5, 10, 15], 5),
        # All of them at once, and late.
        (60, [60, 60, 60], 60),
        (60, [59], 59),
        # Each as late as ours, which came after them.
        (60, [10, 20, 30, 40, 50], 35),
        # Where it can begin four at once, six are no reason to take more than two polls.
        (40, [10, 20, 30, 30.1, 30.2, 30.3], 30),
    ],
)
def test_a_run_behind_others_waited_for_its_worker_too(begun: int, others: Sequence[float], waited: int) -> None:
    began = [NOW + timedelta(seconds=one) for one in others]
    lag = wait_of_its_own(NOW, NOW + timedelta(seconds=begun), began, POLL)
    assert lag == timedelta(seconds=waited)


def pace(*watched: Any) -> Pace:
    """Of a gate that is given these records, one after the other; nobody stood before their runs."""
    left = iter(watched[1:])
    worker = SimpleNamespace(watched=watched[0], ended_run=lambda: next(left))
    database = SimpleNamespace(query=lambda *_: [])
    world: Any = SimpleNamespace(worker=worker, target=SimpleNamespace(database=database))
    return Pace(world)


QUICK = record(
    look(0, PENDING),
    look(4, RUNNING, jobs=((RUN, "active"),)),
    look(5, RUNNING, jobs=((RUN, "complete"),)),
    look(9, DONE),
)
SLOW = record(look(0, PENDING), look(40, RUNNING), look(41, RUNNING, jobs=((RUN, "complete"),)), look(80, DONE))
# One look after the other was slow: what came between them took no longer than that.
BETWEEN = record(
    replace(look(4, RUNNING, jobs=((RUN, "active"),)), gap=3),
    replace(look(50, DONE, jobs=((RUN, "active"),)), gap=4),
)
UNSEEN = record(look(0, PENDING))


def test_one_that_was_quick_is_enough() -> None:
    for watched in ([QUICK], [BETWEEN], [UNSEEN, QUICK], [SLOW, UNSEEN, QUICK]):
        pace(*watched).expect_soon_begun()
        pace(*watched).expect_soon_ended()


def test_none_that_was_quick_is_red() -> None:
    slow_looks = record(replace(look(40, RUNNING), gap=39), look(80, DONE))
    with pytest.raises(Broken, match=r"begin 40\.0, 40\.0, 39\.0 s after"):
        pace(SLOW, SLOW, slow_looks).expect_soon_begun()
    with pytest.raises(Broken, match=r"end 39\.0, 39\.0 s after"):
        pace(UNSEEN, SLOW, SLOW).expect_soon_ended()


def test_what_was_never_seen_took_no_time_that_is_known() -> None:
    for timed in (Pace.expect_soon_begun, Pace.expect_soon_ended):
        with pytest.raises(NotProven, match="Of no run was seen"):
            timed(pace(UNSEEN, UNSEEN, UNSEEN))
