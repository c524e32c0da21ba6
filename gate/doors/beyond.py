"""The cluster's API as a jump host sees it: what a kubeconfig says, reached through a local port."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from kubernetes import client

from gate.doors.ways import ThroughJump, place


class Beyond(client.Configuration):
    """The client's configuration. TLS goes through from end to end and judges the name in the kubeconfig.

    The client writes address and proxy anew each time it renews a credential: they are led where they are written.
    """

    def __init__(self, jump: str) -> None:
        self._jump = jump
        self.ways: dict[tuple[str, int], ThroughJump] = {}
        super().__init__()

    @property
    def host(self) -> str:
        """The address to connect to."""
        return str(super().host)

    @host.setter
    def host(self, value: str) -> None:
        self.named, there = value, place(value)
        if there not in self.ways:
            self.ways[there] = ThroughJump(self._jump, *there)
        self.tls_server_name = self.tls_server_name or there[0]
        led = urlsplit(value)._replace(netloc=f"127.0.0.1:{self.ways[there].port}")
        client.Configuration.host.fset(self, urlunsplit(led))  # type: ignore[attr-defined]

    @property
    def proxy(self) -> None:
        """None: the way is the jump host, whatever the environment says."""

    @proxy.setter
    def proxy(self, value: str | None) -> None:
        """Nothing."""

    def close(self) -> None:
        """Close the ways."""
        for way in self.ways.values():
            way.close()
