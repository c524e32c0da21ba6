"""Ways to claim by headers to be somebody else (probes E1-E5, E14), and the refusals that are as good as none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from gate.capabilities.boundary_tokens import CREDENTIALS, Who
from gate.doors.raw import Lines

REFUSALS = range(400, 500)


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


def _tokens(owner: Who, own: Who) -> Sequence[Lines]:
    # The sign-in reads no token: that there is one could matter to it, not what is written there.
    tokens = CREDENTIALS["a token without a signature"](owner)[:2]
    return [(*token, *also) for token in tokens for also in ((), (("X-Auth-Request-Email", owner.email),))]


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
    "a token of the platform's kind": Claim(_tokens),
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
    "токен по образцу платформы": "a token of the platform's kind",
}
CLAIM_WORDS: Mapping[str, Claim] = {**CLAIMS, **{word: CLAIMS[meant] for word, meant in _RUSSIAN.items()}}
