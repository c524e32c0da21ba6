"""Jobs and the controller that runs them (contract 4): one container, never retried, gone when deleted."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from uuid import uuid4

from ..staging import Staging
from .meta import CLOCK, ApiError, Object, condition, not_found, stamp

KEPT_SECONDS = 600.0
FETCH_SECONDS = 15.0
Change = tuple[str, Object]


@dataclass
class Job:
    """A Job that somebody created, with its own pod."""

    spec: Object
    labels: dict[str, str]
    annotations: dict[str, str]
    name: str
    namespace: str
    version: int
    uid: str = field(default_factory=lambda: str(uuid4()))
    pod_suffix: str = field(default_factory=lambda: uuid4().hex[:5])
    created: datetime = field(default_factory=CLOCK.now)
    ended: datetime | None = None
    failed: bool = False
    overrun: bool = False
    fetch_seconds: float = 0.0

    @property
    def fetching(self) -> bool:
        """Whether its pod waits for its image."""
        return self.ended is None and (CLOCK.now() - self.created).total_seconds() < self.fetch_seconds

    @property
    def suspended(self) -> bool:
        """Whether it is held up: it has no pod then."""
        return bool(self.spec.get("suspend")) and self.ended is None

    @property
    def pod_name(self) -> str:
        """The pod's name: the Job's, and five letters."""
        return f"{self.name}-{self.pod_suffix}"

    def shown(self) -> Object:
        """The Job as the API shows it."""
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "uid": self.uid,
                "resourceVersion": str(self.version),
                "generation": 1,
                "creationTimestamp": stamp(self.created),
                "labels": self.labels,
                "annotations": self.annotations,
            },
            "spec": self._whole_spec(),
            "status": self._status(),
        }

    def _whole_spec(self) -> Object:
        spec = copy.deepcopy(self.spec)
        spec.setdefault("parallelism", 1)
        spec.setdefault("completions", 1)
        spec.setdefault("backoffLimit", 6)
        spec.setdefault("suspend", False)
        spec.setdefault("selector", {"matchLabels": {"batch.kubernetes.io/controller-uid": self.uid}})
        return spec

    def _status(self) -> Object:
        status: Object = {"startTime": stamp(self.created)}
        if self.suspended:
            why = condition("Suspended", True, "JobSuspended", stamp(self.created), "Job suspended")
            return {"active": 0, "ready": 0, "terminating": 0, "conditions": [why]}
        if self.ended is None:
            return status | {"active": 1, "ready": 1, "uncountedTerminatedPods": {}}
        since = stamp(self.ended)
        status |= {"ready": 0, "terminating": 0, "uncountedTerminatedPods": {}}
        status |= {"conditions": endings(since, failed=self.failed, overrun=self.overrun)}
        return status | ({"failed": 1} if self.failed else {"succeeded": 1, "completionTime": since})


def endings(since: str, *, failed: bool, overrun: bool = False) -> list[Object]:
    """The conditions of a Job that has ended: since 1.31 each verdict comes with what led to it."""
    if overrun:
        reason, message = "DeadlineExceeded", "Job was active longer than specified deadline"
        return [condition(kind, True, reason, since, message) for kind in ("FailureTarget", "Failed")]
    if failed:
        reason, message = "BackoffLimitExceeded", "Job has reached the specified backoff limit"
        return [condition(kind, True, reason, since, message) for kind in ("FailureTarget", "Failed")]
    reason, message = "CompletionsReached", "Reached expected number of succeeded pods"
    return [condition(kind, True, reason, since, message) for kind in ("SuccessCriteriaMet", "Complete")]


class Jobs:
    """The Jobs of a namespace. Each ends after `staging.job_seconds` and is removed ten minutes later."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._jobs: dict[str, Job] = {}
        self._versions = count(2000)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._watchers: set[asyncio.Queue[Change]] = set()

    def __iter__(self) -> Iterator[Job]:
        return iter(list(self._jobs.values()))

    def get(self, name: str) -> Job:
        """The Job of this name, or 404."""
        if name not in self._jobs:
            raise not_found("jobs", name, "batch")
        return self._jobs[name]

    def create(self, body: Object) -> Job:
        """Create one; it starts at once."""
        meta = body.get("metadata") or {}
        name = meta.get("name") or f"{meta.get('generateName', '')}{uuid4().hex[:5]}"
        _validate(name, body)
        if name in self._jobs:
            raise ApiError(409, f'jobs.batch "{name}" already exists', name=name, group="batch", kind="jobs")
        job = Job(
            spec=body["spec"],
            labels=meta.get("labels") or {},
            annotations=meta.get("annotations") or {},
            name=name,
            namespace=self._staging.jobs_namespace,
            version=next(self._versions),
            fetch_seconds=FETCH_SECONDS if self._staging.variants.on("images-fetched-anew") else 0.0,
        )
        self._jobs[name] = job
        self._after(name, job.fetch_seconds + self._staging.job_seconds, self._end)
        self._tell("ADDED", job)
        return job

    def delete(self, name: str) -> Job:
        """Remove one with its pod."""
        job = self.get(name)
        del self._jobs[name]
        self._stop(name)
        job.version = next(self._versions)
        self._tell("DELETED", job)
        return job

    def change(self, name: str, body: Object) -> Job:
        """Give one another deadline, or hold it up, which is all that may be changed here; a deadline that is over
        fails it.
        """
        job, spec = self.get(name), body.get("spec") or {}
        held, given = spec.get("suspend"), spec.get("activeDeadlineSeconds")
        if isinstance(held, bool) and job.ended is None and held != job.suspended:
            self._suspend(name, job, held)
        if isinstance(given, int) and job.ended is None and not job.suspended:
            job.spec["activeDeadlineSeconds"] = given
            left = given - (CLOCK.now() - job.created).total_seconds()
            if left < self._timers[name].when() - asyncio.get_running_loop().time():
                self._timers.pop(name).cancel()
                self._after(name, max(0.0, left), self._overrun)
        return job

    async def changes(self) -> AsyncIterator[Change]:
        """Every change from now on."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._watchers.discard(queue)

    def _suspend(self, name: str, job: Job, held: bool) -> None:
        """Its pod goes with its time; when it may go on both begin anew."""
        self._stop(name)
        job.spec["suspend"], job.version = held, next(self._versions)
        if not held:
            self._after(name, self._staging.job_seconds, self._end)
        self._tell("MODIFIED", job)

    def _stop(self, name: str) -> None:
        if timer := self._timers.pop(name, None):
            timer.cancel()

    def _overrun(self, name: str) -> None:
        self._end(name, overrun=True)

    def _end(self, name: str, overrun: bool = False) -> None:
        job = self._jobs[name]
        job.ended, job.version = CLOCK.now(), next(self._versions)
        job.failed, job.overrun = overrun or self._staging.faults.on("jobs-always-fail"), overrun
        self._after(name, float(job.spec.get("ttlSecondsAfterFinished") or KEPT_SECONDS), self._expire)
        self._tell("MODIFIED", job)

    def _expire(self, name: str) -> None:
        self.delete(name)

    def _after(self, name: str, seconds: float, what: Any) -> None:
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, what, name)

    def _tell(self, change: str, job: Job) -> None:
        for queue in self._watchers:
            queue.put_nowait((change, job.shown()))


def _validate(name: str, body: Object) -> None:
    """What a real API server would refuse of a Job that a platform might send."""
    spec = body.get("spec") or {}
    template = (spec.get("template") or {}).get("spec") or {}
    wrong = ""
    if not name:
        wrong = "metadata.name: Required value: name or generateName is required"
    elif not template.get("containers"):
        wrong = "spec.template.spec.containers: Required value"
    elif template.get("restartPolicy") not in ("Never", "OnFailure"):
        wrong = 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'
    if wrong:
        raise ApiError(422, f'Job.batch "{name}" is invalid: {wrong}', name=name, group="batch", kind="Job")
