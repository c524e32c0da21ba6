"""The platform's PostgreSQL in a local staging (contract 3): one server each, or a database on a server of yours.

`SANDBOX_POSTGRES` names a server (an administrator's DSN) where the wheel does not serve the platform; a database
is created there and dropped again. Otherwise a server is started from the wheel or from the machine's programs.
"""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass, field
from typing import Protocol

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from . import seeds
from .postgres import DATABASE, ROLE, Server, home, install_schema, prepare, set_clock
from .programs import PostgresError, find_programs
from .staging import Staging

PREFIX = "codexk8s_sandbox_"
LEFTOVER_SECONDS = 3600

__all__ = ["Database", "PostgresError", "start"]


class _Home(Protocol):
    def stop(self) -> None: ...


@dataclass
class Database:
    """The running database: its address, and which server it is in words."""

    url: str = field(repr=False)
    server: str
    _home: _Home = field(repr=False)

    def stop(self) -> None:
        """Stops the server and removes its folder, or drops the database."""
        self._home.stop()


def start(staging: Staging) -> Database:
    """Starts the database with the schema and the first rows, and writes its address into `staging`."""
    admin = os.environ.get("SANDBOX_POSTGRES", "")
    database = _borrowed(admin) if admin else _own(staging)
    try:
        with psycopg.connect(database.url) as connection:
            seeds.plant(connection, staging)
            if staging.clocks_apart:
                set_clock(connection, staging.clocks_apart)
    except BaseException:
        database.stop()
        raise
    staging.database_url = database.url
    return database


def _own(staging: Staging) -> Database:
    programs = find_programs()
    folder = home(staging.folder)
    server = Server(programs, folder, staging.folder)
    prepare(programs, folder)
    server.start()
    password = secrets.token_urlsafe(18)
    with server.connect() as connection:
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(ROLE), password))
    url = f"postgresql://{ROLE}:{password}@127.0.0.1:{server.port}/{DATABASE}"
    return Database(url, f"{programs.origin} (PostgreSQL {programs.version})", server)


@dataclass
class _Borrowed:
    """A database of ours on somebody else's server."""

    admin: str = field(repr=False)
    name: str

    def stop(self) -> None:
        with psycopg.connect(self.admin, autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.name))
            )


def _borrowed(admin: str) -> Database:
    home = _Borrowed(admin, f"{PREFIX}{int(time.time())}_{secrets.token_hex(4)}")
    try:
        with psycopg.connect(admin, autocommit=True, connect_timeout=10) as connection:
            _sweep(connection)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(home.name)))
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        raise PostgresError(f"SANDBOX_POSTGRES names a server that cannot be used: {error}") from error
    url = _with_database(admin, home.name)
    with psycopg.connect(url, autocommit=True) as connection:
        install_schema(connection)
    return Database(url, f"the server named by SANDBOX_POSTGRES (PostgreSQL {version})", home)


def _sweep(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Drops what a killed sandbox left: our prefix, older than an hour, nobody connected."""
    rows = connection.execute(
        "SELECT datname FROM pg_database d WHERE datname LIKE %s"
        " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)",
        (PREFIX.replace("_", r"\_") + "%",),
    ).fetchall()
    for (name,) in rows:
        born = str(name).removeprefix(PREFIX).split("_")[0]
        if born.isdigit() and time.time() - int(born) > LEFTOVER_SECONDS:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(str(name))))


def _with_database(admin: str, name: str) -> str:
    parts = conninfo_to_dict(admin)
    user = f"{parts.get('user') or ''}:{parts.get('password') or ''}".strip(":")
    host = parts.get("host") or "127.0.0.1"
    return f"postgresql://{user + '@' if user else ''}{host}:{parts.get('port') or 5432}/{name}"
