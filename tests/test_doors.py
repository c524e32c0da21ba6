"""The doors' own judgement: names, certificates, TLS versions, spellings of a secret, port-forwards."""

from __future__ import annotations

import base64
import datetime
import os
import socket
import ssl
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
import requests
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding

from gate import evidence
from gate.doors import dns, forward, raw
from gate.doors.deploy import Rollout
from gate.doors.forward import Forward, Place
from gate.doors.github import GitHub
from gate.doors.http import Exchange, Hosts, Http
from gate.doors.outward import Outward
from gate.doors.raw import Ask, Raw
from gate.doors.records import Run
from gate.doors.secrecy import decrypted, found_in, sealed
from gate.doors.session import session
from gate.doors.tls import Certificate, can_offer
from gate.doors.webhook import LARGEST_BODY_BYTES, size_refused_on_the_way
from gate.errors import Broken, NotProven

TOKEN = "ghp_0123456789abcdefABCDEF0123456789abcd"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("8.8.8.8", ("8.8.8.8", 53)),
        ("8.8.8.8:5353", ("8.8.8.8", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_resolver_is_read_with_and_without_a_port(given: str, wanted: tuple[str, int]) -> None:
    assert dns.place(given) == wanted


def test_a_resolver_that_is_no_address_is_told() -> None:
    with pytest.raises(NotProven, match="GATE_RESOLVER"):
        dns.place("dns.google")


def certificate(*names: str) -> Certificate:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + datetime.timedelta(1))
    names_of = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    signed = builder.add_extension(names_of, critical=False).sign(key, hashes.SHA256())
    return Certificate(signed.public_bytes(Encoding.DER))


@pytest.mark.parametrize(
    ("name", "host", "covered"),
    [
        ("staging.example.org", "Staging.example.org", True),
        ("*.example.org", "staging.example.org", True),
        ("*.example.org", "a.staging.example.org", False),
        ("*.example.org", "example.org", False),
        ("staging.example.org.evil", "staging.example.org", False),
    ],
)
def test_a_certificate_covers_its_names_and_no_other(name: str, host: str, covered: bool) -> None:
    assert certificate(name).covers(host) is covered


def test_tls_1_2_can_be_offered_by_every_client() -> None:
    assert can_offer(ssl.TLSVersion.TLSv1_2)


@pytest.mark.parametrize("prefix", ["", "x", "xy", "xyz", "user:"])
def test_a_secret_is_found_in_clear_hex_and_base64_wherever_it_stands(prefix: str) -> None:
    raw = (prefix + TOKEN + "!").encode()
    assert found_in(TOKEN, raw)
    assert found_in(TOKEN, raw.hex())
    assert found_in(TOKEN, raw.hex().upper())
    assert found_in(TOKEN, {"deep": [base64.b64encode(raw).decode()]})
    assert found_in(TOKEN, base64.urlsafe_b64encode(raw))


def test_a_ciphertext_does_not_look_like_its_secret() -> None:
    key, nonce = os.urandom(32), os.urandom(12)
    stored = nonce + AESGCM(key).encrypt(nonce, TOKEN.encode(), None)
    assert not found_in(TOKEN, [stored, stored.hex(), base64.b64encode(stored)])
    assert decrypted(stored, key.hex()) == TOKEN.encode()
    assert decrypted(sealed(TOKEN, key.hex()), key.hex()) == TOKEN.encode()
    assert decrypted(stored, os.urandom(32).hex()) is None
    assert decrypted(stored[:-16], key.hex()) is None
    assert decrypted(b"", key.hex()) is None


@pytest.mark.parametrize(
    ("changes", "complete"),
    [
        ({}, True),
        ({"observed": 6}, False),
        ({"updated": 1}, False),
        ({"available": 1}, False),
        ({"existing": 3}, False),
        ({"wanted": 0, "existing": 0, "updated": 0, "available": 0}, False),
    ],
)
def test_a_rollout_is_complete_when_nothing_of_the_old_is_left(changes: dict[str, Any], complete: bool) -> None:
    usual: dict[str, Any] = {
        "name": "codex-k8s",
        "generation": 7,
        "observed": 7,
        "progress": "",
        "progress_at": None,
    }
    counts = {"wanted": 2, "existing": 2, "updated": 2, "available": 2, "deadline_seconds": 600}
    assert Rollout(**(usual | counts | changes)).complete is complete


class _Pod:
    """Stands in for the cluster: each stream into the pod echoes, until it is told to break."""

    def __init__(self) -> None:
        self.streams: list[socket.socket] = []

    def another_api(self) -> _Pod:
        return self

    def close(self) -> None:
        for stream in self.streams:
            stream.close()

    def connect(self) -> socket.socket:
        near, far = socket.socketpair()
        self.streams.append(far)
        threading.Thread(target=self._echo, args=(far,), daemon=True).start()
        return near

    @staticmethod
    def _echo(stream: socket.socket) -> None:
        try:
            while data := stream.recv(1024):
                stream.sendall(data.upper())
        except OSError:
            return


def test_a_forward_that_broke_is_mended_by_the_next_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    pod = _Pod()
    monkeypatch.setattr(Forward, "_connect", pod.connect)
    monkeypatch.setitem(forward.PLACES, "database", lambda _: Place("postgres-0", 5432))
    opened = Forward(pod, "database")  # type: ignore[arg-type]
    try:
        for word in (b"first", b"second"):
            with socket.create_connection(("127.0.0.1", opened.port), 5) as caller:
                caller.sendall(word)
                assert caller.recv(64) == word.upper()
                pod.streams[-1].shutdown(socket.SHUT_RDWR)
                caller.settimeout(5)
                assert caller.recv(64) == b""
    finally:
        opened.close()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", opened.port), 1).close()


@pytest.mark.parametrize(
    ("size", "status", "body", "on_the_way"),
    [
        (LARGEST_BODY_BYTES + 1, 413, b"<html>", True),
        (LARGEST_BODY_BYTES + 1, 502, b"<html>", True),
        (LARGEST_BODY_BYTES + 1, 413, b'{"code":413,"message":"Request Entity Too Large"}', True),
        (LARGEST_BODY_BYTES + 1, 413, b'{"code":"invalid_argument","field":"body"}', False),
        (LARGEST_BODY_BYTES + 1, 502, b'{"error":"bad gateway"}', True),
        (LARGEST_BODY_BYTES + 1, 502, b'{"code":"bad_gateway"}', False),
        (LARGEST_BODY_BYTES, 502, b"<html>", False),
        (LARGEST_BODY_BYTES + 1, 500, b"<html>", False),
    ],
)
def test_a_body_over_the_limit_may_be_refused_on_its_way(
    size: int, status: int, body: bytes, on_the_way: bool
) -> None:
    answer = Exchange("POST", "https://x/", status, (), body, 0.1, (), b"x" * size)
    assert size_refused_on_the_way(answer) is on_the_way


def test_an_early_refusal_that_closes_the_connection_is_read_to_its_end() -> None:
    # Longer than a reader's buffer, so part of it is still to be read when http.client has closed the socket.
    page = b"<html>" + b"-" * 100_000
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            stream, _ = server.accept()
            with stream:
                stream.recv(4096)
                head = f"HTTP/1.1 413 Too Large\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"
                stream.sendall(head.encode() + page)
                stream.shutdown(socket.SHUT_WR)
                with suppress(OSError):
                    while stream.recv(65536):
                        pass

        threading.Thread(target=refuse, daemon=True).start()
        door = Raw(f"http://127.0.0.1:{server.getsockname()[1]}", "edge", {}, None, 5)
        answer = door.ask(Ask("POST", "/hook", body=b"x" * 25_000_000))
    assert (answer.status, answer.body) == (413, page)


@pytest.mark.parametrize("answer", ["HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}", "", None])
def test_who_gets_half_a_body_answers_hangs_up_or_waits_for_the_rest(answer: str | None) -> None:
    ask = Ask("POST", "/hook", (("Content-Length", "900000"),), b"x" * 300_000)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take_half() -> None:
            stream, _ = server.accept()
            with stream, suppress(OSError):
                taken = 0
                while (answer is None or taken < 300_000) and (some := stream.recv(65536)):
                    taken += len(some)
                stream.sendall((answer or "").encode())

        threading.Thread(target=take_half, daemon=True).start()
        door = Raw(f"http://127.0.0.1:{server.getsockname()[1]}", "gateway", {}, None, 5)
        if answer is None:
            with pytest.raises(Broken, match="the rest is waited for"):
                door.ask_halfway(ask, 0.3)
        else:
            found = door.ask_halfway(ask, 5)
            assert (found.status if found else None) == (400 if answer else None)
    with pytest.raises(NotProven):
        door.ask_halfway(ask, 0.3)


def test_what_is_asked_at_once_is_written_but_for_its_last_byte_before_any_is_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Echo(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(202)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    written: list[bytes] = []
    send = raw._Wire.send

    def noted(wire: Any, data: bytes) -> None:
        written.append(bytes(data))
        send(wire, data)

    monkeypatch.setattr(raw._Wire, "send", noted)
    bodies = [f"body {number}".encode() for number in range(5)]
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        door = Raw(f"http://127.0.0.1:{server.server_port}", "edge", {}, None, 5)
        answers = door.ask_at_once([Ask("POST", "/hook", body=body) for body in bodies])
        server.shutdown()
    assert [(answer.status, answer.body) for answer in answers] == [(202, body) for body in bodies]
    assert written[-len(bodies) :] == [body[-1:] for body in bodies]


@pytest.mark.parametrize(
    ("status", "headers", "told", "category"),
    [
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1790000100"}, "until 14:15 UTC", "staging"),
        (429, {"retry-after": "60"}, "rate limit is used up, until", "staging"),
        (403, {"x-ratelimit-remaining": "4711"}, "Look at GATE_GITHUB_TOKEN", "not-configured"),
        (503, {}, "did not answer 200", "staging"),
    ],
)
def test_githubs_limit_is_no_mistake_in_the_settings(
    status: int, headers: dict[str, str], told: str, category: str
) -> None:
    answer = Exchange("GET", "https://api.github.test/x", status, tuple(headers.items()), b"{}", 0.01)
    github = GitHub(cast(Http, SimpleNamespace(request=lambda *_, **__: answer)), "token-of-a-test")
    with pytest.raises(NotProven, match=told) as refused:
        github.repository("codex-k8s-gate/probe-one")
    assert refused.value.category == category


@pytest.mark.parametrize("signed_by", ["public", "internal", "machine", "nobody"])
def test_an_internal_ca_is_believed_beside_the_public_ones(
    signed_by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The staging's certificate may be the internal CA's while GitHub's is a public one."""
    authorities = {name: trustme.CA() for name in ("public", "internal", "machine", "nobody")}
    for name in ("public", "internal", "machine"):
        authorities[name].cert_pem.write_to_path(tmp_path / name)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "machine"))
    monkeypatch.setattr("certifi.where", lambda: str(tmp_path / "public"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authorities[signed_by].issue_cert("api.gate.test").configure_cert(tls)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hosts: Hosts = {("api.gate.test", 443): ("127.0.0.1", server.server_port)}
    try:
        with session(hosts, tmp_path / "internal") as asked:
            if signed_by == "nobody":
                with pytest.raises(requests.exceptions.SSLError):
                    asked.get("https://api.gate.test/")
            else:
                assert asked.get("https://api.gate.test/").status_code == 501
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("body", [b'"invalid webhook signature"', b"[]", b"null", b"7", b"", b"<html>"])
def test_an_answer_that_is_no_object_is_the_platforms(body: bytes) -> None:
    told = Exchange("POST", "https://x.test/", 401, (("Content-Type", "application/json"),), body, 0.01)
    with pytest.raises(Broken, match="not the JSON of the contract"):
        told.json()
    made = Exchange("POST", "https://x.test/", 201, (("Content-Type", "application/json"),), b'{"id":null}', 0.01)
    with pytest.raises(Broken, match="names no id"):
        _ = made.id


def test_a_record_is_written_as_people_read_it() -> None:
    """Messages show records as they are: no names of Python in what the Owner reads."""
    moment = datetime.datetime(2026, 11, 25, 9, 30, tzinfo=datetime.UTC)
    run = Run(UUID(int=1), "gate-1", None, "running", True, moment, None, None)

    assert str([run]) == (
        '[{"id": "00000000-0000-0000-0000-000000000001", "correlation_id": "gate-1", "project_id": null, '
        '"status": "running", "learning_mode": true, "created_at": "2026-11-25 09:30:00+00:00", '
        '"started_at": null, "finished_at": null}]'
    )


@pytest.mark.parametrize("everywhere", [True, False])
def test_ports_of_other_namespaces_are_looked_for_where_they_may_be_read(everywhere: bool) -> None:
    def service(namespace: str, port: int) -> Any:
        taken = SimpleNamespace(protocol="TCP", node_port=port, port=80)
        meta = SimpleNamespace(name="x", namespace=namespace)
        return SimpleNamespace(metadata=meta, spec=SimpleNamespace(ports=[taken], type="NodePort"))

    own, other = service("codex", 30080), service("kube-system", 30443)
    found: dict[str, Any] = {
        "all services": [own, other] if everywhere else None,
        "services": [own],
        "pods": [],
    }
    calls = ("list_service_for_all_namespaces", "list_namespaced_service", "list_namespaced_pod")
    cluster: Any = SimpleNamespace(
        namespace="codex",
        core=lambda: SimpleNamespace(**dict.fromkeys(calls)),
        readable=lambda what, *_: None if found[what] is None else SimpleNamespace(items=found[what]),
    )
    evidence.begin()
    ports = Outward(cluster).machine_ports()
    assert ports == {30080: "service codex/x"} | ({30443: "service kube-system/x"} if everywhere else {})
    assert bool(evidence.record().weaker) is not everywhere
