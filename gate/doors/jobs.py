"""What the cluster tells of Jobs and pods, read as far as the contract goes (contract 1 and 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Why a container waits whose pod the node is still making ready; others say that it cannot be made.
ON_ITS_WAY = ("ContainerCreating", "PodInitializing")


@dataclass(frozen=True)
class Job:
    """A Kubernetes Job as far as the worker's contract goes. No containers: its spec is not told."""

    name: str
    uid: str
    labels: dict[str, str]
    succeeded: bool
    failed: bool
    created_at: datetime | None
    containers: int = 0
    retries: int | None = None
    longest_seconds: int | None = None
    kept_seconds: int | None = None
    restarts: str = "Never"
    pods: int = 1
    # Of a Job that is failed for its time, a pod may have come to a good end in its last moment.
    good_pods: int = 0


def job_name(run_id: str) -> str:
    """The name of a run's Job (contract 4.3)."""
    return f"codex-k8s-run-{run_id}"


def not_begun(pods: Iterable[Any]) -> str:
    """Why the first of these pods that has begun nothing has not, where that is the cluster's matter; else "".

    It waits for a node, or for its image: both take as long as the cluster takes. An image that is not there, or
    a container that cannot be made, is no such reason.
    """
    for pod in pods:
        status = pod.status
        states = [one.state for one in status.container_statuses or []]
        reasons = [state.waiting.reason for state in states if state and state.waiting]
        if status.phase == "Pending" and all(reason in ON_ITS_WAY for reason in reasons):
            placed = [one.reason for one in (status.conditions or []) if one.status == "False" and one.reason]
            return str((reasons or placed or [status.phase])[0])
    return ""


def is_ready(pod: Any) -> bool:
    """Whether it takes requests."""
    conditions = pod.status.conditions or []
    return pod.metadata.deletion_timestamp is None and any(
        item.type == "Ready" and item.status == "True" for item in conditions
    )


def port_number(pod: Any, wanted: Any) -> int:
    """A Service may name its target port instead of numbering it."""
    if str(wanted).isdigit():
        return int(wanted)
    ports = [port for container in pod.spec.containers for port in container.ports or []]
    return next((int(port.container_port) for port in ports if port.name == wanted), 8080)


def pod_labels(deployment: Any) -> dict[str, str]:
    """What a deployment chooses its pods by, else what it gives them; none where it tells neither."""
    spec = deployment.spec
    given = spec.template.metadata.labels if spec.template and spec.template.metadata else None
    return dict(spec.selector.match_labels or given or {})


def conditions_of(job: Any) -> dict[str, Any]:
    """The conditions of a Job by their type."""
    return {item.type: item for item in (job.status.conditions or [])} if job.status else {}


def is_complete(job: Any) -> bool:
    """By its condition; before that is written, or where none ever is, by its pod."""
    conditions = conditions_of(job)
    if ending := conditions.get("Complete"):
        return bool(ending.status == "True")
    return "Failed" not in conditions and bool(job.status and job.status.succeeded)


def read_job(found: Any) -> Job:
    """What the client gives, as far as the contract goes."""
    ending = conditions_of(found).get("Failed")
    spec = found.spec
    pod = spec.template.spec if spec else None
    return Job(
        name=found.metadata.name,
        uid=found.metadata.uid or "",
        labels=dict(found.metadata.labels or {}),
        succeeded=is_complete(found),
        failed=ending is not None and ending.status == "True",
        created_at=found.metadata.creation_timestamp,
        containers=len(pod.containers or []) if pod else 0,
        retries=spec.backoff_limit if spec else None,
        # Of a Job, or of its one pod: it is the same end.
        longest_seconds=(spec.active_deadline_seconds or (pod and pod.active_deadline_seconds)) if spec else None,
        kept_seconds=spec.ttl_seconds_after_finished if spec else None,
        # A cluster may tell less than all of it; a Job has no third way.
        restarts=(pod and pod.restart_policy) or "Never",
        pods=max((spec and spec.parallelism) or 1, (spec and spec.completions) or 1),
        good_pods=(found.status.succeeded or 0) if found.status else 0,
    )
