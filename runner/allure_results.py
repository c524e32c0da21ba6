"""Allure's results pass the one redaction point: a plugin that is asked before the one that writes them."""

from __future__ import annotations

from typing import Any

from allure_commons import hookimpl

from gate.redaction import redact


class RedactedResults:
    """A plugin of Allure that is asked before the one that writes: messages and tracebacks lose their secrets."""

    @hookimpl(tryfirst=True)
    def report_result(self, result: Any) -> None:
        """A scenario's result, about to be written."""
        _redact_details(result)

    @hookimpl(tryfirst=True)
    def report_container(self, container: Any) -> None:
        """The hooks around scenarios, about to be written."""
        for hook in (*container.befores, *container.afters):
            _redact_details(hook)


def _redact_details(node: Any) -> None:
    details = getattr(node, "statusDetails", None)
    if details is not None:
        details.message = redact(details.message) if details.message else details.message
        details.trace = redact(details.trace) if details.trace else details.trace
    for step in getattr(node, "steps", None) or ():
        _redact_details(step)
