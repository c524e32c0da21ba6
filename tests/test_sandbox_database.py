"""The local staging's PostgreSQL: its own, borrowed, and gone when its sandbox is."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gate.capabilities.webhook import STRAY_EVENTS
from gate.doors.database import Database
from gate.errors import Broken, NotProven
from sandbox import database
from sandbox.database import PostgresError
from sandbox.staging import Person, Staging

ROOT = Path(__file__).parent.parent
PEOPLE = {"admin": Person("o", "Owner@codex-k8s.test", "-"), "stranger": Person("s", "s@elsewhere.test", "-")}
LIVES = """
import sys, time
from pathlib import Path
from sandbox import database
from sandbox.staging import Staging
found = database.start(Staging(Path(sys.argv[1])))
print(found.url, flush=True)
time.sleep(60)
"""


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def whole_server(url: str) -> None:
    """Ours holds a single database; a server of somebody's has the usual template too."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template1 TEMPLATE codex_k8s")
    with psycopg.connect(url.rpartition("/")[0] + "/template1", autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def refused(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return True
    return False


def test_own_and_borrowed_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = database.start(Staging(tmp_path, people=PEOPLE))
    try:
        assert rows(own.url, "SELECT email FROM users WHERE is_platform_owner") == [("Owner@codex-k8s.test",)]
        assert rows(own.url, "SELECT is_applied FROM goose_db_version ORDER BY id DESC LIMIT 1") == [(True,)]
        assert rows(own.url, "SELECT status FROM agent_runs WHERE status IN ('pending', 'running')") == []
        whole_server(own.url)
        monkeypatch.setenv("SANDBOX_POSTGRES", own.url)
        borrowed = database.start(Staging(tmp_path / "other", people=PEOPLE))
        assert "SANDBOX_POSTGRES" in borrowed.server and borrowed.url != own.url
        assert rows(borrowed.url, "SELECT count(*) FROM users") == rows(own.url, "SELECT count(*) FROM users")
        borrowed.stop()
        assert refused(borrowed.url)
    finally:
        own.stop()
    assert refused(own.url) and not list(tmp_path.iterdir())


def test_a_pooler_in_between_is_no_reason_to_give_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that gives each transaction another connection of the server, and takes no options at the start."""
    own = database.start(Staging(tmp_path, people=PEOPLE))
    connect, prepared = psycopg.connect, "SELECT count(*) FROM pg_prepared_statements"

    def pooled(url: str, options: str = "", **more: Any) -> Any:
        if options:
            raise psycopg.OperationalError("FATAL:  unsupported startup parameter in options: statement_timeout")
        return connect(url, **more)

    monkeypatch.setattr(psycopg, "connect", pooled)
    door = Database(own.url)
    try:
        assert [door.value("SELECT count(*) FROM users") for _ in range(9)] == [2] * 9
        assert door.value(prepared) == 1
        # What the server's other connections know nothing of.
        door.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
        assert [door.value("SELECT count(*) FROM users") for _ in range(9)] == [2] * 9
        assert door.value(prepared) == 0
    finally:
        door.close()
        monkeypatch.undo()
        own.stop()


def test_a_lock_that_the_server_ends_proves_nothing(tmp_path: Path) -> None:
    own = database.start(Staging(tmp_path, people=PEOPLE))
    door, ended = Database(own.url), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE %s"
    try:
        with door.holding("SELECT id FROM users FOR UPDATE"):
            pass
        with (
            pytest.raises(NotProven, match="database door"),
            door.holding("SELECT id AS held FROM users FOR UPDATE"),
        ):
            assert door.query(ended, "SELECT id AS held%")
    finally:
        door.close()
        own.stop()


def test_only_what_the_ingress_writes_without_an_id_is_a_stray(tmp_path: Path) -> None:
    own = database.start(Staging(tmp_path, people=PEOPLE))
    door = Database(own.url)
    write = "INSERT INTO flow_events (correlation_id, actor_type, event_type, payload) VALUES (%s, 'x', %s, %s)"
    try:
        last = door.value("SELECT coalesce(max(id), 0) FROM flow_events")
        for told in (
            ("", "webhook.received", "{}"),
            ("", "project.created", "{}"),
            ("", "project.created", '{"repository": 7001}'),
            ("other", "run.started", '{"repository": 7001}'),
            ("other", "webhook.received", "{}"),
            ("known", "webhook.received", '{"repository": 7001}'),
        ):
            door.execute(write, *told)
        found = door.query(STRAY_EVENTS, last, ["known"], "%7001%")
        assert [tuple(row.values()) for row in found] == [
            ("", "webhook.received"),
            ("", "project.created"),
            ("other", "run.started"),
        ]
    finally:
        door.close()
        own.stop()


def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_POSTGRES", "postgresql://nobody@127.0.0.1:1/postgres")
    with pytest.raises(PostgresError, match="SANDBOX_POSTGRES"):
        database.start(Staging(tmp_path))


def test_a_killed_sandbox_leaves_no_server_and_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "staging"
    folder.mkdir()
    process = subprocess.Popen([sys.executable, "-c", LIVES, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    url = process.stdout.readline().strip()
    assert not refused(url)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 8
    while not refused(url) or folder.exists():
        assert time.monotonic() < deadline, "the server outlived its sandbox"
        time.sleep(0.05)


def test_a_column_that_is_gone_is_the_platforms(tmp_path: Path) -> None:
    own = database.start(Staging(tmp_path, people=PEOPLE))
    try:
        door = Database(own.url)
        assert door.run_of("x") is None
        with psycopg.connect(own.url, autocommit=True) as connection:
            connection.execute("ALTER TABLE agent_runs RENAME COLUMN finished_at TO ended_at")
        with pytest.raises(Broken, match=r"agent_runs is not as contract 3 has it.*finished_at"):
            door.run_of("x")
        # Of what no contract names nobody says that it must be there.
        with pytest.raises(NotProven, match="nowhere"):
            door.query("SELECT nowhere FROM agent_runs")
        door.close()
    finally:
        own.stop()
