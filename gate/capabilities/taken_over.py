"""A run that an earlier worker began, as each is that a rollout finds at work (contract 4: it is looked at first).

No worker is restarted: the run and its Job are copies of those of a run that ended, which this worker never began.
Where no Job may be made, that run itself is looked at, and the proof is weaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from gate import evidence, run_rules
from gate.doors.webhook import new_id
from gate.errors import NotProven
from gate.language import Text, ensure, say
from gate.run_stories import another_lines_matter, drawn
from gate.watching import Watched

if TYPE_CHECKING:
    from gate.world import World

# As the claim leaves it (contract 4.2).
LEASE_ONE = """
UPDATE slots SET state = 'leased', lease_owner = %s, lease_until = now() + interval '10 minutes'
WHERE id = (SELECT id FROM slots WHERE project_id = %s::uuid AND state = 'free' ORDER BY slot_no LIMIT 1)
"""
ENDING = "run.succeeded"


class TakenOver:
    """Such a run of one scenario."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._like: Watched | None = None

    # --- acts

    def have(self) -> None:
        """A run that ended, with its Job."""
        self._like = self._world.worker.ended_with_job()

    def watch(self, *, learning: bool = False) -> None:
        """Its Job first, then its slot, then the run: a worker may look at any time. It has the learning mode of
        the run that it is a copy of, or is `learning`.
        """
        like = self._like
        assert like is not None
        run_id, delivery_id = str(uuid4()), new_id(self._world.mark)
        project = str(like.project_id)
        self._world.add_cleanup(self._target.cluster.delete_job, run_id)
        if not self._target.cluster.copy_job(str(like.run().id), run_id, (project, project)):
            evidence.weaker(say("No Job can be created from here.", "Создать Job отсюда нельзя."))
            self._world.worker.judge(like)
            return
        watched = Watched(self._target, like.project_id, like.full_name, with_jobs=True)
        watched.add(delivery_id)
        if not self._target.database.execute(LEASE_ONE, run_id, str(like.project_id)):
            raise NotProven(say("Somebody took a slot first.", "Кто-то занял слот раньше."), "staging")
        now = self._target.database.value("SELECT now()")
        self._target.database.invent_run(
            str(like.run().id),
            id=run_id,
            correlation_id=delivery_id,
            project_id=like.project_id,
            status="running",
            learning_mode=learning or like.run().learning_mode,
            created_at=now,
            started_at=now,
            # A run that nobody touched for as long as a Job may take, a worker may give up.
            updated_at=now,
            finished_at=None,
        )
        self._world.worker.judge(watched)
        what = Text(
            f"the end of run {run_id}, which was running with its Job when the worker first saw it",
            f"конец запуска {run_id}, который выполнялся вместе со своим Job, когда worker впервые его увидел",
        )
        drawn(watched, lambda: watched.until_ended(what=what))

    def watch_learning(self) -> None:
        """The same with learning mode; where no Job may be made there is no such run."""
        with another_lines_matter():
            self.have()
            self.watch(learning=True)
        watched = self._world.worker.watched
        if watched is not self._like:
            self._world.feedback.watched = [watched]

    # --- checks

    def expect_ended(self) -> None:
        """As its Job did, and told once: that it began is for its first worker to tell."""
        watched = self._world.worker.watched
        run = watched.run()
        run_rules.succeeded(run)
        run_rules.end_time(run)
        events = self._world.worker.events_after_end(run)
        told = run_rules.boundaries([event.event_type for event in events])
        wanted = [ENDING] if watched is not self._like else [run_rules.STARTED, ENDING]
        ensure(
            told == wanted,
            f"Of run {run.id} is told {told}, wanted {wanted}.\n{watched.told()}",
            f"О запуске {run.id} сообщено {told}, а нужно {wanted}.\n{watched.told()}",
        )
