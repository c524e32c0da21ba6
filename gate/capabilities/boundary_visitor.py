"""A browser by hand: cookies and redirects of a sign-in, one at a time, so that each can be tampered with."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from gate import evidence
from gate.capabilities.boundary import PAGE, cookie_line
from gate.doors.http import Exchange
from gate.doors.raw import Ask, Raw
from gate.language import ensure

if TYPE_CHECKING:
    from gate.people import Session
    from gate.target import Target

SESSION = "_oauth2_proxy"
CSRF = "_oauth2_proxy_csrf"


def is_cleared(set_cookie: str) -> bool:
    """Whether this Set-Cookie line removes its cookie."""
    value, fields = _parts(set_cookie)
    if not value.strip('"'):
        return True
    if "max-age" in fields:
        return int(fields["max-age"] or 0) <= 0
    if "expires" in fields:
        return parsedate_to_datetime(fields["expires"]).timestamp() <= time.time()
    return False


def clears_everywhere(set_cookie: str) -> bool:
    """Whether it does so for the whole site: under another path a browser keeps the cookie that it has."""
    return is_cleared(set_cookie) and _parts(set_cookie)[1].get("path") == "/"


def _parts(set_cookie: str) -> tuple[str, dict[str, str]]:
    value, _, attributes = set_cookie.partition("=")[2].partition(";")
    return value, dict(part.strip().lower().partition("=")[::2] for part in attributes.split(";"))


def cookie_name(set_cookie: str) -> str:
    """The name of the cookie that a Set-Cookie line is about."""
    return set_cookie.partition("=")[0].strip()


def sets_session(exchange: Exchange) -> bool:
    """Whether the answer gives a session cookie, whole or in pieces."""
    lines = exchange.all_headers("set-cookie")
    return any(is_session(cookie_name(line)) and not is_cleared(line) for line in lines)


def session_of(cookies: Mapping[str, str]) -> str:
    """The session cookie's value, put together when it was split."""
    pieces = sorted(name for name in cookies if is_session(name))
    return "".join(cookies[name] for name in pieces)


def is_session(name: str) -> bool:
    """Whether a cookie of this name holds the session, or a piece of it."""
    return name == SESSION or name.removeprefix(f"{SESSION}_").isdigit()


class Visitor:
    """A browser with its own cookies for the staging and for GitHub."""

    def __init__(self, target: Target, person: Session | None = None) -> None:
        self._target = target
        self._person = person
        self._github: Raw = target.raw_to(target.settings["GATE_GITHUB_URL"], "github")
        github = self._github.host.partition(":")[0]
        state = person.state["cookies"] if person else []
        self.cookies: dict[str, str] = {}
        # Of the cookies that came here, the site they were given for; empty: the host that gave them, no other.
        self._sites: dict[str, str] = {}
        self._github_cookies = {
            cookie["name"]: cookie["value"]
            for cookie in state
            if github == cookie["domain"].lstrip(".") or github.endswith("." + cookie["domain"].lstrip("."))
        }

    def get(self, target: str, *lines: tuple[str, str]) -> Exchange:
        """Open a page of the staging, as a browser does, and keep the cookies."""
        asked = Ask("GET", target, (PAGE, *lines, *cookie_line(self.cookies)))
        return self._kept(self._target.raw.ask(asked))

    def post(self, target: str) -> Exchange:
        """Post nothing to the staging, and keep the cookies."""
        return self._kept(self._target.raw.ask(Ask("POST", target, cookie_line(self.cookies))))

    def start(self, rd: str = "", *lines: tuple[str, str]) -> Exchange:
        """Begin a sign-in that should end at `rd`."""
        return self.get("/oauth2/start" + (f"?rd={quote(rd, safe='')}" if rd else ""), *lines)

    def permission(self, start: Exchange) -> str:
        """Go to GitHub, where the person is signed in already; returns the way back to the staging.

        A page that GitHub shows in between is a matter for a real browser (contract 5).
        """
        location = start.header("location")
        ensure(
            urlsplit(location).hostname == self._github.host.partition(":")[0],
            f"The sign-in does not lead to GitHub.\n{start.told()}",
            f"Вход не ведёт на GitHub.\n{start.told()}",
        )
        ask = Ask("GET", _target_of(location), (PAGE, *cookie_line(self._github_cookies)))
        answer = self._github.ask(ask)
        way_back = answer.header("location") or _way_in_page(answer.text, self._target.domain)
        if urlsplit(way_back).hostname != self._target.domain:
            assert self._person is not None
            way_back = self._target.people.way_back(self._person.name, location)
        return _target_of(way_back)

    def sign_in(self, rd: str = "") -> Exchange:
        """A whole sign-in; returns the answer of the callback."""
        return self.finish(self.permission(self.start(rd)))

    def finish(self, way_back: str) -> Exchange:
        """The last step of an honest sign-in; where it does not work, nothing that follows proves anything."""
        end = self.get(way_back)
        ensure(
            end.status == 302 and sets_session(end),
            f"The honest sign-in gave no session.\n{end.told()}",
            f"Честный вход не дал сессии.\n{end.told()}",
        )
        evidence.succeeded("sign-in")
        return end

    def _kept(self, exchange: Exchange) -> Exchange:
        self.keep(exchange.all_headers("set-cookie"))
        return exchange

    def keep(self, lines: Sequence[str]) -> None:
        """Take what an answer's Set-Cookie lines give, and drop what they clear."""
        for line in lines:
            name, site = cookie_name(line), _parts(line)[1].get("domain", "").lstrip(".")
            if not is_cleared(line):
                self.cookies[name], self._sites[name] = line.partition("=")[2].partition(";")[0], site
            elif self._sites.get(name, site) == site:
                # A browser keeps the host's own cookie when that of the whole domain is cleared, and the reverse.
                self.cookies.pop(name, None)


def _way_in_page(page: str, domain: str) -> str:
    """GitHub sometimes passes a person on by a page that leads there at once, instead of a redirect."""
    ways = map(html.unescape, re.findall(r"https://[^\s\"'<>]+/oauth2/callback\?[^\s\"'<>]+", page))
    return next((way for way in ways if urlsplit(way).hostname == domain and "code=" in way), "")


def _target_of(location: str) -> str:
    parts = urlsplit(location)
    return parts.path + (f"?{parts.query}" if parts.query else "")
