"""Runs a scenario that failed again, at most GATE_RETRIES times; each attempt is a result of its own.

What is not selected is passed over, and is no result: behave would play its steps as skipped ones to every
formatter, which takes longer than the scenarios of one line do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

# A hook or a clean-up that failed, or what cannot be proven from here, does not get better by itself.
TRIED_AGAIN = frozenset({"failed", "error"})


class Retrying:
    """Counts the attempts. `over` is called when one ended, while its steps still know how; then `again`."""

    def __init__(
        self, selected: Iterable[Any], most: int, over: Callable[[], None], again: Callable[[], None]
    ) -> None:
        self._selected = set(map(id, selected))
        self._most = most
        self._over = over
        self._again = again
        self.attempt = 1

    def watch(self, feature: Any) -> None:
        """From now on the feature's scenarios are tried again; around what the reporter has put around them."""
        for scenario in feature.walk_scenarios():
            chosen = id(scenario) in self._selected
            scenario.run = partial(self._run, scenario, scenario.run) if chosen else partial(_pass_over, scenario)

    def _run(self, scenario: Any, attempt: Callable[[Any], bool], runner: Any) -> bool:
        self.attempt = 1
        failed = attempt(runner)
        while failed and self.attempt <= self._most and not runner.aborted and _may_pass(scenario):
            self._over()
            _forget(scenario)
            self._again()
            self.attempt += 1
            failed = attempt(runner)
        return failed


def _pass_over(scenario: Any, _: Any) -> bool:
    scenario.mark_skipped()
    return False


def _may_pass(scenario: Any) -> bool:
    undefined = any(step.status.name == "undefined" for step in scenario.all_steps)
    return scenario.status.name in TRIED_AGAIN and not undefined


def _forget(scenario: Any) -> None:
    """As it was before it ran; behave's own `reset` would also take an example's row, which names it."""
    scenario.clear_status()
    scenario.error_message = scenario.exception = scenario.exc_traceback = None
    for step in scenario.all_steps:
        step.reset()
