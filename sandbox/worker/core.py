"""What the worker's steps work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from ..staging import Staging
from ..store import Connection, Store
from .jobs import Jobs


@dataclass
class Worker:
    """One worker process. What it remembers between polls, only faults need."""

    staging: Staging
    unseen: set[UUID] = field(default_factory=set)
    jobless: set[UUID] = field(default_factory=set)
    forgotten: set[UUID] = field(default_factory=set)
    left: set[UUID] = field(default_factory=set)
    freed_late: list[tuple[UUID | None, UUID]] = field(default_factory=list)

    def broken(self, fault: str) -> bool:
        """Whether this fault is switched on now."""
        return self.staging.faults.on(fault)

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
