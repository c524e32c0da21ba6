"""Answers to a page that come late: held back in the browser until they are let through."""

from __future__ import annotations

import math
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from gate.console.log import UNREAD_SECONDS
from gate.console.window import PAGE_SECONDS, QUIET_SECONDS
from gate.errors import Broken, NotProven
from gate.language import Text, say
from gate.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Request, Response, Route

    from gate.console.window import Window


class Held:
    """All that a window asks for at a path and below it."""

    def __init__(self, window: Window, path: str) -> None:
        self._window = window
        self._path = path
        self._routes: list[Route] = []
        # When each is over. One that is answered and not read has no end of its own: a guard against late answers
        # may look at nothing but who asked.
        self._over: dict[Request, float] = {}
        self._released = False
        held = re.compile(rf"{re.escape(path)}(?:[/?]|$)")
        # A page that is open meanwhile does not wait for what another asked.
        window.log.held = held
        window.page.route(held, self._hold)
        window.page.on("response", self._answered)
        window.page.on("requestfinished", self._ended)
        window.page.on("requestfailed", self._ended)

    def _hold(self, route: Route) -> None:
        if self._released:
            return route.fallback()
        return self._routes.append(route)

    def _heard(self) -> bool:
        """Nothing of what a page asks is heard of but while the browser is asked for something."""
        return bool(self._window.view())

    def _answered(self, response: Response) -> None:
        self._over.setdefault(response.request, time.monotonic() + UNREAD_SECONDS)

    def _ended(self, request: Request) -> None:
        self._over[request] = time.monotonic()

    def _waiting(self) -> list[str]:
        now = time.monotonic()
        asked = [route.request for route in self._routes]
        return [request.url for request in asked if self._over.get(request, math.inf) > now]

    def expect_asked(self) -> None:
        """The window asks for it; `NotProven` where it needs none of it."""
        try:
            until(
                lambda: self._heard() and len(self._routes),
                bool,
                what=Text(f"a question for {self._path}", f"запрос к {self._path}"),
                within=QUIET_SECONDS,
            )
        except Broken:
            told = say(f"The console asks nothing of {self._path}.", f"Консоль не обращается к {self._path}.")
            raise NotProven(told, "staging") from None

    def release(self) -> None:
        """Let it through, and wait until the window has it; what it does not wait for any more is gone."""
        from playwright.sync_api import Error

        self._released = True
        self._window.log.held = None
        for route in self._routes:
            with suppress(Error):
                route.fallback()
        until(
            lambda: self._heard() and self._waiting(),
            lambda waiting: not waiting,
            what=Text(f"the answers from {self._path}", f"ответы от {self._path}"),
            within=PAGE_SECONDS,
        )
