"""The cluster as it was during a run, for the bundle: which images ran, what restarted, warned and was logged.

It is taken at the end of a run and is a bonus: where the cluster refuses, what was had so far is kept with the
reason, and the run's results stand as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.folder import CLUSTER
from gate.language import Text
from gate.redaction import redact

if TYPE_CHECKING:
    from gate.doors.cluster import Cluster
    from gate.target import Target

MARGIN_SECONDS = 5
MOST_LOG_CHARACTERS = 1_000_000
MOST_WARNINGS = 200
RUNS = "codex-k8s-run-"
# Kubernetes counts here how often the template of a deployment was changed; its scale is no change.
REVISION = "deployment.kubernetes.io/revision"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}$")


@dataclass(frozen=True)
class Image:
    """What a deployment ran: the image as it is called, and its digest where all its pods agree."""

    name: str
    image: str
    digest: str = ""


def images_in(folder: Path, mark: str) -> tuple[Image, ...]:
    """What ran during the run of this mark, from its `cluster.json`; empty where that is not known."""
    try:
        state = json.loads((folder / CLUSTER).read_text(encoding="utf-8"))
        if state["mark"] != mark:
            return ()
        found = [Image(str(one["name"]), str(one["image"]), str(one["digest"])) for one in state["deployments"]]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return tuple(sorted(found, key=lambda one: one.name))


def builds(target: Target) -> dict[str, str]:
    """What each of the platform's deployments (contract 1) is told to run, by its name; empty where the cluster
    does not show it. What else runs beside it is not what is judged.
    """
    if not _is_given(target):
        return {}
    from gate.doors.deploy import DEPLOYMENTS

    evidence.begin()
    try:
        cluster = target.cluster
        listed = cluster.readable("deployments", cluster.apps().list_namespaced_deployment, cluster.namespace)
        found = {one.metadata.name: one for one in (listed.items if listed else [])}
        return {name: _told_to_run(found[name]) for name in DEPLOYMENTS if name in found}
    except Exception as failure:  # a bonus: whatever it is, the run goes on and judges by itself
        evidence.note(redact(f"{type(failure).__name__}: {failure}"))
        return {}


def rolled_out(target: Target, before: Mapping[str, str]) -> tuple[Text, ...]:
    """Why a run is not to be believed whose platform became another meanwhile."""
    now = builds(target) if before else {}
    changed = [f"{name}: {before[name]} -> {now[name]}" for name in sorted(before.keys() & now.keys())
               if before[name] != now[name]]  # fmt: skip
    if not changed:
        return ()
    told = "; ".join(changed)
    return (
        Text(
            f"The platform was rolled out anew during the run, so nobody can say which build was judged: {told}.",
            f"Во время прогона платформу выкатили заново, и нельзя сказать, какая сборка проверена: {told}.",
        ),
    )


def restarted(target: Target) -> list[str]:
    """Containers of the platform's that ended and came back since the run began, with what their end was."""
    if not _is_given(target):
        return []
    evidence.begin()
    try:
        return came_back(target.cluster, target.started)
    except Exception as failure:  # a bonus, as above
        evidence.note(redact(f"{type(failure).__name__}: {failure}"))
        return []


def came_back(cluster: Cluster, since: datetime) -> list[str]:
    """Containers of the platform's that ended since then and were started again; what was moved is a new one."""
    return sorted(
        f"{pod.metadata.name}/{one.name} ({ended.reason or ended.exit_code})"
        for pod in cluster.pods()
        if not pod.metadata.name.startswith(RUNS)
        for one in _statuses(pod)
        if (ended := one.last_state.terminated if one.last_state else None)
        and ended.finished_at
        and ended.finished_at >= since
    )


def _is_given(target: Target) -> bool:
    return bool(target.settings["GATE_KUBECONFIG"] or target.settings["GATE_KUBE_CONTEXT"])


def _told_to_run(deployment: Any) -> str:
    """Its images, and by which change of it."""
    images = ", ".join(one.image for one in deployment.spec.template.spec.containers)
    revision = (deployment.metadata.annotations or {}).get(REVISION)
    return f"{images} ({revision})" if revision else images


def keep_cluster(target: Target, folder: Path) -> str:
    """Write `cluster.json`, redacted; the answer is what kept it from being whole, in a sentence."""
    path = folder / CLUSTER
    if not _is_given(target):
        path.unlink(missing_ok=True)
        return ""
    now = datetime.now(UTC)
    state: dict[str, Any] = {
        "mark": target.mark,
        "namespace": target.settings["GATE_NAMESPACE"],
        "since": target.started.isoformat(timespec="seconds"),
        "collected": now.isoformat(timespec="seconds"),
        "problem": "",
        "deployments": [],
        "pods": [],
        "warnings": [],
        "logs": {},
    }
    evidence.begin()  # what is looked at from here on belongs to no scenario
    try:
        _collect(target.cluster, target.started, state)
    except Exception as failure:  # whatever it is, results that exist already must not be lost over it
        state["problem"] = redact(f"{type(failure).__name__}: {failure}")
    try:
        path.write_text(json.dumps(_redacted(state), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as failure:
        return f"{failure.strerror}: {path}"
    return str(state["problem"])


def _collect(cluster: Cluster, since: datetime, state: dict[str, Any]) -> None:
    """Fill `state` part by part, so that a failure leaves the parts before it."""
    pods = [pod for pod in cluster.pods() if not pod.metadata.name.startswith(RUNS)]
    state["pods"] = [_pod(pod) for pod in pods]
    listed = cluster.readable("deployments", cluster.apps().list_namespaced_deployment, cluster.namespace)
    state["deployments"] = [_deployment(one, pods) for one in (listed.items if listed else [])]
    events = cluster.readable("events", cluster.core().list_namespaced_event, cluster.namespace)
    state["warnings"] = _warnings(events.items if events else [], since)
    state["logs"] = {name: _tail(log) for name, log in cluster.logs_since(since, MARGIN_SECONDS).items()}


def _deployment(found: Any, pods: Iterable[Any]) -> dict[str, Any]:
    from gate.doors.jobs import pod_labels

    wanted = pod_labels(found)
    own = [pod for pod in pods if wanted and wanted.items() <= (pod.metadata.labels or {}).items()]
    container = found.spec.template.spec.containers[0]
    running = [status for pod in own for status in _statuses(pod) if status.name == container.name]
    digests = sorted({known[0] for one in running if (known := _DIGEST.search(one.image_id or ""))})
    return {
        "name": found.metadata.name,
        "image": container.image,
        # Half a rollout runs two images; which of them was judged nobody can say.
        "digest": digests[0] if len(digests) == 1 else "",
        "digests": digests,
        "wanted": found.spec.replicas,
        "ready": (found.status.ready_replicas if found.status else 0) or 0,
        "restarts": sum(one.restart_count or 0 for one in running),
    }


def _pod(pod: Any) -> dict[str, Any]:
    return {
        "name": pod.metadata.name,
        "phase": pod.status.phase,
        "containers": [
            {
                "name": one.name,
                "image": one.image,
                "image_id": one.image_id,
                "ready": bool(one.ready),
                "restarts": one.restart_count or 0,
                "waiting": (one.state.waiting.reason if one.state and one.state.waiting else None) or "",
            }
            for one in _statuses(pod)
        ],
    }


def _statuses(pod: Any) -> list[Any]:
    return list((pod.status.container_statuses if pod.status else None) or [])


def _warnings(events: Iterable[Any], since: datetime) -> list[dict[str, Any]]:
    """Warnings of the run's time, the last ones where there are many."""
    found = []
    for one in events:
        when = one.last_timestamp or one.event_time or one.metadata.creation_timestamp
        if one.type == "Warning" and (when is None or when >= since - timedelta(seconds=MARGIN_SECONDS)):
            about = one.involved_object
            found.append(
                {
                    "at": when.isoformat() if when else "",
                    "about": f"{about.kind}/{about.name}",
                    "reason": one.reason or "",
                    "message": one.message or "",
                    "count": one.count or 1,
                }
            )
    return sorted(found, key=lambda one: str(one["at"]))[-MOST_WARNINGS:]


def _tail(log: str) -> str:
    if len(log) <= MOST_LOG_CHARACTERS:
        return log
    return f"[{len(log) - MOST_LOG_CHARACTERS} characters before this are left out]\n{log[-MOST_LOG_CHARACTERS:]}"


def _redacted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _redacted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_redacted(inner) for inner in value]
    return redact(value) if isinstance(value, str) else value
