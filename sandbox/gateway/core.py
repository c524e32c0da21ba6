"""What every handler of the gateway works with: the staging, the database, the neighbours, the figures."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from ..calls import Caller
from ..staging import GITHUB_API, Staging
from ..store import Row, Store
from .metrics import Metrics


@dataclass
class Gateway:
    """One gateway; its connections are made when they are first needed."""

    staging: Staging
    metrics: Metrics = field(default_factory=Metrics)
    burnt_ids: set[str] = field(default_factory=set)
    # Slugs, e-mails and roles that are about to be stored, by faults only.
    being_stored: set[str] = field(default_factory=set)
    # Rows of people who came in, kept by a fault only.
    remembered: dict[str, Row] = field(default_factory=dict)
    # When and what was read of a person, kept for seconds by a variant only.
    looked_up: dict[str, tuple[float, Row | None]] = field(default_factory=dict)
    # What was of a project or a person and stays so, by faults only: roles, slugs, e-mails.
    kept_roles: dict[tuple[UUID, UUID], str | None] = field(default_factory=dict)
    kept_overrides: dict[tuple[UUID | None, str], bool | None] = field(default_factory=dict)
    kept_defaults: dict[UUID | None, Any] = field(default_factory=dict)
    kept_slugs: dict[str, UUID] = field(default_factory=dict)
    kept_settings: dict[str, Any] = field(default_factory=dict)
    kept_runs: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    kept_out: set[str] = field(default_factory=set)
    kept_deliveries: dict[str, Any] = field(default_factory=dict)
    kept_projects: dict[int | None, UUID | None] = field(default_factory=dict)
    _later: set[asyncio.Task[Any]] = field(default_factory=set)

    def broken(self, fault: str) -> bool:
        """Whether this fault is switched on now."""
        return self.staging.faults.on(fault)

    def differs(self, variant: str) -> bool:
        """Whether this allowed difference of builds is switched on now."""
        return self.staging.variants.on(variant)

    @property
    def tells_owner(self) -> bool:
        """Whether it says who the owner is; the first builds, which cannot delete projects, do not."""
        return not (self.differs("no-owner-field") or self.differs("no-project-delete"))

    def after(self, seconds: float, work: Coroutine[Any, Any, Any]) -> None:
        """Do something so much later, when the answer is long given."""

        async def later() -> None:
            await asyncio.sleep(seconds)
            await work

        task = asyncio.create_task(later())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    @cached_property
    def store(self) -> Store:
        """The database."""
        return Store(self.staging, name="codex-k8s")

    @cached_property
    def console(self) -> Caller:
        """The web console, Service codex-k8s-web-console."""
        return Caller(self.staging.port("console"))

    @cached_property
    def github(self) -> Caller:
        """GitHub's API, over TLS with the internal authority."""
        return Caller(self.staging.port("github"), GITHUB_API, str(self.staging.ca_file))

    async def close(self) -> None:
        """Closes what was opened."""
        for name in ("store", "console", "github"):
            if name in self.__dict__:
                await self.__dict__[name].close()
