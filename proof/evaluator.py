"""A process that has the suite loaded and runs behave in a fork of itself, as often as it is asked.

Most of a short run of behave is loading: a kill matrix of hundreds of runs pays for that once. Each run begins
from the same fresh memory, as a process of its own would, and beside its record leaves `checks.jsonl`: which
check of the suite each error came from.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gate.preload import preload
from gate.settings import Settings
from proof.staging import ROOT, Outcome, read
from proof.weakening import checks, innermost, weaken

CHECKS = "checks.jsonl"
# Longer than the whole gate takes on a busy machine with the worker's real times; a run that hangs is ended, and
# proves nothing.
LIMIT_SECONDS = 3600
COMPILED = ROOT / ".cache" / "node"
LOADED = ("behave.__main__", "behave.runner", "allure_behave.formatter")


class Evaluator:
    """The process, seen from the one who asks."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "proof.evaluator"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A driver for each run that opens a browser: Node keeps what it has compiled of it.
            env={**os.environ, "NODE_COMPILE_CACHE": str(COMPILED)},
        )

    def run(
        self, arguments: Sequence[str], settings: Mapping[str, str], reports: Path, weakened: str = ""
    ) -> Outcome:
        """Run behave with these arguments and settings; `weakened` names a check that is left out."""
        began = time.monotonic()
        for name in ("run.jsonl", CHECKS):
            (reports / name).unlink(missing_ok=True)
        wanted = {"arguments": list(arguments), "settings": dict(settings), "reports": str(reports)}
        self._ask({**wanted, "weakened": weakened})
        outcome = read(reports / "run.jsonl")
        found = _checks(reports / CHECKS)
        outcome.told = [replace(one, check=found.get(one.key, "")) for one in outcome.told]
        outcome.seconds = time.monotonic() - began
        return outcome

    def sign_in(self, settings: Mapping[str, str], folder: Path) -> dict[str, str]:
        """The settings by which runs take sessions that are made now, once, and kept in this folder."""
        self._ask({"settings": dict(settings), "sessions": str(folder)})
        return {f"GATE_{path.stem.upper()}_SESSION": str(path) for path in folder.glob("*.json")}

    def _ask(self, wanted: Mapping[str, Any]) -> None:
        assert self._process.stdin and self._process.stdout
        print(json.dumps(wanted), file=self._process.stdin, flush=True)
        if not self._process.stdout.readline():
            raise RuntimeError("The evaluator ended.")

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.wait(LIMIT_SECONDS)


def _checks(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {entry["key"]: entry["check"] for entry in map(json.loads, lines)}


def serve() -> None:
    """Load everything, then run whatever is asked for on standard input, one after the other."""
    sys.path.insert(0, str(ROOT))
    for name in LOADED:
        importlib.import_module(name)
    for package in ("gate", "runner"):
        folder = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(folder, f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    checks()  # by which each error is told apart: reading them takes longer than most runs
    _load_sentences()
    for line in sys.stdin:
        print(_forked(json.loads(line)), flush=True)


def _load_sentences() -> None:
    """The step modules, as behave loads them with `environment.py` in force; a fifth of a short run."""
    matching: Any = importlib.import_module("runner.matching")
    util: Any = importlib.import_module("behave.runner_util")
    importlib.import_module("runner.bytecode").keep_bytecode()
    matching.use_plain_words_first(importlib.import_module("behave.step_registry").registry)
    util.load_step_modules([str(ROOT / "steps")])


def _take_sentences_as_loaded() -> None:
    """Neither forgotten nor loaded once more."""
    matching: Any = importlib.import_module("runner.matching")
    running: Any = importlib.import_module("behave.runner")
    matching.use_plain_words_first = lambda *_: None
    running.load_step_modules = lambda *_: None


def _forked(wanted: dict[str, Any]) -> int:
    preload(Settings(wanted["settings"]))
    child = os.fork()
    if child == 0:
        (_sign_in if "sessions" in wanted else _behave)(wanted)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _sign_in(wanted: dict[str, Any]) -> None:
    """The fork: everybody who can signs in, and what their browsers know is kept."""
    code = 1
    try:
        signal.alarm(LIMIT_SECONDS)
        os.environ.update(wanted["settings"])
        from gate import sessions
        from gate.opening import open_target
        from gate.settings import PEOPLE, load

        target = open_target(load(), lambda _: None)
        for name in filter(target.people.configured, PEOPLE):
            sessions.save(name, target.people.session(name).state, Path(wanted["sessions"]))
        target.close()
        code = 0
    finally:
        os._exit(code)


def _behave(wanted: dict[str, Any]) -> None:
    """The fork: run behave here and end."""
    code = 1
    try:
        signal.alarm(LIMIT_SECONDS)
        reports = Path(wanted["reports"])
        reports.mkdir(parents=True, exist_ok=True)
        screen = os.open(reports / "screen.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        silence = os.open(os.devnull, os.O_RDONLY)
        for ours, theirs in ((silence, 0), (screen, 1), (screen, 2)):
            os.dup2(ours, theirs)
        os.environ.update(wanted["settings"], GATE_REPORTS=str(reports))
        _note_checks(reports / CHECKS)
        _take_features_as_checked()
        _leave_out_the_cluster()
        if wanted["weakened"]:
            weaken(wanted["weakened"])
        _take_sentences_as_loaded()
        from behave.__main__ import main

        code = int(main(wanted["arguments"]) or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _take_features_as_checked() -> None:
    """They are the same in each of these runs, and `make check` has seen them."""
    unreadable: Any = importlib.import_module("runner.unreadable")
    unreadable.out_of_order = lambda *_: []


def _leave_out_the_cluster() -> None:
    """What a report tells of it at its end: of these runs nobody reads a report."""
    state: Any = importlib.import_module("gate.cluster_state")
    state.keep_cluster = lambda *_: ""


def _note_checks(path: Path) -> None:
    """The guard around each step is the place that every error passes; listen there."""
    guard: Any = importlib.import_module("runner.guard")
    from runner.record import RUN

    redact = guard.redact_error

    def noted(error: BaseException) -> None:
        key = list(RUN.outcomes)[-1] if RUN.outcomes else ""
        entry = {"key": key, "check": innermost(error.__traceback__)}
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        redact(error)

    guard.redact_error = noted


if __name__ == "__main__":
    serve()
