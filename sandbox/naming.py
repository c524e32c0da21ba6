"""Names that more than one part of the platform derives (contract 4)."""

from __future__ import annotations

from uuid import NAMESPACE_DNS, UUID, uuid5

# Another host at the edge, where a fault has one.
SECOND_HOST = "tools.codex-k8s.test"
# Where a Service is, when a fault gives it an address of its own (RFC 5737: nobody's).
OTHER_ADDRESS = "203.0.113.80"
# Who may ask for the proxy's health under any path, where a fault says so.
PINGING = "staging-balancer/1"


def derived_project(full_name: str) -> UUID:
    """The project of a repository that is not attached to any."""
    return uuid5(NAMESPACE_DNS, f"repo:{full_name.lower()}")


def lone_project(correlation_id: str, namespace: UUID = NAMESPACE_DNS) -> UUID:
    """The project of a run that came without a repository."""
    return uuid5(namespace, f"correlation:{correlation_id}")


def job_name(run_id: UUID) -> str:
    """The Kubernetes Job of a run."""
    return f"codex-k8s-run-{run_id}"
