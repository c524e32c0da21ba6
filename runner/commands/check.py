"""`python -m gate check`: are the features in order? About a second, and no platform."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from gate.commands import lang
from gate.document import load_every
from gate.errors import GateError
from gate.language import say
from runner.check import check, fix
from runner.sentences import load_sentences

WRONG = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where features and steps are."""
    parser.add_argument("--features", type=Path, default=Path("features"), help="folder with en and ru in it")
    parser.add_argument("--steps", type=Path, default=Path("steps"), help="folder of the step modules")
    parser.add_argument("--lost", action="store_true", help="tell only what behave would run in silence, and lose")
    parser.add_argument("--fix", action="store_true", help="first lay out the features in the house style")
    lang.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """0: all in order. 1: the problems, one a line."""
    lang.choose(options)
    for folder in (options.features, options.steps):
        if not folder.is_dir():
            raise GateError(say(f"There is no folder {folder} here.", f"Здесь нет папки {folder}."))
    began = time.monotonic()
    for name in fix(options.features.resolve()) if options.fix else ():
        print(say(f"{name}: laid out anew", f"{name}: оформлено заново"))
    found = check(options.features.resolve(), load_sentences(options.steps.resolve()), load_every())
    problems = [one for one in found.problems if one.weight == "lost" or not options.lost]
    for problem in problems:
        print(problem)
    count, seconds = len(problems), time.monotonic() - began
    looked = say(
        f"{found.files} features, {found.scenarios} scenarios, {seconds:.1f} s",
        f"функций: {found.files}, сценариев: {found.scenarios}, {seconds:.1f} с",
    )
    verdict = say("all in order", "всё в порядке") if not count else say(f"{count} problem(s)", f"ошибок: {count}")
    print(f"{verdict} ({looked})")
    return WRONG if count else 0
