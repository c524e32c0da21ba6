"""`python -m gate new`: a pair of scenarios, asked for line by line or given by options."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from gate.commands import lang
from gate.document import Document, Line, load_every
from gate.errors import GateError
from gate.language import Language, Text, say, spoken
from runner.catalogue import entries, text
from runner.draft import Draft, Step, home_of, understand, write
from runner.sentences import Sentences, load_sentences

# What a person types to see what there is.
HELP = "?"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Everything that would be asked for."""
    parser.add_argument("--line", default="", help="line of the gate document, such as s1.p0.1.2")
    parser.add_argument("--title-en", default="", metavar="TITLE", help="what must hold, in English")
    parser.add_argument("--title-ru", default="", metavar="TITLE", help="the same in Russian")
    parser.add_argument(
        "--step",
        action="append",
        default=[],
        metavar="STEP",
        help="a step in either language; repeatable",
    )
    parser.add_argument("--tag", action="append", default=[], metavar="TAG", help="one more tag, such as security")
    parser.add_argument("--feature", default="", metavar="NAME", help="where to; else beside its line's others")
    parser.add_argument("--features", type=Path, default=Path("features"), help="folder with en and ru in it")
    parser.add_argument("--steps", type=Path, default=Path("steps"), help="folder of the step modules")
    lang.arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Write both scenarios, or say in a sentence why not and write neither."""
    lang.choose(options)
    features = options.features.resolve()
    document, sentences = load_every(), load_sentences(options.steps.resolve())
    asked = _Questions(sentences, document, features)
    line = asked.line(options.line)
    name = home_of(line, features, options.feature)
    title = Text(
        asked.text(options.title_en, "--title-en", say("Title in English", "Заголовок по-английски")),
        asked.text(options.title_ru, "--title-ru", say("Title in Russian", "Заголовок по-русски")),
    )
    draft = Draft(line, title, asked.steps(options.step), tuple(tag.lstrip("@") for tag in options.tag))
    places = write(draft, name, features, sentences, document)
    run_it = " ".join(["behave", *(f"{place}:{number}" for place, number in places.items())])
    print(say(f"Written, and in order. Run it:\n  {run_it}", f"Записано, всё в порядке. Запуск:\n  {run_it}"))
    return 0


class _Questions:
    """Takes what the options give, asks a person for the rest, and tells a program what it left out."""

    def __init__(self, sentences: Sentences, document: Document, features: Path) -> None:
        self._sentences = sentences
        self._document = document
        self._features = features

    def line(self, given: str) -> Line:
        """A line of the gate document."""
        while True:
            id = given or self._ask("--line", say("Line of the gate document (? lists them)",
                                                  "Строка документа гейта (? — список)"))  # fmt: skip
            if id == HELP and not given:
                print("\n".join(f"  {line.id:<22} {line.text}" for line in self._document.lines))
                continue
            if line := self._document.line(id.strip().lstrip("@")):
                return line
            self._complain(_no_line(id, self._document), given)

    def text(self, given: str, option: str, question: str) -> str:
        """A title."""
        return " ".join((given or self._ask(option, question)).split())

    def steps(self, given: list[str]) -> tuple[Step, ...]:
        """The steps; an empty line ends them."""
        found: list[Step] = []
        if given:
            for step in given:
                found.append(understand(step, _before(found), self._sentences))
            return tuple(found)
        self._must_be_asked("--step")
        print(say("Steps, one a line, in either language; “? words” finds sentences, an empty line ends.",
                  "Шаги, по одному в строке, на любом из двух языков; «? слова» ищет предложения, пустая строка — "
                  "конец."))  # fmt: skip
        while typed := self._typed("> "):
            if typed.startswith(HELP):
                self._list(typed.removeprefix(HELP).split())
                continue
            try:
                found.append(understand(typed, _before(found), self._sentences))
            except GateError as unknown:
                print(f"  {unknown}")
                continue
            other: Language = "en" if spoken() == "ru" else "ru"
            print(f"  {found[-1].written(other)}")
        return tuple(found)

    def _list(self, words: list[str]) -> None:
        known = entries(self._sentences, self._features)
        print(text([entry for entry in known if all(map(entry.mentions, words))], spoken()))

    def _ask(self, option: str, question: str) -> str:
        self._must_be_asked(option)
        while not (typed := self._typed(f"{question}: ")):
            pass
        return typed

    @staticmethod
    def _typed(prompt: str) -> str:
        try:
            return input(prompt).strip()
        except EOFError:
            raise GateError(say("Nothing is written.", "Ничего не записано.")) from None

    @staticmethod
    def _must_be_asked(option: str) -> None:
        if not sys.stdin.isatty():
            raise GateError(say(f"Nobody is there to be asked: give {option}.",
                                f"Спросить некого: задайте {option}."))  # fmt: skip

    @staticmethod
    def _complain(sentence: str, given: str) -> None:
        if given:
            raise GateError(sentence)
        print(f"  {sentence}")


def _before(steps: list[Step]) -> str:
    return steps[-1].kind if steps else ""


def _no_line(id: str, document: Document) -> str:
    ids = [line.id for line in document.lines]
    near = difflib.get_close_matches(id, ids, n=1, cutoff=0)[0]
    return say(f"The gate document has no line {id}; the nearest is {near}.",
               f"В документе гейта нет строки {id}; ближайшая — {near}.")  # fmt: skip
