"""Runs that wait for a slot of a busy project, and the order in which they get one (contract 4)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING

from gate import evidence, run_limits, run_rules
from gate.capabilities.nobodys_leases import OVER
from gate.doors.records import Slot
from gate.errors import Broken
from gate.language import Text, ensure
from gate.learning_cast import set_default
from gate.run_stories import Stories, draw, drawn
from gate.watching import Watched

if TYPE_CHECKING:
    from gate.world import World

# Two runs begin at once, in any order: of so many rounds hardly any is right by chance, one time in ninety.
ROUNDS_IN_TURN = 3
QUEUED = ("push", "issues", "pull_request")


class Turns:
    """The waiting runs of one scenario."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._loop = world.worker
        # The leases beside one that is over.
        self._live: list[Slot] = []

    @property
    def _watched(self) -> Watched:
        return self._loop.watched

    # --- acts

    def line_up(self) -> None:
        """More deliveries than the busy project has slots, each after the answer to the one before.

        Of every kind one stands behind another, and one with learning behind one without: none has precedence.
        """
        watched = self._watched
        kinds = cycle(QUEUED)
        for _ in range(ROUNDS_IN_TURN * len(watched.look().slots)):
            # What a project has when an event comes in counts for its run (contract 4).
            set_default(self._target.database, watched.project_id, len(watched.deliveries) % 2 == 1)
            Stories(self._world).deliver(watched, self._loop.delivery(watched.full_name, event=next(kinds)))

    def end_leases(self) -> None:
        """The time of these leases is over.

        The waiting runs are kept locked for a poll and a little before, so that the worker, which skips them, is
        not just going through them: had it passed the first already, a later one would get its slot, and rightly.
        """
        waiting = list(self._watched.deliveries)
        settings = self._target.settings
        hold_seconds = settings["GATE_POLL_SECONDS"] + settings["GATE_SETTLE_SECONDS"] if len(waiting) > 1 else 0
        self._target.database.transaction(
            [
                ("SELECT id FROM agent_runs WHERE correlation_id = ANY(%s) FOR UPDATE", (waiting,)),
                ("SELECT pg_sleep(%s)", (hold_seconds,)),
                (
                    f"UPDATE slots SET {OVER} WHERE project_id = %s::uuid AND lease_owner = %s",
                    (str(self._watched.project_id), self._loop.nobodys_leases.owner),
                ),
            ]
        )

    def end_first_lease(self) -> None:
        """The time of one of these leases is over, that of those beside it is not."""
        owner = self._loop.nobodys_leases.owner
        slots = [slot for slot in self._watched.look().slots if slot.lease_owner == owner]
        for first in slots[:1]:
            sql = f"UPDATE slots SET {OVER} WHERE project_id = %s::uuid AND lease_owner = %s AND slot_no = %s"
            self._target.database.execute(sql, str(self._watched.project_id), owner, first.slot_no)
        self._live = slots[1:]

    # --- checks

    def expect_in_turn(self) -> None:
        """Oldest first (contract 4), as far as polls tell them apart.

        Leases that end while the worker is just going through the runs let a later one first. `end_leases` sees to
        it that they do not; where a machine is so busy that they do all the same, three in a row are broken.
        """
        for last in (False, False, True):
            try:
                self._judge_turns()
                return
            except Broken as passed_over:
                if last:
                    raise
                evidence.note(str(passed_over))
            self._loop.lease_all_to_nobody()
            self.line_up()
            self.end_leases()

    def _judge_turns(self) -> None:
        what = Text("the ends of the runs that waited", "концы ждавших запусков")
        drawn(self._watched, partial(self._watched.until_ended, times=2, what=what))
        draw(self._watched)
        runs = [self._watched.run(delivery) for delivery in self._watched.deliveries]
        apart = timedelta(seconds=self._target.settings["GATE_POLL_SECONDS"] / 2)
        run_limits.began_in_turn(self._watched, runs, apart)

    def expect_waiting_run_served(self) -> None:
        """The waiting run gets a slot and ends."""
        beside = ", ".join(str(slot.slot_no) for slot in self._live)
        what = Text(
            "the end of the run that waited; the leases of the run that is gone were over before"
            + (f", all but that of slot {beside}" if beside else ""),
            "конец ждавшего запуска; аренды исчезнувшего запуска истекли до этого"
            + (f", все, кроме слота {beside}" if beside else ""),
        )
        drawn(self._watched, partial(self._watched.until_ended, what=what))
        draw(self._watched)
        run = self._watched.run()
        run_rules.statuses(self._watched, run, run_rules.end_of(run))
        run_rules.waited_in_silence(self._watched, run, self._watched.events(run))
        numbers = run_rules.slot_numbers(self._watched, run)
        ensure(numbers, "The run never had a slot.", "У запуска не было слота.")

    def expect_live_kept(self) -> None:
        """The leases beside the one that was over were nobody else's all the time; then they are given back."""
        self._loop.nobodys_leases.unless_swept(self._judge_live)
        self._loop.nobodys_leases.free(self._watched.project_id)

    def _judge_live(self) -> None:
        kept = {slot.slot_no: slot for slot in self._live}
        for seconds, look in self._watched.looks:
            changed = [slot for slot in look.slots if kept.get(slot.slot_no, slot) != slot]
            ensure(
                not changed,
                f"At {seconds:.1f} s a lease whose time was not over had been freed with the one whose was: "
                f"{'; '.join(map(str, changed))}.\n{self._watched.told()}",
                f"На {seconds:.1f} с вместе с истёкшей арендой снята и та, чей срок не истёк: "
                f"{'; '.join(map(str, changed))}.\n{self._watched.told()}",
            )
