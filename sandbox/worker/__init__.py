"""The worker of the platform (contract 4): once per poll it looks at running runs, then claims pending ones."""

from __future__ import annotations

import asyncio

import psycopg

from ..calls import CallError
from ..staging import Staging
from .claims import claim_pending
from .core import Worker
from .endings import look_at_running

__all__ = ["run"]


async def run(staging: Staging) -> None:
    """Works until it is cancelled; a neighbour that is away for a while only costs polls."""
    worker = Worker(staging)
    try:
        while True:
            try:
                await look_at_running(worker)
                await claim_pending(worker)
            except (psycopg.Error, CallError) as error:
                staging.log("worker", f"poll failed, trying again: {error}")
            await asyncio.sleep(staging.poll)
    finally:
        await worker.close()
