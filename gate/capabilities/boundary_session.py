"""The session cookie and the sign-in around it: forged, replayed, mixed up, ended (probes E16-E18, E20, E21)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gate import evidence
from gate.capabilities.boundary import JSON, ME, USERS, Boundary, Probe, Seen
from gate.capabilities.boundary_tokens import STAFF_JWT
from gate.capabilities.boundary_verdict import not_closed
from gate.capabilities.boundary_visitor import (
    CSRF,
    SESSION,
    Visitor,
    clears_everywhere,
    cookie_name,
    is_cleared,
    is_session,
    session_of,
    sets_session,
)
from gate.doors.http import Exchange
from gate.doors.raw import Ask
from gate.errors import NotProven
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.people import Session
    from gate.world import World

Cookies = dict[str, str]
_A_DAY_SECONDS = 24 * 3600


def _other_byte(text: str) -> str:
    """The text with the byte in its middle changed; the last one of base64 may not count."""
    middle = len(text) // 2
    instead = "1" if text[middle] != "1" else "2"
    return text[:middle] + instead + text[middle + 1 :]


def _part_changed(number: int) -> Callable[[str], Cookies]:
    def forge(value: str) -> Cookies:
        parts = _parts(value)
        parts[number] = _other_byte(parts[number])
        return {SESSION: "|".join(parts)}

    return forge


def _other_secret(value: str) -> Cookies:
    content, stamp, _ = _parts(value)
    digest = hmac.new(b"not-the-cookie-secret", f"{SESSION}{content}{stamp}".encode(), hashlib.sha256).digest()
    return {SESSION: f"{content}|{stamp}|{base64.urlsafe_b64encode(digest).decode()}"}


def _other_time(shift_seconds: int) -> Callable[[str], Cookies]:
    def forge(value: str) -> Cookies:
        content, stamp, signature = _parts(value)
        now = int(stamp) if stamp.isdecimal() else int(time.time())
        return {SESSION: f"{content}|{now + shift_seconds}|{signature}"}

    return forge


def _other_name(value: str) -> Cookies:
    return {CSRF: value, "oauth2_proxy": value, f"{SESSION}2": value}


def _split(value: str) -> Cookies:
    middle = len(value) // 2
    return {f"{SESSION}_0": value[:middle], f"{SESSION}_1": value[middle:]}


def _split_changed(value: str) -> Cookies:
    return _split(_part_changed(0)(value)[SESSION])


def _asked_with(cookies: Cookies) -> list[Cookies]:
    """Copies of one value go one by one, for together they may be too long a header; pieces of it go together."""
    copies = len({*cookies.values()}) == 1
    return [{name: value} for name, value in cookies.items()] if copies else [cookies]


def _parts(value: str) -> list[str]:
    parts = value.split("|")
    if len(parts) != 3:
        raise NotProven(
            say(
                f"The session cookie has {len(parts)} parts, not value, time and signature: not tampered with.",
                f"У cookie сессии частей: {len(parts)}, а не значение, время и подпись: подделать нечего.",
            ),
            "suite",
        )
    return parts


FORGERIES: Mapping[str, Callable[[str], Cookies]] = {
    "its content changed by a byte": _part_changed(0),
    "изменён байт содержимого": _part_changed(0),
    "its time changed by a digit": _part_changed(1),
    "изменена цифра времени": _part_changed(1),
    "its signature changed by a byte": _part_changed(2),
    "изменён байт подписи": _part_changed(2),
    "a signature made with another secret": _other_secret,
    "подпись сделана другим секретом": _other_secret,
    "an older time": _other_time(-_A_DAY_SECONDS),
    "время более раннее": _other_time(-_A_DAY_SECONDS),
    "a later time": _other_time(60),
    "время более позднее": _other_time(60),
    "another name": _other_name,
    "другое имя": _other_name,
    "its pieces changed and split in two": _split_changed,
    "изменена и разрезана на две": _split_changed,
}


class Sessions(Boundary):
    """The session of a person, and what others make of it."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._visitor = Visitor(self._target)
        # The browsers in which somebody else has signed in over a live session.
        self._changed: list[Visitor] = []
        self._old = ""
        self._given: list[str] = []

    def signed_in(self, person: str) -> Session:
        """A person is signed in, and their untouched cookie works: the positive twin."""
        session = self.session(person)
        self._expect_me(self.ask(Ask("GET", ME, (JSON,)), session.cookies), session)
        return session

    # --- the cookie itself (E16, E17)

    def present(self, forge: Callable[[str], Cookies], person: str) -> None:
        """Ask with a cookie made of the person's own."""
        for cookies in _asked_with(forge(session_of(self.session(person).cookies))):
            for path in (ME, USERS):
                probe = Probe(f"GET {path}, {', '.join(cookies)}", Ask("GET", path, (JSON,)))
                self.seen.append(Seen(probe, self.ask(probe.ask, cookies)))

    def present_split(self, person: str) -> None:
        """Ask with the untouched cookie cut in two, as the proxy itself does with long ones."""
        self.present(_split, person)

    def expect_closed_or_own(self, person: str) -> None:
        """A cookie cut in two is the same secret: nobody, or the same person (builds put it together or not)."""
        hosts, session = self._sign_in_hosts(), self.session(person)
        exchange = self.seen[0].exchange
        if not_closed(exchange, hosts):
            self._expect_me(exchange, session)

    def expect_attributes(self) -> None:
        """The new session cookie is Secure, HttpOnly, SameSite=Lax and names no domain (contract 1)."""
        lines = [line for line in self._given if is_session(cookie_name(line)) and not is_cleared(line)]
        for line in lines:
            said = {part.strip().lower() for part in line.split(";")[1:]}
            wrong = [f"-{flag}" for flag in ("secure", "httponly", "samesite=lax") if flag not in said]
            wrong += [f"+{part}" for part in sorted(said) if part.startswith("domain=")]
            ensure(
                not wrong,
                f"The session cookie is not Secure, HttpOnly, SameSite=Lax and host-only: {', '.join(wrong)}.",
                f"Cookie сессии не Secure, HttpOnly, SameSite=Lax и только для хоста: {', '.join(wrong)}.",
            )

    # --- the callback (E18)

    def call_back_without_cookie(self, person: str) -> None:
        """The way back of somebody else's sign-in, in a browser that never began one."""
        self._remember("/oauth2/callback", Visitor(self._target).get(self._way_back(person)))

    def call_back_with_other_state(self, person: str) -> None:
        """The way back of somebody else's sign-in, in a browser that began one of its own."""
        mine = Visitor(self._target)
        mine.start()
        self._remember("/oauth2/callback", mine.get(self._way_back(person)))

    def _way_back(self, person: str) -> str:
        """The address with a good code and state to which GitHub sends this person, not yet opened."""
        visitor = Visitor(self._target, self.session(person))
        return visitor.permission(visitor.start())

    def call_back_again(self, person: str) -> None:
        """A finished sign-in, and the same way back once more in the same browser."""
        visitor = Visitor(self._target, self.session(person))
        back = visitor.permission(visitor.start())
        visitor.finish(back)
        self._remember("/oauth2/callback", visitor.get(back))

    def expect_sign_in_refused(self) -> None:
        """403, and no session cookie."""

        def judge(exchange: Exchange) -> str:
            if sets_session(exchange):
                return say("a session cookie was given", "выдана cookie сессии")
            wrong = exchange.status != 403
            return (
                say(f"answered {exchange.status}, not 403", f"ответ {exchange.status}, а не 403") if wrong else ""
            )

        self.expect(
            judge,
            "A sign-in that this browser did not begin was not refused.",
            "Вход, который этот браузер не начинал, не отклонён.",
        )

    # --- one browser, two people (E20)

    def change_person(self, first: str, second: str) -> None:
        """In a browser with a live session sign in as somebody else, by the sign-in page and without it."""
        for by_page in (False, True):
            self._visitor = Visitor(self._target, self.session(second))
            self._visitor.cookies = dict(self.session(first).cookies)
            self._changed.append(self._visitor)
            if by_page:
                self._remember("/oauth2/sign_in", self._visitor.get("/oauth2/sign_in"))
            self._remember("/oauth2/callback", self._visitor.sign_in())

    def expect_now(self, person: str) -> None:
        """Either browser is the new person, and the old session is no longer in it."""
        if not self._changed:
            raise NotProven(say("Nobody signed in yet.", "Никто ещё не вошёл."), "suite")
        for visitor in self._changed:
            self._expect_me(self.ask(Ask("GET", ME, (JSON,)), visitor.cookies), self.session(person))

    # --- the end (E21)

    def sign_out(self, person: str) -> None:
        """Sign in anew, copy the cookie, sign out: the session that other scenarios use stays alone."""
        self._visitor = Visitor(self._target, self.session(person))
        self._given = self._visitor.sign_in().all_headers("set-cookie")
        self._old = session_of(self._visitor.cookies)
        self._remember("/api/v1/auth/logout", self._visitor.post("/api/v1/auth/logout"))

    def expect_cookies_cleared(self) -> None:
        """204, and a line that clears each of the three cookies (contract 2)."""
        exchange = self.seen[-1].exchange
        cleared = {cookie_name(line) for line in exchange.all_headers("set-cookie") if clears_everywhere(line)}
        missing = {SESSION, CSRF, STAFF_JWT} - cleared
        if session_of(self._visitor.cookies):
            # Cleared for another site than it was given for.
            missing.add(SESSION)
        ensure(
            exchange.status == 204 and not missing,
            f"Signing out left cookies behind: {sorted(missing)}.\n{exchange.told()}",
            f"После выхода остались cookie: {sorted(missing)}.\n{exchange.told()}",
        )

    def leave_through_edge(self, person: str) -> None:
        """A browser with the person's session opens the edge's own sign-out."""
        self._visitor = Visitor(self._target)
        self._visitor.cookies = dict(self.session(person).cookies)
        self._remember("/oauth2/sign_out", self._visitor.get("/oauth2/sign_out"))

    def expect_session_gone(self) -> None:
        """The browser has no session cookie any more."""
        left = session_of(self._visitor.cookies)
        shown = self.seen[-1].exchange.told()
        ensure(
            not left,
            f"After /oauth2/sign_out the browser still has the session.\n{shown}",
            f"После /oauth2/sign_out в браузере осталась сессия.\n{shown}",
        )

    def report_copied_cookie(self) -> None:
        """Whether a copy of the old cookie lives on is told to the Owner and not judged (contract 2)."""
        copied = self.ask(Ask("GET", ME, (JSON,)), {SESSION: self._old})
        if copied.status == 200:
            evidence.residual_risk(
                say(
                    "A session cookie copied before signing out still works: the session is stateless (E21).",
                    "Cookie, скопированная до выхода, продолжает работать: сессия не хранится на сервере (E21).",
                )
            )

    # --- helpers

    def _remember(self, name: str, exchange: Exchange) -> None:
        self.seen.append(Seen(Probe(name, Ask(exchange.method, name)), exchange))

    @staticmethod
    def _expect_me(exchange: Exchange, person: Session) -> None:
        """`/auth/me` tells this person, or, to somebody who is not allowed, just that."""
        found = exchange.parsed()
        user = found.get("user") if isinstance(found, dict) else None
        email = user.get("email") if isinstance(user, dict) else None
        ensure(
            exchange.status == 200 and str(email).lower() == person.email.lower(),
            f"The session is not that of {person.email}, but of {email}.\n{exchange.told()}",
            f"Это сессия не {person.email}, а {email}.\n{exchange.told()}",
        )
