"""Signing in once, for later runs: by hand at GitHub's own pages, or with login and password from the settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gate import sessions
from gate.console.signin import SESSION_COOKIE, START, Credentials, SignIn
from gate.console.window import Window
from gate.doors.http import Exchange
from gate.doors.staff import WHO, Staff
from gate.errors import Broken, GateError
from gate.language import Text, say, spoken
from gate.target import Target
from gate.waiting import until

BY_HAND_SECONDS = 600.0


@dataclass(frozen=True)
class Kept:
    """A session that was saved: whose, where, and until when."""

    who: str
    path: Path
    ends: datetime | None


def has_password(target: Target, name: str) -> bool:
    """Whether the settings let this person sign in without help."""
    key = f"GATE_{name.upper()}_"
    return bool(target.settings[f"{key}LOGIN"] and target.settings[f"{key}PASSWORD"])


def require_screen() -> None:
    """Somebody must see the browser; without a screen it would fail with a message about X."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise GateError(
            say(
                "There is no screen here on which a person could sign in. Do this on a machine that has one and "
                "bring the file here, or set the login, the password and the TOTP secret.",
                "Здесь нет экрана, на котором человек мог бы войти. Сделайте это на машине с экраном и перенесите "
                "файл сюда или задайте логин, пароль и секрет TOTP.",
            )
        )


def log_in(target: Target, name: str, tell: Callable[[str], None], folder: Path = sessions.FOLDER) -> Kept:
    """Sign in as this person and save the session; nothing is saved when they are not who they should be."""
    window = Window(target.engine.context(spoken()), target.url)
    try:
        if has_password(target, name):
            _by_itself(target, name, window)
        else:
            tell(_please(target, name))
            _by_hand(target, window)
        cookies, state = window.cookies(), dict(window.context.storage_state())
    finally:
        window.close()
    sessions.hide_cookies(state)
    who = str((target.edge.request("GET", WHO, cookies=cookies).parsed() or {}).get("email", ""))
    _expect(name, who, Staff(target.edge, cookies).me())
    return Kept(who, sessions.save(name, state, folder), sessions.ends_at(state, target.domain))


def _please(target: Target, name: str) -> str:
    minutes = round(BY_HAND_SECONDS / 60)
    github = target.settings["GATE_GITHUB_URL"]
    return say(
        f"A browser opens. Sign in at {github} as the {name}, within {minutes} minutes.",
        f"Откроется браузер. Войдите на {github} как {name}; на это {minutes} минут.",
    )


def _by_itself(target: Target, name: str, window: Window) -> None:
    key, settings = f"GATE_{name.upper()}_", target.settings
    person = Credentials(name, settings[f"{key}LOGIN"], settings[f"{key}PASSWORD"], settings[f"{key}TOTP_SECRET"])
    SignIn(window, person, settings["GATE_GITHUB_URL"]).walk()


def _by_hand(target: Target, window: Window) -> None:
    """Wait until whoever sits there has a session that the platform's API knows, allowed or not."""
    window.go(START)
    arrival = _Arrival(target, window)
    try:
        until(
            arrival.look,
            lambda place: place == "in",
            what=Text("somebody signed in", "вход выполнен"),
            within=BY_HAND_SECONDS,
            hopeless=lambda place: place == "closed",
        )
    except Broken:
        raise GateError(
            say(
                "Nobody signed in: the window was closed, or the time was over. Nothing is saved.",
                "Вход не выполнен: окно закрыли или вышло время. Ничего не сохранено.",
            )
        ) from None


class _Arrival:
    """Looks where the person is; the platform is asked once about each session that turns up."""

    def __init__(self, target: Target, window: Window) -> None:
        self._target = target
        self._window = window
        self._asked: dict[str, str] = {}

    def look(self) -> str:
        """`out`, `in`, or `closed`."""
        from playwright.sync_api import Error

        try:
            # Also lets the browser's own events through, such as that it was closed.
            self._window.page.evaluate("0")
            cookies = self._window.cookies()
        except Error:
            return "closed" if self._window.page.is_closed() else "out"
        session = {key: value for key, value in cookies.items() if _is_session(key)}
        if not session or session == self._asked:
            return "out"
        self._asked = session
        return "in" if Staff(self._target.edge, cookies).me().status in (200, 403) else "out"


def _is_session(name: str) -> bool:
    return name.startswith(SESSION_COOKIE) and "csrf" not in name


def _expect(name: str, who: str, answer: Exchange) -> None:
    """The platform must see in them what the name promises: a stranger who is allowed would prove nothing."""
    user: dict[str, Any] = (answer.parsed() or {}).get("user", {}) if answer.status == 200 else {}
    wrong = ""
    if answer.status not in (200, 403):
        wrong = say(f"the platform answers {answer.brief()}", f"платформа отвечает {answer.brief()}")
    elif name == "admin" and not user.get("is_platform_admin"):
        wrong = say("they are no platform admin", "это не платформенный администратор")
    elif name == "member" and user.get("is_platform_admin"):
        wrong = say("they are a platform admin", "это платформенный администратор")
    elif name == "stranger" and answer.status == 200:
        wrong = say("the platform allows them", "платформа их впускает")
    if wrong:
        raise GateError(
            say(
                f"{who or 'Somebody'} signed in, but {wrong}; that is not the {name}. Nothing is saved.",
                f"Вход выполнен ({who or '?'}), но {wrong}; {name} — не это. Ничего не сохранено.",
            )
        )
