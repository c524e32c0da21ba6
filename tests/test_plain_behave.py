"""What QA can write wrong, run by plain behave: one sentence with its place, never a traceback, never green."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FEATURE = "# language: en\n@en\nFeature: A\n  @p0 @s1.p0.1.1\n  Scenario: B\n    {}\n"
GIVEN = 'Given GitHub is about to deliver a "ping" event'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The suite with features of its own."""
    for name in ("steps", "environment.py", "gate", "runner", "behave.ini"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "features" / "en").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "No scenario is selected"),
        (f"\ufeff{FEATURE.format(GIVEN)}".encode(), r"bad\.feature:1: the file begins with a byte order mark"),
        (
            "# language: ru\nФункция: а\n".encode("cp1251"),
            r"features/en/bad\.feature:2: the file is not in UTF-8",
        ),
        (
            FEATURE.format(GIVEN).replace("en", "xx", 1).encode(),
            "features/en/bad.feature:1: line 1 is “# language: xx”",
        ),
        (FEATURE.format("Givn GitHub is about").encode(), "bad.feature:5.*The scenario has no steps"),
        (
            FEATURE.format(f"{GIVEN}\n    Wen it delivers").encode(),
            "bad.feature:7: “Wen” is no word that a line begins with",
        ),
        (FEATURE.format("Given nobody knows this").encode(), "bad.feature:6: undefined step: Given nobody knows"),
        (
            FEATURE.format("When it delivers the event with a signature that is faked").encode(),
            "bad.feature:6: “faked” is not known in this sentence. Write one of: ",
        ),
        (
            FEATURE.format(f"{GIVEN}\n    | a | b |\n    | 1 |").encode(),
            "bad.feature:8: this row has 1 cells, but the head of the table has 2",
        ),
        (FEATURE.format("And what").encode(), "bad.feature:6: a scenario cannot begin with “And”"),
        (
            FEATURE.replace("@s1", "s1").format(GIVEN).encode(),
            "bad.feature:4: in a line of tags each one begins with @",
        ),
    ],
    ids=[
        "empty",
        "BOM",
        "cp1251",
        "language",
        "first step",
        "later step",
        "undefined",
        "word",
        "table",
        "And",
        "tag",
    ],
)
def test_plain_behave_tells_what_is_wrong(project: Path, content: bytes, told: str) -> None:
    (project / "features" / "en" / "bad.feature").write_bytes(content)
    settings = {"GATE_DOMAIN": "nowhere.test", "GATE_REPORTS": str(project / "reports")}
    done = subprocess.run(
        [sys.executable, "-m", "behave"],
        cwd=project, env=os.environ | settings, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert re.search(told, said, re.DOTALL), said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "locale", "told"),
    [
        (["--tags=@nothing"], "C.UTF-8", "No scenario is selected. Look at the spelling of --tags"),
        (["--tags=@nothing"], "ru_RU.UTF-8", "Не выбран ни один сценарий."),
        (["features/en/nothere.feature"], "C.UTF-8", "There is no feature features/en/nothere.feature."),
        (["-DGATE_DOMAIN=https://x"], "C.UTF-8", "GATE_DOMAIN is a host name, such as staging.example.com"),
    ],
)
def test_what_keeps_a_run_from_beginning_is_one_sentence(
    project: Path, arguments: list[str], locale: str, told: str
) -> None:
    (project / "features" / "en" / "good.feature").write_text(FEATURE.format(GIVEN), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "behave", *arguments],
        cwd=project, env=os.environ | {"GATE_DOMAIN": "nowhere.test", "LC_ALL": locale, "PYTHONUTF8": "1"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    (line,) = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("USING RUNNER")]
    assert told in line
