"""The way back from GitHub to the staging, caught before the browser goes it: it opens a session only once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gate.console.window import Window

CALLBACK = "/oauth2/callback"


class WayBack:
    """Holds up the window's requests for the staging's callback, and keeps the address of the first one.

    By the browser's own means: a route of Playwright is not asked about what another answer redirects to.
    """

    def __init__(self, window: Window) -> None:
        self.address = ""
        self._wire = window.context.new_cdp_session(window.page)
        self._wire.on("Fetch.requestPaused", self._hold)
        self._wire.send("Fetch.enable", {"patterns": [{"urlPattern": f"https://{window.host}{CALLBACK}*"}]})

    def _hold(self, paused: dict[str, Any]) -> None:
        from playwright.sync_api import Error

        self.address = self.address or str(paused["request"]["url"])
        with suppress(Error):  # the window may be closed meanwhile
            self._wire.send("Fetch.failRequest", {"requestId": paused["requestId"], "errorReason": "Aborted"})
