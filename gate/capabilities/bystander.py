"""A delivery of another repository behind odd ones: what the worker cannot make of those is no matter of its run.

Contract 4 has the worker take pending runs one after the other: whoever stumbles over one takes none behind it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gate.cleaning import withdraw
from gate.doors.webhook import new_delivery
from gate.errors import Broken, NotProven
from gate.language import Text, say
from gate.run_stories import Stories, drawn
from gate.watching import Look, Watched, derived_project

if TYPE_CHECKING:
    from gate.world import World


class Bystander:
    """The run of an honest delivery that came after the odd ones of one scenario."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target

    def expect_begun(self) -> None:
        """While those that were accepted are there still; of those that were refused the worker never hears."""
        odd = self._world.receiver.accepted
        if not odd:
            return
        name = f"{self._world.mark}/behind"
        watched = Watched(self._target, derived_project(name), name)
        Stories(self._world).deliver(watched, new_delivery(self._world.mark, "push", repository=name))
        what = Text(
            "the start of the run of an honest delivery that came after odd ones",
            "начало запуска честной доставки, пришедшей после странных",
        )
        wait = partial(watched.until, _begun, what)
        try:
            drawn(watched, wait)
        except Broken as late:
            withdraw(self._target, odd)
            self._expect_theirs(wait, late)
            raise
        # One that falls over such a run comes back and passes it by: it is no longer pending (contract 4.2).
        self._world.receiver.worker_restarts.expect_none(during=self._target.settings["GATE_SETTLE_SECONDS"])

    def _expect_theirs(self, wait: partial[Look], late: Broken) -> None:
        """It begins without them; where it does not, the worker begins nothing, which is another line's matter."""
        try:
            wait()
        except Broken:
            see = say("No run begins here at all, see line s1.p0.2.1.", "Запуски здесь вообще не начинаются, см. "
                      "строку s1.p0.2.1.")  # fmt: skip
            raise NotProven(f"{see}\n{late}", "platform") from None


def _begun(look: Look) -> bool:
    return any(run.status != "pending" for run in look.runs)
