"""The cluster of the local staging: met with the official client and plain HTTP, over TLS (contract 1 and 4)."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from sandbox import cluster, people
from sandbox.certificates import Certificates
from sandbox.cluster.meta import selected
from sandbox.faults.cluster import FAULTS
from sandbox.serving import Server
from sandbox.sockets import bind, port_of
from sandbox.staging import Staging

DEPLOYMENTS = {"codex-k8s", "codex-k8s-worker", "oauth2-proxy", "codex-k8s-web-console"}


class House:
    """The cluster with an official client and a plain one."""

    def __init__(self, staging: Staging) -> None:
        self.staging, self.namespace = staging, staging.namespace
        self.base = f"https://127.0.0.1:{staging.port('cluster')}"
        configuration = client.Configuration(
            self.base, {"authorization": f"Bearer {staging.secrets.cluster_token}"}
        )
        configuration.ssl_ca_cert = str(staging.ca_file)
        self.api: Any = client.ApiClient(configuration)
        self.core: Any = client.CoreV1Api(self.api)
        self.batch: Any = client.BatchV1Api(self.api)
        self.apps: Any = client.AppsV1Api(self.api)

    def ask(self, path: str, method: str = "GET", token: str | None = None, **more: Any) -> requests.Response:
        bearer = f"Bearer {self.staging.secrets.cluster_token if token is None else token}"
        return requests.request(
            method,
            self.base + path,
            headers={"Authorization": bearer},
            verify=str(self.staging.ca_file),
            timeout=10,
            **more,
        )

    @contextmanager
    def on(self, *names: str, kind: str = "faults") -> Iterator[None]:
        switch = getattr(self.staging, kind)
        switch.active = set(names)
        try:
            yield
        finally:
            switch.active = set()

    def job(self, name: str, **labels: str) -> Any:
        container = {"name": "run", "image": "busybox"}
        spec = {"restartPolicy": "Never", "containers": [container]}
        body = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name, "labels": labels},
            "spec": {"backoffLimit": 0, "ttlSecondsAfterFinished": 600, "template": {"spec": spec}},
        }
        return self.batch.create_namespaced_job(self.namespace, body)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    staging = Staging(tmp_path_factory.mktemp("cluster"), job_seconds=0.2)
    people.settle(staging)
    staging.database_url = "postgresql://codex_k8s:a%2Fpass@127.0.0.1:9/codex_db"
    with running(staging) as house:
        yield house


@contextmanager
def running(staging: Staging) -> Iterator[House]:
    """The cluster in a loop of its own, in a thread."""
    bound, loop = bind("cluster"), asyncio.new_event_loop()
    staging.ports["cluster"] = port_of(bound)
    certificates = Certificates(staging)
    server = Server(cluster.app(staging, certificates), bound, certificates.inside())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield House(staging)
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def test_nobody_comes_in_without_the_token(house: House) -> None:
    for token in ("", "wrong", house.staging.secrets.cluster_token[:-1]):
        refused = house.ask("/version", token=token)
        assert refused.status_code == 401
        assert refused.json()["reason"] == "Unauthorized"
    with house.on("cluster-token-expired", kind="troubles"):
        assert house.ask("/version").status_code == 401
    assert house.ask("/version").json()["major"] == "1"


@pytest.mark.parametrize(
    ("trouble", "path"),
    [
        ("cluster-secrets-forbidden", "/api/v1/namespaces/{namespace}/secrets/codex-k8s-runtime"),
        ("cluster-workloads-forbidden", "/apis/apps/v1/namespaces/{namespace}/deployments/codex-k8s"),
        ("cluster-workloads-forbidden", "/api/v1/namespaces/{namespace}/pods"),
    ],
)
def test_a_role_that_may_not_look_is_told_so(house: House, trouble: str, path: str) -> None:
    address = path.format(namespace=house.namespace)
    assert house.ask(address).status_code == 200
    with house.on(trouble, kind="troubles"):
        refused = house.ask(address)
        assert (refused.status_code, refused.json()["reason"]) == (403, "Forbidden")


def test_the_secrets_are_those_of_the_contract(house: House) -> None:
    found = {item.metadata.name: item.data for item in house.core.list_namespaced_secret(house.namespace).items}
    clear = {
        name: {key: base64.b64decode(value).decode() for key, value in data.items()}
        for name, data in found.items()
    }
    assert clear["codex-k8s-postgres"] == {
        "CODEXK8S_POSTGRES_DB": "codex_db",
        "CODEXK8S_POSTGRES_USER": "codex_k8s",
        "CODEXK8S_POSTGRES_PASSWORD": "a/pass",
    }
    runtime = clear["codex-k8s-runtime"]
    assert len(runtime["CODEXK8S_TOKEN_ENCRYPTION_KEY"]) == 64
    assert runtime["CODEXK8S_BOOTSTRAP_OWNER_EMAIL"] == house.staging.people["admin"].email
    assert "CODEXK8S_GITHUB_WEBHOOK_URL" not in runtime
    assert len(clear["codex-k8s-oauth2-proxy"]["OAUTH2_PROXY_COOKIE_SECRET"]) == 32
    assert clear["codex-k8s-staging-tls"]["tls.crt"].startswith("-----BEGIN CERTIFICATE-----")


def test_a_healthy_deploy_is_green(house: House) -> None:
    found = house.apps.list_namespaced_deployment(house.namespace).items
    assert {item.metadata.name for item in found} == DEPLOYMENTS
    for item in found:
        assert item.status.observed_generation == item.metadata.generation
        assert item.spec.replicas == item.status.updated_replicas == item.status.available_replicas == 1
    newest = house.batch.read_namespaced_job("codex-k8s-migrate", house.namespace)
    assert newest.status.succeeded == 1
    assert {item.type: item.status for item in newest.status.conditions}["Complete"] == "True"
    for pod in house.core.list_namespaced_pod(house.namespace).items:
        (status,) = pod.status.container_statuses
        assert (status.restart_count, status.ready) == (0, True)
        assert "@sha256:" in status.image_id


def test_the_ingress_tells_issuer_and_address(house: House) -> None:
    networking: Any = client.NetworkingV1Api(house.api)
    found = networking.read_namespaced_ingress("codex-k8s", house.namespace)
    assert found.metadata.annotations["cert-manager.io/cluster-issuer"] == "codex-k8s-letsencrypt"
    assert found.status.load_balancer.ingress[0].ip == "127.0.0.1"
    custom: Any = client.CustomObjectsApi(house.api)
    certificates = custom.list_namespaced_custom_object("cert-manager.io", "v1", house.namespace, "certificates")
    assert certificates["items"][0]["status"]["conditions"][0]["status"] == "True"
    issuer = custom.get_cluster_custom_object("cert-manager.io", "v1", "clusterissuers", "codex-k8s-letsencrypt")
    assert issuer["status"]["conditions"][0]["type"] == "Ready"


def test_a_job_runs_completes_and_its_pod_tells(house: House) -> None:
    made = house.job("one", **{"codexk8s.io/run-id": "r1"})
    assert made.metadata.uid
    assert made.status.active == 1
    with pytest.raises(ApiException) as twice:
        house.job("one")
    assert twice.value.status == 409
    deadline = time.monotonic() + 5
    while not (seen := house.batch.read_namespaced_job("one", house.namespace)).status.succeeded:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    lived = seen.status.completion_time - seen.status.start_time
    assert lived < timedelta(seconds=2)
    listed = house.batch.list_namespaced_job(house.namespace, label_selector="codexk8s.io/run-id=r1").items
    assert [item.metadata.name for item in listed] == ["one"]
    (pod,) = house.core.list_namespaced_pod(house.namespace, label_selector="job-name=one").items
    assert pod.status.phase == "Succeeded"


def test_a_deleted_job_is_gone_with_its_pod(house: House) -> None:
    house.job("two")
    house.batch.delete_namespaced_job("two", house.namespace, propagation_policy="Background")
    gone = house.ask(f"/apis/batch/v1/namespaces/{house.namespace}/jobs/two")
    assert gone.status_code == 404
    assert gone.json()["kind"] == "Status"
    assert gone.json()["reason"] == "NotFound"
    assert not house.core.list_namespaced_pod(house.namespace, label_selector="job-name=two").items
    time.sleep(0.3)  # its end comes after it was deleted: nothing happens


def test_a_job_whose_time_is_taken_fails(house: House) -> None:
    name = "codex-k8s-run-overrun"
    house.job(name)
    house.batch.patch_namespaced_job(name, house.namespace, {"spec": {"activeDeadlineSeconds": 0}})
    time.sleep(0.1)
    status = house.batch.read_namespaced_job(name, house.namespace).status
    assert [(one.type, one.reason) for one in status.conditions] == [
        ("FailureTarget", "DeadlineExceeded"),
        ("Failed", "DeadlineExceeded"),
    ]


def test_a_job_that_is_held_up_begins_anew(house: House) -> None:
    name = "codex-k8s-run-held-up"
    house.job(name)
    held = house.batch.patch_namespaced_job(name, house.namespace, {"spec": {"suspend": True}}).status
    assert not held.active and [one.type for one in held.conditions] == ["Suspended"]
    assert not house.core.list_namespaced_pod(house.namespace, label_selector=f"job-name={name}").items
    time.sleep(0.4)  # its time would be over
    assert not house.batch.read_namespaced_job(name, house.namespace).status.succeeded
    house.batch.patch_namespaced_job(name, house.namespace, {"spec": {"suspend": False}})
    time.sleep(0.4)
    assert house.batch.read_namespaced_job(name, house.namespace).status.succeeded == 1


def test_a_job_that_cannot_be_is_refused(house: House) -> None:
    path = f"/apis/batch/v1/namespaces/{house.namespace}/jobs"
    assert house.ask(path, "POST", json={"metadata": {"name": "x"}, "spec": {}}).status_code == 422
    assert house.ask(path, "POST", data="{").status_code == 400
    with house.on("jobs-cannot-be-created"), pytest.raises(ApiException) as refused:
        house.job("three")
    assert refused.value.status == 403


def test_jobs_can_be_watched(house: House) -> None:
    path = f"/apis/batch/v1/namespaces/{house.namespace}/jobs"
    params = {"watch": "true", "timeoutSeconds": "2", "labelSelector": "watched=yes"}
    answer = house.ask(path, params=params, stream=True)
    threading.Timer(0.2, lambda: house.job("seen", watched="yes")).start()
    told = [json.loads(line) for line in answer.iter_lines()]
    assert [item["type"] for item in told] == ["ADDED", "MODIFIED"]
    assert told[-1]["object"]["status"]["succeeded"] == 1


def test_lists_have_pages_and_other_namespaces_are_empty(house: House) -> None:
    path = f"/api/v1/namespaces/{house.namespace}/pods"
    first = house.ask(path, params={"limit": "2"}).json()
    assert first["kind"] == "PodList"
    assert len(first["items"]) == 2
    more = house.ask(path, params={"limit": "100", "continue": first["metadata"]["continue"]}).json()
    assert len(more["items"]) == 2 + first["metadata"]["remainingItemCount"] - 2
    assert house.ask("/api/v1/namespaces/default/pods").json()["items"] == []
    assert house.ask("/api/v1/namespaces/default/secrets/codex-k8s-runtime").status_code == 404
    assert house.ask("/apis/example.test/v1/things").status_code == 404


def test_a_pod_has_a_log(house: House) -> None:
    for number in range(3):
        house.staging.log("gateway", f"line {number}")
    (pod,) = house.core.list_namespaced_pod(
        house.namespace, label_selector="app.kubernetes.io/name=codex-k8s"
    ).items
    text = house.core.read_namespaced_pod_log(pod.metadata.name, house.namespace, tail_lines=2)
    assert [line.split(" ", 1)[1] for line in text.splitlines()] == ["line 1", "line 2"]


def test_a_port_is_forwarded(house: House) -> None:
    from kubernetes.stream import portforward

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        writer.close()

    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    serving = asyncio.run_coroutine_threadsafe(asyncio.start_server(echo, "127.0.0.1", 0), loop).result(5)
    port = serving.sockets[0].getsockname()[1]
    before = house.staging.database_url
    house.staging.database_url = f"postgresql://x@127.0.0.1:{port}/x"
    try:
        own = client.CoreV1Api(client.ApiClient(house.api.configuration))
        call = own.connect_get_namespaced_pod_portforward
        forwarded = portforward(call, "postgres-0", house.namespace, ports="5432")
        stream = forwarded.socket(5432)
        stream.setblocking(True)
        stream.sendall(b"hello\n")
        assert stream.recv(100) == b"HELLO\n"
        forwarded.close()
        wrong = portforward(call, "postgres-0", house.namespace, ports="81")
        deadline = time.monotonic() + 5
        while not (told := wrong.error(81)):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert "refused" in told
    finally:
        house.staging.database_url = before
        loop.call_soon_threadsafe(loop.stop)


def test_a_review_of_access_says_what_may_be_done(house: House) -> None:
    reviews: Any = client.AuthorizationV1Api(house.api)

    def may(resource: str) -> bool:
        about = client.V1ResourceAttributes(resource=resource, verb="get", namespace=house.namespace)
        spec = client.V1SelfSubjectAccessReviewSpec(resource_attributes=about)
        review = client.V1SelfSubjectAccessReview(spec=spec)
        return bool(reviews.create_self_subject_access_review(review).status.allowed)

    assert may("secrets") and may("pods")
    with house.on("cluster-secrets-forbidden", kind="troubles"):
        assert not may("secrets") and may("pods")


def test_variants_are_still_a_good_staging(house: House) -> None:
    with house.on("migrate-suffix", "two-gateways", "cert-manager-unreadable", kind="variants"):
        jobs = [
            it for it in house.batch.list_namespaced_job(house.namespace).items if "migrate" in it.metadata.name
        ]
        newest = max(jobs, key=lambda job: job.metadata.creation_timestamp)
        assert (len(jobs), newest.status.succeeded) == (2, 1)
        pods = house.core.list_namespaced_pod(house.namespace, label_selector="app.kubernetes.io/name=codex-k8s")
        assert len({pod.metadata.name for pod in pods.items}) == 2
        assert house.ask("/apis/cert-manager.io/v1/clusterissuers/codex-k8s-letsencrypt").status_code == 403


def test_a_minimal_cluster_has_what_the_contract_names(house: House) -> None:
    with house.on("cluster-minimal", kind="variants"):
        found = house.apps.read_namespaced_deployment("codex-k8s", house.namespace).status
        assert (found.observed_generation, found.conditions, found.available_replicas) == (None, None, 1)
        migrated = house.batch.read_namespaced_job("codex-k8s-migrate", house.namespace).status
        assert (migrated.conditions, migrated.succeeded) == (None, 1)
        assert house.ask(f"/api/v1/namespaces/{house.namespace}/secrets/codex-k8s-runtime").ok
        assert house.batch.list_namespaced_job(house.namespace, label_selector="no=such").items
        for kind in ("pods", "events"):
            assert house.ask(f"/api/v1/namespaces/{house.namespace}/{kind}").status_code == 404


def test_with_least_rights_nothing_else_may_be_done(house: House) -> None:
    jobs = f"/apis/batch/v1/namespaces/{house.namespace}/jobs"
    with house.on("cluster-least-rights", kind="variants"):
        assert house.ask(jobs).ok
        assert house.ask(f"/api/v1/namespaces/{house.namespace}/secrets/codex-k8s-runtime").ok
        assert house.ask(f"/api/v1/namespaces/{house.namespace}/secrets/codex-k8s-oauth2-proxy").status_code == 403
        issuers, name = "/apis/cert-manager.io/v1/clusterissuers", "?fieldSelector=metadata.name%3Dcodex-k8s-"
        assert len(house.ask(f"{issuers}{name}letsencrypt").json()["items"]) == 1
        assert {house.ask(f"{issuers}{more}").status_code for more in ("", f"{name}other")} == {403}
        with pytest.raises(ApiException) as refused:
            house.batch.create_namespaced_job(house.namespace, {"metadata": {"name": "made"}})
        assert (refused.value.status, json.loads(refused.value.body or "{}")["reason"]) == (403, "Forbidden")


def picture(house: House) -> str:
    """All that the API shows, without times and counters that change by themselves."""
    paths = ("apis/apps/v1", "apis/batch/v1", "api/v1")
    kinds = {"apis/apps/v1": ("deployments",), "apis/batch/v1": ("jobs",), "api/v1": ("pods",)}
    shown = [
        house.ask(f"/{path}/namespaces/{house.namespace}/{kind}").json()["items"]
        for path in paths
        for kind in kinds[path]
    ]
    return json.dumps([[item for item in items if not _of_a_run(item)] for items in shown], sort_keys=True)


def _of_a_run(item: dict[str, Any]) -> bool:
    labels = item["metadata"].get("labels", {})
    return (
        item["kind"] in ("Job", "Pod") and "migrate" not in str(labels) and "app.kubernetes.io/name" not in labels
    )


@pytest.mark.parametrize("name", [fault.name for fault in FAULTS if not fault.name.startswith("jobs-")])
def test_each_fault_of_the_deploy_is_to_be_seen_and_goes_away(house: House, name: str) -> None:
    healthy = picture(house)
    with house.on(name):
        assert picture(house) != healthy
    assert picture(house) == healthy


def test_jobs_may_all_fail(house: House) -> None:
    with house.on("jobs-always-fail"):
        house.job("bad")
        time.sleep(0.4)
        seen = house.batch.read_namespaced_job("bad", house.namespace)
    assert seen.status.failed == 1
    assert {item.type: item.status for item in seen.status.conditions}["Failed"] == "True"


@pytest.mark.parametrize(
    ("labels", "fields", "expected"),
    [
        ("a=1", "", ["one"]),
        ("a==1,b", "", []),
        ("a!=1", "", ["two", "three"]),
        ("a in (1, 2)", "", ["one", "two"]),
        ("a notin (1,2)", "", ["three"]),
        ("!a", "", ["three"]),
        ("", "metadata.name=two", ["two"]),
        ("", "metadata.name!=two", ["one", "three"]),
        ("", "status.phase=Running", []),
    ],
)
def test_selectors(labels: str, fields: str, expected: list[str]) -> None:
    objects: list[dict[str, Any]] = [
        {"metadata": {"name": "one", "labels": {"a": "1"}}},
        {"metadata": {"name": "two", "labels": {"a": "2", "b": "x"}}},
        {"metadata": {"name": "three"}},
    ]
    assert [item["metadata"]["name"] for item in selected(objects, labels, fields)] == expected


def test_private_files_are_private(house: House) -> None:
    folder: Path = house.staging.folder
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("*.pem"))
