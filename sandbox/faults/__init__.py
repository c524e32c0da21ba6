"""The catalogue of faults: each a small thing that a developer of such a platform could break in a day."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from functools import cache

from .further import LINES

COMPONENTS = ("edge", "gateway", "worker", "cluster", "github", "console", "surface")


@dataclass(frozen=True)
class Fault:
    """One fault: its name, a sentence in both languages, the contract's section, the gate lines it turns red."""

    name: str
    en: str
    ru: str
    contract: str
    lines: tuple[str, ...]


def group(contract: str, lines: tuple[str, ...], *rows: tuple[str, str, str]) -> tuple[Fault, ...]:
    """Faults (name, en, ru) of one section that the same gate lines must notice."""
    return tuple(Fault(name, en, ru, contract, lines) for name, en, ru in rows)


@cache
def catalogue() -> dict[str, Fault]:
    """All faults by name, in the order of the components."""
    found = (fault for name in COMPONENTS for fault in importlib.import_module(f"{__name__}.{name}").FAULTS)
    return {fault.name: replace(fault, lines=(*fault.lines, *LINES.get(fault.name, ()))) for fault in found}
