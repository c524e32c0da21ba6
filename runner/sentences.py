"""The sentences that are known: every step of `steps/` with its language, what it calls and the words it takes.

The words come from the step functions themselves: a parameter that goes through `meaning(word, TABLE)` takes the
words of that table. So this is read from the source, and nothing has to be told twice.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import re
import traceback
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from gate.errors import GateError
from gate.language import Language, Text, say
from runner.bytecode import keep_bytecode
from runner.matching import ByBeginning, Judged, use_plain_words_first

Kind = str
Words = Mapping[str, Mapping[str, Any]]
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
KINDS = ("given", "when", "then")
PARAMETER = re.compile(r"\{(\w+)(?::[^}]*)?\}")
# Below this likeness a suggestion would rather mislead.
NEAR = 0.5


def language_of(text: str) -> Language:
    """Russian as soon as a letter of it is."""
    return "ru" if CYRILLIC.search(text) else "en"


def meaning_of(value: Any) -> Hashable:
    """What a word stands for, comparable: two functions are equal when they do the same with the same."""
    if isinstance(value, tuple | list):
        return tuple(map(meaning_of, value))
    if isinstance(value, CodeType):
        return value.co_code, meaning_of(value.co_consts), value.co_names
    if isinstance(value, FunctionType):
        return meaning_of(value.__code__), meaning_of([cell.cell_contents for cell in value.__closure__ or ()])
    return repr(value)


@dataclass(frozen=True, eq=False)
class Call:
    """A step function: where it stands, the words that its parameters take, whether it reads a table."""

    name: str
    module: str
    line: int
    told: str
    words: Words = field(default_factory=dict)
    table: bool = False


@dataclass(frozen=True, eq=False)
class Sentence:
    """One sentence of one language, over a call."""

    kind: Kind
    pattern: str
    call: Call
    match: Callable[[str], Any]

    @property
    def language(self) -> Language:
        """The language that it is written in."""
        return language_of(PARAMETER.sub("", self.pattern))

    @property
    def begins(self) -> str:
        """What every text of this sentence begins with."""
        return self.pattern.partition("{")[0]

    def words(self, parameter: str) -> list[str]:
        """The words that a parameter takes, in this sentence's language; empty: any."""
        known = self.call.words.get(parameter, {})
        if self.language == "en":
            return [word for word in known if language_of(word) == "en"]
        # A word that is not translated, such as a name of the protocol, is one of both languages.
        translated = {meaning_of(meant) for word, meant in known.items() if language_of(word) == "ru"}
        return [w for w, meant in known.items() if language_of(w) == "ru" or meaning_of(meant) not in translated]


@dataclass(frozen=True)
class Match:
    """A sentence that fits a text, and what it reads from it."""

    sentence: Sentence
    values: dict[str, Any]


class Sentences:
    """Every sentence that is known."""

    def __init__(self, known: Iterable[Sentence]) -> None:
        self.all = tuple(known)
        self._of_kind: defaultdict[Kind, ByBeginning] = defaultdict(ByBeginning)
        for sentence in self.all:
            self._of_kind[sentence.kind].append(sentence)
        self._found: dict[tuple[Kind, str], list[Match]] = {}

    def matching(self, kind: Kind, text: str) -> list[Match]:
        """Every sentence that fits; more than one is ambiguous, for behave then takes the first."""
        if (kind, text) not in self._found:
            self._found[kind, text] = [
                Match(sentence, {argument.name: argument.value for argument in found.arguments})
                for sentence in self._of_kind[kind].fitting(text)
                if (found := sentence.match(text))
            ]
        return self._found[kind, text]

    def elsewhere(self, kind: Kind, text: str) -> Sentence | None:
        """The sentence as one of another kind, for a Then that was written as a When."""
        others = (found for other in KINDS if other != kind for found in self.matching(other, text))
        return next((found.sentence for found in others), None)

    def nearest(self, text: str, language: Language) -> Sentence | None:
        """The known sentence of this language that looks most like the text."""
        known = {_shape(one.pattern): one for one in reversed(self.all) if one.language == language}
        near = difflib.get_close_matches(_shape(text), known, n=1, cutoff=NEAR)
        return known[near[0]] if near else None

    def twin(self, sentence: Sentence) -> Sentence | None:
        """The same sentence in the other language."""
        mine, theirs = self.of(sentence.call, sentence.kind)
        if sentence.language == "ru":
            mine, theirs = theirs, mine
        place = mine.index(sentence)
        return theirs[place] if place < len(theirs) else None

    def of(self, call: Call, kind: Kind) -> tuple[list[Sentence], list[Sentence]]:
        """The English and the Russian sentences of this kind over a call, in the same order."""
        both = [one for one in self._of_kind[kind] if one.call is call]
        return [one for one in both if one.language == "en"], [one for one in both if one.language == "ru"]


def load_sentences(folder: Path, registry: Any = None) -> Sentences:
    """Load the step modules with a registry of their own; a module that cannot be loaded is told with its line.

    `registry` is the one that behave's decorators write to: while it runs, another stands in its place.
    """
    from behave.runner_util import load_step_modules
    from behave.step_registry import AmbiguousStep
    from behave.step_registry import registry as usual

    registry = registry or usual
    kept = registry.steps
    use_plain_words_first(registry, Judged)
    keep_bytecode()
    complaints = StringIO()
    try:
        with redirect_stderr(complaints):
            load_step_modules([str(folder)])
        matchers = dict(registry.steps)
    except AmbiguousStep as twice:
        raise GateError(_ambiguous(str(twice))) from None
    except Exception as failure:  # whatever a module of steps does wrong, its author is told where
        raise GateError(_not_loaded(failure, folder)) from None
    finally:
        registry.steps = kept
    if complaints.getvalue():
        raise GateError(complaints.getvalue().strip())
    calls = _calls(folder)
    return Sentences(
        Sentence(kind, matcher.pattern, call, matcher.match)
        for kind in KINDS
        for matcher in (*matchers[kind], *matchers["step"])
        if (call := calls.of(matcher.func))
    )


def _shape(text: str) -> str:
    """A sentence without what differs from use to use."""
    return re.sub(r'"[^"]*"|\d+', "{}", PARAMETER.sub("{}", text).replace('"{}"', "{}")).lower()


def _ambiguous(complaint: str) -> str:
    told = " ".join(complaint.split())
    return say(f"Two step functions claim one sentence: {told}", f"На одно предложение две функции: {told}")


def _not_loaded(failure: Exception, folder: Path) -> str:
    frames = traceback.extract_tb(failure.__traceback__)
    mine = [frame for frame in frames if Path(frame.filename).parent.name == folder.name]
    file = failure.filename if isinstance(failure, SyntaxError) else mine[-1].filename if mine else str(folder)
    line = failure.lineno if isinstance(failure, SyntaxError) else mine[-1].lineno if mine else 1
    what = f"{type(failure).__name__}: {failure}"
    place = f"{folder.name}/{Path(str(file)).name}:{line}"
    return str(Text(f"{place}: cannot be loaded: {what}", f"{place}: не загружается: {what}"))


# --- what the step functions do with their parameters


class _Calls:
    """The step functions by where they stand."""

    def __init__(self, facts: Mapping[tuple[str, int], _Facts]) -> None:
        self._facts = facts
        self._made: dict[Any, Call] = {}

    def of(self, function: Any) -> Call:
        """The call; one object for one function, however many sentences lead to it."""
        function = inspect.unwrap(function)
        if function not in self._made:
            code = function.__code__
            file = Path(code.co_filename)
            facts = self._facts.get((file.name, code.co_firstlineno), _Facts())
            words = {name: _table(expression, function) for name, expression in facts.tables.items()}
            self._made[function] = Call(
                function.__name__,
                file.stem,
                code.co_firstlineno,
                inspect.getdoc(function) or "",
                {name: table for name, table in words.items() if table},
                facts.reads_table,
            )
        return self._made[function]


@dataclass
class _Facts:
    """Parameter -> the expression of its table, and whether `context.table` is read."""

    tables: dict[str, str] = field(default_factory=dict)
    reads_table: bool = False


def _calls(folder: Path) -> _Calls:
    found: dict[tuple[str, int], _Facts] = {}
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        # First: a step may hand its word to a function beside it.
        facts = {name: _facts(node, {}, functions) for name, node in functions.items() if not node.decorator_list}
        for node in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[path.name, first] = _facts(node, facts, functions)
    return _Calls(found)


def _facts(node: ast.FunctionDef, known: Mapping[str, _Facts], functions: Mapping[str, ast.FunctionDef]) -> _Facts:
    facts = _Facts()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and inner.attr == "table":
            facts.reads_table = True
        if not isinstance(inner, ast.Call) or not isinstance(inner.func, ast.Name):
            continue
        given = [one.id if isinstance(one, ast.Name) else "" for one in inner.args]
        if inner.func.id == "meaning" and len(inner.args) > 1 and given[0]:
            facts.tables[given[0]] = ast.unparse(inner.args[1])
        elif inner.func.id in known:
            takes = [one.arg for one in functions[inner.func.id].args.args]
            through = known[inner.func.id].tables
            facts.tables |= {mine: through[its] for mine, its in zip(given, takes, strict=False) if its in through}
    return facts


def _table(expression: str, function: Any) -> Mapping[str, Any]:
    """The table that an expression such as `WORDS` or `words.PAGES` names in the function's module."""
    name, *attributes = expression.split(".")
    found = function.__globals__.get(name)
    for attribute in attributes:
        found = getattr(found, attribute, None)
    return found if isinstance(found, Mapping) else {}
