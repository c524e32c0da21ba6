"""The judges of watched runs, over made-up records: sound ones pass, each broken one is named."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4
from xml.etree import ElementTree

import pytest

from gate import run_rules
from gate.doors.jobs import Job
from gate.doors.records import Event, Project, Run, Slot
from gate.doors.webhook import Delivery, new_delivery
from gate.errors import Broken
from gate.run_stories import Stories
from gate.target import Target
from gate.timeline import draw
from gate.watching import Look, Watched, derived_project

NAME = "gate-0a1b2c-1/Probe"
PROJECT = derived_project(NAME)
NOW = datetime(2026, 2, 9, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PENDING = Run(uuid4(), "gate-0a1b2c-1-x", None, "pending", False, NOW, None, None)
RUNNING = replace(PENDING, project_id=PROJECT, status="running", started_at=NOW + SECOND)
DONE = replace(RUNNING, status="succeeded", finished_at=NOW + 3 * SECOND)
FREE = Slot(1, PROJECT, 1, "free", None, None)
OTHER = replace(FREE, id=2, slot_no=2)
LEASED = replace(FREE, state="leased", lease_owner=str(DONE.id), lease_until=NOW + 600 * SECOND)


def look(second: int, *runs: Run, slots: tuple[Slot, ...] = (), jobs: tuple[tuple[str, str], ...] = ()) -> Look:
    return Look(runs=runs, slots=slots, jobs=jobs, at=NOW + second * SECOND)


def record(*looks: Look) -> Watched:
    watched = Watched(cast(Target, None), PROJECT, NAME)
    watched.poll = 2 * SECOND
    watched.add(*{run.correlation_id: None for one in looks for run in one.runs})
    watched.watch.seen = [(float(second), one) for second, one in enumerate(looks)]
    return watched


def sound() -> Watched:
    return record(
        look(0),
        look(1, PENDING),
        look(2, RUNNING, slots=(LEASED, OTHER), jobs=((str(DONE.id), "active"),)),
        look(3, DONE, slots=(FREE, OTHER), jobs=((str(DONE.id), "complete"),)),
    )


def event(name: str, **payload: Any) -> Event:
    return Event(1, DONE.correlation_id, name, payload, NOW)


STARTED = event(
    "run.started",
    run_id=str(DONE.id),
    project_id=str(PROJECT),
    slot_no=1,
    job_name=f"codex-k8s-run-{DONE.id}",
    job_namespace="ns",
)
LABELS = {
    "app.kubernetes.io/name": "codex-k8s-run",
    "codexk8s.io/run-id": str(DONE.id),
    "codexk8s.io/project-id": str(PROJECT),
}
JOB = Job(f"codex-k8s-run-{DONE.id}", "uid", LABELS, True, False, NOW)


@pytest.mark.parametrize(("lost", "right"), [(0, True), (1, True), (9, False), (12, True)])
def test_a_lease_that_is_counted_from_the_arrival(lost: int, right: bool) -> None:
    """Who waited nine seconds longer has that much less of it; what is lost by chance is not as much."""
    first = replace(RUNNING, started_at=NOW)
    late = replace(first, id=uuid4(), correlation_id="gate-0a1b2c-1-y", started_at=NOW + 9 * SECOND)
    leases = (
        replace(FREE, state="leased", lease_owner=str(run.id), lease_until=started + (600 - less) * SECOND)
        for run, started, less in ((first, NOW, 0), (late, NOW + 9 * SECOND, lost))
    )
    watched = record(look(0, first, late, slots=tuple(leases)))
    with nullcontext() if right else pytest.raises(Broken, match="longer for its slot"):
        run_rules.leases_from_start(watched)


def test_a_sound_record_passes_every_judge() -> None:
    watched = sound()
    run = watched.run()
    run_rules.statuses(watched, run, "succeeded")
    run_rules.times(watched, run)
    run_rules.project(watched, run, Project(PROJECT, NAME.lower(), NAME.lower(), {}))
    run_rules.told_once(run, [event("webhook.received"), STARTED, event("run.succeeded")], "run.succeeded")
    run_rules.start_told(run, watched, [STARTED])
    run_rules.job(run, JOB, [STARTED], "ns")
    run_rules.own_slot(watched, run)
    run_rules.nothing_held_after_end(watched)
    run_rules.all_free(watched.last)
    run_rules.within_slots(watched)
    run_rules.slots_constant(watched)


@pytest.mark.parametrize(
    ("looks", "went"),
    [
        ((look(1, PENDING), look(3, DONE)), "pending → succeeded"),
        ((look(1, RUNNING), look(3, DONE)), "running → succeeded"),
        ((look(1, PENDING), look(2, RUNNING), look(3, PENDING), look(4, DONE)), "pending → running → pending"),
        ((look(1, PENDING), look(2, RUNNING), look(3, replace(DONE, status="failed"))), "running → failed"),
    ],
)
def test_statuses_left_out_or_taken_back(looks: tuple[Look, ...], went: str) -> None:
    watched = record(*looks)
    with pytest.raises(Broken, match=went):
        run_rules.statuses(watched, watched.run(), "succeeded")


def test_a_status_between_two_looks_is_no_fault_if_its_times_say_so() -> None:
    rarely = replace(look(3, DONE), gap=1.5)
    run_rules.statuses(record(look(1), replace(look(2, RUNNING), gap=1.5), rarely), DONE, "succeeded")
    with pytest.raises(Broken, match="running → succeeded"):
        run_rules.statuses(record(look(1), replace(look(2, RUNNING), gap=0.02), rarely), DONE, "succeeded")
    with pytest.raises(Broken, match="pending → succeeded"):
        run_rules.statuses(record(look(1, PENDING), rarely), DONE, "succeeded")


@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_status_between_two_looks_is_no_fault_of_another_clock(seconds: int) -> None:
    came, skew = NOW + timedelta(seconds=0.9), timedelta(seconds=seconds)
    begun = replace(RUNNING, created_at=came, started_at=came + skew + timedelta(seconds=0.5))
    done = replace(DONE, created_at=came, started_at=begun.started_at)
    seen = replace(look(2, begun), gap=1.5)
    run_rules.statuses(record(look(1), seen, look(3, done)), done, "succeeded")
    with pytest.raises(Broken, match="running → succeeded"):
        run_rules.statuses(record(look(1), replace(seen, gap=0.02), look(3, done)), done, "succeeded")


def test_a_run_that_began_with_its_coming_was_not_missed_between_two_looks() -> None:
    begun = replace(RUNNING, started_at=NOW)
    with pytest.raises(Broken, match="running → succeeded"):
        run_rules.statuses(record(look(1), replace(look(2, begun), gap=1.5), look(3, DONE)), DONE, "succeeded")


class Crowds(Stories):
    """Stories of deliveries whose runs are first seen in these statuses, one a try."""

    def __init__(self, *first: Run) -> None:
        self.first = list(first)
        self.tries = 0

    def deliver(self, watched: Watched, *deliveries: Delivery) -> None:
        self.tries += 1
        watched.add(PENDING.correlation_id, *(str(delivery.id) for delivery in deliveries[1:]))
        watched.watch.seen = [(1.0, look(1, self.first.pop(0), slots=(FREE, OTHER)))]


@pytest.mark.parametrize(
    ("first", "tries"), [((PENDING,), 1), ((RUNNING, PENDING), 2), ((RUNNING, RUNNING, RUNNING, RUNNING), 4)]
)
def test_a_crowd_of_which_one_was_seen_too_late_is_tried_again(
    first: tuple[Run, ...], tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the worker is always quicker, the last try is for the judge."""
    monkeypatch.setattr(Watched, "until", lambda watched, *_, **__: watched.last)
    stories = Crowds(*first)

    def new(_: int) -> tuple[Watched, Callable[[], Delivery]]:
        return Watched(cast(Target, None), PROJECT, NAME), lambda: new_delivery("gate-0a1b2c-1", "push")

    found = stories.crowd(new)
    assert (stories.tries, found.statuses(PENDING)) == (tries, [first[-1].status])


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (replace(DONE, finished_at=NOW), "finished before it was started"),
        (replace(DONE, finished_at=DONE.started_at), "in the moment in which it was started"),
        (replace(DONE, finished_at=None), "succeeded without finished_at"),
        (replace(DONE, started_at=None), "succeeded without started_at"),
        (replace(DONE, started_at=NOW - timedelta(hours=1)), "started before it was created"),
        (replace(DONE, created_at=NOW - timedelta(hours=3)), "all of it happened between"),
        (
            replace(DONE, started_at=NOW + timedelta(hours=3), finished_at=NOW + timedelta(hours=3) + SECOND),
            "all of it happened between",
        ),
        (replace(PENDING, started_at=NOW), "pending and had started_at already"),
        (replace(RUNNING, finished_at=NOW + SECOND), "running and had finished_at already"),
    ],
)
def test_times_missing_or_out_of_order(broken: Run, said: str) -> None:
    watched = record(look(1, broken))
    with pytest.raises(Broken, match=said):
        run_rules.times(watched, watched.run())


def test_clocks_of_gateway_and_worker_may_differ() -> None:
    skewed = replace(DONE, started_at=NOW - 60 * SECOND)
    run_rules.times(record(look(1, skewed)), skewed)


@pytest.mark.parametrize(
    "slots",
    [
        (FREE, OTHER),
        (LEASED, replace(LEASED, id=2, slot_no=2)),
        (replace(LEASED, lease_owner=str(uuid4())), OTHER),
        (replace(LEASED, state="releasing"), OTHER),
        (replace(LEASED, project_id=uuid4()), OTHER),
        (replace(LEASED, lease_until=NOW), OTHER),
        (replace(LEASED, lease_until=None), OTHER),
    ],
)
def test_a_running_run_without_its_one_valid_lease(slots: tuple[Slot, ...]) -> None:
    watched = record(look(2, RUNNING, slots=slots))
    with pytest.raises(Broken):
        run_rules.own_slot(watched, watched.run())


@pytest.mark.parametrize(
    "slot",
    [LEASED, replace(FREE, lease_owner=str(DONE.id)), replace(FREE, lease_until=NOW), replace(FREE, state="?")],
)
def test_a_slot_that_is_not_quite_free(slot: Slot) -> None:
    with pytest.raises(Broken):
        run_rules.all_free(look(3, DONE, slots=(slot, OTHER)))


def test_no_slots_are_not_free_slots() -> None:
    with pytest.raises(Broken):
        run_rules.all_free(look(3, DONE))


def test_a_finished_run_that_holds_its_slot_for_a_moment() -> None:
    with pytest.raises(Broken, match="still held"):
        run_rules.nothing_held_after_end(record(look(3, DONE, slots=(LEASED,)), look(4, DONE, slots=(FREE,))))


def test_more_runs_than_slots_and_two_in_one() -> None:
    second = replace(RUNNING, id=uuid4(), correlation_id="gate-0a1b2c-1-y")
    with pytest.raises(Broken, match="had 0 leased slots"):
        run_rules.within_slots(record(look(2, RUNNING, second, slots=(LEASED,))))
    with pytest.raises(Broken, match="had 0 leased slots"):
        run_rules.within_slots(record(look(2, RUNNING, second, slots=(LEASED, OTHER))))
    with pytest.raises(Broken, match="none of the runs"):
        run_rules.within_slots(record(look(3, DONE, slots=(LEASED, OTHER))))
    with pytest.raises(Broken, match="numbered"):
        run_rules.slots_constant(
            record(look(2, RUNNING, slots=(LEASED,)), look(3, RUNNING, slots=(LEASED, OTHER)))
        )


def test_slots_may_be_ensured_one_by_one_before_a_run_begins() -> None:
    watched = record(
        look(1, PENDING, slots=(FREE,)),
        look(2, RUNNING, slots=(LEASED, OTHER)),
        look(3, DONE, slots=(FREE, OTHER)),
    )
    run_rules.slots_constant(watched)


@pytest.mark.parametrize(
    "types", [["run.started"], ["run.succeeded"], ["run.started", "run.started", "run.succeeded"],
              ["run.succeeded", "run.started"], ["run.started", "run.failed"],
              ["run.started", "run.succeeded", "run.succeeded"]],
)  # fmt: skip
def test_events_missing_doubled_or_swapped(types: list[str]) -> None:
    with pytest.raises(Broken):
        run_rules.told_once(DONE, [event(name) for name in types], "run.succeeded")


def test_nobody_runs_for_a_moment_between_two_looks() -> None:
    run_rules.statuses(record(look(1, PENDING), replace(look(3, DONE), gap=2.5)), DONE, "succeeded")
    brief = replace(DONE, started_at=NOW + 2.9 * SECOND)
    with pytest.raises(Broken, match="pending → succeeded"):
        run_rules.statuses(record(look(1, PENDING), replace(look(3, brief), gap=2.5)), brief, "succeeded")


def test_a_run_that_waits_is_neither_written_nor_told_to_have_begun() -> None:
    waits = record(look(0), look(1, PENDING), look(2, RUNNING))
    run_rules.waited_in_silence(waits, DONE, [event("run.started"), event("run.succeeded")])
    with pytest.raises(Broken, match="told 2 times"):
        run_rules.waited_in_silence(waits, DONE, [event("run.started")] * 2)
    with pytest.raises(Broken, match="had begun at"):
        run_rules.waited_in_silence(record(look(1, replace(PENDING, started_at=NOW))), DONE, [])
    with pytest.raises(Broken, match="created_at moved"):
        run_rules.waited_in_silence(record(look(1, replace(PENDING, created_at=NOW - SECOND))), DONE, [])


def test_times_that_were_set_stay() -> None:
    moved = replace(DONE, started_at=NOW + 2 * SECOND)
    with pytest.raises(Broken, match="changed later"):
        run_rules.times(record(look(1, PENDING), look(2, RUNNING), look(3, moved)), moved)


def test_more_may_be_told_between_start_and_end() -> None:
    types = ["webhook.received", "run.slot_leased", "run.started", "run.progress", "run.succeeded", "run.feedback"]
    run_rules.told_once(DONE, [event(name) for name in types], "run.succeeded")


def test_a_start_that_carries_no_object() -> None:
    with pytest.raises(Broken, match="does not tell"):
        run_rules.start_told(DONE, sound(), [replace(STARTED, payload=cast(Any, "a text"))])


@pytest.mark.parametrize("field", ["run_id", "project_id", "slot_no", "job_name", "job_namespace"])
def test_a_start_that_does_not_tell_everything(field: str) -> None:
    crippled = replace(STARTED, payload={key: value for key, value in STARTED.payload.items() if key != field})
    with pytest.raises(Broken):
        run_rules.start_told(DONE, sound(), [crippled])
        run_rules.job(DONE, JOB, [crippled], "ns")


@pytest.mark.parametrize(
    "found", [None, replace(JOB, labels={}), replace(JOB, labels={**LABELS, "codexk8s.io/run-id": "other"})]
)
def test_a_job_that_was_not_there_or_not_its_own(found: Job | None) -> None:
    with pytest.raises(Broken):
        run_rules.job(DONE, found, [STARTED], "ns")


def test_the_drawing_is_sound_svg_with_a_lane_for_each_thing() -> None:
    drawing = ElementTree.fromstring(draw(sound()))
    words = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert f"run {str(DONE.id)[:8]}" in words and "slot 1" in words and "slot 2" in words
    assert f"Job {str(DONE.id)[:8]}" in words and "running" in words


def test_an_empty_record_can_be_drawn() -> None:
    ElementTree.fromstring(draw(record()))
