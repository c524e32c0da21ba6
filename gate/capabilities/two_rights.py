"""Somebody who has two rights at once: a platform admin's and a role, or a role in each of two projects."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gate import evidence
from gate.capabilities.aftermath import CLOSED_EVERY_SECONDS, CLOSED_WITHIN_SECONDS
from gate.capabilities.homeless_run import invented
from gate.capabilities.role_acts import ACTS
from gate.capabilities.role_cast import ADMIN, READER, RoleCast, made, named, staff_of
from gate.doors.http import Exchange
from gate.doors.staff import LONGEST_LIST
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.waiting import until

if TYPE_CHECKING:
    from gate.world import World

WRITES = (ACTS["attach a repository"], ACTS["detach a repository"])
TAKE_BACK = "DELETE FROM project_members WHERE project_id = %s::uuid AND user_id::text = %s"


class TwoRights:
    """One person, what they ask of the project of all roles, and their list of projects."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._person = ""
        self._refused: list[Exchange] = []
        self._answers: list[Exchange] = []
        self._listed: list[dict[str, Any]] = []
        # By the project that each is of.
        self._runs: dict[UUID, str] = {}

    @property
    def _cast(self) -> RoleCast:
        return self._world.roles.cast

    # --- acts

    def have_reading_admin(self) -> None:
        """A platform admin gets the role to read the project."""
        self._give(ADMIN, self._cast.project, "read")

    def have_reader_who_leads(self) -> None:
        """Whoever may read the project gets the highest role in the other one."""
        self._give(READER, self._cast.doomed, "admin")

    def have_runs(self) -> None:
        """A canceled run of each of the two projects; that deliveries make runs is the matter of other lines."""
        self._world.webhook.deliver()
        like = self._world.target.database.run_of(str(self._world.webhook.delivery.id))
        try:
            if like is None:
                raise NotProven(say("No run came in.", "Запуск не появился."), "platform")
            for project in (self._cast.project, self._cast.doomed):
                self._runs[project] = invented(self._world, str(like.id), project)
        except NotProven as reason:
            told = say("Whether they are told of runs is not looked at", "Показаны ли им запуски, не проверено")
            evidence.weaker(f"{told}: {reason}")

    def ask_to_write(self) -> None:
        """To attach a repository and to detach one, and for their projects; nothing is lost if it is let."""
        cast, staff = self._cast, staff_of(self._world, self._cast, self._person)
        if self._person == ADMIN:
            reader = staff_of(self._world, cast, READER)
            self._refused = [act.ask(reader, cast, READER) for act in WRITES]
        asks = [act.granted or act.ask if self._person == ADMIN else act.ask for act in WRITES]
        self._answers = [ask(staff, cast, self._person) for ask in asks]
        self._listed = staff.projects().items()

    # --- checks

    def expect_let(self) -> None:
        """They are not told what somebody is told who may only read; GitHub may still refuse (contract 5)."""
        for answer, reader in zip(self._answers, self._refused, strict=True):
            # What GitHub says of a token may be handed on as 403, too; to detach nothing it is not asked.
            ours = answer.method == "DELETE" or _message(answer) == _message(reader)
            ensure(
                answer.status != 403 or not ours,
                f"A {named(ADMIN)} who also may read the project is refused like a reader.\n{answer.told()}",
                f"{named(ADMIN)}, у которого есть и роль read, получает отказ как читатель.\n{answer.told()}",
            )

    def expect_refused(self) -> None:
        """A role elsewhere adds nothing to the one here."""
        for answer in self._answers:
            ensure(
                answer.status == 403 and _told(answer).get("code") == "forbidden",
                f"Who may read the project, and leads another, was not refused with 403.\n{answer.told()}",
                f"Нет отказа 403 тому, кто здесь читает, а в другом проекте главный.\n{answer.told()}",
            )

    def expect_all_listed(self) -> None:
        """The project of others is in the list, unless that is full."""
        listed = {str(item.get("id")) for item in self._listed}
        ensure(
            str(self._cast.doomed) in listed or len(listed) >= LONGEST_LIST,
            f"A {named(ADMIN)} who has a role in one project is shown {len(listed)} projects, and not "
            f"{self._cast.doomed}, where they have none.",
            f"{named(ADMIN)} с ролью в одном проекте видит проектов: {len(listed)}, и среди них нет "
            f"{self._cast.doomed}, где роли у него нет.",
        )

    def expect_both_listed(self) -> None:
        """Each once, under the role that they have there, and no others."""
        shown = sorted((str(item.get("id")), item.get("role")) for item in self._listed)
        wanted = sorted([(str(self._cast.project), "read"), (str(self._cast.doomed), "admin")])
        ensure(
            shown == wanted,
            f"Who has roles in two projects is shown {shown}, wanted {wanted}.",
            f"Человек с ролями в двух проектах видит {shown}, а нужно {wanted}.",
        )

    def expect_both_told(self) -> None:
        """The run of each is in their list, and told by its id; a gateway may learn of a role a little later."""
        until(
            self._untold,
            lambda untold: not untold,
            what=Text(
                "a run of each project listed and told to who has a role in both",
                "человеку с ролями в обоих проектах показан запуск каждого: и в списке, и по id",
            ),
            within=CLOSED_WITHIN_SECONDS,
            every=CLOSED_EVERY_SECONDS,
        )

    def _untold(self) -> list[str]:
        staff, untold = staff_of(self._world, self._cast, self._person), []
        listed = {str(item.get("id")) for item in staff.runs().items()}
        for project, run_id in self._runs.items():
            role = "admin" if project == self._cast.doomed else "read"
            run = f"{run_id} ({role}, {project})"
            status, yes = staff.run(run_id).status, run_id in listed
            if not yes or status != 200:
                untold.append(
                    say(
                        f"run {run}: {'' if yes else 'not '}listed, {status} by its id",
                        f"запуск {run}: в списке {'есть' if yes else 'нет'}, по id ответ {status}",
                    )
                )
        return untold

    # --- helpers

    def _give(self, person: str, project: UUID, role: str) -> None:
        """By the API; taken back in the database, since only an owner may do that by the API."""
        self._person, user = person, self._cast.user_ids[person]
        self._world.add_cleanup(self._take_back, person, project, role)
        made(self._world.as_person("admin").add_member(project, user, role))
        self._await_known(person, project, role, there=True)

    def _take_back(self, person: str, project: UUID, role: str) -> None:
        """The next scenario may judge the same person at once."""
        self._world.target.database.execute(TAKE_BACK, str(project), str(self._cast.user_ids[person]))
        self._await_known(person, project, role, there=False)

    def _await_known(self, person: str, project: UUID, role: str, *, there: bool) -> None:
        """A gateway may keep in mind for a little who has which role; what it tells at last others judge. What a
        platform admin may and sees does not depend on it.
        """
        if person == ADMIN:
            return
        staff = staff_of(self._world, self._cast, person)
        with suppress(Broken):
            until(
                lambda: {str(item.get("id")): item.get("role") for item in staff.projects().items()},
                lambda roles: (roles.get(str(project)) == role) == there,
                what=Text(
                    f"the role {role} in {project} {'' if there else 'not '}told",
                    f"роль {role} в {project} {'' if there else 'не '}названа",
                ),
                within=CLOSED_WITHIN_SECONDS,
                every=CLOSED_EVERY_SECONDS,
            )


def _told(answer: Exchange) -> dict[str, Any]:
    told = answer.parsed()
    return told if isinstance(told, dict) else {}


def _message(answer: Exchange) -> Any:
    return _told(answer).get("message")
