"""`make recheck`: every fault once more, by the scenario that saw it, within half an hour.

The whole matrix takes hours. To know that a changed suite still sees every fault it is enough to run the scenario
which was red by the fault before, in both languages: broken, then healthy. With it runs the quickest scenario of
some other lines, which take turns and must stay green. Which scenarios these are stands in `proof/seen_by.json`,
chosen from the whole matrix; a fault that is new, or not seen so, is tried by every scenario of its first lines.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gate.expected import Declared, expected
from gate.verdict_file import commit_of
from proof.bench import Bench, at_once
from proof.kill_matrix import KEPT, LINES_IN_BOTH, Fault, Results, catalogue
from proof.staging import LANGUAGES, ROOT, Outcome

CHOSEN = ROOT / "proof" / "seen_by.json"
FOUND = ROOT / ".cache" / "faults-again.jsonl"
# Of so many lines the quickest scenario runs beside the fault's own.
IN_TURN = 8
# The languages that saw a fault, the lines that were red beside its own, the first sentence of the reason.
Tried = tuple[set[str], list[str], str]


@dataclass(frozen=True)
class Again:
    """What became of a fault: the languages that saw it, lines that were red beside its own, and the reason."""

    fault: str
    suite: str
    seen: tuple[str, ...]
    astray: tuple[str, ...]
    reason: str
    whole: bool
    began: float
    ended: float

    @property
    def killed(self) -> bool:
        """Whether it was seen in both languages."""
        return set(self.seen) == set(LANGUAGES)


def choose(results: Results) -> None:
    """Write which scenario sees each fault quickest, in both languages, and which is the quickest of each line."""
    english = _english()
    seconds = {one.key: one.seconds for run in results.healthy.values() for one in run.told}
    chosen: dict[str, str] = {}
    for name, trial in sorted(results.trials.items()):
        red = {
            one.key
            for one in trial.broken.told
            if one.status == "failed" and set(one.ids) & set(trial.fault.lines)
        }
        both = [one for one in english.values() if {twin.key for twin in _twins(one.name)} <= red]
        if both:
            chosen[name] = min(both, key=lambda one: seconds.get(one.key, 0)).name
    quickest: dict[str, Declared] = {}
    for one in sorted(english.values(), key=lambda one: seconds.get(one.key, float("inf"))):
        for line in one.ids:
            quickest.setdefault(line, one)
    # By their time, so that those which need a browser come together and others go without one.
    data = {"lines": {line: one.name for line, one in quickest.items()}, "faults": chosen}
    CHOSEN.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def try_again(faults: list[Fault], stagings: int, folder: Path) -> list[Again]:
    """Try each fault that was not yet tried with the suite as it is; the answer is what is known of all."""
    suite, lock = commit_of(ROOT)[:7], threading.Lock()
    found = {one.fault: one for one in known() if one.suite == suite}
    chosen = json.loads(CHOSEN.read_text(encoding="utf-8"))
    lines = [name for name in chosen["lines"].values() if name in _english()]

    def one(bench: Bench, fault: Fault) -> None:
        began, turn = time.time(), faults.index(fault) * IN_TURN
        others = [_english()[name] for name in itertools.islice(itertools.cycle(lines), turn, turn + IN_TURN)]
        by_title = _twins(chosen["faults"].get(fault.name, ""))
        tried = _tried(bench, fault, by_title, others) if by_title else None
        whole = tried is None or len(tried[0]) < len(LANGUAGES)
        seen, astray, reason = _tried(bench, fault, _of_lines(fault), others) if whole or tried is None else tried
        result = Again(fault.name, suite, tuple(seen), tuple(astray), reason, whole, began, time.time())
        with lock:
            found[fault.name] = result
            FOUND.parent.mkdir(exist_ok=True)
            with FOUND.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
        print(_told(result, len(found)), flush=True)

    at_once(stagings, folder, [fault for fault in faults if fault.name not in found], one)
    return [found[fault.name] for fault in faults if fault.name in found]


def known() -> list[Again]:
    """What was found so far, by any suite."""
    lines = FOUND.read_text(encoding="utf-8").splitlines() if FOUND.is_file() else []
    entries: Iterable[dict[str, Any]] = map(json.loads, lines)
    return [Again(**{**one, "seen": tuple(one["seen"]), "astray": tuple(one["astray"])}) for one in entries]


def _tried(bench: Bench, fault: Fault, own: list[Declared], others: list[Declared]) -> Tried:
    """Broken, then what was red again without the fault."""
    bench.switch(fault.name)
    broken = bench.judge(_places([*own, *others]))
    bench.switch()
    red = {one.key: one for one in broken.told if one.red}
    healthy = (
        bench.judge(_places(one for one in [*own, *others] if one.key in red)) if red else Outcome(complete=True)
    )
    if not healthy.complete or healthy.red():
        bench.renew()
        return set(), sorted(healthy.red()), "It is red without the fault, too."
    mine = {one.key for one in own}
    seen = {one.language for key, one in red.items() if key in mine and one.status == "failed"}
    return seen, _astray(fault, broken), broken.reason(fault.lines)


def _astray(fault: Fault, broken: Outcome) -> list[str]:
    mine = set(fault.lines)
    return sorted({line for one in broken.told if one.red and not mine & set(one.ids) for line in one.ids})


@cache
def _declared() -> tuple[Declared, ...]:
    return tuple(expected(ROOT / "features"))


@cache
def _english() -> dict[str, Declared]:
    return {one.name: one for one in _declared() if one.language == "en"}


def _twins(title: str) -> list[Declared]:
    """The English scenario of this title, and its twin."""
    english = _english().get(title)
    return [one for one in _declared() if english and one.pair == english.pair]


def _of_lines(fault: Fault) -> list[Declared]:
    """Every scenario of the fault's first lines."""
    mine = set(fault.lines[:LINES_IN_BOTH])
    return [one for one in _declared() if mine & set(one.ids)]


def _places(declared: Iterable[Declared]) -> list[str]:
    """As behave takes them, those of a file beside each other."""
    return [f"{file}:{line}" for file, line in sorted({(one.file, one.line) for one in declared})]


def _told(one: Again, done: int) -> str:
    mark = "seen  " if one.killed else "MISSED"
    stray = f"  astray: {', '.join(one.astray)}" if one.astray else ""
    how = ", whole" if one.whole else ""
    head = f"[{done}] {mark} {one.fault} ({','.join(one.seen)}; {one.ended - one.began:.0f} s{how})"
    return f"{head}{stray}\n      {one.reason}"


def main() -> int:
    """Try the faults; 0 when each was seen in both languages."""
    options = argparse.ArgumentParser(prog="make recheck", description=__doc__)
    options.add_argument("faults", nargs="*", help="only these")
    options.add_argument("--stagings", type=int, default=3, help="so many local stagings at once")
    options.add_argument("--choose", action="store_true", help=f"write {CHOSEN.relative_to(ROOT)} from the matrix")
    chosen = options.parse_args()
    if chosen.choose:
        choose(Results(KEPT))
        return 0
    faults, began = catalogue(chosen.faults), time.time()
    with tempfile.TemporaryDirectory(prefix="gate-faults-") as folder:
        found = try_again(faults, chosen.stagings, Path(folder))
    missed = sorted({fault.name for fault in faults} - {one.fault for one in found if one.killed})
    print(f"{len(faults) - len(missed)} of {len(faults)} faults seen in {(time.time() - began) / 60:.0f} min. "
          f"Missed: {', '.join(missed) or 'none'}")  # fmt: skip
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
