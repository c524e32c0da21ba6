"""The authority of a local staging, its certificates, and TLS contexts that look at the faults at each handshake.

All certificates of the edge share one key, so that a browser that forgives that key keeps working whatever a fault
does to the certificate; a TLS client sees the difference.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .staging import DOMAIN, GITHUB, GITHUB_API, Staging

LIFETIME = timedelta(days=90)
ABOUT_TO_END = timedelta(days=5)
FAKE = "ingress.local"
Key = ec.EllipticCurvePrivateKey
Choice = Callable[[], ssl.SSLContext]


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def new_key() -> Key:
    """A fresh private key."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Authority:
    """A certificate authority that lives as long as its staging."""

    common: str
    key: Key = field(default_factory=new_key, repr=False)

    def __post_init__(self) -> None:
        now = datetime.now(UTC)
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
        ) | dict.fromkeys(("encipher_only", "decipher_only"), False)
        builder = _builder(self.common, self.common, self.key, now - timedelta(days=2), now + timedelta(days=365))
        self.certificate = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True
            )
            .sign(self.key, hashes.SHA256())
        )

    def issue(
        self, names: tuple[str, ...], key: Key, until: datetime | None = None, begin: datetime | None = None
    ) -> x509.Certificate:
        """A server's certificate for `names`, valid until `until` (90 days, as Let's Encrypt gives)."""
        end = until or datetime.now(UTC) + LIFETIME
        begin = begin or min(datetime.now(UTC), end) - timedelta(days=1)
        alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            _builder(names[0], self.common, key, begin, end)
            .add_extension(alternatives, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(authority, critical=False)
            .sign(self.key, hashes.SHA256())
        )


def _builder(subject: str, issuer: str, key: Key, begin: datetime, end: datetime) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder(_name(issuer), _name(subject), key.public_key(), x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(identifier, critical=False)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def pem(thing: x509.Certificate | Key) -> bytes:
    """A certificate or a key as PEM."""
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_pem(key: Key) -> bytes:
    """The public half of a key as PEM."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


class LiveContext(ssl.SSLContext):
    """A server's context that hands each new connection to the context chosen at that moment."""

    _choose: Choice

    @classmethod
    def choosing(cls, choose: Choice) -> LiveContext:
        """A context that asks `choose` at each handshake."""
        made = cls(ssl.PROTOCOL_TLS_SERVER)
        made._choose = choose
        return made

    def wrap_bio(self, *arguments: Any, **named: Any) -> ssl.SSLObject:
        """What asyncio calls for each connection."""
        return self._choose().wrap_bio(*arguments, **named)


class Certificates:
    """Everything that is TLS in one staging: made at its start, kept in its folder."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._faults = staging.faults
        self._folder = staging.folder
        self._authority = Authority("codex-k8s sandbox CA")
        self._edge_key = new_key()
        _write(staging.ca_file, pem(self._authority.certificate))
        self.edge_certificate = self._authority.issue((staging.domain,), self._edge_key)
        self.edge_key_pem = pem(self._edge_key)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._inside = self._context("inside", self._inside_certificate())

    @property
    def edge_pem(self) -> bytes:
        """The certificate that the edge shows when all is well; the cluster's Secret holds it."""
        return pem(self.edge_certificate)

    @property
    def stray_pem(self) -> bytes:
        """A certificate for the right name that the edge does not show."""
        return pem(self._authority.issue((self._staging.domain,), self._edge_key))

    def edge(self) -> LiveContext:
        """The edge's TLS; a fault changes it from the next connection on."""
        return LiveContext.choosing(self._choose)

    def inside(self) -> ssl.SSLContext:
        """The TLS of the stand-in GitHub and of the cluster."""
        return self._inside

    def _choose(self) -> ssl.SSLContext:
        wanted = next((name for name in _EDGE_FAULTS if self._faults.on(name)), "edge")
        spoken = [fault for fault in ("tls-old-versions", "tls-new-versions-refused") if self._faults.on(fault)]
        label = "-".join([wanted, *spoken])
        if label not in self._contexts:
            self._contexts[label] = self._edge_context(label, self._edge_certificate(wanted), spoken)
        return self._contexts[label]

    def _edge_certificate(self, wanted: str) -> x509.Certificate:
        names, key, now = (self._staging.domain,), self._edge_key, datetime.now(UTC)
        match wanted:
            case "certificate-other-name":
                return self._authority.issue((f"old-{DOMAIN}",), key)
            case "certificate-about-to-end":
                # One of 90 days that nobody renewed; one made for days would be renewed within days.
                end = now + ABOUT_TO_END
                return self._authority.issue(names, key, end, begin=end - LIFETIME)
            case "certificate-not-yet-valid":
                return self._authority.issue(names, key, now + LIFETIME, begin=now + timedelta(hours=3))
            case "certificate-ended":
                return self._authority.issue(names, key, now - timedelta(hours=3))
            case "certificate-other-issuer":
                return Authority("(STAGING) Pretend CA").issue(names, key)
            case "certificate-self-signed":
                return Authority(self._staging.domain, key).issue(names, key)
            case "certificate-not-the-secrets":
                return self._authority.issue(names, key)
        return self.edge_certificate

    def _edge_context(self, label: str, certificate: x509.Certificate, spoken: list[str]) -> ssl.SSLContext:
        """As ingress-nginx: TLS 1.2 at least, and its own fake certificate for a name that it does not serve."""
        context = self._context(label, certificate, self._edge_key)
        fake = self._fake()

        def by_name(connection: ssl.SSLObject | ssl.SSLSocket, name: str, _: ssl.SSLContext) -> None:
            if name != self._staging.domain:
                connection.context = fake

        context.sni_callback = by_name
        if "tls-old-versions" in spoken:
            # OpenSSL 3 has TLS 1.0 and 1.1 only below its usual level of security.
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
        if "tls-new-versions-refused" in spoken:
            # At that level nothing is left to be spoken.
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        return context

    def _fake(self) -> ssl.SSLContext:
        if "fake" not in self._contexts:
            key = new_key()
            fake = Authority("Kubernetes Ingress Controller Fake Certificate").issue((FAKE,), key)
            self._contexts["fake"] = self._context("fake", fake, key)
        return self._contexts["fake"]

    def _inside_certificate(self) -> x509.Certificate:
        return self._authority.issue(
            (GITHUB, GITHUB_API, "kubernetes.default", "localhost", "127.0.0.1"), self._edge_key
        )

    def _context(self, label: str, certificate: x509.Certificate, key: Key | None = None) -> ssl.SSLContext:
        path = self._folder / f"{label}.pem"
        _write(path, pem(key or self._edge_key) + pem(certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(path)
        context.set_alpn_protocols(["http/1.1"])
        return context


_EDGE_FAULTS = (
    "certificate-other-name",
    "certificate-about-to-end",
    "certificate-ended",
    "certificate-not-yet-valid",
    "certificate-other-issuer",
    "certificate-self-signed",
    "certificate-not-the-secrets",
)


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
