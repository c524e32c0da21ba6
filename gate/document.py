"""The gate document as data: its lines, their weight, and which kinds of act a run must have seen succeed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from gate.errors import GateError
from gate.language import Text, say

Priority = Literal["precondition", "p0", "p1", "security", "boundary", "evidence"]
Scope = Literal["all", "p0"]
DOCUMENTS = Path(__file__).parent / "documents"
FIRST = "s1"
# The tag by which a scenario names a line of some sprint's document.
LINE_ID = re.compile(r"s\d+\.")

# Broken, these are a No-Go. A boundary probe may be accepted by the Owner's name, the others by nobody.
NO_GO: frozenset[Priority] = frozenset({"precondition", "p0", "security", "boundary"})
WAIVABLE: frozenset[Priority] = frozenset({"p1", "boundary", "evidence"})


@dataclass(frozen=True)
class Line:
    """One line of the gate document."""

    id: str
    priority: Priority
    section: Text
    text: Text

    def in_scope(self, scope: Scope) -> bool:
        """Whether this scope must prove the line."""
        return scope == "all" or self.priority == scope


@dataclass(frozen=True)
class Document:
    """A gate document.

    `acts` maps a kind of act to the lines that cannot be judged without it; `doors` a line to the doors through
    which it is proven, `this/that` where one of them is enough.
    """

    id: str
    title: Text
    lines: tuple[Line, ...]
    acts: dict[str, tuple[str, ...]]
    doors: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def line(self, id: str) -> Line | None:
        """The line of that id."""
        return next((line for line in self.lines if line.id == id), None)

    @property
    def sprints(self) -> frozenset[str]:
        """The sprints that its lines belong to: `s1` of `s1.p0.1.2`."""
        return frozenset(sprint_of(line.id) for line in self.lines)

    def acts_needed(self, ids: Iterable[str]) -> list[str]:
        """The kinds of act that must have succeeded where these lines are judged."""
        judged = set(ids)
        return [act for act, lines in self.acts.items() if judged.intersection(lines)]


def sprint_of(id: str) -> str:
    """The sprint of a line."""
    return id.partition(".")[0]


def load_document(name: str = FIRST) -> Document:
    """Read `gate/documents/<name>.yaml`, with what it includes before it."""
    path = DOCUMENTS / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(names())
        raise GateError(
            say(
                f"There is no gate document {name} (GATE_DOCUMENT); there are: {known}.",
                f"Документа гейта {name} нет (GATE_DOCUMENT); есть: {known}.",
            )
        )
    return _read(path)


def load_every() -> Document:
    """The lines of all documents together: what a tag may name."""
    return _merged(Document("all", Text("", ""), (), {}), [_read(DOCUMENTS / f"{name}.yaml") for name in names()])


def names() -> list[str]:
    """The documents that there are."""
    return sorted(path.stem for path in DOCUMENTS.glob("*.yaml"))


def _read(path: Path) -> Document:
    import yaml

    # The loader over libyaml reads the same five times as fast; not every build of PyYAML has it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), loader)
        lines = tuple(_line(section, line) for section in data["sections"] for line in section["lines"])
        acts = {act: tuple(ids) for act, ids in data.get("acts", {}).items()}
        doors = {id: tuple(needed) for id, needed in data.get("doors", {}).items()}
        document = Document(data["id"], Text(**data["title"]), lines, acts, doors)
        _checked_alone(document, path)
        included = [load_document(name) for name in data.get("includes", [])]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as wrong:
        raise GateError(f"The gate document {path} cannot be read: {wrong!r}") from None
    return _checked(_merged(document, included), path)


def _merged(document: Document, others: Iterable[Document]) -> Document:
    """A document with those before it; a line that several have stands once."""
    every = [*others, document]
    lines = {line.id: line for one in every for line in one.lines}
    kinds = dict.fromkeys(act for one in every for act in one.acts)
    acts = {act: tuple(dict.fromkeys(id for one in every for id in one.acts.get(act, ()))) for act in kinds}
    doors = {id: needed for one in every for id, needed in one.doors.items()}
    return replace(document, lines=tuple(lines.values()), acts=acts, doors=doors)


def _line(section: dict[str, Any], line: dict[str, str]) -> Line:
    return Line(line["id"], section["priority"], Text(**section["name"]), Text(line["en"], line["ru"]))


def _checked_alone(document: Document, path: Path) -> None:
    ids = [line.id for line in document.lines]
    wrong = sorted({id for id in ids if ids.count(id) > 1 or not LINE_ID.match(id)})
    wrong += sorted({line.priority for line in document.lines} - set(get_args(Priority)))
    if wrong:
        raise GateError(f"{path}: doubled or misspelt ids, or unknown priorities: {', '.join(wrong)}")


def _checked(document: Document, path: Path) -> Document:
    ids = [line.id for line in document.lines]
    wrong = sorted({id for lines in document.acts.values() for id in lines} - set(ids))
    wrong += sorted(document.doors.keys() - set(ids))
    if wrong:
        raise GateError(f"{path}: unknown lines below acts or doors: {', '.join(wrong)}")
    return document
