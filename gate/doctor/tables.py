"""The tables of the database, and what the suite may do with each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gate.cleaning import REMOVALS
from gate.doctor.finding import Closed
from gate.doors.database import Database
from gate.language import say

# By privilege: the tables of contract 3 that are read, those in which rows are made, changed or locked, and those
# in which the suite clears up after itself.
PRIVILEGES: Mapping[str, tuple[str, ...]] = {
    "SELECT": (
        "agent_runs", "flow_events", "slots", "users", "projects", "project_members", "repositories",
        "learning_feedback",
    ),
    "INSERT": ("agent_runs", "flow_events", "slots", "projects", "repositories", "learning_feedback"),
    "UPDATE": ("agent_runs", "slots", "users", "projects", "project_members", "repositories"),
    "DELETE": tuple(table for table, _ in REMOVALS),
}  # fmt: skip


def examined(database: Database, read_only: bool = False) -> str:
    """The version and the number of tables; `Closed` where something may not be done that a run does."""
    lacking = dict(_lacking(database, ("SELECT",) if read_only else PRIVILEGES))
    if unread := lacking.pop("SELECT", None):
        raise Closed(
            say(f"cannot be read: {unread}", f"не прочесть: {unread}"),
            say(
                "Is this the platform's database? Its user must be able to read these tables.",
                "Это база платформы? Её пользователь должен иметь право читать эти таблицы.",
            ),
        )
    if lacking:
        told = "; ".join(f"{privilege} {tables}" for privilege, tables in lacking.items())
        raise Closed(
            say(f"its user may not {told}", f"её пользователю нельзя: {told}"),
            say(
                "Give a user that may: the suite makes what no API can make, and removes its own rows.",
                "Дайте пользователя с этими правами: набор создаёт то, чего не создать через API, и убирает за "
                "собой.",
            ),
        )
    version, count = database.value("SHOW server_version"), len(PRIVILEGES["SELECT"])
    return say(f"PostgreSQL {version}, {count} tables", f"PostgreSQL {version}, таблиц: {count}")


def _lacking(database: Database, asked: Iterable[str]) -> Iterator[tuple[str, str]]:
    """By privilege the tables on which it lacks; a table that is not there cannot be read either."""
    question = (
        "SELECT t FROM unnest(%s::text[]) t WHERE NOT coalesce(has_table_privilege(to_regclass(t), %s), false)"
    )
    for privilege in asked:
        if rows := database.query(question, list(PRIVILEGES[privilege]), privilege):
            yield privilege, ", ".join(row["t"] for row in rows)
