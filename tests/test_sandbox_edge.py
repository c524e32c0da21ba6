"""The edge of the local staging: closed for every probe while it is healthy, open in one way with each fault."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from sandbox.faults.edge import FAULTS
from sandbox.naming import PINGING, SECOND_HOST
from sandbox.staging import DOMAIN
from tests.edge_house import JSON, Answer, Browser, House, echo, house

USERS = "/api/v1/staff/users"
HOOKS = "/api/v1/webhooks/github"
OWNER = "olga.owner@codex-k8s.test"
SPOOF = ("X-Auth-Request-Email", OWNER)


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("edge")) as running:
        yield running


def passed(answer: Answer) -> str:
    """The target that reached the gateway, or nothing."""
    try:
        return str(answer.json()["target"])
    except (ValueError, KeyError, TypeError):
        return ""


def told(answer: Answer) -> str:
    """Whom the gateway would take the request for: X-Auth-Request-Email before X-Forwarded-Email."""
    headers = dict(answer.json()["headers"])
    return str(headers.get("x-auth-request-email") or headers.get("x-forwarded-email", ""))


def location(answer: Answer) -> str:
    """Where the application would send the browser after GitHub, or at once."""
    place = answer.header("location")
    state = parse_qs(urlsplit(place).query).get("state", [])
    return state[0].partition(":")[2] if state else place


def closed(path: str, *headers: tuple[str, str], method: str = "GET") -> Callable[[House], bool]:
    """A probe: without a session nothing gets through, or just what was sent under the public prefix."""

    def probe(at: House) -> bool:
        answer = at.ask(method, path, *headers)
        if path.startswith("/api/v1/webhooks/") and passed(answer) == path:
            return True
        return answer.status in (301, 302, 400, 401, 403) and not passed(answer)

    return probe


def own(*headers: tuple[str, str]) -> Callable[[House], bool]:
    """A probe: a signed-in person with these headers stays who they are."""
    return lambda at: told(at.ask("GET", "/me", at.cookie(), *headers)) == at.staging.people["member"].email


def stays(path: str, *headers: tuple[str, str]) -> Callable[[House], bool]:
    """A probe: the redirect leads to this host."""

    def probe(at: House) -> bool:
        place = location(at.ask("GET", path, *headers))
        return place.startswith("/") and not place.startswith("//") and not set(place) & set("\\\t")

    return probe


def flagged(flag: str) -> Callable[[House], bool]:
    return lambda at: flag in at.ask("GET", "/oauth2/start").cookies[0]


def with_cookie(change: Callable[[str], str]) -> Callable[[House], bool]:
    """A probe: the session cookie, changed so, opens nothing."""
    return lambda at: not passed(at.ask("GET", USERS, ("Cookie", change(at.cookie()[1]))))


def unchanged(
    method: str, path: str, *headers: tuple[str, str], body: bytes | None = None
) -> Callable[[House], bool]:
    """A probe: the gateway gets what was sent."""

    def probe(at: House) -> bool:
        got = at.ask(method, path, at.cookie(), *headers, body=body).json()
        kept = all((name.lower(), value) in map(tuple, got["headers"]) for name, value in headers)
        return got["method"] == method and got["body"].encode("latin-1") == (body or b"") and kept

    return probe


def once(at: House) -> bool:
    echo.counted.clear()  # type: ignore[attr-defined]
    at.ask("POST", HOOKS, body=b"{}")
    return bool(echo.counted == {HOOKS: 1})  # type: ignore[attr-defined]


def platforms_own(status: int) -> Callable[[House], bool]:
    return lambda at: passed(at.ask("GET", f"/gives/{status}", at.cookie())) == f"/gives/{status}"


def separate(at: House) -> bool:
    at.ask("GET", "/api/v1/auth/me", at.cookie("admin"))
    return told(at.ask("GET", "/api/v1/auth/me", at.cookie())) == at.staging.people["member"].email


def signs_in_as(role: str, *before: str) -> Callable[[House], bool]:
    """A probe: after these sign-ins in one browser comes this one, and the session is of this person."""

    def probe(at: House) -> bool:
        browser = Browser(at)
        for earlier in before:
            browser.sign_in(earlier)
            browser.jar = {DOMAIN: browser.jar[DOMAIN]}
        answer = browser.sign_in(role)
        return answer.status == 200 and told(answer) == at.staging.people[role].email

    return probe


def after_another(at: House) -> bool:
    """A probe: a session is of its own person, whoever signs in later."""
    Browser(at).sign_in("admin")
    return told(at.ask("GET", "/me", at.cookie())) == at.staging.people["member"].email


def callback_refused(with_csrf: bool) -> Callable[[House], bool]:
    """A probe: GitHub's answer to another browser's sign-in opens no session here."""

    def probe(at: House) -> bool:
        browser, victim = Browser(at), Browser(at)
        browser.sign_in("member")
        start = browser.house.ask("GET", "/oauth2/start")
        github = browser.jar["github.codex-k8s.test"]
        cookie = ("Cookie", "; ".join(f"{name}={value}" for name, value in github.items()))
        url = urlsplit(start.header("location"))
        back = at.ask("GET", f"{url.path}?{url.query}", cookie, host=url.netloc).header("location")
        if with_csrf:
            victim.go(f"https://{DOMAIN}/oauth2/start")
        victim._once("GET", back, None)
        return "_oauth2_proxy" not in victim.jar[DOMAIN]

    return probe


def refusal_is_quiet(at: House) -> bool:
    browser = Browser(at)
    start = browser._once("GET", f"https://{DOMAIN}/oauth2/start", None)
    state = parse_qs(urlsplit(start.header("location")).query)["state"][0]
    answer = browser.go(f"https://{DOMAIN}/oauth2/callback?code=wrong&state={quote(state)}")
    return answer.status == 500 and at.staging.secrets.client_secret not in answer.text


def websocket(path: str) -> Callable[[House], bool]:
    """A probe: no websocket without a session."""
    key = base64.b64encode(b"0123456789abcdef").decode()
    asked = (("Upgrade", "websocket"), ("Connection", "Upgrade"))
    handshake = (*asked, ("Sec-WebSocket-Key", key), ("Sec-WebSocket-Version", "13"))
    return lambda at: at.ask("GET", path, *handshake).status == 403


def redirected_to_https(at: House) -> bool:
    answer = at.ask_plain("GET", "/runs?x=1")
    return (answer.status, answer.header("location")) == (308, f"https://{DOMAIN}/runs?x=1")


def cleared(path: str, method: str = "GET") -> Callable[[House], bool]:
    return lambda at: any(line.startswith("_oauth2_proxy=;") for line in at.ask(method, path, at.cookie()).cookies)


def quiet_page(at: House) -> bool:
    page = at.ask("GET", "/", ("X-Probe", "echo-me")).text
    return "goroutine" not in page and "echo-me" not in page


LIST = f"max.member@codex-k8s.test,{OWNER}"
ENCODED = "/api/v1/webhooks/%2e%2e/staff/users"
PROBES: dict[str, Callable[[House], bool]] = {
    "edge-auth-request-email-let-through": own(SPOOF),
    "edge-forwarded-email-let-through": own(("X-Forwarded-Email", OWNER)),
    "edge-forwarded-email-of-a-gone-owner": own(("X-Forwarded-Email", OWNER)),
    "edge-second-line-let-through": own(
        ("X-Forwarded-Email", "max.member@codex-k8s.test"), ("X-Forwarded-Email", OWNER)
    ),
    "edge-list-let-through": own(("X-Auth-Request-Email", LIST)),
    "edge-lower-case-let-through": own(("x-auth-request-email", OWNER)),
    "edge-underscore-auth-request": own(("X_Auth_Request_Email", OWNER)),
    "edge-underscore-forwarded": own(("X_Forwarded_Email", OWNER)),
    "edge-underscore-mixed": own(("X-Forwarded_Email", OWNER)),
    "edge-connection-removes-identity": own(("Connection", "close, X-Forwarded-Email"), SPOOF),
    "edge-auth-request-email-signs-in": closed(USERS, SPOOF),
    "edge-forwarded-email-signs-in": closed(USERS, ("X-Forwarded-Email", OWNER), JSON),
    "edge-bearer-needs-no-session": closed(USERS, ("Authorization", "Bearer x"), JSON),
    "edge-writes-open": closed(USERS, JSON, method="DELETE"),
    "edge-sessions-mixed-up": after_another,
    "edge-answers-kept": separate,
    "edge-user-header-missing": lambda at: (
        "x-forwarded-user" in dict(at.ask("GET", "/me", at.cookie()).json()["headers"])
    ),
    "edge-user-is-the-email": lambda at: (
        ["x-forwarded-user", "max-member"] in at.ask("GET", "/me", at.cookie()).json()["headers"]
    ),
    "edge-user-let-through-in-writes": lambda at: (
        ["x-forwarded-user", "owner"]
        not in at.ask("POST", "/me", at.cookie(), ("X-Forwarded-User", "owner"), body=b"").json()["headers"]
    ),
    "edge-auth-request-let-through-in-changes": lambda at: (
        ["x-auth-request-email", OWNER] not in at.ask("PUT", "/me", at.cookie(), SPOOF, body=b"").json()["headers"]
    ),
    "edge-signed-in-elsewhere": lambda at: Browser(at).sign_in("member", "/users").json()["target"] == "/users",
    "edge-ping-closed": lambda at: at.ask("GET", "/ping").status == 200,
    "edge-regex-not-anchored": closed(f"{USERS}?x=/api/v1/webhooks/github", SPOOF),
    "edge-regex-without-slash": closed("/api/v1/webhooksX/y"),
    "edge-regex-any-case": closed("/API/V1/WEBHOOKS/github"),
    "edge-dot-segments-after-check": closed("/api/v1/webhooks/../staff/users", SPOOF),
    "edge-encoded-dots-after-check": closed(ENCODED, SPOOF),
    "edge-encoded-slash-after-check": closed("/api/v1/webhooks/..%2fstaff/users", SPOOF),
    "edge-decoded-twice": closed("/api/v1/webhooks/%252e%252e/staff/users", SPOOF),
    "edge-path-parameters-dropped": closed("/api/v1/webhooks/..;/staff/users", SPOOF),
    "edge-backslash-is-slash": closed("/api/v1/webhooks\\..\\staff/users", SPOOF),
    "edge-double-slash-merged": closed("//api/v1/webhooks//../staff/users", SPOOF),
    "edge-absolute-target-passes": closed(f"https://{DOMAIN}{USERS}", SPOOF),
    "edge-fragment-after-check": closed(f"{USERS}%23/api/v1/webhooks/", SPOOF),
    "edge-question-mark-after-check": closed("/api/v1/webhooks/x%3f/../../staff/users", SPOOF),
    "edge-control-characters-cut": closed(f"{USERS}%00/api/v1/webhooks/", SPOOF),
    "edge-webhook-one-path-only": lambda at: passed(at.ask("GET", "/api/v1/webhooks/other")) != "",
    "edge-head-open": lambda at: at.ask("HEAD", USERS, JSON).status == 401,
    "edge-webhook-needs-no-bad-cookie": lambda at: (
        passed(at.ask("POST", HOOKS, ("Cookie", "_oauth2_proxy=none"))) == HOOKS
    ),
    "edge-webhook-post-only": lambda at: passed(at.ask("PUT", HOOKS)) == HOOKS,
    "edge-webhook-needs-session": lambda at: passed(at.ask("POST", HOOKS)) == HOOKS,
    "edge-webhook-redirected": lambda at: passed(at.ask("POST", HOOKS)) == HOOKS,
    "edge-signature-dropped": unchanged("POST", HOOKS, ("X-Hub-Signature-256", "sha256=00"), body=b"{}"),
    "edge-body-rewritten": unchanged("POST", HOOKS, body=b'{"b":1,"a":2}'),
    "edge-body-truncated": unchanged("POST", HOOKS, body=b"x" * 1024 * 1024),
    "edge-post-sent-twice": once,
    "edge-401-replaced": platforms_own(401),
    "edge-400-replaced": platforms_own(400),
    "edge-403-replaced": platforms_own(403),
    "edge-forwarded-uri-trusted": closed(USERS, ("X-Forwarded-Uri", HOOKS)),
    "edge-original-url-trusted": closed(USERS, ("X-Rewrite-URL", HOOKS)),
    "edge-kube-probe-answered": closed(USERS, ("User-Agent", "kube-probe/1.30")),
    "edge-google-probe-answered": closed(USERS, ("User-Agent", "GoogleHC/1.0")),
    "edge-preflight-open": closed(USERS, method="OPTIONS"),
    "edge-method-override": lambda at: (
        at.ask("GET", USERS, at.cookie(), ("X-HTTP-Method-Override", "DELETE")).json()["method"] == "GET"
    ),
    "edge-websocket-open": websocket("/"),
    "edge-cookie-not-secure": flagged("; Secure"),
    "edge-cookie-not-httponly": flagged("; HttpOnly"),
    "edge-cookie-without-samesite": flagged("; SameSite=Lax"),
    "edge-cookie-samesite-none": flagged("; SameSite=Lax"),
    "edge-cookie-samesite-strict": flagged("; SameSite=Lax"),
    "edge-cookie-for-the-whole-domain": lambda at: not flagged("Domain")(at),
    "edge-cookie-signature-unchecked": with_cookie(lambda cookie: cookie[:-3] + "xy="),
    "edge-cookie-time-unsigned": lambda at: not passed(at.ask("GET", USERS, ("Cookie", _older(at)))),
    "edge-cookie-under-any-name": with_cookie(lambda cookie: cookie.replace("_oauth2_proxy", "oauth2_proxy")),
    "edge-csrf-state-unchecked": callback_refused(with_csrf=True),
    "edge-csrf-cookie-not-needed": callback_refused(with_csrf=False),
    "edge-sign-in-keeps-session": signs_in_as("stranger", "member"),
    "edge-logout-cookies-lost": cleared("/api/v1/auth/logout", "POST"),
    "edge-sign-out-keeps-cookie": cleared("/oauth2/sign_out"),
    "edge-api-redirected": lambda at: at.ask("GET", USERS, JSON).status == 401,
    "edge-api-answers-200": lambda at: at.ask("GET", USERS, JSON).status == 401,
    "edge-sign-in-broken": signs_in_as("member"),
    "edge-sign-in-loops": signs_in_as("member"),
    "edge-one-email-domain": signs_in_as("stranger"),
    "edge-redirect-absolute": stays("/oauth2/start?rd=https://evil.example/"),
    "edge-redirect-double-slash": stays("/oauth2/start?rd=//evil.example"),
    "edge-redirect-backslash": stays("/oauth2/start?rd=/./%5Cevil.example"),
    "edge-redirect-whitespace": stays("/oauth2/start?rd=/%09/evil.example"),
    "edge-redirect-domain-prefix": stays(f"/oauth2/start?rd=https://{DOMAIN}.evil.example"),
    "edge-redirect-neighbours": stays(f"/oauth2/start?rd=https://other.{DOMAIN.partition('.')[2]}"),
    "edge-redirect-header-unchecked": stays("/oauth2/start", ("X-Auth-Request-Redirect", "https://evil.example")),
    "edge-sign-out-redirect-unchecked": stays("/oauth2/sign_out?rd=https://evil.example"),
    "edge-start-obeys-at-once": lambda at: (
        "evil" not in location(at.ask("GET", "/oauth2/start?rd=https://evil.example")).partition("?")[0]
    ),
    "edge-odd-place-refused-late": lambda at: Browser(at).sign_in("member", "https://evil.example").status == 200,
    "edge-redirect-lost": lambda at: location(at.ask("GET", "/oauth2/sign_out?rd=/runs")) == "/runs",
    "edge-fs-open": lambda at: "root:" not in at.ask("GET", "/@fs/etc/passwd?raw??").text,
    "edge-vite-prefix-open": closed("/__vite_ws/index.html"),
    "edge-modules-open": closed("/src/main.js"),
    "edge-run-events-open": closed("/api/v1/staff/runs/1/events", JSON),
    "edge-dependencies-open": closed("/node_modules/vue.js"),
    "edge-rule-past-the-sign-in": closed("/exports/all"),
    "edge-named-probe-answered": closed(USERS, ("User-Agent", PINGING), JSON),
    "edge-second-host": lambda at: at.ask("GET", USERS, SPOOF, host=SECOND_HOST).status == 404,
    "edge-second-public-path": closed("/public/x"),
    "edge-console-open": closed("/"),
    "edge-health-open": closed("/healthz"),
    "edge-metrics-open": closed("/metrics"),
    "edge-any-host": lambda at: at.ask("GET", "/", host="localhost").status == 404,
    "edge-subdomains-served": lambda at: at.ask("GET", "/", host=f"sub.{DOMAIN}").status == 404,
    "edge-error-shows-stack": quiet_page,
    "edge-error-echoes-headers": quiet_page,
    "edge-error-leaks-secret": refusal_is_quiet,
    "edge-plain-http-served": redirected_to_https,
    "edge-plain-http-404": redirected_to_https,
    "edge-plain-http-redirects-to-itself": redirected_to_https,
}


def _older(at: House) -> str:
    """The cookie of a real sign-in with an earlier time in it."""
    browser = Browser(at)
    browser.sign_in("member")
    value, stamp, signature = browser.jar[DOMAIN].get("_oauth2_proxy", "||").split("|")
    return f"_oauth2_proxy={value}|{int(stamp or 60) - 60}|{signature}"


def test_every_fault_has_a_probe() -> None:
    assert set(PROBES) == {fault.name for fault in FAULTS}


@pytest.mark.parametrize("fault", PROBES)
def test_a_fault_shows_and_a_healthy_edge_does_not(at: House, fault: str) -> None:
    probe = PROBES[fault]
    assert probe(at), "the healthy edge already fails the probe"
    with at.broken(fault):
        assert not probe(at), "the probe does not see the fault"
    assert probe(at), "the edge did not recover"


def test_people_get_in_through_github_and_land_where_they_wanted(at: House) -> None:
    browser = Browser(at)
    answer = browser.sign_in("admin", "/runs?page=2")
    headers = dict(answer.json()["headers"])
    assert (answer.json()["target"], headers["x-forwarded-email"]) == ("/runs?page=2", OWNER)
    assert headers["x-forwarded-user"] == "olga-owner"
    assert "_oauth2_proxy_csrf" not in browser.jar[DOMAIN]
    assert answer.header("x-auth-request-email") == OWNER


def test_without_a_session_a_browser_gets_the_button_and_an_api_client_401(at: House) -> None:
    page, api = at.ask("GET", "/projects/7"), at.ask("GET", USERS, JSON)
    assert page.status == 403 and "Sign in with GitHub" in page.text and 'value="/projects/7"' in page.text
    assert (api.status, api.text) == (401, "{}")
    assert at.ask("GET", "/oauth2/sign_in").status == 200
    assert at.ask("GET", "/ping").text == "OK"


def test_the_target_and_the_body_arrive_byte_for_byte(at: House) -> None:
    answer = at.ask("POST", HOOKS + "?a=%2F&b=", body=b'{ "a" : 1 }')
    assert answer.json()["target"] == HOOKS + "?a=%2F&b="
    assert answer.json()["body"] == '{ "a" : 1 }'


def test_variants_change_what_the_contract_leaves_open(at: House) -> None:
    variants = at.staging.variants.active
    big = b"x" * (1024 * 1024 + 1)
    assert at.ask("POST", HOOKS, body=big).status == 200
    value = at.cookie()[1].partition("=")[2]
    split = ("Cookie", f"_oauth2_proxy_0={value[:40]}; _oauth2_proxy_1={value[40:]}")
    assert passed(at.ask("GET", "/me", split)) == "/me"
    variants |= {"edge-413", "skip-provider-button", "http-301", "split-cookie-refused"}
    try:
        assert at.ask("POST", HOOKS, body=big).status == 413
        assert (
            at.ask("GET", "/").header("location").startswith("https://github.codex-k8s.test/login/oauth/authorize")
        )
        assert at.ask_plain("GET", "/").status == 301
        assert not passed(at.ask("GET", "/me", split))
        variants |= {"edge-502-large"}
        assert at.ask("POST", HOOKS, body=big).status == 502
    finally:
        variants.clear()


def test_an_h2c_upgrade_is_an_ordinary_request_and_opens_nothing_after_it(at: House) -> None:
    upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
    first = f"POST {HOOKS} HTTP/1.1\r\nHost: {DOMAIN}\r\n{upgrade}Content-Length: 0\r\n\r\n"
    second = f"GET {USERS} HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: close\r\n\r\n"
    plain = socket.create_connection(("127.0.0.1", at.staging.port("edge")), timeout=10)
    with at.tls.wrap_socket(plain, server_hostname=DOMAIN) as line:
        line.sendall((first + second).encode())
        said = b"".join(iter(lambda: line.recv(65536), b""))
    assert said.startswith(b"HTTP/1.1 200") and b"HTTP/1.1 403" in said and b" 101 " not in said


def test_the_gateway_being_away_is_a_bad_gateway(tmp_path: Path) -> None:
    with house(tmp_path) as alone:
        alone.staging.ports["gateway"] = 1
        answer = alone.ask("POST", HOOKS, body=b"{}")
    assert answer.status == 502 and "Traceback" not in answer.text
