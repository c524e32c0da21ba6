"""Through a proxy and a jump host: real ones, between the doors and a local staging."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gate.blockers import fetch_blockers
from gate.doors.http import mapped
from gate.doors.raw import Ask
from gate.errors import Broken, NotProven, SettingError
from gate.opening import open_target
from gate.settings import BY_NAME, Settings
from gate.target import Target
from tests.local_staging import local_staging

Values = dict[str, str]
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")


@pytest.fixture(scope="module")
def values() -> Iterator[Values]:
    with local_staging() as told:
        yield {name: value for name, value in told.items() if name in BY_NAME}


class Proxy:
    """A proxy that only connects, and wants to know who asks."""

    def __init__(self, port: int = 0) -> None:
        self.asked: list[str] = []
        self.refused = ""
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://qa:pa%20ss@127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += caller.recv(1)
        target = head.split()[1].decode()
        self.asked.append(target)
        if base64.b64encode(b"qa:pa ss") not in head:
            caller.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            caller.close()
            return
        if target == self.refused:
            caller.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            caller.close()
            return
        host, _, port = target.rpartition(":")
        other = socket.create_connection((host, int(port)))
        caller.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=pump, args=(caller, other), daemon=True).start()
        pump(other, caller)


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def opened(values: Values, **more: str) -> Target:
    return open_target(Settings({**values, "GATE_REQUEST_SECONDS": "5", **more}), print)


def test_every_door_to_the_outside_goes_through_the_proxy(values: Values) -> None:
    proxy = Proxy()
    with closing(opened(values, GATE_PROXY=proxy.url)) as target:
        assert target.edge.request("GET", "/oauth2/auth").status == 401
        assert len(proxy.asked) == 2  # the first is whether the proxy lets one through at all
        assert target.raw.ask(Ask("GET", "/ping")).status == 200
        assert target.github.repository_id(target.settings["GATE_GITHUB_REPOSITORIES"][0])
        assert len(set(proxy.asked)) == 2
        before = len(proxy.asked)
        assert target.people.staff("admin").me().status == 200  # a browser signs in
        assert len(proxy.asked) > before
        assert target.gateway.request("GET", "/healthz").status == 200
        assert proxy.url not in str(target.settings.shown())
    proxy.close()


def test_a_proxy_that_went_away_is_met_again_when_it_is_back(values: Values) -> None:
    proxy = Proxy()
    with closing(opened(values, GATE_PROXY=proxy.url)) as target:
        assert target.raw.ask(Ask("GET", "/ping"), fresh=True).status == 200
        proxy.close()
        with pytest.raises((Broken, NotProven)):
            target.raw.ask(Ask("GET", "/ping"), fresh=True)
        back = Proxy(proxy.port)
        assert target.raw.ask(Ask("GET", "/ping"), fresh=True).status == 200
        back.close()


def test_a_proxy_that_refuses_is_told_before_anything_runs(values: Values) -> None:
    proxy = Proxy()
    with pytest.raises(SettingError, match=r"GATE_PROXY .* does not lead to .*: .*407") as failure:
        opened(values, GATE_PROXY=proxy.url.replace("pa%20ss", "not-the-word"))
    assert "not-the-word" not in str(failure.value)
    proxy.close()
    with pytest.raises(SettingError, match=r"GATE_PROXY .* does not lead to .*refused"):
        opened(values, GATE_PROXY=proxy.url)


def test_a_proxy_that_leads_to_no_plain_http_is_no_silent_platform(values: Values) -> None:
    proxy = Proxy()
    with closing(opened(values, GATE_PROXY=proxy.url)) as target:
        assert target.plain_url() == f"http://{target.domain}"
    known = Settings(values)
    proxy.refused = ":".join(map(str, mapped(known["GATE_HOSTS"], known["GATE_DOMAIN"], 80)))
    with closing(opened(values, GATE_PROXY=proxy.url)) as target:
        with pytest.raises(NotProven, match=r"GATE_PROXY does not lead to plain HTTP of .*403"):
            assert target.plain_url()
        assert target.edge.request("GET", "/oauth2/auth").status == 401
    proxy.close()


@pytest.fixture
def jump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real sshd, and an ssh that knows it and has a key."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    shutil.copy(tmp_path / "user.pub", tmp_path / "authorized")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = tmp_path / "config"
    config.write_text(
        f"IdentityFile {tmp_path}/user\nUserKnownHostsFile {tmp_path}/known\nStrictHostKeyChecking accept-new\n"
    )
    wrapper = tmp_path / "bin" / "ssh"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {config} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", str(wrapper.parent), prepend=":")
    Path("/run/sshd").mkdir(exist_ok=True)
    options = (f"AuthorizedKeysFile={tmp_path}/authorized", "StrictModes=no", "UsePAM=no", "PidFile=none")
    command = [str(SSHD), "-D", "-e", "-f", "/dev/null", "-p", str(port), "-h", str(tmp_path / "host")]
    with subprocess.Popen(
        [*command, *(word for option in options for word in ("-o", option))], stderr=subprocess.PIPE
    ) as process:
        assert process.stderr and b"listening" in process.stderr.readline()
        yield f"root@127.0.0.1:{port}"
        process.terminate()


@pytest.mark.skipif(not SSHD, reason="no sshd here (Debian: openssh-server)")
def test_database_and_gateway_are_reached_from_the_jump_host(values: Values, jump: str) -> None:
    with closing(opened(values, GATE_JUMP=jump)) as target:
        assert "hostaddr=127.0.0.1" in target.settings["GATE_DATABASE_URL"]
        assert target.database.value("SELECT count(*) FROM goose_db_version") > 0
        assert target.gateway.request("GET", "/healthz").status == 200
        assert target.cluster.pods()
        assert target.cluster.api.configuration.tls_server_name == "127.0.0.1"  # as the kubeconfig names it
        assert led_there(target)
        # A tunnel that breaks is mended by the next connection.
        for way in target.ways:
            for process in getattr(way, "started", ()):
                process.kill()
        assert target.database.value("SELECT 1") == 1


@pytest.mark.skipif(not SSHD, reason="no sshd here (Debian: openssh-server)")
def test_with_a_jump_host_a_kube_context_is_enough(values: Values, jump: str) -> None:
    """Database and gateway are found through the cluster's API, which only the jump host may reach."""
    with closing(opened(values, GATE_JUMP=jump, GATE_DATABASE_URL="", GATE_GATEWAY_URL="")) as target:
        assert target.gateway.request("GET", "/healthz").status == 200
        assert target.database.value("SELECT count(*) FROM goose_db_version") > 0
        assert led_there(target)


def led_there(target: Target) -> bool:
    """Whether the cluster's client connects to a way of its own."""
    configuration = target.cluster.api.configuration
    return configuration.host in {f"https://127.0.0.1:{way.port}" for way in configuration.ways.values()}


def test_notes_and_blockers_go_through_the_proxy(values: Values) -> None:
    proxy = Proxy()
    settings = Settings({**values, "GATE_PROXY": proxy.url, "GATE_BLOCKERS": "nobody/nothing?labels=p0"})
    found = fetch_blockers(settings)
    assert found.state == "failed" and "GitHub did not do what it was asked" in found.problem
    assert proxy.asked == [values["GATE_HOSTS"].rpartition("=")[2]]
    proxy.close()
