"""Where a healthy build, staging or machine may be otherwise than ours: each is right, and its neighbour is red."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gate.capabilities.learning_shown import _in_order
from gate.doors.records import Event

NOW = datetime.now(UTC)


def event(number: int, kind: str) -> Event:
    values: dict[str, Any] = {"id": number, "event_type": kind, "created_at": NOW + timedelta(seconds=number)}
    return Event(**{name: values.get(name) for name in Event.__dataclass_fields__})


@pytest.mark.parametrize(
    ("shown", "fits"),
    [("received started ended", True), ("ended started received", True), ("started ended received", False)],
)
def test_events_are_shown_by_time_from_either_end(shown: str, fits: bool) -> None:
    stored = [event(1, "received"), event(2, "started"), event(3, "ended")]
    assert [one.event_type for one in _in_order(shown.split(), stored)] == (shown.split() if fits else [])
