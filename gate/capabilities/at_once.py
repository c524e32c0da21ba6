"""The same thing asked of the staff API several times at the same moment, as a double click does (contract 2)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gate import evidence
from gate.capabilities.boundary import cookie_line
from gate.doors.http import Exchange
from gate.doors.raw import Ask
from gate.doors.staff import STAFF
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.world import World

TIMES = 5


class AtOnce:
    """One project or one person, asked for by a platform admin many times at once, and what came of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._database = world.target.database
        self._slug = f"{world.mark}-at-once"
        self._email = f"{world.mark}-at-once@gate.test"
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

    # --- checks

    def expect_one_project(self) -> None:
        """One row, whose id everybody is told who was told that it is made."""
        rows = self._database.query("SELECT id::text AS id FROM projects WHERE slug = %s", self._slug)
        self._expect_one([row["id"] for row in rows])

    def expect_one_person(self) -> None:
        """The same of a person."""
        sql = "SELECT id::text AS id FROM users WHERE lower(email::text) = %s"
        self._expect_one([row["id"] for row in self._database.query(sql, self._email)])

    def _expect_one(self, stored: list[str]) -> None:
        told = "\n".join(answer.told() for answer in self._answers)
        statuses = [answer.status for answer in self._answers]
        ensure(
            201 in statuses and {*statuses} <= {201, 409},
            f"The same thing asked for {TIMES} times at once is answered {statuses}.\n{told}",
            f"На один и тот же запрос, отправленный {TIMES} раз сразу, ответы {statuses}.\n{told}",
        )
        # An answer that tells no id is allowed where the contract names none.
        told_of = [answer.json() for answer in self._answers if answer.status == 201 and answer.is_json]
        ids = {str(one["id"]) for one in told_of if one.get("id")}
        ensure(
            len(stored) == 1 and ids <= {*stored},
            f"Asked for {TIMES} times at once, it is stored under {stored} and told under {sorted(ids)}.\n{told}",
            f"После {TIMES} одновременных запросов записано {stored}, а сообщено {sorted(ids)}.\n{told}",
        )
        if 409 in statuses:
            evidence.weaker(
                say(
                    f"Of {TIMES} equal requests at once some are a conflict here: {statuses}.",
                    f"Из {TIMES} одинаковых одновременных запросов часть здесь — конфликт: {statuses}.",
                )
            )

    # --- helpers

    def _ask(self, path: str, body: object) -> None:
        target = self._world.target
        lines = (
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            *cookie_line(target.people.session("admin").cookies),
        )
        self._answers = target.raw.ask_at_once(
            [Ask("POST", STAFF + path, lines, json.dumps(body).encode())] * TIMES
        )
