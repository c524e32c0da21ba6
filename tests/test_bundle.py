"""The bundle: the same bytes from the same files, every change named, hostile zips refused, honest sign-offs."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gate.attestation import payload_of, sha256
from gate.blockers import Blockers, keep_blockers
from gate.bundle import ATTESTATION, MANIFEST, SIGN_OFF, Bundle, build_bundle
from gate.errors import GateError
from gate.folder import INPUTS, VERDICT
from gate.notes import write_notes
from gate.signoff import sealed_sign_off, sign_off
from gate.verdict import decide
from gate.verdict_file import as_json, keep_inputs, write_verdict
from gate.verify import verify
from gate.zipping import read_zip, write_zip
from tests.fake_run import NOW, FakeRun

Files = dict[str, bytes]


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


def _bundle(run: FakeRun, key: Path | None = None) -> Bundle:
    run.write()
    keep_blockers(Blockers("checked", "a file"), run.reports / "blockers.json")
    case = run.case()
    keep_inputs(case, run.reports / INPUTS)
    verdict = decide(case)
    write_verdict(verdict, run.reports / VERDICT)
    write_notes(as_json(verdict), "[smoke] ok", [], run.reports)
    return build_bundle(run.reports, run.features, run.waivers, key)


def _keys(folder: Path, name: str = "key") -> tuple[Path, Path]:
    private = Ed25519PrivateKey.generate()
    secret, public = folder / f"{name}.pem", folder / f"{name}.pub"
    secret.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return secret, public


def test_a_bundle_is_whole_and_the_same_again(run: FakeRun) -> None:
    first = _bundle(run)
    body = first.path.read_bytes()
    assert verify(first.path, first.root) == []
    assert build_bundle(run.reports, run.features, run.waivers).path.read_bytes() == body


def test_the_statement_names_what_did_not_run(run: FakeRun) -> None:
    run.results.remove(run.of("s1.p0.1.2", "ru"))
    said = json.loads(payload_of(read_zip(_bundle(run).path)[ATTESTATION]))
    assert said["predicate"]["result"] == "WARNED"
    assert "decision: incomplete" in said["predicate"]["warnedTests"]
    assert any(one.startswith("not-run: ") and "s1.p0.1.2" in one for one in said["predicate"]["warnedTests"])


def test_the_images_that_ran_are_its_subject(run: FakeRun) -> None:
    digest = "ab" * 32
    state = {"deployments": [{"name": "codex-k8s", "digest": f"registry/x@sha256:{digest}"}]}
    run.reports.mkdir(exist_ok=True)
    (run.reports / "cluster.json").write_text(json.dumps(state), encoding="utf-8")
    said = json.loads(payload_of(read_zip(_bundle(run).path)[ATTESTATION]))
    assert said["subject"][0] == {"name": "codex-k8s", "digest": {"sha256": digest}}


TAMPERING: list[tuple[str, Callable[[Files], object], str]] = [
    (
        "half an attestation",
        lambda files: files.update({ATTESTATION: b'{"payload'}),
        "attestation.json is missing",
    ),
    (
        "a manifest that is none",
        lambda files: files.update({MANIFEST: b"[" * 100_000}),
        "manifest.json is missing",
    ),
    ("a sign-off of nobody", lambda files: files.update({SIGN_OFF: b"{}"}), "sign-off.json cannot be read"),
]


@pytest.mark.parametrize(("what", "tamper", "said"), TAMPERING, ids=[one[0] for one in TAMPERING])
def test_what_was_changed_is_named(
    run: FakeRun, tmp_path: Path, what: str, tamper: Callable[[Files], object], said: str
) -> None:
    files = read_zip(_bundle(run).path)
    tamper(files)
    write_zip(tmp_path / "other.zip", files)
    wrong = verify(tmp_path / "other.zip")
    assert any(said in one for one in wrong), wrong


def test_a_bundle_that_was_made_anew_has_another_root(run: FakeRun, tmp_path: Path) -> None:
    root = _bundle(run).root
    run.of("s1.p1.1.1")["seconds"] = 2.0
    again = _bundle(run)
    assert verify(again.path) == []
    assert "another bundle" in verify(again.path, root)[0]


def test_a_verdict_that_does_not_follow_is_named_even_when_all_hashes_are_right(run: FakeRun) -> None:
    run.breaks("s1.p0.1.1")
    _bundle(run)
    verdict = json.loads((run.reports / VERDICT).read_text(encoding="utf-8"))
    verdict.update(decision="go", scope_passed=True, reasons=[])
    (run.reports / VERDICT).write_text(json.dumps(verdict), encoding="utf-8")
    forged = build_bundle(run.reports, run.features, run.waivers)
    assert "verdict.json says another “decision” than the results give." in verify(forged.path)


def test_a_signature_is_checked(run: FakeRun, tmp_path: Path) -> None:
    secret, public = _keys(tmp_path)
    _, stranger = _keys(tmp_path, "stranger")
    bundle = _bundle(run, secret)
    assert verify(bundle.path, bundle.root, [public]) == []
    assert "No signature" in verify(bundle.path, bundle.root, [stranger])[0]
    assert "No signature" in verify(_bundle(run).path, "", [public])[0]


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b", "C:\\x", "a//b", "./a", "folder/"])
def test_a_path_outside_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hostile.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")
    with pytest.raises(GateError, match="outside of itself"):
        read_zip(path)


def test_a_link_a_twin_and_a_bomb_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, twin, bomb = tmp_path / "link.zip", tmp_path / "twin.zip", tmp_path / "bomb.zip"
    with zipfile.ZipFile(link, "w") as archive:
        entry = zipfile.ZipInfo("a")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, b"/etc/passwd")
    with zipfile.ZipFile(twin, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("A", b"2")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 2_000_000)
    monkeypatch.setattr("gate.zipping.MOST_BYTES", 1_000_000)
    for path, said in ((link, "a link"), (twin, "twice"), (bomb, "unpacks to more")):
        with pytest.raises(GateError, match=said):
            read_zip(path)


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 nonsense", b"x" * 100])
def test_what_is_no_zip_is_one_sentence(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "no.zip"
    path.write_bytes(body)
    with pytest.raises(GateError, match="no bundle"):
        read_zip(path)


def _decides(files: Files, **changed: object) -> object:
    digest = sha256(files[VERDICT])
    given = {"by": "Olga", "shown": digest[:16], "reject": False, "no_blockers": True, "note": "", "now": NOW}
    return sign_off(files, **{**given, **changed})  # type: ignore[arg-type]


def test_an_approval_is_kept_and_the_bundle_stays_whole(run: FakeRun) -> None:
    bundle = _bundle(run)
    files = read_zip(bundle.path)
    made = _decides(files, no_blockers=False, now=NOW + timedelta(hours=2))
    write_zip(bundle.path, {**files, SIGN_OFF: sealed_sign_off(made, None)})  # type: ignore[arg-type]
    assert verify(bundle.path, bundle.root) == []


@pytest.mark.parametrize("spoil", [lambda run: run.breaks("s1.p0.1.1"), lambda run: run.results.pop()])
def test_no_go_is_approved_over_anything_less(run: FakeRun, spoil: Callable[[FakeRun], object]) -> None:
    spoil(run)
    files = read_zip(_bundle(run).path)
    with pytest.raises(GateError, match="can be rejected, not approved"):
        _decides(files)
    assert _decides(files, reject=True)


def test_a_sign_off_needs_the_verdict_that_was_shown_and_a_name(run: FakeRun) -> None:
    files = read_zip(_bundle(run).path)
    for changed in ({"shown": "0" * 64}, {"shown": "ab"}, {"by": " "}):
        with pytest.raises(GateError):
            _decides(files, **changed)


def test_blockers_that_nobody_checked_must_be_confirmed(run: FakeRun) -> None:
    _bundle(run)
    (run.reports / "blockers.json").unlink()
    case = run.case()
    keep_inputs(case, run.reports / INPUTS)
    write_verdict(decide(case), run.reports / VERDICT)
    files = read_zip(build_bundle(run.reports, run.features, run.waivers).path)
    with pytest.raises(GateError, match="--no-blockers"):
        _decides(files, no_blockers=False)
    assert _decides(files)
