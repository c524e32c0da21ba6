"""`make faults`: run the gate against each fault of the local staging and write what turned red.

Healthy, broken, healthy: the whole gate runs once on a healthy staging. Then, fault by fault, the scenario that
saw it before (`proof/seen_by.json`) runs in both languages while the fault is on, together with the quickest
scenario of some other lines, which take turns; what was red runs again once the fault is off, and must be
green. Whoever takes part signed in before the fault was on, unless signing in is what the scenario is about.
Some faults share the last look, and are tried anew, one by one, where it finds anything. A fault that is new, or
not seen so, is tried by every scenario of its first lines. With `--whole` every fault is, and beside it runs a
sample of every line: that takes hours, and `make mutate` needs it.

A fault is seen when a line that it belongs to is red in both languages, and green before and after. Lines that
are red without belonging to it are counted: they cry wolf. Each result goes to a file as it comes; started
again, the same command goes on where it was ended.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from gate.expected import expected
from gate.verdict_file import commit_of
from proof.bench import Bench, at_once, places
from proof.staging import LANGUAGES, ROOT, Outcome, Told

KEPT = ROOT / ".cache" / "kill-matrix.jsonl"
KEPT_WHOLE = ROOT / ".cache" / "kill-matrix-whole.jsonl"
# The scenario that sees each fault quickest, by its English title; two where it takes one for each language.
CHOSEN = ROOT / "proof" / "seen_by.json"
# Of so many lines the quickest scenario runs beside a fault's own.
IN_TURN = 3
# So many faults, at most, share the look at the staging once they are off.
TOGETHER = 6
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
    """A fault, what the gate said while it was on, and the scenarios that stayed red once it was off.

    `whole` tells that every scenario of its first lines ran; `ended` is a time of `time.time`.
    """

    fault: Fault
    broken: Outcome
    still_red: list[str] = field(default_factory=list)
    seconds: float = 0.0
    whole: bool = True
    suite: str = ""
    ended: float = 0.0

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
        if not self.whole:
            return set()
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
        self._chosen: dict[str, str | list[str]] = json.loads(CHOSEN.read_text(encoding="utf-8"))
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
        quickest = self._quickest()
        short = [one for one in self._green() if one.seconds <= self._sample_seconds]
        return list({one.key: one for one in (*short, *quickest.values())}.values())

    def in_turn(self, fault: Fault) -> list[Told]:
        """The quickest scenario of some lines: with the next fault it is the turn of the next lines."""
        # By their time, so that those which need a browser come together and others go without one.
        quickest = list(self._quickest().values())
        # By its name, so that a fault tried alone meets the same lines.
        turn = zlib.crc32(fault.name.encode()) % len(quickest)
        return list(itertools.islice(itertools.cycle(quickest), turn, turn + IN_TURN))

    def titles(self, fault: Fault) -> list[str]:
        """The English titles of the scenarios that saw the fault before; none where that is not known."""
        return listed(self._chosen.get(fault.name, []))

    def witnesses(self, fault: Fault) -> list[Told]:
        """Those scenarios in both languages."""
        wanted = {key for title in self.titles(fault) for key in twins().get(title, ())}
        return [one for language in LANGUAGES for one in self.healthy[language].told if one.key in wanted]

    def _green(self) -> list[Told]:
        return sorted((one for one in self.healthy["en"].told if not one.red), key=lambda one: one.seconds)

    def _quickest(self) -> dict[str, Told]:
        found: dict[str, Told] = {}
        for one in self._green():
            for line in one.ids:
                found.setdefault(line, one)
        return found

    def _take(self, entry: dict[str, Any]) -> None:
        if entry["language"]:
            self.healthy[entry["language"]] = _outcome(entry)
            return
        fault = Fault(**{**entry["fault"], "lines": tuple(entry["fault"]["lines"])})
        self.trials[fault.name] = Trial(
            fault, _outcome(entry["broken"]), entry["still_red"], entry["seconds"],
            entry["whole"], entry["suite"], entry["ended"],
        )  # fmt: skip


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


@cache
def twins() -> dict[str, set[str]]:
    """The keys of each scenario and its twin, by the English title."""
    declared = expected(ROOT / "features")
    pairs: dict[object, set[str]] = {}
    for one in declared:
        pairs.setdefault(one.pair, set()).add(one.key)
    return {one.name: pairs[one.pair] for one in declared if one.language == "en"}


def choose(results: Results) -> None:
    """Note which scenario sees each fault quickest, in both languages; what these results do not know stays."""
    chosen: dict[str, str | list[str]] = json.loads(CHOSEN.read_text(encoding="utf-8"))
    seconds = {one.key: one.seconds for run in results.healthy.values() for one in run.told}
    for name, trial in results.trials.items():
        red = {
            one.key
            for one in trial.broken.told
            if one.status == "failed" and set(one.ids) & set(trial.fault.lines)
        }
        if trial.killed and (trial.whole or name not in chosen):
            chosen[name] = _quickest(red, seconds)
    known = {fault.name for fault in catalogue(())}
    kept = {
        name: titles
        for name, titles in sorted(chosen.items())
        if name in known and twins().keys() >= {*listed(titles)}
    }
    CHOSEN.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def listed(titles: str | list[str]) -> list[str]:
    """One title, or several."""
    return [titles] if isinstance(titles, str) else titles


def _quickest(red: set[str], seconds: Mapping[str, float]) -> str | list[str]:
    """The scenario that is quickest in both languages, or one for each where none is red in both."""
    titles = {key: title for title, keys in twins().items() for key in keys}
    both = [(max(seconds.get(key, 0) for key in keys), title) for title, keys in twins().items() if keys <= red]
    if both:
        return min(both)[1]
    return [min((seconds.get(key, 0), titles[key]) for key in red if f"/{one}/" in key)[1] for one in LANGUAGES]


def attempt(bench: Bench, faults: Sequence[Fault], results: Results, *, whole: bool) -> list[Trial]:
    """Each of them broken, then healthy again; the healthy run before is that of the results."""
    witnesses = {} if whole else {fault: results.witnesses(fault) for fault in faults}
    quick = {fault: [*seen, *results.in_turn(fault)] for fault, seen in witnesses.items() if seen}
    trials = {
        trial.fault: replace(trial, whole=False) for trial in _tried(bench, quick, signed_in=True) if trial.killed
    }
    known = [one for language in LANGUAGES for one in results.healthy[language].told]
    at_length = {
        fault: [*_own(fault, known), *(results.sample() if whole else results.in_turn(fault))]
        for fault in faults
        if fault not in trials
    }
    return [*trials.values(), *_tried(bench, at_length)]


def _own(fault: Fault, known: list[Told]) -> list[Told]:
    """The scenarios of its lines: of the first in both languages, of the others in English."""
    in_both = set(fault.lines[:LINES_IN_BOTH])
    return [one for one in known if set(one.ids) & (in_both if one.language == "ru" else set(fault.lines))]


def _tried(bench: Bench, wanted: Mapping[Fault, list[Told]], *, signed_in: bool = False) -> list[Trial]:
    """With each fault on what is wanted for it, then, once, with none of them on what was red.

    `signed_in`: by people who were signed in before the fault was on, where the scenario is not about that.
    """
    broken: dict[Fault, Outcome] = {}
    for fault, told in wanted.items():
        bench.switch(fault.name)
        broken[fault] = bench.judge(places(told), signed_in=signed_in)
    if not broken:
        return []
    bench.switch()
    looks = {fault: _to_look_at(fault, outcome) for fault, outcome in broken.items()}
    looked_at = {one.key: one for look in looks.values() for one in look}
    again = bench.judge(places(looked_at.values()), signed_in=signed_in)
    red = {one.key for one in again.told if one.red}
    trials = []
    for fault, outcome in broken.items():
        left = [one.key for one in looks[fault] if one.key in red]
        outcome.told = [one if one.red else replace(one, reason="") for one in outcome.told]
        seconds = round(outcome.seconds + again.seconds / len(broken), 1)
        trials.append(
            Trial(
                fault, outcome, left if again.complete else ["the second look did not end"], seconds,
                suite=commit_of(ROOT)[:7], ended=time.time(),
            )
        )  # fmt: skip
    return trials


def _to_look_at(fault: Fault, broken: Outcome) -> list[Told]:
    """What was red, some of each line and language; with nothing red, one scenario to end the look at once."""
    chosen: dict[tuple[str, str], list[Told]] = {}
    for one in broken.told:
        if one.red:
            chosen.setdefault((one.ids[0], one.language), []).append(one)
    some = [one for group in chosen.values() for one in group[:LOOKED_AT_AGAIN]]
    return some or [one for one in broken.told if set(one.ids) & set(fault.lines)][:1] or broken.told[:1]


def grouped(faults: Iterable[Fault], results: Results, most: int) -> list[list[Fault]]:
    """Faults that one scenario sees beside each other, so that one look at it does for all, once they are off.

    Those of different lines come in turn: an early end has then seen something of every line.
    """
    by_line: dict[str, list[Fault]] = {}
    for fault in sorted(faults, key=lambda fault: (results.titles(fault), fault.name)):
        by_line.setdefault(fault.lines[0], []).append(fault)
    groups = ([line[first : first + most] for first in range(0, len(line), most)] for line in by_line.values())
    turns = itertools.zip_longest(*groups)
    return [group for turn in turns for group in turn if group is not None]


def try_all(faults: list[Fault], results: Results, stagings: int, folder: Path, *, whole: bool) -> None:
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
    waiting = [fault for fault in faults if _open(fault, results, whole=whole)]
    groups = grouped(waiting, results, 1 if whole else TOGETHER)
    # An early end has then tried each once, be it with an earlier suite.
    groups.sort(key=lambda group: group[0].name in results.trials)

    def some(bench: Bench, group: Sequence[Fault]) -> None:
        trials = attempt(bench, group, results, whole=whole)
        if any(_doubtful(trial) for trial in trials):
            # Is it the fault, or something that an earlier one left behind, be it only that nothing is proven?
            trials = [_alone(bench, fault, results, whole=whole) for fault in group]
        for trial in trials:
            results.keep(trial)
            print(_told(trial, len(results.trials)), flush=True)

    at_once(stagings, folder, groups, some)


def _alone(bench: Bench, fault: Fault, results: Results, *, whole: bool) -> Trial:
    """The fault by itself on a staging that met no other; the next one finds a new staging if it must."""
    bench.renew()
    (trial,) = attempt(bench, [fault], results, whole=whole)
    if trial.still_red:
        bench.renew()
    return trial


def _doubtful(trial: Trial) -> bool:
    return bool(trial.still_red) or not trial.broken.complete or not trial.killed


def _open(fault: Fault, results: Results, *, whole: bool) -> bool:
    """Whether it was not tried yet as it is now; a quick trial is one of the suite as it is now, too."""
    known = results.trials.get(fault.name)
    if known is None or known.fault.lines != fault.lines:
        return True
    return not whole and known.suite != commit_of(ROOT)[:7]


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
    options.add_argument("--whole", action="store_true", help="by every scenario of its first lines")
    options.add_argument("--stagings", type=int, default=5, help="so many local stagings at once")
    options.add_argument("--results", type=Path, help="the file that keeps what is known")
    options.add_argument("--anew", action="store_true", help="forget what the file knows")
    options.add_argument(
        "--sample", type=float, default=SAMPLE_SECONDS, metavar="SECONDS",
        help="with --whole, run with each fault also what takes no longer than this when all is well",
    )  # fmt: skip
    options.add_argument(
        "--choose", action="store_true", help=f"write {CHOSEN.relative_to(ROOT)} from what is known"
    )
    options.add_argument("--write", action="store_true", help="write docs/kill-matrix.md and its picture")
    chosen = options.parse_args()
    kept = chosen.results or (KEPT_WHOLE if chosen.whole else KEPT)
    if chosen.anew:
        kept.unlink(missing_ok=True)
    faults, results = catalogue(chosen.faults), Results(kept, chosen.sample)
    for fault in faults if chosen.faults else []:
        results.trials.pop(fault.name, None)
    with tempfile.TemporaryDirectory(prefix="gate-faults-") as folder:
        try_all(faults, results, chosen.stagings, Path(folder), whole=chosen.whole)
    if chosen.choose:
        choose(results)
    if chosen.write:
        from proof.kill_page import write

        write(catalogue(()), results)
    killed = {trial.fault.name for trial in results.trials.values() if trial.killed}
    missed = [fault.name for fault in faults if fault.name not in killed]
    print(f"{len(faults) - len(missed)} of {len(faults)} faults seen. Missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
