"""Checks a bundle without any access: its shape, every digest, the signatures, and the verdict computed anew."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gate.attestation import keyids, payload_of, public_key, sha256, signed_by
from gate.bundle import ATTESTATION, MANIFEST, SIGN_OFF, root_of
from gate.errors import FULL
from gate.folder import VERDICT
from gate.signoff import SignOff, read_sign_off
from gate.verdict import Case, decide
from gate.verdict_file import as_json, gather_again, text_of
from gate.zipping import Damaged, read_zip

UNSEALED = frozenset({MANIFEST, ATTESTATION, SIGN_OFF})
# What a forged file of JSON makes a reader raise.
FORGED = (KeyError, ValueError, TypeError, AttributeError, RecursionError)


def verify(path: Path, root: str = "", keys: Sequence[Path] = ()) -> list[str]:
    """What is wrong with the bundle; nothing: an empty list. Each signature must be of one of the keys."""
    for key in keys:  # one that cannot be read is wrong use, and no difference of the bundle
        public_key(key)
    try:
        files = read_zip(path)
    except Damaged as damaged:
        return [str(damaged)]
    wrong = [*_differences(files), *_seal(files, root, keys)]
    if not wrong:
        wrong += _recomputed(files)
    if SIGN_OFF in files and not wrong:
        wrong += _signed_off(files, keys)
    return wrong


def _differences(files: Mapping[str, bytes]) -> Iterator[str]:
    try:
        listed = json.loads(files[MANIFEST])["files"]
        items = dict(listed)
    except FORGED:
        yield f"{MANIFEST} is missing or cannot be read."
        return
    for name in sorted(set(items) - set(files)):
        yield f"missing: {name}"
    for name in sorted(set(files) - set(items) - UNSEALED):
        yield f"added: {name}"
    for name in sorted(set(files) & set(items)):
        if sha256(files[name]) != items[name]:
            yield f"changed: {name}"


def _seal(files: Mapping[str, bytes], root: str, keys: Sequence[Path]) -> Iterator[str]:
    try:
        sealed = files[ATTESTATION]
        found = root_of(sealed)
        said = _statement(sealed)
        named = {one["name"]: one["digest"] for one in said["subject"]}
        manifest = named[MANIFEST]["sha256"]
        signed = bool(keyids(sealed)) and any(signed_by(sealed, key) for key in keys)
    except FORGED:
        yield f"{ATTESTATION} is missing or cannot be read."
        return
    if manifest != sha256(files.get(MANIFEST, b"")):
        yield f"{ATTESTATION} speaks of another {MANIFEST}."
    if root and root != found:
        yield f"The root is {found}, not {root}: this is another bundle, or all of it was made anew."
    if keys and not signed:
        yield "No signature of the attestation was made with that key."


def _statement(sealed: bytes) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(payload_of(sealed))
    return said


def _recomputed(files: Mapping[str, bytes]) -> Iterator[str]:
    """The verdict anew from the results, compared with the one that is claimed."""
    try:
        again, claimed = as_json(decide(judged_again(files))), json.loads(files[VERDICT])
        names = sorted(set(again) | set(claimed))
    except Exception as wrong:  # whatever a forged file makes of the judge
        if isinstance(wrong, OSError) and wrong.errno in FULL:
            raise  # this machine's matter, not the bundle's
        yield f"The verdict cannot be computed anew: {type(wrong).__name__}: {wrong}"
        return
    nothing = object()
    different = [name for name in names if claimed.get(name, nothing) != again.get(name, nothing)]
    for name in different:
        yield f"{VERDICT} says another “{name}” than the results give."
    if not different and text_of(again).encode() != files[VERDICT]:
        yield f"{VERDICT} is written otherwise than the gate writes it."


def judged_again(files: Mapping[str, bytes]) -> Case:
    """The case that the files of a bundle make, without anything from outside of it."""
    with tempfile.TemporaryDirectory(prefix="gate-verify-") as folder:
        for name, body in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        return gather_again(Path(folder))


def _signed_off(files: Mapping[str, bytes], keys: Sequence[Path]) -> Iterator[str]:
    try:
        said: SignOff = read_sign_off(files[SIGN_OFF])
        signed = bool(keyids(files[SIGN_OFF])) and any(signed_by(files[SIGN_OFF], key) for key in keys)
    except FORGED as wrong:
        yield f"{SIGN_OFF} cannot be read: {wrong}"
        return
    if said.verdict != sha256(files[VERDICT]) or said.root != root_of(files[ATTESTATION]):
        yield f"{SIGN_OFF} was given over another verdict."
    problem = said.problem(json.loads(files[VERDICT]))
    if problem:
        yield f"{SIGN_OFF}: {problem}"
    if keys and not signed:
        yield f"{SIGN_OFF} was not signed with that key."
