"""The sandbox's own door, which no real staging has: what is on, and switching it while everything runs."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .faults import catalogue
from .staging import Staging, Switches
from .variants import TROUBLES, VARIANTS

Changed = Callable[[], Awaitable[None]]


class UnknownName(ValueError):
    """A name that no catalogue has; the text names the nearest."""


def checked(names: list[str], kind: str) -> set[str]:
    """The names as a set; one that does not exist raises `UnknownName`."""
    catalogues: dict[str, Mapping[str, object]]
    catalogues = {"faults": catalogue(), "variants": VARIANTS, "troubles": TROUBLES}
    known = catalogues[kind]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.4)
            hint = f" Did you mean {near[0]}?" if near else f" `python -m sandbox --list-{kind}` shows all."
            raise UnknownName(f"There is no {kind[:-1]} named {name!r}.{hint}")
    return set(names)


def app(staging: Staging, changed: Changed) -> Starlette:
    """`GET` and `PUT` of `/faults`, `/variants` and `/troubles`: a JSON list of what is on."""
    switches = {"faults": staging.faults, "variants": staging.variants, "troubles": staging.troubles}
    routes = [
        Route(f"/{kind}", _endpoint(kind, switch, changed), methods=["GET", "PUT"])
        for kind, switch in switches.items()
    ]
    return Starlette(routes=routes)


def _endpoint(kind: str, switch: Switches, changed: Changed) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def endpoint(request: Request) -> JSONResponse:
        if request.method == "PUT":
            try:
                switch.active = checked(_names(await request.json()), kind)
            except ValueError as wrong:
                return JSONResponse({"error": str(wrong)}, 400)
            await changed()
        return JSONResponse(sorted(switch.active))

    return endpoint


def _names(body: Any) -> list[str]:
    if not isinstance(body, list) or not all(isinstance(name, str) for name in body):
        raise ValueError("the body must be a JSON list of names")
    return body
