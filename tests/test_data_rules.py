"""What the tables promise, asked of PostgreSQL: a stricter or wider one is fine, a looser one is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from gate.capabilities.contract_data import DataRules
from gate.doors.database import Database
from gate.errors import Broken
from sandbox import database
from sandbox.staging import Person, Staging

PEOPLE = {"admin": Person("o", "owner@codex-k8s.test", "-")}
NO_SLUG = "ALTER TABLE projects DROP CONSTRAINT projects_slug_key"
NO_PAIR = "ALTER TABLE slots DROP CONSTRAINT slots_project_id_slot_no_key"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    own = database.start(Staging(tmp_path_factory.mktemp("staging"), people=PEOPLE))
    door = Database(own.url)
    yield door
    door.close()
    own.stop()


@contextmanager
def changed(door: Database, table: str, *changes: str) -> Iterator[DataRules]:
    """The rules of a table while it is changed so."""
    world: Any = SimpleNamespace(target=SimpleNamespace(database=door))
    door.execute("BEGIN")
    try:
        for change in changes:
            door.execute(change)
        rules = DataRules(world)
        rules.look_at(table)
        yield rules
    finally:
        door.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("table", "lost", "index"),
    [
        ("projects", NO_SLUG, "(slug) INCLUDE (name)"),
        ("projects", NO_SLUG, "(lower(slug))"),
        ("slots", NO_PAIR, "(slot_no, project_id) INCLUDE (state, lease_owner)"),
    ],
)
def test_what_is_as_unique_or_more_is_fine(door: Database, table: str, lost: str, index: str) -> None:
    with changed(door, table, lost, f"CREATE UNIQUE INDEX ON {table} {index}") as rules:
        rules.expect_unique()


@pytest.mark.parametrize(
    ("table", "lost", "index"),
    [
        ("projects", NO_SLUG, "(id) INCLUDE (slug)"),
        ("projects", NO_SLUG, "(lower(slug)) WHERE name <> ''"),
        ("projects", NO_SLUG, "(lower(slug), name)"),
        ("projects", NO_SLUG, "(lower(name))"),
        ("slots", NO_PAIR, "(project_id, slot_no, state)"),
    ],
)
def test_what_is_less_unique_is_red(door: Database, table: str, lost: str, index: str) -> None:
    gone = f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey CASCADE"
    changes = (lost, gone, f"CREATE UNIQUE INDEX ON {table} {index}")
    with changed(door, table, *changes) as rules, pytest.raises(Broken, match="Nothing keeps"):
        rules.expect_unique()


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("agent_runs", "correlation_id", "varchar"),
        ("flow_events", "correlation_id", "varchar(200)"),
        ("slots", "slot_no", "bigint"),
    ],
)
def test_a_column_that_holds_as_much_is_fine(door: Database, table: str, column: str, kind: str) -> None:
    with changed(door, table, f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}") as rules:
        rules.expect_columns()


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("agent_runs", "correlation_id", "varchar(200)"),
        ("agent_runs", "run_payload", "json"),
        ("agent_runs", "id", "text"),
        ("learning_feedback", "id", "integer"),
        ("flow_events", "id", "numeric"),
    ],
)
def test_a_column_of_another_kind_is_red(door: Database, table: str, column: str, kind: str) -> None:
    # What refers to a column goes first, where it has another kind.
    loose = "ALTER TABLE learning_feedback DROP CONSTRAINT learning_feedback_run_id_fkey"
    change = f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}"
    with changed(door, table, loose, change) as rules, pytest.raises(Broken, match=column):
        rules.expect_columns()
