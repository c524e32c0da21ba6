"""The console's basic pages: do they open whole, and do their rows agree with the database (contract 6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from gate.capabilities import console_rows as rows
from gate.capabilities.fresh_runs import await_told
from gate.capabilities.homeless_run import invented
from gate.console.console import Console
from gate.console.engine import HALF_HOUR_AHEAD, HALF_HOUR_BEHIND, TIME_ZONE
from gate.console.page import Page
from gate.console.pages import ProjectsPage, RunsPage, UsersPage
from gate.console.words import said
from gate.doors.webhook import new_id
from gate.errors import Broken, NotProven
from gate.language import Language, Text, ensure, say
from gate.waiting import until

if TYPE_CHECKING:
    from gate.world import World

PAGES: Mapping[str, type[Page]] = {
    "Projects": ProjectsPage,
    "Проекты": ProjectsPage,
    "Runs": RunsPage,
    "Запуски": RunsPage,
    "Users": UsersPage,
    "Пользователи": UsersPage,
}
WAYS: Mapping[str, str] = {
    "by its link": "link",
    "по ссылке": "link",
    "by its address": "address",
    "по адресу": "address",
    "and loads it again": "again",
    "и загружает её ещё раз": "again",
    "in the other language": "other language",
    "на другом языке": "other language",
}
# A whole address, so that nobody is found in the middle of somebody else's.
EMAIL = re.compile(r"[^\s\"'<>()\[\]{},;:=|/\\]+@[^\s\"'<>()\[\]{},;:=|/\\]+")
OTHER: Mapping[Language, Language] = {"en": "ru", "ru": "en"}
# Two, because a list that loses one end shows the other.
NEW_RUNS = 2
# Of an ended run: one digit for the day is not enough, afternoon is not morning. All is long past, and it ended in
# the first hour of a day where the browser is.
BEGAN = {"day": 3, "hour": 17, "minute": 5, "second": 0, "microsecond": 0}
LASTED = timedelta(hours=12, minutes=7)
# One digit is not enough for these either; in one of them it is summer.
MONTHS = (2, 7)
ZONES: Mapping[str, str] = {
    "three and a half hours behind Greenwich": HALF_HOUR_BEHIND,
    "отстают от Гринвича на три с половиной часа": HALF_HOUR_BEHIND,
    "five and a half hours ahead of Greenwich": HALF_HOUR_AHEAD,
    "опережают Гринвич на пять с половиной часов": HALF_HOUR_AHEAD,
}
# What belongs to a project is told of at once; this allows for a replica.
LISTED_WITHIN_SECONDS = 15.0


class ConsolePages:
    """One person with the console open, and what its pages show them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._person = ""
        self._console: Console | None = None
        self._opened: Page | None = None
        self._expected: rows.Expected | None = None

    # --- acts

    def come(self, person: str, zone: str = TIME_ZONE) -> None:
        """Someone signed in has a window for the console, where the clock is that of this time zone."""
        self._person = person
        self._console = self._world.browser.open(person, self._world.language, zone)

    def have_projects(self) -> None:
        """A project was just made by a platform admin; when the platform makes none, those that are there."""
        slug = f"{self._world.mark}-page"
        # A name that a page must not take for its own markup.
        answer = self._world.as_person("admin").create_project(slug, f"Page <b>{self._world.mark}</b> & co")
        if answer.status == 201:
            self._world.add_cleanup(self._remove_project, slug)
        self._expected = rows.Projects(
            self._target.database, slug if answer.status == 201 else "", self._target.mark
        )

    def have_runs(self) -> None:
        """Deliveries have just become runs; when the platform accepts none, the newest that are there."""
        made = []
        for _ in range(NEW_RUNS):
            self._world.webhook.prepare("push")
            answer = self._world.webhook.deliver()
            if answer.status == 202:
                made.append(str(answer.json().get("run_id")))
        if made:
            await_told(self._world, made)
            for run_id in made:
                self._expect_listed(run_id)
            ended = [id_ for month in MONTHS for id_ in self._invent_ended_run(made[-1], month)]
            made += [*ended, *self._invent_homeless_run(made[-1])]
        self._expected = rows.Runs(self._target.database, made)

    def have_users(self) -> None:
        """Somebody was just allowed, and an admin who owns nothing; when nobody can be allowed, those who are."""
        made = []
        for name, admin in (("", False), ("-admin", True)):
            email = f"{self._world.mark}{name}@nobody.invalid"
            if self._world.as_person("admin").allow(email, admin=admin).status == 201:
                self._world.add_cleanup(self._remove_user, email)
                made.append(email)
        self._expected = rows.Users(self._target.database, made, self._target.mark)

    def open(self, kind: type[Page], way: str = "address") -> None:
        """Open a page: by its link from another page, by its address, or by its address and once more."""
        if way == "other language":
            # A console that speaks one language only is right in half of the scenarios otherwise.
            self._console = self._world.browser.open(self._person, OTHER[self.console.language])
        page = kind(self.console)
        self._opened = page
        if way == "link":
            (self.console.runs if kind is ProjectsPage else self.console.projects).open()
            self._expect_navigation(page)
        if way == "again":
            page.open()
            self.console.window.settle()
        if self._expected:
            # It may change while the page loads: what there was when the page was asked for is as right.
            self._expected.begin()
        {"link": page.open_by_link, "again": page.reload}.get(way, page.open)()

    # --- checks

    def expect_whole(self) -> None:
        """Heading and columns in the console's language, no error box, no failed request, nothing in the log."""
        self.page.expect_shown()
        self.console.expect_named(self._target.people.session(self._person).email)

    def expect_rows_agree(self) -> None:
        """The rows that must be there are, and every row shown is as the database has it."""
        page, expected = self.page, self._expected
        if expected is None:
            raise NotProven(say("No rows are expected.", "Строк не ожидается."), "suite")
        for fits, what in expected.wanted():
            page.expect_row(fits, what)
        page.expect_not_called_empty()
        shown = page.rows()
        differences = [*rows.untold(shown), *expected.differences(shown, page)]
        listed = "\n".join(differences)
        ensure(
            not differences,
            f"The page {page.path} does not agree with the database:\n{listed}",
            f"Страница {page.path} расходится с базой:\n{listed}",
        )
        page.expect_sound()

    def expect_sent_to_projects(self) -> None:
        """The page that is shown is Projects, and the navigation offers no Users."""
        heading = said(ProjectsPage.words.heading, self.console.language)
        self.console.window.until(
            lambda view: view.path == ProjectsPage.pattern and heading in view.headings,
            Text("the Projects page instead of Users", "страница «Проекты» вместо «Пользователи»"),
        )
        ensure(
            not self.console.offers_users(),
            "The navigation offers Users to someone who is no admin.",
            "Навигация предлагает «Пользователи» тому, кто не администратор.",
        )

    def expect_nobody_else_named(self) -> None:
        """No other person's e-mail stands anywhere in the document."""
        self.console.window.settle()
        own = self._target.people.session(self._person).email.lower()
        named = {each.rstrip(".") for each in EMAIL.findall(self.console.window.source().lower())}
        others = named & {user.email.lower() for user in self._target.database.users()} - {own}
        ensure(
            not others,
            f"The page of someone who is no admin names {len(others)} other people.",
            f"Страница неадминистратора называет других людей: {len(others)}.",
        )

    def expect_refused_users(self, message: str) -> None:
        """The API refuses the users with 403 and this message, and sends none."""
        answer = self._world.as_person(self._person).users()
        wanted = {"code": "forbidden", "message": message}
        ensure(
            answer.is_error(403, **wanted),
            f"Wanted 403 and {wanted}.\n{answer.told()}",
            f"Нужно 403 и {wanted}.\n{answer.told()}",
        )

    # --- helpers

    @property
    def console(self) -> Console:
        """The person's console."""
        if self._console is None:
            raise NotProven(say("No console is open.", "Консоль не открыта."), "suite")
        return self._console

    @property
    def page(self) -> Page:
        """The page that was opened last."""
        if self._opened is None:
            raise NotProven(say("No page is open.", "Страница не открыта."), "suite")
        return self._opened

    def _expect_navigation(self, page: Page) -> None:
        """The navigation has the link; whether its own page is sound is another scenario's matter."""
        name = said(page.words.heading, self.console.language)
        self.console.window.until(
            lambda view: view.link(name) is not None,
            Text(f"the link “{name}” in the navigation", f"ссылка «{name}» в навигации"),
        )

    def _invent_ended_run(self, like: str, month: int) -> list[str]:
        """Real runs begin and end within the minute that the console shows; this one's times can be told apart."""
        database, run_id = self._target.database, str(uuid4())
        now = database.value("SELECT now()")
        began = now.astimezone(UTC).replace(year=now.year - 1, month=month, **BEGAN)
        self._world.add_cleanup(database.execute, "DELETE FROM agent_runs WHERE id = %s::uuid", run_id)
        # Broken: that no project can be made is another line's matter; else a table that wants more than is told.
        with suppress(Broken, NotProven):
            database.invent_run(
                like,
                id=run_id,
                correlation_id=new_id(self._world.mark),
                project_id=self._world.projects.make(),
                status="failed",
                learning_mode=False,
                started_at=began,
                finished_at=began + LASTED,
            )
            return [run_id]
        return []

    def _invent_homeless_run(self, like: str) -> list[str]:
        """One that belongs to no project, which the page must not hide; none where the API does not list such."""
        try:
            run_id = invented(self._world, like)
        except NotProven:  # a table that wants more than the contract tells
            return []
        listed = self._world.as_person("admin").get("/runs").items()
        return [run_id for item in listed if item.get("id") == run_id]

    def _expect_listed(self, run_id: str) -> None:
        staff = self._world.as_person("admin")
        until(
            lambda: staff.run(run_id).status,
            lambda status: status == 200,
            what=Text(f"the API shows run {run_id} to an admin", f"API показывает запуск {run_id} администратору"),
            within=LISTED_WITHIN_SECONDS,
        )

    def _remove_project(self, slug: str) -> None:
        project = self._target.database.project(slug)
        if project:
            self._world.as_person("admin").delete_project(project.id)

    def _remove_user(self, email: str) -> None:
        user = self._target.database.user(email)
        # An admin is the owner's to remove (contract 2), and who is signed in here may be none.
        if user and self._world.as_person("admin").remove_user(user.id).status == 403:
            self._target.database.execute("DELETE FROM users WHERE id = %s", user.id)


MAKERS: Mapping[str, Callable[[ConsolePages], None]] = {
    "projects": ConsolePages.have_projects,
    "проекты": ConsolePages.have_projects,
    "runs": ConsolePages.have_runs,
    "запуски": ConsolePages.have_runs,
    "users": ConsolePages.have_users,
    "пользователи": ConsolePages.have_users,
}
