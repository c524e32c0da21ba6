"""The record of a run on a full disk: each line is there whole or not at all, and the run is told to end."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from behave.model_type import Status
from behave.parser import parse_feature

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


@pytest.mark.parametrize(("told", "status"), [(None, "not-proven"), ("HOOK-ERROR: x", "hook_error")])
def test_a_ctrl_c_in_a_hook_is_no_error_of_it(tmp_path: Path, told: str | None, status: str) -> None:
    feature = parse_feature("Feature: f\n\n  Scenario: s\n    Given nothing\n", filename="f.feature")
    scenario = feature.scenarios[0]
    scenario.set_status(Status.hook_error)
    scenario.error_message = told
    record = RunRecord()
    record.start(tmp_path / "run.jsonl", mark="gate-1", target="t", settings={}, selection=[])
    record.finished(scenario)
    last = json.loads((tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert last["status"] == status
    assert last["reason"] == (told or "The run was interrupted.")
