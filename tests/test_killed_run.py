"""A run that is interrupted cleans up by itself; one that is killed is cleaned up after. Nothing else is touched.

Counted and compared over every row of the whole database and every hook of the test repositories.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gate.cleaning import dismiss
from gate.commands import run as run_command
from gate.guests import Guests, guests_of
from gate.language import Text
from gate.settings import Settings
from gate.target import Target
from gate.waiting import until

ROOT = Path(__file__).resolve().parent.parent
FEATURES = ("features/en/webhook.feature", "features/ru/webhook.feature")
OTHERS = ("team-a", "team-b")
SCENARIOS_BEFORE_THE_END = 4
# A row that is just being removed is locked, and does not count as made.
MADE = """
SELECT count(*) FROM (SELECT FROM agent_runs WHERE correlation_id LIKE 'gate-%' FOR UPDATE SKIP LOCKED) AS kept
"""


@pytest.fixture(scope="module")
def given() -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "sandbox", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        values = json.loads(process.stdout.readline())
        yield {name: value for name, value in values.items() if name.startswith("GATE_")}
        process.terminate()


@pytest.fixture(scope="module")
def target(given: dict[str, str]) -> Iterator[Target]:
    """The staging, with the projects, runs and hooks of two other teams."""
    opened = Target(Settings(given))
    for name in OTHERS:
        execute = opened.database.execute
        execute("INSERT INTO projects (slug, name, settings) VALUES (%s, %s, '{}')", name, name)
        execute("INSERT INTO users (email) VALUES (%s)", f"{name}@corp.test")
        execute(
            "INSERT INTO project_members (project_id, user_id, role)"
            " SELECT p.id, u.id, 'admin' FROM projects p, users u WHERE p.slug = %s AND u.email = %s",
            name,
            f"{name}@corp.test",
        )
        execute(
            "INSERT INTO agent_runs (correlation_id, status, run_payload, project_id)"
            " SELECT %s, 'succeeded', '{}', id FROM projects WHERE slug = %s",
            f"{name}-1",
            name,
        )
    opened.github.create_hook(_repositories(opened)[0], "https://ci.corp.test/hook", ["push"])
    yield opened
    opened.close()


def _repositories(target: Target) -> list[str]:
    return list(target.settings["GATE_GITHUB_REPOSITORIES"])


def everything(target: Target) -> dict[str, Any]:
    """Every row of every table, as one sum each, and every hook."""
    tables = target.database.query(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    rows = {
        row["name"]: target.database.value(
            f"SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '' ORDER BY t::text), ''))"
            f" FROM {row['name']} t"
        )
        for row in tables
    }
    return rows | {name: target.github.hooks(name) for name in _repositories(target)}


def interrupted(given: dict[str, str], target: Target, reports: Path, how: signal.Signals) -> int:
    """Start a run, end it in this way while something of it is there; returns its exit code.

    It stands still while one looks: a scenario removes at its end what it made, so that a run which goes on may
    have nothing there by the time it is ended.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")}
    command = [sys.executable, "-m", "behave", *FEATURES]
    environment = {**clean, **given, "GATE_REPORTS": str(reports)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as run:
        record = reports / "run.jsonl"

        def caught() -> bool:
            told = record.read_text(encoding="utf-8") if record.is_file() else ""
            if told.count('"kind": "scenario"') < SCENARIOS_BEFORE_THE_END:
                return False
            run.send_signal(signal.SIGSTOP)
            if target.database.value(MADE):
                return True
            run.send_signal(signal.SIGCONT)
            return False

        until(
            caught,
            lambda is_caught: is_caught or run.poll() is not None,
            what=Text("a run under way that has made something", "прогон, который уже что-то создал"),
            within=60,
        )
        assert run.poll() is None, "the run was over before it could be interrupted"
        run.send_signal(how)
        run.send_signal(signal.SIGCONT)
        return run.wait(60)


def test_after_ctrl_c_nothing_is_left(given: dict[str, str], target: Target, tmp_path: Path) -> None:
    before = everything(target)
    assert interrupted(given, target, tmp_path, signal.SIGINT) != 0
    assert everything(target) == before


def test_what_a_killed_run_left_is_listed_and_then_removed(
    given: dict[str, str], target: Target, tmp_path: Path
) -> None:
    before = everything(target)
    assert interrupted(given, target, tmp_path, signal.SIGKILL) == -signal.SIGKILL
    left = everything(target)
    assert left["agent_runs"] != before["agent_runs"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")} | given

    def command(*options: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "gate", "clean", "--older-than", "0", *options],
            cwd=ROOT, env=clean, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout

    assert "gate-" in command("--dry-run")
    command()
    assert everything(target) == before


STOPS_POLITELY = """
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(5))
print("ready", flush=True)
time.sleep(60)
"""


def test_a_run_that_is_told_to_end_stops_as_after_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def started(_: list[str]) -> subprocess.Popen[str]:
        child = start([sys.executable, "-c", STOPS_POLITELY], stdout=subprocess.PIPE, text=True)
        assert child.stdout and child.stdout.readline() == "ready\n"
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
        return child

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(subprocess, "Popen", started)
    try:
        run_command._behave([], tmp_path / "run.jsonl")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert json.loads((tmp_path / "run.jsonl").read_text(encoding="utf-8"))["code"] == 5


LETS_IN = """
import json, os, signal, sys
from gate.settings import Settings
from gate.target import Target
target = Target(Settings(json.loads(sys.argv[1])))
target.people._prepare("member")
if sys.argv[2] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
print(os.listdir(target.settings["GATE_REPORTS"]))
target.close()
"""


def test_who_was_let_in_by_a_killed_run_is_taken_off(
    given: dict[str, str], target: Target, tmp_path: Path
) -> None:
    guest, kept = "new.tester@corp.test", tmp_path / ".allowed.json"
    values = given | {"GATE_REPORTS": str(tmp_path), "GATE_MEMBER_EMAIL": guest}
    command = [sys.executable, "-c", LETS_IN, json.dumps(values)]
    ended = subprocess.run([*command, "by itself"], cwd=ROOT, timeout=60, check=True, capture_output=True)
    assert b".allowed.json" in ended.stdout
    assert not target.database.user(guest) and not kept.exists()
    assert subprocess.run([*command, "killed"], cwd=ROOT, timeout=60, check=False).returncode == -signal.SIGKILL
    assert target.database.user(guest)
    assert kept.stat().st_mode & 0o777 == 0o600
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")} | values

    def cleaned(*options: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "gate", "clean", *options],
            cwd=ROOT, env=clean, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout

    assert guest not in cleaned()
    assert guest in cleaned("--older-than", "0", "--dry-run") and target.database.user(guest)
    assert guest in cleaned("--older-than", "0")
    assert not target.database.user(guest) and not kept.exists()


def test_a_guest_of_whom_more_was_made_stays(target: Target, tmp_path: Path) -> None:
    values = {name: target.settings.raw(name) for name in ("GATE_DOMAIN", "GATE_DATABASE_URL")}
    aimed = Target(Settings(values | {"GATE_REPORTS": str(tmp_path)}))
    guests = guests_of(aimed)
    try:
        for email in (f"{OTHERS[0]}@corp.test", "nobody@corp.test"):
            guests.add(email)
        # Of another staging nobody here knows anything.
        assert Guests(tmp_path, "other.test").emails() == []
        assert not dismiss(aimed, f"{OTHERS[0]}@corp.test")
        assert dismiss(aimed, "nobody@corp.test")
        assert guests.emails() == []
    finally:
        aimed.close()
