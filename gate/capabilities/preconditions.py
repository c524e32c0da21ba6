"""The preconditions of the gate: the name, the certificate, the deploy. Each check names one cause."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gate import evidence
from gate.doors.deploy import Deploy, Readiness
from gate.doors.dns import Lookup, by_resolver, by_system
from gate.doors.http import Exchange, Hosts
from gate.doors.tls import Certificate, Tls, can_offer, first_of_pem
from gate.doors.webhook import PATH as WEBHOOK_PATH
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say

if TYPE_CHECKING:
    from gate.world import World

TLS_SECRET = "codex-k8s-staging-tls"
ISSUER = "codex-k8s-letsencrypt"
REDIRECTS = (301, 302, 307, 308)
OLD_VERSIONS = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
NEW_VERSIONS = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)
SHARE_LEFT = 6
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Where DNS64 puts an IPv4 address for those who have only IPv6 (RFC 6052).
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Name:
    """s1.pre.1: the staging's domain leads to the staging."""

    def __init__(self, world: World) -> None:
        self._settings = world.target.settings
        self._domain = world.target.domain
        self._target = world.target
        self._reported_by_cluster = False
        self.expected: frozenset[Address] = frozenset()
        self.lookups: list[Lookup] = []

    def know_address(self) -> None:
        """The staging's address: the setting, else what its ingress reports."""
        given = self._settings["GATE_EXPECTED_ADDRESS"]
        self._reported_by_cluster = not given
        told = given or Deploy(self._target.cluster).ingress_addresses()
        if not told:
            raise NotProven(
                say(
                    "The staging's address is not known: the ingress reports none. Set GATE_EXPECTED_ADDRESS.",
                    "Адрес staging неизвестен: ingress его не сообщает. Задайте GATE_EXPECTED_ADDRESS.",
                )
            )
        self.expected = frozenset(address for place in told for address in self._addresses(place))
        evidence.note(say("Expected: ", "Ожидается: ") + _shown(self.expected))

    def look_up(self) -> None:
        """Ask this machine's resolver, unless GATE_HOSTS speaks in its place, and the second one."""
        overridden = any(name == self._domain.lower() for name, _ in self._settings["GATE_HOSTS"])
        second = self._settings["GATE_RESOLVER"]
        if overridden and not second:
            raise NotProven(
                say(
                    f"GATE_HOSTS says where {self._domain} is: the name is not judged. Set GATE_RESOLVER.",
                    f"Где {self._domain}, сказано в GATE_HOSTS: само имя не проверяется. Задайте GATE_RESOLVER.",
                )
            )
        if not overridden:
            self.lookups.append(by_system(self._domain))
        if second:
            self.lookups.append(by_resolver(self._domain, second, self._settings["GATE_REQUEST_SECONDS"]))

    def expect_staging(self) -> None:
        """Every record of every resolver is an address of the staging, and there is one."""
        for lookup in self.lookups:
            if lookup.trouble:
                raise NotProven(
                    say(f"The resolver did not answer. {lookup}", f"Резолвер не ответил. {lookup}"), "staging"
                )
            ensure(
                lookup.addresses,
                f"The name {lookup.name} does not resolve: no A and no AAAA record at {lookup.resolver}.",
                f"Имя {lookup.name} не резолвится: нет записей A и AAAA у {lookup.resolver}.",
            )
            self._expect_known(lookup)

    def _expect_known(self, lookup: Lookup) -> None:
        found = {_translated_back(ipaddress.ip_address(address)) for address in lookup.addresses}
        strange = found - self.expected
        if strange and self._reported_by_cluster and not any(address.is_global for address in self.expected):
            # Behind a NAT an ingress knows only its inner address.
            raise NotProven(
                say(
                    f"The ingress reports only inner addresses ({_shown(self.expected)}), the name leads to "
                    f"{_shown(found)}. Set GATE_EXPECTED_ADDRESS.",
                    f"Ingress сообщает только внутренние адреса ({_shown(self.expected)}), имя ведёт на "
                    f"{_shown(found)}. Задайте GATE_EXPECTED_ADDRESS.",
                )
            )
        # A cluster may know but one address of its host (contract 1 names none); a setting names all of a kind.
        kinds = {address.version for address in self.expected}
        untold = {one for one in strange if self._reported_by_cluster or one.version not in kinds}
        for address in untold:
            self._expect_same_edge(address, seen_from_here=address.version in kinds)
        strange -= untold
        ensure(
            not strange,
            f"{lookup.name} leads to {_shown(strange)}, which is not the staging ({_shown(self.expected)}). "
            f"Asked: {lookup.resolver}, all records: {_shown(found)}.",
            f"{lookup.name} ведёт на {_shown(strange)}, а это не staging ({_shown(self.expected)}). "
            f"Спрошен: {lookup.resolver}, все записи: {_shown(found)}.",
        )

    def _expect_same_edge(self, address: Address, *, seen_from_here: bool) -> None:
        """An address that nobody named shows the certificate of those that are known."""
        known = None if self._tls_at(address).refuses() else self._met_at(min(self.expected, key=str))
        shown = known and self._met_at(address, or_none=seen_from_here)
        ensure(
            shown,
            f"{self._domain} leads also to {address}, which is not the staging ({_shown(self.expected)}): nobody "
            "answers there.",
            f"{self._domain} ведёт и на {address}, а это не staging ({_shown(self.expected)}): там никто не "
            "отвечает.",
        )
        assert known and shown
        ensure(
            shown.fingerprint == known.fingerprint,
            f"{self._domain} leads also to {address}, which shows another certificate than the staging.\n"
            f"there: {shown}\nstaging: {known}",
            f"{self._domain} ведёт и на {address}, а там другой сертификат, чем у staging.\n"
            f"там: {shown}\nstaging: {known}",
        )
        evidence.weaker(
            say(
                f"That {address} is the staging is known by its certificate alone.",
                f"Что {address} — тот же staging, известно только по сертификату.",
            )
        )

    def _met_at(self, address: Address, *, or_none: bool = False) -> Certificate | None:
        """The certificate that is shown at an address; where none can be had from here, `NotProven` or None."""
        try:
            return self._tls_at(address).certificate()
        except (Broken, NotProven) as trouble:
            if or_none:
                return None
            raise NotProven(
                say(
                    f"Whether {address} is the staging's cannot be seen from here. Set GATE_EXPECTED_ADDRESS. "
                    f"{trouble}",
                    f"Отсюда не видно, чей адрес {address}. Задайте GATE_EXPECTED_ADDRESS. {trouble}",
                ),
                "staging",
            ) from None

    def _tls_at(self, address: Address) -> Tls:
        port, seconds = self._target.port, self._settings["GATE_REQUEST_SECONDS"]
        there: Hosts = {(self._domain.lower(), port): (str(address), port)}
        return Tls(self._domain, port, there, self._settings["GATE_CA_FILE"], seconds)

    def _addresses(self, place: str) -> set[Address]:
        """An address as it is; a host name, as some load balancers report, through the resolver."""
        try:
            return {ipaddress.ip_address(place)}
        except ValueError:
            second, seconds = self._settings["GATE_RESOLVER"], self._settings["GATE_REQUEST_SECONDS"]
            lookup = by_resolver(place, second, seconds) if second else by_system(place)
            return {ipaddress.ip_address(address) for address in lookup.addresses}


class Encryption:
    """s1.pre.2: the staging's TLS, as a client outside sees it, and what the cluster says about it."""

    def __init__(self, world: World) -> None:
        self._target = world.target
        self._settings = world.target.settings
        self.shown: Certificate | None = None
        self.redirects: list[Exchange] = []
        self.answers: dict[ssl.TLSVersion, str] = {}

    def arrive(self) -> None:
        """Get ready to meet the staging from outside."""
        evidence.note(f"{self._target.domain}: {self._tls.place}")

    @cached_property
    def _tls(self) -> Tls:
        settings = self._settings
        return Tls(
            self._target.domain,
            self._target.port,
            settings["GATE_HOSTS"],
            settings["GATE_CA_FILE"],
            settings["GATE_REQUEST_SECONDS"],
        )

    @property
    def certificate(self) -> Certificate:
        """The certificate that the edge showed."""
        if self.shown is None:
            self.meet()
        assert self.shown is not None
        return self.shown

    # --- acts

    def meet(self) -> None:
        """Let the edge show its certificate."""
        self.shown = self._tls.certificate()

    def ask_plainly(self) -> None:
        """A page and a delivery over plain HTTP; the delivery is not signed, so it could do no harm."""
        plain = self._target.plain_url()
        self.redirects = [
            self._target.edge.request("GET", f"{plain}/", headers={"Accept": "text/html"}),
            self._target.edge.request("POST", f"{plain}{WEBHOOK_PATH}", body=b"{}"),
        ]

    def offer_versions(self) -> None:
        """Offer one version of TLS after the other, each alone."""
        for version in (*NEW_VERSIONS, *OLD_VERSIONS):
            try:
                self.answers[version] = self._tls.answer_to(version)
            except NotProven as reason:
                # The library here may lack one, and the newer of the old ones is judged all the same.
                if can_offer(version):
                    raise
                evidence.weaker(str(reason))

    # --- checks

    def expect_trusted(self) -> None:
        """The chain leads to an authority that is believed; whether it ended is judged elsewhere."""
        trouble = self._tls.chain_trouble()
        ensure(
            not trouble,
            f"The certificate's chain is not to be trusted: {trouble}. Shown: {self.certificate}",
            f"Цепочке сертификата доверять нельзя: {trouble}. Показан: {self.certificate}",
        )

    def expect_name(self) -> None:
        """The certificate is for the staging's domain."""
        ensure(
            self.certificate.covers(self._target.domain),
            f"The certificate is not for {self._target.domain} but for {', '.join(self.certificate.names)}.",
            f"Сертификат выдан не для {self._target.domain}, а для {', '.join(self.certificate.names)}.",
        )

    def expect_days_left(self) -> None:
        """It is valid by now, and for long enough."""
        now, begins, ends = datetime.now(UTC), self.certificate.begins, self.certificate.ends
        usual = timedelta(days=self._settings["GATE_TLS_MIN_DAYS"])
        # One made for a few days is renewed within days: cert-manager does it when a third is left.
        by_setting = self._settings.given("GATE_TLS_MIN_DAYS")
        least = usual if by_setting else min(usual, (ends - begins) / SHARE_LEFT)
        ensure(
            begins <= now,
            f"The certificate is valid only from {begins:%Y-%m-%d %H:%M} UTC.",
            f"Сертификат действует только с {begins:%Y-%m-%d %H:%M} UTC.",
        )
        left = (ends - now) / timedelta(days=1)
        ended = say("has ended", "уже истёк") if ends < now else ""
        ensure(
            ends - now >= least,
            f"The certificate {ended or 'is about to end'}: {ends:%Y-%m-%d %H:%M} UTC, {left:.1f} days left, "
            f"wanted at least {least / timedelta(days=1):.1f}.",
            f"Сертификат {ended or 'скоро истечёт'}: {ends:%Y-%m-%d %H:%M} UTC, осталось дней: {left:.1f}, "
            f"нужно не меньше {least / timedelta(days=1):.1f}.",
        )
        if ends - now < usual:
            evidence.residual_risk(
                say(
                    f"The certificate is made for a short time, {left:.1f} days left: is it renewed by itself?",
                    f"Сертификат выдан на короткий срок, осталось дней: {left:.1f}. Обновляется ли он сам?",
                )
            )

    def expect_from_secret(self) -> None:
        """The edge shows the certificate that the cluster keeps for it."""
        kept = first_of_pem(self._target.cluster.secret(TLS_SECRET).get("tls.crt", ""))
        ensure(
            kept is not None and kept.fingerprint == self.certificate.fingerprint,
            f"The edge shows another certificate than secret {TLS_SECRET} holds.\n"
            f"shown: {self.certificate}\nkept:  {kept}",
            f"Край показывает не тот сертификат, что лежит в секрете {TLS_SECRET}.\n"
            f"показан: {self.certificate}\nв секрете: {kept}",
        )

    def expect_issuer_named(self) -> None:
        """The ingress asks the right ClusterIssuer."""
        named = Deploy(self._target.cluster).issuer_named()
        found = Text(f"The ingress names the ClusterIssuer '{named}'", f"Ingress называет ClusterIssuer «{named}»")
        if named is None:
            found = Text("There is no ingress codex-k8s", "Нет ingress codex-k8s")
        ensure(named == ISSUER, f"{found}, wanted: {ISSUER}.", f"{found}, а нужен {ISSUER}.")

    def expect_issued(self) -> None:
        """Certificate and issuer are there and ready where the cluster lets us look; the one is of the other."""
        deploy = Deploy(self._target.cluster)
        _expect_own_certificate(deploy.certificates())
        issuers = deploy.issuers(ISSUER)
        if issuers is None:
            _not_judged("ClusterIssuer")
            return
        ensure(
            issuers,
            f"There is no ClusterIssuer {ISSUER} in the cluster, which the ingress names.",
            f"В кластере нет ClusterIssuer {ISSUER}, который называет ingress.",
        )
        _expect_ready(issuers[0])

    def expect_redirected(self) -> None:
        """Plain HTTP leads to HTTPS at the same host and path, and does nothing else."""
        for exchange in self.redirects:
            there = urlsplit(exchange.header("location"))
            path = there.path or "/"
            same = there.hostname == self._target.domain.lower() and path == urlsplit(exchange.url).path
            ensure(
                exchange.status in REDIRECTS and there.scheme == "https" and same,
                f"Plain HTTP is not redirected to HTTPS.\n{exchange.told()}",
                f"Обычный HTTP не перенаправляется на HTTPS.\n{exchange.told()}",
            )

    def expect_new_versions_only(self) -> None:
        """TLS 1.2 or newer is spoken, and nothing older."""
        ensure(
            any(self.answers.get(version) == "accepted" for version in NEW_VERSIONS),
            "The edge accepts neither TLS 1.3 nor TLS 1.2.",
            "Край не принимает ни TLS 1.3, ни TLS 1.2.",
        )
        old = [version.name for version in OLD_VERSIONS if self.answers.get(version) == "accepted"]
        ensure(not old, f"The edge still accepts {', '.join(old)}.", f"Край всё ещё принимает {', '.join(old)}.")


def _translated_back(address: Address) -> Address:
    """The IPv4 address that DNS64 wrote as an IPv6 one; any other as it is."""
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address


def _expect_own_certificate(found: Sequence[Readiness] | None) -> None:
    """That of the platform's secret, ready and of the right issuer.

    Where there is none at all, the secret may have come into the namespace in another way than by cert-manager.
    """
    if found is None:
        _not_judged("Certificate")
        return
    if not found:
        evidence.weaker(
            say(
                f"There is no Certificate in the namespace: who issued secret {TLS_SECRET} is not judged.",
                f"В пространстве имён нет ни одного Certificate: кем выдан секрет {TLS_SECRET}, не проверено.",
            )
        )
        return
    own = [one for one in found if one.secret == TLS_SECRET]
    ensure(
        own,
        f"No Certificate is for secret {TLS_SECRET}; there is: {', '.join(one.name for one in found)}.",
        f"Ни один Certificate не относится к секрету {TLS_SECRET}; есть: {', '.join(one.name for one in found)}.",
    )
    ensure(
        own[0].issuer == ISSUER,
        f"Certificate {own[0].name} is asked for from the issuer '{own[0].issuer}', wanted: {ISSUER}.",
        f"Certificate {own[0].name} запрошен у издателя «{own[0].issuer}», а нужен {ISSUER}.",
    )
    _expect_ready(own[0])


def _not_judged(kind: str) -> None:
    evidence.weaker(
        say(
            f"{kind}: the cluster does not know it or does not let one list it from here: not judged.",
            f"{kind}: кластер его не знает или не даёт отсюда получить список: не проверено.",
        )
    )


def _expect_ready(found: Readiness) -> None:
    ensure(found.ready, f"{found.kind} {found.name} is not ready: {found.reason}.",
           f"{found.kind} {found.name} не готов: {found.reason}.")  # fmt: skip


def _shown(addresses: set[Address] | frozenset[Address]) -> str:
    return ", ".join(sorted(map(str, addresses)))
