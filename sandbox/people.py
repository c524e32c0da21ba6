"""Who lives in a local staging: three people with GitHub accounts, repositories, and two tokens for the gate."""

from __future__ import annotations

import base64
import secrets
import string

from .staging import Person, Repository, Staging

GATE_LOGIN = "release-gate-bot"
WEAK_LOGIN = "passer-by"
ORGANISATION = "codex-k8s-gate"
FIRST_REPOSITORY_ID = 8_100_001
REPOSITORIES = ("probe-one", "probe-two", "probe-three")


def settle(staging: Staging) -> None:
    """Fill in people, repositories and tokens; passwords and tokens are new for every sandbox."""
    staging.people = {
        "admin": _person("olga-owner", "olga.owner@codex-k8s.test", 4_200_001, second_factor=True),
        "member": _person("max-member", "max.member@codex-k8s.test", 4_200_002),
        "stranger": _person("sam-stranger", "sam.stranger@elsewhere.test", 4_200_003),
    }
    staging.repositories = [
        Repository(FIRST_REPOSITORY_ID + number, ORGANISATION, name, (GATE_LOGIN,), readers=(WEAK_LOGIN,))
        for number, name in enumerate(REPOSITORIES)
    ]
    staging.tokens = {_token(): GATE_LOGIN, _token(): WEAK_LOGIN}


def token_of(staging: Staging, login: str) -> str:
    """The token that belongs to `login`."""
    return next(token for token, owner in staging.tokens.items() if owner == login)


def _person(login: str, email: str, github_id: int, second_factor: bool = False) -> Person:
    secret = base64.b32encode(secrets.token_bytes(20)).decode() if second_factor else None
    return Person(login, email, secrets.token_urlsafe(12), secret, github_id)


def _token() -> str:
    """As GitHub makes them: letters of both cases and digits."""
    return "ghp_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(36))
