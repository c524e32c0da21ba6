"""Progress as behave runs: on a terminal one live line, in a pipe plain lines; what went wrong in full."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar

from behave.formatter.base import Formatter

from gate.redaction import redact
from runner.record import RUN

SHOWN_REASONS = 10
MARKS = {"passed": "ok", "skipped": "--", "not-proven": "??"}
AGAIN = "~~"


class Progress(Formatter):  # type: ignore[misc]
    """Tells which scenario runs, how many are left, and why one did not pass."""

    name = "gate"
    description = "Progress of the gate: one line a scenario, the reason when it did not pass"
    total = 0
    done = 0
    told: ClassVar[set[str]] = set()

    def __init__(self, stream_opener: Any, config: Any, quiet: bool = False) -> None:
        super().__init__(stream_opener, config)
        self.stream = self.open()
        self.quiet = quiet
        self._live = sys.stdout.isatty()
        self._config = config
        self._current: Any = None

    def scenario(self, scenario: Any) -> None:
        """A scenario begins, so the one before it is over."""
        self._close_scenario()
        # Without room for results behave only walks past what is left.
        self._current = scenario if scenario.should_run(self._config) and not RUN.lost else None
        if self._current:
            self.running(scenario.name)

    def eof(self) -> None:
        """A feature file is over."""
        self._close_scenario()

    def close(self) -> None:
        """The run is over."""
        self._close_scenario()
        super().close()

    def tried(self) -> None:
        """An attempt is over, and the scenario is tried once more."""
        self._close_scenario(again=True)

    def running(self, name: str) -> None:
        """On a terminal, what is under way."""
        if self._live:
            self._say(f"\r\033[K[{Progress.done + 1}/{Progress.total}] {name}"[:150], end="")

    def note(self, text: str) -> None:
        """Something about the run as a whole."""
        self._say(f"\r\033[K{text}" if self._live else text)

    def over(self, outcome: dict[str, Any]) -> None:
        """One attempt at a scenario more is over; `outcome` is its line of the record."""
        mark = AGAIN if outcome["again"] else MARKS.get(outcome["status"], "!!")
        self._say("\r\033[K" if self._live else "", end="")
        number = f"{Progress.done + 1}/{Progress.total}"
        self._say(f"{mark} [{number}] {outcome['name']}  ({outcome['seconds']:.1f} s)")
        if mark != "ok" and not self._told_before(outcome):
            self._say(_indented(f"{outcome['file']}:{outcome['line']}\n{outcome['reason']}"))
        Progress.done += not outcome["again"]

    def _close_scenario(self, again: bool = False) -> None:
        scenario, self._current = self._current, None
        if scenario is None or self._config.dry_run:
            return
        RUN.finished(scenario, again)
        self.over(RUN.last)

    def _told_before(self, outcome: dict[str, Any]) -> bool:
        """What is not configured keeps hundreds of scenarios from being proven: the reason is told once."""
        if outcome["status"] != "not-proven":
            return False
        known = outcome["reason"] in Progress.told
        Progress.told.add(outcome["reason"])
        return known

    def _say(self, text: str, end: str = "\n") -> None:
        if self.quiet:
            return
        self.stream.write(redact(text) + end)
        self.stream.flush()


def told_together(not_proven: Iterable[tuple[str, str]]) -> str:
    """Each reason once, with how many scenarios it concerns, the commonest first."""
    counts = Counter(reason.strip().partition("\n")[0] for _, reason in not_proven).most_common()
    rows = [f"  {count:>4} x {reason}" for reason, count in counts[:SHOWN_REASONS]]
    left = sum(count for _, count in counts[SHOWN_REASONS:])
    return "\n".join([*rows, *([f"  {left:>4} x other reasons"] if left else [])])


def _indented(text: str) -> str:
    return "\n".join(f"      {line}" for line in text.strip().splitlines())
