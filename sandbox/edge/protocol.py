"""uvicorn's HTTP/1.1 protocol, which also remembers how the client spelled the names of its headers."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

_MAX_HEADER_BYTES = 64 * 1024
_HANDSHAKE = {b"sec-websocket-key", b"sec-websocket-version"}


class _Connection(h11.Connection):
    """Puts the names, as they came, into the state that uvicorn copies into each request's scope."""

    def __init__(self, state: dict[str, Any]) -> None:
        super().__init__(h11.SERVER, _MAX_HEADER_BYTES)
        self._state = state

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            names = [name.decode("latin-1") for name, _ in event.headers.raw_items()]
            self._state["header_names"] = names
        return event


class Protocol(H11Protocol):
    """For `uvicorn.Config(http=…)`: request targets stay as sent, header names keep their spelling."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = _Connection(self.app_state)

    def _should_upgrade(self) -> bool:
        """A half-made websocket handshake is an ordinary request, as it is for nginx."""
        return {name for name, _ in self.headers} >= _HANDSHAKE and super()._should_upgrade()
