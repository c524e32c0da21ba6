"""Tampers with a bundle in every catalogued way and writes down what `verify` says: `docs/tampering.md`.

`python -m proof.tampering BUNDLE.zip` does it with a bundle of your own and prints the table.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gate.attestation import canonical, envelope, payload_of, sha256, statement
from gate.bundle import ATTESTATION, MANIFEST, SIGN_OFF, root_of
from gate.errors import GateError
from gate.folder import RECORD, VERDICT
from gate.signoff import SignOff, sealed_sign_off
from gate.verdict import decide
from gate.verdict_file import as_json, text_of
from gate.verify import judged_again, verify
from gate.zipping import ALWAYS_ALLOWED_BYTES, MOST_TIMES_LARGER, read_zip, write_zip

Files = dict[str, bytes]
HEAD = """# What `verify` says to tampering

Tried by `python -m proof.tampering`, which does the same to any bundle; a test compares this page with what
`verify` says today. `…` stands for a hash. Without `--root` and `--key` only what contradicts itself can be seen:
whoever changes the results *and* computes the verdict and all hashes anew has made another bundle, which the
published root tells apart.

| tampering | with | exit code | what `verify` says |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Tried:
    """One way to tamper, what the checker knew beside the bundle, and what came of it."""

    what: str
    known: str
    code: int
    said: str


class Tampering:
    """Tampers with copies of one bundle, in a folder of its own."""

    def __init__(self, bundle: Path, folder: Path) -> None:
        self._folder = folder
        self._whole = read_zip(bundle)
        self._bytes = bundle.read_bytes()
        self._root = root_of(self._whole[ATTESTATION])
        self._secret, self._public = _keys(folder, "signer")
        self._stranger, self._strangers = _keys(folder, "stranger")

    def all(self) -> list[Tried]:
        """Every way."""
        return [*self._contents(), *self._seals(), *self._decisions(), *self._zips()]

    def _contents(self) -> Iterable[Tried]:
        one_byte = self._whole[RECORD].replace(b'"seconds": ', b'"seconds":  ', 1)
        yield self._files("nothing", lambda files: None, root=self._root)
        yield self._files("one byte of a result", lambda files: files.update({RECORD: one_byte}))
        yield self._files("a file removed", lambda files: files.pop("blockers.json"))
        yield self._files("a file added", lambda files: files.update({"extra.txt": b"x"}))
        yield self._files("the results of another run in their place", lambda files: files.update(
            {RECORD: files[RECORD].replace(self._mark().encode(), b"gate-000000")}))  # fmt: skip
        yield self._files("the verdict edited", _edited)
        yield self._files("the verdict edited, the manifest made anew", _then(_edited, _hashed))

    def _seals(self) -> Iterable[Tried]:
        yield self._files("the verdict edited, all hashes made anew", _then(_edited, _sealed))
        yield self._files("a word added to the verdict, all hashes made anew", _annotated)
        yield self._files("results swapped, all hashes made anew", _then(_swapped, _sealed))
        yield self._files("results swapped, verdict and all hashes made anew", _forged, root=self._root)
        yield self._files("no manifest", lambda files: files.pop(MANIFEST))
        yield self._files("no attestation", lambda files: files.pop(ATTESTATION))
        yield self._files("the root of another bundle", lambda files: None, root="0" * 64)
        yield self._files("signed by somebody else", self._signed(self._stranger), key=self._public)
        yield self._files("the signature removed", lambda files: None, key=self._public)
        yield self._files("signed by its maker", self._signed(self._secret), key=self._public)

    def _decisions(self) -> Iterable[Tried]:
        digest, verdict = sha256(self._whole[VERDICT]), json.loads(self._whole[VERDICT])
        approval = SignOff("Somebody", "approved", "2026-02-09T12:00:00+00:00", digest, self._root, True)
        other = SignOff(**{**vars(approval), "decision": "rejected", "verdict": "0" * 64})
        if verdict["decision"] != "go":
            yield self._files("an approval over less than a Go", lambda files: files.update(
                {SIGN_OFF: sealed_sign_off(approval, None)}))  # fmt: skip
        yield self._files("a decision over another verdict", lambda files: files.update(
            {SIGN_OFF: sealed_sign_off(other, None)}))  # fmt: skip

    def _zips(self) -> Iterable[Tried]:
        whole = self._bytes
        inside = whole.index(RECORD.encode()) + len(RECORD) + 20
        flipped = whole[:inside] + bytes([whole[inside] ^ 1]) + whole[inside + 1 :]
        directory = whole.rindex(b"PK\1\2") + 12  # the time of the last file
        yield self._raw("one byte of the zip, inside of a file", flipped)
        yield self._raw("one byte of the zip, a time in its directory",
                        whole[:directory] + b"\1" + whole[directory + 1 :])  # fmt: skip
        yield self._raw("something before the zip", b"#!/bin/sh\n" + whole)
        yield self._raw("something after the zip", whole + b"more")
        yield self._raw("half of the zip", whole[: len(whole) // 2])
        yield self._raw("no zip", b"This is no zip.")
        yield self._raw("nothing at all", b"")
        for what, name, mode in (
            ("a path outside", "../../outside", 0o100644),
            ("an absolute path", "/etc/passwd", 0o100644),
            ("a link", "link", 0o120777),
        ):
            yield self._raw(what, self._with((name, b"/etc/passwd", mode)))
        yield self._raw("two files of one name", self._with((VERDICT, b"{}", 0o100644)))
        yield self._raw("a bomb", self._with(("bomb", bytes(self._too_much()), 0o100644)))

    def _files(
        self, what: str, tamper: Callable[[Files], object], root: str = "", key: Path | None = None
    ) -> Tried:
        files = dict(self._whole)
        tamper(files)
        path = self._folder / "tampered.zip"
        write_zip(path, files)
        return self._verified(what, path, root, key)

    def _raw(self, what: str, body: bytes) -> Tried:
        path = self._folder / "tampered.zip"
        path.write_bytes(body)
        return self._verified(what, path)

    def _with(self, entry: tuple[str, bytes, int]) -> bytes:
        path, (name, body, mode) = self._folder / "hostile.zip", entry
        path.write_bytes(self._bytes)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a second file of one name is the point
            added = zipfile.ZipInfo(name)
            added.external_attr, added.compress_type = mode << 16, zipfile.ZIP_DEFLATED
            archive.writestr(added, body)
        return path.read_bytes()

    def _too_much(self) -> int:
        return max(ALWAYS_ALLOWED_BYTES, len(self._bytes) * MOST_TIMES_LARGER) + 1

    def _verified(self, what: str, path: Path, root: str = "", key: Path | None = None) -> Tried:
        known = " ".join(name for name, given in (("--root", root), ("--key", key)) if given) or "–"
        try:
            wrong, code = verify(path, root, [key] if key else ()), 1
        except GateError as refused:
            wrong, code = [str(refused)], 3
        said = "; ".join(wrong[:2]) if wrong else "Whole"
        return Tried(what, known, code if wrong else 0, self._anonymous(said, path))

    def _anonymous(self, said: str, path: Path) -> str:
        """What would be another in each run, or on each machine."""
        return re.sub(r"[0-9a-f]{64}", "…", said.replace(str(path), "evidence.zip")).replace("|", "\\|")

    def _signed(self, key: Path) -> Callable[[Files], object]:
        return lambda files: files.update(
            {ATTESTATION: json.dumps(envelope(payload_of(files[ATTESTATION]), key)).encode()}
        )

    def _mark(self) -> str:
        return str(json.loads(self._whole[VERDICT])["run"]["mark"])


def page(tried: Iterable[Tried]) -> str:
    """`docs/tampering.md`."""
    rows = [f"| {one.what} | {one.known} | {one.code} | {one.said} |" for one in tried]
    return HEAD + "\n".join(rows) + "\n"


def _then(*steps: Callable[[Files], object]) -> Callable[[Files], object]:
    def tamper(files: Files) -> None:
        for step in steps:
            step(files)

    return tamper


def _edited(files: Files) -> None:
    verdict = json.loads(files[VERDICT])
    verdict["decision"] = "no-go" if verdict["decision"] == "go" else "go"
    files[VERDICT] = text_of(verdict).encode()


def _annotated(files: Files) -> None:
    files[VERDICT] = text_of({**json.loads(files[VERDICT]), "approved": "by me"}).encode()
    _sealed(files)


def _swapped(files: Files) -> None:
    """What was red passed, and what passed was red."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in files[RECORD].decode().splitlines()]
    for line in lines:
        if line["kind"] == "scenario":
            red = line["status"] == "passed"
            line.update(status="failed" if red else "passed", category="platform" if red else "")
    files[RECORD] = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _forged(files: Files) -> None:
    _swapped(files)
    files[VERDICT] = text_of(as_json(decide(judged_again(files)))).encode()
    _sealed(files)


def _hashed(files: Files) -> None:
    unsealed = (MANIFEST, ATTESTATION, SIGN_OFF)
    files[MANIFEST] = canonical(
        {"files": {n: sha256(body) for n, body in sorted(files.items()) if n not in unsealed}}
    )


def _sealed(files: Files) -> None:
    _hashed(files)
    said = canonical(statement(json.loads(files[VERDICT]), {}, files[MANIFEST]))
    files[ATTESTATION] = json.dumps(envelope(said, None)).encode()


def _keys(folder: Path, name: str) -> tuple[Path, Path]:
    private = Ed25519PrivateKey.generate()
    secret, public = folder / f"{name}.pem", folder / f"{name}.pub"
    secret.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return secret, public


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="gate-tampering-") as folder:
        print(page(Tampering(Path(sys.argv[1]), Path(folder)).all()), end="")
