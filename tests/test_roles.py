"""Judgements about people and their roles where builds may differ, or where others work there meanwhile."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from gate import evidence
from gate.capabilities.boundary_receiver import Receiver, Sent
from gate.capabilities.odd_questions import OddQuestions
from gate.capabilities.role_acts import ACTS
from gate.capabilities.role_answers import FEEDBACK, expect_same
from gate.capabilities.role_cast import ADMIN, NOBODY, OUTSIDER, READER, ROLES, WRITER, RoleCast, is_hidden
from gate.capabilities.roles import Roles
from gate.doors.http import Exchange
from gate.doors.webhook import new_delivery
from gate.errors import Broken, NotProven
from gate.run_stories import Stories


def answer(status: int, **body: str) -> Exchange:
    return Exchange("GET", "https://x.test/p", status, (), json.dumps(body).encode(), 0.01)


def test_a_project_that_one_may_not_see_is_unknown_or_forbidden():
    assert is_hidden(answer(400, field="project_id", message="project is not known"), "gate-1-roles")
    assert not is_hidden(answer(400, field="project_id", message="gate-1-roles is not yours"), "gate-1-roles")
    assert not is_hidden(answer(400, field="limit"), "gate-1-roles")
    assert not is_hidden(answer(200, field="project_id"), "gate-1-roles")


def projects(*ids: str) -> list[dict[str, Any]]:
    return [{"id": one, "role": None} for one in ids]


@pytest.mark.parametrize(("told_again", "red"), [(False, False), (True, True)])
def test_a_project_that_came_and_went_while_one_looked_is_nobodys_fault(told_again, red):
    cast = RoleCast("gate-0a1b2c-1", uuid4(), uuid4())
    world: Any = SimpleNamespace(target=SimpleNamespace(database=None))
    roles: Any = Roles(world)
    mine, doomed, other = str(cast.project), str(cast.doomed), str(uuid4())
    listed = {person: [{"id": mine, "role": role}] for person, role in ROLES.items()}
    listed |= {NOBODY: [], OUTSIDER: [{"id": doomed, "role": "admin"}], ADMIN: projects(mine, doomed, other)}
    roles._cast, roles._stored = cast, {mine, doomed}
    roles._lists = {person: {"projects": items} for person, items in listed.items()}
    roles._project_ids = lambda: {mine, doomed}
    again = projects(mine, doomed, *([other] if told_again else []))
    roles._staff = lambda _: SimpleNamespace(projects=lambda: SimpleNamespace(items=lambda: again))
    if red:
        with pytest.raises(Broken):
            roles.expect_own_projects()
    else:
        roles.expect_own_projects()


@pytest.mark.parametrize(
    ("status", "red", "risk"), [(400, False, 0), (404, False, 0), (500, False, 1), (200, True, 0)]
)
def test_a_malformed_question_that_crashes_is_a_risk(status, red, risk):
    world: Any = SimpleNamespace()
    odd: Any = OddQuestions(world)
    odd._answers = [answer(status)]
    found = evidence.begin()
    if red:
        with pytest.raises(Broken):
            odd.expect_answered()
    else:
        odd.expect_answered()
    assert len(found.risks) == risk


def test_members_are_told_what_an_admin_is_in_any_order_and_empty_things_left_out():
    def listed(*items: dict[str, Any]) -> Exchange:
        return Exchange("GET", "https://x.test/p", 200, (), json.dumps({"items": items}).encode(), 0.01)

    admins = listed({"id": 1, "line": None, "kind": "inline"}, {"id": 2, "kind": "post_pr"})
    expect_same(
        READER, listed({"kind": "post_pr", "id": 2, "more": 1}, {"id": 1, "kind": "inline"}), admins, FEEDBACK
    )
    for less in (
        listed(),
        listed({"id": 1, "kind": "inline"}),
        listed({"id": 1, "kind": "x"}, {"id": 2, "kind": "x"}),
    ):
        with pytest.raises(Broken):
            expect_same(READER, less, admins, FEEDBACK)


@pytest.mark.parametrize(
    ("after", "red", "told"),
    [
        ({"a/gateway": 3, "b/gateway": 0}, False, False),
        # The sum is smaller than before, and a container restarted all the same.
        ({"b/gateway": 1}, True, False),
        ({"b/gateway": 0, "c/gateway": 0}, False, True),
    ],
)
def test_restarts_are_counted_by_the_container(after, red, told):
    sent = SimpleNamespace(send=lambda _: answer(202))
    world: Any = SimpleNamespace(target=SimpleNamespace(webhook=sent))
    receiver: Any = Receiver(world)
    receiver._new = lambda: None
    receiver._restarts._before, receiver._restarts._count = {"a/gateway": 3, "b/gateway": 0}, lambda: after
    found = evidence.begin()
    if red:
        with pytest.raises(Broken, match=r"b/gateway: 0 -> 1"):
            receiver.expect_alive()
    else:
        receiver.expect_alive()
        assert bool(found.risks) == told


@pytest.mark.parametrize(("status", "red", "risks"), [(400, True, 0), (500, False, 1)])
def test_what_a_crash_leaves_is_told_and_what_a_refusal_leaves_is_red(status, red, risks):
    query = lambda _, asked: [{"what": f"run {id_}"} for id_ in asked["ids"]]  # noqa: E731
    target = SimpleNamespace(database=SimpleNamespace(query=query), kept={}, settings={"GATE_SETTLE_SECONDS": 0.0})
    world: Any = SimpleNamespace(target=target, mark="gate-0a1b2c-1")
    receiver: Any = Receiver(world)
    receiver._sent = [Sent(new_delivery(world.mark, "push"), answer(status))]
    found = evidence.begin()
    if red:
        with pytest.raises(Broken, match="refused delivery"):
            receiver.expect_survived()
    else:
        receiver.expect_survived()
        assert "Recorded: run gate-0a1b2c-1" in found.risks[0]
    assert len(found.risks) == risks


UNSEEN = answer(400, code="invalid_argument", message="not found", field="project_id")


@pytest.mark.parametrize(
    ("told", "red"),
    [
        (answer(400, code="invalid_argument", message="not found", field="repository_id"), False),
        (answer(204), False),
        (UNSEEN, True),
        (answer(403, code="forbidden", message="no role"), True),
        (answer(401, code="unauthorized", message="missing auth token"), True),
    ],
)
def test_who_may_detach_is_told_of_the_repository_and_not_of_themselves(told, red):
    world: Any = SimpleNamespace(target=SimpleNamespace(database=None))
    roles: Any = Roles(world)
    roles._act = ACTS["detach a repository"]
    roles._refusals = [(NOBODY, UNSEEN), (READER, answer(403, code="forbidden", message="no role"))]
    if red:
        with pytest.raises(Broken, match="may do this"):
            roles._expect_granted(WRITER, told)
    else:
        roles._expect_granted(WRITER, told)


@pytest.mark.parametrize(
    ("status", "attached", "given", "red"),
    [
        (400, "", False, False),
        (201, "none/none", True, False),
        # Which GitHub the platform asks is not known here.
        (201, "none/none", None, False),
        (201, "none/none", False, True),
        (201, "else", True, True),
        (400, "none/none", True, True),
    ],
)
def test_a_github_that_has_every_repository_attaches_what_nobody_has(status, attached, given, red):
    cleanups: list[Any] = []

    def gives(*_: str) -> bool:
        if given is None:
            raise NotProven("GATE_GITHUB_TOKEN is not set")
        return bool(given)

    target = SimpleNamespace(
        database=SimpleNamespace(execute=None), gateway=None, github=SimpleNamespace(gives=gives)
    )
    world: Any = SimpleNamespace(target=target, add_cleanup=lambda *given: cleanups.append(given))
    roles: Any = Roles(world)
    roles._cast, roles._act = RoleCast("gate-0a1b2c-1", uuid4(), uuid4()), ACTS["attach a repository"]
    roles._grants = [(WRITER, answer(status, message="no such repository"))]
    row = {"what": "repository", "which": "1", "how": f"gate-0a1b2c-1-{attached}"}
    roles._state = lambda: [row] if attached else []
    found = evidence.begin()
    if red:
        with pytest.raises(Broken, match="changed others as well"):
            roles.expect_done()
    else:
        roles.expect_done()
        assert len(found.weaker) == bool(attached) and len(cleanups) == 2 * bool(attached)


LOST = Broken("The platform did not answer.")


@pytest.mark.parametrize(
    ("tell", "given", "wanted"),
    [
        ("cast", [LOST, "people"], ["red", "people", "people"]),
        ("cast", [LOST, LOST, "people"], ["red", "red", "red"]),
        ("kept", [LOST, "story"], ["red", "red", "red"]),
    ],
)
def test_a_cast_that_failed_once_is_made_anew_and_other_stories_are_not(
    tell: str, given: list[Broken | str], wanted: list[str]
) -> None:
    def perform() -> str:
        now = given.pop(0)
        if isinstance(now, Broken):
            raise now
        return now

    world: Any = SimpleNamespace(target=SimpleNamespace(kept={}), language="en")
    told = []
    for _ in wanted:
        evidence.begin()
        try:
            told.append(getattr(Stories(world), tell)("story", perform))
        except Broken as broken:
            assert broken is LOST
            told.append("red")
    assert told == wanted
