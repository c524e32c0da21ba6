"""The place for a real oauth2-proxy: what the ingress passes on to it, its flags and secrets, and its end.

The program here is a small stand-in that tells what it was given; the real one is `make real`'s matter.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from sandbox import edge, people
from sandbox.beside import ProgramError
from sandbox.edge.identity import through_ingress
from sandbox.edge.messages import Incoming
from sandbox.edge.wire import exchange
from sandbox.sockets import HOST, bind, port_of
from sandbox.staging import PROXY_FLAGS, Staging

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = f"""#!{sys.executable}
import http.server, json, os, sys
class Told(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        said = json.dumps({{"flags": sys.argv[1:], "environment": dict(os.environ)}})
        self.send_response(200); self.end_headers(); self.wfile.write(said.encode())
    def log_message(self, *words): print("asked", flush=True)
address = next(flag for flag in sys.argv if flag.startswith("--http-address=")).rpartition(":")[2]
http.server.HTTPServer(("127.0.0.1", int(address)), Told).serve_forever()
"""


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    made = Staging(tmp_path)
    people.settle(made)
    made.ports |= {"gateway": 1, "outbound": 2, "oauth2_proxy": port_of(bind("oauth2-proxy"))}
    return made


def program(folder: Path, text: str = PROGRAM) -> Path:
    path = folder / "oauth2-proxy"
    path.write_text(text)
    path.chmod(0o755)
    return path


def run(what: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(what)


def passed_on(*headers: tuple[str, str], strips: bool = False, underscores: bool = False) -> list[tuple[str, str]]:
    request = Incoming("GET", "/", (("host", "x"), *headers), client="192.0.2.1")
    return through_ingress(request, strips_auth_request=strips, keeps_underscores=underscores)


def test_a_plain_ingress_knows_nothing_of_people() -> None:
    claim, forwarded = ("x-auth-request-email", "a@b"), ("x-forwarded-email", "a@b")
    assert claim in passed_on(claim) and forwarded in passed_on(forwarded)
    redirect = ("x-auth-request-redirect", "/x")
    assert claim not in passed_on(claim, redirect, strips=True) and redirect in passed_on(redirect, strips=True)


def test_the_ingress_drops_underscores_unless_told_otherwise() -> None:
    name = ("x_auth_request_email", "a@b")
    assert name not in passed_on(name) and name in passed_on(name, underscores=True)


def test_what_nginx_writes_itself_cannot_be_given_by_a_client() -> None:
    sent = [("x-forwarded-for", "9.9.9.9"), ("connection", "close, x-forwarded-email"), ("x-real-ip", "9.9.9.9")]
    got = passed_on(*sent)
    assert not set(sent) & set(got) and ("x-real-ip", "192.0.2.1") in got
    assert ("connection", "upgrade") in passed_on(("upgrade", "websocket"), ("connection", "upgrade"))


def test_the_process_has_the_flags_of_the_contract_and_its_secrets_in_the_environment(staging: Staging) -> None:
    async def told() -> Any:
        started = edge.proxy_program(staging, program(staging.folder))
        await started.start()
        try:
            answer = await exchange(staging.port("oauth2_proxy"), "GET", b"/", [(b"host", b"x")], b"")
            return answer.json(), [*staging.logs["edge"]]
        finally:
            await started.stop()

    said, log = run(told())
    assert set(PROXY_FLAGS) < set(said["flags"])
    assert not any(flag.startswith("--reverse-proxy") for flag in said["flags"])
    held = staging.secrets
    assert said["environment"]["OAUTH2_PROXY_COOKIE_SECRET"] == held.cookie
    assert not any(secret in " ".join(said["flags"]) for secret in (held.cookie, held.client_secret))
    assert log


def test_a_program_that_does_not_start_says_why(staging: Staging) -> None:
    broken = program(staging.folder, "#!/bin/sh\necho invalid configuration\nexit 3\n")
    with pytest.raises(ProgramError, match="code 3: invalid configuration"):
        run(edge.proxy_program(staging, broken).start())


def test_an_early_refusal_of_a_large_body_is_heard() -> None:
    async def refused() -> int:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1000)
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.2)
            writer.transport.abort()

        server = await asyncio.start_server(answer, HOST, 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return (await exchange(port, "POST", b"/", [(b"host", b"x")], b"x" * 30_000_000)).status

    assert run(refused()) == 400


@pytest.mark.parametrize("killed", [False, True])
def test_the_process_ends_with_its_sandbox(tmp_path: Path, killed: bool) -> None:
    command = [sys.executable, "-m", "sandbox", "--json", "--oauth2-proxy", str(program(tmp_path))]
    sandbox = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert sandbox.stdout
    json.loads(sandbox.stdout.readline())
    running = _children(tmp_path)
    assert len(running) == 1
    sandbox.kill() if killed else sandbox.terminate()
    sandbox.wait(20)
    deadline = time.monotonic() + 10
    while _children(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _children(tmp_path)


def _children(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(folder / "oauth2-proxy").encode() in arguments and b"--provider=github" in arguments:
                found.append(entry.name)
    return found
