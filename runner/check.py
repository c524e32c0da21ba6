"""Checks the features without running anything: every problem is one sentence with its file and line."""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from gate.document import DOCUMENTS, Document, load_every
from gate.language import Language, Text
from runner.layout import tidy
from runner.reading import LANGUAGES, NAMES, FeatureFile, Problem, read
from runner.rules import Rules, examples
from runner.sentences import Sentences, load_sentences
from runner.twins import compare


@dataclass(frozen=True)
class Checked:
    """What was looked at, and what is wrong with it."""

    files: int
    scenarios: int
    problems: tuple[Problem, ...]


def check(features: Path, sentences: Sentences, document: Document) -> Checked:
    """Look at every feature below a folder."""
    rules = Rules(sentences, document)
    strays = [_stray(path, features) for path in sorted(features.rglob("*.feature")) if _misplaced(path, features)]
    sides = {language: _read_all(features, language) for language in LANGUAGES}
    for files in sides.values():
        for file in files.values():
            rules.look(file)
        _titles(files.values())
    english, russian = (sides[language] for language in LANGUAGES)
    for name in sorted(english.keys() | russian.keys()):
        _pair(english.get(name), russian.get(name), features, sentences)
    every = [*english.values(), *russian.values()]
    for file in every:
        _laid_out(file)
    # A line may lack its scenario only because of one of these, so that is looked at last.
    problems = [problem for file in every for problem in file.problems] or _uncovered(every, document)
    return Checked(len(every), sum(len(file.blocks) for file in every), tuple(sorted([*strays, *problems])))


def essential(root: Path, registry: Any) -> list[Problem]:
    """What is wrong with a project's features and changes what a run proves; nothing where only one side is.

    behave runs such features all the same: a scenario loses steps or its line, and nobody is told.
    """
    features = root / "features"
    if not all((features / language).is_dir() for language in LANGUAGES):
        return []
    found = check(features, load_sentences(root / "steps", registry), load_every())
    return [problem for problem in found.problems if problem.weight != "style"]


def _read_all(features: Path, language: Language) -> dict[str, FeatureFile]:
    paths = sorted((features / language).glob("*.feature"))
    return {path.name: read(path, f"{features.name}/{language}/{path.name}", language) for path in paths}


def _misplaced(path: Path, features: Path) -> bool:
    return path.parent.parent != features or path.parent.name not in LANGUAGES


def _stray(path: Path, features: Path) -> Problem:
    name = path.relative_to(features.parent).as_posix()
    return Problem(name, 1, Text(
        f"features lie in {features.name}/en and {features.name}/ru, this one in neither.",
        f"функции лежат в {features.name}/en и {features.name}/ru, а эта — нет.",
    ))  # fmt: skip


def _pair(english: FeatureFile | None, russian: FeatureFile | None, features: Path, sentences: Sentences) -> None:
    if english and russian:
        compare(english, russian, sentences)
        return
    alone = english or russian
    assert alone is not None
    other: Language = "ru" if alone.language == "en" else "en"
    missing = f"{features.name}/{other}/{Path(alone.name).name}"
    alone.wrong(
        1, f"there is no {missing}: every feature has its {NAMES[other].en} twin.",
        f"нет файла {missing}: у каждой функции есть пара на другом языке.",
        weight="twin",
    )  # fmt: skip


def _laid_out(file: FeatureFile) -> None:
    """Only what can be read otherwise is told of its layout: laying it out anew would not mend it."""
    if not file.problems and (laid := tidy(file.text)) != file.text:
        # With their ends: a carriage return is a difference too.
        ours, wanted = (text.splitlines(keepends=True) for text in (file.text, laid))
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(ours, wanted, strict=False)))
        at = min(same, len(ours) - 1)
        what = _oddity(ours[at], wanted[at] if at < len(wanted) else "")
        file.wrong(
            at + 1, f"not laid out in the house style ({what.en}): `python -m gate check --fix` does it.",
            f"оформлено не по правилам дома ({what.ru}): это исправит `python -m gate check --fix`.",
            weight="style",
        )  # fmt: skip


def _oddity(line: str, wanted: str) -> Text:
    """What is odd with a line that is laid out otherwise; much of it cannot be seen."""
    bare, text = line.rstrip("\r\n"), wanted.rstrip("\n")
    ends = line[len(bare) :]
    if "\r" in ends:
        return Text("the line ends with CR LF, as on Windows", "строка кончается на CR LF, как в Windows")
    if not ends:
        return Text("the file does not end with a line end", "в конце файла нет перевода строки")
    if "\t" in bare:
        return Text("there is a tab", "есть табуляция")
    if bare != bare.rstrip():
        return Text("there are blanks at the end of the line", "в конце строки пробелы")
    if bare and bare.lstrip() == text.lstrip():
        has, needs = (len(one) - len(one.lstrip()) for one in (bare, text))
        return Text(f"indented by {has}, not by {needs}", f"отступ {has}, а нужен {needs}")
    if not bare or not text:
        return Text("an empty line too many or too few", "лишняя или недостающая пустая строка")
    if bare.strip().startswith("|"):
        return Text("the columns of the table are not aligned", "столбцы таблицы не выровнены")
    return Text("it would be written otherwise", "пишется иначе")


def fix(features: Path) -> list[str]:
    """Lay out every feature in the house style; returns the names of those that were written anew."""
    fixed = []
    for path in sorted(path for language in LANGUAGES for path in (features / language).glob("*.feature")):
        raw = path.read_bytes()
        encoding = "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
        try:
            laid = tidy(raw.decode(encoding)).encode()
        except UnicodeDecodeError:
            continue  # the check tells where
        if laid != raw:
            path.write_bytes(laid)
            fixed.append(f"{features.name}/{path.parent.name}/{path.name}")
    return fixed


def _titles(files: Iterable[FeatureFile]) -> None:
    """A title names one scenario: the report and the results are told apart by it."""
    seen: dict[str, str] = {}
    for file in files:
        for block in file.blocks:
            place = f"{file.name}:{block.line}"
            for title in {scenario.name.partition(" -- @")[0].strip() for scenario in examples(block)}:
                first = seen.setdefault(title, place)
                if first != place:
                    file.wrong(
                        block.line, f"the title “{title}” stands at {first} already.",
                        f"заголовок «{title}» уже есть в {first}.",
                    )  # fmt: skip


def _uncovered(files: Iterable[FeatureFile], document: Document) -> list[Problem]:
    """The lines of the gate document for which no scenario stands in a language."""
    have: defaultdict[str, set[Language]] = defaultdict(set)
    for file in files:
        for block in file.blocks:
            for tag in block.effective_tags:
                have[str(tag)].add(file.language)
    return [
        Problem(*_place(line.id), Text(
            f"no {NAMES[language].en} scenario stands for the line {line.id}.",
            f"за строкой {line.id} нет ни одного сценария, язык: {NAMES[language].ru}.",
        ))
        for line in document.lines for language in LANGUAGES if language not in have[line.id]
    ]  # fmt: skip


def _place(id: str) -> tuple[str, int]:
    """Where the gate document has a line."""
    for path in sorted(DOCUMENTS.glob("*.yaml")):
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(rf"\bid: {re.escape(id)}(?![\w.])", text):
                return f"gate/documents/{path.name}", number
    return "gate/documents", 1
