"""The requests of the Kubernetes API: who may ask, which object is meant, and what is answered."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import random
import re
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from ..sockets import SLOW_SECONDS
from ..staging import Staging
from .meta import ApiError, Object, not_found, selected
from .real import RIGHTS
from .resources import Resource, Resources
from .workloads import PARTS

WORKLOADS = ("deployments", "pods")
# All that contract 1 and 4 name.
NAMED = ("deployments", "jobs", "ingresses", "secrets", "services", "clusterissuers")
_PATH = re.compile(
    r"/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+/[^/]+))"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?"
    r"/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?(?:/(?P<part>[a-z]+))?/?$"
)
WATCH_SECONDS = 300.0
VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
# What the worker calls itself.
WORKER = "codex-k8s"


class Api:
    """Answers one request after the other from the objects of the staging."""

    def __init__(self, staging: Staging, resources: Resources) -> None:
        self._staging = staging
        self._resources = resources

    async def __call__(self, request: Request) -> Response:
        """The answer; every refusal is a `Status` object."""
        agent = request.headers.get("user-agent", "")
        if self._staging.variants.on("slow-network") and agent != WORKER:
            await asyncio.sleep(random.uniform(*SLOW_SECONDS))
        try:
            self.check_token(request.headers.get("authorization", ""), agent)
            return await self._answer(request)
        except ApiError as refusal:
            return JSONResponse(refusal.body, refusal.code)

    def check_token(self, authorization: str, agent: str = "") -> None:
        """401 unless the bearer token is the staging's; the worker has an account of its own, which lasts."""
        expected = f"Bearer {self._staging.secrets.cluster_token}"
        known = hmac.compare_digest(authorization.encode(), expected.encode())
        expired = self._staging.troubles.on("cluster-token-expired") and agent != WORKER
        if not known or expired:
            raise ApiError(401, "Unauthorized")

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path in ("/healthz", "/livez", "/readyz"):
            return PlainTextResponse("ok")
        if found := self._resources.discovery(path.rstrip("/")):
            return JSONResponse(found)
        if path.endswith("/selfsubjectaccessreviews") and request.method == "POST":
            return JSONResponse(self._review(await _body(request)), 201)
        matched = _PATH.match(path)
        kind = matched and self._resources.find(matched["core"] or matched["group"], matched["plural"])
        if not matched or not kind:
            raise ApiError(404, "the server could not find the requested resource")
        verb = "list" if request.method == "GET" and not matched["name"] else VERBS[request.method]
        what = "/".join(filter(None, (kind.plural, matched["part"])))
        worker = request.headers.get("user-agent", "") == WORKER
        name = matched["name"] or _named(request.query_params.get("fieldSelector", ""))
        if not worker and not self._least(kind.group, what, verb, name):
            raise _refusal(kind.group, what, verb)
        self._allow(kind, matched["part"])
        return await self._of_kind(request, kind, matched["namespace"], matched["name"], matched["part"])

    def _allow(self, kind: Resource, part: str | None) -> None:
        """403 where the role may not look; without cert-manager's types it is still a good staging."""
        if self._staging.variants.on("cluster-minimal") and (kind.plural not in NAMED or part):
            raise ApiError(404, "404 page not found")
        if self._forbidden(kind.group, kind.plural, part):
            raise _refusal(kind.group, kind.plural, "list")

    def _least(self, group: str, what: str, verb: str, name: str | None) -> bool:
        """Whether an account may do that which was given no more than the rights that the gate publishes."""
        if not self._staging.variants.on("cluster-least-rights"):
            return True
        return any(
            group in rule["apiGroups"]
            and what in rule["resources"]
            and verb in rule["verbs"]
            and (name in rule.get("resourceNames", (name,)))
            for rule in _published()
        )

    def _forbidden(self, group: str, plural: str, part: str | None) -> bool:
        troubles = self._staging.troubles
        return (
            (group == "cert-manager.io" and self._staging.variants.on("cert-manager-unreadable"))
            or (plural == "secrets" and troubles.on("cluster-secrets-forbidden"))
            or (part == "log" and troubles.on("cluster-logs-forbidden"))
            or (plural in WORKLOADS and troubles.on("cluster-workloads-forbidden"))
        )

    def _review(self, asked: Object) -> Object:
        """What whoever asks may do, as a real API server tells."""
        if self._staging.variants.on("cluster-minimal"):
            raise ApiError(404, "404 page not found")
        about = asked["spec"].get("resourceAttributes", {})
        group, resource, part = (about.get(key, "") for key in ("group", "resource", "subresource"))
        what = "/".join(filter(None, (resource, part)))
        least = self._least(group, what, about.get("verb", ""), about.get("name") or None)
        return asked | {"status": {"allowed": least and not self._forbidden(group, resource, part)}}

    async def _of_kind(
        self, request: Request, kind: Resource, namespace: str | None, name: str | None, part: str | None
    ) -> Response:
        if part:
            return self._part(request, kind, namespace, name or "", part)
        method = request.method
        if method == "GET" and name:
            return JSONResponse(self._bare(self._one(kind, namespace, name)))
        if method == "GET":
            return self._many(request, kind, namespace)
        if kind.plural == "jobs" and namespace == self._staging.jobs_namespace:
            if method == "POST" and not name:
                return self._create_job(await _body(request))
            if method == "DELETE" and name:
                return JSONResponse(self._delete_job(name))
            if method == "PATCH" and name and not self._staging.variants.on("cluster-minimal"):
                return JSONResponse(self._resources.jobs.change(name, await _body(request)).shown())
        raise ApiError(405, "the server does not allow this method on the requested resource")

    def _existing(self, kind: Resource, namespace: str | None) -> list[Object]:
        if not kind.namespaced or namespace is None:
            return kind.objects()
        return [item for item in kind.objects() if item["metadata"]["namespace"] == namespace]

    def _one(self, kind: Resource, namespace: str | None, name: str) -> Object:
        for item in self._existing(kind, namespace):
            if item["metadata"]["name"] == name:
                return item
        raise not_found(kind.plural, name, kind.group)

    def _many(self, request: Request, kind: Resource, namespace: str | None) -> Response:
        asked = request.query_params
        labels, fields = asked.get("labelSelector", ""), asked.get("fieldSelector", "")
        if self._staging.variants.on("cluster-minimal") and "watch" not in asked:
            labels = ""
        items = selected(self._existing(kind, namespace), labels, fields)
        if asked.get("watch") in ("true", "1"):
            seconds = float(asked.get("timeoutSeconds") or WATCH_SECONDS)
            return StreamingResponse(
                self._watch(kind, items, labels, fields, seconds), media_type="application/json"
            )
        limit = int(asked.get("limit") or 0)
        first = int(asked.get("continue") or 0)
        page = items[first : first + limit] if limit else items[first:]
        meta: Object = {"resourceVersion": "4000"}
        if first + len(page) < len(items):
            meta |= {"continue": str(first + len(page)), "remainingItemCount": len(items) - first - len(page)}
        body: Object = {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": meta}
        return JSONResponse(body | {"items": [self._bare(item) for item in page]})

    def _bare(self, item: Object) -> Object:
        """The object; of a minimal cluster only the counts of its status."""
        if self._staging.variants.on("cluster-answers-less"):
            item = _less(item)
        if not self._staging.variants.on("cluster-minimal") or "status" not in item:
            return item
        counted = {name: value for name, value in item["status"].items() if isinstance(value, int)}
        counted.pop("observedGeneration", None)
        kept = counted if item["kind"] in ("Deployment", "Job") else item["status"]
        return item | {"status": kept}

    async def _watch(
        self, kind: Resource, items: list[Object], labels: str, fields: str, seconds: float
    ) -> AsyncIterator[str]:
        """What is there now, then what changes; only Jobs do."""
        for item in items:
            yield _event("ADDED", item)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if kind.plural != "jobs":
                    await asyncio.Event().wait()
                async for change, item in self._resources.jobs.changes():
                    if selected([item], labels, fields):
                        yield _event(change, item)

    def _create_job(self, body: Object) -> Response:
        if self._staging.faults.on("jobs-cannot-be-created"):
            raise ApiError(403, "jobs.batch is forbidden: exceeded quota: runs, used: count/jobs.batch=50")
        return JSONResponse(self._resources.jobs.create(body).shown(), 201)

    def _delete_job(self, name: str) -> Object:
        job = self._resources.jobs.delete(name)
        details = {"name": name, "group": "batch", "kind": "jobs", "uid": job.uid}
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}

    def _part(self, request: Request, kind: Resource, namespace: str | None, name: str, part: str) -> Response:
        """`status` of anything, `log` of a pod."""
        found = self._one(kind, namespace, name)
        if part == "status":
            return JSONResponse(found)
        if part != "log" or kind.plural != "pods":
            raise ApiError(404, "the server could not find the requested resource")
        lines = self._log_of(found)
        if tail := request.query_params.get("tailLines"):
            lines = lines[-int(tail) :] if int(tail) else []
        return PlainTextResponse("".join(f"{line}\n" for line in lines))

    def _log_of(self, pod: Object) -> list[str]:
        label = pod["metadata"].get("labels", {}).get("app.kubernetes.io/name", "")
        part = next((part for part in PARTS if part.name == label), None)
        return list(self._staging.logs[part.log]) if part else []


@cache
def _published() -> list[Object]:
    """The rules of the manifest that a staging's owner applies for the gate, in the namespace and beyond."""
    parts = yaml.safe_load_all(RIGHTS.read_text(encoding="utf-8"))
    return [rule for part in parts for rule in part.get("rules", [])]


def _named(selector: str) -> str | None:
    """The name that a list is asked for, which counts as that of a right (RBAC, `resourceNames`)."""
    field, _, name = selector.partition("=")
    return name if field == "metadata.name" else None


def _refusal(group: str, what: str, verb: str) -> ApiError:
    kind = what.partition("/")[0]
    text = f'{kind}.{group} is forbidden: User "gate" cannot {verb} resource "{what}"'
    return ApiError(403, text, group=group, kind=kind)


def _event(change: str, item: Object) -> str:
    return json.dumps({"type": change, "object": item}) + "\n"


async def _body(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise ApiError(400, f"the object provided is unrecognized: {error}") from error


def _less(item: Object) -> Object:
    """The object without what the cluster's official clients demand of it."""
    meta = item["metadata"]
    spec = {name: value for name, value in item.get("spec", {}).items() if name != "selector"}
    owners = [{name: owner[name] for name in ("kind", "name")} for owner in meta.get("ownerReferences", [])]
    told = {"metadata": meta | ({"ownerReferences": owners} if owners else {})}
    return item | told | ({"spec": spec} if item["kind"] == "Deployment" else {})
