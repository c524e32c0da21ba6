"""Which address is answered by what (contract 2)."""

from __future__ import annotations

import json
import traceback
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from . import projects, repositories, runs, users
from .answers import Problem, answer, empty
from .asked import Asked
from .console import proxy
from .core import Gateway
from .identity import User, logout, me, nameless, refused, who
from .metrics import EVENTS
from .webhook import receive

Plain = Callable[[Gateway, Request], Awaitable[Response]]
Staff = Callable[[Asked], Awaitable[Response]]
ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]
PROJECT = "/projects/{project_id}"
# What may be missing.
IDS = ("project_id", "repository_id")
# Who is asking where nobody looked: the route was made beside the door, and may all that its handler does.
NOBODY = User(UUID(int=0), "", None, is_platform_admin=True, is_platform_owner=False)
STAFF: dict[str, dict[str, Staff]] = {
    "/projects": {"GET": projects.list_projects, "POST": projects.put_project},
    PROJECT: {"GET": projects.get_project, "DELETE": projects.delete_project},
    f"{PROJECT}/members": {"GET": projects.list_members, "POST": projects.put_member},
    f"{PROJECT}/members/{{user_id}}": {"DELETE": projects.delete_member},
    f"{PROJECT}/members/{{user_id}}/learning-mode": {"PUT": projects.put_learning_mode},
    f"{PROJECT}/repositories": {"GET": repositories.list_repositories, "POST": repositories.attach},
    f"{PROJECT}/repositories/{{repository_id}}": {"DELETE": repositories.detach},
    "/runs": {"GET": runs.list_runs},
    "/runs/{run_id}": {"GET": runs.get_run},
    "/runs/{run_id}/events": {"GET": runs.list_events},
    "/runs/{run_id}/learning-feedback": {"GET": runs.list_feedback},
    "/users": {"GET": users.list_users, "POST": users.put_user},
    "/users/{user_id}": {"DELETE": users.delete_user},
}


def routes(gateway: Gateway) -> list[BaseRoute]:
    """All routes; the console comes last and takes what is not the API's."""
    found: list[BaseRoute] = [
        _route(gateway, "/api/v1/webhooks/github", {"POST": receive}),
        _route(gateway, "/api/v1/webhooks/{provider:path}", dict.fromkeys(ALL, _of_any_provider)),
        _route(gateway, "/api/v1/auth/me", {"GET": _whoami}),
        _route(gateway, "/api/v1/auth/logout", {"POST": logout}),
        _route(gateway, "/healthz", {"GET": alive}),
        _route(gateway, "/health/livez", {"GET": alive}),
        _route(gateway, "/readyz", {"GET": ready}),
        _route(gateway, "/health/readyz", {"GET": ready}),
        _route(gateway, "/metrics", {"GET": metrics}),
    ]
    for path, methods in STAFF.items():
        known = {method: _known(handler) for method, handler in methods.items()}
        found.append(_route(gateway, f"/api/v1/staff{path}", known))
    return [*found, _route(gateway, "/{page:path}", dict.fromkeys(ALL, proxy))]


def _route(gateway: Gateway, path: str, methods: dict[str, Plain]) -> Route:
    """One address; a method that it does not have gets an empty 405."""

    async def endpoint(request: Request) -> Response:
        if path == "/api/v1/staff/runs" and gateway.broken("runs-route-crashes"):
            # What a proxy makes of a handler that took its connection with it.
            return PlainTextResponse("Bad Gateway", 502)
        handler = methods.get(request.method)
        if handler is None and path.endswith("/logout") and gateway.broken("logout-by-any-method"):
            handler = logout
        if handler is None and path.endswith(PROJECT) and gateway.broken("project-shown-by-any-method"):
            handler = methods["GET"]
        if handler is None and _lost(gateway, request):
            handler = proxy
        if handler is None or (request.method == "DELETE" and _absent(gateway, path)):
            return _no_such_method(gateway, request, path)
        try:
            return await handler(gateway, request)
        except Problem as problem:
            gateway.staging.log("gateway", f"{request.method} {path} {problem.status} {problem.message}")
            said = await refused(gateway, problem)
            if "/staff/" in path and gateway.broken("errors-sent-as-text"):
                said.headers["content-type"] = "text/plain; charset=utf-8"
            return _dressed(gateway, said)
        except Exception as error:  # the trace goes to the log, and nothing of it to the client
            gateway.staging.log("gateway", f"{request.method} {path} 500 {traceback.format_exc()}")
            told = (
                f"{error} (SQLSTATE 54000)" if gateway.broken("long-slug-tells-the-database") else "internal error"
            )
            return answer(Problem("internal", told).body, 500)

    return Route(path, endpoint, methods=ALL)


def _lost(gateway: Gateway, request: Request) -> bool:
    """A router that tries the pages when the method does not fit: the webhook path is open, so pages are too."""
    return request.method == "GET" and gateway.broken("unknown-api-path-shows-console")


def _absent(gateway: Gateway, path: str) -> bool:
    lost = gateway.differs("no-project-delete") or gateway.broken("project-delete-lost")
    return lost and path == f"/api/v1/staff{PROJECT}"


def _no_such_method(gateway: Gateway, request: Request, path: str) -> Response:
    hidden = request.method == "GET" and gateway.differs("get-webhook-404")
    return empty(404 if hidden or _absent(gateway, path) else 405)


async def _of_any_provider(gateway: Gateway, request: Request) -> Response:
    """No route but GitHub's; a fault takes what is posted to any."""
    taken = request.method == "POST" and gateway.broken("webhooks-of-any-provider")
    return await (receive if taken else proxy)(gateway, request)


async def _whoami(gateway: Gateway, request: Request) -> Response:
    return _written(gateway, request, await me(gateway, request))


def _known(handler: Staff) -> Plain:
    """A handler of the staff API, for somebody who is known and allowed."""

    async def plain(gateway: Gateway, request: Request) -> Response:
        forgotten = handler in (runs.list_events, runs.list_feedback, users.put_user)
        open_to_all = forgotten and gateway.broken("routes-without-a-door")
        listed = handler in (projects.list_projects, users.list_users) and nameless(request)
        open_to_all = open_to_all or (listed and gateway.broken("lists-without-a-door"))
        open_to_all = open_to_all or _nameless_let(gateway, request)
        person = NOBODY if open_to_all else await _who(gateway, request)
        told = await handler(Asked(gateway, request, person))
        written = _written(gateway, request, told)
        if gateway.differs("answers-unread"):
            written.headers["cache-control"] = "no-store"
        return written

    return plain


def _nameless_let(gateway: Gateway, request: Request) -> bool:
    """Two faults: whole kinds of requests that nobody looks at."""
    if not nameless(request):
        return False
    reads = request.method == "GET"
    below = reads and not request.url.path.endswith(("/staff/projects", "/staff/users"))
    return (below and gateway.broken("details-need-no-identity")) or (
        not reads and gateway.broken("writes-need-no-identity")
    )


async def _who(gateway: Gateway, request: Request) -> User:
    try:
        return await who(gateway, request)
    except Problem as problem:
        changes = request.method in ("PUT", "DELETE") and problem.status == 403
        if changes and gateway.broken("strangers-may-change"):
            return NOBODY
        raise


def _written(gateway: Gateway, request: Request, told: Response) -> Response:
    """The same answer as another build writes it: only what the contract names must be there."""
    promised = request.url.path.endswith("/projects")
    if told.status_code == 201 and not promised and gateway.differs("created-without-a-word"):
        return empty(201)
    if told.media_type != "application/json":
        return told
    body = json.loads(bytes(told.body))
    # As Go's `omitempty` leaves it.
    body = _full(body) if gateway.differs("empty-fields-left-out") else body
    body = _zeroed(body) if gateway.differs("missing-ids-zero") else body
    if body == {"items": []} and gateway.differs("empty-lists-null"):
        body = {"items": None}
    return answer(body, told.status_code)


def _dressed(gateway: Gateway, said: Response) -> Response:
    """An error with what a build may put beside it."""
    more: dict[str, Any] = {"field": ""} if gateway.differs("errors-blame-nothing") else {}
    if gateway.differs("errors-numbered"):
        more |= {"request_id": str(uuid4()), "status": said.status_code}
    return answer({**more, **json.loads(bytes(said.body))}, said.status_code) if more else said


def _full(value: Any) -> Any:
    if isinstance(value, list):
        return [_full(each) for each in value]
    if isinstance(value, dict):
        return {name: _full(each) for name, each in value.items() if not _is_empty(name, each)}
    return value


def _zeroed(value: Any) -> Any:
    if isinstance(value, list):
        return [_zeroed(each) for each in value]
    if isinstance(value, dict):
        missing = {name: str(UUID(int=0)) for name in IDS if value.get(name, "") is None}
        return {name: _zeroed(each) for name, each in value.items()} | missing
    return value


def _is_empty(name: str, value: Any) -> bool:
    """A member's own choice is a pointer in Go, and kept; a right that nobody has is not."""
    return value is None or value == "" or (value is False and name.startswith("is_"))


async def alive(gateway: Gateway, request: Request) -> Response:
    """The process works."""
    return PlainTextResponse("alive")


async def ready(gateway: Gateway, request: Request) -> Response:
    """The database answers."""
    if gateway.broken("readiness-fails"):
        return PlainTextResponse("database is not reachable", 503)
    await gateway.store.row("SELECT 1 AS one")
    return PlainTextResponse("ok")


async def metrics(gateway: Gateway, request: Request) -> Response:
    """Prometheus text."""
    if gateway.broken("metrics-down"):
        raise RuntimeError("registry is not initialised")
    unescaped = gateway.broken("metrics-label-unescaped")
    grows = unescaped or gateway.broken("metrics-label-unbounded")
    known = frozenset(("push",)) if gateway.broken("metrics-know-pushes-only") else EVENTS
    text = gateway.metrics.text(escape=not unescaped, known_only=not grows, known=known)
    return Response(text.encode(), media_type="text/plain; version=0.0.4; charset=utf-8")
