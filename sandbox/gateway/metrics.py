"""The gateway's figures as Prometheus text (contract 2, health)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Only names that GitHub has become a label of their own: a stranger must not be able to grow the set.
EVENTS = frozenset(
    (
        *("check_run", "check_suite", "commit_comment", "create", "delete", "deployment", "deployment_status"),
        *("discussion", "fork", "installation", "installation_repositories", "issue_comment", "issues", "label"),
        *("member", "milestone", "ping", "pull_request", "pull_request_review", "pull_request_review_comment"),
        *("pull_request_review_thread", "push", "release", "repository", "repository_dispatch", "star", "status"),
        *("watch", "workflow_dispatch", "workflow_job", "workflow_run"),
    )
)


@dataclass
class Metrics:
    """Counts of webhook deliveries and how long they took."""

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0

    def delivered(self, result: str, event: str, seconds: float, times: int = 1) -> None:
        """Counts one delivery, under the name that it gave: a fault may show it, and later be off again."""
        self.requests[result, event] += times
        self.buckets[bisect_left(BUCKETS, seconds)] += 1
        self.seconds += seconds

    def text(self, *, escape: bool = True, known_only: bool = True, known: Container[str] = EVENTS) -> str:
        """The exposition format."""
        shown: Counter[tuple[str, str]] = Counter()
        for (result, event), count in self.requests.items():
            shown[result, event if event in known or not known_only else "other"] += count
        lines = [
            "# HELP codexk8s_webhook_requests_total Webhook deliveries by result and event.",
            "# TYPE codexk8s_webhook_requests_total counter",
        ]
        for (result, event), count in sorted(shown.items()):
            label = _escaped(event) if escape else event
            lines.append(f'codexk8s_webhook_requests_total{{result="{result}",event="{label}"}} {count}')
        return "\n".join([*lines, *self._histogram()]) + "\n"

    def _histogram(self) -> list[str]:
        name = "codexk8s_webhook_duration_seconds"
        lines = [f"# HELP {name} Time taken by a webhook delivery.", f"# TYPE {name} histogram"]
        total = 0
        for limit, count in zip([*map(str, BUCKETS), "+Inf"], self.buckets, strict=True):
            total += count
            lines.append(f'{name}_bucket{{le="{limit}"}} {total}')
        return [*lines, f"{name}_sum {self.seconds:.6f}", f"{name}_count {total}"]


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
