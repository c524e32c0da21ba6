"""Allure's results pass the one redaction point: a plugin around the one that writes them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from allure_commons import hookimpl

from gate.redaction import redact

Writing = Generator[None, Any, Any]


class KeptResults:
    """A plugin of Allure around the one that writes: messages and tracebacks lose their secrets.

    What cannot be written is told to `lose`, for it would break behave off before anything is cleaned up.
    """

    def __init__(self, lose: Callable[[str], None]) -> None:
        self._lose = lose

    @hookimpl(wrapper=True)
    def report_result(self, result: Any) -> Writing:
        """A scenario's result, about to be written."""
        _redact_details(result)
        return (yield from self._written())

    @hookimpl(wrapper=True)
    def report_container(self, container: Any) -> Writing:
        """The hooks around scenarios, about to be written."""
        for hook in (*container.befores, *container.afters):
            _redact_details(hook)
        return (yield from self._written())

    @hookimpl(wrapper=True)
    def report_attached_data(self, body: Any, file_name: str) -> Writing:
        """An attachment, which passed the redaction before."""
        return (yield from self._written())

    def _written(self) -> Writing:
        try:
            return (yield)
        except OSError as failure:
            self._lose(str(failure.strerror))
            return []


def _redact_details(node: Any) -> None:
    details = getattr(node, "statusDetails", None)
    if details is not None:
        details.message = redact(details.message) if details.message else details.message
        details.trace = redact(details.trace) if details.trace else details.trace
    for step in getattr(node, "steps", None) or ():
        _redact_details(step)
