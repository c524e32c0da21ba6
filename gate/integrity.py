"""Can this run be believed at all? Each check compares two accounts of the same thing and names the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gate.document import Document, Scope
from gate.expected import Declared, doubled, unknown_ids
from gate.judged import Judged
from gate.language import Text
from gate.results import AllureCount, Run, latest

SHOWN = 3
RETRIES = "GATE_RETRIES"
ACTS = {
    "delivery": Text("A delivery that the platform accepts", "доставка, которую платформа приняла"),
    "sign-in": Text("A sign-in to the console", "вход в консоль"),
    "attach": Text("Attaching a repository", "подключение репозитория"),
}
CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True)
class Wanted:
    """What the results must belong to; what is empty is not compared. `retries` None: the run's own setting."""

    target: str = ""
    commit: str = ""
    features: str = ""
    max_age: timedelta | None = None
    retries: int | None = None


@dataclass(frozen=True)
class Account:
    """Everything that these checks compare."""

    document: Document
    declared: Sequence[Declared]
    judged: Sequence[Judged]
    run: Run
    allure: AllureCount | None
    wanted: Wanted
    now: datetime
    scope: Scope


def doubts(account: Account) -> list[tuple[str, Text]]:
    """`(kind, sentence)` for everything that keeps this run from being believed."""
    found = [("unreadable", problem) for problem in account.run.problems]
    if account.run.start is None:
        # A record that is not there, as a problem already tells, has nothing else either.
        empty = found and not (account.run.results or account.run.end)
        beginning = ("no-record", _text("The run left no beginning.", "У записи прогона нет начала."))
        return found if empty else [*found, beginning]
    for kind, check in CHECKS:
        found += [(kind, text) for text in check(account)]
    return found


def _ending(account: Account) -> Iterator[Text]:
    end = account.run.end
    if end is None:
        yield _text(
            "The run has no end: it crashed or was killed before its last scenario.",
            "У прогона нет конца: он упал или был убит до последнего сценария.",
        )
        return
    if end.aborted:
        yield _text("The run was stopped before its end.", "Прогон был остановлен до конца.")
    if end.died:
        yield _text(f"Worker processes died: {_some(end.died)}.", f"Рабочие процессы погибли: {_some(end.died)}.")
    if end.cleaning:
        yield _text(f"The clean-up failed: {end.cleaning}", f"Уборка не удалась: {end.cleaning}")


def _exit_code(account: Account) -> Iterator[Text]:
    ended = account.run.exit
    if ended is None:
        return
    all_passed = all(one.status == "passed" for one in latest(account.run.results).values())
    if (ended.code == 0) != all_passed:
        en = "passed" if all_passed else "did not all pass"
        ru = "прошли" if all_passed else "прошли не все"
        yield _text(
            f"behave ended with code {ended.code}, but its scenarios {en}: a hook or a clean-up failed, or "
            "results were lost.",
            f"behave завершился с кодом {ended.code}, но сценарии {ru}: сбой в хуке или уборке, либо "
            "результаты потеряны.",
        )


def _behave_count(account: Account) -> Iterator[Text]:
    end = account.run.end
    if end and end.aborted:
        # The scenario that was stopped is an error to behave, and skipped in the record; the stop itself is told.
        return
    counted = dict(Counter(_behaves(one.status) for one in latest(account.run.results).values()))
    said: Counter[str] = Counter()
    for status, number in (end.behave if end else counted).items():
        said[_behaves(status)] += number
    said = +said
    if said != counted:
        yield _text(
            f"behave counted {_counts(said)}, the record holds {_counts(counted)}.",
            f"behave насчитал {_counts(said)}, а в записи {_counts(counted)}.",
        )


def _behaves(status: str) -> str:
    """Behave knows no scenario that is not proven: it was told to skip it."""
    return "skipped" if status == "not-proven" else status


def _allure_count(account: Account) -> Iterator[Text]:
    allure = account.allure
    if allure is None:
        return
    if allure.unreadable:
        names = _some(allure.unreadable)
        yield _text(f"Allure results that cannot be read: {names}.", f"Нечитаемые результаты Allure: {names}.")
    recorded = Counter(one.name for one in account.run.results)
    if recorded != allure.names:
        different = sorted((recorded - allure.names) + (allure.names - recorded))
        yield _text(
            f"The record holds {recorded.total()} results, Allure {allure.total}. Different: {_some(different)}.",
            f"В записи {recorded.total()} результатов, в Allure {allure.total}. Разница: {_some(different)}.",
        )


def _selection(account: Account) -> Iterator[Text]:
    assert account.run.start is not None
    selected = account.run.start.selection
    results = {one.key for one in account.run.results}
    known = {one.key for one in account.declared}
    vanished = [key for key in dict.fromkeys(selected) if key not in results]
    if vanished:
        yield _text(
            f"{len(vanished)} selected scenario(s) left no result: {_some(vanished)}.",
            f"Выбрано, но без результата: {len(vanished)} ({_some(vanished)}).",
        )
    strange = sorted((results | set(selected)) - known)
    if strange:
        yield _text(
            f"{len(strange)} result(s) of scenarios that the features do not declare: {_some(strange)}.",
            f"Результаты сценариев, которых нет в файлах: {len(strange)} ({_some(strange)}).",
        )


def _doubled(account: Account) -> Iterator[Text]:
    twice = doubled(account.declared)
    if twice:
        yield _text(f"Declared twice: {_some(twice)}.", f"Объявлены дважды: {_some(twice)}.")
    counts = Counter((one.key, one.attempts) for one in account.run.results)
    again = sorted({key for (key, _), count in counts.items() if count > 1})
    if again:
        yield _text(
            f"Two results for one scenario: {_some(again)}.", f"Два результата у сценария: {_some(again)}."
        )


def _retries(account: Account) -> Iterator[Text]:
    assert account.run.start is not None
    ours, theirs = account.wanted.retries, account.run.start.settings.get(RETRIES, "0")
    most = ours if ours is not None else int(theirs) if theirs.isdecimal() else 0
    over = sorted({one.key for one in account.run.results if not 1 <= one.attempts <= most + 1})
    if over:
        yield _text(
            f"Tried more often than the setting allows ({most}): {_some(over)}.",
            f"Повторов больше, чем разрешено настройкой ({most}): {_some(over)}.",
        )


def _unknown_lines(account: Account) -> Iterator[Text]:
    unknown = [f"{place} @{id}" for place, id in unknown_ids(account.declared, account.document)]
    if unknown:
        yield _text(
            f"Tags that name no line of the gate document: {_some(unknown)}.",
            f"Теги, за которыми нет строки документа: {_some(unknown)}.",
        )


def _belonging(account: Account) -> Iterator[Text]:
    start, wanted = account.run.start, account.wanted
    assert start is not None
    if wanted.target and wanted.target != start.target:
        yield _text(
            f"These are results of another target: {start.target}, not {wanted.target}.",
            f"Это результаты другой цели: {start.target}, а не {wanted.target}.",
        )
    commit = str(start.suite.get("commit", ""))
    if wanted.commit and wanted.commit != commit:
        yield _text(
            f"These are results of another suite version: {commit[:12] or 'unknown'}, not {wanted.commit[:12]}.",
            f"Это результаты другой версии набора: {commit[:12] or 'неизвестна'}, а не {wanted.commit[:12]}.",
        )
    ran = (account.run.exit.features if account.run.exit else "") or start.suite.get("features")
    if wanted.features and ran and ran != wanted.features:
        yield _text("The features were changed after the run.", "Файлы сценариев изменились после прогона.")


def _age(account: Account) -> Iterator[Text]:
    assert account.run.start is not None
    when = account.run.end.finished if account.run.end else account.run.start.started
    try:
        age = account.now - datetime.fromisoformat(when)
    except (ValueError, TypeError):
        yield _text(f"The time of the run cannot be read: {when}.", f"Время прогона нельзя прочитать: {when}.")
        return
    if age < -CLOCKS_DIFFER:
        yield _text(f"The run ended in the future: {when}.", f"Прогон закончился в будущем: {when}.")
    if account.wanted.max_age and age > account.wanted.max_age:
        hours, limit = _hours(age), _hours(account.wanted.max_age)
        yield _text(
            f"These results are {hours} h old; the limit is {limit} h.",
            f"Этим результатам {hours} ч; предел — {limit} ч.",
        )


def _acts(account: Account) -> Iterator[Text]:
    """A run in which no delivery was ever accepted proves nothing about refusing them."""
    in_scope = [line.id for line in account.document.lines if line.in_scope(account.scope)]
    done: Counter[str] = Counter()
    for one in account.run.results:
        done.update(one.acts)
    for act in account.document.acts_needed(in_scope):
        if done[act] < 1:
            name = ACTS.get(act, _text(f"An act of the kind “{act}”", f"действие вида «{act}»"))
            yield _text(f"{name.en} never succeeded in this run.", f"За прогон ни разу не удалось: {name.ru}.")


def _homeless(account: Account) -> Iterator[Text]:
    """A red scenario that stands for no line must not go unseen."""
    red = [
        one.declared.key
        for one in account.judged
        if not one.declared.ids and one.result and one.status != "proven"
    ]
    if red:
        yield _text(
            f"Not proven, and of no line of the document: {_some(red)}.",
            f"Не доказаны и не относятся ни к одной строке документа: {_some(red)}.",
        )


CHECKS: tuple[tuple[str, Callable[[Account], Iterator[Text]]], ...] = (
    ("crashed", _ending),
    ("exit-code", _exit_code),
    ("count", _behave_count),
    ("count", _allure_count),
    ("selection", _selection),
    ("doubled", _doubled),
    ("retries", _retries),
    ("unknown-line", _unknown_lines),
    ("belonging", _belonging),
    ("age", _age),
    ("acts", _acts),
    ("no-line", _homeless),
)


def _text(en: str, ru: str) -> Text:
    return Text(en, ru)


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = f" … +{len(names) - SHOWN}" if len(names) > SHOWN else ""
    return "; ".join(name.strip() for name in names[:SHOWN]) + more


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{status} {number}" for status, number in sorted(counts.items())) or "0"


def _hours(age: timedelta) -> str:
    return f"{age.total_seconds() / 3600:.1f}".removesuffix(".0")
