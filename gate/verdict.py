"""Go, No-Go or Incomplete: a pure function of what was declared, recorded, accepted and known.

    No-Go       a precondition, P0, security or boundary line is broken, or a P0/P1 blocker is open
    Incomplete  something that a Go needs is not proven, not judged by anybody, or cannot be believed
    Go          everything else

The weight of each reason is in this module, the belief in the run in `integrity`, the state of a line in `judged`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from gate.blockers import Blockers
from gate.cluster_state import Image
from gate.document import NO_GO, Document, Line, Scope
from gate.expected import Declared
from gate.history import Changes, Entry, changes, last_go, last_run
from gate.integrity import Account, Wanted, doubts
from gate.judged import Judged, JudgedLine, judge_lines, judge_scenarios, paired_texts, told, twins
from gate.language import Text
from gate.results import AllureCount, Run
from gate.waivers import State, Waiver, Waivers

Decision = Literal["go", "no-go", "incomplete"]
Weight = Literal["no-go", "incomplete"]
TO_JUDGE = Text(
    "Is it a blocker? Then label its bug so (No-Go). If not, accept it by name in waivers.yaml.",
    "Это блокер? Тогда пометьте его баг (No-Go). Если нет, примите его поимённо в waivers.yaml.",
)
EXIT_CODES: dict[Decision, int] = {"go": 0, "no-go": 1, "incomplete": 2}


@dataclass(frozen=True)
class Case:
    """Everything that a verdict is made of."""

    document: Document
    declared: Sequence[Declared]
    run: Run
    now: datetime
    allure: AllureCount | None = None
    waivers: Waivers = field(default_factory=Waivers)
    blockers: Blockers = field(default_factory=Blockers)
    history: Sequence[Entry] = ()
    images: Sequence[Image] = ()
    wanted: Wanted = field(default_factory=Wanted)
    scope: Scope = "all"


@dataclass(frozen=True)
class Reason:
    """Why it is no Go; `line` is None when it concerns the whole run."""

    weight: Weight
    kind: str
    line: str | None
    text: Text


@dataclass(frozen=True)
class Risk:
    """What remains with a Go."""

    kind: Literal["waived", "weaker-door", "flaky", "observed", "blockers", "suite"]
    line: str | None
    text: Text


@dataclass(frozen=True)
class Verdict:
    """The decision with everything that explains it."""

    case: Case
    decision: Decision
    scope_passed: bool
    reasons: tuple[Reason, ...]
    lines: tuple[JudgedLine, ...]
    judged: tuple[Judged, ...]
    risks: tuple[Risk, ...]
    waivers: tuple[tuple[Waiver, State], ...]
    since_go: Changes | None
    since_run: Changes | None

    @property
    def exit_code(self) -> int:
        """0 when the scope passed, 1 No-Go, 2 Incomplete."""
        if self.scope_passed:
            return 0
        return EXIT_CODES[self.decision] or 2


def decide(case: Case) -> Verdict:
    """The verdict over `case`."""
    judged = judge_scenarios(case.declared, case.run.results)
    lines = judge_lines(case.document, judged)
    account = Account(
        case.document, case.declared, judged, case.run, case.allure, case.wanted, case.now, case.scope
    )
    unbelieved = [Reason("incomplete", kind, None, text) for kind, text in doubts(account)]
    acceptance = _Acceptance(case)
    of_lines = [reason for line in lines for reason in _of_line(line, acceptance)]
    of_rules = [*_of_blockers(case.blockers), *acceptance.reasons()]
    reasons = [*of_lines, *of_rules, *unbelieved]
    # What follows from the others stands last: where the record is lost, every line was not run.
    reasons.sort(key=lambda one: (one.weight != "no-go", one.kind == "not-run"))
    in_scope = [line for line in lines if line.line.in_scope(case.scope)]
    scope_proven = bool(in_scope) and all(line.proven for line in in_scope)
    decision = _decision(reasons)
    start = case.run.start
    target = start.target if start else ""
    earlier = [entry for entry in case.history if not start or entry.mark != start.mark]
    return Verdict(
        case=case,
        decision=decision,
        scope_passed=decision == "go" if case.scope == "all" else scope_proven and not unbelieved,
        reasons=tuple(reasons),
        lines=tuple(lines),
        judged=tuple(judged),
        risks=tuple(_risks(case, lines, acceptance)),
        waivers=tuple(acceptance.states()),
        since_go=changes(last_go(earlier, target), judged, lines),
        since_run=changes(last_run(earlier, target, case.scope), judged, lines),
    )


def _decision(reasons: Sequence[Reason]) -> Decision:
    weights = {reason.weight for reason in reasons}
    if "no-go" in weights:
        return "no-go"
    return "incomplete" if weights else "go"


class _Acceptance:
    """Which scenarios somebody accepted; remembers which waivers were needed."""

    def __init__(self, case: Case) -> None:
        self._document = case.document
        self._problems = case.waivers.problems
        self._today = case.now.date()
        self._items = case.waivers.items
        self._titles = twins(case.declared)
        self._needed: set[Waiver] = set()

    def over(self, line: Line, scenario: Judged | None) -> Waiver | None:
        """The waiver over this scenario of the line; one in force before an expired one."""
        titles = self._titles.get(scenario.declared.pair, set()) if scenario else set()
        found = [one for one in self._items if one.allowed(self._document) and one.covers(line.id, titles)]
        found.sort(key=lambda one: one.expired(self._today))
        if not found:
            return None
        self._needed.add(found[0])
        return found[0]

    def in_force(self, waiver: Waiver | None) -> bool:
        """Whether it still counts today."""
        return waiver is not None and not waiver.expired(self._today)

    def states(self) -> Iterator[tuple[Waiver, State]]:
        """Every waiver with what became of it."""
        for one in self._items:
            if not one.allowed(self._document):
                yield one, "not allowed"
            elif one.expired(self._today):
                yield one, "expired"
            else:
                yield one, "in force" if one in self._needed else "unused"

    def reasons(self) -> Iterator[Reason]:
        """What is wrong with the waivers themselves."""
        for problem in self._problems:
            yield Reason("incomplete", "waiver", None, problem)
        for one, state in self.states():
            if state == "expired":
                text = Text(
                    f"The waiver by {one.by} ended on {one.until}. Renew it by name, or remove it ({one.issue}).",
                    f"Отступление ({one.by}) истекло {one.until}. Продлите его или уберите ({one.issue}).",
                )
                yield Reason("incomplete", "waiver-expired", one.line, text)
            elif state == "not allowed":
                text = Text(
                    f"waivers.yaml names {one.line}, which nobody can waive.",
                    f"waivers.yaml называет {one.line}: эту строку нельзя принять с отступлением.",
                )
                yield Reason("incomplete", "waiver-not-allowed", one.line, text)


def _of_line(line: JudgedLine, acceptance: _Acceptance) -> Iterator[Reason]:
    """At most one reason a line: broken before not proven before not run."""
    red = [one for one in line.scenarios if one.status != "proven"]
    over = {one.declared.key: acceptance.over(line.line, one) for one in red}
    left = [one for one in red if not acceptance.in_force(over[one.declared.key])]
    undeclared = [language for language in ("en", "ru") if not _declared_in(line, language)]
    if not left and not (undeclared and not acceptance.in_force(acceptance.over(line.line, None))):
        return
    broken = [one for one in left if one.status == "broken"]
    if broken:
        # Somebody accepted it once, and must look again; nobody has called it a blocker.
        expired = all(over[one.declared.key] for one in broken)
        weight: Weight = "no-go" if line.line.priority in NO_GO and not expired else "incomplete"
        text = _broken_text(line, broken)
        if weight == "incomplete":
            text = Text(f"{text.en} {TO_JUDGE.en}", f"{text.ru} {TO_JUDGE.ru}")
        yield Reason(weight, "broken", line.line.id, text)
    elif undeclared:
        yield Reason("incomplete", "not-declared", line.line.id, _undeclared_text(undeclared))
    elif all(one.status == "not-run" for one in line.scenarios):
        yield Reason("incomplete", "not-run", line.line.id, Text("Was not run.", "Не выполнялась."))
    else:
        yield Reason("incomplete", "not-proven", line.line.id, _unproven_text(line, left))


def _declared_in(line: JudgedLine, language: str) -> bool:
    return any(one.declared.language == language for one in line.scenarios)


def _undeclared_text(languages: Sequence[str]) -> Text:
    en = " and ".join({"en": "English", "ru": "Russian"}[one] for one in languages)
    ru = " и ".join({"en": "по-английски", "ru": "по-русски"}[one] for one in languages)
    return Text(f"No scenario is declared in {en}.", f"Нет ни одного сценария {ru}.")


def _broken_text(line: JudgedLine, broken: Sequence[Judged]) -> Text:
    count, of = len(broken), len(line.scenarios)
    en, ru = _told(broken, "en"), _told(broken, "ru")
    return Text(f"Broken in {count} of {of} scenarios. {en}", f"Не выполнена в {count} из {of} сценариев. {ru}")


def _unproven_text(line: JudgedLine, left: Sequence[Judged]) -> Text:
    for language, en, ru in (("en", "English", "английские"), ("ru", "Russian", "русские")):
        here = [one for one in line.scenarios if one.declared.language == language]
        if here and all(one.status == "not-run" for one in here):
            return Text(f"The {en} scenarios were not run.", f"Не выполнялись {ru} сценарии.")
    count, of = len(left), len(line.scenarios)
    en, ru = _told(left, "en"), _told(left, "ru")
    return Text(f"Not proven in {count} of {of} scenarios. {en}", f"Не доказана в {count} из {of} сценариев. {ru}")


def _told(scenarios: Sequence[Judged], language: str) -> str:
    """The first scenario's title and sentence, in this language where there is one."""
    one = next((one for one in scenarios if one.declared.language == language), scenarios[0])
    sentence = next((row.strip() for row in one.reason.splitlines() if row.strip()), "")
    if not sentence and one.status == "not-run":
        sentence = "was not run" if language == "en" else "не выполнялся"
    if not sentence and one.result:
        sentence = one.result.status
    title = one.declared.name.partition(" -- @")[0].strip()
    return f"“{title}”: {sentence}" if language == "en" else f"«{title}»: {sentence}"


def _of_blockers(blockers: Blockers) -> Iterator[Reason]:
    if blockers.state == "failed":
        text = Text(
            f"The list of blockers could not be read ({blockers.source}): {blockers.problem}",
            f"Список блокеров не удалось прочитать ({blockers.source}): {blockers.problem}",
        )
        yield Reason("incomplete", "blockers", None, text)
    for one in blockers.items:
        if one.blocks:
            name = f"{one.id} {one.title}"
            priority = one.priority.upper() or "?"
            text = Text(f"Open blocker ({priority}): {name}", f"Открытый блокер ({priority}): {name}")
            yield Reason("no-go", "blocker", None, text)


def _risks(case: Case, lines: Sequence[JudgedLine], acceptance: _Acceptance) -> Iterator[Risk]:
    for waiver, state in acceptance.states():
        if state == "in force":
            what = f"“{waiver.scenario}” " if waiver.scenario else ""
            text = Text(
                f"{what}Accepted by {waiver.by} until {waiver.until}: {waiver.reason} ({waiver.issue})",
                f"{what}Принято: {waiver.by}, до {waiver.until}. {waiver.reason} ({waiver.issue})",
            )
            yield Risk("waived", waiver.line, text)
    for line in lines:
        yield from _risks_of_line(line)
    if case.blockers.state == "not-checked":
        text = Text(
            "Open blockers were not checked. The Owner confirms that there are none when signing off.",
            "Открытые блокеры не проверялись. Владелец подтверждает при утверждении, что их нет.",
        )
        yield Risk("blockers", None, text)
    if case.run.end and case.run.end.kept:
        rows = ", ".join(case.run.end.kept)
        text = Text(
            f"Rows of this run stay on the staging, other tables of the platform refer to them: {rows}.",
            f"Строки этого прогона остались на staging, на них ссылаются другие таблицы платформы: {rows}.",
        )
        yield Risk("observed", None, text)
    if case.run.end and case.run.end.restarted:
        containers = ", ".join(case.run.end.restarted)
        text = Text(
            f"Containers of the platform ended and were started again during the run: {containers}.",
            f"Контейнеры платформы во время прогона завершались и запускались снова: {containers}.",
        )
        yield Risk("observed", None, text)
    if case.run.start and case.run.start.suite.get("dirty"):
        text = Text(
            "The suite was run with changes that are in no commit.",
            "Набор запускался с изменениями, которых нет ни в одном коммите.",
        )
        yield Risk("suite", None, text)


def _risks_of_line(line: JudgedLine) -> Iterator[Risk]:
    for text in paired_texts(line.scenarios, "weaker"):
        yield Risk("weaker-door", line.line.id, text)
    for one in line.scenarios:
        if one.flaky and one.first_failure:
            why = told(one.first_failure).partition("\n")[0]
            text = Text(
                f"“{one.declared.name.strip()}” passed only when tried again. First: {why}",
                f"«{one.declared.name.strip()}» прошёл только с повтора. Сначала: {why}",
            )
            yield Risk("flaky", line.line.id, text)
    for text in paired_texts(line.scenarios, "risks"):
        yield Risk("observed", line.line.id, text)
