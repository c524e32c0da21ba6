"""A run ends in the same transaction as its lease (contract 4.4): what keeps the one waiting keeps the other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gate import run_rules
from gate.capabilities.nobodys_leases import POLLS_WAITED
from gate.doors.records import Run
from gate.doors.webhook import Delivery, new_delivery
from gate.errors import NotProven
from gate.language import Text, say
from gate.run_stories import LOSSES_TRIED, Stories, drawn
from gate.waiting import until
from gate.watching import ENDED, Look, Watched, derived_project

if TYPE_CHECKING:
    from gate.world import World

LOCKED = "SELECT id FROM slots WHERE lease_owner::text = %s FOR UPDATE"
OVER = ("complete", "failed", "gone")


class HeldSlot:
    """Holds the slot of a run in the name of one scenario."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._stories = Stories(world)

    # --- acts

    def watch(self, *, vanishing: bool = False) -> None:
        """The row of its slot is locked from before the end of its Job, which is deleted when it is `vanishing`; a
        try that came too late is void.
        """
        for _ in range(LOSSES_TRIED):
            watched = self._stories.pending(self._new_run)
            if watched.no_cluster:
                raise watched.no_cluster
            run = drawn(watched, partial(self._stories.at_work, watched))
            with self._target.database.holding(LOCKED, str(run.id)):
                over = vanishing and not self._target.cluster.delete_job(str(run.id))
                held = bool(watched.look().held_by(run)) and not over and not _ended(watched.last)
                if held:
                    drawn(watched, partial(self._look_on, watched, run))
            drawn(watched, partial(watched.until_ended, times=2))
            # A worker that had seen the good end of the Job before it was deleted, ends the run by that.
            if held and not (vanishing and watched.run().status == "succeeded"):
                self._world.worker.judge(watched)
                return
        raise NotProven(
            say(
                f"In {LOSSES_TRIED} tries each run was about to end before its slot was locked.",
                f"За {LOSSES_TRIED} попытки каждый запуск подходил к концу раньше, чем слот был заблокирован.",
            ),
            "staging",
        )

    def _look_on(self, watched: Watched, run: Run) -> None:
        """Until the worker has come twice to the run whose Job is over, or has ended it.

        Without the cluster nobody knows when that is, and a run whose slot is locked cannot end by itself.
        """
        watched.until(
            lambda look: watched.no_cluster or dict(look.jobs).get(str(run.id)) in OVER or _ended(look),
            Text(f"the end of the Job of run {run.id}", f"конец Job запуска {run.id}"),
        )
        if watched.no_cluster:
            raise watched.no_cluster
        enough = watched.watch.seconds + POLLS_WAITED * watched.poll.total_seconds()
        until(
            watched.look,
            lambda look: _ended(look) or watched.watch.seconds >= enough,
            what=Text("two looks of the worker at the run", "два взгляда worker на запуск"),
            within=enough,
        )

    # --- checks

    def expect_together(self) -> None:
        """The one is never seen without the other."""
        run_rules.nothing_held_after_end(self._world.worker.watched)

    # --- helpers

    def _new_run(self, number: int) -> tuple[Watched, Delivery]:
        name = f"{self._world.mark}/held-slot-{number}"
        delivery = new_delivery(self._world.mark, "push", repository=name)
        return Watched(self._target, derived_project(name), name, with_jobs=True), delivery


def _ended(look: Look) -> bool:
    return all(run.status in ENDED for run in look.runs)
