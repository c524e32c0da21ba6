"""Waits for a row: how soon after the change they end, and what they cost meanwhile."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass

import psycopg

from bench.console import local_target
from bench.measure import Series
from gate.language import Text
from gate.target import Target
from gate.waiting import until

ROUNDS = 30
ALLOWED_SECONDS = 0.015
WHAT = Text("the row has changed", "строка изменилась")
TABLE = "CREATE TABLE waited_for (number int PRIMARY KEY, done bool NOT NULL DEFAULT false)"


def measured() -> tuple[Series, Series]:
    """Seconds from the change to the end of the wait; core seconds of this process for each second waited."""
    late, busy = Series(mebibytes=[0.0]), Series(mebibytes=[0.0])
    # The same waits each time; another generator than that of anything measured.
    chance = random.Random(8)
    with local_target() as target:
        database, url = target.database, target.settings["GATE_DATABASE_URL"]
        database.execute(TABLE)
        with psycopg.connect(url, autocommit=True) as other:
            for number in range(ROUNDS):
                database.execute("INSERT INTO waited_for (number) VALUES (%s)", number)
                changer = _Changer(other, number, 0.4 + chance.random() / 2)
                changer.start()
                began, spent = time.perf_counter(), time.process_time()
                until(_Look(target, number).done, bool, what=WHAT, within=30)
                ended = time.perf_counter()
                changer.join()
                late.seconds.append(max(ended - changer.changed, 0.0))
                busy.seconds.append((time.process_time() - spent) / (ended - began))
    return late, busy


@dataclass(frozen=True)
class _Look:
    """Looks at one row through the gate's door."""

    target: Target
    number: int

    def done(self) -> object:
        """Whether it has changed."""
        return self.target.database.value("SELECT done FROM waited_for WHERE number = %s", self.number)


class _Changer(threading.Thread):
    """Changes a row after a while, over a connection of its own."""

    def __init__(self, connection: psycopg.Connection[object], number: int, after_seconds: float) -> None:
        super().__init__()
        self._connection, self._number, self._after = connection, number, after_seconds
        self.changed = 0.0

    def run(self) -> None:
        threading.Event().wait(self._after)
        self._connection.execute("UPDATE waited_for SET done = true WHERE number = %s", (self._number,))
        self.changed = time.perf_counter()
