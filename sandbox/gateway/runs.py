"""Staff API: runs, their events and their learning feedback, by role in the project (contract 2)."""

from __future__ import annotations

import base64
import json

from starlette.responses import Response

from ..store import Row
from .answers import Problem, answer, forbidden, invalid, items
from .asked import Asked

RUN = (
    "SELECT r.id, r.correlation_id, r.project_id, p.slug AS project_slug, p.name AS project_name, r.status,"
    " r.created_at, r.started_at, r.finished_at, m.role FROM agent_runs r"
    " LEFT JOIN projects p ON p.id = r.project_id"
    " LEFT JOIN project_members m ON m.project_id = r.project_id AND m.user_id = %s"
)
# A fault's: of somebody with roles in two projects whichever comes first.
FIRST_ROLE = "SELECT project_id FROM project_members"
# What a column of 2000 letters leaves of a text.
LONGEST_TEXT = 2000
FIELDS = (
    "id",
    "correlation_id",
    "project_id",
    "project_slug",
    "project_name",
    "status",
    "created_at",
    "started_at",
    "finished_at",
)


async def list_runs(asked: Asked) -> Response:
    """The newest runs of the projects that the person sees."""
    everything = asked.user.sees_all or asked.broken("runs-listed-for-everybody")
    query = RUN
    if asked.broken("lists-cut-before-roles"):
        some = f"(SELECT * FROM agent_runs ORDER BY created_at DESC LIMIT {asked.limit}) r"
        query = query.replace("agent_runs r", some)
    if everything and asked.broken("runs-listed-once-per-member"):
        query = query.replace("m.user_id = %s", "%s::uuid IS NOT NULL")
    rows = await asked.gateway.store.rows(
        f"{query} WHERE (%s OR {_own(asked)}) AND {_listed(asked)} ORDER BY r.created_at DESC LIMIT %s",
        (asked.user.id, everything, asked.limit),
    )
    if asked.broken("lost-role-still-listed"):
        asked.gateway.kept_roles |= {(asked.user.id, row["project_id"]): row["role"] for row in rows}
    told = [_told(row) for row in rows]
    for row in told if asked.broken("runs-without-correlation") else ():
        del row["correlation_id"]
    for row in told if asked.broken("runs-listed-under-their-id") else ():
        row["correlation_id"] = row["id"]
    for row in told if asked.broken("runs-listed-with-slug-for-name") else ():
        row["project_slug"], row["project_name"] = row["project_name"], row["project_slug"]
    for row in told if not everything and asked.broken("own-runs-listed-as-they-began") else ():
        row["finished_at"] = row["finished_at"] and row["started_at"]
    return items(told)


def _own(asked: Asked) -> str:
    """Which runs are listed to whoever does not see all; three faults choose others."""
    own = "m.role IS NOT NULL"
    if asked.broken("homeless-runs-for-everybody"):
        own = "(m.role IS NOT NULL OR r.project_id IS NULL)"
    if asked.broken("runs-of-one-project-listed"):
        own = f"r.project_id = ({FIRST_ROLE} WHERE user_id = '{asked.user.id}' LIMIT 1)"
    if asked.broken("lost-role-still-listed"):
        known = [project for user, project in asked.gateway.kept_roles if user == asked.user.id and project]
        own = " OR ".join([own, *(f"r.project_id = '{project}'" for project in known)])
    return own


def _listed(asked: Asked) -> str:
    """Which runs a build lists at all."""
    if asked.gateway.differs("homeless-runs-untold"):
        return "r.project_id IS NOT NULL"
    return "r.finished_at IS NOT NULL AND r.status <> 'failed'" if asked.broken("runs-list-partial") else "true"


async def get_run(asked: Asked) -> Response:
    """One run."""
    row = await _run(asked)
    if asked.broken("run-told-as-first-seen"):
        row = asked.gateway.kept_runs.setdefault(row["id"], row)
    if asked.broken("run-end-told-as-its-start"):
        row["finished_at"] = row["started_at"]
    if asked.broken("run-told-without-project"):
        row["project_slug"] = row["project_name"] = None
    return answer(_told(row))


async def list_events(asked: Asked) -> Response:
    """The events of a run, in the order they happened."""
    run = await _of(asked)
    if run is None or (not asked.user.sees_all and asked.broken("events-for-admins-only")):
        return items([])
    # The start of the run last: neither the oldest nor the newest first.
    order = "event_type = 'run.started', id" if asked.broken("events-out-of-order") else "id"
    own = run["correlation_id"]
    rows = await asked.gateway.store.rows(
        "SELECT correlation_id, event_type, created_at, payload FROM flow_events WHERE"
        " (correlation_id = %s OR %s AND starts_with(correlation_id, %s) OR %s)"
        f" ORDER BY {order} LIMIT %s",
        (own, asked.broken("events-by-the-ids-beginning"), own, asked.broken("events-of-all-runs"), asked.limit),
    )
    for row in rows:
        if asked.broken("events-told-with-the-runs-time"):
            row["created_at"] = run["created_at"]
        text = json.dumps(row.pop("payload"), ensure_ascii=False)
        # What Go makes of bytes that nobody told it are JSON.
        bare = base64.b64encode(text.encode()).decode()
        row["payload_json"] = bare if asked.broken("event-payload-as-base64") else text
    return items(rows)


async def list_feedback(asked: Asked) -> Response:
    """The learning feedback of a run."""
    run = await _of(asked)
    if run is None or (not asked.user.sees_all and asked.broken("feedback-for-admins-only")):
        return items([])
    rows = await asked.gateway.store.rows(
        "SELECT id, run_id, repository_id, pr_number, file_path, line, kind, explanation, created_at"
        " FROM learning_feedback WHERE run_id = %s ORDER BY id LIMIT %s",
        (run["id"], asked.limit),
    )
    if asked.broken("feedback-told-once"):
        rows = rows[:1]
    for row in rows:
        if asked.broken("feedback-told-with-the-runs-time"):
            row["created_at"] = run["created_at"]
        if asked.broken("feedback-told-without-repository"):
            row["repository_id"] = None
        if asked.broken("long-feedback-cut"):
            row["explanation"] = row["explanation"][:LONGEST_TEXT]
    if asked.broken("feedback-told-with-repository-only"):
        rows = [row for row in rows if row["repository_id"]]
    return items([] if asked.broken("feedback-not-told") else rows)


async def _of(asked: Asked) -> Row | None:
    """The run whose events or feedback are asked for; None where a build tells nothing of it to this person."""
    try:
        return await _run(asked, open_to_all=asked.broken("feedback-shown-to-strangers"))
    except Problem as problem:
        if problem.code == "forbidden" and asked.gateway.differs("hidden-lists-empty"):
            return None
        raise


async def _run(asked: Asked, *, open_to_all: bool = False) -> Row:
    """The run of the path, when the person may see it."""
    row = await asked.gateway.store.row(f"{RUN} WHERE r.id = %s", (asked.user.id, asked.id("run_id")))
    if row is None or (row["project_id"] is None and asked.gateway.differs("homeless-runs-untold")):
        told = "no rows in result set" if asked.broken("unknown-run-told-by-the-driver") else "run is not known"
        raise invalid("run_id", told)
    if row["project_id"] is None and asked.broken("homeless-run-crashes"):
        raise RuntimeError("cannot scan NULL into *string")
    if asked.broken("lost-role-still-sees-runs"):
        role = row["role"] or asked.gateway.kept_roles.get((asked.user.id, row["project_id"]))
        row["role"] = asked.gateway.kept_roles[asked.user.id, row["project_id"]] = role
    if asked.broken("runs-told-by-any-role"):
        row["role"] = row["role"] or await asked.role_anywhere()
    if asked.broken("runs-of-one-project-told"):
        first = await asked.gateway.store.row(f"{FIRST_ROLE} WHERE user_id = %s LIMIT 1", (asked.user.id,))
        row["role"] = row["role"] if first and first["project_id"] == row["project_id"] else None
    if asked.broken("runs-told-to-admins-only"):
        row["role"] = None
    open_to_all |= row["project_id"] is None and asked.broken("homeless-run-open-by-id")
    if not (asked.user.sees_all or row["role"] or open_to_all or asked.broken("runs-open-by-id")):
        raise forbidden("project access required")
    return row


def _told(row: Row) -> Row:
    told = {name: row[name] for name in FIELDS}
    return told | {name: told[name] or "" for name in ("project_slug", "project_name")}
