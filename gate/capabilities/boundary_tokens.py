"""Tokens of the platform's own kind that nobody issued, and how they are shown to it (contract 2, identity)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gate import evidence
from gate.doors.raw import Lines
from gate.language import say

STAFF_JWT = "codexk8s_staff_jwt"
_AN_HOUR_SECONDS = 3600
# A list of forbidden names may know but one of the spellings.
_NO_ALGORITHM = ("none", "None", "NONE")


@dataclass(frozen=True)
class Who:
    """A person as identity headers and tokens name them."""

    email: str
    login: str
    id: str = ""


Made = Callable[[Who], Sequence[Lines]]


def stale(email: str) -> Sequence[str]:
    """What a browser may still have of an earlier sign-in: a token that has expired, and the rest of one."""
    return ("x", *_tokens("HS256", b"", -_AN_HOUR_SECONDS, Who(email, "")))


def _tokens(algorithm: str, key: bytes | None, seconds: int, who: Who) -> Sequence[str]:
    """Tokens about somebody who is really known, so that only the signature or the time is wrong."""
    return [_token(algorithm, key, claims) for claims in _claims(who, int(time.time()) + seconds)]


def _claims(who: Who, ends: int) -> Sequence[dict[str, Any]]:
    """Whom a token may name, as no text says how the platform's own do: by the e-mail, or by the id in `users`."""
    begun = ends - 2 * _AN_HOUR_SECONDS
    more = {"email": who.email, "iat": begun, "nbf": begun, "exp": ends}
    by_id = {"user_id": who.id, "uid": who.id, "github_login": who.login, "is_platform_admin": True}
    return [{"sub": who.email, **more}, *([{"sub": who.id, **by_id, **more}] if who.id else [])]


def _token(algorithm: str, key: bytes | None, claims: Mapping[str, Any]) -> str:
    signed = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": algorithm, "typ": "JWT"}, claims))
    signature = b"" if key is None else hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64(signature)}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _in_cookie(token: str) -> Lines:
    return (("Cookie", f"{STAFF_JWT}={token}"),)


def _as_bearer(token: str) -> Lines:
    return (("Authorization", f"Bearer {token}"),)


def _both_ways(algorithms: Collection[str], key: bytes | None, seconds: int = _AN_HOUR_SECONDS) -> Made:
    """In the cookie, and as a bearer token: another piece of code may read each."""

    def made(who: Who) -> Sequence[Lines]:
        tokens = [token for algorithm in algorithms for token in _tokens(algorithm, key, seconds, who)]
        return [shown(token) for token in tokens for shown in (_in_cookie, _as_bearer)]

    return made


def _expired(who: Who) -> Sequence[Lines]:
    """As wrongly signed as the others, since nobody outside has the key: no proof that the time is looked at."""
    evidence.residual_risk(
        say(
            "Whether the gateway looks when a token ends cannot be tried alone: that takes its own key.",
            "Смотрит ли шлюз на срок токена, отдельно не проверить: для этого нужен его собственный ключ.",
        )
    )
    return _both_ways(("HS256",), b"", -_AN_HOUR_SECONDS)(who)


# A client's own, which was never one of the platform's.
NO_BEARER = _as_bearer("x")
_UNSIGNED = _both_ways(_NO_ALGORITHM, None)
_EMPTY_KEY = _both_ways(("HS256",), b"")
CREDENTIALS: Mapping[str, Made] = {
    "a bearer token of nonsense": lambda _: (_as_bearer("x"),),
    "бессмысленный токен": lambda _: (_as_bearer("x"),),
    "a cookie of nonsense": lambda _: (_in_cookie("x"),),
    "бессмысленная cookie": lambda _: (_in_cookie("x"),),
    "a token without a signature": _UNSIGNED,
    "токен без подписи": _UNSIGNED,
    "a token signed with an empty key": _EMPTY_KEY,
    "токен, подписанный пустым ключом": _EMPTY_KEY,
    "a token that has expired": _expired,
    "токен с истёкшим сроком": _expired,
}
