"""The one point through which everything passes before it is written: no secret gets beyond it."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from urllib.parse import quote, quote_plus

HIDDEN = "[hidden]"
# A value shorter than this would blot out ordinary words.
SHORTEST_SECRET = 6
SHORTEST_BASE64, SHORTEST_LINE = 8, 16

# Replaced as a whole, so that a thread which redacts sees all of it or what was there before. In `_secret` is what
# opens something.
_known: frozenset[str] = frozenset()
_secret: frozenset[str] = frozenset()
_in_force: frozenset[str] = frozenset()
_announcing = threading.Lock()

# What opens something by its shape alone.
_KEYS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)(postgres(?:ql)?://[^:/\s@]+):[^@\s]+@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,})"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.S), HIDDEN),
)  # fmt: skip
# What may be a secret where it stands, for those that nobody announced.
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)(sha(?:1|256)=)[0-9a-f]{8,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(authorization\W{1,4}\w+\s+)[^\s\"',]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)(_oauth2_proxy\w*|codexk8s_staff_jwt|user_session|__Host-user_session_same_site"
                r"|logged_in|_gh_sess)=([^;\s\"',]+)"), rf"\1={HIDDEN}"),
    (re.compile(r"(?i)\b(password|client_secret|app_otp|access_token)=([^&\s\"'<>]{6,})"), rf"\1={HIDDEN}"),
    (re.compile(r"([?&](?:code|state)=)[^&\s\"'<>]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)(\"(?:password|token|secret|client_secret|access_token)\"\s*:\s*\")[^\"]+"),
     rf"\1{HIDDEN}"),
    *_KEYS,
)  # fmt: skip


def hide(*values: str | None) -> bool:
    """Announce secrets: from now on they never leave, neither in clear nor as programs commonly write them.

    False where one is a piece of a name in force, which the platform shows rightly: it is hidden wherever that
    name does not stand whole, and who shows it betrays nothing.
    """
    global _known, _secret
    with _announcing:
        long = [value for value in values if value and len(value) >= SHORTEST_SECRET]
        strong = [value for value in long if not _names_with([value], _in_force)]
        _secret = _secret.union(*map(_spellings, strong))
        _known = _known.union(*map(_spellings, long))
    return strong == long


def _names_with(secrets: Iterable[str], names: Iterable[str]) -> list[str]:
    """Those of `names` that hold a secret; of one word, for a command may hold one that is none of its name's."""
    return [name for name in names if name.split() == [name] and any(secret in name for secret in secrets)]


def withhold(*values: str | None) -> None:
    """Keep these out of the report too; yet who shows one betrays no secret, for nobody knows whether it is one.

    What the settings in force tell, or a piece of it, stays: the platform shows it rightly.
    """
    global _known
    with _announcing:
        for value in values:
            if value and len(value) >= SHORTEST_SECRET and not any(value in told for told in _in_force):
                _known = _known.union(_spellings(value))


def in_force(*values: str) -> None:
    """Announce what is no secret, whatever else has the same value: the names and addresses of the settings."""
    global _in_force
    with _announcing:
        _in_force = _in_force.union(values)


def _in(text: str, secrets: frozenset[str]) -> re.Pattern[str] | None:
    """By which the secrets that stand in `text` are found; None where none does, which is the rule.

    To look for each of some hundred is quicker than a pattern of them all, which each announcement makes anew.
    """
    there = frozenset(secret for secret in secrets if secret in text)
    return _any_of(there, _in_force) if there else None


@lru_cache(maxsize=64)
def _any_of(secrets: frozenset[str], names: frozenset[str]) -> re.Pattern[str]:
    """What is a secret is in the group; a whole name that holds one is found before it, and is none."""
    # A name that a secret begins with would leave the rest of that secret in clear.
    told = [name for name in _names_with(secrets, names) if not any(s.startswith(name) for s in secrets - {name})]
    whole = [rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in sorted(told, key=len, reverse=True)]
    hidden = "|".join(map(re.escape, sorted(secrets, key=len, reverse=True)))
    return re.compile("|".join([*whole, f"({hidden})"]))


def _spellings(value: str) -> Iterable[str]:
    """In clear, in an address, in HTML, in JSON, in hex, and in base64 wherever it stands in what is encoded."""
    raw = value.encode()
    yield from (value, quote(value, safe=""), quote_plus(value), escape(value), json.dumps(value)[1:-1])
    yield from (json.dumps(value, ensure_ascii=False)[1:-1], raw.hex())
    yield from (line for line in value.splitlines() if len(line) >= SHORTEST_LINE)
    for before in range(3):
        # The signs at both ends are mixed with the neighbours' bits.
        core = base64.b64encode(bytes(before) + raw)[(0, 2, 3)[before] : (len(raw) + before) // 3 * 4].decode()
        if len(core) >= SHORTEST_BASE64:
            yield from (core, core.replace("+", "-").replace("/", "_"))


def secrets_in(text: str) -> list[str]:
    """The known secrets that stand in `text`, for whoever must cover them otherwise than by words."""
    found = _in(text, _known)
    return sorted(set(found.findall(text)) - {""}) if found else []


def shows_secret(text: str) -> bool:
    """Whether something stands in `text` that opens something: an announced secret, or a token by its shape."""
    return any(secret in text for secret in _secret) or any(shape.search(text) for shape, _ in _KEYS)


def redact(text: str) -> str:
    """`text` with every known secret, and everything that has the shape of one, replaced."""
    if pattern := _in(text, _known):
        text = pattern.sub(lambda found: HIDDEN if found[1] else found[0], text)
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text
