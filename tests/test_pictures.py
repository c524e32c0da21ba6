"""The pages that are pictured: what came later than a page is loaded first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gate.capabilities.learning_shown import LearningShown


@pytest.mark.parametrize(("rows", "loads"), [([3, 3, 3], 0), ([3, 4, 4], 1), ([3, 3, 4], 1)])
def test_a_page_is_loaded_once_more_where_something_was_written_since(rows: list[int], loads: int) -> None:
    counts = iter(rows)
    run = SimpleNamespace(id="1", correlation_id="gate-1")
    feedback = SimpleNamespace(watched=[SimpleNamespace(run=lambda: run)])
    database = SimpleNamespace(events_of=lambda _: [None] * next(counts), feedback_of=lambda _: [])
    world: Any = SimpleNamespace(target=SimpleNamespace(database=database), feedback=feedback)
    page: Any = SimpleNamespace(loads=0, open=lambda: None)
    page.reload = lambda: setattr(page, "loads", page.loads + 1)
    shown = LearningShown(world)
    shown._open(page)
    for _ in rows[1:]:
        assert shown._whole_page() is page
    assert page.loads == loads
