"""Checks a bundle without any access: its shape, every digest, the signature, and the verdict computed anew.

The zip is hostile until shown otherwise: no path outside, no bomb, no doubled name, no link.
"""

from __future__ import annotations

import json
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gate.attestation import payload_of, sha256, signed_by
from gate.bundle import ATTESTATION, MANIFEST, SIGN_OFF, root_of
from gate.errors import GateError
from gate.signoff import SignOff, read_sign_off
from gate.verdict import decide
from gate.verdict_file import VERDICT, as_json, gather_again

MOST_FILES = 20_000
MOST_BYTES = 1 << 30
UNSEALED = frozenset({MANIFEST, ATTESTATION, SIGN_OFF})
FORBIDDEN = frozenset('\\:\0*?"<>|')


def verify(path: Path, root: str = "", key: Path | None = None) -> tuple[list[str], dict[str, Any]]:
    """What is wrong with the bundle (nothing: an empty list), and its verdict."""
    files = read_bundle(path)
    wrong = list(_differences(files))
    wrong += _seal(files, root, key)
    verdict = json.loads(files[VERDICT]) if VERDICT in files and not wrong else {}
    if not wrong:
        wrong += _recomputed(files)
    if SIGN_OFF in files and not wrong:
        wrong += _signed_off(files, key)
    return wrong, verdict


def read_bundle(path: Path) -> dict[str, bytes]:
    """All files of a bundle in memory; raises `GateError` for a zip that is none or means harm."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_shape(entries)
            return {entry.filename: _bytes(archive, entry) for entry in entries}
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as wrong:
        raise GateError(f"{path} is no bundle that can be read: {wrong}") from None


def _check_shape(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise GateError(f"The bundle holds {len(entries)} files; more than {MOST_FILES} are not opened.")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise GateError(f"The bundle unpacks to more than {MOST_BYTES >> 20} MiB and is not opened.")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if not _is_plain(name):
            raise GateError(f"The bundle names a file outside of itself, or strangely: {name!r}.")
        if name.casefold() in seen:
            raise GateError(f"The bundle holds {name!r} twice.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise GateError(f"The bundle holds a link: {name!r}.")
        if entry.flag_bits & 0x1:
            raise GateError(f"The bundle holds an encrypted file: {name!r}.")
        seen.add(name.casefold())


def _is_plain(name: str) -> bool:
    parts = name.split("/")  # an absolute name, a folder or a doubled slash has an empty part
    return not FORBIDDEN.intersection(name) and not {"", ".", ".."}.intersection(parts)


def _bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        body = file.read(entry.file_size + 1)
    if len(body) != entry.file_size:
        raise GateError(f"{entry.filename!r} is larger than the bundle says.")
    return body


def _differences(files: Mapping[str, bytes]) -> Iterator[str]:
    try:
        listed = json.loads(files[MANIFEST])["files"]
        items = dict(listed)
    except (KeyError, ValueError, TypeError):
        yield f"{MANIFEST} is missing or cannot be read."
        return
    for name in sorted(set(items) - set(files)):
        yield f"missing: {name}"
    for name in sorted(set(files) - set(items) - UNSEALED):
        yield f"added: {name}"
    for name in sorted(set(files) & set(items)):
        if sha256(files[name]) != items[name]:
            yield f"changed: {name}"


def _seal(files: Mapping[str, bytes], root: str, key: Path | None) -> Iterator[str]:
    try:
        sealed = files[ATTESTATION]
        found = root_of(sealed)
        said = _statement(sealed)
        named = {one["name"]: one["digest"] for one in said["subject"]}
        manifest = named[MANIFEST]["sha256"]
    except (KeyError, ValueError, TypeError):
        yield f"{ATTESTATION} is missing or cannot be read."
        return
    if manifest != sha256(files.get(MANIFEST, b"")):
        yield f"{ATTESTATION} speaks of another {MANIFEST}."
    if root and root != found:
        yield f"The root is {found}, not {root}: this is another bundle, or all of it was made anew."
    if key is not None and not signed_by(sealed, key):
        yield "No signature of the attestation was made with that key."


def _statement(sealed: bytes) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(payload_of(sealed))
    return said


def _recomputed(files: Mapping[str, bytes]) -> Iterator[str]:
    """The verdict anew from the results, compared with the one that is claimed."""
    with tempfile.TemporaryDirectory(prefix="gate-verify-") as folder:
        for name, body in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        try:
            again = as_json(decide(gather_again(Path(folder))))
        except GateError as wrong:
            yield f"The verdict cannot be computed anew: {wrong}"
            return
    claimed = json.loads(files[VERDICT])
    for name in again:
        if claimed.get(name) != again[name]:
            yield f"{VERDICT} says another “{name}” than the results give."


def _signed_off(files: Mapping[str, bytes], key: Path | None) -> Iterator[str]:
    try:
        said: SignOff = read_sign_off(files[SIGN_OFF])
    except (ValueError, KeyError, TypeError) as wrong:
        yield f"{SIGN_OFF} cannot be read: {wrong}"
        return
    if said.verdict != sha256(files[VERDICT]) or said.root != root_of(files[ATTESTATION]):
        yield f"{SIGN_OFF} was given over another verdict."
    problem = said.problem(json.loads(files[VERDICT]))
    if problem:
        yield f"{SIGN_OFF}: {problem}"
    if key is not None and not signed_by(files[SIGN_OFF], key):
        yield f"{SIGN_OFF} was not signed with that key."
