"""The gate document as data: its lines, their weight, and which kinds of act a run must have seen succeed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from gate.errors import GateError
from gate.language import Text

Priority = Literal["precondition", "p0", "p1", "security", "boundary", "evidence"]
Scope = Literal["all", "p0"]
DOCUMENTS = Path(__file__).parent / "documents"

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

    def acts_needed(self, ids: Iterable[str]) -> list[str]:
        """The kinds of act that must have succeeded where these lines are judged."""
        judged = set(ids)
        return [act for act, lines in self.acts.items() if judged.intersection(lines)]


def load_document(name: str = "s1") -> Document:
    """Read `gate/documents/<name>.yaml`."""
    import yaml

    path = DOCUMENTS / f"{name}.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        lines = tuple(_line(section, line) for section in data["sections"] for line in section["lines"])
        acts = {act: tuple(ids) for act, ids in data["acts"].items()}
        doors = {id: tuple(needed) for id, needed in data.get("doors", {}).items()}
        document = Document(data["id"], Text(**data["title"]), lines, acts, doors)
    except (OSError, yaml.YAMLError, KeyError, TypeError) as wrong:
        raise GateError(f"The gate document {path} cannot be read: {wrong!r}") from None
    return _checked(document, path)


def _line(section: dict[str, Any], line: dict[str, str]) -> Line:
    return Line(line["id"], section["priority"], Text(**section["name"]), Text(line["en"], line["ru"]))


def _checked(document: Document, path: Path) -> Document:
    ids = [line.id for line in document.lines]
    wrong = sorted({id for id in ids if ids.count(id) > 1})
    wrong += sorted({line.priority for line in document.lines} - set(get_args(Priority)))
    wrong += sorted({id for lines in document.acts.values() for id in lines} - set(ids))
    wrong += sorted(document.doors.keys() - set(ids))
    if wrong:
        raise GateError(f"{path}: doubled ids, or unknown priorities or lines: {', '.join(wrong)}")
    return document
