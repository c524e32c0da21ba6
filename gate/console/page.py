"""Any page of the console: the ways to it, what it must show, the rows of its table (contract 6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from gate import evidence
from gate.console import words
from gate.console.lists import Listing, as_row, id_of
from gate.console.refusal import expect_words
from gate.console.view import Row, View
from gate.console.words import PageWords, said
from gate.doors.staff import STAFF
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Response

    from gate.console.console import Console

# A page may draw anew what it showed in the other language; one that asks for nothing any more so long does not.
FOREIGN_SECONDS = 2.5
# After a click the page asks the API, or first asks back. Its dialog may be a module that has yet to be loaded, or
# come after a question to the API; but a page that asks all the time is not waited for.
ASKED_BACK_WITHIN_SECONDS = 1.5
ASKED_BACK_AT_LAST_SECONDS = 10.0
# Libraries that read for a page ask three times more, with 1, 2 and 4 s between.
GIVEN_UP_WITHIN_SECONDS = 10.0
STAFF_API = f"**{STAFF}/**"
A_WORD = re.compile("[0-9A-Za-zА-Яа-яЁё]")
NOT_DISAGREEING = re.compile(rf"^(?!.*(?:{words.DISAGREES.pattern})).*{A_WORD.pattern}", re.IGNORECASE)
# The key of a text, where the text itself is wanted.
KEY = re.compile(r"[a-z]\w*(\.[a-z]\w*)+")


class Page:
    """Any page of the console, in the language of the console it is opened in."""

    words: PageWords
    pattern = "/"
    # The list of the API that its table shows (contract 2), and whether that begins with the newest.
    api = ""
    newest_first = False

    def __init__(self, console: Console, item: object = "") -> None:
        self.console = console
        self.window = console.window
        self.path = self.pattern.format(item)

    # --- ways to it

    def open(self) -> None:
        """By its address, in a page that is loaded anew; what went wrong before is forgotten."""
        self.window.log.start_over()
        self._expect_served(self.window.go(self.path))

    def open_by_link(self) -> None:
        """By its link in the navigation, from another page of the console."""
        self.window.log.start_over()
        self.window.click(self.window.named("link", self.words.heading))

    def press(self, button: Locator) -> None:
        """Click what changes something, and agree where a build asks back, in a dialog (contract 6)."""
        log, changes = self.window.log, self.window.log.changes
        sent = len(changes)
        self.window.click(button)
        dialog = self.window.page.get_by_role("dialog")
        with suppress(Broken):  # what the page keeps to itself is for those to judge who wait for its effect
            until(
                lambda: len(changes) > sent or self.window.count(dialog),
                bool,
                what=Text("a change that is asked for, or a dialog", "запрос на изменение или диалог"),
                within=ASKED_BACK_AT_LAST_SECONDS,
                hopeless=lambda _: not log.waiting_for and log.still_seconds > ASKED_BACK_WITHIN_SECONDS,
            )
        agrees = self.agreeing(dialog)
        if len(changes) == sent and self.window.count(agrees) == 1:
            self.window.click(agrees)

    @staticmethod
    def agreeing(dialog: Locator) -> Locator:
        """The buttons of a dialog that do not disagree: by their words, or by their name where they have none."""
        worded = dialog.get_by_role("button").filter(has_text=A_WORD, has_not_text=words.DISAGREES)
        named = dialog.get_by_role("button", name=NOT_DISAGREEING)
        return worded.or_(named.filter(has_not_text=A_WORD))

    def reload(self) -> None:
        """Once more."""
        self.window.log.start_over()
        self._expect_served(self.window.reload())

    def open_while_api_fails(self) -> None:
        """By its address; each question to the staff API is answered 500 in the browser, as contract 2 has it."""
        answer = {"code": "internal", "message": "internal error"}
        self.window.page.route(STAFF_API, lambda route: route.fulfill(status=500, json=answer))
        self.open()

    def open_again(self) -> None:
        """Once more, with the API as it is."""
        self.window.page.unroute(STAFF_API)
        self.reload()

    # --- what it must show

    def expect_shown(self) -> View:
        """Its address, heading and columns are there, in the console's language, and nothing went wrong."""
        heading = said(self.words.heading, self.console.language)
        foreign = {self.words.heading.en, self.words.heading.ru} - {heading}
        view = self.window.until(
            lambda view: view.path == self.path and heading in view.headings and self._has_table(view),
            Text(
                f"page {self.path} with the heading “{heading}”{self._columns_wanted()}",
                f"страница {self.path} с заголовком «{heading}»{self._columns_wanted()}",
            ),
            panes=self.panes(),
            hopeless=lambda view: (
                view.errors or (foreign & {*view.headings} and self.window.log.quiet_seconds > FOREIGN_SECONDS)
            ),
        )
        self.expect_sound()
        return view

    def expect_sound(self) -> None:
        """No error box, no failed request, no error of the page or in the browser's log."""
        if self.window.log.outdated:
            self.window.settle()
            if self.window.log.troubles:
                self.window.load_anew()
        self.console.expect_sound()

    def expect_not_called_empty(self) -> None:
        """Beside its rows it does not say that there are none."""
        if self.words.empty is None or not self.rows():
            return
        sentence = said(self.words.empty, self.console.language)
        self.window.until(
            lambda view: sentence not in view.text,
            Text(
                f"no “{sentence}” beside the rows of {self.path}",
                f"на {self.path} нет «{sentence}» рядом со строками",
            ),
        )

    def expect_words(self) -> None:
        """The title of its form, its labels, buttons and links are in the console's language."""
        own, language = self.words, self.console.language
        wanted = [*([own.form] if own.form else []), *own.labels, *own.buttons, *own.links]
        told = ", ".join(said(text, language) for text in wanted)
        try:
            self.window.until(
                lambda view: not self._missing_words(view),
                Text(f"on {self.path} all of: {told}", f"на {self.path} все слова: {told}"),
                hopeless=lambda view: view.errors,
            )
        except Broken as lacking:
            wrong = ", ".join(self._missing_words(self.window.view()))
            told = say(
                f"{self.path} lacks or miswrites: {wrong}", f"На {self.path} нет или написано не так: {wrong}"
            )
            raise Broken(f"{told}\n{lacking}") from None

    def _missing_words(self, view: View) -> list[str]:
        """Words of the contract that this page does not say where they belong."""
        own, language = self.words, self.console.language
        labels = self.window.page.locator("label")
        form = said(own.form, language) if own.form else ""
        missing = [form] if form and form not in view.forms else []
        shown = self.window.look(labels.all_text_contents)
        missing += [text for text in map(str.strip, shown) if KEY.fullmatch(text)]
        for word in (said(label, language) for label in own.labels):
            said_so = labels.filter(has_text=re.compile(re.escape(word).replace("/", r"\/"), re.IGNORECASE))
            if not self.window.count(said_so):
                missing.append(word)
        for role, texts in (("button", own.buttons), ("link", own.links)):
            for word in (said(text, language) for text in texts):
                if not self.window.count(self.window.named(role, words.same(word))):
                    missing.append(word)
        return missing

    def panes(self) -> list[str]:
        """The titles of the panes that a look at this page reads."""
        return []

    # --- its table

    def rows(self, view: View | None = None) -> list[Row]:
        """The rows of its table now."""
        shown = view or self.window.view()
        found = (table.read(self.words.columns, self.console.language) for table in shown.tables)
        return next((rows for rows in found if rows), [])

    def known(self) -> set[str]:
        """The ids of all that it lists, by which the same are found again."""
        self.window.settle()
        return {id_ for id_ in map(id_of, self.rows()) if id_}

    def expect_again(self, known: Collection[str]) -> None:
        """Of what is known to be listed something is, and not the word that there is nothing.

        Others may remove what they have made at any time, but not all of it.
        """
        if not known:
            evidence.weaker(
                say(f"Nothing is listed on {self.path} here.", f"На странице {self.path} здесь пустой список.")
            )
            return
        self.window.until(
            lambda view: not {*known}.isdisjoint(map(id_of, self.rows(view))),
            Text(
                f"any of the {len(known)} rows again that {self.path} has had",
                f"хотя бы одна из строк ({len(known)}), что были на {self.path}",
            ),
            hopeless=lambda view: view.errors,
        )
        self.expect_not_called_empty()

    def expect_row(self, fits: Callable[[Row], bool], what: Text) -> Row:
        """A row that fits; waits until it is shown. Where the list is longer than its table, the API's own row."""
        try:
            view = self._until_row(fits, what)
        except Broken:
            # What a page shows once it is loaded again was not left out by the list.
            if not Listing(self).left_out(fits) or self._shown_anew(fits, what):
                raise
            listing = Listing(self)
            item = listing.left_out(fits)
            if item is None:
                raise
            evidence.weaker(
                say(
                    f"The table of {self.path} ends after {listing.shown} rows, before it reaches {what}; the API "
                    "tells of it.",
                    f"Таблица {self.path} кончается на строке {listing.shown}, не дойдя до нужной: {what}; API о "
                    "ней сообщает.",
                )
            )
            return as_row(item)
        return next(row for row in self.rows(view) if fits(row))

    def expect_kept_row(self, fits: Callable[[Row], bool], what: Text, column: str) -> Row:
        """A row that fits, and no other; loaded anew the page has it once again, with the same in this column."""
        row = self._expect_only_row(fits, what)
        self.reload()
        self.expect_shown()
        anew = self._expect_only_row(fits, what)
        # The API's own row, where the table ends before it, may not have the column.
        told = [each.cells[column] for each in (row, anew) if column in each.cells]
        ensure(
            len({*told}) <= 1,
            f"{what.en}: {column} is “{row[column]}”, and once the page is loaded anew “{anew[column]}”.",
            f"{what.ru}: {column} — «{row[column]}», а после перезагрузки страницы «{anew[column]}».",
        )
        return anew

    def _expect_only_row(self, fits: Callable[[Row], bool], what: Text) -> Row:
        row = self.expect_row(fits, what)
        self.window.settle()
        self.window.until(
            lambda view: sum(map(fits, self.rows(view))) <= 1,
            Text(f"only once {what.en}", f"лишь один раз {what.ru}"),
        )
        return row

    def _until_row(self, fits: Callable[[Row], bool], what: Text) -> View:
        return self.window.until(
            lambda view: any(fits(row) for row in self.rows(view)), what, hopeless=lambda view: view.errors
        )

    def _shown_anew(self, fits: Callable[[Row], bool], what: Text) -> bool:
        """Whether the row is there once the page is loaded again: then it was not the list that lacked it."""
        self.reload()
        with suppress(Broken):
            return bool(self._until_row(fits, what))
        return False

    def expect_error(self) -> str:
        """An error text of the page's own (class `err`), in words, which is returned."""
        view = self.window.until(
            lambda view: view.errors, Text("an error text on the page", "текст ошибки на странице")
        )
        expect_words(view.errors)
        return " ".join(view.errors)

    def expect_refused(self) -> None:
        """Its reader is told that it is not for them: an error text, the card, or another page in its place.

        Which of them the contract leaves open, and what else the page shows beside its error (contract 6).
        """
        cards = (words.ACCESS_REQUIRED.en, words.ACCESS_REQUIRED.ru)
        self.window.until(
            lambda view: (
                view.path.rstrip("/") != self.path
                or any(card in view.text for card in cards)
                or self.window.error_texts()
            ),
            Text(
                f"on {self.path} an error text (class err) or the access card, or another page instead",
                f"на {self.path} текст ошибки (класс err) или карточка о доступе, или вместо неё другая страница",
            ),
        )

    def expect_not_mere_emptiness(self) -> None:
        """While the API fails nobody knows that there is nothing: its word for that stands beside an error text.

        How a failure is told is the build's: the contract has a class for error texts, and no rule for this one.
        """
        assert self.words.empty is not None
        sentence = said(self.words.empty, self.console.language)
        with suppress(Broken):  # a page may ask again and again, and say nothing until it gives up
            until(
                lambda: sentence in self.window.view().text or self.window.error_texts(),
                bool,
                what=Text(
                    "an error text, or the word for nothing", "текст ошибки или слова о том, что ничего нет"
                ),
                within=GIVEN_UP_WITHIN_SECONDS,
            )
        self.window.until(
            lambda view: sentence not in view.text or self.window.error_texts(),
            Text(
                f"on {self.path} no “{sentence}” without an error text (class err) while the API answers 500",
                f"на {self.path} нет «{sentence}» без текста ошибки (класс err), пока API отвечает 500",
            ),
        )

    def picture(self, name: str) -> bytes:
        """The whole page as a picture, secrets covered, attached under `name`."""
        return self.window.picture(name)

    def date(self, shown: str) -> datetime | None:
        """A date as the console writes it; None for its sign of no date."""
        if shown == words.NO_DATE:
            return None
        wanted = said(words.DATE_FORMATS, self.console.language)
        with suppress(ValueError):
            found = datetime.strptime(shown, wanted)
            # What can be read may still be written otherwise: a month in one digit, an offset without its colon.
            offset = found.strftime("%z")
            if found.strftime(wanted.removesuffix("%z")) + f"{offset[:3]}:{offset[3:5]}" == shown:
                return found
        raise Broken(
            say(
                f"“{shown}” is not a date as the console writes it ({wanted}).",
                f"«{shown}» — не дата в формате консоли ({wanted}).",
            )
        )

    def _expect_served(self, answer: Response | None) -> None:
        """The address itself is answered with a page."""
        if answer is None or answer.status < 400:
            return
        shown = self.window.shown()
        if "allowedHosts" in self.window.view().text and not self.window.at_edge:
            raise NotProven(
                say(
                    f"The console's dev server does not serve under the host name {self.window.host}: let "
                    "GATE_GATEWAY_URL be a port-forward to 127.0.0.1, or unset it.",
                    f"Сервер консоли не отвечает под именем {self.window.host}: задайте в GATE_GATEWAY_URL "
                    "port-forward на 127.0.0.1 или уберите её.",
                )
            )
        raise Broken(
            say(
                f"GET {self.path} answered {answer.status} to the browser: {shown}",
                f"GET {self.path}: браузер получил ответ {answer.status}: {shown}",
            )
        )

    def _has_table(self, view: View) -> bool:
        """Its table with its columns; an empty list may be a sentence in the table's place."""
        wanted, language = self.words.columns, self.console.language
        if not wanted or any(table.places(wanted, language) for table in view.tables):
            return True
        return self.words.empty is not None and said(self.words.empty, language) in view.text

    def _columns_wanted(self) -> str:
        names = [said(column, self.console.language) or column.en for column in self.words.columns]
        return say(" and the table ", " и таблица ") + " | ".join(names) if names else ""
