"""What is delivered again when its run is over, and when a staging has cleared that run away."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from gate.capabilities.redelivery import Redelivery
from gate.doors.records import Run
from gate.errors import NotProven

THEN = datetime(2024, 5, 6, tzinfo=UTC)
ENDED = Run(UUID(int=1), "gate-1-old", None, "failed", False, THEN, THEN, THEN)


def test_a_run_that_was_cleared_away_before_its_delivery_comes_again_judges_nobody() -> None:
    database = SimpleNamespace(run_of=lambda _: None)
    redelivery = Redelivery(cast(Any, SimpleNamespace(target=SimpleNamespace(database=database), mark="gate-1")))
    redelivery._run = ENDED
    with pytest.raises(NotProven, match="no longer in the database"):
        redelivery.deliver()
