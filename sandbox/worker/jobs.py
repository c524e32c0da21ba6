"""The Kubernetes Jobs of the runs, over the cluster's own API (contract 4, steps 3 and 4)."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from ..calls import Caller, CallError
from ..naming import job_name
from ..staging import Staging

State = Literal["working", "succeeded", "failed", "gone"]
LONGEST_SECONDS = 15 * 60
KEPT_SECONDS = 10 * 60
# Faults of what is done about a Job that cannot be created; one that is there already is then such a Job.
GIVEN_UP = (
    "launch-error-keeps-slot",
    "launch-error-not-named",
    "launch-error-leaves-run-running",
    "launch-error-leaves-no-end-time",
    "no-feedback-after-launch-error",
)


class LaunchError(Exception):
    """The cluster did not take the Job."""


class Jobs:
    """Creates Jobs and tells how they are."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._cluster = Caller(staging.port("cluster"), ca=str(staging.ca_file))
        self._names: dict[UUID, str] = {}

    @property
    def _path(self) -> str:
        return f"/apis/batch/v1/namespaces/{self._staging.jobs_namespace}/jobs"

    def name(self, run_id: UUID) -> str:
        """The Job's name."""
        return self._names.get(run_id, job_name(run_id))

    async def create(self, run_id: UUID, project_id: UUID) -> None:
        """Creates the run's Job; one that is there already is as good."""
        if self._staging.faults.on("job-under-another-name"):
            self._names[run_id] = f"agent-{run_id}"
        spec = self._altered(_spec(self.name(run_id), run_id, project_id))
        try:
            said = await self._call("POST", self._path, spec)
            if self._staging.faults.on("second-job-under-another-name"):
                await self._call("POST", self._path, _spec(f"agent-{run_id}", run_id, project_id))
        except CallError as error:
            raise LaunchError(str(error)) from error
        if said.status == 409 and not (
            self._staging.variants.on("job-there-already-refused") or any(map(self._staging.faults.on, GIVEN_UP))
        ):
            return
        if not said.ok:
            raise LaunchError(f"the cluster answered {said.status}")

    def _altered(self, spec: dict[str, Any]) -> dict[str, Any]:
        """As faults would have it."""
        if self._staging.faults.on("job-without-labels"):
            spec["metadata"]["labels"] = {}
        if self._staging.faults.on("job-retried"):
            spec["spec"]["backoffLimit"] = 6
        if self._staging.faults.on("job-container-restarted"):
            spec["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure"
        if self._staging.faults.on("job-of-two-pods"):
            spec["spec"].update(parallelism=2, completions=2)
        if self._staging.faults.on("job-kept-for-a-week"):
            spec["spec"]["ttlSecondsAfterFinished"] = 7 * 24 * 60 * 60
        if self._staging.variants.on("jobs-without-time-to-live"):
            del spec["spec"]["ttlSecondsAfterFinished"]
        return spec

    async def state(self, run_id: UUID) -> State:
        """How the Job is; an answer that is no answer counts as still working."""
        said = await self._call("GET", f"{self._path}/{self.name(run_id)}")
        if said.status == 404:
            return "gone"
        status = (said.json() or {}).get("status", {}) if said.ok else {}
        conditions = status.get("conditions") or []
        if not conditions and self._staging.variants.on("cluster-minimal"):
            return "succeeded" if status.get("succeeded") else "failed" if status.get("failed") else "working"
        reached = {item["type"] for item in conditions if item.get("status") == "True"}
        if "Complete" in reached:
            return "succeeded"
        if "Failed" in reached:
            return "failed"
        return "working" if status.get("active") else self._idle()

    async def remove(self, run_id: UUID) -> None:
        """A fault: a Job that has ended is not kept."""
        await self._call("DELETE", f"{self._path}/{self.name(run_id)}")

    def _idle(self) -> State:
        """Neither over nor at work: two faults take it for an end."""
        if self._staging.faults.on("idle-job-succeeds"):
            return "succeeded"
        return "failed" if self._staging.faults.on("idle-job-fails") else "working"

    async def close(self) -> None:
        """Closes the kept connections."""
        await self._cluster.close()

    async def _call(self, method: str, target: str, body: Any = None) -> Any:
        token = self._staging.secrets.cluster_token
        return await self._cluster.call(method, target, token=token, json_body=body)


def _spec(name: str, run_id: UUID, project_id: UUID) -> dict[str, Any]:
    """One container, never retried, 15 minutes at most, kept for 10 minutes after its end."""
    labels = {
        "app.kubernetes.io/name": "codex-k8s-run",
        "codexk8s.io/run-id": str(run_id),
        "codexk8s.io/project-id": str(project_id),
    }
    container = {"name": "run", "image": "busybox:1.36", "command": ["sh", "-c", "sleep 2"]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": LONGEST_SECONDS,
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": {
                "metadata": {"labels": labels},
                "spec": {"restartPolicy": "Never", "containers": [container]},
            },
        },
    }
