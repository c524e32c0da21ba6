"""A run whose Job is held up before its end goes on, and another of its project beside it (contract 4).

Kubernetes takes the pod of a suspended Job away and begins anew when the Job may go on: till then it has neither
succeeded nor failed, and is not gone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gate import evidence, run_rules
from gate.capabilities.nobodys_leases import POLLS_WAITED
from gate.doors.records import Run
from gate.doors.webhook import Delivery, new_delivery
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.run_stories import LOSSES_TRIED, Stories, draw, drawn
from gate.waiting import until
from gate.watching import ENDED, Look, Watched, derived_project

if TYPE_CHECKING:
    from gate.world import World

# A cluster that is away for a moment hears it then.
LET_GO_WITHIN_SECONDS, LET_GO_EVERY_SECONDS = 30.0, 1.0


@dataclass(frozen=True)
class HeldUp:
    """Two runs of one project, and from when to when, in seconds, the Job of the first was held up."""

    watched: Watched
    since: float
    until: float
    # Why the second did not begin meanwhile.
    late: Broken | None

    @property
    def first(self) -> Run:
        """The run whose Job was held up."""
        return self.watched.run(self.watched.deliveries[0])

    @property
    def second(self) -> Run:
        """The run that came in meanwhile."""
        return self.watched.run(self.watched.deliveries[1])

    def meanwhile(self) -> list[tuple[float, Look]]:
        """What was seen while the Job was held up."""
        return [(seconds, look) for seconds, look in self.watched.looks if self.since <= seconds <= self.until]


class HeldJobs:
    """Holds a Job up in the name of one scenario."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._stories = Stories(world)
        self._held: HeldUp | None = None

    # --- acts

    def watch(self) -> None:
        """One run whose Job is held up for two polls at least, and one beside it, both to their ends."""
        self._held = self._stories.kept("held-up", self._story)
        if self._held is None:
            evidence.weaker(
                say(
                    "No Job could be held up here: that a run lasts as long as its Job only usual runs show.",
                    "Приостановить Job здесь нельзя: что запуск длится, пока работает Job, видно лишь по обычным.",
                )
            )
            return
        draw(self._held.watched)

    def _story(self) -> HeldUp | None:
        """A try in which the Job ended first is void; None where all were, or where no Job may be held up."""
        for _ in range(LOSSES_TRIED):
            watched = self._stories.pending(self._new_run)
            if watched.no_cluster:
                raise watched.no_cluster
            run = drawn(watched, partial(self._stories.at_work, watched))
            if watched.job_states.get(str(run.id)) == "active" and not self._hold(run):
                return None
            if held := drawn(watched, partial(self._beside, watched, run)):
                return held
        return None

    def _beside(self, watched: Watched, run: Run) -> HeldUp | None:
        """What happens while the Job is held up; None where it had ended before, or ends by itself."""
        since, late = watched.watch.seconds, None
        self._stories.deliver(watched, self._delivery(watched.full_name))
        try:
            self._until_begun(watched)
        except Broken as broken:
            late = broken
        self._look_on(watched, since)
        ended, job = watched.watch.seconds, self._target.cluster.job_of(str(run.id))
        self._let_go(run)
        watched.until_ended(times=2)
        # A pod that was taken away may count as one that failed: then its Job fails, and rightly the run.
        after = self._target.cluster.job_of(str(run.id))
        void = job is None or job.succeeded or job.failed or bool(after and after.failed)
        return None if void else HeldUp(watched, since, ended, late)

    def _until_begun(self, watched: Watched) -> None:
        """The second run begins, or the first has ended after all."""
        first, second = watched.deliveries
        what = Text(
            f"the start of delivery {second}'s run beside another run of its project",
            f"начало запуска доставки {second} рядом с другим запуском его проекта",
        )
        watched.until(lambda look: _status(look, second) != "pending" or _status(look, first) in ENDED, what)

    def _look_on(self, watched: Watched, since: float) -> None:
        """Until the worker has looked twice at the run, or ended it."""
        polls, settle = (self._target.settings[f"GATE_{name}_SECONDS"] for name in ("POLL", "SETTLE"))
        enough = since + POLLS_WAITED * polls + settle
        until(
            watched.look,
            lambda look: _status(look, watched.deliveries[0]) in ENDED or watched.watch.seconds >= enough,
            what=Text("two looks of the worker at the run", "два взгляда worker на запуск"),
            within=enough,
        )

    # --- checks

    def expect_running(self) -> None:
        """Neither succeeded nor failed, which its Job is not: it runs (contract 4.4)."""
        if self._held is None:
            return
        watched, run = self._held.watched, self._held.first
        for seconds, look in self._held.meanwhile():
            ensure(
                _status(look, run.correlation_id) == "running",
                f"At {seconds:.1f} s run {run.id} was {_status(look, run.correlation_id)}; its Job, held up from "
                f"{self._held.since:.1f} to {self._held.until:.1f} s, had not ended.\n{watched.told()}",
                f"На {seconds:.1f} с запуск {run.id} — {_status(look, run.correlation_id)}, а его Job, "
                f"приостановленный с {self._held.since:.1f} по {self._held.until:.1f} с, не завершился.\n"
                f"{watched.told()}",
            )

    def expect_succeeded(self) -> None:
        """As its Job did in the end."""
        if self._held is not None:
            run_rules.statuses(self._held.watched, self._held.first, "succeeded")

    def expect_side_by_side(self) -> None:
        """Both run at once, each in a slot of its own (contract 4.2: k = 2)."""
        if self._held is None:
            return
        held, watched = self._held, self._held.watched
        pair = held.first, held.second
        if any(_status(look, held.first.correlation_id) in ENDED for _, look in held.meanwhile()):
            see = say("The first run ended too early, see line s1.p0.2.1.",
                      "Первый запуск завершился раньше времени, см. строку s1.p0.2.1.")  # fmt: skip
            raise NotProven(f"{see}\n{watched.told()}", "platform")
        if held.late:
            raise held.late
        for run in pair:
            run_rules.own_slot(watched, run)
        slots = [run_rules.slot_numbers(watched, run) for run in pair]
        ensure(
            slots[0] != slots[1],
            f"Two runs of one project were at work side by side in the slots {slots}.\n{watched.told()}",
            f"Два запуска одного проекта работали рядом в слотах {slots}.\n{watched.told()}",
        )

    # --- helpers

    def _hold(self, run: Run) -> bool:
        self._world.add_cleanup(self._target.cluster.suspend_job, str(run.id), False)
        return self._target.cluster.suspend_job(str(run.id), True)

    def _let_go(self, run: Run) -> None:
        """Asked for until it is heard: a Job that stays held up would keep its run from ending."""
        try:
            until(
                partial(self._goes_on, str(run.id)),
                bool,
                what=Text(f"the Job of run {run.id} let go on", f"Job запуска {run.id} отпущен"),
                within=LET_GO_WITHIN_SECONDS,
                every=LET_GO_EVERY_SECONDS,
            )
        except Broken as unheard:
            raise NotProven(str(unheard), "staging") from None

    def _goes_on(self, run_id: str) -> bool:
        cluster = self._target.cluster
        with suppress(NotProven):
            return cluster.suspend_job(run_id, False) or cluster.job_of(run_id) is None
        return False

    def _new_run(self, number: int) -> tuple[Watched, Delivery]:
        name = f"{self._world.mark}/held-up-{number}"
        return Watched(self._target, derived_project(name), name, with_jobs=True), self._delivery(name)

    def _delivery(self, full_name: str) -> Delivery:
        return new_delivery(self._world.mark, "push", repository=full_name)


def _status(look: Look, delivery_id: str) -> str:
    run = look.run(delivery_id)
    return run.status if run else "pending"
