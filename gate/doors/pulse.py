"""Whether the platform answers at its edge at all: two harmless questions that need no sign-in (contract 2)."""

from __future__ import annotations

from gate.doors.again import NOBODY_BEHIND
from gate.doors.http import Http
from gate.doors.webhook import PATH
from gate.errors import Broken, NotProven

UNSIGNED = {"X-GitHub-Delivery": "gate-pulse", "X-GitHub-Event": "ping"}


def trouble(edge: Http) -> str:
    """Why the edge does not work, or "". Two questions, so that one route which crashes is no dead edge."""
    troubles = [_trouble(edge, "GET", {}), _trouble(edge, "POST", UNSIGNED)]
    return troubles[0] if all(troubles) else ""


def _trouble(edge: Http, method: str, headers: dict[str, str]) -> str:
    try:
        answer = edge.request(method, PATH, headers=headers)
    except NotProven:
        return ""  # name or certificate: whoever asks next is told so by the door itself
    except Broken as silent:
        return str(silent).partition("\n")[0]
    return f"{method} {PATH} -> {answer.status}" if answer.status in NOBODY_BEHIND else ""
