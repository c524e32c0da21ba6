"""A run for which no Job can be created: one of its name is in the cluster already (contract 4.4).

Nothing that others use is touched. A worker may take that Job for the run's own, or give the run up: both end it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gate import evidence, run_rules
from gate.capabilities.learning_feedback import SWITCHED_ON
from gate.doors.jobs import Job
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.learning_cast import set_default
from gate.run_rules import STARTED, boundaries
from gate.run_stories import Stories, another_lines_matter, drawn
from gate.waiting import until
from gate.watching import Watched

if TYPE_CHECKING:
    from gate.world import World

LAUNCH_ERROR = "run.failed.launch_error"


class TakenJob:
    """The Job that is there before the worker comes to the run, and what becomes of the run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cluster = world.target.cluster
        self._job: Job | None = None

    # --- acts

    def make(self) -> None:
        """Like that of an ended run, under the name and labels of the one that waits; waits until it has ended."""
        run_id = str(self._watched.run().id)
        like = self._world.worker.ended_with_job().run()
        projects = str(like.project_id), str(self._watched.project_id)
        if not self._cluster.copy_job(str(like.id), run_id, projects):
            evidence.weaker(say("No Job can be created from here.", "Создать Job отсюда нельзя."))
            return
        self._world.add_cleanup(self._cluster.delete_job, run_id)
        try:
            self._job = until(
                lambda: self._cluster.job_of(run_id),
                lambda job: job and (job.succeeded or job.failed),
                what=Text(f"the end of the Job made for {run_id}", f"конец Job, созданного для {run_id}"),
                within=self._world.target.settings["GATE_RUN_SECONDS"],
            )
        except Broken as late:
            raise NotProven(str(late), "staging") from None

    def watch_learning(self) -> None:
        """A run whose learning is switched on while it waits gets a slot once such a Job is there, and ends."""
        loop = self._world.worker
        with another_lines_matter():
            loop.lease_all_to_nobody()
            if not self._begin_learning(self._watched):
                evidence.weaker(say("The run did not wait for a slot.", "Запуск не стал ждать слот."))
                return
            self.make()
            self._world.turns.end_leases()
            drawn(self._watched, self._watched.until_ended)
        events = loop.events_after_end(self._watched.run())
        self._note_unless_given_up([event.event_type for event in events])
        self._world.feedback.watched = [self._watched]

    # --- checks

    def expect_ended(self) -> None:
        """Ended, and told once: as its Job did, or as given up."""
        watched = self._watched
        try:
            watched.until_ended()
        except Broken as late:
            if watched.run().status != "pending":
                raise
            # One that tries again and again: what the contract says of that is not clear enough to be red.
            raise NotProven(str(late), "platform") from None
        run = watched.run()
        run_rules.end_time(run)
        if self._job is None:
            return
        own = "run.succeeded" if self._job.succeeded else "run.failed"
        wanted = {"succeeded": {own} - {"run.failed"}, "failed": {LAUNCH_ERROR, own} - {"run.succeeded"}}
        types = [event.event_type for event in self._world.worker.events_after_end(run)]
        told = [name for name in boundaries(types) if name != STARTED]
        ensure(
            len(told) == 1 and told[0] in wanted.get(run.status, set()),
            f"Of run {run.id}, whose Job was there already, is told {told}; it is {run.status}.\n{watched.told()}",
            f"О запуске {run.id}, чей Job уже был, сообщено {told}; он {run.status}.\n{watched.told()}",
        )
        self._note_unless_given_up(told)

    # --- helpers

    def _begin_learning(self, watched: Watched) -> bool:
        """Deliver, and have learning on in the run and its project: how it is decided is another line's matter.

        False where the run had begun before: a build may free leases to nobody.
        """
        database = self._world.target.database
        set_default(database, watched.project_id, True)
        Stories(self._world).deliver(watched, self._world.worker.delivery(watched.full_name))
        return bool(database.execute(SWITCHED_ON, watched.deliveries[-1]))

    @staticmethod
    def _note_unless_given_up(told: Sequence[str]) -> None:
        if LAUNCH_ERROR not in told:
            evidence.weaker(
                say(
                    f"This build takes a Job that is there for its own; {LAUNCH_ERROR} was not provoked.",
                    f"Сборка принимает уже имеющийся Job за свой; {LAUNCH_ERROR} вызвать не удалось.",
                )
            )

    @property
    def _watched(self) -> Watched:
        return self._world.worker.watched
