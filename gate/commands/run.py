"""`python -m gate run`: behave, then the report and the verdict. `make p0` and `make gate` are this."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from gate import blockers
from gate import settings as gate_settings
from gate.attestation import private_key
from gate.commands import verdict as verdict_command
from gate.document import Document, Scope, load_document
from gate.errors import GateError
from gate.expected import Declared, expected, features_digest, of_document
from gate.folder import BLOCKERS, HISTORY, JUNIT, RECORD, claim, forget
from gate.integrity import Wanted
from gate.junit import write_junit
from gate.provide import provide
from gate.results import read_run
from gate.settings import Settings
from gate.verdict_file import EXIT_CODES_OF_CRASH, remember, wanted_by

SCOPE_TAGS = {"all": [], "p0": ["--tags=@p0"]}
# behave's runner that shares the scenarios among workers.
CONDUCTOR = "runner.conductor:Conductor"
FEATURES, WAIVERS = Path("features"), Path("waivers.yaml")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The scope; whatever follows goes to behave."""
    parser.add_argument("--scope", choices=tuple(SCOPE_TAGS), default="all", help="p0: only the P0 scenarios")
    parser.add_argument("--read-only", action="store_true", help="run only what writes nothing (GATE_READ_ONLY)")
    parser.add_argument("--production", action="store_true", help="with GATE_PRODUCTION: judge a production")
    parser.add_argument("--key", type=Path, help="Ed25519 private key (PEM) that signs the bundle")
    parser.add_argument("behave", nargs="*", help="more arguments for behave, after --")


def run(options: argparse.Namespace) -> int:
    """Run, judge, report, remember; the exit code is that of the verdict."""
    settings = gate_settings.load()
    reports: Path = settings["GATE_REPORTS"]
    if not FEATURES.is_dir():
        raise GateError("There is no folder features here. Run this from the root of the project.")
    # A key or a feature that cannot be read is told before anything is installed or started.
    if options.key:
        private_key(options.key)
    tags = [*SCOPE_TAGS[options.scope], *_tags_of(load_document(settings["GATE_DOCUMENT"]), expected(FEATURES))]
    _in_order()
    provide(print)
    wanted = wanted_by(settings, FEATURES)
    with claim(reports):
        forget(reports)
    told = [f"-D{one}=yes" for one in _said(options)]
    crew = [f"--runner={CONDUCTOR}"] if settings["GATE_WORKERS"] > 1 else []
    _behave([*crew, *tags, *told, *options.behave], reports / RECORD)
    if shard := settings["GATE_SHARD"]:
        return _one_of_many(reports, *shard)
    return conclude(settings, reports, options.scope, wanted, options.key)


def conclude(settings: Settings, reports: Path, scope: Scope, wanted: Wanted, key: Path | None) -> int:
    """From the results of a whole run to its verdict, report and bundle; the answer is the verdict's exit code."""
    from gate.report import build_report

    blockers.keep_blockers(blockers.fetch_blockers(settings), reports / BLOCKERS)
    # The tree may move on while a run is under way; what ran is what was there at its beginning.
    verdict = verdict_command.judge(reports, FEATURES, WAIVERS, scope, wanted)
    if verdict is None:
        return EXIT_CODES_OF_CRASH
    write_junit(verdict.case.run, reports / JUNIT)
    remember(verdict, reports / HISTORY)
    # Before the report: without the tool that builds it the verdict is as good.
    print(f"\n{verdict_command.told(verdict)}", flush=True)
    page = build_report(verdict, reports)
    print(f"Report:  {page}")
    if scope == "all":
        _bundle(reports, key)
    return verdict.exit_code


def _tags_of(document: Document, declared: Sequence[Declared]) -> list[str]:
    """What leaves out the scenarios of other documents, where there are any."""
    if len(of_document(declared, document)) == len(declared):
        return []
    return [f"--tags={' or '.join(f'@{sprint}.*' for sprint in sorted(document.sprints))}"]


def _one_of_many(reports: Path, number: int, of: int) -> int:
    """A shard gives no verdict: it has done its part when its record is whole, whatever the results are."""
    run = read_run(reports / RECORD)
    whole = run.end is not None and not run.end.aborted and not run.problems
    state = "whole" if whole else "NOT whole"
    print(f"\nShard {number}/{of}: {len(run.results)} scenarios, {state}, in {reports}")
    print("The verdict comes from all shards together: python -m gate merge DIR...")
    return 0 if whole else EXIT_CODES_OF_CRASH


def _said(options: argparse.Namespace) -> list[str]:
    """What the command line says about writing, in behave's names."""
    said = {"GATE_READ_ONLY": options.read_only, "production": options.production}
    return [name for name, yes in said.items() if yes]


def _bundle(reports: Path, key: Path | None) -> None:
    """The whole gate also leaves what goes by mail, and the evidence under one hash."""
    from gate.bundle import build_bundle
    from gate.summary import write_summaries

    write_summaries(reports)
    bundle = build_bundle(reports, FEATURES, WAIVERS, key)
    print(f"Bundle:  {bundle.path}")
    print(f"Root:    {bundle.root}")


def _in_order() -> None:
    """behave runs features that are not in order, and what they have lost is missed by nobody: told before it."""
    command = [sys.executable, "-m", "gate", "check", "--lost"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GateError((done.stdout + done.stderr).strip())


def _behave(arguments: Sequence[str], record: Path) -> None:
    """Run behave to its end, through a Ctrl-C too: it stops by itself, and what it has gathered is reported."""
    features = features_digest(FEATURES)
    child = subprocess.Popen([sys.executable, "-m", "behave", *arguments])
    # So a pod or a job is told that it was cancelled; behave then cleans up, as after a Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGINT))
    while True:
        try:
            code = child.wait()
            break
        except KeyboardInterrupt:
            continue
    with record.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"kind": "exit", "code": code, "features": features}) + "\n")
