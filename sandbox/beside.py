"""A program beside the sandbox: started, watched, its last words kept, ended with the sandbox however it ends."""

from __future__ import annotations

import asyncio
import subprocess
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

STOP_SECONDS = 3.0
LOOK_SECONDS = 0.01
# Ends the process when the sandbox is gone, however it went: its end of the pipe closes.
_GUARD = 'exec >/dev/null 2>&1; read -r _; kill "$1"'


class ProgramError(OSError):
    """The program did not start; the text holds its last words."""


class Program:
    """One running program. `ready` is asked until it says yes; `tell` hears each line of its log."""

    def __init__(
        self,
        path: Path,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        ready: Callable[[], Awaitable[bool]],
        start_seconds: float,
        tell: Callable[[str], None],
    ) -> None:
        self._path = path
        self._arguments = arguments
        self._environment = environment
        self._is_ready = ready
        self._start_seconds = start_seconds
        self._tell = tell
        self._last: deque[str] = deque(maxlen=5)
        self._process: asyncio.subprocess.Process | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self._path.name

    async def start(self) -> None:
        """Start it and return when it is ready."""
        self._process = await asyncio.create_subprocess_exec(
            self._path.resolve(),
            *self._arguments,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C goes to the sandbox, which stops the process itself
        )
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", str(self._process.pid)],
            stdin=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read(self._process))
        await self._ready()

    async def ended(self) -> str:
        """Wait until it ends; how it did."""
        assert self._process
        code = await self._process.wait()
        return f"{self.name} ended by itself with code {code}: {' | '.join(self._last) or 'it said nothing'}"

    async def stop(self) -> None:
        """Stop the process, then what watches it."""
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._guard:
            self._guard.kill()
            self._guard.communicate()
        if self._reading:
            with suppress(TimeoutError):  # its last words
                await asyncio.wait_for(self._reading, 1)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        async for line in process.stdout:
            said = line.decode("utf-8", "replace").rstrip()
            self._last.append(said)
            self._tell(said)

    async def _ready(self) -> None:
        ending = asyncio.create_task(self.ended())
        answering = asyncio.create_task(self._answering())
        tasks = {ending, answering}
        done, _ = await asyncio.wait(tasks, timeout=self._start_seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks - done:
            task.cancel()
        if ending in done:
            raise ProgramError(await ending)
        if answering not in done:
            last = f": {self._last[-1]}" if self._last else ""
            raise ProgramError(f"{self._path} is not ready after {self._start_seconds:g} s{last}")

    async def _answering(self) -> None:
        while not await self._is_ready():
            await asyncio.sleep(LOOK_SECONDS)


async def accepts(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    with suppress(OSError):
        _, writer = await asyncio.open_connection(host, port)
        writer.close()
        return True
    return False
