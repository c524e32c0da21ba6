"""A staging and an evaluator that belong together, and how tasks are shared out over several of these."""

from __future__ import annotations

import contextlib
import queue
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from gate.expected import expected
from proof.evaluator import Evaluator
from proof.staging import ROOT, Outcome, Staging, Told

Task = TypeVar("Task")


class Bench:
    """A staging and an evaluator."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._start()

    def judge(self, arguments: list[str], weakened: str = "", *, signed_in: bool = False) -> Outcome:
        """Run these scenarios, places or tags, on the staging as it is; `signed_in` with sessions made before."""
        reports = self._folder / "reports"
        shutil.rmtree(reports, ignore_errors=True)
        settings = {**self._staging.settings, **(self._sessions if signed_in else {})}
        return self._evaluator.run(arguments, settings, reports, weakened)

    def switch(self, *faults: str) -> None:
        """From now on exactly these faults are on."""
        self._staging.switch(*faults)

    def renew(self) -> None:
        """New ones of both, where the old ones cannot be trusted any more."""
        self.stop()
        self._start()

    def stop(self) -> None:
        """End both."""
        self._evaluator.stop()
        self._staging.stop()

    def _start(self) -> None:
        self._staging, self._evaluator = Staging(), Evaluator()
        kept = self._folder / "sessions"
        shutil.rmtree(kept, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sessions = self._evaluator.sign_in(self._staging.settings, kept)


@cache
def declared() -> dict[str, str]:
    """Where each scenario stands now; a healthy run of an earlier day may have met it on another line."""
    return {one.key: f"{one.file}:{one.line}" for one in expected(ROOT / "features")}


def places(told: Iterable[Told]) -> list[str]:
    """The scenarios as behave takes them, those of a file beside each other."""
    found = {declared()[one.key] for one in told if one.key in declared()}
    return sorted(found, key=lambda place: (place.partition(":")[0], int(place.partition(":")[2])))


def at_once(stagings: int, folder: Path, tasks: Iterable[Task], act: Callable[[Bench, Task], None]) -> None:
    """Do each task on one of several benches; Ctrl-C lets those under way end, so that nothing is lost."""
    waiting: queue.Queue[Task] = queue.Queue()
    for task in tasks:
        waiting.put(task)
    count = min(stagings, waiting.qsize())
    threads = [threading.Thread(target=_work, args=(folder / str(one), waiting, act)) for one in range(count)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        for _ in _taken(waiting):
            pass
        for thread in threads:
            thread.join()
        raise


def _work(folder: Path, waiting: queue.Queue[Task], act: Callable[[Bench, Task], None]) -> None:
    bench = Bench(folder)
    try:
        for task in _taken(waiting):
            try:
                act(bench, task)
            except (OSError, RuntimeError, ValueError) as wrong:
                # One of our own processes is gone; what was lost is done at the next start.
                print(f"{task} could not be done: {wrong}", flush=True)
                bench.renew()
    finally:
        bench.stop()


def _taken(waiting: queue.Queue[Task]) -> Iterator[Task]:
    """One after the other, until nothing waits."""
    with contextlib.suppress(queue.Empty):
        while True:
            yield waiting.get_nowait()
