"""The errors of the gate, one tree.

    GateError
    +-- SettingError    a setting is missing, unknown or wrong; nothing has run yet
    +-- WordError       a sentence uses a word that the gate does not know
    +-- NotProven       the line cannot be judged from here; never green, never red
        +-- Held        rows stay, because another table refers to them
    Broken (AssertionError)    the platform did something else than its contract says

A reader of the report sees only their text, so it says what was seen, where, and what to do.
"""

from __future__ import annotations

import errno
from typing import Literal

Category = Literal["platform", "staging", "suite", "not-configured"]

# What an OSError says where a disk, a quota or a limit is used up.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class GateError(Exception):
    """Anything that keeps the gate from judging."""


class SettingError(GateError):
    """A setting is missing, unknown or wrong. The text names it, where it came from and what to do."""


class WordError(GateError):
    """A sentence of a feature uses a word that is not known; the text lists the words that are."""


class NotProven(GateError):
    """The scenario cannot be judged from here; `category` says whose matter that is."""

    def __init__(self, reason: str, category: Category = "not-configured") -> None:
        super().__init__(reason)
        self.category: Category = category


class Held(NotProven):
    """The database lets nobody remove these rows: `by`, a table of the platform's, refers to them."""

    def __init__(self, reason: str, by: str) -> None:
        super().__init__(reason, "staging")
        self.by = by


class Broken(AssertionError):
    """The platform broke its contract; the text says how, with the facts."""
