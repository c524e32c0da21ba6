"""The worker of the platform (contract 4): once per poll it looks at running runs, then claims pending ones."""

from __future__ import annotations

import asyncio

import psycopg

from ..calls import CallError
from ..staging import Staging
from .claims import claim_pending
from .core import Worker
from .endings import give_late_feedback, look_at_running
from .leases import sweep

# Differences that the contract allows from build to build.
VARIANTS = {
    "worker-clock-behind": "the worker writes its times by a clock a second behind the database's",
    "worker-clock-ahead": "the worker writes its times by a clock two seconds ahead of the database's",
    "one-claim-a-poll": "the worker claims one run a poll (contract 4: up to n)",
    "busy-project-ends-a-poll": "a run whose project has no free slot ends the claims of a poll",
    "leases-of-nobody-swept": "every poll frees leases whose owner is no run that is running",
    "lone-projects-of-another-namespace": "the project of a run about no repository is a UUIDv5 in another "
    "namespace than DNS (contract 4.1 names none)",
    "jobs-without-time-to-live": "no Job says how long it is kept, the worker removes them (contract 4 "
    "names no means)",
    "updated-at-untouched": "updated_at stays created_at (contract 3 names the column, and no rule for it)",
    "feedback-comes-later": "the feedback is written seven seconds after the run's end",
}
# A worker that does so misses so many polls of sixteen.
SELDOM = 16

__all__ = ["VARIANTS", "run"]


async def run(staging: Staging) -> None:
    """Works until it is cancelled; a neighbour that is away for a while only costs polls."""
    worker = Worker(staging)
    try:
        while True:
            try:
                await sweep(worker)
                await look_at_running(worker)
                await give_late_feedback(worker)
                await claim_pending(worker)
            except (psycopg.Error, CallError) as error:
                staging.log("worker", f"poll failed, trying again: {error}")
            await asyncio.sleep(staging.poll * (SELDOM if worker.broken("worker-looks-seldom") else 1))
    finally:
        await worker.close()
