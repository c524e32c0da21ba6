"""Features that behave would take badly: a file that it cannot read, a scenario in which it finds no step."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gate.errors import GateError, NotProven
from gate.language import say


def tell_unreadable() -> None:
    """From now on behave tells a file that is not in UTF-8, or of no known language, in one sentence."""
    import behave.runner

    if not hasattr(behave.runner.parse_features, "told"):
        behave.runner.parse_features = _told(behave.runner.parse_features)


def without_steps(scenario: Any) -> NotProven | None:
    """A scenario whose first step is misspelt has no steps for behave, only a description, and would be green."""
    if list(scenario.all_steps):
        return None
    return NotProven(
        say(
            "The scenario has no steps. Is the first one misspelt? `python -m gate check` tells.",
            "В сценарии нет шагов. Нет ли опечатки в первом? Подскажет `python -m gate check`.",
        ),
        "suite",
    )


def _told(parse_features: Any) -> Any:
    from behave.exception import ConfigError

    def told(places: Iterable[Any], language: str | None = None) -> Any:
        places = list(places)
        try:
            return parse_features(places, language)
        except (UnicodeDecodeError, KeyError):
            from gate.expected import parse

            for name in dict.fromkeys(place.filename for place in places):
                try:
                    parse(Path(name), name)
                except GateError as wrong:
                    raise ConfigError(str(wrong)) from None
            raise

    told.told = True  # type: ignore[attr-defined]
    return told
