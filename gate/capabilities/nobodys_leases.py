"""Leases in the name of a run that does not exist, by which slots are kept from others (contract 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from gate import evidence
from gate.errors import Broken, NotProven
from gate.language import Text, say
from gate.learning_cast import derive
from gate.run_stories import Stories
from gate.waiting import never

if TYPE_CHECKING:
    from gate.world import World

POLLS_WAITED = 2
LEASED = "state = 'leased', lease_owner = %s, lease_until = now() + interval '1 hour'"
# By more than clocks differ, whichever the worker looks at, and little more: a sweep that is late is to be seen.
OVER = "lease_until = now() - interval '3 minutes'"
FREE = "state = 'free', lease_owner = NULL, lease_until = NULL"


class NobodysLeases:
    """Those of one scenario, and whether this build lets them be."""

    def __init__(self, world: World, stories: Stories) -> None:
        self._world = world
        self._database = world.target.database
        self._stories = stories
        self._swept = False
        self.owner = str(uuid4())

    @property
    def two_polls(self) -> float:
        """Seconds in which the worker has looked at everything once."""
        settings = self._world.target.settings
        return float(max(POLLS_WAITED * settings["GATE_POLL_SECONDS"], settings["GATE_SETTLE_SECONDS"]))

    def free(self, project_id: UUID | str) -> None:
        """Give these slots of a project back."""
        sql = f"UPDATE slots SET {FREE} WHERE project_id = %s::uuid AND lease_owner = %s"
        self._database.execute(sql, str(project_id), self.owner)

    def unless_swept(self, judge: Callable[[], None]) -> None:
        """Judge what became of these leases, unless this build frees such before their time.

        The contract says nothing of a lease whose owner is no run: no worker leaves one. That leases of live runs
        are left alone the crowd proves.
        """
        if self._swept:
            return
        try:
            judge()
        except Broken as broken:
            if not self._stories.kept("sweep", self._are_swept):
                raise
            self._swept = True
            swept = say(
                "This build frees leases of runs that are not there: proven are those of live runs only.",
                "Сборка освобождает аренды несуществующих запусков: проверены лишь аренды настоящих.",
            )
            evidence.weaker(f"{swept}\n{broken}")

    def _are_swept(self) -> bool:
        """Whether such a lease is freed before its time where no run comes in that could have taken it."""
        try:
            project_id = derive(self._database, f"{self._world.mark}/idle")
            self._database.slot(project_id, 1)
        except NotProven as refused:
            evidence.note(str(refused))
            return False
        self._world.add_cleanup(self.free, project_id)
        sql = f"UPDATE slots SET {LEASED} WHERE project_id = %s::uuid"
        self._database.execute(sql, self.owner, str(project_id))
        try:
            never(
                lambda: self._database.slots_of(project_id),
                lambda slots: any(slot.lease_owner != self.owner for slot in slots),
                what=Text("A lease to nobody was freed", "Аренда несуществующего запуска освобождена"),
                during=self.two_polls,
            )
        except Broken as swept:
            evidence.note(str(swept))
            return True
        return False
