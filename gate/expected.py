"""The expected list: every scenario that the features declare, outline examples expanded, before anything runs.

Only this module of `gate/` knows behave, and only its parser, loaded when the list is wanted.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gate.document import LINE_ID, Document, sprint_of
from gate.errors import GateError
from gate.language import Language

LANGUAGES: tuple[Language, ...] = ("en", "ru")


@dataclass(frozen=True)
class Declared:
    """One scenario as declared. `pair` is the same for the English and the Russian twin."""

    key: str
    file: str
    line: int
    language: str
    ids: tuple[str, ...]
    tags: tuple[str, ...]
    feature: str
    name: str
    pair: str


def expected(folder: Path) -> list[Declared]:
    """All scenarios declared under `folder`; keys are relative to its parent, as behave names the files."""
    found: list[Declared] = []
    for path in sorted(folder.rglob("*.feature")):
        name = path.relative_to(folder.parent).as_posix()
        feature = parse(path, name)
        if feature is not None:
            for block in feature.scenarios:
                # Names and tags are wanted; behave would copy every step of an outline for each of its examples.
                block.steps = []
            found += [
                _declared(feature, scenario, name, n) for n, scenario in enumerate(feature.walk_scenarios(), 1)
            ]
    return found


def doubled(declared: Iterable[Declared]) -> list[str]:
    """Keys declared more than once: their results could not be told apart."""
    return sorted(key for key, count in Counter(one.key for one in declared).items() if count > 1)


def unknown_ids(declared: Iterable[Declared], document: Document) -> list[tuple[str, str]]:
    """`(place, id)` for each tag that names a line of the document's sprints which it does not have."""
    known = {line.id for line in document.lines}
    return [
        (f"{one.file}:{one.line}", id)
        for one in declared
        for id in one.ids
        if id not in known and sprint_of(id) in document.sprints
    ]


def of_document(declared: Iterable[Declared], document: Document) -> list[Declared]:
    """Without the scenarios that stand for other documents' lines alone."""
    sprints = document.sprints
    return [one for one in declared if not one.ids or sprints.intersection(map(sprint_of, one.ids))]


def undeclared(declared: Iterable[Declared], document: Document) -> list[tuple[str, Language]]:
    """`(line id, language)` for each line of the document without a scenario in that language."""
    have = {(id, one.language) for one in declared for id in one.ids}
    return [(line.id, lang) for line in document.lines for lang in LANGUAGES if (line.id, lang) not in have]


def features_digest(folder: Path) -> str:
    """One hash over all feature files: a result belongs to the features that it was run with."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.feature")):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return f"sha256:{digest.hexdigest()}"


def parse(path: Path, name: str) -> Any:
    """behave's feature in a file, None where it has none; `GateError` when it cannot be read."""
    from behave.parser import ParserError, parse_feature

    find_places_once()
    try:
        return parse_feature(path.read_text(encoding="utf-8-sig"), filename=name)
    except (ParserError, UnicodeDecodeError) as wrong:
        raise GateError(
            f"{name} cannot be read: {str(wrong).strip()}. `python -m gate check` says what to mend."
        ) from None
    except KeyError as language:  # so behave says that it does not know one
        raise GateError(
            f"{name}:1: the language {language} is not known. Line 1 is '# language: en' or ru."
        ) from None


def find_places_once() -> None:
    """Let behave find out once where a file lies; it asks for each step that it reads or runs."""
    from behave import model_core, model_type

    for module in (model_core, model_type):
        if not hasattr(module.make_relpath_if_possible, "cache_info"):
            module.make_relpath_if_possible = cache(module.make_relpath_if_possible)


def _declared(feature: Any, scenario: Any, file: str, number: int) -> Declared:
    tags = tuple(str(tag) for tag in scenario.effective_tags)
    # The same rule as the recorder of a run: a key is file, ids and name.
    ids = tuple(sorted(tag for tag in tags if LINE_ID.match(tag)))
    key = f"{file}::{','.join(ids)}::{scenario.name}"
    pair = f"{Path(file).stem}#{number}"
    language = str(feature.language or "en")
    return Declared(key, file, scenario.line, language, ids, tags, feature.name, scenario.name, pair)
