"""Slots of a project and their leases (contract 4, steps 2 and 4)."""

from __future__ import annotations

from uuid import UUID

from ..store import Connection
from .core import Worker

FREE = "state = 'free', lease_owner = NULL, lease_until = NULL, updated_at = now()"
LEASE = (
    "UPDATE slots SET state = 'leased', lease_owner = %(owner)s, updated_at = now(),"
    " lease_until = now() + %(seconds)s * interval '1 s' WHERE id = ({chosen}) RETURNING slot_no"
)
NEXT_FREE = (
    "SELECT id FROM slots WHERE project_id = %(project)s AND state = 'free' ORDER BY slot_no LIMIT 1"
    " FOR UPDATE SKIP LOCKED"
)

BEGUN_WITH = (
    "project_id = %(project)s AND slot_no = (SELECT (payload->>'slot_no')::int FROM flow_events"
    " WHERE event_type = 'run.started' AND payload->>'run_id' = %(run)s LIMIT 1)"
)

LIVE = "SELECT FROM slots beside WHERE beside.project_id = slots.project_id AND beside.lease_until > now()"

FAILED = (
    "UPDATE agent_runs SET status = 'failed', finished_at = now() WHERE status = 'running'"
    " AND id::text IN (SELECT lease_owner FROM slots WHERE project_id = %s"
)


async def lease(worker: Worker, connection: Connection, project: UUID, run: UUID) -> int | None:
    """Makes sure of slots 1…k, frees expired leases, and leases one free slot; None when all are taken."""
    await _ensure(worker, connection, project)
    if worker.broken("expired-leases-freed-when-full-only") and (
        slot := await _take(worker, connection, project, run, NEXT_FREE)
    ):
        return slot
    over = "now() - interval '5 minutes'" if worker.broken("expired-lease-freed-late") else "now()"
    if not worker.broken("expired-lease-kept"):
        ended = f"state <> 'free' AND lease_until <= {over}"
        if worker.broken("expired-lease-beside-a-live-one-kept"):
            ended += f" AND NOT EXISTS ({LIVE})"
        if worker.broken("freed-lease-fails-run"):
            await connection.execute(f"{FAILED} AND {ended})".encode(), (project,))
        await connection.execute(f"UPDATE slots SET {FREE} WHERE project_id = %s AND {ended}".encode(), (project,))
    if worker.broken("one-run-of-a-project-at-a-time") and await _is_at_work(connection, project):
        return None
    slot = await _take(worker, connection, project, run, NEXT_FREE)
    if slot is None and worker.broken("slots-without-limit"):
        await connection.execute(
            "INSERT INTO slots (project_id, slot_no) SELECT %s, max(slot_no) + 1 FROM slots WHERE project_id = %s",
            (project, project),
        )
        slot = await _take(worker, connection, project, run, NEXT_FREE)
    if slot is None and worker.broken("two-runs-in-one-slot"):
        first = "SELECT id FROM slots WHERE project_id = %(project)s ORDER BY slot_no LIMIT 1"
        slot = await _take(worker, connection, project, run, first)
    return slot


async def _is_at_work(connection: Connection, project: UUID) -> bool:
    running = "SELECT 1 FROM agent_runs WHERE project_id = %s AND status = 'running' LIMIT 1"
    return await (await connection.execute(running, (project,))).fetchone() is not None


async def sweep(worker: Worker) -> None:
    """Frees what is leased to no running run, where a build does so; the contract is silent about it."""
    if worker.differs("leases-of-nobody-swept"):
        await worker.store.run(
            f"UPDATE slots SET {FREE} WHERE state = 'leased' AND lease_owner NOT IN"
            " (SELECT id::text FROM agent_runs WHERE status = 'running')"
        )


async def _ensure(worker: Worker, connection: Connection, project: UUID) -> None:
    count = worker.staging.slots + worker.broken("slot-too-many")
    if worker.broken("slots-ensured-once"):
        some = await connection.execute("SELECT 1 FROM slots WHERE project_id = %s LIMIT 1", (project,))
        if await some.fetchone():
            return
    await connection.execute(
        "INSERT INTO slots (project_id, slot_no) SELECT %s, generate_series(1, %s)"
        " ON CONFLICT (project_id, slot_no) DO NOTHING",
        (project, count),
    )


async def _take(worker: Worker, connection: Connection, project: UUID, run: UUID, chosen: str) -> int | None:
    seconds: float | None = worker.staging.lease
    if worker.broken("lease-in-the-past"):
        seconds = -worker.staging.lease
    if worker.broken("lease-in-seconds"):
        seconds = worker.staging.lease / 60
    if worker.broken("lease-without-end"):
        seconds = None
    values = {"project": project, "owner": _owner(worker, run), "seconds": seconds}
    if worker.broken("lease-counted-from-arrival"):
        waited = "SELECT extract(epoch FROM now() - created_at)::float8 AS waited FROM agent_runs WHERE id = %s"
        arrived = await (await connection.execute(waited, (run,))).fetchone()
        values["seconds"] = worker.staging.lease - (arrived["waited"] if arrived else 0)
    row = await (await connection.execute(LEASE.format(chosen=chosen).encode(), values)).fetchone()
    return row["slot_no"] if row else None


def _owner(worker: Worker, run: UUID) -> str:
    """The run's id (contract 3)."""
    return f"worker-0/{run}" if worker.broken("lease-owner-not-the-run") else str(run)


async def release(worker: Worker, connection: Connection, project: UUID | None, run: UUID) -> None:
    """`releasing`, then `free` with no owner and no lease time."""
    owned = "lease_owner = ANY(%(owners)s)"
    if worker.broken("slot-freed-for-another-run"):
        owned = "project_id = %(project)s AND state = 'leased' AND lease_owner <> ALL(%(owners)s)"
    if worker.broken("lapsed-lease-not-given-back"):
        owned += " AND lease_until > now()"
    if worker.broken("slot-freed-by-its-number"):
        owned = BEGUN_WITH
    if worker.broken("slots-freed-together"):
        owned = "project_id = %(project)s AND state = 'leased'"
    values = {"project": project, "owners": [str(run), f"worker-0/{run}"], "run": str(run)}
    await connection.execute(
        f"UPDATE slots SET state = 'releasing', updated_at = now() WHERE {owned}".encode(), values
    )
    if worker.broken("slot-stays-releasing"):
        return
    free = FREE
    if worker.broken("free-slot-keeps-owner"):
        free = free.replace("lease_owner = NULL, ", "")
    if worker.broken("free-slot-keeps-lease-time"):
        free = free.replace("lease_until = NULL, ", "")
    owned = owned.replace("'leased'", "'releasing'")
    await connection.execute(f"UPDATE slots SET {free} WHERE {owned} AND state = 'releasing'".encode(), values)
