"""The pages that are pictured: what GitHub refused is not the platform's, and what came later is loaded first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gate import evidence
from gate.capabilities import pictures
from gate.capabilities.learning_shown import LearningShown
from gate.capabilities.pictures import Pictures
from gate.errors import Broken, NotProven

NAME = "acme/shop"


class Page:
    """Lists a repository by the so-manieth try; until then it shows what GitHub said, or nothing."""

    def __init__(self, listed_at: int, errors: tuple[str, ...] = ("GitHub: 502",)) -> None:
        self._listed_at = listed_at
        self.tries = self.loads = 0
        self.window = SimpleNamespace(view=lambda: SimpleNamespace(errors=errors))

    def attach(self, *_: str) -> None:
        self.tries += 1

    def expect_repository(self, name: str) -> None:
        if self.tries < self._listed_at:
            raise Broken(f"{name} is not listed")

    def expect_shown(self) -> None:
        pass

    def reload(self) -> None:
        self.loads += 1


def attach(page: Any, monkeypatch: pytest.MonkeyPatch, github: Any = lambda name: (name, 1)) -> None:
    evidence.begin()
    monkeypatch.setattr(pictures, "AGAIN_AFTER_SECONDS", 0.001)
    target = SimpleNamespace(github=SimpleNamespace(repository=github))
    world: Any = SimpleNamespace(target=target, repositories=SimpleNamespace(token="token"))
    Pictures(world)._attach(page, NAME)


@pytest.mark.parametrize("tries", [1, 2])
def test_what_is_refused_for_a_moment_is_asked_for_again(tries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(tries)
    attach(page, monkeypatch)
    assert (page.tries, page.loads, len(evidence.record().weaker)) == (tries, tries - 1, tries - 1)


@pytest.mark.parametrize(("page", "tries"), [(Page(3), 2), (Page(2, errors=()), 1)])
def test_what_is_refused_twice_or_without_a_word_is_red(
    page: Page, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Broken, match="not listed"):
        attach(page, monkeypatch)
    assert page.tries == tries


def test_what_github_refuses_the_gate_as_well_is_not_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise NotProven("GitHub is away", "staging")

    with pytest.raises(NotProven, match="GitHub is away"):
        attach(Page(9), monkeypatch, refuse)


@pytest.mark.parametrize(("rows", "loads"), [([3, 3, 3], 0), ([3, 4, 4], 1), ([3, 3, 4], 1)])
def test_a_page_is_loaded_once_more_where_something_was_written_since(rows: list[int], loads: int) -> None:
    counts = iter(rows)
    run = SimpleNamespace(id="1", correlation_id="gate-1")
    learning = SimpleNamespace(watched=[SimpleNamespace(run=lambda: run)])
    database = SimpleNamespace(events_of=lambda _: [None] * next(counts), feedback_of=lambda _: [])
    world: Any = SimpleNamespace(target=SimpleNamespace(database=database), learning=learning)
    page: Any = SimpleNamespace(loads=0, open=lambda: None)
    page.reload = lambda: setattr(page, "loads", page.loads + 1)
    shown = LearningShown(world)
    shown._open(page)
    for _ in rows[1:]:
        assert shown._whole_page() is page
    assert page.loads == loads
