"""One part of a run that several machines share: which scenarios are this one's, the same whoever asks.

A capability stays whole, in both languages: its scenarios may look at what one of them made, and twins that need
the same test repositories need not wait for each other. Capabilities are dealt out by their number of scenarios,
the largest first, each to the shard that has least.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

Shard = tuple[int, int]


def keep_shard(scenarios: Sequence[Any], shard: Shard | None) -> list[Any]:
    """The scenarios of this shard, in their order; behave plays none of the others."""
    if shard is None:
        return list(scenarios)
    sizes: dict[str, int] = {}
    for scenario in scenarios:
        sizes[_capability(scenario)] = sizes.get(_capability(scenario), 0) + 1
    number, of = shard
    mine = dealt(sizes, of)[number - 1]
    for scenario in scenarios:
        if _capability(scenario) not in mine:
            # As if another one had been named: so Allure leaves it out as well.
            scenario.should_run_with_name_select = _never
    return [scenario for scenario in scenarios if _capability(scenario) in mine]


def dealt(sizes: dict[str, int], of: int) -> list[set[str]]:
    """The names of each shard; equal sizes are told apart by name, so that nothing depends on the machine."""
    shards: list[set[str]] = [set() for _ in range(of)]
    loads = [0] * of
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        least = loads.index(min(loads))
        shards[least].add(name)
        loads[least] += sizes[name]
    return shards


def _capability(scenario: Any) -> str:
    return PurePath(scenario.filename).stem


def _never(config: Any = None) -> bool:
    return False
