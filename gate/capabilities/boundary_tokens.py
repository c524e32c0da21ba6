"""Tokens of the platform's own kind that nobody issued, and how they are shown to it (contract 2, identity)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence

from gate.doors.raw import Lines

STAFF_JWT = "codexk8s_staff_jwt"
_AN_HOUR_SECONDS = 3600
Made = Callable[[str], Sequence[Lines]]


def stale(email: str) -> Sequence[str]:
    """What a browser may still have of an earlier sign-in: a token that has expired, and the rest of one."""
    return ("x", _token("HS256", b"", -_AN_HOUR_SECONDS, email))


def _token(algorithm: str, key: bytes | None, seconds: int, email: str) -> str:
    """A token about somebody who is really known, so that only its signature or its time is wrong."""
    claims = {"sub": email, "email": email, "exp": int(time.time()) + seconds}
    signed = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": algorithm, "typ": "JWT"}, claims))
    signature = b"" if key is None else hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64(signature)}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _in_cookie(token: str) -> Lines:
    return (("Cookie", f"{STAFF_JWT}={token}"),)


def _as_bearer(token: str) -> Lines:
    return (("Authorization", f"Bearer {token}"),)


def _both_ways(algorithm: str, key: bytes | None, seconds: int) -> Made:
    """In the cookie, and as a bearer token: another piece of code may read each."""

    def made(email: str) -> Sequence[Lines]:
        token = _token(algorithm, key, seconds, email)
        return (_in_cookie(token), _as_bearer(token))

    return made


# A client's own, which was never one of the platform's.
NO_BEARER = _as_bearer("x")
_UNSIGNED = _both_ways("none", None, _AN_HOUR_SECONDS)
_EMPTY_KEY = _both_ways("HS256", b"", _AN_HOUR_SECONDS)
_EXPIRED = _both_ways("HS256", b"", -_AN_HOUR_SECONDS)
CREDENTIALS: Mapping[str, Made] = {
    "a bearer token of nonsense": lambda _: (_as_bearer("x"),),
    "бессмысленный токен": lambda _: (_as_bearer("x"),),
    "a cookie of nonsense": lambda _: (_in_cookie("x"),),
    "бессмысленная cookie": lambda _: (_in_cookie("x"),),
    "a token without a signature": _UNSIGNED,
    "токен без подписи": _UNSIGNED,
    "a token signed with an empty key": _EMPTY_KEY,
    "токен, подписанный пустым ключом": _EMPTY_KEY,
    "a token that has expired": _EXPIRED,
    "токен с истёкшим сроком": _EXPIRED,
}
