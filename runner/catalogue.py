"""The catalogue of sentences: by capability, both languages side by side, with examples and the words allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

from gate.language import Language, Text
from gate.page.html import Markup, join, tag
from runner.reading import LANGUAGES, read
from runner.rules import KIND_NAMES, examples
from runner.sentences import KINDS, PARAMETER, Call, Kind, Sentence, Sentences

# The step modules in the order of the gate document, by the names that a reader knows them under.
CAPABILITIES: Mapping[str, Text] = {
    "preconditions": Text("Preconditions", "Предусловия"),
    "webhook": Text("Webhook ingress", "Приём вебхуков"),
    "worker": Text("Worker run loop", "Цикл воркера"),
    "staff_access": Text("Staff access", "Доступ сотрудников"),
    "contract": Text("API form and tables", "Форма API и таблицы"),
    "console_more": Text("Further pages of the console", "Остальные страницы консоли"),
    "console_visits": Text("Console: page after page", "Консоль: страница за страницей"),
    "staff_api": Text("Staff API", "API сотрудников"),
    "aftermath": Text("What is left afterwards", "Что остаётся потом"),
    "told_runs": Text("Runs, told by role", "Запуски для тех, у кого роль"),
    "console": Text("Pages of the console", "Страницы консоли"),
    "projects": Text("Projects", "Проекты"),
    "repositories": Text("Repositories", "Репозитории"),
    "learning_mode": Text("Learning mode", "Режим обучения"),
    "boundary": Text("Boundary: paths and headers", "Граница: пути и заголовки"),
    "boundary_identity": Text("Boundary: identity", "Граница: кто есть кто"),
    "boundary_session": Text("Boundary: sessions and redirects", "Граница: сессии и перенаправления"),
    "boundary_exposure": Text("Boundary: what can be seen", "Граница: что видно снаружи"),
    "boundary_receiver": Text("Boundary: hostile deliveries", "Граница: враждебные доставки"),
    "evidence": Text("Evidence", "Свидетельства"),
}
WIDTH = 110
STYLE = Path(__file__).with_name("catalogue.css")
# Hides what does not contain every word that was typed.
SEARCH = """
const field = document.querySelector('input');
field.addEventListener('input', () => {
  const words = field.value.toLowerCase().split(/\\s+/);
  const fits = e => words.every(word => e.textContent.toLowerCase().includes(word));
  document.querySelectorAll('tr').forEach(row => { row.hidden = !fits(row); });
  document.querySelectorAll('section').forEach(s => { s.hidden = !s.querySelector('tr:not([hidden])'); });
});
"""


@dataclass(frozen=True)
class Entry:
    """One sentence in both languages, each with an example where the features use it."""

    call: Call
    kind: Kind
    sentences: tuple[Sentence, ...]
    examples: tuple[str, ...]

    def mentions(self, text: str) -> bool:
        """Whether a text stands anywhere in it."""
        return text.lower() in "\n".join([*(one.pattern for one in self.sentences), *self.examples]).lower()


def entries(sentences: Sentences, features: Path) -> list[Entry]:
    """Every sentence that is known, in the order of the capabilities and of their step modules."""
    used = _used(sentences, features)
    order = list(CAPABILITIES)
    calls = {sentence.call for sentence in sentences.all}
    found = []
    for call in sorted(calls, key=lambda one: (_place(order, one.module), one.module, one.line)):
        for kind in KINDS:
            for pair in _pairs(*sentences.of(call, kind)):
                found.append(Entry(call, kind, pair, tuple(used[one] for one in pair if one in used)))
    return found


def text(entries: Iterable[Entry], first: Language) -> str:
    """The catalogue for a terminal; `first` is the language that leads."""
    lines: list[str] = []
    for module, group in _by_module(entries):
        lines += ["", f"{_name(module)}   (steps/{module}.py)"]
        for entry in group:
            lines += ["", *_entry_lines(entry, first)]
    return "\n".join(lines[1:])


def page(entries: Iterable[Entry], first: Language) -> str:
    """The catalogue as one page: the languages beside each other, with a field to search in."""
    title = Text("The sentences of the gate", "Предложения гейта")
    sections = [_section(module, group, first) for module, group in _by_module(entries)]
    search = tag("input", type="search", placeholder=str(Text("search", "найти")), autofocus=True)
    head = join(
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", title),
        tag("style", Markup(STYLE.read_text(encoding="utf-8"))),
    )
    body = tag("body", tag("main", tag("h1", title), search, *sections), tag("script", Markup(SEARCH)))
    return f"<!doctype html>\n{tag('html', tag('head', head), body, lang=first)}\n"


def _used(sentences: Sentences, features: Path) -> dict[Sentence, str]:
    """The first text in the features for each sentence."""
    found: dict[Sentence, str] = {}
    for language in LANGUAGES:
        for path in sorted((features / language).glob("*.feature")):
            for block in read(path, path.name, language).blocks:
                for step in (step for scenario in examples(block) for step in scenario.all_steps):
                    for match in sentences.matching(step.step_type, step.name):
                        found.setdefault(match.sentence, step.name)
    return found


def _pairs(english: list[Sentence], russian: list[Sentence]) -> Iterator[tuple[Sentence, ...]]:
    """Decorators register from the function upwards, so the first written is the last."""
    english, russian = english[::-1], russian[::-1]
    for place in range(max(len(english), len(russian))):
        # One language may say in one sentence for what the other needs two, such as singular and plural.
        both = (side[min(place, len(side) - 1)] for side in (english, russian) if side)
        yield tuple(both)


def _place(order: list[str], module: str) -> int:
    return order.index(module) if module in order else len(order)


def _name(module: str) -> Text:
    return CAPABILITIES.get(module, Text(module, module))


def _by_module(entries: Iterable[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.call.module, []).append(entry)
    yield from groups.items()


def _led(entry: Entry, first: Language) -> list[Sentence]:
    return sorted(entry.sentences, key=lambda one: one.language != first)


def _entry_lines(entry: Entry, first: Language) -> Iterator[str]:
    names = KIND_NAMES[entry.kind]
    for sentence in _led(entry, first):
        yield f"  {names.en if sentence.language == 'en' else names.ru:<6} {sentence.pattern}"
    for sentence in _led(entry, first):
        example = _example(entry, sentence)
        if example and example != sentence.pattern:
            yield f"{'':9}· {example}"
    for sentence in _led(entry, first):
        for parameter in PARAMETER.findall(sentence.pattern):
            if words := sentence.words(parameter):
                told = f"{{{parameter}}}: {', '.join(words)}"
                yield from wrap(told, WIDTH, initial_indent=" " * 9, subsequent_indent=" " * 11)


def _example(entry: Entry, sentence: Sentence) -> str:
    fitting = (example for example in entry.examples if sentence.match(example))
    return next(fitting, "")


def _section(module: str, group: list[Entry], first: Language) -> Markup:
    rows = [tag("tr", *(_cell(entry, sentence) for sentence in _led(entry, first))) for entry in group]
    heading = tag("h2", _name(module), " ", tag("code", f"steps/{module}.py"))
    return tag("section", heading, tag("table", *rows))


def _cell(entry: Entry, sentence: Sentence) -> Markup:
    names = KIND_NAMES[entry.kind]
    example = _example(entry, sentence)
    words = [
        tag("p", tag("var", f"{{{parameter}}}"), " ", ", ".join(sentence.words(parameter)), class_="words")
        for parameter in PARAMETER.findall(sentence.pattern)
        if sentence.words(parameter)
    ]
    return tag(
        "td",
        tag("p", tag("b", names.en if sentence.language == "en" else names.ru), " ", *_marked(sentence.pattern)),
        tag("p", example, class_="example") if example and example != sentence.pattern else None,
        *words,
        lang=sentence.language,
    )


def _marked(pattern: str) -> Iterator[str]:
    """The pattern with its parameters set off."""
    last = 0
    for found in PARAMETER.finditer(pattern):
        yield pattern[last : found.start()]
        yield tag("var", f"{{{found[1]}}}")
        last = found.end()
    yield pattern[last:]
