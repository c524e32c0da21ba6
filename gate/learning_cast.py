"""Who and what the learning mode is decided over: projects with each default, members with each override.

Made once in a language, through the API where it can (contract 2), in the database where it cannot (contract 4):
a project's default, a repository that no GitHub has, a GitHub login where nobody can come in from inside.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gate.doors.http import Exchange
from gate.doors.secrecy import sealed
from gate.doors.staff import StaffFromInside, identity
from gate.doors.webhook import made_up_id, new_delivery
from gate.errors import Broken, NotProven
from gate.language import Text, say
from gate.waiting import until
from gate.watching import derived_project

if TYPE_CHECKING:
    from gate.doors.database import Database
    from gate.doors.staff import Staff
    from gate.target import Target
    from gate.world import World

OVERRIDES: Mapping[str, bool | None] = {"none": None, "on": True, "off": False}
# As long as an encrypted token of 40 letters: a nonce of 12 bytes, the text, a tag of 16 (contract 3).
TOKEN_BYTES = 12 + 40 + 16
# Where nobody can come in from inside, or their login was not kept, which another line judges.
KNOWN_BY = """
UPDATE users SET github_login = %s
WHERE lower(email::text) = %s AND lower(coalesce(github_login, '')) <> lower(%s)
"""
# What Go reads as yes and no; a server in Go reads its settings so.
YES, NO = ("1", "t", "true", "yes", "on"), ("0", "f", "false", "no", "off")


@dataclass(frozen=True)
class Home:
    """A repository and the project that its runs belong to."""

    project_id: UUID
    full_name: str
    repository_id: int


@dataclass
class Cast:
    """`homes` by (attached, default), logins of their members by override, of outsiders by theirs elsewhere."""

    homes: dict[tuple[bool, bool], Home] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    outsiders: dict[bool, str] = field(default_factory=dict)
    user_ids: dict[str, Any] = field(default_factory=dict)


class Casting:
    """Makes the cast in the name of one scenario; all of it carries the mark and is swept after the run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._database = world.target.database
        self._cast = Cast()

    @property
    def _staff(self) -> Staff:
        return self._world.as_person("admin")

    def make(self) -> Cast:
        """Four projects, five people, all memberships."""
        for default in (True, False):
            self._cast.homes[True, default] = self._attached(default)
            self._cast.homes[False, default] = self._derived(default)
        for name, override in OVERRIDES.items():
            self._cast.members[name] = self._person(f"{name}-Member")
            for home in self._cast.homes.values():
                self.join(home.project_id, self._cast.members[name], override)
        for override in (True, False):
            self._cast.outsiders[override] = self._person(f"Outsider-{override}")
            elsewhere = self._project(f"elsewhere-{override}".lower(), default=override)
            self.join(elsewhere, self._cast.outsiders[override], override)
            # Who inherits here has both overrides elsewhere, so that either would turn a default around.
            self.join(elsewhere, self._cast.members["none"], override)
        for login in self._cast.user_ids:
            self._database.execute(KNOWN_BY, login, email_of(login), login)
        return self._cast

    def join(self, project_id: UUID, login: str, override: bool | None) -> None:
        """Make someone a member with this override, and see that the platform keeps it so."""
        user_id = self._cast.user_ids[login]
        join(self._world, project_id, user_id)
        override_learning(self._world, project_id, user_id, override)

    def _attached(self, default: bool) -> Home:
        """A project made through the API, with a repository that is attached in the database."""
        project_id = self._project("on" if default else "off", default)
        home = Home(project_id, f"{self._world.mark}/attached-{default}".lower(), made_up_id())
        # It is not the project's only repository, and its name has a project, too, which has no say any more.
        before = f"{self._world.mark}/before-{default}".lower()
        self._database.attach(project_id, made_up_id(), before, nobodys_token(self._target))
        with suppress(NotProven):
            other = derive(self._database, home.full_name)
            set_default(self._database, other, not default)
        self._database.attach(project_id, home.repository_id, home.full_name, nobodys_token(self._target))
        return home

    def _derived(self, default: bool) -> Home:
        """A project as the worker derives it, with nothing attached."""
        # GitHub tells a name as it is written; the project's is in small letters (contract 4).
        name = f"{self._world.mark}/Derived-{default}"
        home = Home(derived_project(name), name, made_up_id())
        try:
            derive(self._database, name)
        except NotProven:
            # A build whose table wants more than the contract names: let its worker make the row.
            self._derived_by_worker(home)
        set_default(self._database, home.project_id, default)
        return home

    def _derived_by_worker(self, home: Home) -> None:
        first = new_delivery(self._world.mark, "push", repository=home.full_name, repository_id=home.repository_id)
        self._target.webhook.deliver(first)
        until(
            lambda: self._database.project_by_id(home.project_id),
            lambda found: found is not None,
            what=Text(f"the project derived from {home.full_name}", f"проект, выведенный из {home.full_name}"),
            within=self._target.settings["GATE_RUN_SECONDS"],
        )

    def _project(self, name: str, default: bool) -> UUID:
        slug = f"{self._world.mark}-learning-{name}"
        project_id = UUID(_made(lambda: self._staff.create_project(slug, slug)).id)
        set_default(self._database, project_id, default)
        return project_id

    def _person(self, name: str) -> str:
        """Someone allowed through the API who came in once: the platform keeps their GitHub login, in its own way.

        Capitals in it matter: whose it is, is asked in any case (contract 4).
        """
        login = f"{self._world.mark}-{name}"
        email = email_of(login)
        allowed(self._world, email, False)
        self._cast.user_ids[login] = id_of(self._database, email)
        with suppress(NotProven):
            StaffFromInside(self._target.gateway, identity(email, login)).me()
        return login


def nobodys_token(target: Target) -> bytes:
    """A token that never was, as it is stored: sealed where the platform's key is known, as it may be read."""
    with suppress(ValueError):
        if key := "".join(target.fact("GATE_TOKEN_ENCRYPTION_KEY", optional=True).split()):
            return sealed(f"ghp_{secrets.token_hex(18)}", key)
    return secrets.token_bytes(TOKEN_BYTES)


def email_of(login: str) -> str:
    """The e-mail of somebody of the cast."""
    return f"{login}@gate.test".lower()


def allowed(world: World, email: str, admin: bool) -> None:
    """Allow somebody, as a platform admin or not, through the API."""
    _made(lambda: world.as_person("admin").allow(email, admin))


def join(world: World, project_id: UUID, user_id: Any) -> None:
    """Make somebody a member of a project through the API."""
    _made(lambda: world.as_person("admin").add_member(project_id, user_id, "read"))


def id_of(database: Database, email: str) -> Any:
    """The id of somebody who was just allowed; what the answer to that holds is not promised (contract 2)."""
    user = database.user(email)
    if user is None:
        raise NotProven(
            say(f"{email} was allowed and is not in users.", f"{email}: вход разрешён, а в users этого нет."),
            "platform",
        )
    return user.id


def derive(database: Database, full_name: str) -> UUID:
    """The project of a repository that nobody attached, as the worker makes it (contract 4)."""
    project_id, name = derived_project(full_name), full_name.lower()
    database.execute(
        "INSERT INTO projects (id, slug, name, settings) VALUES (%s::uuid, %s, %s, '{}')",
        str(project_id),
        name,
        name,
    )
    return project_id


def set_default(database: Database, project_id: UUID, default: bool) -> None:
    """A project's default, for which there is no API (contract 4)."""
    database.execute(
        "UPDATE projects SET settings = coalesce(settings, '{}'::jsonb) || %s::jsonb WHERE id = %s::uuid",
        json.dumps({"learning_mode_default": default}),
        str(project_id),
    )


def server_default(target: Target) -> bool:
    """The server's own learning default, in whatever way it is written."""
    told = target.fact("GATE_LEARNING_MODE_DEFAULT").strip().lower()
    if told not in (*YES, *NO):
        raise NotProven(
            say(
                f"The server's learning default “{told}” is neither yes nor no. Set GATE_LEARNING_MODE_DEFAULT.",
                f"Серверное значение обучения «{told}» — ни да, ни нет. Задайте GATE_LEARNING_MODE_DEFAULT.",
            )
        )
    return told in YES


def override_learning(world: World, project_id: UUID, user_id: Any, override: bool | None) -> None:
    """Set a member's override through the API, and see that it is kept so."""
    _made(lambda: world.as_person("admin").set_learning_mode(project_id, user_id, override))
    kept = world.target.database.value(
        "SELECT learning_mode_override FROM project_members WHERE project_id = %s::uuid AND user_id::text = %s",
        str(project_id),
        str(user_id),
    )
    if kept is not override:
        raise Broken(
            say(
                f"The override {override} of member {user_id} in project {project_id} is stored as {kept}.",
                f"Настройка {override} участника {user_id} в проекте {project_id} записана как {kept}.",
            )
        )


def _made(ask: Callable[[], Exchange]) -> Exchange:
    """An answer of success; without it there is nothing to decide over, and without any nothing to judge."""
    try:
        exchange = ask()
    except Broken as silent:
        raise NotProven(str(silent), "staging") from None
    if exchange.is_by_nobody:
        raise NotProven(
            say(
                f"Nobody behind the edge answered what was to be made.\n{exchange.told()}",
                f"На запрос о создании за краем никто не ответил.\n{exchange.told()}",
            ),
            "staging",
        )
    if exchange.status not in (200, 201, 202, 204):
        raise Broken(
            say(
                f"What the learning mode is decided over could not be made.\n{exchange.told()}",
                f"Не удалось создать то, по чему решается режим обучения.\n{exchange.told()}",
            )
        )
    return exchange
