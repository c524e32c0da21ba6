"""Runs of events of every type: the worker asks none of what type its event was (contract 2 and 4)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gate.doors.webhook import new_delivery
from gate.errors import Broken, NotProven
from gate.language import ensure, say
from gate.run_stories import Stories, draw
from gate.watching import Watched, derived_project

if TYPE_CHECKING:
    from gate.world import World

# Those of pushes and pings are watched elsewhere.
TYPES = (
    "pull_request",
    "issues",
    "issue_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "gate_unheard_of",
)


@dataclass(frozen=True)
class Told:
    """The record of the runs, and the type of event that each delivery brought."""

    watched: Watched
    types: Mapping[str, str]


class EveryEvent:
    """One run for each type, all watched together."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._stories = Stories(world)
        self._told: Told | None = None

    # --- acts

    def watch(self) -> None:
        """Each about a repository of its own, so that none waits for a slot."""
        self._told = self._stories.kept("every-event", self._story)
        draw(self._told.watched)

    def _story(self) -> Told:
        mark = self._world.mark
        deliveries = [new_delivery(mark, event, repository=f"{mark}/about-{event}") for event in TYPES]
        first = deliveries[0].repository
        watched = Watched(self._target, derived_project(first), first)
        self._stories.deliver(watched, *deliveries)
        # Which of them do not end, the check says.
        with suppress(Broken):
            watched.until_ended()
        return Told(watched, {str(one.id): str(one.event) for one in deliveries})

    # --- checks

    def expect_succeeded(self) -> None:
        """Nothing in a payload makes a Job fail (contract 4), nor keeps it from beginning."""
        if self._told is None:
            raise NotProven(say("No run was watched yet.", "Ни один запуск ещё не наблюдали."), "suite")
        watched = self._told.watched
        ends = {event: watched.run(delivery).status for delivery, event in self._told.types.items()}
        wrong = {event: status for event, status in ends.items() if status != "succeeded"}
        ensure(
            not wrong,
            f"Not every run succeeds; of events of these types they are: {wrong}.\n{watched.told()}",
            f"Успешны не все запуски; у событий этих типов они: {wrong}.\n{watched.told()}",
        )
