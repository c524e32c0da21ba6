"""The catalogue of faults: each a small thing that a developer of such a platform could break in a day."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache

COMPONENTS = ("edge", "gateway", "worker", "cluster", "github", "console", "surface")


@dataclass(frozen=True)
class Fault:
    """One fault: its name, a sentence in both languages, the contract's section, the gate lines that must go red."""

    name: str
    en: str
    ru: str
    contract: str
    lines: tuple[str, ...]


@cache
def catalogue() -> dict[str, Fault]:
    """All faults by name, in the order of the components."""
    found = (fault for name in COMPONENTS for fault in importlib.import_module(f"{__name__}.{name}").FAULTS)
    return {fault.name: fault for fault in found}
