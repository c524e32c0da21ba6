"""What the stand-in controllers ask of a real API server: apply, read, delete, a token; over kept connections."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from ..calls import Answer, Caller, CallError
from ..staging import Staging
from .meta import Object

APPLY = "application/apply-patch+yaml"
# What only the server writes; to apply it would be to claim it.
_SERVERS_OWN = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields")
_PLURALS = {"Ingress": "ingresses"}
_OF_THE_CLUSTER = frozenset(
    {"Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "ClusterIssuer"}
)


class Refused(OSError):
    """The API server did not do it; the text is its own."""


class Client:
    """The API server of a staging, met as its administrator."""

    def __init__(self, staging: Staging) -> None:
        self._caller = Caller(staging.port("cluster"), ca=str(staging.ca_file))
        self._token = staging.secrets.cluster_token

    async def ready(self) -> bool:
        """Whether it says so itself."""
        try:
            return (await self._send("GET", "/readyz")).ok
        except CallError:
            return False

    async def apply(self, wanted: Object) -> Object:
        """Make it so, its status too, as it then is. Server-side apply refuses unknown fields."""
        meta = {key: value for key, value in wanted["metadata"].items() if key not in _SERVERS_OWN}
        bare = {key: value for key, value in wanted.items() if key != "status"} | {"metadata": meta}
        made = await self._applied(path_of(wanted), bare)
        return await self.apply_status(wanted) if "status" in wanted else made

    async def apply_status(self, wanted: Object) -> Object:
        """The status alone."""
        head = {"apiVersion": wanted["apiVersion"], "kind": wanted["kind"]}
        meta = {"metadata": {"name": wanted["metadata"]["name"]}, "status": wanted["status"]}
        return await self._applied(f"{path_of(wanted)}/status", head | meta)

    async def listed(self, path: str, **query: str) -> list[Object]:
        """Everything under a path that a selector lets through."""
        said = await self._expect("GET", f"{path}?{urlencode(query)}" if query else path)
        items: list[Object] = said["items"]
        return items

    async def delete(self, path: str) -> None:
        """Remove it at once, and what it owns later; gone already is fine."""
        body = {"gracePeriodSeconds": 0, "propagationPolicy": "Background"}
        said = await self._send("DELETE", path, body)
        if not said.ok and said.status != 404:
            raise Refused(_reason("DELETE", path, said))

    async def create(self, path: str, body: Object) -> Object:
        """POST: for what is no object, like a token."""
        return await self._expect("POST", path, body)

    async def close(self) -> None:
        """Close the kept connections."""
        await self._caller.close()

    async def _applied(self, path: str, body: Object) -> Object:
        return await self._expect("PATCH", f"{path}?fieldManager=sandbox&force=true", body, APPLY)

    async def _expect(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Object:
        said = await self._send(method, path, body, kind)
        if not said.ok:
            raise Refused(_reason(method, path, said))
        found: Object = said.json()
        return found

    async def _send(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        headers = [
            (b"Accept", b"application/json"),
            (b"Authorization", f"Bearer {self._token}".encode()),
            (b"Content-Type", kind.encode()),
        ]
        return await self._caller.send(method, path, headers, content)


def path_of(wanted: Object) -> str:
    """Where an object lives."""
    kind, version, meta = wanted["kind"], wanted["apiVersion"], wanted["metadata"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    place = "" if kind in _OF_THE_CLUSTER else f"/namespaces/{meta['namespace']}"
    return f"{root}{place}/{_PLURALS.get(kind, f'{kind.lower()}s')}/{meta['name']}"


def _reason(method: str, path: str, said: Answer) -> str:
    told = (said.json() or {}).get("message") or said.body[:200].decode(errors="replace")
    return f"the API server answered {said.status} to {method} {path.partition('?')[0]}: {told}"
