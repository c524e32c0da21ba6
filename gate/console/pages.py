"""The pages of lists: projects, runs, users, and what can be done on each (contract 6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from gate.console import words
from gate.console.page import Page
from gate.console.view import Row
from gate.console.window import alone
from gate.console.words import said
from gate.errors import Broken
from gate.language import Text, say

if TYPE_CHECKING:
    from playwright.sync_api import Locator

Wanted = tuple[Callable[[Row], bool], Text]


class ProjectsPage(Page):
    """`/`: the projects, and the form that makes or renames one."""

    words = words.PROJECTS
    api = "/projects"

    def create(self, slug: str, name: str) -> None:
        """Fill the form and send it."""
        self._fill(slug, name)
        self.press(self.window.named("button", words.CREATE_OR_UPDATE))

    def attempt(self, slug: str, name: str) -> bool:
        """The same with what is to be refused; False where the form is not even sent: a button that is off, a
        field that the browser itself wants filled, or a form that keeps to itself what lacks something.
        """
        self._fill(slug, name)
        self.window.settle()
        button = self.window.named("button", words.CREATE_OR_UPDATE).first
        if self.window.look(button.is_disabled):
            return False
        sent = len(self._sent())
        self.press(button)
        self.window.settle()
        return len(self._sent()) > sent

    def _sent(self) -> list[str]:
        """The projects that the page has asked the API for (contract 2)."""
        changes = self.window.log.changes
        return [path for method, path in changes if method == "POST" and path.rstrip("/").endswith(self.api)]

    def _fill(self, slug: str, name: str) -> None:
        # What was sent before may still be read anew, and the form emptied after that.
        self.window.settle()
        # The slug at last: a form may propose one while the name is typed.
        for field, value in reversed([*zip(self._fields(), (slug, name), strict=True)]):
            self.window.fill(field, value)

    def _fields(self) -> tuple[Locator, Locator]:
        """Slug and name."""
        return self.window.labelled(words.SLUG, 0), self.window.labelled(words.NAME, 1)

    def expect_project(self, slug: str) -> Row:
        """The row of a project; waits until it is shown."""
        return self.expect_row(*_project(slug))

    def expect_kept_project(self, slug: str) -> Row:
        """The only row of a project, with the same name once the page is loaded anew."""
        return self.expect_kept_row(*_project(slug), "Name")

    def expect_no_project(self, slug: str) -> None:
        """Shown without this one, as it stands: nothing is loaded anew."""
        fits, _ = _project(slug)
        heading = said(self.words.heading, self.console.language)
        if self.window.view().path != self.path:
            self.open_by_link()
        # A table that is still to come has no row of it either.
        self.window.settle()
        self.window.until(
            lambda view: (
                view.path == self.path and heading in view.headings and not any(map(fits, self.rows(view)))
            ),
            Text(f"the projects without {slug}, which is deleted", f"проекты без {slug}, который удалён"),
        )

    def has_form(self) -> bool:
        """Whether the page offers to create a project: what cannot be filled or sent is no offer."""
        titled = said(words.PROJECT_FORM, self.console.language) in self.window.view().forms
        button = self.window.named("button", words.CREATE_OR_UPDATE)
        return titled and self.window.count(button) > 0 and all(map(self.window.can_fill, self._fields()))

    def follow_repositories(self, slug: str) -> None:
        """Follow the link to a project's repositories."""
        if project := self._follow(slug, words.REPOS_LINK):
            self.console.repositories(project).open()

    def follow_members(self, slug: str) -> None:
        """Follow the link to a project's members."""
        if project := self._follow(slug, words.MEMBERS_LINK):
            self.console.members(project).open()

    def _follow(self, slug: str, link: Text) -> str:
        """Follow a link of the project's row; where the table ends before it, the project's id in its stead."""
        found = self.expect_project(slug)
        if found not in self.rows():
            return found["ID"]
        # The slug may be the row's title, and other things may stand beside it in its cell.
        text = self.window.page.locator(f"xpath=.//*[text()[normalize-space()='{slug}']]")
        named = text.or_(self.window.page.get_by_text(alone(slug)))
        self.window.log.start_over()
        row = self.window.page.get_by_role("row").filter(has=named)
        self.window.click(self.window.named("link", link, within=row.first))
        return ""


class RunsPage(Page):
    """`/runs`: the runs that the person may see."""

    words = words.RUNS
    pattern = "/runs"
    api = "/runs"
    newest_first = True

    def expect_dates(self) -> None:
        """Every time in the table is written as the console's language has it."""
        for row in self.rows():
            for column in ("Created", "Started", "Finished"):
                self.date(row[column])

    def expect_run(self, run_id: object) -> Row:
        """The row of a run, known by its link to the details; waits until it is shown."""
        return self.expect_row(
            lambda row: row.leads_to(f"/runs/{run_id}"),
            Text(f"run {run_id} in the table", f"запуск {run_id} в таблице"),
        )

    def follow_details(self, run_id: object) -> None:
        """Follow the link to a run's details; where the table ends before it, its address."""
        if self.expect_run(run_id) not in self.rows():
            self.console.run(run_id).open()
            return
        self.window.log.start_over()
        row = self.window.page.get_by_role("row").filter(
            has=self.window.page.locator(f"a[href$='/runs/{run_id}']")
        )
        self.window.click(self.window.named("link", words.DETAILS_LINK, within=row))


class UsersPage(Page):
    """`/users`: who may use the platform, and the form that allows one more; for platform admins."""

    words = words.USERS
    pattern = "/users"
    api = "/users"

    def allow(self, email: str, admin: bool = False) -> None:
        """Fill the form and send it."""
        field = self.window.labelled(Text("Email", "Email"), 0)
        self.window.fill(field, email)
        # A table may have boxes of its own, to tell who is an admin or to choose rows.
        form = field.locator("xpath=ancestor::form[1]")
        where = form if self.window.count(form) else self.window.page
        boxes = where.get_by_role("checkbox").or_(where.get_by_role("switch"))
        box = boxes.and_(self.window.page.locator("xpath=//*[not(ancestor::table)]")).first
        with self.window.asked(say("tick the box of an admin", "отметить администратора")):
            _tick(box, admin)
        self.press(self.window.named("button", words.CREATE_OR_UPDATE))

    def expect_user(self, email: str) -> Row:
        """The row of a person; waits until it is shown."""
        return self.expect_row(*_person(email))

    def await_change(self, email: str, before: str) -> None:
        """Wait until a row of this person tells another right, as far as the page tells rights apart."""
        fits, _ = _person(email)
        with suppress(Broken):  # a right that stays as it was is seen once the page is loaded anew
            self.window.until(
                lambda view: any(fits(row) and row["Admin"] != before for row in self.rows(view)),
                Text(f"another right of {email} than “{before}”", f"у {email} другое право, чем «{before}»"),
            )

    def expect_kept_user(self, email: str) -> Row:
        """The only row of a person, with the same right once the page is loaded anew."""
        return self.expect_kept_row(*_person(email), "Admin")


def _project(slug: str) -> Wanted:
    what = Text(f"project {slug} in the table", f"проект {slug} в таблице")
    return lambda row: row["Slug"] == slug, what


def _person(email: str) -> Wanted:
    what = Text(f"{email} in the table", f"{email} в таблице")
    return lambda row: row["Email"].lower() == email.lower(), what


def date_of(text: str) -> str:
    """The part of a text that looks like a date of the console's, in either language; "" without one."""
    found = re.search(r"(?:\d{4}-\d\d-\d\d|\d\d\.\d\d\.\d{4}) \d\d:\d\d[+-]\d\d:\d\d", text)
    return found[0] if found else ""


def _tick(box: Locator, wanted: bool) -> None:
    """As a person does: what is clicked is what the page draws for the box, which may itself be out of sight."""
    if box.is_checked() == wanted:
        return
    label = box.locator("xpath=ancestor::label[1]")
    if label.count():
        label.click()
    elif box.is_visible():
        box.set_checked(wanted)
    else:
        box.press("Space")
