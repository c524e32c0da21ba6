"""Each English scenario has its Russian twin: same ids, order, tags, kinds of steps, tables, and the same calls.

What is compared are the examples as they run, so that a word in a table counts like a word in a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from behave.parser import parse_file
from behave.runner_util import load_step_modules
from behave.step_registry import registry

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = {path.name: path for path in sorted((ROOT / "features/en").glob("*.feature"))}
RUSSIAN = {path.name: path for path in sorted((ROOT / "features/ru").glob("*.feature"))}
NAMES = sorted(ENGLISH.keys() & RUSSIAN.keys())
LANGUAGE_TAGS = {"en", "ru"}
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@cache
def feature(path: Path) -> Any:
    """The parsed feature."""
    return parse_file(str(path))


@cache
def steps() -> Any:
    """Behave's registry with every step of ours, loaded once."""
    if not any(registry.steps.values()):
        load_step_modules([str(ROOT / "steps")])
    return registry


def blocks(path: Path) -> list[Any]:
    """Scenarios and outlines in their order."""
    return list(feature(path).scenarios)


def examples(path: Path) -> list[Any]:
    """Every scenario as it runs: outlines by example."""
    return list(feature(path).walk_scenarios())


def pairs(name: str) -> list[tuple[Any, Any]]:
    """The scenarios that run, English beside Russian."""
    return list(zip(examples(ENGLISH[name]), examples(RUSSIAN[name]), strict=True))


def tags(scenario: Any) -> list[str]:
    """Tags without the language."""
    return sorted(str(tag) for tag in scenario.effective_tags if tag not in LANGUAGE_TAGS)


def shape(table: Any) -> tuple[int, int] | None:
    """Columns and rows of a step's table."""
    return (len(table.headings), len(table.rows)) if table else None


def example_shapes(block: Any) -> list[tuple[int, int] | None]:
    """Columns and rows of each table of an outline."""
    return [shape(example.table) for example in getattr(block, "examples", [])]


def bound(step: Any) -> tuple[Any, list[Any]]:
    """The function that a sentence calls, and the numbers that it is given."""
    match = steps().find_match(step)
    assert match, f"{step.filename}:{step.line}: undefined step: {step.keyword} {step.name}"
    function = getattr(match.func, "__wrapped__", match.func)
    numbers = [argument.value for argument in match.arguments if isinstance(argument.value, int | float)]
    return function, numbers


def test_the_same_files_in_both_languages() -> None:
    assert ENGLISH.keys() == RUSSIAN.keys()
    assert NAMES


@pytest.mark.parametrize("name", NAMES)
def test_line_one_names_the_language(name: str) -> None:
    for language, path in (("en", ENGLISH[name]), ("ru", RUSSIAN[name])):
        assert path.read_text(encoding="utf-8").startswith(f"# language: {language}\n")
        assert LANGUAGE_TAGS & set(map(str, feature(path).tags)) == {language}


@pytest.mark.parametrize("name", NAMES)
def test_same_scenarios_in_the_same_order(name: str) -> None:
    english, russian = blocks(ENGLISH[name]), blocks(RUSSIAN[name])
    assert [(tags(block), block.type) for block in english] == [(tags(block), block.type) for block in russian]
    assert [example_shapes(block) for block in english] == [example_shapes(block) for block in russian]


@pytest.mark.parametrize("name", NAMES)
def test_same_steps_bound_to_the_same_calls(name: str) -> None:
    for english, russian in pairs(name):
        where = f"{english.filename}:{english.line} and {russian.filename}:{russian.line}"
        ours, theirs = list(english.all_steps), list(russian.all_steps)
        assert [step.step_type for step in ours] == [step.step_type for step in theirs], where
        assert [shape(step.table) for step in ours] == [shape(step.table) for step in theirs], where
        assert [bound(step) for step in ours] == [bound(step) for step in theirs], where


@pytest.mark.parametrize("name", NAMES)
def test_the_same_quotations(name: str) -> None:
    """What stands in quotation marks is the platform's own and not translated."""
    for english, russian in pairs(name):
        for ours, theirs in zip(english.all_steps, russian.all_steps, strict=True):
            quoted = [re.findall(r'"([^"]*)"', step.name) for step in (ours, theirs)]
            assert quoted[0] == quoted[1], f"{ours.filename}:{ours.line} and {theirs.filename}:{theirs.line}"


@pytest.mark.parametrize("name", NAMES)
def test_each_sentence_in_the_language_of_its_file(name: str) -> None:
    for scenario in examples(ENGLISH[name]):
        for text in (scenario.name, *(step.name for step in scenario.all_steps)):
            assert not CYRILLIC.search(text), f"{scenario.filename}:{scenario.line}: {text}"
    for scenario in examples(RUSSIAN[name]):
        for text in (scenario.name, *(step.name for step in scenario.all_steps)):
            assert CYRILLIC.search(text), f"{scenario.filename}:{scenario.line}: {text}"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_titles_are_unique(language: str) -> None:
    files = ENGLISH if language == "en" else RUSSIAN
    titles = Counter(scenario.name for path in files.values() for scenario in examples(path))
    assert not [title for title, count in titles.items() if count > 1]


@pytest.mark.parametrize("name", NAMES)
def test_house_style_of_scenarios(name: str) -> None:
    """One When, at most seven steps, no rules, no asterisks."""
    for path in (ENGLISH[name], RUSSIAN[name]):
        assert not re.search(r"^\s*(\*|Rule:|Правило:)", path.read_text(encoding="utf-8"), re.MULTILINE)
        for block in blocks(path):
            kinds = [step.step_type for step in block.all_steps]
            where = f"{block.filename}:{block.line}"
            assert len(kinds) <= 7, where
            assert kinds.count("when") == 1, where
            assert kinds == sorted(kinds, key=("given", "when", "then").index), where
