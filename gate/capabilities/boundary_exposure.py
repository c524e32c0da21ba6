"""What else could be seen from outside: other names on the address, health pages, errors that tell too much."""

from __future__ import annotations

import json
import secrets
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

from gate import evidence
from gate.capabilities.boundary import (
    JSON,
    PAGE,
    PROJECTS,
    USERS,
    WEBHOOK,
    Boundary,
    Probe,
    Seen,
    unsigned_delivery,
)
from gate.capabilities.boundary_verdict import (
    browser_host,
    gives_away,
    not_closed,
    shows_console,
    shows_inside,
)
from gate.capabilities.boundary_visitor import Visitor
from gate.doors.http import Exchange, mapped
from gate.doors.raw import Ask, Lines
from gate.doors.staff import STAFF
from gate.errors import Broken, NotProven
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.world import World

# A name that no ingress has a rule for.
OTHER_NAME = "gate-probe.invalid"
MISDIRECTED = (404, 421)
SIGN_IN = "/oauth2/start"
# What the list of users tells, and how the gateway itself refuses it to who shows no token (contract 2).
OWN_WORDS = ('"is_platform_admin"', "missing auth token")
TOO_LONG_BYTES = 20_000


class Exposure(Boundary):
    """Other ways to the same address, and what errors tell."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._below: list[Seen] = []
        self._echo = f"{world.mark}-echo"

    # --- other names (E26)

    def ask_under_other_names(self) -> None:
        """The staging's address, asked for other hosts: its number, inner names, nonsense, a subdomain."""
        address = mapped(self._target.settings["GATE_HOSTS"], self._target.domain, self._target.port)[0]
        others = {_number(address), "codex-k8s", "localhost", OTHER_NAME} - {self._target.domain}
        for host in sorted(others):
            ask = Ask("GET", USERS, (JSON,), host=host)
            self.seen.append(Seen(Probe(f"Host: {host}", ask), self._target.raw.ask(ask)))
        below = f"gate-probe.{self._target.domain}"
        for path, accept in ((USERS, JSON), ("/", PAGE), (SIGN_IN, PAGE)):
            ask = Ask("GET", path, (accept,), host=below)
            self._below.append(Seen(Probe(f"Host: {below} {path}", ask), self._target.raw.ask(ask)))

    def ask_with_other_tls_name(self) -> None:
        """The staging's address with another name in TLS, for that host and for the right one."""
        for host in (OTHER_NAME, self._target.raw.host):
            ask = Ask("GET", USERS, (JSON,), host=host)
            name = f"SNI {OTHER_NAME}, Host: {host}"
            try:
                self.seen.append(Seen(Probe(name, ask), self._target.raw.ask(ask, server_name=OTHER_NAME)))
            except Broken as refused:
                # An edge that ends the handshake for a name it does not serve is as closed as can be.
                evidence.note(f"{name}: {refused}")

    def expect_no_platform(self) -> None:
        """404 of the default backend (or 421), nothing of the platform.

        A rule for *.<domain> may be another team's, which probe E26 does not forbid: whatever serves a subdomain
        must not be the platform, whose host is the domain itself (contract 1).
        """
        self.expect_status(*MISDIRECTED)
        self.seen = self._below
        self.expect(self._why_ours, "A subdomain leads to the platform.", "Поддомен ведёт на платформу.")

    def _why_ours(self, exchange: Exchange) -> str:
        """By what an answer is known as this platform's; others have sign-ins, lists and pages of their own."""
        client = _client(exchange)
        if client and client == _client(self.ask(Ask("GET", SIGN_IN, (PAGE,)))):
            return say("it is the platform's sign-in", "это вход на платформу")
        if any(word in exchange.text for word in OWN_WORDS):
            return say("the platform's API answers", "отвечает API платформы")
        if not shows_console(exchange):
            return ""
        own = self.ask(Ask("GET", "/", (PAGE,)), self.session("admin").cookies)
        return say("it shows the console", "в ответе страница консоли") if exchange.body == own.body else ""

    def expect_no_platform_or_closed(self) -> None:
        """For a mixed-up name in TLS: the default backend, a closed door, or no handshake at all."""

        def judge(exchange: Exchange) -> str:
            if exchange.status in MISDIRECTED:
                return gives_away(exchange)
            return not_closed(exchange, self._sign_in_hosts())

        if self.seen:
            self.expect(
                judge,
                "With another name in TLS the platform opens.",
                "С чужим именем в TLS платформа открывается.",
            )

    def ask_in_clear(self) -> None:
        """The staff API over plain http."""
        door = self._target.raw_to(self._target.plain_url(), "edge")
        ask = Ask("GET", USERS, (JSON,))
        self.seen.append(Seen(Probe("http", ask), door.ask(ask)))

    def expect_sent_to_https(self) -> None:
        """A redirect to https on the same host, nothing else."""

        def judge(exchange: Exchange) -> str:
            location = exchange.header("location")
            same = browser_host(location, exchange.url) == self._target.domain
            fine = 300 < exchange.status < 400 and urlsplit(location).scheme == "https" and same
            wrong = say(f"answered {exchange.status}", f"ответ {exchange.status}")
            return "" if fine else gives_away(exchange) or wrong

        self.expect(judge, "Plain http is not just sent to https.", "http не просто отправляет на https.")

    # --- health from inside (E24's twin)

    def ask_health_inside(self) -> None:
        """The health pages at the gateway itself."""
        for path, word in (("/healthz", b"alive"), ("/readyz", b"ok")):
            exchange = self._target.raw_gateway.ask(Ask("GET", path, (("Accept", "*/*"),)))
            ensure(
                exchange.status == 200 and word in exchange.body,
                f"The gateway itself does not tell its health.\n{exchange.told()}",
                f"Сам шлюз не сообщает о своём здоровье.\n{exchange.told()}",
            )

    def ask_edge_health(self) -> None:
        """The edge's own `/ping`, which needs no session."""
        exchange = self.ask(Ask("GET", "/ping", (("Accept", "*/*"),)))
        ensure(
            exchange.status == 200,
            f"/ping of the edge does not answer 200.\n{exchange.told()}",
            f"/ping на входе не отвечает 200.\n{exchange.told()}",
        )

    # --- errors (E27)

    def provoke_errors(self) -> None:
        """An error of every door: sign-in, callback, webhook, unknown route, with marked headers to be echoed."""
        marked: Lines = (("X-Gate-Echo", self._echo), ("Authorization", f"Bearer {self._echo}"))
        unsigned = unsigned_delivery(self._world.mark)
        signed_badly = (*unsigned.lines, ("X-Hub-Signature-256", "sha256=" + "0" * 64))
        asks = [
            Ask("GET", "/", (PAGE,)),
            Ask("GET", USERS, (JSON,)),
            Ask("GET", "/oauth2/callback?code=gate&state=gate", (PAGE,)),
            Ask("GET", "/oauth2/callback?error=access_denied", (PAGE,)),
            Ask("GET", "/api/v1/webhooks/none", (JSON,)),
            Ask("POST", WEBHOOK, unsigned.lines[:2], b"{}"),
            Ask("POST", WEBHOOK, unsigned.lines, b"{}"),
            Ask("POST", WEBHOOK, signed_badly, b"{"),
            Ask("GET", "/api/v1/webhooks/%ff%fe", (JSON,)),
        ]
        self._provoke([Ask(ask.method, ask.target, (*ask.lines, *marked), ask.body) for ask in asks])
        self._fail_sign_in(marked)

    def _fail_sign_in(self, marked: Lines) -> None:
        """A sign-in of this very browser, with a code that GitHub does not take."""
        visitor = Visitor(self._target)
        query = parse_qs(urlsplit(visitor.start().header("location")).query)
        state = quote(query.get("state", [""])[0], safe="")
        target = f"/oauth2/callback?code=gate-probe&state={state}"
        self.seen.append(Seen(Probe("/oauth2/callback", Ask("GET", target)), visitor.get(target, *marked)))

    def provoke_errors_as(self, person: str) -> None:
        """Errors behind the sign-in: wrong arguments, unknown ids and routes, things not allowed."""
        marked: Lines = (("X-Gate-Echo", self._echo),)
        unknown = "00000000-0000-0000-0000-000000000000"
        project, run = f"projects/{unknown}", f"runs/{unknown}"
        targets = (
            *("projects?limit=none", "projects?limit=0'", "projects/not-an-id", "users"),
            *(project, f"{project}/members", f"{project}/repositories"),
            *("runs/not-an-id", run, f"{run}/events", f"{run}/learning-feedback", "no-such-route"),
        )
        paths = [f"{STAFF}/{target}" for target in targets]
        asks = [Ask("GET", path, (JSON, *marked)) for path in (*paths, "/api/v1/none")]
        broken = Ask("POST", "/api/v1/staff/projects", (JSON, ("Content-Type", "application/json"), *marked), b"{")
        self._provoke([*asks, broken], person)

    def provoke_write_errors(self) -> None:
        """Writes of a platform admin that no database takes: unknown people and projects, letters that are none.

        What is taken all the same carries the mark, or is of a project of this scenario.
        """
        world, unknown = self._world, str(uuid4())
        project, mark = world.projects.make(), f"{world.mark}-write"
        world.add_cleanup(self._remove_written, mark)
        members = f"{PROJECTS}/{project}/members"
        attached = {"provider": "github", "owner": mark, "name": mark, "token": mark, "services_yaml_path": mark}
        # More than an index takes, and nothing that could be packed.
        too_long = f"{mark}-{secrets.token_hex(TOO_LONG_BYTES // 2)}"
        writes: tuple[tuple[str, str, Any], ...] = (
            ("POST", members, {"user_id": unknown, "role": "read"}),
            ("POST", members, {"user_id": mark, "role": "read"}),
            ("PUT", f"{members}/{unknown}/learning-mode", {"enabled": True}),
            ("PUT", f"{members}/{mark}/learning-mode", {"enabled": True}),
            ("DELETE", f"{members}/{unknown}", None),
            ("DELETE", f"{members}/{mark}", None),
            ("DELETE", f"{USERS}/{mark}", None),
            ("DELETE", f"{USERS}/{unknown}", None),
            ("POST", PROJECTS, {"slug": f"{mark}\0", "name": mark}),
            ("POST", PROJECTS, {"slug": mark, "name": f"{mark}\0"}),
            ("POST", PROJECTS, {"slug": too_long, "name": mark}),
            ("POST", USERS, {"email": f"{mark}\0@gate.test", "is_platform_admin": False}),
            ("POST", f"{PROJECTS}/{unknown}/repositories", attached),
            ("POST", f"{PROJECTS}/{mark}/repositories", attached),
            ("DELETE", f"{PROJECTS}/{project}/repositories/{mark}", None),
        )
        lines: Lines = (JSON, ("Content-Type", "application/json"), ("X-Gate-Echo", self._echo))
        self._provoke(
            [
                Ask(method, path, lines, json.dumps(body).encode() if body else b"")
                for method, path, body in writes
            ],
            "admin",
        )

    def _remove_written(self, mark: str) -> None:
        database = self._target.database
        database.execute("DELETE FROM projects WHERE slug LIKE %s", f"{mark}%")
        database.execute("DELETE FROM users WHERE email::text LIKE %s", f"{mark}%")

    def _provoke(self, asks: list[Ask], person: str = "") -> None:
        self.send([Probe(f"{ask.method} {ask.target}", ask) for ask in asks], person)

    def expect_errors_that_tell_nothing(self) -> None:
        """They are errors, and none shows a stack, SQL, a secret or the request's own headers."""
        if not any(seen.exchange.status >= 400 for seen in self.seen):
            raise NotProven(say("No error could be provoked.", "Ни одной ошибки вызвать не удалось."), "staging")
        self.expect(self._tells_too_much, "An error tells too much.", "Ошибка рассказывает лишнее.")

    def _tells_too_much(self, exchange: Exchange) -> str:
        if exchange.status < 400:
            return ""
        if self._echo in exchange.text:
            return say("it echoes the request's headers", "в ней повторены заголовки запроса")
        return shows_inside(exchange)


def _client(exchange: Exchange) -> str:
    """The application for which a redirect asks GitHub to sign somebody in, or ""."""
    return parse_qs(urlsplit(exchange.header("location")).query).get("client_id", [""])[0]


def _number(address: str) -> str:
    """The address in numbers, as somebody would type it who scans the net."""
    try:
        return socket.gethostbyname(address)
    except OSError:
        return address
