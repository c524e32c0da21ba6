"""The coverage of the contract: each thing that it promises, and the scenarios that touch it.

What the contract promises is data (`contract.yaml`). Who touches it is a fact wherever it can be: the doors write
down what they were asked for (`gate/doors/trail.py`), and a whole run of that is kept in `touched.json`. A rule
that no request shows names the scenarios that prove it; what nobody touches has a reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gate.expected import expected

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = Path(__file__).with_name("contract.yaml")
TOUCHED = Path(__file__).with_name("touched.json")
LANGUAGE = "en"
INTRODUCTION = """\
Made by `make docs`. What the platform promises from outside, part by part, and how many scenarios touch it; the
one that is named touches the fewest other things. Routes, tables, events, settings and pages are counted by what
the doors were asked for in a whole run against the local staging; *proven by* is told by hand where no request can
show it. What nobody touches is listed with the reason."""


@dataclass(frozen=True)
class Item:
    """One promise: patterns of what the doors note, or the scenarios that prove it, or why nobody does."""

    section: str
    name: str
    seen: tuple[str, ...] = ()
    proven_by: tuple[str, ...] = ()
    nobody: str = ""


@dataclass(frozen=True)
class Scenario:
    """A scenario of the features with what a whole run saw of it, an outline's examples taken together."""

    title: str
    lines: tuple[str, ...]
    touched: tuple[str, ...]


def items() -> list[Item]:
    """The contract, in its own order."""
    read = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    return [_item(section, name, told) for section, group in read.items() for name, told in group.items()]


def _item(section: str, name: str, told: Mapping[str, Any]) -> Item:
    unknown = told.keys() - {"seen", "proven by", "nobody"}
    if unknown or len(told) != 1:
        raise ValueError(f"{CONTRACT.name}, {name}: one of seen, proven by, nobody is wanted, got {sorted(told)}")
    return Item(section, name, _all(told.get("seen")), _all(told.get("proven by")), str(told.get("nobody", "")))


def _all(told: Any) -> tuple[str, ...]:
    return () if told is None else (told,) if isinstance(told, str) else tuple(told)


def scenarios() -> list[Scenario]:
    """Every scenario, those that touch the fewest things first."""
    kept = json.loads(TOUCHED.read_text(encoding="utf-8"))
    lines: dict[str, set[str]] = {}
    for one in expected(ROOT / "features"):
        if one.language == LANGUAGE:
            lines.setdefault(titles()[one.file, one.name], set()).update(one.ids)
    found = [Scenario(title, tuple(sorted(ids)), tuple(kept.get(title, ()))) for title, ids in lines.items()]
    return sorted(found, key=lambda one: (len(one.touched), one.title))


def touching(item: Item, all_scenarios: Iterable[Scenario]) -> list[Scenario]:
    """The scenarios that touch an item."""
    return [one for one in all_scenarios if one.title in item.proven_by or _touches(one, item.seen)]


def _touches(scenario: Scenario, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(fact, pattern) for pattern in patterns for fact in scenario.touched)


def page() -> str:
    """`contract-coverage.md`."""
    known, promised = scenarios(), items()
    covered = [item for item in promised if not item.nobody]
    parts = ["# Coverage of the contract", "", INTRODUCTION, ""]
    parts.append(f"**{len(covered)} of {len(promised)}** are touched, {len(promised) - len(covered)} are not.")
    for section in dict.fromkeys(item.section for item in promised):
        parts += ["", f"## {section}", "", "| What | Scenarios | Lines | One of them |", "|---|---|---|---|"]
        parts += [_row(item, touching(item, known)) for item in promised if item.section == section]
    parts += ["", "## What nobody touches", ""]
    parts += [f"- {item.name}: {item.nobody}" for item in promised if item.nobody]
    return "\n".join([*parts, ""])


def _row(item: Item, touched_by: list[Scenario]) -> str:
    if item.nobody:
        return f"| {item.name} | 0 | - | {item.nobody} |"
    lines = sorted({line for one in touched_by for line in one.lines})
    shown = ", ".join(f"`{line}`" for line in lines[:4]) + (
        f" and {len(lines) - 4} more" if len(lines) > 4 else ""
    )
    one_of_them = touched_by[0].title.replace("<", "&lt;") if touched_by else ""
    by_hand = "*proven by* " if item.proven_by else ""
    return f"| {item.name} | {len(touched_by)} | {shown} | {by_hand}{one_of_them} |"


def refresh(record: Path) -> None:
    """Take what was touched from the record of a whole run, if there is one; what is no promise is left out."""
    if not record.is_file():
        return
    entries = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    ran = [one for one in entries if one.get("kind") == "scenario" and one["language"] == LANGUAGE]
    outlines = titles()
    if not outlines.keys() <= {(one["file"], one["name"]) for one in ran}:
        return
    patterns = tuple(pattern for item in items() for pattern in item.seen)
    kept: dict[str, set[str]] = {}
    for one in ran:
        if title := outlines.get((one["file"], one["name"])):
            kept.setdefault(title, set()).update(fact for fact in one["touched"] if _known(fact, patterns))
    told = {title: sorted(facts) for title, facts in sorted(kept.items()) if facts}
    TOUCHED.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _known(fact: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(fact, pattern) for pattern in patterns)


@cache
def titles() -> dict[tuple[str, str], str]:
    """The title of every English scenario by file and name; that of its outline where it is an example."""
    from behave.parser import parse_feature

    found: dict[tuple[str, str], str] = {}
    for path in sorted((ROOT / "features" / LANGUAGE).glob("*.feature")):
        name = path.relative_to(ROOT).as_posix()
        feature = parse_feature(path.read_text(encoding="utf-8-sig"), filename=name)
        for one in feature.run_items if feature else ():
            examples = getattr(one, "scenarios", [one])
            found |= {(name, example.name): one.name for example in examples}
    return found
