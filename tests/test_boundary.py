"""The judgements at the boundary, and the raw door's promise to send what it was given."""

import base64
import json
import re
import socket
import threading
import time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from gate import evidence
from gate.capabilities.boundary import Probe, Seen
from gate.capabilities.boundary_claims import CLAIMS
from gate.capabilities.boundary_exposure import Exposure
from gate.capabilities.boundary_identity import Identity
from gate.capabilities.boundary_ports import _is_ours, _is_private
from gate.capabilities.boundary_rules import _is_public
from gate.capabilities.boundary_session import FORGERIES, _asked_with
from gate.capabilities.boundary_tokens import CREDENTIALS, Who
from gate.capabilities.boundary_verdict import (
    browser_host,
    gives_away,
    not_closed,
    not_empty_refusal,
    shows_inside,
    shows_page,
    tidies,
)
from gate.capabilities.boundary_visitor import Visitor, _way_in_page, clears_everywhere, is_cleared, session_of
from gate.capabilities.webhook import WebhookReceiver
from gate.doors.http import Exchange
from gate.doors.outward import _patterns
from gate.doors.raw import Ask, Raw
from gate.doors.records import User
from gate.errors import Broken, NotProven

HERE = "https://staging.example.org"
GITHUB = {"github.com"}
JSON = (("Accept", "application/json"),)


def answer(status, body=b"", sent=JSON, **headers):
    lines = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange("GET", f"{HERE}/api/v1/staff/users", status, lines, body, 0.01, sent_headers=sent)


@pytest.mark.parametrize(
    "location",
    ["//evil.example", "/\\evil.example", "/\t/evil.example", "\\\\evil.example", "https:evil.example",
     "///evil.example", "https://staging.example.org@evil.example", " //evil.example", "/\r\n/evil.example"],
)  # fmt: skip
def test_what_a_browser_reads_as_another_host(location):
    assert browser_host(location, HERE) == "evil.example"


@pytest.mark.parametrize(
    "location", ["/runs", "runs", "", "/ /evil.example", "?next=//evil.example", "/#//evil.example"]
)
def test_what_a_browser_reads_as_this_host(location):
    assert browser_host(location, HERE + "/") == "staging.example.org"


def test_closed_for_an_api_client_is_401_only():
    assert not not_closed(answer(401, b"{}"), GITHUB)
    for status in (200, 302, 403, 404, 500):
        assert not_closed(answer(status), GITHUB)


def test_closed_for_a_browser_is_a_page_or_the_way_to_sign_in():
    page = (("Accept", "text/html"),)
    assert not not_closed(answer(403, b"<html>Sign in</html>", page), GITHUB)
    assert not not_closed(answer(302, b"", page, location="/oauth2/start?rd=/"), GITHUB)
    assert not not_closed(answer(302, b"", page, location="https://github.com/login/oauth/authorize?x=1"), GITHUB)
    assert not_closed(answer(302, b"", page, location="https://evil.example/"), GITHUB)
    assert not_closed(answer(302, b"", page, location="/runs"), GITHUB)
    assert not_closed(answer(403, b'<script type="module" src="/assets/x.js">', page), GITHUB)


@pytest.mark.parametrize(
    "body",
    [b'{"items":[]}', b'{"user":{"email":"a@b"}}', b'<div id="app"></div>',
     b"export default 'root:x:0:0:root:/root'",
     b"data:image/svg+xml,root%3Ax%3A0%3A0", b'import "/@vite/client"'],
)  # fmt: skip
def test_what_gives_something_away(body):
    assert gives_away(answer(200, body))


@pytest.mark.parametrize(
    ("message", "what"),
    [
        ("sql: no rows in result set", "SQL"),
        ("runtime error: invalid memory address or nil pointer dereference", "a stack trace"),
        ("interface conversion: interface {} is nil, not string", "a stack trace"),
        ("failed to connect to `user=codex database=codex`: connection refused", "an address inside"),
        ("dial tcp 10.43.0.7:5432: connect: connection refused", "an address inside"),
        ("run is not known", ""),
    ],
)
def test_what_an_error_tells_of_the_inside(message, what):
    body = json.dumps({"code": "internal", "message": message}).encode()
    assert shows_inside(answer(500, body)) == (f"it shows {what}" if what else "")


@pytest.mark.parametrize(("status", "shown"), [(200, True), (401, True), (403, True), (400, False), (404, False)])
def test_data_beside_a_refusal_is_given_away(status, shown):
    assert bool(gives_away(answer(status, b'{"code":"forbidden","items":[]}'))) is shown
    assert not gives_away(answer(status, b'{"code":"forbidden","message":"email is not allowed"}'))


APP = b'<div id="app"></div>'


@pytest.mark.parametrize(
    ("seen", "ours"),
    [
        (answer(404), False),
        (answer(200, b'{"items": []}'), False),
        (answer(200, APP + b"another team's"), False),
        (answer(302, location="https://github.com/login/oauth/authorize?client_id=another"), False),
        (answer(401, b'{"message": "missing auth token"}'), True),
        (answer(200, b'{"items": [{"is_platform_admin": true}]}'), True),
        (answer(200, APP), True),
        (answer(302, location="https://github.com/login/oauth/authorize?client_id=gate"), True),
    ],
)
def test_whose_a_subdomain_is(seen, ours):
    world: Any = SimpleNamespace(target=None, mark="gate-0a1b2c-1")
    exposure: Any = Exposure(world)
    exposure.session = lambda _: SimpleNamespace(cookies={})
    sign_in = answer(302, location="https://github.com/login/oauth/authorize?client_id=gate")
    exposure.ask = lambda ask, cookies=None: answer(200, APP) if ask.target == "/" else sign_in
    assert bool(exposure._why_ours(seen)) is ours


def test_a_sign_in_page_that_repeats_the_address_gives_nothing_away():
    page = (
        b'<form action="/oauth2/start"><input type="hidden" name="rd" value="/@vite/client?/src/main.ts"></form>'
    )
    assert not gives_away(answer(403, page))


def test_the_apps_own_page_is_told_from_its_modules():
    app = b'<div id="app"></div><script type="module" src="/src/main.ts"></script>'
    assert shows_page(answer(200, app, content_type="text/html; charset=utf-8"))
    assert not shows_page(answer(200, b'import "/@vite/client"', content_type="text/javascript"))
    assert not shows_page(answer(200, b"<h1>403 Restricted</h1>", content_type="text/html"))


def test_a_page_of_githubs_may_lead_back():
    back = "https://staging.example.org/oauth2/callback?code=a&state=b"
    page = f'<meta http-equiv="refresh" content="0; url={back.replace("&", "&amp;")}">'
    assert _way_in_page(page, "staging.example.org") == back
    assert _way_in_page(page, "other.example.org") == ""


def test_the_apis_own_refusal_is_empty():
    assert not not_empty_refusal(answer(404))
    assert not not_empty_refusal(answer(405))
    assert not_empty_refusal(answer(404, b"<html>"))
    assert not_empty_refusal(answer(401, b"{}"))


def test_a_tidy_redirect_stays_here():
    assert tidies(answer(301, location="/api/v1/staff/users"))
    assert not tidies(answer(301, location="//evil.example/"))


@pytest.mark.parametrize("forge", FORGERIES.values())
def test_every_forgery_differs_from_the_cookie(forge):
    honest = {"_oauth2_proxy": "Y29udGVudC1vZi1hLXNlc3Npb24=|1700000000|c2lnbmF0dXJlLW9mLWl0"}
    forged = forge(honest["_oauth2_proxy"])
    assert forged != honest
    assert session_of(forged) != honest["_oauth2_proxy"]


def test_copies_of_a_long_cookie_are_sent_one_by_one():
    """A header line of nginx ends at 8 kB."""
    value = "|".join(("c" * 3500, "1700000000", "c2lnbmF0dXJlLW9mLWl0"))
    sent = {name: _asked_with(forge(value)) for name, forge in FORGERIES.items()}
    assert len(sent["another name"]) == 3 and len(sent["its pieces changed and split in two"]) == 1
    assert all(sum(map(len, cookies.values())) < 4000 for asks in sent.values() for cookies in asks)


def test_which_cookie_lines_clear():
    assert is_cleared("_oauth2_proxy=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
    assert is_cleared("x=y; Max-Age=0")
    assert is_cleared("x=deleted; Path=/; Expires=Mon, 09 Feb 2026 10:00:00 GMT")
    assert not is_cleared("x=y; Path=/; Expires=Thu, 01 Jan 2099 00:00:00 GMT; Secure")
    assert clears_everywhere("x=; path=/; Max-Age=0")
    assert not clears_everywhere("x=; Path=/api; Max-Age=0")
    assert not clears_everywhere("x=; Max-Age=0")
    assert not clears_everywhere("x=y; Path=/")


@pytest.mark.parametrize(
    ("given", "cleared", "left"),
    [
        ("x=y; Path=/", "x=; Path=/; Max-Age=0", False),
        ("x=y; Path=/", "x=; Path=/; Domain=staging.test; Max-Age=0", True),
        ("x=y; Path=/; Domain=.staging.test", "x=; Path=/; Domain=staging.test; Max-Age=0", False),
        ("x=y; Path=/; Domain=staging.test", "x=; Path=/; Max-Age=0", True),
    ],
)
def test_a_cookie_is_cleared_for_the_site_that_it_was_given_for(given, cleared, left):
    target = SimpleNamespace(
        settings={"GATE_GITHUB_URL": "https://github.test"}, raw_to=lambda *_: SimpleNamespace(host="github.test")
    )
    visitor = Visitor(target)  # type: ignore[arg-type]
    visitor.keep([given])
    visitor.keep([cleared])
    assert bool(visitor.cookies) is left


def test_addresses_inside_are_told_from_those_outside():
    assert _is_private("10.0.0.5") and _is_private("127.0.0.1") and _is_private("fe80::1%eth0")
    assert not _is_private("8.8.8.8")
    assert _is_ours("127.0.0.1") and not _is_ours("8.8.8.8")


@pytest.fixture
def echo():
    """A server that answers each connection once, and keeps what it was sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard = []

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1], heard
    listener.close()


@pytest.mark.parametrize(
    "target",
    ["/a/../b", "/a/%2e%2e/b", "/a/.%2e/b", "//a//b", "/a/x%23/../b", "/a\\..\\b", "/a/%252e%252e/b", "/a/..;/b",
     "/a/..%2f/b", "/a#/b", "http://other.example/b"],
)  # fmt: skip
def test_a_target_leaves_as_written(echo, target):
    port, heard = echo
    door = Raw(f"http://name.example:{port}", "edge", {("name.example", port): ("127.0.0.1", port)}, None, 5)
    lines = (("x_odd", "1"), ("X-Odd", "2"), ("X-Odd", "3"), ("Accept", "ёж"))
    exchange = door.ask(Ask("GET", target, lines))
    assert exchange.status == 200
    assert (
        heard[0]
        == (
            f"GET {target} HTTP/1.1\r\nHost: name.example:{port}\r\nUser-Agent: codex-k8s-gate\r\n"
            "x_odd: 1\r\nX-Odd: 2\r\nX-Odd: 3\r\nAccept: ёж\r\n\r\n"
        ).encode()
    )


def world(**target: Any) -> Any:
    return SimpleNamespace(target=SimpleNamespace(**target), mark="gate-0a1b2c-1")


def test_a_delivery_that_github_would_not_wait_for_is_no_good_answer():
    receiver = WebhookReceiver(world())
    delivery_id = receiver.delivery.id
    body = {"correlation_id": delivery_id, "run_id": str(uuid4()), "status": "accepted", "duplicate": False}
    for seconds, fine in ((9.0, True), (11.0, False)):
        headers = (("Content-Type", "application/json"),)
        receiver.answers = [Exchange("POST", f"{HERE}/", 202, headers, json.dumps(body).encode(), seconds)]
        if fine:
            receiver.expect_accepted()
        else:
            with pytest.raises(AssertionError, match=r"GitHub (waits|ждёт)"):
                receiver.expect_accepted()


@pytest.mark.parametrize(
    ("pattern", "public"),
    [
        ("^/api/v1/webhooks/.*", True),
        ("POST=^/api/v1/webhooks/github$", True),
        ("^/api/v1/webhooks/(github|gitlab)$", True),
        ("^(/api/v1/webhooks/.*)$", True),
        ("^/api/v1/webhooks/.*|^/health", False),
        ("^/api/v1/(webhooks|staff)/.*", False),
        ("GET=^/public/.*", False),
        (".*", False),
    ],
)
def test_which_patterns_let_nothing_pass_but_the_webhook_path(pattern, public):
    assert _is_public(pattern) == public


def test_the_proxys_patterns_are_read_in_every_spelling():
    container = SimpleNamespace(
        command=["/bin/oauth2-proxy", "--skip-auth-route", "^/a"],
        args=["--skip-auth-regex=^/b", "--skip_auth_routes=^/c", "--upstream=http://x"],
        env=[SimpleNamespace(name="OAUTH2_PROXY_SKIP_AUTH_ROUTES", value="^/d,^/e")],
    )
    assert list(_patterns(container)) == ["^/a", "^/b", "^/c", "^/d", "^/e"]


def user(email: str, admin: bool = False, owner: bool = False) -> User:
    return User(uuid4(), email, None, admin, owner)


@pytest.mark.parametrize(
    ("users", "claimed"),
    [
        ([user("a@x.test", admin=True), user("new@x.test", owner=True)], "new@x.test"),
        ([user("a@x.test", admin=True), user("max@x.test")], "a@x.test"),
        ([user("a@x.test", admin=True), user("gone@x.test", admin=True)], "gone@x.test"),
        ([user("max@x.test")], None),
    ],
)
def test_nobody_claims_to_be_somebody_whom_the_platform_does_not_know(users, claimed):
    target = {"settings": {"GATE_ADMIN_EMAIL": ""}, "fact": lambda name, optional: "gone@x.test"}
    identity: Any = Identity(world(**target, database=SimpleNamespace(users=lambda: users)))
    identity._told_to_admin = list
    identity._person = SimpleNamespace(email="max@x.test", login="max")
    if claimed:
        assert identity.owner.email == claimed
    else:
        with pytest.raises(NotProven):
            _ = identity.owner


@pytest.mark.parametrize(
    ("lines", "red"),
    [
        ((("X-Forwarded-Email", "olga@x.test"),), True),
        ((("x-auth-request-user", "olga"),), True),
        ((("X-Forwarded-Email", "max@x.test,olga@x.test"),), False),
        ((("X-Forwarded-Email", "max@x.test"), ("X-Forwarded-Email", "olga@x.test")), False),
    ],
)
def test_who_is_allowed_is_refused_as_somebody_else_only_by_what_they_sent(lines, red):
    identity: Any = Identity(world())
    identity._person = SimpleNamespace(email="max@x.test", login="max")
    identity.owner = Who("olga@x.test", "olga")
    identity._claim = CLAIMS["X-Forwarded-Email"]
    body = b'{"code":"forbidden","message":"email is not allowed"}'
    identity._me = [Seen(Probe("claim", Ask("GET", "/api/v1/auth/me", (*JSON, *lines))), answer(403, body))]
    found = evidence.begin()
    if red:
        with pytest.raises(Broken, match="somebody else"):
            identity.expect_still_self()
    else:
        identity.expect_still_self()
    assert len(found.risks) == (not red)


@pytest.mark.parametrize(
    ("became", "admin", "sentence"),
    [
        (
            "olga.owner@x.test",
            True,
            "With one header, max.member@x.test became olga.owner@x.test, a platform admin.",
        ),
        ("olga.owner@x.test", False, "With one header, max.member@x.test became olga.owner@x.test."),
        (
            "max.member@x.test",
            True,
            "With one header, max.member@x.test became a platform admin.",
        ),
    ],
)
def test_whoever_becomes_somebody_else_by_a_header_is_told_as_that(became, admin, sentence):
    world: Any = SimpleNamespace(target=None)
    identity: Any = Identity(world)
    identity._person = SimpleNamespace(email="max.member@x.test", login="max")
    body = json.dumps({"user": {"email": became, "github_login": "max", "is_platform_admin": admin}}).encode()
    ask = Ask("GET", "/api/v1/auth/me", (*JSON, ("X-Forwarded-Email", "olga.owner@x.test")))
    identity._me = [Seen(Probe("X-Forwarded-Email", ask), answer(200, body, content_type="application/json"))]
    with pytest.raises(Broken) as broken:
        identity.expect_still_self()
    assert str(broken.value).splitlines()[0] == sentence


def test_a_token_that_nobody_issued_names_its_person_in_every_way():
    shown = [lines[0] for lines in CREDENTIALS["a token without a signature"](Who("olga@x.test", "olga", "7f3a"))]
    assert {name for name, _ in shown} == {"Cookie", "Authorization"}
    parts = [re.split(r"[= ]", value, maxsplit=1)[1].split(".") for _, value in shown]
    read = [[json.loads(base64.urlsafe_b64decode(part + "==")) for part in token[:2]] for token in parts]
    assert {header["alg"] for header, _ in read} == {"none", "None", "NONE"}
    assert {claims["sub"] for _, claims in read} == {"olga@x.test", "7f3a"}
    assert all(claims["nbf"] < time.time() < claims["exp"] for _, claims in read)
    assert not any(signature for *_, signature in parts)


def test_that_expiry_alone_cannot_be_tried_is_told():
    found = evidence.begin()
    assert CREDENTIALS["a token that has expired"](Who("olga@x.test", "olga"))
    assert len(found.risks) == 1
