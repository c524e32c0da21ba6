"""What the console and the API show of learning: a run's events and feedback, and to whom (contract 2, 6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gate.capabilities import role_answers
from gate.capabilities.role_cast import READER
from gate.capabilities.run_on_record import rows_of
from gate.console.view import Item
from gate.doors.http import Exchange
from gate.doors.records import Event, Run
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.waiting import until

if TYPE_CHECKING:
    from gate.console.details import RunPage
    from gate.world import World

# When a role counts contract 2 leaves open: a gateway may keep in mind for a little who has which.
OPEN_WITHIN_SECONDS, OPEN_EVERY_SECONDS = 10.0, 1.0
PLAIN = re.compile(r"[\w.:-]+")


class LearningShown:
    """The page of a run with, or without, learning mode."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._feedback = world.feedback
        self._page: RunPage | None = None
        # Which of the watched runs the page is about, and how much there was to be shown when it was opened.
        self._which, self._known = 0, 0

    # --- acts

    def open_run(self, person: str, learning: bool = True) -> None:
        """Someone opens the page of the run with, or without, learning mode; a page shows what was there then."""
        self._feedback.watch_two()
        if learning:
            self._feedback.feedback_of(self._feedback.watched[0])
        self._which = 0 if learning else 1
        page = self._world.browser.open(person, self._world.language).run(self._run.id)
        self._open(page)

    def read_both(self) -> None:
        """In one visit, by the list of runs: the one with feedback first, whose panes must not stay."""
        self._feedback.watch_two()
        self._feedback.feedback_of(self._feedback.watched[0])
        console = self._world.browser.open("admin", self._world.language)
        console.visit(console.runs)
        for which, watched in enumerate(self._feedback.watched):
            self._which = which
            self._known = self._rows()
            console.runs.follow_details(watched.run().id)
            self._page = page = console.run(watched.run().id)
            page.expect_shown()
            if which == 0:
                self.expect_events_shown()
                self.expect_feedback_shown()
                console.runs.open_by_link()
                console.runs.expect_shown()

    def open_unattached(self) -> None:
        """The page of a run with learning whose repository is attached to nothing."""
        self._feedback.watch_unattached()
        self._open_watched()

    def open_failed(self) -> None:
        """The page of a run with learning that lost its Job."""
        self._feedback.watch_failing()
        self._open_watched()

    def _open_watched(self) -> None:
        self._feedback.feedback_of(self._feedback.watched[0])
        console = self._world.browser.open("admin", self._world.language)
        self._open(console.run(self._run.id))

    def _open(self, page: RunPage) -> None:
        self._known, self._page = self._rows(), page
        page.open()

    # --- checks

    def expect_events_shown(self) -> None:
        """The page lists the events that the API gives, by time, whichever end is first (contract 6)."""
        run, page = self._run, self._whole_page()
        page.expect_ids(run.id, run.correlation_id)
        told = self._world.as_person("admin").events(run.id).items()
        given = [str(item.get("event_type")) for item in told]
        stored = self._target.database.events_of(run.correlation_id)
        ensure(
            _in_order([Item((name,), "", "") for name in given], stored),
            f"The API gives the events {given}; by time they are {[event.event_type for event in stored]}.",
            f"API даёт события {given}; по времени они идут так: {[event.event_type for event in stored]}.",
        )
        items = page.expect_events(len(given))
        shown = [item.told for item in items]
        events = _in_order(items, stored)
        ensure(
            events,
            f"The page shows the events {shown}, the API gives {given}.",
            f"На странице события {shown}, а API даёт {given}.",
        )
        for item, event in zip(items, events, strict=True):
            _expect_told(page, item, event)

    def expect_feedback_shown(self) -> None:
        """Each row's kind and text is on the page."""
        page = self._whole_page()
        wanted = [
            (one.kind, _line(one.explanation)) for one in self._feedback.feedback_of(self._feedback.watched[0])
        ]
        items = page.expect_feedback(len(wanted))
        shown = [(item.told, _line(item.text)) for item in items]
        missing = [
            row for row in wanted if not any(item.is_of(row[0]) and row[1] in _line(item.text) for item in items)
        ]
        ensure(
            not missing,
            f"The page does not show the feedback {missing}; it shows {shown}.",
            f"На странице нет обратной связи {missing}; показано: {shown}.",
        )
        ensure(
            len(shown) <= len(wanted),
            f"The page shows more feedback than the run has: {shown}, wanted {wanted}.",
            f"На странице больше обратной связи, чем у запуска: {shown}, а нужно {wanted}.",
        )
        page.expect_sound()

    def expect_none_shown(self) -> None:
        """The page says so in its own words."""
        page = self._open_page()
        run = self._feedback.watched[1].run()
        page.expect_ids(run.id, run.correlation_id)
        page.expect_no_feedback()
        page.expect_sound()

    def expect_hidden(self, person: str) -> None:
        """Neither the page nor the API tells someone without a role anything of the run."""
        secret = self._feedback.feedback_of(self._feedback.watched[0])[0].explanation
        run = self._feedback.watched[0].run()
        page = self._open_page()
        page.window.settle()
        view = page.window.view(page.panes())
        items = [item for pane in view.panes.values() for item in pane.items]
        # What is in the document was told, whether it can be seen or not.
        whole = " ".join((page.window.look(lambda: page.window.page.text_content("body")) or "").split())
        ensure(
            not items and not any(text in whole for text in (" ".join(secret.split()), run.correlation_id)),
            f"Someone without a role in the project sees run {run.id}: {view.text[:500]}",
            f"Человек без роли в проекте видит запуск {run.id}: {view.text[:500]}",
        )
        for exchange in self._asked(person, run.id):
            # The contract leaves open whether a list of what one may not see is refused or empty.
            told = run.correlation_id in exchange.text or secret in exchange.text
            ensure(
                exchange.is_empty_list or (400 <= exchange.status < 500 and not told),
                f"The API shows the run to someone without a role.\n{exchange.told()}",
                f"API показывает запуск человеку без роли.\n{exchange.told()}",
            )
        self._expect_listed(person, run.id, False)

    def expect_seen_with_role(self, person: str) -> None:
        """With a role in the project the same person sees it: the door is closed, not broken."""
        home = self._world.learning.cast.homes[True, True]
        user = self._target.database.user(self._target.people.session(person).email)
        user_id = user and user.id
        given = self._world.as_person("admin").add_member(home.project_id, user_id, "read")
        self._world.add_cleanup(self._leave, home.project_id, user_id)
        ensure(given.status == 204, f"No role was given.\n{given.told()}", f"Роль не выдана.\n{given.told()}")
        run_id = self._feedback.watched[0].run().id
        with suppress(Broken):  # what is closed at last says so itself
            until(
                partial(self._still_closed, person, run_id),
                lambda still: not still,
                what=Text("the run open to who was given a role", "запуск открыт для получившего роль"),
                within=OPEN_WITHIN_SECONDS,
                every=OPEN_EVERY_SECONDS,
            )
        self._expect_open(person, run_id)

    def _still_closed(self, person: str, run_id: UUID) -> str:
        try:
            self._expect_open(person, run_id)
        except Broken as still:
            return str(still)
        return ""

    def _expect_open(self, person: str, run_id: UUID) -> None:
        for exchange in self._asked(person, run_id):
            ensure(
                exchange.status == 200,
                f"With a role in the project the run is still hidden.\n{exchange.told()}",
                f"С ролью в проекте запуск всё ещё скрыт.\n{exchange.told()}",
            )
        fields = (role_answers.RUN, role_answers.EVENTS, role_answers.FEEDBACK)
        for own, admins, names in zip(
            self._asked(person, run_id), self._asked("admin", run_id), fields, strict=True
        ):
            role_answers.expect_same(READER, own, admins, names)
        self._expect_listed(person, run_id, True)

    # --- helpers

    @property
    def _run(self) -> Run:
        return self._feedback.watched[self._which].run()

    def _rows(self) -> int:
        return rows_of(self._target.database, self._run.id, self._run.correlation_id)

    def _whole_page(self) -> RunPage:
        """The page, loaded once more where something was written since it was opened."""
        page, known = self._open_page(), self._rows()
        if known > self._known:
            self._known = known
            page.reload()
        return page

    def _open_page(self) -> RunPage:
        if self._page is None:
            raise NotProven(say("No run was opened.", "Запуск не открыт."), "suite")
        return self._page

    def _asked(self, person: str, run_id: UUID) -> list[Exchange]:
        staff = self._world.as_person(person)
        return [staff.run(run_id), staff.events(run_id), staff.feedback(run_id)]

    def _expect_listed(self, person: str, run_id: UUID, wanted: bool) -> None:
        listed = [item.get("id") for item in self._world.as_person(person).runs().items()]
        ensure(
            (str(run_id) in listed) == wanted,
            f"In the list of runs for {person}, run {run_id} is {'missing' if wanted else 'shown'}.",
            f"В списке запусков для {person} запуск {run_id} {'отсутствует' if wanted else 'показан'}.",
        )

    def _leave(self, project_id: UUID, user_id: object) -> None:
        """In the database: only the owner may take a role back through the API, and not in every build."""
        self._target.database.execute(
            "DELETE FROM project_members WHERE project_id = %s::uuid AND user_id::text = %s",
            str(project_id),
            str(user_id),
        )


def _line(text: str) -> str:
    return " ".join(text.split())


def _values(payload: Any) -> list[str]:
    """The plain words of a payload, which look the same in every layout of JSON."""
    given = payload.values() if isinstance(payload, dict) else ()
    return [value for value in given if isinstance(value, str) and PLAIN.fullmatch(value)]


def _in_order(items: Sequence[Item], stored: Sequence[Event]) -> list[Event]:
    """The events in the order by time in which they stand like this; none where they never do."""
    if len(items) != len(stored):
        return []
    fits = (
        order
        for order in _by_time(stored)
        if all(item.is_of(event.event_type) for item, event in zip(items, order, strict=True))
    )
    return next(fits, [])


def _expect_told(page: RunPage, item: Item, event: Event) -> None:
    """An event's time, and what it carries: its `pre` is its own, however it is laid out."""
    _same_minute(page, item.time, event.created_at)
    lost = [told for told in _values(event.payload) if told not in item.text]
    ensure(
        not lost,
        f"The page does not show what {event.event_type} carries: {lost}; it shows {item.text[:300]}",
        f"На странице нет данных события {event.event_type}: {lost}; показано {item.text[:300]}",
    )


def _by_time(events: Sequence[Event]) -> list[list[Event]]:
    """The orders by time that the contract leaves open: by time or as written, the oldest or the newest first."""
    keys: tuple[Callable[[Event], Any], ...] = (
        lambda event: event.id,
        lambda event: (event.created_at, event.id),
        lambda event: (event.created_at, -event.id),
    )
    return [sorted(events, key=key, reverse=newest_first) for newest_first in (False, True) for key in keys]


def _same_minute(page: RunPage, shown: str, happened: datetime) -> None:
    """A time on the page is that of the database, cut or rounded to the minute."""
    time = page.date(shown)
    ensure(
        time and abs(happened - time) < timedelta(minutes=1),
        f"The page says {shown}, in the database it is {happened}.",
        f"На странице время {shown}, а в базе {happened}.",
    )
