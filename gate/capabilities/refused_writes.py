"""What nobody may write who has not signed in or is not allowed: each way to write, and whether it was stored.

It is asked of things that nobody made, or bears the mark of the scenario, and is swept after the run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gate.capabilities.boundary import JSON, Probe
from gate.doors.raw import Ask, Lines
from gate.doors.staff import STAFF
from gate.language import ensure

if TYPE_CHECKING:
    from gate.world import World

# Ones that nobody made: who is not allowed hears nothing else of them than of those that are there.
NOBODYS = "00000000-0000-4000-8000-000000000000"
PROJECT = f"{STAFF}/projects/{NOBODYS}"
RUN = f"{STAFF}/runs/{NOBODYS}"
MARKED, PERSON = "{mark}-refused", "{mark}-refused@gate.test"
MEMBER = f"{PROJECT}/members/{NOBODYS}"
STORED = """
SELECT slug AS what FROM projects WHERE slug LIKE %(mark)s
UNION ALL SELECT email::text FROM users WHERE email::text LIKE %(mark)s
"""


@dataclass(frozen=True)
class Write:
    """A request that would change something if it were let."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None

    def sent(self, mark: str) -> dict[str, Any] | None:
        """Its body, marked."""
        if self.body is None:
            return None
        return {
            name: value.format(mark=mark) if isinstance(value, str) else value for name, value in self.body.items()
        }


ATTACHED = {"provider": "github", "owner": MARKED, "name": "none", "token": "none", "services_yaml_path": "none"}
WRITES: Mapping[str, Write] = {
    "make a project": Write("POST", f"{STAFF}/projects", {"slug": MARKED, "name": MARKED}),
    "allow a person": Write("POST", f"{STAFF}/users", {"email": PERSON, "is_platform_admin": False}),
    "give a role": Write("POST", f"{PROJECT}/members", {"email": PERSON, "role": "read"}),
    "attach a repository": Write("POST", f"{PROJECT}/repositories", ATTACHED),
    "change a member's learning": Write("PUT", f"{MEMBER}/learning-mode", {"enabled": True}),
    "take a role away": Write("DELETE", MEMBER),
    "detach a repository": Write("DELETE", f"{PROJECT}/repositories/{NOBODYS}"),
    "take a person off the list": Write("DELETE", f"{STAFF}/users/{NOBODYS}"),
    # Absent in the first builds of S1 (contract 2).
    "delete a project": Write("DELETE", PROJECT),
}


def probes(mark: str, lines: Lines = ()) -> Iterator[Probe]:
    """All of them, with these headers."""
    for write in WRITES.values():
        sent = write.sent(mark)
        body = b"" if sent is None else json.dumps(sent).encode()
        head = (JSON, ("Content-Type", "application/json"), *lines)
        yield Probe(f"{write.method} {write.path}", Ask(write.method, write.path, head, body))


def expect_nothing_stored(world: World) -> None:
    """No project and no user of the scenario's mark is in the database."""
    rows = world.target.database.query(STORED, {"mark": f"{MARKED.format(mark=world.mark)}%"})
    stored = [str(row["what"]) for row in rows]
    ensure(
        not stored,
        f"It was asked by somebody who may not, and is stored: {', '.join(stored)}.",
        f"Об этом просил тот, кому нельзя, а в базе теперь есть: {', '.join(stored)}.",
    )
