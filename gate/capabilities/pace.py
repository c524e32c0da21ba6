"""How soon the worker sees that a run came in and that a Job has ended: it looks once per poll (contract 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from gate import evidence
from gate.doors.database import with_zone
from gate.errors import NotProven
from gate.language import Text, ensure, say
from gate.watching import ENDED, Look, Watched

if TYPE_CHECKING:
    from gate.world import World

# One poll is the rule; a machine that is busy may miss one, and hardly ever with three runs in a row.
POLLS, MORE = 3, timedelta(seconds=2)
RUNS_TRIED = 3
# When runs that came before ours began, while ours waited: a worker may claim but a few at a poll (contract 4).
BEGAN_BEFORE_OURS = """
SELECT other.started_at AS at FROM agent_runs ours JOIN agent_runs other ON other.created_at < ours.created_at
    AND other.started_at BETWEEN %s AND %s
WHERE ours.correlation_id = %s ORDER BY at
"""
BEGIN = Text(
    "Runs begin {} s after they came, the turns of those before them left aside",
    "Запуски начинаются через {} с после прихода, не считая очереди тех, кто перед ними",
)
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

    def _expect_soon(self, what: Text, lag: Callable[[Watched], timedelta | None]) -> None:
        """The quickest of a few runs: one may have had a worker that was just being replaced."""
        watched = self._run(0)
        longest = POLLS * watched.poll + MORE
        lags: list[timedelta] = []
        for number in range(RUNS_TRIED):
            lags += [took] if (took := lag(self._run(number))) is not None else []
            if lags and min(lags) <= longest:
                break
        if not lags:
            raise NotProven(
                say(
                    f"Of no run was seen what is to be timed.\n{watched.told()}",
                    f"Ни у одного запуска не увидели того, что засекается.\n{watched.told()}",
                ),
                "staging",
            )
        seen = str(what).format(", ".join(f"{one.total_seconds():.1f}" for one in lags))
        evidence.note(seen)
        poll, most = (span.total_seconds() for span in (watched.poll, longest))
        ensure(
            min(lags) <= longest,
            f"{seen}, wanted {most:g} s at most with a look every {poll:g} s.\n{watched.told()}",
            f"{seen}, а нужно не позже {most:g} с при опросе раз в {poll:g} с.\n{watched.told()}",
        )

    def _run(self, number: int) -> Watched:
        """The one that the scenario watched, and as many more as are needed."""
        while len(self._runs) <= number:
            self._runs.append(self._world.worker.ended_run() if self._runs else self._world.worker.watched)
        return self._runs[number]

    def _begin_lag(self, watched: Watched) -> timedelta | None:
        """From the first look at the waiting run to the first once it had begun; None where it never had."""
        run = watched.run()
        pending, begun = watched.first_of(run, "pending"), watched.first_of(run, "running", *ENDED)
        if begun is None:
            return None
        came = pending.at if pending else _look_before(begun)
        rows = self._world.target.database.query(BEGAN_BEFORE_OURS, came, begun.at, run.correlation_id)
        return wait_of_its_own(came, begun.at, [with_zone(row["at"]) for row in rows], watched.poll)


def wait_of_its_own(came: datetime, begun: datetime, others: Sequence[datetime], poll: timedelta) -> timedelta:
    """How long a run waited for its worker rather than for its turn, if `others` before it began meanwhile.

    At each poll the worker begins one of them at least: so long as it begins none it is not at work. And it goes
    through all of them in so many polls as it takes with as many in each as it began in one.
    """
    idle = max(later - earlier for earlier, later in pairwise([came, *others, begun]))
    at_a_poll = Counter((other - came) // poll for other in others)
    turns = ceil(len(others) / max(at_a_poll.values(), default=1))
    return max(idle, begun - came - turns * poll)


def _end_lag(watched: Watched) -> timedelta | None:
    """From the first look at the ended Job to the first at the ended run; None where the Job was never seen."""
    run = watched.run()
    seen = [(look.at, state) for _, look in watched.looks if (state := dict(look.jobs).get(str(run.id)))]
    ended = watched.first_of(run, *ENDED)
    if not seen or ended is None:
        return None
    return ended.at - next((at for at, state in seen if state == "complete"), _look_before(ended))


def _look_before(look: Look) -> datetime:
    """What a look shows first came after this."""
    return look.at - timedelta(seconds=look.gap)
