"""What an HTTP door keeps: a session of `requests` that listens to nothing of this machine.

A module of its own, for `requests` is slow to load and only a door that is opened needs it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from gate.doors.http import Hosts, mapped
from gate.doors.tls import believing

WORKERS_AT_ONCE = 32

# A kept connection may be closed by the other side at the moment it is used. Asking again is harmless where
# nothing was sent, or where asking changes nothing; a lost answer to a POST stays lost.
_AGAIN = Retry(total=None, connect=1, read=1, status=0, redirect=0, other=0, allowed_methods=("GET", "HEAD"))


def session(hosts: Hosts, ca: Path | None) -> requests.Session:
    """A new session; connections to `hosts` go elsewhere, and `ca` is believed beside the public ones."""
    made = requests.Session()
    # A proxy or a CA bundle from the environment must not overrule the target's own settings.
    made.trust_env = False
    made.headers.clear()
    made.headers["User-Agent"] = "codex-k8s-gate"
    # Otherwise requests would add headers that a probe did not ask for.
    made.cookies.set_policy(_NoCookies())
    for scheme in ("https://", "http://"):
        made.mount(scheme, _Adapter(hosts, ca))
    return made


class _Adapter(HTTPAdapter):
    """Connects to the overridden address; the certificate is still judged by the name in the URL."""

    def __init__(self, hosts: Hosts, ca: Path | None) -> None:
        self._hosts = hosts
        # An internal CA signs the staging, not GitHub: requests' own list stays in force.
        self._believed = believing(ca)
        super().__init__(pool_connections=8, pool_maxsize=WORKERS_AT_ONCE, max_retries=_AGAIN)

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        place, pool_kwargs = self.build_connection_pool_key_attributes(request, verify, cert)
        host, port = place["host"], place["port"] or (443 if place["scheme"] == "https" else 80)
        address, real_port = mapped(self._hosts, host, port)
        if place["scheme"] == "https":
            named: dict[str, Any] = {"server_hostname": host, "assert_hostname": host} if address != host else {}
            pool_kwargs = {**pool_kwargs, "ssl_context": self._believed, **named}  # type: ignore[typeddict-item]
        return self.poolmanager.connection_from_host(
            host=address, port=real_port, scheme=place["scheme"], pool_kwargs=pool_kwargs
        )

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the context believes what it should, and requests would read its own list into it each time."""


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined,misc]
    """Keeps no cookie: who asks is said in each request."""

    def set_ok(self, cookie: Any, request: Any) -> bool:
        return False
