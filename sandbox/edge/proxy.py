"""oauth2-proxy 7.6 with the flags of contract 2: its own paths, the session, and what passes without one."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import unquote

from ..naming import PINGING
from ..staging import Staging
from . import pages
from .cookies import (
    CSRF,
    CSRF_SECONDS,
    SESSION,
    SESSION_SECONDS,
    Jar,
    Session,
    clear_cookie,
    new_state,
    set_cookie,
    state_hash,
)
from .identity import outgoing
from .messages import Incoming, Reply, page, redirect, text
from .oauth import GitHub, SignInRefused
from .paths import PUBLIC, Passage, passage, tidied
from .redirects import is_valid, wanted
from .upstream import Gateway

_NO_CACHE = [
    ("expires", "Thu, 01 Jan 1970 00:00:00 UTC"),
    ("cache-control", "no-cache, no-store, must-revalidate, max-age=0"),
]
_OOPS = "Oops! Something went wrong. For more information contact your server administrator."
_NO_CSRF = "Login Failed: Unable to find a valid CSRF token. Please try again."
_FS_LEAK = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"


class Proxy:
    """One oauth2-proxy in front of one gateway."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._on = staging.faults.on
        self._jar = Jar(staging.secrets.cookie, self._on)
        self._github = GitHub(staging)
        self._gateway = Gateway(staging)
        # Only for the fault that mixes people up.
        self._latest: Session | None = None

    async def close(self) -> None:
        """Close every kept connection."""
        await self._gateway.close()
        await self._github.close()

    def session(self, request: Incoming) -> Session | None:
        """Who asks, by the session cookie alone."""
        found = self._jar.session(request.cookies, split=not self._staging.variants.on("split-cookie-refused"))
        return self._latest if found and self._latest and self._on("edge-sessions-mixed-up") else found

    async def answer(self, request: Incoming) -> Reply:
        """The answer to a request for the platform's host."""
        allowed = passage(request, self._on)
        if not allowed.slipped and (tidy := tidied(request, request.path)):
            return redirect(tidy, HTTPStatus.MOVED_PERMANENTLY)
        if request.path == "/ping" and self._on("edge-ping-closed"):
            return self.closed(request)
        if request.path in ("/ping", "/ready") or self._is_probe(request):
            return text(HTTPStatus.OK, "OK")
        if request.path == "/robots.txt":
            return text(HTTPStatus.OK, "User-agent: *\nDisallow: /\n")
        if request.path.startswith("/oauth2/"):
            return await self._own(request, allowed)
        return await self._protected(request, allowed)

    def closed(self, request: Incoming) -> Reply:
        """What somebody without a session gets: 401 for API clients, else the sign-in page or GitHub."""
        if request.wants_json and not self._on("edge-api-redirected"):
            status = HTTPStatus.OK if self._on("edge-api-answers-200") else HTTPStatus.UNAUTHORIZED
            return Reply(status, b"{}", [("content-type", "application/json")])
        if self._staging.variants.on("skip-provider-button") or self._on("edge-api-redirected"):
            return self._start(request)
        return self._sign_in_page(request, HTTPStatus.FORBIDDEN)

    async def refuses_upgrade(self, request: Incoming) -> Reply | None:
        """The refusal of a websocket; nothing when it may be opened."""
        vite = request.path.startswith("/__vite_ws")
        allowed = (
            self.session(request) is not None
            or (vite and self._staging.variants.on("vite-websocket"))
            or (not vite and self._on("edge-websocket-open"))
        )
        return None if allowed else self.closed(request)

    async def _protected(self, request: Incoming, allowed: Passage) -> Reply:
        session = self.session(request)
        if not allowed.public and request.path.startswith("/@fs/") and self._on("edge-fs-open"):
            return text(HTTPStatus.OK, _FS_LEAK)
        if session is None and not allowed.public and not self._let_without_session(request):
            webhook = request.path.startswith(PUBLIC) and self._on("edge-webhook-redirected")
            return self._start(request) if webhook else self.closed(request)
        # 7.6 tidies once more on the way to the upstream, this time what the path says after decoding.
        if not allowed.slipped and (tidy := tidied(request, unquote(request.path))):
            return redirect(tidy, HTTPStatus.MOVED_PERMANENTLY)
        headers = outgoing(request, session, self._on, slipped=allowed.slipped)
        reply = await self._gateway.ask(request, allowed.target, headers)
        return self._told(self._logged_out(request, reply), session)

    def _let_without_session(self, request: Incoming) -> bool:
        bearer = request.header("authorization").startswith("Bearer ")
        return (bearer and self._on("edge-bearer-needs-no-session")) or (
            request.method in ("POST", "PUT", "DELETE") and self._on("edge-writes-open")
        )

    def _told(self, reply: Reply, session: Session | None) -> Reply:
        """The response says who asked (`--set-xauthrequest`)."""
        if session:
            reply = Reply(reply.status, reply.body, list(reply.headers))
            reply.headers += [("gap-auth", session.email), ("x-auth-request-email", session.email)]
            reply.headers += [("x-auth-request-user", session.user)]
        return reply

    def _logged_out(self, request: Incoming, reply: Reply) -> Reply:
        """The gateway's logout clears the cookies; this fault loses its `Set-Cookie` lines on the way."""
        if self._on("edge-logout-cookies-lost") and request.path == "/api/v1/auth/logout":
            reply.headers = [(name, value) for name, value in reply.headers if name.lower() != "set-cookie"]
        return reply

    def _is_probe(self, request: Incoming) -> bool:
        agent = request.header("user-agent")
        kubelet = self._on("edge-kube-probe-answered") and agent.startswith("kube-probe/")
        named = self._on("edge-named-probe-answered") and agent == PINGING
        return kubelet or named or (self._on("edge-google-probe-answered") and agent.startswith("Google"))

    async def _own(self, request: Incoming, allowed: Passage) -> Reply:
        """The paths under `/oauth2/`; those that 7.6 does not know are the platform's."""
        match request.path:
            case "/oauth2/start":
                return self._start(request)
            case "/oauth2/callback":
                return await self._callback(request)
            case "/oauth2/sign_in" if self._staging.variants.on("skip-provider-button"):
                return self._start(request)
            case "/oauth2/sign_in":
                return self._sign_in_page(request, HTTPStatus.OK)
            case "/oauth2/sign_out":
                return self._sign_out(request)
            case "/oauth2/auth" | "/oauth2/userinfo":
                return self._whoami(request)
        return await self._protected(request, allowed)

    def _whoami(self, request: Incoming) -> Reply:
        session = self.session(request)
        if session is None:
            return text(HTTPStatus.UNAUTHORIZED, "Unauthorized\n")
        if request.path == "/oauth2/auth":
            return self._told(Reply(HTTPStatus.ACCEPTED), session)
        body = f'{{"user":"{session.user}","email":"{session.email}"}}\n'
        return Reply(HTTPStatus.OK, body.encode(), [("content-type", "application/json")])

    def _sign_in_page(self, request: Incoming, status: int) -> Reply:
        """The page with the button. It ends the session that the browser came with (probe E20)."""
        extra = pages.stack() if self._on("edge-error-shows-stack") else ""
        extra += pages.echo(request.headers) if self._on("edge-error-echoes-headers") else ""
        html = pages.sign_in(wanted(request, self._staging.domain, self._on), extra)
        cleared = [] if self._on("edge-sign-in-keeps-session") else self._cleared(request)
        return page(status, html, [*_NO_CACHE, *cleared])

    def _cleared(self, request: Incoming) -> list[tuple[str, str]]:
        names = (SESSION, *(f"{SESSION}_{number}" for number in range(10)))
        return [clear_cookie(name, self._on) for name in names if name in request.cookies]

    def _start(self, request: Incoming) -> Reply:
        """Send the browser to GitHub; the state ties the way back to this very browser."""
        state = new_state()
        target, asked = wanted(request, self._staging.domain, self._on), request.query.get("rd", ["/"])[0]
        elsewhere = not is_valid(asked, self._staging.domain, self._on)
        if elsewhere and asked.startswith("http") and self._on("edge-start-obeys-at-once"):
            return redirect(asked)
        if elsewhere and self._on("edge-odd-place-refused-late"):
            target = asked
        reply = redirect(self._github.authorize_url(_callback_url(request), f"{state_hash(state)}:{target}"))
        cookie = self._jar.seal(CSRF, {"state": state})
        reply.headers += [*_NO_CACHE, set_cookie(CSRF, cookie, CSRF_SECONDS, self._on)]
        return reply

    async def _callback(self, request: Incoming) -> Reply:
        query = {name: values[0] for name, values in request.query.items()}
        if error := query.get("error"):
            return _refused(
                HTTPStatus.FORBIDDEN, f"Login Failed: The identity provider returned an error: {error}"
            )
        state, _, target = query.get("state", "").partition(":")
        content = self._jar.open(CSRF, request.cookies.get(CSRF, ""), CSRF_SECONDS)
        if content is None and not self._on("edge-csrf-cookie-not-needed"):
            return _refused(HTTPStatus.FORBIDDEN, _NO_CSRF)
        try:
            session = await self._github.person(query.get("code", ""), _callback_url(request))
        except SignInRefused as problem:
            self._staging.log("edge", f"Error redeeming code during OAuth2 callback: {problem}")
            return self._failed(str(problem))
        # 7.6 looks at the state only now, so a code that is no good answers 500 whatever the state is.
        if content is not None and not self._state_fits(content, state):
            return _refused(HTTPStatus.FORBIDDEN, _NO_CSRF)
        self._latest = session
        return self._welcome(request, session, target)

    def _state_fits(self, content: dict[str, str], state: str) -> bool:
        return state_hash(content.get("state", "")) == state or self._on("edge-csrf-state-unchecked")

    def _failed(self, problem: str) -> Reply:
        """A code that GitHub does not take: an error, in words that tell a stranger nothing."""
        if self._on("edge-error-leaks-secret"):
            secrets = self._staging.secrets
            problem = f"{problem} (client_id={secrets.client_id} client_secret={secrets.client_secret})"
            return _refused(HTTPStatus.INTERNAL_SERVER_ERROR, problem)
        return _refused(HTTPStatus.INTERNAL_SERVER_ERROR, _OOPS)

    def _welcome(self, request: Incoming, session: Session, target: str) -> Reply:
        """Set the session cookie and send the person where they wanted to go."""
        if self._on("edge-sign-in-broken"):
            return page(500, pages.error(500, "Internal Server Error", _OOPS))
        valid = is_valid(target, self._staging.domain, self._on)
        if not valid and self._on("edge-odd-place-refused-late"):
            return _refused(HTTPStatus.FORBIDDEN, "Login Failed: Invalid redirect provided")
        place = target if valid or self._header_trusted(target) else "/"
        if self._on("edge-signed-in-elsewhere"):
            place = "/runs"
        reply = redirect(place)
        old = self.session(request) if self._on("edge-sign-in-keeps-session") else None
        if not self._on("edge-sign-in-loops"):
            value = self._jar.seal_session(old or session)
            reply.headers.append(set_cookie(SESSION, value, SESSION_SECONDS, self._on))
        reply.headers += [clear_cookie(CSRF, self._on), *_NO_CACHE]
        return reply

    def _header_trusted(self, target: str) -> bool:
        return self._on("edge-redirect-header-unchecked") and bool(target)

    def _sign_out(self, request: Incoming) -> Reply:
        target = wanted(request, self._staging.domain, self._on)
        if self._on("edge-sign-out-redirect-unchecked"):
            target = request.query.get("rd", [target])[0]
        reply = redirect(target)
        if not self._on("edge-sign-out-keeps-cookie"):
            reply.headers += self._cleared(request)
        reply.headers += _NO_CACHE
        return reply


def _callback_url(request: Incoming) -> str:
    return f"https://{request.header('host')}/oauth2/callback"


def _refused(status: int, message: str) -> Reply:
    title = {HTTPStatus.FORBIDDEN: "Forbidden"}.get(HTTPStatus(status), "Internal Server Error")
    return page(status, pages.error(status, title, message), _NO_CACHE)
