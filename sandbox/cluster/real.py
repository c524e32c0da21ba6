"""A real kube-apiserver on a real etcd in place of the stand-in: real TLS, real validation, real RBAC.

There is no kubelet and no controller of Kubernetes' own: `mirror` and `controller` write what these would.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from .. import lifetime
from ..beside import Program, accepts
from ..certificates import Certificates, new_key, pem, public_pem
from ..sockets import HOST
from ..staging import Staging
from .client import Client
from .controller import Controller
from .mirror import Mirror

# Ten on an idle machine.
START_SECONDS = 180.0
# The rights that a real staging would give the gate: the same file, applied as it is.
RIGHTS = Path(__file__).resolve().parent.parent.parent / "deploy" / "rights.yaml"
GATE = ("codex-k8s-gate", "gate")
TOKEN_SECONDS = 6 * 3600
# What the gate asked for and whether it was let: the proof that its rights are the least ones.
AUDIT = "audit.log"
AUDITED = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "users": [f"system:serviceaccount:{':'.join(GATE)}"]}, {"level": "None"}],
}


@dataclass(frozen=True)
class Programs:
    """The two programs."""

    kube_apiserver: Path
    etcd: Path


class RealCluster:
    """Both programs, what is written into them, and the token that the gate gets for it."""

    def __init__(self, staging: Staging, certificates: Certificates, programs: Programs) -> None:
        self._staging = staging
        self._certificates = certificates
        self._programs = programs
        self._undo = AsyncExitStack()
        self._parts: list[asyncio.Task[Any]] = []

    async def start(self) -> None:
        """Start both, write the staging, make the gate's token."""
        client = Client(self._staging)
        self._undo.push_async_callback(client.close)
        await self._run(_etcd(self._staging, self._programs.etcd))
        await self._run(_kube_apiserver(self._staging, self._programs.kube_apiserver, client.ready))
        mirror = Mirror(self._staging, self._certificates, client)
        await mirror.begin()
        self._staging.gate_token = await _gate_token(client)
        for part in (mirror, Controller(self._staging, self._certificates, client)):
            task = asyncio.create_task(part.run())
            self._parts.append(task)
            self._undo.push_async_callback(lifetime.cancel, task)

    async def ended(self) -> str:
        """Wait until any part ends by itself; how it did."""
        done, _ = await asyncio.wait(self._parts, return_when=asyncio.FIRST_COMPLETED)
        part = done.pop()
        return f"The cluster's controllers: {part.exception()}" if part.exception() else str(part.result())

    async def stop(self) -> None:
        """Stop everything, the last first."""
        await self._undo.aclose()

    async def _run(self, program: Program) -> None:
        self._undo.push_async_callback(program.stop)
        await program.start()
        ending = asyncio.create_task(program.ended())
        self._parts.append(ending)
        self._undo.push_async_callback(lifetime.cancel, ending)


async def _gate_token(client: Client) -> str:
    """Apply the rights as a staging's owner would, and take a token of the service account."""
    for wanted in yaml.safe_load_all(RIGHTS.read_text(encoding="utf-8")):
        await client.apply(wanted)
    namespace, name = GATE
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": TOKEN_SECONDS},
    }
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
    return str((await client.create(path, body))["status"]["token"])


def _etcd(staging: Staging, path: Path) -> Program:
    port, peers = staging.port("etcd"), staging.port("etcd_peers")
    arguments = [
        f"--data-dir={staging.folder / 'etcd'}",
        f"--listen-client-urls=http://{HOST}:{port}",
        f"--advertise-client-urls=http://{HOST}:{port}",
        f"--listen-peer-urls=http://{HOST}:{peers}",
        f"--initial-advertise-peer-urls=http://{HOST}:{peers}",
        f"--initial-cluster=default=http://{HOST}:{peers}",
        "--log-level=warn",
        "--unsafe-no-fsync",  # nothing here has to survive a power cut
    ]
    return Program(
        path,
        arguments,
        {},
        ready=partial(accepts, HOST, port),
        start_seconds=START_SECONDS,
        tell=partial(staging.log, "etcd"),
    )


def _kube_apiserver(staging: Staging, path: Path, ready: Callable[[], Awaitable[bool]]) -> Program:
    folder = staging.folder
    tokens = _private(folder / "tokens.csv", f'{staging.secrets.cluster_token},sandbox,sandbox,"system:masters"\n')
    key = new_key()
    signing = _private(folder / "service-accounts.pem", pem(key).decode())
    known_by = _private(folder / "service-accounts.pub", public_pem(key).decode())
    audited = _private(folder / "audit-policy.json", json.dumps(AUDITED))
    arguments = [
        f"--etcd-servers=http://{HOST}:{staging.port('etcd')}",
        f"--bind-address={HOST}",
        f"--secure-port={staging.port('cluster')}",
        f"--tls-cert-file={folder / 'inside.pem'}",
        f"--tls-private-key-file={folder / 'inside.pem'}",
        f"--cert-dir={folder}",
        f"--token-auth-file={tokens}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-signing-key-file={signing}",
        f"--service-account-key-file={known_by}",
        "--service-cluster-ip-range=10.43.0.0/16",
        "--endpoint-reconciler-type=none",
        f"--audit-policy-file={audited}",
        f"--audit-log-path={folder / AUDIT}",
    ]
    return Program(
        path,
        arguments,
        {},
        ready=ready,
        start_seconds=START_SECONDS,
        tell=partial(staging.log, "kube-apiserver"),
    )


def _private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path
