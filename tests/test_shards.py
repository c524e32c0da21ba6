"""Shards: the split is the same everywhere and loses nothing; a merge gives a verdict, or says why it cannot."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gate.errors import GateError, SettingError
from gate.expected import expected
from gate.merging import merge
from gate.settings import load
from runner.shards import dealt, keep_shard
from tests.fake_run import FakeRun, Line

ROOT = Path(__file__).resolve().parent.parent
IMAGES = [{"name": "codex-k8s", "image": "gateway:1", "digest": "sha256:" + "a" * 64}]


def scenarios() -> list[Any]:
    """All of the project, as far as the split looks at them."""
    return [SimpleNamespace(filename=one.file, key=one.key) for one in expected(ROOT / "features")]


@pytest.mark.parametrize("of", [1, 2, 5, 60])
def test_every_scenario_is_in_one_shard_and_twins_stay_together(of: int) -> None:
    parts = [keep_shard(scenarios(), (number, of)) for number in range(1, of + 1)]
    assert sorted(one.key for part in parts for one in part) == sorted(one.key for one in scenarios())
    stems = [{Path(one.filename).stem for one in part} for part in parts]
    assert sum(map(len, stems)) == len(set().union(*stems))


def test_the_split_is_even_and_the_same_for_everybody() -> None:
    sizes = {"a": 9, "b": 5, "c": 4, "d": 4, "e": 1}
    assert dealt(sizes, 3) == dealt(dict(reversed(sizes.items())), 3) == [{"a"}, {"b", "e"}, {"c", "d"}]


def test_what_is_another_shards_is_not_played() -> None:
    everything = scenarios()
    mine = keep_shard(everything, (1, 3))
    others = [one for one in everything if one not in mine]
    assert mine and others and not any(one.should_run_with_name_select(None) for one in others)
    assert not any(hasattr(one, "should_run_with_name_select") for one in mine)


@pytest.mark.parametrize("text", ["0/5", "6/5", "2", "a/b", "2/"])
def test_a_shard_that_cannot_be_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="such as 2/5"):
        load({"GATE_SHARD": text}, tmp_path)


def test_a_pod_of_an_indexed_job_knows_its_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "1")
    assert load(folder=tmp_path)["GATE_SHARD"] is None
    monkeypatch.setenv("JOB_COMPLETIONS", "5")
    assert load(folder=tmp_path)["GATE_SHARD"] == (2, 5)
    monkeypatch.setenv("GATE_SHARD", "1/1")
    assert load(folder=tmp_path)["GATE_SHARD"] == (1, 1)


class Shards(FakeRun):
    """A healthy run in two shards, one for each language's file."""

    def lay(self, change: Callable[[int, list[Line]], None] = lambda number, lines: None) -> list[Path]:
        """Write both; `change` may spoil the lines of one."""
        self.exits(0)
        self.write()
        whole = self.reports
        folders = []
        for number, language in enumerate(("en", "ru"), 1):
            mine = [one for one in self.results if one["language"] == language]
            start = self.start | {
                "mark": f"gate-{number}",
                "selection": [one["key"] for one in mine],
                "settings": {"GATE_SHARD": f"{number}/2"},
            }
            end = {"behave": {"passed": len(mine)}} | (self.end or {})
            lines: list[Line] = [start, *mine, end, self.exit or {}]
            change(number, lines)
            folder = self.folder / f"shard-{number}"
            (folder / "screenshots").mkdir(parents=True)
            (folder / "screenshots" / f"{language}.png").write_bytes(b"png")
            (folder / "run.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
            state = {"mark": start["mark"], "deployments": IMAGES}
            (folder / "cluster.json").write_text(json.dumps(state))
            results = folder / "allure-results"
            results.mkdir()
            for place, one in enumerate(mine):
                text = json.dumps({"uuid": f"{language}{place}", "name": one["name"]})
                (results / f"{language}{place}-result.json").write_text(text)
            folders.append(folder)
        shutil.rmtree(whole)
        return folders

    def judged(self, folders: list[Path]) -> Any:
        """Merge, then judge what is written, and nothing else."""
        merge(folders, self.reports)
        self.write = lambda: None  # type: ignore[method-assign]
        return self.verdict()


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    return Shards(tmp_path)


def why(verdict: Any) -> str:
    return " | ".join(reason.text.en for reason in verdict.reasons)


def test_two_halves_make_a_go(shards: Shards) -> None:
    verdict = shards.judged(shards.lay())
    assert verdict.decision == "go", why(verdict)
    assert {path.name for path in (shards.reports / "screenshots").iterdir()} == {"en.png", "ru.png"}
    assert [image.image for image in verdict.case.images] == ["gateway:1"]
    assert "GATE_SHARD" not in verdict.case.run.start.settings


def test_a_red_scenario_of_one_shard_is_a_no_go(shards: Shards) -> None:
    def change(number: int, lines: list[Line]) -> None:
        if number == 2:
            lines[1] |= {"status": "failed", "category": "platform", "reason": "broke"}
            lines[-2]["behave"] = {"passed": len(lines) - 4, "failed": 1}
            lines[-1] = lines[-1] | {"code": 1}

    assert shards.judged(shards.lay(change)).decision == "no-go"


def test_a_missing_shard_is_named(shards: Shards) -> None:
    verdict = shards.judged(shards.lay()[1:])
    assert verdict.decision == "incomplete" and "Shard 1/2 is missing." in why(verdict)


def test_a_shard_that_is_there_twice_is_named(shards: Shards) -> None:
    first, second = shards.lay()
    verdict = shards.judged([first, second, first])
    assert verdict.decision == "incomplete" and "Shard 1/2 (shard-1) is there twice." in why(verdict)


@pytest.mark.parametrize(
    ("what", "value", "told"),
    [
        ("suite", {"commit": "b" * 40}, "of another commit of the suite"),
        ("target", "other.example.org", "of another target"),
        ("settings", {"GATE_SHARD": "2/3"}, "of another split"),
    ],
)
def test_a_shard_of_something_else_is_named(shards: Shards, what: str, value: Any, told: str) -> None:
    def change(number: int, lines: list[Line]) -> None:
        if number == 2:
            lines[0][what] = value

    verdict = shards.judged(shards.lay(change))
    assert verdict.decision == "incomplete" and "(shard-2) is " + told in why(verdict)


def test_shards_that_judged_different_builds_are_no_whole(shards: Shards) -> None:
    folders = shards.lay()
    state = {"mark": "gate-2", "deployments": [IMAGES[0] | {"image": "gateway:2"}]}
    (folders[1] / "cluster.json").write_text(json.dumps(state))
    verdict = shards.judged(folders)
    assert verdict.decision == "incomplete" and "judged another build" in why(verdict)


def test_a_shard_that_was_killed_is_named(shards: Shards) -> None:
    def change(number: int, lines: list[Line]) -> None:
        if number == 2:
            del lines[5:]

    verdict = shards.judged(shards.lay(change))
    assert verdict.decision == "incomplete" and "Shard 2/2 (shard-2) has no end" in why(verdict)


def test_a_folder_that_is_no_shard_is_named_and_nothing_at_all_is_an_error(shards: Shards, tmp_path: Path) -> None:
    folders = shards.lay()
    (tmp_path / "stray").mkdir()
    assert "stray holds no shard" in why(shards.judged([*folders, tmp_path / "stray"]))
    with pytest.raises(GateError, match="nothing to merge"):
        merge([tmp_path / "stray"], shards.reports)
    with pytest.raises(GateError, match="one of the shards"):
        merge(folders, folders[0])


def test_a_merge_of_nothing_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gate", "merge", str(tmp_path), "--reports", str(tmp_path / "whole")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 3 and "nothing to merge" in done.stderr and "Traceback" not in done.stderr
