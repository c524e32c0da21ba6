"""One visit to the console that leads over several pages, none loaded anew: nothing of one stays on the next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gate.capabilities.console_more import expect_kept, press_flag
from gate.capabilities.fresh_runs import await_told
from gate.capabilities.role_cast import ADMIN, OUTSIDER, READER, ROLES, WRITER, RoleCast, console_of
from gate.console.console import Console
from gate.console.details import RepositoriesPage
from gate.console.engine import LOCALE_COOKIE
from gate.console.held import Held
from gate.console.page import Page
from gate.console.words import ATTACH, ATTACH_FORM, PROJECT_FORM, said, same
from gate.doors.staff import STAFF
from gate.errors import NotProven
from gate.language import Text, ensure, say
from gate.waiting import until

if TYPE_CHECKING:
    from gate.world import World


REPLAYS, REPLAYED = 2, "webhook.duplicate"
ASKED_ANEW_WITHIN_SECONDS = 15.0


class ConsoleVisits:
    """What one person does in one window, page after page."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._console: Console | None = None
        self._repositories: RepositoriesPage | None = None
        self._held: Held | None = None
        self._runs: list[tuple[str, str]] = []
        self._first_depth = 0
        # What the lists had before the page was drawn otherwise.
        self._listed: dict[str, set[str]] = {}

    @property
    def _cast(self) -> RoleCast:
        return self._world.roles.cast

    @property
    def console(self) -> Console:
        """The console of that window."""
        if self._console is None:
            raise NotProven(say("No console is open.", "Консоль не открыта."), "suite")
        return self._console

    # --- acts

    def have_two_runs(self) -> None:
        """Two deliveries have just started them."""
        self._runs = [self._deliver() for _ in range(2)]
        self._await_told()

    def have_replays(self) -> None:
        """A delivery, and twice the same again."""
        webhook = self._world.webhook
        self._runs = [self._deliver()]
        for _ in range(REPLAYS):
            webhook.deliver()
        webhook.expect_replays_recorded(REPLAYS)

    def read_run(self) -> None:
        """The page of that run, by its address."""
        self._await_told()
        self._console = console = self._world.browser.open("admin", self._world.language)
        console.visit(console.run(self._runs[-1][0]))

    def read_both_runs(self) -> None:
        """From the list to the details of one, back by the navigation, and to the details of the other."""
        self._await_told()
        self._console = console = self._world.browser.open("admin", self._world.language)
        console.visit(console.runs)
        for run_id, correlation_id in self._runs:
            console.runs.follow_details(run_id)
            page = console.run(run_id)
            page.expect_shown()
            if run_id != self._runs[-1][0]:
                page.expect_ids(run_id, correlation_id)
                # A console may have more addresses than pages, such as one for each pane.
                self._first_depth = console.window.depth()
                self._go_back()

    def read_run_again(self) -> None:
        """The details of a run, the list, and the details once more: in between its delivery came again."""
        run_id, _ = self._runs[-1]
        self._console = console = self._world.browser.open("admin", self._world.language)
        console.visit(console.runs).follow_details(run_id)
        console.run(run_id).expect_shown()
        console.run(run_id).expect_events(1)
        self._go_back()
        self._world.webhook.deliver()
        self._world.webhook.expect_replays_recorded(1)
        console.runs.follow_details(run_id)

    def leave_first_run(self) -> None:
        """The answers about the first run are held back until its page is left and the second run's is shown."""
        self._await_told()
        self._console = console = self._world.browser.open("admin", self._world.language)
        console.visit(console.runs)
        (first, _), (second, correlation_id) = self._runs[0], self._runs[-1]
        self._held = Held(console.window, f"{STAFF}/runs/{first}")
        console.runs.follow_details(first)
        self._held.expect_asked()
        self._go_back()
        console.runs.follow_details(second)
        console.run(second).expect_shown()
        console.run(second).expect_ids(second, correlation_id)

    def have_left_runs(self) -> None:
        """An admin has read the list of runs and gone on to the projects by the navigation."""
        self._console = console = self._world.browser.open("admin", self._world.language)
        console.visit(console.runs)
        console.projects.open_by_link()
        console.projects.expect_shown()

    def go_on_to_runs(self) -> None:
        """From the projects to the runs by the navigation."""
        self._console = console = self._world.browser.open("admin", self._world.language)
        self._remember(console.visit(console.projects))
        self._go_back()
        self._remember(console.runs)

    def start_run(self) -> None:
        """A delivery starts one more."""
        self._runs.append(self._deliver())

    def read_both_repositories(self) -> None:
        """From the projects to the repositories of one, back by the navigation, and to those of the other."""
        self._console = console = self._world.browser.open("admin", self._world.language)
        console.visit(console.projects)
        for slug, project in ((self._cast.slug, self._cast.project), (self._cast.doomed_slug, self._cast.doomed)):
            console.projects.follow_repositories(slug)
            self._repositories = console.repositories(project)
            self._repositories.expect_shown()
            if project == self._cast.project:
                self._repositories.expect_repository(self._cast.full_name)
                console.projects.open_by_link()
                console.projects.expect_shown()

    def read_both_members(self) -> None:
        """The same with the members of the two projects."""
        self._console = console = self._world.browser.open("admin", self._world.language)
        console.visit(console.projects).follow_members(self._cast.slug)
        console.members(self._cast.project).expect_shown()
        console.members(self._cast.project).expect_member(self._cast.email(READER))
        console.projects.open_by_link()
        console.projects.expect_shown()
        console.projects.follow_members(self._cast.doomed_slug)
        console.members(self._cast.doomed).expect_shown()

    def open_as_writer(self) -> None:
        """Somebody who may write in the project, of whom the gateway is told from inside."""
        self._console = console = console_of(self._world, self._cast, WRITER)
        console.visit(console.projects).follow_repositories(self._cast.slug)
        self._repositories = console.repositories(self._cast.project)
        self._repositories.expect_shown()

    def press_flags_on_lists(self) -> None:
        """On the projects the flag of the other language, and on the runs, by a link, that of the first."""
        console = self._world.browser.open("admin", self._world.language)
        self._remember(console.visit(console.projects))
        self._console = other = press_flag(console.projects)
        self._expect_again(other.projects)
        expect_kept(other)
        other.runs.open_by_link()
        other.runs.expect_shown()
        self._remember(other.runs)
        self._console = press_flag(other.runs)

    def open_as_admin(self) -> None:
        """A platform admin who is not the platform's owner, of whom the gateway is told from inside."""
        self._console = console = console_of(self._world, self._cast, ADMIN)
        console.visit(console.projects)

    def have_been(self) -> None:
        """An admin is at the console, and named there."""
        self._console = console = self._world.browser.open("admin", self._world.language)
        console.visit(console.projects)
        console.expect_named(self._world.target.people.email("admin"))

    def change_person(self) -> None:
        """The same browser has a member's session, and what the console itself has kept."""
        state, context = self._world.target.people.session("member").state, self.console.window.context
        kept = [cookie for cookie in context.cookies() if cookie.get("name") == LOCALE_COOKIE]
        context.clear_cookies()
        theirs = [cookie for cookie in state["cookies"] if cookie["name"] != LOCALE_COOKIE]
        context.add_cookies([*theirs, *kept])  # type: ignore[list-item]
        self.console.projects.open()

    # --- checks

    def expect_replays_shown(self) -> None:
        """Each is an item of its own, though they are alike."""
        page = self.console.run(self._runs[-1][0])
        items = page.expect_events(1 + REPLAYS)
        shown = [item.told for item in items]
        ensure(
            sum(item.is_of(REPLAYED) for item in items) == REPLAYS,
            f"{REPLAYED} is on record {REPLAYS} times, and the page shows the events {shown}.",
            f"{REPLAYED} записано {REPLAYS} раза, а на странице события {shown}.",
        )
        page.expect_sound()

    def expect_second_run(self) -> None:
        """The page names the run that was chosen last, and its header leads on from there."""
        run_id, correlation_id = self._runs[-1]
        page = self.console.run(run_id)
        page.expect_ids(run_id, correlation_id)
        page.expect_sound()
        self.console.expect_navigation()

    def expect_replay_shown(self) -> None:
        """What has come since the page was read before is on it."""
        page = self.console.run(self._runs[-1][0])
        page.expect_shown()
        # A console may show what it knows while it asks anew.
        until(
            lambda: [(item.told, item.is_of(REPLAYED)) for item in page.events()],
            lambda shown: any(replayed for _, replayed in shown),
            what=Text(
                f"{REPLAYED}, which is on record, on the page of the run, opened once more",
                f"записанное {REPLAYED} на странице запуска, открытой ещё раз",
            ),
            within=ASKED_ANEW_WITHIN_SECONDS,
        )
        page.expect_sound()

    def expect_runs_by_history(self) -> None:
        """From the one run's page right to the other's and again to the one, nothing in between (contract 6)."""
        window = self.console.window
        pages = window.depth() - self._first_depth
        window.back(pages)
        self._expect_whole(*self._runs[0], replayed=True)
        window.forward(pages)
        self._expect_whole(*self._runs[-1], replayed=False)

    def _expect_whole(self, run_id: str, correlation_id: str, *, replayed: bool) -> None:
        """The page of a run that came again, or did not: its ids, and in the pane its events."""
        page = self.console.run(run_id)
        page.expect_shown()
        page.expect_ids(run_id, correlation_id)
        # A console may show what it knows while it asks anew.
        until(
            lambda: [(item.told, item.is_of(REPLAYED)) for item in page.events()],
            lambda shown: bool(shown) and any(again for _, again in shown) is replayed,
            what=Text(
                f"events {'with' if replayed else 'and no'} {REPLAYED} on the page of run {run_id}, whose "
                f"delivery came {'again' if replayed else 'once'}; the page before was that of another run",
                f"события {'с' if replayed else 'без'} {REPLAYED} на странице запуска {run_id}, чья доставка "
                f"{'повторялась' if replayed else 'пришла один раз'}; до неё открыта страница другого запуска",
            ),
            within=ASKED_ANEW_WITHIN_SECONDS,
        )
        page.expect_sound()

    def expect_second_stays(self) -> None:
        """Once the answers about the first run are there, the page is the second's: its ids, and no event more."""
        assert self._held is not None
        self._held.release()
        # An answer that has come is still to be drawn.
        self.console.window.settle()
        self.expect_second_run()
        page = self.console.run(self._runs[-1][0])
        events = page.events()
        ensure(
            not any(item.is_of(REPLAYED) for item in events),
            f"The page of a run that was delivered once shows {[item.told for item in events]}.",
            f"На странице запуска, доставленного один раз, показано {[item.told for item in events]}.",
        )
        page.expect_ids(*self._runs[-1])

    def expect_back_and_forth(self) -> None:
        """Under its address stands each page again, with its own heading, table and rows (contract 6)."""
        self.console.window.back()
        self._expect_again(self.console.projects)
        self.console.window.forward()
        self._expect_again(self.console.runs)

    def expect_first_language(self) -> None:
        """The runs are in the first language at once, with their dates, and so is what comes next."""
        self._expect_again(self.console.runs)
        self.console.runs.expect_dates()
        expect_kept(self.console)
        self.console.projects.open_by_link()
        self.console.projects.expect_shown()

    def expect_found_on_return(self) -> None:
        """Back by the navigation, the run stands in the list."""
        self._await_told()
        self._go_back()
        self.console.runs.expect_run(self._runs[-1][0])

    def expect_project_found_on_return(self) -> None:
        """Back by the navigation, the project that was made meanwhile stands in the list."""
        page = self.console.projects
        page.open_by_link()
        page.expect_shown()
        page.expect_project(self._world.projects.slug)

    def expect_second_repositories(self) -> None:
        """Those of the second project, and none of the first."""
        page = self._repositories
        assert page is not None
        page.expect_repository(f"{self._cast.mark}/elsewhere")
        page.expect_not_called_empty()
        shown = [row["Repo"] for row in page.rows()]
        ensure(
            self._cast.full_name not in shown,
            f"The repositories of project {self._cast.doomed_slug} are shown as {shown}: one is not its own.",
            f"Репозитории проекта {self._cast.doomed_slug} показаны как {shown}: среди них чужой.",
        )
        page.expect_sound()

    def expect_second_members(self) -> None:
        """Those of the second project, and none of who has a role in the first alone."""
        page = self.console.members(self._cast.doomed)
        view = page.expect_member(self._cast.email(OUTSIDER))
        shown = " ".join(cell for table in view.tables for cells, _ in table.rows for cell in cells)
        strangers = [email for email in map(self._cast.email, ROLES) if email in shown]
        ensure(
            not strangers,
            f"Among the members of project {self._cast.doomed_slug} are shown {strangers}, who are none of it.",
            f"Среди участников проекта {self._cast.doomed_slug} показаны {strangers}, у которых нет в нём роли.",
        )
        page.expect_sound()

    def expect_may_attach(self) -> None:
        """The rows are there, and the form that attaches one more."""
        page, language = self._repositories, self.console.language
        assert page is not None
        page.expect_repository(self._cast.full_name)
        form, button = said(ATTACH_FORM, language), said(ATTACH, language)
        page.window.until(
            lambda view: form in view.forms and page.window.count(page.window.named("button", same(button))),
            Text(f"the form “{form}” with “{button}”", f"форма «{form}» с кнопкой «{button}»"),
        )

    def expect_admin(self) -> None:
        """The form, the pill, and the users by the navigation: an admin need not own the platform (contract 6)."""
        console = self.console
        form = said(PROJECT_FORM, console.language)
        console.window.until(lambda view: form in view.forms, Text(f"the form “{form}”", f"форма «{form}»"))
        console.expect_signed_in(self._cast.email(ADMIN), "", True)
        console.users.open_by_link()
        console.users.expect_shown()
        console.users.expect_user(self._cast.email(ADMIN))

    def expect_theirs(self) -> None:
        """The header names the member, nothing names the admin, and Users is not offered."""
        people = self._world.target.people
        self.console.expect_named(people.email("member"))
        self.console.window.settle()
        self.console.expect_signed_in(people.email("member"), "", False)
        view = self.console.window.view()
        ensure(
            not _names(view.marks, people.email("admin")) and not self.console.offers_users(),
            f"The browser has a member's session, and the header is the admin's of before: “{view.header}”.",
            f"В браузере сессия участника, а шапка — прежнего администратора: «{view.header}».",
        )

    # --- helpers

    def _deliver(self) -> tuple[str, str]:
        """The run that a delivery starts, and the delivery's own id."""
        return self._world.webhook.start_run(), str(self._world.webhook.delivery.id)

    def _await_told(self) -> None:
        """A page shows what there was when it was read."""
        await_told(self._world, [run_id for run_id, _ in self._runs])

    def _remember(self, page: Page) -> None:
        self._listed[page.path] = page.known()

    def _expect_again(self, page: Page) -> None:
        page.expect_shown()
        page.expect_again(self._listed[page.path])

    def _go_back(self) -> None:
        self.console.runs.open_by_link()
        self.console.runs.expect_shown()


def _names(told: Sequence[str], email: str) -> bool:
    """Whether one of these texts has this address, and not as a part of another."""
    whole = re.compile(rf"(?<![\w.+-]){re.escape(email)}(?![\w-]|\.\w)", re.IGNORECASE)
    return any(whole.search(text) for text in told)
