"""Runs that deliveries have just started: whether the platform may be expected to tell of them yet."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from gate.errors import Broken
from gate.language import Text
from gate.run_stories import another_lines_matter
from gate.waiting import until
from gate.watching import in_turn

if TYPE_CHECKING:
    from gate.world import World

# The list of a staging that is lived on is long; a worker looks every few seconds (contract 4).
LOOK_EVERY_SECONDS = 0.5


def await_told(world: World, run_ids: Sequence[str]) -> None:
    """Wait until each of these runs belongs to a project, or is listed to an admin without.

    Until a worker claims it a run may belong to none (contract 3), and whether a build tells of it then the
    contract leaves open. That nobody ever claims it is another line's matter.
    """
    target, ids = world.target, ", ".join(run_ids)
    within = target.settings["GATE_RUN_SECONDS"]
    runs = [target.database.run(run_id) for run_id in run_ids]
    with another_lines_matter():
        in_turn(
            target,
            [run.correlation_id for run in runs if run],
            lambda: until(
                lambda: _untold(world, run_ids),
                lambda untold: not untold,
                what=Text(
                    f"run {ids} in a project, or listed", f"запуск {ids} отнесён к проекту или есть в списке"
                ),
                within=within,
                every=LOOK_EVERY_SECONDS,
            ),
            within,
        )


def _untold(world: World, run_ids: Sequence[str]) -> list[str]:
    """Those that belong to no project and are not listed; the list is asked for only where it counts."""
    found = {run_id: world.target.database.run(run_id) for run_id in run_ids}
    homeless = [run_id for run_id, run in found.items() if run is None or run.project_id is None]
    if not homeless:
        return []
    listed = _listed(world)
    return [run_id for run_id in homeless if run_id not in listed]


def _listed(world: World) -> set[str]:
    """What an admin's list has; one that fails is for those to judge who open its page."""
    with suppress(Broken):
        return {str(item.get("id")) for item in world.as_person("admin").get("/runs").items()}
    return set()
