"""`python -m gate steps`: the sentences that a scenario may use."""

from __future__ import annotations

import argparse
from pathlib import Path

from gate.commands import lang
from gate.language import say, spoken
from gate.settings import load
from runner.catalogue import entries, page, text
from runner.sentences import load_sentences

NOTHING_FOUND = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to look for, and whether a page is wanted."""
    parser.add_argument("words", nargs="*", help="only sentences with these words in them")
    parser.add_argument("--html", action="store_true", help="write a page, with a search field, into GATE_REPORTS")
    parser.add_argument("--features", type=Path, default=Path("features"), help="where the examples come from")
    parser.add_argument("--steps", type=Path, default=Path("steps"), help="folder of the step modules")
    lang.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print the catalogue, or write it as a page; 1 when nothing fits."""
    lang.choose(options)
    known = entries(load_sentences(options.steps.resolve()), options.features)
    found = [entry for entry in known if all(map(entry.mentions, options.words))]
    if not found:
        print(say("No sentence has these words in it.", "Предложений с такими словами нет."))
        return NOTHING_FOUND
    if not options.html:
        print(text(found, spoken()))
        return 0
    path: Path = load()["GATE_REPORTS"] / "steps.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(found, spoken()), encoding="utf-8")
    print(path.resolve())
    return 0
