"""What libraries write about an error passes the one redaction point too: Allure's results, the screen."""

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


def redact_error(error: BaseException) -> None:
    """Take secrets out of an error and of those that led to it, before anybody prints them."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        found.args = tuple(redact(one) if isinstance(one, str) else one for one in found.args)
        found = found.__cause__ or found.__context__


def _redact_details(node: Any) -> None:
    details = getattr(node, "statusDetails", None)
    if details is not None:
        details.message = redact(details.message) if details.message else details.message
        details.trace = redact(details.trace) if details.trace else details.trace
    for step in getattr(node, "steps", None) or ():
        _redact_details(step)
