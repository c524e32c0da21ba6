"""What every test stands on."""

from __future__ import annotations

import os
import signal


def pytest_sessionstart() -> None:
    """One language; and Ctrl-C must reach the runs that tests start, which a run in the background ignores."""
    # What commands say in the language of the locale, they say in English here.
    os.environ["LC_ALL"] = "C.UTF-8"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
