"""Commands measured in alternation: each once a round, so that a noisy machine is noisy for all of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Command:
    """What to run, where, and with which variables beside the usual ones; GATE_ of outside are left out."""

    words: Sequence[str]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    codes: Sequence[int] = (0,)


@dataclass
class Series:
    """Seconds and the largest process in MiB, one of each a round."""

    seconds: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)


def alternate(commands: Mapping[str, Command], rounds: int, *, warm: bool = True) -> dict[str, Series]:
    """Each command once a round; a first round, which warms the caches, is not counted."""
    found = {name: Series() for name in commands}
    for number in range(rounds + warm):
        for name, command in commands.items():
            seconds, mebibytes = _once(command)
            if number or not warm:
                found[name].seconds.append(seconds)
                found[name].mebibytes.append(mebibytes)
    return found


def row(name: str, series: Series, first: Series, goal: str = "") -> dict[str, Any]:
    """A row of the table: seconds, and the ratio to the first command of the same round."""
    ratios = [mine / its for mine, its in zip(series.seconds, first.seconds, strict=True)]
    return {
        "name": name,
        "seconds": _spread(series.seconds),
        "ratio": _spread(ratios),
        "mebibytes": round(statistics.median(series.mebibytes)),
        "goal": goal,
    }


def _spread(values: Sequence[float]) -> list[float]:
    return [round(value, 3) for value in (min(values), statistics.median(values), max(values))]


def _once(command: Command) -> tuple[float, float]:
    # As on an ordinary machine, Python keeps what it has compiled.
    left_out = ("GATE_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    began = time.monotonic()
    process = subprocess.Popen(
        command.words,
        cwd=command.folder,
        env={**environment, **command.variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    if process.returncode not in command.codes:
        raise SystemExit(f"{' '.join(command.words)} ended with {process.returncode}.")
    return seconds, usage.ru_maxrss / 1024
