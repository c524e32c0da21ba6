"""`python -m gate verdict`: the decision over the results of a run, wherever they lie."""

from __future__ import annotations

import argparse
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten

from gate import settings as gate_settings
from gate.document import Scope
from gate.errors import GateError
from gate.folder import INPUTS, VERDICT, features_in, results_in
from gate.integrity import Wanted
from gate.language import Text, language_here, say, speak, spoken
from gate.redaction import redact
from gate.verdict import Verdict, decide
from gate.verdict_file import (
    EXIT_CODES_OF_CRASH,
    crashed,
    gather,
    keep_inputs,
    wanted_by,
    write_json,
    write_verdict,
)

SHOWN = 12
WIDTH = 220


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where the results, the features and the waivers are."""
    parser.add_argument("--reports", type=Path, help="folder of the results (GATE_REPORTS, else reports)")
    parser.add_argument("--features", type=Path, default=Path("features"), help="the features that were run")
    parser.add_argument("--waivers", type=Path, default=Path("waivers.yaml"), help="what somebody accepts")
    parser.add_argument("--scope", choices=("all", "p0"), default="all", help="p0: exit 0 when P0 is proven")


def run(options: argparse.Namespace) -> int:
    """Judge, write `verdict.json`, print the outcome; the exit code is the verdict."""
    settings = gate_settings.load()
    reports = results_in(options.reports or settings["GATE_REPORTS"])
    wanted = wanted_by(settings, features_in(options.features))
    verdict = judge(reports, options.features, options.waivers, options.scope, wanted)
    if verdict is None:
        return EXIT_CODES_OF_CRASH
    print(told(verdict))
    return verdict.exit_code


def judge(reports: Path, features: Path, waivers: Path, scope: Scope, wanted: Wanted) -> Verdict | None:
    """Judge and write; None when the judge itself failed, which is written as Incomplete."""
    now = datetime.now(UTC)
    path = reports / VERDICT
    reports.mkdir(parents=True, exist_ok=True)
    # An older Go must not outlive a judge that fails half-way.
    path.unlink(missing_ok=True)
    try:
        case = gather(reports, features, waivers, now=now, scope=scope, wanted=wanted)
        keep_inputs(case, reports / INPUTS)
        verdict = decide(case)
        write_verdict(verdict, path)
    except Exception as wrong:  # whatever it is, it is no Go; it is shown in full
        print(redact(_one_sentence(wrong) or traceback.format_exc()), file=sys.stderr)
        _write_crashed(scope, wrong, path)
        return None
    return verdict


def _one_sentence(wrong: Exception) -> str:
    """What a mistake of somebody's says; nothing for a fault of the judge's own."""
    if isinstance(wrong, GateError):
        return str(wrong)
    return f"{type(wrong).__name__}: {wrong}" if isinstance(wrong, OSError) else ""


def _write_crashed(scope: Scope, wrong: Exception, path: Path) -> None:
    try:
        write_json(crashed(scope, wrong), path)
    except OSError:
        # Half a verdict is worse than none.
        path.unlink(missing_ok=True)
        raise


def told(verdict: Verdict) -> str:
    """The outcome for a terminal, in the language of its locale."""
    before = spoken()
    speak(language_here())
    try:
        return "\n".join(_told(verdict))
    finally:
        speak(before)


def _told(verdict: Verdict) -> list[str]:
    name = {"go": "GO", "no-go": "NO-GO", "incomplete": "INCOMPLETE"}[verdict.decision]
    lines = [say(f"Verdict: {name}", f"Вердикт: {name}")]
    if verdict.case.scope == "p0":
        outcome = Text("P0 is NOT proven", "P0 НЕ доказано")
        if verdict.scope_passed:
            outcome = Text(
                "every P0 line is proven in both languages", "каждая строка P0 доказана на обоих языках"
            )
        lines = [
            say(
                f"P0: {outcome.en}. This is not a Go: over everything the verdict is {name}.",
                f"P0: {outcome.ru}. Это не Go: по всему в целом вердикт — {name}.",
            )
        ]
    in_scope = {one.line.id for one in verdict.lines if one.line.in_scope(verdict.case.scope)}
    run = say("the run", "прогон")
    told = [one for one in verdict.reasons if one.line is None or one.line in in_scope]
    lines += [
        f"  {one.weight:<10}  {one.line or run:<20} {shorten(str(one.text), WIDTH, placeholder=' …')}"
        for one in told[:SHOWN]
    ]
    if len(told) > SHOWN:
        more = len(told) - SHOWN
        lines.append(say(f"  … and {more} more reasons, all in the report", f"  … и ещё {more}, все — в отчёте"))
    return lines
