"""The people who use the platform: how they sign in, and the session that each has for the rest of the run.

Each signs in once, really, through the edge and GitHub, in a browser context of their own. What a browser then
remembers (`Session.state`) opens later windows; its cookies speak to the API.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gate import evidence, sessions
from gate.acquainted import ALLOWED
from gate.console.refused import excuse
from gate.console.signin import Credentials, KeptByGitHub, SignIn
from gate.console.window import Window
from gate.doors.staff import ME, WHO, Staff
from gate.errors import Broken, GateError, NotProven
from gate.guests import guests_of
from gate.language import say, spoken
from gate.redaction import redact
from gate.safety import refuse_writing

if TYPE_CHECKING:
    from gate.console.engine import State
    from gate.doors.http import Exchange
    from gate.target import Target

# One sign-in that fails may be GitHub's mood; after the second nobody waits for a third.
SIGN_INS_TRIED = 2
# Longer than a whole run takes over a slow network, and less than a session of an hour has that was just made.
LASTS_AT_LEAST = timedelta(minutes=50)
ON_RECORD = "users-on-record"
# Whether who goes by this name must be an admin of the platform.
ADMINS = {"admin": True, "member": False}


@dataclass(frozen=True)
class Session:
    """Someone who is signed in: who they are at GitHub, their cookies at the staging, their browser's memory."""

    name: str
    email: str
    login: str
    cookies: dict[str, str] = field(repr=False)
    state: Mapping[str, Any] = field(repr=False)


class People:
    """Who can sign in, by the names admin, member and stranger."""

    def __init__(self, target: Target) -> None:
        self._target = target
        # Opened first, so that it is closed after this object, which still needs it to tidy up.
        self._edge = target.edge
        self._acquainted = target.acquainted
        self._sessions: dict[str, Session] = {}
        self._failures: defaultdict[str, list[Broken | KeptByGitHub]] = defaultdict(list)

    def session(self, name: str, *, judged: bool = False) -> Session:
        """The person's session; they sign in now if they have not yet. `NotProven` when it cannot be.

        Where a sign-in that fails is not what is `judged`, it is the matter of the lines about signing in.
        """
        if name not in self._sessions:
            self._require(name)
            self._refuse_trace(name)
            with self._acquainted.alone_with(name):
                self._sessions[name] = self._shared(name) or self._new_session(name, judged)
        return self._sessions[name]

    def _shared(self, name: str) -> Session | None:
        """The session that another worker of this run got."""
        known = self._acquainted.get(f"{name}-session")
        return Session(**known) if known else None

    def _new_session(self, name: str, judged: bool) -> Session:
        failed = self._failures[name]
        if len(failed) >= SIGN_INS_TRIED and (not judged or isinstance(failed[-1], KeptByGitHub)):
            raise _not_signed_in(name, failed[-1])
        try:
            self._prepare(name)
            session = self._saved(name) or self._signed_in_aside(name)
        except (Broken, KeptByGitHub) as failure:
            failed.append(failure)
            if judged or isinstance(failure, KeptByGitHub):
                raise
            raise _not_signed_in(name, failure) from None
        self._acquainted.keep(f"{name}-session", asdict(session))
        return session

    def staff(self, name: str) -> Staff:
        """The staff API in the person's name."""
        return Staff(self._edge, self.session(name).cookies)

    def email(self, name: str) -> str:
        """The person's e-mail, as the settings give it, or as their session has it; "" for whoever has none."""
        try:
            return self._given_email(name) or self.session(name).email
        except (Broken, NotProven):
            return ""

    def _given_email(self, name: str) -> str:
        return str(self._setting(name, "EMAIL") or "")

    def configured(self, name: str) -> bool:
        """Whether the settings let this person sign in."""
        by_password = self._setting(name, "LOGIN") and self._setting(name, "PASSWORD")
        return bool(by_password or self._setting(name, "SESSION"))

    def remembered(self, name: str) -> State | None:
        """What a browser of this person remembers of GitHub, and nothing of the staging."""
        self._require(name)
        self._prepare(name)
        path = self._setting(name, "SESSION")
        with self._acquainted.alone_with(name):
            if not self._acquainted.get(f"{name}-github") and path:
                self._remember(name, sessions.read(path))
            return self._acquainted.get(f"{name}-github")

    def sign_in(self, name: str, window: Window) -> Session:
        """Sign in for real in this window, and return the session that came of it."""
        self._require(name)
        self._refuse_trace(name)
        self._prepare(name)
        with self._signing_in(name, window) as walk:
            try:
                walk.walk()
            except Broken as broken:
                raise (excuse(window) or broken) from None
        evidence.succeeded("sign-in")
        session = self._session(name, dict(window.context.storage_state()), window.cookies())
        self._sessions.setdefault(name, session)
        return session

    def way_back(self, name: str, question: str) -> str:
        """Where GitHub sends this person back to, not opened; `question` is the address where GitHub was asked.

        In a browser: GitHub may want the application authorized once more, after ten sign-ins within an hour.
        """
        context = self._target.engine.context(spoken(), self.remembered(name))
        window = Window(context, self._target.url)
        try:
            with self._signing_in(name, window) as walk:
                return walk.way_back(question)
        except Broken as failure:
            raise _not_signed_in(name, failure) from None
        finally:
            window.close()

    @contextmanager
    def _signing_in(self, name: str, window: Window) -> Iterator[SignIn]:
        """One sign-in of a person at a time; what GitHub then knows of the window is remembered."""
        from playwright.sync_api import Error

        known = (self._setting(name, what) for what in ("LOGIN", "PASSWORD", "TOTP_SECRET"))
        evidence.conceal(f"GATE_{name.upper()}_PASSWORD", self._setting(name, "PASSWORD"))
        with self._acquainted.alone_with(name):
            try:
                yield SignIn(window, Credentials(name, *known), self._target.settings["GATE_GITHUB_URL"])
            finally:
                # GitHub may have let them in though the platform did not: the next try needs no second code.
                with suppress(Error, NotProven):
                    self._remember(name, dict(window.context.storage_state()))

    def close(self) -> None:
        """Take off the list whom this run put there; whoever cannot be taken off is named."""
        with self._acquainted.alone_with(ALLOWED):
            for email in self._acquainted.allowed():
                try:
                    self._remove(email)
                    guests_of(self._target).drop(email)
                except (GateError, Broken) as failure:
                    left = say(
                        f"{email} stays in the platform's users", f"{email} остаётся в пользователях платформы"
                    )
                    print(redact(f"{left}: {failure}"), file=sys.stderr)
            self._acquainted.keep(ALLOWED, {"emails": []})

    def _remove(self, email: str) -> None:
        """As an admin; an answer that is no yes is raised, a person whom nobody has any more is none."""
        staff = self.staff("admin")
        for user in self._listed():
            if str(user.get("email", "")).lower() == email.lower():
                answer = staff.remove_user(user["id"])
                if answer.status >= 400 and answer.status != 404:
                    raise Broken(answer.told())

    def _listed(self) -> list[dict[str, Any]]:
        """Whom the platform names to an admin, as many as it gives at once (contract 2)."""
        return self.staff("admin").get("/users?limit=1000").items()

    # --- who may come in

    def is_allowed(self, email: str) -> bool:
        """Whether the platform's own list has this e-mail: by its database, else by what it tells an admin."""
        try:
            return self._target.database.user(email) is not None
        except NotProven as reason:
            if reason.category != "not-configured":
                raise
        return any(str(user.get("email", "")).lower() == email.lower() for user in self._listed())

    def _prepare(self, name: str) -> None:
        email = self._given_email(name)
        if name not in self._sessions:
            self._on_record()
        if name == "member":
            self._expect_role(name, email)
        if name in self._sessions or not email or name == "admin":
            return
        allowed = self.is_allowed(email)
        if name == "stranger" and allowed:
            raise _no_stranger(email)
        if name == "member" and not allowed:
            self._allow(email)

    def _on_record(self) -> Mapping[str, bool]:
        """Who was allowed before anybody of this run came in, and whether as an admin; {} where nobody can look.

        Later the platform itself may have put them there, which must not excuse it.
        """
        with self._acquainted.alone_with(ON_RECORD):
            known = self._acquainted.get(ON_RECORD)
            if known is None:
                try:
                    users = self._target.database.users()
                except NotProven:
                    users = []
                known = {user.email.lower(): user.has_rights for user in users}
                self._acquainted.keep(ON_RECORD, known)
        return known

    def _expect_role(self, name: str, email: str) -> None:
        """Whoever is somebody else than their name says proves nothing about the platform."""
        is_admin = self._on_record().get(email.lower())
        if name == "admin" and is_admin is False:
            # A build may give what its own settings say with the first sign-in.
            user = self._target.database.user(email)
            is_admin = user is not None and user.has_rights
        if is_admin is not None and is_admin is not ADMINS.get(name, is_admin):
            raise _other_role(name, email)

    def _allow(self, email: str) -> None:
        staff, guests = self.staff("admin"), guests_of(self._target)
        with self._acquainted.alone_with(ALLOWED):
            guests.add(email)
        answer = staff.allow(email)
        if answer.status != 201:
            with self._acquainted.alone_with(ALLOWED):
                guests.drop(email)
            raise NotProven(
                say(
                    f"{email} could not be allowed for this run.\n{answer.told()}",
                    f"Не удалось разрешить {email} на время прогона.\n{answer.told()}",
                ),
                "staging",
            )
        self._acquainted.allow(email)

    # --- sessions

    def _signed_in_aside(self, name: str) -> Session:
        """Sign in within a window of its own, which is closed at once."""
        self._target.standing.require("edge")
        context = self._target.engine.context(spoken(), self.remembered(name))
        window = Window(context, self._target.url)
        try:
            return self.sign_in(name, window)
        finally:
            window.close()

    def _saved(self, name: str) -> Session | None:
        """The session of the saved file, if it still lives."""
        path = self._setting(name, "SESSION")
        if not path:
            return None
        state = sessions.read(path)
        session = self._session(name, state, sessions.cookies_for(state, self._target.domain))
        self._remember(name, state)
        ends = sessions.ends_at(state, self._target.domain)
        # Whoever is signed out in the middle of a run looks like a platform that forgets people.
        if not session.cookies or (ends and ends < datetime.now(UTC) + LASTS_AT_LEAST):
            return None
        if Staff(self._edge, session.cookies).me().status not in (200, 403):
            return None
        evidence.succeeded("sign-in")
        return session

    def _session(self, name: str, state: Mapping[str, Any], cookies: dict[str, str]) -> Session:
        sessions.hide_cookies(state)
        login = str(self._setting(name, "LOGIN") or "")
        # GitHub's page takes an e-mail as well; then the platform is asked for the login.
        session = Session(name, self._given_email(name), "" if "@" in login else login, cookies, state)
        if session.email and session.login:
            self._expect_role(name, session.email)
            return session
        told = Staff(self._edge, cookies).get(ME)
        if told.status == 403 and not session.email and name != "stranger":
            raise self._refused(name, cookies, told)
        user = _user(told)
        email = str(user.get("email") or "")
        if name == "stranger" and not session.email and email and self._was_allowed(email):
            raise _no_stranger(email)
        self._expect_role(name, session.email or email)
        return replace(
            session,
            email=session.email or email,
            login=session.login or str(user.get("github_login") or ""),
        )

    def _was_allowed(self, email: str) -> bool:
        """Whether the platform's list had them before they came; who is let in may have been put there by that."""
        known = self._on_record()
        return email.lower() in known if known else self.is_allowed(email)

    def _refused(self, name: str, cookies: dict[str, str], told: Exchange) -> Broken | NotProven:
        """Somebody without an e-mail in the settings: the edge knows whom it has let through."""
        whom = self._edge.request("GET", WHO, cookies=cookies).parsed()
        email = str(whom.get("email") or "") if isinstance(whom, dict) else ""
        if not email or email.lower() not in self._on_record():
            return _unknown(name, told)
        return Broken(
            say(
                f"{email} is in the platform's users and is refused.\n{told.told()}",
                f"{email} есть в пользователях платформы, но получает отказ.\n{told.told()}",
            )
        )

    def _remember(self, name: str, state: Mapping[str, Any]) -> None:
        """Keep what GitHub's pages set; two people never share it, because each has a context of their own."""
        host = urlsplit(self._target.url).hostname or ""
        kept = [cookie for cookie in state.get("cookies", []) if not sessions.belongs(cookie, host)]
        self._acquainted.keep(f"{name}-github", {"cookies": kept, "origins": []})

    def _refuse_trace(self, name: str) -> None:
        """Whoever is let in leaves their login in the platform's list (contract 2)."""
        if name != "stranger":
            refuse_writing(self._target.read_only, say(f"the sign-in of the {name}", f"вход ({name})"))

    def _require(self, name: str) -> None:
        if self.configured(name):
            return
        key = f"GATE_{name.upper()}_"
        raise NotProven(
            say(
                f"Nobody can sign in as {name}: set {key}LOGIN and {key}PASSWORD (and {key}TOTP_SECRET), "
                f"or {key}SESSION, made by `python -m gate login --as {name}`.",
                f"Некому войти как {name}: задайте {key}LOGIN и {key}PASSWORD (и {key}TOTP_SECRET) "
                f"или {key}SESSION, который делает `python -m gate login --as {name}`.",
            )
        )

    def _setting(self, name: str, what: str) -> Any:
        return self._target.settings[f"GATE_{name.upper()}_{what}"]


def _not_signed_in(name: str, failure: Broken | KeptByGitHub) -> NotProven:
    told = redact(str(failure))
    return NotProven(
        say(
            f"Cannot be judged, see s1.p0.3.1: signing in as {name} does not work. {told}",
            f"Проверить нельзя, см. s1.p0.3.1: вход ({name}) не работает. {told}",
        ),
        failure.category if isinstance(failure, KeptByGitHub) else "staging",
    )


def _user(told: Exchange) -> Mapping[str, Any]:
    """Whom `/auth/me` names; nobody where it answers otherwise than contract 2 says."""
    found = told.parsed() if told.status == 200 else None
    user = found.get("user") if isinstance(found, dict) else None
    return user if isinstance(user, dict) else {}


def _other_role(name: str, email: str) -> NotProven:
    wrong = say(
        "is no platform admin" if ADMINS[name] else "is a platform admin",
        "не платформенный администратор" if ADMINS[name] else "платформенный администратор",
    )
    return NotProven(
        say(
            f"{email} (GATE_{name.upper()}_…) {wrong} on this staging. Name another account, or change "
            "its rights.",
            f"{email} (GATE_{name.upper()}_…) на этом staging {wrong}. Укажите другую учётную запись или "
            "измените её права.",
        )
    )


def _no_stranger(email: str) -> NotProven:
    return NotProven(
        say(
            f"{email} (GATE_STRANGER_…) is in the platform's users, so it is no stranger. "
            "Name an account that is not.",
            f"{email} (GATE_STRANGER_…) есть в пользователях платформы, это не посторонний. "
            "Укажите учётную запись, которой там нет.",
        )
    )


def _unknown(name: str, told: Exchange) -> NotProven:
    """Nobody can say whether who is refused should be let in, while their e-mail is not known."""
    key = f"GATE_{name.upper()}_EMAIL"
    return NotProven(
        say(
            f"The platform refuses the {name} of the settings: allow them there, or set {key}.\n{told.told()}",
            f"Платформа не впускает {name} из настроек: разрешите там вход или задайте {key}.\n{told.told()}",
        )
    )
