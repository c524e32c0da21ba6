"""Cookies as oauth2-proxy makes them: encrypted content, time and HMAC, which covers the name too (contract 1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from email.utils import formatdate

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SESSION = "_oauth2_proxy"
CSRF = "_oauth2_proxy_csrf"
SESSION_SECONDS = 168 * 3600
CSRF_SECONDS = 15 * 60
_CLOCK_SKEW_SECONDS = 300
_IV_BYTES = 16

On = Callable[[str], bool]


@dataclass(frozen=True)
class Session:
    """Who signed in at GitHub."""

    email: str
    user: str


class Jar:
    """Makes and opens the cookies of one oauth2-proxy."""

    def __init__(self, secret: str, on: On) -> None:
        self._secret = secret.encode()
        self._key = _aes_key(secret)
        self._on = on
        # Only for the fault that forgets to sign the time.
        self._issued: dict[str, str] = {}

    def seal(self, name: str, content: dict[str, str]) -> str:
        """A cookie's value: encrypted content, time, signature."""
        iv = os.urandom(_IV_BYTES)
        sealed = iv + self._crypt(iv, json.dumps(content).encode())
        value, stamp = base64.urlsafe_b64encode(sealed).decode(), str(int(time.time()))
        self._issued[value] = signature = self._signature(name, value, stamp)
        return f"{value}|{stamp}|{signature}"

    def open(self, name: str, cookie: str, seconds: int = SESSION_SECONDS) -> dict[str, str] | None:
        """The content, or nothing when the signature, the time or the content is not right."""
        value, _, rest = cookie.partition("|")
        stamp, _, signature = rest.partition("|")
        if not self._signed(name, value, stamp, signature) or not self._in_time(stamp, seconds):
            return None
        try:
            sealed = base64.urlsafe_b64decode(value)
            content = json.loads(self._crypt(sealed[:_IV_BYTES], sealed[_IV_BYTES:]))
        except (ValueError, binascii.Error):
            return None
        return content if isinstance(content, dict) else None

    def seal_session(self, session: Session) -> str:
        """The session cookie's value."""
        return self.seal(SESSION, asdict(session))

    def session(self, cookies: dict[str, str], *, split: bool = False) -> Session | None:
        """The session that a request's cookies hold."""
        content = self.open(SESSION, self._session_cookie(cookies, split=split))
        if content is None or set(content) != {"email", "user"}:
            return None
        return Session(**content)

    def _session_cookie(self, cookies: dict[str, str], *, split: bool) -> str:
        if self._on("edge-cookie-under-any-name"):
            return next((value for name, value in cookies.items() if value.count("|") == 2), "")
        if SESSION in cookies or not split:
            return cookies.get(SESSION, "")
        return "".join(cookies.get(f"{SESSION}_{number}", "") for number in range(10))

    def _signed(self, name: str, value: str, stamp: str, signature: str) -> bool:
        if self._on("edge-cookie-signature-unchecked"):
            return True
        if self._on("edge-cookie-time-unsigned") and self._issued.get(value) == signature:
            return True
        return hmac.compare_digest(self._signature(name, value, stamp).encode(), signature.encode())

    def _in_time(self, stamp: str, seconds: int) -> bool:
        if not stamp.isdecimal() or len(stamp) > 12:
            return False
        age = time.time() - int(stamp)
        return self._on("edge-cookie-time-unsigned") or -_CLOCK_SKEW_SECONDS < age < seconds

    def _signature(self, name: str, value: str, stamp: str) -> str:
        digest = hmac.new(self._secret, f"{name}{value}{stamp}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode()

    def _crypt(self, iv: bytes, content: bytes) -> bytes:
        crypt = Cipher(algorithms.AES(self._key), modes.CTR(iv)).encryptor()
        return crypt.update(content) + crypt.finalize()


def _aes_key(secret: str) -> bytes:
    """The secret as oauth2-proxy reads it: base64 where that gives a key's length, else as it stands."""
    try:
        decoded = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except (ValueError, binascii.Error):
        decoded = b""
    return decoded if len(decoded) in (16, 24, 32) else secret.encode()


def set_cookie(name: str, value: str, seconds: int, on: On) -> tuple[str, str]:
    """The header that sets a cookie: host-only, Secure, HttpOnly, SameSite=Lax (contract 1)."""
    parts = [f"{name}={value}", "Path=/", f"Expires={formatdate(time.time() + seconds, usegmt=True)}"]
    flags = {"HttpOnly": "edge-cookie-not-httponly", "Secure": "edge-cookie-not-secure"}
    parts += [flag for flag, fault in flags.items() if not on(fault)]
    if not on("edge-cookie-without-samesite"):
        others = {"None": "edge-cookie-samesite-none", "Strict": "edge-cookie-samesite-strict"}
        parts.append(f"SameSite={next((value for value, fault in others.items() if on(fault)), 'Lax')}")
    if on("edge-cookie-for-the-whole-domain"):
        parts.append("Domain=codex-k8s.test")
    return ("set-cookie", "; ".join(parts))


def clear_cookie(name: str, on: On) -> tuple[str, str]:
    """The header that removes a cookie."""
    return set_cookie(name, "", -3600, on)


def new_state() -> str:
    """A random state for one sign-in."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def state_hash(state: str) -> str:
    """What of the state goes to GitHub and back."""
    digest = hashlib.blake2b(state.encode(), digest_size=32).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
