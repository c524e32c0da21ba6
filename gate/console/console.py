"""The staff console as one person has it open: its header, its pages, and whether it is sound."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from gate import evidence
from gate.console import words
from gate.console.page import Page
from gate.console.pages import ProjectsPage, RunsPage, UsersPage
from gate.console.view import View
from gate.console.words import CYRILLIC, said
from gate.language import Language, Text, ensure, say

if TYPE_CHECKING:
    from gate.console.details import MembersPage, ProjectPage, RepositoriesPage, RunPage
    from gate.console.window import Window

# The contract does not say which of the two the console's Logout takes first.
SIGN_IN_PATH = "/oauth2/start"
LOGOUT_PATH, EDGE_LOGOUT_PATH = "/api/v1/auth/logout", "/oauth2/sign_out"

Opened = TypeVar("Opened", bound=Page)


class Console:
    """The console in one window and one language. Pages are made when asked for; none is opened by that."""

    def __init__(self, window: Window, language: Language) -> None:
        self.window = window
        self.language: Language = language

    @property
    def projects(self) -> ProjectsPage:
        """`/`."""
        return ProjectsPage(self)

    @property
    def runs(self) -> RunsPage:
        """`/runs`."""
        return RunsPage(self)

    @property
    def users(self) -> UsersPage:
        """`/users`."""
        return UsersPage(self)

    def project(self, project_id: object) -> ProjectPage:
        """`/projects/:id`."""
        from gate.console.details import ProjectPage

        return ProjectPage(self, project_id)

    def repositories(self, project_id: object) -> RepositoriesPage:
        """`/projects/:id/repositories`."""
        from gate.console.details import RepositoriesPage

        return RepositoriesPage(self, project_id)

    def members(self, project_id: object) -> MembersPage:
        """`/projects/:id/members`."""
        from gate.console.details import MembersPage

        return MembersPage(self, project_id)

    def run(self, run_id: object) -> RunPage:
        """`/runs/:id`."""
        from gate.console.details import RunPage

        return RunPage(self, run_id)

    def visit(self, page: Opened) -> Opened:
        """Open a page by its address and see that it is shown, sound and in the right language."""
        page.open()
        page.expect_shown()
        return page

    # --- the header

    def log_out(self) -> list[str] | None:
        """Click Logout; returns the Set-Cookie lines of the API's answer, None where the edge is asked instead."""
        button = self.window.named("button", words.LOGOUT).or_(self.window.named("link", words.LOGOUT))
        path, lines = self.window.click_and_hear(button, LOGOUT_PATH, EDGE_LOGOUT_PATH)
        return lines if path == LOGOUT_PATH else None

    def expect_signed_in(self, email: str, login: str, admin: bool | None) -> View:
        """The header names the person and, for a platform admin, says so; None where it may say either."""
        logout = said(words.LOGOUT, self.language)
        marks = [email, *([f"@{login}"] if login else []), logout]
        view = self.window.until(
            lambda view: all(mark.lower() in (view.header or view.text).lower() for mark in marks),
            Text("a header with " + ", ".join(marks), "шапка, где есть " + ", ".join(marks)),
        )
        named = re.compile(rf"{re.escape(email)}|@{re.escape(login)}|\W", re.IGNORECASE)
        marked = said(words.ADMIN_PILL, self.language) in {named.sub("", mark).lower() for mark in view.marks}
        ensure(
            admin in (marked, None) or not view.header,
            f"The header does not tell rightly whether {email} is an admin: “{view.header}”.",
            f"Шапка неверно говорит, администратор ли {email}: «{view.header}».",
        )
        return view

    def expect_named(self, email: str) -> None:
        """The header has the person's e-mail."""
        self.window.until(
            lambda view: email.lower() in (view.header or view.text).lower(),
            Text(f"{email} in the header", f"{email} в шапке"),
        )

    def _leads(self, view: View, name: str, path: str) -> bool:
        """Whether a link of this name leads to this path."""
        here = self.window.page.url
        return any(link.says(name) and urlsplit(urljoin(here, link.href)).path == path for link in view.links)

    def expect_navigation(self) -> None:
        """Its words are in the console's language; an admin's links lead to the lists, wherever they stand."""
        logout = said(words.LOGOUT, self.language)
        wanted = {
            (said(page.words.heading, self.language), page.pattern) for page in (ProjectsPage, RunsPage, UsersPage)
        }
        told = ", ".join(f"{name} → {path}" for name, path in sorted(wanted))
        self.window.until(
            lambda view: (
                all(self._leads(view, name, path) for name, path in wanted)
                and logout in (view.header or view.text)
            ),
            Text(f"a header with {told}, {logout}", f"шапка, где есть {told}, {logout}"),
        )

    def offers_users(self) -> bool:
        """Whether the navigation has a link to the users."""
        view = self.window.view()
        return any(link.href == UsersPage.pattern for link in view.links) or bool(
            view.link(said(words.USERS.heading, self.language))
        )

    # --- someone who is not allowed

    def expect_access_card(self) -> View:
        """The card of someone signed in at GitHub but not allowed, with the link to sign in as another."""
        title, link = (said(text, self.language) for text in (words.ACCESS_REQUIRED, words.LOGIN_WITH_GITHUB))
        view = self.window.until(
            lambda view: title in view.text and _to_sign_in(view, link),
            Text(
                f"the card “{title}” with the link “{link}” to /oauth2/start",
                f"карточка «{title}» со ссылкой «{link}» на /oauth2/start",
            ),
        )
        told = " / ".join(view.errors)
        ensure(
            not told or bool(CYRILLIC.search(told)) is (self.language == "ru"),
            f"The card tells in the other language why: {told}",
            f"Карточка объясняет отказ на другом языке: {told}",
        )
        return view

    def expect_way_to_sign_in(self) -> None:
        """Whoever follows the card's link leaves the console for the edge's sign-in."""
        link = self.window.named("link", words.LOGIN_WITH_GITHUB)
        # A link may be dressed as a button.
        link = link.or_(self.window.named("button", words.LOGIN_WITH_GITHUB))
        self.window.click_and_leave(link, SIGN_IN_PATH)

    # --- soundness

    def expect_sound(self) -> None:
        """No error box, no failed request, no error of the page or in the browser's log."""
        self.window.settle()
        view, troubles = self.window.view(), self.window.log.troubles
        ensure(
            not view.errors,
            f"The page {view.path} shows an error: {' / '.join(view.errors)}",
            f"На странице {view.path} ошибка: {' / '.join(view.errors)}",
        )
        listed = "\n".join(map(str, troubles))
        ensure(
            not troubles,
            f"Something failed behind the page {view.path}:\n{listed}",
            f"За страницей {view.path} что-то не сработало:\n{listed}",
        )
        for line in self.window.log.strangers:
            evidence.residual_risk(
                say(f"Not the console's own, but in its log: {line}", f"Не от самой консоли, но в журнале: {line}")
            )


def _to_sign_in(view: View, name: str) -> bool:
    link = view.link(name)
    return link is not None and SIGN_IN_PATH in link.href
