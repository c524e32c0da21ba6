"""Allure's results pass the one redaction point on their way into their folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import allure_commons
from allure_behave.formatter import AllureFormatter
from allure_commons.logger import AllureFileLogger
from attr import asdict
from behave.formatter.base import StreamOpener

from gate.redaction import redact


class KeptResults(AllureFileLogger):
    """Writes results as Allure does: messages and tracebacks lose their secrets, and each file is made at once.

    What cannot be written is told to `lose`, for it would break behave off before anything is cleaned up.
    """

    def __init__(self, folder: Path, lose: Callable[[str], None]) -> None:
        super().__init__(folder)  # type: ignore[no-untyped-call]
        self._lose = lose

    def _report_item(self, item: Any) -> None:
        for node in (item, *getattr(item, "befores", ()), *getattr(item, "afters", ())):
            _redact_details(node)
        # In one piece: Allure's own hands its file a word at a time, which is a tenth of a run of empty steps.
        text = json.dumps(asdict(item, filter=lambda _, value: value or value is False), ensure_ascii=False)
        self._put(text.encode(), item.file_pattern.format(prefix=uuid4()))

    @allure_commons.hookimpl
    def report_attached_data(self, body: Any, file_name: str) -> None:
        """An attachment, which passed the redaction before."""
        self._put(body.encode() if isinstance(body, str) else body, file_name)

    def _put(self, data: bytes, name: str) -> None:
        """A file is there whole or not at all."""
        with self._told():
            made: Path = self._report_dir / f"{name}.tmp"
            made.write_bytes(data)
            made.replace(self._report_dir / name)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as failure:
            self._lose(str(failure.strerror))


def formatter(folder: Path, config: Any, lose: Callable[[str], None]) -> AllureFormatter:
    """Allure's formatter of behave, with the writer above in place of its own."""
    made = AllureFormatter(StreamOpener(str(folder)), config)
    allure_commons.plugin_manager.unregister(made.file_logger)
    made.file_logger = KeptResults(folder, lose)
    allure_commons.plugin_manager.register(made.file_logger)
    return made


def _redact_details(node: Any) -> None:
    details = getattr(node, "statusDetails", None)
    if details is not None:
        details.message = redact(details.message) if details.message else details.message
        details.trace = redact(details.trace) if details.trace else details.trace
    for step in getattr(node, "steps", None) or ():
        _redact_details(step)
