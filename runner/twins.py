"""Whether English and Russian are in step: same ids, order, tags, tables, and sentences over the same calls."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from gate.language import Text
from runner.reading import LANGUAGES, FeatureFile
from runner.rules import examples
from runner.sentences import Sentences, meaning_of

Pair = tuple[Any, Any]


def compare(english: FeatureFile, russian: FeatureFile, sentences: Sentences) -> None:
    """Note where two files that can both be read are not the same scenarios."""
    if not english.blocks or not russian.blocks:
        return
    twins = _Twins(english, russian, sentences)
    for ours, theirs in twins.pairs():
        if theirs is None:
            _alone(english, ours, russian.name)
        elif ours is None:
            _alone(russian, theirs, english.name)
        elif english.sound(ours) and russian.sound(theirs) and (told := twins.difference(ours, theirs)):
            place = f"{english.name}:{ours.line}"
            russian.wrong(
                theirs.line, f"not in step with {place}: {told.en}.",
                f"расходится с {place}: {told.ru}.",
                weight="twin",
            )  # fmt: skip


def _alone(file: FeatureFile, block: Any, other: str) -> None:
    if file.sound(block):
        file.wrong(
            block.line, f"“{block.name}” has no twin in {other}.", f"у «{block.name}» нет пары в {other}.",
            weight="twin",
        )  # fmt: skip


class _Twins:
    def __init__(self, english: FeatureFile, russian: FeatureFile, sentences: Sentences) -> None:
        self._blocks = english.blocks, russian.blocks
        self._sentences = sentences

    def pairs(self) -> Iterator[tuple[Any | None, Any | None]]:
        """The scenarios side by side, aligned by what they do, then by their tags; None where one is missing."""
        for ours, theirs, equal in _aligned(*self._blocks, [self._facts(side) for side in self._blocks]):
            if equal:
                continue
            if len(ours) == len(theirs):
                yield from zip(ours, theirs, strict=True)
                continue
            loose = [[(tuple(_tags(block)), block.type) for block in side] for side in (ours, theirs)]
            for left, right, same in _aligned(ours, theirs, loose):
                if same or len(left) == len(right):
                    yield from zip(left, right, strict=True)
                else:
                    yield from ((block, None) for block in left)
                    yield from ((None, block) for block in right)

    def difference(self, ours: Any, theirs: Any) -> Text | None:
        """The first thing in which two scenarios differ."""
        for name, look in (
            (Text("the tags", "теги"), _tags),
            (Text("the kind of scenario", "вид сценария"), lambda block: block.type),
            (Text("the kinds of steps", "виды шагов"), _kinds),
        ):
            if look(ours) != look(theirs):
                return Text(f"{name.en} differ ({_shown(look(ours))} / {_shown(look(theirs))})",
                            f"{name.ru} ({_shown(look(ours))} / {_shown(look(theirs))})")  # fmt: skip
        if told := _tables_differ(ours, theirs):
            return told
        for left, right in zip(examples(ours), examples(theirs), strict=True):
            for mine, its in zip(left.all_steps, right.all_steps, strict=True):
                if self._bound(mine) != self._bound(its) or _quoted(mine) != _quoted(its):
                    return Text(f"“{mine.name}” and “{its.name}” do not say the same",
                                f"«{mine.name}» и «{its.name}» говорят о разном")  # fmt: skip
        return None

    def _facts(self, blocks: Sequence[Any]) -> list[Hashable]:
        return [
            (
                tuple(_tags(block)),
                block.type,
                tuple(_tables(block)),
                tuple((self._bound(step), _quoted(step)) for one in examples(block) for step in one.all_steps),
            )
            for block in blocks
        ]

    def _bound(self, step: Any) -> Hashable:
        """The call, and what it is given: numbers as they are, words by what they mean."""
        found = self._sentences.matching(step.step_type, step.name)
        if not found:
            return None
        call, values = found[0].sentence.call, found[0].values
        meant = tuple(
            (name, meaning_of(call.words.get(name, {}).get(value, value)))
            for name, value in sorted(values.items())
            if name in call.words or not isinstance(value, str)
        )
        return step.step_type, call, meant


def _aligned(
    ours: Sequence[Any], theirs: Sequence[Any], facts: Sequence[Sequence[Hashable]]
) -> Iterator[tuple[Sequence[Any], Sequence[Any], bool]]:
    for what, a, b, c, d in SequenceMatcher(None, facts[0], facts[1], autojunk=False).get_opcodes():
        yield ours[a:b], theirs[c:d], what == "equal"


def _tags(block: Any) -> list[str]:
    return sorted(str(tag) for tag in block.effective_tags if str(tag) not in LANGUAGES)


def _kinds(block: Any) -> list[str]:
    return [step.step_type for step in block.all_steps]


def _tables(block: Any) -> list[tuple[int, int] | None]:
    """Columns and rows of each table, of steps and of examples."""
    tables = [step.table for step in block.all_steps] + [one.table for one in getattr(block, "examples", [])]
    return [(len(table.headings), len(table.rows)) if table else None for table in tables]


def _tables_differ(ours: Any, theirs: Any) -> Text | None:
    """Which table is not like its twin, and by what; `ours` stands there, `theirs` here."""
    numbers = [len(getattr(block, "examples", [])) for block in (ours, theirs)]
    if numbers[0] != numbers[1]:
        there, here = numbers
        return Text(f"there are {there} Examples there, {here} here", f"примеров там {there}, здесь {here}")
    steps = [Text(f"the table below “{step.name}”", f"таблица под «{step.name}»") for step in ours.all_steps]
    names = [*steps, *(Text(f"Examples {n}", f"таблица примеров {n}") for n in range(1, numbers[0] + 1))]
    for name, left, right in zip(names, _tables(ours), _tables(theirs), strict=True):
        if left == right:
            continue
        if left is None or right is None:
            where = Text("there", "там") if left else Text("here", "здесь")
            return Text(f"{name.en} stands only {where.en}", f"{name.ru} есть только {where.ru}")
        side = 1 if left[1] != right[1] else 0
        what = (Text("columns", "столбцов"), Text("rows", "строк"))[side]
        return Text(
            f"{name.en} has {left[side]} {what.en} there, {right[side]} here",
            f"{name.ru}: {what.ru} там {left[side]}, здесь {right[side]}",
        )
    return None


def _quoted(step: Any) -> tuple[str, ...]:
    """What stands in quotation marks is the platform's own and not translated."""
    return tuple(re.findall(r'"([^"]*)"', step.name))


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
