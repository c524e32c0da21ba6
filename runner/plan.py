"""How the scenarios of a run are shared out among workers: what belongs together, what must not run beside what.

Declared here: which scenarios judge what one of them made, so that they go to one worker, one after the other; and
which use a thing that there is only once. A scenario may also say so itself: `@alone` runs beside nothing,
`@alone.people` beside no other that uses people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from runner.record import key_of

ALONE = "alone"
# The preconditions come first: what they find down, the others need not wait for. Hostile deliveries come after
# the rest: a receiver that they bring down is the matter of their own line, and no other may turn red with it.
FIRST, USUAL, HOSTILE, LAST = range(4)
PHASES = {"00_preconditions": FIRST, "boundary_receiver": HOSTILE}
# By line of the gate document: what must not be in two hands at once.
THINGS: Mapping[str, Collection[str]] = {
    "s1.p0.4.1": ("projects",),
    "s1.p0.4.2": (ALONE,),
    "s1.p0.4.3": ("people", "users"),
    "s1.p1.2.": ("repositories",),
    "s1.evidence.2": ("repositories",),
    "s1.contract.api": ("projects", "users"),
    "s1.contract.data": ("projects", "users"),
    "s1.boundary.roles": ("projects", "users"),
    # One judges that a login is put on record, the other that a claim leaves the record as it is.
    "s1.p0.3.": ("people", "users"),
    "s1.boundary.proxy": ("people", "projects", "users"),
    "s1.boundary.identity": ("people", "projects", "users"),
}
# What it adds to and takes from: many may do so at once, but not beside who has the thing in hand. A page is
# compared with the database before and after it loaded: nobody may make and remove users or projects meanwhile.
CHANGES: Mapping[str, Collection[str]] = {
    "s1.p1.1.1": ("projects",),
    "s1.p1.2.": ("projects", "users"),
    "s1.boundary.exposure": ("projects", "users"),
    "s1.evidence.2": ("projects",),
    "s1.contract.console": ("projects", "users"),
}
# A cast of people and projects, or the output of a script, that a whole file looks at, in one language.
ONE_CAST = frozenset({"learning_mode", "staff_api"})
# Runs that are watched once for several scenarios: those with the same When.
ONE_STORY = frozenset({"worker"})
# The platform's own smoke script is run once for both languages, and before anything is delivered: it may wait for
# a run of its own, which would stand behind ours, and look at all pods, also those of Jobs that fail on purpose.
SMOKE = "s1.evidence.1"
# What waits for the worker begins before what does not wait.
LONG = (
    "worker",
    "learning_mode",
    "repositories",
    "evidence",
    "console",
    "boundary_identity",
    "contract",
    "staff_access",
)


@dataclass
class Unit:
    """Scenarios for one worker, in their order. Nothing of a later phase begins before a phase is over."""

    scenarios: list[Any]
    phase: int = USUAL
    alone: frozenset[str] = field(default_factory=frozenset)
    changes: frozenset[str] = field(default_factory=frozenset)

    @property
    def keys(self) -> list[str]:
        """What identifies its scenarios."""
        return [key_of(scenario) for scenario in self.scenarios]


class Plan:
    """The units that are left, and which of them may begin beside those that run."""

    def __init__(self, scenarios: Iterable[Any]) -> None:
        self._left = _sorted(_units(scenarios))
        self._running: list[Unit] = []

    def __len__(self) -> int:
        return len(self._left)

    @property
    def over(self) -> bool:
        """Nothing is left, and nothing runs."""
        return not self._left and not self._running

    def next(self) -> Unit | None:
        """The unit that begins now; None while nothing may."""
        for unit in self._left:
            if self._may_begin(unit):
                self._left.remove(unit)
                self._running.append(unit)
                return unit
        return None

    def done(self, unit: Unit) -> None:
        """It has ended; what kept others from running beside it is free."""
        self._running.remove(unit)

    def lost(self, unit: Unit, begun: Collection[str]) -> None:
        """Its worker died: what had not begun is left for another."""
        self.done(unit)
        rest = [scenario for scenario in unit.scenarios if key_of(scenario) not in begun]
        if rest:
            self._left.insert(0, replace(unit, scenarios=rest))

    def drop(self) -> None:
        """Nothing more is to begin."""
        self._left.clear()

    def _may_begin(self, unit: Unit) -> bool:
        if unit.phase > min(one.phase for one in (*self._left, *self._running)):
            return False
        held = frozenset().union(*(one.alone for one in self._running))
        changed = frozenset().union(*(one.changes for one in self._running))
        if ALONE in unit.alone | held:
            return not self._running
        return not unit.alone & (held | changed) and not unit.changes & held


def _units(scenarios: Iterable[Any]) -> list[Unit]:
    units: dict[object, Unit] = {}
    for scenario in scenarios:
        unit = units.setdefault(_together(scenario), Unit([], _phase(scenario)))
        unit.scenarios.append(scenario)
        unit.alone |= _alone(scenario)
        unit.changes |= _of_its_lines(CHANGES, scenario)
    return list(units.values())


def _together(scenario: Any) -> object:
    """Scenarios for which this is the same go to one worker."""
    stem, language = PurePath(scenario.filename).stem, scenario.feature.language
    if _is_smoke(scenario):
        return SMOKE
    if stem in ONE_CAST:
        return stem, language
    if stem in ONE_STORY:
        return stem, language, *(step.name for step in scenario.steps if step.step_type == "when")
    return key_of(scenario)


def _phase(scenario: Any) -> int:
    if ALONE in _alone(scenario):
        return LAST
    if _is_smoke(scenario):
        return FIRST
    return PHASES.get(PurePath(scenario.filename).stem, USUAL)


def _is_smoke(scenario: Any) -> bool:
    return SMOKE in map(str, scenario.effective_tags)


def _alone(scenario: Any) -> frozenset[str]:
    tags = map(str, scenario.effective_tags)
    said = (tag for tag in tags if tag == ALONE or tag.startswith(f"{ALONE}."))
    return _of_its_lines(THINGS, scenario).union(said)


def _of_its_lines(things: Mapping[str, Collection[str]], scenario: Any) -> frozenset[str]:
    """As the tags of a scenario name them."""
    tags = tuple(map(str, scenario.effective_tags))
    found = (one for line, named in things.items() if any(tag.startswith(line) for tag in tags) for one in named)
    return frozenset(thing if thing == ALONE else f"{ALONE}.{thing}" for thing in found)


def _sorted(units: Sequence[Unit]) -> list[Unit]:
    """By phase; first who keeps others waiting, then the long ones, else in the order of the files."""
    changed = frozenset().union(*(unit.changes for unit in units))

    def rank(unit: Unit) -> tuple[int, bool, int]:
        stem = PurePath(unit.scenarios[0].filename).stem
        return unit.phase, not unit.alone & changed, LONG.index(stem) if stem in LONG else len(LONG)

    return sorted(units, key=rank)
