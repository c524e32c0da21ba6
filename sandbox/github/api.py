"""api.github.com: who a token belongs to, and what it may see of a repository (contract 5)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..staging import GITHUB, GITHUB_API, Repository
from .accounts import Accounts
from .hooks import Hooks, Refused
from .issues import Issues, paged

_DOCS = "https://docs.github.com/rest"
_LIMIT = 5000
Endpoint = Callable[[Request], Awaitable[Response]]


class Api:
    """The REST API, as far as the platform, oauth2-proxy and the gate use it."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._staging = accounts.staging
        self._hooks = Hooks(self._staging)
        self._issues = Issues()
        self._used = 0

    def routes(self) -> list[Route]:
        """All addresses of the API host."""
        hooks, issues = "/repos/{owner}/{name}/hooks", "/repos/{owner}/{name}/issues"
        return [
            Route("/user", self._known(self._user)),
            Route("/user/emails", self._known(self._emails)),
            Route("/user/orgs", self._known(self._nothing)),
            Route("/user/teams", self._known(self._nothing)),
            Route("/rate_limit", self._any(self._rate)),
            Route("/repos/{owner}/{name}", self._any(self._repository)),
            Route(issues, self._known(self._list_issues), methods=["GET"]),
            Route(issues, self._known(self._open_issue), methods=["POST"]),
            Route(issues + "/comments/{id:int}", self._known(self._say_anew), methods=["PATCH"]),
            Route(issues + "/{number:int}/comments", self._known(self._said), methods=["GET"]),
            Route(issues + "/{number:int}/comments", self._known(self._say), methods=["POST"]),
            Route(hooks, self._known(self._list), methods=["GET"]),
            Route(hooks, self._known(self._create), methods=["POST"]),
            Route(hooks + "/{id:int}", self._known(self._one), methods=["GET"]),
            Route(hooks + "/{id:int}", self._known(self._change), methods=["PATCH"]),
            Route(hooks + "/{id:int}", self._known(self._delete), methods=["DELETE"]),
            Route(hooks + "/{id:int}/pings", self._known(self._ping), methods=["POST"]),
            Route(hooks + "/{id:int}/deliveries", self._known(self._deliveries), methods=["GET"]),
        ]

    async def root(self, request: Request) -> Response:
        """The list of addresses; oauth2-proxy asks here whether a token is still good."""
        return await self._known(self._nothing)(request)

    def _known(self, endpoint: Endpoint) -> Endpoint:
        """An address that wants a token."""

        async def asked(request: Request) -> Response:
            if not _token(request):
                return _problem(HTTPStatus.UNAUTHORIZED, "Requires authentication")
            return await endpoint(request)

        return self._any(asked)

    def _any(self, endpoint: Endpoint) -> Endpoint:
        """Bad tokens, the rate limit, and the headers of each answer."""

        async def answered(request: Request) -> Response:
            self._used += 1
            token = _token(request)
            if self._limited(token):
                reply = _problem(HTTPStatus.FORBIDDEN, "API rate limit exceeded for this user.")
            elif token and self._accounts.owner(token) is None:
                reply = _problem(HTTPStatus.UNAUTHORIZED, "Bad credentials")
            else:
                reply = await self._refusable(endpoint, request)
            reply.headers.update(self._headers(token))
            return reply

        return answered

    def _limited(self, token: str) -> bool:
        """GitHub limits each user: the gate's token is spent, people signing in have theirs."""
        ours = not token or token in self._staging.tokens
        return ours and self._staging.troubles.on("github-rate-limit")

    @staticmethod
    async def _refusable(endpoint: Endpoint, request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            return _problem(refused.status, refused.message, refused.errors)

    def _headers(self, token: str) -> dict[str, str]:
        limited = self._limited(token)
        used = _LIMIT if limited else min(self._used, _LIMIT - 1)
        return {
            "x-github-media-type": "github.v3; format=json",
            "x-oauth-scopes": "repo, user:email" if token in self._staging.tokens else "read:org, user:email",
            "x-ratelimit-limit": str(_LIMIT),
            "x-ratelimit-remaining": str(_LIMIT - used),
            "x-ratelimit-used": str(used),
            "x-ratelimit-reset": str(int(time.time()) + 3600),
            "x-ratelimit-resource": "core",
        }

    async def _nothing(self, _: Request) -> Response:
        return JSONResponse([])

    async def _rate(self, request: Request) -> Response:
        headers = self._headers(_token(request))
        rate = {key: int(headers[f"x-ratelimit-{key}"]) for key in ("limit", "remaining", "used", "reset")}
        return JSONResponse({"resources": {"core": rate}, "rate": rate})

    async def _user(self, request: Request) -> Response:
        login = self._login(request)
        if self._staging.faults.on("github-login-is-a-number"):
            login = str(self._accounts.account_id(login))
        account = {"login": login, "id": self._accounts.account_id(login), "type": "User", "email": None}
        return JSONResponse(account | {"html_url": f"https://{GITHUB}/{login}", "site_admin": False})

    async def _emails(self, request: Request) -> Response:
        address, on = self._accounts.email(self._login(request)), self._staging.faults.on
        name, _, host = address.partition("@")
        other = {"email": f"{name}@old.{host}", "primary": False, "verified": True, "visibility": None}
        primary = {"email": address, "primary": True, "verified": True, "visibility": "private"}
        if on("github-email-not-verified"):
            primary["verified"] = False
        if on("github-other-email-first"):
            primary, other = primary | {"primary": False}, other | {"primary": True}
        return JSONResponse([other, primary])

    async def _repository(self, request: Request) -> Response:
        repository, token = self._found(request), _token(request)
        # Of a fine-grained token it is told what its owner may.
        admin = self._accounts.reads_hooks(token, repository)
        address = f"https://{GITHUB_API}/repos/{repository.full_name}"
        about: dict[str, Any] = {"id": repository.id, "name": repository.name, "full_name": repository.full_name}
        about |= {"private": repository.private, "owner": {"login": repository.owner, "type": "Organization"}}
        about |= {"url": address, "hooks_url": f"{address}/hooks", "default_branch": "main"}
        about["permissions"] = {"admin": admin, "push": admin, "pull": True}
        return JSONResponse(about)

    async def _list(self, request: Request) -> Response:
        repository = self._found(request)
        if not self._accounts.reads_hooks(_token(request), repository):
            raise Refused(HTTPStatus.NOT_FOUND, "Not Found")
        return paged(request, self._hooks.all(repository), _number)

    async def _create(self, request: Request) -> Response:
        repository = self._administered(request)
        hook = self._hooks.create(repository, await _json(request))
        # GitHub greets each new hook, once it has answered.
        greeting = BackgroundTask(self._hooks.greet, repository, hook["id"])
        return JSONResponse(hook, HTTPStatus.CREATED, {"location": hook["url"]}, background=greeting)

    async def _one(self, request: Request) -> Response:
        return JSONResponse(self._hooks.one(self._administered(request), request.path_params["id"]))

    async def _change(self, request: Request) -> Response:
        repository = self._administered(request)
        return JSONResponse(self._hooks.change(repository, request.path_params["id"], await _json(request)))

    async def _delete(self, request: Request) -> Response:
        self._hooks.delete(self._administered(request), request.path_params["id"])
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _ping(self, request: Request) -> Response:
        repository, number = self._administered(request), request.path_params["id"]
        self._hooks.one(repository, number)
        # GitHub delivers after it has answered.
        later = BackgroundTask(self._hooks.ping, repository, number)
        return Response(status_code=HTTPStatus.NO_CONTENT, background=later)

    async def _deliveries(self, request: Request) -> Response:
        return JSONResponse(self._hooks.deliveries(self._administered(request), request.path_params["id"]))

    async def _list_issues(self, request: Request) -> Response:
        labels = {label for label in request.query_params.get("labels", "").split(",") if label}
        return paged(request, self._issues.all(self._found(request), labels), _number)

    async def _open_issue(self, request: Request) -> Response:
        made = self._issues.open(self._found(request), self._login(request), await _json(request))
        return JSONResponse(made, HTTPStatus.CREATED)

    async def _said(self, request: Request) -> Response:
        return paged(request, self._issues.comments(self._found(request), request.path_params["number"]), _number)

    async def _say(self, request: Request) -> Response:
        where, number = self._found(request), request.path_params["number"]
        made = self._issues.comment(where, number, self._login(request), await _json(request))
        return JSONResponse(made, HTTPStatus.CREATED)

    async def _say_anew(self, request: Request) -> Response:
        where, id = self._found(request), request.path_params["id"]
        return JSONResponse(self._issues.change(where, id, self._login(request), await _json(request)))

    def _login(self, request: Request) -> str:
        return self._accounts.owner(_token(request)) or ""

    def _found(self, request: Request) -> Repository:
        """The repository, for somebody who may see it; for anybody else it does not exist."""
        wanted = "{owner}/{name}".format(**request.path_params).lower()
        for repository in self._staging.repositories:
            if repository.full_name.lower() == wanted and self._accounts.sees(_token(request), repository):
                return repository
        raise Refused(HTTPStatus.NOT_FOUND, "Not Found")

    def _administered(self, request: Request) -> Repository:
        repository = self._found(request)
        if not self._accounts.administers(_token(request), repository):
            raise Refused(HTTPStatus.NOT_FOUND, "Not Found")
        return repository


def _token(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() in ("bearer", "token") else ""


def _number(request: Request, name: str, otherwise: int) -> int:
    value = request.query_params.get(name, "")
    return int(value) if value.isdecimal() else otherwise


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, "Body should be a JSON object")
    return body


def _problem(status: int, message: str, errors: list[dict[str, str]] | None = None) -> Response:
    body: dict[str, Any] = {"message": message, "documentation_url": _DOCS, "status": str(int(status))}
    return JSONResponse(body | ({"errors": errors} if errors else {}), status)
