"""Claiming pending runs: oldest first, one slot each, a Job each (contract 4, steps 1 to 3)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_DNS, NAMESPACE_URL, UUID, uuid5

from psycopg.types.json import Jsonb

from ..calls import CallError
from ..naming import derived_project, lone_project
from ..store import Connection, Row
from .core import Worker, event
from .endings import give_feedback, give_up
from .jobs import LaunchError
from .leases import lease, release

CLAIMS_A_POLL = 10
# By a fault a run waits for so many polls before it is looked at.
SELDOM = 16
TRIES_A_POLL = 200
PENDING = (
    "SELECT id, correlation_id, learning_mode, run_payload->'raw_payload'->'repository' AS repository"
    " FROM agent_runs WHERE status = 'pending' AND id <> ALL(%s) ORDER BY created_at, id LIMIT 1"
    " FOR UPDATE SKIP LOCKED"
)
ORDERS = {
    "newest-first": "created_at DESC, id",
    "claimed-in-no-order": "id",
    "pull-requests-first": "(run_payload->>'event_type' = 'pull_request') DESC, created_at, id",
    "learning-runs-first": "learning_mode DESC, created_at, id",
}

# As the gateway decides it when the webhook comes in (contract 4), but later: a fault.
LEARNING_ANEW = """
UPDATE agent_runs r SET learning_mode = coalesce(
    (SELECT m.learning_mode_override FROM project_members m JOIN users u ON u.id = m.user_id
     WHERE m.project_id = p.id AND lower(u.github_login) = lower(r.run_payload #>> '{raw_payload,sender,login}')),
    (p.settings->>'learning_mode_default')::boolean, r.learning_mode)
FROM projects p WHERE p.id = %s AND r.id = %s
"""


@dataclass(frozen=True)
class Claim:
    """A pending run that was looked at; without a slot it waits."""

    run: Row
    project: UUID
    slot: int | None


async def claim_pending(worker: Worker) -> None:
    """Claims up to n runs; those that find no slot stand in nobody's way."""
    if worker.broken("worker-claims-nothing"):
        return
    tried, claimed = list(worker.unseen | worker.forgotten), 0
    most = 1 if worker.differs("one-claim-a-poll") else CLAIMS_A_POLL
    while claimed < most and len(tried) < TRIES_A_POLL:
        claim = await _claim(worker, tried)
        if claim is None:
            return
        tried.append(claim.run["id"])
        if claim.slot is None:
            await _no_slot(worker, claim)
            if worker.differs("busy-project-ends-a-poll"):
                return
        else:
            claimed += 1
            if worker.broken("odd-payload-restarts-worker") and _nameless(claim.run):
                # The next process knows nothing of it; no Job was made.
                worker.staging.restarts["codex-k8s-worker"] += 1
                return
            await _launch(worker, claim)


async def _claim(worker: Worker, tried: list[UUID]) -> Claim | None:
    """The oldest pending run becomes `running` together with its lease, or stays as it is."""
    async with worker.store.transaction() as connection:
        run = await (await connection.execute(_pending(worker).encode(), (tried,))).fetchone()
        if run is None:
            return None
        if worker.broken("odd-payload-stops-worker") and _nameless(run):
            raise CallError(f"the payload of run {run['id']} names no repository")
        project = await _project(worker, connection, run)
        slot = await lease(worker, connection, project, run["id"])
        if slot is not None:
            await _start(worker, connection, run["id"], project)
        return Claim(run, project, slot)


def _nameless(run: Row) -> bool:
    return "full_name" not in (run["repository"] or {"full_name": ""})


def _pending(worker: Worker) -> str:
    """What is looked for, as faults would have it."""
    pending = PENDING
    for fault, order in ORDERS.items():
        if worker.broken(fault):
            pending = PENDING.replace("created_at, id", order)
    if worker.broken("canceled-runs-claimed"):
        pending = pending.replace("status = 'pending'", "status IN ('pending', 'canceled')")
    if worker.broken("pending-skipped"):
        pending = pending.replace("status = 'pending'", "status = 'running' AND project_id IS NULL")
    if worker.broken("locked-runs-waited-for"):
        pending = pending.replace(" SKIP LOCKED", "")
    if worker.broken("worker-knows-three-events"):
        known = "run_payload->>'event_type' IN ('push', 'pull_request', 'ping') AND id"
        pending = pending.replace("id <>", f"{known} <>")
    if worker.broken("claims-seldom"):
        waited = SELDOM * worker.staging.poll
        pending = pending.replace(" AND id", f" AND created_at < now() - interval '{waited} s' AND id")
    if worker.broken("worker-skips-pings"):
        pending = pending.replace(" AND id", " AND run_payload->>'event_type' <> 'ping' AND id")
    return pending


async def _start(worker: Worker, connection: Connection, run_id: UUID, project: UUID) -> None:
    status = "running"
    late = worker.broken("running-in-no-time")
    if worker.broken("running-skipped") or late:
        status = "pending"
        worker.unseen.add(run_id)
    if worker.broken("learning-decided-by-worker"):
        await connection.execute(
            "UPDATE agent_runs SET learning_mode = (p.settings->>'learning_mode_default')::boolean FROM projects p"
            " WHERE p.id = %s AND agent_runs.id = %s",
            (project, run_id),
        )
    if worker.broken("learning-decided-anew-at-the-claim"):
        await connection.execute(LEARNING_ANEW, (project, run_id))
    if worker.broken("payload-lost-at-the-start"):
        lost = "UPDATE agent_runs SET run_payload = run_payload - 'raw_payload' WHERE id = %s"
        await connection.execute(lost, (run_id,))
    if worker.broken("finished-at-from-the-start"):
        status_at_once = "UPDATE agent_runs SET finished_at = now() WHERE id = %s"
        await connection.execute(status_at_once, (run_id,))
    zone = " + interval '3 hours'" if worker.broken("run-timed-in-another-zone") else ""
    started = "NULL" if worker.broken("started-at-missing") or late else f"{worker.now}{zone}"
    if worker.broken("start-written-with-the-end"):
        started = "NULL"
    if worker.broken("started-at-in-local-time"):
        started = "now() - interval '3 hours'"
    await connection.execute(
        f"UPDATE agent_runs SET status = %s, project_id = %s, started_at = {started},"
        f" updated_at = {worker.touched} WHERE id = %s".encode(),
        (status, project, run_id),
    )


async def _project(worker: Worker, connection: Connection, run: Row) -> UUID:
    """The attached repository's project, else one derived from its name, else one of the run alone."""
    repository = run["repository"] if isinstance(run["repository"], dict) else {}
    external_id, full_name = repository.get("id"), repository.get("full_name")
    if worker.broken("attached-project-by-name"):
        query = "SELECT project_id FROM repositories WHERE lower(owner || '/' || name) = lower(%s)"
        row = await (await connection.execute(query, (full_name,))).fetchone()
        external_id = None
        if row:
            named: UUID = row["project_id"]
            return named
    if isinstance(full_name, str) and worker.broken("derived-project-preferred"):
        known = "SELECT id FROM projects WHERE id = %s"
        row = await (await connection.execute(known, (derived_project(full_name),))).fetchone()
        if row:
            there: UUID = row["id"]
            return there
    if isinstance(full_name, str) and worker.broken("derived-project-always-made"):
        await _made(worker, connection, derived_project(full_name), full_name.lower())
    if isinstance(external_id, int) and (found := await _attached(worker, connection, external_id)):
        return found
    if isinstance(full_name, str) and full_name:
        derived = derived_project(full_name)
        if worker.broken("derived-project-as-spelled"):
            derived = uuid5(NAMESPACE_DNS, f"repo:{full_name}")
        return await _made(worker, connection, derived, full_name.lower())
    correlation = "" if worker.broken("homeless-runs-together") else run["correlation_id"]
    namespace = NAMESPACE_URL if worker.differs("lone-projects-of-another-namespace") else NAMESPACE_DNS
    return await _made(worker, connection, lone_project(correlation, namespace), f"correlation:{correlation}")


async def _attached(worker: Worker, connection: Connection, external_id: int) -> UUID | None:
    """The project that the repository is attached to; two faults do not find it."""
    if worker.broken("attached-project-ignored"):
        return None
    query = "SELECT project_id FROM repositories WHERE provider = 'github' AND external_id = %s"
    if worker.broken("second-repository-not-found"):
        first = "SELECT DISTINCT ON (project_id) * FROM repositories ORDER BY project_id, created_at, id"
        query = query.replace("FROM repositories", f"FROM ({first}) r")
    row = await (await connection.execute(query.encode(), (external_id,))).fetchone()
    found = row["project_id"] if row else None
    if worker.broken("repository-remembered-by-worker"):
        return await _remembered(worker, connection, external_id, found)
    return found


async def _remembered(worker: Worker, connection: Connection, number: int, found: UUID | None) -> UUID | None:
    """A fault: where the repository was when a run of it was first claimed, as long as there is that project."""
    first = worker.kept_projects.setdefault(number, found)
    there = await (await connection.execute("SELECT 1 FROM projects WHERE id = %s", (first,))).fetchone()
    return first if there else found


async def _made(worker: Worker, connection: Connection, project: UUID, slug: str) -> UUID:
    """Creates the derived project on its first run; a slug that somebody took first is used as it is."""
    if worker.broken("derived-slug-without-dots"):
        slug = slug.replace(".", "-")
    if worker.broken("derived-project-remembered"):
        if project in worker.made_projects:
            return project
        worker.made_projects.add(project)
    settings = Jsonb({"learning_mode_default": worker.staging.learning_default})
    await connection.execute(
        "INSERT INTO projects (id, slug, name, settings) VALUES (%s, %s, %s, %s) ON CONFLICT"
        + (
            " (id) DO UPDATE SET settings = EXCLUDED.settings"
            if worker.broken("run-resets-project")
            else " DO NOTHING"
        ),
        (project, slug, "" if worker.broken("derived-project-unnamed") else slug, settings),
    )
    query = "SELECT id FROM projects WHERE id = %s OR slug = %s ORDER BY id <> %s LIMIT 1"
    row = await (await connection.execute(query, (project, slug, project))).fetchone()
    return row["id"] if row else project


async def _no_slot(worker: Worker, claim: Claim) -> None:
    """The run waits, unless a fault has other plans for it."""
    if worker.broken("waiting-run-forgotten"):
        worker.forgotten.add(claim.run["id"])
    if worker.broken("waiting-run-has-begun"):
        begun = "UPDATE agent_runs SET started_at = now() WHERE id = %s"
        await worker.store.run(begun, (claim.run["id"],))
    if worker.broken("waiting-run-made-anew"):
        await worker.store.run("UPDATE agent_runs SET created_at = now() WHERE id = %s", (claim.run["id"],))
    if worker.broken("waiting-run-told-as-started"):
        await _tell_started(worker, claim)
    if worker.broken("waiting-run-failed"):
        await give_up(worker, claim.run, claim.project, "run.failed", "no free slot")


async def _launch(worker: Worker, claim: Claim) -> None:
    """The run's Job, and the event that tells of it."""
    run_id = claim.run["id"]
    worker.begun.add(run_id)
    if worker.broken("run-succeeds-without-job"):
        worker.jobless.add(run_id)
    elif not worker.broken("job-forgotten"):
        try:
            name = str((claim.run["repository"] or {}).get("full_name") or "")
            derived = name and worker.broken("job-of-derived-project")
            await worker.jobs.create(run_id, derived_project(name) if derived else claim.project)
        except LaunchError as error:
            if worker.broken("launch-error-leaves-run-running"):
                worker.left.add(run_id)
                return
            named = not worker.broken("launch-error-not-named")
            event_type = "run.failed.launch_error" if named else "run.failed"
            await give_up(worker, claim.run, claim.project, event_type, str(error))
            return
    await _tell_started(worker, claim)
    if worker.broken("slot-freed-before-the-end"):
        async with worker.store.transaction() as connection:
            await release(worker, connection, claim.project, run_id)
    if claim.run["learning_mode"] and worker.broken("feedback-before-the-end"):
        await give_feedback(worker, claim.run)


async def _tell_started(worker: Worker, claim: Claim) -> None:
    payload = {
        "run_id": str(claim.run["id"]),
        "project_id": str(claim.project),
        "slot_no": claim.slot,
        "job_name": worker.jobs.name(claim.run["id"]),
        "job_namespace": worker.staging.jobs_namespace,
    }
    if worker.broken("started-event-slot-constant"):
        payload["slot_no"] = 1
    if worker.broken("started-event-first-leased-slot"):
        first = "SELECT min(slot_no) AS slot_no FROM slots WHERE project_id = %s AND state = 'leased'"
        payload |= await worker.store.row(first, (claim.project,)) or {}
    name = str((claim.run["repository"] or {}).get("full_name") or "")
    if name and worker.broken("started-event-of-derived-project"):
        payload["project_id"] = str(derived_project(name))
    if worker.broken("started-event-without-fields"):
        payload = {"run_id": str(claim.run["id"])}
    times = 2 if worker.broken("started-event-doubled") else 1
    async with worker.store.transaction() as connection:
        for _ in range(0 if worker.broken("started-event-missing") else times):
            await event(worker, connection, claim.run["correlation_id"], "run.started", payload)
