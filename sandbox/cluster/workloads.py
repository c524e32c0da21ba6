"""Deployments, the migrate Job and the pods of the staging, as they are at this moment and with the faults on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..naming import PINGING
from ..staging import PROXY_FLAGS, Staging
from ..surface import HOST_PORT
from .jobs import Job, Jobs, endings
from .meta import CLOCK, Object, condition, metadata, stamp, uid

REGISTRY = "127.0.0.1:5000/codex-k8s"
BUILD = "0.1.0-20260209.7"
DEPLOYED_AGO = timedelta(hours=2)
# Where it leads inside the cluster (contract 2).
UPSTREAM = "--upstream=http://codex-k8s"
OAUTH2_PROXY = "quay.io/oauth2-proxy/oauth2-proxy:v7.6.0"


@dataclass(frozen=True)
class Part:
    """One workload of the platform."""

    name: str
    image: str
    port: int | None
    log: str

    @property
    def digest(self) -> str:
        """The image's digest; the same for the same image."""
        return "sha256:" + hashlib.sha256(self.image.encode()).hexdigest()

    @property
    def image_id(self) -> str:
        """The image as the kubelet names what it really runs."""
        return f"{self.image.rpartition(':')[0]}@{self.digest}"

    def pod_name(self, number: int = 0) -> str:
        """The name of one of its pods, as a ReplicaSet makes it."""
        short = uid("ReplicaSet", self.image).replace("-", "")
        own = 9 + 5 * number
        return f"{self.name}-{short[:9]}-{short[own : own + 5]}"


PARTS = (
    Part("codex-k8s", f"{REGISTRY}/api-gateway:{BUILD}", 8080, "gateway"),
    Part("codex-k8s-worker", f"{REGISTRY}/worker:{BUILD}", None, "worker"),
    Part("oauth2-proxy", OAUTH2_PROXY, 4180, "edge"),
    Part("codex-k8s-web-console", f"{REGISTRY}/web-console:{BUILD}", 5173, "console"),
)
POSTGRES = Part("postgres", "pgvector/pgvector:pg16", 5432, "postgres")
MIGRATE = Part("codex-k8s-migrate", f"{REGISTRY}/migrate:{BUILD}", None, "migrate")


class Workloads:
    """What runs in the namespace. Everything is computed when asked, from the faults that are on then."""

    def __init__(self, staging: Staging, jobs: Jobs) -> None:
        self._staging = staging
        self._faults = staging.faults
        self._jobs = jobs
        self._namespace = staging.namespace
        self._deployed = CLOCK.now() - DEPLOYED_AGO
        self._restarts_seen = 0

    def deployments(self) -> list[Object]:
        """The four deployments (contract 1)."""
        gone = "oauth2-proxy" if self._faults.on("deployment-missing") else ""
        return [self._deployment(part) for part in PARTS if part.name != gone]

    def _deployment(self, part: Part) -> Object:
        counts = self._replicas(part)
        labels = {"app.kubernetes.io/name": part.name, "app.kubernetes.io/part-of": "codex-k8s"}
        behind = self._faults.on("deployment-observed-behind") and part.name == "codex-k8s-worker"
        meta = metadata(
            "Deployment", part.name, self._namespace, stamp(self._deployed, ago=86400), labels=labels, generation=7
        )
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": meta | {"annotations": {"deployment.kubernetes.io/revision": "7"}},
            "spec": {
                "replicas": counts["wanted"],
                "selector": {"matchLabels": {"app.kubernetes.io/name": part.name}},
                "template": {"metadata": {"labels": labels}, "spec": self._pod_spec(part)},
                "strategy": {"type": "RollingUpdate"},
                "progressDeadlineSeconds": 600,
            },
            "status": self._deployment_status(counts, observed=6 if behind else 7),
        }

    def _pod_spec(self, part: Part) -> Object:
        spec = _pod_spec(part)
        container = spec["containers"][0]
        if part.name == "oauth2-proxy":
            more = ["--skip-auth-route", "GET=^/public/.*"] if self._faults.on("edge-second-public-path") else []
            more += [f"--ping-user-agent={PINGING}"] if self._faults.on("edge-named-probe-answered") else []
            more += ["--trusted-ip=198.51.100.0/24"] if self._faults.on("proxy-trusts-an-office") else []
            container["args"] = [
                UPSTREAM,
                *PROXY_FLAGS,
                *more,
            ]
        if part is POSTGRES and self._faults.on("database-has-a-host-port"):
            container["ports"][0]["hostPort"] = HOST_PORT
        return spec

    def _replicas(self, part: Part) -> dict[str, int]:
        """Wanted, existing, updated and available pods."""
        rolling = self._faults.on("deployment-half-rolled-out") or self._staging.troubles.on("deploy-rolling")
        if rolling and part.name == "codex-k8s":
            return {"wanted": 2, "existing": 3, "updated": 1, "available": 2}
        if self._faults.on("deployment-unavailable") and part.name == "codex-k8s-web-console":
            return {"wanted": 1, "existing": 1, "updated": 1, "available": 0}
        if self._faults.on("deployment-scaled-to-zero") and part.name == "codex-k8s-worker":
            return dict.fromkeys(("wanted", "existing", "updated", "available"), 0)
        count = 2 if self._staging.variants.on("two-gateways") and part.name == "codex-k8s" else 1
        return dict.fromkeys(("wanted", "existing", "updated", "available"), count)

    def _deployment_status(self, counts: dict[str, int], observed: int) -> Object:
        since = stamp(ago=20) if self._deployed_lately() else stamp(self._deployed)
        available = counts["available"] >= counts["wanted"]
        rolled_out = counts["updated"] >= counts["wanted"] == counts["existing"]
        availability = "MinimumReplicasAvailable" if available else "MinimumReplicasUnavailable"
        progress = "NewReplicaSetAvailable" if rolled_out else "ReplicaSetUpdated"
        # Of all conditions only a deployment's tell when they were last looked at.
        conditions = [
            condition("Available", available, availability, since) | {"lastUpdateTime": since},
            condition("Progressing", True, progress, since) | {"lastUpdateTime": since},
        ]
        status: Object = {"observedGeneration": observed, "conditions": conditions}
        fields = {
            "replicas": counts["existing"],
            "updatedReplicas": counts["updated"],
            "readyReplicas": counts["available"],
            "availableReplicas": counts["available"],
            "unavailableReplicas": max(0, counts["existing"] - counts["available"]),
        }
        # The API leaves out what is zero.
        return status | {name: value for name, value in fields.items() if value}

    def replica_sets(self) -> list[Object]:
        """The newest of each deployment: an older one is made anew by none of the faults."""
        return [self._replica_set(found) for found in self.deployments()]

    def _replica_set(self, deployment: Object) -> Object:
        meta, spec = deployment["metadata"], deployment["spec"]
        made = stamp(ago=20) if self._deployed_lately() else stamp(self._deployed)
        owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": meta["name"], "uid": meta["uid"]}
        name = f"{meta['name']}-{uid('ReplicaSet', meta['name'])[:8]}"
        own = metadata("ReplicaSet", name, self._namespace, made, labels=meta["labels"], generation=1)
        return {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": own | {"ownerReferences": [owner | {"controller": True}]},
            "spec": {name: spec[name] for name in ("replicas", "selector", "template")},
            "status": {"observedGeneration": 1, "replicas": spec["replicas"]},
        }

    def _deployed_lately(self) -> bool:
        return self._staging.troubles.on("deploy-rolling") or self._faults.on("migrate-missing")

    def stateful_sets(self) -> list[Object]:
        """PostgreSQL."""
        counted = ("replicas", "currentReplicas", "updatedReplicas", "readyReplicas", "availableReplicas")
        labels = {"app.kubernetes.io/name": POSTGRES.name}
        meta = metadata("StatefulSet", POSTGRES.name, self._namespace, stamp(self._deployed), generation=1)
        return [
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": meta,
                "spec": {
                    "replicas": 1,
                    "serviceName": POSTGRES.name,
                    "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": _pod_spec(POSTGRES)},
                },
                "status": {"observedGeneration": 1, **dict.fromkeys(counted, 1)},
            }
        ]

    def jobs(self) -> list[Object]:
        """The migrate Job of the last deploy and the Jobs of runs."""
        return [*self._migrations(), *(job.shown() for job in self._jobs)]

    def _migrations(self) -> list[Object]:
        if self._faults.on("migrate-missing") or self._staging.troubles.on("migrate-job-expired"):
            return []
        if self._faults.on("migrate-newest-failed"):
            old = self._migration("codex-k8s-migrate-6f1c2a", self._deployed - timedelta(days=2), "Complete")
            return [self._migration("codex-k8s-migrate-0b77de", self._deployed, "Failed"), old]
        state = "Complete"
        if self._faults.on("migrate-failed"):
            state = "Failed"
        elif self._faults.on("migrate-unfinished"):
            state = ""
        if self._staging.variants.on("migrate-suffix"):
            # An older failure of the same name does not matter: the newest counts (contract 1).
            old = self._migration("codex-k8s-migrate-6f1c2a", self._deployed - timedelta(days=2), "Failed")
            return [old, self._migration("codex-k8s-migrate-0b77de", self._deployed, state)]
        return [self._migration("codex-k8s-migrate", self._deployed, state)]

    def _migration(self, name: str, created: datetime, ending: str) -> Object:
        begun, ended = stamp(created), stamp(created + timedelta(seconds=9))
        labels = {"app.kubernetes.io/name": "codex-k8s-migrate", "job-name": name}
        status: Object = {"startTime": begun}
        if ending == "Complete":
            status |= {"succeeded": 1, "completionTime": ended, "conditions": endings(ended, failed=False)}
        elif ending == "Failed":
            status |= {"failed": 4, "conditions": endings(ended, failed=True)}
        else:
            status |= {"active": 1, "ready": 1}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": metadata("Job", name, self._namespace, begun, labels=labels, generation=1),
            "spec": {
                "parallelism": 1,
                "completions": 1,
                "backoffLimit": 3,
                "template": {"spec": _pod_spec(MIGRATE) | {"restartPolicy": "Never"}},
            },
            "status": status,
        }

    def pods(self) -> list[Object]:
        """The pods of the deployments, of PostgreSQL and of the Jobs."""
        gone = "oauth2-proxy" if self._faults.on("deployment-missing") else ""
        running = [
            self._pod(part, part.pod_name(number))
            for part in PARTS
            if part.name != gone
            for number in range(self._replicas(part)["existing"])
        ]
        pods = [job for job in self._jobs if not job.suspended]
        return [*running, self._pod(POSTGRES, "postgres-0"), *map(self.job_pod, pods)]

    def _pod(self, part: Part, name: str) -> Object:
        started = stamp(self._deployed)
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata(
                "Pod", name, self._namespace, started, labels={"app.kubernetes.io/name": part.name}
            ),
            "spec": self._pod_spec(part) | {"nodeName": "staging-1"},
            "status": self._pod_status(part, started),
        }

    def _pod_status(self, part: Part, started: str) -> Object:
        container = self._container(part, started)
        ready = container["ready"]
        return {
            "phase": "Running" if container["restartCount"] or ready else "Pending",
            "podIP": "10.42.0.17",
            "hostIP": "10.0.0.5",
            "startTime": started,
            "conditions": [
                condition(kind, kind == "PodScheduled" or ready, "", started)
                for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
            ],
            "containerStatuses": [container],
        }

    def _container(self, part: Part, started: str) -> Object:
        """The state of a pod's one container."""
        name, now = part.name, stamp(ago=20)
        running = {"running": {"startedAt": started}}
        found: Object = _status_of(part, restarts=self._staging.restarts[name], ready=True, state=running)
        crashed = _crashed(now)
        if self._faults.on("pod-crash-loop") and name == "codex-k8s-worker":
            waiting = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}
            return _status_of(part, restarts=17, ready=False, state={"waiting": waiting}, last=crashed)
        if self._faults.on("pod-restarts") and name == "codex-k8s":
            # Between two crashes such a pod looks well; only the count tells.
            self._restarts_seen += 1
            running = {"running": {"startedAt": now}}
            return _status_of(part, restarts=11 + self._restarts_seen, ready=True, state=running, last=crashed)
        if self._staging.variants.on("gateway-came-late") and name == "codex-k8s":
            running = {"running": {"startedAt": stamp(ago=240)}}
            return _status_of(part, restarts=4, ready=True, state=running, last=_crashed(stamp(ago=320)))
        if self._faults.on("image-pull-backoff") and name == "codex-k8s-web-console":
            waiting = {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{part.image}"'}
            return _status_of(part, restarts=0, ready=False, state={"waiting": waiting}) | {"imageID": ""}
        return found

    def job_pod(self, job: Job) -> Object:
        """The one pod of a run's Job."""
        spec = (job.spec.get("template") or {}).get("spec") or {}
        container = (spec.get("containers") or [{"name": "run", "image": "alpine"}])[0]
        began, image = stamp(job.created), Part(container.get("name", "run"), container.get("image", ""), None, "")
        state: Object = {"running": {"startedAt": began}}
        phase = "Running"
        if job.fetching:
            phase, state = "Pending", {"waiting": {"reason": "ContainerCreating"}}
        if job.ended:
            phase = "Failed" if job.failed else "Succeeded"
            outcome = {"exitCode": int(job.failed), "reason": "Error" if job.failed else "Completed"}
            state = {"terminated": outcome | {"startedAt": began, "finishedAt": stamp(job.ended)}}
        owner = {"apiVersion": "batch/v1", "kind": "Job", "name": job.name, "uid": job.uid, "controller": True}
        labels = job.labels | {"job-name": job.name, "batch.kubernetes.io/job-name": job.name}
        meta = metadata("Pod", job.pod_name, self._namespace, began, labels=labels, ownerReferences=[owner])
        status = _status_of(image, restarts=0, ready=phase == "Running", state=state)
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": meta,
            "spec": spec | {"nodeName": "staging-1"},
            "status": {"phase": phase, "startTime": began, "containerStatuses": [status]},
        }


def _status_of(part: Part, *, restarts: int, ready: bool, state: Object, last: Object | None = None) -> Object:
    return {
        "name": part.name,
        "image": part.image,
        "imageID": part.image_id,
        "containerID": f"containerd://{uid('Container', part.name).replace('-', '') * 2}",
        "ready": ready,
        "started": ready,
        "restartCount": restarts,
        "state": state,
        "lastState": last or {},
    }


def _crashed(at: str) -> Object:
    return {"terminated": {"exitCode": 2, "reason": "Error", "startedAt": at, "finishedAt": at}}


def _pod_spec(part: Part) -> Object:
    container: Object = {"name": part.name, "image": part.image, "imagePullPolicy": "IfNotPresent"}
    if part.port:
        container["ports"] = [{"containerPort": part.port, "protocol": "TCP"}]
    return {"containers": [container], "restartPolicy": "Always"}
