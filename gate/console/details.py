"""The console's pages about one project and about one run (contract 6)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from gate.console import words
from gate.console.choosing import Choice, Select, selects
from gate.console.page import Page
from gate.console.view import Item, Pane, Row, View
from gate.console.words import said
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Route

    from gate.console.console import Console

# What a dialog may want before one can agree.
FIELDS = (
    ":is(input:not([type=hidden]), textarea, select, "
    "[role=textbox], [role=checkbox], [role=switch], [role=combobox])"
)


class ProjectPage(Page):
    """`/projects/:id`: one project."""

    words = words.PROJECT
    pattern = "/projects/{}"

    def __init__(self, console: Console, item: object = "") -> None:
        super().__init__(console, item)
        self.deleted: list[str] = []

    def expect_told(self, slug: str, name: str) -> None:
        """It names the project, and its links lead to the repositories and members of this very project."""
        try:
            self.window.until(
                lambda view: slug in view.text and name in view.text and not self._misled(),
                Text(
                    f"project {slug} “{name}” with links to its repositories and members",
                    f"проект {slug} «{name}» со ссылками на его репозитории и участников",
                ),
                hopeless=lambda view: view.errors,
            )
        except Broken as lacking:
            wrong = "\n".join(self._misled())
            raise Broken(f"{wrong}\n{lacking}".strip()) from None

    def expect_named(self, slug: str, name: str) -> None:
        """It names the project, wherever it leads."""
        self.window.until(
            lambda view: slug in view.text and name in view.text,
            Text(f"project {slug} “{name}” on {self.path}", f"проект {slug} «{name}» на {self.path}"),
            hopeless=lambda view: view.errors,
        )

    def _misled(self) -> list[str]:
        """What is wrong about the links; beside the one that is right a page may have another of its name."""
        found, here = [], self.window.page.url
        for text, below in ((words.REPOS_LINK, "repositories"), (words.MEMBERS_LINK, "members")):
            wanted, name = f"{self.path}/{below}", said(text, self.console.language)
            hrefs = self.window.hrefs(self.window.named("link", text))
            led = sorted({urlsplit(urljoin(here, href)).path.rstrip("/") for href in hrefs})
            if wanted not in led:
                found.append(
                    say(
                        f"“{name}” leads to {', '.join(led) or '-'}, wanted {wanted}.",
                        f"«{name}» ведёт на {', '.join(led) or '-'}, а нужно {wanted}.",
                    )
                )
        return found

    def offers_delete(self) -> bool:
        """Whether the page has the button."""
        return bool(self.window.count(self.window.named("button", words.DELETE)))

    def expect_delete(self) -> None:
        """The page has it; waits until it is shown."""
        name = said(words.DELETE, self.console.language)
        self.window.until(
            lambda _: self.offers_delete(),
            Text(f"“{name}” on {self.path}, for the platform's owner", f"«{name}» на {self.path}, для владельца"),
            hopeless=lambda view: view.errors,
        )

    def refuse(self) -> None:
        """Click Delete, and then what disagrees in the dialog, where it is clear what does."""
        dialog = self._ask_to_delete()
        if not self.window.count(dialog):  # a build that does not ask
            return
        buttons = dialog.get_by_role("button").filter(has_text=words.CANCELS, has_not_text=words.AGREES)
        if self.window.count(buttons) == 1:
            self.window.click(buttons)
            self.window.settle()
        ensure(
            not self.deleted,
            "The project was deleted although nobody agreed.",
            "Проект удалён, хотя никто не согласился.",
        )
        self.reload()
        self.expect_shown()

    def delete(self, slug: str) -> None:
        """Click Delete, and what agrees in the dialog, which may want the slug typed before; it must be possible.

        Of a dialog the contract tells only its role: `NotProven` where it is not clear what it wants.
        """
        dialog = self._ask_to_delete()
        if self.deleted:  # a build that does not ask
            return
        field = dialog.get_by_role("textbox")
        wants = self.window.count(dialog.locator(FIELDS))
        if self.window.count(field):
            self.window.fill(field, slug)
        buttons = self.window.named("button", words.DELETE, within=dialog)
        if not self.window.count(buttons):
            buttons = self.agreeing(dialog)
        if self.window.count(buttons) != 1:
            raise _unclear()
        self._expect_agreeable(buttons, wants=wants)
        self.window.click(buttons)
        # Here, not where the outcome is judged: what a page asks goes on only while the browser is listened to.
        with suppress(Broken):
            self.window.until(
                lambda _: self.deleted, Text("a question to the API to delete it", "запрос к API об удалении")
            )
        self.window.settle()

    def _expect_agreeable(self, button: Locator, *, wants: int) -> None:
        """It can be clicked, or can in a moment; a dialog that wants something may want another thing before."""
        try:
            self.window.until(
                lambda _: self.window.look(button.is_enabled),
                Text("a button that agrees and can be pressed", "кнопка согласия, которую можно нажать"),
            )
        except Broken:
            if wants:
                raise _unclear() from None
            raise

    def _ask_to_delete(self) -> Locator:
        """The dialog; the console is let delete this project and nothing else, whatever it asks for."""
        button = words.same(said(words.DELETE, self.console.language))
        self.window.page.unroute("**/api/v1/staff/projects/**")
        self.window.page.route("**/api/v1/staff/projects/**", self._let_only_this)
        self.window.click(self.window.named("button", button))
        dialog = self.window.page.get_by_role("dialog")
        self.window.until(
            lambda _: self.window.count(dialog) or self.deleted,
            Text("a dialog that asks whether to delete", "диалог с вопросом об удалении"),
        )
        return dialog

    def _let_only_this(self, route: Route) -> None:
        path, this = urlsplit(route.request.url).path, f"/api/v1/staff{self.path}"
        if route.request.method != "DELETE":
            return route.fallback()
        self.deleted.append(path)
        return route.fallback() if path.rstrip("/") == this else route.abort()


class RepositoriesPage(Page):
    """`/projects/:id/repositories`: the repositories of a project, and the form that attaches one more."""

    words = words.REPOSITORIES
    pattern = "/projects/{}/repositories"

    def fill(self, owner: str, name: str, token: str, services_yaml: str = "services.yaml") -> None:
        """Fill the form without sending it."""
        self.window.fill(self.window.labelled(Text("Owner", "Владелец"), 0), owner)
        self.window.fill(self.window.labelled(Text("Name", "Название"), 1), name)
        self.window.fill(self.window.labelled(words.SERVICES_YAML, 2), services_yaml)
        self.window.fill(self.window.labelled(words.REPOSITORY_TOKEN, 3), token)

    def attach(self, owner: str, name: str, token: str, services_yaml: str = "services.yaml") -> None:
        """Fill the form and send it."""
        # What was sent before may still be read anew, and the form emptied after that.
        self.window.settle()
        self.fill(owner, name, token, services_yaml)
        self.press(self.window.named("button", words.ATTACH))

    def expect_repository(self, full_name: str) -> Row:
        """The row of an attached repository; waits until it is shown."""
        return self.expect_row(
            lambda row: row["Repo"].lower() == full_name.lower(),
            Text(f"repository {full_name} in the table", f"репозиторий {full_name} в таблице"),
        )


class MembersPage(Page):
    """`/projects/:id/members`: who takes part in a project, with which role and learning override."""

    words = words.MEMBERS
    pattern = "/projects/{}/members"

    def expect_member(self, email: str) -> View:
        """The row of a member; waits until it is shown."""
        return self.window.until(
            lambda view: any(email in " ".join(cells) for table in view.tables for cells, _ in table.rows),
            Text(f"member {email} in the table", f"участник {email} в таблице"),
            hopeless=lambda view: view.errors,
        )

    def shown(self, email: str) -> tuple[str, str]:
        """Role and learning override (inherit, true or false) that the member's row shows; empty for none."""
        (_, role), (_, learning) = self._selects(email)
        return role.role, learning.learning

    def roles_offered(self, email: str) -> int:
        """How many roles the member's row lets one choose from."""
        (_, role), _ = self._selects(email)
        return len(role.texts)

    def set_role(self, email: str, role: str) -> None:
        """Choose a role: read, read_write or admin."""
        (select, offered), _ = self._selects(email)
        self._choose(select, offered.roles, role)

    def set_learning(self, email: str, choice: str) -> None:
        """Choose a learning override: inherit, true or false."""
        _, (select, offered) = self._selects(email)
        self._choose(select, offered.meanings, choice)

    def save(self, email: str) -> None:
        """Save the member's row."""
        self.press(self.window.named("button", words.SAVE, within=self._row(email)))

    def expect_no_error(self, email: str) -> None:
        """No error text stands in the member's row."""
        told = self.window.look(self._row(email).locator(".err:visible").all_text_contents)
        ensure(
            not told,
            f"The row of {email} shows an error: {told}",
            f"В строке {email} ошибка: {told}",
        )

    def _row(self, email: str) -> Locator:
        self.expect_member(email)
        return self.window.page.get_by_role("row").filter(has_text=email).first

    def _selects(self, email: str) -> tuple[tuple[Select, Choice], tuple[Select, Choice]]:
        """The member's select of roles and that of learning, each as it stands."""
        row = self._row(email)
        self.window.until(
            lambda _: len(selects(self.window, row)) >= len(("role", "learning")),
            Text(
                f"a select of roles and one of learning in the row of {email}",
                f"в строке {email} список ролей и список обучения",
            ),
            hopeless=lambda view: view.errors,
        )
        told = [(one, one.read()) for one in selects(self.window, row)]
        roles = [one for one in told if one[1].offers("read_write")] or told
        return roles[0], next(one for one in told if one is not roles[0])

    def _choose(self, select: Select, offered: list[str], wanted: str) -> None:
        ensure(
            wanted in offered,
            f"{wanted} is not offered, but {', '.join(offered)}.",
            f"Варианта {wanted} нет, есть {', '.join(offered)}.",
        )
        select.choose(offered.index(wanted))


class RunPage(Page):
    """`/runs/:id`: one run with its events and learning feedback."""

    words = words.RUN
    pattern = "/runs/{}"

    def panes(self) -> list[str]:
        """Flow events and learning feedback."""
        return [said(title, self.console.language) for title in (words.FLOW_EVENTS, words.LEARNING_FEEDBACK)]

    def expect_ids(self, run_id: object, correlation_id: str) -> None:
        """The page names the run and the delivery that it came from."""
        named = [
            re.compile(rf"{name}:\s*{re.escape(str(value))}")
            for name, value in (("run_id", run_id), ("correlation_id", correlation_id))
        ]
        self.window.until(
            lambda view: all(each.search(view.text) for each in named),
            Text(
                f"run_id: {run_id} and correlation_id: {correlation_id}",
                f"run_id: {run_id} и correlation_id: {correlation_id}",
            ),
            hopeless=lambda view: view.errors,
        )

    def events(self) -> tuple[Item, ...]:
        """The items of the pane with the run's events, as they stand."""
        return self._pane(words.FLOW_EVENTS).items

    def feedback(self) -> tuple[Item, ...]:
        """The items of the pane with the run's learning feedback, as they stand."""
        return self._pane(words.LEARNING_FEEDBACK).items

    def expect_events(self, at_least: int) -> tuple[Item, ...]:
        """So many events are shown."""
        return self._expect_items(words.FLOW_EVENTS, words.NO_EVENTS, at_least)

    def expect_feedback(self, at_least: int = 1) -> tuple[Item, ...]:
        """So much learning feedback is shown."""
        return self._expect_items(words.LEARNING_FEEDBACK, words.NO_FEEDBACK, at_least)

    def expect_no_feedback(self) -> None:
        """The page says in its own words that there is none."""
        self._expect_sentence(words.LEARNING_FEEDBACK, words.NO_FEEDBACK)

    def expect_no_events(self) -> None:
        """The page says in its own words that there are none."""
        self._expect_sentence(words.FLOW_EVENTS, words.NO_EVENTS)

    def _expect_items(self, title: Text, none: Text, at_least: int) -> tuple[Item, ...]:
        name, empty = (said(text, self.console.language) for text in (title, none))
        view = self.window.until(
            lambda view: (
                name in view.panes
                and len(view.panes[name].items) >= at_least
                and not (view.panes[name].items and empty in view.panes[name].text)
            ),
            Text(
                f"{at_least} item(s) under “{name}” and no “{empty}” beside them",
                f"записей под «{name}»: не меньше {at_least}, и нет «{empty}» рядом с ними",
            ),
            panes=self.panes(),
            hopeless=lambda view: view.errors,
        )
        return view.panes[name].items

    def _expect_sentence(self, title: Text, sentence: Text) -> None:
        name, wanted = (said(text, self.console.language) for text in (title, sentence))
        view = self.window.until(
            lambda view: name in view.panes and wanted in view.panes[name].text,
            Text(f"“{wanted}” under “{name}”", f"«{wanted}» под «{name}»"),
            panes=self.panes(),
            hopeless=lambda view: view.errors,
        )
        items = view.panes[name].items
        ensure(not items, f"“{name}” is not empty: {items}", f"«{name}» не пуст: {items}")

    def _pane(self, title: Text) -> Pane:
        name = said(title, self.console.language)
        return self.window.view(self.panes()).panes.get(name, Pane("", ()))


def _unclear() -> NotProven:
    en = "What deletes in this dialog, or what it wants before, is not clear."
    return NotProven(say(en, "Неясно, что в этом диалоге удаляет или чего он требует перед этим."), "suite")


def pretty(text: str) -> str:
    """A `pre` text without the differences that a layout may make."""
    return re.sub(r"\s+", " ", text).strip()
