"""Other people at work on the same staging, all the time, while the variant `neighbours` is on.

Their deliveries fill both slots of another project and leave some runs waiting there; they make and rename
projects of their own, allow people, and come to the edge without a session.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any
from uuid import uuid4

import psycopg

from .calls import Caller, CallError
from .gateway.signature import sign
from .staging import Staging
from .store import Store

LEAD = "lead@neighbours.test"
PAUSE_SECONDS = 0.2
# Beyond its two slots: so many runs always wait for one.
WAITING = 3
REPOSITORY = {"id": 7_300_002, "name": "web-shop", "full_name": "acme/web-shop", "private": True}
PENDING = (
    "SELECT count(*) AS n FROM agent_runs WHERE status = 'pending'"
    " AND run_payload->'raw_payload'->'repository'->>'full_name' = 'acme/web-shop'"
)


async def run(staging: Staging) -> None:
    """Work until cancelled, while the variant is on; what goes wrong for them is nobody's business here."""
    store = Store(staging, name="neighbours", size=1)
    inside, edge = (
        Caller(staging.port("gateway")),
        Caller(staging.port("edge"), staging.domain, str(staging.ca_file)),
    )
    try:
        for turn in itertools.count():
            while not staging.variants.on("neighbours"):
                await asyncio.sleep(PAUSE_SECONDS)
            try:
                await _work(staging, store, inside, edge, turn)
            except (CallError, psycopg.Error) as error:
                staging.log("gateway", f"a neighbour failed: {error}")
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await inside.close()
        await edge.close()
        await store.close()


async def _work(staging: Staging, store: Store, inside: Caller, edge: Caller, turn: int) -> None:
    waiting = await store.row(PENDING)
    if not waiting or waiting["n"] < WAITING:
        await _deliver(staging, inside)
    if turn % 5 == 0:
        await store.run(
            "INSERT INTO users (id, email, is_platform_admin) VALUES (%s, %s, true) ON CONFLICT DO NOTHING",
            (uuid4(), LEAD),
        )
        slug = f"neighbours-{turn // 5 % 4}"
        await _ask(inside, "POST", "/projects", {"slug": slug, "name": f"Neighbours, look {turn}"})
        await _ask(inside, "POST", "/users", {"email": f"guest-{turn // 5 % 3}@neighbours.test"})
        await _ask(inside, "GET", "/runs")
    await edge.send("GET", "/api/v1/staff/projects", [(b"Accept", b"application/json")])
    await edge.send("GET", "/oauth2/start?rd=/", [(b"Accept", b"text/html")])


async def _deliver(staging: Staging, inside: Caller) -> None:
    payload = {"ref": "refs/heads/main", "repository": REPOSITORY, "sender": {"login": "neighbour", "id": 1}}
    body = json.dumps(payload).encode()
    headers = [
        (b"Content-Type", b"application/json"),
        (b"X-GitHub-Event", b"push"),
        (b"X-GitHub-Delivery", str(uuid4()).encode()),
        (b"X-Hub-Signature-256", sign(staging.secrets.webhook.encode(), body).encode()),
    ]
    await inside.send("POST", "/api/v1/webhooks/github", headers, body)


async def _ask(inside: Caller, method: str, path: str, document: Any = None) -> None:
    body = json.dumps(document).encode() if document is not None else b""
    headers = [(b"Content-Type", b"application/json"), (b"X-Auth-Request-Email", LEAD.encode())]
    await inside.send(method, f"/api/v1/staff{path}", headers, body)
