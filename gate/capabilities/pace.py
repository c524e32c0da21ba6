"""How soon the worker sees that a Job has ended: it looks at running runs once per poll (contract 4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gate.language import ensure
from gate.watching import ENDED, Watched

if TYPE_CHECKING:
    from gate.world import World

# One poll is the rule; a machine that is busy may miss one, and hardly ever with three runs in a row.
POLLS, MORE = 3, timedelta(seconds=2)
RUNS_TRIED = 3


class Pace:
    """The time from the end of a Job to that of its run."""

    def __init__(self, world: World) -> None:
        self._world = world

    def expect_soon_ended(self) -> None:
        """The quickest of a few runs: one may have had a worker that was just being replaced."""
        watched = self._world.worker.watched
        longest = POLLS * watched.poll + MORE
        lags = [_lag(watched)]
        while min(lags) > longest and len(lags) < RUNS_TRIED:
            lags.append(_lag(self._world.worker.ended_run()))
        took = ", ".join(f"{lag.total_seconds():.1f}" for lag in lags)
        poll, most = (span.total_seconds() for span in (watched.poll, longest))
        ensure(
            min(lags) <= longest,
            f"Runs end {took} s after their Jobs, wanted {most:g} s at most with a look every {poll:g} s."
            f"\n{watched.told()}",
            f"Запуски завершаются через {took} с после своих Job, а нужно не позже {most:g} с при опросе раз в "
            f"{poll:g} с.\n{watched.told()}",
        )


def _lag(watched: Watched) -> timedelta:
    """From the first look at the ended Job to the first at the ended run; none where both came at once."""
    run = watched.run()
    over = next((look.at for _, look in watched.looks if dict(look.jobs).get(str(run.id)) == "complete"), None)
    ended = watched.first_of(run, *ENDED)
    return _between(over, ended.at) if ended else timedelta()


def _between(over: datetime | None, ended: datetime) -> timedelta:
    return max(ended - over, timedelta()) if over else timedelta()
