"""A browser elsewhere (GATE_BROWSER_WS): told in a sentence when it is away, refused when it knows other hosts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gate.console.engine import Engine
from gate.errors import NotProven
from gate.settings import Settings
from gate.target import Target

HOSTS = "staging.example:443=192.0.2.7:8443"
RULES = "MAP staging.example:443 192.0.2.7:8443"


def engine(**settings: str) -> Engine:
    given = {"GATE_DOMAIN": "staging.example", "GATE_BROWSER_WS": "ws://127.0.0.1:9/x", **settings}
    return Engine(Target(Settings(given)))


def test_a_browser_that_is_away_is_told_in_a_sentence() -> None:
    away = engine()
    with pytest.raises(NotProven, match=r"GATE_BROWSER_WS cannot be reached: BrowserType.connect"):
        away.start()
    away.close()


@pytest.mark.parametrize("told", ["chromium --headless", f"chromium --host-resolver-rules={RULES}"])
def test_a_browser_that_knows_other_hosts_is_refused(told: str) -> None:
    made: Any = engine(GATE_HOSTS=HOSTS)
    session = SimpleNamespace(send=lambda _: {"commandLine": told})
    made._browser = SimpleNamespace(new_browser_cdp_session=lambda: session, close=lambda: None)
    if RULES in told:
        made._refuse_other_hosts()
        return
    with pytest.raises(NotProven, match="does not know GATE_HOSTS"):
        made._refuse_other_hosts()
