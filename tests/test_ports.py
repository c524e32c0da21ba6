"""Ports: what came of each address, and what the tester's own network or machine does to that."""

import errno
import socket
from types import SimpleNamespace
from typing import Any

import pytest

from gate import evidence
from gate.capabilities import boundary_ports
from gate.capabilities.boundary_ports import NOBODY, Ports
from gate.doors.http import Exchange
from gate.doors.ports import Answer, Port, _together, try_port
from gate.errors import Broken, NotProven

GITHUB, HERE = "github.test", "127.0.0.1"
V4, V6 = socket.AF_INET, socket.AF_INET6


@pytest.fixture
def listening():
    """A port that accepts connections."""
    with socket.create_server((HERE, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed():
    """A port that is ours and refuses."""
    with socket.socket() as bound:
        bound.bind((HERE, 0))
        yield bound.getsockname()[1]


def ports(hosts: Any = None, port: int = 443, **more: Any) -> Ports:
    settings = {"GATE_HOSTS": hosts or {}, "GATE_GITHUB_URL": f"https://{GITHUB}", **more}
    target: Any = SimpleNamespace(settings=settings, domain="x.test", port=port)
    return Ports(SimpleNamespace(target=target))  # type: ignore[arg-type]


def test_ports_of_which_nobody_says_where_they_are_are_named():
    judged = ports({("x.test", 443): (HERE, 8443), ("x.test", 6443): (HERE, 6443)})
    judged._tried = [Port(6443, f"{HERE}:6443", Answer.REFUSED), Port(8080, "x.test:8080", Answer.UNREACHABLE)]
    with pytest.raises(NotProven, match=r"8080 of x\.test are, GATE_HOSTS does not say: add x\.test=address"):
        judged.expect_closed()
    assert ports({("x.test", None): (HERE, None)}).unmapped([8080]) == ports().unmapped([8080]) == ""


def test_ports_beyond_the_contract_whose_place_is_not_known_make_the_proof_weaker(closed):
    found = evidence.begin()
    judged = ports({("x.test", 443): (HERE, 8443), ("x.test", 8080): (HERE, closed)})
    judged.try_inner()
    judged.expect_closed()
    assert [port.number for port in judged._tried] == [8080]
    assert len(found.weaker) == 1 and "4180, 5173" in found.weaker[0]


def refusing(number, host, real, within_seconds):
    return Port(number, f"{host}:{real}", Answer.REFUSED)


def test_a_silent_port_is_closed_and_told_to_the_owner(monkeypatch):
    monkeypatch.setattr(boundary_ports, "try_port", refusing)
    judged = ports()
    found = evidence.begin()
    judged._tried = [Port(6443, "x.test:6443", Answer.REFUSED)]
    judged.expect_closed()
    assert found.risks == []
    judged._tried.append(Port(10250, "x.test:10250", Answer.SILENT))
    judged.expect_closed()
    assert len(found.risks) == 1 and "10250" in found.risks[0] and "6443" not in found.risks[0]
    judged._tried.append(Port(5000, "x.test:5000", Answer.OPEN))
    with pytest.raises(AssertionError, match="5000"):
        judged.expect_closed()


@pytest.mark.parametrize(
    ("number", "answer", "raised"),
    [
        (22, Answer.SILENT, NotProven),
        (22, Answer.UNREACHABLE, NotProven),
        (22, Answer.REFUSED, Broken),
        (443, Answer.SILENT, Broken),
    ],
)
def test_a_port_that_is_silent_from_here_may_be_open_to_others(number, answer, raised, listening):
    judged = ports({(GITHUB, 22): (HERE, listening)})
    judged._tried = [Port(80, "x.test:80", Answer.OPEN), Port(number, f"x.test:{number}", answer)]
    with pytest.raises(raised, match=str(number)):
        judged.expect_open()


def test_port_22_that_github_refuses_too_is_refused_by_our_own_network(closed):
    judged = ports({(GITHUB, 22): (HERE, closed)})
    judged._tried = [Port(22, "x.test:22", Answer.REFUSED)]
    with pytest.raises(NotProven, match=f"Your own network rejects port 22, at {GITHUB}"):
        judged.expect_open()
    judged._tried.append(Port(80, "x.test:80", Answer.REFUSED))
    with pytest.raises(Broken, match="is not: 80"):
        judged.expect_open()


def test_where_github_cannot_be_asked_nobody_is_excused():
    judged = ports({(GITHUB, 22): ("no-such-host.invalid", 22)})
    judged._tried = [Port(22, "x.test:22", Answer.REFUSED)]
    with pytest.raises(Broken, match="is not: 22"):
        judged.expect_open()


def test_what_accepts_every_connection_accuses_nobody(monkeypatch):
    def accepting_5000(number, host, real, within_seconds):
        return Port(number, f"{host}:{real}", Answer.OPEN if (host, real) == (NOBODY, 5000) else Answer.SILENT)

    monkeypatch.setattr(boundary_ports, "try_port", accepting_5000)
    judged = ports()
    judged._tried = [Port(5000, "x.test:5000", Answer.OPEN), Port(6443, "x.test:6443", Answer.REFUSED)]
    with pytest.raises(NotProven, match=f"accepts every connection.*{NOBODY}:5000"):
        judged.expect_closed()
    judged._tried.append(Port(5432, "x.test:5432", Answer.OPEN))
    with pytest.raises(Broken, match=r"answers: 5432 \(x.test:5432\): accepts connections\.\n"):
        judged.expect_closed()


def test_a_port_is_tried_where_it_is(listening, closed):
    assert try_port(22, HERE, listening, 2).answer is Answer.OPEN
    assert try_port(22, HERE, closed, 2) == Port(22, f"{HERE}:{closed}", Answer.REFUSED)
    assert try_port(22, "no-such-host.invalid", 22, 2).answer is Answer.UNREACHABLE


@pytest.mark.parametrize(
    ("tries", "answer", "untried"),
    [
        ([(V4, Answer.REFUSED), (V6, Answer.UNREACHABLE)], Answer.REFUSED, 1),
        ([(V6, Answer.UNREACHABLE), (V4, Answer.SILENT)], Answer.SILENT, 1),
        ([(V4, Answer.REFUSED), (V6, Answer.OPEN)], Answer.OPEN, 0),
        ([(V4, Answer.OPEN), (V6, Answer.UNREACHABLE)], Answer.OPEN, 1),
        ([(V4, Answer.UNREACHABLE), (V6, Answer.UNREACHABLE)], Answer.UNREACHABLE, 0),
        # A family that this machine has: one of its addresses was not tried all the same.
        ([(V4, Answer.REFUSED), (V4, Answer.UNREACHABLE)], Answer.UNREACHABLE, 0),
    ],
)
def test_an_address_of_a_family_that_this_machine_lacks_does_not_count(tries, answer, untried):
    families = [family for family, _ in tries]
    found = _together("x.test:22", families, [Port(22, str(n), what) for n, (_, what) in enumerate(tries)])
    assert (found.answer, len(found.untried)) == (answer, untried)


def test_a_machine_without_ipv6_tells_which_address_it_did_not_try(monkeypatch, closed):
    class Lacking(socket.socket):
        def connect(self, place):
            if self.family == V6:
                raise OSError(errno.ENETUNREACH, "Network is unreachable")
            super().connect(place)

    both = [(V6, 1, 6, "", ("2001:db8::1", closed, 0, 0)), (V4, 1, 6, "", (HERE, closed))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    monkeypatch.setattr(socket, "socket", Lacking)
    judged = ports()
    found = evidence.begin()
    judged.try_ports([closed], 2)
    judged.expect_closed()
    assert len(found.weaker) == 1 and "2001:db8::1" in found.weaker[0]


def test_an_edge_at_a_port_of_its_own_is_open_there_and_no_hole(monkeypatch):
    """The edge's port is in nobody's way, and where the others are nobody has said."""
    answers = {8443: Answer.OPEN, 6443: Answer.REFUSED, 22: Answer.OPEN, 80: Answer.REFUSED}
    monkeypatch.setattr(
        boundary_ports, "try_port", lambda number, host, real, _: Port(number, f"{host}:{real}", answers[number])
    )
    found = evidence.begin()
    judged = ports(port=8443, GATE_OPEN_PORTS=[22, 443], GATE_CLOSED_PORTS=[6443, 8443])
    judged.try_closed()
    judged.expect_closed()
    assert "contract 1: 5000, 10250, 10254." in found.weaker[0]
    judged.try_open()
    judged.expect_open()
    assert [one.number for one in judged._tried] == [22, 8443]
    judged._settings["GATE_OPEN_PORTS"].append(80)
    judged.try_open()
    with pytest.raises(NotProven, match="GATE_DOMAIN names port 8443"):
        judged.expect_open()
    answers[8443] = Answer.REFUSED
    judged._settings["GATE_OPEN_PORTS"].remove(80)
    judged.try_open()
    with pytest.raises(Broken, match="8443"):
        judged.expect_open()


@pytest.mark.parametrize(
    ("body", "red"),
    [
        (b'{"code":"unauthorized","message":"missing auth token"}', True),
        (b'<div id="app"></div>', True),
        (b"<h1>another page</h1>", False),
        (None, False),
    ],
)
def test_only_the_platform_itself_is_looked_for_at_another_address(body, red):
    judged: Any = ports({("x.test", 443): ("127.0.0.1", 8443)})
    asked = []

    def raw_to(base, door):
        asked.append(base)
        return SimpleNamespace(ask=ask)

    def ask(ask, server_name, seconds):
        if body is None:
            raise NotProven("nobody")
        return Exchange("GET", asked[-1], 401, (("Content-Type", "text/html"),), body, 0.01)

    judged._target.raw_to = raw_to
    judged._ask_elsewhere({("203.0.113.1", 80): "a", ("2001:db8::1", 443): "b", ("127.0.0.1", 443): "edge"})
    assert asked == ["http://203.0.113.1:80", "https://[2001:db8::1]:443"]
    if red:
        with pytest.raises(Broken, match="past its edge"):
            judged._expect_nothing_elsewhere()
    else:
        judged._expect_nothing_elsewhere()
