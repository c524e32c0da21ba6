"""A project with a person of every role in it, and the staff API as the gateway gives it to each (contract 2).

The people carry the scenario's mark and have no account at GitHub: the gateway is told of them from inside, as
oauth2-proxy would tell it. Made once in a language; what is made is swept after the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from gate import evidence
from gate.console.console import Console
from gate.doors.http import Exchange
from gate.doors.staff import Staff, StaffFromInside, identity
from gate.doors.webhook import made_up_id, new_delivery, new_id
from gate.errors import NotProven
from gate.language import say
from gate.learning_cast import id_of, nobodys_token

if TYPE_CHECKING:
    from gate.world import World

# What each may do, the least first; the platform's owner is a real one, asked for what nobody else may.
NOBODY, READER, WRITER, LEAD, ADMIN, OWNER = "nobody", "reader", "writer", "lead", "admin", "owner"
# Who leads another project, and has no role in this one.
OUTSIDER = "outsider"
PEOPLE = (NOBODY, OUTSIDER, READER, WRITER, LEAD, ADMIN)
ROLES: Mapping[str, str] = {READER: "read", WRITER: "read_write", LEAD: "admin"}
# Whom the acts are about.
GUEST, LEAVER, OTHER_ADMIN = "guest", "leaver", "other-admin"
LEARNING_OFF = """
UPDATE project_members SET learning_mode_override = false WHERE project_id = %s::uuid AND user_id::text = %s
"""


@dataclass
class RoleCast:
    """Two projects, of which the second may be deleted, and the people by what they may do."""

    mark: str
    project: UUID
    doomed: UUID
    # A repository that is attached in the database only; no GitHub has it.
    repository: Any = None
    # What its deliveries call it.
    repository_number: int = 0
    # The same of the other project.
    strange_repository: Any = None
    user_ids: dict[str, Any] = field(default_factory=dict)

    def email(self, person: str) -> str:
        """The e-mail of one of these people."""
        return f"{self.mark}-{person}@gate.test"

    @property
    def slug(self) -> str:
        """The slug of the project that everybody has a role in, or none."""
        return f"{self.mark}-roles"

    @property
    def doomed_slug(self) -> str:
        """The slug of the project that may be deleted."""
        return f"{self.mark}-doomed"

    @property
    def full_name(self) -> str:
        """The repository of the project."""
        return f"{self.mark}/attached"

    @property
    def unknown_repository(self) -> str:
        """A repository that nobody has."""
        return f"{self.mark}-none/none"

    @property
    def unknown_token(self) -> str:
        """A token that nobody gave."""
        return f"no-token-{self.mark}"

    @property
    def newcomer(self) -> str:
        """The e-mail of somebody whom nobody has allowed yet."""
        return f"{self.mark}-newcomer@gate.test"


def make_cast(world: World) -> RoleCast:
    """The projects and the people, all made by a platform admin through the API."""
    staff, mark, database = world.as_person("admin"), world.mark, world.target.database
    project, doomed = (
        UUID(made(staff.create_project(f"{mark}-{name}", f"Roles {mark}")).id) for name in ("roles", "doomed")
    )
    cast = RoleCast(mark, project, doomed)
    for person in (*PEOPLE, GUEST, LEAVER, OTHER_ADMIN):
        admin = person in (ADMIN, OTHER_ADMIN)
        made(staff.allow(cast.email(person), admin))
        cast.user_ids[person] = id_of(world.target.database, cast.email(person))
    for person, role in {**ROLES, GUEST: "read"}.items():
        made(staff.add_member(project, cast.user_ids[person], role))
    # In two projects, so that what is done in one can be seen to leave the other alone.
    made(staff.add_member(doomed, cast.user_ids[GUEST], "read"))
    made(staff.add_member(doomed, cast.user_ids[OUTSIDER], "admin"))
    # Whoever is taken off the list goes with their roles, a project with all that hangs on it.
    made(staff.add_member(doomed, cast.user_ids[LEAVER], "read"))
    _let_work(world, doomed)
    # Off is not the same as inherited, wherever it is told.
    database.execute(LEARNING_OFF, str(project), str(cast.user_ids[LEAD]))
    # What is looked at is the second: one that was attached before it must not stand in its way.
    attached(world, project, f"{mark}/attached-first", made_up_id())
    cast.repository_number = made_up_id()
    cast.repository = attached(world, project, cast.full_name, cast.repository_number)
    cast.strange_repository = attached(world, doomed, f"{mark}/elsewhere", made_up_id())
    return cast


def attached(world: World, project: UUID, full_name: str, number: int) -> Any:
    """The id of a repository row of this project; its token is nobody's."""
    database = world.target.database
    database.attach(project, number, full_name, nobodys_token(world.target))
    return database.value("SELECT id FROM repositories WHERE external_id = %s", number)


def _let_work(world: World, project: UUID) -> None:
    """What runs leave in a project: a slot, a run, feedback; less, where a table wants more than we know of."""
    database, run_id = world.target.database, str(uuid4())
    with suppress(NotProven):
        database.slot(project, 1)
    with suppress(NotProven):
        like = world.target.webhook.send(new_delivery(world.mark, "push"))
        if like.status != 202:  # that is the matter of other lines
            return
        database.invent_run(
            str(like.json().get("run_id")),
            id=run_id,
            correlation_id=new_id(world.mark),
            project_id=project,
            status="canceled",
        )
        sql = "INSERT INTO learning_feedback (run_id, kind, explanation) VALUES (%s::uuid, 'inline', 'Gate.')"
        database.execute(sql, run_id)


def without_unknown(
    world: World, cast: RoleCast, strays: Sequence[tuple[str, str]], now: Mapping[tuple[str, str], str]
) -> list[tuple[str, str]]:
    """A stand-in of GitHub may have every repository: then that which nobody has was attached, and goes again."""
    unknown = [key for key in strays if key[0] == "repository" and now.get(key) == cast.unknown_repository]
    if not unknown or not _has_every_repository(world, cast):
        return [*strays]
    for _, id_ in unknown:
        evidence.weaker(
            say(
                f"GitHub here has {cast.unknown_repository}, which nobody made: it was attached.",
                f"У этого GitHub есть {cast.unknown_repository}, который никто не создавал: он подключён.",
            )
        )
        forget = "DELETE FROM repositories WHERE id::text = %s"
        world.add_cleanup(world.target.database.execute, forget, id_)
        world.add_cleanup(staff_of(world, cast, ADMIN).detach_repository, cast.project, id_)
    return [key for key in strays if key not in unknown]


def _has_every_repository(world: World, cast: RoleCast) -> bool:
    """Whether GitHub itself gives what nobody has to whoever asks; where it cannot be asked it may."""
    try:
        return world.target.github.gives(cast.unknown_repository, cast.unknown_token)
    except NotProven as reason:
        evidence.note(str(reason))
        return True


def staff_of(world: World, cast: RoleCast, person: str) -> Staff:
    """The staff API in the name of one of them, at the gateway; `NotProven` where it cannot be reached."""
    return StaffFromInside(world.target.gateway, headers_of(world, cast, person))


def console_of(world: World, cast: RoleCast, person: str) -> Console:
    """The console in the name of one of them, at the gateway; no page is opened by that."""
    headers = headers_of(world, cast, person)
    window = world.browser.window(world.language, None, world.target.gateway.base, headers)
    return Console(window, world.language)


def member_of(world: World, project: UUID, person: str) -> Staff:
    """The staff API in the name of somebody new who has this role in the project and is no platform admin."""
    admin, email = world.as_person("admin"), f"{world.mark}-{person}@gate.test"
    made(admin.allow(email))
    made(admin.add_member(project, id_of(world.target.database, email), ROLES[person]))
    return StaffFromInside(world.target.gateway, identity(email, f"{world.mark}-{person}"))


def admin_of(world: World) -> Staff:
    """The same for a new platform admin, who surely is not the owner."""
    email = f"{world.mark}-{ADMIN}@gate.test"
    made(world.as_person("admin").allow(email, admin=True))
    return StaffFromInside(world.target.gateway, identity(email, f"{world.mark}-{ADMIN}"))


def owner_staff(world: World) -> Staff:
    """The staff API in the platform owner's name: theirs who signs in as admin, if that is who they are."""
    email, login = owner(world)
    if email.lower() == world.target.people.email("admin").lower():
        return world.as_person("admin")
    return StaffFromInside(world.target.gateway, identity(email, login))


def headers_of(world: World, cast: RoleCast, person: str) -> dict[str, str]:
    """What the edge would tell the gateway of one of them."""
    if person == OWNER:
        return identity(*owner(world))
    return identity(cast.email(person), f"{cast.mark}-{person}")


def owner(world: World) -> tuple[str, str]:
    """E-mail and login of the platform owner, as the database has them."""
    found = [user for user in world.target.database.users() if user.is_platform_owner]
    if not found:
        raise NotProven(say("The platform has no owner.", "У платформы нет владельца."), "staging")
    return found[0].email, found[0].github_login or ""


def made(exchange: Exchange) -> Exchange:
    """The same answer, if it says that it was done; `NotProven` else."""
    if exchange.status not in (201, 204):
        raise NotProven(
            say(
                f"People with roles could not be made.\n{exchange.told()}",
                f"Не удалось завести людей с ролями.\n{exchange.told()}",
            ),
            "platform",
        )
    return exchange


def is_hidden(answer: Exchange, *words: str) -> bool:
    """Whether a project is told as unknown, without a word of it: as good as 403 for whom it does not concern.

    Contract 2 says how an unknown project is answered, and not that an unseen one is answered otherwise.
    """
    told = answer.parsed()
    named = isinstance(told, dict) and told.get("field") == "project_id"
    return answer.status == 400 and named and not any(word in answer.text for word in words)


def named(person: str) -> str:
    """A person in the reader's words."""
    roles = {"reader": "read", "writer": "read_write", "lead": "admin"}
    if person in roles:
        return say(f"member with the role {roles[person]}", f"Участник с ролью {roles[person]}")
    return {
        NOBODY: say("person without a role in the project", "Человек без роли в проекте"),
        OUTSIDER: say("person with a role in another project only", "Человек с ролью лишь в другом проекте"),
        ADMIN: say("platform admin", "Платформенный администратор"),
    }.get(person, say("platform owner", "Владелец платформы"))
