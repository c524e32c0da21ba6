"""What a run left behind: `run.jsonl`, one JSON object a line, and Allure's results, read without losing anything.

Kinds of line: `start` (once), `scenario` (once an attempt), `end` (once; missing: the run crashed), `exit` (once,
only when `python -m gate run` started behave: its exit code and the hash of the features), `problem` (what a merge
of shards found). A line that cannot be understood is a `problem` too, and a verdict over problems is never Go.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from gate.language import Text

STATUSES = frozenset(
    {
        "passed",
        "failed",
        "error",
        "hook_error",
        "cleanup_error",
        "skipped",
        "undefined",
        "untested",
        "untested_pending",
        "untested_undefined",
        "pending",
        "pending_warn",
        "xfailed",
        "xpassed",
        "not-proven",
    }
)
CATEGORIES = frozenset({"", "platform", "staging", "suite", "not-configured"})


@dataclass(frozen=True)
class Start:
    """The first line: what ran, against what, and which scenarios were selected."""

    mark: str
    target: str
    started: str
    suite: dict[str, Any]
    selection: list[str]
    versions: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    who: str = ""


@dataclass(frozen=True)
class Result:
    """One attempt at one scenario."""

    key: str
    file: str
    line: int
    language: str
    ids: list[str]
    name: str
    status: str
    reason: str = ""
    category: str = ""
    tags: list[str] = field(default_factory=list)
    started: str | None = None
    seconds: float = 0.0
    doors: list[str] = field(default_factory=list)
    acts: dict[str, int] = field(default_factory=dict)
    run_ids: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    weaker: list[str] = field(default_factory=list)
    risks: list[str] = field(default_factory=list)
    attempts: int = 1


@dataclass(frozen=True)
class End:
    """The last line: behave's own count, whether it was stopped, what could not be removed, which workers died.

    `kept`: rows that the platform's own tables hold, by number and table. `restarted`: containers of the
    platform's that ended meanwhile and came back.
    """

    behave: dict[str, int]
    aborted: bool
    finished: str
    cleaning: str = ""
    died: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Exit:
    """How behave ended, as whoever started it saw."""

    code: int
    features: str = ""


@dataclass(frozen=True)
class Run:
    """A whole record; `problems` are what keeps it from being believed."""

    start: Start | None = None
    results: tuple[Result, ...] = ()
    end: End | None = None
    exit: Exit | None = None
    problems: tuple[Text, ...] = ()


@dataclass(frozen=True)
class AllureCount:
    """How many results Allure has; `unreadable` names the files that are no result."""

    names: Counter[str]
    unreadable: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """All results that can be read."""
        return self.names.total()


def read_run(path: Path) -> Run:
    """Read a record; what cannot be read becomes a problem, never an error and never silence."""
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return Run(problems=(_no_record(path),))
    reading = _Reading()
    for number, line in enumerate(text.splitlines(), 1):
        reading.take(number, line)
    return reading.run()


def read_allure(folder: Path) -> AllureCount:
    """Count `*-result.json`, by the scenario's name."""
    names: Counter[str] = Counter()
    unreadable = []
    for path in sorted(folder.glob("*-result.json")):
        try:
            names[json.loads(path.read_text(encoding="utf-8"))["name"]] += 1
        except (OSError, ValueError, KeyError, TypeError):
            unreadable.append(path.name)
    return AllureCount(names, tuple(unreadable))


class _Reading:
    """Takes the lines one by one."""

    def __init__(self) -> None:
        self._once: dict[str, Any] = {}
        self._results: list[Result] = []
        self._problems: list[Text] = []
        self._kinds: dict[str, Callable[[dict[str, Any]], Any]] = {
            "start": lambda line: _fill(Start, line),
            "scenario": _result,
            "end": lambda line: _fill(End, line),
            "exit": lambda line: _fill(Exit, line),
            "problem": lambda line: Text(str(line["en"]), str(line["ru"])),
        }

    def take(self, number: int, line: str) -> None:
        """One line, or one problem."""
        try:
            data = json.loads(line)
            kind = data["kind"]
            made = self._kinds[kind](data)
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            self._problem(number, wrong)
            return
        if kind == "scenario":
            self._results.append(made)
        elif kind == "problem":
            self._problems.append(made)
        elif kind in self._once:
            self._problem(number, f"second '{kind}'")
        else:
            self._once[kind] = made

    def run(self) -> Run:
        """The whole record."""
        return Run(
            self._once.get("start"),
            tuple(self._results),
            self._once.get("end"),
            self._once.get("exit"),
            tuple(self._problems),
        )

    def _problem(self, number: int, wrong: object) -> None:
        what = f"{type(wrong).__name__}: {wrong}" if isinstance(wrong, Exception) else wrong
        self._problems.append(
            Text(
                f"Line {number} of the run's record cannot be read ({what}).",
                f"Строку {number} записи прогона нельзя прочитать ({what}).",
            )
        )


def _result(line: dict[str, Any]) -> Result:
    made: Result = _fill(Result, {key: value for key, value in line.items() if value is not None})
    if made.status not in STATUSES:
        raise ValueError(f"unknown status '{made.status}'")
    if made.category not in CATEGORIES:
        raise ValueError(f"unknown category '{made.category}'")
    return made


# A value of the wrong type must not reach the judge: ids "s1.p0.1.1" would be read as nine letters.
_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "str | None": (str, type(None)),
    "int": int,
    "float": (int, float),
    "bool": bool,
    "list[str]": list,
    "dict[str, Any]": dict,
    "dict[str, str]": dict,
    "dict[str, int]": dict,
}


def _fill(shape: Any, line: dict[str, Any]) -> Any:
    """Make `shape` from the fields that it knows; a missing or mistyped one is an error, an extra one is not."""
    known = {one.name: str(one.type) for one in fields(shape)}
    given = {name: line[name] for name in known if name in line}
    for name, value in given.items():
        if not isinstance(value, _TYPES[known[name]]):
            raise TypeError(f"{name} is no {known[name]}")
    return shape(**given)


def latest(results: Iterable[Result]) -> dict[str, Result]:
    """The attempt that counts of each scenario: the last."""
    return {one.key: one for one in sorted(results, key=lambda one: one.attempts)}


def _no_record(path: Path) -> Text:
    return Text(
        f"There is no record of a run at {path.name}: nothing has run, or it ended before its first scenario.",
        f"Нет записи прогона {path.name}: ничего не выполнялось, или прогон оборвался до первого сценария.",
    )
