"""The first rows of a local staging: who may come in, and other people's work, which no suite may touch."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg

from .staging import Staging

NEIGHBOURS = uuid5(UUID(int=0), "neighbours")
# slug, name, external id of its repository, runs as (status, event, learning mode)
PROJECTS: tuple[tuple[str, str, int, tuple[tuple[str, str, bool], ...]], ...] = (
    (
        "billing",
        "Billing API",
        7_300_001,
        (("succeeded", "push", True), ("failed", "pull_request", False), ("succeeded", "issues", False)),
    ),
    ("web-shop", "Web shop", 7_300_002, (("succeeded", "pull_request", True), ("canceled", "push", False))),
    ("infra", "Infrastructure", 7_300_003, ()),
)
# What a staging has gathered after some weeks; it stands before a suite's own in the order of names.
GATHERED = 40
WITH_MORE = ("short-lists", "lists-in-parts", "lists-in-fives")


def plant(connection: psycopg.Connection[Any], staging: Staging) -> None:
    """Writes the people of `staging` (not the stranger) and three projects of other people."""
    owner = _person(connection, staging, "admin", admin=True, owner=True)
    member = _person(connection, staging, "member", admin=False, owner=False)
    neighbour = _user(connection, "ops@neighbours.test", admin=False, owner=False)
    for number, (slug, name, external_id, runs) in enumerate(PROJECTS):
        project = uuid5(NEIGHBOURS, slug)
        _project(connection, staging, project, slug, name, external_id)
        _membership(connection, project, neighbour, "admin")
        if slug == "infra" and member:
            _membership(connection, project, member, "read")
        for age, run in enumerate(runs):
            _run(connection, project, f"acme/{slug}", external_id, run, hours=3 + 5 * number + 7 * age)
    if owner:
        _membership(connection, uuid5(NEIGHBOURS, "billing"), owner, "admin")
    if any(map(staging.variants.on, WITH_MORE)):
        for number in range(GATHERED):
            slug = f"acme/archive-{number:02}"
            _project(connection, staging, uuid5(NEIGHBOURS, slug), slug, slug, 7_310_000 + number)
            _user(connection, f"archivist{number:02}@acme.test", admin=False, owner=False)


def _person(
    connection: psycopg.Connection[Any], staging: Staging, role: str, *, admin: bool, owner: bool
) -> UUID | None:
    person = staging.people.get(role)
    return _user(connection, person.email, admin=admin, owner=owner) if person else None


def _user(connection: psycopg.Connection[Any], email: str, *, admin: bool, owner: bool) -> UUID:
    user = uuid4()
    connection.execute(
        "INSERT INTO users (id, email, is_platform_admin, is_platform_owner) VALUES (%s, %s, %s, %s)",
        (user, email, admin, owner),
    )
    return user


def _project(
    connection: psycopg.Connection[Any], staging: Staging, project: UUID, slug: str, name: str, external_id: int
) -> None:
    settings = json.dumps({"learning_mode_default": staging.learning_default})
    connection.execute(
        "INSERT INTO projects (id, slug, name, settings) VALUES (%s, %s, %s, %s)", (project, slug, name, settings)
    )
    connection.execute(
        "INSERT INTO repositories (project_id, provider, external_id, owner, name, token_encrypted)"
        " VALUES (%s, 'github', %s, 'acme', %s, gen_random_uuid()::text::bytea)",
        (project, external_id, slug.rpartition("/")[2]),
    )
    connection.execute(
        "INSERT INTO slots (project_id, slot_no) SELECT %s, generate_series(1, %s)", (project, staging.slots)
    )


def _membership(connection: psycopg.Connection[Any], project: UUID, user: UUID, role: str) -> None:
    connection.execute(
        "INSERT INTO project_members (project_id, user_id, role) VALUES (%s, %s, %s)", (project, user, role)
    )


def _run(
    connection: psycopg.Connection[Any],
    project: UUID,
    full_name: str,
    external_id: int,
    run: tuple[str, str, bool],
    *,
    hours: int,
) -> None:
    """A run that ended some hours ago, with its events and feedback."""
    status, event, learning = run
    run_id, correlation = uuid4(), str(uuid4())
    created = datetime.now(UTC) - timedelta(hours=hours)
    started = created + timedelta(seconds=4) if status != "canceled" else None
    finished = created + timedelta(seconds=11)
    repository = {"id": external_id, "full_name": full_name, "name": full_name.split("/")[1], "private": True}
    payload = {"event_type": event, "raw_payload": {"repository": repository, "sender": {"login": "neighbour"}}}
    connection.execute(
        "INSERT INTO agent_runs (id, correlation_id, project_id, status, run_payload, learning_mode, started_at,"
        " finished_at, created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            run_id,
            correlation,
            project,
            status,
            json.dumps(payload),
            learning,
            started,
            finished,
            created,
            finished,
        ),
    )
    _events(connection, run_id, correlation, project, status, created)
    if learning:
        connection.execute(
            "INSERT INTO learning_feedback (run_id, kind, explanation, created_at) VALUES (%s, 'inline', %s, %s)",
            (run_id, "Small commits are easier to review: this one could have been two.", finished),
        )


def _events(
    connection: psycopg.Connection[Any],
    run_id: UUID,
    correlation: str,
    project: UUID,
    status: str,
    created: datetime,
) -> None:
    fields = {
        "run_id": str(run_id),
        "project_id": str(project),
        "slot_no": 1,
        "job_name": f"codex-k8s-run-{run_id}",
    }
    happened = [("webhook.received", 0)]
    if status != "canceled":
        happened += [("run.started", 4), (f"run.{status}", 11)]
    for event_type, seconds in happened:
        connection.execute(
            "INSERT INTO flow_events (correlation_id, actor_type, actor_id, event_type, payload, created_at)"
            " VALUES (%s, 'system', 'neighbour', %s, %s, %s)",
            (correlation, event_type, json.dumps(fields), created + timedelta(seconds=seconds)),
        )
