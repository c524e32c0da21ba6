"""Rows of the console's tables against rows of the database: pure comparisons, each difference one sentence.

A staging is shared: while a page loads others may add, change and remove. So the database is read before the page
is asked for and after it is shown, and a row is right when it agrees with either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from gate.capabilities.role_cast import LEAD, ROLES
from gate.cleaning import ANY_MARK
from gate.console.lists import LONG_LIST_ROWS, Listing, beginning, id_in_full
from gate.console.page import KEY, Page
from gate.console.view import Row
from gate.doors.records import Project, Run, User
from gate.doors.staff import STAFF
from gate.errors import NotProven
from gate.language import Text, say
from gate.run_rules import CLOCKS_APART

if TYPE_CHECKING:
    from gate.doors.database import Database

Wanted = tuple[Callable[[Row], bool], Text]
Record = TypeVar("Record", Project, Run, User)
# So many rows at the head of a table are compared.
COMPARED_ROWS = LONG_LIST_ROWS
MINUTE = timedelta(minutes=1)
# How a right may be written, where it is written so that nobody can doubt it.
SAYS_YES = {"yes", "да", "true", "✓", "✔", "+", "1"}
SAYS_NO = {"no", "нет", "false", "✗", "✕", "-", "—", "0", ""}
UNTOLD = re.compile(r"@?(undefined|null|nan|\[object \w+\])", re.IGNORECASE)
# How the login ends that the sign-in scenario of any gate gives a real person until the next request of theirs.
FORMER = "-former"
FORMER_LOGIN = re.compile(rf"{ANY_MARK}\S*{FORMER}\b", re.IGNORECASE)
UNDER_WAY = "SELECT id, project_id FROM agent_runs WHERE status IN ('pending', 'running')"
ORDER = {"pending": 0, "running": 1, "succeeded": 2, "failed": 2, "canceled": 2}


class Expected(Protocol):
    """What a page's table must hold."""

    def begin(self) -> None:
        """Remember what the database has before the page is asked for."""

    def wanted(self) -> list[Wanted]:
        """Rows that must be shown, each with its name."""

    def differences(self, shown: Sequence[Row], page: Page) -> list[str]:
        """How the rows that are shown differ from the database."""


class Projects:
    """Projects: an admin sees every one (contract 2)."""

    def __init__(self, database: Database, made: str, mark: str) -> None:
        self._database = database
        self._made = made
        self._mark = mark
        self._before: dict[str, Project] = {}
        self._rows: dict[str, str] = {}

    def begin(self) -> None:
        """Every project, by id."""
        self._rows = self._written()
        self._before = _by_id(_all(self._database, Project, "projects"))
        _require(self._before)

    def wanted(self) -> list[Wanted]:
        """The project that was made for this."""
        slugs = [self._made] if self._made else [project.slug for project in list(self._before.values())[:1]]
        return [(_cell("Slug", slug), _among(f"project {slug}", f"проект {slug}")) for slug in slugs]

    def differences(self, shown: Sequence[Row], page: Page) -> list[str]:
        """Slug and name by id; none missing, none twice."""
        after = _by_id(_all(self._database, Project, "projects", shown))
        shown = _in_full(shown, {**self._before, **after})
        # A derived project that was deleted and came back with a run is another row of the same id (contract 4.1).
        rows = self._written()
        kept = {id_: project for id_, project in self._before.items() if self._rows.get(id_) == rows.get(id_)}
        found = _missing(page, shown, kept, after, lambda project: project.slug)
        told = {str(item.get("id")): str(item.get("role")) for item in page.window.told(STAFF + page.api) or ()}
        for row in shown[:COMPARED_ROWS]:
            known = [rows[row["ID"]] for rows in (self._before, after) if row["ID"] in rows]
            if not known and _of_another_gate(row, self._mark):
                continue
            # As a word of the API's; how a build calls a role otherwise the contract leaves open.
            # An admin may do all in any project, and be shown as its admin whatever role of theirs is told.
            role = told.get(row["ID"], row["Role"])
            if {row["Role"], role} <= {*ROLES.values()} and row["Role"] not in (role, ROLES[LEAD]):
                found.append(
                    say(
                        f"project {row['Slug']} has the role {row['Role']}, told was {role}",
                        f"у проекта {row['Slug']} роль {row['Role']}, а сообщена {role}",
                    )
                )
            if not any((row["Slug"], row["Name"]) == (_line(each.slug), _line(each.name)) for each in known):
                found.append(_differs(row, known and f"{known[-1].slug} / {known[-1].name}"))
        return found

    def _written(self) -> dict[str, str]:
        """By which transaction each project was written, as PostgreSQL tells it."""
        found = self._database.query("SELECT id::text AS id, xmin::text AS written FROM projects")
        return {row["id"]: row["written"] for row in found}


class Users:
    """Who may use the platform."""

    def __init__(self, database: Database, made: Sequence[str], mark: str) -> None:
        self._database = database
        self._made = made
        self._mark = mark
        self._before: dict[str, User] = {}

    def begin(self) -> None:
        """Everybody, by id."""
        self._before = _by_id(_all(self._database, User, "users"))
        _require(self._before)

    def wanted(self) -> list[Wanted]:
        """Who was allowed for this."""
        emails = self._made or [user.email for user in list(self._before.values())[:1]]
        return [(_cell("Email", email), _among(email, email)) for email in emails]

    def differences(self, shown: Sequence[Row], page: Page) -> list[str]:
        """E-mail, login and right by id; none missing, none twice."""
        after = _by_id(_all(self._database, User, "users", shown))
        shown = _in_full(shown, {**self._before, **after})
        found = _missing(page, shown, self._before, after, lambda user: user.email)
        logins = {login.lower(): user.id for user in after.values() if (login := user.github_login)}
        words: dict[bool, set[str]] = {True: set(), False: set()}
        for row in shown[:COMPARED_ROWS]:
            known = [rows[row["ID"]] for rows in (self._before, after) if row["ID"] in rows]
            if not known and _of_another_gate(row, self._mark):
                continue
            if row["ID"] not in self._before:
                # Who came meanwhile may have been shown before their login was on record.
                known += [replace(user, github_login=None) for user in known]
            if not any(_is_user(row, user, logins) for user in known):
                found.append(_differs(row, known and f"{known[-1].email} / {known[-1].github_login}"))
            # Whose right changed while the page loaded may be shown either way.
            if len({user.is_platform_admin for user in known}) == 1:
                words[known[0].is_platform_admin].add(row["Admin"].lower())
        # The contract does not say how the right is written, only that it is.
        if words[True] & words[False]:
            found.append(
                say(
                    f"admins and others have the same word under Admin: {words[True] & words[False]}",
                    f"у администраторов и остальных одно слово в колонке Admin: {words[True] & words[False]}",
                )
            )
        # Something that nobody can doubt on the wrong side, and on the other one not the same.
        denied, granted = words[True] & SAYS_NO, words[False] & SAYS_YES
        if (denied and words[False] - SAYS_NO) or (granted and words[True] - SAYS_YES):
            found.append(
                say(
                    f"admins have {words[True]} under Admin, others {words[False]}",
                    f"в колонке Admin у администраторов {words[True]}, у остальных {words[False]}",
                )
            )
        return found


class Runs:
    """Runs: the newest, and among them those that were made for this."""

    def __init__(self, database: Database, made: Sequence[str]) -> None:
        self._database = database
        self._made = list(made)
        self._asked_at: datetime | None = None
        self._before: dict[str, Run] = {}
        # Where those were that had not ended: a worker may take a run for the project that is right by then.
        self._homes: dict[str, UUID | None] = {}
        # How projects were called: one may be renamed while the page loads, as slug and name are shown beside it.
        self._names: dict[UUID | None, tuple[str, ...]] = {}
        self._newest: datetime | None = None

    def begin(self) -> None:
        """The runs that are expected, those under way, what projects are called, and the database's own time."""
        self._asked_at = self._database.value("SELECT now()")
        if not self._made:
            newest = self._database.query("SELECT id FROM agent_runs ORDER BY created_at DESC LIMIT 1")
            self._made = [str(row["id"]) for row in newest]
        self._before = self._runs(self._made)
        under_way = self._database.query(UNDER_WAY)
        self._homes = {str(row["id"]): row["project_id"] for row in under_way}
        self._names = self._projects()
        self._newest = self._database.value("SELECT max(created_at) FROM agent_runs")
        _require(self._before)

    def wanted(self) -> list[Wanted]:
        """Those runs, known by the links to their details."""
        return [(_leading_to(run_id), _among(f"run {run_id}", f"запуск {run_id}")) for run_id in self._made]

    def differences(self, shown: Sequence[Row], page: Page) -> list[str]:
        """Status, project and times of each run that is shown."""
        linked = [(row, _run_id(row)) for row in shown[:COMPARED_ROWS]]
        found = _shown_twice([id_ for _, id_ in linked if id_])
        found += [
            _differs(row, say("no link to its details", "нет ссылки на детали")) for row, id_ in linked if not id_
        ]
        found += [_differs(row, f"/runs/{id_}") for row, id_ in linked if id_ and not _is_uuid(id_)]
        after = self._runs([id_ for _, id_ in linked if _is_uuid(id_)])
        homes = {*(run.project_id for run in after.values()), *self._homes.values()}
        names = {id_: (*now, *self._names.get(id_, ())) for id_, now in self._projects().items() if id_ in homes}
        ended = [(row["Status"], after[id_]) for row, id_ in linked if id_ in after]
        found += _ambiguous([(word, run.status) for word, run in ended if not self._moving(run)])
        for row, id_ in linked:
            run = after.get(id_)
            # A run that is gone was removed by its owner while the page was loading.
            if run is not None:
                wrong = self._wrong(row, run, page, names)
                found += [f"run {id_}: {reason}" for reason in wrong]
        return found

    def _wrong(self, row: Row, run: Run, page: Page, names: Mapping[UUID | None, tuple[str, ...]]) -> list[str]:
        """What is wrong about one row. A run that moved on meanwhile may be shown as it was before."""
        moving, reasons = self._moving(run), self._wrong_project(row, run, names)
        if not self._is_word_for(row["Status"], run, moving=moving):
            reasons.append(_column("Status", row["Status"], run.status))
        for column, moment in (
            ("Created", run.created_at),
            ("Started", run.started_at),
            ("Finished", run.finished_at),
        ):
            late = moment is None or self._after_asking(moment)
            if not _same_minute(page.date(row[column]), moment, may_be_empty=late and column != "Created"):
                reasons.append(_column(column, row[column], str(moment)))
        return reasons

    @staticmethod
    def _is_word_for(word: str, run: Run, *, moving: bool) -> bool:
        """Whether a word may stand for its status: the contract has words for the table, and none for the page.

        One of the table's words must be the right one; which others stand for more than one is looked at beside.
        """
        shown = word.lower()
        if shown not in ORDER:
            return re.search(r"\w", shown) is not None and not KEY.fullmatch(shown)
        return shown == run.status or (moving and ORDER[shown] < ORDER.get(run.status, 0))

    def _wrong_project(self, row: Row, run: Run, names: Mapping[UUID | None, tuple[str, ...]]) -> list[str]:
        """What is wrong about its project, by slug or name.

        How a run of no project is told the contract leaves open: as anything but a project. One that moves on may
        be shown where it was before, and whose one was that has come meanwhile nobody has looked at.
        """
        own, shown, moving = names.get(run.project_id, ()), row["Project"], self._moving(run)
        home = self._homes.get(str(run.id)) if moving else run.project_id
        told = any(_line(name) in shown for name in (*own, *names.get(home, ())))
        gone = run.project_id and not own
        if told or gone or (moving and own and self._has_come(run)):
            return []
        of_another = any(shown in map(_line, each) for each in names.values())
        lacking = own and home and not (moving and shown in "-")
        return [_column("Project", shown, " / ".join(dict.fromkeys(own)) or "-")] if of_another or lacking else []

    def _moving(self, run: Run) -> bool:
        """Whether it may have moved on since the page was asked for."""
        return run.finished_at is None or self._after_asking(run.finished_at)

    def _has_come(self, run: Run) -> bool:
        """Whether it came in since; whose it was before a worker took it nobody has looked at."""
        return self._newest is not None and run.created_at > self._newest

    def _after_asking(self, moment: datetime) -> bool:
        """Whether it may have happened since the page was asked for, by whichever clock wrote it."""
        return self._asked_at is None or moment >= self._asked_at - CLOCKS_APART

    def _runs(self, ids: Sequence[str]) -> dict[str, Run]:
        columns = ", ".join(field.name for field in fields(Run))
        found = self._database.query(f"SELECT {columns} FROM agent_runs WHERE id = ANY(%s::uuid[])", list(ids))
        return {str(row["id"]): Run(**row) for row in found}

    def _projects(self) -> dict[UUID | None, tuple[str, ...]]:
        found = self._database.query("SELECT id, slug, name FROM projects")
        return {row["id"]: (row["slug"], row["name"]) for row in found}


def untold(shown: Sequence[Row]) -> list[str]:
    """Cells that say in a programmer's words that there was nothing to say."""
    cells = [(column, cell) for row in shown for column, cell in row.cells.items()]
    return [
        say(f"{column} is “{cell}”", f"{column} — «{cell}»") for column, cell in cells if UNTOLD.fullmatch(cell)
    ]


def _cell(column: str, value: str) -> Callable[[Row], bool]:
    """Rows with this value; e-mails and slugs do not differ by the case of their letters alone."""
    return lambda row: row[column].lower() == value.lower()


def _leading_to(run_id: str) -> Callable[[Row], bool]:
    return lambda row: row.leads_to(f"/runs/{run_id}")


def _among(en: str, ru: str) -> Text:
    return Text(f"{en} among the rows", f"{ru} среди строк")


def _all(database: Database, kind: type[Record], table: str, shown: Sequence[Row] = ()) -> list[Record]:
    """As many rows as anybody would read, and those that a page shows, wherever they are in a longer table."""
    # Who owns the platform is not on any page, and the first builds have no such column.
    names = [field.name for field in fields(kind)]
    columns = ", ".join(f"false AS {name}" if name == "is_platform_owner" else name for name in names)
    named = [f"{start}%" if (start := beginning(row)) else row["ID"] for row in shown[:COMPARED_ROWS]]
    found = database.query(
        f"(SELECT {columns} FROM {table} ORDER BY id LIMIT {COMPARED_ROWS * 10})"
        f" UNION SELECT {columns} FROM {table} WHERE id::text LIKE ANY(%s)",
        named,
    )
    return [kind(**row) for row in found]


def _in_full(shown: Sequence[Row], known: Iterable[str]) -> list[Row]:
    """The rows with their ids in full; a beginning that does not fit just one of those that are known stays."""
    ids = [*known]
    return [replace(row, cells={**row.cells, "ID": id_in_full(row, ids)}) for row in shown]


def _line(text: str) -> str:
    """A text as a table shows it: white space at its ends and in a row does not count."""
    return " ".join(text.split())


def _by_id(records: Sequence[Record]) -> dict[str, Record]:
    return {str(record.id): record for record in records}


def _require(rows: object) -> None:
    if not rows:
        raise NotProven(
            say(
                "The table is empty in the database and nothing could be made, so the page cannot be compared.",
                "В базе нет строк, и создать их не удалось, поэтому страницу не с чем сравнить.",
            ),
            "staging",
        )


def _missing(
    page: Page,
    shown: Sequence[Row],
    before: dict[str, Record],
    after: dict[str, Record],
    name: Callable[[Record], str],
) -> list[str]:
    """Rows that were there all the time and are not shown, or are shown twice."""
    ids = [row["ID"] for row in shown]
    found = _shown_twice(ids)
    lost = before.keys() & after.keys() - set(ids)
    if lost and len(after) <= COMPARED_ROWS:
        listing = Listing(page)
        lost = {id_ for id_ in lost if listing.left_out(partial(_has_id, id_)) is None}
        found += [
            say(f"{each} is not shown", f"{each} не показан") for each in sorted(name(after[id_]) for id_ in lost)
        ]
    return found


def _has_id(id_: str, row: Row) -> bool:
    return row["ID"] == id_


def _ambiguous(statuses: Sequence[tuple[str, str]]) -> list[str]:
    """Words that stand for more than one status: the contract does not say how one is told on the page."""
    meant: dict[str, set[str]] = {}
    for word, status in statuses:
        meant.setdefault(word, set()).add(status)
    return [
        say(f"“{word}” stands for {sorted(these)}", f"«{word}» означает {sorted(these)}")
        for word, these in meant.items()
        if len(these) > 1
    ]


def _shown_twice(ids: Sequence[str]) -> list[str]:
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    return [say(f"{id_} is shown twice", f"{id_} показан дважды") for id_ in twice]


def _is_user(row: Row, user: User, logins: Mapping[str, object]) -> bool:
    """Whether the row is this person's; who has no login may be given any word for it but another's.

    One who has a login may be shown with a gate's: it may have come and gone while the page was loading.
    """
    login, shown = (user.github_login or "").lower(), row["GitHub"].lower()
    fits = login in shown if login else logins.get(shown.lstrip("@"), user.id) == user.id
    fits = fits or bool(login and FORMER_LOGIN.search(shown))
    return fits and row["Email"].lower() == user.email.strip().lower()


def _run_id(row: Row) -> str:
    links = (link.href.partition("?")[0].rstrip("/") for link in row.links)
    return next((href.rpartition("/")[2] for href in links if "/runs/" in href), "")


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _same_minute(shown: datetime | None, moment: datetime | None, *, may_be_empty: bool) -> bool:
    """The console writes minutes; one that is rounded is as right as one that is cut."""
    if shown is None or moment is None:
        return shown is None and may_be_empty
    return abs(shown - moment) <= MINUTE


def _of_another_gate(row: Row, mark: str) -> bool:
    """Whether a row bears the mark of a gate that is not this one: it may come and go while the page loads."""
    marks = {found.lower() for cell in row.cells.values() for found in re.findall(ANY_MARK, cell, re.IGNORECASE)}
    return bool(marks) and mark not in marks


def _differs(row: Row, wanted: object) -> str:
    cells = " | ".join(row.cells.values())
    return say(f"shown: {cells}; in the database: {wanted or '-'}", f"показано: {cells}; в базе: {wanted or '-'}")


def _column(column: str, shown: str, wanted: str) -> str:
    return say(f"{column} is “{shown}”, in the database “{wanted}”", f"{column} — «{shown}», в базе «{wanted}»")
