"""`make healthy`: run the gate on a healthy staging again and again, under several conditions, and count red.

Every run goes to a file as it comes; started again, the command does what is missing of the plan. No red in n runs
bounds the rate of false alarms below 3/n (with 95 % confidence); the page says that figure.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gate.commands.run import CONDUCTOR
from gate.verdict_file import commit_of
from proof.evaluator import Evaluator
from proof.staging import LANGUAGES, ROOT, Outcome, Staging, first_sentence

PAGE = ROOT / "docs" / "healthy.md"
KEPT = ROOT / ".cache" / "healthy.jsonl"
# Of fewer runs the bound says nothing.
FEW = 10


@dataclass(frozen=True)
class Condition:
    """What goes on around the gate; `p0` and `gate` are how many runs the plan asks for."""

    name: str
    sentence: str
    p0: int
    gate: int
    options: tuple[str, ...] = ()
    loaded: bool = False
    workers: int = 1


CONDITIONS = (
    Condition("calm", "nothing else goes on", 70, 5),
    Condition("loaded", "every core is busy with something else", 10, 10, loaded=True),
    Condition("slow-network", "every answer of the edge comes 50 to 800 ms later, of the cluster and the database "
              "200 to 800 ms; the worker polls every 5 s, its clock is a second behind, a Job takes 2 s; "
              "four workers share the scenarios", 10, 10,
              ("--variant=slow-network", "--variant=worker-clock-behind", "--poll=5", "--job-seconds=2"),
              workers=4),
    Condition("real-worker", "polls every 5 s, a Job takes 2 s", 5, 5, ("--poll=5", "--job-seconds=2")),
    Condition("neighbours", "other people work there all the time, another project's slots are taken", 3, 0,
              ("--variant=neighbours",)),
    Condition("workers", "four workers share the scenarios (GATE_WORKERS=4)", 0, 30, workers=4),
    Condition("clocks-apart", "the database's clock is 90 s ahead, the cluster's 90 s behind", 2, 0,
              ("--clocks-apart=90",)),
)  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """One run: what was red or not proven in it, with the first sentence of the reason."""

    condition: str
    scope: str
    language: str
    seconds: float
    complete: bool
    scenarios: int
    red: dict[str, str] = field(default_factory=dict)
    not_proven: dict[str, str] = field(default_factory=dict)
    suite: str = ""


def conditions() -> list[Condition]:
    """Those above, and each allowed difference of a build."""
    listed = subprocess.run(
        [sys.executable, "-m", "sandbox", "--list-variants"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rows = [line.split("\t") for line in listed.stdout.splitlines()]
    have = {option for condition in CONDITIONS for option in condition.options}
    builds = [
        Condition(name, f"build: {sentence}", 1, 1, (f"--variant={name}",))
        for name, sentence in rows
        if f"--variant={name}" not in have
    ]
    return [*CONDITIONS, *builds]


def run(condition: Condition, scopes: list[str], folder: Path, before: int) -> Iterator[Ran]:
    """Run the scopes one after the other on one staging; P0 in the two languages in turn, the gate in both."""
    staging, evaluator = Staging(*condition.options), Evaluator()
    try:
        for number, scope in enumerate(scopes, before):
            language = LANGUAGES[number % 2] if scope == "p0" else "both"
            wanted = [f"features/{language}", "--tags=@p0"] if scope == "p0" else ["features"]
            crew = [f"--runner={CONDUCTOR}"] if condition.workers > 1 else []
            settings = {**staging.settings, "GATE_WORKERS": str(condition.workers)}
            with busy() if condition.loaded else contextlib.nullcontext():
                outcome = evaluator.run([*crew, *wanted], settings, folder)
            yield _ran(condition, scope, language, outcome)
    finally:
        evaluator.stop()
        staging.stop()


def _ran(condition: Condition, scope: str, language: str, outcome: Outcome) -> Ran:
    red = {one.key: first_sentence(one.reason) for one in outcome.told if one.red}
    open_ = {one.key: first_sentence(one.reason) for one in outcome.told if one.status == "not-proven"}
    count = len(outcome.told)
    seconds, suite = round(outcome.seconds, 1), commit_of(ROOT)[:7]
    return Ran(condition.name, scope, language, seconds, outcome.complete, count, red, open_, suite)


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """As many processes as there are cores, each doing nothing as fast as it can."""
    loads = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 2)]
    try:
        yield
    finally:
        for load in loads:
            load.kill()
            load.wait()


def known(path: Path) -> list[Ran]:
    """The runs that the file tells of."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [Ran(**json.loads(line)) for line in lines]


def page(runs: list[Ran], every: list[Condition]) -> str:
    """The table, and what was red or not proven."""
    rows = [_row(condition, [one for one in runs if one.condition == condition.name]) for condition in every]
    red = [one for one in runs if one.red or not one.complete]
    return "\n".join(
        [
            "# Healthy runs",
            "",
            "Made by `make healthy`: the gate on a healthy local staging, again and again. P0 runs are in one",
            "language, English and Russian in turn; whole runs are the whole gate in both.",
            "",
            f"- {_bound('P0', [one for one in runs if one.scope == 'p0'])}",
            f"- {_bound('Whole', [one for one in runs if one.scope == 'gate'])}",
            f"- The suite was at {', '.join(dict.fromkeys(one.suite for one in runs if one.suite))}.",
            "",
            "| Condition | P0 runs | Whole runs | Red | Not proven | P0 seconds, median / longest | Whole |",
            "|---|---|---|---|---|---|---|",
            *(row for row in rows if row),
            "",
            *_listed("Red", [(one, one.red or {"the run": "It did not come to its end."}) for one in red]),
            *_listed("Not proven", [(one, one.not_proven) for one in runs if one.not_proven]),
        ]
    )


def _row(condition: Condition, runs: list[Ran]) -> str:
    if not runs:
        return ""
    counts = Counter(one.scope for one in runs)
    red = sum(bool(one.red) or not one.complete for one in runs)
    open_ = sum(bool(one.not_proven) for one in runs)
    name = f"**{condition.name}**: {condition.sentence}"
    p0, whole = (_took([one.seconds for one in runs if one.scope == scope]) for scope in ("p0", "gate"))
    return f"| {name} | {counts['p0']} | {counts['gate']} | {red} | {open_} | {p0} | {whole} |"


def _took(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.0f} / {max(seconds):.0f}" if seconds else "-"


def _bound(name: str, runs: list[Ran]) -> str:
    red = sum(bool(one.red) or not one.complete for one in runs)
    if not runs:
        return f"{name} runs: none yet."
    if red:
        return f"{name} runs: **{red} of {len(runs)} red**."
    if len(runs) < FEW:
        return f"{name} runs: **none of {len(runs)} red**; too few to bound the rate of false alarms."
    return (
        f"{name} runs: **none of {len(runs)} red**; the rate of false alarms is below 3/{len(runs)} = "
        f"{300 / len(runs):.1f} % (95 % confidence)."
    )


def _listed(title: str, found: list[tuple[Ran, dict[str, str]]]) -> list[str]:
    counts = Counter(
        (one.condition, key.rpartition("::")[2], reason) for one, told in found for key, reason in told.items()
    )
    rows = [
        f"| {name} | {scenario} | {count} | {reason[:200].replace('|', '/')} |"
        for (name, scenario, reason), count in counts.most_common()
    ]
    head = ["| Condition | Scenario | Times | What was said |", "|---|---|---|---|"]
    return [f"## {title}", "", *head, *rows, ""] if rows else []


def main() -> int:
    """Do what is missing; 0 when nothing was red."""
    options = argparse.ArgumentParser(prog="make healthy", description=__doc__)
    options.add_argument("conditions", nargs="*", help="only these; all of the plan without")
    options.add_argument("--p0", type=int, help="so many P0 runs of each, in place of the plan's number")
    options.add_argument("--gate", type=int, help="so many whole runs of each, in place of the plan's number")
    options.add_argument("--anew", action="store_true", help="forget the runs so far")
    options.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    chosen = options.parse_args()
    every = conditions()
    if unknown := set(chosen.conditions) - {condition.name for condition in every}:
        raise SystemExit(f"No such condition: {', '.join(sorted(unknown))}. There are: "
                         f"{', '.join(condition.name for condition in every)}.")  # fmt: skip
    if chosen.anew:
        KEPT.unlink(missing_ok=True)
    runs = known(KEPT)
    with tempfile.TemporaryDirectory(prefix="gate-healthy-") as folder:
        for condition in every:
            if not chosen.conditions or condition.name in chosen.conditions:
                scopes, before = _missing(condition, runs, chosen)
                for ran in run(condition, scopes, Path(folder), before) if scopes else ():
                    runs.append(ran)
                    _keep(ran)
                    print(_told(ran), flush=True)
    if chosen.write:
        PAGE.write_text(page(runs, every), encoding="utf-8")
    return 1 if any(one.red or not one.complete for one in runs) else 0


def _missing(condition: Condition, runs: list[Ran], chosen: argparse.Namespace) -> tuple[list[str], int]:
    """The runs that are missing, and how many of P0 there are already."""
    have = Counter(one.scope for one in runs if one.condition == condition.name)
    wanted = {
        "p0": condition.p0 if chosen.p0 is None else chosen.p0,
        "gate": condition.gate if chosen.gate is None else chosen.gate,
    }
    scopes = [scope for scope, count in wanted.items() for _ in range(count - have[scope])]
    return scopes, have["p0"]


def _keep(ran: Ran) -> None:
    KEPT.parent.mkdir(exist_ok=True)
    with KEPT.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**asdict(ran)}, ensure_ascii=False) + "\n")


def _told(ran: Ran) -> str:
    state = "complete" if ran.complete else "NOT COMPLETE"
    head = f"{time.strftime('%H:%M:%S')} {ran.condition}: {ran.scope} {ran.language}, {ran.seconds:.0f} s, {state}"
    words = {"RED": ran.red, "not proven": ran.not_proven}
    return "\n".join(
        [head, *(f"  {kind}: {key}: {why}" for kind, told in words.items() for key, why in told.items())]
    )


if __name__ == "__main__":
    sys.exit(main())
