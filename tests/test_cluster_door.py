"""The cluster door: which port a Service leads to, what a refusal says, and what stands in a Secret."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes.client.exceptions import ApiException

from gate.doors.cluster import Cluster
from gate.errors import NotProven

FORBIDDEN = 'pods is forbidden: User "gate" cannot list resource "pods" in API group "" in the namespace "codex"'


def pod(**ports: int) -> Any:
    named = [SimpleNamespace(name=name, container_port=number) for name, number in ports.items()]
    return SimpleNamespace(
        metadata=SimpleNamespace(name="codex-k8s-1", deletion_timestamp=None),
        spec=SimpleNamespace(containers=[SimpleNamespace(ports=named)]),
        status=SimpleNamespace(conditions=[SimpleNamespace(type="Ready", status="True")]),
    )


class _Cluster(Cluster):
    """A namespace with one Service and a pod behind it."""

    def __init__(self, *ports: tuple[int, Any]) -> None:
        super().__init__("codex-k8s-ai-staging", None, None)
        self._ports = [SimpleNamespace(port=port, target_port=wanted) for port, wanted in ports]

    def core(self) -> Any:
        return SimpleNamespace(read_namespaced_service=None, read_namespaced_secret=None)

    def ask(self, *_: Any, **__: Any) -> Any:
        return SimpleNamespace(spec=SimpleNamespace(selector={"app": "codex-k8s"}, ports=self._ports))

    def pods(self, selector: str = "") -> list[Any]:
        return [pod(metrics=9090, http=8081)]


@pytest.mark.parametrize(
    ("ports", "number"),
    [
        ([(9090, "metrics"), (80, "http")], 8081),
        ([(80, 8080), (9090, "metrics")], 8080),
        ([(80, None)], 80),
        ([(8000, "http"), (9090, "metrics")], 8081),
    ],
)
def test_the_service_is_met_at_its_port_80(ports: list[tuple[int, Any]], number: int) -> None:
    assert _Cluster(*ports).behind("codex-k8s") == ("codex-k8s-1", number)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (403, json.dumps({"kind": "Status", "message": FORBIDDEN}), f"403 no: {FORBIDDEN}. The rights are listed"),
        (403, "<html>a proxy</html>", "403 no."),
        (403, None, "403 no."),
        (401, json.dumps({"message": "Unauthorized"}), "401 no. The kubeconfig's sign-in is not accepted"),
        (500, json.dumps({"message": "boom"}), "500 no."),
    ],
)
def test_a_refusal_says_what_lacks(status: int, body: str | None, told: str) -> None:
    def refuse(**_: Any) -> None:
        refusal = ApiException(status=status, reason="no")
        refusal.body = body
        raise refusal

    with pytest.raises(NotProven) as refused:
        Cluster("codex-k8s-ai-staging", None, None).ask("pods", refuse)
    assert str(refused.value).startswith(f"The cluster door failed at pods: {told}")


def test_a_newline_is_no_part_of_a_plain_setting_and_every_byte_of_a_secret_counts() -> None:
    values = {
        "CODEXK8S_PUBLIC_BASE_URL": "https://x.example\n",
        "CODEXK8S_LEARNING_MODE_DEFAULT": "true\n",
        "CODEXK8S_BOOTSTRAP_ALLOWED_EMAILS": " a@x.example, b@x.example\r\n",
        "CODEXK8S_POSTGRES_USER": "codex\n",
        "CODEXK8S_POSTGRES_PASSWORD": "correct horse\n",
        "CODEXK8S_GITHUB_WEBHOOK_SECRET": "battery staple\n",
    }
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    door = _Cluster()
    vars(door)["ask"] = lambda *_, **__: SimpleNamespace(data=data)
    assert list(door.secret("codex-k8s-runtime").values()) == [
        "https://x.example",
        "true",
        "a@x.example, b@x.example",
        "codex",
        "correct horse\n",
        "battery staple\n",
    ]


@pytest.mark.parametrize(
    "written",
    [
        "{",
        "- 1",
        "",
        "apiVersion: v1\nkind: Config\ncurrent-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://x', certificate-authority-data: 'abc'}}]\n"
        "users: [{name: u, user: {token: t}}]\n",
    ],
)
def test_a_kubeconfig_that_is_none_is_told_in_a_sentence(written: str, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(NotProven, match="kubeconfig is not usable"):
        _ = Cluster("x", path, None).api


LESS = {
    "kind": "PodList",
    "items": [
        {
            "metadata": {
                "name": "codex-k8s-1",
                "creationTimestamp": "2026-11-30T08:00:00Z",
                "ownerReferences": [{"kind": "ReplicaSet", "name": "codex-k8s"}],
                "labels": {"app": "codex-k8s"},
            },
            "status": {"hostIP": "10.0.0.7"},
        }
    ],
}


def test_an_answer_that_lacks_what_the_client_demands_is_read_as_it_is() -> None:
    asked: list[bool] = []

    def list_namespaced_pod(*_: Any, _preload_content: bool = True, **__: Any) -> Any:
        asked.append(_preload_content)
        if _preload_content:
            raise ValueError("1 validation error for V1OwnerReference: uid")
        return SimpleNamespace(data=json.dumps(LESS).encode())

    listed: Any = Cluster("codex", None, None).ask("pods", list_namespaced_pod, "codex")
    (found,) = listed.items
    assert asked == [True, False]
    assert (found.metadata.name, found.status.host_ip, found.metadata.uid) == ("codex-k8s-1", "10.0.0.7", None)
    assert found.metadata.creation_timestamp.year == 2026 and found.metadata.deletion_timestamp is None
    assert dict(found.metadata.labels.items()) == {"app": "codex-k8s"} and not found.spec.template.metadata


def test_what_writes_is_never_asked_twice() -> None:
    asked: list[str] = []

    def delete_namespaced_job(name: str, **_: Any) -> Any:
        asked.append(name)
        raise ValueError("1 validation error for V1Status")

    with pytest.raises(NotProven):
        Cluster("codex", None, None).ask("job", delete_namespaced_job, "job")
    assert asked == ["job"]
