"""Where a secret may not be: every spelling of it that somebody could read, looked for in anything."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

# AES-256-GCM as the platform stores it (contract 3): nonce, ciphertext, tag.
NONCE_BYTES = 12
TAG_BYTES = 16
# A shorter secret could stand somewhere by chance.
LEAST_SECRET_LETTERS = 12


def spellings(secret: str | bytes) -> dict[str, bytes]:
    """The ways in which a careless program writes a secret, by name."""
    raw = secret.encode() if isinstance(secret, str) else secret
    found = {
        "clear": raw,
        "reversed": raw[::-1],
        "hex": raw.hex().encode(),
        "percent": quote(raw, safe="").encode(),
    }
    if isinstance(secret, str):
        found["utf-16"] = secret.encode("utf-16-le")
    for shift in range(3):
        found[f"base64 ({shift})"] = _base64_core(raw, shift)
        found[f"base64 url ({shift})"] = _base64_core(raw, shift).replace(b"+", b"-").replace(b"/", b"_")
    return found


def _base64_core(raw: bytes, shift: int) -> bytes:
    """What base64 makes of the bytes after `shift` others, without the ends that mix with their neighbours."""
    encoded = base64.b64encode(b"\0" * shift + raw)
    begin = (0, 2, 3)[shift]
    return encoded[begin : (len(raw) + shift) // 3 * 4]


def found_in(secret: str | bytes, where: Any) -> str:
    """In which spelling the secret is in a text, bytes, or a structure of these; "" when it is not."""
    wanted = spellings(secret)
    for piece in _pieces(where):
        lowered = piece.lower()
        for name, spelled in wanted.items():
            if spelled in piece or (name == "hex" and spelled in lowered):
                return name
    return ""


def _pieces(where: Any) -> Iterable[bytes]:
    if isinstance(where, bytes | bytearray | memoryview):
        yield bytes(where)
    elif isinstance(where, dict):
        for key, value in where.items():
            yield from _pieces(key)
            yield from _pieces(value)
    elif isinstance(where, list | tuple | set):
        for item in where:
            yield from _pieces(item)
    elif where is not None:
        yield str(where).encode()


def decrypted(stored: bytes, key_hex: str) -> bytes | None:
    """What the platform's key makes of a stored token; None when it does not fit it."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(bytes.fromhex(key_hex)).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], None)
    except (InvalidTag, ValueError):
        return None


def sealed(token: str, key_hex: str) -> bytes:
    """A token as the platform stores it under its key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(bytes.fromhex(key_hex)).encrypt(nonce, token.encode(), None)
