"""How runs end: their Job ended, vanished or never came (contract 4, steps 4 and 5)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from ..calls import CallError
from ..store import Connection, Row
from .core import Worker, event
from .jobs import State
from .leases import release

RUNNING = (
    "SELECT id, correlation_id, project_id, status, learning_mode,"
    " run_payload->'raw_payload'->'repository'->>'id' AS external_id"
    " FROM agent_runs WHERE status = 'running' OR id = ANY(%s) ORDER BY created_at"
)
LATER_SECONDS = 7.0
LEAKS = {
    "succeeded": "slot-leaked-after-success",
    "failed": "slot-leaked-after-failure",
    "canceled": "slot-leaked-after-failure",
}
ABOUT_PULL_REQUEST = "SELECT 1 FROM agent_runs WHERE id = %s AND run_payload->'raw_payload' ? 'pull_request'"
LAPSED = "SELECT 1 FROM slots WHERE lease_owner = %s AND lease_until < now()"
# Faults by which a run fails whose Job was good, for what its event was.
FAILING = {
    "unknown-events-fail": "run_payload->>'event_type' <> ALL ('{push,pull_request,ping}')",
    "run-without-installation-fails": "run_payload #> '{raw_payload,installation,id}' IS NULL",
    "large-payload-fails-its-job": "length(run_payload::text) > 256 * 1024",
}
UNTIMED = {
    "run.failed": "failed-job-leaves-no-end-time",
    "run.failed.launch_error": "launch-error-leaves-no-end-time",
}
UNHEARD = {
    "run.failed": "no-feedback-after-failed-job",
    "run.failed.launch_error": "no-feedback-after-launch-error",
}
EXPLANATION = (
    "Why it is done this way: a small change with one reason is easier to review and to take back. "
    "Next time, write the reason into the first line of the commit."
)


async def look_at_running(worker: Worker) -> None:
    """Looks once at each running run; whose Job ended, ends too."""
    for project, ended in worker.freed_late:
        async with worker.store.transaction() as connection:
            await release(worker, connection, project, ended)
    worker.freed_late.clear()
    if worker.broken("end-moves-on"):
        await worker.store.run("UPDATE agent_runs SET finished_at = now() WHERE status = 'succeeded'", ())
    begun = " AND project_id IS NOT NULL" if worker.broken("pending-skipped") else ""
    running = RUNNING.replace("'running'", f"'running'{begun}")
    for run in await worker.store.rows(running, (list(worker.unseen),)):
        strange = run["id"] not in worker.begun and worker.broken("only-own-runs-watched")
        if strange or run["id"] in worker.left:
            continue
        try:
            state = await _state(worker, run)
        except CallError as error:
            worker.staging.log("worker", f"run {run['id']}: {error}")
            continue
        if state in ("succeeded", "failed"):
            told = state != "failed" or not worker.broken("failed-job-told-as-vanished")
            await _end(worker, run, state, f"run.{state}" if told else _vanished_event(worker))
        elif state == "gone":
            status = "canceled" if worker.broken("vanished-job-cancels-run") else "failed"
            await _end(worker, run, status, _vanished_event(worker))


async def _state(worker: Worker, run: Row) -> State:
    if run["id"] in worker.jobless:
        return "succeeded"
    state = await worker.jobs.state(run["id"])
    if worker.broken("lapsed-lease-fails-run") and await worker.store.row(LAPSED, (str(run["id"]),)):
        return "failed"
    if state == "succeeded" and await _fails_all_the_same(worker, run):
        return "failed"
    if state == "failed" and worker.broken("failed-job-succeeds"):
        return "succeeded"
    if state == "failed" and worker.broken("failed-job-ignored"):
        return "working"
    return await _of_vanished(worker, run) if state == "gone" else state


async def _of_vanished(worker: Worker, run: Row) -> State:
    """A Job that is not there any more; faults make something else of it."""
    if worker.broken("vanished-job-succeeds"):
        return "succeeded"
    if worker.broken("vanished-job-taken-for-another"):
        before = "SELECT 1 FROM agent_runs WHERE project_id = %s AND status = 'succeeded'"
        if await worker.store.row(before, (run["project_id"],)):
            return "succeeded"
    if worker.broken("vanished-job-ignored"):
        return "working"
    if worker.broken("vanished-job-made-again"):
        await worker.jobs.create(run["id"], run["project_id"])
        return "working"
    return "gone"


async def _fails_all_the_same(worker: Worker, run: Row) -> bool:
    """Faults: by what it is about a run fails whose Job was good."""
    for fault, failing in FAILING.items():
        if worker.broken(fault):
            such = f"SELECT 1 FROM agent_runs WHERE id = %s AND {failing}"
            return await worker.store.row(such, (run["id"],)) is not None
    if worker.broken("homeless-run-fails"):
        return run["external_id"] is None
    if not worker.broken("attached-run-fails"):
        return False
    attached = "SELECT 1 FROM repositories WHERE external_id::text = %s"
    return await worker.store.row(attached, (run["external_id"],)) is not None


def _vanished_event(worker: Worker) -> str:
    return "run.failed" if worker.broken("vanished-job-not-named") else "run.failed.job_not_found"


async def give_up(worker: Worker, run: Row, project: UUID, event_type: str, reason: str) -> None:
    """Ends a run as failed whose Job does not exist."""
    worker.staging.log("worker", f"run {run['id']}: {reason}")
    await _end(worker, run | {"project_id": project}, "failed", event_type, {"reason": reason})


async def _end(worker: Worker, run: Row, status: str, event_type: str, more: dict[str, Any] | None = None) -> None:
    """Status, time, event and slot in one transaction; the feedback comes after it."""
    async with worker.store.transaction() as connection:
        if not await _finish(worker, connection, run["id"], status, event_type):
            return
        failed_apart = status == "failed" and worker.broken("failure-and-release-apart")
        apart = failed_apart or worker.broken("end-and-release-apart")
        if not apart:
            await _give_back(worker, connection, run, status, event_type)
        payload = {"run_id": str(run["id"]), "project_id": str(run["project_id"]), "status": status} | (more or {})
        times = 2 if worker.broken("ended-event-doubled") else 1
        for _ in range(0 if worker.broken("ended-event-missing") else times):
            await event(worker, connection, run["correlation_id"], event_type, payload)
    if apart:
        async with worker.store.transaction() as connection:
            await _give_back(worker, connection, run, status, event_type)
    unwanted = event_type == "run.failed" and worker.broken("failed-job-removed-at-the-end")
    if unwanted or worker.broken("job-removed-at-the-end"):
        await worker.jobs.remove(run["id"])
    worker.unseen.discard(run["id"])
    worker.jobless.discard(run["id"])
    if worker.broken("feedback-decided-at-the-end"):
        project = await worker.store.row("SELECT settings FROM projects WHERE id = %s", (run["project_id"],))
        run = run | {"learning_mode": bool(project and project["settings"].get("learning_mode_default"))}
    if _deserves_feedback(worker, run, status, event_type):
        if worker.differs("feedback-comes-later"):
            worker.feedback_due.append((asyncio.get_running_loop().time() + LATER_SECONDS, run))
            return
        for _ in range(2 if worker.broken("feedback-doubled") else 1):
            await give_feedback(worker, run)


async def _give_back(worker: Worker, connection: Connection, run: Row, status: str, event_type: str) -> None:
    """The run's slot, unless a fault keeps it."""
    leaked = run.get("external_id") is None and worker.broken("slot-leaked-without-repository")
    if worker.broken("slot-freed-a-poll-later"):
        worker.freed_late.append((run["project_id"], run["id"]))
    elif not (leaked or worker.broken(LEAKS[status]) or _kept(worker, event_type)):
        await release(worker, connection, run["project_id"], run["id"])


def _kept(worker: Worker, event_type: str) -> bool:
    return event_type.endswith("launch_error") and worker.broken("launch-error-keeps-slot")


async def give_late_feedback(worker: Worker) -> None:
    """What is due by now of the feedback that comes later."""
    now, waiting = asyncio.get_running_loop().time(), worker.feedback_due
    worker.feedback_due = [(due, run) for due, run in waiting if due > now]
    for run in (run for due, run in waiting if due <= now):
        await give_feedback(worker, run)


async def _finish(worker: Worker, connection: Connection, run_id: UUID, status: str, event_type: str) -> bool:
    """Whether the run was still to be ended: only one who ends it writes its event."""
    zone = " + interval '3 hours'" if worker.broken("run-timed-in-another-zone") else ""
    finished = f"{worker.now}{zone}"
    untimed = UNTIMED.get(event_type)
    if worker.broken("finished-at-missing") or (untimed and worker.broken(untimed)):
        finished = "NULL"
    if worker.broken("finished-before-started"):
        finished = "started_at - interval '1 minute'"
    if worker.broken("finished-when-started"):
        finished = "started_at"
    if worker.broken("start-written-with-the-end"):
        finished += ", started_at = coalesce(started_at, updated_at)"
    if worker.broken("start-moved-to-the-end"):
        finished += ", started_at = now()"
    if worker.broken("running-in-no-time"):
        finished += ", started_at = now() - interval '30 ms'"
    done = await connection.execute(
        f"UPDATE agent_runs SET status = %s, finished_at = {finished}, updated_at = {worker.touched}"
        " WHERE id = %s AND status IN ('pending', 'running')".encode(),
        (status, run_id),
    )
    return done.rowcount == 1


def _deserves_feedback(worker: Worker, run: Row, status: str, event_type: str) -> bool:
    if not run["learning_mode"]:
        return worker.broken("feedback-without-learning-mode")
    if run.get("external_id") is None and worker.broken("homeless-run-without-feedback"):
        return False
    if run["id"] not in worker.begun and worker.broken("feedback-of-own-runs-only"):
        return False
    if (unheard := UNHEARD.get(event_type)) and worker.broken(unheard):
        return False
    if worker.broken("feedback-missing") or worker.broken("feedback-before-the-end"):
        return False
    return status == "succeeded" or not worker.broken("feedback-after-success-only")


async def give_feedback(worker: Worker, run: Row) -> None:
    """One row of `learning_feedback`."""
    run_id = run["id"]
    if worker.broken("feedback-for-another-run"):
        other = await worker.store.row(
            "SELECT id FROM agent_runs WHERE id <> %s ORDER BY created_at DESC LIMIT 1", (run_id,)
        )
        run_id = other["id"] if other else run_id
    if worker.broken("feedback-for-newest-of-project"):
        newest = "SELECT id FROM agent_runs WHERE project_id = %s ORDER BY created_at DESC LIMIT 1"
        other = await worker.store.row(newest, (run["project_id"],))
        run_id = other["id"] if other else run_id
    kind = "post_pr" if worker.broken("feedback-of-another-kind") else "inline"
    if worker.broken("feedback-kind-by-event") and await worker.store.row(ABOUT_PULL_REQUEST, (run_id,)):
        kind = "post_pr"
    text = "" if worker.broken("feedback-empty") else EXPLANATION
    found = await worker.store.row(
        "SELECT id FROM repositories WHERE provider = 'github' AND external_id::text = %s",
        (run.get("external_id"),),
    )
    if worker.broken("feedback-names-another-repository"):
        found = await worker.store.row("SELECT id FROM repositories ORDER BY created_at LIMIT 1", ())
    if found is None and worker.broken("feedback-of-attached-only"):
        return
    hours = 3 if worker.broken("feedback-in-another-zone") else 0
    await worker.store.run(
        "INSERT INTO learning_feedback (run_id, repository_id, kind, explanation, created_at)"
        " VALUES (%s, %s, %s, %s, now() - %s * interval '1 hour')",
        (run_id, found and found["id"], kind, text, hours),
    )
