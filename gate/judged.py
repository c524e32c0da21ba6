"""From results to lines: each declared scenario is judged by its last attempt, each line by its worst scenario.

Broken beats not proven beats proven; what did not run is never proven. Pure functions of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gate.document import Document, Line
from gate.expected import LANGUAGES, Declared
from gate.language import Language, Text
from gate.results import Result

Status = Literal["proven", "broken", "not-proven", "not-run"]
# What behave says of a scenario that it never reached.
UNREACHED = frozenset({"untested", "untested_pending", "untested_undefined"})
BEHAVES_PREFIX = "ASSERT FAILED: "
FAILED = frozenset({"failed", "error", "hook_error", "cleanup_error"})


@dataclass(frozen=True)
class Judged:
    """One declared scenario with the attempt that decides, if there is one, and all of them in their order."""

    declared: Declared
    result: Result | None
    status: Status
    attempts: tuple[Result, ...] = ()

    @property
    def flaky(self) -> bool:
        """It passed only when it was tried again."""
        return self.status == "proven" and self.first_failure is not None

    @property
    def first_failure(self) -> Result | None:
        """The first attempt that did not pass."""
        return next((one for one in self.attempts if one.status != "passed"), None)

    @property
    def reason(self) -> str:
        """Why it is not proven, in the scenario's language; the first line is the sentence."""
        return told(self.result) if self.result else ""

    @property
    def category(self) -> str:
        """Whose matter it is when it is not proven."""
        if self.status in ("proven", "not-run"):
            return ""
        return (self.result.category if self.result else "") or (
            "platform" if self.status == "broken" else "suite"
        )


@dataclass(frozen=True)
class JudgedLine:
    """One line of the document over all its scenarios."""

    line: Line
    en: Status
    ru: Status
    scenarios: tuple[Judged, ...] = field(repr=False)

    @property
    def proven(self) -> bool:
        """In both languages."""
        return self.en == self.ru == "proven"

    @property
    def broken(self) -> bool:
        """In either language."""
        return "broken" in (self.en, self.ru)

    @property
    def seconds(self) -> float:
        """What its scenarios took."""
        return round(sum(one.result.seconds for one in self.scenarios if one.result), 3)

    def told(self, language: str, *statuses: Status) -> list[Judged]:
        """Scenarios of these statuses: in this language, else in the other."""
        wanted = [one for one in self.scenarios if one.status in statuses]
        return [one for one in wanted if one.declared.language == language] or wanted


def judge_scenarios(declared: Sequence[Declared], results: Iterable[Result]) -> list[Judged]:
    """Every declared scenario, judged."""
    attempts: dict[str, list[Result]] = {}
    for result in results:
        attempts.setdefault(result.key, []).append(result)
    return [_judge(one, attempts.get(one.key, [])) for one in declared]


def judge_lines(document: Document, judged: Sequence[Judged]) -> list[JudgedLine]:
    """Every line of the document, in its order."""
    by_id: dict[str, list[Judged]] = {}
    for one in judged:
        for id in one.declared.ids:
            by_id.setdefault(id, []).append(one)
    return [_judge_line(line, by_id.get(line.id, [])) for line in document.lines]


def told(result: Result) -> str:
    """What an attempt said, without behave's own words before it."""
    return result.reason.strip().removeprefix(BEHAVES_PREFIX)


def twins(declared: Iterable[Declared]) -> Mapping[str, set[str]]:
    """`pair` -> the titles of the scenario in both languages."""
    titles: dict[str, set[str]] = {}
    for one in declared:
        titles.setdefault(one.pair, set()).update({one.name.strip(), one.name.partition(" -- @")[0].strip()})
    return titles


def paired_texts(scenarios: Iterable[Judged], what: str) -> list[Text]:
    """The notes of one kind (`weaker`, `risks`), an English one beside the Russian one of its twin."""
    notes: dict[tuple[str, int], dict[str, str]] = {}
    for one in scenarios:
        for number, note in enumerate(getattr(one.result, what, [])):
            notes.setdefault((one.declared.pair, number), {})[one.declared.language] = note
    found = []
    for said in notes.values():
        any_one = next(iter(said.values()))
        text = Text(said.get("en", any_one), said.get("ru", any_one))
        if text not in found:
            found.append(text)
    return found


def _judge(declared: Declared, attempts: list[Result]) -> Judged:
    if not attempts:
        return Judged(declared, None, "not-run")
    attempts = sorted(attempts, key=lambda one: one.attempts)
    statuses = [status_of(one) for one in attempts]
    # The same attempt twice is no retry; which of the two is true nobody can say.
    doubled = len({one.attempts for one in attempts}) < len(attempts)
    if statuses[-1] == "proven" and not doubled:
        return Judged(declared, attempts[-1], "proven", tuple(attempts))
    worst = _worst(statuses)
    if worst == "proven":
        return Judged(declared, attempts[-1], "not-proven", tuple(attempts))
    # A retry never softens: what was broken once and then could not be looked at is broken, by its first failure.
    decides = next((one for one, status in zip(attempts, statuses, strict=True) if status == worst), attempts[-1])
    return Judged(declared, decides, worst, tuple(attempts))


def status_of(result: Result) -> Status:
    """What one attempt comes to."""
    if result.status == "passed":
        return "proven"
    if result.status in UNREACHED:
        return "not-run"
    if result.status in FAILED and result.category == "platform":
        return "broken"
    if result.status == "failed" and not result.category:
        return "broken"
    return "not-proven"


def _judge_line(line: Line, scenarios: list[Judged]) -> JudgedLine:
    by_language: dict[Language, Status] = {
        language: _worst([one.status for one in scenarios if one.declared.language == language])
        for language in LANGUAGES
    }
    return JudgedLine(line, by_language["en"], by_language["ru"], tuple(scenarios))


def _worst(statuses: Sequence[Status]) -> Status:
    if not statuses or set(statuses) == {"not-run"}:
        return "not-run"
    if "broken" in statuses:
        return "broken"
    return "proven" if set(statuses) == {"proven"} else "not-proven"
