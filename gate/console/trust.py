"""How a browser finds and trusts a staging with addresses and an authority of its own.

A hosts override becomes a resolver rule. With an internal CA each host's certificate is first judged by a TLS
client against that CA; then the browser is told to accept exactly the key that was seen (the CA's own key would
not do: Chromium compares leaf keys). Without an internal CA the browser trusts what the machine trusts.
"""

from __future__ import annotations

import base64
import hashlib
import socket
from collections.abc import Iterable
from pathlib import Path

from gate.doors.http import Hosts, mapped
from gate.doors.tls import believing
from gate.errors import NotProven
from gate.language import say


def resolver_rules(hosts: Hosts) -> str:
    """The value of `--host-resolver-rules` for a hosts override."""
    return ", ".join(
        f"MAP {_place(name, port)} {_place(address, instead)}"
        for (name, port), (address, instead) in hosts.items()
    )


def pins(places: Iterable[tuple[str, int]], hosts: Hosts, ca: Path, seconds: float) -> list[str]:
    """The key digests of the hosts whose certificates the internal CA vouches for.

    The first place is the staging's own: when it is not to be trusted nothing can be judged in a browser.
    GitHub, the others, may well be trusted by the machine instead.
    """
    found = []
    for number, (host, port) in enumerate(places):
        try:
            found.append(_pin(host, port, hosts, ca, seconds))
        except OSError as failure:
            if number == 0:
                raise _untrusted(host, port, failure) from None
    return found


def _pin(host: str, port: int, hosts: Hosts, ca: Path, seconds: float) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    with (
        socket.create_connection(mapped(hosts, host, port), timeout=seconds) as plain,
        believing(ca).wrap_socket(plain, server_hostname=host) as secured,
    ):
        leaf = secured.getpeercert(binary_form=True) or b""
    key = x509.load_der_x509_certificate(leaf).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return base64.b64encode(digest).decode()


def _place(name: str, port: int | None) -> str:
    shown = f"[{name}]" if ":" in name else name
    return shown if port is None else f"{shown}:{port}"


def _untrusted(host: str, port: int, failure: OSError) -> NotProven:
    return NotProven(
        say(
            f"{host}:{port} cannot be opened in a browser: {failure}. See preconditions s1.pre.1 and s1.pre.2.",
            f"{host}:{port} не открыть в браузере: {failure}. См. предусловия s1.pre.1 и s1.pre.2.",
        ),
        "staging",
    )
