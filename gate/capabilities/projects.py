"""Projects: a platform admin makes and renames them through the console, nobody else does."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from gate import evidence
from gate.console.pages import ProjectsPage
from gate.console.refusal import expect_over
from gate.doors.http import Exchange
from gate.doors.records import Project
from gate.doors.staff import LONGEST_LIST
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.learning_cast import server_default, set_default
from gate.waiting import until

if TYPE_CHECKING:
    from gate.world import World

# What the console sends is committed before the page shows it; this allows for a page that is still on its way.
STORED_WITHIN_SECONDS = 10.0
LEARNING_DEFAULT = "learning_mode_default"
RENAMED = " renamed"
# Contract 2: the code of an error by its status.
CODES = {400: "invalid_argument", 403: "forbidden"}


class Projects:
    """The projects of one scenario; whatever comes of it is removed again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self.slug = f"{world.mark}-project"
        # Letters of two alphabets, and signs that are written otherwise in HTML.
        self.name = f'Gate: проект «{world.mark}» & "Co", длинное название'
        self._page: ProjectsPage | None = None
        self._first: Project | None = None
        self._refused: Exchange | None = None
        self._tried = False
        self._greeted = False

    @property
    def page(self) -> ProjectsPage:
        """The projects page that is open."""
        if self._page is None:
            raise NotProven(say("The projects page is not open.", "Страница проектов не открыта."), "suite")
        return self._page

    # --- means for this and other capabilities

    def make(self, *, greeted: bool = False) -> UUID:
        """A project of this scenario, made through the API by a platform admin.

        Where webhooks come of it GitHub greets them, and the runs of these greetings bear no mark: such a project
        stays until the end of the whole run, by which those have ended.
        """
        self._greeted |= greeted
        self._world.add_cleanup(self.remove)
        return self._made(self.slug, self.name)

    def make_other(self) -> UUID:
        """One more of this scenario, which goes with its first."""
        slug = f"{self.slug}-other"
        return self._made(slug, slug)

    def _made(self, slug: str, name: str) -> UUID:
        answer = self._world.as_person("admin").create_project(slug, name)
        ensure(
            answer.status == 201,
            f"The platform admin could not create a project.\n{answer.told()}",
            f"Платформенный администратор не смог создать проект.\n{answer.told()}",
        )
        return UUID(answer.id)

    def remove(self) -> None:
        """Remove what this scenario made: by the API, and by the database where a build cannot (contract 2)."""
        if self._greeted:
            return
        made = self._stored()
        for project in made:
            self._world.as_person("admin").delete_project(project.id)
        if made and self._stored():
            ids = [str(project.id) for project in made]
            # Where rows of other tables still hold it, it goes with them after the last scenario.
            with suppress(NotProven):
                self._target.database.execute("DELETE FROM projects WHERE id = ANY(%s::uuid[])", ids)

    # --- acts

    def open_page(self, person: str) -> None:
        """Someone has the projects page open."""
        console = self._world.browser.open(person, self._world.language)
        self._page = console.visit(console.projects)

    def create(self) -> None:
        """The form, filled with slug and name."""
        self._world.add_cleanup(self.remove)
        self.page.create(self.slug, self.name)

    def create_and_wait(self) -> None:
        """A project made through the console before."""
        self.create()
        self.page.expect_project(self.slug)
        made = self._wait_stored(self.name)
        # The other default than a new project gets: one that the renaming sets anew would not be seen else.
        set_default(self._target.database, made.id, not made.settings.get(LEARNING_DEFAULT))
        self._first = self._wait_stored(self.name)

    def create_renamed(self) -> None:
        """The same slug once more, with another name."""
        self.name += RENAMED
        self.page.create(self.slug, self.name)

    def create_without(self, field: str) -> None:
        """The form with one field left empty."""
        self._world.add_cleanup(self.remove)
        slug, name = ("", self.name) if field == "slug" else (self.slug, "")
        self._tried = self.page.attempt(slug, name)
        self._refused = self._world.as_person("admin").create_project(slug, name)

    def give_no_name(self) -> None:
        """The slug of a project that is there, by the API, and an empty name."""
        self.make()
        self._refused = self._world.as_person("admin").create_project(self.slug, "")

    def have_been_refused(self) -> None:
        """The form with no name, and the refusal on the page."""
        self._world.add_cleanup(self.remove)
        if self.page.attempt(self.slug, ""):
            self.page.expect_error()

    def try_as_no_admin(self) -> None:
        """Whatever the console offers this person, then the API itself."""
        self._world.add_cleanup(self.remove)
        if self.page.has_form():
            self._tried = self.page.attempt(self.slug, self.name)
        self._refused = self._world.as_person("member").create_project(self.slug, self.name)

    # --- checks

    def expect_in_table(self) -> None:
        """The table of the page shows slug and name, once, and so it does when it is loaded anew."""
        until(
            lambda: self.page.expect_project(self.slug)["Name"],
            lambda name: name == self.name,
            what=Text(
                f"project {self.slug} with the name “{self.name}” in the table",
                f"проект {self.slug} с названием «{self.name}» в таблице",
            ),
            within=STORED_WITHIN_SECONDS,
        )
        self.page.expect_sound()
        evidence.note(str(self.page.expect_kept_project(self.slug).cells))

    def expect_stored(self) -> None:
        """The database has it, and the page shows it as if nothing had been refused."""
        self._wait_stored(self.name)
        expect_over(
            self.page,
            lambda row: row["Slug"] == self.slug,
            Text(f"project {self.slug} in the table", f"проект {self.slug} в таблице"),
        )

    def expect_in_api(self) -> None:
        """The API lists it once, with this name."""
        staff = self._world.as_person("admin")
        listed = staff.projects().items()
        mine = [item for item in listed if item.get("slug") == self.slug]
        if not mine and len(listed) >= LONGEST_LIST:
            # A staging with so many projects cannot list them all; each is there by its id.
            mine = [staff.get(f"/projects/{project.id}").json() for project in self._stored()]
        ensure(
            [item.get("name") for item in mine] == [self.name],
            f"The API has project {self.slug} as {mine}, wanted it once, named “{self.name}”.",
            f"В API проект {self.slug}: {mine}, а нужен один, с названием «{self.name}».",
        )

    def expect_in_database(self) -> None:
        """The database has it once, with the server's learning default in its settings (contract 2)."""
        stored = self._wait_stored(self.name)
        wanted = server_default(self._target)
        ensure(
            stored.settings.get(LEARNING_DEFAULT) is wanted,
            f"The new project's {LEARNING_DEFAULT} is {stored.settings.get(LEARNING_DEFAULT)}, "
            f"the server's default is {wanted}. Settings: {stored.settings}",
            f"У нового проекта {LEARNING_DEFAULT} = {stored.settings.get(LEARNING_DEFAULT)}, "
            f"а серверное значение — {wanted}. Настройки: {stored.settings}",
        )

    def expect_renamed(self) -> None:
        """It is still the same one project, with the new name and the learning default that it had."""
        before, now = self._first, self._wait_stored(self.name)
        # Of a project's settings contract 3 names this one; what else a build keeps there is its own affair.
        kept = before is not None and now.settings.get(LEARNING_DEFAULT) == before.settings.get(LEARNING_DEFAULT)
        ensure(
            before is not None and now.id == before.id and kept,
            f"The same slug made another project or changed its {LEARNING_DEFAULT}: before {before}, now {now}.",
            f"Тот же слаг создал другой проект или изменил {LEARNING_DEFAULT}: было {before}, стало {now}.",
        )
        self.expect_in_api()

    def expect_told_as_stored(self) -> None:
        """Who gives the same slug once more is told the project that there is (contract 2: upsert by slug)."""
        stored = self._wait_stored(self.name)
        answer = self._world.as_person("admin").create_project(self.slug, self.name)
        told, wanted = answer.parsed(), {"id": str(stored.id), "slug": self.slug, "name": self.name}
        got = {name: told.get(name) for name in wanted} if isinstance(told, dict) else told
        ensure(
            answer.status == 201 and got == wanted,
            f"Who gives a known slug is told {got}, stored is {wanted}.\n{answer.told()}",
            f"Давшему известный слаг сообщено {got}, а записано {wanted}.\n{answer.told()}",
        )

    def expect_own_error(self) -> None:
        """The page says in a text of its own that it was refused, if it let one ask."""
        if self._tried:
            evidence.note(self.page.expect_error())
            return
        evidence.note(say("The form is not sent like this.", "В таком виде форма не отправляется."))

    def expect_refused_by_api(self, status: int, message: str = "") -> None:
        """The API refused the same thing (contract 2)."""
        answer = self._refused
        told = answer.parsed() if answer else None
        ensure(
            answer
            and answer.status == status
            and answer.is_json
            and isinstance(told, dict)
            and told.get("code") == CODES[status]
            and message in str(told.get("message", "")),
            f"The API did not answer {status} {CODES[status]} “{message}” in JSON.\n{answer and answer.told()}",
            f"API ответил не {status} {CODES[status]} «{message}» в JSON.\n{answer and answer.told()}",
        )

    def expect_console_refused(self) -> None:
        """The console offered no form, or sending it led to an error text."""
        if self._tried:
            self.expect_own_error()
            evidence.residual_risk(
                say(
                    "The console shows the form that creates projects to somebody who is no admin; it is refused.",
                    "Консоль показывает неадминистратору форму создания проекта; API отказывает.",
                )
            )

    def expect_name_kept(self) -> None:
        """It is there once, under the name that it had."""
        names = [project.name for project in self._stored()]
        ensure(
            names == [self.name],
            f"A refused name changed the project: it is now {names}, wanted “{self.name}” once.",
            f"Отвергнутое название изменило проект: теперь {names}, а нужно одно «{self.name}».",
        )

    def expect_none_stored(self) -> None:
        """Nothing of it is in the database."""
        stored = self._stored()
        ensure(
            not stored,
            f"A project was stored although it was refused: {stored}",
            f"Проект сохранён, хотя в нём отказано: {stored}",
        )

    # --- helpers

    def _stored(self) -> list[Project]:
        """All that came of this scenario, also where slug and name were mixed up or a second one was made."""
        words = [self.slug, self.name, self.name.removesuffix(RENAMED)]
        rows = self._target.database.query(
            "SELECT id, slug, name, settings FROM projects WHERE slug = ANY(%s) OR name = ANY(%s) OR slug LIKE %s",
            words,
            words,
            f"{self.slug}-%",
        )
        return [Project(**row) for row in rows]

    def _wait_stored(self, name: str) -> Project:
        found = until(
            self._stored,
            lambda stored: [project.name for project in stored] == [name],
            hopeless=lambda stored: len(stored) > 1,
            what=Text(
                f"one project {self.slug} named “{name}” in the database",
                f"один проект {self.slug} с названием «{name}» в базе",
            ),
            within=STORED_WITHIN_SECONDS,
        )
        if found[0].slug != self.slug:
            raise Broken(
                say(
                    f"The project was stored under the slug “{found[0].slug}”, not “{self.slug}”.",
                    f"Проект сохранён под слагом «{found[0].slug}», а не «{self.slug}».",
                )
            )
        return found[0]
