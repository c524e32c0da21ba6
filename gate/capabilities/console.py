"""Being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gate.world import World


class ConsolePages:
    """Being written."""

    def __init__(self, world: World) -> None:
        self._world = world
