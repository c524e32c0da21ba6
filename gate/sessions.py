"""Saved browser sessions: Playwright's storage state in a file that nobody else can read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gate.console.signin import SESSION_COOKIE
from gate.errors import SettingError
from gate.language import say
from gate.redaction import hide, withhold

FOLDER = Path(".sessions")
FOLDER_MODE, FILE_MODE = 0o700, 0o600
# Shorter cookie values are preferences ("en", "yes"), not secrets.
SHORTEST_SECRET_COOKIE = 16
# Whoever has one of these is somebody. GitHub tells a login, too, in a cookie.
OPENING = (SESSION_COOKIE, "codexk8s_staff_jwt", "user_session", "__Host-user_session_same_site", "_gh_sess")

State = Mapping[str, Any]


def save(name: str, state: State, folder: Path = FOLDER) -> Path:
    """Write the session of a person, readable by its owner alone from the first byte on."""
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    path = folder / f"{name}.json"
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w", encoding="utf-8") as file:
        json.dump(state, file, ensure_ascii=False, indent=1)
    fresh.replace(path)
    return path


def read(path: Path) -> dict[str, Any]:
    """A saved session; every secret in it is hidden from the report from now on."""
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found = {"cookies": state.get("cookies", []), "origins": state.get("origins", [])}
    except (OSError, ValueError, AttributeError) as failure:
        raise SettingError(
            say(
                f"{path} is not a saved browser session: {failure}. Make it with `python -m gate login`.",
                f"{path} — не сохранённая сессия браузера: {failure}. Её делает `python -m gate login`.",
            )
        ) from None
    hide_cookies(found)
    return found


def cookies_for(state: State, host: str) -> dict[str, str]:
    """The cookies that a browser would send to this host."""
    return {str(cookie["name"]): str(cookie["value"]) for cookie in state["cookies"] if belongs(cookie, host)}


def belongs(cookie: Mapping[str, Any], host: str) -> bool:
    """Whether a cookie is one of this host's."""
    domain = str(cookie.get("domain", "")).lower()
    return host.lower() == domain.lstrip(".") or (domain.startswith(".") and host.lower().endswith(domain))


def hide_cookies(state: State) -> None:
    """No value of these cookies leaves in clear."""
    for cookie in state.get("cookies", []):
        value = str(cookie.get("value", ""))
        if len(value) >= SHORTEST_SECRET_COOKIE:
            (hide if str(cookie.get("name")).startswith(OPENING) else withhold)(value)


def ends_at(state: State, host: str) -> datetime | None:
    """When the staging's session ends by its own cookie; None when that does not say."""
    ends = [
        float(cookie.get("expires", -1))
        for cookie in state["cookies"]
        if belongs(cookie, host)
        and str(cookie["name"]).startswith(SESSION_COOKIE)
        and "csrf" not in cookie["name"]
    ]
    known = [moment for moment in ends if moment > 0]
    return datetime.fromtimestamp(min(known), UTC) if known else None
