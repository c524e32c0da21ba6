"""behave's matcher of step texts, without the work for sentences that cannot fit.

behave tries a step on every sentence of its kind, one regular expression after the other. Here a sentence first
looks at the plain words that it begins and ends with; its expression is made when a text has both.
"""

from __future__ import annotations

from typing import Any

from behave.matchers import ParseMatcher, register_step_matcher_class, use_step_matcher

NAME = "plain-words-first"


class PlainWordsFirst(ParseMatcher):  # type: ignore[misc]
    """A sentence with the plain words around its parameters."""

    def __init__(self, func: Any, pattern: str, step_type: str | None = None, custom_types: Any = None) -> None:
        super().__init__(func, pattern, step_type, custom_types)
        # Doubled braces are plain ones; such a sentence is simply tried.
        plain = "" if "{{" in pattern or "}}" in pattern else pattern
        self._begins, brace, _ = plain.partition("{")
        self._ends = plain.rpartition("}")[2] if brace else self._begins

    def compile(self) -> PlainWordsFirst:
        """Not before it is needed; `python -m gate check` does it for all (runner/sentences.py)."""
        return self

    def match(self, step_text: str) -> Any:
        """As behave's, for texts that may fit at all."""
        if step_text.startswith(self._begins) and step_text.endswith(self._ends):
            return super().match(step_text)
        return None

    def matches(self, step_text: str) -> bool:
        """The same, asked of every pair of sentences when they are registered."""
        return step_text.startswith(self._begins) and bool(super().matches(step_text))


def use_plain_words_first() -> None:
    """Every step module loaded from now on uses it."""
    register_step_matcher_class(NAME, PlainWordsFirst, override=True)
    use_step_matcher(NAME)
