"""Identities at the gateway itself, asked from inside as the edge asks it (probes E22, E23)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gate.capabilities import refused_writes
from gate.capabilities.boundary import JSON, ME, PROJECTS, USERS, Boundary, Probe, Seen
from gate.capabilities.boundary_verdict import gives_away, not_empty_refusal, shows_file, shows_page
from gate.capabilities.refused_writes import PROJECT, RUN
from gate.doors.http import Exchange
from gate.doors.raw import Ask, Lines
from gate.doors.staff import STAFF, Staff
from gate.language import Text, ensure, say
from gate.waiting import until

if TYPE_CHECKING:
    from gate.world import World

# How soon a removal counts contract 2 does not say: a gateway may keep for a while whom it knows, and whom not.
SETTLED_WITHIN_SECONDS = 60.0
ASKED_EVERY_SECONDS = 1.0
# A login is written with the answer; this allows for a replica, as where people sign in.
RECORDED_WITHIN_SECONDS = 10.0
# What oauth2-proxy 7.6 sends comes last.
FAMILIES = (("X-Auth-Request", "X-Forwarded"), ("X-Forwarded",))
READ = (
    *(ME, USERS, PROJECTS, PROJECT, f"{PROJECT}/members", f"{PROJECT}/repositories"),
    *(f"{STAFF}/runs", RUN, f"{RUN}/events", f"{RUN}/learning-feedback"),
)
# Latin letters and the Cyrillic ones that look the same.
_LOOK_ALIKES = str.maketrans("aeo", "аео")
# Letters as wide as a Chinese sign, which Unicode's compatible forms fold into the plain ones.
_FULL_WIDTH = str.maketrans("aeo", "ａｅｏ")

LOOK_ALIKES: Mapping[str, Callable[[str], str]] = {
    "a second at sign": lambda email: f"{email.partition('@')[0]}@evil.example@{email.partition('@')[2]}",
    "второй знак @": lambda email: f"{email.partition('@')[0]}@evil.example@{email.partition('@')[2]}",
    "a longer domain": lambda email: f"{email}.evil.example",
    "более длинный домен": lambda email: f"{email}.evil.example",
    "a letter in front": lambda email: f"x{email}",
    "лишняя буква впереди": lambda email: f"x{email}",
    "a shorter domain": lambda email: email[:-1],
    "более короткий домен": lambda email: email[:-1],
    "look-alike letters": lambda email: email.translate(_LOOK_ALIKES),
    "похожие буквы": lambda email: email.translate(_LOOK_ALIKES),
    "full-width letters": lambda email: email.translate(_FULL_WIDTH),
    "широкие буквы": lambda email: email.translate(_FULL_WIDTH),
    # What a pattern of SQL takes for any letter, or any letters.
    "an underscore for a letter": lambda email: email.replace("_one@", "__ne@"),
    "подчёркивание вместо буквы": lambda email: email.replace("_one@", "__ne@"),
    "a letter for its underscore": lambda email: email.replace("_one@", "xone@"),
    "буква вместо подчёркивания": lambda email: email.replace("_one@", "xone@"),
    "a percent sign for its name": lambda email: f"%{email[-20:]}",
    "знак процента вместо имени": lambda email: f"%{email[-20:]}",
    # What some mail services deliver to the same box, and only they may say so: elsewhere it is another's.
    "a plus tag": lambda email: email.replace("@", "+gate@"),
    "метка после плюса": lambda email: email.replace("@", "+gate@"),
    "a dot in its name": lambda email: email.replace("_one@", "_o.ne@"),
    "точка в имени": lambda email: email.replace("_one@", "_o.ne@"),
    "a list of two": lambda email: f"{email},x@evil.example",
    "список из двух": lambda email: f"{email},x@evil.example",
}


class GatewayIdentity(Boundary):
    """Identities as the gateway reads them from the edge, asked from inside about a person made for it."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.email = f"{world.mark}_one@gate.example"
        self._login = f"gate-{uuid.uuid4().hex[:8]}"

    def allow_somebody(self, in_capitals: bool = False) -> None:
        """An admin allows an e-mail that carries the scenario's mark."""
        self._world.add_cleanup(self._forget)
        self._allow(self.email.upper() if in_capitals else self.email)

    def _forget(self) -> None:
        """Whoever was allowed, and whomever the gateway itself may have written down."""
        emails = [self.email, *(one.probe.name for one in self.seen if "@" in one.probe.name)]
        lower = [email.lower() for email in emails]
        self._target.database.execute("DELETE FROM users WHERE lower(email::text) = ANY(%s)", lower)

    def _allow(self, email: str) -> None:
        answer = Staff(self._target.edge, self.session("admin").cookies).allow(email)
        ensure(
            answer.status == 201,
            f"The admin could not allow {email}.\n{answer.told()}",
            f"Администратор не смог разрешить {email}.\n{answer.told()}",
        )

    def identify(self, emails: Sequence[str], login: str = "") -> None:
        """Ask the gateway who one is and for the projects, twice, with these e-mails as the edge would tell them.

        Twice, because a gateway that writes down whom it refuses lets them in the next time. Once under both
        names: one that reads only what its proxy sets is the safer one (docs/findings.md, F1).
        """
        for email in emails:
            user = login or f"gate-{uuid.uuid4().hex[:8]}"
            for families in FAMILIES:
                for path in (ME, PROJECTS):
                    self._ask_gateway(email, (JSON, *_told_by_edge(families, email, user)), path)

    def come_in(self) -> None:
        """The person comes in once, so that the gateway knows their GitHub login."""
        self.identify([self.email], self._login)
        self.expect_known()
        self.seen.clear()

    def ask_for_projects(self) -> None:
        """The person's first visit: they ask for the projects, and never who they are."""
        self._ask_gateway(self.email, (JSON, *_told_by_edge(FAMILIES[0], self.email, self._login)), PROJECTS)

    def take_off(self) -> None:
        """An admin takes the person off the list; they come again at once, as they came before."""
        user = self._target.database.user(self.email)
        answer = Staff(self._target.edge, self.session("admin").cookies).remove_user(user and user.id)
        ensure(
            answer.status == 204,
            f"The admin could not take {self.email} off the list.\n{answer.told()}",
            f"Администратор не смог убрать {self.email} из списка.\n{answer.told()}",
        )
        self._wait_for(403)
        self.identify([self.email], self._login)

    def allow_again(self) -> None:
        """The same e-mail is allowed once more, and its person comes."""
        self.seen.clear()
        self._allow(self.email)
        self._wait_for(200)
        self.identify([self.email], self._login)

    def _wait_for(self, status: int) -> None:
        """What the admin has changed takes effect; only after that the visits are judged."""
        lines = (JSON, *_told_by_edge(FAMILIES[0], self.email, self._login))
        until(
            lambda: [self._target.raw_gateway.ask(Ask("GET", path, lines)).status for path in (ME, PROJECTS)],
            lambda answers: set(answers) == {status},
            what=Text(f"the gateway answers {self.email} {status}", f"ответ шлюза {self.email}: {status}"),
            within=SETTLED_WITHIN_SECONDS,
            every=ASKED_EVERY_SECONDS,
        )

    def borrow_login(self) -> None:
        """Another e-mail, which nobody has allowed, and the login that the gateway knows."""
        self.identify([f"another.{self.email}"], self._login)

    def present(self, name: str, credentials: Sequence[Lines]) -> None:
        """Ask the gateway who one is, with each of these credentials and no identity header."""
        for lines in credentials:
            self._ask_gateway(f"{name} ({lines[0][0]})", (JSON, *lines))

    def present_nothing(self) -> None:
        """Ask for all that can be read, with no credentials: another door may stand before each."""
        self.send(Probe(f"GET {path}", Ask("GET", path, (JSON,))) for path in READ)

    def change_with_nothing(self) -> None:
        """Ask for all that can be changed, with no credentials."""
        self.send(refused_writes.probes(self._world.mark))

    def _ask_gateway(self, name: str, lines: Lines, path: str = ME) -> None:
        probe = Probe(name, Ask("GET", path, lines))
        self.seen.append(Seen(probe, self._target.raw_gateway.ask(probe.ask)))

    def send(self, probes: Iterable[Probe], person: str = "") -> None:
        """The same odd requests, asked of the gateway itself, where the owner's headers are believed."""
        for probe in probes:
            self.seen.append(Seen(probe, self._target.raw_gateway.ask(probe.ask)))

    def expect_nothing_shown(self) -> None:
        """No data, no file; what is not the API's is the console's, and that page is no secret (contract 1)."""

        def judge(exchange: Exchange) -> str:
            page = shows_page(exchange) and not urlsplit(exchange.url).path.startswith("/api/")
            return "" if page and not shows_file(exchange) else gives_away(exchange)

        self.expect(judge, "An odd path is read as another one.", "Необычный путь принят за другой.")

    def expect_known(self) -> None:
        """The gateway knows the person, in any case of the letters."""
        self.expect(
            self._not_known,
            "Only the case of letters differs, but the gateway does not know the person.",
            "Отличается только регистр букв, но шлюз не узнал человека.",
        )

    def expect_error(self, status: int, code: str, message: str) -> None:
        """Every answer is exactly this refusal."""

        def judge(exchange: Exchange) -> str:
            # Absent in the first builds of S1 (contract 2).
            absent = (exchange.method, urlsplit(exchange.url).path) == ("DELETE", PROJECT)
            fine = exchange.is_error(status, code, message) or (absent and not not_empty_refusal(exchange))
            return "" if fine else say(f"answered {exchange.status}", f"ответ {exchange.status}")

        self.expect(
            judge,
            f'The gateway did not answer {status} "{message}".',
            f"Шлюз не ответил {status} «{message}».",
        )

    def expect_nobody_recorded(self) -> None:
        """None of those who were refused is in `users` now."""
        told = {one.probe.name for one in self.seen if one.exchange.status == 403}
        recorded = [email for email in sorted(told) if self._target.database.user(email)]
        ensure(
            not recorded,
            f"Whoever was refused is in the platform's users now: {', '.join(recorded)}.",
            f"Тот, кому отказано, теперь есть в пользователях платформы: {', '.join(recorded)}.",
        )

    def expect_login_recorded(self) -> None:
        """The login stands in their row (contract 2), in whatever case; they come again until it is there."""

        def visit() -> tuple[int, str]:
            self.ask_for_projects()
            user = self._target.database.user(self.email)
            return self.seen[-1].exchange.status, (user.github_login if user else None) or ""

        until(
            visit,
            lambda found: found[1].lower() == self._login,
            what=Text(
                f"login {self._login} recorded for {self.email}, who asked for the projects only",
                f"логин {self._login} записан у {self.email}, кто запрашивал только проекты",
            ),
            within=RECORDED_WITHIN_SECONDS,
            every=ASKED_EVERY_SECONDS,
        )

    def _not_known(self, exchange: Exchange) -> str:
        found = exchange.parsed() if exchange.status == 200 else None
        user = found.get("user") if isinstance(found, dict) else None
        same = isinstance(user, dict) and str(user.get("email")).lower() == self.email.lower()
        listed = exchange.url.endswith(PROJECTS) and exchange.status == 200
        return "" if same or listed else say(f"answered {exchange.status}", f"ответ {exchange.status}")


def _told_by_edge(families: Iterable[str], email: str, user: str) -> Lines:
    """The identity headers of these families."""
    named = (("Email", email), ("User", user))
    return tuple((f"{family}-{name}", value) for family in families for name, value in named)
