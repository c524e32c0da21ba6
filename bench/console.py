"""A page of the console: through the gate, and by the bare protocol."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.measure import Series
from bench.protocol import Protocol
from gate.console.browser import Browser
from gate.console.engine import LOCALE_COOKIE, TIME_ZONE, WINDOW
from gate.console.view import LOOK
from gate.settings import load
from gate.target import Target
from proof.staging import Staging

ROUNDS = 15
PERSON = "admin"


def measured() -> tuple[Series, Series]:
    """Seconds of the protocol and of the gate, in turns: open Projects, see it whole, read its rows, close."""
    bare, ours = Series(mebibytes=[0.0]), Series(mebibytes=[0.0])
    with local_target() as target:
        target.people.session(PERSON)
        protocol = _protocol(target)
        try:
            for number in range(ROUNDS + 2):
                for series, act in (
                    (bare, lambda: _by_protocol(protocol, target)),
                    (ours, lambda: _by_gate(target)),
                ):
                    seconds = _timed(act)
                    if number > 1:
                        series.seconds.append(seconds)
        finally:
            protocol.close()
    return bare, ours


def _by_gate(target: Target) -> int:
    browser = Browser(target)
    console = browser.open(PERSON, "en")
    page = console.visit(console.projects)
    console.expect_named(target.people.session(PERSON).email)
    rows = page.rows()
    page.expect_sound()
    browser.close()
    return len(rows)


def _by_protocol(protocol: Protocol, target: Target) -> int:
    """The same as it would be written for this page alone."""
    state = target.people.session(PERSON).state or {}
    context = protocol.call("Target.createBrowserContext")["browserContextId"]
    width, height = WINDOW["width"], WINDOW["height"]
    place = protocol.call(
        "Target.createTarget", url="about:blank", browserContextId=context, width=width, height=height
    )
    page = protocol.call("Target.attachToTarget", targetId=place["targetId"], flatten=True)["sessionId"]
    for domain in ("Page", "Network", "Runtime", "Log"):
        protocol.call(f"{domain}.enable", page)
    protocol.call("Emulation.setTimezoneOverride", page, timezoneId=TIME_ZONE)
    cookies = [
        {key: one[key] for key in ("name", "value", "domain", "path", "secure")} for one in state["cookies"]
    ]
    locale = {"name": LOCALE_COOKIE, "value": "en", "url": f"{target.url}/"}
    protocol.call("Network.setCookies", page, cookies=[*cookies, locale])
    protocol.waiting.clear()
    protocol.call("Page.navigate", page, url=f"{target.url}/")
    while not protocol.look(page, "!!document.querySelector('table td')") or protocol.waiting:
        time.sleep(0.002)
    seen = protocol.look(page, f"({LOOK})([])")
    protocol.call("Target.disposeBrowserContext", browserContextId=context)
    return len(seen["tables"][0]["rows"])


def _timed(act: Callable[[], int]) -> float:
    began = time.perf_counter()
    if not act():
        raise SystemExit("The page shows no rows.")
    return time.perf_counter() - began


def _protocol(target: Target) -> Protocol:
    engine = target.engine
    engine.start()
    return Protocol(engine._executable(headed=False) or "chromium", engine._arguments())


@contextmanager
def local_target() -> Iterator[Target]:
    """A local staging as the gate has it in its hands."""
    staging = Staging()
    target = Target(load(staging.settings))
    try:
        yield target
    finally:
        target.clean_up()
        target.close()
        staging.stop()
