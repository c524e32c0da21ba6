"""Where a repository's token could have got out: each place is searched for every spelling of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.doors.http import Exchange
from gate.doors.secrecy import found_in
from gate.errors import NotProven
from gate.language import ensure, say

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage
    from playwright.sync_api import Response

    from gate.console.details import RepositoriesPage
    from gate.target import Target

# The logs are asked for a little longer than the scenario took: the cluster's clock is not ours.
LOG_MARGIN_SECONDS = 120


class TokenLeaks:
    """What was there when the scenario began, and what is there now."""

    def __init__(self, target: Target, token: str) -> None:
        self._target = target
        self._token = token
        self._began = datetime.now(UTC)
        self._last_event = target.database.value("SELECT coalesce(max(id), 0) FROM flow_events")
        self._heard: list[Response] = []
        self._logged_before: set[str] = set()

    def remember_logs(self) -> None:
        """What the logs say already is not this scenario's doing."""
        for log in self._logs().values():
            self._logged_before.update(log.splitlines())

    def listen(self, page: BrowserPage) -> None:
        """Keep every answer that the page gets from the API."""
        page.on("response", self._hear)

    def look_in_database(self, project_id: object) -> None:
        """Every column of the repositories' rows and of their project, and every event written meanwhile."""
        database = self._target.database
        rows = database.query("SELECT * FROM repositories WHERE project_id = %s::uuid", str(project_id))
        for row in rows:
            for column, value in row.items():
                self._expect_absent(value, f"repositories.{column}")
        for row in database.query("SELECT * FROM projects WHERE id = %s::uuid", str(project_id)):
            self._expect_absent(row, "projects")
        events = database.query("SELECT * FROM flow_events WHERE id > %s ORDER BY id", self._last_event)
        for event in events:
            self._expect_absent(event, f"flow_events {event['event_type']}")
        evidence.note(f"repositories: {len(rows)}, flow_events: {len(events)}")

    def look_in_answers(self, answers: Sequence[Exchange]) -> None:
        """The API's answers to us, and those that the page got."""
        for answer in answers:
            self._expect_absent([answer.body, answer.headers], f"{answer.method} {answer.url}")
        for response in self._heard:
            body = _body(response)
            self._expect_absent(body, f"{response.request.method} {response.url}")
        evidence.note(say(f"answers: {len(answers)} + {len(self._heard)} of the page",
                          f"ответов: {len(answers)} + {len(self._heard)} на странице"))  # fmt: skip

    def look_in_page(self, page: RepositoriesPage) -> None:
        """The page as it stands after attaching, and after it is loaded anew."""
        self._expect_absent(page.window.page.content(), say("the page", "страница"))
        page.reload()
        page.expect_shown()
        self._expect_absent(page.window.page.content(), say("the page", "страница"))

    def look_in_logs(self) -> None:
        """The logs of the platform's pods since the scenario began, where they can be read."""
        logs = self._logs()
        for pod, log in logs.items():
            new = [line for line in log.splitlines() if line not in self._logged_before]
            self._expect_absent(new, say(f"the log of pod {pod}", f"лог пода {pod}"))
            evidence.note(f"{pod}: {len(new)}")
        if not logs:
            evidence.weaker(say("No pod's log can be read from here.", "Логи подов отсюда не прочесть."))

    def _logs(self) -> dict[str, str]:
        try:
            return self._target.cluster.logs_since(self._began, LOG_MARGIN_SECONDS)
        except NotProven as reason:
            evidence.note(str(reason))
            return {}

    def _hear(self, response: Response) -> None:
        if "/api/" in response.url:
            self._heard.append(response)

    def _expect_absent(self, where: Any, what: str) -> None:
        spelled = found_in(self._token, where)
        ensure(
            not spelled,
            f"The repository's token can be read: {what} ({spelled}).",
            f"Токен репозитория можно прочесть: {what} ({spelled}).",
        )


def _body(response: Response) -> bytes:
    from playwright.sync_api import Error

    try:
        return response.body()
    except Error:  # an answer without a body, or one that the browser has already let go
        return b""
