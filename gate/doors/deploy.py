"""What the cluster says about the last deploy: deployments, pods, the migrate Job, the certificate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gate import evidence
from gate.doors.cluster import Cluster
from gate.doors.database import with_zone
from gate.doors.jobs import conditions_of, is_complete, pod_labels
from gate.errors import NotProven
from gate.language import say

INGRESS = "codex-k8s"
GATEWAY, WORKER = "codex-k8s", "codex-k8s-worker"
DEPLOYMENTS = (GATEWAY, WORKER, "oauth2-proxy", "codex-k8s-web-console")
ISSUER_ANNOTATION = "cert-manager.io/cluster-issuer"
CERT_MANAGER = ("cert-manager.io", "v1")
MIGRATE = "codex-k8s-migrate"
# What `kubectl rollout restart` writes into the template of a deployment.
RESTARTED = "kubectl.kubernetes.io/restartedAt"
# That time is of the clock of whoever restarted it.
CLOCKS_APART = timedelta(minutes=1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Rollout:
    """How far a deployment has come."""

    name: str
    generation: int
    observed: int
    wanted: int
    existing: int
    updated: int
    available: int
    progress: str
    progress_at: datetime | None
    deadline_seconds: int
    restarted_at: datetime | None = None
    # When its newest ReplicaSet was made; None where those may not be read.
    revised_at: datetime | None = None
    tag: str = ""

    @property
    def deployed_at(self) -> datetime | None:
        """When it got something new to run, unless that was a mere restart: no deploy, it runs no migrations."""
        moment = self.revised_at or self.progress_at
        if moment is None or self.restarted_at is None:
            return moment
        since = moment - self.restarted_at
        restarted = -CLOCKS_APART < since < timedelta(seconds=self.deadline_seconds)
        return None if restarted else moment

    @property
    def complete(self) -> bool:
        """Every wanted pod is of the newest generation and available, and none of the old is left."""
        return (
            self.observed >= self.generation
            and 0 < self.wanted == self.updated == self.existing
            and self.available >= self.wanted
        )

    def __str__(self) -> str:
        return (
            f"{self.name}: generation {self.generation}, observed {self.observed}; replicas {self.wanted}, "
            f"existing {self.existing}, updated {self.updated}, available {self.available}; {self.progress}"
        )


@dataclass(frozen=True)
class Container:
    """One container of a pod."""

    pod: str
    name: str
    restarts: int
    waits_for: str
    message: str
    ended_at: datetime | None
    ended_why: str
    # Since when it runs, or has done its work before the others; None while it is not ready.
    well_since: datetime | None = None

    def __str__(self) -> str:
        last = f", {self.ended_why} {self.ended_at:%H:%M:%S}Z" if self.ended_at else ""
        state = self.waits_for or "ok"
        return f"{self.pod}/{self.name}: {state} {self.message}".rstrip() + f", restarts {self.restarts}{last}"


@dataclass(frozen=True)
class Migration:
    """A migrate Job."""

    name: str
    created_at: datetime
    complete: bool
    failed: bool
    reason: str
    tag: str = ""

    def __str__(self) -> str:
        state = "Complete" if self.complete else "Failed" if self.failed else "-"
        return f"{self.name} ({self.created_at:%Y-%m-%d %H:%M:%S}Z): {state} {self.reason}".rstrip()


@dataclass(frozen=True)
class Readiness:
    """What a custom object says about its condition `Ready`."""

    kind: str
    name: str
    ready: bool
    reason: str
    # Of a Certificate: the secret that it is kept in, and who issues it.
    secret: str = ""
    issuer: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: Ready={self.ready} {self.reason}".rstrip()


class Deploy:
    """The last deploy as the cluster shows it."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._namespace = cluster.namespace

    def rollout(self, name: str) -> Rollout | None:
        """A deployment, or None when there is none of this name."""
        ask, read = self._cluster.ask, self._cluster.apps().read_namespaced_deployment
        found = ask(f"deployment {name}", read, name, self._namespace)
        return _rollout(found) if found is not None else None

    def revised(self, name: str) -> Rollout | None:
        """As `rollout`, and it knows when its newest ReplicaSet was made: scaling moves on, and makes none."""
        found = self.rollout(name)
        listed = self._cluster.readable(
            "replicasets", self._cluster.apps().list_namespaced_replica_set, self._namespace
        )
        own = [item.metadata for item in (listed.items if listed else []) if _belongs(item, name)]
        made = max((meta.creation_timestamp for meta in own if meta.creation_timestamp), default=None)
        return replace(found, revised_at=made) if found else None

    def containers_of(self, name: str) -> list[Container]:
        """The containers of a deployment's pods, those on their way out left aside."""
        ask, read = self._cluster.ask, self._cluster.apps().read_namespaced_deployment
        found = ask(f"deployment {name}", read, name, self._namespace)
        labels = pod_labels(found) if found is not None else {}
        if not labels:
            return []
        pods = self._cluster.pods(",".join(f"{key}={value}" for key, value in labels.items()))
        return [
            _container(pod.metadata.name, status)
            for pod in pods
            if pod.metadata.deletion_timestamp is None
            for status in [*(pod.status.init_container_statuses or []), *(pod.status.container_statuses or [])]
        ]

    def migrations(self) -> list[Migration]:
        """The migrate Jobs, the newest first (contract 1: older builds add a suffix to the name)."""
        listed = self._cluster.ask("jobs", self._cluster.batch().list_namespaced_job, self._namespace)
        found = [_migration(item) for item in (listed.items if listed else []) if _is_migrate(item.metadata.name)]
        return sorted(found, key=lambda job: job.created_at, reverse=True)

    def remembers_migration(self) -> bool:
        """Whether an event says that a migrate Job was completed; the cluster keeps them for about an hour."""
        listed = self._cluster.readable("events", self._cluster.core().list_namespaced_event, self._namespace)
        return any(
            event.reason == "Completed"
            and event.involved_object.kind == "Job"
            and _is_migrate(event.involved_object.name)
            for event in (listed.items if listed else [])
        )

    def ingress_addresses(self) -> tuple[str, ...]:
        """The addresses or host names that the ingress reports for itself."""
        found = self._ingress()
        status = found.status.load_balancer if found is not None and found.status else None
        return tuple(item.ip or item.hostname for item in (status.ingress or [])) if status else ()

    def ingress_hosts(self) -> tuple[str, ...]:
        """The host names that the ingress serves; none where one of its rules serves every host."""
        found = self._ingress()
        hosts = [rule.host or "" for rule in (found.spec.rules or [])] if found is not None and found.spec else []
        return tuple(host.lower() for host in hosts) if all(hosts) else ()

    def issuer_named(self) -> str | None:
        """The ClusterIssuer that the ingress names; None when there is no such ingress."""
        found = self._ingress()
        return (found.metadata.annotations or {}).get(ISSUER_ANNOTATION, "") if found is not None else None

    def certificates(self) -> list[Readiness] | None:
        """cert-manager's Certificates of the namespace; None where they may not be listed or are not known."""
        listed = self._cluster.readable(
            "certificates",
            self._custom().list_namespaced_custom_object,
            *CERT_MANAGER,
            self._namespace,
            "certificates",
        )
        return None if listed is None else [_readiness("Certificate", item) for item in listed.get("items", [])]

    def issuers(self, name: str) -> list[Readiness] | None:
        """The ClusterIssuer of this name, if there is one; None where it may not be listed or is not known.

        One that cannot be read is looked for in the list: to a reader one that is gone and a cluster without
        cert-manager look the same.
        """
        what = f"clusterissuer {name}"
        read = self._custom().get_cluster_custom_object
        if found := self._cluster.readable(what, read, *CERT_MANAGER, "clusterissuers", name):
            return [_readiness("ClusterIssuer", found)]
        listed = self._cluster.readable(
            what,
            self._custom().list_cluster_custom_object,
            *CERT_MANAGER,
            "clusterissuers",
            field_selector=f"metadata.name={name}",
        )
        if listed is None:
            return None
        # A stand-in of a cluster may give all that it has.
        return [one for item in listed.get("items", []) if (one := _readiness("ClusterIssuer", item)).name == name]

    def _custom(self) -> Any:
        from kubernetes import client

        return client.CustomObjectsApi(self._cluster.api)

    def _ingress(self) -> Any:
        from kubernetes import client

        read = client.NetworkingV1Api(self._cluster.api).read_namespaced_ingress
        return self._cluster.ask(f"ingress {INGRESS}", read, INGRESS, self._namespace)


def _is_migrate(name: str | None) -> bool:
    return name == MIGRATE or (name or "").startswith(f"{MIGRATE}-")


def _belongs(item: Any, deployment: str) -> bool:
    owners = item.metadata.owner_references or []
    return any((owner.kind, owner.name) == ("Deployment", deployment) for owner in owners)


def _tag(found: Any) -> str:
    """The tag of the first container's image, or "": what goes by its digest alone tells no build."""
    containers = (found.spec.template.spec and found.spec.template.spec.containers) if found.spec else []
    image = str(containers[0].image or "") if containers else ""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def _restarted(found: Any) -> datetime | None:
    annotations = (found.spec.template.metadata and found.spec.template.metadata.annotations) or {}
    try:
        moment: datetime = with_zone(datetime.fromisoformat(annotations.get(RESTARTED, "")))
    except ValueError:
        return None
    return moment


def _rollout(found: Any) -> Rollout:
    status = found.status
    if status is None or not any(value is not None for value in status.to_dict().values()):
        untold = say("the cluster tells no status of it.", "кластер не сообщает его состояния.")
        raise NotProven(f"Deployment {found.metadata.name}: {untold}", "staging")
    wanted = 1 if found.spec.replicas is None else found.spec.replicas
    generation, available = found.metadata.generation or 0, status.available_replicas or 0
    # Kubernetes leaves out what is zero, and counts the rest; a stand-in without generations may count less.
    counts = status.observed_generation is not None
    instead = 0 if counts else available or status.ready_replicas or 0
    progressing = next((item for item in status.conditions or [] if item.type == "Progressing"), None)
    made = Rollout(
        name=found.metadata.name,
        generation=generation,
        observed=status.observed_generation if counts else generation,
        wanted=wanted,
        existing=status.replicas or instead,
        updated=status.updated_replicas or instead,
        available=available or instead,
        progress=f"Progressing={progressing.status} {progressing.reason}" if progressing else "",
        progress_at=progressing.last_update_time if progressing else None,
        deadline_seconds=found.spec.progress_deadline_seconds or 600,
        restarted_at=_restarted(found),
        tag=_tag(found),
    )
    evidence.note(str(made))
    return made


def _container(pod: str, status: Any) -> Container:
    waiting = status.state.waiting if status.state else None
    well = (status.state.running or status.state.terminated) if status.state and status.ready else None
    ended = status.last_state.terminated if status.last_state else None
    return Container(
        pod=pod,
        name=status.name,
        restarts=status.restart_count or 0,
        waits_for=(waiting.reason or "") if waiting else "",
        message=(waiting.message or "") if waiting else "",
        ended_at=ended.finished_at if ended else None,
        ended_why=f"{ended.reason} {ended.exit_code}" if ended else "",
        well_since=(getattr(well, "finished_at", None) or well.started_at) if well else None,
    )


def _migration(job: Any) -> Migration:
    conditions = conditions_of(job)
    ending = conditions.get("Failed") or conditions.get("Complete")
    return Migration(
        name=job.metadata.name,
        created_at=job.metadata.creation_timestamp or LONG_AGO,
        complete=is_complete(job),
        failed="Failed" in conditions and conditions["Failed"].status == "True",
        reason=f"{ending.reason or ''} {ending.message or ''}".strip() if ending else "",
        tag=_tag(job),
    )


def _readiness(kind: str, found: dict[str, Any]) -> Readiness:
    conditions = found.get("status", {}).get("conditions", [])
    spec = found.get("spec", {})
    ready: dict[str, Any] = next((item for item in conditions if item.get("type") == "Ready"), {})
    made = Readiness(
        kind=kind,
        name=found.get("metadata", {}).get("name", ""),
        ready=ready.get("status") == "True",
        reason=f"{ready.get('reason', '')} {ready.get('message', '')}".strip(),
        secret=spec.get("secretName", ""),
        issuer=spec.get("issuerRef", {}).get("name", ""),
    )
    evidence.note(str(made))
    return made
