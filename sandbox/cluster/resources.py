"""Which kinds of object the API serves, and how clients discover them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..certificates import Certificates
from ..staging import Staging
from .jobs import Jobs
from .meta import Object, metadata, stamp
from .namespace import ADDRESS, Namespace
from .workloads import Workloads

VERSION = {"major": "1", "minor": "31", "gitVersion": "v1.31.5+k3s1", "platform": "linux/amd64"}
READ = ("get", "list", "watch")


@dataclass(frozen=True)
class Resource:
    """One kind: where it lives, and what there is of it now."""

    group: str
    version: str
    plural: str
    kind: str
    objects: Callable[[], list[Object]]
    namespaced: bool = True
    verbs: tuple[str, ...] = READ
    short: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """`v1` or `group/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version


class Resources:
    """Everything that the API serves."""

    def __init__(self, staging: Staging, certificates: Certificates) -> None:
        self.jobs = Jobs(staging)
        self._staging = staging
        self._born = stamp(ago=3 * 86400)
        self.workloads = workloads = Workloads(staging, self.jobs)
        quiet = Namespace(staging, certificates)
        all_kinds = (
            Resource("", "v1", "namespaces", "Namespace", self._namespaces, namespaced=False, short=("ns",)),
            Resource("", "v1", "nodes", "Node", self._nodes, namespaced=False, short=("no",)),
            Resource("", "v1", "pods", "Pod", workloads.pods, short=("po",)),
            Resource("", "v1", "secrets", "Secret", quiet.secrets),
            Resource("", "v1", "services", "Service", quiet.services, short=("svc",)),
            Resource("", "v1", "events", "Event", quiet.events, short=("ev",)),
            Resource("apps", "v1", "deployments", "Deployment", workloads.deployments, short=("deploy",)),
            Resource("apps", "v1", "replicasets", "ReplicaSet", workloads.replica_sets, short=("rs",)),
            Resource("apps", "v1", "statefulsets", "StatefulSet", workloads.stateful_sets, short=("sts",)),
            Resource("batch", "v1", "jobs", "Job", workloads.jobs, verbs=(*READ, "create", "delete")),
            Resource("networking.k8s.io", "v1", "ingresses", "Ingress", quiet.ingresses, short=("ing",)),
            Resource("cert-manager.io", "v1", "certificates", "Certificate", quiet.certificates, short=("cert",)),
            Resource("cert-manager.io", "v1", "clusterissuers", "ClusterIssuer", quiet.issuers, namespaced=False),
        )
        self._kinds = {(kind.api_version, kind.plural): kind for kind in all_kinds}

    def find(self, api_version: str, plural: str) -> Resource | None:
        """The kind served under this path."""
        return self._kinds.get((api_version, plural))

    def _namespaces(self) -> list[Object]:
        return [
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": metadata("Namespace", name, None, self._born),
                "status": {"phase": "Active"},
            }
            for name in ("default", "kube-system", self._staging.namespace)
        ]

    def _nodes(self) -> list[Object]:
        addresses = [{"type": "InternalIP", "address": "10.0.0.5"}, {"type": "ExternalIP", "address": ADDRESS}]
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
        return [
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": metadata("Node", "staging-1", None, self._born),
                "status": {"addresses": addresses, "conditions": [ready]},
            }
        ]

    def discovery(self, path: str) -> Object | None:
        """The documents by which a client learns what there is."""
        if path == "/version":
            return VERSION
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        if path == "/apis":
            names = dict.fromkeys(kind.group for kind in self._kinds.values() if kind.group)
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name) for name in names]}
        group_version = path.removeprefix("/apis/").removeprefix("/api/")
        kinds = [kind for kind in self._kinds.values() if kind.api_version == group_version]
        if not kinds:
            return None
        listed = [_listed(kind) for kind in kinds]
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": group_version,
            "resources": [*listed, *(_pod_parts() if group_version == "v1" else [])],
        }


def _group(name: str) -> Object:
    version = {"groupVersion": f"{name}/v1", "version": "v1"}
    return {"name": name, "versions": [version], "preferredVersion": version}


def _listed(kind: Resource) -> Object:
    return {
        "name": kind.plural,
        "singularName": kind.kind.lower(),
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
        "shortNames": list(kind.short),
    }


def _pod_parts() -> list[Object]:
    parts = {"pods/log": ("Pod", "get"), "pods/portforward": ("PodPortForwardOptions", "create")}
    return [
        {"name": name, "singularName": "", "namespaced": True, "kind": kind, "verbs": [verb, "get"]}
        for name, (kind, verb) in parts.items()
    ]
