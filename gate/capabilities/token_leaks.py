"""Where a repository's token could have got out: each place is searched for every spelling of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.doors.http import Exchange
from gate.doors.secrecy import LEAST_SECRET_LETTERS, found_in
from gate.errors import NotProven
from gate.language import Text, ensure, say

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage
    from playwright.sync_api import Request, Response

    from gate.console.details import RepositoriesPage
    from gate.target import Target

# The logs are asked for a little longer than the scenario took: the cluster's clock is not ours.
LOG_MARGIN_SECONDS = 120
TOKEN = Text("The repository's token", "Токен репозитория")
CIPHERTEXT = Text("The stored ciphertext of the repository's token", "Сохранённый шифртекст токена репозитория")
WEBHOOK_SECRET = Text("The platform's webhook secret", "Секрет вебхуков платформы")
FIELDS = re.compile(r"<input\b[^>]*>|<textarea\b.*?</textarea>", re.DOTALL | re.IGNORECASE)
# Tables that are looked at by themselves, and runs, which hold what GitHub sends.
KNOWN_TABLES = ["repositories", "projects", "flow_events", "agent_runs"]
OTHER_TABLES = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname <> ALL(%s)
    AND c.reltuples < 1000000 AND has_table_privilege(c.oid, 'SELECT')
ORDER BY 1
"""
# What was written last, as far as a table keeps that order; a token is in the first letters of its row.
NEWEST_ROWS = """
SELECT left(to_jsonb(t)::text, 20000) AS row FROM (SELECT * FROM {} ORDER BY ctid DESC LIMIT 500) t
"""


class TokenLeaks:
    """What was there when the scenario began, and what is there now."""

    def __init__(self, target: Target, token: str) -> None:
        self._target = target
        self._secrets: dict[Text, set[str]] = {TOKEN: set()}
        self._stored: set[bytes] = set()
        self._began = datetime.now(UTC)
        self._last_event = target.database.value("SELECT coalesce(max(id), 0) FROM flow_events")
        self._heard: list[Response] = []
        self._read: list[Request] = []
        self._logged_before: set[str] = set()
        self._rows_before: dict[str, Counter[str]] = {}
        self.given(token)

    def given(self, token: str) -> None:
        """One more token that nobody else may read; a short one is found wherever its word is."""
        if len(token) >= LEAST_SECRET_LETTERS:
            self._secrets[TOKEN].add(token)
            return
        evidence.weaker(
            say("The repository's token is too short to be looked for.",
                "Токен репозитория слишком короткий, чтобы его искать."),
        )  # fmt: skip

    def know_stored(self, ciphertexts: Iterable[bytes]) -> None:
        """What the database keeps of the tokens: no answer has it either (contract 2: never the token)."""
        self._stored.update(ciphertexts)

    def remember(self) -> None:
        """What logs and tables say already is not this scenario's doing. The webhook secret is looked for, too."""
        for log in self._logs().values():
            self._logged_before.update(log.splitlines())
        self._rows_before = self._rows()
        with_secret = self._target.fact("GATE_WEBHOOK_SECRET", optional=True)
        if len(with_secret) >= LEAST_SECRET_LETTERS:
            self._secrets[WEBHOOK_SECRET] = {with_secret}

    def listen(self, page: BrowserPage) -> None:
        """Keep every answer that the page gets from the API."""
        page.on("response", self._hear)
        page.on("requestfinished", self._has_read)

    def look_in_database(self, project_id: object) -> None:
        """The repositories' rows and their project, every event written meanwhile, new rows of other tables."""
        database, token = self._target.database, {TOKEN: self._secrets[TOKEN]}
        rows = database.query("SELECT * FROM repositories WHERE project_id = %s::uuid", str(project_id))
        for row in rows:
            for column, value in row.items():
                self._expect_absent(value, f"repositories.{column}", token)
        for row in database.query("SELECT * FROM projects WHERE id = %s::uuid", str(project_id)):
            self._expect_absent(row, "projects", token)
        events = database.query("SELECT * FROM flow_events WHERE id > %s ORDER BY id", self._last_event)
        for event in events:
            self._expect_absent(event, f"flow_events {event['event_type']}")
        others = self._rows()
        for table, written in others.items():
            self._expect_absent([*(written - self._rows_before.get(table, Counter()))], table, token)
        evidence.note(f"repositories: {len(rows)}, flow_events: {len(events)}, {', '.join(others)}")

    def look_in_answers(self, answers: Sequence[Exchange]) -> None:
        """The API's answers to us, and those that the page got."""
        told: list[tuple[Any, str]] = [
            ([answer.body, answer.headers], f"{answer.method} {answer.url}") for answer in answers
        ]
        # The browser gives no answer whose body the page has not read to its end, and would be asked for ever.
        read = [heard for heard in self._heard if heard.request in self._read]
        told += [(_body(heard), f"{heard.request.method} {heard.url}") for heard in read]
        for where, what in told:
            self._expect_absent(where, what)
            self._expect_absent(where, what, {CIPHERTEXT: self._stored})
        evidence.note(say(f"answers: {len(answers)} + {len(read)} of the page",
                          f"ответов: {len(answers)} + {len(read)} на странице"))  # fmt: skip

    def look_in_page(self, page: RepositoriesPage) -> None:
        """The page as it stands after attaching, and after it is loaded anew."""
        # A form may keep what was typed into it as long as it is open.
        self._expect_absent(FIELDS.sub("", page.window.source()), say("the page", "страница"))
        page.reload()
        page.expect_shown()
        self._expect_absent(page.window.source(), say("the page", "страница"))

    def look_in_text(self, page: RepositoriesPage) -> None:
        """What the page says; what stands in the fields of its form is not that."""
        self._expect_absent(page.window.text(), say("the page", "страница"))

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

    def _rows(self) -> dict[str, Counter[str]]:
        """The newest rows of every table that the contract does not name, and of some that it does."""
        found: dict[str, Counter[str]] = {}
        for table in self._target.database.query(OTHER_TABLES, KNOWN_TABLES):
            try:
                rows = self._target.database.query(NEWEST_ROWS.format(table["name"]))
            except NotProven as reason:
                evidence.note(f"{table['name']}: {reason}")
            else:
                found[table["name"]] = Counter(str(row["row"]) for row in rows)
        return found

    def _hear(self, response: Response) -> None:
        if "/api/" in response.url:
            self._heard.append(response)

    def _has_read(self, request: Request) -> None:
        self._read.append(request)

    def _expect_absent(
        self, where: Any, what: str, secrets: Mapping[Text, set[str] | set[bytes]] | None = None
    ) -> None:
        for whose, values in (self._secrets if secrets is None else secrets).items():
            for value in values:
                spelled = found_in(value, where)
                ensure(
                    not spelled,
                    f"{whose.en} can be read: {what} ({spelled}).",
                    f"{whose.ru} можно прочесть: {what} ({spelled}).",
                )


def _body(response: Response) -> bytes:
    from playwright.sync_api import Error

    try:
        return response.body()
    except Error:  # an answer without a body, or one that the browser has already let go
        return b""
