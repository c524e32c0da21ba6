"""Answers that are held back: when the window has them, and who waits for them meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from gate.console.held import Held
from gate.console.log import PageLog
from gate.errors import Broken

PATH = "/api/v1/staff/runs/1"


class Page:
    """A page that asks for two things of the first run, the second of them late."""

    def __init__(self) -> None:
        self.heard: dict[str, Callable[[Any], object]] = {}
        self.asked: list[Any] = []
        self.hold: Callable[[Any], object] = print

    def route(self, _: Any, hold: Callable[[Any], object]) -> None:
        """Have what is asked go through somebody's hands."""
        self.hold = hold

    def on(self, event: str, hear: Callable[[Any], object]) -> None:
        """Have somebody hear what happens."""
        self.heard[event] = hear

    def ask(self, log: PageLog, path: str) -> Any:
        """Ask for it, as Playwright tells: the question first, then its way."""
        request = SimpleNamespace(url=f"https://staging.test{path}", method="GET", resource_type="fetch")
        asked = type("Request", (), vars(request))()
        log._asked(asked)
        self.hold(SimpleNamespace(request=asked, fallback=lambda: None))
        return asked


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> tuple[Page, PageLog, Held]:
    monkeypatch.setattr("gate.console.held.UNREAD_SECONDS", 0.05)
    monkeypatch.setattr("gate.console.held.PAGE_SECONDS", 0.15)
    page, log = Page(), PageLog("staging.test")
    window: Any = SimpleNamespace(page=page, log=log, view=lambda: "seen")
    return page, log, Held(window, PATH)


def test_nobody_waits_for_what_is_held_back(held: tuple[Page, PageLog, Held]) -> None:
    page, log, _ = held
    page.ask(log, PATH)
    log.start_over()
    page.ask(log, f"{PATH}/events")
    assert not log.waiting_for
    log._asked(type("Request", (), {"url": "/api/v1/staff/runs/2", "method": "GET", "resource_type": "fetch"})())
    assert len(log.waiting_for) == 1


@pytest.mark.parametrize(("event", "over"), [("response", True), ("requestfinished", True), ("", False)])
def test_an_answer_that_nobody_reads_is_there_all_the_same(
    held: tuple[Page, PageLog, Held], event: str, over: bool
) -> None:
    page, log, answers = held
    asked = page.ask(log, PATH)
    answers.expect_asked()
    if event:
        page.heard[event](SimpleNamespace(request=asked) if event == "response" else asked)
    if over:
        answers.release()
    else:
        with pytest.raises(Broken):
            answers.release()
