"""A row that is missing is judged by what the page was told: an API may list few rows, a console show a part."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gate.console import lists
from gate.console.lists import Listing
from gate.console.pages import ProjectsPage, RunsPage
from gate.console.view import Link, Row
from gate.errors import NotProven

ALL = [{"id": str(number), "created_at": f"2026-02-09T12:00:{60 - number:02}Z"} for number in range(1, 41)]


def left_out(
    wanted: str,
    told: list[dict[str, str]] | None,
    shown: int | None = None,
    *,
    whole: list[dict[str, str]] = ALL,
    in_parts: bool = False,
    first: int = 0,
    kind: Any = ProjectsPage,
) -> Any:
    """What is found of a row that a table of so many rows lacks."""
    window = SimpleNamespace(told=lambda path: told, listed=lambda path: whole)
    count = len(told or ()) if shown is None else shown
    rows = [lists.as_row(item) for item in (told or ALL * 3)[first : first + count]]
    page: Any = SimpleNamespace(
        api=kind.api, newest_first=kind.newest_first, path="/", rows=lambda: rows, window=window
    )
    listing = Listing(page)
    listing.__dict__["_in_parts"] = in_parts

    def fits(row: Row) -> bool:
        return row["ID"] == wanted

    return listing.left_out(fits)


def test_a_row_behind_the_apis_limit_may_be_missing() -> None:
    assert left_out("30", ALL[:25])["id"] == "30"
    assert left_out("30", None, 120)["id"] == "30"


@pytest.mark.parametrize(
    ("wanted", "told", "shown"),
    [
        ("7", ALL[:25], 24),  # the page was told of it
        ("30", ALL[:25], 24),  # the table lacks another
        ("30", ALL[:25], 0),
        ("30", ALL[:5], 5),  # nobody lives with such a limit
        ("77", ALL[:25], 25),  # the API does not list it either
        ("30", None, 25),  # not known what the page was told
    ],
)
def test_any_other_row_may_not(wanted: str, told: list[dict[str, str]] | None, shown: int) -> None:
    assert left_out(wanted, told, shown) is None


def test_a_table_that_leads_on_may_show_a_part_of_what_it_was_told() -> None:
    assert left_out("30", ALL, 25, in_parts=True)["id"] == "30"
    assert left_out("30", ALL, 25) is None
    assert left_out("1", ALL, 25, in_parts=True, first=1) is None
    assert left_out("30", ALL[::-1], 25, in_parts=True) is None
    # Runs: newest first, whatever the page was told beyond what it shows.
    assert left_out("30", ALL, 25, in_parts=True, kind=RunsPage)["id"] == "30"
    assert left_out("1", ALL, 25, in_parts=True, first=1, kind=RunsPage) is None


def test_the_newest_runs_may_not_be_missing() -> None:
    assert left_out("30", ALL[:25], kind=RunsPage)["id"] == "30"
    assert left_out("3", ALL[15:], kind=RunsPage) is None


def test_a_list_beyond_the_longest_is_not_judged() -> None:
    with pytest.raises(NotProven):
        left_out("30", ALL[:25], whole=ALL * 25)


@pytest.mark.parametrize(
    ("name", "leads"),
    [("Next", True), ("Show more…", True), ("›", True), ("2", True), ("Показать ещё", True), ("Следующая", True),
     ("Все проекты", False), ("Create / Update →", False), ("Участники", False), ("20", False)],
)  # fmt: skip
def test_what_leads_to_the_rest_is_known_by_its_name(name: str, leads: bool) -> None:
    assert (lists.FURTHER.match(name) is not None) is leads


@pytest.mark.parametrize("href", ["/runs/7", "/runs/7/", "https://staging.test/runs/7?tab=events"])
def test_a_run_is_known_by_the_link_to_its_page(href: str) -> None:
    assert lists.id_of(Row({"Status": "pending"}, (Link("shop", "/projects/1"), Link("Details", href)))) == "7"
