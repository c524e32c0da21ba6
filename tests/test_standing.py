"""What is down turns its own lines red and keeps the others from being judged; what works again is judged."""

from __future__ import annotations

import pytest

from gate import standing
from gate.errors import NotProven
from gate.language import Text, speak
from gate.standing import OWNERS, Standing

SOMEBODY = ("s1.p0.4.1",)


class Edge:
    """An edge that works or not; how often it was looked at."""

    def __init__(self, trouble: str = "") -> None:
        self.trouble = trouble
        self.looks = 0

    def look(self) -> str:
        self.looks += 1
        return self.trouble


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    speak("en")
    monkeypatch.setattr(standing, "EDGE_BACK_WITHIN_SECONDS", 0.0)


def test_an_edge_that_works_is_looked_at_once() -> None:
    edge = Edge()
    known = Standing(edge.look)
    for _ in range(3):
        known.begin(SOMEBODY)
        known.require("edge")
    assert edge.looks == 1


def test_an_edge_that_is_down_is_a_reason_for_all_but_its_own_lines() -> None:
    known = Standing(Edge("GET /x -> 502").look)
    known.begin(SOMEBODY)
    for _ in range(2):
        with pytest.raises(NotProven, match=r"see s1\.pre\.2, s1\.p0\.1\.1.*GET /x -> 502"):
            known.require("edge")
    known.begin(("s1.p0.1.1",))
    known.require("edge")


def test_after_a_failure_it_is_asked_again_and_may_stand_again() -> None:
    edge = Edge()
    known = Standing(edge.look)
    known.begin(SOMEBODY)
    known.require("edge")
    edge.trouble = "nobody answers"
    known.require("edge")
    known.doubt()
    with pytest.raises(NotProven):
        known.require("edge")
    edge.trouble = ""
    known.doubt()
    known.require("edge")


def test_outside_of_scenarios_nothing_is_held_back() -> None:
    edge = Edge("down")
    Standing(edge.look).require("edge")
    assert edge.looks == 0


def test_a_deployment_that_works_again_is_no_reason_any_more() -> None:
    known = Standing(Edge().look)
    known.begin(SOMEBODY)
    known.fell("codex-k8s-worker", Text("no pod", "нет пода"))
    with pytest.raises(NotProven, match="no pod"):
        known.require("codex-k8s-worker")
    known.stands("codex-k8s-worker")
    known.require("codex-k8s-worker")


def test_who_judges_a_thing_is_a_line_of_the_document() -> None:
    from gate.document import load_document

    known = {line.id for line in load_document().lines}
    assert all(set(lines) <= known for lines in OWNERS.values())
