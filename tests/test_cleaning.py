"""Cleaning: nothing that bears the mark stays, nothing else is touched; counted on a staging of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from gate.cleaning import REMOVALS, forgotten_hooks, leftovers, remove, withdraw
from gate.commands.clean import age
from gate.doors.database import REPOSITORIES_TURN
from gate.doors.pulse import trouble
from gate.doors.webhook import new_delivery
from gate.errors import NotProven
from gate.language import Text
from gate.settings import BY_NAME, Settings
from gate.target import Target
from gate.waiting import until
from gate.watching import derived_project

ROOT = Path(__file__).resolve().parent.parent
TABLES = [table for table, _ in REMOVALS]
# Names that a careless pattern would take for marked ones.
NEIGHBOURS = ("gate-{hex}0-1/probe", "gateX{hex}-1", "gate-facade", "gate_{hex}-1", "my-gate-{hex}")


@pytest.fixture(scope="module")
def staging() -> Iterator[Settings]:
    command = [sys.executable, "-m", "sandbox", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        given = json.loads(process.stdout.readline())
        yield Settings({**given, "GATE_RUN_SECONDS": "20"})
        process.terminate()


@pytest.fixture
def target(staging: Settings) -> Iterator[Target]:
    opened = Target(staging)
    yield opened
    opened.close()


def counts(target: Target) -> dict[str, int]:
    return {table: int(target.database.value(f"SELECT count(*) FROM {table}")) for table in TABLES}


def make_everything(target: Target, number: int = 1) -> None:
    """One marked row, at least, in every table; a run that ends and a hook at GitHub."""
    mark, database = f"{target.mark}-{number}", target.database
    delivery = new_delivery(mark, "push", repository=f"{mark}/Probe")
    assert target.webhook.send(delivery).status == 202
    database.execute("INSERT INTO users (email) VALUES (%s)", f"{mark}-someone@gate.test")
    database.execute(
        "INSERT INTO projects (slug, name, settings) VALUES (%s, %s, '{}')", f"{mark}-project", "Anything"
    )
    project = database.project(f"{mark}-project")
    user = database.user(f"{mark}-someone@gate.test")
    assert project and user
    database.execute(
        "INSERT INTO project_members (project_id, user_id, role) VALUES (%s, %s, 'read')", project.id, user.id
    )
    database.execute(
        "INSERT INTO repositories (project_id, provider, external_id, owner, name, token_encrypted,"
        " services_yaml_path) VALUES (%s, 'github', %s, 'o', 'n', '\\x00', 's')",
        project.id,
        9_000_000_000_000 + number,
    )
    run = database.run_of(str(delivery.id))
    assert run
    database.execute(
        "INSERT INTO learning_feedback (run_id, kind, explanation) VALUES (%s, 'inline', 'because')", run.id
    )


def plant_neighbours(target: Target) -> None:
    hexes = target.mark.removeprefix("gate-")
    for pattern in NEIGHBOURS:
        name = pattern.format(hex=hexes)
        target.database.execute("INSERT INTO projects (slug, name, settings) VALUES (%s, %s, '{}')", name, name)
        target.database.execute("INSERT INTO users (email) VALUES (%s)", f"{name.replace('/', '.')}@gate.test")
        target.database.execute(
            "INSERT INTO agent_runs (correlation_id, status, run_payload) VALUES (%s, 'succeeded', '{}')", name
        )


def test_everything_marked_goes_and_nothing_else(target: Target) -> None:
    plant_neighbours(target)
    before = counts(target)
    for number in (1, 2, 10):
        make_everything(target, number)
    assert all(count > before[table] for table, count in counts(target).items() if table != "slots")
    assert target.clean_up() == ""
    assert counts(target) == before
    assert leftovers(target, timedelta()) == []


def test_jobs_of_marked_runs_go(target: Target) -> None:
    make_everything(target)
    run = target.database.run_of(str(target.database.value(
        "SELECT correlation_id FROM agent_runs WHERE correlation_id LIKE %s", f"{target.mark}%"
    )))  # fmt: skip
    assert run
    target.clean_up()
    assert target.cluster.jobs_of(str(run.id)) == []


def test_jobs_of_runs_that_went_with_their_project_go(target: Target) -> None:
    name = f"{target.mark}-1/gone"
    delivery = new_delivery(f"{target.mark}-1", "push", repository=name)
    run_id = target.webhook.send(delivery).json()["run_id"]
    until(
        lambda: target.database.run(run_id),
        lambda run: run and run.status == "succeeded",
        what=Text("the end of a run", "конец запуска"),
        within=10,
    )
    target.database.execute("DELETE FROM projects WHERE slug = %s", name)
    assert target.cluster.jobs_of(run_id) and not target.database.run(run_id)
    target.clean_up()
    assert target.cluster.jobs_of(run_id) == []


def test_nothing_is_left_of_what_github_greeted(staging: Settings, target: Target, tmp_path: Path) -> None:
    before = counts(target)
    title = "Two repositories are attached to one project, their tokens kept secret"
    subprocess.run(
        [sys.executable, "-m", "behave", "features/en/repositories.feature", "-n", title],
        cwd=ROOT,
        env={**os.environ, **{name: staging.raw(name) for name in BY_NAME}, "GATE_REPORTS": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    assert counts(target) == before


def test_the_project_of_a_run_without_a_repository_goes(target: Target) -> None:
    before = counts(target)
    delivery = new_delivery(f"{target.mark}-1", "ping")
    nameless = replace(delivery, payload={}, body=b"{}")
    assert target.webhook.send(nameless).status == 202
    claimed = until(
        lambda: target.database.run_of(str(delivery.id)),
        lambda run: run and run.project_id,
        what=Text("a claimed run", "запуск"),
        within=10,
    )
    assert claimed
    # The contract says what its id is, and not what it is called.
    changed = target.database.execute(
        "UPDATE projects SET slug = %s WHERE id = %s", "nameless", claimed.project_id
    )
    assert changed == 1
    target.clean_up()
    assert counts(target) == before


def test_a_run_that_greets_a_new_hook_goes_with_its_project(target: Target) -> None:
    before = counts(target)
    make_everything(target)
    project = target.database.project(f"{target.mark}-1-project")
    assert project
    target.database.execute(
        "INSERT INTO agent_runs (correlation_id, project_id, status, run_payload)"
        " VALUES ('72d3162e-cc78-11e3-81ab-4c9367dc0958', %s, 'succeeded', '{}')",
        project.id,
    )
    target.database.execute(
        "INSERT INTO flow_events (correlation_id, actor_type, event_type, payload)"
        " VALUES ('72d3162e-cc78-11e3-81ab-4c9367dc0958', 'system', 'webhook.received', '{}')"
    )
    target.clean_up()
    assert counts(target) == before


def test_a_greeting_from_before_the_run_stays_until_what_was_left_is_cleaned(target: Target) -> None:
    name = target.settings["GATE_GITHUB_REPOSITORIES"][0]
    greeting = {"raw_payload": {"zen": "", "hook_id": 1, "repository": {"full_name": name}}}
    theirs = str(uuid4())
    target.database.execute(
        "INSERT INTO agent_runs (correlation_id, status, run_payload, created_at)"
        " VALUES (%s, 'succeeded', %s, now() - interval '20 minutes')",
        theirs, json.dumps(greeting),
    )  # fmt: skip
    target.webhook.send(new_delivery(f"{target.mark}-1", "ping"))
    assert target.clean_up() == ""
    assert target.database.run_of(theirs)
    remove(target, target.mark)
    assert not target.database.run_of(theirs)


@pytest.mark.parametrize("claimed", [False, True], ids=["not claimed", "claimed"])
def test_a_run_that_greets_a_hook_of_a_test_repository_goes_wherever_it_came_to(
    target: Target, claimed: bool
) -> None:
    name = target.settings["GATE_GITHUB_REPOSITORIES"][0]
    before, home = counts(target), derived_project(name)
    payload = json.dumps({"zen": "Design for failure.", "hook_id": 1, "repository": {"id": 1, "full_name": name}})
    if claimed:
        target.database.execute(
            "INSERT INTO projects (id, slug, name) VALUES (%s, %s, 'greeted')", home, name.lower()
        )
    target.database.execute(
        "INSERT INTO agent_runs (correlation_id, project_id, status, run_payload)"
        " VALUES (%s, %s, 'succeeded', jsonb_build_object('raw_payload', %s::jsonb))",
        str(uuid4()), home if claimed else None, payload,
    )  # fmt: skip
    target.webhook.send(new_delivery(f"{target.mark}-1", "ping"))
    target.clean_up()
    assert counts(target) == before


def test_a_project_of_a_test_repository_in_which_others_work_stays(target: Target) -> None:
    name = target.settings["GATE_GITHUB_REPOSITORIES"][0]
    home, database = derived_project(name), target.database
    database.execute("INSERT INTO projects (id, slug, name) VALUES (%s, %s, 'n')", home, name)
    greeting = json.dumps({"raw_payload": {"zen": "", "hook_id": 1, "repository": {"full_name": name}}})
    for payload in (greeting, "{}"):
        database.execute(
            "INSERT INTO agent_runs (correlation_id, project_id, status, run_payload)"
            " VALUES (%s, %s, 'failed', %s)",
            str(uuid4()), home, payload,
        )  # fmt: skip
    remove(target, target.mark)
    assert database.project_by_id(home)
    assert database.value("SELECT count(*) FROM agent_runs WHERE project_id = %s", home) == 1
    database.execute("DELETE FROM projects WHERE id = %s", home)


def test_what_waits_is_withdrawn_and_what_runs_is_not(target: Target) -> None:
    first, second = (new_delivery(f"{target.mark}-1", "push") for _ in range(2))
    for delivery in (first, second):
        target.database.execute(
            "INSERT INTO agent_runs (correlation_id, status, run_payload) VALUES (%s, %s, '{}')",
            delivery.id,
            "pending" if delivery is first else "succeeded",
        )
    withdraw(target, [str(first.id), str(second.id)])
    assert target.database.run_of(str(second.id))
    remove(target, target.mark)


def test_leftovers_of_a_killed_run_are_listed_by_age(target: Target, staging: Settings) -> None:
    killed = Target(staging)
    make_everything(killed)
    killed.close()
    assert leftovers(target, timedelta(hours=2)) == []
    found = leftovers(target, timedelta())
    assert [leftover.mark for leftover in found] == [killed.mark]
    assert {"runs", "events", "projects", "users"} <= found[0].rows.keys()
    remove(target, killed.mark)
    assert leftovers(target, timedelta()) == []


def test_forgotten_hooks_are_those_of_no_project(target: Target) -> None:
    full_name = target.settings["GATE_GITHUB_REPOSITORIES"][0]
    before = target.github.hooks(full_name)
    ours = target.github.create_hook(full_name, target.webhook_url, ["push"])
    target.github.create_hook(full_name, "https://ci.example/hook", ["push"])
    assert [(name, hook.id) for name, hook in forgotten_hooks(target, timedelta())] == [(full_name, ours.id)]
    assert forgotten_hooks(target, timedelta(hours=2)) == []
    aged = replace(ours, created_at=datetime.now(UTC) - timedelta(hours=3))
    ageless = replace(ours, id=ours.id + 1000, created_at=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target.github, "hooks", lambda name: [aged, ageless] if name == full_name else [])
        assert forgotten_hooks(target, timedelta(hours=2)) == [(full_name, aged)]
    for hook in target.github.hooks(full_name):
        if hook not in before:
            target.github.delete_hook(full_name, hook.id)


def test_two_gates_at_once_leave_each_others_rows_and_turns_alone(target: Target, staging: Settings) -> None:
    other = Target(staging)
    try:
        before = counts(target)
        make_everything(other)
        theirs = counts(target)
        make_everything(target, 2)
        assert target.clean_up() == ""
        # Their run goes on meanwhile, so there may be more of its events.
        assert all(count >= theirs[table] for table, count in counts(target).items())
        assert other.database.locked(REPOSITORIES_TURN)
        assert not target.database.locked(REPOSITORIES_TURN)
        with pytest.raises(NotProven, match="another gate is at the test repositories"):
            forgotten_hooks(target, timedelta())
        other.database.unlock(REPOSITORIES_TURN)
        assert target.database.locked(REPOSITORIES_TURN)
        target.database.close()  # whoever is killed holds nothing up, once the server has seen it
        free = Text("the other's turn", "очередь другого")
        until(lambda: other.database.locked(REPOSITORIES_TURN), bool, what=free, within=10)
        assert other.clean_up() == ""
        assert counts(other) == before
    finally:
        other.close()


def test_what_an_unknown_table_refers_to_stays_and_is_named(target: Target) -> None:
    database, before = target.database, counts(target)
    database.execute("CREATE TABLE audit_log (who uuid REFERENCES users, run uuid REFERENCES agent_runs)")
    try:
        for number in (1, 2):
            make_everything(target, number)
        mine = f"{target.mark}-1"
        audited = "INSERT INTO audit_log SELECT u.id, r.id FROM users u, agent_runs r"
        database.execute(f"{audited} WHERE email::text LIKE %s AND correlation_id LIKE %s", f"{mine}%", f"{mine}%")
        assert target.clean_up() == ""
        held = sorted(target.kept_rows)
        # The run's project goes with its runs or not at all.
        assert held == ["1 x agent_runs (audit_log)", "1 x projects (audit_log)", "1 x users (audit_log)"]
        assert sum(counts(target).values()) - sum(before.values()) <= len(held)
        assert "1 users" in str(leftovers(target, timedelta())[0])
    finally:
        database.execute("DROP TABLE audit_log")
    assert target.clean_up() == "" and target.kept_rows == []
    assert counts(target) == before


def test_a_target_that_made_nothing_opens_no_door(staging: Settings) -> None:
    lazy = Target(staging)
    assert lazy.clean_up() == ""
    assert "database" not in vars(lazy)


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("2h", 7200), ("1d", 86400), ("0", 0)])
def test_ages(text: str, seconds: int) -> None:
    assert age(text) == timedelta(seconds=seconds)


def test_what_a_platform_makes_of_a_pulse_goes(target: Target) -> None:
    before, sent = counts(target), []

    def request(method: str, _: str, headers: dict[str, str]) -> SimpleNamespace:
        sent.append(headers.get("X-GitHub-Delivery"))
        return SimpleNamespace(status=401)

    assert trouble(cast(Any, SimpleNamespace(request=request)), target.mark) == ""
    target.database.execute(
        "INSERT INTO agent_runs (correlation_id, status, run_payload) VALUES (%s, 'succeeded', '{}')", sent[1]
    )
    assert [leftover.mark for leftover in leftovers(target, timedelta())] == [target.mark]
    assert target.clean_up() == ""
    assert counts(target) == before
