"""The worker run loop: runs watched from their delivery to their end, and what must hold of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from gate import evidence, run_limits, run_rules
from gate.capabilities.nobodys_leases import LEASED, OVER, NobodysLeases
from gate.capabilities.webhook import told_of
from gate.doors.jobs import job_name
from gate.doors.records import Event, Run, Slot
from gate.doors.webhook import Delivery, made_up_id, new_delivery, without_repository
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.run_stories import LOSSES_TRIED, RECORDED_WITHIN_SECONDS, Stories, draw, drawn
from gate.waiting import never, until
from gate.watching import Look, Watched, derived_project

if TYPE_CHECKING:
    from gate.world import World

JOB_LOOKED_FOR_EVERY_SECONDS = 1.0
LAPSED = f"UPDATE slots SET {OVER} WHERE lease_owner::text = %s"
FREE = Text("every slot of the project is free", "все слоты проекта свободны")
ROBBED = f"UPDATE slots SET {LEASED} WHERE lease_owner::text = %s"


class WorkerLoop:
    """What one scenario lets the worker do, and what must hold of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._stories = Stories(world)
        self._record: Watched | None = None
        self._like: Watched | None = None
        self.prepare()
        self._nobodys: list[Slot] = []
        self._told_homeless = ""
        self.nobodys_leases = NobodysLeases(world, self._stories)

    @property
    def watched(self) -> Watched:
        """The record that this scenario judges."""
        if self._record is None:
            raise NotProven(say("No run was watched yet.", "Ни один запуск ещё не наблюдали."), "suite")
        return self._record

    # --- acts

    def prepare(self) -> None:
        """A repository of this scenario's own; its name has a dot and a capital, which the platform lowers."""
        self._repository = f"{self._world.mark}/Probe.one"

    def watch_one(self) -> None:
        """A delivery about a new repository, watched to the end of its run.

        One process may come here long after it told this; then the Job may rightly be gone (contract 4).
        """
        self._stories.renew("run", lambda watched: watched.watch.seconds > run_limits.KEPT_SECONDS / 2)
        self._tell("run", partial(self._stories.ended, self._new_run))

    def ended_run(self) -> Watched:
        """A run of this scenario's own that has ended, for those who go on with it."""
        return self._stories.ended(self._new_run)

    def ended_with_job(self) -> Watched:
        """A run that has ended and whose Job is there still; that is gone in time (contract 4), then a new one."""
        kept = self._stories.kept("run", self.ended_run)
        return kept if self._target.cluster.job_of(str(kept.run().id)) else self.ended_run()

    def judge(self, watched: Watched) -> None:
        """From here on the checks are about this record."""
        self._record = watched
        draw(watched)

    def watch_job_loss(self) -> None:
        """The same, and the Job of the run is deleted while it runs."""
        self._tell("job-loss", partial(self._stories.job_loss, self._new_run))

    def have_succeeded(self) -> None:
        """A run that has ended, with its Job still there: further ones are of its project."""
        self._like = self.ended_with_job()

    def watch_job_loss_beside(self) -> None:
        """Another run of its project loses its Job while it runs."""
        self._tell("job-loss beside", partial(self._stories.job_loss, self._new_alike))

    def watch_job_failure(self) -> None:
        """The same, and the Job of the run fails while it runs, where the cluster lets the gate make it fail."""
        story = self._stories.kept("job-failure", partial(self._stories.job_failure, self._new_run))
        if story is None:
            evidence.weaker(
                say(
                    "No Job could be made to fail here: proven is only what becomes of a run whose Job vanishes.",
                    "Заставить Job упасть здесь не удалось: проверен только запуск, чей Job исчез.",
                )
            )
            return
        self._record = story
        draw(story)

    def watch_lapsed(self) -> None:
        """The same, and while the run is at work its lease runs out (contract 4: one may be written)."""
        self._tell("lapsed", partial(self._at_work_with, LAPSED))

    def watch_lapsed_beside(self) -> None:
        """The same, and then the next run of the project begins, for which a worker frees what is over."""
        self._record = self._at_work_with(LAPSED, followed=True)
        draw(self._record)

    def watch_robbed(self) -> None:
        """While the run is at work another holds its slot, as may be once the time of its lease is over."""
        self._record = self._at_work_with(ROBBED, self.nobodys_leases.owner)
        draw(self._record)

    def _at_work_with(self, sql: str, *values: str, followed: bool = False) -> Watched:
        """The lease of a run at work is changed; a try in which it gave its slot back before proves nothing."""
        begun = Text("the start of the run", "начало запуска")
        for _ in range(LOSSES_TRIED):
            watched = self._stories.pending(self._new_run)
            self._world.add_cleanup(self.nobodys_leases.free, watched.project_id)
            watched.until(lambda look: all(run.status != "pending" for run in look.runs), begun)
            changed = self._target.database.execute(sql, *values, str(watched.run().id))
            self._nobodys = [
                slot for slot in watched.look().slots if slot.lease_owner == self.nobodys_leases.owner
            ]
            if followed:
                self._stories.deliver(watched, self.delivery(watched.full_name))
            drawn(watched, partial(watched.until_ended, times=2 if followed else 1))
            # With nobody's lease not seen there would be nothing to judge the end by.
            if changed and (self._nobodys or sql != ROBBED):
                return watched
        raise NotProven(
            say(
                f"In {LOSSES_TRIED} tries no run that was at work had a lease that could be changed.",
                f"За {LOSSES_TRIED} попытки не удалось изменить аренду ни одного работавшего запуска.",
            ),
            "staging",
        )

    def watch_crowd(self) -> None:
        """More deliveries about one new repository than its project has slots."""
        self._tell("crowd", partial(self._stories.crowd, self._new_crowd))

    def lease_all_to_nobody(self) -> None:
        """Every slot of a project of ours is leased, for an hour, to a run that does not exist."""
        slots = self._lease_to_nobody("true")
        if slots != len(self.watched.look().slots):
            raise NotProven(say("Somebody took a slot first.", "Кто-то занял слот раньше."), "staging")

    def lease_first_to_nobody(self) -> None:
        """The first slot of a project of ours, which others than the run to come hold."""
        self._lease_to_nobody("slot_no = 1")

    def watch_neighbour(self) -> None:
        """A run beside the lease of another, watched to its end."""
        self._stories.deliver(self.watched, self.delivery(self.watched.full_name))
        drawn(self.watched, self.watched.until_ended)
        draw(self.watched)

    def _lease_to_nobody(self, which: str) -> int:
        before = self._stories.kept("run", partial(self._stories.ended, self._new_run))
        # Somebody may just be giving one back; whether none is left behind others judge.
        run_rules.all_free(before.until(lambda look: all(slot.state == "free" for slot in look.slots), FREE))
        self._record = self._new_watched(before.full_name)
        project = str(before.project_id)
        self._world.add_cleanup(self.nobodys_leases.free, project)
        changed = self._target.database.execute(
            f"UPDATE slots SET {LEASED} WHERE project_id = %s::uuid AND state = 'free' AND {which}",
            self.nobodys_leases.owner,
            project,
        )
        self._nobodys = [
            slot for slot in self._record.look().slots if slot.lease_owner == self.nobodys_leases.owner
        ]
        return changed

    def deliver_to_busy_project(self) -> None:
        """A delivery about a repository whose slots are all taken: its run waits, and nobody takes the slots."""
        watched = self.watched
        self._stories.deliver(watched, self.delivery(watched.full_name))
        what = Text(
            "A run did not wait although every slot of its project was leased for an hour",
            "Запуск не стал ждать, хотя все слоты его проекта арендованы ещё на час",
        )
        stolen = partial(never, watched.look, self._got_a_slot, what=what, during=self.nobodys_leases.two_polls)
        self.nobodys_leases.unless_swept(stolen)

    def watch_homeless(self) -> None:
        """A ping that names no repository, as that of an organization's hook."""
        story = self._stories.kept("homeless", self._homeless)
        if isinstance(story, str):
            self._told_homeless = story
            return
        self._record = story
        draw(story)

    def _homeless(self) -> Watched | str:
        """Its run, watched to the end; or the refusal: probe W17 leaves it to the build whether such are taken."""
        delivery = replace(without_repository(self.delivery(self._repository)), event="ping")
        answer = self._target.webhook.send(delivery)
        if answer.status == 400:
            return answer.told()
        projects = run_limits.lone_projects(str(delivery.id))
        watched = Watched(self._target, projects[0], "")
        watched.add(str(delivery.id))
        begun = Text("the start of the run", "начало запуска")
        drawn(watched, partial(watched.until, _begun, begun))
        if (own := watched.run().project_id) in projects:
            watched.project_id = own
        drawn(watched, watched.until_ended)
        return watched

    def hold_waiting_run(self) -> None:
        """Somebody has the waiting run locked, and a run of another project comes in."""
        other = self._new_watched(f"{self._repository}-beside")
        sql = "SELECT id FROM agent_runs WHERE correlation_id = %s FOR UPDATE"
        held = str(self.watched.deliveries[-1])
        with self._target.database.holding(sql, held):
            self._stories.deliver(other, self.delivery(other.full_name))
            what = Text(
                "the start of a run while an older one of another project is locked by somebody",
                "начало запуска, пока более старый запуск другого проекта кем-то заблокирован",
            )
            # A worker skips it (contract 4), whatever holds up its project.
            drawn(other, partial(other.until, lambda look: _begun(look), what, no_excuse=[held]))
        draw(other)
        self._record = other

    def expect_other_begun(self) -> None:
        """In its own project; that it begins was waited for."""
        run_rules.within_the_story(self.watched, "started_at", self.watched.run().started_at)

    # --- checks

    def expect_statuses(self, end: str) -> None:
        """Pending, running, `end`; to fail because of its Job a run must have had one."""
        for run in self.watched.runs:
            ensure(
                end != "failed" or self.watched.jobs,
                f"No Job was made for {run_rules.shown(run)}.\n{self.watched.told()}",
                f"Job не создан: {run_rules.shown(run)}.\n{self.watched.told()}",
            )
            run_rules.statuses(self.watched, run, end)

    def expect_times(self) -> None:
        """Created, started, finished, in this order."""
        for run in self.watched.runs:
            run_rules.times(self.watched, run)

    def expect_project(self) -> None:
        """The project derived from the repository's name, which the payload tells to the end (contract 2)."""
        run = self.watched.run()
        found = self._target.database.project_by_id(self.watched.project_id)
        run_rules.project(self.watched, run, found)
        kept = self._target.database.payload_of(run.correlation_id) or {}
        named = (kept.get("repository") or {}).get("full_name")
        ensure(
            named == self.watched.full_name,
            f"The payload of run {run.id} is not what was delivered any more; it names {named}.",
            f"Содержимое события запуска {run.id} уже не то, что доставлено: репозиторий там {named}.",
        )

    def expect_told_once(self, ending: str) -> None:
        """The event log tells of the start and of the end, once each, and adds nothing later."""
        run = self.watched.run()
        events = self.events_after_end(run)
        run_rules.told_once(run, events, ending)
        for event in events:
            run_rules.within_the_story(self.watched, event.event_type, event.created_at)
        never(
            lambda: (
                run_rules.boundaries([event.event_type for event in self.watched.events(run)]),
                self._target.database.run_of(run.correlation_id),
            ),
            lambda seen: len(seen[0]) > 2 or seen[1] != run,
            what=Text(
                f"Run {run.id} had ended, and was changed or told of again later: {run}",
                f"Запуск {run.id} уже завершился, но позже изменён или о нём снова сообщено: {run}",
            ),
            # The worker's next look at the run is what could tell of it again.
            during=self._target.settings["GATE_POLL_SECONDS"] + self._target.settings["GATE_SETTLE_SECONDS"],
        )
        run_rules.start_told(run, self.watched, self.watched.events(run))

    def expect_job(self) -> None:
        """One Job was in the cluster, under the labels and the name of the contract."""
        run = self.watched.run()
        found = self.watched.find_job(run)
        run_rules.job(run, found, self.watched.events(run), self._target.cluster.jobs_namespace)
        run_rules.one_job(run, self._target.cluster.jobs_of(str(run.id)), job_name(str(run.id)))

    def expect_job_limits(self) -> None:
        """Never retried, 15 minutes at most, kept for 10: it is still there, a poll and more after its end."""
        found = self.watched.find_job(self.watched.run())
        run_limits.job_limits(found) if found else self.expect_job()
        if found and found.kept_seconds is None:
            evidence.weaker(
                say(
                    "The Job has no time to live of its own: proven is only that it outlives its end by a poll.",
                    "Собственного срока хранения у Job нет: проверено лишь, что он есть через опрос после конца.",
                )
            )
        run_id, settings = self.watched.run().id, self._target.settings
        never(
            lambda: self._target.cluster.job_of(str(run_id)) is None,
            bool,
            what=Text(f"The Job of run {run_id} is gone at once", f"Job запуска {run_id} сразу исчез"),
            during=max(settings["GATE_SETTLE_SECONDS"], settings["GATE_POLL_SECONDS"]),
            # A question to the cluster each time, and what is gone stays so.
            every=JOB_LOOKED_FOR_EVERY_SECONDS,
        )

    def expect_own_slot(self) -> None:
        """One slot while it ran, for the contract's time."""
        for run in self.watched.runs:
            run_rules.own_slot(self.watched, run)
            run_limits.lease_length(self.watched, run)

    def expect_own_project(self) -> None:
        """The project derived from its delivery's id, which no other run shares; and a good end."""
        if self._refused_homeless():
            return
        run = self.watched.run()
        projects = run_limits.lone_projects(run.correlation_id)
        ensure(
            run.project_id in projects,
            f"The run belongs to project {run.project_id}, wanted its own: {projects[0]}, or as another namespace "
            "has it.",
            f"Запуск в проекте {run.project_id}, а нужен собственный: {projects[0]} или из другого пространства "
            "имён.",
        )
        run_rules.succeeded(run)
        told_of(self._target, run.correlation_id, "webhook.received", 1)

    def expect_slots_free(self) -> None:
        """No slot kept beyond the end."""
        if self._refused_homeless():
            return
        run_rules.nothing_held_after_end(self.watched)
        run_rules.all_free(self.watched.look())

    def expect_other_slot(self) -> None:
        """The slot that was left, and `run.started` tells its number."""
        self.nobodys_leases.unless_swept(self._judge_other_slot)

    def _judge_other_slot(self) -> None:
        watched, run = self.watched, self.watched.run()
        taken = {slot.slot_no for slot in self._nobodys}
        numbers = run_rules.slot_numbers(watched, run)
        ensure(
            len(numbers) == 1 and taken and not taken & set(numbers),
            f"Run {run.id} had the slots {numbers}, wanted one beside {taken}.\n{watched.told()}",
            f"У запуска {run.id} были слоты {numbers}, а нужен один помимо {taken}.\n{watched.told()}",
        )
        self.events_after_end(run)
        run_rules.start_told(run, watched, watched.events(run))

    def expect_neighbour_kept(self) -> None:
        """The lease of the other run is what it was: while this one ran, at its end and afterwards."""
        self.nobodys_leases.unless_swept(self._judge_neighbour)

    def expect_robbed_ended(self) -> None:
        """Its end is that of its Job (contract 4.4), and the lease of the other is what it was."""
        self.expect_statuses("succeeded")
        self.expect_neighbour_kept()

    def _judge_neighbour(self) -> None:
        settings = self._target.settings
        kept = {slot.slot_no: slot for slot in self._nobodys}
        never(
            self.watched.look,
            lambda look: any(kept[slot.slot_no] != slot for slot in look.slots if slot.slot_no in kept),
            what=Text(
                f"The end of a run changed the lease of another: {'; '.join(map(str, self._nobodys))}",
                f"Конец запуска изменил аренду другого: {'; '.join(map(str, self._nobodys))}",
            ),
            during=max(settings["GATE_POLL_SECONDS"], settings["GATE_SETTLE_SECONDS"]),
        )

    def expect_failed_with_job(self) -> None:
        """Failed, as its Job, with the event of that, and the slot given back."""
        if self._record is None:
            return
        self.expect_statuses("failed")
        self.expect_times()
        self.expect_told_once("run.failed")
        self.expect_slots_free()

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
            run_rules.statuses(self.watched, run, run_rules.end_of(run))
            run_rules.waited_in_silence(self.watched, run, self.watched.events(run))

    def expect_never_overbooked(self) -> None:
        """A slot for each running run, none for others, never more than there are."""
        run_rules.slots_constant(self.watched)
        run_rules.within_slots(self.watched)
        run_rules.leases_from_start(self.watched)
        for run in self.watched.runs:
            run_rules.slot_told(self.watched, run, self.watched.events(run))

    # --- helpers

    def _refused_homeless(self) -> bool:
        """Whether this build took no event without a repository: then there is no run to judge."""
        if self._told_homeless:
            refused = say(
                "This build takes no event without a repository.", "Событий без репозитория сборка не берёт."
            )
            evidence.weaker(f"{refused}\n{self._told_homeless}")
        return bool(self._told_homeless)

    def _tell(self, story: str, perform: Callable[[], Watched]) -> None:
        self._record = self._stories.kept(story, perform)
        draw(self._record)
        evidence.note(self._record.told())

    def _new_run(self, number: int) -> tuple[Watched, Delivery]:
        """A run of a repository of its own; each try another repository, whose project has no slots yet."""
        name = self._name(number)
        return self._new_watched(name, with_jobs=True), self.delivery(name)

    def _new_alike(self, _: int) -> tuple[Watched, Delivery]:
        """A run of the repository of one that has ended."""
        assert self._like is not None
        name = self._like.full_name
        return self._new_watched(name, with_jobs=True), self.delivery(name)

    def _new_crowd(self, number: int) -> tuple[Watched, Callable[[], Delivery]]:
        """The same for a crowd, all about one repository."""
        name = self._name(number)
        return self._new_watched(name), partial(self.delivery, name, made_up_id())

    def _name(self, number: int) -> str:
        return f"{self._repository}-{number}" if number else self._repository

    def _new_watched(self, full_name: str, with_jobs: bool = False) -> Watched:
        return Watched(self._target, derived_project(full_name), full_name, with_jobs=with_jobs)

    def delivery(self, full_name: str, repository_id: int | None = None, event: str = "push") -> Delivery:
        """One about this repository, as GitHub makes it."""
        return new_delivery(self._world.mark, event, repository=full_name, repository_id=repository_id)

    def events_after_end(self, run: Run) -> list[Event]:
        """The events of a run that has ended, once one tells of its end."""
        # That none came is for those to say who look at the events.
        with suppress(Broken):
            until(
                lambda: self.watched.events(run),
                lambda events: any(event.event_type.startswith(run_rules.ENDINGS) for event in events),
                what=Text(
                    f"an event about the end of {run_rules.shown(run)}", f"событие о конце: {run_rules.shown(run)}"
                ),
                within=RECORDED_WITHIN_SECONDS,
            )
        return self.watched.events(run)

    def _got_a_slot(self, look: Look) -> bool:
        stolen = any(slot.lease_owner != self.nobodys_leases.owner for slot in look.slots)
        return stolen or any(run.status != "pending" for run in look.runs)


def _begun(look: Look) -> bool:
    return any(run.status != "pending" for run in look.runs)
