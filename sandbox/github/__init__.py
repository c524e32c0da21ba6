"""The stand-in GitHub: pages and API on one port, told apart by the host that is asked for (contract 5)."""

from __future__ import annotations

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ..staging import GITHUB_API, Staging
from . import minimal, pages
from .accounts import Accounts
from .api import Api
from .web import Web

# What GitHub may do one way or the other.
VARIANTS: dict[str, str] = {
    "github-asks-each-time": "GitHub asks to authorize the application at every sign-in",
    "github-asks-after-ten": "GitHub asks once more after ten sign-ins of a person within an hour",
    "github-code-submits-itself": "the page for the second factor sends the code itself after its sixth digit",
    "github-passkey-button": "the sign-in page has a second button, Sign in with a passkey",
    "github-offers-passkey": "after the password GitHub offers a passkey, which may be put off: Ask me later",
    "github-lists-hooks-late": "a new hook is in GitHub's list of hooks a second and a half later",
    "github-weak-token-reads": "the token without rights reads webhooks, and is of somebody who may change them",
    "github-minimal": "a stand-in that has what contract 5 names and nothing else, a hook's secret least",
}


def app(staging: Staging) -> ASGIApp:
    """GitHub's web host and API host as one application."""
    accounts = Accounts(staging)
    web, api = Web(accounts), Api(accounts)

    async def home(request: Request) -> Response:
        if request.url.hostname == GITHUB_API:
            return await api.root(request)
        return HTMLResponse(pages.home(web.signed_in(request)))

    routes = [Route("/", home), *web.routes(), *api.routes()]
    served = Starlette(routes=routes, exception_handlers={HTTPStatus.NOT_FOUND: _not_found})
    return _gone(staging, minimal.reduced(staging, served))


async def _not_found(request: Request, _: Exception) -> Response:
    if request.url.hostname == GITHUB_API:
        return JSONResponse({"message": "Not Found", "status": "404"}, HTTPStatus.NOT_FOUND)
    return HTMLResponse("<h1>404</h1>", HTTPStatus.NOT_FOUND)


def _gone(staging: Staging, served: ASGIApp) -> ASGIApp:
    """The same application; with the trouble `github-gone` it answers nothing but 503."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and staging.troubles.on("github-gone"):
            await HTMLResponse("<h1>Unicorn!</h1>", HTTPStatus.SERVICE_UNAVAILABLE)(scope, receive, send)
        else:
            await served(scope, receive, send)

    return answered
