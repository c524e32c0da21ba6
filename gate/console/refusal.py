"""What a page says of a refusal: words for people, and nothing more of it once the same form has worked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gate.console.view import Row
from gate.language import Text, ensure
from gate.waiting import until

if TYPE_CHECKING:
    from gate.console.page import Page

# What a program writes where it meant to write words; at last the key of a text, which is one word with dots.
NO_WORDS = re.compile(r"\[object \w+\]|(?:^|:\s*)(?:undefined|null|NaN)\W*$|^\w+(?:\.\w+)+$")
# A build may let its error go by itself a while after it was seen.
FORGOTTEN_WITHIN_SECONDS = 15.0


def expect_words(errors: Sequence[str]) -> None:
    """At least one of the error texts of a page can be read by people."""
    ensure(
        any(not NO_WORDS.search(error) for error in errors),
        f"The page tells of an error without words for people: {list(errors)}.",
        f"Страница сообщает об ошибке не словами для людей: {list(errors)}.",
    )


def expect_over(page: Page, fits: Callable[[Row], bool], what: Text) -> Row:
    """The row that came after a refusal is shown, and the refusal no longer; builds clear it when they may."""
    page.window.settle()
    until(
        page.window.view,
        lambda view: not view.errors,
        what=Text(
            "a page without the error of the refusal before, after what was asked then was done",
            "страница без ошибки прежнего отказа, после того как следующая просьба исполнена",
        ),
        within=FORGOTTEN_WITHIN_SECONDS,
    )
    return page.expect_row(fits, what)
