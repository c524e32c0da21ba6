"""What is left when something was taken back: a role, a project, with it the webhooks of its repositories."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from gate import evidence
from gate.capabilities.first_builds import expect_first_build, tells_owner
from gate.capabilities.role_cast import (
    GUEST,
    ROLES,
    WRITER,
    RoleCast,
    admin_of,
    attached,
    is_hidden,
    owner,
    owner_staff,
    staff_of,
)
from gate.console.console import Console
from gate.doors import trail
from gate.doors.http import Exchange
from gate.doors.secrecy import sealed
from gate.doors.staff import Staff, identity
from gate.doors.webhook import made_up_id, new_id
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.learning_cast import derive, server_default, set_default
from gate.waiting import until

if TYPE_CHECKING:
    from gate.console.details import ProjectPage
    from gate.world import World

MEMBER = """
SELECT role::text AS role, learning_mode_override AS learning FROM project_members
WHERE project_id = %s::uuid AND user_id::text = %s
"""
NAMING = """
INSERT INTO learning_feedback (run_id, repository_id, kind, explanation)
SELECT %s::uuid, id, 'inline', %s FROM repositories WHERE id::text = %s
"""
NAMED = "SELECT repository_id::text AS id FROM learning_feedback WHERE run_id = %s::uuid AND explanation = %s"
FORGET = "DELETE FROM learning_feedback WHERE run_id = %s::uuid"
REMOVE = "DELETE FROM repositories WHERE external_id = %s"
# Lower than what the member has: a right that is only ever added would not be seen by a higher one.
NEW_ROLE = "read"
DELETED_WITHIN_SECONDS = CLOSED_WITHIN_SECONDS = 10.0
CLOSED_EVERY_SECONDS = 1.0


class Aftermath:
    """One thing that is taken back or changed, and what it means to those whom it concerns."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._database = world.target.database
        self._slug = f"{world.mark}-again"
        self._named: tuple[str, str] | None = None
        self._first: UUID | None = None
        self._second: UUID | None = None
        self._cannot = ""
        self._page: ProjectPage | None = None

    @property
    def _cast(self) -> RoleCast:
        return self._world.roles.cast

    # --- acts

    def take_role(self) -> None:
        """A guest, who came in under their role, loses it."""
        run = self._world.told_run.asked_by(self._guest)
        # That both hold what they must is for another scenario to say; here it matters that they were asked for.
        evidence.note(", ".join(self._listed_to_guest()))
        for answer in (*self._ask_as_guest(), *run):
            ensure(
                answer.status == 200,
                f"A member is not shown what their role allows.\n{answer.told()}",
                f"Участнику не показано то, что позволяет его роль.\n{answer.told()}",
            )
        project, guest = self._cast.project, self._cast.user_ids[GUEST]
        self._world.add_cleanup(self._admin.add_member, project, guest, "read")
        path = f"/projects/{project}/members/{guest}"
        _done(owner_staff(self._world).call("DELETE", path))

    def switch_learning(self) -> None:
        """A platform admin switches the learning of a member on."""
        _done(self._admin.set_learning_mode(self._cast.project, self._cast.user_ids[WRITER], True))
        self._world.add_cleanup(
            self._admin.set_learning_mode, self._cast.project, self._cast.user_ids[WRITER], None
        )

    def give_role(self) -> None:
        """A platform admin gives the same member a lower role than they have."""
        project, writer = self._cast.project, self._cast.user_ids[WRITER]
        self._world.add_cleanup(self._admin.add_member, project, writer, ROLES[WRITER])
        _done(self._admin.add_member(project, writer, NEW_ROLE))

    def delete_project(self) -> None:
        """A project of this scenario's own is made, and deleted by the owner."""
        self._world.add_cleanup(self._remove)
        self._first = self._make()
        with suppress(NotProven):
            set_default(self._database, self._first, not server_default(self._world.target))
        self._let_run(self._first)
        self._delete(self._first)

    def make_again(self) -> None:
        """A platform admin makes a project with the same slug."""
        self._second = self._make()

    def delete_attached(self) -> None:
        """The project of the test repositories is deleted by the owner."""
        self._world.repositories.hooks.expect_listed()
        self._world.repositories.hooks.sweep_greetings()
        self._delete(self._world.repositories.project_id)

    def delete_as_admin(self) -> None:
        """The same is refused to a platform admin who is not the owner; the first S1 builds know no such thing."""
        self._world.repositories.hooks.expect_listed()
        answer = admin_of(self._world).delete_project(self._world.repositories.project_id)
        if self._has_no_delete(answer):
            self._told_cannot()
            return
        ensure(
            answer.status == 403,
            f"An admin who is not the owner was answered {answer.status}, wanted 403.\n{answer.told()}",
            f"Администратору, который не владелец, ответ {answer.status}, а нужен 403.\n{answer.told()}",
        )

    def have_revoked(self) -> None:
        """A repository of a project of this scenario's own."""
        self._world.add_cleanup(self._remove)
        self._first = self._make()
        self._attach_revoked(self._first, f"{self._world.mark}/revoked")

    def have_named(self) -> None:
        """Feedback of a run tells which repository it is about; in the database."""
        run_id = self._world.webhook.start_run()
        self._world.add_cleanup(self._database.execute, FORGET, run_id)
        row = self._database.repositories_of(str(self._first))[0]
        self._database.execute(NAMING, run_id, self._world.mark, str(row.id))
        self._named = run_id, str(row.id)

    def have_revoked_beside(self) -> None:
        """In the project of the test repositories: before all of them while none is attached, else behind them."""
        beside = self._world.repositories
        owner = f"{'z' if beside.attached else '0'}-{self._world.mark}"
        self._attach_revoked(beside.project_id, f"{owner}/revoked")

    def detach_revoked(self) -> None:
        """GitHub refuses the platform its webhooks; the repository goes all the same (contract 2: best effort)."""
        row = self._database.repositories_of(str(self._first))[0]
        _done(self._admin.detach_repository(self._first, row.id))

    def delete_in_console(self, *, derived: bool = False) -> None:
        """The owner opens the page of a project of this scenario's own, and deletes it there."""
        self._world.add_cleanup(self._remove)
        if derived:
            self._slug = f"{self._world.mark}/derived-{self._slug}"
        self._first = derive(self._database, self._slug) if derived else self._make()
        try:
            if self._has_no_delete(owner_staff(self._world).delete_project(uuid4())):
                return
            console = self._owner_console()
        except NotProven as reason:
            self._cannot = str(reason)
            return
        self._page = console.visit(console.project(self._first))
        if not tells_owner(self._world) and not self._page.offers_delete():
            # The first builds (contract 2): their console cannot know to whom to offer it.
            self._cannot = say("auth/me does not tell who the owner is", "auth/me не говорит, кто владелец")
            return
        self._page.expect_delete()
        self._page.refuse()
        if not self._page.deleted:
            self._page.delete(self._slug)

    # --- checks

    def expect_closed(self) -> None:
        """The project, its repositories and its runs are closed to the guest, and listed no more.

        When, contract 2 leaves open: a gateway may keep in mind for a little who has which role.
        """
        with suppress(Broken):  # what is open at last says so itself
            until(
                self._still_open,
                lambda still: not still,
                what=Text("the project closed to who lost their role", "проект закрыт для потерявшего роль"),
                within=CLOSED_WITHIN_SECONDS,
                every=CLOSED_EVERY_SECONDS,
            )
        self._expect_closed_now()

    def _still_open(self) -> str:
        try:
            self._expect_closed_now()
        except Broken as still:
            return str(still)
        return ""

    def _expect_closed_now(self) -> None:
        for answer in self._world.told_run.asked_by(self._guest):
            self._world.told_run.expect_no_word(GUEST, answer)
        listed = self._listed_to_guest()
        ensure(
            not listed,
            f"Somebody who lost their role in project {self._cast.slug} still has it in the lists {listed}.",
            f"У человека, потерявшего роль в проекте {self._cast.slug}, он всё ещё есть в списках {listed}.",
        )
        for answer in self._ask_as_guest():
            ensure(
                answer.status == 403 or is_hidden(answer, self._cast.slug, self._cast.full_name),
                f"Somebody who lost their role in the project is still shown it.\n{answer.told()}",
                f"Человеку, потерявшему роль в проекте, он всё ещё показан.\n{answer.told()}",
            )

    def expect_may_write(self, *, may: bool) -> None:
        """A repository is detached for who may write, and 403 for who may only read (contract 2).

        How soon a role counts that was changed the contract leaves open, as for one that was taken away.
        """
        role = ROLES[WRITER] if may else NEW_ROLE
        until(
            self._try_to_detach,
            lambda status: (status != 403) == may,
            what=Text(
                f"{'no 403' if may else '403'} for a member whose role is {role} now, who detaches a repository",
                f"{'не 403' if may else '403'} участнику, чья роль теперь {role}, на отключение репозитория",
            ),
            within=CLOSED_WITHIN_SECONDS,
            every=CLOSED_EVERY_SECONDS,
        )

    def expect_written_again(self) -> None:
        """The same role as at first, and what it gave."""
        _done(self._admin.add_member(self._cast.project, self._cast.user_ids[WRITER], ROLES[WRITER]))
        self.expect_may_write(may=True)

    def _try_to_detach(self) -> int:
        """A repository made for it each time: nobody misses it, and it is there whatever is looked at first."""
        number = made_up_id()
        self._world.add_cleanup(self._database.execute, REMOVE, number)
        repository = attached(self._world, self._cast.project, f"{self._world.mark}/detached", number)
        answer = staff_of(self._world, self._cast, WRITER).detach_repository(self._cast.project, repository)
        self._database.execute(REMOVE, number)
        return answer.status

    def expect_learning_kept(self) -> None:
        """The role is the new one, the learning what it was."""
        rows = self._database.query(MEMBER, str(self._cast.project), str(self._cast.user_ids[WRITER]))
        wanted = [{"role": NEW_ROLE, "learning": True}]
        ensure(
            rows == wanted,
            f"A role that was given changed more than the role: the member is {rows}, wanted {wanted}.",
            f"Выданная роль изменила не только роль: участник {rows}, а нужно {wanted}.",
        )

    def expect_anew(self) -> None:
        """It is there, once, and not the one that was deleted."""
        if self._told_cannot():
            return
        found = self._database.project(self._slug)
        ensure(
            found and found.id == self._second != self._first,
            f"After a project was deleted its slug {self._slug} gives {found}, wanted a new project.",
            f"После удаления проекта слаг {self._slug} даёт {found}, а нужен новый проект.",
        )
        assert found is not None
        answer = self._admin.get(f"/projects/{found.id}")
        ensure(
            answer.status == 200 and answer.json().get("slug") == self._slug,
            f"The new project cannot be seen.\n{answer.told()}",
            f"Новый проект не показан.\n{answer.told()}",
        )

    def expect_server_default(self) -> None:
        """A new project's learning is the server's default (contract 2), whatever the deleted one had."""
        if self._told_cannot():
            return
        found, default = self._database.project(self._slug), server_default(self._world.target)
        ensure(
            found and found.settings.get("learning_mode_default") is default,
            f"After a project was deleted the new one of slug {self._slug} is {found}, wanted learning {default}.",
            f"После удаления проекта новый со слагом {self._slug} — {found}, а нужно обучение {default}.",
        )

    def expect_deleted(self) -> None:
        """The console asked to delete this project and nothing else; it is gone, and listed no more."""
        if self._told_cannot():
            return
        page, this = self._page, f"/api/v1/staff/projects/{self._first}"
        assert page is not None
        until(
            lambda: self._database.project_by_id(str(self._first)),
            lambda found: found is None or {*page.deleted} - {this},
            what=Text(f"project {self._first} deleted", f"проект {self._first} удалён"),
            within=DELETED_WITHIN_SECONDS,
        )
        ensure(
            {*page.deleted} == {this},
            f"On the page of project {self._first} the console asked to delete {page.deleted}.",
            f"На странице проекта {self._first} консоль просила удалить {page.deleted}.",
        )
        errors = page.window.view().errors
        thrown = [trouble for trouble in page.window.log.troubles if trouble.kind == "page"]
        ensure(
            not errors and not thrown,
            f"The project is deleted, and the console shows an error: {[*errors, *map(str, thrown)]}",
            f"Проект удалён, а консоль показывает ошибку: {[*errors, *map(str, thrown)]}",
        )
        page.console.projects.expect_no_project(self._slug)

    def expect_detached(self) -> None:
        """No row of it is left."""
        rows = self._database.repositories_of(str(self._first))
        ensure(
            not rows,
            f"A repository was detached, and is still there: {rows}.",
            f"Репозиторий отключён, но всё ещё записан: {rows}.",
        )

    def expect_feedback_kept(self) -> None:
        """Feedback belongs to its run; the repository that it names may be missing (contract 3).

        That it may not go with its repository the contract does not say.
        """
        assert self._named is not None
        run_id, repository = self._named
        rows = self._database.query(NAMED, run_id, self._world.mark)
        if not rows:
            evidence.residual_risk(
                say(
                    "A repository was detached, and the feedback of a run that named it went with it.",
                    "Репозиторий отключён, и обратная связь запуска, где он назван, удалена вместе с ним.",
                )
            )
            return
        ensure(
            [row["id"] for row in rows] in ([None], [repository]),
            f"A repository was detached, and of the feedback of run {run_id} that named it is left: {rows}.",
            f"Репозиторий отключён, а от обратной связи запуска {run_id}, где он назван, осталось: {rows}.",
        )

    def expect_hooks_gone(self) -> None:
        """The webhooks to the platform went with the project, as they do when a repository is detached."""
        if self._told_cannot():
            return
        for name in self._world.repositories.names:
            self._world.repositories.hooks.expect_gone(name)

    # --- helpers

    def _owner_console(self) -> Console:
        """The owner's console: theirs who signs in as admin, if that is who they are; else from inside."""
        world, (email, login) = self._world, owner(self._world)
        if email.lower() == world.target.people.email("admin").lower():
            return world.browser.open("admin", world.language)
        base, headers = world.target.gateway.base, identity(email, login)
        return Console(world.browser.window(world.language, None, base, headers), world.language)

    @property
    def _admin(self) -> Staff:
        return self._world.as_person("admin")

    @property
    def _guest(self) -> Staff:
        return staff_of(self._world, self._cast, GUEST)

    def _listed_to_guest(self) -> list[str]:
        """Which of the lists hold something of the project."""
        lists = {"projects": (self._guest.projects(), "id"), "runs": (self._guest.runs(), "project_id")}
        project = str(self._cast.project)
        return [
            name
            for name, (answer, field) in lists.items()
            if project in {str(item.get(field)) for item in answer.items()}
        ]

    def _ask_as_guest(self) -> list[Exchange]:
        staff, project = self._guest, self._cast.project
        return [staff.get(f"/projects/{project}"), staff.repositories(project)]

    def _attach_revoked(self, project: Any, full_name: str) -> None:
        """In the database: with a token that was never one, sealed with the platform's key."""
        key = self._world.target.fact("GATE_TOKEN_ENCRYPTION_KEY")
        self._database.attach(project, made_up_id(), full_name, sealed(f"ghp_{secrets.token_hex(18)}", key))

    def _let_run(self, project: UUID) -> None:
        """A run of it is under way: what hangs on a project goes with it, ended or not (contract 2)."""
        like = self._world.webhook.start_run()
        with suppress(NotProven):  # a table that wants more than the contract tells
            self._database.invent_run(
                like,
                id=uuid4(),
                correlation_id=new_id(self._world.mark),
                project_id=project,
                status="running",
            )

    def _make(self) -> UUID:
        answer = self._admin.create_project(self._slug, self._slug)
        ensure(
            answer.status == 201,
            f"The project {self._slug} was not made.\n{answer.told()}",
            f"Проект {self._slug} не создан.\n{answer.told()}",
        )
        told = answer.json()
        ensure(
            (told.get("slug"), told.get("name")) == (self._slug, self._slug),
            f"Who made project {self._slug} is not told its slug and name.\n{answer.told()}",
            f"Создавшему проект {self._slug} не сообщены его слаг и название.\n{answer.told()}",
        )
        return UUID(str(told["id"]))

    def _delete(self, project: Any) -> None:
        """As the owner; the first S1 builds cannot (contract 2), and where nobody is owner nobody may."""
        try:
            answer = owner_staff(self._world).delete_project(project)
        except NotProven as reason:
            self._cannot = str(reason)
            return
        if not self._has_no_delete(answer):
            _done(answer)

    def _has_no_delete(self, answer: Exchange) -> bool:
        if answer.is_no_route:
            expect_first_build(self._world, answer)
            # Without the id, so that it is told once however often it was tried.
            self._cannot = f"{answer.method} {trail.template(answer.url)} -> {answer.status}"
        return answer.is_no_route

    def _told_cannot(self) -> bool:
        if self._cannot:
            evidence.weaker(
                say(f"This cannot be done here: {self._cannot}", f"Здесь этого сделать нельзя: {self._cannot}")
            )
        return bool(self._cannot)

    def _remove(self) -> None:
        self._database.execute("DELETE FROM projects WHERE slug = %s", self._slug)


def _done(answer: Exchange) -> None:
    ensure(
        answer.status == 204,
        f"Somebody who may do this was answered {answer.status}, wanted 204.\n{answer.told()}",
        f"Тому, кому это можно, ответ {answer.status}, а нужен 204.\n{answer.told()}",
    )
