"""The verdict as a file: its shape, the same anywhere from the same files, and what changed since earlier runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import jsonschema
import pytest

from gate.__main__ import main
from gate.blockers import Blocker, Blockers
from gate.errors import GateError
from gate.folder import HISTORY, RECORD, VERDICT, claim
from gate.history import Entry
from gate.results import read_run
from gate.settings import Settings
from gate.verdict_file import as_json, remember, wanted_by, write_verdict
from tests.fake_run import NOW, SCHEMA, FakeRun

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


SPOILT: list[Callable[[FakeRun], object]] = [
    lambda run: None,
    lambda run: run.results.pop(),
    lambda run: setattr(run, "end", None),
    lambda run: run.start.update(kind="begin"),
    lambda run: run.only(lambda one: "p0" in one["tags"]),
    lambda run: run.results.append({**run.of("s1.p0.1.2"), "attempts": 2, "status": "failed"}),
]


@pytest.mark.parametrize("spoil", SPOILT)
def test_the_verdict_has_the_shape_that_is_published(run: FakeRun, spoil: Callable[[FakeRun], object]) -> None:
    run.breaks("s1.p1.1.1")
    run.accepts("s1.p1.1.1")
    spoil(run)
    verdict = run.verdict(blockers=Blockers("checked", "x", (Blocker("#7", "It leaks", "p0"),)))
    jsonschema.validate(as_json(verdict), SCHEMA)


def test_the_same_files_give_the_same_verdict(run: FakeRun, tmp_path: Path) -> None:
    first = write_verdict(run.verdict(), tmp_path / "a.json")
    assert write_verdict(run.verdict(), tmp_path / "b.json") == first


class _Later(datetime):
    """Another moment at each look, within the age that results may have."""

    looks = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        cls.looks += 1
        return NOW + timedelta(hours=cls.looks)


@pytest.mark.parametrize("whole", [True, False], ids=["all of reports", "only what a bundle holds"])
def test_the_same_files_give_the_same_bytes_in_another_place(
    run: FakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    monkeypatch.setattr("gate.commands.verdict.datetime", _Later)
    remember(run.verdict(), run.reports / HISTORY)
    run.start.update(mark="gate-next", settings={"GATE_RETRIES": "1"})
    run.results.append({**run.of("s1.p0.1.2"), "attempts": 2})
    run.of("s1.p0.1.2").update(status="failed", category="platform", reason="answered 500")
    run.breaks("s1.p1.1.1")
    run.accepts("s1.p1.1.1")
    run.write()
    monkeypatch.setenv("GATE_DOMAIN", "staging.example.org")
    monkeypatch.setenv("GATE_RETRIES", "1")
    assert _judge(run.folder, monkeypatch) == 0
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(run.folder, elsewhere, ignore=shutil.ignore_patterns("elsewhere"))
    if not whole:
        (elsewhere / "reports" / HISTORY).unlink()
    for name in [name for name in os.environ if name.startswith("GATE_")]:
        monkeypatch.delenv(name)
    assert _judge(elsewhere, monkeypatch) == 0
    here, there = (folder / "reports" / VERDICT for folder in (run.folder, elsewhere))
    assert there.read_bytes() == here.read_bytes()
    assert json.loads(there.read_text(encoding="utf-8"))["changes"]["since_last_go"]["newly_red"]


def _judge(folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.chdir(folder)
    return main(["verdict"])


def test_what_changed_since_the_last_go(run: FakeRun) -> None:
    path = run.reports / "history.jsonl"
    remember(run.verdict(), path)
    run.start["mark"] = "gate-next"
    run.breaks("s1.p1.1.1", "ru")
    run.of("s1.p0.2.1")["seconds"] = 9.0
    verdict = run.verdict()
    assert verdict.since_go is not None
    assert [key.rpartition("::")[2] for key in verdict.since_go.newly_red] == ["Сценарий s1.p1.1.1"]
    assert [line for line, *_ in verdict.since_go.slower] == ["s1.p0.2.1"]
    remember(verdict, path)
    run.start["mark"] = "gate-third"
    run.of("s1.p1.1.1", "ru").update(status="passed", category="")
    verdict = run.verdict()
    assert verdict.since_go is not None and verdict.since_run is not None
    assert not verdict.since_go.newly_red
    assert [key.rpartition("::")[2] for key in verdict.since_run.fixed] == ["Сценарий s1.p1.1.1"]


def test_a_run_of_another_scope_between_hides_no_change(run: FakeRun) -> None:
    path = run.reports / "history.jsonl"
    run.breaks("s1.p1.1.1", "ru")
    remember(run.verdict("p0"), path)
    run.start["mark"] = "gate-second"
    run.of("s1.p1.1.1", "ru").update(status="passed", category="")
    remember(run.verdict("all"), path)
    run.start["mark"] = "gate-third"
    run.breaks("s1.p0.2.1", "ru")
    verdict = run.verdict("p0")
    assert verdict.since_run is not None
    assert [key.rpartition("::")[2] for key in verdict.since_run.newly_red] == ["Сценарий s1.p0.2.1"]


def test_a_verdict_over_the_same_run_is_remembered_once(run: FakeRun) -> None:
    path = run.reports / "history.jsonl"
    for _ in range(2):
        remember(run.verdict(), path)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1


def test_a_staging_at_another_port_is_no_other_target(tmp_path: Path) -> None:
    values = {"GATE_DOMAIN": "127.0.0.1:9", "GATE_REPORTS": str(tmp_path)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")}
    command = [sys.executable, "-m", "behave", "features/en", "--tags=@s1.pre.1"]
    subprocess.run(command, cwd=ROOT, env=kept | values, capture_output=True, timeout=60, check=False)
    start = read_run(tmp_path / RECORD).start
    assert start and start.target == wanted_by(Settings(values), ROOT / "features").target


def test_history_of_another_target_is_not_compared(run: FakeRun) -> None:
    other = Entry("gate-x", NOW.isoformat(), "go", "all", "other.example.org", "", {})
    assert run.verdict(history=(other,)).since_go is None


@pytest.mark.parametrize("command", ["verdict", "report", "bundle"])
def test_a_folder_that_is_not_there_is_wrong_use_and_is_not_made(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "misspelt"
    assert main([command, "--reports", str(missing)]) == 3
    assert f"There is no folder {missing}." in capsys.readouterr().err
    assert not missing.exists()


def test_a_folder_that_another_run_writes_to_is_not_begun_anew(tmp_path: Path) -> None:
    """The results of both would be mixed, and the first run's record be gone."""
    with claim(tmp_path / "reports"), pytest.raises(GateError, match="GATE_REPORTS"):
        claim(tmp_path / "reports")
    claim(tmp_path / "reports").close()
