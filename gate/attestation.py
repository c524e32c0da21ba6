"""What a bundle claims, as an in-toto statement (predicate test-result v0.1) in a DSSE envelope, signed or not.

https://in-toto.io/Statement/v1, https://in-toto.io/attestation/test-result/v0.1, DSSE 1.0.2
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate.errors import GateError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
RESULTS = {"go": "PASSED", "incomplete": "WARNED", "no-go": "FAILED"}


def sha256(data: bytes) -> str:
    """The hash that everything here is named by."""
    return hashlib.sha256(data).hexdigest()


def canonical(data: Any) -> bytes:
    """One way to write the same data, whoever writes it."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def statement(verdict: Mapping[str, Any], images: Mapping[str, str], manifest: bytes) -> dict[str, Any]:
    """The statement: which images and which suite, with which configuration, and what came of it."""
    run = verdict["run"]
    commit = str(run["suite"].get("commit", ""))
    files = json.loads(manifest)["files"]
    features = {name: digest for name, digest in files.items() if name.startswith("features/")}
    configuration = {"settings": run["settings"], "versions": run["versions"], "features": features}
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            *({"name": name, "digest": {"sha256": digest}} for name, digest in sorted(images.items())),
            *([{"name": "suite", "digest": {"gitCommit": commit}}] if commit else []),
            {"name": "manifest.json", "digest": {"sha256": sha256(manifest)}},
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": RESULTS[verdict["decision"]],
            "configuration": [
                {"name": name, "digest": {"sha256": sha256(canonical(value))}}
                for name, value in configuration.items()
            ],
            **_tests(verdict),
        },
    }


def _tests(verdict: Mapping[str, Any]) -> dict[str, list[str]]:
    """The decision stands first; what did not run is among the warned, never missing."""
    found: dict[str, list[str]] = {"passedTests": [], "warnedTests": [], "failedTests": []}
    kinds = {"proven": "passedTests", "broken": "failedTests"}
    statuses = {one["key"]: one["status"] for line in verdict["lines"] for one in line["scenarios"]}
    decision = {"go": "passedTests", "incomplete": "warnedTests", "no-go": "failedTests"}[verdict["decision"]]
    found[decision].append(f"decision: {verdict['decision']}")
    for key, status in sorted(statuses.items()):
        found[kinds.get(status, "warnedTests")].append(key if status in kinds else f"{status}: {key}")
    return found


def envelope(payload: bytes, key: Path | None, payload_type: str = PAYLOAD_TYPE) -> dict[str, Any]:
    """The DSSE envelope; without a key it has no signature and says so by an empty list."""
    signatures = []
    if key is not None:
        private = private_key(key)
        signature = private.sign(_signed_part(payload_type, payload))
        signatures.append({"keyid": _keyid(private.public_key()), "sig": base64.b64encode(signature).decode()})
    body = base64.b64encode(payload).decode()
    return {"payloadType": payload_type, "payload": body, "signatures": signatures}


def payload_of(data: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """The payload of an envelope; raises `ValueError` when it is none."""
    found = json.loads(data)
    if not isinstance(found, dict) or found.get("payloadType") != payload_type:
        raise ValueError("not an envelope of the expected type")
    return base64.b64decode(str(found["payload"]), validate=True)


def keyids(data: bytes) -> list[str]:
    """The names of the keys that signed an envelope, as it says."""
    return [str(one.get("keyid", "?")) for one in json.loads(data)["signatures"]]


def signed_by(data: bytes, key: Path) -> bool:
    """Whether one of the envelope's signatures was made with that key."""
    from cryptography.exceptions import InvalidSignature

    found = json.loads(data)
    public = public_key(key)
    part = _signed_part(found["payloadType"], base64.b64decode(found["payload"]))
    for one in found["signatures"]:
        try:
            public.verify(base64.b64decode(one["sig"]), part)
        except InvalidSignature:
            continue
        return True
    return False


def _signed_part(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def private_key(path: Path) -> Ed25519PrivateKey:
    """The key that signs; raises `GateError` where the file holds none."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as wrong:
        raise GateError(f"The key {path} cannot be read: {wrong}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise GateError(f"The key {path} is no Ed25519 key. Make one: openssl genpkey -algorithm ed25519")
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """The key to check by; raises `GateError` where the file holds none."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as wrong:
        raise GateError(f"The key {path} cannot be read as a public key: {wrong}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise GateError(f"The key {path} is no Ed25519 key.")
    return key


def _keyid(key: Ed25519PublicKey) -> str:
    return sha256(key.public_bytes_raw())[:16]
