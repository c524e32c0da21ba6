"""Whom a run has let in, on disk until they are taken off again: a run that is killed cannot do it itself.

It lies beside the record, holds e-mails by the domain of their staging and nothing else, and is read by its owner
alone. Who begins another run there leaves it alone: only `python -m gate clean` or the run itself take off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gate.sessions import FILE_MODE

if TYPE_CHECKING:
    from gate.target import Target

NAME = ".allowed.json"
By = Callable[[set[str]], Iterable[str]]


class Guests:
    """The guests of one staging, as one folder of results knows them."""

    def __init__(self, reports: Path, domain: str) -> None:
        self._path = reports / NAME
        self._domain = domain

    def emails(self, older_than: timedelta = timedelta()) -> list[str]:
        """Who was let in and not taken off; nobody while the last of them came later than this."""
        try:
            changed = datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return []
        return sorted(self._read().get(self._domain, [])) if datetime.now(UTC) - changed >= older_than else []

    def add(self, email: str) -> None:
        """Before they are let in: whatever happens then, somebody knows of it."""
        self._write(lambda known: known | {email})

    def drop(self, email: str) -> None:
        """They are taken off; the file goes with the last."""
        self._write(lambda known: known - {email})

    def _read(self) -> dict[str, list[str]]:
        try:
            found: dict[str, list[str]] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found

    def _write(self, change: By) -> None:
        known = self._read()
        known[self._domain] = sorted(change(set(known.get(self._domain, []))))
        kept = {domain: emails for domain, emails in known.items() if emails}
        if not kept:
            self._path.unlink(missing_ok=True)
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(fresh, flags, FILE_MODE), "w", encoding="utf-8") as file:
            json.dump(kept, file, ensure_ascii=False)
        fresh.replace(self._path)


def guests_of(target: Target) -> Guests:
    """Those of a target, in the folder of its results."""
    return Guests(target.settings["GATE_REPORTS"], target.domain)
