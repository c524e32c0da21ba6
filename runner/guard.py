"""Between behave and the steps: what cannot be proven skips its scenario, with the reason."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from traceback import walk_tb
from typing import Any

import gate
from gate import evidence
from gate.errors import Broken, Held, NotProven
from gate.language import say
from gate.redaction import redact
from runner.record import INTERRUPTED
from runner.redacting import redact_error

GATE = Path(gate.__file__).parent


def guard_steps(registry: Any, not_proven: Callable[[Any, NotProven], None]) -> None:
    """Wrap every registered step once, so that `not_proven` is told instead of behave's error handling."""
    for matchers in registry.steps.values():
        for matcher in matchers:
            if not hasattr(matcher.func, "guarded"):
                matcher.func = _guarded(matcher.func, not_proven)


def forgiving(add_cleanup: Callable[..., Any], left: Callable[[str], Any]) -> Callable[..., Any]:
    """Register clean-ups so that a door which is shut meanwhile is told at the end, not as a crash of each."""

    def add(function: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        def clean_up(last_try: bool = False) -> None:
            try:
                function(*arguments, **named)
            except Held as reason:
                # The run tries once more at its end, row by row, and tells what stays.
                evidence.note(str(reason))
            except NotProven as reason:
                left(str(reason))
            except Broken as broken:
                # Judged are the steps. What a lost answer has kept from being removed goes at the second try.
                evidence.note(str(broken))
                if last_try:
                    left(redact(str(broken)))
                else:
                    clean_up(last_try=True)

        add_cleanup(clean_up)

    return add


def _guarded(step: Callable[..., None], not_proven: Callable[[Any, NotProven], None]) -> Callable[..., None]:
    @functools.wraps(step)
    def run(context: Any, *arguments: Any, **named: Any) -> None:
        try:
            _excused(step, context, *arguments, **named)
        except NotProven as reason:
            not_proven(context, reason)
            context.scenario.skip(str(reason))
        except KeyboardInterrupt:
            not_proven(context, NotProven(str(INTERRUPTED), "suite"))
            raise
        except Exception as error:
            redact_error(error)
            raise

    run.guarded = True  # type: ignore[attr-defined]
    return run


def _excused(step: Callable[..., None], context: Any, *arguments: Any, **named: Any) -> None:
    """The step; what broke only because the edge was away for a while is not proven."""
    try:
        step(context, *arguments, **named)
    except Broken as broken:
        raise (context.world.excuse(broken) or broken) from None
    except AssertionError as unprepared:
        raise _without_its_given(unprepared) from None


def _without_its_given(error: AssertionError) -> AssertionError | NotProven:
    """A bare assertion within the gate is no check: the step has nothing to look at."""
    *_, (frame, _) = walk_tb(error.__traceback__)
    if error.args or not Path(frame.f_code.co_filename).is_relative_to(GATE):
        return error
    return NotProven(
        say(
            "This sentence has nothing to look at: an earlier sentence of the scenario is missing, which would do "
            "or prepare it (Given, When).",
            "Этой фразе не на что смотреть: в сценарии нет более ранней фразы, которая это делает или готовит "
            "(Допустим, Когда).",
        ),
        "suite",
    )
