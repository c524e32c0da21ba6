"""The process of a real oauth2-proxy: its flags (contract 2), its secrets, its log, its end with the sandbox."""

from __future__ import annotations

import asyncio
import subprocess
from collections import deque
from contextlib import suppress
from pathlib import Path

from ..sockets import HOST
from ..staging import GITHUB, GITHUB_API, Staging

START_SECONDS = 10.0
STOP_SECONDS = 3.0
# Word for word what the platform runs (contract 2); addresses and the provider are added below.
FLAGS = (
    "--pass-host-header=true",
    "--email-domain=*",
    "--cookie-secure=true",
    "--cookie-samesite=lax",
    "--skip-auth-regex=^/api/v1/webhooks/.*",
    "--pass-user-headers=true",
    "--set-xauthrequest=true",
)
# Ends the process when the sandbox is gone, however it went: its end of the pipe closes.
_GUARD = 'exec >/dev/null 2>&1; read -r _; kill "$1"'


class ProxyError(OSError):
    """The real oauth2-proxy did not start; the text holds its last words."""


class Process:
    """One running oauth2-proxy."""

    def __init__(self, staging: Staging, program: Path) -> None:
        self._staging = staging
        self._program = program
        self._last: deque[str] = deque(maxlen=5)
        self._process: asyncio.subprocess.Process | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and return when it accepts connections."""
        self._process = await asyncio.create_subprocess_exec(
            self._program.resolve(),
            *self._arguments(),
            env=self._environment(),
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
        return f"oauth2-proxy ended by itself with code {code}: {' | '.join(self._last) or 'it said nothing'}"

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

    def _arguments(self) -> list[str]:
        button = ["--skip-provider-button=true"] if self._staging.variants.on("skip-provider-button") else []
        return [
            f"--http-address={HOST}:{self._staging.port('oauth2_proxy')}",
            f"--upstream=http://{HOST}:{self._staging.port('gateway')}",
            *FLAGS,
            "--provider=github",
            f"--login-url=https://{GITHUB}/login/oauth/authorize",
            f"--redeem-url=https://{GITHUB}/login/oauth/access_token",
            f"--validate-url=https://{GITHUB_API}/",
            f"--provider-ca-file={self._staging.ca_file}",
            *button,
        ]

    def _environment(self) -> dict[str, str]:
        """The secrets as the platform's Secret gives them (contract 1), and the way to the stand-in GitHub."""
        held = self._staging.secrets
        return {
            "OAUTH2_PROXY_CLIENT_ID": held.client_id,
            "OAUTH2_PROXY_CLIENT_SECRET": held.client_secret,
            "OAUTH2_PROXY_COOKIE_SECRET": held.cookie,
            "HTTPS_PROXY": f"http://{HOST}:{self._staging.port('outbound')}",
        }

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        async for line in process.stdout:
            said = line.decode("utf-8", "replace").rstrip()
            self._last.append(said)
            self._staging.log("edge", said)

    async def _ready(self) -> None:
        ending = asyncio.create_task(self.ended())
        answering = asyncio.create_task(self._answering())
        tasks = {ending, answering}
        done, _ = await asyncio.wait(tasks, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks - done:
            task.cancel()
        if ending in done:
            raise ProxyError(await ending)
        if answering not in done:
            raise ProxyError(f"{self._program} does not accept connections after {START_SECONDS:g} s")

    async def _answering(self) -> None:
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, self._staging.port("oauth2_proxy"))
                writer.close()
                return
            await asyncio.sleep(0.01)
