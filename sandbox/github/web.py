"""github.com in a browser: signing in, the second factor, authorizing an application, the token for its code."""

from __future__ import annotations

import hmac
import json
import secrets
from http import HTTPStatus
from urllib.parse import parse_qs, quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from . import pages
from .accounts import Accounts

SESSION_COOKIE = "user_session"
HALF_WAY_COOKIE = "two_factor"
_WRONG_PASSWORD = "Incorrect username or password."
_WRONG_CODE = "Two-factor authentication failed."


class Web:
    """The pages, and the OAuth web flow behind them."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._staging = accounts.staging

    def routes(self) -> list[Route]:
        """All addresses of the web host."""
        return [
            Route("/login", self.login),
            Route("/session", self.session, methods=["POST"]),
            Route("/sessions/two-factor/app", self.second_factor),
            Route("/sessions/two-factor", self.verify, methods=["POST"]),
            Route("/sessions/trusted-device", self.trusted_device, methods=["GET", "POST"]),
            Route("/logout", self.logout, methods=["GET", "POST"]),
            Route("/login/oauth/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/login/oauth/access_token", self.access_token, methods=["POST"]),
        ]

    def signed_in(self, request: Request) -> str | None:
        """The login that this browser is signed in as."""
        return self._accounts.sessions.get(request.cookies.get(SESSION_COOKIE, ""))

    async def login(self, request: Request) -> Response:
        """The sign-in page; who has a session already goes on at once."""
        target = _own_path(request.query_params.get("return_to", ""))
        if self.signed_in(request):
            return _see(target)
        return self._sign_in_page(target)

    async def session(self, request: Request) -> Response:
        """Login and password were sent."""
        form = await _form(request)
        target = _own_path(form.get("return_to", ""))
        person = self._accounts.with_password(form.get("login", ""), form.get("password", ""))
        if person is None:
            return self._sign_in_page(target, _WRONG_PASSWORD)
        if person.totp_secret is None:
            return self._welcome(person.login, target)
        half_way = secrets.token_hex(16)
        self._accounts.half_way[half_way] = person.login
        return _with_cookie(
            _see(f"/sessions/two-factor/app?{urlencode({'return_to': target})}"), HALF_WAY_COOKIE, half_way
        )

    async def second_factor(self, request: Request) -> Response:
        """The page for the code."""
        if request.cookies.get(HALF_WAY_COOKIE, "") not in self._accounts.half_way:
            return _see("/login")
        return self._code_page(_own_path(request.query_params.get("return_to", "")))

    async def verify(self, request: Request) -> Response:
        """The code was sent."""
        form, half_way = await _form(request), request.cookies.get(HALF_WAY_COOKIE, "")
        target, login = _own_path(form.get("return_to", "")), self._accounts.half_way.get(half_way)
        if login is None:
            return _see("/login")
        if not self._accounts.code_is_right(login, form.get("app_otp", "")):
            return self._code_page(target, _WRONG_CODE)
        del self._accounts.half_way[half_way]
        return self._welcome(login, target)

    async def trusted_device(self, request: Request) -> Response:
        """A page that has nothing to do with the application, on the way to it."""
        target = _own_path(request.query_params.get("return_to", ""))
        if request.method == "POST":
            return _see(target)
        return HTMLResponse(
            pages.trusted_device(target, later=not self._staging.troubles.on("github-page-in-the-way"))
        )

    async def logout(self, request: Request) -> Response:
        """Sign out, after a question."""
        if request.method == "GET":
            return HTMLResponse(pages.sign_out())
        self._accounts.sessions.pop(request.cookies.get(SESSION_COOKIE, ""), None)
        reply = _see("/")
        reply.delete_cookie(SESSION_COOKIE, secure=True, httponly=True)
        return reply

    async def authorize(self, request: Request) -> Response:
        """The application asks who this is; a browser that said yes before passes with no page at all."""
        query, login = request.query_params, self.signed_in(request)
        if query.get("client_id") != self._staging.secrets.client_id or self._staging.faults.on(
            "github-application-gone"
        ):
            return HTMLResponse(pages.home(login), HTTPStatus.NOT_FOUND)
        if login is None:
            here = f"{request.url.path}?{request.url.query}"
            return _see(f"/login?client_id={query['client_id']}&return_to={quote(here, safe='')}")
        if query.get("redirect_uri", self._callback) != self._callback:
            return self._back(error="redirect_uri_mismatch", state=query.get("state", ""))
        if request.method == "GET" and self._must_ask(login):
            return HTMLResponse(pages.authorize(login, request.url.query))
        if request.method == "POST" and (await _form(request)).get("authorize") == "0":
            return self._back(error="access_denied", state=query.get("state", ""))
        self._accounts.authorized.add(login)
        return self._back(code=self._accounts.grant(login, self._callback), state=query.get("state", ""))

    async def access_token(self, request: Request) -> Response:
        """The application's own request: a token for its code."""
        form, held = await _form(request), self._staging.secrets
        ours = form.get("client_id") == held.client_id
        ours = ours and hmac.compare_digest(form.get("client_secret", "").encode(), held.client_secret.encode())
        answer = {"error": "incorrect_client_credentials"}
        if ours and not self._staging.faults.on("github-client-secret-wrong"):
            token = self._accounts.redeem(form.get("code", ""), form.get("redirect_uri", ""))
            answer = {"error": "bad_verification_code"}
            if token:
                answer = {"access_token": token, "scope": "read:org,user:email", "token_type": "bearer"}
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse(answer)
        return Response(urlencode(answer), media_type="application/x-www-form-urlencoded; charset=utf-8")

    @property
    def _callback(self) -> str:
        """The one address that the application registered."""
        wrong = "/callback" if self._staging.faults.on("github-callback-not-registered") else ""
        return f"{self._staging.public_url}{wrong}/oauth2/callback"

    def _must_ask(self, login: str) -> bool:
        on = self._staging.variants.on
        often = on("github-asks-after-ten") and self._accounts.signs_in_often(login)
        return login not in self._accounts.authorized or often or on("github-asks-each-time")

    def _back(self, **query: str) -> Response:
        """Send the browser back to the application."""
        return _see(f"{self._staging.public_url}/oauth2/callback?{urlencode(query)}")

    def _welcome(self, login: str, target: str) -> Response:
        session = secrets.token_hex(16)
        self._accounts.sessions[session] = login
        if self._staging.variants.on("github-offers-passkey") or self._staging.troubles.on(
            "github-page-in-the-way"
        ):
            target = f"/sessions/trusted-device?{urlencode({'return_to': target})}"
        return _with_cookie(_see(target), SESSION_COOKIE, session)

    def _sign_in_page(self, target: str, error: str = "") -> Response:
        passkey = self._staging.variants.on("github-passkey-button")
        return HTMLResponse(pages.sign_in(target, error, passkey=passkey))

    def _code_page(self, target: str, error: str = "") -> Response:
        itself = self._staging.variants.on("github-code-submits-itself")
        return HTMLResponse(pages.second_factor(target, error, submits_itself=itself))


def _see(target: str) -> Response:
    return RedirectResponse(target, HTTPStatus.FOUND)


def _with_cookie(reply: Response, name: str, value: str) -> Response:
    reply.set_cookie(name, value, secure=True, httponly=True, samesite="lax")
    return reply


def _own_path(target: str) -> str:
    """Only a path of GitHub itself; anything else leads home."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, or of a JSON body, which GitHub takes as well."""
    body = (await request.body()).decode("utf-8", "replace")
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            fields = json.loads(body)
        except ValueError:
            return {}
        return {str(k): str(v) for k, v in fields.items()} if isinstance(fields, dict) else {}
    return {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
