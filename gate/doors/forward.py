"""A local port that leads into the cluster, made by the official client itself: no kubectl is needed.

Every connection gets a forward of its own, to a pod that is ready at that moment; so a forward that broke,
or a pod that was replaced, is mended by the next connection.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gate.doors.cluster import Cluster
from gate.doors.relay import Relay
from gate.errors import NotProven
from gate.language import say
from gate.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable

GATEWAY_SERVICE = "codex-k8s"
DATABASE_POD = "postgres-0"
DATABASE_PORT = 5432


@dataclass(frozen=True)
class Place:
    """A port of a pod."""

    pod: str
    port: int


def gateway_place(cluster: Cluster) -> Place:
    """A ready pod behind Service `codex-k8s`, and the port that the service leads to (contract 1)."""
    return Place(*cluster.behind(GATEWAY_SERVICE))


def database_place(cluster: Cluster) -> Place:
    """PostgreSQL's pod (contract 1)."""
    return Place(DATABASE_POD, DATABASE_PORT)


PLACES: dict[str, Callable[[Cluster], Place]] = {"gateway": gateway_place, "database": database_place}


class Forward(Relay):
    """Leads to a pod: the `gateway` or the `database`."""

    def __init__(self, cluster: Cluster, what: str) -> None:
        self._cluster = cluster
        self._place = PLACES[what]
        # The client swaps a method of its ApiClient while it connects, so this one is not shared.
        self._api = cluster.another_api()
        self._connecting = threading.Lock()
        self._check()
        super().__init__(what)

    def close(self) -> None:
        """Stop listening, and close the client."""
        super().close()
        self._api.close()

    def _check(self) -> None:
        """Try it once, so that a cluster that forbids it is told at once and by name."""
        with contextlib.closing(self._connect()):
            pass

    def _connect(self) -> Any:
        """A stream into the pod; `NotProven` with the cluster's own words when it does not let us."""
        from kubernetes import client
        from kubernetes.client.exceptions import ApiException
        from kubernetes.stream import portforward

        place = self._place(self._cluster)
        call = client.CoreV1Api(self._api).connect_get_namespaced_pod_portforward
        try:
            with self._connecting:
                forward = portforward(call, place.pod, self._cluster.namespace, ports=str(place.port))
        except ApiException as refusal:
            why = redact(str(refusal.reason)).strip()[:200]
            raise NotProven(
                say(
                    f"No port-forward to {place.pod}:{place.port}: {why}. "
                    "It needs the rights get and create on pods/portforward (deploy/rights.yaml); or set the "
                    "address by hand, see .env.example.",
                    f"Не удался port-forward к {place.pod}:{place.port}: {why}. "
                    "Нужны права get и create на pods/portforward (deploy/rights.yaml); либо задайте адрес "
                    "вручную, см. .env.example.",
                ),
                "staging",
            ) from None
        return forward.socket(place.port)
