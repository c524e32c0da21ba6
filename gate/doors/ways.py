"""Ways around: an HTTP proxy to what is outside, a jump host to what is inside.

Each is a local port; the doors are led there by the hosts override, and know nothing of it (the cluster's client
takes no such override: gate/doors/beyond.py). Names are resolved beyond the proxy and beyond the jump host. TLS
goes through from end to end.
"""

from __future__ import annotations

import base64
import http.client
import re
import shlex
import socket
import subprocess
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from gate.doors.http import mapped
from gate.doors.relay import Relay

if TYPE_CHECKING:
    from gate.settings import Settings

PROXY_PORT, PROXY_SECONDS = 3128, 20.0
POSTGRES_PORT = 5432
# What a proxy says of itself and of its rules, and not of what lies behind it.
REFUSALS = re.compile(r"\b(400|403|405|407)\b")
SSH = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15")


class ThroughProxy(Relay):
    """Leads to `host:port` by the CONNECT of an HTTP proxy."""

    def __init__(self, proxy: str, host: str, port: int) -> None:
        self._proxy = urlsplit(proxy)
        self._wanted = host, port
        super().__init__(f"proxy-{host}:{port}")

    def trouble(self) -> str:
        """Why the proxy itself leads nowhere, or ""; what lies behind it may be down all the same."""
        try:
            socket.create_connection(self._place, PROXY_SECONDS).close()
        except OSError as away:
            return str(away)
        try:
            self._connect().close()
        except OSError as refused:
            return str(refused) if REFUSALS.search(str(refused)) else ""
        return ""

    @property
    def _place(self) -> tuple[str, int]:
        return self._proxy.hostname or "", self._proxy.port or PROXY_PORT

    def _connect(self) -> socket.socket:
        wire = http.client.HTTPConnection(*self._place, timeout=PROXY_SECONDS)
        wire.set_tunnel(*self._wanted, headers=self._credentials())
        # Raises OSError with the proxy's own words when it refuses.
        wire.connect()
        return wire.sock

    def _credentials(self) -> dict[str, str]:
        if not self._proxy.username:
            return {}
        pair = f"{unquote(self._proxy.username)}:{unquote(self._proxy.password or '')}"
        return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


class ThroughJump(Relay):
    """Leads to `host:port` as the jump host sees it; keys and known hosts are those of the user's own ssh."""

    def __init__(self, jump: str, host: str, port: int) -> None:
        self._command = [*SSH, "-W", f"{host}:{port}", *_destination(jump)]
        self.started: list[subprocess.Popen[bytes]] = []
        super().__init__(f"jump-{host}:{port}")

    def close(self) -> None:
        """Stop listening, and end what ssh still runs."""
        super().close()
        for process in self.started:
            process.terminate()
            process.wait()

    def _connect(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self.started = [process for process in self.started if process.poll() is None]
            self.started.append(subprocess.Popen(self._command, stdin=theirs.fileno(), stdout=theirs.fileno()))
        return ours

    def __str__(self) -> str:
        return shlex.join(self._command)


def led(settings: Settings) -> tuple[Settings, list[Relay]]:
    """The settings that lead the doors through the proxy and the jump host, and what to close in the end."""
    ways: list[Relay] = []
    hosts: dict[tuple[str, int], int] = {}
    changed: dict[str, str] = {}
    if proxy := settings["GATE_PROXY"]:
        for there in _outside(settings):
            ways.append(ThroughProxy(proxy, *mapped(settings["GATE_HOSTS"], *there)))
            hosts[there] = ways[-1].port
    if jump := settings["GATE_JUMP"]:
        if address := settings["GATE_GATEWAY_URL"]:
            inside = place(address)
            ways.append(ThroughJump(jump, *inside))
            hosts[inside] = ways[-1].port
        if address := settings["GATE_DATABASE_URL"]:
            parts = urlsplit(address)
            ways.append(ThroughJump(jump, parts.hostname or "localhost", parts.port or POSTGRES_PORT))
            login, _, host = parts.netloc.rpartition("@")
            # The name stays for TLS; the connection goes to the local port.
            netloc = f"{login}@{host.partition(':')[0]}:{ways[-1].port}"
            query = "&".join(filter(None, (parts.query, "hostaddr=127.0.0.1")))
            changed["GATE_DATABASE_URL"] = urlunsplit(parts._replace(netloc=netloc, query=query))
    if hosts:
        pairs = [f"{name}:{port}=127.0.0.1:{local}" for (name, port), local in hosts.items()]
        changed["GATE_HOSTS"] = ",".join(filter(None, (settings.raw("GATE_HOSTS"), *pairs)))
    return settings.replaced(changed) if changed else settings, ways


def _outside(settings: Settings) -> list[tuple[str, int]]:
    """What lies outside: the staging's edge, also in plain HTTP, and GitHub."""
    edge = place(f"https://{settings['GATE_DOMAIN']}")
    github = [place(settings[name]) for name in ("GATE_GITHUB_URL", "GATE_GITHUB_API_URL")]
    return list(dict.fromkeys([edge, (edge[0], 80), *github]))


def place(address: str) -> tuple[str, int]:
    """Host and port of a URL."""
    parts = urlsplit(address)
    return (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def _destination(jump: str) -> Iterable[str]:
    """`user@host` or `user@host:port` for ssh's command line."""
    host, colon, port = jump.rpartition(":")
    return ("-p", port, host) if colon and port.isdigit() else (jump,)
