"""No secret leaves: a careless suite plants them wherever a run could meet one; everything it left is read."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from unittest import mock

import pytest

from gate import evidence
from gate.attestation import sha256
from gate.cluster_state import keep_cluster
from gate.folder import CLUSTER
from gate.provide import provided
from gate.redaction import hide
from gate.settings import Settings
from gate.target import Target
from tests.secret_scan import everything, found

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
DSN_PASSWORD = "p+w/of=the<dsn>&more"
GIVEN = {
    "GATE_WEBHOOK_SECRET": "webhook\"secret'with+signs",
    "GATE_TOKEN_ENCRYPTION_KEY": "8f" * 32,
    "GATE_GITHUB_TOKEN": "token-of-no-known-shape-91",
    "GATE_ADMIN_PASSWORD": "correct horse, батарея",
    "GATE_ADMIN_TOTP_SECRET": "JBSWY3DPEHPK3PXPJBSWY3DP",
    "GATE_DATABASE_URL": "postgresql://gate:p%2Bw%2Fof%3Dthe%3Cdsn%3E%26more@db:5432/codex",
}
KNOWN = {**GIVEN, "DSN password": DSN_PASSWORD, "read from the cluster": "cookie-secret-0123456789"}
UNKNOWN = {
    "cookie": "QWxhZGRpbjpvcGVuIHNlc2FtZQ|1770000000|c2lnbmF0dXJl",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvd25lciJ9.c2lnbmF0dXJlLW9mLWp3dA",
    "signature": "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    "github token": "gho_0123456789abcdefghijABCDEFGHIJ012345",
    "dsn": "postgresql://codex:hunter22-of-nobody@db:5432/codex",
    "code": "c0de-of-one-sign-in-4711",
    "pem": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n-----END PRIVATE KEY-----",
}
# What of them may not be seen; around it there may be words.
FORBIDDEN = {
    **KNOWN,
    **UNKNOWN,
    "cookie": UNKNOWN["cookie"].partition("|")[0],
    "dsn": "hunter22-of-nobody",
    "pem": "MIIEvQIBADANBgkqhkiG9w0BAQ",
}
PLACES = (
    "an exchange", "attachments", "a trace", "a browser's storage", "a broken check", "a crash", "a refusal",
    "what is not proven", "what is printed", "a clean-up",
)  # fmt: skip
WORDS = {"en": ("Feature", "Scenario", "Given"), "ru": ("Функция", "Сценарий", "Дано")}


def _project(folder: Path) -> None:
    """A suite of one careless feature in each language, run by the gate's own environment."""
    (folder / "behave.ini").write_text("[behave]\npaths = features\n", encoding="utf-8")
    hooks = f"exec(compile(open({str(ROOT / 'environment.py')!r}).read(), 'environment.py', 'exec'))\n"
    (folder / "environment.py").write_text(hooks, encoding="utf-8")
    (folder / "steps").mkdir()
    shutil.copy(HERE / "leaking_steps.py", folder / "steps")
    for language, (feature, scenario, given) in WORDS.items():
        rows = [f"# language: {language}", f"@{language}", f"{feature}: leaks {language}", ""]
        for place in PLACES:
            rows += ["  @p0 @s1.p0.1.1", f"  {scenario}: {place}", f'    {given} the secret is in "{place}"', ""]
        (folder / "features" / language).mkdir(parents=True)
        (folder / "features" / language / "leaks.feature").write_text("\n".join(rows), encoding="utf-8")


def _run(folder: Path, *command: str) -> str:
    """One command as a person gives it, with the secrets in its environment and on its command line."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")} | {
        **GIVEN,
        "GATE_DOMAIN": "127.0.0.1:9",
        "PYTHONPATH": str(ROOT),
        "PLANTED_KNOWN": json.dumps(KNOWN),
        "PLANTED_UNKNOWN": json.dumps(UNKNOWN),
    }
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What the careless run left, and everything that its commands printed."""
    folder = tmp_path_factory.mktemp("careless")
    _project(folder)
    printed = _run(folder, "behave", "-D", f"GATE_MEMBER_PASSWORD={KNOWN['GATE_ADMIN_PASSWORD']}")
    commands = [("report",), ("bundle",), ("publish", "--dry-run")] if provided() else [("verdict",), ("bundle",)]
    for command in commands:
        printed += _run(folder, "gate", *command)
    assert list((folder / "reports").glob("evidence-*.zip")), printed
    return folder / "reports", printed


def test_every_place_was_met(left: tuple[Path, str]) -> None:
    record = [json.loads(line) for line in (left[0] / "run.jsonl").read_text(encoding="utf-8").splitlines()]
    statuses = {one["name"]: one["status"] for one in record if one["kind"] == "scenario"}
    assert set(statuses) == set(PLACES)
    assert statuses["an exchange"] == "passed" and statuses["a crash"] == "error"
    assert statuses["a browser's storage"] == "failed"  # not in error: the page did keep them
    assert "[hidden]" in (left[0] / "run.jsonl").read_text(encoding="utf-8")


def test_no_secret_is_in_anything_that_was_written(left: tuple[Path, str]) -> None:
    assert found(FORBIDDEN, everything(left[0])) == []


def test_no_secret_is_printed(left: tuple[Path, str]) -> None:
    assert found(FORBIDDEN, [("the screen", left[1].encode())]) == []


def test_the_scan_itself_finds_what_is_hidden_deep(tmp_path: Path) -> None:
    secret = FORBIDDEN["signature"]
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("page", f"data:text/plain;base64,{base64.b64encode(f'a {secret} b'.encode()).decode()}")
    body = inner.read_bytes()
    with zipfile.ZipFile(tmp_path / "outer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.html", b"<img src='data:x;base64," + base64.b64encode(body) + b"'>")
    inner.unlink()
    told = found({"it": secret}, everything(tmp_path))
    assert any("outer.zip > report.html > base64 > page" in one for one in told)


class _Cluster:
    """A cluster whose pods log secrets, and which breaks before its last answer."""

    namespace = "staging"

    def pods(self) -> list[object]:
        return []

    def apps(self) -> mock.Mock:
        return mock.Mock()

    def readable(self, *_: object) -> object:
        raise RuntimeError(f"dial: {KNOWN['GATE_WEBHOOK_SECRET']} {UNKNOWN['dsn']}")


def test_a_cluster_that_breaks_is_told_without_secrets_and_raises_nothing(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("{}", encoding="utf-8")
    target = Target(Settings({**GIVEN, "GATE_KUBECONFIG": str(kubeconfig)}))
    vars(target)["cluster"] = _Cluster()
    evidence.begin()
    assert "RuntimeError" in keep_cluster(target, tmp_path)
    kept = (tmp_path / CLUSTER).read_bytes()
    assert found(FORBIDDEN, [(CLUSTER, kept)]) == [] and sha256(kept)
    assert json.loads(kept)["mark"] == target.mark


class _Talkative(_Cluster):
    """A cluster that works, and whose pods say everything they know."""

    def readable(self, *_: object) -> object:
        return None

    def core(self) -> mock.Mock:
        return mock.Mock()

    def logs_since(self, *_: object) -> dict[str, str]:
        said = [f'{{"level":"info","env":{json.dumps(name)},"msg":{json.dumps(value)}}}' for name, value in SAID]
        return {"codex-k8s-1/gateway": "\n".join([*said, "ready to serve"])}


BARE = ("cookie", "code", "signature")  # nothing tells that these are secret but the place where they stand
SAID = [
    *KNOWN.items(),
    *((name, value) for name, value in UNKNOWN.items() if name not in BARE),
    ("headers", f"Cookie: _oauth2_proxy={UNKNOWN['cookie']}"),
    ("headers", f"X-Hub-Signature-256: sha256={UNKNOWN['signature']}"),
    ("request", f"GET /oauth2/callback?code={UNKNOWN['code']}&state=1"),
]


@pytest.mark.usefixtures("announced")
def test_the_logs_of_working_pods_are_kept_without_secrets(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("{}", encoding="utf-8")
    target = Target(Settings({**GIVEN, "GATE_KUBECONFIG": str(kubeconfig)}))
    hide(KNOWN["read from the cluster"])
    hide(DSN_PASSWORD)
    vars(target)["cluster"] = _Talkative()
    assert keep_cluster(target, tmp_path) == ""
    kept = (tmp_path / CLUSTER).read_bytes()
    assert b"ready to serve" in kept
    assert found(FORBIDDEN, [(CLUSTER, kept)]) == []


def test_without_a_cluster_an_older_state_is_not_left_behind(tmp_path: Path) -> None:
    (tmp_path / CLUSTER).write_text("{}", encoding="utf-8")
    assert keep_cluster(Target(Settings({})), tmp_path) == ""
    assert not (tmp_path / CLUSTER).exists()
