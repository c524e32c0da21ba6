"""The tokens of a project's repositories as the database keeps them: nonce, ciphertext and tag (contract 3)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gate import evidence
from gate.doors.records import Repository
from gate.doors.secrecy import NONCE_BYTES, TAG_BYTES, decrypted, sealed
from gate.errors import NotProven
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.target import Target

# A shorter key is one of AES-128 or AES-192, which opens what it sealed as well.
HEX_KEY = re.compile("[0-9a-fA-F]{64}")
OUTDATE = "UPDATE repositories SET token_encrypted = %s WHERE id::text = %s"


class StoredTokens:
    """One token that was given for all repositories of a project, and what is stored for it."""

    def __init__(self, target: Target, token: str, rows: Callable[[], Sequence[Repository]]) -> None:
        self._target = target
        self._token = token
        self._rows = rows
        self._outdated = b""
        self._first = b""

    # --- acts

    def outdate(self, row: Repository) -> None:
        """Another token stands in the place of the given one, sealed where the platform's key is known."""
        token, key = f"ghp_{secrets.token_hex(len(self._token) // 2)}", self._key()
        size = NONCE_BYTES + len(self._token.encode()) + TAG_BYTES
        stored = sealed(token, key) if key else secrets.token_bytes(size)
        try:
            self._target.database.execute(OUTDATE, stored, str(row.id))
        except NotProven as reason:
            evidence.weaker(str(reason))
        else:
            self._outdated, self._first = stored, bytes(row.token_encrypted)

    # --- checks

    def expect_unchanged(self, row: Repository, before: bytes) -> None:
        """What is stored is what was stored: a token that GitHub refused replaces none."""
        ensure(
            bytes(row.token_encrypted) == before,
            f"The token of {row.owner}/{row.name} was replaced by one that GitHub does not know.",
            f"Токен {row.owner}/{row.name} заменён токеном, неизвестным GitHub.",
        )

    def expect_encrypted(self) -> None:
        """Nonce, ciphertext and tag for each; the same token gives another ciphertext under another nonce."""
        stored = {f"{row.owner}/{row.name}": bytes(row.token_encrypted) for row in self._rows()}
        wanted = NONCE_BYTES + len(self._token.encode()) + TAG_BYTES
        for name, value in stored.items():
            ensure(
                len(value) == wanted,
                f"The stored token of {name} has {len(value)} bytes; nonce, ciphertext and tag would be {wanted}.",
                f"Сохранённый токен {name} занимает {len(value)} байт; nonce, шифртекст и тег — это {wanted}.",
            )
        for what, parts in (
            ("nonce", {value[:NONCE_BYTES] for value in stored.values()}),
            (say("ciphertext", "шифртекст"), {value[NONCE_BYTES:] for value in stored.values()}),
        ):
            ensure(
                len(parts) == len(stored) > 1,
                f"The same token was stored {len(stored)} times with {len(parts)} different {what}(s).",
                f"Один и тот же токен сохранён {len(stored)} раза, а разных значений ({what}): {len(parts)}.",
            )

    def expect_key_fits(self) -> None:
        """The platform's key makes the given token of what is stored."""
        key = self._key()
        ensure(
            not key or HEX_KEY.fullmatch(key),
            f"The platform's token encryption key, {len(key)} characters long, is not 64 hex digits (contract 1).",
            f"Ключ шифрования токенов у платформы длиной {len(key)} — это не 64 шестнадцатеричные цифры "
            "(контракт 1).",
        )
        for row in self._rows() if key else ():
            ensure(
                decrypted(bytes(row.token_encrypted), key) == self._token.encode(),
                f"The stored token of {row.owner}/{row.name} does not decrypt to the one that was given, "
                "with the platform's key and AES-256-GCM.",
                f"Сохранённый токен {row.owner}/{row.name} не расшифровывается в тот, который был дан, "
                "ключом платформы и AES-256-GCM.",
            )

    def expect_renewed(self, row: Repository) -> None:
        """The other token is gone; in its place is the one that was given, where the key is known.

        Sealed anew it has another nonce than before (contract 3): AES-GCM bears each one once.
        """
        if not self._outdated:
            return
        ensure(
            bytes(row.token_encrypted) != self._outdated,
            f"{row.owner}/{row.name} was attached again with 201, but the token of before is still stored.",
            f"{row.owner}/{row.name} подключён ещё раз с ответом 201, но сохранён прежний токен.",
        )
        ensure(
            bytes(row.token_encrypted)[:NONCE_BYTES] != self._first[:NONCE_BYTES],
            f"The token of {row.owner}/{row.name} was sealed again under the nonce that it had before.",
            f"Токен {row.owner}/{row.name} зашифрован ещё раз с тем же nonce, что и прежде.",
        )
        self.expect_key_fits()

    # --- helpers

    def _key(self) -> str:
        """The platform's key, or none where it is not known here, which is said."""
        try:
            return "".join(self._target.fact("GATE_TOKEN_ENCRYPTION_KEY").split())
        except NotProven as reason:
            evidence.weaker(str(reason))
            return ""
