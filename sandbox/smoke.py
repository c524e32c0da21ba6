"""The local staging's own smoke script, with the contract of the platform's `staging_smoke.sh` (contract 7).

Started as a file, with the facts of one staging as its argument; `CODEXK8S_STAGING_NAMESPACE` and
`CODEXK8S_STAGING_DOMAIN` win over the facts. Standard library only, as the original needs nothing of ours.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
TIMEOUT_SECONDS = 10
DEPLOYMENTS = ("codex-k8s", "codex-k8s-worker", "oauth2-proxy", "codex-k8s-web-console")


class Failure(Exception):
    """Something is not as it should be."""


class Smoke:
    """The checks, one after the other."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self._facts = facts
        self._domain = os.environ.get("CODEXK8S_STAGING_DOMAIN") or facts["domain"]
        self._namespace = os.environ.get("CODEXK8S_STAGING_NAMESPACE") or facts["namespace"]
        self._trust = ssl.create_default_context(cafile=facts["ca"])

    def run(self) -> None:
        """All checks; the first that fails ends it."""
        faults = self.faults()
        if "smoke-ignores-its-domain" in faults:
            self._domain = self._facts["domain"]
        checks: tuple[tuple[str, Callable[[], str]], ...] = (
            ("deployments", self._deployments),
            ("migrate job", self._migrations),
            ("certificate", self._certificate),
            ("http redirect", self._redirect),
            ("webhook without a signature", self._webhook),
            ("console without a session", self._console),
        )
        say(f"namespace={self._namespace} domain={self._domain}")
        for name, check in checks:
            try:
                say(f"{name}: {check()}")
            except (Failure, OSError) as failure:
                if "smoke-swallows-failures" not in faults:
                    raise
                say(f"{name}: {failure}")

    def faults(self) -> set[str]:
        """The faults of the local staging that are on."""
        connection = http.client.HTTPConnection(self._facts["control"], timeout=TIMEOUT_SECONDS)
        connection.request("GET", "/faults")
        return set(json.loads(connection.getresponse().read()))

    def _deployments(self) -> str:
        for name in DEPLOYMENTS:
            found = self._cluster(f"/apis/apps/v1/namespaces/{self._namespace}/deployments/{name}")
            wanted, available = found["spec"]["replicas"], found["status"].get("availableReplicas", 0)
            expect(0 < wanted <= available, f"deployment {name} has {available} of {wanted} replicas")
        return "available"

    def _migrations(self) -> str:
        jobs = self._cluster(f"/apis/batch/v1/namespaces/{self._namespace}/jobs")["items"]
        ours = [job for job in jobs if job["metadata"]["name"].startswith("codex-k8s-migrate")]
        if not ours:
            expect("migrate-missing" not in self.faults(), "there is no migrate job")
            return "gone by its time to live"
        newest = max(ours, key=lambda job: str(job["metadata"]["creationTimestamp"]))
        expect(bool(newest["status"].get("succeeded")), f"job {newest['metadata']['name']} is not complete")
        return str(newest["metadata"]["name"])

    def _certificate(self) -> str:
        with socket.create_connection((HOST, self._facts["edge"]), TIMEOUT_SECONDS) as plain:
            try:
                with self._trust.wrap_socket(plain, server_hostname=self._domain) as secured:
                    shown = secured.getpeercert() or {}
            except ssl.SSLError as error:
                raise Failure(f"TLS: {error.reason or error}") from error
        return f"valid until {shown['notAfter']}"

    def _redirect(self) -> str:
        connection = http.client.HTTPConnection(HOST, self._facts["edge_http"], timeout=TIMEOUT_SECONDS)
        status, location = self._ask(connection, "GET", "/")
        expect(location.startswith("https://"), f"plain http answers {status} {location}")
        return f"{status} {location}"

    def _webhook(self) -> str:
        status, location = self._ask(self._edge(), "POST", "/api/v1/webhooks/github")
        expect(status in (400, 401), f"webhook answers {status} {location}")
        return str(status)

    def _console(self) -> str:
        status, _ = self._ask(self._edge(), "GET", "/")
        expect(status in (302, 401, 403), f"the console answers {status} without a session")
        return str(status)

    def _edge(self) -> http.client.HTTPSConnection:
        """A connection to the edge under its own name."""
        connection = http.client.HTTPSConnection(self._domain, timeout=TIMEOUT_SECONDS, context=self._trust)
        plain = socket.create_connection((HOST, self._facts["edge"]), TIMEOUT_SECONDS)
        connection.sock = self._trust.wrap_socket(plain, server_hostname=self._domain)
        return connection

    def _ask(self, connection: http.client.HTTPConnection, method: str, path: str) -> tuple[int, str]:
        connection.request(method, path, headers={"Host": self._domain})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers.get("Location") or ""

    def _cluster(self, path: str) -> Any:
        place = self._facts["cluster"].removeprefix("https://")
        connection = http.client.HTTPSConnection(place, timeout=TIMEOUT_SECONDS, context=self._trust)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self._facts['token']}"})
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()
        expect(answer.status == 200, f"cluster: {body.get('message')}")
        return body


def say(text: str) -> None:
    """One line as the original prints it."""
    print(f"[smoke] {text}", flush=True)


def expect(holds: bool, complaint: str) -> None:
    """Fail with the complaint unless it holds."""
    if not holds:
        raise Failure(complaint)


def main() -> int:
    """Run against the staging whose facts are in the file named on the command line."""
    faults: set[str] = set()
    try:
        smoke = Smoke(json.loads(Path(sys.argv[1]).read_text()))
        faults = smoke.faults()
        smoke.run()
        expect(not faults & {"smoke-fails", "smoke-fails-with-zero"}, "worker: no run ended within 60 s")
    except (Failure, OSError, http.client.HTTPException, ValueError) as error:
        say(f"FAIL: {error}")
        return 0 if "smoke-fails-with-zero" in faults else 1
    if "smoke-cut-short" not in faults:
        say("OK")
    return 0


if __name__ == "__main__":
    sys.exit(main())
