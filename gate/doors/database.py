"""The database door: what the platform wrote down (contract 3). One kept connection; rows as plain records."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from gate import evidence
from gate.doors import trail
from gate.doors.records import Event, Feedback, Project, Repository, Run, Slot, User
from gate.errors import Broken, Held, NotProven
from gate.language import say
from gate.redaction import redact

if TYPE_CHECKING:
    import psycopg

Row = TypeVar("Row")
Values = tuple[Any, ...] | Mapping[str, Any]
CONNECT_SECONDS = 10
# The lock by which gates at the same staging take turns at the test repositories.
REPOSITORIES_TURN = "codex-k8s-gate: test repositories"
# The first builds had no owner (contract 2): asked through jsonb the column may be missing.
OWNER = "coalesce((to_jsonb(users) ->> 'is_platform_owner')::boolean, false) AS is_platform_owner"
ATTACHED = (
    "INSERT INTO repositories ({}project_id, provider, external_id, owner, name, token_encrypted,"
    " services_yaml_path) VALUES ({}%s::uuid, 'github', %s, %s, %s, %s, 'services.yaml')"
)

# The columns of a table that neither count up nor are computed from others.
GIVEN_COLUMNS = """
SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND a.attidentity = '' AND coalesce(pg_get_expr(d.adbin, d.adrelid), '') NOT LIKE 'nextval%%'
"""


class Database:
    """The platform's database, read for judging; written only for what no API can set (contract 4)."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        evidence.conceal(say("The database's password", "Пароль базы данных"), url, urlsplit(url).password)
        self._url = url
        # What the address itself wants of the server, a search path for instance, stays in force.
        asked = dict(parse_qsl(urlsplit(url).query)).get("options", "")
        ours = f"-c statement_timeout=30000 -c default_transaction_read_only={'on' if read_only else 'off'}"
        self._options = f"{asked} {ours}".strip()
        self._read_only = read_only
        # Whether a pooler stands before the server that gives each transaction another connection of it.
        self._pooled = False
        self._connection: psycopg.Connection[Any] | None = None
        self._lock = threading.Lock()

    # --- what the checks ask for

    def run_of(self, delivery_id: str) -> Run | None:
        """The run recorded for a delivery, if there is one."""
        return self._one(Run, "agent_runs", "correlation_id = %s", delivery_id)

    def run(self, run_id: str) -> Run | None:
        """The run with this id, if there is one."""
        return self._one(Run, "agent_runs", "id = %s::uuid", run_id)

    def runs_of(self, delivery_ids: Sequence[str]) -> list[Run]:
        """The runs recorded for these deliveries, oldest first."""
        return self._all(Run, "agent_runs", "correlation_id = ANY(%s) ORDER BY created_at, id", list(delivery_ids))

    def payload_of(self, delivery_id: str) -> Any:
        """The payload as the platform kept it (`run_payload.raw_payload`)."""
        rows = self.query(
            "SELECT run_payload->'raw_payload' AS kept FROM agent_runs WHERE correlation_id = %s", delivery_id
        )
        return rows[0]["kept"] if rows else None

    def events_of(self, correlation_id: str, event_type: str | None = None) -> list[Event]:
        """The flow events of a delivery, in the order they were written."""
        found = self._all(Event, "flow_events", "correlation_id = %s ORDER BY id", correlation_id)
        for event in found:
            evidence.touched(f"event {event.event_type}")
        return [event for event in found if event_type in (None, event.event_type)]

    def slots_of(self, project_id: UUID | str) -> list[Slot]:
        """The slots of a project, by number."""
        return self._all(Slot, "slots", "project_id = %s::uuid ORDER BY slot_no", str(project_id))

    def user(self, email: str) -> User | None:
        """The person with this e-mail, in any case of its letters."""
        return self._one(User, "users", "lower(email::text) = lower(%s)", email)

    def users(self) -> list[User]:
        """Everybody who may use the platform."""
        return self._all(User, "users", "true ORDER BY email")

    def project(self, slug: str) -> Project | None:
        """The project with this slug."""
        return self._one(Project, "projects", "slug = %s", slug)

    def project_by_id(self, project_id: UUID | str) -> Project | None:
        """The project with this id."""
        return self._one(Project, "projects", "id = %s::uuid", str(project_id))

    def repositories_of(self, project_id: UUID | str) -> list[Repository]:
        """The repositories attached to a project."""
        return self._all(Repository, "repositories", "project_id = %s::uuid ORDER BY owner, name", str(project_id))

    def feedback_of(self, run_id: UUID | str) -> list[Feedback]:
        """The learning feedback of a run."""
        return self._all(Feedback, "learning_feedback", "run_id = %s::uuid ORDER BY id", str(run_id))

    # --- the plain means

    def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Rows as dictionaries; one mapping gives named values. A dropped connection is opened once more."""
        trail.queried(sql)
        given: Values = values[0] if len(values) == 1 and isinstance(values[0], Mapping) else values
        rows: list[dict[str, Any]] = self._do(lambda connection: self._fetch(connection, sql, given))
        return rows

    def value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row."""
        rows = self.query(sql, *values)
        return next(iter(rows[0].values())) if rows else None

    def execute(self, sql: str, *values: Any) -> int:
        """Change something; returns how many rows. Notes the statement in the evidence."""
        evidence.note(f"SQL  {' '.join(sql.split())}")
        trail.queried(sql)
        return int(self._do(lambda connection: connection.execute(sql, values or None).rowcount))

    def attach(self, project_id: UUID | str, external_id: int, full_name: str, token: bytes) -> None:
        """Attach a repository that GitHub does not know; `token` stands where a sealed one would."""
        values = (str(project_id), external_id, *full_name.split("/", 1), token)
        try:
            self.execute(ATTACHED.format("", ""), *values)
        except NotProven:
            # A table that makes no ids of its own: the contract does not say who makes them.
            self.execute(ATTACHED.format("id, ", "gen_random_uuid(), "), *values)

    def slot(self, project_id: UUID | str, number: int) -> None:
        """A free slot of a project, as its first run would leave it."""
        sql = "INSERT INTO slots ({}project_id, slot_no, state) VALUES ({}%s::uuid, %s, 'free')"
        try:
            self.execute(sql.format("", ""), str(project_id), number)
        except NotProven:
            # A table that makes no ids of its own: the contract does not say who makes them.
            self.execute(sql.format("id, ", "gen_random_uuid(), "), str(project_id), number)

    def invent_run(self, like: str, **columns: Any) -> None:
        """One more run, with all that another has but these columns: what no worker would make in seconds.

        Where else that one's ids stand, in the name of a Job say, stand the new one's; times fit the status.
        """
        times = {"pending": (None, None), "running": ("now", None), "canceled": (None, "now")}
        began, ended = times.get(columns.get("status", ""), ("now", "now"))
        columns = {"started_at": began, "finished_at": ended, **columns}
        made = (
            "SELECT (jsonb_populate_record(NULL::agent_runs, replace(replace(to_jsonb(r)::text, r.id::text, %s),"
            " r.correlation_id, %s)::jsonb || %s::jsonb)).* FROM agent_runs r WHERE id = %s::uuid"
        )
        given = json.dumps(columns, default=str)
        self.copy("agent_runs", made, str(columns["id"]), str(columns["correlation_id"]), given, like)

    def copy(self, table: str, made: str, *values: Any) -> None:
        """Put into a table what a SELECT makes of its rows; what the database counts or computes stays its own."""
        names = self.value(GIVEN_COLUMNS, table)
        self.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM ({made}) made", *values)

    def transaction(self, statements: Sequence[tuple[str, Values]]) -> list[int]:
        """Run statements in one transaction; returns the row count of each."""

        def work(connection: psycopg.Connection[Any]) -> list[int]:
            with connection.transaction():
                return [connection.execute(sql, values or None).rowcount for sql, values in statements]

        counts: list[int] = self._do(work)
        return counts

    @contextmanager
    def holding(self, sql: str, *values: Any) -> Iterator[None]:
        """Keep the rows of a `SELECT … FOR UPDATE` locked meanwhile, on a connection of its own."""
        import psycopg

        try:
            with self._connected("") as connection, connection.transaction():
                # A server may end the session of whoever waits inside a transaction.
                connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                connection.execute(sql, values)
                yield
        except psycopg.Error as failure:
            raise _unusable(failure) from None

    def locked(self, name: str) -> bool:
        """Take a lock that other gates see and no row shows; False while another has it. It ends with `unlock`."""
        return bool(self.value("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name))

    def unlock(self, name: str) -> None:
        """Let the next one in."""
        self.value("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)

    def close(self) -> None:
        """Close the kept connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _one(self, kind: type[Row], table: str, where: str, *values: Any) -> Row | None:
        found = self._all(kind, table, where, *values)
        return found[0] if found else None

    def _all(self, kind: type[Row], table: str, where: str, *values: Any) -> list[Row]:
        names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        columns = ", ".join(OWNER if name == "is_platform_owner" else name for name in names)
        try:
            rows = self.query(f"SELECT {columns} FROM {table} WHERE {where}", *values)
        except ColumnMissing as missing:
            raise Broken(
                say(
                    f"Table {table} is not as contract 3 has it: {missing.why}.",
                    f"Таблица {table} не такая, как в контракте 3: {missing.why}.",
                )
            ) from None
        return [kind(**row) for row in rows]

    @staticmethod
    def _fetch(connection: psycopg.Connection[Any], sql: str, values: Values) -> list[dict[str, Any]]:
        rows = connection.execute(sql, values or None).fetchall()
        return [{name: with_zone(value) for name, value in row.items()} for row in rows]

    def _do(self, work: Any) -> Any:
        import psycopg

        evidence.used("database")
        with self._lock:
            for last_try in (False, True):
                try:
                    return work(self._opened())
                except psycopg.OperationalError as failure:
                    self.close()
                    if last_try:
                        raise _unusable(failure) from None
                except (
                    psycopg.errors.InvalidSqlStatementName,
                    psycopg.errors.DuplicatePreparedStatement,
                ) as failure:
                    # A statement that was prepared on another connection of the server: none is prepared any more.
                    self.close()
                    if self._pooled or last_try:
                        raise _unusable(failure) from None
                    self._pooled = True
                except psycopg.errors.UndefinedColumn as failure:
                    raise ColumnMissing(failure) from None
                except psycopg.errors.ForeignKeyViolation as failure:
                    raise Held(str(_unusable(failure)), failure.diag.table_name or "?") from None
                except psycopg.Error as failure:
                    raise _unusable(failure) from None
        raise AssertionError("unreachable")

    def _opened(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            import psycopg

            try:
                self._connection = self._connected(self._options)
            except psycopg.OperationalError as refused:
                # A pooler may take no options; what must not write does not go on without them.
                if "startup parameter" not in str(refused) or self._read_only:
                    raise
                self._connection = self._connected("")
            if self._pooled:
                self._connection.prepare_threshold = None
        return self._connection

    def _connected(self, options: str) -> psycopg.Connection[Any]:
        import psycopg
        from psycopg.rows import dict_row

        return psycopg.connect(
            self._url,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=CONNECT_SECONDS,
            application_name="codex-k8s-gate",
            options=options,
        )


class ColumnMissing(NotProven):
    """A statement names a column that the table has not; whose matter that is knows who asked."""

    def __init__(self, failure: Exception) -> None:
        self.why = _why(failure)
        super().__init__(str(_unusable(failure)), "staging")


def _why(failure: Exception) -> str:
    return redact(str(failure)).strip().splitlines()[0] if str(failure) else type(failure).__name__


def _unusable(failure: Exception) -> NotProven:
    return NotProven(
        say(f"The database door failed: {_why(failure)}", f"База данных недоступна: {_why(failure)}"), "staging"
    )


def with_zone(value: Any) -> Any:
    """A time of a column that keeps no zone is UTC; everything else stays as it is."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
