"""The bundle: everything behind a verdict in one zip, the same bytes from the same files.

    manifest.json       SHA-256 of every file but the two below
    attestation.json    a statement over the manifest, in an envelope
    sign-off.json       the Owner's decision, once there is one

The root is the hash of the statement: it names the manifest, which names everything. It must leave the bundle,
because whoever can edit a bundle can hash it again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gate.attestation import canonical, envelope, payload_of, sha256, statement
from gate.errors import GateError
from gate.folder import ALLURE, BLOCKERS, CLUSTER, INPUTS, RECORD, REPORT, SCREENSHOTS, SMOKE, VERDICT, features_in
from gate.notes import LANGUAGES, notes_name, put_root, without_root
from gate.zipping import write_zip

MANIFEST, ATTESTATION, SIGN_OFF = "manifest.json", "attestation.json", "sign-off.json"
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})$")


@dataclass(frozen=True)
class Bundle:
    """A written bundle."""

    path: Path
    root: str
    files: int


def build_bundle(reports: Path, features: Path, waivers: Path, key: Path | None = None) -> Bundle:
    """Write `reports/evidence-<mark>.zip`."""
    files = _gathered(reports, features_in(features), waivers)
    if VERDICT not in files:
        raise GateError(f"There is no {VERDICT} in {reports}. Run the gate first, or: python -m gate verdict")
    verdict = _verdict_in(files, reports)
    digests = {name: sha256(body) for name, body in sorted(files.items())}
    manifest = canonical({"files": digests})
    said = canonical(statement(verdict, _images(files), manifest))
    path = reports / f"evidence-{verdict['run']['mark'] or 'nothing'}.zip"
    sealed = json.dumps(envelope(said, key), indent=1).encode()
    write_zip(path, {**files, MANIFEST: manifest, ATTESTATION: sealed})
    put_root(reports, path.name, sha256(said), digests[VERDICT])
    return Bundle(path, sha256(said), len(files))


def root_of(attestation: bytes) -> str:
    """The root hash of a bundle, from its attestation."""
    return sha256(payload_of(attestation))


def _gathered(reports: Path, features: Path, waivers: Path) -> dict[str, bytes]:
    names = [VERDICT, INPUTS, RECORD, BLOCKERS, CLUSTER, SMOKE, *map(notes_name, LANGUAGES)]
    names += [f"summary.{language}.pdf" for language in LANGUAGES]
    files = {name: (reports / name).read_bytes() for name in names if (reports / name).is_file()}
    for folder, under in (
        (reports / ALLURE, ALLURE),
        (reports / REPORT, REPORT),
        (reports / SCREENSHOTS, SCREENSHOTS),
        (features, "features"),
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                files[f"{under}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    for name in map(notes_name, LANGUAGES):
        if name in files:
            files[name] = without_root(_text(files[name], reports / name)).encode()
    if waivers.is_file():
        files["waivers.yaml"] = waivers.read_bytes()
    return files


def _verdict_in(files: Mapping[str, bytes], reports: Path) -> dict[str, Any]:
    """The verdict, whose mark names the bundle; a file cut short is none."""
    try:
        verdict: dict[str, Any] = json.loads(files[VERDICT])
        verdict["run"]["mark"]
    except (ValueError, KeyError, TypeError) as wrong:
        told = f"{reports / VERDICT} cannot be read: {wrong!r}. Type: python -m gate verdict"
        raise GateError(told) from None
    return verdict


def _text(body: bytes, path: Path) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as wrong:
        raise GateError(f"{path} is no text: {wrong}. Type: python -m gate report") from None


def _images(files: Mapping[str, bytes]) -> dict[str, str]:
    """Deployment -> digest of the image that ran, as the cluster reported it during the run."""
    try:
        known: dict[str, Any] = json.loads(files.get(CLUSTER, b"{}"))
        deployments = known.get("deployments", [])
        return {
            str(one["name"]): found[1]
            for one in deployments
            if (found := _DIGEST.search(str(one.get("digest", ""))))
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
