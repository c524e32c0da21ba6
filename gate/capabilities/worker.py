"""The worker run loop: runs of one scenario, watched from their delivery to their end.

Watching a run takes as long as the platform takes, so what was watched once in a language is kept with the
target and judged by every scenario about the same story. Performing and judging stay apart: the judges see the
record only.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar
from uuid import uuid4

from gate import evidence, run_rules, timeline
from gate.doors.database import Event, Run
from gate.doors.http import Exchange
from gate.doors.webhook import Delivery, made_up_id, new_delivery
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.waiting import never, until
from gate.watching import ENDED, Look, Watched, derived_project

if TYPE_CHECKING:
    from gate.world import World

# An event is written with the status or just after it; this allows for a replica.
RECORDED_WITHIN_SECONDS = 5.0
# A look now and then falls between two statuses, or a Job ends before it can be deleted: such a try is void.
TRIES = 6
LOSSES_TRIED = 3
MORE_RUNS_THAN_SLOTS = 2
USUAL_SLOTS = 2
POLLS_WAITED = 2
FREE = "state = 'free', lease_owner = NULL, lease_until = NULL"

Story = Literal["one", "job-loss", "crowd"]
Outcome = TypeVar("Outcome")


class WorkerLoop:
    """What one scenario lets the worker do, and what must hold of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._record: Watched | None = None
        self._repository = f"{world.mark}/Probe"
        self._nobody = str(uuid4())

    @property
    def watched(self) -> Watched:
        """The record that this scenario judges."""
        if self._record is None:
            raise NotProven(say("No run was watched yet.", "Ни один запуск ещё не наблюдали."), "suite")
        return self._record

    # --- acts

    def prepare(self) -> None:
        """A repository of this scenario's own; its name has a capital, which the platform is to lower."""
        self._repository = f"{self._world.mark}/Probe"

    def watch_one(self) -> None:
        """A delivery about a new repository, watched to the end of its run."""
        self._tell("one", self._one)

    def watch_job_loss(self) -> None:
        """The same, and the Job of the run is deleted while it runs."""
        self._tell("job-loss", self._job_loss)

    def watch_crowd(self) -> None:
        """More deliveries about one new repository than its project has slots."""
        self._tell("crowd", self._crowd)

    def lease_all_to_nobody(self) -> None:
        """Every slot of a project of ours is leased, for an hour, to a run that does not exist."""
        before = self._kept("one", self._one)
        run_rules.all_free(before.look())
        self._record = Watched(self._target, before.project_id, before.full_name)
        project = str(before.project_id)
        self._world.add_cleanup(self._free_nobodys_slots, project)
        changed = self._target.database.execute(
            "UPDATE slots SET state = 'leased', lease_owner = %s, lease_until = now() + interval '1 hour'"
            " WHERE project_id = %s::uuid AND state = 'free'",
            self._nobody,
            project,
        )
        if changed != len(before.last.slots):
            raise NotProven(say("Somebody took a slot first.", "Кто-то занял слот раньше."), "staging")

    def deliver_to_busy_project(self) -> None:
        """A delivery about a repository whose slots are all taken: its run waits, and nobody takes the slots."""
        watched = self.watched
        self._deliver(watched, self._delivery(watched.full_name))
        polls = POLLS_WAITED * self._target.settings["GATE_POLL_SECONDS"]
        never(
            watched.look,
            self._got_a_slot,
            what=Text(
                "A run did not wait although every slot of its project was leased for an hour",
                "Запуск не стал ждать, хотя все слоты его проекта арендованы ещё на час",
            ),
            during=max(polls, self._target.settings["GATE_SETTLE_SECONDS"]),
        )

    def end_leases(self) -> None:
        """The time of these leases is over: an hour ago, whatever clock the worker looks at."""
        self._target.database.execute(
            "UPDATE slots SET lease_until = now() - interval '1 hour'"
            " WHERE project_id = %s::uuid AND lease_owner = %s",
            str(self.watched.project_id),
            self._nobody,
        )

    # --- checks

    def expect_statuses(self, end: str) -> None:
        """Pending, running, `end`."""
        for run in self.watched.runs:
            run_rules.statuses(self.watched, run, end)

    def expect_times(self) -> None:
        """Created, started, finished, in this order."""
        for run in self.watched.runs:
            run_rules.times(self.watched, run)

    def expect_project(self) -> None:
        """The project derived from the repository's name."""
        run = self.watched.run()
        found = self._target.database.project_by_id(self.watched.project_id)
        run_rules.project(self.watched, run, found)

    def expect_told_once(self, ending: str) -> None:
        """The event log tells of the start and of the end, once each, and adds nothing later."""
        run = self.watched.run()
        run_rules.told_once(run, self._events_after_end(run), ending)
        never(
            lambda: [event.event_type for event in self.watched.events(run)],
            lambda types: sum(name.startswith("run.") for name in types) > 2,
            what=Text(f"More events about run {run.id} came later", f"Позже добавились события запуска {run.id}"),
            during=self._target.settings["GATE_SETTLE_SECONDS"],
        )
        run_rules.start_told(run, self.watched, self.watched.events(run))

    def expect_job(self) -> None:
        """The Job was in the cluster, under the labels and the name of the contract."""
        run = self.watched.run()
        found = self.watched.find_job(run)
        run_rules.job(run, found, self.watched.events(run), self._target.cluster.namespace)

    def expect_own_slot(self) -> None:
        """One slot while it ran."""
        for run in self.watched.runs:
            run_rules.own_slot(self.watched, run)

    def expect_slots_free(self) -> None:
        """No slot kept beyond the end."""
        run_rules.nothing_held_after_end(self.watched)
        run_rules.all_free(self.watched.look())

    def expect_turns(self) -> None:
        """Runs beyond the slots waited as pending."""
        if not run_rules.some_waited(self.watched):
            raise NotProven(
                say(
                    "The runs never met: none was seen waiting while another ran.\n",
                    "Запуски не пересеклись: ни один не ждал, пока выполнялся другой.\n",
                )
                + self.watched.told(),
                "staging",
            )
        for run in self.watched.runs:
            run_rules.statuses(self.watched, run, "succeeded")

    def expect_never_overbooked(self) -> None:
        """A slot for each running run, none for others, never more than there are."""
        run_rules.slots_constant(self.watched)
        run_rules.within_slots(self.watched)

    def expect_waiting_run_served(self) -> None:
        """The waiting run gets a slot and ends."""
        self._drawn(self.watched, self.watched.until_ended)
        _draw(self.watched)
        run_rules.statuses(self.watched, self.watched.run(), "succeeded")
        numbers = run_rules.slot_numbers(self.watched, self.watched.run())
        ensure(numbers, "The run never had a slot.", "У запуска не было слота.")

    # --- stories

    def _tell(self, story: Story, perform: Callable[[], Watched]) -> None:
        self._record = self._kept(story, perform)
        for run in self._record.runs:
            evidence.names_run(str(run.id))
        evidence.used("database")
        if self._record.jobs:
            evidence.used("cluster")

    def _kept(self, story: Story, perform: Callable[[], Watched]) -> Watched:
        """The record of a story, performed at most once in a language; its failure is kept as well."""
        key = ("worker", story, self._world.language)
        if key not in self._target.kept:
            try:
                self._target.kept[key] = perform()
            except Broken as broken:
                self._target.kept[key] = broken
                raise
        else:
            evidence.note(say("Watched earlier in this run.", "Наблюдали раньше в этом прогоне."))
        found = self._target.kept[key]
        if isinstance(found, Broken):
            raise Broken(str(found))
        assert isinstance(found, Watched)
        _draw(found)
        evidence.note(found.told())
        return found

    def _one(self) -> Watched:
        watched = self._pending_run()
        self._drawn(watched, watched.until_ended)
        return watched

    def _pending_run(self) -> Watched:
        """A new run that was seen as pending; a try in which the worker was quicker than the look is void."""
        for number in range(TRIES):
            name = f"{self._repository}-{number}" if number else self._repository
            watched = Watched(self._target, derived_project(name), name, with_jobs=True)
            self._deliver(watched, self._delivery(name))
            if watched.statuses(watched.run())[0] == "pending":
                break
        return watched

    def _job_loss(self) -> Watched:
        outcomes: list[str] = []
        for _ in range(LOSSES_TRIED):
            watched = self._pending_run()
            if watched.no_cluster:
                raise watched.no_cluster
            outcomes.append(self._drawn(watched, partial(self._lose_job, watched)))
            if outcomes[-1] == "failed":
                return watched
        if set(outcomes) == {"succeeded"}:
            return watched
        raise NotProven(
            say(
                f"In {LOSSES_TRIED} tries the Job could not be deleted before it ended.",
                f"За {LOSSES_TRIED} попытки не удалось удалить Job до его завершения.",
            ),
            "staging",
        )

    def _lose_job(self, watched: Watched) -> str:
        """Delete the Job as soon as it is there; returns how the run ended, or "void" when it was too late."""
        watched.until(
            lambda look: look.jobs or all(run.status in ENDED for run in look.runs),
            Text("the Job of the run in the cluster", "Job этого запуска в кластере"),
        )
        run = watched.run()
        ensure(
            watched.find_job(run),
            f"No Job was made for {run_rules.shown(run)}.\n{watched.told()}",
            f"Job не создан: {run_rules.shown(run)}.\n{watched.told()}",
        )
        in_time = watched.job_states.get(str(run.id)) == "active" and self._target.cluster.delete_job(str(run.id))
        ended = watched.until_ended().runs[-1]
        return ended.status if in_time else "void"

    def _crowd(self) -> Watched:
        watched = Watched(self._target, derived_project(self._repository), self._repository)
        self._drawn(watched, partial(self._watch_crowd, watched, made_up_id()))
        return watched

    def _watch_crowd(self, watched: Watched, repository_id: int) -> None:
        self._deliver_many(watched, USUAL_SLOTS + MORE_RUNS_THAN_SLOTS, repository_id)
        look = watched.until(lambda look: look.slots, Text("slots of the project", "слоты проекта"))
        missing = len(look.slots) + MORE_RUNS_THAN_SLOTS - len(watched.deliveries)
        if missing > 0:
            self._deliver_many(watched, missing, repository_id)
        watched.until_ended(times=2)

    # --- helpers

    def _delivery(self, full_name: str, repository_id: int | None = None) -> Delivery:
        return new_delivery(self._world.mark, "push", repository=full_name, repository_id=repository_id)

    def _deliver_many(self, watched: Watched, count: int, repository_id: int) -> None:
        self._deliver(watched, *(self._delivery(watched.full_name, repository_id) for _ in range(count)))

    def _deliver(self, watched: Watched, *deliveries: Delivery) -> None:
        """Deliver at once, and look from the first moment on: a slow answer must not hide a status."""
        before = len(watched.deliveries)
        watched.add(*(str(delivery.id) for delivery in deliveries))
        with ThreadPoolExecutor(len(deliveries)) as pool:
            sent = [pool.submit(self._target.webhook.send, delivery) for delivery in deliveries]
            until(
                watched.look,
                lambda look: all(map(Future.done, sent)) and len(look.runs) == before + len(deliveries),
                hopeless=lambda _: any(map(_refused, sent)),
                what=Text("deliveries accepted and recorded as runs", "доставки приняты и записаны как запуски"),
                within=self._target.settings["GATE_REQUEST_SECONDS"] + RECORDED_WITHIN_SECONDS,
            )

    def _drawn(self, watched: Watched, perform: Callable[[], Outcome]) -> Outcome:
        """Perform, and leave the drawing also when it ends badly."""
        try:
            return perform()
        except Broken:
            _draw(watched)
            raise

    def _events_after_end(self, run: Run) -> list[Event]:
        return until(
            lambda: self.watched.events(run),
            lambda events: any(event.event_type.startswith(run_rules.ENDINGS) for event in events),
            what=Text(
                f"an event about the end of {run_rules.shown(run)}", f"событие о конце: {run_rules.shown(run)}"
            ),
            within=RECORDED_WITHIN_SECONDS,
        )

    def _got_a_slot(self, look: Look) -> bool:
        stolen = any(slot.lease_owner != self._nobody for slot in look.slots)
        return stolen or any(run.status != "pending" for run in look.runs)

    def _free_nobodys_slots(self, project: str) -> None:
        sql = f"UPDATE slots SET {FREE} WHERE project_id = %s::uuid AND lease_owner = %s"
        self._target.database.execute(sql, project, self._nobody)


def _draw(watched: Watched) -> None:
    evidence.drawing(say("timeline", "ход запуска"), timeline.draw(watched))


def _refused(sent: Future[Exchange]) -> bool:
    """Whether a delivery was answered, and not with 202; a door that failed raises its own error."""
    return sent.done() and sent.result().status != 202
