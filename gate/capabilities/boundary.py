"""Probes at the boundary: requests sent exactly as written, their answers, and the judgement over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gate import evidence
from gate.capabilities.boundary_verdict import (
    NOT_THERE,
    Judge,
    gives_away,
    not_closed,
    not_empty_refusal,
    not_one_of,
    shows_console,
    shows_file,
    shows_page,
    tidies,
)
from gate.doors.http import Exchange
from gate.doors.raw import Ask, Lines
from gate.errors import Broken, NotProven
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.people import Session
    from gate.world import World

JSON: tuple[str, str] = ("Accept", "application/json")
PAGE: tuple[str, str] = ("Accept", "text/html,application/xhtml+xml")
ME = "/api/v1/auth/me"
USERS = "/api/v1/staff/users"
PROJECTS = "/api/v1/staff/projects"
WEBHOOK = "/api/v1/webhooks/github"
# Enough to see what happened; a table of forty would hide it.
MOST_TOLD = 3
# A path that is tidied more often than this goes round in circles.
MOST_HOPS = 3


@dataclass(frozen=True)
class Probe:
    """One request and the name under which it is told."""

    name: str
    ask: Ask


@dataclass(frozen=True)
class Seen:
    """A probe and what came of it."""

    probe: Probe
    exchange: Exchange


def cookie_line(cookies: Mapping[str, str]) -> Lines:
    """The one Cookie line of a browser with these cookies."""
    return (("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())),) if cookies else ()


def told(seen: Iterable[tuple[Seen, str]]) -> str:
    """The probes that went wrong, each with its reason, and the exchanges of the first ones."""
    wrong = list(seen)
    lines = [f"- {one.probe.name}: {reason}" for one, reason in wrong]
    return "\n".join([*lines, *(one.exchange.told() for one, _ in wrong[:MOST_TOLD])])


class Boundary:
    """What one scenario sends to the boundary, and what comes back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self.seen: list[Seen] = []

    # --- acts

    def send(self, probes: Iterable[Probe], person: str = "") -> None:
        """Send the probes one after the other, with the session of a person or with none."""
        cookies = self.session(person).cookies if person else {}
        for probe in probes:
            self.seen.append(Seen(probe, self.ask(probe.ask, cookies)))

    def ask(self, ask: Ask, cookies: Mapping[str, str] | None = None) -> Exchange:
        """Send one request as written, with these cookies."""
        lines = (*ask.lines, *cookie_line(cookies or {}))
        return self._target.raw.ask(Ask(ask.method, ask.target, lines, ask.body, ask.host))

    def session(self, person: str) -> Session:
        """The session of a person, signed in once in a run."""
        return self._target.people.session(person)

    # --- checks

    def expect(self, judge: Judge, en: str, ru: str) -> None:
        """Every answer passes the judge; else the sentence, and which request did not, and why."""
        if not self.seen:
            raise NotProven(say("Nothing was sent.", "Ничего не отправлено."), "suite")
        wrong = [(one, reason) for one in self.seen if (reason := judge(one.exchange))]
        if wrong:
            count = f"({len(wrong)}/{len(self.seen)}: {wrong[0][0].probe.name})"
            raise Broken(f"{say(en, ru)} {count}\n{told(wrong)}")

    def expect_closed(self) -> None:
        """Every request was stopped at the sign-in."""
        self.expect(
            self.why_open,
            "A request without a session got past the sign-in.",
            "Запрос без входа прошёл мимо страницы входа.",
        )

    def expect_closed_or_malformed(self) -> None:
        """Every request was stopped at the sign-in, refused for its spelling, or sent to a closed tidy one."""
        self.expect(
            self._why_not_malformed,
            "An odd spelling of a path got past the sign-in.",
            "Необычное написание пути прошло мимо страницы входа.",
        )

    def expect_empty_refusal(self) -> None:
        """Every request got the API's own 404 or 405 with an empty body."""
        self.expect(
            not_empty_refusal,
            "Beside the one webhook route, something answers on the public path.",
            "На публичном пути отвечает что-то кроме единственного маршрута вебхука.",
        )

    def expect_status(self, *statuses: int) -> None:
        """Every answer has one of these statuses and gives nothing away."""
        self.expect(not_one_of(*statuses), "An answer is not as it must be.", "Ответ не такой, как должен быть.")

    def expect_no_file(self, person: str, *statuses: int) -> None:
        """Refused with one of these, or given the console's own page, or sent to a tidy path: no file is there."""
        refused, cookies = not_one_of(*statuses), self.session(person).cookies

        def judge(exchange: Exchange) -> str:
            if not tidies(exchange):
                # What it does not have, a dev server answers with the app's own page, as it does for every route.
                own = exchange.status == 200 and shows_page(exchange) and not shows_file(exchange)
                return "" if own else refused(exchange)
            after = self.ask(Ask("GET", urlsplit(exchange.header("location")).path, (("Accept", "*/*"),)), cookies)
            return say("it shows a file of the server", "в ответе файл сервера") if shows_file(after) else ""

        self.expect(judge, "A file of the server can be read.", "Файлы сервера можно прочитать.")

    def expect_users_open_to_admin(self) -> None:
        """The positive twin: the same address, asked by an admin, gives the list."""
        exchange = self.ask(Ask("GET", f"{USERS}?limit=1", (JSON,)), self.session("admin").cookies)
        ensure(
            exchange.status == 200 and exchange.items(),
            f"Even an admin's session does not open the list, so the refusals prove nothing.\n{exchange.told()}",
            f"Список не открывается и администратору, поэтому отказы ничего не доказывают.\n{exchange.told()}",
        )

    def expect_console_open_to(self, person: str) -> None:
        """The positive twin: with a session the same host shows the console."""
        exchange = self.ask(Ask("GET", "/", (PAGE,)), self.session(person).cookies)
        ensure(
            exchange.status == 200 and shows_console(exchange),
            f"Even with a session the console does not open, so the refusals prove nothing.\n{exchange.told()}",
            f"Консоль не открывается и после входа, поэтому отказы ничего не доказывают.\n{exchange.told()}",
        )

    def expect_webhook_reached(self) -> None:
        """The positive twin: an unsigned delivery is answered by the platform itself, not by the sign-in.

        That it is refused is for line s1.p0.1.2 to say: were it taken, it would be the platform's answer as well.
        """
        exchange = self.ask(unsigned_delivery(self._world.mark))
        parsed = exchange.parsed()
        answer = parsed if isinstance(parsed, dict) else {}
        message = str(answer.get("message", ""))
        ensure(
            (exchange.status == 401 and message == "missing webhook signature") or "run_id" in answer,
            f"An unsigned delivery to the public path got {exchange.status} “{message}”, not the platform's 401 "
            f"“missing webhook signature”.\n{exchange.told()}",
            f"Доставка без подписи на публичный путь получила {exchange.status} «{message}», а не ответ самой "
            f"платформы: 401 «missing webhook signature».\n{exchange.told()}",
        )

    # --- the method in a header (E13)

    def override_method(self, person: str) -> None:
        """Ask for the projects, plainly and with headers that would make a DELETE of it."""
        target = f"{PROJECTS}?limit=1"
        names = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
        plain = Probe("plain", Ask("GET", target, (JSON,)))
        self.send(
            [plain, *(Probe(f"{name}: DELETE", Ask("GET", target, (JSON, (name, "DELETE")))) for name in names)],
            person,
        )

    def expect_lists(self) -> None:
        """Every answer is the list that a plain GET gives."""

        def judge(exchange: Exchange) -> str:
            found = exchange.parsed()
            fine = exchange.status == 200 and isinstance(found, dict) and isinstance(found.get("items"), list)
            fine = fine or exchange.is_empty_list
            return "" if fine else say(f"answered {exchange.status}", f"ответ {exchange.status}")

        self.expect(judge, "A header changed the method of a request.", "Заголовок изменил метод запроса.")

    # --- the dev server's socket (E28)

    def expect_no_source(self) -> None:
        """No console and no source; what answers past the sign-in without showing them is told as a risk."""
        self.expect(
            self._why_source,
            "A rule of the ingress leads past the sign-in to the console.",
            "Правило ingress ведёт к консоли мимо входа.",
        )

    def _why_source(self, exchange: Exchange) -> str:
        if shown := gives_away(exchange):
            return shown
        if 200 <= exchange.status < 300:
            return say(f"answered {exchange.status}", f"ответ {exchange.status}")
        past = exchange.status == 101 or exchange.status >= 500 or exchange.status in (404, 426)
        if past and not_closed(exchange, self._sign_in_hosts()):
            evidence.residual_risk(
                say(
                    f"{exchange.url} is answered {exchange.status} without a session: something past the sign-in.",
                    f"{exchange.url} без входа отвечает {exchange.status}: это что-то за входом.",
                )
            )
        return ""

    # --- judgements that need to know the place

    def why_open(self, exchange: Exchange) -> str:
        """Why this is not the answer of a closed door, or "". The sign-in has no words of the platform's own."""
        reason, body = not_closed(exchange, self._sign_in_hosts()), exchange.parsed()
        past = isinstance(body, dict) and bool(body.get("code")) and urlsplit(exchange.url).path != WEBHOOK
        if not past or gives_away(exchange):
            return reason
        return say(
            f"it reached the platform itself: {exchange.text}", f"дошёл до самой платформы: {exchange.text}"
        )

    def _why_open_behind(self, exchange: Exchange) -> str:
        """As above; but an odd path may be a public one to the edge, so a 401 by the gateway is told as a risk."""
        reason = not_closed(exchange, self._sign_in_hosts())
        if reason:
            return self.why_open(exchange) or reason
        if self.why_open(exchange):
            evidence.residual_risk(
                say(
                    f"{exchange.method} {exchange.url} was refused by the gateway, not by the sign-in before it.",
                    f"{exchange.method} {exchange.url}: отказал шлюз, а не вход перед ним.",
                )
            )
        return ""

    def _why_not_malformed(self, exchange: Exchange) -> str:
        if shown := gives_away(exchange):
            return shown
        if exchange.status in (400, *NOT_THERE):
            return ""
        if tidies(exchange) and not self._leads_to_sign_in_page(exchange):
            return self._why_tidy_open(exchange)
        return self._why_open_behind(exchange)

    def _leads_to_sign_in_page(self, exchange: Exchange) -> bool:
        return urlsplit(exchange.header("location")).path.startswith("/oauth2/")

    def _why_tidy_open(self, exchange: Exchange, hops: int = MOST_HOPS) -> str:
        """A redirect to a tidy path is harmless when its end is closed, or public with nothing there."""
        location = urlsplit(exchange.header("location"))
        target = (location.path or "/") + (f"?{location.query}" if location.query else "")
        lines = tuple(line for line in exchange.sent_headers if line[0].lower() not in ("host", "content-length"))
        after = self.ask(Ask(exchange.method, target, lines, exchange.sent_body))
        if after.status in (400, *NOT_THERE):
            return gives_away(after)
        if tidies(after) and not self._leads_to_sign_in_page(after):
            return gives_away(after) or (self._why_tidy_open(after, hops - 1) if hops else "")
        reason = self._why_open_behind(after)
        return f"{reason} ({target})" if reason else ""

    def _sign_in_hosts(self) -> set[str]:
        return {urlsplit(self._target.settings["GATE_GITHUB_URL"]).hostname or ""}


def unsigned_delivery(mark: str) -> Ask:
    """A delivery that nobody signed; the platform refuses it before it reads the body (contract 2)."""
    lines: Lines = (
        JSON,
        ("Content-Type", "application/json"),
        ("X-GitHub-Delivery", f"{mark}-unsigned"),
        ("X-GitHub-Event", "ping"),
    )
    return Ask("POST", WEBHOOK, lines, b"{}")
