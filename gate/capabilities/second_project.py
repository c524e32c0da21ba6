"""A repository of one project that somebody attaches to a second one: in one of them, and the first unharmed.

Whether a build moves it or refuses to, the contract leaves open; it belongs to one project (contract 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from gate import evidence
from gate.capabilities.repositories import SERVICES_YAML, Repositories
from gate.doors.http import Exchange
from gate.doors.records import Repository
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.world import World


class SecondProject:
    """The project beside that of the test repositories, and what the first had before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._second: UUID | None = None
        self._before: Repository | None = None

    @property
    def _all(self) -> Repositories:
        return self._world.repositories

    # --- acts

    def attach(self, name: str) -> None:
        """To a second project, with another path of services.yaml than the first gave."""
        self._before = self._all.row(name)
        self._second = self._world.projects.make_other()
        self._world.add_cleanup(self._all.detach_from, self._second)
        self._all.ask_to_attach(name, self._all.token, self._second, SERVICES_YAML)

    # --- checks

    def expect_in_one(self, name: str) -> None:
        """In the second project if that was told, else still in the first; in the answers as in the database."""
        answer, listed = self._all.answers[-1], self._listed()
        owner = self._second if answer.status == 201 else self._all.project_id
        own = [name.lower()]
        wanted = {project: (own, own) if project == str(owner) else ([], []) for project in listed}
        ensure(
            answer.status >= 400 or answer.status == 201,
            f"{name} was neither attached to the second project nor refused.\n{answer.told()}",
            f"{name} не подключён ко второму проекту, но и отказа нет.\n{answer.told()}",
        )
        ensure(
            listed == wanted,
            f"After the answer {answer.status} the projects have {listed}, wanted {wanted}.",
            f"После ответа {answer.status} у проектов {listed}, а нужно {wanted}.",
        )
        if answer.status >= 500:
            _tell_crash(answer)
        if answer.status != 201:
            self._expect_unchanged(name)
        self._all.hooks.expect_one_only(name)

    # --- helpers

    def _listed(self) -> dict[str, tuple[list[str], list[str]]]:
        """What each project has, by the API and in the database."""
        listed = {}
        for project in (self._all.project_id, self._second):
            shown = self._world.as_person("admin").repositories(project).items()
            stored = self._world.target.database.repositories_of(str(project))
            listed[str(project)] = (
                [f"{item.get('owner')}/{item.get('name')}".lower() for item in shown],
                [f"{row.owner}/{row.name}".lower() for row in stored],
            )
        return listed

    def _expect_unchanged(self, name: str) -> None:
        """Who is refused has changed nothing: not the token, nor the path."""
        before, now = self._before, self._all.row(name)
        assert before is not None
        ensure(
            now.services_yaml_path == before.services_yaml_path,
            f"A second project was refused {name}, and its services.yaml in the first is now "
            f"{now.services_yaml_path}, not {before.services_yaml_path}.",
            f"Второму проекту отказано в {name}, а в первом путь к services.yaml теперь "
            f"{now.services_yaml_path}, а не {before.services_yaml_path}.",
        )
        ensure(
            bytes(now.token_encrypted) == bytes(before.token_encrypted),
            f"A second project was refused {name}, and the token that the first has for it was changed.",
            f"Второму проекту отказано в {name}, а токен, который был для него у первого, изменён.",
        )


def _tell_crash(answer: Exchange) -> None:
    """Contract 2 has `conflict` for it; a 5xx may as well be GitHub's doing."""
    evidence.residual_risk(
        say(
            f"A second project is refused a repository with {answer.status}, as by a crash, not a conflict.\n"
            f"{answer.told()}",
            f"Второму проекту отказано в репозитории с {answer.status}, как при сбое, а не из-за конфликта.\n"
            f"{answer.told()}",
        )
    )
