"""`make mutate`: leave out each check of the suite in turn and see whether the faults notice.

The kill matrix tells which check called each fault broken. For every check, a scenario that was red by it runs
again under the same fault with the check left out. The check is needed when the scenario is not red by a check any
more: without it that fault would have passed there. A check that no fault ever reached is not proven to be able to
fail. Where time is short, only a sample of the others is left out. Each result goes to a file as it comes; started
again, the command goes on.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from gate.verdict_file import commit_of
from proof.bench import Bench, at_once, places
from proof.kill_matrix import KEPT_WHOLE, LINES_IN_BOTH, Fault, Results, catalogue
from proof.staging import ROOT, Told
from proof.weakening import Check, checks

PAGE = ROOT / "docs" / "mutation.md"
FOUND = ROOT / ".cache" / "mutation.jsonl"
# So many scenarios that were red by a check are run without it, until one is red no more; of one fault so many.
TRIES, OF_ONE_FAULT = 8, 2
TEXT_CHARS = 140
# One-sided, 95 %.
CONFIDENT = 1.645
# The same sample each time.
SEED = 1

Verdict = Literal["needed", "crash", "doubled", "unreached"]
MEANINGS: dict[Verdict, str] = {
    "needed": "left out, a scenario that was red by it is not red any more",
    "crash": "left out, the scenario breaks off in the suite itself: the check also guards what follows",
    "doubled": "left out, another check of the same scenario still says so",
    "unreached": "no fault of the catalogue was ever called broken by it",
}


@dataclass(frozen=True)
class Found:
    """What is known of a check; `by` are the fault and the scenario that told it, `instead` what then said so."""

    check: str
    verdict: Verdict
    by: str = ""
    instead: str = ""


@dataclass(frozen=True)
class Red:
    """A scenario that was red by a check while a fault was on."""

    fault: Fault
    told: Told


def reached(results: Results) -> dict[str, list[Red]]:
    """For each check the scenarios that were red by it: one of each fault first, then further ones."""
    found: defaultdict[str, list[tuple[int, float, Red]]] = defaultdict(list)
    for trial in results.trials.values():
        had: Counter[str] = Counter()
        for one in sorted(trial.broken.told, key=lambda told: (told.language, told.seconds)):
            if one.red and one.check and had[one.check] < OF_ONE_FAULT:
                found[one.check].append((had[one.check], one.seconds, Red(trial.fault, one)))
                had[one.check] += 1
    return {check: [red for *_, red in sorted(reds, key=lambda one: one[:2])] for check, reds in found.items()}


def try_without(bench: Bench, check: str, reds: list[Red]) -> Found:
    """Run some scenarios that were red by a check without it."""
    verdict: Verdict = "doubled"
    by = instead = ""
    for red in reds[:TRIES]:
        bench.switch(red.fault.name)
        outcome = bench.judge(places([red.told]), weakened=check)
        bench.switch()
        told = next((one for one in outcome.told if one.key == red.told.key), None)
        if not outcome.complete or told is None:
            continue
        here = f"{red.fault.name}: {red.told.key.rpartition('::')[2]}"
        if told.status in ("passed", "not-proven"):
            return Found(check, "needed", here)
        if told.status != "failed" or not told.check:
            # No check said so: what came next could not bear what the check keeps away.
            verdict, by = "crash", here
        elif verdict == "doubled":
            by, instead = by or here, instead or told.check
    return Found(check, verdict, by, "" if verdict == "crash" else instead)


def page(found: dict[str, Found]) -> str:
    """The figures and the lists, as Markdown."""
    known = checks()
    by: defaultdict[Verdict, list[Check]] = defaultdict(list)
    for id, check in known.items():
        if id in found:
            by[found[id].verdict].append(check)
    seen = by["needed"] + by["crash"]
    noticed, tried = len(seen), sum(map(len, by.values())) - len(by["unreached"])
    judged, judging = (sum(not one.waits for one in some) for some in (seen, seen + by["doubled"]))
    able = len(known) - len(by["unreached"])
    listed: tuple[Verdict, ...] = ("doubled", "unreached")
    lists = [text for verdict in listed for text in _listed(verdict, by[verdict], found)]
    return "\n".join(
        [
            "# The checks, left out one by one",
            "",
            "Made by `make mutate` after `make faults`: every `ensure`, `raise Broken` and wait that judges",
            "is left out in turn, and a scenario that was red by it is run again under the same fault.",
            f"A fault is tried on its first {LINES_IN_BOTH} lines in both languages, on the others in English.",
            f"Measured with the suite of commit {commit_of(ROOT)[:7] or 'unknown'}.",
            "",
            f"- Checks: **{len(known)}**. Some fault of the catalogue is called broken by **{able}** of them "
            f"({_percent(able, len(known))}).",
            f"- Left out: **{tried}** of these{', chosen at random' if tried < able else ''}.",
            f"- Noticed when left out: **{noticed}** ({_percent(noticed, tried)}"
            f"{_at_least(noticed, tried) if tried < able else ''}).",
            f"- The same without the waits, which only lead to what is judged: **{judged}** of {judging} "
            f"({_percent(judged, judging)}).",
            "",
            "| What happens without it | Checks |",
            "|---|---|",
            *(f"| {verdict}: {meaning} | {len(by[verdict])} |" for verdict, meaning in MEANINGS.items()),
            "",
            *lists,
        ]
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"


def _at_least(part: int, whole: int) -> str:
    """Wilson's lower bound for the share in all of which these are a sample."""
    if not whole:
        return ""
    share, spread = part / whole, CONFIDENT**2 / whole
    half = CONFIDENT * math.sqrt(share * (1 - share) / whole + spread / (4 * whole))
    return f"; of all with 95 % confidence at least {100 * (share + spread / 2 - half) / (1 + spread):.0f} %"


def _listed(verdict: Verdict, listed: list[Check], found: dict[str, Found]) -> list[str]:
    if not listed:
        return []
    instead = any(found[check.id].instead for check in listed)
    rows = [
        f"| `{check.id}` | `{check.text.replace('|', '/')[:TEXT_CHARS]}` |"
        + (f" `{found[check.id].instead}` |" if instead else "")
        for check in listed
    ]
    head = "| Check | Its code |" + (" Said by |" if instead else "")
    return [f"## {verdict.capitalize()}: {MEANINGS[verdict]}", "", head, "|---" * (2 + instead) + "|", *rows, ""]


def _known(path: Path) -> dict[str, Found]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {entry["check"]: Found(**entry) for entry in map(json.loads, lines)}


def main() -> int:
    """Try every check that was not tried yet, and write the page."""
    options = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    options.add_argument("checks", nargs="*", help="only those whose id contains one of these, anew")
    options.add_argument("--stagings", type=int, default=3, help="so many local stagings at once")
    options.add_argument("--results", type=Path, default=KEPT_WHOLE, help="what `make faults ARGS=--whole` keeps")
    options.add_argument("--sample", type=int, metavar="N", help="only N of those that a fault reached, at random")
    options.add_argument("--anew", action="store_true", help="forget what was found before")
    options.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    chosen = options.parse_args()
    if chosen.anew:
        FOUND.unlink(missing_ok=True)
    reds, found, lock = reached(Results(chosen.results)), _known(FOUND), threading.Lock()
    known_faults = {fault.name for fault in catalogue(())}
    wanted = [id for id in checks() if any(word in id for word in chosen.checks or [""])]
    wanted = [id for id in wanted if chosen.checks or id not in found]
    tries = {id: [red for red in reds.get(id, []) if red.fault.name in known_faults] for id in checks()}
    # Of what no fault reached it is known without a try.
    found |= {id: Found(id, "unreached") for id in wanted if not tries[id]}
    wanted = [id for id in wanted if tries[id]]
    if chosen.sample is not None:
        wanted = random.Random(SEED).sample(wanted, min(chosen.sample, len(wanted)))

    def attempt(bench: Bench, id: str) -> None:
        one = try_without(bench, id, tries[id])
        with lock, FOUND.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(one)) + "\n")
            found[id] = one
        print(f"[{len(found)}] {one.verdict:9} {id}  {one.by}", flush=True)

    with tempfile.TemporaryDirectory(prefix="gate-mutation-") as folder:
        at_once(chosen.stagings, Path(folder), wanted, attempt)
    if chosen.write:
        PAGE.write_text(page(found), encoding="utf-8")
    print(page(found).partition("##")[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())
