"""In place of the Job controller and the kubelet: the pods of the runs' Jobs, and the status of both."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import datetime

from ..certificates import Certificates
from ..staging import Staging
from .client import Client, Refused
from .jobs import KEPT_SECONDS, Job
from .meta import CLOCK, Object
from .resources import Resources

LOOK_SECONDS = 0.1
SWEEP_SECONDS = 2.0
RUNS = "app.kubernetes.io/name=codex-k8s-run"


class Controller:
    """Lets each Job run for `staging.job_seconds`, ends it, and removes it when it was kept long enough."""

    def __init__(self, staging: Staging, certificates: Certificates, client: Client) -> None:
        self._staging = staging
        self._client = client
        self._pod_of = Resources(staging, certificates).workloads.job_pod
        self._jobs = f"/apis/batch/v1/namespaces/{staging.namespace}/jobs"
        self._pods = f"/api/v1/namespaces/{staging.namespace}/pods"
        # A Job's own times have whole seconds: when it was seen first is kept beside it.
        self._working: dict[str, tuple[Job, float]] = {}
        self._ended: dict[str, Job] = {}

    async def run(self) -> None:
        """Look again and again."""
        swept = 0.0
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)
            swept += LOOK_SECONDS
            if swept >= SWEEP_SECONDS:
                swept = 0.0
                await self.sweep()

    async def look(self) -> None:
        """Begin what is new, end what has run long enough."""
        found = await self._client.listed(self._jobs, labelSelector=RUNS, fieldSelector="status.successful=0")
        there = {item["metadata"]["uid"]: item for item in found}
        for uid in there.keys() - self._working.keys() - self._ended.keys():
            self._working[uid] = _job(there[uid]), time.monotonic()
            await self._show(self._working[uid][0])
        for uid, (job, begun) in list(self._working.items()):
            if uid not in there:
                del self._working[uid]
            elif there[uid]["spec"].get("suspend"):
                # Its time begins anew when it may go on.
                self._working[uid] = job, time.monotonic()
            elif (over := _overrun(there[uid], begun)) or time.monotonic() - begun >= self._staging.job_seconds:
                del self._working[uid]
                job.ended, job.overrun = CLOCK.now(), over
                job.failed = over or self._staging.faults.on("jobs-always-fail")
                self._ended[uid] = job
                await self._show(job)

    async def sweep(self) -> None:
        """Remove Jobs that were kept long enough, and pods whose Job is gone."""
        for uid, job in list(self._ended.items()):
            assert job.ended
            kept = float(job.spec.get("ttlSecondsAfterFinished") or KEPT_SECONDS)
            if (CLOCK.now() - job.ended).total_seconds() >= kept:
                await self._client.delete(f"{self._jobs}/{job.name}")
                del self._ended[uid]
        pods = await self._client.listed(self._pods, labelSelector=RUNS)
        jobs = {item["metadata"]["uid"] for item in await self._client.listed(self._jobs, labelSelector=RUNS)}
        for pod in pods:
            if pod["metadata"]["ownerReferences"][0]["uid"] not in jobs:
                await self._client.delete(f"{self._pods}/{pod['metadata']['name']}")

    async def _show(self, job: Job) -> None:
        """Write the pod and its Job's status; one deleted meanwhile is nobody's matter any more."""
        with suppress(Refused):
            await self._client.apply(self._pod_of(job))
            await self._client.apply_status(job.shown())


def _overrun(item: Object, begun: float) -> bool:
    """Whether the Job has used up its time, which may have been shortened meanwhile."""
    longest = item["spec"].get("activeDeadlineSeconds")
    return longest is not None and time.monotonic() - begun >= longest


def _job(item: Object) -> Job:
    meta = item["metadata"]
    return Job(
        spec=item["spec"],
        labels=meta.get("labels") or {},
        annotations=meta.get("annotations") or {},
        name=meta["name"],
        namespace=meta["namespace"],
        version=0,
        uid=meta["uid"],
        created=datetime.fromisoformat(meta["creationTimestamp"]),
    )
