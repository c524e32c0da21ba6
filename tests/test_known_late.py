"""What is changed in the database a gateway may know a little later, as it may where it is told itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from gate import evidence
from gate.capabilities import attached_runs, two_rights
from gate.capabilities.attached_runs import AttachedRuns
from gate.capabilities.role_cast import ADMIN, READER
from gate.capabilities.two_rights import TwoRights
from gate.errors import NotProven

HOME, BEFORE = UUID(int=1), UUID(int=2)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached_runs, "KNOWN_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(two_rights, "CLOSED_EVERY_SECONDS", 0.01)
    evidence.begin()


@pytest.mark.parametrize(
    ("runs", "delivered"),
    [
        ([(True, None)], 1),
        ([(True, HOME)], 1),
        ([(False, None), (False, None), (True, None)], 3),
        ([(True, BEFORE), (True, HOME)], 2),
    ],
)
def test_an_event_is_sent_again_until_the_change_is_known(
    runs: list[tuple[bool, UUID | None]], delivered: int
) -> None:
    world: Any = SimpleNamespace(mark="gate-0a1b2c-1", repositories=None, target=SimpleNamespace())
    world.target.database = SimpleNamespace(
        execute=lambda *_: None,
        run=lambda _: SimpleNamespace(**dict(zip(("learning_mode", "project_id"), runs.pop(0), strict=True))),
    )
    attached: Any = AttachedRuns(world)
    attached._home = HOME
    sent: list[str] = []
    attached._deliver = lambda event, *_: sent.append(event)
    attached._change("UPDATE repositories SET project_id = %s::uuid WHERE external_id = %s", str(HOME))
    assert len(sent) == delivered and not runs


def test_where_learning_cannot_be_told_one_event_is_enough() -> None:
    world: Any = SimpleNamespace(mark="gate-0a1b2c-1", repositories=None, target=SimpleNamespace())
    run = SimpleNamespace(learning_mode=False, project_id=None)
    world.target.database = SimpleNamespace(execute=lambda *_: None, run=lambda _: run)
    attached: Any = AttachedRuns(world)
    attached._not_judged, sent = NotProven("The table wants more."), []
    attached._deliver = lambda event, *_: sent.append(event)
    attached._change("DELETE FROM repositories WHERE external_id = %s")
    assert len(sent) == 1


@pytest.mark.parametrize(("person", "looks"), [(READER, 3), (ADMIN, 0)])
def test_a_role_counts_once_it_is_told(person: str, looks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[dict[str, str]]] = [[], [], [{"id": str(HOME), "role": "admin"}]]

    def projects() -> Any:
        seen.append(told.pop(0))
        return SimpleNamespace(items=lambda: seen[-1])

    seen: list[Any] = []
    monkeypatch.setattr(two_rights, "staff_of", lambda *_: SimpleNamespace(projects=projects))
    world: Any = SimpleNamespace(roles=SimpleNamespace(cast=None))
    rights: Any = TwoRights(world)
    rights._await_known(person, HOME, "admin", there=True)
    told[:] = [[{"id": str(HOME), "role": "admin"}]] * (looks - 1) + [[]]
    rights._await_known(person, HOME, "admin", there=False)
    assert len(seen) == 2 * looks
