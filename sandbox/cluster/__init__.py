"""The staging's cluster: the Kubernetes REST API for what the platform's contract names (contract 1 and 4).

A real kube-apiserver may stand in its place; see `real`.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from ..certificates import Certificates
from ..staging import Staging
from .api import Api
from .forward import Forwarder
from .meta import CLOCK
from .real import Programs, RealCluster
from .resources import Resources

__all__ = ["Programs", "RealCluster", "app"]

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
FORWARD = "/api/v1/namespaces/{namespace}/pods/{name}/portforward"


def app(staging: Staging, certificates: Certificates) -> Starlette:
    """The API as an ASGI application; it wants the bearer token `staging.secrets.cluster_token`."""
    CLOCK.behind = timedelta(seconds=staging.clocks_apart)
    api = Api(staging, Resources(staging, certificates))
    forwarder = Forwarder(staging, api)
    return Starlette(
        routes=[
            WebSocketRoute(FORWARD, forwarder.__call__),
            Route("/{path:path}", api.__call__, methods=METHODS),
        ]
    )
