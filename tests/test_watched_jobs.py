"""The Job of a watched run while the cluster at times gives no answer: it is asked again, though not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace as NS
from typing import Any

import pytest

from gate.capabilities import held_jobs
from gate.capabilities.held_jobs import HeldJobs
from gate.doors.jobs import Job, not_begun
from gate.errors import Broken, NotProven
from gate.waiting import Watch
from gate.watching import AT_WORK, BEHIND_OTHERS, CLUSTER_BACK_WITHIN_SECONDS, Watched, in_turn
from tests.test_run_rules import DONE, NAME, PROJECT, RUNNING, STARTED

JOB = Job("codex-k8s-run-1", "uid", {}, succeeded=False, failed=False, created_at=None)
LOST = NotProven("no answer", "staging")
SETTINGS = {"GATE_POLL_SECONDS": 0.1}


def watched(*answers: Job | NotProven | None) -> Watched:
    """A record whose cluster gives these answers; two were had before the watch began."""
    left: Iterator[Job | NotProven | None] = iter([LOST, None, *answers])

    def job_of(_: str) -> Job | None:
        answer = next(left)
        if isinstance(answer, NotProven):
            raise answer
        return answer

    cluster = NS(job_of=job_of, jobs_namespace="ns")
    database = NS(events_of=lambda _: [STARTED])
    target: Any = NS(cluster=cluster, database=database)
    made = Watched(target, PROJECT, NAME, with_jobs=True)
    made.watch = _At()
    return made


class _At(Watch[Any]):
    """A watch whose time is set."""

    now = 0.0

    @property
    def seconds(self) -> float:
        return self.now


def see(record: Watched, *seconds: float) -> None:
    """Look at the Job of the running run at these times."""
    assert isinstance(record.watch, _At)
    for record.watch.now in seconds:
        record._see_job(RUNNING)


def test_a_lost_answer_is_asked_for_again() -> None:
    record = watched(LOST, JOB, LOST, LOST, JOB)
    see(record, 0)
    assert not record.jobs and not record.no_cluster
    see(record, 1, 60, 60 + CLUSTER_BACK_WITHIN_SECONDS / 2, 90)
    assert record.job_states == {str(RUNNING.id): "active"} and not record.no_cluster


def test_a_cluster_that_stays_away_is_not_asked_for_ever() -> None:
    record = watched(LOST, LOST)
    see(record, 0, CLUSTER_BACK_WITHIN_SECONDS, 99)
    assert record.no_cluster is LOST
    with pytest.raises(NotProven):
        record.find_job(DONE)


def test_a_job_that_was_seen_stays_seen() -> None:
    record = watched(JOB, LOST, LOST)
    see(record, 0, 1, 1 + CLUSTER_BACK_WITHIN_SECONDS)
    assert record.no_cluster and record.find_job(DONE) is JOB


@pytest.mark.parametrize(
    ("heard", "there", "asked"),
    [([True], True, 1), ([LOST, False, True], True, 3), ([False], False, 1)],
)
def test_a_job_is_let_go_until_that_is_heard(
    monkeypatch: pytest.MonkeyPatch, heard: list[bool | NotProven], there: bool, asked: int
) -> None:
    monkeypatch.setattr(held_jobs, "LET_GO_EVERY_SECONDS", 0.001)
    calls: list[bool] = []
    let_go(heard, there, calls)
    assert calls == [False] * asked


def test_a_job_that_cannot_be_let_go_is_not_the_platforms_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_jobs, "LET_GO_WITHIN_SECONDS", 0.0)
    with pytest.raises(NotProven, match="let go on"):
        let_go([False], True, [])


def let_go(heard: list[bool | NotProven], there: bool, calls: list[bool]) -> None:
    """Let the Job go in a cluster that answers so; it asks with these values of `suspend`."""

    def suspend_job(_: str, suspended: bool) -> bool:
        calls.append(suspended)
        answer = heard[len(calls) - 1]
        if isinstance(answer, NotProven):
            raise answer
        return answer

    cluster = NS(suspend_job=suspend_job, job_of=lambda _: JOB if there else None)
    world: Any = NS(target=NS(cluster=cluster, kept={}), language="en")
    HeldJobs(world)._let_go(RUNNING)


def held_up(*reasons: str | None, phase: str = "Pending") -> str:
    """What is told of a run at work whose pod is like this, once the deadline of a run is over."""
    states = [NS(state=NS(waiting=NS(reason=reason) if reason else None)) for reason in reasons]
    pod = NS(status=NS(phase=phase, container_statuses=states, conditions=[]))
    rows = {AT_WORK: [{"id": "1"}], BEHIND_OTHERS: [{"late": 0, "waiting": 0, "began": 0, "held": 0}]}
    database = NS(query=lambda sql, *_: rows[sql])
    target: Any = NS(database=database, cluster=NS(not_begun=lambda _: not_begun([pod])), settings=SETTINGS)
    try:
        in_turn(target, ["a"], wait_too_long, 1)
    except NotProven as reason:
        return str(reason)
    except Broken:
        return "broken"
    return ""


def wait_too_long() -> None:
    raise Broken("Not within 1 s: the end of the run.")


def test_a_pod_that_waits_for_its_node_or_its_image_is_nobodys_fault() -> None:
    assert "ContainerCreating" in held_up("ContainerCreating")
    assert "Pending" in held_up()


def test_a_pod_that_works_or_cannot_be_made_is_no_excuse() -> None:
    assert held_up("ErrImagePull") == "broken"
    assert held_up("CreateContainerConfigError") == "broken"
    assert held_up(None, phase="Running") == "broken"
