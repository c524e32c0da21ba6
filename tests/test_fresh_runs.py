"""A run that was just delivered may belong to no project, and be told to nobody, until a worker claims it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gate.capabilities.fresh_runs import await_told
from gate.errors import Broken, NotProven
from gate.watching import AT_WORK


class Staging:
    """One whose worker claims the run before so many looks, and whose API lists it or does not."""

    def __init__(self, claimed_at: int, *, listed: bool) -> None:
        self._claimed_at, self._listed = claimed_at, listed
        self.looks = self.asked = 0
        self.target = SimpleNamespace(
            database=SimpleNamespace(run=self._run, query=self._query),
            settings={"GATE_RUN_SECONDS": 0.2, "GATE_POLL_SECONDS": 0.1},
        )

    def as_person(self, person: str) -> Any:
        """Anybody's staff API."""
        self.asked += 1
        items = [{"id": "run"}] if self._listed else [{"id": "another"}]
        return SimpleNamespace(get=lambda path: SimpleNamespace(items=lambda: items))

    @staticmethod
    def _query(sql: str, *_: Any) -> list[dict[str, int]]:
        return [] if sql == AT_WORK else [{"late": 0, "waiting": 0}]

    def _run(self, run_id: str) -> Any:
        self.looks += 1
        return SimpleNamespace(correlation_id="gate-1", project_id=self.looks >= self._claimed_at or None)


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gate.capabilities.fresh_runs.LOOK_EVERY_SECONDS", 0.01)


@pytest.mark.parametrize(("claimed_at", "listed", "asked"), [(1, False, 0), (9, True, 1), (4, False, 2)])
def test_a_run_is_waited_for_until_it_has_a_project_or_is_listed(
    claimed_at: int, listed: bool, asked: int
) -> None:
    staging: Any = Staging(claimed_at, listed=listed)
    await_told(staging, ["run"])
    assert staging.asked == asked


def test_a_list_that_fails_is_not_this_ones_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    staging: Any = Staging(4, listed=False)

    def failing() -> list[Any]:
        raise Broken("The answer is not a list: 500.")

    monkeypatch.setattr(
        staging, "as_person", lambda _: SimpleNamespace(get=lambda _: SimpleNamespace(items=failing))
    )
    await_told(staging, ["run"])
    assert staging.looks >= 4


def test_that_nobody_claims_it_is_another_lines_matter() -> None:
    staging: Any = Staging(10**6, listed=False)
    with pytest.raises(NotProven, match=r"s1\.p0\.2\.1"):
        await_told(staging, ["run"])
