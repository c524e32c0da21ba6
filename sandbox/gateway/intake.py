"""A delivery becomes a run: one row and one event for each delivery id, however many come at once (contract 2)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from ..store import Connection
from .answers import Problem, invalid
from .core import Gateway
from .learning import learning_mode, project_of
from .payload import Facts

LARGE_LETTERS = 256 * 1024
USUAL_LETTERS = 64
RACE_SECONDS = 0.2
# Faults that take more than the delivery id for the mark of a duplicate, and what must be the same.
NARROWER = {
    "deduplication-by-payload": "same",
    "deduplication-by-event": "same_event",
    "deduplication-by-repository": "same_repository",
}

# Faults by which only such replays leave an event.
TOLD_REPLAYS = {
    "duplicate-event-missing": "false",
    "duplicate-event-of-equal-bodies-only": "run_payload->'raw_payload' = %(body)s::jsonb",
    "duplicate-event-of-live-runs-only": "status IN ('pending', 'running')",
}


@dataclass(frozen=True)
class Recorded:
    """What the client is told about its delivery."""

    correlation_id: str
    run_id: UUID
    duplicate: bool
    # Whether the first came only just now; what difference that makes is a fault.
    at_once: bool = False


class Checked(Protocol):
    """A delivery that passed the checks."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def event(self) -> str: ...  # noqa: D102
    @property
    def body(self) -> bytes: ...  # noqa: D102
    @property
    def facts(self) -> Facts: ...  # noqa: D102


async def known_run(gateway: Gateway, delivery_id: str) -> UUID | None:
    """The run of a delivery id that was seen before."""
    row = await gateway.store.row("SELECT id FROM agent_runs WHERE correlation_id = %s", (delivery_id,))
    return row["id"] if row else None


async def spelled_first(gateway: Gateway, delivery_id: str) -> str:
    """The id as it came first, in whatever case; only a fault takes them for one."""
    known = (
        "SELECT correlation_id FROM agent_runs WHERE lower(correlation_id) = lower(%s) ORDER BY created_at LIMIT 1"
    )
    row = await gateway.store.row(known, (delivery_id,))
    return row["correlation_id"] if row else delivery_id


async def record(gateway: Gateway, delivery: Checked) -> Recorded:
    """Writes the run and its event; a delivery id that is known adds only `webhook.duplicate`."""
    if gateway.broken("run-not-recorded"):
        return Recorded(delivery.id, uuid4(), duplicate=False)
    closed = delivery.facts.read.get("action") in ("closed", "deleted") and gateway.broken("closed-not-recorded")
    if delivery.facts.sender.endswith("[bot]") and gateway.broken("bots-not-recorded"):
        return Recorded(delivery.id, uuid4(), duplicate=False)
    if closed or (delivery.event.startswith("pull_request_review") and gateway.broken("reviews-not-recorded")):
        return Recorded(delivery.id, uuid4(), duplicate=False)
    if gateway.broken("ping-not-recorded") and delivery.event == "ping":
        return Recorded(delivery.id, uuid4(), duplicate=False)
    raced = gateway.broken("duplicate-check-races") and not await known_run(gateway, delivery.id)
    if raced:
        await asyncio.sleep(RACE_SECONDS)
    try:
        async with gateway.store.transaction() as connection:
            recorded = await _write(gateway, connection, delivery)
    except psycopg.DataError as error:
        # JSON that PostgreSQL cannot keep as text, such as \u0000.
        told = f"{error} (SQLSTATE {error.sqlstate})" if gateway.broken("signed-refusal-tells-sql") else ""
        raise invalid("payload", told or "payload cannot be stored") from error
    return Recorded(delivery.id, uuid4(), duplicate=False) if raced and recorded.duplicate else recorded


async def note_nameless(gateway: Gateway) -> None:
    """A fault: a delivery without an id is refused, and told of all the same."""
    await gateway.store.run(
        "INSERT INTO flow_events (correlation_id, actor_type, actor_id, event_type, payload)"
        " VALUES ('', 'system', 'github-webhook', 'webhook.received', '{}')"
    )


async def note_replay(gateway: Gateway, delivery: Checked) -> None:
    """A fault: a delivery is refused, and told of as a replay when its id is known."""
    if run_id := await known_run(gateway, delivery.id):
        async with gateway.store.transaction() as connection:
            await _event(gateway, connection, delivery, "webhook.duplicate", run_id)


async def _write(gateway: Gateway, connection: Connection, delivery: Checked) -> Recorded:
    run_id = await _insert(gateway, connection, delivery)
    if run_id:
        times = _times(gateway, "received-event-missing", "received-event-doubled")
        if gateway.broken("received-event-of-repositories-only") and not delivery.facts.repository_id:
            times = 0
        for _ in range(times):
            await _event(gateway, connection, delivery, "webhook.received", run_id)
        return Recorded(delivery.id, run_id, duplicate=False)
    run_id = await _existing(gateway, connection, delivery)
    if gateway.broken("duplicate-decides-learning"):
        attached = await project_of(gateway, connection, delivery.facts)
        mode = await learning_mode(gateway, connection, attached, delivery.facts)
        await connection.execute("UPDATE agent_runs SET learning_mode = %s WHERE id = %s", (mode, run_id))
    if await _replay_told(gateway, connection, delivery, run_id):
        await _event(gateway, connection, delivery, "webhook.duplicate", run_id)
    new = "SELECT 1 AS one FROM agent_runs WHERE id = %s AND created_at > now() - interval '1 second'"
    at_once = await (await connection.execute(new, (run_id,))).fetchone()
    return Recorded(delivery.id, run_id, duplicate=True, at_once=at_once is not None)


async def _replay_told(gateway: Gateway, connection: Connection, delivery: Checked, run_id: UUID) -> bool:
    """Always; but for faults, by which some replays leave no event."""
    for fault, told in TOLD_REPLAYS.items():
        if gateway.broken(fault):
            such = f"SELECT 1 FROM agent_runs WHERE id = %(run)s AND {told}".encode()
            found = await connection.execute(such, {"run": run_id, "body": delivery.body.decode()})
            return await found.fetchone() is not None
    return True


async def _insert(gateway: Gateway, connection: Connection, delivery: Checked) -> UUID | None:
    """The new run, or None when the id is taken: the unique constraint decides, also between two at once."""
    attached = await project_of(gateway, connection, delivery.facts)
    mode = await learning_mode(gateway, connection, attached, delivery.facts)
    if delivery.event != "push" and gateway.broken("learning-for-pushes-only"):
        mode = gateway.staging.learning_default
    project = attached if gateway.differs("project-at-webhook") else None
    correlation_id = delivery.id.upper() if gateway.broken("correlation-id-rewritten") else delivery.id
    now = "now() - interval '3 hours'" if gateway.broken("created-in-another-zone") else "now()"
    begun = "'running', now()" if gateway.broken("pending-skipped") else "'pending', NULL"
    found = await (
        await connection.execute(
            "INSERT INTO agent_runs (correlation_id, project_id, run_payload, learning_mode, created_at, status,"
            " started_at) VALUES (%s, %s, %s::jsonb || jsonb_build_object('raw_payload', %s::jsonb), %s,"
            f" {now}, {begun}) ON CONFLICT (correlation_id) DO NOTHING RETURNING id".encode(),
            (correlation_id, project, Jsonb(_summary(delivery)), _raw(gateway, delivery), mode),
        )
    ).fetchone()
    return found["id"] if found else None


async def _existing(gateway: Gateway, connection: Connection, delivery: Checked) -> UUID:
    """The run that was first; its payload stays as it was."""
    row = await (
        await connection.execute(
            "SELECT id, run_payload->'raw_payload' = %(body)s::jsonb AS same,"
            " run_payload->'raw_payload'->'repository' = %(body)s::jsonb->'repository' AS same_repository,"
            " run_payload->>'event_type' = %(event)s AS same_event, created_at < now() - interval '1 day' AS old"
            " FROM agent_runs WHERE correlation_id = %(id)s",
            {"body": delivery.body.decode(), "event": delivery.event, "id": delivery.id},
        )
    ).fetchone()
    if row is None or (row["old"] and gateway.broken("duplicate-known-for-a-day")):
        raise Problem("internal", "the run went away")
    for fault, same in NARROWER.items():
        if gateway.broken(fault) and not row[same]:
            raise Problem("conflict", "duplicate key value violates unique constraint")
    anew = gateway.broken("duplicate-starts-run-anew")
    if anew or gateway.broken("duplicate-starts-failed-run-anew"):
        await connection.execute(
            "UPDATE agent_runs SET status = 'pending', started_at = NULL, finished_at = NULL"
            " WHERE id = %s AND (%s OR status = 'failed')",
            (row["id"], anew),
        )
    if gateway.broken("duplicate-overwrites-payload"):
        await connection.execute(
            "UPDATE agent_runs SET run_payload = run_payload || jsonb_build_object('raw_payload', %s::jsonb)"
            " WHERE id = %s",
            (delivery.body.decode(), row["id"]),
        )
    run_id: UUID = row["id"]
    return run_id


async def _event(
    gateway: Gateway, connection: Connection, delivery: Checked, event_type: str, run_id: UUID
) -> None:
    payload = {"delivery_id": delivery.id, "event": delivery.event, "run_id": str(run_id)}
    correlation_id = delivery.id[:USUAL_LETTERS] if gateway.broken("ids-cut-in-events") else delivery.id
    await connection.execute(
        "INSERT INTO flow_events (correlation_id, actor_type, actor_id, event_type, payload)"
        " VALUES (%s, 'system', 'github-webhook', %s, %s)",
        (correlation_id, event_type, Jsonb(payload)),
    )


def _summary(delivery: Checked) -> dict[str, object]:
    """The fields that were read, beside the whole payload."""
    summary: dict[str, object] = {
        "source": "github",
        "delivery_id": delivery.id,
        "event_type": delivery.event,
    }
    for path, value in delivery.facts.read.items():
        group, _, name = path.rpartition(".")
        home = summary.setdefault(group, {}) if group else summary
        if isinstance(home, dict):
            home[name] = value
    return summary


def _raw(gateway: Gateway, delivery: Checked) -> str:
    """The payload's own text, so that no number and no letter changes on the way."""
    text = delivery.body.decode()
    if gateway.broken("payload-unicode-lost"):
        plain = json.dumps(json.loads(text), ensure_ascii=False)
        return plain.encode("ascii", "replace").decode()
    if gateway.broken("payload-tidied"):
        return text.replace("\\r\\n", "\\n")
    if gateway.broken("payload-escaped"):
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if gateway.broken("empty-values-dropped"):
        return json.dumps({name: value for name, value in json.loads(text).items() if value or value is False})
    dropped = len(text) > LARGE_LETTERS and gateway.broken("large-payload-dropped")
    return "{}" if dropped or gateway.broken("raw-payload-dropped") else text


def _times(gateway: Gateway, missing: str, doubled: str) -> int:
    if gateway.broken(missing):
        return 0
    return 2 if gateway.broken(doubled) else 1
