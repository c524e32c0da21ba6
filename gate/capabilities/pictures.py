"""s1.evidence.2: the pictures that the gate document asks for, named after its line."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from gate import evidence
from gate.capabilities.run_on_record import rows_of
from gate.capabilities.second_try import attached_by_form
from gate.console.page import Page
from gate.doors.webhook import made_up_id, new_delivery
from gate.errors import NotProven
from gate.language import Text, ensure, say
from gate.learning_cast import nobodys_token
from gate.redaction import shows_secret
from gate.run_stories import another_lines_matter
from gate.watching import ENDED, Watched

if TYPE_CHECKING:
    from gate.console.details import RepositoriesPage, RunPage
    from gate.world import World

LINE = "s1.evidence.2"
# A picture narrower than this shows a console that nobody can read.
LEAST_WIDTH = 800


class Pictures:
    """The pictures of one scenario: taken when what they are to show is there, and free of secrets."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._run_id = ""
        self._correlation_id = ""
        self._page: Page | None = None
        # How much there was to be shown of the run when its page was opened.
        self._known = 0

    # --- Projects -> Repos attach

    def attach(self) -> None:
        """From the list of projects to the repositories of one, and attach there."""
        repositories = self._world.repositories
        console = self._world.browser.open("admin", self._world.language)
        console.visit(console.projects).follow_repositories(self._world.projects.slug)
        page: RepositoriesPage = console.repositories(repositories.project_id)
        page.expect_shown()
        for name in repositories.names:
            attached_by_form(page, self._target.github, name, repositories.token)
            evidence.succeeded("attach")
        self._page = page

    # --- Runs -> Details

    def let_run_end(self) -> None:
        """A run with learning feedback, from its delivery to its end."""
        project_id = self._world.projects.make()
        external_id = made_up_id()
        full_name = f"{self._world.mark}/evidence"
        self._teach(project_id, external_id, full_name)
        delivery = new_delivery(self._world.mark, "pull_request", repository=full_name, repository_id=external_id)
        answer = self._target.webhook.deliver(delivery)
        self._run_id, self._correlation_id = str(answer.json().get("run_id")), str(delivery.id)
        watched = Watched(self._target, project_id, full_name)
        watched.add(self._correlation_id)
        with another_lines_matter():
            watched.until(
                lambda look: look.feedback and all(run.status in ENDED for run in look.runs),
                Text(
                    f"run {self._run_id} ended and has learning feedback",
                    f"запуск {self._run_id} закончен, и к нему есть обратная связь обучения",
                ),
            )

    def open_details(self) -> None:
        """From the list of runs to the details of this one."""
        console = self._world.browser.open("admin", self._world.language)
        console.visit(console.runs)
        self._known = self._rows()
        console.runs.follow_details(self._run_id)
        page: RunPage = console.run(self._run_id)
        page.expect_shown()
        page.expect_ids(self._run_id, self._correlation_id)
        self._page = page

    def expect_details_legible(self) -> None:
        """Every event and every feedback of the database can be read on the page."""
        page = self._world_run_page()
        if self._rows() > self._known:
            page.reload()
        database = self._target.database
        events, feedback = database.events_of(self._correlation_id), database.feedback_of(self._run_id)
        shown_events, shown_feedback = page.expect_events(len(events)), page.expect_feedback(len(feedback))
        pills = [item.told for item in shown_events]
        types = [event.event_type for event in events]
        missing = [name for name in types if not any(item.is_of(name) for item in shown_events)]
        ensure(
            not missing and all(item.text.strip() for item in shown_events),
            f"Not every event can be read on the page: missing {missing}, shown {pills}.",
            f"Не каждое событие можно прочесть на странице: нет {missing}, показаны {pills}.",
        )
        texts = " ".join(" ".join(item.text.split()) for item in shown_feedback)
        unread = [item.explanation for item in feedback if " ".join(item.explanation.split()) not in texts]
        ensure(
            not unread,
            f"The learning feedback cannot be read on the page: {unread}. Shown: {texts}",
            f"Обратную связь обучения нельзя прочесть на странице: {unread}. Показано: {texts}",
        )

    # --- the picture itself

    def take(self, what: str) -> None:
        """The full page as a picture, attached and kept under the line's name."""
        page = self._shown_page()
        page.window.settle()
        self._expect_no_secret(page)
        name = f"{LINE}-{what}.{self._world.language}.png"
        png = page.picture(name)
        self._expect_whole(page, png)
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_bytes(png)
        if self._run_id:
            evidence.names_run(self._run_id)
            evidence.note(f"run_id: {self._run_id}")

    def _rows(self) -> int:
        return rows_of(self._target.database, self._run_id, self._correlation_id)

    @property
    def _folder(self) -> Path:
        return Path(self._target.settings["GATE_REPORTS"]) / "screenshots"

    def _shown_page(self) -> Page:
        if self._page is None:
            raise NotProven(
                say("No page was opened to be pictured.", "Нет открытой страницы для снимка."), "suite"
            )
        return self._page

    def _world_run_page(self) -> RunPage:
        from gate.console.details import RunPage

        page = self._shown_page()
        assert isinstance(page, RunPage)
        return page

    def _expect_no_secret(self, page: Page) -> None:
        """What a reader sees opens nothing; what else may be a secret is covered in the picture."""
        text = page.window.text()
        ensure(
            not shows_secret(text),
            "The page shows a secret, so no picture of it may be kept.",
            "На странице виден секрет, такой снимок сохранять нельзя.",
        )

    def _expect_whole(self, page: Page, png: bytes) -> None:
        """As wide and high as the page: one that is cut off proves nothing, and is the gate's own doing."""
        width, height = struct.unpack(">II", png[16:24])
        whole = page.window.page.evaluate(
            "() => [document.documentElement.clientWidth, document.documentElement.scrollHeight]"
        )
        if width < max(LEAST_WIDTH, whole[0]) or height < whole[1]:
            raise NotProven(
                say(
                    f"The picture is {width} x {height}, the page {whole[0]} x {whole[1]}.",
                    f"Снимок {width} x {height}, а страница {whole[0]} x {whole[1]}.",
                ),
                "suite",
            )

    # --- helpers

    def _teach(self, project_id: UUID, external_id: int, full_name: str) -> None:
        """Learning mode on and a made-up repository attached: no API sets the one, GitHub knows not the other."""
        # Before the project goes: the platform could not make a token of what is stored here.
        forget = "DELETE FROM repositories WHERE provider = 'github' AND external_id = %s"
        self._world.add_cleanup(self._target.database.execute, forget, external_id)
        self._target.database.execute(
            "UPDATE projects SET settings = settings || '{\"learning_mode_default\": true}' WHERE id = %s::uuid",
            str(project_id),
        )
        self._target.database.attach(project_id, external_id, full_name, nobodys_token(self._target))
