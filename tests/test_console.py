"""The console's words, rows and evidence, without a browser."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import MagicMock
from uuid import UUID, uuid4

import pytest

from gate.capabilities import console_rows
from gate.console import choosing, window, words
from gate.console.failure import cleaned
from gate.console.log import PageLog
from gate.console.trust import resolver_rules
from gate.console.view import Link, Row, Table
from gate.console.words import PageWords, said
from gate.doors.records import Project, Run, User
from gate.language import Text
from gate.redaction import hide

HOST = "staging.example"


def table(columns: str, *rows: str) -> Table:
    """A table as a page shows it, its cells parted by bars."""
    return Table(tuple(columns.split("|")), tuple((tuple(row.split("|")), ()) for row in rows))


def test_cells_are_named_by_the_contract_in_both_languages() -> None:
    russian = table("Слаг|Название|Роль|Управление|ID", "shop|Shop|admin|РепоУчастники|1")
    row = russian.read(words.PROJECTS.columns, "ru")[0]
    assert (row["Slug"], row["Name"], row["ID"]) == ("shop", "Shop", "1")
    assert russian.places(words.PROJECTS.columns, "en") is None


@pytest.mark.parametrize(
    "columns", ["Status|Project|Created|Started|Finished|", "Статус|Проект|Создан|Начат|Конец|"]
)
def test_a_column_without_a_russian_name_in_the_contract_may_be_named_either_way(columns: str) -> None:
    assert table(columns).places(words.RUNS.columns, "ru") == [0, 1, 2, 3, 4]


RUN = ("ожидает", "gate", "30.10.2026 19:38+00:00", "-", "-")
UUID_SHOWN = "e4a4d5f8-7f9e-4c53-8f5b-1f1f7d8b4b11"


@pytest.mark.parametrize(
    ("columns", "names", "row", "places"),
    [
        (words.RUNS.columns, "Номер|Статус|Проект|Создан|Начат|Конец|", ("42", *RUN, "Детали"), [1, 2, 3, 4, 5]),
        (words.RUNS.columns, "Статус|Событие|Проект|Создан|Начат|Конец", ("ожидает", "push", *RUN[1:]),
         [0, 2, 3, 4, 5]),
        (words.RUNS.columns, "Статус|Проект|Обновлён|Создан|Начат|Завершён", (*RUN[:2], RUN[2], *RUN[2:]),
         [0, 1, 3, 4, 5]),
        (words.USERS.columns, "Имя|Почта|GitHub|Админ|Вход|ID", ("Ann", "a@gate.test", "-", "да", "-", UUID_SHOWN),
         [1, 2, 3, 5]),
        (words.REPOSITORIES.columns, "Провайдер|Ветка|Репо|Файл|Внешний ID|ID",
         ("github", "main", "gate/probe", "services.yaml", "7", UUID_SHOWN), [0, 2, 3, 4, 5]),
    ],
)  # fmt: skip
def test_where_more_columns_would_do_their_cells_tell(
    columns: tuple[Text, ...], names: str, row: tuple[str, ...], places: list[int]
) -> None:
    assert table(names, "|".join(row)).places(columns, "ru") == places


def test_the_key_of_a_text_is_no_name_of_a_column() -> None:
    assert table("runs.status|Проект|Создан|Начат|Конец|").places(words.RUNS.columns, "ru") is None


def test_a_sign_beside_what_is_one_word_is_no_part_of_it() -> None:
    row = table("Slug|Name|Role|Manage|ID", "shop →|Shop »|admin|ReposMembers|1").read(
        words.PROJECTS.columns, "en"
    )[0]
    assert (row["Slug"], row["Name"]) == ("shop", "Shop »")


def test_a_word_in_russian_stands_for_one_status() -> None:
    told = [("ожидает", "failed"), ("ожидает", "succeeded"), ("ошибка", "failed")]
    assert ["ожидает" in each for each in console_rows._ambiguous(told)] == [True]


def test_a_remark_in_the_tables_place_is_no_row() -> None:
    assert table("Email|GitHub|Admin|ID", "No users yet.").read(words.USERS.columns, "en") == []


def test_every_page_has_its_heading_in_two_languages() -> None:
    pages = [value for value in vars(words).values() if isinstance(value, PageWords)]
    assert len(pages) == 7
    assert all(said(page.heading, "en") != said(page.heading, "ru") for page in pages)


def test_hosts_become_rules_of_the_resolver() -> None:
    hosts = {("a.test", 443): ("127.0.0.1", 8443), ("b.test", None): ("::1", None)}
    assert resolver_rules(hosts) == "MAP a.test:443 127.0.0.1:8443, MAP b.test [::1]"


def answer(url: str, status: int) -> Any:
    """A response as Playwright tells it."""
    return SimpleNamespace(url=url, status=status, headers={}, request=Request(url, "fetch"))


class Request(NamedTuple):
    """A request as Playwright tells it."""

    url: str
    resource_type: str
    method: str = "GET"

    def is_navigation_request(self) -> bool:
        """Whether it asks for a page."""
        return self.resource_type == "document"


def message(text: str, url: str = "") -> Any:
    """A line of the browser's log."""
    return SimpleNamespace(type="error", text=text, location={"url": url})


def test_a_refused_request_of_the_page_is_trouble_and_a_strangers_is_told() -> None:
    log = PageLog(HOST)
    log._answered(answer(f"https://{HOST}/src/main.js", 404))
    for _ in range(2):
        log._answered(answer("https://fonts.example/a.css?key=k", 404))
    assert [trouble.kind for trouble in log.troubles] == ["request"]
    assert log.strangers == ["GET https://fonts.example/a.css?… -> 404"]


def test_what_is_for_admins_may_be_asked_for_and_refused() -> None:
    log = PageLog(HOST)
    log._answered(answer(f"https://{HOST}/api/v1/staff/users?limit=200", 403))
    log._said(message("Failed to load resource: status of 403 ()", f"https://{HOST}/api/v1/staff/users?limit=200"))
    assert (log.troubles, len(log.strangers)) == ([], 2)
    log._answered(answer(f"https://{HOST}/api/v1/staff/users", 500))
    log._answered(answer(f"https://{HOST}/api/v1/staff/projects", 403))
    assert len(log.troubles) == 2


def test_what_the_browser_asks_for_by_itself_is_no_trouble() -> None:
    log = PageLog(HOST)
    log._answered(answer(f"https://{HOST}/favicon.ico", 404))
    log._said(message("Failed to load resource: 404", f"https://{HOST}/favicon.ico"))
    for path in ("favicon.svg", "manifest.json", "site.webmanifest"):
        log._answered(answer(f"https://{HOST}/{path}", 403))
    assert log.troubles == []


def test_a_dev_client_that_cannot_reload_sources_is_nobodys_matter() -> None:
    """What Vite 4 to 6 write and throw behind a proxy that lets no socket through, or after an update."""
    log = PageLog(HOST)
    log._said(message("[vite] failed to connect to websocket"))
    log._said(message("WebSocket connection to 'wss://x/?token=a' failed: Unexpected response code: 403"))
    log._threw("WebSocket closed without opened.")
    log._answered(answer(f"https://{HOST}/__vite_ws", 401))
    outdated = f"https://{HOST}/node_modules/.vite/deps/vue.js?v=1"
    log._answered(answer(outdated, 504))
    log._said(message("Failed to load resource: the server responded with a status of 504 ()", outdated))
    assert (log.troubles, log.strangers) == ([], [])


def test_a_library_that_cannot_be_had_and_an_error_of_the_page_are_trouble() -> None:
    log = PageLog(HOST)
    log._answered(answer(f"https://{HOST}/node_modules/.vite/deps/vue.js?v=1", 502))
    log._answered(answer(f"https://{HOST}/api/v1/staff/runs", 504))
    log._threw("TypeError: x is undefined")
    assert [trouble.kind for trouble in log.troubles] == ["request", "request", "page"]


def test_what_another_host_does_not_let_a_page_have_is_a_strangers() -> None:
    log, said = (
        PageLog(HOST),
        "Access to font at '{}' from origin 'http://127.0.0.1' has been blocked by CORS policy",
    )
    log._said(message(said.format("https://fonts.test/a.woff2")))
    assert (log.troubles, len(log.strangers)) == ([], 1)
    log._said(message(said.format(f"https://{HOST}/a.woff2")))
    assert len(log.troubles) == 1


def test_only_the_platforms_own_answers_are_waited_for() -> None:
    log = PageLog(HOST)
    asked = {f"https://{HOST}/a": "fetch", "https://fonts.test/b": "font", f"https://{HOST}/c": "eventsource"}
    for url, kind in asked.items():
        log._asked(Request(url, kind))
    assert log.waiting_for == [f"https://{HOST}/a"]


def test_an_answer_that_nobody_reads_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chromium never calls such a request finished where the answer is not stored."""
    log, url = PageLog(HOST), f"https://{HOST}/api/v1/auth/me"
    log._asked(Request(url, "fetch"))
    assert log.waiting_for == [url]
    log._answered(answer(url, 200))
    assert log.waiting_for == [url], "its body may be on its way"
    monkeypatch.setattr("gate.console.log.UNREAD_SECONDS", 0.0)
    log._answered(answer(url, 200))
    assert log.waiting_for == []


def test_what_the_page_before_asked_for_is_no_answer_to_this_one() -> None:
    """Nor is what another host's API answers."""
    log, url = PageLog(HOST), f"https://{HOST}/api/v1/staff/projects"
    late, after = Request(url, "fetch"), Request(url, "xhr")
    log._asked(late)
    log.start_over()
    log._answered(SimpleNamespace(request=late, url=url, status=200, headers={}))
    log._answered(answer("https://other.test/api/x", 200))
    assert log.told == []
    log._asked(after)
    log._answered(SimpleNamespace(request=after, url=url, status=200, headers={}))
    assert log.told == ["/api/v1/staff/projects"]


def test_a_remark_about_a_header_of_the_edge_is_told_and_is_no_trouble() -> None:
    log = PageLog(HOST)
    log._said(message("Error with Permissions-Policy header: Unrecognized feature: 'interest-cohort'."))
    log._said(message("[Report Only] Refused to load the script because it violates a directive."))
    assert log.troubles == []
    assert len(log.strangers) == 2


def test_an_error_in_the_browsers_log_is_trouble() -> None:
    log = PageLog(HOST)
    log._said(message("[Vue warn]: Unhandled error"))
    assert [trouble.kind for trouble in log.troubles] == ["log"]


@pytest.mark.usefixtures("announced")
def test_a_trace_keeps_no_header_no_cookie_and_no_secret() -> None:
    hide("s3cr3t-of-the-trace")
    network = {
        "request": {
            "url": "https://x/?code=abcdef",
            "headers": [{"name": "Cookie", "value": "a=b"}],
            "cookies": [1],
        },
        "response": {"headers": [{"name": "Set-Cookie", "value": "a=b"}]},
    }
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as made:
        made.writestr("trace.network", json.dumps(network))
        made.writestr("trace.trace", '{"html": "s3cr3t-of-the-trace"}\nnot json s3cr3t-of-the-trace')
        made.writestr("resources/a.json", '{"token": "s3cr3t-of-the-trace"}')
        made.writestr("resources/a.png", b"\x89PNG\xff")
    with zipfile.ZipFile(io.BytesIO(cleaned(raw.getvalue()))) as kept:
        whole = b"".join(kept.read(name) for name in kept.namelist())
    for leaked in (b"s3cr3t", b"a=b", b"abcdef", b"Cookie"):
        assert leaked not in whole
    assert b"\x89PNG" in whole


class Shelf:
    """A database that holds the same users at every look."""

    def __init__(self, *users: User) -> None:
        self.users = users

    def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Every user, whatever is asked."""
        return [dict(vars(user)) for user in self.users]


def user(email: str, admin: bool = False) -> User:
    """Somebody on the list."""
    return User(uuid4(), email, email.partition("@")[0], admin, False)


def shown(*users: tuple[User, str]) -> list[Any]:
    """The users' rows as the page shows them."""
    lines = [f"{one.email}|@{one.github_login}|{word}|{one.id}" for one, word in users]
    return table("Email|GitHub|Admin|ID", *lines).read(words.USERS.columns, "en")


def differences(rows: list[Any], *users: User) -> list[str]:
    """What the comparison finds."""
    expected = console_rows.Users(Shelf(*users), (), "gate-0ab1c2")  # type: ignore[arg-type]
    expected.begin()
    told = [{"id": str(one.id)} for one in users]
    # Nothing on the page leads on.
    window = SimpleNamespace(told=lambda path: told, page=MagicMock(), count=lambda found: 0)
    page: Any = SimpleNamespace(api="/users", rows=lambda: rows, window=window)
    return expected.differences(rows, page)


def test_rows_that_agree_differ_in_nothing() -> None:
    ann, bob = user("ann@x.test", admin=True), user("bob@x.test")
    assert differences(shown((ann, "yes"), (bob, "no")), ann, bob) == []


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (lambda ann, bob: shown((ann, "yes")), "is not shown"),
        (lambda ann, bob: shown((ann, "yes"), (bob, "no"), (bob, "no")), "twice"),
        (lambda ann, bob: shown((ann, "no"), (bob, "no")), "same word"),
        (lambda ann, bob: shown((ann, "No"), (bob, "yes")), "under Admin"),
        (lambda ann, bob: shown((ann, "—"), (bob, "★ admin")), "under Admin"),
        (
            lambda ann, bob: shown((ann, "yes"), (User(bob.id, "eve@x.test", "eve", False, False), "no")),
            "database",
        ),
    ],
)
def test_rows_that_differ_are_named(rows: Any, reason: str) -> None:
    ann, bob = user("ann@x.test", admin=True), user("bob@x.test")
    assert any(reason in each for each in differences(rows(ann, bob), ann, bob))


@pytest.mark.parametrize(
    ("role", "told", "wrong"),
    [
        ("read", "read", 0),
        ("admin", "read", 0),
        ("lead", "read", 0),
        ("read", "admin", 1),
        ("read_write", "read", 1),
    ],
)
def test_an_admin_may_be_shown_as_a_projects_admin_whatever_their_role(role: str, told: str, wrong: int) -> None:
    project = Project(uuid4(), "shop", "Shop", {})
    shelf: Any = SimpleNamespace(
        query=lambda sql, *_: [{"id": str(project.id), "written": "1"} if "xmin" in sql else vars(project)]
    )
    expected = console_rows.Projects(shelf, "", "gate-0ab1c2")
    rows = table("Slug|Name|Role|Manage|ID", f"shop|Shop|{role}|-|{project.id}").read(words.PROJECTS.columns, "en")
    window = SimpleNamespace(told=lambda _: [{"id": str(project.id), "role": told}])
    page: Any = SimpleNamespace(api="/projects", rows=lambda: rows, window=window)
    expected.begin()
    assert len(expected.differences(rows, page)) == wrong


@pytest.mark.parametrize(("word", "wrong"), [("-", 0), ("none", 0), ("@ann", 1), ("Ann", 1)])
def test_who_has_no_login_is_not_shown_with_anothers(word: str, wrong: int) -> None:
    ann, bob = user("ann@x.test"), User(uuid4(), "bob@x.test", None, False, False)
    lines = f"{ann.email}|@ann|no|{ann.id}", f"{bob.email}|{word}|no|{bob.id}"
    rows = table("Email|GitHub|Admin|ID", *lines).read(words.USERS.columns, "en")
    assert len(differences(rows, ann, bob)) == wrong


@pytest.mark.parametrize(
    ("login", "wrong"), [("gate-9f8e7d-1-12-former", 0), ("gate-9f8e7d-1-12", 1), ("former", 1)]
)
def test_a_login_that_a_gate_lends_for_a_moment_may_be_shown(login: str, wrong: int) -> None:
    ann = user("ann@x.test")
    assert len(differences(shown((User(ann.id, ann.email, login, False, False), "no")), ann)) == wrong


def test_a_row_of_another_gate_may_come_and_go_while_the_page_loads() -> None:
    ann, theirs, ours = user("ann@x.test"), user("gate-9f8e7d-4@x.test"), user("gate-0ab1c2-4@x.test")
    assert differences(shown((ann, "no"), (theirs, "no")), ann) == []
    assert len(differences(shown((ann, "no"), (ours, "no")), ann)) == 1


def test_who_comes_while_the_page_loads_may_be_shown_without_the_login_that_came_later() -> None:
    ann, new = user("ann@x.test"), user("gate-0ab1c2-4@x.test")
    early = User(new.id, new.email, "", False, False)
    for before, wrong in (((ann,), 0), ((ann, new), 1)):
        shelf = Shelf(*before)
        expected = console_rows.Users(shelf, (), "gate-0ab1c2")  # type: ignore[arg-type]
        expected.begin()
        shelf.users = (ann, new)
        assert len(expected.differences(shown((ann, "no"), (early, "no")), None)) == wrong  # type: ignore[arg-type]


@pytest.mark.parametrize("cut", ["{}…", "{}...", "{}"])
def test_an_id_may_be_shown_by_its_beginning(cut: str) -> None:
    ann, bob, like_bob = user("ann@x.test", admin=True), user("bob@x.test"), user("dan@x.test")
    rows = shown((ann, "yes"), (bob, "no"))
    short = [Row({**row.cells, "ID": cut.format(row["ID"][:8])}, row.links) for row in rows]
    assert differences(short, ann, bob) == []
    # The beginning of another's id, of nobody's, and of two.
    swapped = [Row({**row.cells, "ID": other["ID"]}, ()) for row, other in zip(short, short[::-1], strict=True)]
    assert len(differences(swapped, ann, bob)) >= 2
    assert differences([short[0], Row({**short[1].cells, "ID": cut.format("01234567")}, ())], ann, bob)
    like_bob = User(UUID(str(bob.id)[:8] + str(like_bob.id)[8:]), "dan@x.test", "dan", False, False)
    assert differences(short, ann, bob, like_bob)


def test_white_space_in_a_name_is_no_difference() -> None:
    ann = User(uuid4(), " ann@x.test", "ann", True, False)
    assert differences(shown((User(ann.id, "ann@x.test", "ann", True, False), "yes")), ann) == []


def test_a_run_that_moved_on_is_right_either_way() -> None:
    """The page was asked for while the run worked; the database is read when it has ended."""
    same = console_rows._same_minute
    noon = datetime(2026, 2, 9, 12, 0, 59, tzinfo=UTC)
    assert same(noon.replace(second=0), noon, may_be_empty=False)
    assert same(None, noon, may_be_empty=True)
    assert not same(None, noon, may_be_empty=False)
    assert not same(noon, None, may_be_empty=True)


NOON = datetime(2026, 2, 9, 12, 0, tzinfo=UTC)


class RunShelf:
    """A database with one run and its project, which may be given another name, and another run's project."""

    def __init__(self, run: Run, name: str) -> None:
        self.run, self.name = run, name
        self.own, self.others = run.project_id or uuid4(), uuid4()

    def value(self, sql: str) -> datetime:
        """The database's time, and that of the newest run."""
        return self.run.created_at + timedelta(hours=1)

    def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """The projects' rows or the run's, whichever is asked for; the other run is under way."""
        if "FROM projects" in sql:
            own = {"id": self.own, "slug": "shop", "name": self.name}
            return [own, {"id": self.others, "slug": "other", "name": "Other"}]
        if sql == console_rows.UNDER_WAY:
            under_way = [
                (uuid4(), self.others),
                *([] if self.run.finished_at else [(self.run.id, self.run.project_id)]),
            ]
            return [{"id": run, "project_id": project} for run, project in under_way]
        return [dict(vars(self.run))]


def wrong_about(shelf: RunShelf, word: str, project: str, **meanwhile: Any) -> list[str]:
    """How a row differs from the database, in which this has happened since the page was asked for."""
    expected = console_rows.Runs(shelf, [str(shelf.run.id)])  # type: ignore[arg-type]
    expected.begin()
    shelf.name = meanwhile.pop("name", shelf.name)
    shelf.run = replace(shelf.run, **meanwhile)
    cells = {"Status": word, "Project": project, "Created": "", "Started": "", "Finished": ""}
    times = [shelf.run.created_at, shelf.run.started_at, shelf.run.finished_at]
    page: Any = SimpleNamespace(date=lambda _: times.pop(0), console=SimpleNamespace(language="en"))
    return expected.differences([Row(cells, (Link("Details", f"/runs/{shelf.run.id}"),))], page)


def ended(status: str = "succeeded") -> Run:
    return Run(uuid4(), "delivery", uuid4(), status, False, NOON, NOON, NOON)


@pytest.mark.parametrize(
    ("told", "wrong"), [("First", 0), ("Second", 0), ("shop", 0), ("Third", 1), ("-", 1), ("Other", 1)]
)
def test_a_project_that_is_renamed_while_the_page_loads_may_be_shown_either_way(told: str, wrong: int) -> None:
    assert len(wrong_about(RunShelf(ended(), "First"), "succeeded", told, name="Second")) == wrong


@pytest.mark.parametrize("claimed", [True, False])
@pytest.mark.parametrize(("told", "wrong"), [("not claimed yet", 0), ("—", 0), ("-", 0), ("Other", 1)])
def test_how_a_run_of_no_project_is_told_is_the_builds(claimed: bool, told: str, wrong: int) -> None:
    """A worker may take it while the page loads."""
    shelf = RunShelf(replace(ended("pending"), project_id=None, started_at=None, finished_at=None), "Shop")
    meanwhile = {"project_id": shelf.own} if claimed else {}
    assert len(wrong_about(shelf, "pending", told, **meanwhile)) == wrong


@pytest.mark.parametrize(("word", "wrong"), [
    ("Canceled", 0), ("Cancelled", 0), ("Отменён", 0), ("succeeded", 1), ("running", 1), ("", 1), ("-", 1),
    ("status.canceled", 1),
])  # fmt: skip
def test_a_status_is_told_by_its_word_or_by_one_of_the_builds_own(word: str, wrong: int) -> None:
    assert len(wrong_about(RunShelf(ended("canceled"), "Shop"), word, "Shop")) == wrong


def test_links_are_compared_without_their_query() -> None:
    row = table("Status|Project|Created|Started|Finished", "a|b|c|d|e").read(words.RUNS.columns, "en")[0]
    linked = type(row)(row.cells, (Link("Details", "/runs/7?tab=1"),))
    assert linked.leads_to("/runs/7")


@pytest.mark.parametrize(
    ("name", "fits"),
    [("Details", True), ("Детали →", True), ("⎋ Details", True), ("Run Details", False), ("Все Детали", False)],
)
def test_a_sign_beside_a_name_is_no_part_of_it(name: str, fits: bool) -> None:
    asked = window.alone(words.DETAILS_LINK.en, words.DETAILS_LINK.ru)
    assert (asked.search(name) is not None) is fits


def test_a_button_is_named_in_words() -> None:
    locator = "<Locator selector='internal:role=button[name=/^(?:Attach\\\\ \\\\+\\\\ Ensure|Подключить)$/]'>"
    assert window._named(locator) == "“Attach + Ensure|Подключить”"  # type: ignore[arg-type]


def test_a_choice_means_what_its_word_says_wherever_it_stands() -> None:
    turned = choosing.Choice(1, ["inherit (on)", "false", "true"], ["", "false", "true"])
    assert (turned.learning, turned.meanings) == ("false", ["inherit", "false", "true"])
    russian = choosing.Choice(2, ["как в проекте", "да", "нет"], ["null", "true", "false"])
    assert russian.learning == "false"


def test_a_role_is_read_by_its_word_and_else_by_what_is_sent() -> None:
    exchanged = choosing.Choice(0, ["admin", "read_write", "read"], ["read", "read_write", "admin"])
    worded = choosing.Choice(0, ["Reader", "Writer", "Admin"], ["read", "read_write", "admin"])
    assert (exchanged.role, worded.role) == ("admin", "read")


@pytest.mark.parametrize("cell", ["undefined", "@null", "NaN", "[object Object]"])
def test_a_cell_in_a_programmers_words_tells_nothing(cell: str) -> None:
    rows = table("Email|GitHub|Admin|ID", f"a@b.test|{cell}|no|1", "c@b.test|@nullable|no|2").read(
        words.USERS.columns, "en"
    )
    assert [cell in each for each in console_rows.untold(rows)] == [True]
