"""A name server for the staging's names, so that "the domain resolves to the staging's address" can be proven."""

from __future__ import annotations

import asyncio
import socket
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.rrset

from .staging import GITHUB, GITHUB_API, Staging

ADDRESS = "127.0.0.1"
OLD_ADDRESS = "203.0.113.7"
# Nobody listens there: an address without a way to it would tell nothing.
OLD_ADDRESS_6 = "::1"
TTL_SECONDS = 5
Transport = asyncio.DatagramTransport


class Resolver(asyncio.DatagramProtocol):
    """Answers A and AAAA questions about the names of one staging; others do not exist."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._names = {dns.name.from_text(name): name for name in (staging.domain, GITHUB, GITHUB_API)}
        self._transport: Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        # Python 3.11's own transport is one by its methods, not by its class.
        self._transport = cast(Transport, transport)

    def datagram_received(self, data: bytes, sender: tuple[str | bytes, int]) -> None:
        """Answer one question; what is no question is ignored."""
        try:
            question = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return
        if self._transport and question.opcode() == dns.opcode.QUERY and question.question:
            self._transport.sendto(self._answer(question).to_wire(), sender)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question, recursion_available=True)
        answer.flags |= dns.flags.AA
        asked = question.question[0]
        name = self._names.get(asked.name)
        if self._staging.troubles.on("dns-gone"):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name is None or self._unknown(name):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif records := self._records(name, asked.rdtype):
            answer.answer.append(dns.rrset.from_text_list(asked.name, TTL_SECONDS, "IN", asked.rdtype, records))
        return answer

    def _unknown(self, name: str) -> bool:
        return name == self._staging.domain and self._staging.faults.on("dns-no-record")

    def _records(self, name: str, kind: dns.rdatatype.RdataType) -> list[str]:
        faults = self._staging.faults
        faulty = name == self._staging.domain
        if kind == dns.rdatatype.A:
            if faulty and faults.on("dns-other-address"):
                return [OLD_ADDRESS]
            return [ADDRESS, OLD_ADDRESS] if faulty and faults.on("dns-stray-address") else [ADDRESS]
        if kind == dns.rdatatype.AAAA and faulty and faults.on("dns-stray-ipv6"):
            return [OLD_ADDRESS_6]
        return []


async def serve(staging: Staging) -> tuple[Transport, int]:
    """Start it on a free UDP port; returns the way to stop it and the port."""
    bound = socket.socket(type=socket.SOCK_DGRAM)
    bound.bind((ADDRESS, 0))
    port = int(bound.getsockname()[1])
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Resolver(staging), sock=bound)
    return transport, port
