"""A table that lacks a row may be only the beginning of a longer list.

How much the API lists unless it is asked for more, and whether the console shows a list in parts, the contract
leaves open (contract 2 and 6). So a table is judged by what the API told the page: what the page was told it must
show, and what it was not told the API must still list for the same person when it is asked for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gate.console.view import Link, Row
from gate.console.window import NO_WORD
from gate.doors.database import with_zone
from gate.doors.staff import LONGEST_LIST, STAFF
from gate.errors import NotProven
from gate.language import say

if TYPE_CHECKING:
    from gate.console.page import Page

# A list that ends before so many rows, with nothing that leads on, is one that nobody lives with.
SHORTEST_LIST_ROWS = 10
# So many are a long list, where it cannot be known what the page was told.
LONG_LIST_ROWS = 100
# What leads to the rest of a list that the console shows in parts.
FURTHER = re.compile(
    rf"^{NO_WORD}(?:(?:load |show |go to )?(?:next|more|all)(?: page)?|(?:go to )?(?:page )?2|[›»>→]|"
    r"(?:chevron_|arrow_|keyboard_arrow_)?(?:right|forward)|(?:показать |загрузить )?(?:ещ[её]|вс[её]|больше)|"
    r"дал(?:ее|ьше)|впер[её]д|следующая(?: страница)?|(?:перейти )?на (?:следующую|2-?ю)(?: страницу)?|"
    rf"страница 2){NO_WORD}$",
    re.IGNORECASE,
)
COLUMNS = {"Slug": "slug", "Name": "name", "Role": "role", "ID": "id", "Email": "email", "GitHub": "github_login"}

Item = Mapping[str, Any]
# An id as a narrow table may write it: its beginning, and a sign that it goes on.
BEGINNING = re.compile(r"([0-9a-f-]{8,35})\s*(?:…|\.{3})?", re.IGNORECASE)


def beginning(row: Row) -> str:
    """The beginning of an id that a row tells in place of the whole; "" where it tells none."""
    short = BEGINNING.fullmatch(row["ID"])
    return short[1].lower() if short else ""


def id_in_full(row: Row, known: Iterable[str]) -> str:
    """The id that a row tells; where it tells a beginning that fits just one of those that are known, that one."""
    start = beginning(row)
    fits = [id_ for id_ in known if start and id_.startswith(start)]
    return fits[0] if len(fits) == 1 else row["ID"]


def as_row(item: Item) -> Row:
    """An item of a list of the API as the row that a table would show for it."""
    cells = {column: str(item.get(name) or "") for column, name in COLUMNS.items() if name in item}
    return Row(cells, (Link("", f"/runs/{item.get('id')}"),))


class Listing:
    """The list behind the table that a page shows now: what the page was told, and what the API tells of all."""

    def __init__(self, page: Page) -> None:
        rows = page.rows()
        self._page = page
        self._ids = [id_of(row) for row in rows]
        self.shown = len(rows)
        self.told = page.window.told(STAFF + page.api) if page.api else None

    @cached_property
    def whole(self) -> Sequence[Item]:
        """All that the API lists for the person of this window, asked aside."""
        found = self._page.window.listed(f"{STAFF}{self._page.api}?limit={LONGEST_LIST}")
        if len(found) < LONGEST_LIST:
            return found
        raise NotProven(
            say(
                f"The list behind {self._page.path} is longer than the API's longest.",
                f"Список за страницей {self._page.path} длиннее самого длинного из API.",
            ),
            "staging",
        )

    def left_out(self, fits: Callable[[Row], bool]) -> Item | None:
        """The item of a row that the table may lack, because the list goes on after it; None when it may not."""
        if not self._is_beginning():
            return None
        if any(fits(as_row(item)) and not self._is_in_later_part(item) for item in self.told or ()):
            return None
        return next((item for item in self.whole if fits(as_row(item)) and self._comes_later(item)), None)

    def _is_beginning(self) -> bool:
        """Whether the table shows all that the page was told, or a part of it that leads to the rest."""
        if not self._page.api or (self.shown < SHORTEST_LIST_ROWS and not self._in_parts):
            return False
        if self.told is None:
            return self.shown >= LONG_LIST_ROWS
        return self.shown >= len(self.told) or self._in_parts

    def _is_in_later_part(self, item: Item) -> bool:
        """Whether what the page was told may stand in a part that is not shown; not before what is shown."""
        order = [str(one.get("id")) for one in self.told or ()]
        shown = [order.index(id_) for id_ in self._ids if id_ in order]
        # A console may sort its lists itself, and then no place in them is known.
        skipped = shown == sorted(shown) and order.index(str(item.get("id"))) < max(shown, default=0)
        return self._in_parts and not skipped

    def _comes_later(self, item: Item) -> bool:
        """Whether it stands behind what is shown, or else what the page was told, where the order is known."""
        if not self._page.newest_first:
            return True
        told = self.told or ()
        shown = [other for other in told if self._in_parts and other.get("id") in self._ids] or told
        wanted, before = _moment(item), [_moment(other) for other in shown]
        return wanted is not None and all(moment and moment >= wanted for moment in before)

    @cached_property
    def _in_parts(self) -> bool:
        window, page = self._page.window, self._page.window.page
        named = page.get_by_role("button", name=FURTHER).or_(page.get_by_role("link", name=FURTHER))
        found = named.or_(page.locator("[rel=next]"))
        return window.count(found.and_(page.locator(":not(tbody *, [disabled], [aria-disabled=true])"))) > 0


def id_of(row: Row) -> str:
    """The id that a row tells, or that its link leads to."""
    paths = (link.href.partition("?")[0].rstrip("/") for link in row.links)
    return row["ID"] or next((path.rpartition("/")[2] for path in paths if "/runs/" in path), "")


def _moment(item: Item) -> datetime | None:
    """When it was made; None where it does not tell."""
    with suppress(ValueError):
        found: datetime = with_zone(datetime.fromisoformat(str(item.get("created_at"))))
        return found
    return None
