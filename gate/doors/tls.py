"""The TLS door: the certificate that the edge shows, who vouches for it, and which versions it speaks.

The library behind it can be too new to speak the old versions at all; then it says so instead of "refused".
"""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from gate import evidence
from gate.doors.http import Hosts, mapped
from gate.errors import Broken, NotProven
from gate.language import say

if TYPE_CHECKING:
    from cryptography.x509 import Certificate as X509

Answer = Literal["accepted", "refused"]
# OpenSSL's own number; Python has no name for it. Whether a certificate has ended is judged on its own.
NO_CHECK_TIME = 0x200000
EVERY_CIPHER = "ALL:@SECLEVEL=0"


@dataclass(frozen=True)
class Certificate:
    """A server's certificate, as DER."""

    der: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hex."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def names(self) -> tuple[str, ...]:
        """The DNS names and addresses that it is for."""
        from cryptography import x509

        try:
            found = self._read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return ()
        addresses = (str(address) for address in found.get_values_for_type(x509.IPAddress))
        return (*found.get_values_for_type(x509.DNSName), *addresses)

    @property
    def issuer(self) -> str:
        """Who signed it."""
        return self._read.issuer.rfc4514_string()

    @property
    def ends(self) -> datetime:
        """When it ends."""
        return self._read.not_valid_after_utc

    @property
    def begins(self) -> datetime:
        """When it begins to be valid."""
        return self._read.not_valid_before_utc

    def covers(self, host: str) -> bool:
        """Whether it is for this host; a wildcard stands for one label (RFC 6125)."""
        wildcard = "*." + host.lower().partition(".")[2]
        return any(name.lower() in (host.lower(), wildcard) for name in self.names)

    def __str__(self) -> str:
        names = ", ".join(self.names)
        return f"{names}; {self.issuer}; {self.begins:%Y-%m-%d} .. {self.ends:%Y-%m-%d}; {self.fingerprint[:16]}…"

    @cached_property
    def _read(self) -> X509:
        from cryptography import x509

        return x509.load_der_x509_certificate(self.der)


def first_of_pem(pem: str) -> Certificate | None:
    """The first certificate of a PEM text, the server's own; None when there is none in it."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        return Certificate(x509.load_pem_x509_certificates(pem.encode())[0].public_bytes(Encoding.DER))
    except ValueError:
        return None


class Tls:
    """Handshakes with one host, from outside."""

    def __init__(self, host: str, port: int, hosts: Hosts, ca: Path | None, timeout_seconds: float) -> None:
        self._host = host
        self._place = mapped(hosts, host, port)
        self._ca = ca
        self._timeout = timeout_seconds

    @property
    def place(self) -> str:
        """Where connections really go."""
        return f"{self._place[0]}:{self._place[1]}"

    def certificate(self) -> Certificate:
        """The certificate that the edge shows, believed or not."""
        with self._spoken(_believing_anything()) as connection:
            found = Certificate(connection.getpeercert(binary_form=True) or b"")
            evidence.note(f"{self._host}: {connection.version()}; {found}")
            return found

    def refuses(self) -> bool:
        """Whether the place says outright that nobody listens there."""
        evidence.used("edge")
        try:
            socket.create_connection(self._place, self._timeout).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
        return False

    def chain_trouble(self) -> str:
        """Why the chain of the certificate is not to be believed, in OpenSSL's words; "" when it is."""
        context = self._judging()
        try:
            with self._spoken(context):
                return ""
        except ssl.SSLCertVerificationError as failure:
            return failure.verify_message

    def answer_to(self, version: ssl.TLSVersion) -> Answer:
        """Whether the edge accepts this version of TLS."""
        if not can_offer(version):
            raise NotProven(
                say(
                    f"This machine's {ssl.OPENSSL_VERSION} cannot offer {version.name}, so it cannot tell.",
                    f"{ssl.OPENSSL_VERSION} этой машины не умеет предложить {version.name}: судить нельзя.",
                ),
                "suite",
            )
        try:
            with self._connected(_offering(version)) as connection:
                evidence.note(f"{self._host}: {version.name}: {connection.version()}")
                return "accepted"
        except (ssl.SSLError, ConnectionResetError) as refusal:
            evidence.note(f"{self._host}: {version.name}: {refusal}")
            return "refused"

    def _spoken(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        """A connection where TLS is expected to work, whatever the certificate says."""
        try:
            return self._connected(context)
        except ssl.SSLCertVerificationError:
            raise
        except OSError as failure:
            raise Broken(
                say(
                    f"{self._host} does not speak TLS 1.2 or newer: {failure}.",
                    f"{self._host} не говорит на TLS 1.2 или новее: {failure}.",
                )
            ) from None

    def _connected(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        evidence.used("edge")
        try:
            plain = socket.create_connection(self._place, self._timeout)
        except OSError as failure:
            raise self._unreachable(str(failure)) from None
        try:
            name = None if _is_address(self._host) else self._host
            return context.wrap_socket(plain, server_hostname=name)
        except TimeoutError:
            plain.close()
            raise self._unreachable(say("no answer to the handshake", "нет ответа на рукопожатие")) from None
        except BaseException:
            plain.close()
            raise

    def _unreachable(self, why: str) -> NotProven:
        place = f"{self._host} ({self.place})"
        return NotProven(
            say(f"No TLS connection to {place}: {why}.", f"Нет TLS-соединения с {place}: {why}."), "staging"
        )

    def _judging(self) -> ssl.SSLContext:
        context = _trusting(self._ca)
        context.check_hostname = False
        context.verify_flags |= NO_CHECK_TIME
        return context


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


@cache
def believing(ca: Path | None) -> ssl.SSLContext:
    """What every door takes for trusted, and precondition 2 judges by."""
    return _trusting(ca)


def _trusting(ca: Path | None) -> ssl.SSLContext:
    """Believes this machine, Mozilla's list, and the internal CA where one is set."""
    import certifi

    context = ssl.create_default_context()
    for trusted in (certifi.where(), ca):
        if trusted:
            context.load_verify_locations(trusted)
    return context


def _believing_anything() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _offering(version: ssl.TLSVersion) -> ssl.SSLContext:
    """A client that speaks this version and no other, with every cipher that its library has."""
    context = _believing_anything()
    context.set_ciphers(EVERY_CIPHER)
    context.minimum_version = context.maximum_version = version
    return context


@cache
def can_offer(version: ssl.TLSVersion) -> bool:
    """Whether our own library can speak this version: tried between two ends in memory."""
    try:
        client, server = _offering(version), _serving(version)
        return _shake_hands(client, server) is not None
    except (ssl.SSLError, ValueError):
        return False


def _shake_hands(client_side: ssl.SSLContext, server_side: ssl.SSLContext) -> str | None:
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(down, up)
    server = server_side.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for end in (client, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.version()


def _serving(version: ssl.TLSVersion) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name, now = x509.Name([]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "own.pem"
        file.touch(mode=0o600)
        no_password = serialization.NoEncryption()
        file.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password)
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(file)
    context.set_ciphers(EVERY_CIPHER)
    context.minimum_version = context.maximum_version = version
    return context
