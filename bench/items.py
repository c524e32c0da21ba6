"""The measurements, by name; each gives a table whose first row is what the others are compared with."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.measure import Command, Series, alternate, row
from bench.suites import ROOT, bare, ours, suite

Table = list[dict[str, Any]]
PYTHON = sys.executable
WAITS, WAIT_SECONDS = 24, 0.5


def start(folder: Path) -> Table:
    """How soon something happens after a command is given; the bare suites have one small file of steps."""
    small, large = suite(folder / "small", 10, "nothing", 5), suite(folder / "large", 780, "nothing", 4)
    dry = [PYTHON, "-m", "behave", "--dry-run"]
    commands = {
        "behave --version": Command([PYTHON, "-m", "behave", "--version"], ROOT),
        "bare behave --dry-run, 10 scenarios": Command(dry, small / "bare"),
        "behave --dry-run, one feature": Command([*dry, "features/en/webhook.feature"], ROOT),
        "bare behave --dry-run, 780 scenarios": Command(dry, large / "bare"),
        "behave --dry-run, every feature": Command(dry, ROOT),
        "python -m gate --help": Command([PYTHON, "-m", "gate", "--help"], ROOT),
        "python -m gate check": Command([PYTHON, "-m", "gate", "check"], ROOT),
    }
    goals = ("", "", "1.3", "", "1.3", "2", "2")
    return _table(alternate(commands, 9), goals)


def framework(folder: Path) -> Table:
    """What hooks, record, evidence, redaction, progress and results cost: 5,000 empty steps in 1,000 scenarios."""
    made = suite(folder, 1000, "nothing", 5)
    commands = {
        "behave + allure-behave": bare(made, allure=True),
        "behave, nothing written": bare(made, allure=False),
        "the gate": ours(made),
        "the gate, 2 workers": ours(made, 2),
    }
    return _table(alternate(commands, 5), ("", "", "1.2", ""))


def growth(folder: Path) -> Table:
    """The same with five times as many: is it linear?"""
    small, large = suite(folder / "small", 1000, "nothing", 5), suite(folder / "large", 5000, "nothing", 5)
    commands = {"the gate, 1,000 scenarios": ours(small), "the gate, 5,000 scenarios": ours(large)}
    return _table(alternate(commands, 3), ("", "5"))


def waits(folder: Path) -> Table:
    """24 scenarios that wait 0.5 s each, shared among workers; the ideal is the waits divided by the workers."""
    made = suite(folder, WAITS, f"a wait of {WAIT_SECONDS} s", 1, in_a_file=1)
    crews = (1, 4, 8, 24)
    found = alternate({f"{crew} worker(s)": ours(made, crew) for crew in crews}, 5)
    table = []
    for crew, goal, (name, series) in zip(crews, ("", "", "1.25", "1.9"), found.items(), strict=True):
        ideal = Series([WAITS * WAIT_SECONDS / crew] * len(series.seconds), series.mebibytes)
        table.append(row(f"{name}, against the ideal", series, ideal, goal))
    return table


def report(folder: Path) -> Table:
    """Verdict, front page and notes over 1,000 results, against Allure's own build of its page."""
    made = suite(folder, 1000, "nothing", 5)
    command = ours(made)
    alternate({"run": command}, 0)
    split: list[dict[str, float]] = []
    for _ in range(6):
        done = subprocess.run(
            [PYTHON, "-c", TIMED], cwd=made / "ours", env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        split.append(json.loads(done.stdout.splitlines()[-1]))
    allure = Series([one["allure"] for one in split[1:]], [0.0])
    own = Series([one["all"] - one["allure"] for one in split[1:]], [0.0])
    return [
        row("Allure's own single-file build", allure, allure),
        row("verdict, front page, notes", own, allure, "0.15"),
    ]


def browser(folder: Path) -> Table:
    """A page of the console: opened, seen whole, read and closed, by DevTools' bare protocol and by the gate."""
    from bench import console  # not above: a command begins with the memory of the process that starts it

    bare, ours = console.measured()
    return [
        row("DevTools' protocol over a pipe", bare, bare),
        row("the gate's window, page and checks", ours, bare, "2"),
    ]


def latency(folder: Path) -> Table:
    """How long after a row changed a wait for it ends, and what of a core the client takes meanwhile."""
    from bench import wait

    late, busy = wait.measured()
    allowed = Series([wait.ALLOWED_SECONDS] * len(late.seconds), [0.0])
    whole = Series([1.0] * len(busy.seconds), [0.0])
    return [
        row(f"end of the wait, against {wait.ALLOWED_SECONDS * 1000:.0f} ms", late, allowed, "1"),
        row("core time of the client, of each second waited", busy, whole, "0.03"),
    ]


def runners(folder: Path) -> Table:
    """The P0 scenarios of forged deliveries and of the page Projects, from the command to the finished report"""
    from bench import runners

    found = runners.measured(folder)
    return _table(found, ("",) * len(found))


def workers(folder: Path) -> Table:
    """Worker and learning mode in English, alone and shared; the platform looks every 0.25 s, or every 5"""
    from bench import crew

    table = []
    for name, options, goal in (("0.25", (), "0.4"), ("5", ("--poll", "5", "--job-seconds", "8"), "0.25")):
        alone, shared = crew.measured(*options)
        table += [
            row(f"one process, poll {name} s", alone, alone),
            row(f"{crew.WORKERS} workers, poll {name} s", shared, alone, goal),
        ]
    return table


def floor(folder: Path) -> Table:
    """The whole gate in one process, against what it spends in its doors and waiting for the platform"""
    from bench import wall

    least, whole, _ = wall.measured()
    return [
        row("inside the doors, and pauses between looks", least, least),
        row("the whole gate, command to end", whole, least, "1.25"),
    ]


# Times the parts of a report where they are called.
TIMED = """
import json, time
from pathlib import Path
from gate import report, settings
from gate.commands import verdict
from gate.verdict_file import wanted_by
spent = {}
built = report._allure
def timed(*arguments):
    began = time.monotonic()
    page = built(*arguments)
    spent["allure"] = time.monotonic() - began
    return page
report._allure = timed
began = time.monotonic()
reports, features = Path("reports"), Path("features")
judged = verdict.judge(reports, features, Path("waivers.yaml"), "p0", wanted_by(settings.load(), features))
report.build_report(judged, reports)
print(json.dumps({**spent, "all": time.monotonic() - began}))
"""
ITEMS: Mapping[str, Callable[[Path], Table]] = {
    "start": start,
    "framework": framework,
    "growth": growth,
    "waits": waits,
    "report": report,
    "browser": browser,
    "latency": latency,
    "floor": floor,
    "runners": runners,
    "workers": workers,
}


def measured(name: str) -> Table:
    """One table, measured now."""
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
        return ITEMS[name](Path(folder))


def _table(found: Mapping[str, Series], goals: tuple[str, ...]) -> Table:
    first = next(iter(found.values()))
    return [row(name, series, first, goal) for (name, series), goal in zip(found.items(), goals, strict=True)]
