"""Several workers, one run: nothing lost, nothing doubled, also when a worker dies or somebody stops it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from behave.parser import parse_feature

from gate.acquainted import Acquainted
from gate.integrity import _ending
from gate.language import Text
from gate.results import read_allure, read_run
from gate.standing import Standing
from runner.plan import Plan, Unit

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).parent
END_SECONDS = 60


def _scenarios(stem: str, *scenarios: tuple[str, str], when: str = "it happens") -> list[Any]:
    """Scenarios of one file, each `(tags, name)`."""
    rows = ["# language: en", "@en", "Feature: f", ""]
    for tags, name in scenarios:
        rows += [f"  {tags}", f"  Scenario: {name}", "    Given a thing", f"    When {when}", ""]
    return list(parse_feature("\n".join(rows), filename=f"features/en/{stem}.feature").walk_scenarios())


def _names(plan: Plan) -> list[list[str]]:
    """What may begin at once now."""
    begun = []
    while unit := plan.next():
        begun.append([scenario.name for scenario in unit.scenarios])
    return begun


def test_preconditions_come_first_and_hostile_deliveries_after_the_rest():
    plan = Plan(
        [
            *_scenarios("boundary_receiver", ("@s1.boundary.receiver", "hostile")),
            *_scenarios("webhook", ("@s1.p0.1.1", "usual")),
            *_scenarios("00_preconditions", ("@s1.pre.1", "first"), ("@s1.pre.2", "first too")),
        ]
    )
    begun = [plan.next(), plan.next()]
    assert [one and one.scenarios[0].name for one in begun] == ["first", "first too"]
    assert plan.next() is None
    for one in begun:
        assert one is not None
        plan.done(one)
    usual = plan.next()
    assert usual and usual.scenarios[0].name == "usual" and plan.next() is None
    plan.done(usual)
    assert _names(plan) == [["hostile"]]


def test_long_waits_come_before_what_does_not_wait():
    plan = Plan([*_scenarios("webhook", ("@a", "quick")), *_scenarios("worker", ("@b", "slow"))])
    assert _names(plan) == [["slow"], ["quick"]]


def test_who_shares_a_story_a_cast_or_a_script_stays_together():
    plan = Plan(
        [
            *_scenarios("worker", ("@a", "one"), ("@a", "two"), when="its run is watched"),
            *_scenarios("learning_mode", ("@b", "three"), ("@b", "four")),
            *_scenarios("evidence", ("@s1.evidence.1", "five")),
            *_scenarios("evidence", ("@s1.evidence.1", "six")),
        ]
    )
    smoke = plan.next()
    assert smoke and [scenario.name for scenario in smoke.scenarios] == ["five", "six"]
    assert plan.next() is None, "it is over before anything is delivered"
    plan.done(smoke)
    assert _names(plan) == [["one", "two"], ["three", "four"]]


def test_what_there_is_once_is_in_one_pair_of_hands():
    plan = Plan(_scenarios("repositories", ("@s1.p1.2.1", "one"), ("@s1.p1.2.2", "two"), ("@s1.p0.1.1", "other")))
    first = plan.next()
    assert first and first.scenarios[0].name == "one"
    assert _names(plan) == [["other"]]
    plan.done(first)
    assert _names(plan) == [["two"]]


def test_a_list_is_changed_by_many_at_once_but_not_while_one_looks_at_it():
    scenarios = _scenarios(
        "any", ("@s1.contract.console", "changes"), ("@s1.p1.1.1", "too"), ("@s1.p0.4.1", "looks")
    )
    plan = Plan(scenarios)
    looks = plan.next()
    assert looks and looks.scenarios[0].name == "looks", "those who change it wait for it"
    assert plan.next() is None
    plan.done(looks)
    assert _names(plan) == [["changes"], ["too"]]

    plan = Plan(scenarios[:2])
    assert plan.next()
    plan._left.append(Unit(scenarios[2:], alone=frozenset({"alone.projects"})))
    assert _names(plan) == [["too"]], "it waits for those who change it"


def test_alone_is_beside_nothing():
    plan = Plan(_scenarios("any", ("@alone", "lonely"), ("@a", "one"), ("@alone", "lonely too")))
    one = plan.next()
    assert one and one.scenarios[0].name == "one" and plan.next() is None
    plan.done(one)
    lonely = plan.next()
    assert lonely and plan.next() is None
    plan.done(lonely)
    assert _names(plan) == [["lonely too"]]


def test_what_a_dead_worker_had_not_begun_is_left_for_others():
    plan = Plan(_scenarios("learning_mode", ("@b", "one"), ("@b", "two"), ("@b", "three")))
    unit = plan.next()
    assert unit
    plan.lost(unit, unit.keys[:1])
    assert _names(plan) == [["two", "three"]]


def test_what_fell_in_one_worker_is_known_to_the_others_and_what_stands_again_too():
    here, there = Standing(str), Standing(str)
    here.fell("codex-k8s-worker", Text("it is gone", "его нет"))
    there.hear({name: why for name, why in here.news().items() if why})
    assert there.fallen() and not here.news() and not there.news()
    here.stands("codex-k8s-worker")
    assert here.news() == {"codex-k8s-worker": None}


def test_people_are_shared_through_a_private_folder_that_goes_with_the_run():
    shared = Acquainted.shared()
    folder = shared._folder
    assert folder
    pid = os.fork()
    if not pid:
        with shared.alone_with("admin"):
            shared.keep("admin-session", {"name": "admin", "state": {"cookies": []}})
            shared.allow("a@b.c")
        os._exit(0)
    os.waitpid(pid, 0)
    with shared.alone_with("admin"):
        assert (shared.get("admin-session") or {})["name"] == "admin"
    assert shared.allowed() == ["a@b.c"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.glob("*.json")} == {0o600}
    shared.close()
    assert not folder.exists()


# --- whole runs


def _project(folder: Path, *scenarios: tuple[str, str]) -> None:
    """A suite of these scenarios `(name, thing)`, run by the gate's own environment."""
    (folder / "behave.ini").write_text("[behave]\npaths = features\ndefault_format = null\n", encoding="utf-8")
    hooks = f"exec(compile(open({str(ROOT / 'environment.py')!r}).read(), 'environment.py', 'exec'))\n"
    (folder / "environment.py").write_text(hooks, encoding="utf-8")
    (folder / "steps").mkdir()
    shutil.copy(HERE / "waiting_steps.py", folder / "steps")
    rows = ["# language: en", "@en", "Feature: waits", ""]
    for name, thing in scenarios:
        rows += ["  @p0 @s1.p0.1.1", f"  Scenario: {name}", f"    Given a thing that {thing}", ""]
    (folder / "features" / "en").mkdir(parents=True)
    (folder / "features" / "en" / "waits.feature").write_text("\n".join(rows), encoding="utf-8")


def _start(folder: Path, workers: int, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")}
    environment |= {"GATE_DOMAIN": "127.0.0.1:9", "PYTHONPATH": str(ROOT), "GATE_WORKERS": str(workers)}
    command = [sys.executable, "-m", "behave", "--runner=runner.conductor:Conductor", *arguments]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _run(folder: Path, workers: int, *arguments: str) -> tuple[int, str]:
    process = _start(folder, workers, *arguments)
    told, _ = process.communicate(timeout=END_SECONDS)
    return process.returncode, told


def _record(folder: Path) -> Any:
    return read_run(folder / "reports" / "run.jsonl")


def _agrees(folder: Path) -> None:
    """Record, behave's count and Allure say the same."""
    run = _record(folder)
    behaves = {"not-proven": "skipped"}  # so the gate tells it to behave
    assert run.end and run.end.behave == dict(Counter(behaves.get(one.status, one.status) for one in run.results))
    assert read_allure(folder / "reports" / "allure-results").names == Counter(one.name for one in run.results)
    assert not run.problems


@pytest.mark.parametrize("workers", [1, 3])
def test_a_run_is_the_same_run_with_any_number_of_workers(tmp_path, workers):
    good = [(f"good {number}", "takes 0.3 s") for number in range(9)]
    _project(tmp_path, *good, ("bad", "is broken"), ("unknown", "cannot be proven"))
    code, told = _run(tmp_path, workers)
    run = _record(tmp_path)
    assert code == 1, told
    assert sorted(one.key for one in run.results) == sorted(run.start.selection)
    assert Counter(one.status for one in run.results) == {"passed": 9, "failed": 1, "not-proven": 1}
    assert "[11/11]" in told and "9 scenarios passed, 1 failed, 1 skipped" in told
    assert "1 x Nobody knows." in told
    _agrees(tmp_path)
    marks = [row.split() for row in (tmp_path / "marks").read_text(encoding="utf-8").splitlines()]
    assert len({mark for mark, *_ in marks}) == 9
    assert len({pid for _, pid, *_ in marks}) == workers


def test_all_green_is_exit_code_zero(tmp_path):
    _project(tmp_path, *((f"good {number}", "takes 0.1 s") for number in range(4)))
    code, told = _run(tmp_path, 2)
    assert code == 0, told
    assert "4 scenarios passed, 0 failed, 0 skipped" in told


def test_a_worker_that_dies_is_named_and_costs_its_own_scenario_alone(tmp_path):
    good = [(f"good {number}", "takes 0.2 s") for number in range(6)]
    _project(tmp_path, *good[:3], ("deadly", "ends its worker"), *good[3:])
    code, told = _run(tmp_path, 2)
    run = _record(tmp_path)
    assert code == 1, told
    assert sorted(one.name for one in run.results) == sorted(name for name, _ in good)
    assert len(run.end.died) == 1 and "deadly" in run.end.died[0]
    _agrees(tmp_path)


def test_a_run_whose_worker_died_is_not_believed(tmp_path):
    _project(tmp_path, ("good", "takes 0.1 s"), ("deadly", "ends its worker"))
    _run(tmp_path, 2)

    class Account:
        run = _record(tmp_path)

    assert any("died" in text.en and "deadly" in text.en for text in _ending(Account))  # type: ignore[arg-type]


def test_a_ctrl_c_ends_all_workers_and_keeps_what_there_is(tmp_path):
    _project(tmp_path, ("quick", "takes 0.1 s"), *((f"slow {number}", "takes 30.0 s") for number in range(3)))
    process = _start(tmp_path, 2)
    deadline = time.monotonic() + END_SECONDS
    while not (tmp_path / "marks").exists() or len((tmp_path / "marks").read_text().splitlines()) < 3:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    workers = {int(row.split()[1]) for row in (tmp_path / "marks").read_text(encoding="utf-8").splitlines()}
    os.killpg(process.pid, signal.SIGINT)
    told, _ = process.communicate(timeout=20)
    run = _record(tmp_path)
    assert process.returncode == 1 and run.end.aborted and not run.end.died, told
    assert {one.name for one in run.results if one.status == "passed"} == {"quick"}
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_formatter_of_behaves_own_and_a_stop_at_the_first_failure_keep_to_one_process(tmp_path):
    _project(tmp_path, ("one", "takes 0.1 s"), ("two", "takes 0.1 s"))
    assert _run(tmp_path, 2, "--stop")[0] == 0
    assert len({row.split()[1] for row in (tmp_path / "marks").read_text().splitlines()}) == 1
    (tmp_path / "marks").unlink()
    assert "Scenario: one" in _run(tmp_path, 2, "-f", "plain")[1]
    assert len({row.split()[1] for row in (tmp_path / "marks").read_text().splitlines()}) == 1


def test_each_record_line_is_written_once(tmp_path):
    _project(tmp_path, *((f"good {number}", "takes 0.0 s") for number in range(30)))
    _run(tmp_path, 4)
    lines = [json.loads(line) for line in (tmp_path / "reports" / "run.jsonl").read_text().splitlines()]
    assert Counter(line["kind"] for line in lines) == {"start": 1, "scenario": 30, "end": 1}
