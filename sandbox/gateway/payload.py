"""What the platform reads from a webhook's payload, and the types it insists on (contract 2)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .answers import invalid

INT64 = 2**63
# Field of the payload: its type; a field that is absent or null is left empty.
FIELDS: dict[str, type] = {
    "action": str,
    "installation.id": int,
    "repository.id": int,
    "repository.full_name": str,
    "repository.name": str,
    "repository.private": bool,
    "sender.id": int,
    "sender.login": str,
}


@dataclass(frozen=True)
class Facts:
    """The fields that were read."""

    read: dict[str, Any]

    @property
    def repository_id(self) -> int | None:
        """GitHub's number of the repository."""
        number: int | None = self.read.get("repository.id")
        return number

    @property
    def full_name(self) -> str:
        """`owner/name`, or empty."""
        return self.read.get("repository.full_name") or ""

    @property
    def sender(self) -> str:
        """The login of whoever caused the event, or empty."""
        return self.read.get("sender.login") or ""


def parse(body: bytes) -> Any:
    """The body as JSON, else 400 naming `body`."""
    try:
        return json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise invalid("body", "body is not valid JSON") from None


def facts(document: Any) -> Facts:
    """The fields that the platform reads, else 400 naming `payload`."""
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise invalid("payload", "payload must be an object")
    return Facts(
        {path: value for path, kind in FIELDS.items() if (value := _field(document, path, kind)) is not None}
    )


def _field(document: dict[str, Any], path: str, kind: type) -> Any:
    value: Any = document
    for part in path.split("."):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise invalid("payload", f"{path.rpartition('.')[0]} must be an object")
        value = value.get(part)
    too_big = isinstance(value, int) and not -INT64 <= value < INT64
    if value is not None and (type(value) is not kind or too_big):
        raise invalid("payload", f"{path} has a wrong type")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
