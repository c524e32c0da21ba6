"""What every test stands on."""

from __future__ import annotations

import os
import signal

import pytest

from gate import redaction


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
