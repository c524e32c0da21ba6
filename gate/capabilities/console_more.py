"""The console's further pages and forms: a project's own page, its members, users, languages (contract 6)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from gate.capabilities.role_cast import (
    ADMIN,
    GUEST,
    LEAD,
    NOBODY,
    READER,
    ROLES,
    RoleCast,
    console_of,
    made,
    staff_of,
)
from gate.console.console import Console
from gate.console.details import MembersPage, ProjectPage, RunPage
from gate.console.engine import LOCALE_COOKIE
from gate.console.lists import id_of
from gate.console.page import FOREIGN_SECONDS, Page
from gate.console.pages import UsersPage
from gate.console.words import LOGOUT, said
from gate.doors.staff import StaffFromInside, identity
from gate.errors import Broken, NotProven
from gate.language import Language, Text, ensure, say
from gate.learning_cast import id_of as person_id
from gate.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from gate.console.window import Window
    from gate.world import World

OTHER: dict[Language, Language] = {"en": "ru", "ru": "en"}
# What the console sends is committed before the page tells of it; this allows for one still on its way.
STORED_WITHIN_SECONDS = 10.0
# Of the console's own header, not of a card's: it has Logout, too (contract 6).
HEADER_BUTTONS = (
    f":is(header, [role=banner]):is(:has-text('{LOGOUT.en}'), :has-text('{LOGOUT.ru}')) :is(button, [role=button])"
)
# A header that is not marked as one: what belongs to no page.
BUTTONS_ABOVE = (
    "xpath=//button[not(ancestor::main or ancestor::form or ancestor::table or ancestor::*[@role='dialog'])]"
)
LEAVES = re.compile(f"{LOGOUT.en}|{LOGOUT.ru}")
# How a flag may call its language: a word, a code, the flag itself.
NAMES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\ben\b|english|английский|🇬🇧|🇺🇸", re.IGNORECASE),
    "ru": re.compile(r"\bru\b|russian|русский|🇷🇺", re.IGNORECASE),
}
# Its text, and what a picture in it or a class says: `alt="Русский"`, `class="fi fi-ru"`.
TOLD_BY = """
button => [button.textContent, ...[button, ...button.querySelectorAll('*')].flatMap(
  e => ['aria-label', 'title', 'lang', 'alt', 'class'].map(name => e.getAttribute(name)))]
  .filter(Boolean).join(' ')
"""
NEW_ROLE, NEW_LEARNING = "read_write", "true"
# How the page calls what is stored (contract 6).
LEARNING = {None: "inherit", True: "true", False: "false"}
MEMBERS = """
SELECT u.email::text AS email, m.role::text AS role, m.learning_mode_override AS learning
FROM project_members m JOIN users u ON u.id = m.user_id WHERE m.project_id = %s::uuid ORDER BY u.email
"""
# In the reverse order: a person's roles need not go with them.
LEAVE = (
    "DELETE FROM users WHERE lower(email::text) = lower(%s)",
    "DELETE FROM project_members m USING users u WHERE u.id = m.user_id AND lower(u.email::text) = lower(%s)",
)


def press_flag(page: Page) -> Console:
    """Press the buttons of the header, one after the other, until one changes the page's language.

    Returns the console in the other language; whether it is in it is for the caller to see.
    """
    window = page.window
    other = Console(window, OTHER[page.console.language])
    wanted = said(page.words.heading, other.language)
    buttons = window.page.locator(HEADER_BUTTONS)
    if not window.count(buttons):
        buttons = window.page.locator(BUTTONS_ABOVE)
    named = [(button, _told_by(window, button)) for button in map(buttons.nth, range(window.count(buttons)))]
    flags = [(button, told) for button, told in named if not LEAVES.search(told) and window.can_press(button)]
    # Another flag pressed while the page still draws itself anew would take the choice back.
    for button, _ in sorted(flags, key=lambda flag: not NAMES[other.language].search(flag[1])):
        window.click(button)
        window.settle()
        with suppress(Broken):
            until(
                window.view,
                lambda view: wanted in view.headings,
                what=Text(f"the heading “{wanted}”", f"заголовок «{wanted}»"),
                within=FOREIGN_SECONDS,
            )
            break
    return other


def _told_by(window: Window, button: Locator) -> str:
    """What a button says of itself, to whoever sees it or has it read aloud."""
    return str(window.look(lambda: button.evaluate(TOLD_BY)))


def expect_kept(console: Console) -> None:
    """The choice of this language is kept for the whole console (contract 6)."""
    kept = console.window.cookies().get(LOCALE_COOKIE)
    ensure(
        kept == console.language,
        f"The flag was pressed, and the cookie {LOCALE_COOKIE} of the whole console is {kept!r}.",
        f"Флаг нажат, а cookie {LOCALE_COOKIE} всей консоли — {kept!r}.",
    )


class FurtherPages:
    """What one scenario does on these pages; the people are those of the roles."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._database = world.target.database
        self._email = f"{world.mark}+allowed@gate.test"
        self._as_admin = False
        self._opened: Page | None = None
        self._before: list[dict[str, Any]] = []
        self._offered: list[str] = []
        # Who became a member while the page was open.
        self._joined = ""

    @property
    def page(self) -> Page:
        """The page that was opened last."""
        if self._opened is None:
            raise NotProven(say("No page is open.", "Страница не открыта."), "suite")
        return self._opened

    @property
    def cast(self) -> RoleCast:
        """The project and its people."""
        return self._world.roles.cast

    # --- acts

    def open_project(self) -> None:
        """A platform admin opens the project's own page by its address."""
        console = self._admin()
        self._opened = console.visit(console.project(self.cast.project))

    def change_member(self, learning: str = NEW_LEARNING, *, joined: bool = False) -> None:
        """By the link of the project's row; a reader becomes a writer with learning of their own.

        `joined`: while the page is open somebody becomes a member who stands before all others, so that a list
        that is read anew after Save has every row in another place.
        """
        console = self._admin()
        console.visit(console.projects).follow_members(self.cast.slug)
        page = console.members(self.cast.project)
        page.expect_shown()
        email = self.cast.email(READER)
        if joined:
            page.expect_member(email)
            self._join()
        self._before = self._members()
        page.set_role(email, NEW_ROLE)
        page.set_learning(email, learning)
        page.save(email)
        self._opened = page

    def _join(self) -> None:
        """Through the API; gone again after the scenario."""
        self._joined = f"{self.cast.mark}-0-joined@gate.test"
        staff = self._world.as_person("admin")
        for statement in LEAVE:
            self._world.add_cleanup(self._database.execute, statement, self._joined)
        made(staff.allow(self._joined))
        made(staff.add_member(self.cast.project, person_id(self._database, self._joined), "read"))

    def choose_for_two(self) -> None:
        """Another role is chosen for one member and not saved; then a member is changed and saved."""
        console = self._admin()
        page = console.visit(console.members(self.cast.project))
        self._before = self._members()
        page.set_role(self.cast.email(GUEST), "admin")
        page.set_role(self.cast.email(READER), NEW_ROLE)
        page.set_learning(self.cast.email(READER), NEW_LEARNING)
        page.save(self.cast.email(READER))
        page.window.settle()
        self._opened = page

    def inherit_again(self) -> None:
        """The same member's learning is chosen as inherited, and the role left as it is."""
        page = self.page
        assert isinstance(page, MembersPage)
        page.window.settle()
        page.set_learning(self.cast.email(READER), "inherit")
        page.save(self.cast.email(READER))

    def change_role_alone(self) -> None:
        """The same member becomes one who leads; their learning is not touched."""
        page = self.page
        assert isinstance(page, MembersPage)
        page.window.settle()
        page.set_role(self.cast.email(READER), "admin")
        page.save(self.cast.email(READER))
        # Role and learning may be sent one after the other: what is stored between the two proves nothing.
        page.window.settle()

    def allow_somebody(self, admin: bool = False) -> None:
        """The form of the users' page."""
        console = self._admin()
        page = console.visit(console.users)
        page.allow(self._email, admin)
        self._opened, self._as_admin = page, admin

    def allow_admin_first(self) -> None:
        """An admin, and then in the same form somebody who is to be none."""
        self.allow_somebody(admin=True)
        page = self.page
        assert isinstance(page, UsersPage)
        page.expect_user(self._email)
        page.window.settle()
        self._email, self._as_admin = f"{self._world.mark}+second@gate.test", False
        page.allow(self._email)

    def allow_twice(self) -> None:
        """Somebody who is no admin, and then in the same form the same person as one."""
        self.allow_somebody()
        page = self.page
        assert isinstance(page, UsersPage)
        before = page.expect_user(self._email)
        page.window.settle()
        self._as_admin = True
        page.allow(self._email, admin=True)
        page.window.settle()
        page.await_change(self._email, before["Admin"])

    def open_as_nobody(self, kind: type[Page]) -> None:
        """Somebody without any role, whom the gateway is told of from inside."""
        self._opened = kind(console_of(self._world, self.cast, NOBODY))
        self._opened.open()

    def open_refused(self, name: str) -> None:
        """Somebody without any role opens the project's repositories, or its run, by their address."""
        console = console_of(self._world, self.cast, NOBODY)
        run, project = console.run, console.repositories
        self._opened = run(self._world.told_run.run_id) if name == "run" else project(self.cast.project)
        self._opened.open()

    def open_as_no_owner(self) -> None:
        """A reader, a lead and a platform admin open the project's own page, and each is told which project it is.

        A build that does not know of owners may offer it to its admins (contract 2: late in S1). Members are for
        admins to see, so a build need not lead anybody else to them.
        """
        user = (staff_of(self._world, self.cast, ADMIN).me().parsed() or {}).get("user") or {}
        people = (READER, LEAD, ADMIN) if "is_platform_owner" in user else (READER, LEAD)
        stored = self._database.project_by_id(self.cast.project)
        assert stored is not None
        self._offered = []
        for person in people:
            console = console_of(self._world, self.cast, person)
            self._opened = page = console.visit(console.project(self.cast.project))
            (page.expect_told if person == ADMIN else page.expect_named)(stored.slug, stored.name)
            if page.offers_delete():
                self._offered.append(person)

    def read_page(self, name: str) -> None:
        """One of the pages that have words of their own, as a platform admin."""
        page = self._admin_page(name)
        self._opened = page.console.visit(page)

    def open_while_api_fails(self, name: str) -> None:
        """One of the pages, as a platform admin, while the API answers nothing but 500."""
        self._opened = page = self._admin_page(name)
        page.open_while_api_fails()

    def _admin_page(self, name: str) -> Page:
        console, project = self._admin(), self.cast.project
        pages: dict[str, Page] = {
            "projects": console.projects,
            "project": console.project(project),
            "repositories": console.repositories(project),
            "members": console.members(project),
            "runs": console.runs,
            "users": console.users,
        }
        return pages[name]

    def open_silent_run(self) -> None:
        """A run that was recorded and of which nothing is told: no event, no feedback."""
        self._world.webhook.deliver_accepted()
        like, run_id = self._world.webhook.run_id, str(uuid4())
        self._world.add_cleanup(self._database.execute, "DELETE FROM agent_runs WHERE id = %s::uuid", run_id)
        self._database.invent_run(
            like,
            id=run_id,
            correlation_id=self._world.webhook.fresh_id(),
            project_id=self._world.projects.make(),
            status="canceled",
            # Of an ended run that has it a worker may write feedback at any time (contract 4.5).
            learning_mode=False,
        )
        console = self._admin()
        self._opened = console.visit(console.run(run_id))

    def open_empty_project(self) -> None:
        """The repositories of a project that was made just now."""
        console = self._admin()
        self._opened = page = console.repositories(self._world.projects.make())
        page.open()

    def open_unchosen(self) -> None:
        """A platform admin's browser speaks Russian, and nobody has chosen the console's language in it."""
        state = self._target.people.session("admin").state
        # What a page may have kept beside the cookie is of the sign-in's language.
        window = self._world.browser.window("ru", {**state, "origins": []})
        window.context.clear_cookies(name=LOCALE_COOKIE)
        self._opened = Console(window, "en").projects
        self._opened.open()

    def press_other_flag(self) -> None:
        """On a page far below the first one: what is chosen here must not be for this page alone."""
        console = self._admin()
        self._opened = page = console.visit(console.members(self.cast.project))
        press_flag(page)

    def change_and_press_flag(self) -> None:
        """A member is changed on the page, which is then to be read in the other language."""
        self.change_member()
        self.expect_member_stored()
        press_flag(self.page)

    # --- checks

    def expect_project_told(self) -> None:
        """Slug and name, and the links to its repositories and members, each under its own name."""
        page, stored = self.page, self._database.project_by_id(self.cast.project)
        assert isinstance(page, ProjectPage) and stored is not None
        page.expect_told(stored.slug, stored.name)

    def expect_member_stored(self, learning: bool | None = True, role: str = NEW_ROLE) -> None:
        """The member's row as it was chosen, and nobody else's touched."""
        email = self.cast.email(READER)
        changed = {"email": email, "role": role, "learning": learning}
        wanted = [changed if row["email"] == email else row for row in self._before]
        kept = Text(", and the others as they were", ", а остальные — как были")
        if self._joined:
            kept = Text(
                f"{kept.en}; while the page was open {self._joined} became a member",
                f"{kept.ru}; пока страница была открыта, участником стал {self._joined}",
            )
        until(
            self._members,
            lambda rows: rows == wanted,
            what=Text(
                f"{email} stored as {role} with learning {LEARNING[learning]}{kept.en}",
                f"{email} записан как {role} с обучением {LEARNING[learning]}{kept.ru}",
            ),
            within=STORED_WITHIN_SECONDS,
        )

    def expect_member_shown(self) -> None:
        """The page has both, and everybody's as they are stored: at once, and loaded anew."""
        page, email = self.page, self.cast.email(READER)
        assert isinstance(page, MembersPage)
        page.expect_sound()
        page.expect_no_error(email)
        self._expect_members_shown(page)
        page.reload()
        page.expect_shown()
        self._expect_members_shown(page)
        ensure(
            page.roles_offered(email) >= len(ROLES),
            f"Of the {len(ROLES)} roles the page offers {page.roles_offered(email)} for {email}.",
            f"Из ролей ({len(ROLES)}) страница предлагает для {email}: {page.roles_offered(email)}.",
        )

    def expect_member_shown_translated(self) -> None:
        """In the other language the page has everybody's role and learning as they are stored now."""
        page = Console(self.page.window, OTHER[self.page.console.language]).members(self.cast.project)
        page.expect_shown()
        self._expect_members_shown(page)

    def _expect_members_shown(self, page: MembersPage) -> None:
        wanted = {row["email"]: (row["role"], LEARNING[row["learning"]]) for row in self._members()}
        shown = {email: page.shown(email) for email in wanted}
        wrong = {email: (told, wanted[email]) for email, told in shown.items() if told != wanted[email]}
        ensure(
            not wrong,
            f"The page shows role and learning otherwise than they are stored: {wrong}.",
            f"Роль и обучение на странице не те, что записаны: {wrong}.",
        )

    def expect_somebody_allowed(self) -> None:
        """In the table, at once and loaded anew; as what, the gateway tells, which reads what is stored."""
        page = self.page
        assert isinstance(page, UsersPage)
        page.expect_user(self._email)
        page.expect_sound()
        page.expect_kept_user(self._email)

    def expect_let_in(self) -> None:
        """The gateway knows who it is."""
        told = StaffFromInside(self._target.gateway, identity(self._email, f"{self._world.mark}-allowed")).me()
        user = (told.parsed() or {}).get("user", {}) if told.status == 200 else {}
        ensure(
            str(user.get("email", "")).lower() == self._email
            and bool(user.get("is_platform_admin")) is self._as_admin
            and not user.get("is_platform_owner"),
            f"Who was allowed in the console is not let in as what was chosen.\n{told.told()}",
            f"Тот, кому разрешили вход в консоли, не впущен тем, кем выбрано.\n{told.told()}",
        )

    def expect_empty(self) -> None:
        """The page says so, and shows no row."""
        page = self.page
        assert page.words.empty is not None
        sentence = said(page.words.empty, page.console.language)
        page.window.until(
            # A row that leads nowhere may only say that the list is empty, or on its way.
            lambda view: sentence in view.text and not any(map(id_of, page.rows(view))),
            Text(f"“{sentence}” on {page.path}, and no row", f"«{sentence}» на {page.path}, и ни одной строки"),
            hopeless=lambda view: view.errors,
        )
        page.expect_sound()

    def expect_whole(self) -> None:
        """Heading and columns in the language that the page is expected in."""
        self.page.expect_shown()

    def expect_other_language(self) -> None:
        """The page and its header are in it at once, and so is every other page, loaded again or not."""
        window = self.page.window
        other = Console(window, OTHER[self.page.console.language])
        other.members(self.cast.project).expect_shown()
        other.expect_navigation()
        expect_kept(other)
        other.runs.open_by_link()
        other.runs.expect_shown()
        other.runs.expect_dates()
        listed = {str(item.get("id")) for item in self._world.as_person("admin").runs().items()}
        other.runs.expect_again(listed)
        other.runs.reload()
        other.runs.expect_shown()
        other.runs.expect_again(listed)
        other.visit(other.projects)

    def expect_words(self) -> None:
        """Form, labels, buttons, links and the header in the language that was chosen."""
        self.page.expect_words()
        self.page.console.expect_navigation()

    def expect_no_delete(self) -> None:
        """The button is the owner's (contract 6)."""
        ensure(
            not self._offered,
            f"Delete is offered to {', '.join(self._offered)}, who are not the platform's owner.",
            f"«Удалить» предложено тем, кто не владелец платформы: {', '.join(self._offered)}.",
        )

    def expect_silent(self) -> None:
        """Both panes say so."""
        page = self.page
        assert isinstance(page, RunPage)
        page.expect_no_events()
        page.expect_no_feedback()
        page.expect_sound()

    # --- helpers

    def _admin(self) -> Console:
        return self._world.browser.open("admin", self._world.language)

    def _members(self) -> list[dict[str, Any]]:
        return self._database.query(MEMBERS, str(self.cast.project))
