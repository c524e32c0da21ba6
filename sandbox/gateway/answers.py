"""What the gateway says: JSON, errors as `{"code","message","field"?}` (contract 2), and empty refusals."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from starlette.responses import Response

CODES = {
    "bad_request": 400,
    "invalid_argument": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "conflict": 409,
    "internal": 500,
}


class Problem(Exception):
    """A refusal that the client is told about."""

    def __init__(
        self, code: str, message: str, field: str | None = None, status: int = 0, details: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status or CODES.get(code, 502)
        self.code = code
        self.message = message
        self.field = field
        # What only a fault tells.
        self.details = details

    @property
    def body(self) -> dict[str, Any]:
        """The error's JSON."""
        told = {"code": self.code, "message": self.message}
        more = {"field": self.field, "details": self.details}
        return told | {name: value for name, value in more.items() if value}


def invalid(field: str, message: str) -> Problem:
    """400: an argument is wrong."""
    return Problem("invalid_argument", message, field)


def unauthorized(message: str) -> Problem:
    """401: who are you?"""
    return Problem("unauthorized", message)


def forbidden(message: str) -> Problem:
    """403: not for you."""
    return Problem("forbidden", message)


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer; ids and times are written as text."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return Response(content.encode(), status, media_type="application/json")


def items(rows: list[dict[str, Any]]) -> Response:
    """A list (contract 2)."""
    return answer({"items": rows})


def empty(status: int) -> Response:
    """An answer without a body."""
    return Response(b"", status)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be told in JSON")
