"""Gateway, worker and database of a local staging for the tests, with small doubles of GitHub and the cluster."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import requests
import trustme
from psycopg.rows import dict_row
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import database, gateway, worker
from sandbox.serving import Server
from sandbox.sockets import bind
from sandbox.staging import GITHUB_API, Person, Staging

WEBHOOK = "/api/v1/webhooks/github"
STRONG, WEAK = "ghp_strong", "ghp_weak"
PEOPLE = {
    "admin": Person("Olga-Owner", "olga@codex-k8s.test", "-"),
    "member": Person("max-member", "max@codex-k8s.test", "-"),
    "stranger": Person("sam", "sam@elsewhere.test", "-"),
}


class GitHubDouble:
    """Two repositories and their hooks."""

    def __init__(self) -> None:
        self.ids = {"gate/one": 41, "gate/two": 42}
        self.hooks: dict[str, list[dict[str, Any]]] = {name: [] for name in self.ids}
        self._numbers = itertools.count(1)

    def app(self) -> Starlette:
        path = "/repos/{owner}/{name}"
        return Starlette(
            routes=[
                Route(path, self.repository),
                Route(f"{path}/hooks", self.all_hooks, methods=["GET", "POST"]),
                Route(f"{path}/hooks/{{id:int}}", self.one_hook, methods=["PATCH", "DELETE"]),
            ]
        )

    def _name(self, request: Request) -> str:
        return f"{request.path_params['owner']}/{request.path_params['name']}"

    async def repository(self, request: Request) -> Response:
        number = self.ids.get(self._name(request))
        assert request.headers["host"] == GITHUB_API
        return JSONResponse({"id": number}) if number else Response(b"", 404)

    async def all_hooks(self, request: Request) -> Response:
        if request.headers["authorization"] != f"Bearer {STRONG}":
            return Response(b"", 404)
        hooks = self.hooks[self._name(request)]
        if request.method == "POST":
            hooks.append(await request.json() | {"id": next(self._numbers)})
            return JSONResponse(hooks[-1], 201)
        return JSONResponse(hooks)

    async def one_hook(self, request: Request) -> Response:
        hooks = self.hooks[self._name(request)]
        found = next(hook for hook in hooks if hook["id"] == request.path_params["id"])
        if request.method == "PATCH":
            found.update(await request.json())
            return JSONResponse(found)
        hooks.remove(found)
        return Response(b"", 204)


class ClusterDouble:
    """Jobs that complete by themselves after a while."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self.jobs: dict[str, tuple[dict[str, Any], float]] = {}
        self.refuses = False

    def app(self) -> Starlette:
        path = f"/apis/batch/v1/namespaces/{self._staging.namespace}/jobs"
        return Starlette(routes=[Route(path, self.create, methods=["POST"]), Route(path + "/{name}", self.get)])

    async def create(self, request: Request) -> Response:
        assert request.headers["authorization"] == f"Bearer {self._staging.secrets.cluster_token}"
        job = await request.json()
        if not self.refuses:
            self.jobs[job["metadata"]["name"]] = job, time.monotonic()
        return JSONResponse(job, 500 if self.refuses else 201)

    async def get(self, request: Request) -> Response:
        found = self.jobs.get(request.path_params["name"])
        if found is None:
            return Response(b"", 404)
        done = time.monotonic() - found[1] > self._staging.job_seconds
        conditions = [{"type": "Complete", "status": "True"}] if done else []
        return JSONResponse({**found[0], "status": {"conditions": conditions}})


class Parts:
    """What a test asks and sees."""

    def __init__(self, staging: Staging, github: GitHubDouble, cluster: ClusterDouble) -> None:
        self.staging, self.github, self.cluster = staging, github, cluster
        self.http = requests.Session()
        self.http.trust_env = False
        self.base = f"http://127.0.0.1:{staging.port('gateway')}"
        self.connection = psycopg.connect(staging.database_url, autocommit=True, row_factory=dict_row)

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        return self.connection.execute(query.encode(), values).fetchall()

    @contextmanager
    def fault(self, *names: str) -> Iterator[None]:
        self.staging.faults.active.update(names)
        try:
            yield
        finally:
            self.staging.faults.active.difference_update(names)

    def sign(self, body: bytes) -> str:
        return "sha256=" + hmac.new(self.staging.secrets.webhook.encode(), body, hashlib.sha256).hexdigest()

    def deliver(self, payload: Any = None, **changes: Any) -> requests.Response:
        """One delivery: `id`, `event`, `body`, `signature` can be changed; None leaves a header out."""
        body = changes.get("body", json.dumps(payload if payload is not None else push()).encode())
        headers = {
            "X-GitHub-Delivery": changes.get("id", str(uuid4())),
            "X-GitHub-Event": changes.get("event", "push"),
            "X-Hub-Signature-256": changes.get("signature", self.sign(body)),
        } | changes.get("headers", {})
        kept = {name: value for name, value in headers.items() if value is not None}
        return self.http.post(self.base + WEBHOOK, data=body, headers=kept, timeout=10)

    def ask(self, method: str, path: str, person: str | None = "admin", **options: Any) -> requests.Response:
        headers = options.pop("headers", {})
        if person:
            who = PEOPLE[person]
            headers = {"X-Forwarded-Email": who.email, "X-Forwarded-User": who.login} | headers
        return self.http.request(method, self.base + path, headers=headers, timeout=10, **options)

    def until(self, ready: Callable[[], Any], seconds: float = 8) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := ready()):
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.01)
        return found

    def run_of(self, delivery: str) -> dict[str, Any]:
        return self.rows("SELECT * FROM agent_runs WHERE correlation_id = %s", delivery)[0]

    def ended(self, delivery: str) -> dict[str, Any]:
        done = "SELECT * FROM agent_runs WHERE correlation_id = %s AND status NOT IN ('pending', 'running')"
        return dict(self.until(lambda: self.rows(done, delivery))[0])


def push(full_name: str = "Gate/Probe", repository_id: int = 900, login: str = "nobody") -> dict[str, Any]:
    repository = {"id": repository_id, "full_name": full_name, "name": full_name[5:], "private": True}
    return {"repository": repository, "sender": {"id": 1, "login": login}, "note": "Привет, мир"}


@contextmanager
def running(folder: Path, *, with_worker: bool = False) -> Iterator[Parts]:
    """All parts in a thread of their own."""
    staging = Staging(folder, people=dict(PEOPLE), poll=0.03, job_seconds=0.1, learning_default=False)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(staging.ca_file))
    github, cluster = GitHubDouble(), ClusterDouble(staging)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", GITHUB_API).configure_cert(tls)
    sockets = {name: bind(name) for name in ("gateway", "github", "cluster")}
    staging.ports |= {name: each.getsockname()[1] for name, each in sockets.items()} | {"console": 1}
    data = database.start(staging)
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    up = threading.Event()

    async def serve() -> None:
        servers = [
            Server(gateway.app(staging), sockets["gateway"]),
            Server(github.app(), sockets["github"], tls),
            Server(cluster.app(), sockets["cluster"], tls),
        ]
        for server in servers:
            await server.start()
        task = asyncio.create_task(worker.run(staging)) if with_worker else None
        up.set()
        await stop.wait()
        if task:
            task.cancel()
        for server in servers:
            await server.stop()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert up.wait(10)
        yield Parts(staging, github, cluster)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        data.stop()
