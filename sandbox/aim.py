"""How a suite is aimed at this staging: the same settings that it would need for a remote one."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from urllib.parse import urlsplit

from .naming import OTHER_ADDRESS
from .people import GATE_LOGIN, WEAK_LOGIN, token_of
from .resolver import ADDRESS
from .sockets import HOST
from .staging import GITHUB, GITHUB_API, Staging
from .surface import Surface

CONTEXT = "codex-k8s-sandbox"
SMOKE = Path(__file__).with_name("smoke.py")
SCRIPT = Path("deploy/scripts/staging_smoke.sh")


def settings(staging: Staging, surface: Surface, dns_port: int) -> dict[str, str]:
    """Everything by name; all values are texts."""
    kubeconfig = _kubeconfig(staging)
    return {
        "GATE_DOMAIN": staging.domain,
        "GATE_NAMESPACE": staging.namespace,
        "GATE_HOSTS": ",".join(_hosts(staging, surface)),
        "GATE_CA_FILE": str(staging.ca_file),
        "GATE_KUBECONFIG": str(kubeconfig),
        "GATE_KUBE_CONTEXT": CONTEXT,
        "GATE_DATABASE_URL": _database(staging),
        "GATE_GATEWAY_URL": f"http://{HOST}:{staging.port('gateway')}",
        "GATE_GITHUB_URL": f"https://{GITHUB}",
        "GATE_GITHUB_API_URL": f"https://{GITHUB_API}",
        "GATE_GITHUB_TOKEN": token_of(staging, GATE_LOGIN),
        "GATE_GITHUB_WEAK_TOKEN": token_of(staging, WEAK_LOGIN),
        "GATE_GITHUB_REPOSITORIES": ",".join(repository.full_name for repository in staging.repositories),
        **_people(staging),
        "GATE_EXPECTED_ADDRESS": ADDRESS,
        "GATE_RESOLVER": f"{HOST}:{dns_port}",
        "GATE_OUTSIDE": "yes",
        "GATE_POLL_SECONDS": f"{staging.poll:g}",
        "GATE_RUN_SECONDS": f"{15 + 20 * staging.poll:g}",
        "GATE_SETTLE_SECONDS": "0.5",
        "GATE_SMOKE_COMMAND": shlex.join(["bash", str(_checkout(staging) / SCRIPT)]),
        "SANDBOX_CONTROL": f"http://{HOST}:{staging.port('control')}",
        "SANDBOX_FOLDER": str(staging.folder),
    }


def _database(staging: Staging) -> str:
    """The database's address, or that of the slow way to it."""
    here = f":{urlsplit(staging.database_url).port}/"
    slow = staging.ports.get("slow_database")
    return staging.database_url.replace(here, f":{slow}/") if slow else staging.database_url


def _hosts(staging: Staging, surface: Surface) -> list[str]:
    reached = {443: staging.port("edge"), 80: staging.port("edge_http")}
    reached |= {port: door.number for port, door in surface.doors.items()}
    github = staging.port("github")
    return [
        *(f"{staging.domain}:{port}={HOST}:{local}" for port, local in reached.items()),
        f"{OTHER_ADDRESS}:80={HOST}:{staging.port('gateway')}",
        f"{GITHUB}:443={HOST}:{github}",
        f"{GITHUB}:22={HOST}:{staging.port('ssh')}",
        f"{GITHUB_API}:443={HOST}:{github}",
    ]


def _people(staging: Staging) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, person in staging.people.items():
        key = f"GATE_{role.upper()}_"
        found |= {f"{key}LOGIN": person.login, f"{key}PASSWORD": person.password, f"{key}EMAIL": person.email}
        if person.totp_secret:
            found[f"{key}TOTP_SECRET"] = person.totp_secret
    return found


def _kubeconfig(staging: Staging) -> Path:
    """A kubeconfig file; JSON is YAML."""
    server = f"https://{HOST}:{staging.port('cluster')}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CONTEXT,
        "clusters": [
            {"name": CONTEXT, "cluster": {"server": server, "certificate-authority": str(staging.ca_file)}}
        ],
        "users": [{"name": "gate", "user": {"token": staging.gate_token or staging.secrets.cluster_token}}],
        "contexts": [
            {"name": CONTEXT, "context": {"cluster": CONTEXT, "user": "gate", "namespace": staging.namespace}}
        ],
    }
    return _private(staging.folder / "kubeconfig", json.dumps(config, indent=1))


def _checkout(staging: Staging) -> Path:
    """Where the smoke script lies as in a checkout of the platform (contract 7)."""
    script = staging.folder / SCRIPT
    script.parent.mkdir(parents=True, exist_ok=True)
    started = shlex.join([sys.executable, str(SMOKE), str(_smoke_facts(staging))])
    _private(script, f"exec {started}\n")
    return staging.folder


def _smoke_facts(staging: Staging) -> Path:
    facts = {
        "domain": staging.domain,
        "namespace": staging.namespace,
        "cluster": f"https://{HOST}:{staging.port('cluster')}",
        "token": staging.secrets.cluster_token,
        "ca": str(staging.ca_file),
        "edge": staging.port("edge"),
        "edge_http": staging.port("edge_http"),
        "control": f"{HOST}:{staging.port('control')}",
    }
    return _private(staging.folder / "smoke.json", json.dumps(facts))


def _private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path
