"""No call to the browser lasts for ever.

Playwright gives many of its calls no time-out: opening a window, a look at a page, closing it wait for as long as
the browser says nothing, and one that stands still says nothing for ever. All calls go through one place, where
each gets an end; after one that came to it nothing more is asked until the browser is started anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import wraps
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any

from gate.errors import NotProven
from gate.language import say

if TYPE_CHECKING:
    from gate.console.window import Window

# Longer than whatever the gate itself gives a call: a page may take 45 s.
LONGEST_CALL_SECONDS = 60.0


class Patience:
    """How long a call may last, and whether one was given up."""

    def __init__(self) -> None:
        self.longest_seconds = LONGEST_CALL_SECONDS
        self.lost = False

    def limit(self) -> None:
        """From now on every call of this process comes to an end."""
        # Playwright has no public place for this; the locked version does, and a test stops a browser.
        from playwright._impl._sync_base import SyncBase

        asked = SyncBase._sync
        if hasattr(asked, "__wrapped__"):
            return

        @wraps(asked)
        def limited(of: Any, call: Awaitable[Any]) -> Any:
            try:
                if self.lost:
                    raise silent()
                return asked(of, self._ended(call))
            finally:
                if iscoroutine(call):
                    call.close()

        SyncBase._sync = limited  # type: ignore[method-assign,assignment]

    async def _ended(self, call: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(self.longest_seconds):
                return await call
        except TimeoutError:
            self.lost = True
            raise silent() from None


def silent() -> NotProven:
    """The browser does not answer, which is no matter of the platform's."""
    return NotProven(
        say(
            "The browser does not answer any more. The next scenario gets a new one.",
            "Браузер больше не отвечает. Следующий сценарий получит новый.",
        ),
        "suite",
    )


def gone(window: Window) -> NotProven | None:
    """Why what went wrong in a window is not the platform's: the browser behind it is not there any more."""
    from playwright.sync_api import Error

    browser = window.context.browser
    try:
        if browser and not window.log.crashed:
            asked = browser.new_browser_cdp_session()
            asked.send("Browser.getVersion")
            asked.detach()
            return None
    except NotProven as reason:
        return reason
    except Error:
        pass
    return NotProven(say("The browser went away.", "Браузер закрылся."), "suite")


PATIENCE = Patience()
