"""Repositories of a project: attached through the console or the API, with a token that nobody else can read.

The test repositories are real ones and are shared: what is attached elsewhere is never detached here, and every
webhook is put back as it was.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gate import evidence
from gate.capabilities.role_cast import READER, WRITER, member_of
from gate.capabilities.second_try import asked_twice, attached_by_form
from gate.console.details import RepositoriesPage
from gate.console.lists import id_in_full
from gate.console.refusal import expect_over
from gate.console.view import Row
from gate.doors.database import REPOSITORIES_TURN
from gate.doors.http import Exchange
from gate.doors.records import Repository
from gate.doors.staff import Staff
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.waiting import until

if TYPE_CHECKING:
    from gate.capabilities.attached_hooks import AttachedHooks
    from gate.capabilities.stored_tokens import StoredTokens
    from gate.capabilities.token_leaks import TokenLeaks
    from gate.world import World

NEEDED = 2
# Not what the form or the platform might put there by itself.
SERVICES_YAML = "deploy/gate/services.yaml"
# A page may write a long number in groups.
GROUPED = re.compile(r"(?<=\d)[\s,.'’](?=\d)")
STORED_WITHIN_SECONDS = 10.0
# For how many runs of another gate this one waits for its turn.
TURN_RUNS = 3


class Repositories:
    """The test repositories in one scenario, and the project that they are attached to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self.names: list[str] = []
        self.ids: dict[str, int] = {}
        self.project_id: UUID | None = None
        self.attached: list[str] = []
        self.answers: list[Exchange] = []
        self._page: RepositoriesPage | None = None
        self._told_anew = False
        self._stored_before = b""
        self._writer: Staff | None = None

    @property
    def token(self) -> str:
        """The token that is given for a repository."""
        return self._target.fact("GATE_GITHUB_TOKEN")

    @property
    def page(self) -> RepositoriesPage:
        """The project's repositories in a platform admin's console; opened when it is first needed."""
        if self._page is None:
            console = self._world.browser.open("admin", self._world.language)
            self._page = console.repositories(self.project_id)
            self.leaks.listen(self._page.window.page)
            console.visit(self._page)
        return self._page

    @property
    def hooks(self) -> AttachedHooks:
        """The webhooks of the test repositories."""
        return self._hooks

    @property
    def leaks(self) -> TokenLeaks:
        """Everything that could have told the token."""
        return self._leaks

    @property
    def stored(self) -> StoredTokens:
        """What the database keeps of the token."""
        return self._stored

    def listed(self) -> Exchange:
        """The API's list of them."""
        return self._world.as_person("admin").repositories(self.project_id)

    # --- means for this and other capabilities

    def ask_to_attach(
        self,
        name: str,
        token: str,
        project: UUID | None = None,
        services_yaml: str = "services.yaml",
        by: Staff | None = None,
    ) -> Exchange:
        """Ask for one through the API; the answer is kept."""
        owner, _, repository = name.partition("/")
        staff = by or self._world.as_person("admin")
        answer = staff.attach_repository(project or self.project_id, owner, repository, token, services_yaml)
        self.answers.append(answer)
        return answer

    def row(self, name: str) -> Repository:
        """Its row in the project; waits until it is stored."""
        rows = until(
            self._rows,
            lambda rows: any(_is(row, name) for row in rows),
            what=Text(f"{name} in the database", f"{name} в базе"),
            within=STORED_WITHIN_SECONDS,
        )
        return next(row for row in rows if _is(row, name))

    def detach_from(self, project: UUID | None) -> None:
        """By the API; the database does what that leaves. Only what hangs on a project of this scenario."""
        database = self._target.database
        for row in database.repositories_of(str(project)):
            # A row that stayed would keep the test repositories from every later scenario.
            with suppress(Broken, NotProven):
                self._world.as_person("admin").detach_repository(project, row.id)
        if database.repositories_of(str(project)):
            database.execute("DELETE FROM repositories WHERE project_id = %s::uuid", str(project))

    # --- acts

    def prepare(self, count: int = NEEDED) -> None:
        """A project of this scenario, and so many test repositories that are attached to nothing."""
        from gate.capabilities.attached_hooks import AttachedHooks
        from gate.capabilities.stored_tokens import StoredTokens
        from gate.capabilities.token_leaks import TokenLeaks

        given = list(self._target.settings["GATE_GITHUB_REPOSITORIES"])[:count]
        if len(given) < count:
            raise NotProven(
                say(
                    f"{count} test repositories are needed: set GATE_GITHUB_REPOSITORIES and GATE_GITHUB_TOKEN.",
                    f"Нужно тестовых репозиториев: {count}. Задайте GATE_GITHUB_REPOSITORIES и GATE_GITHUB_TOKEN.",
                )
            )
        self._await_turn()
        self.ids = dict(map(self._target.github.repository, given))
        self.names = list(self.ids)
        self.expect_free()
        self._leaks = TokenLeaks(self._target, self.token)
        self._stored = StoredTokens(self._target, self.token, self._rows)
        self._hooks = AttachedHooks(self._world, self.ids)
        self.project_id = self._world.projects.make(greeted=True)
        self._world.add_cleanup(self._hooks.put_back)
        self._world.add_cleanup(self.detach_from, self.project_id)

    def attach_all_in_console(self) -> None:
        """Every test repository, one after the other, through the form."""
        self.leaks.remember()
        for name in self.names:
            self.attach_in_console(name)

    def attach_in_console(self, name: str, token: str = "") -> None:
        """One repository through the form; waits until the page lists it."""
        attached_by_form(self.page, self._target.github, name, token or self.token, SERVICES_YAML)
        self.attached.append(name)
        evidence.succeeded("attach")

    def attach_all(self) -> None:
        """Every test repository, through the API."""
        for name in self.names:
            self.attach(name)

    def attach(self, name: str, by: Staff | None = None) -> None:
        """One repository through the API, by a platform admin or somebody else who may."""
        answer = self._ask_twice(name, by=by)
        if answer.status != 201:
            self._expect_github(name)
        ensure(
            answer.status == 201,
            f"{name} was not attached.\n{answer.told()}",
            f"{name} не подключён.\n{answer.told()}",
        )
        self.attached.append(name)
        evidence.succeeded("attach")

    def _ask_twice(self, name: str, services_yaml: str = "services.yaml", by: Staff | None = None) -> Exchange:
        """With the right token."""
        ask = partial(self.ask_to_attach, name, self.token, services_yaml=services_yaml, by=by)
        try:
            return asked_twice(ask, name)
        except Broken:
            self._expect_github(name)
            raise

    def _expect_github(self, name: str) -> None:
        """`NotProven` when GitHub refuses the gate as well: then it is not the platform that does not attach."""
        self._target.github.repository(name)

    def have_writer(self, person: str = WRITER) -> None:
        """A member of the project who may write in it."""
        assert self.project_id is not None
        self._writer = member_of(self._world, self.project_id, person)

    def detach_as_reader(self, name: str) -> None:
        """One repository, by a member who may only read."""
        assert self.project_id is not None
        self.hooks.expect_one_only(name)
        reader = member_of(self._world, self.project_id, READER)
        _expect_forbidden(reader.detach_repository(self.project_id, self.row(name).id))

    def attach_as_reader(self, name: str) -> None:
        """The same the other way round, with the token that GitHub takes."""
        assert self.project_id is not None
        reader = member_of(self._world, self.project_id, READER)
        _expect_forbidden(self.ask_to_attach(name, self.token, by=reader))

    def attach_as_writer(self, name: str) -> None:
        """One repository, by that member."""
        self.attach(name, self._writer)

    def detach_as_writer(self, name: str) -> None:
        """The same the other way round."""
        self.detach(name, self._writer)

    def attach_again(self, name: str) -> None:
        """Once more, through the API; whether a build updates it or says that it is there is not promised.

        Another token is stored meanwhile, as it is where somebody comes with a new one.
        """
        self.stored.outdate(self.row(name))
        answer = self._ask_twice(name, SERVICES_YAML)
        self._told_anew = answer.status == 201
        ensure(
            answer.status in (200, 201, 204, 409),
            f"{name} was neither attached again nor told to be there.\n{answer.told()}",
            f"{name} не подключён ещё раз и не назван уже подключённым.\n{answer.told()}",
        )

    def attach_again_unknown(self, name: str) -> None:
        """Once more, with a token that GitHub does not know."""
        self._stored_before = bytes(self.row(name).token_encrypted)
        self.ask_to_attach(name, f"ghp_{secrets.token_hex(18)}")

    def expect_token_kept(self, name: str) -> None:
        """The token that GitHub took is the one that stays."""
        self.stored.expect_unchanged(self.row(name), self._stored_before)

    def attach_after_refusal(self) -> None:
        """The first one through the form that was refused something just now."""
        owner, _, name = self.names[0].partition("/")
        self.page.attach(owner, name, self.token, SERVICES_YAML)

    def detach(self, name: str, by: Staff | None = None) -> None:
        """Detach through the API, by a platform admin or somebody else who may.

        Not before GitHub lists its hook: by that list the platform finds the hook that is to go (contract 5).
        """
        row = self.row(name)
        gone = Text("", "")
        if name in self.hooks.bare:
            gone = Text(", whose webhook somebody had removed,", ", чей вебхук удалили вручную,")
        else:
            self.hooks.expect_one_only(name)
        answer = (by or self._world.as_person("admin")).detach_repository(self.project_id, row.id)
        ensure(
            answer.status == 204,
            f"{name}{gone.en} was not detached.\n{answer.told()}",
            f"{name}{gone.ru} не отключён.\n{answer.told()}",
        )
        self.attached.remove(name)

    # --- checks

    def expect_free(self) -> None:
        """A repository belongs to one project (contract 3); what is attached elsewhere is not ours to detach."""
        taken = self._target.database.query(
            "SELECT r.owner, r.name, p.slug FROM repositories r JOIN projects p ON p.id = r.project_id"
            " WHERE r.provider = 'github' AND r.external_id = ANY(%s)",
            list(self.ids.values()),
        )
        if taken:
            told = ", ".join(f"{row['owner']}/{row['name']} -> {row['slug']}" for row in taken)
            raise NotProven(
                say(
                    f"Test repositories are attached elsewhere: {told}. Detach them there, or name others.",
                    f"Тестовые репозитории подключены не здесь: {told}. Отключите их там или назовите другие.",
                ),
                "staging",
            )

    def expect_attached(self) -> None:
        """Page, API and database name all of them, with GitHub's own ids and the path that was given."""
        self.page.expect_sound()
        rows = self.page.rows()
        shown = [(row["Repo"], GROUPED.sub("", row["External ID"]), row["services.yaml"]) for row in rows]
        listed = [
            (f"{item.get('owner')}/{item.get('name')}", item.get("external_id"), item.get("services_yaml_path"))
            for item in self.listed().items()
        ]
        stored = [(f"{row.owner}/{row.name}", row.external_id, row.services_yaml_path) for row in self._rows()]
        wanted = _plain((name, number, SERVICES_YAML) for name, number in self.ids.items())
        for where, found in ((say("page", "страница"), shown), ("API", listed), (say("database", "база"), stored)):
            ensure(
                _plain(found) == wanted,
                f"{where}: attached are {_plain(found)}, wanted {wanted}.",
                f"{where}: подключены {_plain(found)}, а нужны {wanted}.",
            )
        self._expect_whole(rows)

    def expect_stored(self) -> None:
        """The page shows the first one, in its own time and as if nothing was refused; the database has it."""
        name = self.names[0]
        try:
            expect_over(
                self.page,
                lambda row: row["Repo"].lower() == name.lower(),
                Text(f"repository {name} in the table", f"репозиторий {name} в таблице"),
            )
            self.row(name)
        except Broken:
            self._expect_github(name)
            raise

    def expect_token_nowhere(self) -> None:
        """No spelling of the token in the database, the API's answers, the page, or the logs."""
        self.leaks.know_stored(bytes(row.token_encrypted) for row in self._rows())
        self.leaks.look_in_database(self.project_id)
        self.leaks.look_in_answers([self.listed(), *self.answers])
        self.leaks.look_in_page(self.page)
        self.leaks.look_in_logs()

    def expect_nothing_stored(self) -> None:
        """No repository in the project, by API and database, and no webhook touched."""
        rows, listed = self._rows(), self.listed().items()
        told = [f"{row.owner}/{row.name}" for row in rows] or listed
        ensure(
            not rows and not listed,
            f"A repository was stored although it was refused: {told}",
            f"Репозиторий сохранён, хотя в нём отказано: {told}",
        )
        self.hooks.expect_untouched()

    def expect_once(self, name: str) -> None:
        """The project has this repository once."""
        rows = [row for row in self._rows() if _is(row, name)]
        ensure(
            len(rows) == 1,
            f"{name} is attached {len(rows)} times.",
            f"{name} подключён столько раз: {len(rows)}.",
        )
        path = rows[0].services_yaml_path
        ensure(
            not self._told_anew or path == SERVICES_YAML,
            f"{name} was attached again with 201, but its services.yaml is still {path}.",
            f"{name} подключён ещё раз с ответом 201, но путь к services.yaml прежний: {path}.",
        )
        if self._told_anew:
            self.stored.expect_renewed(rows[0])

    def expect_hook_as_told(self, name: str) -> None:
        """One webhook; what was told to be attached anew has it ensured anew (contract 2)."""
        if self._told_anew:
            self.hooks.expect_updated(name)
        else:
            self.hooks.expect_one_only(name)

    def expect_detached(self, name: str) -> None:
        """API and database no longer have it, and still have the others."""
        others = sorted(other.lower() for other in self.attached)
        listed = [f"{item.get('owner')}/{item.get('name')}" for item in self.listed().items()]
        stored = [f"{row.owner}/{row.name}" for row in self._rows()]
        ensure(
            sorted(map(str.lower, listed)) == sorted(map(str.lower, stored)) == others,
            f"After {name} was detached the API has {listed}, the database {stored}, wanted {others}.",
            f"После отключения {name} в API {listed}, в базе {stored}, а нужно {others}.",
        )

    # --- helpers

    def _expect_whole(self, shown: Iterable[Row]) -> None:
        """Each row of the page names GitHub, and the id under which the database has the repository."""
        ids = {f"{row.owner}/{row.name}".lower(): str(row.id) for row in self._rows()}
        for row in shown:
            id_ = ids[row["Repo"].lower()].lower()
            ensure(
                "github" in row["Provider"].lower() and id_in_full(row, ids.values()).lower() == id_,
                f"The page has {row['Repo']} with the provider “{row['Provider']}” and the id “{row['ID']}”, "
                f"wanted github and {id_}.",
                f"На странице у {row['Repo']} провайдер «{row['Provider']}» и ID «{row['ID']}», "
                f"а нужны github и {id_}.",
            )

    def _await_turn(self) -> None:
        """Two gates at one staging may share the test repositories: each scenario has them to itself."""
        database = self._target.database
        try:
            until(
                lambda: database.locked(REPOSITORIES_TURN),
                bool,
                what=Text("the turn of this gate at the test repositories", "очередь к тестовым репозиториям"),
                within=TURN_RUNS * self._target.settings["GATE_RUN_SECONDS"],
            )
        except Broken as late:
            raise NotProven(str(late), "staging") from None
        self._world.add_cleanup(database.unlock, REPOSITORIES_TURN)

    def _rows(self) -> list[Repository]:
        return self._target.database.repositories_of(str(self.project_id))


def _expect_forbidden(answer: Exchange) -> None:
    ensure(
        answer.status == 403,
        f"Who may only read was answered {answer.status}, wanted 403.\n{answer.told()}",
        f"Тому, кто может лишь читать, ответ {answer.status}, а нужен 403.\n{answer.told()}",
    )


def _plain(found: Iterable[tuple[Any, Any, Any]]) -> list[tuple[str, str, str]]:
    """Name, number and path in one order; GitHub's names are the same in any case."""
    return sorted((str(name).lower(), str(number), str(path)) for name, number, path in found)


def _is(row: Repository, full_name: str) -> bool:
    """GitHub's names are the same in any case; a build may keep them in either."""
    return f"{row.owner}/{row.name}".lower() == full_name.lower()
