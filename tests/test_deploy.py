"""The manifests of `deploy/` against the types of the Kubernetes client, and what every pod there must be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes import client

from gate.errors import GateError
from gate.opening import open_target
from gate.settings import BY_NAME, Settings
from proof.rights import given

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
API: Any = client.ApiClient()
Manifest = dict[str, Any]


def manifests() -> Iterator[tuple[str, Manifest]]:
    for path in sorted(DEPLOY.glob("*.yaml")):
        for manifest in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            yield f"{path.name}:{manifest['kind']}:{manifest['metadata']['name']}", manifest


ALL = dict(manifests())


def pod_of(manifest: Manifest) -> Manifest | None:
    """What a Job or a CronJob starts."""
    job = manifest["spec"]["jobTemplate"] if manifest["kind"] == "CronJob" else manifest
    return job["spec"]["template"]["spec"] if manifest["kind"] in ("Job", "CronJob") else None


PODS = {name: pod for name, manifest in ALL.items() if (pod := pod_of(manifest))}


@pytest.mark.parametrize("name", ALL)
def test_a_manifest_is_what_kubernetes_knows(name: str) -> None:
    manifest = ALL[name]
    kind = f"V1{manifest['kind']}"
    assert manifest["apiVersion"].rpartition("/")[2] == "v1" and not list(strange(manifest, kind, ""))
    # Building the object also checks that nothing required is missing.
    assert API.deserialize(json.dumps(manifest), kind, "application/json").metadata.name


def strange(value: Any, kind: str, where: str) -> Iterator[str]:
    """Fields that the type does not have, however deep."""
    if found := re.fullmatch(r"list\[(.+)\]", kind):
        for number, item in enumerate(value):
            yield from strange(item, found[1], f"{where}[{number}]")
    elif found := re.fullmatch(r"dict[\[(]str, (.+)[\])]", kind):
        for key, item in value.items():
            yield from strange(item, found[1], f"{where}.{key}")
    elif model := getattr(client, kind, None):
        types = {model.attribute_map[name]: of for name, of in model.openapi_types.items()}
        for key, item in value.items():
            if key not in types:
                yield f"{where}.{key}"
            else:
                yield from strange(item, types[key], f"{where}.{key}")


@pytest.mark.parametrize("name", PODS)
def test_a_pod_of_the_gate_may_do_nothing_but_its_work(name: str) -> None:
    pod = PODS[name]
    assert pod["serviceAccountName"] == "gate" and pod["restartPolicy"] == "Never"
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 10001
    for container in [*pod.get("initContainers", []), *pod["containers"]]:
        assert container["securityContext"] == {
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }
        volumes = {volume["name"] for volume in pod["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
        assert not container["image"].endswith(":latest")


def test_every_setting_that_a_manifest_gives_is_one() -> None:
    told = {name for pod in PODS.values() for one in pod["containers"] for name in (e["name"] for e in one["env"])}
    told |= set(ALL["settings.yaml:ConfigMap:gate"]["data"]) - {"kubeconfig"}
    assert {name for name in told if name.startswith("GATE_")} <= BY_NAME.keys()


def test_shards_are_told_how_many_they_are() -> None:
    spec = ALL["shards.yaml:Job:gate-shards"]["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert {"name": "JOB_COMPLETIONS", "value": str(spec["completions"])} in container["env"]
    assert spec["parallelism"] == spec["completions"] and spec["completionMode"] == "Indexed"


def test_the_rights_are_named_one_by_one() -> None:
    rights = given()
    assert rights and not any("*" in word for right in rights for word in right)
    # Nothing that could start a program.
    making = {resource for _, resource, verb in rights if verb in ("create", "update", "deletecollection")}
    assert making == {"pods/portforward"}
    parts = yaml.safe_load_all((DEPLOY / "rights.yaml").read_text(encoding="utf-8"))
    roles = [rule for part in parts for rule in part.get("rules", [])]
    (secrets,) = [rule for rule in roles if "secrets" in rule["resources"]]
    assert "codex-k8s-oauth2-proxy" not in secrets["resourceNames"] and secrets["verbs"] == ["get"]


def test_the_workflow_has_least_rights_and_pinned_versions() -> None:
    text = (ROOT / ".github" / "workflows" / "gate.yml").read_text(encoding="utf-8")
    flow = yaml.safe_load(text)
    assert flow["permissions"] == {"contents": "read"}
    uses = [step["uses"] for job in flow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert uses and all(re.fullmatch(r"actions/[a-z-]+@v\d+", one) for one in uses)
    # A value of somebody else must not become a part of a script.
    assert not [
        step["run"] for job in flow["jobs"].values() for step in job["steps"] if "${{" in step.get("run", "")
    ]
    assert set(re.findall(r"\bGATE_[A-Z_]+(?=: )", text)) <= BY_NAME.keys()


def test_the_image_is_not_root_and_keeps_secrets_out() -> None:
    told = (ROOT / "Containerfile").read_text(encoding="utf-8")
    # Else Playwright would download one of its own into a home that the gate cannot read.
    assert 0 < told.find("ENV GATE_BROWSER=") < told.index("gate provide")
    assert re.search(r"^USER 10001:10001$", told, re.M) and told.index("USER 10001") < told.index("ENTRYPOINT")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env", ".sessions", ".cache", "reports"} <= set(ignored)


def test_without_a_domain_the_image_says_that_there_is_no_place_for_a_staging(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / ".cache"
    blocked.write_text("")
    monkeypatch.setattr("gate.opening.KEPT", blocked / "sandbox.json")
    with pytest.raises(GateError, match="Set GATE_DOMAIN: a local staging cannot be started here"):
        open_target(Settings({}), print)
