"""`python -m gate check --fix`: what an editor or an office program did to a feature is put right."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from gate.__main__ import main
from gate.language import speak
from runner.check import fix
from runner.layout import tidy

ROOT = Path(__file__).resolve().parent.parent
FEATURES = sorted((ROOT / "features").glob("*/*.feature"))
TEXT = '''# language: en
@en
Feature: Texts
  What it is about.

  And more of it.

  # About the next scenario.
  @p0 @s1.p0.1.1
  Scenario: One
    Given a text
      """
        keeps its own indentation

      and | its | bars
      """
    When it is | said
      | a    | b        |
      | long | \\| a bar |
    Then it is there
'''


def spoilt(text: str, luck: random.Random) -> str:
    """As a careless hand leaves it: other indentation, ragged tables, blanks at the end, odd spaces."""
    lines = []
    for line in text.splitlines():
        bare = " ".join(line.split()) if line.strip().startswith("|") else line.strip()
        lines.append(luck.choice(["", " ", "\t", "     "]) + bare + luck.choice(["", "  ", "\t"]))
        if not bare and luck.random() < 0.5:
            lines.append("")
    return luck.choice(["", "\ufeff"]) + luck.choice(["\n", "\r\n"]).join(lines) + luck.choice(["", "\n\n\n"])


@pytest.mark.parametrize("path", FEATURES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_was_spoilt_comes_back_as_it_was(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert tidy(text) == text
    for seed in range(5):
        spoiling = spoilt(text, random.Random(seed))
        # Line 1 must be the header for the file to be read at all, so that is where it stays.
        assert tidy(spoiling.lstrip("\ufeff \t")) == text


def test_texts_below_a_step_keep_their_inside() -> None:
    assert tidy(TEXT) == TEXT
    ragged = TEXT.replace("      ", "\t").replace("    ", " ")
    assert tidy(ragged).count('"""') == 2
    assert "and | its | bars" in tidy(ragged)


def test_spaces_and_marks_that_nobody_sees_are_put_right() -> None:
    odd = TEXT.replace("Given a text", "Given\u00a0a\u200b text\u00a0")
    assert tidy(odd) == TEXT


def test_a_table_that_is_not_whole_is_left_for_its_author() -> None:
    broken = TEXT.replace("| a    | b        |", "| a | b")
    assert "      | a | b\n" in tidy(broken)


@pytest.mark.parametrize(
    ("spoil", "mended"),
    [
        (lambda raw: b"\xef\xbb\xbf" + raw, True),
        (lambda raw: raw.replace(b"\n", b"\r\n"), True),
        (lambda raw: raw.decode().encode("utf-16"), True),
        (lambda raw: raw.replace(b"    ", b"\t"), True),
        (lambda raw: raw.replace(b"\n", b" \n"), True),
        (lambda raw: raw.rstrip(b"\n"), True),
        (lambda raw: raw.decode().encode("cp1251", "replace"), False),
    ],
    ids=["mark", "line ends", "utf-16", "tabs", "blanks", "end", "another encoding"],
)
def test_the_command_mends_files_and_leaves_what_it_cannot_read(tmp_path: Path, spoil, mended: bool) -> None:
    for language in ("en", "ru"):
        (tmp_path / "features" / language).mkdir(parents=True)
        shutil.copy(ROOT / "features" / language / "projects.feature", tmp_path / "features" / language)
    path = tmp_path / "features" / "ru" / "projects.feature"
    raw = path.read_bytes()
    path.write_bytes(spoil(raw))
    assert fix(tmp_path / "features") == (["features/ru/projects.feature"] if mended else [])
    assert (path.read_bytes() == raw) is mended
    assert fix(tmp_path / "features") == []


def test_a_ragged_file_is_told_with_its_line_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "features", tmp_path / "features")
    path = tmp_path / "features" / "en" / "worker.feature"
    path.write_text(path.read_text(encoding="utf-8").replace("    When ", "  When ", 1), encoding="utf-8")
    common = ["check", "--features", str(tmp_path / "features"), "--steps", str(ROOT / "steps"), "--lang", "en"]
    try:
        assert main(common) == 1
        told = capsys.readouterr().out
        assert "features/en/worker.feature:" in told
        assert (
            "not laid out in the house style (indented by 2, not by 4): `python -m gate check --fix` does it."
            in told
        )
        assert main([*common, "--fix"]) == 0
        assert "features/en/worker.feature: laid out anew" in capsys.readouterr().out
    finally:
        speak("en")
