"""A browser that was killed, or stands still, ends a scenario without a verdict, and never the run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from gate.console.engine import Engine
from gate.console.patience import LONGEST_CALL_SECONDS, PATIENCE
from gate.console.refused import excuse
from gate.console.window import ACT_SECONDS, PAGE_SECONDS, Window
from gate.errors import NotProven
from gate.settings import Settings
from gate.target import Target

HERE = "data:text/html,<h2>here</h2>"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(PATIENCE, "longest_seconds", 2.0)
    made = Engine(Target(Settings({"GATE_DOMAIN": "staging.example"})))
    yield made
    made.close()
    assert not _browsers()


def _browsers(name: str = "chrom") -> list[psutil.Process]:
    found = psutil.Process(os.getpid()).children(recursive=True)
    return [one for one in found if name in one.name()]


def _window(engine: Engine) -> Window:
    window = Window(engine.context("en"), "https://staging.example")
    window.page.goto(HERE)
    return window


@pytest.mark.parametrize("name", ["chrom", "node"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_browser_that_is_gone_is_not_the_platforms_fault(engine: Engine, name: str, how: signal.Signals) -> None:
    window = _window(engine)
    assert excuse(window) is None
    for process in _browsers(name):
        process.send_signal(how)
    with pytest.raises(NotProven) as told:
        window.view()
    assert told.value.category == "suite"
    excused = excuse(window)
    assert excused and excused.category == "suite"
    window.close()
    assert _window(engine).view().headings == ("here",)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_so_is_one_that_goes_before_a_window_opens(engine: Engine, how: signal.Signals) -> None:
    engine.start()
    for process in _browsers():
        process.send_signal(how)
    try:
        _window(engine)
    except NotProven as told:
        assert told.category == "suite"
    assert _window(engine).view().headings == ("here",)


def test_no_call_that_has_a_time_out_of_its_own_is_ended_before_it() -> None:
    assert max(PAGE_SECONDS, ACT_SECONDS) < LONGEST_CALL_SECONDS


@pytest.mark.parametrize(
    ("script", "category", "told"),
    [
        ("kill -9 $$", "suite", "ended while it started: .* signal=SIGKILL"),
        (
            "echo error while loading shared libraries: libx.so >&2; exit 127",
            "not-configured",
            r"Install .* libx\.so",
        ),
    ],
)
def test_a_browser_that_does_not_come_up(script: str, category: str, told: str, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\n{script}\n")
    browser.chmod(0o755)
    made = Engine(Target(Settings({"GATE_DOMAIN": "staging.example", "GATE_BROWSER": str(browser)})))
    with pytest.raises(NotProven, match=told) as reason:
        made.start()
    made.close()
    assert reason.value.category == category
