"""`python -m sandbox` as others meet it: its settings, its faults at work, and that nothing outlives it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import dns.rcode
import psycopg
import pytest
import requests
from cryptography import x509

from sandbox import lifetime
from sandbox.faults import catalogue
from sandbox.variants import TROUBLES, VARIANTS
from tests.local_staging import ROOT, Settings, launch, local_staging, settings_of, switched

NAME = "staging.codex-k8s.test"


def said(*arguments: str, code: int, **more: Any) -> str:
    """What a command that ends by itself says; its exit code must be `code`."""
    process = launch(*arguments, stdin=subprocess.DEVNULL, **more)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code, out + err
    assert "Traceback" not in err
    return (out + err).strip()


def until_gone(path: str) -> None:
    deadline = time.monotonic() + 10
    while Path(path).exists():
        assert time.monotonic() < deadline, f"{path} is still there"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def staging() -> Iterator[Settings]:
    with local_staging() as told:
        yield told


def place(staging: Settings, port: int, name: str = NAME) -> tuple[str, int]:
    """Where a port of the staging really is."""
    pairs = dict(pair.split("=") for pair in staging["GATE_HOSTS"].split(","))
    host, local = pairs[f"{name}:{port}"].split(":")
    return host, int(local)


def answers(staging: Settings, port: int) -> bool:
    try:
        socket.create_connection(place(staging, port), 5).close()
    except ConnectionRefusedError:
        return False
    return True


def shown_certificate(staging: Settings, name: str = NAME) -> x509.Certificate:
    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(place(staging, 443), 5) as plain,
        careless.wrap_socket(plain, server_hostname=name) as secured,
    ):
        der = secured.getpeercert(binary_form=True)
    assert der
    return x509.load_der_x509_certificate(der)


def verified(staging: Settings, name: str = NAME, port: int = 443) -> str:
    """The TLS version that was agreed on with a client who checks everything."""
    careful = ssl.create_default_context(cafile=staging["GATE_CA_FILE"])
    with (
        socket.create_connection(place(staging, port, name), 5) as plain,
        careful.wrap_socket(plain, server_hostname=name) as secured,
    ):
        return secured.version() or ""


def test_the_settings_are_texts_and_cover_every_door(staging: Settings) -> None:
    assert all(isinstance(value, str) and value for value in staging.values())
    for role in ("ADMIN", "MEMBER", "STRANGER"):
        assert {f"GATE_{role}_{key}" for key in ("LOGIN", "PASSWORD", "EMAIL")} <= set(staging)
    assert len(staging["GATE_GITHUB_REPOSITORIES"].split(",")) >= 2
    for file in ("GATE_CA_FILE", "GATE_KUBECONFIG"):
        assert Path(staging[file]).is_file()
    assert Path(staging["GATE_KUBECONFIG"]).stat().st_mode & 0o077 == 0


def test_every_door_answers(staging: Settings) -> None:
    assert verified(staging) == "TLSv1.3"
    assert verified(staging, "github.codex-k8s.test") == verified(staging, "api.github.codex-k8s.test")
    assert requests.get(staging["GATE_GATEWAY_URL"] + "/readyz", timeout=5).text == "ok"
    with psycopg.connect(staging["GATE_DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone()
    assert [answers(staging, port) for port in (22, 80, 443)] == [True] * 3


def test_ports_that_must_be_closed_are_refused(staging: Settings) -> None:
    assert not any(answers(staging, port) for port in (6443, 10250, 10254, 5000, 8443, 5432, 8080, 4180, 5173))


def test_another_name_gets_the_ingress_own_certificate(staging: Settings) -> None:
    assert "Fake Certificate" in shown_certificate(staging, "other.test").issuer.rfc4514_string()


def test_the_smoke_script_keeps_its_contract(staging: Settings) -> None:
    def smoke() -> tuple[int, list[str]]:
        done = subprocess.run(
            staging["GATE_SMOKE_COMMAND"], shell=True, cwd="/", capture_output=True, text=True, timeout=30
        )
        lines = done.stdout.splitlines()
        assert all(line.startswith("[smoke] ") for line in lines)
        return done.returncode, lines

    assert smoke()[0] == 0
    assert smoke()[1][-1] == "[smoke] OK"
    with switched(staging, "migrate-failed"):
        code, lines = smoke()
        assert code == 1
        assert lines[-1].startswith("[smoke] FAIL: ")
    with switched(staging, "smoke-fails-with-zero"):
        assert smoke()[0] == 0
    with switched(staging, "smoke-cut-short"):
        assert smoke()[1][-1] != "[smoke] OK"


@pytest.mark.parametrize(
    ("fault", "port"),
    [
        ("kubernetes-api-open", 6443),
        ("kubelet-open", 10250),
        ("registry-open", 5000),
        ("metrics-port-open", 10254),
        ("ingress-admission-open", 8443),
        ("postgres-open", 5432),
        ("gateway-port-open", 8080),
        ("console-port-open", 5173),
    ],
)
def test_a_port_can_be_opened_and_closed_again(staging: Settings, fault: str, port: int) -> None:
    with switched(staging, fault):
        assert answers(staging, port)
    assert not answers(staging, port)


def test_the_open_kubernetes_port_is_the_api_itself(staging: Settings) -> None:
    with switched(staging, "kubernetes-api-open"):
        host, port = place(staging, 6443)
        refused = requests.get(f"https://{host}:{port}/version", verify=staging["GATE_CA_FILE"], timeout=5)
        assert refused.json()["kind"] == "Status"


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("certificate-other-name", "Hostname mismatch"),
        ("certificate-ended", "expired"),
        ("certificate-other-issuer", "unable to get local issuer"),
        ("certificate-self-signed", "self-signed"),
    ],
)
def test_a_bad_certificate_is_refused_by_a_careful_client(staging: Settings, fault: str, complaint: str) -> None:
    good = shown_certificate(staging)
    with switched(staging, fault):
        with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
            verified(staging)
        assert shown_certificate(staging).public_key() == good.public_key()
    assert shown_certificate(staging) == good
    assert verified(staging)


def test_certificates_that_only_a_closer_look_tells(staging: Settings) -> None:
    good = shown_certificate(staging)
    with switched(staging, "certificate-about-to-end"):
        assert verified(staging)
        assert (good.not_valid_after_utc - shown_certificate(staging).not_valid_after_utc).days > 80
    with switched(staging, "certificate-not-the-secrets"):
        assert verified(staging)
        assert shown_certificate(staging) != good


def test_old_tls_is_refused_unless_a_fault_allows_it(staging: Settings) -> None:
    command = ["openssl", "s_client", "-connect", "{}:{}".format(*place(staging, 443)), "-servername", NAME]
    command += ["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"]

    def handshake() -> bool:
        try:
            done = subprocess.run(command, input="", capture_output=True, text=True, timeout=10)
        except FileNotFoundError:
            pytest.skip("no openssl on this machine")
        return done.returncode == 0

    assert not handshake()
    with switched(staging, "tls-old-versions"):
        assert handshake()
        assert verified(staging) == "TLSv1.3"
    assert not handshake()


@pytest.mark.parametrize(
    ("fault", "kind", "expected"),
    [
        ("", "A", ["127.0.0.1"]),
        ("", "AAAA", []),
        ("dns-other-address", "A", ["203.0.113.7"]),
        ("dns-stray-address", "A", ["127.0.0.1", "203.0.113.7"]),
        ("dns-stray-ipv6", "AAAA", ["::1"]),
        ("dns-no-record", "A", []),
    ],
)
def test_the_name_server(staging: Settings, fault: str, kind: str, expected: list[str]) -> None:
    host, port = staging["GATE_RESOLVER"].split(":")
    with switched(staging, *filter(None, [fault])):
        answer = dns.query.udp(dns.message.make_query(NAME, kind), host, timeout=5, port=int(port))
    assert sorted(str(record) for rrset in answer.answer for record in rrset) == expected
    assert (answer.rcode() == dns.rcode.NXDOMAIN) is (fault == "dns-no-record")


def test_a_migration_that_is_not_applied(staging: Settings) -> None:
    query = "SELECT is_applied FROM goose_db_version ORDER BY id DESC LIMIT 1"
    with psycopg.connect(staging["GATE_DATABASE_URL"], autocommit=True) as connection:
        with switched(staging, "goose-newest-not-applied"):
            assert connection.execute(query).fetchone() == (False,)
        assert connection.execute(query).fetchone() == (True,)


def test_connections_to_the_database_can_be_cut(staging: Settings) -> None:
    connection = psycopg.connect(staging["GATE_DATABASE_URL"], autocommit=True)
    with switched(staging, "database-connections-cut", kind="troubles"), pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()
    with psycopg.connect(staging["GATE_DATABASE_URL"]) as another:
        assert another.execute("SELECT 1").fetchone() == (1,)
    assert requests.get(staging["GATE_GATEWAY_URL"] + "/readyz", timeout=10).text == "ok"


def test_the_control_door_knows_its_names(staging: Settings) -> None:
    control = staging["SANDBOX_CONTROL"]
    wrong = requests.put(f"{control}/faults", json=["certificate-other-nam"], timeout=5)
    assert wrong.status_code == 400
    assert "certificate-other-name" in wrong.json()["error"]
    for body in ({"a": 1}, [1], "x"):
        assert requests.put(f"{control}/faults", json=body, timeout=5).status_code == 400
    assert requests.put(f"{control}/faults", data="{", timeout=5).status_code == 400
    assert requests.get(f"{control}/faults", timeout=5).json() == []
    with switched(staging, next(iter(VARIANTS)), kind="variants"), switched(staging, *TROUBLES, kind="troubles"):
        assert requests.get(f"{control}/troubles", timeout=5).json() == sorted(TROUBLES)


def test_the_lists_begin_with_the_name() -> None:
    lines = said("--list-faults", "--lang", "en", code=0).splitlines()
    assert [line.split("\t")[0] for line in lines] == list(catalogue())
    russian = said("--list-faults", "--lang", "ru", code=0).splitlines()
    assert all(re.search("[а-яё]", line.split("\t")[2]) for line in russian)
    assert said("--list-variants", code=0).split("\t")[0] in VARIANTS


def test_wrong_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    assert "pod-crash-loop" in said("--json", "--fault", "pod-crashloop", code=2)
    assert "no-such" in said("--json", code=2, env={"GATE_SANDBOX_FAULTS": "no-such"})
    assert "--variant" not in said("--json", "--variant", "zzz", code=2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        text = said("--json", "--edge-port", port, code=1)
    assert port in text
    assert len(text.splitlines()) == 1
    assert len(said("--json", "--state", f"{tmp_path}/nobody", "--edge-port", "99999", code=1).splitlines()) == 1


def test_faults_and_times_from_the_command_line() -> None:
    process = launch(
        "--json", "--fault", "dns-no-record", "--poll", "0.1", env={"GATE_SANDBOX_FAULTS": "pod-crash-loop"}
    )
    try:
        found = settings_of(process)
        on = requests.get(f"{found['SANDBOX_CONTROL']}/faults", timeout=5).json()
        assert on == ["dns-no-record", "pod-crash-loop"]
        assert found["GATE_POLL_SECONDS"] == "0.1"
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize("how", ["pipe", "SIGTERM", "SIGINT", "SIGKILL"])
def test_nothing_outlives_it(how: str) -> None:
    process = launch("--json")
    found = settings_of(process)
    if how == "pipe":
        assert process.stdin
        process.stdin.close()
    else:
        process.send_signal(signal.Signals[how])
    code = process.wait(20)
    assert code == (-signal.SIGKILL if how == "SIGKILL" else 0)
    assert process.stderr and process.stderr.read() == ""
    until_gone(found["SANDBOX_FOLDER"])
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(found["GATE_DATABASE_URL"])


@pytest.mark.parametrize("seconds", [0.05, 0.5])
def test_a_start_that_is_broken_off_leaves_nothing(seconds: float) -> None:
    process = launch("--json")

    def folders() -> list[Path]:
        return list(Path(tempfile.gettempdir()).glob(f"codex-k8s-sandbox-{process.pid}-*"))

    try:
        deadline = time.monotonic() + 20
        while not folders():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(seconds)
    finally:
        process.terminate()
    assert process.wait(20) == 0
    assert folders() == []


def test_a_kept_one_outlives_its_parent_and_is_found_by_its_state_file(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    process = launch("--json", "--keep", "--state", str(state))
    try:
        found = settings_of(process)
        process.stdin.close()  # type: ignore[union-attr]
        os.kill(process.pid, signal.SIGHUP)
        assert json.loads(state.read_text()) == found
        assert state.stat().st_mode & 0o777 == 0o600
        text = said("--json", "--keep", "--state", str(state), code=1)
        assert str(process.pid) in text
        assert process.poll() is None
        assert "stops" in said("--stop", "--state", str(state), "--lang", "en", code=0)
        assert process.wait(20) == 0
    finally:
        process.terminate()
        process.wait(20)
    assert not state.exists()
    assert "No local staging" in said("--stop", "--state", str(state), "--lang", "en", code=0)


def test_a_kept_one_ends_when_nobody_asks_any_more() -> None:
    process = launch("--json", "--keep", "--idle", "0.5")
    found = settings_of(process)
    assert process.wait(20) == 0
    until_gone(found["SANDBOX_FOLDER"])


def test_without_json_it_tells_how_to_aim() -> None:
    process = launch("--lang", "ru")
    assert process.stdout
    try:
        first = process.stdout.readline()
        assert "запущен" in first
        lines = [process.stdout.readline() for _ in range(5)]
        assert any(line.startswith(f"GATE_DOMAIN={NAME}") for line in lines)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_every_fault_is_declared_and_used() -> None:
    sources = {path: path.read_text() for path in (ROOT / "sandbox").rglob("*") if path.suffix in (".py", ".js")}
    outside = "\n".join(text for path, text in sources.items() if "faults" not in path.parts)
    unused = [name for name in catalogue() if f'"{name}"' not in outside and not _composed(name)]
    assert unused == []
    asked = set(re.findall(r'(?:faults\.on|broken)\(\s*"([^"]+)"', outside))
    assert asked <= set(catalogue())
    assert set(re.findall(r'variants\.on\(\s*"([^"]+)"|differs\(\s*"([^"]+)"', outside)) is not None


def _composed(name: str) -> bool:
    """Names that the console puts together from the name of a list, or of what drew it anew."""
    lists = r"console-(projects|runs|users|repositories)-empty|console-lists-lost-by-(flag|history)"
    return bool(re.fullmatch(lists, name))


def test_every_fault_says_something_in_both_languages() -> None:
    for fault in catalogue().values():
        assert fault.lines, fault.name
        assert re.search("[а-яё]", fault.ru), fault.name
        assert not re.search("[а-яё]", fault.en), fault.name
        assert all(re.fullmatch(r"s1\.[a-z0-9.]+", line) for line in fault.lines), fault.name


def test_a_task_that_misses_that_it_was_cancelled_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifetime, "CANCELLED_WITHIN_SECONDS", 0.05)
    missed: list[bool] = []

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if missed:
                    raise
                missed.append(True)

    async def end() -> bool:
        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        await asyncio.wait_for(lifetime.cancel(task), 10)
        return task.cancelled()

    assert asyncio.run(end())
    assert missed
