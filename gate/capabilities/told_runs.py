"""One ended run of the roles' project: to whom it is told, and whether as it is on record (contract 2)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.capabilities import role_answers, run_on_record
from gate.capabilities.role_cast import (
    ADMIN,
    NOBODY,
    OUTSIDER,
    PEOPLE,
    READER,
    ROLES,
    RoleCast,
    console_of,
    staff_of,
)
from gate.console.console import Console
from gate.doors.database import with_zone
from gate.doors.http import Exchange
from gate.doors.records import Event, Project, Run
from gate.doors.staff import LONGEST_LIST, Staff, told_id
from gate.doors.webhook import new_delivery
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.run_stories import Stories, another_lines_matter
from gate.waiting import until
from gate.watching import ENDED, Watched

if TYPE_CHECKING:
    from gate.console.details import RunPage
    from gate.world import World

LONG = "\n".join(f"{line}: why it is done like this. Почему сделано именно так." for line in range(1, 61))
# One whose text a page must not take for its own, and one of the other kind.
INVENTED: tuple[tuple[str, str, str, int, int | None], ...] = (
    ("inline", 'Why <b>small</b> & "plain"? – Потому что.', "deploy/gate.yaml", 7, None),
    ("post_pr", "The second one, told like the first.", "README.md", 12, 345),
    # As long as an explanation may become, in lines.
    ("inline", LONG, "deploy/gate.yaml", 8, None),
)
INVENT = """
INSERT INTO learning_feedback (run_id, kind, explanation, file_path, line, pr_number, repository_id, created_at)
SELECT %s::uuid, %s, %s, %s, %s, %s, (SELECT id FROM repositories WHERE external_id = %s),
    now() - interval '100 minutes'
"""
# One more event of a kind that does no harm, with a text that a page must not take for its own; and one of a
# delivery whose id only begins like the run's.
NOTE = "Why <b>small</b> & co? – Потому что."
INVENT_EVENT = """
SELECT (jsonb_populate_record(e, jsonb_build_object('correlation_id', %s::text,
    'event_type', 'webhook.duplicate', 'created_at', now() - interval '100 minutes',
    'payload', e.payload || jsonb_build_object('note', %s::text)))).*
FROM flow_events e WHERE correlation_id = %s AND event_type = 'webhook.received' LIMIT 1
"""
FEEDBACK = """
SELECT id::text AS id, run_id::text AS run_id, kind::text AS kind, explanation, file_path, line, pr_number,
    repository_id::text AS repository_id, created_at
FROM learning_feedback WHERE run_id = %s::uuid ORDER BY id
"""
MINUTE = timedelta(minutes=1)
POLLS_FOR_FEEDBACK = 2


@dataclass(frozen=True)
class Told:
    """The answers about the run, its events and its feedback."""

    run: Exchange
    events: Exchange
    feedback: Exchange

    @property
    def all(self) -> tuple[Exchange, ...]:
        """One after the other."""
        return (self.run, self.events, self.feedback)


class ToldRun:
    """A run that a delivery about the attached repository started, with feedback of both kinds."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._database = world.target.database
        self._watched: Watched | None = None
        self._told: dict[str, Told] = {}
        self._listed: list[dict[str, Any]] = []
        self._page: RunPage | None = None
        # How much feedback there was when the page was opened.
        self._known = 0
        self._console: Console | None = None

    @property
    def _cast(self) -> RoleCast:
        return self._world.roles.cast

    @property
    def _run(self) -> Any:
        if self._watched is None:
            raise NotProven(say("No run has ended yet.", "Ни один запуск ещё не завершился."), "suite")
        return self._watched.run()

    @property
    def run_id(self) -> str:
        """The id of that run."""
        return str(self._run.id)

    # --- acts

    def have_ended(self) -> None:
        """Once for a project; that it does not end is the matter of another line."""
        stories = Stories(self._world)
        with another_lines_matter():
            self._watched = stories.kept(f"told-run {self._cast.mark}", partial(self._end_one, stories))

    def ask(self, *people: str) -> None:
        """The run, its events and its feedback, as each of these people."""
        for person in people or PEOPLE:
            self._told[person] = Told(*self.asked_by(staff_of(self._world, self._cast, person)))

    def ask_as_admin(self) -> None:
        """The same and the list of runs, as a platform admin."""
        self.ask(ADMIN)
        self._listed = staff_of(self._world, self._cast, ADMIN).runs().items()

    def asked_by(self, staff: Staff) -> tuple[Exchange, Exchange, Exchange]:
        """The answers about the run, its events and its feedback to this person."""
        return staff.run(self.run_id), staff.events(self.run_id), staff.feedback(self.run_id)

    def open_page(self) -> None:
        """Run details, as a platform admin."""
        console = self._world.browser.open("admin", self._world.language)
        self._known = len(self._feedback())
        self._page = console.visit(console.run(self._run.id))

    def come_as_reader(self) -> None:
        """Somebody whose only role is to read this project, whom the gateway is told of from inside."""
        self._console = console_of(self._world, self._cast, READER)

    # --- checks

    def expect_told_by_role(self) -> None:
        """Who has a role in the project, or is a platform admin, is told; of the others nobody gets a word."""
        for person, told in self._told.items():
            for answer in told.all:
                if person in (NOBODY, OUTSIDER):
                    self.expect_no_word(person, answer)
                else:
                    ensure(
                        answer.status == 200,
                        f"The {person} of the project is not told of its run.\n{answer.told()}",
                        f"Человеку с ролью ({person}) запуск его проекта не показан.\n{answer.told()}",
                    )
        for person in self._told.keys() - {NOBODY, OUTSIDER, ADMIN}:
            self._expect_as_admin(person)

    def _expect_as_admin(self, person: str) -> None:
        """All that a platform admin is told; what came between two questions is asked for once more."""
        if any(
            role_answers.told(one, fields) != role_answers.told(other, fields)
            for one, other, fields in self._beside(person)
        ):
            self.ask(person, ADMIN)
        for one, other, fields in self._beside(person):
            role_answers.expect_same(person, one, other, fields)

    def _beside(self, person: str) -> list[tuple[Exchange, Exchange, tuple[str, ...]]]:
        fields = (role_answers.RUN, role_answers.EVENTS, role_answers.FEEDBACK)
        return list(zip(self._told[person].all, self._told[ADMIN].all, fields, strict=True))

    def expect_as_on_record(self) -> None:
        """Each value that the contract names is the database's."""
        told = self._told[ADMIN]
        self._expect_run(told.run.json(), self._run)
        self._expect_listed()
        self._expect_events(told.events)
        self._expect_feedback(told.feedback)

    def expect_all_feedback_shown(self) -> None:
        """As many items as rows, each with its kind, its time, its text letter by letter."""
        assert self._page is not None
        wanted = [(row["kind"], _line(row["explanation"])) for row in self._feedback()]
        if len(wanted) > self._known:
            # The worker writes its own some time after the end (contract 4), and no page need show it by itself.
            self._page.reload()
        items = self._page.expect_feedback(len(wanted))
        shown = [(item.told, _line(item.text)) for item in items]
        missing = [
            (kind, text)
            for kind, text in wanted
            if not any(item.is_of(kind) and text in _line(item.text) for item in items)
        ]
        ensure(
            not missing and len(shown) == len(wanted),
            f"The page shows the feedback {_short(shown)}, on record is {_short(wanted)}.",
            f"На странице обратная связь {_short(shown)}, а записана {_short(wanted)}.",
        )
        for row in self._feedback():
            self._expect_time_shown(self._page, row)
        self._page.expect_sound()

    def expect_events_shown(self) -> None:
        """The text that an event carries can be read as it stands, however its JSON is laid out."""
        assert self._page is not None
        stored = self._database.events_of(self._run.correlation_id)
        shown = [_line(_without_escapes(item.text)) for item in self._page.expect_events(len(stored))]
        if not any(NOTE in _plain(event.payload) for event in stored):
            evidence.weaker(say("No event could be written.", "Событие записать не удалось."))
            return
        ensure(
            any(NOTE in text for text in shown),
            f"The page does not show the text “{NOTE}” of an event; it shows {shown}.",
            f"На странице нет текста события «{NOTE}»; показано: {shown}.",
        )
        self._expect_event_times_shown(self._page, stored)

    def _expect_event_times_shown(self, page: RunPage, stored: Sequence[Event]) -> None:
        """As many of each time as there are events; one of them is long past."""
        times = [time for item in page.events() if (time := page.date(item.time))]
        lacking = [
            str(event.created_at)
            for event in stored
            if not any(abs(time - with_zone(event.created_at)) <= MINUTE for time in times)
        ]
        ensure(
            not lacking,
            f"The page shows events at {[str(time) for time in times]}, on record they are also at {lacking}.",
            f"На странице события в {[str(time) for time in times]}, а записаны ещё и в {lacking}.",
        )

    def _expect_time_shown(self, page: RunPage, row: dict[str, Any]) -> None:
        """One of the items with this text has the time at which it was written, to the minute."""
        items = [item for item in page.feedback() if _line(row["explanation"]) in _line(item.text)]
        times = [page.date(item.time) for item in items]
        ensure(
            any(time and abs(time - with_zone(row["created_at"])) <= MINUTE for time in times),
            f"The page shows feedback of {row['created_at']} with the time {[item.time for item in items]}.",
            f"На странице у обратной связи от {row['created_at']} время {[item.time for item in items]}.",
        )

    def expect_found_by_reader(self) -> None:
        """The project is in the table of projects, alone, and by the navigation the run in that of runs."""
        console = self._console
        assert console is not None
        console.projects.open()
        console.projects.expect_shown()
        console.projects.expect_project(self._cast.slug)
        shown = [(row["Slug"], row["Role"]) for row in console.projects.rows()]
        ensure(
            [slug for slug, _ in shown] == [self._cast.slug] and _may_be_readers(shown[0][1]),
            f"Somebody whose only project is {self._cast.slug}, where they may read, is shown {shown}.",
            f"Человек, у которого только проект {self._cast.slug} с ролью read, видит {shown}.",
        )
        console.runs.open_by_link()
        console.runs.expect_shown()
        console.runs.expect_run(self._run.id)

    def expect_page_told_to_reader(self) -> None:
        """From the list to its page, with all that an admin is told there."""
        console = self._console
        assert console is not None
        self._known = len(self._feedback())
        console.runs.follow_details(self._run.id)
        self._page = console.run(self._run.id)
        self._page.expect_shown()
        self._page.expect_ids(self._run.id, self._run.correlation_id)
        self.expect_events_shown()
        self.expect_all_feedback_shown()

    # --- helpers

    def _end_one(self, stories: Stories) -> Watched:
        cast, mark = self._cast, self._world.mark
        watched = Watched(self._world.target, cast.project, cast.full_name)
        delivery = new_delivery(mark, "push", repository=cast.full_name, repository_id=cast.repository_number)
        stories.deliver(watched, delivery)
        watched.until_ended()
        if watched.run().learning_mode:
            # The worker's own, which may come a little after the end.
            with suppress(Broken):
                until(
                    lambda: self._database.feedback_of(watched.run().id),
                    bool,
                    what=Text("the worker's own feedback", "обратная связь самого воркера"),
                    within=POLLS_FOR_FEEDBACK * self._world.target.settings["GATE_POLL_SECONDS"],
                )
        with suppress(NotProven):  # a table that wants more than the contract tells
            for row in INVENTED:
                self._database.execute(INVENT, str(watched.run().id), *row, cast.repository_number)
            own = watched.run().correlation_id
            for id_ in (own, f"{own}-2"):
                self._database.copy("flow_events", INVENT_EVENT, id_, NOTE, own)
        return watched

    def _feedback(self) -> list[dict[str, Any]]:
        rows = self._database.query(FEEDBACK, str(self._run.id))
        if not rows:
            evidence.weaker(say("No feedback could be written.", "Обратную связь записать не удалось."))
        return rows

    def expect_no_word(self, person: str, answer: Exchange) -> None:
        """Refused, or an empty list; whichever it is, nothing of the run stands in it."""
        if answer.is_empty_list:
            # The contract leaves open whether a list of what one may not see is refused or empty.
            return
        words = [self._run.correlation_id, *(text.partition("\n")[0] for _, text, *_ in INVENTED)]
        given = [word for word in words if word in answer.text]
        ensure(
            400 <= answer.status < 500 and not given,
            f"The API tells of a run to somebody without a role in its project ({person}).\n{answer.told()}",
            f"API рассказывает о запуске человеку без роли в его проекте ({person}).\n{answer.told()}",
        )

    def _expect_listed(self) -> None:
        """The list tells of the run what its own page does; a staging with a thousand newer ones leaves it out."""
        listed = [item for item in self._listed if str(item.get("id")) == self.run_id]
        if not listed and len(self._listed) >= LONGEST_LIST:
            evidence.weaker(say("The list of runs is full without it.", "Список запусков полон и без него."))
            return
        ensure(
            listed,
            f"Run {self.run_id} is not in a platform admin's list of runs.",
            f"Запуска {self.run_id} нет в списке запусков платформенного администратора.",
        )
        self._expect_run(listed[0], self._run)

    def expect_told_rightly(self, told: dict[str, Any]) -> None:
        """A run of the project in somebody's list is as it is on record; one that goes on changes meanwhile."""
        run = self._database.run(str(told.get("id")))
        if run and run.status in ENDED:
            self._expect_run(told, run)

    def _expect_run(self, told: dict[str, Any], run: Run) -> None:
        project = self._database.project_by_id(self._cast.project)
        assert isinstance(project, Project)
        run_on_record.expect_told(told, run, project)

    def _expect_events(self, answer: Exchange) -> None:
        stored = sorted(
            ((event.event_type, _plain(event.payload)), with_zone(event.created_at))
            for event in self._database.events_of(self._run.correlation_id)
        )
        told = sorted(
            (
                (str(item.get("event_type")), _plain(item.get("payload_json"))),
                run_on_record.moment(item.get("created_at")),
            )
            for item in answer.items()
        )
        wanted, got = ([event for event, _ in events] for events in (stored, told))
        ensure(
            got == wanted,
            f"The API tells the events {got}, on record are {wanted}.",
            f"API сообщает события {got}, а записаны {wanted}.",
        )
        wrong = [
            (event, str(said), str(moment))
            for (event, moment), (_, said) in zip(stored, told, strict=True)
            if not run_on_record.near(said, moment)
        ]
        ensure(
            not wrong,
            f"The API tells other times of events than are on record: {wrong}.",
            f"API сообщает не то время событий, которое записано: {wrong}.",
        )

    def _expect_feedback(self, answer: Exchange) -> None:
        # A number of a database may be a text in JSON, and what is empty may be left out.
        stored = self._feedback()
        moments = {row["id"]: with_zone(row.pop("created_at")) for row in stored}
        wanted = [{name: str(value or "") for name, value in row.items()} for row in stored]
        fields = wanted[0].keys() if wanted else ()
        told = [{name: told_id(item.get(name) or None) for name in fields} for item in answer.items()]
        strange = [row for row in told if row not in wanted]
        lacking = [row for row in wanted if row not in told]
        ensure(
            sorted(told, key=_plain) == sorted(wanted, key=_plain),
            f"The API tells feedback that is not on record like this: {strange}; on record is {lacking}.",
            f"API сообщает обратную связь, которая записана не так: {strange}; записано {lacking}.",
        )
        times = {str(item.get("id")): item.get("created_at") for item in answer.items()}
        ensure(
            all(run_on_record.same_moment(times[id_], moment) for id_, moment in moments.items()),
            f"The API tells that feedback came at {times}, on record is {moments}.",
            f"API сообщает время обратной связи {times}, а записано {moments}.",
        )


def _may_be_readers(word: str) -> bool:
    """Whether a reader's role may be told so: as the API's word, or as any that is none of the API's."""
    role = word.lower()
    return re.search(r"\w", role) is not None and role not in {*ROLES.values()} - {ROLES[READER]}


def _plain(value: Mapping[str, Any] | str | None) -> str:
    """JSON in one way of writing, whether it came as a text or as it is."""
    with suppress(TypeError, ValueError):
        value = json.loads(value) if isinstance(value, str) else value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _short(items: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Texts by their beginning and their length in letters, where they are long."""
    return [(kind, text if len(text) < 100 else f"{text[:80]}… ({len(text)})") for kind, text in items]


def _line(text: str) -> str:
    return " ".join(text.split())


def _without_escapes(text: str) -> str:
    """A JSON text with its letters as they are: as \\uXXXX any of them may be written."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
