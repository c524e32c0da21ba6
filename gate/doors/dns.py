"""The name door: which addresses a name has, by this machine's resolver and by a second one."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

from gate import evidence
from gate.errors import NotProven
from gate.language import say

DNS_PORT = 53
KINDS = ("A", "AAAA")


@dataclass(frozen=True)
class Lookup:
    """What one resolver says about a name; no address and no trouble: the name does not exist."""

    resolver: str
    name: str
    addresses: tuple[str, ...] = ()
    trouble: str = ""

    def __str__(self) -> str:
        return f"{self.name} @ {self.resolver}: {', '.join(self.addresses) or self.trouble or '-'}"


def by_system(name: str) -> Lookup:
    """Ask as every program on this machine does, its hosts file included."""
    evidence.used("name")
    resolver = say("this machine", "эта машина")
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as failure:
        # EAI_AGAIN: the resolver itself is away, which says nothing about the name.
        trouble = str(failure) if failure.errno == socket.EAI_AGAIN else ""
        return _noted(Lookup(resolver, name, trouble=trouble))
    return _noted(Lookup(resolver, name, _sorted({str(entry[4][0]) for entry in found})))


def by_resolver(name: str, resolver: str, seconds: float) -> Lookup:
    """Ask a resolver given as `ip` or `ip:port`, for A and AAAA."""
    evidence.used("name")
    import dns.exception
    import dns.resolver

    asked = dns.resolver.Resolver(configure=False)
    address, asked.port = place(resolver)
    asked.nameservers, asked.lifetime = [address], seconds
    found: set[str] = set()
    for kind in KINDS:
        try:
            found |= {record.to_text() for record in asked.resolve(name, kind)}
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            continue
        except dns.exception.DNSException as failure:
            return _noted(Lookup(resolver, name, trouble=" ".join(str(failure).split())))
    return _noted(Lookup(resolver, name, _sorted(found)))


def place(resolver: str) -> tuple[str, int]:
    """`ip`, `ip:port` or `[ip]:port` as address and port."""
    host, colon, port = resolver.rpartition(":")
    if colon and port.isdigit() and (host.count(":") == 0 or host.startswith("[")):
        resolver, number = host.strip("[]"), int(port)
    else:
        resolver, number = resolver.strip("[]"), DNS_PORT
    try:
        return str(ipaddress.ip_address(resolver)), number
    except ValueError:
        raise NotProven(
            say(
                f"GATE_RESOLVER must be an address, ip or ip:port, not '{resolver}'.",
                f"GATE_RESOLVER должен быть адресом ip или ip:port, а не «{resolver}».",
            )
        ) from None


def _sorted(addresses: set[str]) -> tuple[str, ...]:
    return tuple(sorted(addresses))


def _noted(lookup: Lookup) -> Lookup:
    evidence.note(str(lookup))
    return lookup
