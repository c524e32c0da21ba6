"""The record of a run on a full disk: each line is there whole or not at all, and the run is told to end."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from behave.model_type import Status
from behave.parser import parse_feature

from gate.errors import Broken
from runner.record import RunRecord


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of two pages."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(tmp_path)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root may make a small file system")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_what_has_no_room_takes_nothing_with_it(small: Path) -> None:
    stopped: list[str] = []
    record = RunRecord()
    record.stop = stopped.append
    record.start(small / "run.jsonl", mark="gate-1", target="t", settings={}, selection=[])
    for number in range(20):
        record.take(kind="scenario", name=f"{number}", status="passed", reason="x" * 900)
    record.end(behave={}, aborted=True, cleaning="")  # type: ignore[arg-type]
    lines = [json.loads(line) for line in (small / "run.jsonl").read_text(encoding="utf-8").splitlines()]
    told = [line["name"] for line in lines if line["kind"] == "scenario"]
    assert told == [str(number) for number in range(len(told))] and 0 < len(told) < 20
    assert lines[-1]["kind"] == "scenario", "an end would hide what is missing"
    assert stopped == ["No space left on device"]
    assert f"No space left on device. {len(told)} scenario(s) are on record" in record.told_lost()


@pytest.mark.parametrize("was", ["hook_error", "error", "failed"])
@pytest.mark.parametrize(
    "told", [None, "ABORTED: By user (KeyboardInterrupt).", "HOOK-ERROR: x", "ASSERT FAILED: "]
)
def test_a_ctrl_c_is_no_error_of_a_scenario(tmp_path: Path, told: str | None, was: str) -> None:
    interrupted = told is None or told.startswith("ABORTED")
    feature = parse_feature("Feature: f\n\n  Scenario: s\n    Given nothing\n", filename="f.feature")
    scenario = feature.scenarios[0]
    scenario.set_status(Status.from_name(was))
    scenario.error_message = told
    record = RunRecord()
    record.start(tmp_path / "run.jsonl", mark="gate-1", target="t", settings={}, selection=[])
    record.finished(scenario)
    last = json.loads((tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert last["status"] == ("not-proven" if interrupted else was)
    assert last["reason"] == ("The run was interrupted." if interrupted else told)


def test_what_the_platform_broke_stays_broken_whatever_the_clean_up_does(tmp_path: Path) -> None:
    feature = parse_feature("Feature: F\n  Scenario: S\n    Given a step\n")
    scenario = feature.scenarios[0]
    step = scenario.steps[0]
    step.exception = Broken("the platform answered 500")
    step.error_message = "ASSERT FAILED: the platform answered 500"
    scenario.set_status(Status.cleanup_error)
    record = RunRecord()
    record.start(tmp_path / "run.jsonl", mark="gate-1", target="t", settings={}, selection=[])
    record.finished(scenario)
    assert record.last["category"] == "platform" and "answered 500" in record.last["reason"]
