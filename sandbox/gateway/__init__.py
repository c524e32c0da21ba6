"""The api-gateway (contract 2): webhook ingress, health, sign-in, staff API, and the console behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.types import ASGIApp

from ..staging import Staging
from .core import Gateway
from .edges import rimmed
from .routes import routes

# Differences between builds that the contract allows: the suite has to be green with each.
VARIANTS = {
    "no-project-delete": "first S1 builds: no project is deleted by API (404), nobody told who the owner is",
    "no-owner-field": "auth/me and users come without is_platform_owner",
    "forwarded-names-only": "the gateway reads X-Forwarded-Email alone, which its proxy owns (findings, F1)",
    "signature-upper-hex-accepted": "the signature may be written in upper case",
    "refusals-uncounted": "metrics count no refused delivery (contract 2 names results, not what they count)",
    "headers-by-bytes": "each byte of a webhook's header is a letter, whatever else it may be of (RFC 9110, 5.5)",
    "get-webhook-404": "a GET on a POST-only route answers 404 instead of 405",
    "empty-fields-left-out": "what is null or an empty text is left out of the answers of the staff API",
    "hidden-lists-empty": "the events and the feedback of a run that one may not see are an empty list",
    "created-without-a-word": "who is allowed and what is attached is answered 201 with an empty body",
    "inner-lists-without-limit": "lists inside a project or a run take no limit",
    "short-lists": "lists are of 25 rows unless more is asked for, and the staging has more than that",
    "missing-ids-zero": "an id that is not there is all zeros, as a server in Go writes it",
    "empty-lists-null": "a list of nothing is null, as a server in Go writes it",
    "errors-blame-nothing": "an error that blames no field has an empty one",
    "errors-numbered": "beside an error stand the request's number and the status (contract 2 names no more)",
    "logins-kept-in-lower-case": "a GitHub login is stored in small letters, and looked up so",
    "login-told-as-it-was": "auth/me tells the login that was on record before, and stores the new one",
    "users-remembered-for-seconds": "who is allowed, and who is not, is kept in memory for 2.5 s",
    "rights-only-given": "whoever is a platform admin is not allowed again as none (409)",
    "unseen-project-unknown": "a project that one may not see is told as an unknown one (400)",
    "repository-moves": "a repository of another project is attached here and leaves the other (contract 3)",
    "project-at-webhook": "a run of an attached repository has its project from the webhook on",
    "homeless-runs-untold": "a run is told to nobody as long as it belongs to no project (contract 3)",
}


def app(staging: Staging) -> ASGIApp:
    """The gateway of one staging, as an ASGI application."""
    gateway = Gateway(staging)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await gateway.close()

    inner = Starlette(routes=routes(gateway), lifespan=lifespan)
    inner.router.redirect_slashes = False
    return rimmed(gateway, inner)


__all__ = ["VARIANTS", "app"]
