"""Where a healthy build, staging or machine may be otherwise than ours: it is right, its neighbour is red."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gate import evidence, redaction
from gate.capabilities import preconditions
from gate.capabilities.console_visits import _names
from gate.capabilities.homeless_run import HomelessRun
from gate.capabilities.learning_shown import _in_order
from gate.capabilities.preconditions import Encryption
from gate.capabilities.run_on_record import same_moment
from gate.capabilities.token_leaks import TokenLeaks
from gate.capabilities.told_runs import _may_be_readers
from gate.console.view import Item
from gate.doors.http import Exchange
from gate.doors.raw import Ask, Raw
from gate.doors.records import Event
from gate.doors.staff import ZERO_TIME
from gate.doors.webhook import Webhook, sign
from gate.errors import Broken, NotProven

NOW = datetime.now(UTC)
RUN = "00000000-0000-4000-8000-000000000001"


def event(number: int, kind: str) -> Event:
    return Event(number, "gate-1", kind, {}, NOW + timedelta(seconds=number))


def world(**target: Any) -> Any:
    return SimpleNamespace(target=SimpleNamespace(**target))


@pytest.mark.parametrize(
    ("shown", "fits"),
    [("received started ended", True), ("ended started received", True), ("started ended received", False)],
)
def test_events_are_shown_by_time_from_either_end(shown: str, fits: bool) -> None:
    stored = [event(1, "received"), event(2, "started"), event(3, "ended")]
    assert [
        one.event_type for one in _in_order([Item((kind, "more"), "", "") for kind in shown.split()], stored)
    ] == (shown.split() if fits else [])


@pytest.mark.parametrize(
    ("secret", "told", "found"),
    [
        # A word of the refusal's own.
        ("webhook", "invalid webhook signature", ""),
        ("a-secret-of-its-own", "invalid webhook signature", ""),
        ("a-secret-of-its-own", "wanted a-secret-of-its-own", "webhook secret"),
        ("webhook", "wanted {right}", "right signature"),
        ("a-secret-of-its-own", "wanted {right}", "right signature"),
        ("a-secret-of-its-own", "wanted {base64}", "right signature"),
    ],
)
def test_a_webhook_secret_that_is_a_word_is_not_looked_for(
    secret: str, told: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is hidden stays so: other tests know no such secret.
    for kept in ("_known", "_secret", "_in_force"):
        monkeypatch.setattr(redaction, kept, getattr(redaction, kept))
    noted = evidence.begin()
    right = sign(secret, b"{}")
    base64 = b64encode(bytes.fromhex(right.removeprefix("sha256="))).decode()
    body = told.format(right=right, base64=base64).encode()
    answer = Exchange("POST", "https://x.test/", 401, (), body, 0.01, sent_body=b"{}")
    assert found in Webhook(cast(Any, None), cast(Any, None), secret).told_by(answer)
    assert bool(noted.weaker) == (secret == "webhook")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("qa@corp.io", True),
        ("Signed in as QA@corp.io.", True),
        ("qa@corp.io@qa", True),
        ("member.qa@corp.io", False),
        ("xqa@corp.io", False),
        ("qa@corp.io.example", False),
    ],
)
def test_an_address_is_not_a_part_of_another(text: str, named: bool) -> None:
    assert _names(("codex-k8s", text), "qa@corp.io") is named


@pytest.mark.parametrize(("word", "fits"), [
    ("read", True), ("Reader", True), ("Read only", True), ("Viewer", True), ("Читатель", True), ("", False),
    ("-", False), ("read_write", False), ("Admin", False),
])  # fmt: skip
def test_a_readers_role_may_be_told_in_any_word_but_anothers(word: str, fits: bool) -> None:
    assert _may_be_readers(word) is fits


@pytest.mark.parametrize(("token", "looked_for"), [("test", False), ("ghp_0123456789abcdef", True)])
def test_a_token_that_is_a_word_is_not_looked_for(token: str, looked_for: bool) -> None:
    noted = evidence.begin()
    leaks = TokenLeaks(cast(Any, SimpleNamespace(database=SimpleNamespace(value=lambda _: 0))), token)
    page: Any = SimpleNamespace(window=SimpleNamespace(text=lambda: f"this is a {token} page"))
    if looked_for:
        with pytest.raises(Broken):
            leaks.look_in_text(page)
    else:
        leaks.look_in_text(page)
    assert bool(noted.weaker) != looked_for


@pytest.mark.parametrize(
    ("told", "right"), [(None, True), ("", True), (ZERO_TIME, True), ("2026-02-09T10:00:00Z", False)]
)
def test_no_time_may_be_told_as_the_zero_of_a_server_in_go(told: str | None, right: bool) -> None:
    assert same_moment(told, None) is right and not same_moment(told, NOW)
    ended = {"id": RUN, "correlation_id": "gate-1", "status": "canceled"}
    run = SimpleNamespace(**ended, started_at=None, finished_at=NOW)
    told_of = ended | {"started_at": told, "finished_at": NOW.isoformat()}
    answer = Exchange("GET", "https://x.test/", 200, (), json.dumps(told_of).encode(), 0.01)
    homeless: Any = HomelessRun(world(database=SimpleNamespace(run=lambda _: run)))
    homeless._run_id, homeless._answers, homeless._listed = RUN, [answer], [{"id": RUN}]
    if right:
        homeless.expect_told()
    else:
        with pytest.raises(Broken):
            homeless.expect_told()


@pytest.mark.parametrize(("accepted", "red"), [({"TLSv1_3"}, False), ({"TLSv1_3", "TLSv1_1"}, True)])
def test_a_version_that_this_machine_cannot_offer_hides_no_other(
    accepted: set[str], red: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer_to(version: ssl.TLSVersion) -> str:
        if version is ssl.TLSVersion.TLSv1:
            raise NotProven("This machine cannot offer TLSv1.", "suite")
        return "accepted" if version.name in accepted else "refused"

    monkeypatch.setattr(preconditions, "can_offer", lambda version: version is not ssl.TLSVersion.TLSv1)
    encryption: Any = Encryption(world(settings={}))
    encryption.__dict__["_tls"] = SimpleNamespace(answer_to=answer_to)
    noted = evidence.begin()
    encryption.offer_versions()
    assert len(noted.weaker) == 1
    if red:
        with pytest.raises(Broken, match="TLSv1_1"):
            encryption.expect_new_versions_only()
    else:
        encryption.expect_new_versions_only()


def answering(said: bytes) -> tuple[socket.socket, int]:
    """Somebody who answers each connection with these bytes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                connection.sendall(said)

    threading.Thread(target=serve, daemon=True).start()
    return listener, listener.getsockname()[1]


# What OpenSSL says to a name that it does not serve: a fatal alert, "unrecognized name".
NO_SUCH_NAME = b"\x15\x03\x03\x00\x02\x02\x70"


@pytest.mark.parametrize(
    ("said", "server_name", "raised"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", None, NotProven),
        # Who hangs up does not answer.
        (b"", None, Broken),
        # Asked for another name, a handshake that is refused is an answer.
        (NO_SUCH_NAME, "other.test", Broken),
    ],
)
def test_an_edge_without_tls_is_judged_by_the_precondition(
    said: bytes, server_name: str | None, raised: type[Exception]
) -> None:
    listener, port = answering(said)
    with listener, pytest.raises(raised):
        Raw(f"https://127.0.0.1:{port}", "edge", {}, None, 5).ask(Ask("GET", "/"), server_name=server_name)
