"""The public edge of the local staging: ingress-nginx and oauth2-proxy 7.6 as one application (contract 1, 2).

With a real oauth2-proxy only the ingress is ours; see `real` and `process`.
"""

from __future__ import annotations

from ..staging import Staging
from .ingress import Edge, PlainHttp
from .process import proxy_program
from .protocol import Protocol
from .proxy import Proxy
from .real import RealProxy

# Differences that the contract allows from build to build.
VARIANTS: dict[str, str] = {
    "edge-413": "the ingress itself refuses a body over 1 MiB (contract 2)",
    "edge-502-large": "the refusal of a body over 1 MiB is lost on its way, and the ingress answers 502",
    "skip-provider-button": "a browser without a session is sent to GitHub at once, without the sign-in page",
    "split-cookie-refused": "a session cookie in pieces _0, _1 is no session; 7.6 puts it together again",
    "vite-websocket": "the websocket of the console's dev server answers 101 without a session (probe E28)",
    "ingress-strips-auth-request": "the ingress removes a client's X-Auth-Request-* (the stand-in always does)",
    "ingress-keeps-underscores": "the ingress lets header names with `_` pass, where the proxy is a real one (E5)",
    "http-301": "plain http is redirected with 301 instead of 308",
    "slow-network": "every answer of the edge comes 50 to 800 ms later, of the cluster and (where it is on from "
    "the start) of the database 200 to 800 ms",
}

__all__ = ["VARIANTS", "Protocol", "app", "proxy_program", "redirect_app"]


def app(staging: Staging, *, real: bool = False) -> Edge:
    """The https door; serve it with `http=edge.Protocol` and `ws="wsproto"`."""
    return Edge(staging, RealProxy(staging) if real else Proxy(staging))


def redirect_app(staging: Staging, *, real: bool = False) -> PlainHttp:
    """The plain http door; serve it with `http=edge.Protocol`."""
    return PlainHttp(staging, app(staging, real=real))
