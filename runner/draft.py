"""A new scenario, written in one language and put down in both: each sentence has its twin, and each word."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gate.document import Document, Line
from gate.errors import GateError
from gate.language import Language, Text, say, spoken
from runner.check import check
from runner.layout import tidy
from runner.reading import LANGUAGES, STEPS, FeatureFile, Problem, keywords_of, read
from runner.rules import KIND_NAMES, unknown_words
from runner.sentences import KINDS, PARAMETER, Match, Sentence, Sentences, language_of, meaning_of

AND = Text("And", "И")
SCENARIO = Text("Scenario", "Сценарий")
# Lines of these priorities are tagged with it, so that `--tags=@p0` or `--tags=@security` selects them.
PRIORITY_TAGS = {"p0": "p0", "p1": "p1", "security": "security", "boundary": "security"}


@dataclass(frozen=True)
class Step:
    """One step in both languages; `again` when the step before it is of the same kind."""

    kind: str
    text: Text
    again: bool = False

    def written(self, language: Language) -> str:
        """The line as it stands in a feature."""
        word = AND if self.again else KIND_NAMES[self.kind]
        return f"{_of(word, language)} {_of(self.text, language)}"


@dataclass(frozen=True)
class Draft:
    """A scenario that is to be written."""

    line: Line
    title: Text
    steps: tuple[Step, ...]
    tags: tuple[str, ...] = ()

    def written(self, language: Language, inherited: Iterable[str] = ()) -> str:
        """Its text in one language, without the tags that its feature has already."""
        wanted = [PRIORITY_TAGS.get(self.line.priority, ""), self.line.id, *self.tags]
        shown = " ".join(f"@{tag}" for tag in dict.fromkeys(wanted) if tag and tag not in set(inherited))
        title = f"{_of(SCENARIO, language)}: {_of(self.title, language)}"
        return "\n".join([shown, title, *(step.written(language) for step in self.steps)])


def understand(text: str, before: str, sentences: Sentences) -> Step:
    """A step as somebody typed it, in either language; raises one sentence when nobody knows it."""
    kind, bare = _parted(text, before)
    found = [one for each in ([kind] if kind else KINDS) for one in sentences.matching(each, bare)]
    if len(found) != 1:
        raise GateError(_not_known(bare, kind, found, sentences))
    match = found[0]
    for told in unknown_words(match.sentence, match.values):
        raise GateError(_of(told, spoken()))
    twin = sentences.twin(match.sentence)
    if twin is None:
        raise GateError(say(f"“{bare}” has no twin.", f"У предложения «{bare}» нет пары."))
    other = _in_words_of(twin, match, bare)
    both = Text(bare, other) if match.sentence.language == "en" else Text(other, bare)
    return Step(match.sentence.kind, both, again=match.sentence.kind == before)


def home_of(line: Line, features: Path, wanted: str = "") -> str:
    """The name of the feature in which a scenario of this line belongs: where the last such stands."""
    names = sorted(path.stem for path in (features / "en").glob("*.feature"))
    if wanted:
        if wanted.removesuffix(".feature") not in names:
            known = ", ".join(names)
            raise GateError(say(f"There is no feature {wanted}; there are: {known}.",
                                f"Функции {wanted} нет; есть: {known}."))  # fmt: skip
        return f"{wanted.removesuffix('.feature')}.feature"
    for name in names:
        file = read(features / "en" / f"{name}.feature", name, "en")
        if any(line.id in map(str, block.effective_tags) for block in file.blocks):
            return f"{name}.feature"
    raise GateError(
        say(
            f"No feature has a scenario of {line.id} yet: name the one where it belongs with --feature.",
            f"Сценариев строки {line.id} пока нет ни в одной функции: укажите нужную через --feature.",
        )
    )


def write(draft: Draft, name: str, features: Path, sentences: Sentences, document: Document) -> dict[str, int]:
    """Put it into both files, if the check finds nothing wrong with that; returns the line of each title."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / features.name
        shutil.copytree(features, trial)
        before = check(trial, sentences, document).problems
        places = {f"{features.name}/{lang}/{name}": _put(draft, trial / lang / name, lang) for lang in LANGUAGES}
        told = _new_problems(before, check(trial, sentences, document).problems)
        if told:
            # Without their places: nothing stands there yet.
            texts = [f"{text[:1].upper()}{text[1:]}" for text in dict.fromkeys(str(one.text) for one in told)]
            raise GateError("\n".join([*texts, say("Nothing is written.", "Ничего не записано.")]))
        for language in LANGUAGES:
            shutil.copyfile(trial / language / name, features / language / name)
    return places


def _new_problems(before: Iterable[Problem], after: Iterable[Problem]) -> list[Problem]:
    known = {str(problem.text) for problem in before}
    return [problem for problem in after if str(problem.text) not in known]


def _put(draft: Draft, path: Path, language: Language) -> int:
    """After the last scenario of its line, else at the end."""
    file = read(path, path.name, language)
    if file.feature is None:
        raise GateError("\n".join(map(str, file.problems)))
    after = _last_line(file, draft.line.id)
    text = draft.written(language, map(str, file.feature.tags))
    laid = tidy("\n".join([*file.lines[:after], "", text, "", *file.lines[after:]]))
    path.write_text(laid, encoding="utf-8")
    title = f"{_of(SCENARIO, language)}: {_of(draft.title, language)}"
    return next(n for n, line in enumerate(laid.splitlines(), 1) if line.strip() == title)


def _last_line(file: FeatureFile, id: str) -> int:
    """The number of the last line of the last scenario that has this id."""
    blocks = file.blocks
    own = [place for place, block in enumerate(blocks) if id in map(str, block.effective_tags)]
    if not own or own[-1] + 1 == len(blocks):
        return len(file.lines)
    following = blocks[own[-1] + 1]
    last = int(min([following.line, *(tag.line for tag in following.tags)])) - 1
    # A comment above the tags belongs to what follows.
    while file.lines[last - 1].strip().startswith("#") or not file.lines[last - 1].strip():
        last -= 1
    return last


# --- sentences


def _parted(text: str, before: str) -> tuple[str, str]:
    """The kind that its first word gives, "" when it gives none, and the sentence after it."""
    for language in LANGUAGES:
        for kind in STEPS:
            for word in keywords_of(language)[kind]:
                if word.strip() != "*" and text.lower().startswith(f"{word.strip().lower()} "):
                    bare = text[len(word.strip()) :].strip()
                    return before if kind in ("and", "but") else kind, bare
    return "", text.strip()


def _in_words_of(twin: Sentence, match: Match, text: str) -> str:
    """The sentence in the other language: quotations and numbers as they are, words by what they mean."""
    given = {one.name: one.original for one in match.sentence.match(text).arguments}

    def fill(found: Any) -> str:
        name = found[1]
        return _translated(given[name], match.sentence.call.words.get(name, {}), twin.language)

    return PARAMETER.sub(fill, twin.pattern)


def _translated(word: str, table: Any, language: Language) -> str:
    if word not in table:
        return word
    meant = meaning_of(table[word])
    same = [other for other, its in table.items() if meaning_of(its) == meant]
    return next((other for other in same if language_of(other) == language), word)


def _not_known(text: str, kind: str, found: Sequence[Match], sentences: Sentences) -> str:
    if found:
        kinds = [KIND_NAMES[match.sentence.kind] for match in found]
        return say(
            f"Begin “{text}” with {' or '.join(dict.fromkeys(one.en for one in kinds))}: it is known as each.",
            f"Начните «{text}» со слова {' или '.join(dict.fromkeys(one.ru for one in kinds))}: годится каждое.",
        )
    if kind and (known := sentences.elsewhere(kind, text)):
        right, wrong = KIND_NAMES[known.kind], KIND_NAMES[kind]
        return say(
            f"“{text}” is known after {right.en}, not after {wrong.en}.",
            f"«{text}» известно после «{right.ru}», а не после «{wrong.ru}».",
        )
    near = sentences.nearest(text, language_of(text))
    hint = f" {say('The nearest', 'Ближайшее')}: {_of_kind(near)} {near.pattern}" if near else ""
    return say(f"Nobody knows the sentence “{text}”.", f"Предложение «{text}» никому не известно.") + hint


def _of_kind(sentence: Sentence) -> str:
    return _of(KIND_NAMES[sentence.kind], sentence.language)


def _of(text: Text, language: Language) -> str:
    return text.ru if language == "ru" else text.en
