"""How soon the worker sees that a run came in and that a Job has ended: it looks once per poll (contract 4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gate import evidence
from gate.language import Text, ensure, say
from gate.watching import ENDED, Watched

if TYPE_CHECKING:
    from gate.world import World

# One poll is the rule; a machine that is busy may miss one, and hardly ever with three runs in a row.
POLLS, MORE = 3, timedelta(seconds=2)
RUNS_TRIED = 3
# Whether others that came before had not begun when the run came: it stood behind them (contract 4: oldest first).
BEHIND_OTHERS = """
SELECT EXISTS (SELECT FROM agent_runs ours JOIN agent_runs other ON other.created_at < ours.created_at
    AND coalesce(other.started_at, other.finished_at, 'infinity') > ours.created_at
WHERE ours.correlation_id = %s) AS behind
"""
BEGIN = Text("Runs begin {} s after they came", "Запуски начинаются через {} с после прихода")
END = Text("Runs end {} s after their Jobs", "Запуски завершаются через {} с после своих Job")


class Pace:
    """The time from what the worker has to see till it shows in the run."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._runs: list[Watched] = []

    def expect_soon_begun(self) -> None:
        """From pending to running."""
        self._expect_soon(BEGIN, self._begin_lag)

    def expect_soon_ended(self) -> None:
        """From the end of the Job to that of the run."""
        self._expect_soon(END, _end_lag)

    def _expect_soon(self, what: Text, lag: Callable[[Watched], timedelta]) -> None:
        """The quickest of a few runs: one may have had a worker that was just being replaced."""
        watched = self._run(0)
        longest = POLLS * watched.poll + MORE
        lags = [lag(watched)]
        while min(lags) > longest and len(lags) < RUNS_TRIED:
            lags.append(lag(self._run(len(lags))))
        took = str(what).format(", ".join(f"{one.total_seconds():.1f}" for one in lags))
        poll, most = (span.total_seconds() for span in (watched.poll, longest))
        ensure(
            min(lags) <= longest,
            f"{took}, wanted {most:g} s at most with a look every {poll:g} s.\n{watched.told()}",
            f"{took}, а нужно не позже {most:g} с при опросе раз в {poll:g} с.\n{watched.told()}",
        )

    def _run(self, number: int) -> Watched:
        """The one that the scenario watched, and as many more as are needed."""
        while len(self._runs) <= number:
            self._runs.append(self._world.worker.ended_run() if self._runs else self._world.worker.watched)
        return self._runs[number]

    def _begin_lag(self, watched: Watched) -> timedelta:
        """From the first look at the waiting run to the first once it had begun; none for one behind others."""
        run = watched.run()
        came, begun = watched.first_of(run, "pending"), watched.first_of(run, "running", *ENDED)
        if self._world.target.database.value(BEHIND_OTHERS, run.correlation_id):
            evidence.weaker(
                say(
                    f"How soon run {run.id} began is not judged: it stood behind runs of others.",
                    f"Как скоро начат запуск {run.id}, не судим: он стоял за чужими запусками.",
                )
            )
            return timedelta()
        return _between(came.at, begun.at) if came and begun else timedelta()


def _end_lag(watched: Watched) -> timedelta:
    """From the first look at the ended Job to the first at the ended run; none where both came at once."""
    run = watched.run()
    over = next((look.at for _, look in watched.looks if dict(look.jobs).get(str(run.id)) == "complete"), None)
    ended = watched.first_of(run, *ENDED)
    return _between(over, ended.at) if ended else timedelta()


def _between(earlier: datetime | None, later: datetime) -> timedelta:
    return max(later - earlier, timedelta()) if earlier else timedelta()
