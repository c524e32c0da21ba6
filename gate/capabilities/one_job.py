"""Equal deliveries at once have one run, and that has one Job (probe W10)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gate import evidence, run_rules
from gate.doors.webhook import Delivery
from gate.run_stories import Stories, another_lines_matter, drawn
from gate.watching import Watched, derived_project

if TYPE_CHECKING:
    from gate.world import World


class OneJob:
    """The Jobs of the run that one scenario's deliveries have."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target

    def expect_one(self, delivery: Delivery) -> None:
        """Once the run has begun; that it has a Job at all, and of which name, another line says."""
        full_name = str(delivery.repository)
        watched = Watched(self._target, derived_project(full_name), full_name, with_jobs=True)
        if watched.no_cluster:
            evidence.weaker(str(watched.no_cluster))
            return
        watched.add(str(delivery.id))
        with another_lines_matter():
            run = drawn(watched, partial(Stories(self._world).at_work, watched))
        run_rules.one_job(run, self._target.cluster.jobs_of(str(run.id)))
