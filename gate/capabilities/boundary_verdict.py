"""What an answer at the boundary gives away: pure judgements of one exchange, each "" or the reason in words.

"Closed" (contract 2): 401 for who accepts JSON, else a 403 page or a 302 to the sign-in; never the platform's
data, never a page of the console.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from urllib.parse import urljoin, urlsplit

from gate.doors.http import Exchange
from gate.language import Text, say

Judge = Callable[[Exchange], str]

# A single-page app, whoever built it and however: its modules, its mount point, the dev server's client. The
# sign-in page of oauth2-proxy has none of these.
_CONSOLE = re.compile(
    rb"""<script[^>]+type=["']?module|<div[^>]+id=["']?app["'\s>]|import\.meta\."""
    rb"""|\b(?:src=|from |import )["']?/(?:@vite|src)/""",
    re.IGNORECASE,
)
# The user list of any Unix, as text, as a data URL and as base64.
_FILE = re.compile(rb"root:[^:\n]{0,200}:0:0:|root%3A[^%\n]{0,200}%3A0%3A0|cm9vdDp", re.IGNORECASE)
# What no error may tell (probe E27).
_INSIDE = {
    Text("a stack trace", "трассировка стека"): re.compile(
        r"goroutine \d+ \[|panic: |\bruntime error: |interface conversion: "
        r"|Traceback \(most recent|\bat \S+ \(\S+:\d+:\d+\)|\.go:\d+ \+0x|/go/src/"
    ),
    Text("SQL", "SQL"): re.compile(
        r"SQLSTATE|\bpq: |pgx|no rows in result set|syntax error at or near"
        r"|violates (?:\w+[ -]\w+|unique|check|exclusion) constraint|for encoding \W*UTF8|maximum \d+ for index"
        r"|\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM) [\w\".*, ]+\b(?:FROM|VALUES|SET|WHERE)\b"
    ),
    Text("an address inside", "внутренний адрес"): re.compile(r"failed to connect to `|\bdial tcp \S+:\d+"),
    Text("a secret", "секрет"): re.compile(
        r"client_secret|cookie_secret|OAUTH2_PROXY_|CODEXK8S_\w*(?:SECRET|KEY|PASSWORD)|postgres(?:ql)?://"
        r"|\bgh[pousr]_\w{16,}|BEGIN [A-Z ]*PRIVATE KEY"
    ),
}
_CONTROL_OR_SPACE = "".join(map(chr, range(0x21)))
_REDIRECTS = (301, 302, 303, 307, 308)
# Data beside one of these is as good as no refusal.
REFUSED = (401, 403)
# Contract 2: an unknown route, or a method that the route does not have, gives either.
NOT_THERE = (404, 405)


def wants_json(exchange: Exchange) -> bool:
    """Whether the request was that of an API client."""
    return any(name.lower() == "accept" and "json" in value for name, value in exchange.sent_headers)


def shows_console(exchange: Exchange) -> bool:
    """Whether the body is a page or a module of the staff console."""
    is_script = exchange.status < 300 and "javascript" in exchange.header("content-type").lower()
    return is_script or bool(_CONSOLE.search(exchange.body))


def shows_page(exchange: Exchange) -> bool:
    """Whether the body is the page that the staff console begins with, not one of its modules."""
    return "html" in exchange.header("content-type").lower() and bool(_CONSOLE.search(exchange.body))


def shows_file(exchange: Exchange) -> bool:
    """Whether the body holds a file of the machine."""
    return bool(_FILE.search(exchange.body))


def shows_data(exchange: Exchange) -> bool:
    """Whether the body is an answer of the staff API (contract 2): a list, a person, a project."""
    found = exchange.parsed()
    return isinstance(found, dict) and bool({"items", "user", "id", "slug"} & found.keys())


def shows_inside(exchange: Exchange) -> str:
    """What an error tells of the inside of the platform (probe E27), or ""."""
    shown = [what for what, pattern in _INSIDE.items() if exchange.status >= 400 and pattern.search(exchange.text)]
    return say(f"it shows {shown[0]}", f"в ней видно: {shown[0]}") if shown else ""


def gives_away(exchange: Exchange) -> str:
    """What the answer shows that nobody without a session may see, or ""."""
    if shows_file(exchange):
        return say("it shows a file of the server", "в ответе файл сервера")
    if shows_console(exchange):
        return say("it shows the console", "в ответе страница консоли")
    if (exchange.status < 400 or exchange.status in REFUSED) and shows_data(exchange):
        return say("it shows the platform's data", "в ответе данные платформы")
    return ""


def browser_host(location: str, base: str) -> str:
    """The host where a browser ends that follows `location`: it drops tabs, and reads `\\` as `/`."""
    read = re.sub(r"[\t\r\n]", "", location.strip(_CONTROL_OR_SPACE)).replace("\\", "/")
    if re.match(r"[a-z][a-z0-9+.-]*:/*", read, re.IGNORECASE):
        scheme, _, rest = read.partition(":")
        read = f"{scheme}://{rest.lstrip('/')}"
    elif re.match(r"/{2,}", read):
        # However many slashes: what follows is an authority.
        read = "//" + read.lstrip("/")
    return (urlsplit(urljoin(base, read)).hostname or "").lower()


def leads_to_sign_in(exchange: Exchange, sign_in_hosts: Collection[str]) -> bool:
    """Whether a redirect goes to the sign-in: the proxy's own pages, or GitHub's."""
    location = exchange.header("location")
    host = browser_host(location, exchange.url)
    own = urlsplit(exchange.url).hostname or ""
    if host == own:
        # A stand-in of GitHub may be at another port of the same host (contract 5).
        ways = ("/oauth2/", "/login/oauth/") if own in sign_in_hosts else ("/oauth2/",)
        return urlsplit(location).path.startswith(ways)
    return host in sign_in_hosts


def not_closed(exchange: Exchange, sign_in_hosts: Collection[str]) -> str:
    """Why this answer is not that of a closed door, or ""."""
    if shown := gives_away(exchange):
        return shown
    if exchange.status == 401 or (exchange.status == 403 and not wants_json(exchange)):
        return ""
    if exchange.status == 302 and not wants_json(exchange):
        if leads_to_sign_in(exchange, sign_in_hosts):
            return ""
        return say("it sends somewhere else than to the sign-in", "ответ отправляет не на вход")
    wanted = "401" if wants_json(exchange) else say("403 or 302 to the sign-in", "403 или 302 на вход")
    return say(f"answered {exchange.status}, wanted {wanted}", f"ответ {exchange.status}, а нужен {wanted}")


def tidies(exchange: Exchange) -> bool:
    """Whether this is a redirect to a tidier spelling on the same host."""
    host = urlsplit(exchange.url).hostname or ""
    location = exchange.header("location")
    return exchange.status in _REDIRECTS and bool(location) and browser_host(location, exchange.url) == host


def not_empty_refusal(exchange: Exchange) -> str:
    """Why this is not the API's own 404 or 405 with an empty body (contract 2), or ""."""
    if shown := gives_away(exchange):
        return shown
    if exchange.status not in NOT_THERE:
        return say(
            f"answered {exchange.status}, wanted 404 or 405", f"ответ {exchange.status}, а нужен 404 или 405"
        )
    if exchange.body and exchange.method != "HEAD":
        return say(f"{exchange.status} with a body", f"{exchange.status} с телом")
    return ""


def not_one_of(*statuses: int) -> Judge:
    """A judge that accepts these statuses and nothing given away."""

    def judge(exchange: Exchange) -> str:
        if exchange.status in statuses:
            return gives_away(exchange)
        wanted = ", ".join(map(str, statuses))
        return gives_away(exchange) or say(
            f"answered {exchange.status}, wanted {wanted}", f"ответ {exchange.status}, а нужен {wanted}"
        )

    return judge
