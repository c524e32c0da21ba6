"""What a feature file must keep, beside being readable: known sentences and words, tags, titles, tables, style."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from gate.document import LINE_ID, Document, Line
from gate.language import Text
from gate.safety import READ_ONLY
from runner.reading import LANGUAGES, NAMES, FeatureFile
from runner.sentences import Sentence, Sentences, language_of

PLACEHOLDER = re.compile(r"<([^<>]+)>")
MOST_STEPS = 7
ORDER = ("given", "when", "then")
KIND_NAMES = {"given": Text("Given", "Дано"), "when": Text("When", "Когда"), "then": Text("Then", "Тогда")}
# Tags that a scenario may have beside the ids and the priorities of the gate document.
OTHER_TAGS = {"security", READ_ONLY, *LANGUAGES}
# As like as this to a known tag, a tag is that one misspelt.
MISSPELT = 0.72
# Letters that look like those of the other alphabet, and a letter that looks like a digit.
LOOKALIKES = str.maketrans("асеорхуі", "aceopxyi")
O_FOR_ZERO = re.compile(r"(?<=\bp)o\b")


class Rules:
    """The rules, over the sentences that are known and the gate document."""

    def __init__(self, sentences: Sentences, document: Document) -> None:
        self._sentences = sentences
        self._document = document
        self._known_tags = sorted(OTHER_TAGS | {line.priority for line in document.lines})

    def look(self, file: FeatureFile) -> None:
        """Note every problem of a file that could be read."""
        if file.feature is None:
            return
        tags = set(map(str, file.feature.tags)) & set(LANGUAGES)
        if tags != {file.language}:
            file.wrong(
                file.feature.line, f"the feature must be tagged @{file.language}, and with no other language.",
                f"функцию нужно пометить тегом @{file.language}, и никаким другим языком.",
            )  # fmt: skip
        for block in file.blocks:
            self._tags(file, block)
            _title(file, block)
            _outline(file, block)
            for scenario in examples(block):
                self._steps(file, scenario, block)
            if file.sound(block):
                _style(file, block)

    # --- tags

    def _tags(self, file: FeatureFile, block: Any) -> None:
        tags = [str(tag) for tag in block.effective_tags]
        place = block.tags[0].line if block.tags else block.line
        for tag, count in Counter(map(str, block.tags)).items():
            if count > 1:
                file.wrong(place, f"the tag @{tag} stands here twice.", f"тег @{tag} стоит здесь дважды.")
        lines = [self._line(file, tag, place) for tag in tags if LINE_ID.match(tag)]
        misspelt = self._looks_like_a_known(file, tags, place)
        if not lines and not misspelt:
            file.wrong(
                block.line, "the scenario stands for no line of the gate document: tag it, say, @s1.p0.1.2.",
                "за сценарием нет строки документа гейта: поставьте её тег, например @s1.p0.1.2.",
            )  # fmt: skip
        self._priority(file, place, tags, [line for line in lines if line])

    def _line(self, file: FeatureFile, id: str, place: int) -> Line | None:
        line = self._document.line(id)
        if line is None:
            ids = [one.id for one in self._document.lines]
            near = difflib.get_close_matches(id, ids, n=1, cutoff=0)
            hint = near[0] if near else ""
            file.wrong(
                place, f"the gate document has no line {id}; the nearest is {hint}.",
                f"в документе гейта нет строки {id}; ближайшая — {hint}.",
            )  # fmt: skip
        return line

    def _priority(self, file: FeatureFile, place: int, tags: list[str], lines: list[Line]) -> None:
        """`--tags=@p0` must select every scenario of a P0 line, and none of another."""
        named = {tag for tag in tags if tag in ("p0", "p1")}
        wanted = {line.priority for line in lines if line.priority in ("p0", "p1")}
        if lines and named != wanted:
            told = ", ".join(f"{line.id}: {line.priority}" for line in lines)
            has = ", ".join(f"@{tag}" for tag in sorted(named))
            file.wrong(
                place, f"the priority of the line ({told}) and the tag of the scenario ({has or 'none'}) differ.",
                f"приоритет строки ({told}) и тег сценария ({has or 'нет'}) не совпадают.",
            )  # fmt: skip

    def _looks_like_a_known(self, file: FeatureFile, tags: list[str], place: int) -> bool:
        """Teams may have tags of their own, but none that one would take for a known one."""
        for tag in tags:
            if tag in self._known_tags or LINE_ID.match(tag) or tag.startswith("allure."):
                continue
            ids = [line.id for line in self._document.lines]
            known, plain = [*self._known_tags, *ids], O_FOR_ZERO.sub("0", tag.lower().translate(LOOKALIKES))
            near = [plain] if plain in known else difflib.get_close_matches(plain, known, n=1, cutoff=MISSPELT)
            if near:
                file.wrong(
                    place, f"nobody knows the tag @{tag}; it must be @{near[0]}.",
                    f"тег @{tag} никому не известен; должно быть @{near[0]}.",
                )  # fmt: skip
                return True
        return False

    # --- steps

    def _steps(self, file: FeatureFile, scenario: Any, block: Any) -> None:
        written = {step.line: step.name for step in block.all_steps}
        for step in scenario.all_steps:
            # A column that is missing is told where the columns are.
            if set(PLACEHOLDER.findall(step.name)) & set(PLACEHOLDER.findall(written.get(step.line, ""))):
                continue
            from_row = "<" in written.get(step.line, "") and step.name != written[step.line]
            from_row = from_row and not self._unknown_in_every(block, step.line)
            self._step(file, step, scenario.line if from_row else step.line)

    def _unknown_in_every(self, block: Any, line: int) -> bool:
        """Whether a step is known in none of the examples: then the sentence is wrong, and no row."""
        steps = (step for one in examples(block) for step in one.all_steps if step.line == line)
        return not any(self._sentences.matching(step.step_type, step.name) for step in steps)

    def _step(self, file: FeatureFile, step: Any, place: int) -> None:
        found = self._sentences.matching(step.step_type, step.name)
        if not found:
            file.wrong(place, *self._undefined(file, step))
            return
        if len(found) > 1:
            both = [f"“{one.sentence.pattern}”" for one in found[:2]]
            file.wrong(
                place, f"“{step.name}” is ambiguous: it may be {' or '.join(both)}.",
                f"«{step.name}» неоднозначно: это может быть {' или '.join(both)}.",
            )  # fmt: skip
            return
        sentence = found[0].sentence
        if sentence.language != file.language:
            file.wrong(place, *self._foreign(file, step, sentence))
        elif file.language == "en" and language_of(step.name) != "en":
            file.wrong(
                place, f"“{step.name}” has Russian in it, in an English file.",
                f"«{step.name}» содержит русские буквы, а файл английский.",
            )  # fmt: skip
        for told in unknown_words(sentence, found[0].values):
            file.wrong(place, told.en, told.ru)
        _table(file, sentence, step)

    def _undefined(self, file: FeatureFile, step: Any) -> tuple[str, str]:
        kind = KIND_NAMES[step.step_type]
        if known := self._sentences.elsewhere(step.step_type, step.name):
            other = KIND_NAMES[known.kind]
            return (
                f"“{step.name}” is known after {other.en}, not after {kind.en}.",
                f"«{step.name}» известно после «{other.ru}», а не после «{kind.ru}».",
            )
        near = self._sentences.nearest(step.name, file.language)
        return (
            f"nobody knows the sentence “{step.name}”."
            + (f" The nearest: {KIND_NAMES[near.kind].en} “{near.pattern}”." if near else ""),
            f"предложение «{step.name}» никому не известно."
            + (f" Ближайшее: {KIND_NAMES[near.kind].ru} «{near.pattern}»." if near else ""),
        )

    def _foreign(self, file: FeatureFile, step: Any, sentence: Sentence) -> tuple[str, str]:
        twin = self._sentences.twin(sentence)
        mine = NAMES[file.language]
        return (
            f"“{step.name}” is {NAMES[sentence.language].en}"
            + (f"; in {mine.en}: “{twin.pattern}”." if twin else f", in a file that is {mine.en}."),
            f"«{step.name}» — язык {NAMES[sentence.language].ru}"
            + (f"; {mine.ru}: «{twin.pattern}»." if twin else f", а язык файла {mine.ru}."),
        )


def examples(block: Any) -> list[Any]:
    """A scenario as it runs; an outline by example."""
    if block.type != "scenario_outline":
        return [block]
    # Where a table is missing behave prints a complaint of its own; `_outline` has told it already.
    return list(block.scenarios) if all(example.table for example in block.examples) else []


def unknown_words(sentence: Sentence, values: dict[str, Any]) -> Iterator[Text]:
    """What is to be said of each word that its place in the sentence does not take."""
    for parameter, table in sentence.call.words.items():
        word = values.get(parameter)
        if isinstance(word, str) and word not in table:
            words = sentence.words(parameter)
            known = ", ".join(dict.fromkeys([*difflib.get_close_matches(word, words, n=1), *words]))
            yield Text(
                f"“{word}” is not known as {parameter}. Write one of: {known}.",
                f"слово «{word}» на месте {parameter} не известно. Напишите одно из: {known}.",
            )


def _table(file: FeatureFile, sentence: Sentence, step: Any) -> None:
    if step.table and not sentence.call.table:
        file.wrong(step.table.line or step.line, "this step takes no table.", "этому шагу таблица не нужна.")
    elif not step.table and sentence.call.table:
        file.wrong(step.line, "this step needs a table below it.", "под этим шагом нужна таблица.")


# --- titles, outlines, style


def _title(file: FeatureFile, block: Any) -> None:
    if not block.name:
        file.wrong(block.line, "the scenario has no title.", "у сценария нет заголовка.")
    elif language_of(block.name) != file.language:
        name = NAMES[file.language]
        file.wrong(
            block.line, f"the title “{block.name}” is not {name.en}.",
            f"у заголовка «{block.name}» язык не {name.ru}.",
            weight="style",
        )  # fmt: skip


def _outline(file: FeatureFile, block: Any) -> None:
    if block.type != "scenario_outline":
        return
    used = {name for text in _texts(block) for name in PLACEHOLDER.findall(text)}
    if not block.examples:
        file.wrong(block.line, "the outline has no examples.", "у структуры сценария нет примеров.")
    for example in block.examples:
        place = example.table.line or example.line if example.table else example.line
        headings = list(example.table.headings) if example.table else []
        if not example.table or not example.table.rows:
            file.wrong(example.line, "the table of examples is empty.", "таблица примеров пуста.")
        there = ", ".join(headings) or "-"
        for name in sorted(used - set(headings)):
            file.wrong(
                place, f"the examples have no column “{name}”, which the outline uses; they have {there}.",
                f"в примерах нет столбца «{name}», который нужен структуре сценария; есть {there}.",
            )  # fmt: skip
        for name, count in Counter(headings).items():
            if name not in used or count > 1:
                file.wrong(
                    place, f"the column “{name}” is used nowhere, or stands there twice.",
                    f"столбец «{name}» нигде не используется или стоит дважды.",
                )  # fmt: skip


def _texts(block: Any) -> Iterator[str]:
    yield block.name
    yield from map(str, block.tags)
    for step in block.steps:
        yield from (step.name, str(step.text or ""))
        for row in [step.table.headings, *(row.cells for row in step.table.rows)] if step.table else []:
            yield from row


def _style(file: FeatureFile, block: Any) -> None:
    """At most seven steps, one When, Given before When before Then, no asterisk and no rule."""
    kinds = [step.step_type for step in block.all_steps]
    if not kinds:
        file.wrong(block.line, "the scenario has no steps.", "в сценарии нет шагов.")
        return
    if "then" not in kinds:
        file.wrong(
            block.line,
            "the scenario has no Then: it checks nothing.",
            "в сценарии нет «Тогда»: он ничего не проверяет.",
        )  # fmt: skip
        return
    if any(step.keyword == "*" for step in block.all_steps):
        file.wrong(
            block.line,
            "write Given, When, Then in place of *.",
            "вместо * пишите Дано, Когда, Тогда.",
            weight="style",
        )
    if len(kinds) > MOST_STEPS:
        file.wrong(
            block.line, f"the scenario has {len(kinds)} steps; {MOST_STEPS} are the most that one takes in.",
            f"в сценарии шагов: {len(kinds)}; больше {MOST_STEPS} читать трудно.",
            weight="style",
        )  # fmt: skip
    if "when" not in kinds:
        file.wrong(
            block.line, "a scenario has one When, this one has 0: add it.",
            "в сценарии одно «Когда», а здесь его нет: добавьте его.",
            weight="style",
        )  # fmt: skip
    elif kinds.count("when") > 1:
        file.wrong(
            block.line, f"a scenario has one When, this one has {kinds.count('when')}: part it.",
            f"в сценарии одно «Когда», а здесь их {kinds.count('when')}: разделите его.",
            weight="style",
        )  # fmt: skip
    elif kinds != sorted(kinds, key=ORDER.index):
        file.wrong(
            block.line, "Given, When and Then are out of order.",
            "«Дано», «Когда» и «Тогда» стоят не по порядку.",
            weight="style",
        )  # fmt: skip
