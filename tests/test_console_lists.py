"""Lists in a page: the same rows when it is drawn anew, and when it may say that there is nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gate.capabilities.console_more import FurtherPages
from gate.console.console import Console
from gate.errors import Broken

HEADS = "".join(f"<th>{name}</th>" for name in ("Slug", "Name", "Role", "Manage", "ID"))


def listing(*ids: str) -> str:
    """A page with a table of these."""
    rows = "".join(f"<tr><td>{id_}</td><td></td><td></td><td></td><td>{id_}</td></tr>" for id_ in ids)
    return f"<h2>Projects</h2><table><thead><tr>{HEADS}</tr></thead><tbody>{rows}</tbody></table>"


@pytest.mark.parametrize(
    ("then", "fine"),
    [
        (listing("two", "three"), True),
        (listing("three"), False),
        (listing(), False),
        ("<p>No projects yet.</p>", False),
        (f"<p>No projects yet.</p>{listing('two')}", False),
    ],
)
def test_a_list_that_is_drawn_anew_has_its_rows_again(
    console: Console, monkeypatch: pytest.MonkeyPatch, then: str, fine: bool
) -> None:
    monkeypatch.setattr("gate.console.window.QUIET_SECONDS", 0.2)
    console.window.page.set_content(listing("one", "two"))
    known = console.projects.known()
    console.window.page.set_content(then)
    if fine:
        console.projects.expect_again(known)
    else:
        with pytest.raises(Broken):
            console.projects.expect_again(known)


@pytest.mark.parametrize(
    ("beside", "fine"),
    [
        ("", True),
        (listing(), True),
        (listing("").replace("</td>", "…</td>", 1), True),
        (listing("one"), False),
    ],
)
def test_an_empty_list_has_no_row_beside_the_word_for_it(
    console: Console, monkeypatch: pytest.MonkeyPatch, beside: str, fine: bool
) -> None:
    monkeypatch.setattr("gate.console.window.QUIET_SECONDS", 0.2)
    further = FurtherPages(cast(Any, SimpleNamespace(mark="gate-1", target=SimpleNamespace(database=None))))
    further._opened = console.projects
    console.window.page.set_content(f"<p>No projects yet.</p>{beside}")
    if fine:
        further.expect_empty()
    else:
        with pytest.raises(Broken):
            further.expect_empty()


@pytest.mark.parametrize(
    ("at_last", "fine"),
    [
        ("<p>No projects yet.</p>", False),
        ("<p>No projects yet.</p><p class=err>It failed.</p>", True),
        ("<p class=err>It failed.</p>", True),
        ("Loading…", True),
    ],
)
def test_a_page_may_say_nothing_until_it_has_given_up_asking(
    console: Console, monkeypatch: pytest.MonkeyPatch, at_last: str, fine: bool
) -> None:
    monkeypatch.setattr("gate.console.window.QUIET_SECONDS", 0.1)
    monkeypatch.setattr("gate.console.page.GIVEN_UP_WITHIN_SECONDS", 0.8)
    console.window.page.set_content("Loading…")
    console.window.page.evaluate("html => void setTimeout(() => document.body.innerHTML = html, 300)", at_last)
    if fine:
        console.projects.expect_not_mere_emptiness()
    else:
        with pytest.raises(Broken):
            console.projects.expect_not_mere_emptiness()
