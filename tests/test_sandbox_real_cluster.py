"""The place for a real kube-apiserver: what is written into it as faults come and go, and how its Jobs end.

The API server here is a small one that keeps what is applied; the real one is `make real`'s matter.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox import people
from sandbox.certificates import Certificates
from sandbox.cluster.client import path_of
from sandbox.cluster.controller import Controller
from sandbox.cluster.mirror import Mirror
from sandbox.cluster.real import GATE, RIGHTS
from sandbox.staging import Staging

ROOT = Path(__file__).resolve().parent.parent
Object = dict[str, Any]


class Kept:
    """An API server that takes everything, counts generations and remembers what was deleted."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.writes: list[str] = []
        self.deleted: list[str] = []

    async def apply(self, wanted: Object) -> Object:
        path = path_of(wanted)
        self.writes.append(path)
        self.objects[path] = self.objects.get(path, {}) | wanted
        return wanted | {"metadata": wanted["metadata"] | {"generation": 3}}

    async def apply_status(self, wanted: Object) -> Object:
        self.objects[path_of(wanted)]["status"] = wanted["status"]
        return wanted

    async def listed(self, path: str, **query: str) -> list[Object]:
        found = [item for place, item in self.objects.items() if place.startswith(f"{path}/")]
        done = "status.successful=0" in query.get("fieldSelector", "")
        return [item for item in found if not (done and item.get("status", {}).get("succeeded"))]

    async def delete(self, path: str) -> None:
        self.deleted.append(path)
        self.objects.pop(path, None)


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    made = Staging(tmp_path, database_url="postgresql://u:p@127.0.0.1:5432/d", job_seconds=0.01)
    people.settle(made)
    return made


def name(plural: str, of: str, staging: Staging, group: str = "/apis/apps/v1") -> str:
    return f"{group}/namespaces/{staging.namespace}/{plural}/{of}"


def test_what_did_not_change_is_not_written_again(staging: Staging) -> None:
    kept = Kept()
    mirror: Any = Mirror(staging, Certificates(staging), kept)  # type: ignore[arg-type]
    asyncio.run(mirror.begin())
    once = len(kept.writes)
    asyncio.run(mirror.look())
    assert len(kept.writes) == once and name("deployments", "oauth2-proxy", staging) in kept.objects


def test_a_fault_changes_the_real_objects_and_its_end_changes_them_back(staging: Staging) -> None:
    kept = Kept()
    mirror: Any = Mirror(staging, Certificates(staging), kept)  # type: ignore[arg-type]
    asyncio.run(mirror.begin())
    staging.faults.active = {"deployment-missing", "deployment-observed-behind", "jobs-cannot-be-created"}
    asyncio.run(mirror.look())
    quota = name("resourcequotas", "runs", staging, "/api/v1")
    assert name("deployments", "oauth2-proxy", staging) in kept.deleted and quota in kept.objects
    # The server's generation is 3: one behind is 2, whatever the stand-in's own numbers are.
    worker = kept.objects[name("deployments", "codex-k8s-worker", staging)]
    assert worker["status"]["observedGeneration"] == 2
    staging.faults.active = set()
    asyncio.run(mirror.look())
    assert name("deployments", "oauth2-proxy", staging) in kept.objects and quota in kept.deleted


@pytest.mark.parametrize("failing", [False, True])
def test_a_job_runs_and_ends_and_its_pod_goes_with_it(staging: Staging, failing: bool) -> None:
    kept, path = Kept(), name("jobs", "codex-k8s-run-1", staging, "/apis/batch/v1")
    staging.faults.active = {"jobs-always-fail"} if failing else set()
    controller: Any = Controller(staging, Certificates(staging), kept)  # type: ignore[arg-type]
    kept.objects[path] = _job(staging)

    async def live() -> list[Object]:
        seen = []
        for _ in range(2):
            await controller.look()
            seen.append(kept.objects[path]["status"])
            await asyncio.sleep(0.02)
        return seen

    begun, ended = asyncio.run(live())
    assert begun["active"] == 1 and "conditions" not in begun
    reached = [one["type"] for one in ended["conditions"]]
    assert reached == (["FailureTarget", "Failed"] if failing else ["SuccessCriteriaMet", "Complete"])
    del kept.objects[path]
    asyncio.run(controller.sweep())
    assert [place for place in kept.deleted if "/pods/codex-k8s-run-1-" in place]


def test_a_job_whose_time_is_taken_fails(staging: Staging) -> None:
    kept, path = Kept(), name("jobs", "codex-k8s-run-1", staging, "/apis/batch/v1")
    staging.job_seconds = 60
    controller: Any = Controller(staging, Certificates(staging), kept)  # type: ignore[arg-type]
    kept.objects[path] = _job(staging)
    asyncio.run(controller.look())
    kept.objects[path]["spec"]["activeDeadlineSeconds"] = 0
    asyncio.run(controller.look())
    assert {one["reason"] for one in kept.objects[path]["status"]["conditions"]} == {"DeadlineExceeded"}


def test_a_job_that_is_held_up_does_not_end(staging: Staging) -> None:
    kept, path = Kept(), name("jobs", "codex-k8s-run-1", staging, "/apis/batch/v1")
    controller: Any = Controller(staging, Certificates(staging), kept)  # type: ignore[arg-type]
    kept.objects[path] = _job(staging)

    async def live(held: bool) -> Object:
        kept.objects[path]["spec"]["suspend"] = held
        for _ in range(2):
            await controller.look()
            await asyncio.sleep(0.02)
        found: Object = kept.objects[path].get("status", {})
        return found

    assert "succeeded" not in asyncio.run(live(True))
    assert "succeeded" in asyncio.run(live(False))


def _job(staging: Staging) -> Object:
    container = {"name": "run", "image": "busybox"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": "codex-k8s-run-1",
            "namespace": staging.namespace,
            "uid": "u1",
            "labels": {"app.kubernetes.io/name": "codex-k8s-run"},
            "creationTimestamp": "2026-02-09T10:00:00Z",
        },
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}},
    }


def test_the_gate_meets_it_with_the_rights_that_a_staging_would_give() -> None:
    accounts = [one for one in yaml.safe_load_all(RIGHTS.read_text()) if one["kind"] == "ServiceAccount"]
    assert [(one["metadata"]["namespace"], one["metadata"]["name"]) for one in accounts] == [GATE]


def test_a_kube_apiserver_without_an_etcd_is_told_in_a_sentence() -> None:
    command = [sys.executable, "-m", "sandbox", "--json", "--kube-apiserver", "/nowhere/kube-apiserver"]
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, env={"PATH": "/nowhere"}
    )
    assert done.returncode and "give --etcd PATH" in done.stderr and "Traceback" not in done.stderr
