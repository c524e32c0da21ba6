"""A page that the edge refused for a while: not the platform's fault, when the same address is served soon after.

The same holds where the connection broke off; inside, the way is the gate's own in any case, and no way for a
console that has the edge's address built in. Nor is anything that goes wrong in a window whose browser is gone.

An ingress that is reloaded answers 502 for seconds, to whatever is asked meanwhile. So what was refused is asked
for again, as it was; what is refused still, or cannot be asked twice, stays the failure that it is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gate.console.log import HOLDING
from gate.console.patience import gone
from gate.doors import trail
from gate.errors import Broken, NotProven
from gate.language import Text, say
from gate.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from gate.console.log import Refused
    from gate.console.window import Window

WITHIN_SECONDS = 15.0
LOOK_SECONDS = 5.0
# What GitHub hands over there is used up by whoever is asked first.
USED_UP = "/oauth2/callback"
FETCH = """
([url, ms]) => fetch(url, {cache: 'no-store', redirect: 'manual', signal: AbortSignal.timeout(ms)}).then(
  answer => answer.text().then(() => answer.status))
"""


def excuse(window: Window) -> NotProven | None:
    """Why a failure in this window is not the platform's; None when it may be."""
    if lost := gone(window):
        return lost
    if host := _holding(window):
        return NotProven(
            say(
                f"The page waits for {host}, which does not answer this machine.",
                f"Страница ждёт {host}, а он этой машине не отвечает.",
            ),
            "staging",
        )
    if not window.at_edge and window.edge_host in window.log.apis:
        return NotProven(
            say(
                f"The console asks {window.edge_host} for its API wherever it is opened; the gate's own way to "
                "the gateway is another host, and there the browser may not let it.",
                f"Консоль обращается за API к {window.edge_host}, где бы её ни открыли; собственный путь гейта к "
                "шлюзу — другой хост, и там браузер ей этого не позволяет.",
            ),
            "staging",
        )
    refused = tuple(window.log.refused)
    broken_off = [one.answer for one in refused if one.answer.startswith("net::")]
    if broken_off and not window.at_edge:
        return NotProven(
            say(
                f"On the gate's own way to the gateway a connection broke off: {broken_off[0]}.",
                f"На собственном пути гейта к шлюзу оборвалось соединение: {broken_off[0]}.",
            ),
            "staging",
        )
    if not refused or any(one.method != "GET" or urlsplit(one.url).path == USED_UP for one in refused):
        return None
    try:
        page = _aside(window)
        until(
            lambda: _still(window, page, refused),
            lambda still: not still,
            what=Text("the edge serves what it refused", "край отдаёт то, в чём отказал"),
            within=WITHIN_SECONDS,
        )
    except Broken:
        return None
    seconds, asked = time.monotonic() - refused[0].at, trail.template(refused[0].url)
    return NotProven(
        say(
            f"The edge answered {refused[0].answer} to GET {asked}; after {seconds:.0f} s it worked.",
            f"Край ответил {refused[0].answer} на GET {asked}; через {seconds:.0f} с заработал.",
        ),
        "staging",
    )


def _holding(window: Window) -> str:
    """Another host, for whose answer a page waits that has drawn nothing yet; "" without one."""
    host = next((host for kind, host in window.log.strangers_due if kind in HOLDING), "")
    with suppress(Broken):
        return host if host and not window.text().strip() else ""
    return ""


def _aside(window: Window) -> Page:
    """A page of its own, closed with the window: the failed one stands as it is, for the evidence."""
    from playwright.sync_api import Error

    try:
        return window.context.new_page()
    except Error as failure:
        raise Broken(type(failure).__name__) from None


def _still(window: Window, page: Page, refused: Sequence[Refused]) -> str:
    """What is refused now, or why it could not be asked for; "" when all of it is served."""
    from playwright.sync_api import Error

    try:
        return next((seen for one in refused if (seen := _asked_again(window, page, one))), "")
    except Error as failure:
        return type(failure).__name__


def _asked_again(window: Window, page: Page, one: Refused) -> str:
    if one.document:
        answer = page.goto(one.url, wait_until="commit", timeout=LOOK_SECONDS * 1000)
        status = answer.status if answer else 0
        if answer and status < 300:
            answer.body()  # one that is cut off breaks here
    else:
        status = int(window.page.evaluate(FETCH, [one.url, LOOK_SECONDS * 1000]))
    return f"{trail.template(one.url)} -> {status}" if status >= 500 else ""
