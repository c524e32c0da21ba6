"""`python -m gate login`: sign in once, and keep the session for later runs."""

from __future__ import annotations

import argparse
import sys

from gate.commands import lang
from gate.errors import Broken, GateError, SettingError
from gate.language import say
from gate.login import Kept, has_password, log_in, require_screen
from gate.opening import open_target
from gate.settings import PEOPLE, Settings, load


def arguments(parser: argparse.ArgumentParser) -> None:
    """Who signs in, and whether the browser is shown."""
    parser.add_argument("--as", dest="person", choices=PEOPLE, default="admin", help="whose session this is")
    parser.add_argument("--headless", action="store_true", help="show no browser: login and password are set")
    lang.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Sign in, save, say what to put into `.env`."""
    lang.choose(options)
    settings = _settings(options.person, options.headless)
    target = open_target(settings, lambda line: print(line, file=sys.stderr))
    try:
        if not has_password(target, options.person):
            _require_person(options)
        kept = log_in(target, options.person, print)
    except Broken as failure:
        raise GateError(str(failure)) from None
    finally:
        target.close()
    print(_told(options.person, kept))
    return 0


def _settings(person: str, headless: bool) -> Settings:
    """The settings without this person's old session, whose file need not exist; shown if need be."""
    overrides = {f"GATE_{person.upper()}_SESSION": ""}
    settings = load(overrides)
    if not settings["GATE_DOMAIN"] and settings["GATE_SANDBOX"] != "keep":
        raise SettingError(
            say(
                "Say which staging to sign in to: set GATE_DOMAIN, or GATE_SANDBOX=keep for a local one.",
                "Укажите, на какой staging входить: задайте GATE_DOMAIN или GATE_SANDBOX=keep для локального.",
            )
        )
    by_hand = settings["GATE_DOMAIN"] and not settings[f"GATE_{person.upper()}_PASSWORD"]
    headed = "no" if headless else "yes" if by_hand else ""
    return load({**overrides, "GATE_HEADED": headed}) if headed else settings


def _require_person(options: argparse.Namespace) -> None:
    if options.headless:
        key = f"GATE_{options.person.upper()}_"
        raise GateError(
            say(
                f"Nobody could see the browser: leave out --headless, or set {key}LOGIN and {key}PASSWORD.",
                f"Браузер никто не увидит: уберите --headless или задайте {key}LOGIN и {key}PASSWORD.",
            )
        )
    require_screen()


def _told(person: str, kept: Kept) -> str:
    ends = f"{kept.ends:%Y-%m-%d %H:%M} UTC" if kept.ends else say("it is not said when", "не сказано когда")
    return (
        say(
            f"Signed in as {kept.who} ({person}). The session ends: {ends}.\n"
            f"It is kept in {kept.path}, which only you can read. Put this into .env:\n",
            f"Вход выполнен: {kept.who} ({person}). Сессия закончится: {ends}.\n"
            f"Она сохранена в {kept.path}, читать его можете только вы. Добавьте в .env:\n",
        )
        + f"GATE_{person.upper()}_SESSION={kept.path}"
    )
