"""The same thing asked of the staff API several times at the same moment, as a double click does (contract 2)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gate import evidence
from gate.capabilities.boundary import cookie_line
from gate.capabilities.role_cast import made
from gate.doors.http import Exchange
from gate.doors.raw import Ask
from gate.doors.staff import STAFF
from gate.language import ensure, say
from gate.learning_cast import id_of

if TYPE_CHECKING:
    from gate.world import World

TIMES = 5
ROLE = "read"
ROLES_OF = """
SELECT m.role::text AS role FROM project_members m JOIN users u ON u.id = m.user_id
WHERE m.project_id = %s::uuid AND lower(u.email::text) = %s
"""


class AtOnce:
    """A project, a person or a role, asked for by a platform admin many times at once, and what came of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._database = world.target.database
        self._slug = f"{world.mark}-at-once"
        self._email = f"{world.mark}-at-once@gate.test"
        self._project = ""
        self._answers: list[Exchange] = []

    # --- acts

    def make_project(self) -> None:
        """A project that is not there yet."""
        self._world.add_cleanup(self._database.execute, "DELETE FROM projects WHERE slug = %s", self._slug)
        self._ask("/projects", {"slug": self._slug, "name": self._slug})

    def allow_person(self) -> None:
        """Somebody who is not allowed yet."""
        sql = "DELETE FROM users WHERE lower(email::text) = %s"
        self._world.add_cleanup(self._database.execute, sql, self._email)
        self._ask("/users", {"email": self._email, "is_platform_admin": False})

    def give_role(self) -> None:
        """To somebody who has none, in a project of this scenario's own."""
        admin, remove = self._world.as_person("admin"), self._world.add_cleanup
        remove(self._database.execute, "DELETE FROM users WHERE lower(email::text) = %s", self._email)
        remove(self._database.execute, "DELETE FROM projects WHERE slug = %s", self._slug)
        made(admin.allow(self._email))
        self._project = made(admin.create_project(self._slug, self._slug)).id
        # No key between the tables is promised that would take it with either of the two.
        remove(self._database.execute, "DELETE FROM project_members WHERE project_id = %s::uuid", self._project)
        body = {"user_id": id_of(self._database, self._email), "role": ROLE}
        self._ask(f"/projects/{self._project}/members", body)

    # --- checks

    def expect_one_project(self) -> None:
        """One row, whose id everybody is told who was told that it is made."""
        rows = self._database.query("SELECT id::text AS id FROM projects WHERE slug = %s", self._slug)
        self._expect_one([row["id"] for row in rows])

    def expect_one_person(self) -> None:
        """The same of a person."""
        sql = "SELECT id::text AS id FROM users WHERE lower(email::text) = %s"
        self._expect_one([row["id"] for row in self._database.query(sql, self._email)])

    def expect_one_role(self) -> None:
        """One row of this pair, with the role."""
        told = self._expect_done(204)
        roles = [row["role"] for row in self._database.query(ROLES_OF, self._project, self._email)]
        ensure(
            roles == [ROLE],
            f"The role {ROLE}, given {TIMES} times at once, is stored as {roles}, wanted it once.\n{told}",
            f"Роль {ROLE} выдана {TIMES} раз сразу, а записано {roles}; нужна она одна.\n{told}",
        )

    def _expect_one(self, stored: list[str]) -> None:
        told = self._expect_done(201)
        # An answer that tells no id is allowed where the contract names none.
        told_of = [answer.json() for answer in self._answers if answer.status == 201 and answer.is_json]
        ids = {str(one["id"]) for one in told_of if one.get("id")}
        ensure(
            len(stored) == 1 and ids <= {*stored},
            f"Asked for {TIMES} times at once, it is stored under {stored} and told under {sorted(ids)}.\n{told}",
            f"После {TIMES} одновременных запросов записано {stored}, а сообщено {sorted(ids)}.\n{told}",
        )

    def _expect_done(self, done: int) -> str:
        """One of the requests was done at least, none is an error; all answers, to be told."""
        told = "\n".join(answer.told() for answer in self._answers)
        statuses = [answer.status for answer in self._answers]
        ensure(
            done in statuses and {*statuses} <= {done, 409},
            f"The same thing asked for {TIMES} times at once is answered {statuses}.\n{told}",
            f"На один и тот же запрос, отправленный {TIMES} раз сразу, ответы {statuses}.\n{told}",
        )
        if 409 in statuses:
            evidence.weaker(
                say(
                    f"Of {TIMES} equal requests at once some are a conflict here: {statuses}.",
                    f"Из {TIMES} одинаковых одновременных запросов часть здесь — конфликт: {statuses}.",
                )
            )
        return told

    # --- helpers

    def _ask(self, path: str, body: object) -> None:
        target = self._world.target
        lines = (
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            *cookie_line(target.people.session("admin").cookies),
        )
        self._answers = target.raw.ask_at_once(
            [Ask("POST", STAFF + path, lines, json.dumps(body, default=str).encode())] * TIMES
        )
