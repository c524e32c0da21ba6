"""The people: can somebody sign in as each of them? Nobody is signed in here, for that writes their login."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from gate import sessions
from gate.doctor.finding import Closed, Finding, given, look
from gate.doors.staff import WHO
from gate.errors import Broken, NotProven
from gate.language import say
from gate.target import Target


def person(target: Target, name: str, edge: Finding, browser: Finding, database: Finding) -> Finding:
    """A saved session that still lives, or what is needed to sign in."""
    key = f"GATE_{name.upper()}_"
    settings = target.settings
    by = given(settings, f"{key}SESSION") or given(settings, f"{key}LOGIN", f"{key}PASSWORD", f"{key}TOTP_SECRET")

    def act() -> str:
        if not edge.usable:
            raise Closed(
                say("cannot be looked at while the edge is closed", "пока вход закрыт, не проверить"), edge.step
            )
        if settings[f"{key}SESSION"]:
            return _session(target, name, database)
        if not (settings[f"{key}LOGIN"] and settings[f"{key}PASSWORD"]):
            raise Closed(say("nobody is named", "никто не назван"))
        return _password(target, name, browser, database)

    again = f"python -m gate login --as {name}"
    return look(name, by, act, say(
        f"{again}, then GATE_{name.upper()}_SESSION={sessions.FOLDER}/{name}.json; "
        f"or {key}LOGIN, {key}PASSWORD and {key}TOTP_SECRET.",
        f"{again}, затем GATE_{name.upper()}_SESSION={sessions.FOLDER}/{name}.json; "
        f"или {key}LOGIN, {key}PASSWORD и {key}TOTP_SECRET.",
    ))  # fmt: skip


def _session(target: Target, name: str, database: Finding) -> str:
    path = target.settings[f"GATE_{name.upper()}_SESSION"]
    state = sessions.read(path)
    cookies, ends = sessions.cookies_for(state, target.domain), sessions.ends_at(state, target.domain)
    if not cookies:
        raise Closed(say(f"{path} holds no session of {target.domain}", f"в {path} нет сессии {target.domain}"))
    # oauth2-proxy itself says who this is; the platform's own answer would write the login down.
    answer = target.edge.request("GET", WHO, cookies=cookies)
    if answer.status == 401 or (ends and ends < datetime.now(UTC)):
        when = f" {ends:%Y-%m-%d %H:%M} UTC" if ends and ends < datetime.now(UTC) else ""
        raise Closed(say(f"the session ended{when}", f"сессия закончилась{when}"))
    email = str((answer.parsed() or {}).get("email", ""))
    if answer.status != 200 or not email:
        raise Closed(answer.brief())
    _expect_role(target, name, email, database)
    until = f"{ends:%Y-%m-%d %H:%M} UTC" if ends else say("no end told", "конец не назван")
    return say(f"{email}, until {until}", f"{email}, до {until}")


def _expect_role(target: Target, name: str, email: str, database: Finding) -> None:
    """The platform's own list says whether they are who the name promises; only read."""
    if not database.usable:
        return
    user = target.database.user(email)
    if name == "admin" and not (user and user.is_platform_admin):
        raise Closed(say(f"{email} is no platform admin", f"{email} — не платформенный администратор"))
    if name == "member" and user and user.is_platform_admin:
        raise Closed(say(f"{email} is a platform admin", f"{email} — платформенный администратор"))
    if name == "stranger" and user:
        raise Closed(say(f"{email} is allowed, so no stranger", f"{email} есть в списке, это не посторонний"))


def _password(target: Target, name: str, browser: Finding, database: Finding) -> str:
    if not browser.usable:
        raise Closed(say("signing in needs the browser", "для входа нужен браузер"), browser.step)
    key, settings = f"GATE_{name.upper()}_", target.settings
    login, totp = settings[f"{key}LOGIN"], settings[f"{key}TOTP_SECRET"].replace(" ", "")
    if totp and not _is_base32(totp):
        raise Closed(
            say("the TOTP secret is not base32", "секрет TOTP — не base32"),
            say(
                f"{key}TOTP_SECRET is the text that GitHub shows below the QR code.",
                f"{key}TOTP_SECRET — текст, который GitHub показывает под QR-кодом.",
            ),
        )
    email = settings[f"{key}EMAIL"]
    if email:
        _expect_role(target, name, email, database)
    _expect_pages(target)
    factor = "" if totp else say(", without a second factor", ", без второго фактора")
    return say(f"will sign in as {login}{factor}; not tried", f"войдёт как {login}{factor}; не проверялось")


def _expect_pages(target: Target) -> None:
    """GitHub answers with a page of its own, whichever: nobody signs in here."""
    try:
        target.github_pages.request("GET", "/login")
    except (NotProven, Broken) as failure:
        url = target.settings["GATE_GITHUB_URL"]
        raise Closed(str(failure), say(
            f"Is {url} where people sign in, and seen from here? Another address: GATE_GITHUB_URL; a name that "
            "leads elsewhere: GATE_HOSTS=name=1.2.3.4.",
            f"Входят точно через {url} и видно ли его? Другой адрес: GATE_GITHUB_URL; имя ведёт в другое место: "
            "GATE_HOSTS=имя=1.2.3.4.",
        )) from None  # fmt: skip


def _is_base32(text: str) -> bool:
    try:
        base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except binascii.Error:
        return False
    return True
