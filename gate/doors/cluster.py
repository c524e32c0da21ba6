"""The cluster door: the Kubernetes API through its official client (contract 1 and 4)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from gate import evidence
from gate.doors.http import rooted
from gate.doors.jobs import Job, is_ready, job_name, not_begun, port_number, read_job
from gate.doors.loose import Loose
from gate.errors import NotProven
from gate.language import say
from gate.redaction import in_force, redact, withhold
from gate.safety import refuse_writing

Found = TypeVar("Found")
REQUEST_SECONDS = 15
# Of the gateway's Service (contract 1); it may have others beside it, for metrics say.
SERVICE_PORT = 80
LONGEST_REASON = 400
# Keys of a Secret by what stands in them; what neither says is kept out of the report and accuses nobody.
SECRET_KEYS = ("SECRET", "KEY", "PASSWORD", "TOKEN", "tls.key")
PLAIN_KEYS: tuple[str, ...] = (
    "_URL",
    "_EMAIL",
    "_EMAILS",
    "_DB",
    "_USER",
    "_EVENTS",
    "_DEFAULT",
    "CLIENT_ID",
    "tls.crt",
)
PLAIN_KEYS += ("_NAMESPACE", "_DOMAIN", "_ENV", "_REPO")
NAME_KEYS = ("_DB", "_USER", "_NAMESPACE", "_DOMAIN")


class Cluster:
    """The staging's namespace in its cluster."""

    def __init__(
        self,
        namespace: str,
        kubeconfig: Path | None,
        context: str | None,
        jump: str = "",
        *,
        read_only: bool = False,
    ) -> None:
        self.namespace = namespace
        # That of the Jobs of runs; a build may have another for them, which `run.started` names (contract 4.3).
        self.jobs_namespace = namespace
        self._kubeconfig = str(kubeconfig) if kubeconfig else None
        self._context = context or None
        self._jump = jump
        self._read_only = read_only
        self._api: Any = None

    @property
    def api(self) -> Any:
        """The official client's ApiClient, configured when it is first needed."""
        if self._api is None:
            import yaml
            from kubernetes import config

            try:
                self._api = self._configured(config)
            # Beside its own error the client lets through what reading and decoding the file raise.
            except (config.ConfigException, OSError, TypeError, ValueError, yaml.YAMLError) as wrong:
                raise NotProven(
                    say(
                        f"The kubeconfig is not usable: {redact(str(wrong))}. See GATE_KUBECONFIG.",
                        f"kubeconfig не годится: {redact(str(wrong))}. См. GATE_KUBECONFIG.",
                    )
                ) from None
            self._api.configuration.retries = 1
        return self._api

    def _configured(self, config: Any) -> Any:
        if not self._jump:
            return config.new_client_from_config(self._kubeconfig, self._context)
        from kubernetes import client

        from gate.doors.beyond import Beyond

        beyond = Beyond(self._jump)
        config.load_kube_config(self._kubeconfig, self._context, beyond)
        return client.ApiClient(beyond)

    def another_api(self) -> Any:
        """A client of its own, for whoever may not share the common one."""
        from kubernetes import client

        return client.ApiClient(self.api.configuration)

    def core(self) -> Any:
        """The core API group."""
        from kubernetes import client

        return client.CoreV1Api(self.api)

    def apps(self) -> Any:
        """The apps API group."""
        from kubernetes import client

        return client.AppsV1Api(self.api)

    def batch(self) -> Any:
        """The batch API group."""
        from kubernetes import client

        return client.BatchV1Api(self.api)

    def ask(self, what: str, call: Callable[..., Found], *arguments: Any, **named: Any) -> Found | None:
        """Call the API; None when the thing is not there, `NotProven` when the cluster refuses or is away."""
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        evidence.used("cluster")
        evidence.touched(f"cluster {what}")
        try:
            return call(*arguments, **named, _request_timeout=REQUEST_SECONDS)
        except ApiException as refusal:
            if refusal.status == 404:
                return None
            raise self._unusable(what, _refused(refusal)) from None
        except ValueError as strange:
            found: Found | None = self._as_it_is(what, call, *arguments, **named)
            if found is not None:
                return found
            told = say("its answer has not the form of Kubernetes", "ответ не в форме Kubernetes")
            raise self._unusable(what, f"{told}: {' '.join(str(strange).split())}") from None
        except HTTPError as failure:
            place = getattr(self.api.configuration, "named", self.api.configuration.host)
            raise self._unusable(what, f"{place}: {rooted(failure)}") from None

    def readable(self, what: str, call: Callable[..., Found], *arguments: Any, **named: Any) -> Found | None:
        """As `ask`, but None, with a note, also where the cluster forbids to look: for facts that are a bonus."""
        from kubernetes.client.exceptions import ApiException

        @wraps(call)
        def forgiving(*given: Any, **options: Any) -> Found | None:
            try:
                return call(*given, **options)
            except ApiException as refusal:
                # 400 is the answer about the log of a container that has not begun.
                if refusal.status not in (400, 401, 403, 404):
                    raise
                evidence.note(f"{what}: {refusal.status} {refusal.reason}")
                return None

        return self.ask(what, forgiving, *arguments, **named)

    def _as_it_is(self, what: str, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """What reads is asked once more, for an answer that the client takes for none; None where it is none."""
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        if not getattr(call, "__name__", "").startswith(("read_", "list_")):
            return None
        with suppress(ApiException, HTTPError, ValueError):
            raw = call(*arguments, **named, _preload_content=False, _request_timeout=REQUEST_SECONDS)
            found = json.loads(raw.data)
            if isinstance(found, dict):
                evidence.note(f"cluster {what}: {say('lacks what Kubernetes always tells', 'неполный ответ')}")
                return Loose(found)
        return None

    def behind(self, service: str) -> tuple[str, int]:
        """A ready pod behind a Service, and the port of it that the Service leads to."""
        found = self.ask(f"service {service}", self.core().read_namespaced_service, service, self.namespace)
        if found is None:
            raise self._unusable(f"service {service}", say("there is none", "его нет"))
        pods = self.pods(",".join(f"{key}={value}" for key, value in (found.spec.selector or {}).items()))
        ready = [pod for pod in pods if is_ready(pod)]
        if not ready:
            raise self._unusable(
                f"service {service}", say("no pod behind it is ready", "за ним нет готовых подов")
            )
        port = next((one for one in found.spec.ports if one.port == SERVICE_PORT), found.spec.ports[0])
        wanted = port.target_port or port.port
        return ready[0].metadata.name, port_number(ready[0], wanted)

    def pods(self, selector: str = "") -> list[Any]:
        """The pods that carry these labels, as the client gives them."""
        listed = self.ask("pods", self.core().list_namespaced_pod, self.namespace, label_selector=selector)
        return _carrying(selector, listed)

    def logs_since(self, began: datetime, margin_seconds: int) -> dict[str, str]:
        """What the platform's pods logged since then, by pod; those whose log may not be read are left out."""
        seconds = int((datetime.now(UTC) - began).total_seconds()) + margin_seconds
        found: dict[str, str] = {}
        for pod in self.pods():
            name = pod.metadata.name
            if name.startswith("codex-k8s-run-"):
                continue
            for container in pod.spec.containers:
                log = self.readable(
                    f"log of {name}/{container.name}",
                    self.core().read_namespaced_pod_log,
                    name,
                    self.namespace,
                    container=container.name,
                    since_seconds=seconds,
                    timestamps=True,
                )
                if log is not None:
                    found[f"{name}/{container.name}"] = str(log)
        return found

    def secret(self, name: str) -> dict[str, str]:
        """The decoded keys of a Secret; what is no plain setting is hidden from the report from now on.

        A plain setting is read without the newline that `echo x | base64` adds; of a secret every byte counts.
        """
        found = self.ask(f"secret {name}", self.core().read_namespaced_secret, name, self.namespace)
        if found is None:
            raise self._unusable(f"secret {name}", say("there is none", "его нет"))
        decoded = {key: _decoded(key, value) for key, value in (found.data or {}).items()}
        in_force(name, *(value for key, value in decoded.items() if key.endswith(NAME_KEYS)))
        for key in (key for key in decoded if key.endswith(SECRET_KEYS)):
            evidence.conceal(f"{name} {key}", decoded[key])
        withhold(*(value for key, value in decoded.items() if not key.endswith(PLAIN_KEYS)))
        return decoded

    def job_of(self, run_id: str) -> Job | None:
        """The Job of a run (contract 4), or None when there is none."""
        found = self.ask("job", self.batch().read_namespaced_job, job_name(run_id), self.jobs_namespace)
        return read_job(found) if found is not None else None

    def seek_job(self, run_id: str, namespace: str) -> Job | None:
        """The Job of a run in another namespace; if there, all Jobs of runs are looked for there from now on."""
        call = self.batch().read_namespaced_job
        found = self.readable(f"job in {namespace}", call, job_name(run_id), namespace)
        if found is None:
            return None
        self.jobs_namespace = namespace
        return read_job(found)

    def jobs_of(self, run_id: str) -> list[Job]:
        """All Jobs that carry this run's label."""
        label = f"codexk8s.io/run-id={run_id}"
        listed = self.ask("jobs", self.batch().list_namespaced_job, self.jobs_namespace, label_selector=label)
        return [read_job(item) for item in _carrying(label, listed)]

    def not_begun(self, run_id: str) -> str:
        """Why the pod of a run's Job has begun nothing, where that is the cluster's matter; else ""."""
        label = f"job-name={job_name(run_id)}"
        call = self.core().list_namespaced_pod
        return not_begun(
            _carrying(label, self.readable("pods of a run", call, self.jobs_namespace, label_selector=label))
        )

    def delete_job(self, run_id: str) -> bool:
        """Delete the Job of a run with its pods; False when there was none."""
        refuse_writing(self._read_only, f"DELETE job {job_name(run_id)}")
        evidence.note(f"DELETE job {job_name(run_id)}")
        gone = self.ask(
            "job",
            self.batch().delete_namespaced_job,
            job_name(run_id),
            self.jobs_namespace,
            propagation_policy="Background",
        )
        return gone is not None

    def overrun_job(self, run_id: str) -> bool:
        """Take all its time from the Job of a run, upon which Kubernetes fails it; False where that may not be."""
        refuse_writing(self._read_only, f"PATCH job {job_name(run_id)}")
        body = {"spec": {"activeDeadlineSeconds": 0}}
        evidence.note(f"PATCH job {job_name(run_id)} {body}")
        return (
            self.ask(
                "job", _lenient(self.batch().patch_namespaced_job), job_name(run_id), self.jobs_namespace, body
            )
            is not None
        )

    def suspend_job(self, run_id: str, suspended: bool) -> bool:
        """Hold the Job of a run up, or let it go on; False where that may not be, or there is none."""
        refuse_writing(self._read_only, f"PATCH job {job_name(run_id)}")
        body = {"spec": {"suspend": suspended}}
        evidence.note(f"PATCH job {job_name(run_id)} {body}")
        return (
            self.ask(
                "job", _lenient(self.batch().patch_namespaced_job), job_name(run_id), self.jobs_namespace, body
            )
            is not None
        )

    def copy_job(self, run_id: str, other_id: str, project: tuple[str, str]) -> bool:
        """A Job like that of a run for another run, the second `project`'s in place of the first's.

        False where none may be made, or where the Job of the run is gone.
        """
        refuse_writing(self._read_only, f"POST job {job_name(other_id)}")
        found = self.ask("job", self.batch().read_namespaced_job, job_name(run_id), self.jobs_namespace)
        if found is None:
            return False
        plain = self.api.sanitize_for_serialization(found)
        text = json.dumps(_without_controller(plain)).replace(run_id, other_id).replace(*project)
        evidence.note(f"POST job {job_name(other_id)}")
        return (
            self.ask("job", _lenient(self.batch().create_namespaced_job), self.jobs_namespace, json.loads(text))
            is not None
        )

    def close(self) -> None:
        """Close the client's connections."""
        if self._api is not None:
            self._api.close()
            if self._jump:
                self._api.configuration.close()

    @staticmethod
    def _unusable(what: str, why: str) -> NotProven:
        why = redact(why)[:LONGEST_REASON].removesuffix(".") + "."
        return NotProven(
            say(f"The cluster door failed at {what}: {why}", f"Кластер недоступен, {what}: {why}"), "staging"
        )


def _decoded(key: str, value: str) -> str:
    """Some values are bytes rather than text: a cookie secret, for one."""
    text = base64.b64decode(value).decode(errors="replace")
    return text.strip() if key.endswith(PLAIN_KEYS) else text


def _without_controller(job: dict[str, Any]) -> dict[str, Any]:
    """What somebody who makes such a Job says of it, without what the cluster added."""
    spec = {name: value for name, value in job["spec"].items() if name not in ("selector", "manualSelector")}
    template = spec["template"]
    kept = {
        name: value
        for name, value in ((template.get("metadata") or {}).get("labels") or {}).items()
        if name.rpartition("/")[2] not in ("controller-uid", "job-name")
    }
    spec["template"] = {"metadata": {"labels": kept}, "spec": template["spec"]}
    metadata = {"name": job["metadata"]["name"], "labels": job["metadata"].get("labels") or {}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


def _refused(refusal: Any) -> str:
    told = f"{refusal.status} {refusal.reason}"
    if refusal.status == 401:
        return say(
            f"{told}. The kubeconfig's sign-in is not accepted: has its token expired? Renew it.",
            f"{told}. Вход из kubeconfig не принят: не истёк ли токен? Обновите его.",
        )
    if refusal.status == 403 and (message := _message(refusal)):
        return say(
            f"{told}: {message}. The rights are listed in deploy/rights.yaml.",
            f"{told}: {message}. Нужные права перечислены в deploy/rights.yaml.",
        )
    return told


def _message(refusal: Any) -> str:
    """What the API server itself says: which verb on which resource lacks; "" for a refusal of somebody else."""
    try:
        return str(json.loads(refusal.body)["message"]).strip().removesuffix(".")
    except (ValueError, TypeError, KeyError):
        return ""


def _carrying(selector: str, listed: Any) -> list[Any]:
    """Those of a list that carry the labels it was asked for: a stand-in of a cluster may give all that it has."""
    wanted = dict(label.split("=", 1) for label in selector.split(",") if label)
    return [
        one for one in (listed.items if listed else []) if wanted.items() <= (one.metadata.labels or {}).items()
    ]


def _lenient(call: Callable[..., object]) -> Callable[..., object | None]:
    """The call, with None for a refusal, which is noted: where that may not be done, the scenario does without."""
    from kubernetes.client.exceptions import ApiException

    @wraps(call)
    def asked(*given: Any, **options: Any) -> object | None:
        try:
            return call(*given, **options)
        except ApiException as refusal:
            evidence.note(f"{call.__name__}: {refusal.status} {refusal.reason}")
            return None

    return asked
