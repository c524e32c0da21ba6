"""Where the staging is and how to reach each door of it. Doors open when they are first needed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import quote

from gate import evidence
from gate.acquainted import Acquainted
from gate.errors import NotProven
from gate.language import say
from gate.preload import preload
from gate.redaction import redact
from gate.settings import Settings

if TYPE_CHECKING:
    from gate.console.engine import Engine
    from gate.doors.cluster import Cluster
    from gate.doors.database import Database
    from gate.doors.github import GitHub
    from gate.doors.http import Http
    from gate.doors.raw import Raw
    from gate.doors.webhook import Webhook
    from gate.people import People
    from gate.standing import Standing


class _Closable(Protocol):
    def close(self) -> None: ...


Opened = TypeVar("Opened", bound=_Closable)

ROOT = Path(__file__).resolve().parent.parent
HTTP_PORT, HTTPS_PORT = 80, 443
RUNTIME_SECRET = "codex-k8s-runtime"
POSTGRES_SECRET = "codex-k8s-postgres"
# Settings that the cluster's Secret can tell when nobody gave them (contract 1).
RUNTIME_KEYS = {
    "GATE_WEBHOOK_SECRET": "CODEXK8S_GITHUB_WEBHOOK_SECRET",
    "GATE_TOKEN_ENCRYPTION_KEY": "CODEXK8S_TOKEN_ENCRYPTION_KEY",
    "GATE_PUBLIC_BASE_URL": "CODEXK8S_PUBLIC_BASE_URL",
    "GATE_LEARNING_MODE_DEFAULT": "CODEXK8S_LEARNING_MODE_DEFAULT",
    "GATE_OWNER_EMAIL": "CODEXK8S_BOOTSTRAP_OWNER_EMAIL",
    "GATE_WEBHOOK_URL": "CODEXK8S_GITHUB_WEBHOOK_URL",
    "GATE_WEBHOOK_EVENTS": "CODEXK8S_GITHUB_WEBHOOK_EVENTS",
}


def new_mark() -> str:
    """A short word that everything made by one run carries."""
    return f"gate-{secrets.token_hex(3)}"


@dataclass
class Target:
    """One staging and its doors. A door that is not configured raises `NotProven` with what to set."""

    settings: Settings
    mark: str = field(default_factory=new_mark)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    # What one scenario made or saw and others judge too, because making it anew would cost the platform's time.
    kept: dict[Hashable, Any] = field(default_factory=dict)
    # Who signed in; workers of one run share it.
    acquainted: Acquainted = field(default_factory=Acquainted)
    # Doors that workers of this run opened.
    opened_elsewhere: set[str] = field(default_factory=set)
    # What the clean-up had to leave, because tables that the contract does not name refer to it.
    kept_rows: list[str] = field(default_factory=list)
    # Through a proxy or a jump host.
    ways: list[Any] = field(default_factory=list)
    _closing: list[Callable[[], Any]] = field(default_factory=list)

    @property
    def domain(self) -> str:
        """The staging's host, without a port."""
        return str(self.settings["GATE_DOMAIN"]).partition(":")[0]

    @property
    def port(self) -> int:
        """The port of the public edge: 443 unless GATE_DOMAIN names another."""
        return int(str(self.settings["GATE_DOMAIN"]).partition(":")[2] or HTTPS_PORT)

    @property
    def url(self) -> str:
        """The staging's public address."""
        return f"https://{self.settings['GATE_DOMAIN']}"

    def plain_url(self) -> str:
        """The same host over plain HTTP; `NotProven` where only the way to its HTTPS is known."""
        hosts, domain = self.settings["GATE_HOSTS"], self.domain.lower()
        led = self.port != HTTPS_PORT or (domain, HTTPS_PORT) in hosts
        if led and not {(domain, HTTP_PORT), (domain, None)} & hosts.keys():
            raise NotProven(
                say(
                    f"Where plain HTTP of {domain} is, is not known: add {domain}:80=address:port to GATE_HOSTS.",
                    f"Где обычный HTTP у {domain}, неизвестно: добавьте {domain}:80=адрес:порт в GATE_HOSTS.",
                )
            )
        from gate.doors.http import mapped
        from gate.doors.ways import ThroughProxy

        # Many a proxy leads to no other port than 443.
        _, port = mapped(hosts, domain, HTTP_PORT)
        for way in self.ways:
            if isinstance(way, ThroughProxy) and way.port == port and (trouble := way.trouble()):
                raise NotProven(
                    say(
                        f"GATE_PROXY does not lead to plain HTTP of {domain}: {redact(trouble)}.",
                        f"GATE_PROXY не ведёт к обычному HTTP у {domain}: {redact(trouble)}.",
                    )
                )
        return f"http://{self.domain}"

    @property
    def webhook_url(self) -> str:
        """The address that the platform gives to GitHub (contract 5)."""
        given = self.fact("GATE_WEBHOOK_URL", optional=True)
        base = self.fact("GATE_PUBLIC_BASE_URL", optional=True) or self.url
        return given or f"{base.rstrip('/')}/api/v1/webhooks/github"

    @cached_property
    def standing(self) -> Standing:
        """What is known to be down in this run."""
        from gate.doors.pulse import trouble
        from gate.standing import Standing

        pulse = self._http(self.url, "edge", watched=False)
        return Standing(lambda: trouble(pulse, self.mark))

    @cached_property
    def edge(self) -> Http:
        """The public edge, over HTTPS from outside."""
        return self._http(self.url, "edge")

    @cached_property
    def gateway(self) -> Http:
        """The gateway's service, from inside."""
        if self.settings["GATE_GATEWAY_URL"]:
            return self._http(self.settings["GATE_GATEWAY_URL"], "gateway")
        port = self.forwarded("gateway")
        return self._http(f"http://127.0.0.1:{port}", "gateway")

    @cached_property
    def raw(self) -> Raw:
        """The public edge again, for probes that must leave exactly as written."""
        return self.raw_to(self.url, "edge")

    @cached_property
    def raw_gateway(self) -> Raw:
        """The gateway's service from inside, for the same."""
        return self.raw_to(self.gateway.base, "gateway")

    def raw_to(self, base: str, door: Any) -> Raw:
        """A raw door to any place."""
        from gate.doors.raw import Raw

        hosts, ca = self.settings["GATE_HOSTS"], self.settings["GATE_CA_FILE"]
        seconds = self.settings["GATE_REQUEST_SECONDS"]
        ready = self._ready(door)
        return self._closed_later(Raw(base, door, hosts, ca, seconds, ready, read_only=self.read_only))

    @cached_property
    def webhook(self) -> Webhook:
        """The public webhook address, with the secret to sign for it."""
        from gate.doors.webhook import Webhook

        return Webhook(self.edge, self.raw, self.fact("GATE_WEBHOOK_SECRET"))

    @cached_property
    def database(self) -> Database:
        """The platform's database."""
        from gate.doors.database import Database

        url = self.settings["GATE_DATABASE_URL"] or self._forwarded_database()
        return self._closed_later(Database(url, read_only=self.read_only))

    @cached_property
    def cluster(self) -> Cluster:
        """The staging's namespace."""
        from gate.doors.cluster import Cluster

        kubeconfig, context = self.settings["GATE_KUBECONFIG"], self.settings["GATE_KUBE_CONTEXT"]
        if not kubeconfig and not context:
            raise NotProven(
                say(
                    "No access to the cluster: set GATE_KUBE_CONTEXT or GATE_KUBECONFIG.",
                    "Нет доступа к кластеру: задайте GATE_KUBE_CONTEXT или GATE_KUBECONFIG.",
                )
            )
        space, jump = self.settings["GATE_NAMESPACE"], self.settings["GATE_JUMP"]
        return self._closed_later(Cluster(space, kubeconfig, context, jump, read_only=self.read_only))

    @cached_property
    def github_pages(self) -> Http:
        """GitHub's own pages, where people sign in."""
        return self._http(self.settings["GATE_GITHUB_URL"], "github")

    @cached_property
    def github(self) -> GitHub:
        """GitHub's API with the gate's own token."""
        from gate.doors.github import GitHub

        return GitHub(self._http(self.settings["GATE_GITHUB_API_URL"], "github"), self.fact("GATE_GITHUB_TOKEN"))

    @cached_property
    def engine(self) -> Engine:
        """The one browser of the run; it starts with the first window."""
        from gate.console.engine import Engine

        return self._closed_later(Engine(self))

    @cached_property
    def people(self) -> People:
        """The people who sign in."""
        from gate.people import People

        return self._closed_later(People(self))

    def fact(self, name: str, optional: bool = False) -> str:
        """A setting, or what the cluster's Secret says in its place; `NotProven` when neither tells."""
        value = self.settings[name]
        if name in RUNTIME_KEYS:
            # Given by hand or read in the Secret: it is the same fact of the contract.
            evidence.touched(f"secret {RUNTIME_SECRET} {RUNTIME_KEYS[name]}")
        if value:
            return ",".join(value) if isinstance(value, tuple) else str(value)
        try:
            value = self.runtime_secret.get(RUNTIME_KEYS.get(name, ""), "")
        except NotProven as reason:
            if optional:
                return ""
            told = _untold(name, reason) if reason.category == "staging" else f"{_unknown(name)}\n{reason}"
            raise NotProven(told, reason.category) from None
        if not value and not optional:
            raise NotProven(_unknown(name))
        return value

    def known(self, name: str) -> str | None:
        """As `fact`; "" where the platform has no such setting, None where nobody tells whether it has."""
        if given := self.fact(name, optional=True):
            return given
        try:
            return self.runtime_secret.get(RUNTIME_KEYS.get(name, ""), "")
        except NotProven:
            return None

    def forwarded(self, what: str) -> int:
        """A local port that leads to a service inside the cluster: `gateway` or `database`."""
        from gate.doors.forward import Forward

        return self._closed_later(Forward(self.cluster, what)).port

    def share(self) -> None:
        """Before workers are made: who signs in through one is signed in for all, and drivers are loaded once."""
        preload(self.settings)
        self.acquainted = self._closed_later(Acquainted.shared())

    def reopen(self) -> None:
        """In a worker: the same run at the same staging, through doors of its own."""
        # Kept alive, for a connection that is dropped says goodbye in the name of the process that opened it.
        self._inherited = {name: self.__dict__.pop(name) for name in self.opened()}, [*self._closing]
        self._closing.clear()
        self.kept.clear()

    def opened(self) -> set[str]:
        """The names of the doors that were opened here."""
        return {name for name in vars(self) if isinstance(getattr(type(self), name, None), cached_property)}

    def clean_up(self) -> str:
        """Remove everything that carries the run's mark; returns a sentence about what could not be removed."""
        from gate.cleaning import clean_up

        return clean_up(self)

    def when_closed(self, end: Callable[[], Any]) -> None:
        """What else ends with the doors: what was named last ends first."""
        self._closing.append(end)

    def close(self) -> None:
        """Close every open door; the local staging last."""
        while self._closing:
            self._closing.pop()()

    @cached_property
    def runtime_secret(self) -> dict[str, str]:
        """What the platform's own Secret tells (contract 1)."""
        return self.cluster.secret(RUNTIME_SECRET)

    @property
    def read_only(self) -> bool:
        """Whether nothing may be written there."""
        return bool(self.settings["GATE_READ_ONLY"])

    def _forwarded_database(self) -> str:
        secret = self.cluster.secret(POSTGRES_SECRET)
        user, password, name = (secret.get(f"CODEXK8S_POSTGRES_{key}", "") for key in ("USER", "PASSWORD", "DB"))
        if not (user and name):
            raise NotProven(
                say(
                    f"Secret {POSTGRES_SECRET} does not tell the database's user and name: set GATE_DATABASE_URL.",
                    f"В секрете {POSTGRES_SECRET} нет пользователя и имени базы: задайте GATE_DATABASE_URL.",
                ),
                "staging",
            )
        place = f"127.0.0.1:{self.forwarded('database')}/{quote(name, safe='')}"
        return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{place}"

    def _http(self, base: str, door: Any, *, watched: bool = True) -> Http:
        from gate.doors.http import Http

        hosts, ca = self.settings["GATE_HOSTS"], self.settings["GATE_CA_FILE"]
        seconds = self.settings["GATE_REQUEST_SECONDS"]
        ready = self._ready(door) if watched else None
        return self._closed_later(Http(base, door, hosts, ca, seconds, ready, read_only=self.read_only))

    def _ready(self, door: Any) -> Callable[[], None] | None:
        """What is asked before the door is used: the edge may be known to be down."""
        return (lambda: self.standing.require("edge")) if door == "edge" else None

    def _closed_later(self, door: Opened) -> Opened:
        self._closing.append(door.close)
        return door


def _unknown(name: str) -> str:
    return say(
        f"{name} is not known: set it, or give access to the cluster. See .env.example.",
        f"Значение {name} неизвестно: задайте его или дайте доступ к кластеру. См. .env.example.",
    )


def _untold(name: str, reason: NotProven) -> str:
    return say(
        f"{name} is not known: {reason} It can also be set by hand, see .env.example.",
        f"Значение {name} неизвестно: {reason} Его можно задать и вручную, см. .env.example.",
    )
