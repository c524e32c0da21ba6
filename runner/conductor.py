"""Several workers for one run: processes of their own, one target, one record, one clean-up.

`python -m gate run` names this as behave's runner when GATE_WORKERS asks for more than one. behave loads and
parses everything once and calls `before_all`; then this process forks its workers and only hands out scenarios and
takes their results, until behave calls `after_all` here again. A worker is behave as well: it runs what it is
handed with doors of its own. Nothing that cannot cross a fork (connections, browsers) is open before.
"""

from __future__ import annotations

import copy
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

from behave.model_type import Status
from behave.reporter.summary import SummaryReporter
from behave.runner import Runner

from runner.plan import Plan, Unit
from runner.progress import Progress
from runner.record import RUN, key_of

CRASHED = 70
# After a Ctrl-C a worker ends its scenario's clean-up; one that does not is killed.
END_SECONDS = 60.0


@dataclass
class Worker:
    """One worker process, as this one sees it."""

    number: int
    pid: int
    line: Connection
    unit: Unit | None = None
    begun: list[str] = field(default_factory=list)
    idle: bool = False
    ended: bool = False


class Conductor(Runner):  # type: ignore[misc]
    """behave's runner, with the scenarios run by workers."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._crew: list[Worker] = []
        self._failed = False
        self._began = 0.0

    def run_model(self, features: Any = None) -> bool:
        """As behave does; a worker never gets out of here."""
        conductor = os.getpid()
        try:
            failed = super().run_model(self._shared_out())
        finally:
            if os.getpid() != conductor:
                _leave(CRASHED)
        return bool(failed or self._failed)

    def _shared_out(self) -> Iterator[Any]:
        """In a worker the features to run; here none, unless everything is run here."""
        if self.aborted or self._alone():
            yield from self.features
            return
        self._scenarios = {
            key_of(scenario): scenario
            for feature in self.features
            for scenario in feature.walk_scenarios()
            if scenario.should_run(self.config)
        }
        plan = Plan(self._scenarios.values())
        workers = min(len(plan), self.context.target.settings["GATE_WORKERS"])
        if workers < 2:
            yield from self.features
            return
        self._began = time.monotonic()
        self.context.target.share()
        # What is loaded stays: else each process' collector touches, and so copies, every page of it.
        gc.freeze()
        for number in range(1, workers + 1):
            if line := self._fork(number):
                yield from self._work(line, number, workers)
        self._conduct(plan)
        self._report()

    def _alone(self) -> bool:
        """A formatter of behave's own, a dry run and a stop at the first failure need one process."""
        return bool(self.config.dry_run or self.config.stop or self._progress.quiet)

    def _fork(self, number: int) -> Connection | None:
        """Make a worker; the answer is its line to this process, and None in this process itself."""
        ours, theirs = Pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            theirs.close()
            self._crew.append(Worker(number, pid, ours))
            return None
        # What others hold open would hide from them that this process is gone.
        for line in (ours, *(one.line for one in self._crew)):
            line.close()
        return theirs

    # --- in a worker

    def _work(self, line: Connection, number: int, workers: int) -> Iterator[Any]:
        # A Ctrl-C on the terminal is for the conductor, which tells its workers.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _interrupt)
        self.config.reporters = []
        for formatter in self.formatters:
            if isinstance(formatter, Progress):
                formatter.quiet = True
        RUN.relay = line.send
        with self.context.use_with_user_mode():
            self.hooks["before_worker"](self.context, number, workers)
        try:
            while keys := self._handed(line):
                yield from self._parts(keys)
                if self.aborted:
                    break
                line.send({"kind": "ran", "statuses": [_statuses(self._scenarios[key]) for key in keys]})
        except KeyboardInterrupt:
            pass
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with self.context.use_with_user_mode():
            facts = self.hooks["after_worker"](self.context)
        for formatter in self.formatters:
            formatter.close()
        line.send({"kind": "ended", "failed": self.hook_failures > 0, **facts})
        _leave(0)

    def _handed(self, line: Connection) -> list[str]:
        """The keys of the scenarios to run next; none at the end, also when the conductor is gone."""
        standing = self.context.target.standing
        try:
            line.send({"kind": "idle", "news": standing.news()})
            order = line.recv()
        except (EOFError, OSError):
            return []
        standing.hear(order["fallen"])
        keys: list[str] = order["keys"]
        return keys

    def _parts(self, keys: list[str]) -> Iterator[Any]:
        """The features of these scenarios, each with nothing but them."""
        parts: dict[str, Any] = {}
        for key in keys:
            scenario = self._scenarios[key]
            feature = scenario.feature
            if feature.filename not in parts:
                parts[feature.filename] = copy.copy(feature)
                parts[feature.filename].run_items, parts[feature.filename].scenarios = [], []
            part = parts[feature.filename]
            part.run_items.append(scenario)
            part.scenarios.append(scenario)
        for part in parts.values():
            if not self.aborted:
                yield part

    # --- in the conductor

    def _conduct(self, plan: Plan) -> None:
        """Hand out and take in until every worker has ended, through a Ctrl-C too."""
        self._fallen: dict[str, Any] = {}
        try:
            self._until_ended(plan, None)
        except KeyboardInterrupt:
            self.abort(reason="KeyboardInterrupt")
            plan.drop()
            self._signal(signal.SIGTERM)
            with suppress(KeyboardInterrupt):
                self._until_ended(plan, END_SECONDS)
            self._signal(signal.SIGKILL)
        for worker in self._crew:
            os.waitpid(worker.pid, 0)

    def _until_ended(self, plan: Plan, seconds: float | None) -> None:
        while lines := {one.line: one for one in self._crew if not one.ended}:
            ready = wait(list(lines), seconds)
            if not ready:
                return
            for line in ready:
                self._hear(plan, lines[line])  # type: ignore[index]
            self._hand_out(plan)

    def _hear(self, plan: Plan, worker: Worker) -> None:
        try:
            told = worker.line.recv()
        except (EOFError, OSError):
            self._lost(plan, worker)
            return
        kind = told["kind"]
        if kind == "running":
            worker.begun.append(told["key"])
            self._progress.running(told["name"])
        elif kind == "scenario":
            RUN.take(**told)
            self._progress.over(told)
        elif kind == "ran":
            self._mirror(worker, told["statuses"])
        elif kind == "idle":
            if worker.unit:
                plan.done(worker.unit)
            self._fallen = {name: why for name, why in (self._fallen | told["news"]).items() if why}
            worker.unit, worker.idle = None, True
        elif kind == "lost":
            RUN.lose(told["why"])
        else:
            if worker.unit:
                plan.lost(worker.unit, worker.begun)
                worker.unit = None
            worker.ended = True
            self._failed |= told["failed"]
            self.context.target.opened_elsewhere |= set(told["opened"])
            self.context.left |= dict.fromkeys(told["left"])

    def _hand_out(self, plan: Plan) -> None:
        """Give each idle worker what may begin now; at the end let all go together, for they share people."""
        if self.aborted:
            plan.drop()
        for worker in (one for one in self._crew if one.idle and not one.ended):
            unit = plan.next()
            if unit:
                worker.unit, worker.begun, worker.idle = unit, [], False
                self._send(worker, unit.keys)
        if plan.over:
            for worker in (one for one in self._crew if one.idle and not one.ended):
                worker.idle = False
                self._send(worker, [])

    def _send(self, worker: Worker, keys: list[str]) -> None:
        with suppress(OSError):  # it died; its line tells so when it is read next
            worker.line.send({"keys": keys, "fallen": self._fallen})

    def _lost(self, plan: Plan, worker: Worker) -> None:
        worker.ended, self._failed = True, True
        running = worker.begun[-1:] if worker.unit else []
        if worker.unit:
            plan.lost(worker.unit, worker.begun)
            worker.unit = None
        if not self.aborted:
            during = self._scenarios[running[0]].name if running else ""
            RUN.died.append(f"{worker.number}: {during}" if during else str(worker.number))
            self._progress.note(
                f"Worker {worker.number} (process {worker.pid}) died{f': {during}' if during else ''}"
            )

    def _mirror(self, worker: Worker, statuses: list[tuple[str, list[tuple[str, float]]]]) -> None:
        """Let behave's own reporters see here what became of the scenarios there."""
        assert worker.unit is not None
        for scenario, (status, steps) in zip(worker.unit.scenarios, statuses, strict=True):
            for step, (step_status, seconds) in zip(scenario.all_steps, steps, strict=True):
                step.status, step.duration = Status.from_name(step_status), seconds
            scenario.set_status(Status.from_name(status))
            self._failed |= scenario.status.has_failed()

    def _report(self) -> None:
        for feature in self.features:
            for scenario in feature.walk_scenarios():
                if key_of(scenario) not in self._scenarios:
                    scenario.mark_skipped()
            for reporter in self.config.reporters:
                reporter.feature(feature)
        for reporter in (one for one in self.config.reporters if isinstance(one, SummaryReporter)):
            # What it has added up is the time of all workers together.
            reporter.duration = time.monotonic() - self._began

    def _signal(self, number: int) -> None:
        for worker in (one for one in self._crew if not one.ended):
            os.kill(worker.pid, number)

    @property
    def _progress(self) -> Progress:
        return next(one for one in self.formatters if isinstance(one, Progress))


def _statuses(scenario: Any) -> tuple[str, list[tuple[str, float]]]:
    return scenario.status.name, [(step.status.name, step.duration) for step in scenario.all_steps]


def _interrupt(number: int, _: Any) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _leave(code: int) -> None:
    """End this process without what Python does at its end: that is the conductor's."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
