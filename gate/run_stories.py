"""What the gate lets runs go through: one that ends by itself, one that loses its Job, a crowd that takes turns.

Each story delivers, watches to the end and returns the record; nothing is judged here but that it could be told.
Watching takes as long as the platform takes, so a story is told once in a language and kept with the target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from gate import evidence, timeline
from gate.doors.http import Exchange
from gate.doors.records import Run
from gate.doors.webhook import Delivery
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.run_limits import KEPT_SECONDS
from gate.waiting import until
from gate.watching import ENDED, Watched

if TYPE_CHECKING:
    from gate.world import World

# An accepted delivery is committed before it is answered; this allows for a replica.
RECORDED_WITHIN_SECONDS = 5.0
# A look now and then falls between two statuses, or a Job ends before it can be deleted: such a try is void.
TRIES = 6
LOSSES_TRIED = 3
CROWDS_TRIED = 4
# What became of a run whose Job was to be deleted, where that came too late.
TOO_LATE, NEVER_RUNNING = "too late", "never running"
MAY_BE_LATE = (TOO_LATE, NEVER_RUNNING, "succeeded")
MORE_RUNS_THAN_SLOTS = 2
USUAL_SLOTS = 2

Outcome = TypeVar("Outcome")
# The number of the try -> a record that watches nothing yet, and the delivery to begin with.
NewRun = Callable[[int], tuple[Watched, Delivery]]
# The same, with a maker of deliveries.
NewCrowd = Callable[[int], tuple[Watched, Callable[[], Delivery]]]


class Stories:
    """Tells stories in the name of one scenario."""

    def __init__(self, world: World) -> None:
        self._target = world.target
        self._language = world.language

    def kept(self, story: str, perform: Callable[[], Outcome]) -> Outcome:
        """What performing the story gave, performed at most once in a language; its failure is kept as well."""
        key = (story, self._language)
        kept: dict[Any, Any] = self._target.kept
        if key not in kept:
            try:
                kept[key] = perform()
            except Broken as broken:
                kept[key] = broken
        else:
            evidence.note(say("Seen earlier in this run.", "Увидено раньше в этом прогоне."))
        if isinstance(kept[key], Broken):
            raise kept[key]
        found: Outcome = kept[key]
        return found

    def renew(self, story: str, is_old: Callable[[Any], bool]) -> None:
        """Forget what the story gave where that is too old to go on with; a failure stays."""
        key = (story, self._language)
        kept: dict[Any, Any] = self._target.kept
        if key in kept and not isinstance(kept[key], Broken) and is_old(kept[key]):
            del kept[key]

    def cast(self, story: str, make: Callable[[], Outcome]) -> Outcome:
        """The same of whom and what a platform admin makes for many scenarios, where one lost answer would cost
        them all: after a first failure the next of them makes it anew, and only the second is kept.
        """
        key, failed = (story, self._language), (f"{story} failed", self._language)
        kept: dict[Any, Any] = self._target.kept
        try:
            return self.kept(story, make)
        except Broken:
            if failed not in kept:
                kept[failed] = kept.pop(key)
            raise

    def ended(self, new: NewRun) -> Watched:
        """A run that is left to itself."""
        watched = self.pending(new)
        drawn(watched, watched.until_ended)
        return watched

    def pending(self, new: NewRun) -> Watched:
        """A new run that was seen as pending; a try in which the worker was quicker than the look is void."""
        for number in range(TRIES):
            watched, delivery = new(number)
            self.deliver(watched, delivery)
            if _seen_from_the_start(watched):
                break
        return watched

    def job_loss(self, new: NewRun) -> Watched:
        """A run whose Job is deleted while it runs; a try in which the Job ended first is void."""
        outcomes: list[str] = []
        for _ in range(LOSSES_TRIED):
            watched = self.pending(new)
            if watched.no_cluster:
                raise watched.no_cluster
            outcomes.append(drawn(watched, partial(self._lose_job, watched)))
            # Any other end than these is told by the run itself; these may come of a look that was late.
            if outcomes[-1] not in MAY_BE_LATE:
                return watched
        if len(set(outcomes)) == 1 and outcomes[-1] != TOO_LATE:
            return watched
        raise NotProven(
            say(
                f"In {LOSSES_TRIED} tries the Job could not be deleted before it ended.",
                f"За {LOSSES_TRIED} попытки не удалось удалить Job до его завершения.",
            ),
            "staging",
        )

    def job_failure(self, new: NewRun) -> Watched | None:
        """A run whose Job fails; None where the cluster does not let one fail it, or it always ended first."""
        for _ in range(LOSSES_TRIED):
            watched = self.pending(new)
            if watched.no_cluster:
                raise watched.no_cluster
            if drawn(watched, partial(self._fail_job, watched)):
                return watched
        return None

    def crowd(self, new: NewCrowd) -> Watched:
        """More deliveries at once than the project has slots, all watched to their ends; a try in which the worker
        was quicker than a look is void.
        """
        for number in range(CROWDS_TRIED):
            watched, another = new(number)
            drawn(watched, partial(self._gather, watched, another))
            if _seen_from_the_start(watched):
                break
        drawn(watched, partial(watched.until_ended, times=2))
        return watched

    def deliver(self, watched: Watched, *deliveries: Delivery) -> None:
        """Deliver at once, and look from the first moment on: a slow answer must not hide a status."""
        wanted = len(watched.deliveries) + len(deliveries)
        watched.add(*(str(delivery.id) for delivery in deliveries))
        # The first look may have to open the door; it also begins the time in which a status can be missed.
        watched.look()
        with ThreadPoolExecutor(len(deliveries)) as pool:
            sent = [pool.submit(self._target.webhook.send, delivery) for delivery in deliveries]
            until(
                watched.look,
                lambda look: all(map(Future.done, sent)) and len(look.runs) == wanted,
                hopeless=lambda _: any(map(_refused, sent)),
                what=Text("deliveries accepted and recorded as runs", "доставки приняты и записаны как запуски"),
                within=self._target.settings["GATE_REQUEST_SECONDS"] + RECORDED_WITHIN_SECONDS,
            )

    def at_work(self, watched: Watched) -> Run:
        """The run, once its Job is there, or when it ended without."""
        watched.until(
            lambda look: look.jobs or all(run.status in ENDED for run in look.runs),
            Text("the Job of the run in the cluster", "Job этого запуска в кластере"),
        )
        return watched.run()

    def _lose_job(self, watched: Watched) -> str:
        """Delete the Job as soon as it is there; returns how the run ended, or why this try is void."""
        run = self.at_work(watched)
        if not watched.find_job(run):
            return "no job"
        in_time = watched.job_states.get(str(run.id)) == "active" and self._target.cluster.delete_job(str(run.id))
        what = Text(f"the end of run {run.id}, whose Job was deleted", f"конец запуска {run.id}, чей Job удалён")
        ended = watched.until_ended(what=what if in_time else None).runs[-1]
        if "running" not in watched.statuses(ended):
            return NEVER_RUNNING
        return ended.status if in_time else TOO_LATE

    def _fail_job(self, watched: Watched) -> bool:
        """Fail the Job as soon as it is there; whether it did fail."""
        run = self.at_work(watched)
        asked = watched.job_states.get(str(run.id)) == "active" and self._target.cluster.overrun_job(str(run.id))
        what = Text(f"the end of run {run.id}, whose Job failed", f"конец запуска {run.id}, чей Job упал")
        watched.until_ended(what=what if asked else None)
        job = self._target.cluster.job_of(str(run.id)) if asked else None
        if asked and job is None:
            _kept_after_failure(watched, run)
        return bool(job and job.failed and not job.good_pods)

    def _gather(self, watched: Watched, another: Callable[[], Delivery]) -> None:
        self.deliver(watched, *(another() for _ in range(USUAL_SLOTS + MORE_RUNS_THAN_SLOTS)))
        look = watched.until(lambda look: look.slots, Text("slots of the project", "слоты проекта"))
        missing = len(look.slots) + MORE_RUNS_THAN_SLOTS - len(watched.deliveries)
        if missing > 0:
            self.deliver(watched, *(another() for _ in range(missing)))


@contextmanager
def another_lines_matter() -> Iterator[None]:
    """That a run does not end, line s1.p0.2.1 says; whoever wants to look at one has none then."""
    try:
        yield
    except Broken as broken:
        see = say("There is no run to look at, see line s1.p0.2.1.", "Нет запуска, см. строку s1.p0.2.1.")
        raise NotProven(f"{see}\n{broken}", "platform") from None


def drawn(watched: Watched, perform: Callable[[], Outcome]) -> Outcome:
    """Perform, and leave the drawing also when it ends badly."""
    try:
        return perform()
    except Broken:
        draw(watched)
        raise


def draw(watched: Watched) -> None:
    """Leave the drawing and the names of the runs in the evidence."""
    for run in watched.runs:
        evidence.names_run(str(run.id))
    evidence.used("database")
    if watched.jobs:
        evidence.used("cluster")
    evidence.drawing(say("timeline", "ход запуска"), timeline.draw(watched))


def _kept_after_failure(watched: Watched, run: Run) -> None:
    """A Job that was seen failed and is gone with the end of its run was removed (contract 4: kept for 10 min).

    One whose own time to live is shorter the cluster removes: its limits are judged elsewhere.
    """
    key = str(run.id)
    lives = key in watched.jobs and watched.jobs[key].kept_seconds in (None, KEPT_SECONDS)
    ensure(
        watched.job_states.get(key) != "failed" or not lives,
        f"The failed Job of run {key} is gone right after the end of the run; it is to be kept for 10 minutes."
        f"\n{watched.told()}",
        f"Упавший Job запуска {key} исчез сразу после конца запуска, а должен храниться ещё 10 минут."
        f"\n{watched.told()}",
    )


def _seen_from_the_start(watched: Watched) -> bool:
    """Whether every run was pending when it was first seen."""
    return all(watched.statuses(run)[:1] == ["pending"] for run in watched.runs)


def _refused(sent: Future[Exchange]) -> bool:
    """Whether a delivery was answered, and not with 202; a door that failed raises its own error."""
    return sent.done() and sent.result().status != 202
