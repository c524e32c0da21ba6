"""A small house for the tests of the edge and of GitHub: both for real over TLS, and a gateway that echoes."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from sandbox import edge, github, people
from sandbox.certificates import Certificates
from sandbox.edge.cookies import Jar, Session
from sandbox.serving import Server
from sandbox.sockets import bind, port_of
from sandbox.staging import DOMAIN, GITHUB, GITHUB_API, Staging

PARTS = ("edge", "edge_http", "gateway", "github")
JSON = ("Accept", "application/json")
Headers = list[tuple[str, str]]


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    @property
    def cookies(self) -> list[str]:
        return [value for key, value in self.headers if key.lower() == "set-cookie"]


@dataclass
class House:
    """Edge, GitHub and an echo, with their addresses."""

    staging: Staging
    tls: ssl.SSLContext

    def ask(
        self, method: str, target: str, *headers: tuple[str, str], host: str = DOMAIN, body: bytes | None = None
    ) -> Answer:
        """One request, exactly as written, over TLS."""
        part = "edge" if host not in (GITHUB, GITHUB_API) else "github"
        plain = socket.create_connection(("127.0.0.1", self.staging.port(part)), timeout=10)
        name = host if part == "github" else DOMAIN
        return _talk(self.tls.wrap_socket(plain, server_hostname=name), host, method, target, headers, body)

    def ask_plain(self, method: str, target: str) -> Answer:
        """One request to port 80."""
        plain = socket.create_connection(("127.0.0.1", self.staging.port("edge_http")), timeout=10)
        return _talk(plain, DOMAIN, method, target, (), None)

    def cookie(self, role: str = "member") -> tuple[str, str]:
        """The header with a session of one of the people."""
        person = self.staging.people[role]
        jar = Jar(self.staging.secrets.cookie, lambda _: False)
        return ("Cookie", f"_oauth2_proxy={jar.seal_session(Session(person.email, person.login))}")

    @contextmanager
    def broken(self, *faults: str) -> Iterator[None]:
        """Faults on, and off again."""
        self.staging.faults.active |= set(faults)
        try:
            yield
        finally:
            self.staging.faults.active -= set(faults)


def _talk(plain: socket.socket, host: str, method: str, target: str, headers: Any, body: bytes | None) -> Answer:
    connection = http.client.HTTPConnection(host)
    connection.sock = plain
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in [("Host", host), *headers]:
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    found = Answer(answer.status, answer.getheaders(), answer.read())
    connection.close()
    return found


@dataclass
class Browser:
    """Follows redirects between the edge and GitHub and keeps cookies."""

    house: House
    jar: dict[str, dict[str, str]] = field(default_factory=dict)
    address: str = ""

    def go(self, address: str, form: dict[str, str] | None = None) -> Answer:
        method = "GET" if form is None else "POST"
        for _ in range(12):
            answer = self._once(method, address, form)
            self.address = address
            if answer.status not in (301, 302, 308):
                return answer
            method, address, form = "GET", urljoin(address, answer.header("location")), None
        raise AssertionError("too many redirects")

    def sign_in(self, role: str, rd: str = "/runs") -> Answer:
        """The whole way through GitHub."""
        import pyotp

        person = self.house.staging.people[role]
        answer = self.go(f"https://{DOMAIN}/oauth2/start?{urlencode({'rd': rd})}")
        if 'name="login"' in answer.text:
            form = {"login": person.login, "password": person.password, "return_to": _return_to(answer)}
            answer = self.go(f"https://{GITHUB}/session", form)
        if 'name="app_otp"' in answer.text and person.totp_secret:
            form = {"app_otp": pyotp.TOTP(person.totp_secret).now(), "return_to": _return_to(answer)}
            answer = self.go(f"https://{GITHUB}/sessions/two-factor", form)
        return self.go(self.address, {"authorize": "1"}) if "Authorize codex-k8s" in answer.text else answer

    def _once(self, method: str, address: str, form: dict[str, str] | None) -> Answer:
        url = urlsplit(address)
        host = url.hostname or ""
        kept = self.jar.setdefault(host, {})
        headers = [("Cookie", "; ".join(f"{name}={value}" for name, value in kept.items()))] if kept else []
        body = None if form is None else urlencode(form).encode()
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        answer = self.house.ask(method, target, *headers, host=host, body=body)
        for line in answer.cookies:
            name, _, value = line.partition(";")[0].partition("=")
            kept[name] = value
            if not value.strip('"'):
                del kept[name]
        return answer


def _return_to(answer: Answer) -> str:
    import html
    import re

    found = re.search(r'name="return_to" value="([^"]*)"', answer.text)
    assert found, answer.text
    return html.unescape(found[1])


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """A gateway that says what reached it; a few addresses answer as the real one would."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    query = "?" + scope["query_string"].decode() if scope["query_string"] else ""
    target = scope["raw_path"].decode("latin-1") + query
    said = [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]]
    status = {"/gives/401": 401, "/gives/400": 400, "/gives/403": 403}.get(target, 200)
    echoed = {"method": scope["method"], "target": target, "headers": said, "body": body.decode("latin-1")}
    headers = [(b"content-type", b"application/json")]
    if target == "/api/v1/auth/logout":
        headers += [
            (b"set-cookie", name + b"=; Path=/; Max-Age=0") for name in (b"_oauth2_proxy", b"codexk8s_jwt")
        ]
    echo.counted[target] = echo.counted.get(target, 0) + 1  # type: ignore[attr-defined]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(echoed).encode()})


echo.counted = {}  # type: ignore[attr-defined]


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """Everything started in a loop of its own, and stopped again."""
    staging = Staging(folder)
    people.settle(staging)
    bound = {part: bind(part, 0) for part in PARTS}
    staging.ports |= {part: port_of(each) for part, each in bound.items()}
    certificates = Certificates(staging)
    servers = [
        Server(edge.app(staging), bound["edge"], certificates.edge(), http=edge.Protocol),
        Server(edge.redirect_app(staging), bound["edge_http"], http=edge.Protocol),
        Server(echo, bound["gateway"], http="h11", lifespan="off"),
        Server(github.app(staging), bound["github"], certificates.inside()),
    ]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    for server in servers:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield House(staging, ssl.create_default_context(cafile=str(staging.ca_file)))
    finally:
        for server in servers:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
        for each in bound.values():
            each.close()
