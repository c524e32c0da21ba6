"""A local port that leads elsewhere. What is behind it, a pod or a place beyond a proxy, is told by who inherits.

Every connection gets a way of its own, made at that moment; so one that broke is mended by the next connection.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from typing import Any

from gate.errors import NotProven

CHUNK_BYTES = 64 * 1024
# How long a relay sleeps at most before it looks whether it was closed.
LOOK_EVERY_SECONDS = 0.5


class Relay:
    """Listens on `port` of this machine alone; `_connect` gives the other end."""

    def __init__(self, name: str) -> None:
        self._closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(LOOK_EVERY_SECONDS)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name=f"relay-{name}", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Stop listening; connections that are open end within half a second."""
        self._closed.set()
        with contextlib.suppress(OSError):  # wakes the accepting thread where the system allows it
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(2 * LOOK_EVERY_SECONDS)
        self._listener.close()

    def _connect(self) -> Any:
        """A stream to the other end; `NotProven` or `OSError` when there is none."""
        raise NotImplementedError

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                caller, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        """Relay one connection; when the other end is away it is closed, and the caller's own door says so."""
        with caller:
            try:
                stream = self._connect()
            except (NotProven, OSError):
                return
            with contextlib.closing(stream), contextlib.suppress(OSError):
                self._relay(caller, stream)

    def _relay(self, caller: socket.socket, stream: Any) -> None:
        other = {caller: stream, stream: caller}
        while not self._closed.is_set():
            for ready in select.select(list(other), [], [], LOOK_EVERY_SECONDS)[0]:
                data = ready.recv(CHUNK_BYTES)
                if not data:
                    return
                other[ready].sendall(data)
