"""What the edge leaves unanswered for a moment is asked once more; what changes something is never sent twice."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gate import evidence
from gate.doors import again, raw
from gate.doors.http import Http
from gate.doors.raw import Ask, Raw
from gate.errors import Broken, NotProven
from gate.language import ensure

# What becomes of a request: a status, or 0 where the connection is cut.
Fates = list[int]


class Edge(ThreadingHTTPServer):
    """Answers each request by the next fate, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        self.fates: Fates = [200]
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    """One request after the other on a connection."""

    protocol_version = "HTTP/1.1"
    kind = "text/html"

    def do_GET(self) -> None:
        """By the next fate."""
        edge: Any = self.server
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        edge.asked.append(self.command)
        status = edge.fates.pop(0) if len(edge.fates) > 1 else edge.fates[0]
        self.close_connection = not status
        if status:
            self.send_response(status)
            self.send_header("Content-Type", self.kind)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Edge]:
    monkeypatch.setattr(again, "AGAIN_AFTER_SECONDS", 0.01)
    evidence.begin()
    made = Edge()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def judged(url: str, method: str = "GET") -> None:
    """A check that wants 200 and tells what it got."""
    answer = Http(url, "edge", {}, None, 5).request(method, "/api")
    ensure(answer.status == 200, f"Wanted 200.\n{answer.told()}", "")


def judged_raw(url: str, method: str = "GET") -> None:
    answer = Raw(url, "edge", {}, None, 5).ask(Ask(method, "/a/../api"))
    ensure(answer.status == 200, f"Wanted 200.\n{answer.told()}", "")


def excused(check: Callable[..., None], *arguments: Any) -> NotProven | None:
    """What becomes of a check that breaks."""
    with pytest.raises(Broken) as broken:
        check(*arguments)
    return again.excuse(broken.value)


@pytest.mark.parametrize(
    ("check", "fates"),
    # A kept door asks once more by itself where the connection is cut, so it takes two to be no answer.
    [(judged, [502, 200]), (judged, [0, 0, 200]), (judged_raw, [503, 200]), (judged_raw, [0, 200])],
)
def test_what_is_answered_again_is_staging(edge: Edge, check: Callable[..., None], fates: Fates) -> None:
    edge.fates = [*fates]
    excuse = excused(check, edge.url)
    assert excuse and excuse.category == "staging"


@pytest.mark.parametrize("check", [judged, judged_raw])
@pytest.mark.parametrize("fate", [0, 502])
def test_what_is_lost_always_is_the_platforms(edge: Edge, check: Callable[..., None], fate: int) -> None:
    edge.fates = [fate]
    assert excused(check, edge.url) is None


@pytest.mark.parametrize("check", [judged, judged_raw])
@pytest.mark.parametrize("fates", [[502, 200], [0, 200]])
def test_a_change_is_never_sent_twice(edge: Edge, check: Callable[..., None], fates: Fates) -> None:
    edge.fates = [*fates]
    assert excused(check, edge.url, "POST") is None
    assert edge.asked == ["POST"]


def test_a_change_that_was_never_sent_is_no_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "AGAIN_AFTER_SECONDS", 0.01)
    evidence.begin()
    away = Edge()
    url, place = away.url, away.server_address
    away.server_close()

    def check(comes_back: bool) -> None:
        try:
            judged(url, "POST")
        finally:
            if comes_back:
                away.socket = socket.create_server(place[:2], reuse_port=False)
                threading.Thread(target=away.serve_forever, daemon=True).start()

    assert excused(check, False) is None
    excuse = excused(check, True)
    assert excuse and excuse.category == "staging"
    assert {*away.asked} == {"GET"}
    away.shutdown()
    away.server_close()


def test_what_changes_and_is_odd_may_be_the_cause(edge: Edge) -> None:
    Raw(edge.url, "edge", {}, None, 5).ask(Ask("POST", "/api", body=b"odd"))
    edge.fates = [502, 200]
    assert excused(judged, edge.url) is None


def test_the_gateways_own_word_is_no_loss(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "kind", "application/json")
    edge.fates = [502, 200]
    assert excused(judged, edge.url) is None


def test_what_broke_for_another_reason_is_no_loss(edge: Edge) -> None:
    edge.fates = [502, 200]
    Http(edge.url, "edge", {}, None, 5).request("GET", "/api")
    assert again.excuse(Broken("Two runs were made of one delivery.")) is None


def test_an_idle_connection_is_not_used_again(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    door, ask = Raw(edge.url, "edge", {}, None, 5), Ask("GET", "/api")
    door.ask(ask)
    kept = door._kept
    door.ask(ask)
    assert door._kept is kept
    monkeypatch.setattr(raw, "IDLE_SECONDS", 0.0)
    door.ask(ask)
    assert door._kept is not kept


def test_a_change_has_a_connection_of_its_own(edge: Edge) -> None:
    """One that the other side has closed meanwhile would have it sent twice."""
    door = Raw(edge.url, "edge", {}, None, 5)
    door.ask(Ask("GET", "/api"))
    edge.fates = [0, 200]
    with pytest.raises(Broken):
        door.ask(Ask("POST", "/api"))
    assert edge.asked == ["GET", "POST"]


def inside(url: str, method: str) -> None:
    Http(url, "gateway", {}, None, 5).request(method, "/api", body=b"{}" if method == "POST" else None)


def inside_raw(url: str, method: str) -> None:
    Raw(url, "gateway", {}, None, 5).ask(Ask(method, "/api", body=b"{}" if method == "POST" else b""))


@pytest.mark.parametrize("check", [inside, inside_raw])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("of_api", "of_health", "error"),
    [
        ([0], [200], Broken),  # it hangs up on this, and answers others
        ([0], [0], NotProven),  # the way there is cut
        ([0, 0, 200], [200], NotProven),  # a moment; one cut is mended by a kept door itself
    ],
)
def test_silence_inside_is_the_platforms_where_others_are_answered(
    edge: Edge,
    monkeypatch: pytest.MonkeyPatch,
    check: Callable[..., None],
    method: str,
    of_api: Fates,
    of_health: Fates,
    error: type[Exception],
) -> None:
    of_api, told = [*of_api], Answering.do_GET

    def answer(handler: Answering) -> None:
        edge.fates = of_health if handler.path == again.HEALTH else of_api
        told(handler)

    monkeypatch.setattr(Answering, "do_GET", answer)
    monkeypatch.setattr(Answering, "do_POST", answer)
    if len(of_api) > 1 and (check is inside_raw or method == "POST"):
        of_api.pop(0)
    with pytest.raises(error):
        check(edge.url, method)


@pytest.mark.parametrize(("reads", "error"), [(True, Broken), (False, NotProven)])
def test_a_body_that_breaks_off_on_its_way_is_not_judged(
    edge: Edge, monkeypatch: pytest.MonkeyPatch, reads: bool, error: type[Exception]
) -> None:
    """Who hangs up before it was written whole may have answered, and the answer is lost with the connection."""

    def hang_up(handler: Answering) -> None:
        if reads:
            handler.rfile.read(int(handler.headers["Content-Length"]))
        handler.close_connection = True

    monkeypatch.setattr(Answering, "do_POST", hang_up)
    with pytest.raises(error):
        Raw(edge.url, "gateway", {}, None, 5).ask(Ask("POST", "/api", body=b"x" * 25_000_000))
