"""What all parts of the local staging share: addresses, secrets, people, times, and the faults that are on."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DOMAIN = "staging.codex-k8s.test"
GITHUB = "github.codex-k8s.test"
GITHUB_API = "api.github.codex-k8s.test"
NAMESPACE = "codex-k8s-ai-staging"
WEBHOOK_EVENTS = "push,pull_request,issues,issue_comment,pull_request_review,pull_request_review_comment"
# Word for word what the platform runs (contract 2), but for addresses and the provider.
PROXY_FLAGS = (
    "--pass-host-header=true",
    "--email-domain=*",
    "--cookie-secure=true",
    "--cookie-samesite=lax",
    "--skip-auth-regex=^/api/v1/webhooks/.*",
    "--pass-user-headers=true",
    "--set-xauthrequest=true",
)
CHOSEN_EVENTS = "push,pull_request"


@dataclass(frozen=True)
class Person:
    """Somebody with a GitHub account; who of them may use the platform is in the platform's own table."""

    login: str
    email: str
    password: str = field(repr=False)
    totp_secret: str | None = field(default=None, repr=False)
    github_id: int = 0


@dataclass(frozen=True)
class Repository:
    """A repository at the stand-in GitHub: tokens of `admins` may manage its hooks, those of `readers` see it."""

    id: int
    owner: str
    name: str
    admins: tuple[str, ...]
    readers: tuple[str, ...] = ()
    private: bool = True

    @property
    def full_name(self) -> str:
        """`owner/name`, as GitHub writes it."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True)
class Secrets:
    """The values of the cluster's Secrets (contract 1); new for every sandbox."""

    webhook: str = field(default_factory=lambda: secrets.token_hex(24), repr=False)
    token_key: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(24)[:32], repr=False)
    client_id: str = field(default_factory=lambda: f"Ov23{secrets.token_hex(8)}", repr=False)
    client_secret: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)
    cluster_token: str = field(default_factory=lambda: secrets.token_hex(24), repr=False)


@dataclass
class Switches:
    """Names that are on: faults, allowed differences of builds, troubles around. Read live, to change at work."""

    active: set[str] = field(default_factory=set)

    def on(self, name: str) -> bool:
        """Whether `name` is switched on now."""
        return name in self.active


@dataclass
class Staging:
    """One local staging. Ports are filled in before the parts are started; times are in seconds."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    database_url: str = field(default="", repr=False)
    domain: str = DOMAIN
    namespace: str = NAMESPACE
    secrets: Secrets = field(default_factory=Secrets)
    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    repositories: list[Repository] = field(default_factory=list)
    # Webhooks at the stand-in GitHub, by full name and number, with their secrets.
    hooks: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict, repr=False)
    poll: float = 0.25
    lease: float = 600.0
    job_seconds: float = 0.6
    # What the gate is let into the cluster with: the administrator's token, or that of a real service account.
    gate_token: str = field(default="", repr=False)
    slots: int = 2
    # So many seconds the database's clock is ahead, and the cluster's behind.
    clocks_apart: float = 0.0
    learning_default: bool = True
    faults: Switches = field(default_factory=Switches)
    variants: Switches = field(default_factory=Switches)
    troubles: Switches = field(default_factory=Switches)
    # How often a part's container came back, by the name of its deployment; only faults count here.
    restarts: Counter[str] = field(default_factory=Counter)
    logs: dict[str, deque[str]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=2000)), repr=False
    )

    def log(self, part: str, line: str) -> None:
        """Add a line to the log of a part's pod: gateway, worker, edge, console (`kubectl logs` shows it)."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.logs[part].append(f"{now} {line}")

    @property
    def public_url(self) -> str:
        """The platform's public base address."""
        return f"https://{self.domain}"

    @property
    def ca_file(self) -> Path:
        """The PEM file of the authority that signed every certificate of this staging."""
        return self.folder / "ca.pem"

    @property
    def webhook_events(self) -> str:
        """The events of the platform's webhooks, comma separated."""
        return CHOSEN_EVENTS if self.variants.on("webhook-events-chosen") else WEBHOOK_EVENTS

    @property
    def jobs_namespace(self) -> str:
        """Where the Jobs of runs are."""
        return f"{self.namespace}-runs" if self.variants.on("jobs-in-another-namespace") else self.namespace

    def port(self, part: str) -> int:
        """The local port of a part: edge, edge_http, gateway, console, cluster, github, control, ssh, closed."""
        return self.ports[part]
