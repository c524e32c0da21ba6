"""Attaching once more what failed: GitHub may refuse the platform for a moment (a secondary limit, a 5xx), or keep
it waiting. A hook that is there already is known by its address (contract 5), so that a second try harms nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from gate import evidence
from gate.doors.http import Exchange
from gate.errors import Broken
from gate.language import Text, say
from gate.waiting import Watch, until

if TYPE_CHECKING:
    from gate.console.details import RepositoriesPage
    from gate.doors.github import GitHub

AGAIN_AFTER_SECONDS = 3.0
NO_ANSWER = 0


def asked_twice(attach: Callable[[], Exchange], name: str) -> Exchange:
    """The last answer to whoever attaches this repository, once or twice; raises `Broken` when there is none."""
    tries: list[Exchange | Broken] = []

    def ask() -> int:
        try:
            answer = attach()
        except Broken as silence:
            tries.append(silence)
            return NO_ANSWER
        tries.append(answer)
        return answer.status

    with suppress(Broken):  # how it was refused at last is for whoever asked to tell
        until(
            ask,
            lambda status: NO_ANSWER < status < 400 or status == 409,
            what=Text(f"repository {name} attached", f"репозиторий {name} подключён"),
            within=AGAIN_AFTER_SECONDS,
            every=AGAIN_AFTER_SECONDS,
        )
    *before, last = tries
    if isinstance(last, Broken):
        raise last
    if before and last.status < 400:
        _tell(name, before[0])
    return last


def attached_by_form(page: RepositoriesPage, github: GitHub, name: str, token: str, *more: str) -> None:
    """Through the console's form, where its page shows an error once more on a page loaded anew.

    Waits until the page lists it. `NotProven` where GitHub refuses the gate as well.
    """
    owner, _, repository = name.partition("/")
    page.attach(owner, repository, token, *more)
    try:
        page.expect_repository(name)
    except Broken as first:
        github.repository(name)
        if not page.window.view().errors:
            raise
        Watch[None]().pause(AGAIN_AFTER_SECONDS)
        page.reload()
        page.expect_shown()
        page.attach(owner, repository, token, *more)
        page.expect_repository(name)
        _tell(name, first)


def _tell(name: str, first: Exchange | Broken) -> None:
    """That it took a second try, and what became of the first."""
    told = say("Attached only when asked again", "Подключён лишь по повторному запросу")
    evidence.weaker(f"{told}: {name}.\n{first if isinstance(first, Broken) else first.told()}")
