"""Restarts of the containers behind a deployment (contract 1) from one look to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate import evidence
from gate.errors import NotProven
from gate.language import Text, say
from gate.waiting import never

if TYPE_CHECKING:
    from gate.target import Target

# A question to the cluster each time, and a count stays grown.
LOOKED_AT_EVERY_SECONDS = 1.0


class Restarts:
    """How often the containers behind one deployment restarted while odd deliveries were sent."""

    def __init__(self, target: Target, deployment: str) -> None:
        self._target = target
        self._deployment = deployment
        self._before: dict[str, int] | None = None
        self._unseen = ""

    def look(self) -> None:
        """Remember the counts, where the cluster can be read."""
        try:
            self._before = self._count()
        except NotProven as reason:
            self._unseen = str(reason)

    def expect_none(self, during: float = 0) -> None:
        """None since that look, nor in the seconds to come: what a payload breaks may break a moment later."""
        if self._before is None:
            self._tell_unseen()
            return
        never(
            self._grown,
            bool,
            what=Text(f"{self._deployment} restarted", f"{self._deployment} перезапустился"),
            during=during,
            every=LOOKED_AT_EVERY_SECONDS,
        )
        if gone := sorted(self._before.keys() - self._count().keys()):
            # A deploy, a move to another machine, or the end of a pod that a delivery was too much for.
            evidence.residual_risk(
                say(
                    f"A pod of {self._deployment} was replaced while odd deliveries were sent: {', '.join(gone)}.",
                    f"Под {self._deployment} сменился, пока шли странные доставки: {', '.join(gone)}.",
                )
            )

    def _tell_unseen(self) -> None:
        """Once in a scenario."""
        reason, self._unseen = self._unseen, ""
        if reason:
            evidence.weaker(
                say(
                    f"Restarts of {self._deployment} are not seen: {reason}",
                    f"Перезапуски {self._deployment} не видны: {reason}",
                )
            )

    def _grown(self) -> list[str]:
        now = self._count()
        before = (self._before or {}).items()
        return [f"{name}: {count} -> {now[name]}" for name, count in before if now.get(name, 0) > count]

    def _count(self) -> dict[str, int]:
        """Each container by its pod and name."""
        cluster, name = self._target.cluster, self._deployment
        deployment = cluster.ask(
            f"deployment {name}", cluster.apps().read_namespaced_deployment, name, cluster.namespace
        )
        if deployment is None:
            raise NotProven(say(f"no deployment {name}", f"нет deployment {name}"), "staging")
        labels = ",".join(f"{key}={value}" for key, value in deployment.spec.selector.match_labels.items())
        return {
            f"{pod.metadata.name}/{status.name}": status.restart_count or 0
            for pod in cluster.pods(labels)
            for status in (pod.status.container_statuses or [])
        }
