"""Runs that a delivery from an attached repository starts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from gate import evidence
from gate.doors.records import Event, Run
from gate.doors.webhook import made_up_id, new_delivery
from gate.errors import Broken, NotProven
from gate.language import Text, ensure
from gate.learning_cast import derive, nobodys_token, set_default
from gate.run_rules import PROJECT_ID, SLOTS, STARTED, payload, succeeded
from gate.waiting import until
from gate.watching import ENDED, Seen, derived_project, in_turn

if TYPE_CHECKING:
    from gate.world import World

# The API may read a replica.
TOLD_WITHIN_SECONDS = 15.0
# As long as it may go by roles that are no more.
KNOWN_WITHIN_SECONDS, KNOWN_EVERY_SECONDS = 10.0, 2.0


class AttachedRuns:
    """A delivery about an attached repository, and the run that comes of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._attached = world.repositories
        self.run_id = self._delivery_id = ""
        self._id = made_up_id()
        self._home: UUID | None = None
        self._moving = f"{world.mark}/moving"
        self._not_judged: NotProven | None = None

    @property
    def project_id(self) -> UUID | None:
        """The project that the repository's runs belong to."""
        return self._home or self._attached.project_id

    def have_renamed(self) -> None:
        """A repository that is attached under another name than it bears now (contract 4: the id decides)."""
        self._home = self._world.projects.make()
        old, token = f"{self._world.mark}/old-name", nobodys_token(self._target)
        # Not the only one, nor the first: what is looked up by the project alone would find another.
        self._target.database.attach(self._home, made_up_id(), f"{self._world.mark}/first", token)
        # As after its first runs, before anybody attached it; and as where a platform had one slot a project.
        with suppress(NotProven):
            derive(self._target.database, f"{self._world.mark}/new-name")
        with suppress(NotProven):
            self._target.database.slot(self._home, 1)
        self._target.database.attach(self._home, self._id, old, token)

    def deliver(self, event: str, full_name: str) -> None:
        """GitHub delivers an event from this repository, under its real id, signed with the platform's secret."""
        self._deliver(event, full_name, self._attached.ids[full_name])

    def deliver_renamed(self, event: str) -> None:
        """The same of the renamed one, as if GitHub had it."""
        self._deliver(event, f"{self._world.mark}/new-name", self._id)

    def have_had_run(self) -> None:
        """A repository that is attached to a project, where it has had a run. Learning is off there."""
        project_id = self._world.projects.make()
        set_default(self._target.database, project_id, default=False)
        self._target.database.attach(project_id, self._id, self._moving, nobodys_token(self._target))
        self._deliver("push", self._moving, self._id)
        self._wait_for_start(set())

    def move(self) -> None:
        """It is attached to another project now, where learning is on, and its next event comes in."""
        self._home = self._world.projects.make_other()
        set_default(self._target.database, self._home, default=True)
        self._change("UPDATE repositories SET project_id = %s::uuid WHERE external_id = %s", str(self._home))

    def detach(self) -> None:
        """It is attached to nothing now: its next event belongs to the project of its name, with learning on."""
        self._home = derived_project(self._moving)
        try:
            derive(self._target.database, self._moving)
            set_default(self._target.database, self._home, default=True)
        except NotProven as refused:
            self._not_judged = refused
        self._change("DELETE FROM repositories WHERE external_id = %s")

    def _change(self, sql: str, *values: str) -> None:
        """Behind the platform's back: its gateway may go by what it knew of the repository for a little."""
        self._target.database.execute(sql, *values, self._id)
        with suppress(Broken):  # what is judged is the last run
            until(
                self._is_decided_anew,
                bool,
                what=Text("a run that goes by the change", "запуск, для которого изменение учтено"),
                within=KNOWN_WITHIN_SECONDS,
                every=KNOWN_EVERY_SECONDS,
            )

    def _is_decided_anew(self) -> bool:
        """Whether the next event finds what is decided as it comes in: learning, in some builds the project."""
        self._deliver("push", self._moving, self._id)
        run = self._target.database.run(self.run_id)
        at_home = run is not None and run.project_id in (None, self._home)
        return at_home and bool(self._not_judged or (run and run.learning_mode))

    def expect_learning_of_project(self) -> None:
        """The mode is that of the project which has the repository when the event comes in (contract 4)."""
        if self._not_judged:
            evidence.weaker(str(self._not_judged))
            return
        run = self._target.database.run(self.run_id)
        ensure(
            run and run.learning_mode,
            f"Learning is on in project {self.project_id}, to which the run belongs, and it has: {run}.",
            f"В проекте {self.project_id}, к которому относится запуск, обучение включено, а записано: {run}.",
        )

    def _deliver(self, event: str, full_name: str, number: int) -> None:
        delivery = new_delivery(self._world.mark, event, repository=full_name, repository_id=number)
        self._delivery_id = str(delivery.id)
        self.run_id = str(self._target.webhook.deliver(delivery).json().get("run_id"))
        self._world.add_cleanup(self._let_it_end, self.run_id)

    def expect_in_project(self) -> None:
        """Once it is claimed, the run belongs to the project that has the repository (contract 4).

        So does its slot, while it has one, and its Job, where the cluster can be asked; so its start tells.
        """
        slots: set[str] = set()
        run, started = self._wait_for_start(slots)
        named = {
            "agent_runs": {str(run and run.project_id)},
            "slots": slots,
            STARTED: {str(payload(event).get("project_id")) for event in started},
            "Job": self._told_by_job(),
        }
        wanted = str(self.project_id)
        wrong = {where: sorted(projects) for where, projects in named.items() if projects - {wanted}}
        ensure(
            not wrong,
            f"The repository belongs to project {wanted}, its run to another: {wrong}.",
            f"Репозиторий относится к проекту {wanted}, а его запуск — к другому: {wrong}.",
        )
        self._expect_no_other_project()
        numbers = [slot.slot_no for slot in self._target.database.slots_of(wanted)]
        ensure(
            numbers == [*range(1, SLOTS + 1)],
            f"A run of project {wanted} has begun, and its slots are {numbers}, wanted 1 to {SLOTS}.",
            f"Запуск проекта {wanted} начался, а слоты проекта {numbers}, нужны с 1 по {SLOTS}.",
        )

    def _expect_no_other_project(self) -> None:
        """A project of the repository's name is made for those only that nobody attached (contract 4.1)."""
        other = derived_project(self._moving)
        made = other != self._home and self._target.database.project_by_id(other)
        ensure(
            not made,
            f"Repository {self._moving} was attached to a project all the time, and its name has one: {made}.",
            f"Репозиторий {self._moving} всё время подключён к проекту, но у его имени есть свой: {made}.",
        )

    def _wait_for_start(self, slots: set[str]) -> tuple[Run | None, list[Event]]:
        """The run and its start, once it is told of."""
        return self._in_turn(
            lambda: self._look(slots),
            lambda seen: seen[0] and seen[1],
            Text(f"{STARTED} of run {self.run_id}", f"{STARTED} запуска {self.run_id}"),
        )

    def _told_by_job(self) -> set[str]:
        """The project that its Job names; nothing where there is no Job any more, or nobody to ask."""
        try:
            job = self._target.cluster.job_of(self.run_id)
        except NotProven as reason:
            evidence.weaker(str(reason))
            return set()
        return {job.labels.get(PROJECT_ID, "")} if job else set()

    def _look(self, slots: set[str]) -> tuple[Run | None, list[Event]]:
        """The run and its start; the projects of the slots that it has meanwhile are added to `slots`."""
        database = self._target.database
        leased = "SELECT project_id::text AS project FROM slots WHERE lease_owner::text = %s"
        slots.update(row["project"] for row in database.query(leased, self.run_id))
        run = database.run(self.run_id)
        started = database.events_of(run.correlation_id, STARTED) if run else []
        # Between two reads it may have been claimed: the run is judged as it is once its start is told.
        return database.run(self.run_id) if started else run, started

    def expect_succeeded(self) -> None:
        """To its end, and a good one."""
        self._let_it_end(self.run_id)
        run = self._target.database.run(self.run_id)
        ensure(
            run and run.status in ENDED,
            f"The run of an attached repository does not end: {run}.",
            f"Запуск подключённого репозитория не завершается: {run}.",
        )
        assert run is not None
        succeeded(run)
        # Whoever was told of the run while it waited is told of its end.
        staff = self._world.as_person("admin")
        until(
            lambda: str((staff.run(self.run_id).parsed() or {}).get("status")),
            lambda status: status == run.status,
            what=Text(f"run {self.run_id} told as {run.status}", f"о запуске {self.run_id} сообщено {run.status}"),
            within=TOLD_WITHIN_SECONDS,
        )

    def expect_in_api(self) -> None:
        """The API tells the same."""
        answer = self._world.as_person("admin").run(self.run_id)
        told = answer.json() if answer.status == 200 else {}
        ensure(
            told.get("project_id") == str(self.project_id)
            and told.get("project_slug") == self._world.projects.slug,
            f"The API does not give the run to project {self._world.projects.slug}.\n{answer.told()}",
            f"API не относит запуск к проекту {self._world.projects.slug}.\n{answer.told()}",
        )

    def _let_it_end(self, run_id: str) -> None:
        """The project goes with its runs: a run that is at work is let finish first."""
        with suppress(Broken):
            self._in_turn(
                lambda: self._target.database.run(run_id),
                lambda run: run is None or run.status in ENDED,
                Text(f"the end of run {run_id}", f"конец запуска {run_id}"),
            )
        evidence.names_run(run_id)

    def _in_turn(self, look: Callable[[], Seen], wanted: Callable[[Seen], object], what: Text) -> Seen:
        within = self._target.settings["GATE_RUN_SECONDS"]
        wait = partial(until, look, wanted, what=what, within=within)
        return in_turn(self._target, [self._delivery_id], wait, within)
