"""behave's registry of steps, without the work for sentences that cannot fit.

behave tries a text on every sentence of its kind, one regular expression after the other, and each new sentence on
all that are known already. Here they are kept by the letters that they begin with: only those are tried that begin
as the text does, and an expression is made when a text comes to it. What is found stays the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from behave.matchers import Match, ParseMatcher, register_step_matcher_class, use_step_matcher
from behave.step_registry import StepRegistry

from gate.expected import find_places_once

NAME = "plain-words-first"
# So many letters tell most sentences apart.
LETTERS = 16


class PlainWordsFirst(ParseMatcher):  # type: ignore[misc]
    """A sentence with the plain words around its parameters."""

    def __init__(self, func: Any, pattern: str, step_type: str | None = None, custom_types: Any = None) -> None:
        super().__init__(func, pattern, step_type, custom_types)
        self._plain = "{" not in pattern and "}" not in pattern
        # Doubled braces are plain ones; such a sentence is simply tried.
        doubled = "{{" in pattern or "}}" in pattern
        self.begins = "" if doubled else pattern.partition("{")[0]
        self._ends = "" if doubled else pattern.rpartition("}")[2]

    def compile(self) -> ParseMatcher:
        """Not before it is needed."""
        return self

    def match(self, step_text: str) -> Any:
        """As behave's, for texts that may fit at all."""
        if self._plain:
            return Match(self.func, []) if step_text == self.pattern else None
        if step_text.startswith(self.begins) and step_text.endswith(self._ends):
            return super().match(step_text)
        return None


class Judged(PlainWordsFirst):
    """The same, for whoever wants to hear at once of a sentence that cannot be one."""

    def compile(self) -> ParseMatcher:
        """As behave's; plain words are always good ones."""
        return self if self._plain else super(PlainWordsFirst, self).compile()


class ByBeginning(list[Any]):
    """The sentences of a kind, in the order in which they were registered."""

    def __init__(self) -> None:
        super().__init__()
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._lengths: set[int] = set()

    def append(self, matcher: Any) -> None:
        """One more; a sentence of another matcher may begin with anything."""
        begins = getattr(matcher, "begins", "")[:LETTERS]
        self._places[begins].append(len(self))
        self._lengths.add(len(begins))
        super().append(matcher)

    def fitting(self, text: str) -> list[Any]:
        """Those that may fit a text."""
        beginnings = {text[:length] for length in self._lengths} & self._places.keys()
        return [self[place] for place in sorted(place for one in beginnings for place in self._places[one])]


class Registry(StepRegistry):  # type: ignore[misc]
    """behave's own, which looks only among the sentences that begin as the text does."""

    def clear(self) -> None:
        """Begin anew."""
        super().clear()
        self.steps: dict[str, Any] = {kind: ByBeginning() for kind in ("given", "when", "then", "step")}

    def add_step_definition(self, keyword: str, step_text: str, func: Callable[..., Any]) -> None:
        """Register a sentence, unless one that is there claims it."""
        kind, every = keyword.lower(), self.steps
        few = every[kind].fitting(step_text)
        there = len(few)
        self.steps = {kind: few}
        try:
            super().add_step_definition(keyword, step_text, func)
        finally:
            self.steps = every
        for new in few[there:]:
            every[kind].append(new)

    def find_match(self, step: Any) -> Any:
        """The first that fits."""
        every = self.steps
        self.steps = {kind: every[kind].fitting(step.name) for kind in (step.step_type, "step")}
        try:
            return super().find_match(step)
        finally:
            self.steps = every


def use_plain_words_first(registry: Any, matcher: type[PlainWordsFirst] = PlainWordsFirst) -> None:
    """Every step module loaded from now on uses it; what was registered before is forgotten."""
    register_step_matcher_class(NAME, matcher, override=True)
    use_step_matcher(NAME)
    # The decorators of the step modules hold this very object.
    registry.__class__ = Registry
    registry.clear()
    find_places_once()
