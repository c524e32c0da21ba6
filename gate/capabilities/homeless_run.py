"""A run that belongs to no project, as each is until a worker claims it (contract 3: `project_id uuid?`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from gate import evidence
from gate.capabilities.role_cast import ADMIN, NOBODY, READER, named, staff_of
from gate.capabilities.run_on_record import same_moment
from gate.doors.http import Exchange
from gate.doors.staff import told_id
from gate.doors.webhook import new_id
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.console.details import RunPage
    from gate.world import World


def invented(world: World, like: str, project: UUID | None = None) -> str:
    """The id of a run like this one that no worker will claim; `NotProven` where the table wants more columns."""
    database, run_id = world.target.database, str(uuid4())
    world.add_cleanup(database.execute, "DELETE FROM agent_runs WHERE id = %s::uuid", run_id)
    columns = {"project_id": project, "status": "canceled"}
    # Of an ended run that has learning mode a worker may write feedback at any time (contract 4.5).
    database.invent_run(like, id=run_id, correlation_id=new_id(world.mark), learning_mode=False, **columns)
    return run_id


class HomelessRun:
    """Such a run, and what a platform admin is told of it at the gateway."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._run_id = ""
        self._answers: list[Exchange] = []
        self._listed: list[dict[str, Any]] = []
        self._page: RunPage | None = None

    # --- acts

    def have(self) -> None:
        """One like a run that a delivery has just made."""
        self._world.webhook.deliver_accepted()
        self._run_id = invented(self._world, self._world.webhook.run_id)

    def ask(self) -> None:
        """The list of runs, the run itself, its events and its feedback, as a platform admin."""
        self._listed = staff_of(self._world, self._world.roles.cast, ADMIN).runs().items()
        self._answers = self._asked_by(ADMIN)

    def _asked_by(self, person: str) -> list[Exchange]:
        staff = staff_of(self._world, self._world.roles.cast, person)
        return [staff.run(self._run_id), staff.events(self._run_id), staff.feedback(self._run_id)]

    def open_page(self) -> None:
        """Run details in a platform admin's console, who finds it in the list of runs first."""
        self._listed = self._world.as_person("admin").runs().items()
        console = self._world.browser.open("admin", self._world.language)
        self._page = console.run(self._run_id)
        self._page.open()

    # --- checks

    def expect_shown(self) -> None:
        """The page names the run and its delivery, and nothing on it is broken."""
        if not self._is_listed():
            return
        run, page = self._world.target.database.run(self._run_id), self._page
        assert run is not None and page is not None
        page.expect_ids(run.id, run.correlation_id)
        page.expect_no_events()
        page.expect_sound()

    def _is_listed(self) -> bool:
        """What the list names can be asked for; whether a build names it the contract does not say."""
        listed = self._run_id in {str(item.get("id")) for item in self._listed}
        if not listed:
            evidence.weaker(
                say("Runs of no project are not listed here.", "Запуски без проекта здесь не в списке.")
            )
        return listed

    def expect_hidden(self) -> None:
        """Runs are told by project role (contract 2), and in no project nobody has one."""
        run = self._world.target.database.run(self._run_id)
        assert run is not None
        for person in (NOBODY, READER):
            for answer in self._asked_by(person):
                ensure(
                    answer.is_empty_list or (400 <= answer.status < 500 and run.correlation_id not in answer.text),
                    f"A {named(person)} is told of a run that belongs to no project.\n{answer.told()}",
                    f"{named(person)} узнаёт о запуске без проекта.\n{answer.told()}",
                )

    def expect_told(self) -> None:
        """As it is on record, with nothing where nothing is yet."""
        if not self._is_listed():
            return
        for answer in self._answers:
            ensure(
                answer.status == 200,
                f"A run that belongs to no project is listed, and cannot be asked for.\n{answer.told()}",
                f"Запуск без проекта есть в списке, но о нём не спросить.\n{answer.told()}",
            )
        run, told = self._world.target.database.run(self._run_id), self._answers[0].json()
        assert run is not None
        wanted = {"id": str(run.id), "correlation_id": run.correlation_id, "status": run.status}
        got = {name: told.get(name) or "" for name in wanted} | {"project_id": told_id(told.get("project_id"))}
        wanted |= {"project_id": "", "started_at": str(run.started_at), "finished_at": str(run.finished_at)}
        for name in ("started_at", "finished_at"):
            agrees = same_moment(told.get(name), getattr(run, name))
            got[name] = wanted[name] if agrees else str(told.get(name))
        ensure(
            got == wanted,
            f"Of a run that belongs to no project is told {got}, on record is {wanted}.",
            f"О запуске без проекта сообщено {got}, а записано {wanted}.",
        )
