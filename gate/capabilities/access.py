"""Staff access: signing in and out, and what someone gets who is not allowed or has not signed in (contract 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.capabilities.boundary_verdict import not_closed, shows_data
from gate.capabilities.boundary_visitor import clears_everywhere, cookie_name
from gate.capabilities.console import PAGES
from gate.capabilities.console_rows import FORMER
from gate.capabilities.refused_writes import NOBODYS, PROJECT, RUN, WRITES, Write
from gate.capabilities.visitors import BySession, FromInside, Visitor
from gate.console.console import Console
from gate.console.page import Page
from gate.console.pages import ProjectsPage
from gate.doors.http import Exchange
from gate.doors.staff import ME, STAFF, Staff
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.people import Session
from gate.waiting import until

if TYPE_CHECKING:
    from gate.world import World

PEOPLE: Mapping[str, str] = {
    "a platform admin": "admin",
    "платформенный администратор": "admin",
    "a member who is no admin": "member",
    "участник без прав администратора": "member",
}
# Where somebody who is not allowed may come to; what these pages are about nobody made.
PLACES: Mapping[str, Callable[[Console], Page]] = {
    **PAGES,
    "Project Details": lambda console: console.project(NOBODYS),
    "Детали проекта": lambda console: console.project(NOBODYS),
    "Run Details": lambda console: console.run(NOBODYS),
    "Детали запуска": lambda console: console.run(NOBODYS),
    "Project Repositories": lambda console: console.repositories(NOBODYS),
    "Репозитории проекта": lambda console: console.repositories(NOBODYS),
    "Project Members": lambda console: console.members(NOBODYS),
    "Участники проекта": lambda console: console.members(NOBODYS),
}
# The second door's questions: what an API client asks for, and where.
SUBJECTS: Mapping[str, str] = {
    "who they are": ME,
    "себе": ME,
    "the projects": f"{STAFF}/projects",
    "проектах": f"{STAFF}/projects",
    "the runs": f"{STAFF}/runs",
    "запусках": f"{STAFF}/runs",
    "the users": f"{STAFF}/users",
    "пользователях": f"{STAFF}/users",
} | {
    word: path
    for words, path in (
        (("a project", "проекте"), PROJECT),
        (("its members", "его участниках"), f"{PROJECT}/members"),
        (("its repositories", "его репозиториях"), f"{PROJECT}/repositories"),
        (("a run", "запуске"), RUN),
        (("its events", "его событиях"), f"{RUN}/events"),
        (("its feedback", "его обратной связи"), f"{RUN}/learning-feedback"),
    )
    for word in words
}
ACTS: Mapping[str, Write] = {
    **WRITES,
    "создать проект": WRITES["make a project"],
    "разрешить вход": WRITES["allow a person"],
    "дать роль": WRITES["give a role"],
    "подключить репозиторий": WRITES["attach a repository"],
    "сменить обучение участника": WRITES["change a member's learning"],
    "отнять роль": WRITES["take a role away"],
    "отключить репозиторий": WRITES["detach a repository"],
    "убрать человека из списка": WRITES["take a person off the list"],
}
SESSION_COOKIES = ("codexk8s_staff_jwt", "_oauth2_proxy", "_oauth2_proxy_csrf")
# The login is stored with an answer; this allows for a replica, and for a gateway that keeps for some seconds what
# it read of a person, and writes nothing meanwhile.
RECORDED_WITHIN_SECONDS = 10.0
# Contract 2 does not say how soon a row is looked at again that somebody else has changed.
REMEMBERED_SECONDS = 75.0
VISITS_EVERY_SECONDS = 1.0
PAGE = {"Accept": "text/html,application/xhtml+xml"}


class StaffAccess:
    """One person at the staging's door, and what became of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._name = ""
        self._console: Console | None = None
        self._session: Session | None = None
        self._visitor: Visitor | None = None
        self._path = ""
        self._answer: Exchange | None = None
        self._logout_cookies: list[str] | None = []

    # --- acts

    def come_without_session(self, name: str) -> None:
        """A browser that GitHub may remember, and the staging does not know."""
        self._name = name
        known = self._target.people.remembered(name)
        self._console = self._world.browser.open_anew(self._world.language, known)

    def sign_in(self) -> None:
        """Through oauth2-proxy and GitHub's pages, in this browser."""
        self._session = self._target.people.sign_in(self._name, self.console.window)

    def sign_out(self) -> None:
        """Click Logout in the console, and keep what the platform then told the browser.

        A browser that GitHub remembers could be signed in again at once, by the next page and with no question.
        """
        self.console.projects.open()
        self.console.window.settle()
        self.console.window.forget_site(self._target.settings["GATE_GITHUB_URL"])
        self._logout_cookies = self.console.log_out()

    def come_as_stranger(self) -> None:
        """Someone who signed in at GitHub and is not allowed; without such an account, from inside."""
        people = self._target.people
        if people.configured("stranger"):
            self._visitor = BySession(self._world, people.session("stranger", judged=True))
        else:
            self._visitor = FromInside(self._world)

    def come_as_nobody(self) -> None:
        """A browser that knows nothing."""
        self._console = self._world.browser.open_anew(self._world.language)

    def ask(self, path: str) -> None:
        """Ask the API, as whoever this is."""
        staff = self._visitor.staff if self._visitor else Staff(self._target.edge)
        self._path, self._answer = path, staff.get(path)

    def attempt(self, act: Write) -> None:
        """Ask the API to make or change something, as whoever may would ask it."""
        assert self._visitor is not None
        self._path = act.path
        self._answer = self._visitor.staff.call(act.method, act.path, act.sent(self._world.mark))

    def open_console(self, place: Callable[[Console], Page] = ProjectsPage) -> None:
        """Open a page of the console by its address, as the stranger."""
        if self._visitor is None:
            raise NotProven(say("Nobody came.", "Никто не пришёл."), "suite")
        self._console = self._visitor.console()
        place(self._console).open()

    def open_page(self, path: str) -> None:
        """Open a page of the console by its address, as nobody."""
        self._path = path
        self.console.window.log.start_over()
        self.console.window.go(path)

    # --- checks of a sign-in

    def expect_landed(self) -> None:
        """The console is open at its first page, under the person's own name."""
        session, user = self.session, self._user()
        # Whether the owner, who may all that an admin may, is shown as one is the build's choice.
        admin = bool(user.get("is_platform_admin")) or (None if user.get("is_platform_owner") else False)
        self.console.expect_signed_in(session.email, session.login, admin)
        path = self.console.window.view().path
        ensure(path == "/", f"After sign-in the console is at {path}.", f"После входа консоль открыта на {path}.")

    def expect_same_person(self) -> None:
        """`/auth/me` names the person whose browser this is, and tells their rights as the database does."""
        told = self._user()
        row = self._target.database.user(self.session.email)
        wanted = {
            "id": str(row and row.id),
            "email": self.session.email.lower(),
            "is_platform_admin": row and row.is_platform_admin,
            # Absent in the first builds of S1 (contract 2).
            "is_platform_owner": row and row.is_platform_owner,
        }
        if row and row.is_platform_owner and not row.is_platform_admin:
            # They may all that an admin may, and may be told as one.
            del wanted["is_platform_admin"]
        # A right that one has not may be left out, as everything that is empty.
        got: dict[str, Any] = {"is_platform_admin": False, **told}
        got |= {"email": str(told.get("email", "")).lower(), "id": str(told.get("id", ""))}
        wrong = {key: got[key] for key in wanted if key in got and got[key] != wanted[key]}
        ensure(
            not wrong and {"id", "email"} <= told.keys(),
            f"The API's answer about {self.session.email} differs from the database: {wrong}; wanted {wanted}.",
            f"Ответ API о {self.session.email} расходится с базой: {wrong}; нужно {wanted}.",
        )

    def expect_login_recorded(self) -> None:
        """The GitHub login stands in the person's row, and is written there anew when they come (contract 2)."""
        session = self.session
        bystander = self._allow_bystander()
        login = session.login or str(self._user().get("github_login") or "")
        self._expect_login(login)
        try:
            self._forget_login(session.email, login)
        except NotProven as reason:
            evidence.weaker(
                say(
                    f"That the login is recorded anew is not proven, only that it is on record: {reason}",
                    f"Не доказано, что логин записывается заново, только что он записан: {reason}",
                )
            )
        self._expect_login_anew(login)
        theirs = self._login_in_database(bystander)
        ensure(
            not theirs,
            f"The login “{theirs}” was recorded for {bystander} as well, who never came.",
            f"Логин «{theirs}» записан и у {bystander}, кто ни разу не входил.",
        )

    # --- checks of a sign-out

    def expect_cookies_gone(self) -> None:
        """The answer cleared all three cookies (contract 2), and the browser has none of them."""
        if self._logout_cookies is None:
            evidence.weaker(
                say("The console signs out at the edge.", "Консоль выходит через край (oauth2-proxy).")
            )
        else:
            cleared = {cookie_name(line) for line in self._logout_cookies if clears_everywhere(line)}
            missing = [name for name in SESSION_COOKIES if not _covers(cleared, name)]
            ensure(
                not missing,
                f"Signing out does not clear {', '.join(missing)}.",
                f"Выход не очищает {', '.join(missing)}.",
            )
        kept = [name for name in self.console.window.cookies() if name.startswith(SESSION_COOKIES)]
        alive = [name for name in kept if "csrf" not in name]
        ensure(
            not alive,
            f"After signing out the browser still has {', '.join(alive)}.",
            f"После выхода в браузере остались {', '.join(alive)}.",
        )

    def expect_asked_to_sign_in(self) -> None:
        """What the browser still has opens no page and no answer; the page that it sees is the sign-in."""
        left = self.console.window.cookies()
        page = self._target.edge.request("GET", "/", headers=PAGE, cookies=left)
        self._expect_closed(page)
        self._expect_closed(Staff(self._target.edge, left).me())
        self.console.window.forget_site(self._target.settings["GATE_GITHUB_URL"])
        self.open_page("/")
        self.expect_sign_in_page()
        self._note_copied_cookie()

    def expect_sign_in_page(self) -> None:
        """The browser stands before GitHub's or oauth2-proxy's sign-in, and has seen nothing of the console."""
        window, github = self.console.window, self._target.settings["GATE_GITHUB_URL"]
        window.expect_sign_in(github)
        page = self._target.edge.request("GET", self._path, headers={**PAGE, "Accept-Language": "en"})
        self._expect_closed(page)

    # --- checks of refusals

    def expect_refused(self, status: int, code: str, message: str) -> None:
        """This status and exactly these two fields, nothing beside them."""
        wanted = {"code": code, "message": message}
        ensure(
            self.answer.is_error(status, code, message) and self.answer.is_json,
            f"Wanted {status} and exactly {wanted}, in JSON.\n{self.answer.told()}",
            f"Нужно {status} и ровно {wanted}, в JSON.\n{self.answer.told()}",
        )

    def expect_no_data(self) -> None:
        """401, from wherever, and no data in it."""
        self._expect_closed(self.answer)

    def expect_answered_to_admin(self) -> None:
        """The same question is answered to a platform admin: the door is closed, not dead."""
        answer = self._target.people.staff("admin").get(self._path)
        ensure(
            answer.status == 200 and shows_data(answer),
            f"A platform admin gets no answer either: {answer.brief()}.\n{answer.told()}",
            f"Ответа не получает и платформенный администратор: {answer.brief()}.\n{answer.told()}",
        )

    def expect_access_card(self) -> None:
        """The console says so in its own words, and offers to sign in as somebody else."""
        self.console.expect_access_card()

    def expect_offer_followed(self) -> None:
        """The link of the card leads to the edge's sign-in."""
        self.console.expect_way_to_sign_in()

    def expect_nothing_shown(self) -> None:
        """No table, and no way to a project or a run, on the page of someone who is not allowed."""
        view = self.console.window.view()
        shown = [table.columns for table in view.tables] + [link.href for link in view.links if _inside(link.href)]
        ensure(
            not shown,
            f"Someone who is not allowed is shown {shown}.",
            f"Тому, кому вход не разрешён, показано: {shown}.",
        )

    # --- helpers

    @property
    def console(self) -> Console:
        """The console in the person's window."""
        if self._console is None:
            raise NotProven(say("No browser is open.", "Браузер не открыт."), "suite")
        return self._console

    @property
    def session(self) -> Session:
        """The session that the sign-in of this scenario gave."""
        if self._session is None:
            raise NotProven(say("Nobody has signed in.", "Никто не вошёл."), "suite")
        return self._session

    @property
    def answer(self) -> Exchange:
        """The API's last answer."""
        if self._answer is None:
            raise NotProven(say("Nothing was asked.", "Ничего не спрошено."), "suite")
        return self._answer

    def _user(self) -> dict[str, Any]:
        """Who the API says this browser is."""
        answer = Staff(self._target.edge, self.session.cookies).me()
        user = answer.json().get("user") if answer.status == 200 else None
        ensure(
            isinstance(user, dict),
            f"The API does not know the browser's session as {self.session.email}.\n{answer.told()}",
            f"API не узнаёт в сессии браузера {self.session.email}.\n{answer.told()}",
        )
        assert isinstance(user, dict)
        return user

    def _expect_login_anew(self, login: str) -> None:
        """As the first time; but a gateway that remembers the person tells the right login, and may never look."""
        for within in (RECORDED_WITHIN_SECONDS, REMEMBERED_SECONDS):
            try:
                self._expect_login(login, within)
            except Broken as late:
                if str(self._user().get("github_login") or "").lower() != login.lower():
                    raise
                kept = late
            else:
                return
        evidence.weaker(
            say(
                f"The gateway knows the login without its row, which is not written again: {kept}",
                f"Шлюз знает логин и без записи, и заново его не записывает: {kept}",
            )
        )

    def _expect_login(self, login: str, within: float = RECORDED_WITHIN_SECONDS) -> None:
        """They come again until it is on record: an answer may still tell what was there before it."""
        email = self.session.email

        def visit() -> tuple[str, str]:
            told = str(self._user().get("github_login") or "")
            return told, self._login_in_database(email) or ""

        until(
            visit,
            lambda logins: login and {one.lower() for one in logins} == {login.lower()},
            what=Text(
                f"login {login} told by the API and recorded for {email}",
                f"логин {login} назван в ответе API и записан у {email}",
            ),
            within=within,
            every=VISITS_EVERY_SECONDS,
        )

    def _forget_login(self, email: str, login: str) -> None:
        """Give the gate's own account another login for a moment: one from an earlier run proves nothing, and
        people rename themselves at GitHub.
        """
        former = self._world.mark + FORMER
        change = "UPDATE users SET github_login = %s WHERE lower(email::text) = lower(%s)"
        self._world.add_cleanup(
            self._target.database.execute, f"{change} AND github_login = %s", login, email, former
        )
        self._target.database.execute(change, former, email)

    def _allow_bystander(self) -> str:
        """Somebody who is allowed and never comes; where the platform allows nobody, nobody is looked at."""
        email = f"{self._world.mark}-bystander@gate.test"
        self._world.as_person("admin").allow(email)
        return email

    def _login_in_database(self, email: str) -> str | None:
        row = self._target.database.user(email)
        return row.github_login if row else None

    def _expect_closed(self, exchange: Exchange) -> None:
        github = self._target.settings["GATE_GITHUB_URL"].partition("://")[2].partition("/")[0].partition(":")[0]
        reason = not_closed(exchange, {github})
        ensure(
            not reason,
            f"Without a session: {reason}.\n{exchange.told()}",
            f"Без сессии: {reason}.\n{exchange.told()}",
        )

    def _note_copied_cookie(self) -> None:
        """A stateless session outlives the sign-out in a copy: told, not judged (contract 2)."""
        answer = Staff(self._target.edge, self.session.cookies).me()
        if answer.status == 200:
            evidence.residual_risk(
                say(
                    "A copy of the session cookie still works after signing out (stateless session).",
                    "Копия cookie сессии работает и после выхода (сессия без состояния).",
                )
            )


def _covers(cleared: set[str], name: str) -> bool:
    """A long session cookie is cleared in its parts, `_oauth2_proxy_0` and so on."""
    return name in cleared or f"{name}_0" in cleared


def _inside(href: str) -> bool:
    """Whether a link leads to a thing of the platform's; the names of its pages are no secret, nor is what they
    themselves asked for.
    """
    return href.startswith(("/projects/", "/runs/")) and NOBODYS not in href
