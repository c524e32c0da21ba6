"""Another attempt: as often as the setting says, a result of its own everywhere, shown, and never softer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gate.document import load_document
from gate.expected import expected
from gate.judged import judge_scenarios
from gate.labels import label_results
from gate.results import Run, read_allure, read_run

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SCENARIOS = {
    "steady": "it breaks 0 times",
    "once": "it breaks 1 times",
    "twice": "it breaks 2 times",
    "crashed once": "it crashes 1 times",
    "rubbish": "it leaves rubbish 1 times",
    "unseen": "it cannot be seen 1 times",
    "unknown": "it is not defined",
}
FEATURE = """# language: en
@en
Feature: flaky
{scenarios}
  @s1.p0.1.2
  Scenario Outline: row <name>
    Given it breaks <number> times
    Examples:
      | name | number |
      | calm | 0      |
      | wild | 1      |
"""


class Left:
    """What a run with these settings left."""

    def __init__(self, folder: Path, retries: int) -> None:
        (folder / "behave.ini").write_text("[behave]\npaths = features\ndefault_format = null\n", encoding="utf-8")
        hooks = f"exec(compile(open({str(ROOT / 'environment.py')!r}).read(), 'environment.py', 'exec'))\n"
        (folder / "environment.py").write_text(hooks, encoding="utf-8")
        (folder / "steps").mkdir()
        shutil.copy(HERE / "flaky_steps.py", folder / "steps")
        rows = [f"  @s1.p0.1.1\n  Scenario: {name}\n    Given {step}" for name, step in SCENARIOS.items()]
        (folder / "features" / "en").mkdir(parents=True)
        self.features = folder / "features"
        text = FEATURE.format(scenarios="\n".join(rows))
        (self.features / "en" / "flaky.feature").write_text(text, encoding="utf-8")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")}
        done = subprocess.run(
            [sys.executable, "-m", "behave", "-D", f"GATE_RETRIES={retries}"],
            cwd=folder,
            env={**clean, "GATE_DOMAIN": "127.0.0.1:9", "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.printed = done.stdout + done.stderr
        self.results = folder / "reports" / "allure-results"
        self.run: Run = read_run(folder / "reports" / "run.jsonl")

    def attempts(self, name: str) -> list[tuple[int, str]]:
        return [(one.attempts, one.status) for one in self.run.results if one.name.strip() == name]

    def allure(self, name: str) -> list[dict[str, Any]]:
        found = [json.loads(path.read_text(encoding="utf-8")) for path in self.results.glob("*-result.json")]
        return sorted((one for one in found if one["name"].strip() == name), key=lambda one: int(one["start"]))


@pytest.fixture(scope="module")
def retried(tmp_path_factory: pytest.TempPathFactory) -> Left:
    return Left(tmp_path_factory.mktemp("retried"), 1)


@pytest.mark.parametrize(
    ("name", "attempts"),
    [
        ("steady", [(1, "passed")]),
        ("once", [(1, "failed"), (2, "passed")]),
        ("twice", [(1, "failed"), (2, "failed")]),
        ("crashed once", [(1, "error"), (2, "passed")]),
        ("row wild -- @1.2", [(1, "failed"), (2, "passed")]),
        ("rubbish", [(1, "cleanup_error")]),
        ("unseen", [(1, "not-proven")]),
        ("unknown", [(1, "error")]),
    ],
)
def test_what_failed_is_tried_once_more(retried: Left, name: str, attempts: list[tuple[int, str]]) -> None:
    assert retried.attempts(name) == attempts, retried.printed
    assert len({one["historyId"] for one in retried.allure(name)}) == 1
    assert len(retried.allure(name)) == len(attempts)


def test_all_counts_agree(retried: Left) -> None:
    assert Counter(one.name for one in retried.run.results) == read_allure(retried.results).names
    end = retried.run.end
    assert end and end.behave == {"passed": 5, "failed": 1, "cleanup_error": 1, "skipped": 1, "error": 1}


def test_the_screen_tells_the_first_failure(retried: Left) -> None:
    assert "~~ [2/9] once" in retried.printed and "it broke, attempt 1" in retried.printed
    assert "ok [2/9] once" in retried.printed and "[9/9] row wild" in retried.printed


def test_each_attempt_keeps_its_own_outcome_in_the_report(retried: Left) -> None:
    judged = judge_scenarios(expected(retried.features), retried.run.results)
    traces = label_results(retried.results, judged, load_document())
    flaky = next(one for one in judged if one.declared.name == "once")
    assert (flaky.status, flaky.flaky) == ("proven", True)
    first, second = retried.allure("once")
    assert (first["status"], second["status"]) == ("failed", "passed")
    assert "attempt 1" in first["statusDetails"]["message"]
    assert traces[flaky.declared.key].uuid == second["uuid"]
    twice = next(one for one in judged if one.declared.name == "twice")
    assert (twice.status, twice.flaky) == ("broken", False) and "attempt 1" in twice.reason


def test_nothing_is_tried_again_unless_it_is_asked_for(tmp_path: Path) -> None:
    left = Left(tmp_path, 0)
    assert left.attempts("once") == [(1, "failed")]
    assert {one.attempts for one in left.run.results} == {1}
