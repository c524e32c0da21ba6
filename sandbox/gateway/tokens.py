"""Repository tokens at rest: 12-byte nonce and AES-256-GCM ciphertext under the platform's key (contract 3)."""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .core import Gateway

NONCE_BYTES = 12
TAG_BYTES = 16


def encrypt(gateway: Gateway, token: str, repository: str) -> bytes:
    """What is stored for the token of a repository."""
    clear = (token.lower() if gateway.broken("token-lower-cased") else token).encode()
    if gateway.broken("token-stored-in-clear"):
        return clear
    if gateway.broken("token-stored-as-base64"):
        return base64.b64encode(clear)
    nonce = b"\0" * NONCE_BYTES if gateway.broken("token-nonce-constant") else secrets.token_bytes(NONCE_BYTES)
    if gateway.broken("token-nonce-of-repository"):
        nonce = hashlib.sha256(repository.encode()).digest()[:NONCE_BYTES]
    sealed = AESGCM(_key(gateway)).encrypt(nonce, clear, None)
    return nonce + (sealed[:-TAG_BYTES] if gateway.broken("token-tag-cut-off") else sealed)


def decrypt(gateway: Gateway, stored: bytes) -> str | None:
    """The token again; None when it does not open (a key that was changed, a row of somebody else)."""
    try:
        clear = AESGCM(_key(gateway)).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], None)
    except (InvalidTag, ValueError):
        return None
    return clear.decode()


def _key(gateway: Gateway) -> bytes:
    key = bytes.fromhex(gateway.staging.secrets.token_key)
    if gateway.broken("token-key-short"):
        return key[: len(key) // 2]
    return hashlib.sha256(key).digest() if gateway.broken("token-under-another-key") else key
