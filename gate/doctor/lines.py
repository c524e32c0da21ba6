"""Which lines of the gate document can be proven through the doors that are open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from gate.doctor.finding import Finding
from gate.document import Document

# Between doors of which one is enough; one that is not the first makes the proof a weaker one.
OR = "/"
# No place, but closed like one in a run that is read-only.
WRITING = "writing"


@dataclass(frozen=True)
class Outlook:
    """Whether a line can be proven from here, through a weaker door perhaps, and which doors it misses."""

    line: str
    missing: tuple[str, ...]
    weaker: tuple[str, ...]

    @property
    def provable(self) -> bool:
        """Whether no door is missing."""
        return not self.missing


def outlooks(
    document: Document, findings: Iterable[Finding], also: Mapping[str, Collection[str]] | None = None
) -> list[Outlook]:
    """Every line of the document; `also` names by a door the lines that need it beside their own."""
    usable = {WRITING: True} | {finding.door: finding.usable for finding in findings}
    further = (also or {}).items()
    return [
        _outlook(id, (*document.doors.get(id, ()), *(door for door, lines in further if id in lines)), usable)
        for id in (line.id for line in document.lines)
    ]


def _outlook(id: str, needed: Iterable[str], usable: Mapping[str, bool]) -> Outlook:
    missing, weaker = [], []
    for need in needed:
        doors = need.split(OR)
        through = next((door for door in doors if usable.get(door)), None)
        if through is None:
            missing.append(doors[0])
        elif through != doors[0]:
            weaker.append(through)
    return Outlook(id, tuple(missing), tuple(weaker))
