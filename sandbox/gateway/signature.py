"""Whether a delivery was signed with the platform's secret: HMAC-SHA256 over the raw body (contract 2)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable

from .core import Gateway

SHAPE = re.compile(r"sha256=[0-9a-f]{64}")
REENCODINGS: tuple[dict[str, object], ...] = (
    {"separators": (",", ":")},
    {"separators": (",", ":"), "ensure_ascii": False},
    {"ensure_ascii": False},
    {},
    {"separators": (",", ":"), "sort_keys": True},
    {"sort_keys": True},
    {"indent": 2},
)
Rule = Callable[[bytes, str, bytes], bool]


def sign(secret: bytes, body: bytes) -> str:
    """The header that GitHub sends for this body."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def accepted(gateway: Gateway, given: str, body: bytes) -> bool:
    """Whether the signature is good, by the contract, by an allowed difference, or by a fault."""
    secret = gateway.staging.secrets.webhook.encode()
    if gateway.differs("signature-upper-hex-accepted"):
        given = given.lower()
    if hmac.compare_digest(given.encode(), sign(secret, body).encode()):
        return True
    return any(gateway.broken(fault) and rule(secret, given, body) for fault, rule in LENIENT.items())


def legacy_accepted(gateway: Gateway, given: str, body: bytes) -> bool:
    """The old `X-Hub-Signature: sha1=…`, which no platform should take any more."""
    secret = gateway.staging.secrets.webhook.encode()
    return given == "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest()


def _reencoded(secret: bytes, given: str, body: bytes) -> bool:
    try:
        document = json.loads(body)
    except ValueError:
        return False
    forms = (json.dumps(document, **how).encode() for how in REENCODINGS)  # type: ignore[arg-type]
    return any(given == sign(secret, form) for form in forms)


LENIENT: dict[str, Rule] = {
    "signature-not-checked": lambda secret, given, body: bool(SHAPE.fullmatch(given)),
    "signature-of-empty-body-accepted": lambda secret, given, body: given == sign(secret, b""),
    "signature-with-empty-secret-accepted": lambda secret, given, body: given == sign(b"", body),
    "signature-truncated-accepted": lambda secret, given, body: sign(secret, body).startswith(given),
    "signature-prefix-ignored": lambda secret, given, body: sign(secret, body)[7:] == given.rpartition("=")[2],
    "signature-of-other-algorithm-accepted": lambda secret, given, body: (
        "=" in given and sign(secret, body)[7:] == given.partition("=")[2]
    ),
    "signature-spaces-dropped": lambda secret, given, body: sign(secret, body) == given.replace(" ", ""),
    "signature-by-plain-hash-accepted": lambda secret, given, body: (
        given.removeprefix("sha256=") == hashlib.sha256(body).hexdigest()
    ),
    "signature-over-reencoded-json": _reencoded,
    "signature-over-trimmed-body": lambda secret, given, body: given == sign(secret, body.strip()),
}
