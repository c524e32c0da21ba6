"""What is delivered again when its run is over, and when a staging has cleared that run away."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from gate.capabilities.redelivery import Redelivery
from gate.doors.records import Run
from gate.errors import Broken, NotProven

THEN = datetime(2024, 5, 6, tzinfo=UTC)
ENDED = Run(UUID(int=1), "gate-1-old", None, "failed", False, THEN, THEN, THEN)


def test_a_run_that_was_cleared_away_before_its_delivery_comes_again_judges_nobody() -> None:
    database = SimpleNamespace(run_of=lambda _: None)
    redelivery = Redelivery(cast(Any, SimpleNamespace(target=SimpleNamespace(database=database), mark="gate-1")))
    redelivery._run = ENDED
    with pytest.raises(NotProven, match="no longer in the database"):
        redelivery.deliver()


def test_the_event_of_an_end_may_be_a_moment_later_than_its_status() -> None:
    looks: list[str] = []
    told = ["run.started", "run.succeeded"]

    def events_of(delivery_id: str) -> list[Any]:
        looks.append(delivery_id)
        return [SimpleNamespace(event_type=name) for name in (told if len(looks) > 1 else told[:1])]

    watched = SimpleNamespace(full_name="gate-1/probe", run=lambda: ENDED)
    worker = SimpleNamespace(
        ended_run=lambda: watched, judge=lambda _: None, events_after_end=lambda run: events_of(run.correlation_id)
    )
    target = SimpleNamespace(
        database=SimpleNamespace(run_of=lambda _: ENDED, events_of=events_of),
        settings={"GATE_POLL_SECONDS": 0, "GATE_SETTLE_SECONDS": 0},
    )
    redelivery = Redelivery(cast(Any, SimpleNamespace(target=target, worker=worker, mark="gate-1")))
    redelivery.have_ended()
    redelivery.expect_left_alone()
    told.append("run.started")
    with pytest.raises(Broken, match="A second delivery of its event changed run"):
        redelivery.expect_left_alone()
