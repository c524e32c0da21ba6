"""Reads a feature file as behave does, and says in one sentence what keeps it from being read."""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gate.language import Language, Text

LANGUAGES: tuple[Language, ...] = ("en", "ru")
NAMES = {"en": Text("English", "английский"), "ru": Text("Russian", "русский")}
Weight = Literal["lost", "twin", "style"]
LARGEST_BYTES = 1024 * 1024
HEADER = re.compile(r"#\s*language:\s*(\S*)\s*", re.IGNORECASE)
TITLES = ("feature", "background", "rule", "scenario_outline", "scenario", "examples")
STEPS = ("given", "when", "then", "and", "but")
CELL_BOUNDARY = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong, in one sentence, and where.

    `lost`: behave runs less than was written, or for another line. `twin`: the two languages differ. `style`:
    nothing of what a run proves depends on it.
    """

    file: str
    line: int
    text: Text = field(compare=False)
    weight: Weight = field(default="lost", compare=False)

    def __str__(self) -> str:
        return str(self.placed())

    def placed(self) -> Text:
        """The sentence with its place before it."""
        return Text(*(f"{self.file}:{self.line}: {told}" for told in (self.text.en, self.text.ru)))


@dataclass
class FeatureFile:
    """One file as read. `feature` is behave's own, None where it cannot be read."""

    name: str
    language: Language
    text: str = ""
    lines: list[str] = field(default_factory=list)
    feature: Any = None
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, en: str, ru: str, *, weight: Weight = "lost") -> None:
        """Note a problem; one a line is enough."""
        if line not in {problem.line for problem in self.problems}:
            self.problems.append(Problem(self.name, line, Text(en, ru), weight))

    @property
    def blocks(self) -> list[Any]:
        """Scenarios and outlines in their order."""
        return list(self.feature.scenarios) if self.feature else []

    def sound(self, block: Any) -> bool:
        """Whether nothing is wrong with a scenario so far: what follows from a mistake need not be told too."""
        later = [other.line for other in self.blocks if other.line > block.line]
        first = min([block.line, *(tag.line for tag in block.tags)])
        last = min(later, default=len(self.lines) + 1)
        return not any(first <= problem.line < last for problem in self.problems)


def read(path: Path, name: str, language: Language) -> FeatureFile:
    """Read a file that should be in this language."""
    file = FeatureFile(name, language)
    text = _text(path, file)
    if text is None:
        return file
    file.text, file.lines = text, text.splitlines()
    if _header_fits(file):
        _parse(file, text)
        _look_at_lines(file)
    return file


def _text(path: Path, file: FeatureFile) -> str | None:
    raw = path.read_bytes()
    if len(raw) > LARGEST_BYTES:
        file.wrong(
            1, f"the file has {len(raw) / 1e6:.0f} MB: nobody reads that, part it into several.",
            f"в файле {len(raw) / 1e6:.0f} МБ: такое никто не прочтёт, разделите его на несколько.",
        )  # fmt: skip
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        file.wrong(
            raw[: wrong.start].count(b"\n") + 1,
            "the file is not in UTF-8: save it in that encoding.",
            "файл не в UTF-8: сохраните его в этой кодировке.",
        )
        return None
    if text.startswith("\ufeff"):
        file.wrong(
            1, "the file begins with a byte order mark, which behave does not read: `python -m gate check --fix`.",
            "файл начинается с метки порядка байтов, которую behave не читает: `python -m gate check --fix`.",
        )  # fmt: skip
        return None
    if not text.strip():
        file.wrong(1, "the file is empty.", "файл пуст.")
        return None
    return text


def _header_fits(file: FeatureFile) -> bool:
    """Line 1 names the language of the folder; without that nothing else can be read."""
    wanted, found = file.language, HEADER.fullmatch(file.lines[0].strip())
    if found and found[1] == wanted:
        return True
    first = file.lines[0].strip()[:60]
    file.wrong(
        1, f"line 1 is “{first}”; in this folder it must be “# language: {wanted}”.",
        f"строка 1 — «{first}», а в этой папке она должна быть «# language: {wanted}».",
    )  # fmt: skip
    return False


def _parse(file: FeatureFile, text: str) -> None:
    from behave.parser import Parser

    from runner.outlines import mend_outlines

    mend_outlines()
    parser = Parser(file.language)
    logger = logging.getLogger("behave")  # tells of an open table row, which `_look_at_lines` does better
    level, logger.level = logger.level, logging.CRITICAL
    try:
        file.feature = parser.parse(text, file.name)
    except Exception:  # behave raises several kinds for bad text; each becomes a sentence
        line = _to_blame(file, min(parser.line, len(file.lines)))
        file.wrong(line, *_unreadable(file, line))
        return
    finally:
        logger.level = level
    if file.feature is None:
        file.wrong(
            1, f"there is no “{_keyword('feature', file)}:” in the file.",
            f"в файле нет «{_keyword('feature', file)}:».",
        )  # fmt: skip
    elif not file.blocks:
        file.wrong(file.feature.line, "the feature has no scenario.", "в функции нет ни одного сценария.")


def _to_blame(file: FeatureFile, number: int) -> int:
    """The line that is wrong. Above an “And” without a beginning that is the step with a misspelt first word."""
    line, above = (file.lines[place].strip() if place >= 0 else "" for place in (number - 1, number - 2))
    follows = any(_starts(line, file.language, kind) for kind in ("and", "but"))
    is_prose = above and not above.startswith(("#", "@", "|")) and not _title(above, file.language)
    return number - 1 if follows and is_prose else number


def _unreadable(file: FeatureFile, number: int) -> tuple[str, str]:
    """Why behave cannot read on at this line."""
    line = file.lines[number - 1].strip()
    if line.startswith("|"):
        return _bad_row(file, number)
    if line.startswith("@"):
        return (
            "in a line of tags each one begins with @ and has no space in it.",
            "в строке тегов каждый начинается с @ и не содержит пробелов.",
        )
    if known := misspelt(line, file):
        return known
    if title := _title(line, file.language):
        return (
            f"“{title}” cannot stand here: a file has one feature, and examples stand below an outline.",
            f"«{title}» здесь стоять не может: в файле одна функция, а примеры стоят под структурой сценария.",
        )
    if any(_starts(line, file.language, kind) for kind in ("and", "but")):
        first = _keyword("given", file)
        return (
            f"a scenario cannot begin with “{line.split()[0]}”: begin with “{first}”.",
            f"сценарий не может начинаться с «{line.split()[0]}»: начните с «{first}».",
        )
    return _neither(file, line)


def _neither(file: FeatureFile, line: str) -> tuple[str, str]:
    """The keyword that comes nearest, or those that there are."""
    word = line.partition(":")[0] if ":" in line else line.partition(" ")[0]
    known = [keyword.strip() for kind in (*STEPS, *TITLES) for keyword in keywords_of(file.language)[kind]]
    if near := difflib.get_close_matches(word, known, n=1, cutoff=0.7):
        return (
            f"“{word}” is no word that a line begins with; “{near[0]}” must be meant.",
            f"строка не может начинаться со слова «{word}»; должно быть «{near[0]}».",
        )
    steps = ", ".join(_keyword(kind, file) for kind in STEPS)
    return (
        f"this is no step, no table row, no tag and no title. Steps begin with {steps}.",
        f"это не шаг, не строка таблицы, не тег и не заголовок. Шаги начинаются со слов {steps}.",
    )


def misspelt(line: str, file: FeatureFile) -> tuple[str, str] | None:
    """What a line seems to be meant as: a keyword of the other language, or a title without its colon."""
    other: Language = "ru" if file.language == "en" else "en"
    word = _title(line, other) or next((found for kind in STEPS if (found := _starts(line, other, kind))), "")
    if word:
        return (
            f"“{word}” is {NAMES[other].en}, but line 1 says that the file is {NAMES[file.language].en}.",
            f"«{word}» — язык {NAMES[other].ru}, а в строке 1 сказано, что язык файла {NAMES[file.language].ru}.",
        )
    for kind in TITLES:
        for keyword in keywords_of(file.language)[kind]:
            if re.match(rf"{re.escape(keyword)}\b(?!:)", line, re.IGNORECASE):
                return (
                    f"after “{keyword}” there must be a colon, and it begins with a capital letter.",
                    f"после «{keyword}» нужно двоеточие, и пишется это с большой буквы.",
                )
    return None


def _bad_row(file: FeatureFile, number: int) -> tuple[str, str]:
    head = number - 1
    while head > 0 and file.lines[head - 1].strip().startswith("|"):
        head -= 1
    has, wanted = (len(_cells(file.lines[place])) for place in (number - 1, head))
    return (
        f"this row has {has} cells, but the head of the table has {wanted}.",
        f"в этой строке таблицы ячеек: {has}, а в её заголовке: {wanted}.",
    )


def _cells(line: str) -> list[str]:
    return CELL_BOUNDARY.split(line.strip()[1:-1])


def _look_at_lines(file: FeatureFile) -> None:
    """What behave lets pass although it is lost: an open row loses a letter, a text before the steps a step."""
    for number, line in _outside_texts(file.lines):
        if line.startswith("|") and not line.endswith("|"):
            file.wrong(
                number, "this row of the table does not end with “|”.",
                "эта строка таблицы не кончается на «|».",
            )  # fmt: skip
    if file.feature is None:
        return
    for block in file.blocks:
        for text in block.description:
            file.wrong(_line_of(file, text, block.line), *(misspelt(text, file) or _neither(file, text)))
    for text in file.feature.description:
        if told := misspelt(text, file):
            file.wrong(_line_of(file, text, file.feature.line), *told)


def _line_of(file: FeatureFile, text: str, after: int) -> int:
    return next((n for n, line in enumerate(file.lines[after:], after + 1) if line.strip() == text), after)


def _outside_texts(lines: list[str]) -> Iterator[tuple[int, str]]:
    inside = False
    for number, line in enumerate(lines, 1):
        if line.strip().startswith(('"""', "'''")):
            inside = not inside
        elif not inside:
            yield number, line.strip()


def keywords_of(language: Language) -> dict[str, list[str]]:
    """behave's own words of a language, by kind."""
    from behave.i18n import languages

    found: dict[str, list[str]] = languages[language]
    return found


def _keyword(kind: str, file: FeatureFile) -> str:
    """The word of a kind that the file's language uses here."""
    usual = {"given": "Дано", "then": "Тогда"} if file.language == "ru" else {}
    words = [word.strip() for word in keywords_of(file.language)[kind] if word != "* "]
    return usual.get(kind, words[0])


def _title(line: str, language: Language) -> str:
    words = (word for kind in TITLES for word in keywords_of(language)[kind])
    return next((word for word in words if line.startswith(f"{word}:")), "")


def _starts(line: str, language: Language, kind: str) -> str:
    words = (word for word in keywords_of(language)[kind] if word != "* ")
    return next((word.strip() for word in words if line.lower().startswith(word.lower())), "")
