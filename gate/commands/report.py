"""`python -m gate report`: the report again, from the results of a run."""

from __future__ import annotations

import argparse

from gate import settings as gate_settings
from gate.commands import verdict as verdict_command
from gate.folder import features_in, results_in
from gate.report import build_report
from gate.verdict_file import EXIT_CODES_OF_CRASH, wanted_by


def arguments(parser: argparse.ArgumentParser) -> None:
    """The same as those of the verdict."""
    verdict_command.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Judge, build, say where it is."""
    settings = gate_settings.load()
    reports = results_in(options.reports or settings["GATE_REPORTS"])
    wanted = wanted_by(settings, features_in(options.features))
    verdict = verdict_command.judge(reports, options.features, options.waivers, options.scope, wanted)
    if verdict is None:
        return EXIT_CODES_OF_CRASH
    print(verdict_command.told(verdict), flush=True)
    page = build_report(verdict, reports)
    print(f"Report:  {page}")
    return verdict.exit_code
