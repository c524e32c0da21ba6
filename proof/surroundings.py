"""`python -m proof.surroundings`: what the gate says when what fails is not the platform.

In the middle of a run something around the gate breaks: a door, the browser, the disk, the run itself. The record
must have lost nothing that was over by then, the verdict must be no Go, no line may be called broken for it, and
`gate clean` must leave nothing behind.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gate.waiting import Watch
from proof.staging import ROOT, Outcome, Staging, read

PAGE = ROOT / "docs" / "surroundings.md"
KEPT = ROOT / ".cache" / "surroundings.json"
# The trouble comes when so many scenarios are over.
AFTER_SCENARIOS = 5
AWAY_SECONDS = 10.0
FULL = "300k"
LONGEST_SECONDS = 240.0
# Deliveries, runs, people, the console: something of every door.
LINES = ("s1.p0.1.1", "s1.p0.1.3", "s1.p0.2.1", "s1.p0.3.1", "s1.p0.4.1")
FEW = ("s1.p0.1.1", "s1.p0.1.3")
# The gate's command line where nobody typed `make provide`.
TOOLLESS = "import sys, gate.provide as p, gate.__main__ as g; p.MEMORY = p.ROOT / 'nowhere'; sys.exit(g.main())"
FORGOTTEN = ("--older-than", "0")


@dataclass
class Running:
    """A run of behave under way."""

    process: subprocess.Popen[bytes]
    staging: Staging
    reports: Path

    def over(self) -> int:
        """How many scenarios are over."""
        return len(read(self.reports / "run.jsonl").told)

    def wait_for(self, wanted: Callable[[], object]) -> None:
        """Until it is so, or the run is over."""
        watch: Watch[int] = Watch()
        while not wanted() and self.process.poll() is None and watch.seconds < LONGEST_SECONDS:
            watch.pause()


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong. `act` makes it so in the middle of the run, `full` is a disk with little room
    for the results (a file system of its own, for which one must be root).

    `toolless`: the tool that builds the report is not there when the run is judged.
    """

    name: str
    sentence: str
    act: Callable[[Running], None]
    lines: tuple[str, ...] = LINES
    full: bool = False
    toolless: bool = False


def _switched(name: str, seconds: float | None = None) -> Callable[[Running], None]:
    def act(running: Running) -> None:
        running.staging.switch(name, kind="troubles")
        if seconds:
            began = time.monotonic()
            running.wait_for(lambda: time.monotonic() - began > seconds)
            running.staging.switch(kind="troubles")

    return act


def _interrupt_twice(running: Running) -> None:
    running.process.send_signal(signal.SIGINT)
    began = time.monotonic()
    running.wait_for(lambda: time.monotonic() - began > 1)
    running.process.send_signal(signal.SIGINT)


def _sent_to_browser(number: signal.Signals) -> Callable[[Running], None]:
    def act(running: Running) -> None:
        running.wait_for(lambda: _browsers(running.process.pid))
        for pid in _browsers(running.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    return act


def _browsers(parent: int) -> list[int]:
    """The browser's processes below one of ours."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,comm="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    family, found = {parent}, []
    for pid, above, command in sorted(rows, key=lambda row: int(row[0])):
        if int(above) in family:
            family.add(int(pid))
            if "chrom" in command or "headless" in command:
                found.append(int(pid))
    return found


TROUBLES = (
    Trouble("database dropped", "all connections from outside to the database break once",
            _switched("database-connections-cut")),
    Trouble("edge 502", "the edge answers 502 for 10 s", _switched("edge-502", AWAY_SECONDS)),
    Trouble("cluster token expired", "the cluster refuses the token from then on",
            _switched("cluster-token-expired")),
    Trouble("deploy rolling", "a deploy of the gateway is under way from then on", _switched("deploy-rolling"),
            (*LINES, "s1.pre.3")),
    Trouble("DNS gone", "the resolver fails from then on", _switched("dns-gone"),
            (*LINES, "s1.pre.1")),
    Trouble("GitHub's rate limit", "GitHub's API refuses from then on", _switched("github-rate-limit"),
            (*LINES, "s1.p1.2.2")),
    Trouble("GitHub gone", "GitHub answers 503 from then on", _switched("github-gone"),
            (*LINES, "s1.p1.2.2")),
    Trouble("GitHub asks a person", "from then on GitHub puts a page after the password for a person to answer",
            _switched("github-page-in-the-way")),
    Trouble("browser crashed", "every process of the browser is killed", _sent_to_browser(signal.SIGKILL)),
    Trouble("browser stands still", "every process of the browser is stopped, and says nothing any more",
            _sent_to_browser(signal.SIGSTOP)),
    Trouble("disk full", f"the results have {FULL}B of room", lambda running: None, full=True),
    Trouble("report tool missing", "the report is built where its tool was never provided",
            lambda running: None, FEW, toolless=True),
    Trouble("kill -9", "the run is killed", lambda running: running.process.kill()),
    Trouble("Ctrl-C twice", "the run is interrupted, and again a second later", _interrupt_twice),
)  # fmt: skip


@dataclass(frozen=True)
class Came:
    """What came of it."""

    name: str
    sentence: str
    scenarios: int
    ended: bool
    red: dict[str, str]
    open: dict[str, int]
    decision: str
    reason: str
    left: str
    hung: bool = False

    @property
    def right(self) -> bool:
        """Whether it is as it should be: nothing hangs, nothing that was over is lost, nothing is told wrongly."""
        return bool(self.scenarios) and not self.hung and not self.red and self.decision != "go" and not self.left


def come(trouble: Trouble, folder: Path) -> Came:
    """Run with the trouble in the middle, judge, clean up."""
    staging, reports = Staging(), folder / "reports"
    environment = os.environ | staging.settings | {"GATE_REPORTS": str(reports)}
    tags = " or ".join(f"@{line}" for line in trouble.lines)
    reports.mkdir()
    if trouble.full:
        _mounted("mount", "-t", "tmpfs", "-o", f"size={FULL}", "tmpfs", str(reports))
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "behave", "features/en", f"--tags={tags}"],
            cwd=ROOT, env=environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        running = Running(process, staging, reports)
        running.wait_for(lambda: running.over() >= AFTER_SCENARIOS)
        trouble.act(running)
        hung = _hangs(process)
        staging.switch(kind="troubles")
        if trouble.full:
            # There is room again.
            reports = Path(shutil.copytree(reports, folder / "roomy"))
        return _judged(trouble, read(reports / "run.jsonl"), reports, environment, hung)
    finally:
        if trouble.full:
            _mounted("umount", str(folder / "reports"))
        staging.stop()


def _hangs(process: subprocess.Popen[bytes]) -> bool:
    """Wait for the end of a run; one that has none is ended, with all that it started."""
    try:
        process.wait(LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def _mounted(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _judged(trouble: Trouble, outcome: Outcome, reports: Path, environment: dict[str, str], hung: bool) -> Came:
    judge = ("-c", TOOLLESS, "report") if trouble.toolless else ("-m", "gate", "verdict")
    said = _python(environment, *judge, "--reports", str(reports))
    if trouble.toolless and ("Type: make provide" not in said or "Traceback" in said):
        raise AssertionError(said)
    verdict = json.loads((reports / "verdict.json").read_text(encoding="utf-8"))
    _gate(environment, "clean", *FORGOTTEN)
    left = _gate(environment, "clean", "--dry-run", *FORGOTTEN)
    clean = "Nothing is left in the database." in left and "gate-" not in left
    first = next((one["en"] for one in verdict.get("reasons", [])), "")
    return Came(
        trouble.name,
        trouble.sentence,
        len(outcome.told),
        outcome.complete,
        {one.key.rpartition("::")[2]: f"{one.category}: {one.reason[:300]}" for one in outcome.told if one.red},
        dict(Counter(one.category for one in outcome.told if one.status == "not-proven")),
        verdict["decision"],
        first,
        "" if clean else left[:300],
        hung,
    )


def _gate(environment: dict[str, str], *arguments: str) -> str:
    return _python(environment, "-m", "gate", *arguments)


def _python(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def page(came: list[Came]) -> str:
    """The table."""
    rows = [
        f"| **{it.name}**: {it.sentence} | {it.scenarios}{_end(it)} | {_red(it)} | "
        f"{', '.join(f'{count} {kind}' for kind, count in sorted(it.open.items())) or '-'} | {it.decision} | "
        f"{'nothing' if not it.left else it.left} |"
        for it in came
    ]
    return "\n".join(
        [
            "# When what fails is not the platform",
            "",
            "`python -m proof.surroundings`: five P0 lines in English on a healthy staging; in their middle",
            "something around the gate breaks. A run that hangs is wrong, though it can be no Go.",
            "",
            "| What breaks | On record | Red | Not proven, whose matter | Verdict | Left after `gate clean` |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _end(came: Came) -> str:
    if came.hung:
        return f", **hung** until ended after {LONGEST_SECONDS:.0f} s"
    lost = "" if came.scenarios else ", **lost**"
    return lost if came.ended else f"{lost}, no end"


def _red(came: Came) -> str:
    return (
        "; ".join(f"{name}: {why.splitlines()[0][:120]}" for name, why in came.red.items()).replace("|", "/")
        or "-"
    )


def main() -> int:
    """Try the troubles; 0 when all came out right."""
    options = argparse.ArgumentParser(prog="python -m proof.surroundings", description=__doc__)
    options.add_argument("troubles", nargs="*", help="only those whose name contains one of these")
    options.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    chosen = options.parse_args()
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}
    for trouble in TROUBLES:
        if any(word in trouble.name for word in chosen.troubles or [""]):
            with tempfile.TemporaryDirectory(prefix="gate-surroundings-") as folder:
                came = come(trouble, Path(folder))
            kept[trouble.name] = vars(came)
            KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")
            print(f"{'right' if came.right else 'WRONG'} {came}", flush=True)
    found = [Came(**kept[trouble.name]) for trouble in TROUBLES if trouble.name in kept]
    if chosen.write:
        PAGE.write_text(page(found), encoding="utf-8")
    return 0 if all(came.right for came in found) else 1


if __name__ == "__main__":
    sys.exit(main())
