"""What the worker's steps work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from ..staging import Staging
from ..store import Connection, Row, Store
from .jobs import Jobs


@dataclass
class Worker:
    """One worker process. What it remembers between polls, only faults need."""

    staging: Staging
    unseen: set[UUID] = field(default_factory=set)
    jobless: set[UUID] = field(default_factory=set)
    forgotten: set[UUID] = field(default_factory=set)
    left: set[UUID] = field(default_factory=set)
    # The runs that this process has begun, all that a fault looks at.
    begun: set[UUID] = field(default_factory=set)
    freed_late: list[tuple[UUID | None, UUID]] = field(default_factory=list)
    # Feedback that is due at a time of the event loop's clock, by a variant only.
    feedback_due: list[tuple[float, Row]] = field(default_factory=list)
    # The project that a repository had first, kept by a fault only.
    kept_projects: dict[int, UUID | None] = field(default_factory=dict)
    # The derived projects that it has made, remembered by a fault only.
    made_projects: set[UUID] = field(default_factory=set)

    def broken(self, fault: str) -> bool:
        """Whether this fault is switched on now."""
        return self.staging.faults.on(fault)

    def differs(self, variant: str) -> bool:
        """Whether this allowed difference of builds is switched on now."""
        return self.staging.variants.on(variant)

    @property
    def now(self) -> str:
        """The time in SQL, by this worker's clock."""
        apart = 2 * self.differs("worker-clock-ahead") - self.differs("worker-clock-behind")
        return f"now() + interval '{apart} s'" if apart else "now()"

    @property
    def touched(self) -> str:
        """What a change of a run writes into `updated_at`, in SQL."""
        return "updated_at" if self.differs("updated-at-untouched") else "now()"

    @cached_property
    def store(self) -> Store:
        """The database."""
        return Store(self.staging, name="codex-k8s-worker", size=2)

    @cached_property
    def jobs(self) -> Jobs:
        """The cluster's Jobs."""
        return Jobs(self.staging)

    async def close(self) -> None:
        """Closes what was opened."""
        for name in ("store", "jobs"):
            if name in self.__dict__:
                await self.__dict__[name].close()


async def event(
    worker: Worker, connection: Connection, correlation_id: str, event_type: str, payload: dict[str, Any]
) -> None:
    """One row of `flow_events`."""
    hours = 3 if worker.broken("events-in-another-zone") else 0
    await connection.execute(
        "INSERT INTO flow_events (correlation_id, actor_type, actor_id, event_type, payload, created_at)"
        " VALUES (%s, 'system', 'worker', %s, %s, now() + %s * interval '1 hour')",
        (correlation_id, event_type, Jsonb(payload), hours),
    )
