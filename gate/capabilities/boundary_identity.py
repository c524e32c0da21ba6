"""Identity headers from outside: what a client says of itself must not decide who it is (contract 2, identity).

The spellings are those of probes E1-E5 and E14. A claim is tried without a session, with that of somebody allowed
who is no admin, and with that of a stranger.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.capabilities.boundary import JSON, ME, PROJECTS, USERS, Boundary, Probe, Seen, told
from gate.doors.http import Exchange
from gate.doors.raw import Ask, Lines
from gate.doors.records import User
from gate.errors import Broken, NotProven
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.people import Session
    from gate.world import World

REFUSALS = range(400, 500)
NOT_ALLOWED = (403, "forbidden", "email is not allowed")


@dataclass(frozen=True)
class Who:
    """A person as identity headers name them."""

    email: str
    login: str


@dataclass(frozen=True)
class Claim:
    """One way to claim to be somebody: its spellings, and the refusals that are as good as staying oneself."""

    spellings: Callable[[Who, Who], Sequence[Lines]]
    refusals: Collection[int] = REFUSALS


def _auth_request(owner: Who, own: Who) -> Sequence[Lines]:
    alone = ("X-Auth-Request-Email", owner.email)
    full = (alone, ("X-Auth-Request-User", owner.login), ("X-Auth-Request-Preferred-Username", owner.login))
    return [(alone,), full]


def _forwarded(owner: Who, own: Who) -> Sequence[Lines]:
    alone = ("X-Forwarded-Email", owner.email)
    return [(alone,), (alone, ("X-Forwarded-User", owner.login), ("X-Forwarded-Preferred-Username", owner.login))]


def _all_together(owner: Who, own: Who) -> Sequence[Lines]:
    return [_auth_request(owner, own)[1] + _forwarded(owner, own)[1] + (("X-Forwarded-Groups", "admins"),)]


def _two_lines(owner: Who, own: Who) -> Sequence[Lines]:
    pairs = [(own.email, owner.email), (owner.email, own.email)]
    return [tuple((name, email) for email in pair) for name in _EMAIL_NAMES for pair in pairs]


def _joined(owner: Who, own: Who) -> Sequence[Lines]:
    lists = [f"{own.email},{owner.email}", f"{owner.email},{own.email}"]
    return [((name, emails),) for name in _EMAIL_NAMES for emails in lists]


def _lower_case(owner: Who, own: Who) -> Sequence[Lines]:
    return [((name.lower(), owner.email),) for name in _EMAIL_NAMES]


def _underscores(owner: Who, own: Who) -> Sequence[Lines]:
    names = ("X_Auth_Request_Email", "X_Forwarded_Email", "X-Forwarded_Email", "X-Auth-Request_Email")
    return [((name, owner.email),) for name in names]


def _hop_by_hop(owner: Who, own: Who) -> Sequence[Lines]:
    email, forwarded = ("X-Auth-Request-Email", owner.email), ("X-Forwarded-Email", owner.email)
    return [
        (("Connection", "close, X-Forwarded-Email"),),
        (("Connection", "close, X-Forwarded-Email"), email),
        (("Connection", "close, X-Forwarded-Email"), forwarded),
        (("Connection", "X-Auth-Request-Email"), email),
        (("Connection", "keep-alive, X-Forwarded-Email, X-Forwarded-User"), email),
    ]


def _user_names(owner: Who, own: Who) -> Sequence[Lines]:
    names = ("X-Auth-Request-User", "X-Auth-Request-Preferred-Username", "X-Forwarded-User")
    return [((name, owner.login),) for name in (*names, "X-Forwarded-Preferred-Username")]


def _other_forwarded(owner: Who, own: Who) -> Sequence[Lines]:
    groups = (("X-Forwarded-Groups", "admins"), ("X-Auth-Request-Groups", "admins"))
    token = (("X-Forwarded-Access-Token", "gate-probe"), ("X-Auth-Request-Access-Token", "gate-probe"))
    origin = (("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1"), ("Forwarded", "for=127.0.0.1"))
    return [groups, token, origin]


_EMAIL_NAMES = ("X-Auth-Request-Email", "X-Forwarded-Email")
# E3 and E5 leave no choice: one stays who one is. E4 allows a refusal, E14 a 401.
CLAIMS: Mapping[str, Claim] = {
    "X-Auth-Request-Email": Claim(_auth_request, ()),
    "X-Forwarded-Email": Claim(_forwarded),
    "all headers together": Claim(_all_together),
    "two header lines": Claim(_two_lines),
    "a list in one line": Claim(_joined),
    "lower-case names": Claim(_lower_case),
    "names with underscores": Claim(_underscores, ()),
    "a Connection header": Claim(_hop_by_hop, (401,)),
    "user names": Claim(_user_names),
    "other forwarded headers": Claim(_other_forwarded),
}
_RUSSIAN = {
    "все заголовки разом": "all headers together",
    "две строки заголовка": "two header lines",
    "список в одной строке": "a list in one line",
    "имена строчными буквами": "lower-case names",
    "имена с подчёркиваниями": "names with underscores",
    "заголовок Connection": "a Connection header",
    "имена пользователя": "user names",
    "прочие пересланные заголовки": "other forwarded headers",
}
CLAIM_WORDS: Mapping[str, Claim] = {**CLAIMS, **{word: CLAIMS[meant] for word, meant in _RUSSIAN.items()}}


class Identity(Boundary):
    """One person, or nobody, who claims to be the owner."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._person: Session | None = None
        self._claim = CLAIMS["X-Auth-Request-Email"]
        self._me: list[Seen] = []
        self._users: list[Seen] = []
        self._writes: list[Seen] = []
        self._before: dict[str, User] = {}

    # --- who

    def nobody(self) -> None:
        """Nobody is signed in; both addresses are closed to begin with."""
        self.send([Probe(path, Ask("GET", path, (JSON,))) for path in (ME, USERS)])
        self.expect_closed()
        self.seen.clear()

    def member(self) -> None:
        """Somebody allowed, who is no admin, is signed in and is who they are: the positive twin."""
        self._person = person = self.session("member")
        self._me = [Seen(probe, self.ask(probe.ask, person.cookies)) for probe in _probes(ME, [("", ())])]
        if self._whoami(self._me[0].exchange).get("is_platform_admin") or self.owner.email == person.email:
            raise NotProven(
                say(
                    f"{person.email} is a platform admin; GATE_MEMBER_* must name somebody who is none.",
                    f"{person.email} — платформенный администратор; в GATE_MEMBER_* нужен человек без этих прав.",
                )
            )
        self._expect_self(self._me, refusals=())
        self._remember_records()

    def stranger(self) -> None:
        """Somebody the platform does not allow is signed in, and is told so: the positive twin."""
        self._person = person = self.session("stranger")
        self._me = [Seen(probe, self.ask(probe.ask, person.cookies)) for probe in _probes(ME, [("", ())])]
        self.expect_still_not_allowed()

    # --- acts

    def claim(self, claim: Claim) -> None:
        """Claim to be the owner in every spelling of this kind; ask who one is, and for the users."""
        self._claim, self._me, self._users = claim, [], []
        cookies = self._person.cookies if self._person else {}
        own = (
            Who(self._person.email, self._person.login)
            if self._person
            else Who("gate@probe.invalid", "gate-probe")
        )
        spelled = [(_named(lines, self.owner), lines) for lines in claim.spellings(self.owner, own)]
        self._me = [Seen(probe, self.ask(probe.ask, cookies)) for probe in _probes(ME, spelled)]
        self._users = [Seen(probe, self.ask(probe.ask, cookies)) for probe in _probes(USERS, spelled)]
        self.seen = [*self._me, *self._users]
        if self._before:
            self._write(spelled)

    def _write(self, spelled: Sequence[tuple[str, Lines]]) -> None:
        """Try to create a project in each spelling; should one appear, it is removed after the scenario."""
        assert self._person is not None
        self._world.add_cleanup(self._remove_projects)
        for number, (name, lines) in enumerate(spelled, 1):
            slug = f"{self._slug}-{number}"
            body = f'{{"slug":"{slug}","name":"{slug}"}}'.encode()
            ask = Ask("POST", PROJECTS, (JSON, ("Content-Type", "application/json"), *lines), body)
            self._writes.append(Seen(Probe(f"{name}  POST {PROJECTS}", ask), self.ask(ask, self._person.cookies)))

    # --- checks

    def expect_still_self(self) -> None:
        """`/auth/me` tells their own e-mail, login and rights, whatever they claimed."""
        self._expect_self(self._me, self._claim.refusals)

    def expect_no_users(self) -> None:
        """The users list stays closed: refused, and nothing of it shown."""
        wrong = [(one, reason) for one in self._users if (reason := self._shows_users(one.exchange))]
        self._broken_if(wrong, "sees the users list by claiming to be", "видит список пользователей, назвавшись")

    def expect_no_project(self) -> None:
        """Every write was refused, and the database has no project of theirs."""
        if not self._before:
            self._target.database.users()
            raise NotProven(say("Nothing was written.", "Записи не было."), "suite")
        made = self._projects()
        ensure(
            not made,
            f"Somebody who is no admin created projects by claiming to be the owner: {made}.\n"
            + told((one, "") for one in self._writes if one.exchange.status < 400),
            f"Человек без прав создал проекты, назвавшись владельцем: {made}.\n"
            + told((one, "") for one in self._writes if one.exchange.status < 400),
        )
        wrong = [
            (one, say(f"answered {one.exchange.status}", f"ответ {one.exchange.status}"))
            for one in self._writes
            if one.exchange.status not in REFUSALS
        ]
        self._broken_if(wrong, "may write by claiming to be", "может писать, назвавшись")

    def expect_records_unchanged(self) -> None:
        """The records are as they were: nobody was mixed up with the owner."""
        for email, before in self._before.items():
            after = self._target.database.user(email)
            ensure(
                after is not None and not self._mixed_up(before, after),
                f"A claim changed the platform's record of {email}: {before} became {after}.",
                f"Чужое имя в заголовке изменило запись о {email}: было {before}, стало {after}.",
            )

    def _mixed_up(self, before: User, after: User) -> bool:
        others = {user.github_login for email, user in self._before.items() if email != before.email}
        # Somebody who signs in for the first time meanwhile gets their own login on record, which is right.
        first_login = before.github_login is None and after.github_login not in others
        return after != (replace(before, github_login=after.github_login) if first_login else before)

    def expect_still_not_allowed(self) -> None:
        """A stranger stays a stranger: exactly the contract's refusal, no data."""
        answers = [(one, one.exchange) for one in [*self._me, *self._users]]
        wrong = [
            (one, f"{exchange.status} {exchange.text[:80]}")
            for one, exchange in answers
            if not exchange.is_error(*NOT_ALLOWED)
            if exchange.status not in self._claim.refusals or exchange.status == 403 or _has_data(exchange)
        ]
        self._expect_nobody_else(wrong)
        self._broken_if(
            wrong,
            "is not just told that the e-mail is not allowed after claiming to be",
            "получает не отказ «email is not allowed» после того, как назвался",
        )

    # --- helpers

    def _expect_self(self, seen: Sequence[Seen], refusals: Collection[int]) -> None:
        wrong = [(one, reason) for one in seen if (reason := self._not_self(one.exchange, refusals))]
        self._expect_nobody_else(wrong)
        self._broken_if(
            wrong, "is not themselves any more after claiming to be", "больше не он сам после того, как назвался"
        )

    def _expect_nobody_else(self, wrong: Sequence[tuple[Seen, str]]) -> None:
        """Somebody else's rights for a header are told as what they are: there is nothing worse here."""
        assert self._person is not None
        email = self._person.email
        for one, _ in wrong:
            user, headers = self._whoami(one.exchange), len(one.probe.ask.lines) - 1
            other = [] if str(user.get("email") or email).lower() == email.lower() else [str(user["email"])]
            admin = [say("a platform admin", "администратором платформы")] if user.get("is_platform_admin") else []
            if headers and (whom := ", ".join([*other, *admin])):
                en, ru = ("one header", "Одним заголовком") if headers == 1 else ("headers alone", "Заголовками")
                sentence = say(f"With {en}, {email} became {whom}.", f"{ru} {email} стал: {whom}.")
                raise Broken(f"{sentence}\n{told(wrong)}")

    def _not_self(self, exchange: Exchange, refusals: Collection[int]) -> str:
        person = self._person
        assert person is not None
        if exchange.status in refusals and not _has_data(exchange):
            return ""
        user = self._whoami(exchange)
        got = (user.get("email"), user.get("github_login"), user.get("is_platform_admin"))
        if exchange.status != 200 or not user:
            return say(f"answered {exchange.status}", f"ответ {exchange.status}")
        # The login is on record since the first sign-in; where nobody told it, it is not compared.
        same_login = not person.login or str(got[1]).lower() == person.login.lower()
        if str(got[0]).lower() == person.email.lower() and same_login and not got[2]:
            return ""
        return say(f"became {got[0]}, @{got[1]}, admin: {got[2]}", f"стал {got[0]}, @{got[1]}, админ: {got[2]}")

    def _shows_users(self, exchange: Exchange) -> str:
        if exchange.status not in REFUSALS:
            return say(f"answered {exchange.status}", f"ответ {exchange.status}")
        return say("data beside the refusal", "данные рядом с отказом") if _has_data(exchange) else ""

    def _broken_if(self, wrong: Sequence[tuple[Seen, str]], en: str, ru: str) -> None:
        if wrong:
            who = self._person.email if self._person else say("Nobody", "Никто")
            raise Broken(f"{who} {say(en, ru)} {self.owner.email}.\n{told(wrong)}")

    @staticmethod
    def _whoami(exchange: Exchange) -> dict[str, Any]:
        found = exchange.parsed()
        user = found.get("user") if isinstance(found, dict) else None
        return user if isinstance(user, dict) else {}

    @cached_property
    def owner(self) -> Who:
        """The platform owner: by the setting, the cluster's secret or the database; else the admin."""
        email = self._target.fact("GATE_OWNER_EMAIL", optional=True)
        try:
            owner = next((user for user in self._target.database.users() if user.is_platform_owner), None)
        except NotProven:
            owner = None
        if email and (owner is None or owner.email.lower() != email.lower()):
            return Who(email, email.partition("@")[0])
        if owner is not None:
            return Who(owner.email, owner.github_login or owner.email.partition("@")[0])
        settings = self._target.settings
        return Who(self._target.fact("GATE_ADMIN_EMAIL"), settings["GATE_ADMIN_LOGIN"] or "owner")

    @property
    def _slug(self) -> str:
        return f"{self._world.mark}-claim"

    def _projects(self) -> list[str]:
        rows = self._target.database.query("SELECT slug FROM projects WHERE slug LIKE %s", f"{self._slug}-%")
        return [row["slug"] for row in rows]

    def _remove_projects(self) -> None:
        if self._projects():
            self._target.database.execute("DELETE FROM projects WHERE slug LIKE %s", f"{self._slug}-%")

    def _remember_records(self) -> None:
        """What the database knows of both; without the database door nothing is written either."""
        assert self._person is not None
        try:
            found = [self._target.database.user(email) for email in (self.owner.email, self._person.email)]
        except NotProven as reason:
            evidence.note(str(reason))
            return
        self._before = {user.email: user for user in found if user}
        self._world.add_cleanup(self._restore_records)

    def _restore_records(self) -> None:
        """A login that a successful claim wrote over is put back."""
        for user in self._before.values():
            now = self._target.database.user(user.email)
            if now is not None and self._mixed_up(user, now):
                self._target.database.execute(
                    "UPDATE users SET github_login = %s WHERE id = %s", user.github_login, user.id
                )


def _probes(path: str, spelled: Sequence[tuple[str, Lines]]) -> list[Probe]:
    return [Probe(f"{name}  GET {path}", Ask("GET", path, (JSON, *lines))) for name, lines in spelled]


def _named(lines: Lines, owner: Who) -> str:
    return " + ".join(f"{name}: {value.replace(owner.email, '<owner>')}" for name, value in lines)


def _has_data(exchange: Exchange) -> bool:
    found = exchange.parsed()
    return isinstance(found, dict) and bool({"items", "user", "id"} & found.keys())
