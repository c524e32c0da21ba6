"""What every test stands on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gate import redaction

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from gate.console.console import Console


def pytest_sessionstart() -> None:
    """One language; and Ctrl-C must reach the runs that tests start, which a run in the background ignores."""
    # What commands say in the language of the locale, they say in English here.
    os.environ["LC_ALL"] = "C.UTF-8"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test announces as secret, or as none, is forgotten after it."""
    for name in ("_known", "_secret", "_in_force"):
        monkeypatch.setattr(redaction, name, getattr(redaction, name))


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    """A real browser's context that knows nobody."""
    from playwright.sync_api import sync_playwright

    from gate.console.naming import teach
    from gate.provide import browser_flags, browser_path

    with sync_playwright() as playwright:
        teach(playwright)
        browser = playwright.chromium.launch(executable_path=browser_path(), args=browser_flags())
        yield browser.new_context()
        browser.close()


@pytest.fixture
def console(context: BrowserContext) -> Iterator[Console]:
    """A console whose pages are what the test makes of them."""
    from gate.console.console import Console
    from gate.console.window import Window

    window = Window(context, "http://staging.test")
    yield Console(window, "en")
    window.page.close()
