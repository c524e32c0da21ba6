"""Where signing in and out may lead: only to a path of this very host (probe E19)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, urlsplit

from gate.capabilities.boundary import PAGE, Boundary, Probe, Seen
from gate.capabilities.boundary_verdict import browser_host
from gate.capabilities.boundary_visitor import Visitor
from gate.doors.http import Exchange
from gate.doors.raw import Ask, Lines
from gate.language import ensure, say

ELSEWHERE = "evil.example"
# `{domain}` is the staging's own, `{parent}` what it is a name in: its neighbours are other hosts, too.
LIKE_OWN = (
    "https://{domain}." + ELSEWHERE,
    "https://{domain}@" + ELSEWHERE,
    "https://gate-probe.{parent}",
    "https://gate-probe.{domain}",
)
# A few of each class of the list that comes with oauth2-proxy.
PLACES: Mapping[str, tuple[str, ...]] = {
    "another site": (f"https://{ELSEWHERE}", f"http://{ELSEWHERE}/", f"https:{ELSEWHERE}"),
    "на чужой сайт": (f"https://{ELSEWHERE}", f"http://{ELSEWHERE}/", f"https:{ELSEWHERE}"),
    "a double slash": (f"//{ELSEWHERE}", f"///{ELSEWHERE}", f"//{ELSEWHERE}%2f.."),
    "на двойную косую черту": (f"//{ELSEWHERE}", f"///{ELSEWHERE}", f"//{ELSEWHERE}%2f.."),
    "a backslash": (f"/\\{ELSEWHERE}", f"\\\\{ELSEWHERE}", f"/./\\{ELSEWHERE}"),
    "на обратную косую черту": (f"/\\{ELSEWHERE}", f"\\\\{ELSEWHERE}", f"/./\\{ELSEWHERE}"),
    "white space between slashes": (
        f"/\t/{ELSEWHERE}",
        f"/ /{ELSEWHERE}",
        f"/\t\\{ELSEWHERE}",
        f"\t//{ELSEWHERE}",
    ),
    "на пробел между чертами": (f"/\t/{ELSEWHERE}", f"/ /{ELSEWHERE}", f"/\t\\{ELSEWHERE}", f"\t//{ELSEWHERE}"),
    "a look-alike of the own name": LIKE_OWN,
    "на похожее имя": LIKE_OWN,
}
HONEST = "/runs"
_RD = re.compile(r"<input[^>]*\bname=[\"']rd[\"'][^>]*>", re.IGNORECASE)
_VALUE = re.compile(r"\bvalue=[\"']([^\"']*)[\"']", re.IGNORECASE)


class Redirects(Boundary):
    """Where the sign-in and the sign-out would send a person."""

    def ask_to_lead(self, places: tuple[str, ...]) -> None:
        """Ask every door of the sign-in, by the query and by the header, to lead to these places."""
        for number, place in enumerate(places):
            wanted = self._meant(place)
            for target, lines in _asks(wanted, first=number == 0):
                shown = f"{target}  {dict(lines).get('X-Auth-Request-Redirect', '')}".strip()
                self.seen.append(
                    Seen(Probe(shown, Ask("GET", target)), self.ask(Ask("GET", target, (PAGE, *lines))))
                )

    def finish(self, place: str, person: str) -> None:
        """Finish a sign-in that was asked to lead there."""
        wanted = self._meant(place)
        end = Visitor(self._target, self.session(person)).sign_in(wanted)
        self.seen.append(Seen(Probe(f"rd={wanted}", Ask("GET", "/oauth2/callback")), end))

    def expect_to_stay(self) -> None:
        """Every way ends on this host."""
        self.expect(
            self._why_leaves,
            "Signing in or out can lead to another site.",
            "Вход или выход может увести на чужой сайт.",
        )

    def expect_led_to(self, path: str) -> None:
        """The positive twin: an honest wish is granted."""
        end = self.seen[-1].exchange
        ensure(
            end.status == 302 and urlsplit(end.header("location")).path == path,
            f"After signing in the person was not led to {path}.\n{end.told()}",
            f"После входа человек оказался не на {path}.\n{end.told()}",
        )
        self.expect_to_stay()

    def _meant(self, place: str) -> str:
        domain = self._target.domain
        return place.replace("{domain}", domain).replace("{parent}", domain.partition(".")[2] or domain)

    def _why_leaves(self, exchange: Exchange) -> str:
        for way in self._ways(exchange):
            host = browser_host(way, self._target.url + "/")
            if host != self._target.domain:
                return say(f"leads to {host!r} by {way!r}", f"ведёт на {host!r} через {way!r}")
        if exchange.status >= 500:
            return say(f"answered {exchange.status}", f"ответ {exchange.status}")
        return ""

    def _ways(self, exchange: Exchange) -> list[str]:
        """Every address that the answer would lead to, now or at the end of the sign-in."""
        location = exchange.header("location")
        if not location:
            return _in_form(exchange)
        if browser_host(location, exchange.url) not in self._sign_in_hosts():
            return [location]
        query = parse_qs(urlsplit(location).query)
        # oauth2-proxy keeps the place in the state, after a colon; an opaque state is judged by finished sign-ins.
        kept = query.get("state", [""])[0].partition(":")[2]
        return [way for way in (*query.get("redirect_uri", []), kept) if way]


def _asks(place: str, first: bool) -> list[tuple[str, Lines]]:
    """By the query of start and of sign-out; the page and the header follow the same rule, so once is enough."""
    rd = quote(place, safe="")
    asks: list[tuple[str, Lines]] = [(f"/oauth2/start?rd={rd}", ()), (f"/oauth2/sign_out?rd={rd}", ())]
    if first:
        header = (("X-Auth-Request-Redirect", place.strip()),)
        asks += [(f"/oauth2/sign_in?rd={rd}", ()), ("/oauth2/start", header)]
    return asks


def _in_form(exchange: Exchange) -> list[str]:
    """The places that a sign-in page keeps for later in its form."""
    values = [_VALUE.search(found) for found in _RD.findall(exchange.text)]
    return [html.unescape(value[1]) for value in values if value and value[1]]
