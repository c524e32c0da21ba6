"""`make faults`: run the gate against each fault of the local staging and write what turned red.

Healthy, broken, healthy: the whole gate runs once on a healthy staging. Then, fault by fault, the scenarios of
the fault's first lines run in both languages while it is on, those of its further lines in English, together with
a fixed sample of every other line (what is quick in the healthy run); what was red runs again once the fault is
off, and must be green. A fault is seen when a line that it belongs to is red in both languages, and green before
and after. Lines that are red without belonging to it are counted: they cry wolf.

Each result goes to a file as it comes; started again, the same command goes on where it was ended.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from proof.bench import Bench, at_once, places
from proof.staging import LANGUAGES, ROOT, Outcome, Told

KEPT = ROOT / ".cache" / "kill-matrix.jsonl"
# A fault that concerns many lines is tried on the first of them in both languages, on the others in English.
LINES_IN_BOTH = 2
# What the sample takes of every line: English scenarios that take so long when all is well, or the quickest one.
SAMPLE_SECONDS = 0.06
# So many red scenarios of a line and language are looked at again once the fault is off.
LOOKED_AT_AGAIN = 2


@dataclass(frozen=True)
class Fault:
    """One line of `python -m sandbox --list-faults`."""

    name: str
    lines: tuple[str, ...]
    sentence: str


@dataclass
class Trial:
    """A fault, what the gate said while it was on, and the scenarios that stayed red once it was off."""

    fault: Fault
    broken: Outcome
    still_red: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def seen(self, language: str) -> bool:
        """Whether a check called a line of the fault broken in this language, and is content without the fault."""
        return not self.still_red and any(
            one.status == "failed" and one.language == language and set(one.ids) & set(self.fault.lines)
            for one in self.broken.told
        )

    @property
    def killed(self) -> bool:
        """Whether it was seen in both languages."""
        return all(self.seen(language) for language in LANGUAGES)

    def astray(self) -> set[str]:
        """Lines that were red without belonging to the fault."""
        return {
            line
            for one in self.broken.told
            if one.red and not set(one.ids) & set(self.fault.lines)
            for line in one.ids
        }

    def unmoved(self) -> set[str]:
        """Lines that are said to be the fault's first, ran whole with it on, and were not red."""
        return self.broken.lines() & set(self.fault.lines[:LINES_IN_BOTH]) - self.broken.red()

    def reason(self, line: str = "") -> str:
        """The sentence that a reader of the report meets first."""
        return self.broken.reason([line] if line else self.fault.lines)


class Results:
    """What is known so far, in a file: a healthy run of each language, then a trial for each fault."""

    def __init__(self, path: Path, sample_seconds: float = SAMPLE_SECONDS) -> None:
        self._path, self._sample_seconds = path, sample_seconds
        self._lock = threading.Lock()
        self.healthy: dict[str, Outcome] = {}
        self.trials: dict[str, Trial] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
            self._take(json.loads(line))

    def keep(self, found: Trial | Outcome, language: str = "") -> None:
        """Remember a trial, or the healthy run of a language; what is green is kept without its words."""
        entry = {"language": language, **asdict(found)}
        with self._lock:
            self._path.parent.mkdir(exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._take(entry)

    def sample(self) -> list[Told]:
        """Of every line what is quick in English when all is well, or else its quickest scenario."""
        told = sorted((one for one in self.healthy["en"].told if not one.red), key=lambda one: one.seconds)
        chosen = [one for one in told if one.seconds <= self._sample_seconds]
        have = {line for one in chosen for line in one.ids}
        for one in told:
            if not have.issuperset(one.ids):
                chosen.append(one)
                have.update(one.ids)
        return chosen

    def _take(self, entry: dict[str, Any]) -> None:
        if entry["language"]:
            self.healthy[entry["language"]] = _outcome(entry)
            return
        fault = Fault(**{**entry["fault"], "lines": tuple(entry["fault"]["lines"])})
        self.trials[fault.name] = Trial(fault, _outcome(entry["broken"]), entry["still_red"], entry["seconds"])


def _outcome(entry: dict[str, Any]) -> Outcome:
    told = [Told(**{**one, "ids": tuple(one["ids"])}) for one in entry["told"]]
    return Outcome(told, entry["seconds"], entry["complete"])


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


def attempt(bench: Bench, fault: Fault, results: Results) -> Trial:
    """Broken, then healthy again; the healthy run before is that of the results."""
    known = [one for language in LANGUAGES for one in results.healthy[language].told]
    own = [
        one for one in known if set(one.ids) & set(fault.lines[: LINES_IN_BOTH if one.language == "ru" else None])
    ]
    bench.switch(fault.name)
    broken = bench.judge(places([*own, *results.sample()]))
    bench.switch()
    again = bench.judge(places(_to_look_at(fault, broken)))
    left = [one.key for one in again.told if one.red] if again.complete else ["the second look did not end"]
    broken.told = [one if one.red else replace(one, reason="") for one in broken.told]
    return Trial(fault, broken, left, round(broken.seconds + again.seconds, 1))


def _to_look_at(fault: Fault, broken: Outcome) -> list[Told]:
    """What was red, some of each line and language; with nothing red, one scenario to end the look at once."""
    chosen: dict[tuple[str, str], list[Told]] = {}
    for one in broken.told:
        if one.red:
            chosen.setdefault((one.ids[0], one.language), []).append(one)
    some = [one for group in chosen.values() for one in group[:LOOKED_AT_AGAIN]]
    return some or [one for one in broken.told if set(one.ids) & set(fault.lines)][:1] or broken.told[:1]


def spread(faults: list[Fault]) -> list[Fault]:
    """The faults of different lines in turn: an early end has then seen something of every line."""
    by_line: dict[str, list[Fault]] = {}
    for fault in faults:
        by_line.setdefault(fault.lines[0], []).append(fault)
    turns = itertools.zip_longest(*by_line.values())
    return [fault for turn in turns for fault in turn if fault is not None]


def try_all(faults: list[Fault], results: Results, stagings: int, folder: Path) -> None:
    """Fill in what the results do not have yet, on several stagings at once."""

    def run_healthy(bench: Bench, language: str) -> None:
        outcome = bench.judge([f"features/{language}"])
        if outcome.complete and not outcome.red():
            results.keep(outcome, language)
        else:
            told = ", ".join(sorted(outcome.red())) or "it did not come to its end"
            print(f"Red on a healthy staging ({language}): {told}", flush=True)

    at_once(stagings, folder, [language for language in LANGUAGES if language not in results.healthy], run_healthy)
    if len(results.healthy) < len(LANGUAGES):
        raise SystemExit("A line that is red before the fault proves nothing. Start again when that is mended.")
    waiting = spread([fault for fault in faults if _open(fault, results)])

    def one(bench: Bench, fault: Fault) -> None:
        trial = attempt(bench, fault, results)
        if trial.still_red or not trial.broken.complete:
            # Is it the fault, or something that an earlier one left behind?
            bench.renew()
            trial = attempt(bench, fault, results)
            if trial.still_red:
                bench.renew()
        results.keep(trial)
        print(_told(trial, len(results.trials)), flush=True)

    at_once(stagings, folder, waiting, one)


def _open(fault: Fault, results: Results) -> bool:
    """Whether it was not tried yet as it is now."""
    known = results.trials.get(fault.name)
    return known is None or known.fault.lines != fault.lines


def _told(trial: Trial, done: int) -> str:
    seen = [language for language in LANGUAGES if trial.seen(language)]
    mark = "seen  " if trial.killed else "MISSED"
    again = f"  RED WHEN HEALTHY: {trial.still_red}" if trial.still_red else ""
    stray = f"  astray: {', '.join(sorted(trial.astray()))}" if trial.astray() else ""
    head = f"[{done}] {mark} {trial.fault.name} ({','.join(seen)}; {trial.seconds:.0f} s)"
    return f"{head}{again}{stray}\n      {trial.reason()}"


def main() -> int:
    """Try the faults; 0 when each was seen in both languages."""
    options = argparse.ArgumentParser(prog="make faults", description=__doc__)
    options.add_argument("faults", nargs="*", help="only these, anew")
    options.add_argument("--stagings", type=int, default=4, help="so many local stagings at once")
    options.add_argument("--results", type=Path, default=KEPT, help="the file that keeps what is known")
    options.add_argument("--anew", action="store_true", help="forget what the file knows")
    options.add_argument(
        "--sample", type=float, default=SAMPLE_SECONDS, metavar="SECONDS",
        help="run with each fault also what takes no longer than this when all is well",
    )  # fmt: skip
    options.add_argument("--write", action="store_true", help="write docs/kill-matrix.md and its picture")
    chosen = options.parse_args()
    if chosen.anew:
        chosen.results.unlink(missing_ok=True)
    faults, results = catalogue(chosen.faults), Results(chosen.results, chosen.sample)
    for fault in faults if chosen.faults else []:
        results.trials.pop(fault.name, None)
    with tempfile.TemporaryDirectory(prefix="gate-faults-") as folder:
        try_all(faults, results, chosen.stagings, Path(folder))
    if chosen.write:
        from proof.kill_page import write

        write(catalogue(()), results)
    killed = {trial.fault.name for trial in results.trials.values() if trial.killed}
    missed = [fault.name for fault in faults if fault.name not in killed]
    print(f"{len(faults) - len(missed)} of {len(faults)} faults seen. Missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
