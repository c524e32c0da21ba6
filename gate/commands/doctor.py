"""`python -m gate doctor`: what can be proven from here, and what is missing. Writes nothing on the staging."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from gate.commands import lang
from gate.doctor.examination import Examination, as_json, examine, examine_machine, told
from gate.document import load_document
from gate.errors import SettingError
from gate.expected import expected
from gate.language import say
from gate.opening import open_target, refuse_lonely
from gate.redaction import redact
from gate.safety import READ_ONLY
from gate.settings import Settings, load

INCOMPLETE = 1
FEATURES = Path("features")


def arguments(parser: argparse.ArgumentParser) -> None:
    """For a person or for a program; the local staging only when asked for."""
    parser.add_argument("--json", action="store_true", help="print it for a program")
    parser.add_argument(
        "--sandbox", action="store_true", help="without GATE_DOMAIN: start the local staging and look"
    )
    lang.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """0: everything can be proven from here. 1: what is missing, and the next step for each."""
    lang.choose(options)
    settings = load()
    if options.sandbox and settings["GATE_DOMAIN"]:
        raise SettingError(
            say(
                "GATE_DOMAIN names a staging: leave out --sandbox, or unset it.",
                "GATE_DOMAIN называет staging: уберите --sandbox или эту настройку.",
            )
        )
    found = _found(settings, options.sandbox)
    text = json.dumps(as_json(found), ensure_ascii=False, indent=1) if options.json else told(found)
    print(redact(text))
    return 0 if found.whole else INCOMPLETE


def _found(settings: Settings, start_local: bool) -> Examination:
    document = load_document(settings["GATE_DOCUMENT"])
    if not settings["GATE_DOMAIN"] and not start_local:
        refuse_lonely(settings)
        return examine_machine(settings, document, _writing())
    target = open_target(settings, lambda line: print(line, file=sys.stderr))
    try:
        return examine(target, document, _writing())
    finally:
        target.close()


def _writing() -> set[str]:
    """The lines of which a scenario writes on the staging."""
    declared = expected(FEATURES) if FEATURES.is_dir() else []
    return {id for one in declared if READ_ONLY not in one.tags for id in one.ids}
