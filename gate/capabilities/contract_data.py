"""What the tables promise (contract 3), read from PostgreSQL's own catalogue and from the rows that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gate import evidence
from gate.errors import NotProven
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.world import World

COLUMNS: Mapping[str, str] = {
    "agent_runs": "id correlation_id project_id status run_payload learning_mode started_at finished_at created_at"
    " updated_at",
    "flow_events": "id correlation_id actor_type actor_id event_type payload created_at",
    "slots": "id project_id slot_no state lease_owner lease_until",
    # `is_platform_owner` appeared late in S1 (contract 2).
    "users": "id email github_user_id github_login is_platform_admin",
    "projects": "id slug name settings",
    "project_members": "project_id user_id role learning_mode_override",
    "repositories": "id project_id provider external_id owner name token_encrypted services_yaml_path",
    "learning_feedback": "id run_id repository_id pr_number file_path line kind explanation created_at",
    "goose_db_version": "version_id is_applied",
}
# Columns whose kind the contract gives and that hold less, or something else, under another one.
KINDS: Mapping[str, str] = {
    "agent_runs.id": "uuid",
    "agent_runs.correlation_id": "text",
    "agent_runs.project_id": "uuid",
    "agent_runs.run_payload": "jsonb",
    "agent_runs.learning_mode": "boolean",
    "flow_events.id": "bigint",
    "flow_events.payload": "jsonb",
    "projects.settings": "jsonb",
    "project_members.learning_mode_override": "boolean",
    "repositories.external_id": "bigint",
    "repositories.token_encrypted": "bytea",
    "learning_feedback.id": "bigint",
}
# A varchar without a length is a text by another name.
COLUMN_KINDS = """
SELECT attname::text AS name,
    regexp_replace(format_type(atttypid, atttypmod), '^character varying$', 'text') AS kind
FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""
UNIQUE: Mapping[str, frozenset[str]] = {
    "agent_runs": frozenset({"correlation_id"}),
    "slots": frozenset({"project_id", "slot_no"}),
    "users": frozenset({"email"}),
    "projects": frozenset({"slug"}),
    "project_members": frozenset({"project_id", "user_id"}),
    "repositories": frozenset({"provider", "external_id"}),
}
# Unique by whole columns and for all rows; what is unique for some rows only would let others in twice. What an
# index only carries along (INCLUDE) comes after what it is unique by.
INDEXES = """
SELECT i.indexrelid::regclass::text AS name, array_agg(a.attname::text) AS columns FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY((i.indkey::int2[])[0:i.indnkeyatts - 1])
WHERE i.indrelid = to_regclass(%s) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
    AND i.indexprs IS NULL GROUP BY i.indexrelid
"""
# In place of a case-blind column (citext) a build may keep a unique index over lower(email); one over lower(slug)
# refuses more than it must.
FOLDED: Mapping[str, str] = {"users": "email", "projects": "slug"}
LOWER = """
SELECT count(*) > 0 FROM pg_index WHERE indrelid = to_regclass(%s) AND indisunique AND indisvalid
    AND indpred IS NULL AND indnkeyatts = 1
    AND pg_get_indexdef(indexrelid, 1, true) ~* ('^lower\\(.*\\m' || %s || '\\M')
"""
BLIND_EMAIL = """
SELECT count(*) > 0 FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass('users') AND a.attname = 'email' AND t.typname = 'citext'
"""
CASCADES = """
SELECT confdeltype::text FROM pg_constraint WHERE contype = 'f' AND conrelid = to_regclass('agent_runs')
    AND confrelid = to_regclass('projects')
"""
TIES = """
SELECT conname::text AS name, confrelid::regclass::text AS to_table FROM pg_constraint
WHERE contype = 'f' AND conrelid = to_regclass('flow_events')
"""
# `users.is_platform_owner` appeared late in S1 (contract 2).
OWNERS_KNOWN = """
SELECT count(*) > 0 FROM pg_attribute
WHERE attrelid = to_regclass('users') AND attname = 'is_platform_owner' AND NOT attisdropped
"""
# What no row may be; each counts the rows that are.
BROKEN_ROWS: Mapping[str, str] = {
    "agent_runs.status": "SELECT count(*) FROM agent_runs WHERE status::text NOT IN"
    " ('pending', 'running', 'succeeded', 'failed', 'canceled')",
    "slots.state": "SELECT count(*) FROM slots WHERE state::text NOT IN ('free', 'leased', 'releasing')",
    "project_members.role": "SELECT count(*) FROM project_members WHERE role::text NOT IN"
    " ('read', 'read_write', 'admin')",
    "learning_feedback.kind": "SELECT count(*) FROM learning_feedback"
    " WHERE kind::text NOT IN ('inline', 'post_pr')",
    "users: owners beyond the first": "SELECT greatest(count(*) - 1, 0) FROM users"
    " WHERE (to_jsonb(users) ->> 'is_platform_owner')::boolean",
}


class DataRules:
    """One table, or all of them, looked at without changing anything."""

    def __init__(self, world: World) -> None:
        self._target = world.target
        self._database = world.target.database
        self._table = ""
        self._columns: dict[str, str] = {}
        self._unique: list[frozenset[str]] = []

    # --- acts

    def look_at(self, table: str) -> None:
        """Its columns and its unique indexes."""
        self._table = table
        self._columns = {row["name"]: row["kind"] for row in self._database.query(COLUMN_KINDS, table)}
        self._unique = [frozenset(row["columns"]) for row in self._database.query(INDEXES, table)]

    # --- checks

    def expect_columns(self) -> None:
        """All that the contract names are there, and can hold what it says."""
        lacking = sorted(set(COLUMNS[self._table].split()) - self._columns.keys())
        ensure(
            self._columns and not lacking,
            f"Table {self._table} lacks {lacking or 'everything'}.",
            f"В таблице {self._table} нет столбцов {lacking or 'вообще'}.",
        )
        kinds = {name: (kind, KINDS.get(f"{self._table}.{name}", kind)) for name, kind in self._columns.items()}
        wrong = {name: pair for name, pair in kinds.items() if pair[0] != pair[1]}
        ensure(
            not wrong,
            f"Columns of {self._table} are of another kind than the contract's (is, should be): {wrong}.",
            f"Столбцы {self._table} не того типа, что в контракте (есть, нужно): {wrong}.",
        )

    def expect_unique(self) -> None:
        """The database itself refuses a second row."""
        wanted = UNIQUE.get(self._table)
        if wanted is None:
            raise NotProven(say("The contract has no such rule.", "В контракте такого правила нет."), "suite")
        told = ", ".join(sorted(wanted))
        folded = FOLDED.get(self._table)
        lower = folded and self._database.value(LOWER, self._table, folded)
        there = [", ".join(sorted(unique)) for unique in self._unique]
        ensure(
            # An index over fewer of these columns promises more; one over lower(…) has no plain column.
            any(unique <= wanted for unique in self._unique) or lower,
            f"Nothing keeps {self._table} from the same ({told}) twice: unique are {there}.",
            f"Ничто не мешает {self._table} принять ({told}) дважды: уникальны {there}.",
        )
        ensure(
            self._table != "users" or lower or self._database.value(BLIND_EMAIL),
            "The same e-mail in another case can be stored a second time.",
            "Тот же email в другом регистре можно записать второй раз.",
        )

    def expect_no_broken_rows(self) -> None:
        """No row of any table has a value that the contract does not know."""
        counts = {rule: self._database.value(sql) for rule, sql in BROKEN_ROWS.items()}
        broken = {rule: count for rule, count in counts.items() if count}
        ensure(
            not broken,
            f"Rows break the contract's rules: {broken}.",
            f"Строки нарушают правила контракта: {broken}.",
        )

    def expect_cascade(self) -> None:
        """Runs go with their project."""
        actions = {row["confdeltype"] for row in self._database.query(CASCADES)}
        ensure(
            actions == {"c"},
            f"Runs do not go with their project: ON DELETE is {actions or 'not there'}.",
            f"Запуски не удаляются вместе с проектом: ON DELETE {actions or 'нет'}.",
        )

    def expect_events_untied(self) -> None:
        """Events outlive what they tell of: their table has no foreign key (contract 3)."""
        ties = {row["name"]: row["to_table"] for row in self._database.query(TIES)}
        ensure(
            not ties,
            f"Table flow_events is tied to others by foreign keys: {ties}.",
            f"Таблица flow_events привязана к другим внешними ключами: {ties}.",
        )

    def expect_owner(self) -> None:
        """Whom the deploy names as owner may come in, and is the owner; an admin, where no table knows owners."""
        email = self._target.fact("GATE_OWNER_EMAIL", optional=True)
        if not email:
            evidence.weaker(
                say(
                    "Who the owner should be is not known here (GATE_OWNER_EMAIL).",
                    "Кто должен быть владельцем, здесь неизвестно (GATE_OWNER_EMAIL).",
                )
            )
            return
        user = self._database.user(email)
        known = self._database.value(OWNERS_KNOWN)
        ensure(
            user and (user.is_platform_owner or (user.is_platform_admin and not known)),
            f"The owner that the deploy names, {email}, is {user}.",
            f"Владелец, названный при deploy, {email}: {user}.",
        )
