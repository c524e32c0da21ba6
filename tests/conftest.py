"""What every test stands on."""

from __future__ import annotations

import signal


def pytest_sessionstart() -> None:
    """Ctrl-C must reach the runs that tests start, also where they run in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
