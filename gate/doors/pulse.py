"""Whether the platform answers at its edge at all: two harmless questions that need no sign-in (contract 2)."""

from __future__ import annotations

from gate.doors.again import NOBODY_BEHIND
from gate.doors.http import Http
from gate.doors.webhook import PATH
from gate.errors import Broken, NotProven


def trouble(edge: Http, mark: str) -> str:
    """Why the edge does not work, or "". Two questions, so that one route which crashes is no dead edge."""
    # Marked, for a platform that takes what is not signed makes something of it.
    unsigned = {"X-GitHub-Delivery": f"{mark}-0-pulse", "X-GitHub-Event": "ping"}
    troubles = [_trouble(edge, "GET", {}), _trouble(edge, "POST", unsigned)]
    return troubles[0] if all(troubles) else ""


def _trouble(edge: Http, method: str, headers: dict[str, str]) -> str:
    try:
        answer = edge.request(method, PATH, headers=headers)
    except NotProven:
        return ""  # name or certificate: whoever asks next is told so by the door itself
    except Broken as silent:
        return str(silent).partition("\n")[0]
    return f"{method} {PATH} -> {answer.status}" if answer.status in NOBODY_BEHIND else ""
