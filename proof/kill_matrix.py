"""`make faults`: run the gate against each fault of the local staging and write what turned red.

A fault is seen when a line that it belongs to is broken in both languages, and the same lines are proven again
once it is off; faults of the same lines share that second look, unless `--thorough`. Lines that are red without
belonging to the fault are counted as well: they cry wolf.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "kill-matrix.md"
RANK = {"proven": 0, "not-run": 1, "not-proven": 2, "broken": 3}
LANGUAGES = ("en", "ru")
# A fault that concerns many lines is tried on the first of them: one red line is enough to be seen.
LINES_TRIED = 2


@dataclass
class Fault:
    """One line of `python -m sandbox --list-faults`."""

    name: str
    lines: tuple[str, ...]
    sentence: str


@dataclass
class Outcome:
    """What one run of the gate said: a status for each line and language, and the first reason for a red one."""

    status: dict[tuple[str, str], str] = field(default_factory=dict)
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    seconds: float = 0.0
    complete: bool = False

    def red(self, language: str) -> set[str]:
        """The lines that are broken in this language."""
        return {
            line for (line, spoken), status in self.status.items() if spoken == language and status == "broken"
        }


@dataclass
class Trial:
    """A fault, the gate's outcome while it was on, and again once it was off."""

    fault: Fault
    broken: Outcome
    healthy: Outcome

    def seen(self, language: str) -> bool:
        """Whether a line of the fault was red in this language, and is not red without the fault."""
        red = self.broken.red(language) & set(self.fault.lines)
        return bool(red) and self.healthy.complete and not self.healthy.red(language)

    def astray(self) -> set[str]:
        """Lines that were red without belonging to the fault."""
        return (self.broken.red("en") | self.broken.red("ru")) - set(self.fault.lines)

    def reason(self) -> str:
        """The sentence that a reader of the report meets first."""
        own = [self.broken.reasons.get((line, "en"), "") for line in self.fault.lines]
        return next((reason for reason in own if reason), "")


class Staging:
    """One local staging in a process of its own, whose faults are switched while it runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--json"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.settings: dict[str, str] = json.loads(self._process.stdout.readline())
        self._control = self.settings.pop("SANDBOX_CONTROL")

    def switch(self, *faults: str) -> None:
        """From now on exactly these faults are on."""
        body = json.dumps(list(faults)).encode()
        request = urllib.request.Request(f"{self._control}/faults", body, method="PUT")
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request, timeout=10).close()

    def judge(self, tags: str, reports: Path) -> Outcome:
        """Run the gate on it."""
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "behave", *([f"--tags={tags}"] if tags else [])],
            cwd=ROOT,
            env=os.environ | self.settings | {"GATE_REPORTS": str(reports)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        outcome = read(reports / "run.jsonl")
        outcome.seconds = time.monotonic() - began
        return outcome

    def stop(self) -> None:
        """End the staging."""
        self._process.terminate()
        self._process.wait(30)


def read(path: Path) -> Outcome:
    """The record of a run as an outcome; without its end the run is not complete."""
    outcome = Outcome()
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for entry in map(json.loads, lines):
        if entry["kind"] == "end":
            outcome.complete = not entry["aborted"]
        if entry["kind"] == "scenario":
            _note(outcome, entry)
    return outcome


def _note(outcome: Outcome, entry: dict[str, Any]) -> None:
    status = {"passed": "proven", "not-proven": "not-proven", "skipped": "not-proven"}.get(
        entry["status"], "broken"
    )
    for line in entry["ids"]:
        place = (line, entry["language"])
        if RANK[status] >= RANK[outcome.status.get(place, "proven")]:
            outcome.status[place] = status
        if status == "broken":
            outcome.reasons.setdefault(place, entry["reason"].strip().splitlines()[0] if entry["reason"] else "")


def catalogue(names: Iterable[str]) -> list[Fault]:
    """All faults of the local staging, or those named."""
    listed = subprocess.run(
        [sys.executable, "-m", "sandbox", "--list-faults"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rows = [line.split("\t") for line in listed.stdout.splitlines() if line.count("\t") >= 2]
    faults = [Fault(name.strip(), tuple(lines.strip().split(",")), text) for name, lines, text in rows]
    wanted = set(names)
    if unknown := wanted - {fault.name for fault in faults}:
        raise SystemExit(f"No such fault: {', '.join(sorted(unknown))}. See python -m sandbox --list-faults.")
    return [fault for fault in faults if not wanted or fault.name in wanted]


def try_all(
    faults: list[Fault],
    workers: int,
    everything: bool,
    folder: Path,
    thorough: bool = False,
    tell: Callable[[list[Trial]], None] = lambda _: None,
) -> list[Trial]:
    """Try each fault on one of several stagings; `tell` hears of all trials after each, so that none is lost."""
    waiting: queue.Queue[Fault] = queue.Queue()
    for fault in spread(faults):
        waiting.put(fault)
    order = {fault.name: place for place, fault in enumerate(faults)}
    trials: list[Trial] = []

    def work(number: int) -> None:
        staging = Staging()
        try:
            while not waiting.empty():
                fault = waiting.get_nowait()
                trial = _try(staging, fault, everything, folder / str(number), healthy)
                trials.append(trial)
                tell(sorted(trials, key=lambda tried: order[tried.fault.name]))
                print(_told(trial, len(trials), len(faults)), flush=True)
        except queue.Empty:
            pass
        finally:
            staging.stop()

    healthy: dict[str, Outcome] | None = None if thorough else {}
    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(trials, key=lambda trial: order[trial.fault.name])


def spread(faults: list[Fault]) -> list[Fault]:
    """The faults of different lines in turn: an early end has then seen something of every line."""
    by_line: dict[str, list[Fault]] = {}
    for fault in faults:
        by_line.setdefault(fault.lines[0], []).append(fault)
    turns = itertools.zip_longest(*by_line.values())
    return [fault for turn in turns for fault in turn if fault is not None]


def _try(
    staging: Staging, fault: Fault, everything: bool, folder: Path, shared: dict[str, Outcome] | None
) -> Trial:
    own = " or ".join(f"@{line}" for line in fault.lines[:LINES_TRIED])
    staging.switch(fault.name)
    broken = staging.judge("" if everything else own, folder / fault.name)
    staging.switch()
    healthy = shared.get(own) if shared is not None else None
    if healthy is None or not healthy.complete or healthy.red("en") or healthy.red("ru"):
        healthy = staging.judge(own, folder / f"{fault.name}-healthy")
    if shared is not None:
        shared[own] = healthy
    return Trial(fault, broken, healthy)


def _told(trial: Trial, done: int, total: int) -> str:
    seen = [language for language in LANGUAGES if trial.seen(language)]
    mark = "seen  " if len(seen) == 2 else "MISSED"
    again = "" if not (trial.healthy.red("en") | trial.healthy.red("ru")) else "  RED WHEN HEALTHY"
    stray = f"  astray: {', '.join(sorted(trial.astray()))}" if trial.astray() else ""
    took = f"{trial.broken.seconds:.0f}+{trial.healthy.seconds:.0f} s"
    head = f"[{done}/{total}] {mark} {trial.fault.name} ({','.join(seen)}; {took})"
    return f"{head}{again}{stray}\n      {trial.reason()}"


def page(trials: list[Trial], everything: bool, known: int) -> str:
    """The kill matrix as Markdown; `known` is how many faults the catalogue has."""
    seen = [trial for trial in trials if all(trial.seen(language) for language in LANGUAGES)]
    rows = [
        f"| {trial.fault.name} | {trial.fault.sentence} | {', '.join(trial.fault.lines)} | "
        f"{_cell(trial, 'en')} | {_cell(trial, 'ru')} | {', '.join(sorted(trial.astray())) or '-'} | "
        f"{trial.reason().replace('|', '/')[:180]} |"
        for trial in trials
    ]
    cells = sum(len({line for line, _ in trial.broken.status} - set(trial.fault.lines)) for trial in trials)
    astray = sum(len(trial.astray()) for trial in trials)
    off = f"{astray} of {cells} cells ({100 * astray / cells:.1f} %)" if everything and cells else "not measured"
    return "\n".join(
        [
            "# The kill matrix",
            "",
            "Made by `make faults`: every fault of the local staging is switched on, the gate is run, the fault",
            "is switched off, the gate is run again. A fault is seen when a line that it belongs to is broken",
            "while it is on, and proven once it is off.",
            "",
            f"- Faults tried: **{len(trials)} of {known}** in the catalogue",
            f"- Of these seen in both languages: **{len(seen)} of {len(trials)}**",
            f"- Lines red without belonging to the fault: **{off}**",
            "",
            "| Fault | What is broken | Its lines | en | ru | Red beside them | What the report says first |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _cell(trial: Trial, language: str) -> str:
    red = sorted(trial.broken.red(language) & set(trial.fault.lines))
    return ", ".join(red) if trial.seen(language) else f"**missed** {', '.join(red)}".strip()


def main() -> int:
    """Try the faults; 0 when each was seen in both languages."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("faults", nargs="*", help="only these")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument(
        "--everything", action="store_true", help="run the whole gate on each, not its lines only"
    )
    options.add_argument("--thorough", action="store_true", help="look again after every single fault")
    options.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    chosen = options.parse_args()

    def keep(trials: list[Trial]) -> None:
        if chosen.write:
            PAGE.write_text(page(trials, chosen.everything, len(catalogue(()))), encoding="utf-8")

    with tempfile.TemporaryDirectory(prefix="gate-faults-") as folder:
        trials = try_all(
            catalogue(chosen.faults), chosen.workers, chosen.everything, Path(folder), chosen.thorough, keep
        )
    missed = [trial.fault.name for trial in trials if not all(trial.seen(language) for language in LANGUAGES)]
    print(f"{len(trials) - len(missed)} of {len(trials)} faults seen. Missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
