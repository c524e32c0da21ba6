"""How the gateway and the worker reach the database: a small asynchronous pool, rows as dictionaries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from .staging import Staging

Row = dict[str, Any]
Connection = AsyncConnection[Row]
Params = Sequence[Any] | Mapping[str, Any]


class Store:
    """The database as one part of the platform sees it; connects when it is first asked."""

    def __init__(self, staging: Staging, *, name: str, size: int = 8) -> None:
        self._staging = staging
        self._name = name
        self._size = size
        self._pool: AsyncConnectionPool[Connection] | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside one transaction: committed at the end, rolled back on an exception."""
        async with (await self._open()).connection() as connection, connection.transaction():
            yield connection

    async def rows(self, query: str, params: Params = ()) -> list[Row]:
        """All rows of a query, in a transaction of its own."""
        async with (await self._open()).connection() as connection:
            return await (await connection.execute(query.encode(), params)).fetchall()

    async def row(self, query: str, params: Params = ()) -> Row | None:
        """The first row of a query, or None."""
        found = await self.rows(query, params)
        return found[0] if found else None

    async def run(self, query: str, params: Params = ()) -> int:
        """Executes a command; how many rows it touched."""
        async with (await self._open()).connection() as connection:
            return (await connection.execute(query.encode(), params)).rowcount

    async def close(self) -> None:
        """Closes the connections."""
        if self._pool:
            await self._pool.close()
            self._pool = None

    async def _open(self) -> AsyncConnectionPool[Connection]:
        if self._pool is None:
            # A connection that somebody dropped is noticed before it is handed out.
            self._pool = AsyncConnectionPool(
                self._staging.database_url,
                connection_class=AsyncConnection[Row],
                kwargs={"row_factory": dict_row, "autocommit": True, "application_name": self._name},
                min_size=1,
                max_size=self._size,
                timeout=10,
                check=AsyncConnectionPool.check_connection,
                open=False,
            )
        await self._pool.open()  # does nothing when it is open
        return self._pool
