"""The expected list: what the features declare, outline examples expanded, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.document import load_document
from gate.errors import GateError
from gate.expected import doubled, expected, features_digest, undeclared, unknown_ids

OUTLINE = """# language: en
@en
Feature: Things

  Background:
    Given a thing

  @p0 @s1.p0.1.1
  Scenario Outline: A <colour> thing
    When it is <colour>

    Examples: Warm
      | colour |
      | red    |
      | orange |

    @security
    Examples: Cold
      | colour |
      | blue   |

  @p1 @s1.p1.1.1
  Scenario: A last one
    When it is last
"""
RUSSIAN = """# language: ru
@ru
Функция: Вещи

  @p0 @s1.p0.1.1
  Сценарий: Вещь
    Дано вещь
"""


@pytest.fixture
def features(tmp_path: Path) -> Path:
    for language, text in (("en", OUTLINE), ("ru", RUSSIAN)):
        path = tmp_path / "features" / language / "things.feature"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "features"


def test_examples_become_scenarios_of_their_own(features: Path) -> None:
    found = [one for one in expected(features) if one.language == "en"]
    assert [one.name.strip() for one in found] == [
        "A red thing -- @1.1 Warm",
        "A orange thing -- @1.2 Warm",
        "A blue thing -- @2.1 Cold",
        "A last one",
    ]
    assert found[0].key == "features/en/things.feature::s1.p0.1.1::A red thing -- @1.1 Warm"
    assert "security" in found[2].tags and "security" not in found[0].tags
    assert [one.ids for one in found] == [("s1.p0.1.1",)] * 3 + [("s1.p1.1.1",)]


def test_twins_share_their_pair(features: Path) -> None:
    pairs = {one.language: one.pair for one in reversed(expected(features))}
    assert pairs == {"en": "things#1", "ru": "things#1"}


def test_keys_are_those_of_a_run(features: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorder makes its keys from behave's own objects; both must name a scenario alike."""
    from behave.parser import parse_file

    from runner.record import key_of

    monkeypatch.chdir(features.parent)
    told = [
        key_of(one)
        for path in ("en", "ru")
        for one in parse_file(f"features/{path}/things.feature").walk_scenarios()
    ]
    assert told == [one.key for one in expected(features)]


def test_what_is_not_declared_is_named(features: Path) -> None:
    missing = undeclared(expected(features), load_document())
    assert ("s1.p1.1.1", "ru") in missing and ("s1.p1.1.1", "en") not in missing
    assert ("s1.p0.1.1", "ru") not in missing


def test_unknown_and_doubled_are_named(features: Path) -> None:
    path = features / "ru" / "things.feature"
    text = RUSSIAN.replace("@s1.p0.1.1", "@s1.p0.1.1 @s1.p0.1.l")
    path.write_text(text + text.partition("Вещи")[2], encoding="utf-8")
    found = expected(features)
    assert ("features/ru/things.feature:6", "s1.p0.1.l") in unknown_ids(found, load_document())
    assert len(doubled(found)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "# language: en\nFeature: x\n  Scenario: y\n    Given a thing\n    Gibberish\n",
        "# language: xx\nFeature: x\n",
    ],
)
def test_a_feature_that_cannot_be_read_is_named(features: Path, text: str) -> None:
    (features / "en" / "broken.feature").write_text(text, encoding="utf-8")
    with pytest.raises(GateError, match=r"features/en/broken\.feature"):
        expected(features)


def test_an_empty_file_declares_nothing(features: Path) -> None:
    before = expected(features)
    (features / "en" / "empty.feature").write_text("", encoding="utf-8")
    assert expected(features) == before


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(features: Path) -> None:
    before = expected(features)
    path = features / "en" / "things.feature"
    path.write_bytes(b"\xef\xbb\xbf" + OUTLINE.replace("\n", "\r\n").encode())
    assert expected(features) == before


def test_the_digest_sees_every_change(features: Path) -> None:
    before = features_digest(features)
    assert features_digest(features) == before
    (features / "ru" / "things.feature").rename(features / "ru" / "others.feature")
    assert features_digest(features) != before


def test_the_document_is_whole() -> None:
    document = load_document()
    assert len([line for line in document.lines if line.priority == "p0"]) == 10
    assert all(line.text.en and line.text.ru for line in document.lines)
    assert document.line("s1.p0.1.2") is not None and document.line("nothing") is None
