"""Whether a run, and a time of it, is told as it is on record (contract 2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gate.doors.database import Database, with_zone
from gate.doors.records import Project, Run, shown
from gate.doors.staff import told_time
from gate.language import ensure

# What is written in microseconds may be told in milliseconds, or in whole seconds.
TOLD_APART, WHOLE_SECONDS_APART = timedelta(milliseconds=1), timedelta(seconds=1)
NEVER = datetime.min.replace(tzinfo=UTC)


def rows_of(database: Database, run_id: UUID | str, correlation_id: str) -> int:
    """How much there is to be shown of a run: no page need show by itself what came after it was opened."""
    return len(database.events_of(correlation_id)) + len(database.feedback_of(run_id))


def expect_told(told: dict[str, Any], run: Run, project: Project) -> None:
    """Each value of a run of this project, in a list or on its own."""
    wanted = {
        "id": str(run.id),
        "correlation_id": run.correlation_id,
        "project_id": str(project.id),
        "project_slug": project.slug,
        "project_name": project.name,
        "status": run.status,
    }
    wrong = {name: told.get(name) for name in wanted if told.get(name) != wanted[name]}
    for name in ("created_at", "started_at", "finished_at"):
        if not same_moment(told.get(name), getattr(run, name)):
            wrong[name] = told.get(name)
            wanted[name] = str(getattr(run, name))
    ensure(
        not wrong,
        f"The API tells {wrong} of run {run.id}, on record is {wanted}.\n{shown(told)}",
        f"API сообщает о запуске {run.id}: {wrong}, а записано {wanted}.\n{shown(told)}",
    )


def same_moment(told: object, stored: datetime | None) -> bool:
    """Whether a time is told as it is stored; none is told as nothing."""
    return not told_time(told) if stored is None else near(moment(told), stored)


def moment(told: object) -> datetime:
    """A time as the API tells it; what is none was never."""
    try:
        found: datetime = with_zone(datetime.fromisoformat(str(told)))
    except ValueError:
        return NEVER
    return found


def near(told: datetime, stored: datetime) -> bool:
    """Whether both are the same, as exactly as the one is told."""
    return abs(told - stored) < (TOLD_APART if told.microsecond else WHOLE_SECONDS_APART)
