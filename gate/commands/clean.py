"""`python -m gate clean`: remove what runs left that were killed."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import timedelta

from gate.cleaning import dismiss, forgotten_guests, forgotten_hooks, leftovers, remove
from gate.errors import NotProven, SettingError
from gate.language import say
from gate.opening import open_target
from gate.safety import refuse_production
from gate.settings import load
from gate.target import Target

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def age(text: str) -> timedelta:
    """An age such as 30m, 2h or 1d; 0 is any age."""
    found = re.fullmatch(r"(\d+)([smhd]?)", text)
    if not found or (found[1] != "0" and not found[2]):
        raise argparse.ArgumentTypeError(f"“{text}” is no age: write for example 30m, 2h or 1d")
    return timedelta(seconds=int(found[1]) * UNITS.get(found[2], 1))


def arguments(parser: argparse.ArgumentParser) -> None:
    """`--dry-run` and `--older-than`."""
    parser.add_argument("--production", action="store_true", help="with GATE_PRODUCTION: clean a production")
    parser.add_argument("--dry-run", action="store_true", help="only list what would be removed")
    parser.add_argument(
        "--older-than",
        type=age,
        default=timedelta(hours=2),
        metavar="AGE",
        help="leave alone what is younger, for a run may still need it: 30m, 2h (default), 1d, 0",
    )


def run(options: argparse.Namespace) -> int:
    """List, and unless it is a dry run remove; exit code 1 when something is left."""
    settings = load()
    if not settings["GATE_DOMAIN"] and settings["GATE_SANDBOX"] != "keep":
        raise SettingError(
            say(
                "Say which staging to clean: set GATE_DOMAIN. A local staging takes everything with it.",
                "Укажите, какой staging убрать: задайте GATE_DOMAIN. Локальный staging всё уносит с собой.",
            )
        )
    target = open_target(settings, lambda line: print(line, file=sys.stderr))
    try:
        if not options.dry_run:
            refuse_production(target, options.production)
        _rows(target, options.older_than, options.dry_run)
        _guests(target, options.older_than, options.dry_run)
        _hooks(target, options.older_than, options.dry_run)
        return 0 if options.dry_run or not leftovers(target, options.older_than) else 1
    finally:
        target.close()


def _rows(target: Target, older_than: timedelta, dry_run: bool) -> None:
    found = leftovers(target, older_than)
    if not found:
        print(say("Nothing is left in the database.", "В базе данных ничего не осталось."))
    for leftover in found:
        print(leftover)
        if not dry_run:
            removed = remove(target, leftover.mark)
            print("   " + ", ".join(f"{table} -{count}" for table, count in removed.rows.items() if count))
            if removed.held:
                print("   " + say("these stay, being referred to: ", "остались, на них ссылаются: ")
                      + ", ".join(removed.held))  # fmt: skip


def _guests(target: Target, older_than: timedelta, dry_run: bool) -> None:
    for email in forgotten_guests(target, older_than):
        print(say(f"{email}, allowed for a run that was killed", f"{email}, допущен на время прерванного прогона"))
        if not dry_run and not dismiss(target, email):
            print("   " + say("stays, being more than that by now", "остаётся: теперь это не только гость"))


def _hooks(target: Target, older_than: timedelta, dry_run: bool) -> None:
    try:
        found = forgotten_hooks(target, older_than)
    except NotProven as reason:
        print(say(f"Hooks were not looked at: {reason}", f"Вебхуки не проверены: {reason}"))
        return
    for full_name, hook in found:
        print(say(f"hook {hook.id} of {full_name}: {hook.url}", f"вебхук {hook.id} в {full_name}: {hook.url}"))
        if not dry_run:
            target.github.delete_hook(full_name, hook.id)
