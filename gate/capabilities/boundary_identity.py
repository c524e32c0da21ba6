"""Identity headers from outside: what a client says of itself must not decide who it is (contract 2, identity).

The spellings are those of probes E1-E5 and E14. A claim is tried without a session, with that of somebody allowed
who is no admin, and with that of a stranger.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.capabilities import refused_writes
from gate.capabilities.boundary import JSON, ME, PROJECTS, USERS, Boundary, Probe, Seen, told
from gate.capabilities.boundary_claims import CLAIMS, REFUSALS, Claim
from gate.capabilities.boundary_tokens import NO_BEARER, STAFF_JWT, Who, stale
from gate.capabilities.boundary_verdict import shows_data
from gate.doors.http import Exchange
from gate.doors.raw import Ask, Lines
from gate.doors.records import User
from gate.doors.staff import Staff
from gate.errors import Broken, NotProven
from gate.language import ensure, say

if TYPE_CHECKING:
    from uuid import UUID

    from gate.people import Session
    from gate.world import World

NEW, ON = '{"slug":"SLUG","name":"SLUG"}', '{"enabled":true}'
NOT_ALLOWED = (403, "forbidden", "email is not allowed")


class Identity(Boundary):
    """One person, or nobody, who claims to be the owner."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._person: Session | None = None
        self._claim = CLAIMS["X-Auth-Request-Email"]
        self._me: list[Seen] = []
        self._listed: list[Seen] = []
        self._users: list[Seen] = []
        self._writes: list[Seen] = []
        self._before: dict[str, User] = {}
        # After each way to write: the next honest name would put right what the one before it spoilt.
        self._after: list[tuple[User, User | None]] = []

    # --- who

    def nobody(self) -> None:
        """Nobody is signed in; both addresses are closed to begin with."""
        self.send([Probe(path, Ask("GET", path, (JSON,))) for path in (ME, USERS)])
        self.expect_closed()
        self.seen.clear()

    def member(self) -> None:
        """Somebody allowed, who is no admin, is signed in and is who they are: the positive twin."""
        self._person = person = self.session("member")
        # Each visit stores the login; the first may still tell what was on record before it.
        self.ask(Ask("GET", ME, (JSON,)), person.cookies)
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
        """Claim to be the owner in every spelling of this kind; ask who one is, for the users, and to write."""
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
        if self._person is None:
            self.send(refused_writes.probes(self._world.mark, spelled[-1][1]))
        if self._before:
            self._write(spelled)

    def bring_stale_tokens(self) -> None:
        """Ask who one is with the session, and beside it a token of the platform's own that is no good."""
        assert self._person is not None
        self._me = [
            Seen(probe, self.ask(probe.ask, {**self._person.cookies, STAFF_JWT: token}))
            for token in stale(self._person.email)
            for probe in _probes(ME, [(STAFF_JWT, ())])
        ]
        self._me += [
            Seen(probe, self.ask(probe.ask, self._person.cookies))
            for probe in _probes(ME, [("Bearer", NO_BEARER)])
        ]
        self._listed = [
            Seen(probe, self.ask(probe.ask, {**self._person.cookies, STAFF_JWT: token}))
            for token in stale(self._person.email)
            for probe in _probes(PROJECTS, [(STAFF_JWT, ())])
        ]

    def _write(self, spelled: Sequence[tuple[str, Lines]]) -> None:
        """Try in each spelling to create a project, which is removed should it appear, and to change another."""
        assert self._person is not None
        self._world.add_cleanup(self._remove_projects)
        user_id = next(
            user.id for user in self._before.values() if user.email.lower() == self._person.email.lower()
        )
        project = f"{PROJECTS}/{self._joined_by(user_id)}"
        learning = f"{project}/members/{user_id}/learning-mode"
        # Removed is last what is changed before.
        for method, path, body in (("POST", PROJECTS, NEW), ("PUT", learning, ON), ("DELETE", project, "")):
            for number, (name, lines) in enumerate(spelled, 1):
                sent = body.replace("SLUG", f"{self._slug}-{number}").encode()
                ask = Ask(method, path, (JSON, ("Content-Type", "application/json"), *lines), sent)
                probe = Probe(f"{name}  {method} {path}", ask)
                self._writes.append(Seen(probe, self.ask(ask, self._person.cookies)))
            self._look_at_records()

    def _joined_by(self, user_id: Any) -> UUID:
        """A project of this scenario's, in which the person may read: it is there that something would change."""
        project = self._world.projects.make()
        self._world.as_person("admin").add_member(project, user_id, "read")
        return project

    # --- checks

    def expect_still_self(self) -> None:
        """`/auth/me` tells their own e-mail, login and rights, whatever they claimed."""
        self._expect_self(self._me, self._claim.refusals)

    def expect_known_in_spite_of_tokens(self) -> None:
        """Whom the sign-in names needs no token (contract 2): a bad one shuts nobody out."""
        assert self._person is not None
        email = self._person.email
        wrong = [(one, reason) for one in self._me if (reason := self._not_self(one, ()))]
        wrong += [
            (one, say(f"answered {one.exchange.status}", f"ответ {one.exchange.status}"))
            for one in self._listed
            if one.exchange.status != 200
        ]
        ensure(
            not wrong,
            f"{email} has a good session, but with a bad token beside it is not let in.\n{told(wrong)}",
            f"У {email} действующий вход, но с негодным токеном рядом его не впустили.\n{told(wrong)}",
        )

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
        self._look_at_records()
        for before, after in self._after:
            ensure(
                after is not None and not self._mixed_up(before, after),
                f"A claim changed the platform's record of {before.email}: {before} became {after}.",
                f"Чужое имя в заголовке изменило запись о {before.email}: было {before}, стало {after}.",
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
            if exchange.status not in self._claim.refusals or exchange.status == 403 or shows_data(exchange)
        ]
        self._expect_nobody_else(wrong)
        self._broken_if(
            wrong,
            "is not just told that the e-mail is not allowed after claiming to be",
            "получает не отказ «email is not allowed» после того, как назвался",
        )

    # --- helpers

    def _expect_self(self, seen: Sequence[Seen], refusals: Collection[int]) -> None:
        wrong = [(one, reason) for one in seen if (reason := self._not_self(one, refusals))]
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

    def _not_self(self, one: Seen, refusals: Collection[int]) -> str:
        person, exchange = self._person, one.exchange
        assert person is not None
        if exchange.status in refusals and not shows_data(exchange):
            return _decided_by_header(one)
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
        return say("data beside the refusal", "данные рядом с отказом") if shows_data(exchange) else ""

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
        """The platform's owner, or an admin in their place: somebody who is in `users` and has rights there.

        Of anybody else even a gateway that believes the header says "email is not allowed" (contract 2).
        """
        named = self._target.fact("GATE_OWNER_EMAIL", optional=True) or self._target.settings["GATE_ADMIN_EMAIL"]
        known = self._people_with_rights()
        if known:
            who, _ = min(known, key=lambda one: (-one[1], one[0].email.lower() != named.lower()))
            return replace(who, login=who.login or who.email.partition("@")[0])
        if named and self._person is None:
            # Nobody is let in without a session, so that any name will do.
            return Who(named, named.partition("@")[0])
        raise NotProven(
            say(
                "Nobody with rights is known to be in the platform's users, so there is nobody to claim to be.",
                "Неизвестно, кто из пользователей платформы имеет права: назваться некем.",
            ),
            "staging",
        )

    def _people_with_rights(self) -> list[tuple[Who, bool]]:
        """Owner and admins, and whether each is the owner: by the database, else by what an admin is told."""
        try:
            users = self._target.database.users()
            found = [
                (Who(one.email, one.github_login or "", str(one.id)), one.is_platform_owner)
                for one in users
                if one.has_rights
            ]
        except NotProven:
            found = []
        return found or self._told_to_admin()

    def _told_to_admin(self) -> list[tuple[Who, bool]]:
        try:
            told = Staff(self._target.edge, self.session("admin").cookies).get("/users?limit=1000").items()
        except NotProven:
            return []
        return [
            (
                Who(str(one.get("email")), str(one.get("github_login") or ""), str(one.get("id") or "")),
                bool(one.get("is_platform_owner")),
            )
            for one in told
            if one.get("is_platform_owner") or one.get("is_platform_admin")
        ]

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

    def _look_at_records(self) -> None:
        self._after += [(before, self._target.database.user(email)) for email, before in self._before.items()]

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


def _decided_by_header(one: Seen) -> str:
    """Why this refusal of somebody allowed is no harmless one: what they sent was looked up instead.

    Several values may come together as one e-mail that nobody has (probe E4 lets a refusal pass): that is a risk.
    """
    if not one.exchange.is_error(*NOT_ALLOWED):
        return ""
    emails = [(name.lower(), value) for name, value in one.probe.ask.lines if "email" in name.lower()]
    if len(emails) == len(dict(emails)) and not any("," in value for _, value in emails):
        return say("refused as somebody else", "отказано, будто это кто-то другой")
    evidence.residual_risk(
        say(
            f"{one.probe.name}: the gateway took the values that were sent together for the e-mail of who asks.",
            f"{one.probe.name}: шлюз принял присланные вместе значения за почту того, кто спрашивает.",
        )
    )
    return ""
