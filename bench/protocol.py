"""A browser driven without any library: DevTools' protocol over a pipe, one message after the other. The floor."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

END = b"\0"


class Protocol:
    """One browser of its own."""

    def __init__(self, browser: str, arguments: Sequence[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gate-bench-", ignore_cleanup_errors=True)
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        words = [
            browser,
            "--headless",
            *arguments,
            "--remote-debugging-pipe",
            f"--user-data-dir={self._folder.name}",
        ]

        def at_3_and_4() -> None:
            """Where the browser reads and writes; by way of others, for ours may be these."""
            os.dup2(theirs_in, 103)
            os.dup2(theirs_out, 104)
            os.dup2(103, 3)
            os.dup2(104, 4)

        self._process = subprocess.Popen(
            [*words, "about:blank"],
            preexec_fn=at_3_and_4,
            close_fds=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._rest, self._number = bytearray(), 0
        # What the pages asked and were not answered yet.
        self.waiting: set[str] = set()

    def call(self, method: str, session: str = "", **values: Any) -> Mapping[str, Any]:
        """Say something and hear the answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": values}
        os.write(self._out, json.dumps(message | ({"sessionId": session} if session else {})).encode() + END)
        while True:
            heard = self._hear()
            if heard.get("id") == self._number:
                if "error" in heard:
                    raise RuntimeError(f"{method}: {heard['error']}")
                return dict(heard["result"])

    def look(self, session: str, expression: str) -> Any:
        """The value of an expression in a page."""
        return self.call("Runtime.evaluate", session, expression=expression, returnByValue=True)["result"].get(
            "value"
        )

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait(20)
        os.close(self._in)
        os.close(self._out)
        self._folder.cleanup()

    def _hear(self) -> dict[str, Any]:
        while END not in self._rest:
            more = os.read(self._in, 1 << 20)
            if not more:
                raise RuntimeError("The browser is gone.")
            self._rest += more
        line, _, self._rest = self._rest.partition(END)
        heard: dict[str, Any] = json.loads(line)
        if heard.get("method") == "Network.requestWillBeSent":
            self.waiting.add(heard["params"]["requestId"])
        elif heard.get("method") in ("Network.loadingFinished", "Network.loadingFailed"):
            self.waiting.discard(heard["params"]["requestId"])
        return heard
