"""Who has an account, who is signed in, what was authorized, and which tokens there are."""

from __future__ import annotations

import hmac
import secrets
import time
import zlib
from dataclasses import dataclass, field

import pyotp

from ..staging import Person, Repository, Staging

CODE_SECONDS = 600
# docs.github.com, "Rate limits for OAuth apps": who has signed in so often within an hour is asked once more.
SIGN_INS, WITHIN_SECONDS = 10, 3600


@dataclass(frozen=True)
class Grant:
    """A code that was given to the application, to be changed for a token once."""

    login: str
    redirect_uri: str
    until: float


@dataclass
class Accounts:
    """GitHub's memory of people. Personal tokens are `staging.tokens`; those of the sign-in are here."""

    staging: Staging
    sessions: dict[str, str] = field(default_factory=dict)
    half_way: dict[str, str] = field(default_factory=dict)
    authorized: set[str] = field(default_factory=set)
    codes: dict[str, Grant] = field(default_factory=dict)
    oauth_tokens: dict[str, str] = field(default_factory=dict)
    signed_in: dict[str, list[float]] = field(default_factory=dict)

    def person(self, login: str) -> Person | None:
        """By login or e-mail, in any case."""
        wanted = login.strip().lower()
        people = self.staging.people.values()
        return next((one for one in people if wanted in (one.login.lower(), one.email.lower())), None)

    def with_password(self, login: str, password: str) -> Person | None:
        """The person, when the password is right."""
        found = self.person(login)
        right = found is not None and hmac.compare_digest(found.password.encode(), password.encode())
        return found if right else None

    def code_is_right(self, login: str, code: str) -> bool:
        """Whether the second factor's code fits now; one step of 30 s early or late is allowed."""
        person = self.person(login)
        if person is None or person.totp_secret is None:
            return False
        return pyotp.TOTP(person.totp_secret).verify(code.strip(), valid_window=1)

    def grant(self, login: str, redirect_uri: str) -> str:
        """A new code for the application."""
        code = secrets.token_hex(10)
        self.signed_in.setdefault(login, []).append(time.monotonic())
        self.codes[code] = Grant(login, redirect_uri, time.monotonic() + CODE_SECONDS)
        return code

    def signs_in_often(self, login: str) -> bool:
        """Whether this person has been given a code ten times within the last hour."""
        since = time.monotonic() - WITHIN_SECONDS
        return sum(moment > since for moment in self.signed_in.get(login, [])) >= SIGN_INS

    def redeem(self, code: str, redirect_uri: str) -> str | None:
        """A token for a code: once, in time, and for the same address only."""
        grant = self.codes.pop(code, None)
        if grant is None or grant.until < time.monotonic() or redirect_uri not in ("", grant.redirect_uri):
            return None
        token = f"gho_{secrets.token_hex(18)}"
        self.oauth_tokens[token] = grant.login
        return token

    def owner(self, token: str) -> str | None:
        """The login that a token belongs to."""
        return self.staging.tokens.get(token) or self.oauth_tokens.get(token)

    def account_id(self, login: str) -> int:
        """A person's number; machine accounts get one from their name."""
        person = self.person(login)
        return person.github_id if person and person.github_id else 90_000_000 + zlib.crc32(login.encode()) % 10**6

    def email(self, login: str) -> str:
        """A person's primary address."""
        person = self.person(login)
        return person.email if person else f"{self.account_id(login)}+{login}@users.noreply.github.test"

    def administers(self, token: str, repository: Repository) -> bool:
        """Whether a token may manage the hooks; the sign-in's tokens have no scope for it."""
        return self.staging.tokens.get(token) in repository.admins

    def reads_hooks(self, token: str, repository: Repository) -> bool:
        """Whether a token may look at the hooks; a fine-grained one may do that and no more."""
        fine_grained = token in self.staging.tokens and self.staging.variants.on("github-weak-token-reads")
        return fine_grained or self.administers(token, repository)

    def sees(self, token: str, repository: Repository) -> bool:
        """Whether a token may read the repository at all."""
        return not repository.private or self.staging.tokens.get(token) in repository.admins + repository.readers
