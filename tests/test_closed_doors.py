"""A door that is shut makes its scenarios not proven, by name and reason; never green, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

ROOT = Path(__file__).resolve().parent.parent
Values = Mapping[str, str]
NO_CLUSTER = ("GATE_KUBECONFIG", "GATE_KUBE_CONTEXT")
NO_GITHUB = ("GATE_GITHUB_TOKEN", "GATE_GITHUB_REPOSITORIES")


@dataclass(frozen=True)
class Ran:
    """What a run with a shut door came to."""

    code: int
    said: str
    scenarios: list[dict[str, Any]]

    def of(self, status: str) -> list[dict[str, Any]]:
        return [one for one in self.scenarios if one["status"] == status]


@pytest.fixture(scope="module")
def staging() -> Iterator[Values]:
    command = [sys.executable, "-m", "sandbox", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        yield json.loads(process.stdout.readline())
        process.terminate()


def trouble(staging: Values, *names: str) -> None:
    address = f"{staging['SANDBOX_CONTROL']}/troubles"
    urllib.request.urlopen(urllib.request.Request(address, json.dumps(names).encode(), method="PUT")).close()


def run(
    staging: Values, reports: Path, feature: str, tags: str, without: tuple[str, ...] = (), **changed: str
) -> Ran:
    ours = {name: value for name, value in staging.items() if name.startswith("GATE_") and name not in without}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")}
    done = subprocess.run(
        [sys.executable, "-m", "behave", _where(feature), f"--tags={tags}"],
        cwd=ROOT, env={**clean, **ours, **changed, "GATE_REPORTS": str(reports)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    record = (reports / "run.jsonl").read_text(encoding="utf-8")
    entries = [json.loads(line) for line in record.splitlines()]
    ran = [one for one in entries if one["kind"] == "scenario" and one["status"] != "skipped"]
    return Ran(done.returncode, done.stdout + done.stderr, ran)


def _where(feature: str) -> str:
    name, _, only = feature.partition("=")
    path = ROOT / "features" / "en" / f"{name}.feature"
    if not only:
        return str(path.relative_to(ROOT))
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"{path.relative_to(ROOT)}:{next(at for at, line in enumerate(lines, 1) if only in line)}"


def assert_not_proven(ran: Ran, reason: str) -> None:
    assert ran.code == 1
    assert "Traceback" not in ran.said
    assert ran.scenarios and ran.of("not-proven") == ran.scenarios, [one["reason"] for one in ran.scenarios]
    assert all(reason in one["reason"] for one in ran.scenarios), ran.scenarios[0]["reason"]
    assert f"{len(ran.scenarios)} scenario(s) are not proven" in ran.said and reason in ran.said


@pytest.mark.parametrize(
    ("without", "feature", "tags", "reason"),
    [
        (NO_CLUSTER, "00_preconditions=The pods of", "@s1.pre.3", "GATE_KUBE_CONTEXT"),
        (NO_CLUSTER, "webhook", "@s1.p0.1.2", "GATE_WEBHOOK_SECRET is not known"),
        (NO_GITHUB, "repositories=Attaching makes", "@s1.p1.2.2", "GATE_GITHUB_TOKEN"),
        (("GATE_ADMIN_LOGIN", "GATE_ADMIN_PASSWORD"), "console", "@s1.p0.4.1", "GATE_ADMIN_LOGIN"),
    ],
)
def test_what_is_not_configured(
    staging: Values, tmp_path: Path, without: tuple[str, ...], feature: str, tags: str, reason: str
) -> None:
    # The gateway has an address of its own here; on a real staging its door is the cluster.
    gateway = ("GATE_GATEWAY_URL",) if without is NO_CLUSTER else ()
    ran = run(staging, tmp_path, feature, tags, (*without, *gateway))
    assert_not_proven(ran, reason)
    assert {one["category"] for one in ran.of("not-proven")} == {"not-configured"}


@pytest.mark.parametrize(
    ("name", "feature", "tags", "reason"),
    [
        ("cluster-secrets-forbidden", "webhook", "@s1.p0.1.2", "GATE_WEBHOOK_SECRET is not known"),
        ("cluster-workloads-forbidden", "00_preconditions=The pods of", "@s1.pre.3", "403 Forbidden"),
        (
            "edge-502",
            "boundary_receiver=A rightly signed form",
            "@s1.boundary.receiver",
            "see s1.pre.2, s1.p0.1.1, s1.p0.3.1",
        ),
    ],
)
def test_what_is_refused_or_down(
    staging: Values, tmp_path: Path, name: str, feature: str, tags: str, reason: str
) -> None:
    trouble(staging, name)
    try:
        ran = run(staging, tmp_path, feature, tags)
    finally:
        trouble(staging)
    assert_not_proven(ran, reason)


def test_a_token_of_the_cluster_that_has_expired_is_no_missing_setting(staging: Values, tmp_path: Path) -> None:
    known = json.loads(Path(staging["GATE_KUBECONFIG"]).read_text(encoding="utf-8"))
    for user in known["users"]:
        user["user"]["token"] = "expired"
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(known), encoding="utf-8")
    ran = run(staging, tmp_path, "webhook=The same event written", "@s1.p0.1.2", GATE_KUBECONFIG=str(kubeconfig))
    assert_not_proven(ran, "401 Unauthorized. The kubeconfig's sign-in is not accepted")
    assert {one["category"] for one in ran.scenarios} == {"staging"}


def test_an_edge_that_is_down_is_red_where_it_is_judged(staging: Values, tmp_path: Path) -> None:
    trouble(staging, "edge-502")
    try:
        ran = run(staging, tmp_path, "webhook", "@s1.p0.1.1 or @s1.p0.1.2")
    finally:
        trouble(staging)
    assert {one["ids"][0] for one in ran.of("failed")} == {"s1.p0.1.1"}
    assert {one["ids"][0] for one in ran.of("not-proven")} == {"s1.p0.1.2"}
    assert "502" in ran.of("failed")[0]["reason"]


def test_a_database_user_who_may_only_read(staging: Values, tmp_path: Path) -> None:
    url = urlsplit(staging["GATE_DATABASE_URL"])
    with psycopg.connect(staging["GATE_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'reader'")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    reader = f"postgresql://reader:reader@{url.hostname}:{url.port}{url.path}"
    # The lease of somebody who is gone has to be written.
    ran = run(staging, tmp_path, "worker=A lease whose holder is gone", "@s1.p0.2.2", GATE_DATABASE_URL=reader)
    assert_not_proven(ran, "permission denied for table")
    assert "is still there" in ran.said and "gate clean" in ran.said
