"""A derived project that was deleted: the next run of its repository makes it anew (contract 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate import evidence, run_rules
from gate.doors.webhook import new_delivery
from gate.errors import NotProven
from gate.language import say
from gate.run_stories import Stories, another_lines_matter, draw, drawn
from gate.watching import Watched

if TYPE_CHECKING:
    from gate.world import World


class DeletedProject:
    """A project of this scenario's own, deleted between two runs."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._database = world.target.database
        self._watched: Watched | None = None
        self._cannot = ""

    # --- acts

    def have(self) -> None:
        """In the database: whoever deletes it, the worker is not told."""
        with another_lines_matter():
            before = self._world.worker.ended_run()
        self._watched = Watched(self._world.target, before.project_id, before.full_name)
        try:
            self._database.execute("DELETE FROM projects WHERE id = %s::uuid", str(before.project_id))
        except NotProven as held:
            # Rows of the platform's own tables may hold on to it.
            self._cannot = str(held)

    def watch(self) -> None:
        """The next delivery about the same repository, to the end of its run."""
        watched = self._record
        delivery = new_delivery(self._world.mark, "push", repository=watched.full_name)
        Stories(self._world).deliver(watched, delivery)
        drawn(watched, watched.until_ended)
        draw(watched)

    # --- checks

    def expect_back(self) -> None:
        """The same project, and the run in it; it has ended, so there was a slot for it."""
        watched, run = self._record, self._record.run()
        if self._cannot:
            told = say("The project could not be deleted here", "Удалить проект здесь не удалось")
            evidence.weaker(f"{told}: {self._cannot}")
        run_rules.project(watched, run, self._database.project_by_id(watched.project_id))

    @property
    def _record(self) -> Watched:
        if self._watched is None:
            raise NotProven(say("No project was deleted yet.", "Ни один проект ещё не удалён."), "suite")
        return self._watched
