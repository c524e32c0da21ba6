"""Watching runs: one consistent look after the other, kept for those who judge and for the drawing.

A look is one SQL statement, hence one snapshot: what it shows of runs, slots and feedback was true at the same
moment. Times are the database's own; they are compared with its own clock, because that of the gate may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import NAMESPACE_DNS, UUID, uuid5

from gate.doors.database import Database, with_zone
from gate.doors.jobs import Job
from gate.doors.records import Event, Run, Slot
from gate.errors import Broken, NotProven
from gate.language import Text, say
from gate.waiting import Watch, until

if TYPE_CHECKING:
    from gate.target import Target

Seen = TypeVar("Seen")
ENDED = ("succeeded", "failed", "canceled")
ONE_LOOK = """
WITH watched AS (
    SELECT id, correlation_id, project_id, status, learning_mode, created_at, started_at, finished_at
    FROM agent_runs WHERE correlation_id = ANY(%s)
), leases AS (
    SELECT id, project_id, slot_no, state, lease_owner, lease_until FROM slots
    WHERE project_id = ANY(%s::uuid[]) OR lease_owner::text IN (SELECT id::text FROM watched)
)
SELECT now() AS at,
    (SELECT coalesce(jsonb_agg(to_jsonb(watched) ORDER BY created_at, id), '[]') FROM watched) AS runs,
    (SELECT coalesce(jsonb_agg(to_jsonb(leases) ORDER BY project_id, slot_no), '[]') FROM leases) AS slots,
    (SELECT coalesce(jsonb_object_agg(run_id, rows), '{}') FROM (
        SELECT run_id, count(*) AS rows FROM learning_feedback
        WHERE run_id IN (SELECT id FROM watched) GROUP BY run_id) AS counted) AS feedback
"""

# A worker that began no run in so many polls is not at work.
POLLS_AT_WORK = 3
# A worker may claim one run a poll, and may stop at one whose project has no free slot (contract 4). What runs of
# others, of other scenarios too, were there before ours and had not begun when ours came: `late`, ours began
# behind them, so many seconds ago at most; `waiting`, some are before it still, of which the worker `began` some
# just now, or which are `held` up by the slots of their project.
BEHIND_OTHERS = """
WITH ours AS (
    SELECT status, created_at FROM agent_runs WHERE correlation_id = ANY(%s)
    AND (status = 'pending' OR status = 'running' AND started_at > now() - make_interval(secs => %s))
), earlier AS (
    SELECT other.status, other.started_at, other.project_id, ours.status AS ours,
        other.run_payload #> '{raw_payload,repository}' AS repository
    FROM ours JOIN agent_runs other ON other.created_at < ours.created_at
        AND coalesce(other.started_at, other.finished_at, 'infinity') > ours.created_at
    WHERE other.correlation_id <> ALL(%s)
), held AS (
    SELECT id, slug FROM projects WHERE id IN (
        SELECT project_id FROM slots GROUP BY project_id HAVING every(state <> 'free' AND lease_until > now()))
)
SELECT count(*) FILTER (WHERE ours = 'running') AS late,
    count(*) FILTER (WHERE ours = 'pending' AND status = 'pending') AS waiting,
    count(*) FILTER (WHERE started_at > now() - make_interval(secs => %s)) AS began,
    count(*) FILTER (WHERE status = 'pending' AND EXISTS (SELECT FROM held WHERE held.id = earlier.project_id
        OR held.slug = lower(repository ->> 'full_name') OR held.id IN (
            SELECT project_id FROM repositories WHERE external_id::text = repository ->> 'id'))) AS held
FROM earlier
"""
AT_WORK = "SELECT id FROM agent_runs WHERE status = 'running' AND correlation_id = ANY(%s)"
# A cluster that has given no answer for so long is not asked again: each question may take its time, and a look
# that takes long misses what comes and goes meanwhile.
CLUSTER_BACK_WITHIN_SECONDS = 5.0
# Before a watch it is asked so many times.
MEETINGS = 2
# So many times in all a run that stands behind others is waited for.
TURNS = 3


def derived_project(full_name: str) -> UUID:
    """The project that the platform derives from a repository nobody attached (contract 4.1)."""
    return uuid5(NAMESPACE_DNS, f"repo:{full_name.lower()}")


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was true at one moment, `at` by the database's clock. `gap` is the time from the moment that the look
    before showed, in seconds by the same clock; `jobs` the state of Jobs by run.
    """

    runs: tuple[Run, ...] = ()
    slots: tuple[Slot, ...] = ()
    feedback: tuple[tuple[str, int], ...] = ()
    jobs: tuple[tuple[str, str], ...] = ()
    at: datetime = field(compare=False)
    gap: float = field(compare=False, default=0.0)

    def run(self, delivery_id: str) -> Run | None:
        """The run of a delivery at that moment."""
        return next((run for run in self.runs if run.correlation_id == delivery_id), None)

    def held_by(self, run: Run) -> list[Slot]:
        """The slots that name this run as their owner."""
        return [slot for slot in self.slots if slot.lease_owner == str(run.id)]

    def __str__(self) -> str:
        runs = [f"{str(run.id)[:8]} {run.status}" for run in self.runs] or [say("no run yet", "запуска ещё нет")]
        slots = [
            f"{slot.slot_no} {slot.state}" + (f" {slot.lease_owner[:8]}" if slot.lease_owner else "")
            for slot in self.slots
        ]
        jobs = [f"{run_id[:8]} {state}" for run_id, state in self.jobs]
        parts = [", ".join(runs), say("slots: ", "слоты: ") + (", ".join(slots) or "-")]
        parts += [f"Job: {', '.join(jobs)}"] if jobs else []
        parts += [f"feedback: {sum(count for _, count in self.feedback)}"] if self.feedback else []
        return "   ".join(parts)


class Watched:
    """The record of some runs of one project from their delivery on."""

    def __init__(self, target: Target, project_id: UUID, full_name: str, *, with_jobs: bool = False) -> None:
        self._target = target
        self._last: datetime | None = None
        self._deliveries: list[str] = []
        self.project_id = project_id
        self.full_name = full_name
        self.jobs: dict[str, Job] = {}
        self.job_states: dict[str, str] = {}
        self.no_cluster: NotProven | None = None
        self._lost_at: float | None = None
        if with_jobs:
            self._meet_cluster()
        else:
            self.no_cluster = NotProven(say("Jobs were not looked at.", "На Job не смотрели."), "suite")
        # Last: opening the door of the cluster is not part of the story.
        self.watch: Watch[Look] = Watch()

    @cached_property
    def poll(self) -> timedelta:
        """How often the worker looks."""
        return timedelta(seconds=self._target.settings["GATE_POLL_SECONDS"])

    # --- looking

    def add(self, *delivery_ids: str) -> None:
        """Watch the runs of these deliveries too."""
        self._deliveries += delivery_ids

    def look(self) -> Look:
        """Look once more."""
        return self.watch.look(self._look)

    def until(
        self,
        wanted: Callable[[Look], object],
        what: Text,
        hopeless: Callable[[Look], object] | None = None,
        times: int = 1,
        no_excuse: Sequence[str] = (),
    ) -> Look:
        """Look until it is `wanted`; the deadline is that of a run, `times` over, more behind others' runs.

        Others are not the runs of our deliveries, nor of those that are `no_excuse`.
        """
        self._target.standing.require("codex-k8s-worker")
        within = self._target.settings["GATE_RUN_SECONDS"] * times
        return in_turn(
            self._target,
            [*self._deliveries, *no_excuse],
            lambda: until(self.look, wanted, what=what, within=within, hopeless=hopeless),
            within,
        )

    def until_ended(self, times: int = 1, what: Text | None = None) -> Look:
        """Look until every run has ended."""
        ids = ", ".join(self.deliveries)
        return self.until(
            lambda look: len(look.runs) == len(self.deliveries) and all(run.status in ENDED for run in look.runs),
            what or Text(f"the end of the run(s) of delivery {ids}", f"конец запусков для доставки {ids}"),
            times=times,
        )

    def find_job(self, run: Run) -> Job | None:
        """The Job of a run: as it was seen while it ran, else as it is now; it is kept for 10 min (contract 4)."""
        if seen := self.jobs.get(str(run.id)):
            return seen
        if self.no_cluster:
            raise self.no_cluster
        if found := self._job_of(run):
            self.jobs[str(run.id)] = found
        return found

    # --- what was seen

    @property
    def deliveries(self) -> Sequence[str]:
        """The deliveries whose runs are watched."""
        return self._deliveries

    @property
    def looks(self) -> list[tuple[float, Look]]:
        """The different looks, with the seconds since the watch began."""
        return self.watch.seen

    @property
    def last(self) -> Look:
        """The last look that showed something new."""
        return self.watch.seen[-1][1]

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs as they were seen last."""
        return self.last.runs if self.looks else ()

    def run(self, delivery_id: str = "") -> Run:
        """The run of a delivery, or of the only one, as it was seen last."""
        found = self.last.run(delivery_id or self._deliveries[-1])
        if found is None:
            raise NotProven(say("The run was never seen.", "Запуск ни разу не увидели."), "suite")
        return found

    def statuses(self, run: Run) -> list[str]:
        """The different statuses of a run in the order in which they were seen."""
        seen: list[str] = []
        for _, look in self.looks:
            then = look.run(run.correlation_id)
            if then and (not seen or seen[-1] != then.status):
                seen.append(then.status)
        return seen

    def first_of(self, run: Run, *statuses: str) -> Look | None:
        """The first look that showed the run in one of these statuses."""
        for _, look in self.looks:
            then = look.run(run.correlation_id)
            if then and then.status in statuses:
                return look
        return None

    def events(self, run: Run) -> list[Event]:
        """The flow events of a run's delivery, in the order they were written."""
        return self._target.database.events_of(run.correlation_id)

    def told(self) -> str:
        """Everything that was seen, one line each, with the full ids under it."""
        runs = "\n".join(
            f"  {say('run', 'запуск')} {run.id}  {say('delivery', 'доставка')} {run.correlation_id}"
            for run in self.runs
        )
        return f"{self.watch.told()}\n{runs}"

    # --- helpers

    def _look(self) -> Look:
        seen = _snapshot(self._target.database, self._deliveries, [self.project_id])
        at: datetime = seen["at"]
        gap, self._last = ((at - self._last).total_seconds() if self._last else 0.0), at
        runs = tuple(_run(row) for row in seen["runs"])
        for run in runs:
            self._see_job(run)
        return Look(
            runs=runs,
            slots=tuple(_slot(row) for row in seen["slots"]),
            feedback=tuple(sorted(seen["feedback"].items())),
            jobs=tuple(sorted(self.job_states.items())),
            at=at,
            gap=gap,
        )

    def _meet_cluster(self) -> None:
        """Open the door beforehand: its client takes half a second to load, in which a status could be missed."""
        for _ in range(MEETINGS):
            try:
                self._target.cluster.job_of(str(UUID(int=0)))
                self.no_cluster = None
                return
            except NotProven as reason:
                self.no_cluster = reason

    def _job_of(self, run: Run) -> Job | None:
        """Where Jobs are looked for, or where its start says that it is."""
        cluster = self._target.cluster
        if found := cluster.job_of(str(run.id)):
            return found
        told = [event.payload for event in self.events(run) if event.event_type == "run.started"]
        place = told[0].get("job_namespace") if told and isinstance(told[0], dict) else None
        elsewhere = isinstance(place, str) and place not in ("", cluster.jobs_namespace)
        return cluster.seek_job(str(run.id), str(place)) if elsewhere else None

    def _see_job(self, run: Run) -> None:
        key = str(run.id)
        if self.no_cluster or run.status != "running" or self.job_states.get(key) in ("complete", "failed"):
            return
        try:
            job = self._target.cluster.job_of(key) if key in self.jobs else self._job_of(run)
        except NotProven as reason:
            self._lost_at = self.watch.seconds if self._lost_at is None else self._lost_at
            if self.watch.seconds - self._lost_at >= CLUSTER_BACK_WITHIN_SECONDS:
                self.no_cluster = reason
            return
        self._lost_at = None
        if job:
            self.jobs[key] = job
            self.job_states[key] = "complete" if job.succeeded else "failed" if job.failed else "active"
        elif key in self.jobs:
            self.job_states[key] = "gone"


def in_turn(target: Target, deliveries: Sequence[str], wait: Callable[[], Seen], within: float) -> Seen:
    """Wait, and again where a run of these deliveries came behind runs of others (contract 4: oldest first).

    So it is where a pod of theirs has not begun, for want of a node or of its image. `wait` has a deadline of
    `within` seconds and raises `Broken` then. Raises `NotProven` when that holds them up still.
    """
    for _ in range(TURNS):
        try:
            return wait()
        except Broken as broken:
            late = broken
            if not (why := _held_up(target, deliveries, within)):
                raise
    raise NotProven(f"{why}\n{late}", "staging") from None


def _held_up(target: Target, deliveries: Sequence[str], within: float) -> str:
    """What took the time, where it is neither the gateway's nor the worker's fault; else ""."""
    if _behind_others(target, deliveries, within):
        return say(
            "The worker is still busy with earlier runs of others.",
            "Worker всё ещё занят более ранними чужими запусками.",
        )
    for row in target.database.query(AT_WORK, list(deliveries)):
        # Where the cluster may not be asked, nothing is known of its pods.
        with suppress(NotProven):
            if reason := target.cluster.not_begun(str(row["id"])):
                return say(
                    f"The cluster has not yet begun the pod of run {row['id']}: {reason}.",
                    f"Кластер ещё не запустил под запуска {row['id']}: {reason}.",
                )
    return ""


def _behind_others(target: Target, deliveries: Sequence[str], within: float) -> bool:
    """Whether the time may have gone to runs that were there before."""
    lately = max(within / 3, POLLS_AT_WORK * target.settings["GATE_POLL_SECONDS"])
    ours = list(deliveries)
    row = target.database.query(BEHIND_OTHERS, ours, within, ours, lately)[0]
    return bool(row["late"] or (row["waiting"] and (row["began"] or row["held"])))


def _snapshot(database: Database, deliveries: Sequence[str], projects: Sequence[UUID]) -> dict[str, Any]:
    return database.query(ONE_LOOK, list(deliveries), [str(project) for project in projects])[0]


def _run(row: dict[str, Any]) -> Run:
    times = {name: _time(row[name]) for name in ("created_at", "started_at", "finished_at")}
    project = UUID(row["project_id"]) if row["project_id"] else None
    return Run(**{**row, **times, "id": UUID(row["id"]), "project_id": project})


def _slot(row: dict[str, Any]) -> Slot:
    return Slot(**{**row, "project_id": UUID(row["project_id"]), "lease_until": _time(row["lease_until"])})


def _time(text: str | None) -> datetime | None:
    return with_zone(datetime.fromisoformat(text)) if text else None
