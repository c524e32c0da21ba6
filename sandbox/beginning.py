"""What takes longest begins first: PostgreSQL starts in a thread while the other parts are still being read in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from . import people

if TYPE_CHECKING:
    from .database import Database
    from .staging import Staging

Starting = asyncio.Task["Database"]


@asynccontextmanager
async def database(staging: Staging) -> AsyncIterator[Starting]:
    """The database on its way; stopped at the end, also when it was not awaited."""
    people.settle(staging)  # they are among its first rows
    starting: Starting = asyncio.create_task(asyncio.to_thread(_start, staging))
    try:
        yield starting
    finally:
        with suppress(Exception):  # its start failed: that error is on its way already
            started = await starting
            await asyncio.to_thread(started.stop)


def _start(staging: Staging) -> Database:
    from .database import start

    return start(staging)
