"""A real oauth2-proxy in the place of the stand-in: the ingress passes on what nginx would, and judges nothing."""

from __future__ import annotations

from http import HTTPStatus

from ..calls import CallError
from ..staging import Staging
from . import pages
from .identity import through_ingress
from .messages import Incoming, Reply, page
from .upstream import encoded, returned
from .wire import exchange


class RealProxy:
    """What the ingress sees of the process (see `process`)."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging

    async def answer(self, request: Incoming) -> Reply:
        """Bring the request there, and the answer back."""
        variants = self._staging.variants
        headers = through_ingress(
            request,
            strips_auth_request=variants.on("ingress-strips-auth-request"),
            keeps_underscores=variants.on("ingress-keeps-underscores"),
        )
        try:
            port, target = self._staging.port("oauth2_proxy"), request.target.encode("latin-1")
            return returned(await exchange(port, request.method, target, encoded(headers), request.body))
        except CallError as problem:
            self._staging.log("edge", f"upstream failed while reading response header: {problem}")
            return page(HTTPStatus.BAD_GATEWAY, pages.nginx(502, "Bad Gateway"))

    async def refuses_upgrade(self, request: Incoming) -> Reply | None:
        """The refusal of a websocket; nothing when the platform takes it."""
        reply = await self.answer(request)
        return None if reply.status == HTTPStatus.SWITCHING_PROTOCOLS else reply

    async def close(self) -> None:
        """Nothing is kept open."""
