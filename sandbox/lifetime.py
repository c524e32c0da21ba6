"""How long a sandbox lives, where its folder and its state file are, and who finds them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .words import say

PREFIX = "codex-k8s-sandbox-"
IDLE_SECONDS = 30 * 60.0
# A task that is not over by then is told again.
CANCELLED_WITHIN_SECONDS = 5.0


class AlreadyRunning(Exception):
    """The state file belongs to a sandbox that is up."""


@contextmanager
def folder() -> Iterator[Path]:
    """A private folder that goes away with the sandbox; what killed sandboxes left is swept first."""
    _sweep()
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _sweep() -> None:
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = left.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class StateFile:
    """The settings of a running sandbox in a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def refuse_if_taken(self) -> None:
        """Raise `AlreadyRunning` when a living sandbox wrote the file."""
        pid = self._pid()
        if pid and _alive(pid):
            raise AlreadyRunning(
                say(
                    f"A sandbox is already running (process {pid}); its settings are in {self._path}.",
                    f"Песочница уже запущена (процесс {pid}); её настройки — в {self._path}.",
                )
            )

    def write(self, settings: dict[str, str]) -> None:
        """All at once, so that a reader never meets half a file."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}-")
        with os.fdopen(handle, "w") as file:
            json.dump(settings, file)
        Path(temporary).replace(self._path)

    def remove(self) -> None:
        """Remove it, unless another sandbox has taken it over."""
        if self._pid() == os.getpid():
            self._path.unlink(missing_ok=True)

    def stop(self) -> bool:
        """Tell the sandbox that wrote the file to end; False when there is none."""
        import psutil

        pid = self._pid()
        with suppress(psutil.NoSuchProcess):
            # Its number may have gone to somebody else meanwhile.
            process = psutil.Process(pid) if pid else None
            if process and "sandbox" in process.cmdline():
                process.terminate()
                return True
        return False

    def _pid(self) -> int:
        try:
            return int(json.loads(self._path.read_text())["SANDBOX_PID"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0


class Ending:
    """When it is over: a signal, or the parent's end of the pipe."""

    def __init__(self, *, with_parent: bool, keep: bool) -> None:
        self.event = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        # SIGHUP comes when a terminal is closed: a kept sandbox goes on, any other cleans up.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT, *(() if keep else (signal.SIGHUP,))):
            self._loop.add_signal_handler(number, self.event.set)
        if with_parent and not keep and _is_pipe():
            self._loop.add_reader(0, self._read)

    def _read(self) -> None:
        """Whatever is written to us does not matter; the end does."""
        with suppress(BlockingIOError):
            if not os.read(0, 4096):
                self._loop.remove_reader(0)
                self.event.set()


async def cancel(task: asyncio.Task[Any]) -> None:
    """Until it is over: one that is just being answered may miss it once (`wait_for` before Python 3.12)."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCELLED_WITHIN_SECONDS)
    if not task.cancelled():
        task.exception()  # asked for, or it would be complained about


def _is_pipe() -> bool:
    if sys.stdin is None:
        return False
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
