"""The staging's objects, written into a real API server and kept as they are computed while faults come and go."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from ..certificates import Certificates
from ..staging import Staging
from .client import Client, path_of
from .meta import Object
from .resources import Resources

LOOK_SECONDS = 0.25
# Times have whole seconds: what must be seen as newer is made a second later.
OLDER_SECONDS = 1.1
KINDS = (
    ("v1", "secrets"),
    ("v1", "services"),
    ("apps/v1", "deployments"),
    ("apps/v1", "statefulsets"),
    ("batch/v1", "jobs"),
    ("v1", "pods"),
    ("networking.k8s.io/v1", "ingresses"),
    ("cert-manager.io/v1", "certificates"),
    ("cert-manager.io/v1", "clusterissuers"),
)


class Mirror:
    """Writes what changed since the last look, and removes what is no longer there."""

    def __init__(self, staging: Staging, certificates: Certificates, client: Client) -> None:
        self._staging = staging
        self._resources = Resources(staging, certificates)
        self._client = client
        self._written: dict[str, str] = {}

    async def begin(self) -> None:
        """The kinds and places that the objects need, then the objects."""
        namespace = self._staging.namespace
        await self._client.apply(_named("v1", "Namespace", namespace))
        # Made by a controller that does not run here; a pod is refused without it.
        await self._client.apply(_named("v1", "ServiceAccount", "default", namespace))
        for plural, kind, scope in (
            ("certificates", "Certificate", "Namespaced"),
            ("clusterissuers", "ClusterIssuer", "Cluster"),
        ):
            await self._client.apply(_kind_of_cert_manager(plural, kind, scope))
        await self.look()

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Bring the API server to what is computed now."""
        wanted = {path_of(item): item for item in self._computed()}
        for gone in self._written.keys() - wanted.keys():
            await self._client.delete(gone)
            del self._written[gone]
        migrations = 0
        for path, item in wanted.items():
            text = json.dumps(item, sort_keys=True)
            if self._written.get(path) == text:
                continue
            if item["kind"] == "Job" and path not in self._written:
                await asyncio.sleep(OLDER_SECONDS if migrations else 0)
                migrations += 1
            await self._write(item)
            self._written[path] = text

    async def _write(self, item: Object) -> None:
        status = item.get("status", {})
        if "observedGeneration" not in status:
            await self._client.apply(item)
            return
        # The server counts generations itself: only how far the controller is behind can be told.
        behind = item["metadata"].get("generation", 1) - status["observedGeneration"]
        bare = {key: value for key, value in item.items() if key != "status"}
        generation = (await self._client.apply(bare))["metadata"]["generation"]
        await self._client.apply(item | {"status": status | {"observedGeneration": generation - behind}})

    def _computed(self) -> list[Object]:
        found: list[Object] = []
        for api_version, plural in KINDS:
            kind = self._resources.find(api_version, plural)
            assert kind
            found += sorted(kind.objects(), key=lambda item: str(item["metadata"]["creationTimestamp"]))
        return [*found, *self._quotas()]

    def _quotas(self) -> list[Object]:
        """What makes the server itself refuse new Jobs; its status is another controller's work."""
        if not self._staging.faults.on("jobs-cannot-be-created"):
            return []
        none = {"count/jobs.batch": "0"}
        quota = _named("v1", "ResourceQuota", "runs", self._staging.namespace)
        return [quota | {"spec": {"hard": none}, "status": {"hard": none, "used": none}}]


def _named(api_version: str, kind: str, name: str, namespace: str = "") -> Object:
    place = {"namespace": namespace} if namespace else {}
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, **place}}


def _kind_of_cert_manager(plural: str, kind: str, scope: str) -> Object:
    """Enough of cert-manager's definitions for its objects to be kept as they are."""
    schema: dict[str, Any] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": schema},
    }
    spec = {
        "group": "cert-manager.io",
        "scope": scope,
        "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"},
        "versions": [version],
    }
    made = _named("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.cert-manager.io")
    return made | {"spec": spec}
