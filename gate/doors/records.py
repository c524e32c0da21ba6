"""What the doors saw, as plain records: the rows of the platform's tables (contract 3) and GitHub's hooks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, repr=False)
class Record:
    """A record that is written as people read it, not as Python does: messages show it as it is."""

    def __repr__(self) -> str:
        return shown(asdict(self))


def shown(value: Any) -> str:
    """A value as JSON, whatever the database made of its identifiers and times."""
    return json.dumps(value, default=str, ensure_ascii=False)


@dataclass(frozen=True, repr=False)
class Run(Record):
    """A row of `agent_runs`."""

    id: UUID
    correlation_id: str
    project_id: UUID | None
    status: str
    learning_mode: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, repr=False)
class Event(Record):
    """A row of `flow_events`."""

    id: int
    correlation_id: str
    event_type: str
    payload: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, repr=False)
class Slot(Record):
    """A row of `slots`."""

    id: Any
    project_id: UUID
    slot_no: int
    state: str
    lease_owner: str | None
    lease_until: datetime | None

    def __str__(self) -> str:
        return (
            f"slot {self.slot_no}: {self.state}, owner {self.lease_owner or '-'}, until {self.lease_until or '-'}"
        )


@dataclass(frozen=True, repr=False)
class User(Record):
    """A row of `users`; the kind of its id is the platform's choice."""

    id: Any
    email: str
    github_login: str | None
    is_platform_admin: bool
    is_platform_owner: bool

    @property
    def has_rights(self) -> bool:
        """Whether they are an admin of the platform, or its owner."""
        return self.is_platform_admin or self.is_platform_owner


@dataclass(frozen=True, repr=False)
class Project(Record):
    """A row of `projects`."""

    id: UUID
    slug: str
    name: str
    settings: dict[str, Any]


@dataclass(frozen=True, repr=False)
class Repository(Record):
    """A row of `repositories`; the kind of its id is the platform's choice."""

    id: Any
    project_id: UUID
    provider: str
    external_id: int
    owner: str
    name: str
    token_encrypted: bytes
    services_yaml_path: str


@dataclass(frozen=True, repr=False)
class Feedback(Record):
    """A row of `learning_feedback`."""

    id: int
    run_id: UUID
    kind: str
    explanation: str
    created_at: datetime


@dataclass(frozen=True, repr=False)
class HookDelivery(Record):
    """A delivery as GitHub lists it: when it was made and how it was answered; 0: not yet, or not at all."""

    id: int
    event: str
    status: int
    at: datetime


@dataclass(frozen=True, repr=False)
class Hook(Record):
    """A webhook of a repository as GitHub shows it; the secret is never shown."""

    id: int
    url: str
    events: tuple[str, ...]
    active: bool
    content_type: str
    insecure_ssl: str
    has_secret: bool
    created_at: datetime | None = None
