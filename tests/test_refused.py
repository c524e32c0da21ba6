"""A page that the edge refused for a while is not proven; one that is refused always is the platform's."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from gate.console import refused
from gate.console.log import PageLog
from gate.errors import NotProven

BASE = "https://staging.test"


class Page:
    """A page of a browser, at an edge that answers each look by `served`."""

    def __init__(self, served: Callable[[str], int]) -> None:
        self._served = served

    def goto(self, url: str, **_: Any) -> SimpleNamespace:
        return SimpleNamespace(status=self._served(urlsplit(url).path), body=lambda: b"")

    def evaluate(self, _: str, arguments: list[Any]) -> int:
        return self._served(urlsplit(arguments[0]).path)


class Asked:
    """A request as Playwright tells it."""

    url = f"{BASE}/runs"

    def __init__(self, method: str, document: bool) -> None:
        self.method, self.resource_type = method, "document" if document else "fetch"
        self.is_navigation_request = lambda: document


def answered(method: str, path: str, status: int, kind: str = "text/html", document: bool = True) -> Any:
    request = Asked(method, document)
    headers = {"content-type": kind}
    return SimpleNamespace(request=request, url=BASE + path, status=status, headers=headers)


class Failed:
    """A request whose connection broke off, as Playwright tells it."""

    url = f"{BASE}/src/main.js"

    def __init__(self, failure: str, method: str = "GET", document: bool = False) -> None:
        self.failure, self.method = failure, method
        self.is_navigation_request = lambda: document


def excused(served: Callable[[str], int], *answers: Any, at_edge: bool = True) -> NotProven | None:
    log, page = PageLog("staging.test"), Page(served)
    for answer in answers:
        log._failed(answer) if isinstance(answer, Failed) else log._answered(answer)
    context = SimpleNamespace(new_page=lambda: page)
    window: Any = SimpleNamespace(log=log, page=page, at_edge=at_edge, edge_host="edge.test", context=context)
    return refused.excuse(window)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused, "WITHIN_SECONDS", 0.2)
    monkeypatch.setattr(refused, "gone", lambda window: None)


@pytest.mark.parametrize("document", [True, False])
def test_an_edge_that_works_again_is_staging(document: bool) -> None:
    left = iter([502, 502])
    excuse = excused(lambda path: next(left, 200), answered("GET", "/runs", 502, document=document))
    assert excuse and excuse.category == "staging" and "502 to GET /runs" in str(excuse)


def test_what_is_refused_on_one_path_always_is_the_platforms() -> None:
    answers = [answered("GET", "/", 502), answered("GET", "/users", 502)]
    assert excused(lambda path: 502 if path == "/users" else 200, *answers) is None


@pytest.mark.parametrize(
    "answer",
    [
        answered("GET", "/", 502, "application/json; charset=utf-8"),
        answered("GET", "/", 500),
        answered("POST", "/api/v1/staff/projects", 502, document=False),
        answered("GET", "/oauth2/callback?code=c", 502),
    ],
    ids=["the gateway's own word", "no 502", "a change", "a code that is used up"],
)
def test_what_cannot_be_asked_again_is_the_platforms(answer: Any) -> None:
    assert excused(lambda path: 200, answer) is None


@pytest.mark.parametrize("document", [True, False])
@pytest.mark.parametrize("failure", ["CONNECTION_RESET", "TIMED_OUT", "NETWORK_CHANGED", "HTTP2_PROTOCOL_ERROR"])
def test_a_connection_that_broke_off_is_asked_for_again(failure: str, document: bool) -> None:
    request = Failed(f"net::ERR_{failure}", document=document)
    excuse = excused(lambda path: 200, request)
    assert excuse and f"{failure} to GET /src/main.js" in str(excuse)
    assert excused(lambda path: 502, request) is None


@pytest.mark.parametrize("failure", ["CERT_DATE_INVALID", "BLOCKED_BY_CLIENT", "FAILED", "TOO_MANY_REDIRECTS"])
def test_what_the_browser_refuses_itself_is_the_platforms(failure: str) -> None:
    assert excused(lambda path: 200, Failed(f"net::ERR_{failure}")) is None


def test_a_change_that_broke_off_is_the_platforms() -> None:
    requests = [Failed("net::ERR_CONNECTION_RESET", method=method) for method in ("GET", "POST")]
    assert excused(lambda path: 200, *requests) is None


@pytest.mark.parametrize(("kind", "held"), [("stylesheet", True), ("script", True), ("font", False)])
def test_a_page_that_another_host_keeps_from_being_drawn_is_not_proven(kind: str, held: bool) -> None:
    due = Asked("GET", False)
    due.url, due.resource_type = "https://fonts.test/css", kind
    log = PageLog("staging.test")
    log._asked(due)
    window: Any = SimpleNamespace(log=log, at_edge=True, text=lambda: "")
    excuse = refused.excuse(window)
    assert (excuse is not None and "fonts.test" in str(excuse)) is held
    window.text = lambda: "Runs"
    assert refused.excuse(window) is None


def test_the_way_inside_is_the_gates_own() -> None:
    """A port-forward that stutters is not the platform's, whether the address is served again or not."""
    request = Failed("net::ERR_EMPTY_RESPONSE")
    excuse = excused(lambda path: 502, request, at_edge=False)
    assert excuse and excuse.category == "staging" and "ERR_EMPTY_RESPONSE" in str(excuse)
    assert excused(lambda path: 502, answered("GET", "/runs", 502), at_edge=False) is None


@pytest.mark.parametrize(
    ("url", "at_edge", "excused"),
    [
        ("https://edge.test/api/v1/auth/me", False, True),
        ("https://edge.test/api/v1/auth/me", True, False),
        ("https://edge.test/logo.svg", False, False),
        ("https://elsewhere.test/api/v1/auth/me", False, False),
        (f"{BASE}/api/v1/auth/me", False, False),
    ],
)
def test_a_console_with_the_edges_address_built_in_is_not_proven_inside(
    url: str, at_edge: bool, excused: bool
) -> None:
    log, asked = PageLog("staging.test"), Asked("GET", False)
    asked.url = url
    log._asked(asked)
    window: Any = SimpleNamespace(log=log, at_edge=at_edge, edge_host="edge.test")
    excuse = refused.excuse(window)
    assert (excuse is not None and excuse.category == "staging") is excused
