"""A scenario outline of which nothing ran is untested, not passed; and its steps are made without detours.

behave 1.3.3 calls it passed, and then the feature, in which "some passed and the next is untested", failed: the
summary of a dry run told of failures where nothing had run. And it makes each step of an example by copying the
outline's with everything behind it, captured output and all; that was a tenth of a dry run.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from behave.model import ScenarioOutline, Step
from behave.model_type import Status

NOT_RUN = (Status.untested, Status.skipped)


def mend_outlines() -> None:
    """Let every outline tell its status so, and copy a step as what it is: words, and a table of its own."""
    told = ScenarioOutline.compute_status
    if hasattr(told, "mended"):
        return

    def compute_status(outline: Any) -> Status:
        inner = [scenario.status for scenario in outline._scenarios]
        if Status.untested in inner and all(status in NOT_RUN for status in inner):
            return Status.untested
        return told(outline)

    compute_status.mended = True  # type: ignore[attr-defined]
    ScenarioOutline.compute_status = compute_status
    Step.__deepcopy__ = _copied


def _copied(step: Any, _memo: Any) -> Step:
    return Step(step.filename, step.line, step.keyword, step.step_type, step.name, step.text, deepcopy(step.table))
