"""A delivery that comes again when its run is long over, as GitHub's button “Redeliver” sends it (contract 2)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from gate import evidence, run_rules
from gate.capabilities.webhook import told_of
from gate.doors.http import Exchange
from gate.doors.records import Run
from gate.doors.webhook import new_delivery, new_id
from gate.errors import NotProven
from gate.language import Text, ensure, say
from gate.run_stories import another_lines_matter
from gate.waiting import never

if TYPE_CHECKING:
    from gate.world import World

REPLAY = "webhook.duplicate"
# So long GitHub lets one redeliver; nobody clears away what is younger.
LONG_AGO, A_MINUTE = timedelta(days=3), timedelta(minutes=1)


class Redelivery:
    """An ended run, and what a second delivery of its event makes of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._run: Run | None = None
        self._full_name = ""
        self._begun = 0
        self._replays = 0
        self._answer: Exchange | None = None

    # --- acts

    def have_ended(self) -> None:
        """A run that was left to itself; that it does not end is the matter of another line."""
        with another_lines_matter():
            watched = self._world.worker.ended_run()
        self._full_name = watched.full_name
        self._world.worker.judge(watched)
        # Contract 4.4 has the slot in the transaction of the status; the event of the end may be a moment late.
        self._world.worker.events_after_end(watched.run())
        # As it is now: what became of it since is for those to judge who watched it.
        self._run = self._target.database.run_of(watched.run().correlation_id)
        self._begun = len(self._boundaries())

    def have_old(self) -> None:
        """A run that ended long ago: GitHub keeps what it delivered for days, and an id is known for ever."""
        honest = new_delivery(self._world.mark, "push")
        answer = self._target.webhook.deliver(honest)
        now = self._target.database.value("SELECT now()")
        run_id, correlation_id = str(uuid4()), new_id(self._world.mark)
        try:
            self._target.database.invent_run(
                str(answer.json().get("run_id")),
                id=run_id,
                correlation_id=correlation_id,
                project_id=None,
                # One that failed invites to be tried again; one that succeeded is met right after its end.
                status="failed",
                created_at=now - LONG_AGO,
                updated_at=now - LONG_AGO,
                started_at=now - LONG_AGO,
                finished_at=now - LONG_AGO + A_MINUTE,
            )
        except NotProven as reason:
            # A table that wants more than the contract tells: what ended just now is the next best.
            evidence.weaker(str(reason))
            self.have_ended()
            return
        self._full_name = honest.repository
        self._run = self._target.database.run(run_id)

    def deliver(self) -> None:
        """The same delivery id once more, rightly signed."""
        self._expect_still_there()
        self._replays = len(self._target.database.events_of(self.run.correlation_id, REPLAY))
        again = new_delivery(self._world.mark, "push", repository=self._full_name)
        self._answer = self._target.webhook.send(again.under_new_id(self.run.correlation_id))

    # --- checks

    def expect_duplicate(self) -> None:
        """200 with the ids of that run."""
        answer = self._answer
        assert answer is not None
        wanted = {
            "correlation_id": self.run.correlation_id,
            "run_id": str(self.run.id),
            "status": "duplicate",
            "duplicate": True,
        }
        told = answer.parsed()
        ensure(
            answer.status == 200 and isinstance(told, dict) and wanted.items() <= told.items(),
            f"A delivery whose run has ended was not told to be its duplicate: wanted 200 and {wanted}.\n"
            f"{answer.told()}",
            f"Доставка, чей запуск завершён, не названа его повтором: нужно 200 и {wanted}.\n{answer.told()}",
        )

    def expect_left_alone(self) -> None:
        """The row stays as it is, and nothing more begins or ends under the delivery id."""
        settings, run = self._target.settings, self.run
        never(
            lambda: (self._target.database.run_of(run.correlation_id), self._boundaries()),
            lambda seen: seen[0] != run or len(seen[1]) > self._begun,
            what=Text(
                f"A second delivery of its event changed run {run.id}, which had ended as {run.status}",
                f"Повторная доставка изменила завершённый запуск {run.id} ({run.status})",
            ),
            during=settings["GATE_POLL_SECONDS"] + settings["GATE_SETTLE_SECONDS"],
        )

    def expect_recorded(self) -> None:
        """The event of a replay, whatever has become of the run since (contract 2)."""
        told_of(self._target, self.run.correlation_id, REPLAY, self._replays + 1)

    # --- helpers

    @property
    def run(self) -> Run:
        """The run as it ended."""
        if self._run is None:
            raise NotProven(say("No run has ended yet.", "Ни один запуск ещё не завершился."), "suite")
        return self._run

    def _expect_still_there(self) -> None:
        """A staging may clear away what is old, though we have just written it; nobody knows its id then."""
        if self._target.database.run_of(self.run.correlation_id) is None:
            raise NotProven(
                say(
                    f"Run {self.run.id} is no longer in the database: the staging clears old runs away.",
                    f"Запуска {self.run.id} в базе уже нет: staging удаляет старые запуски.",
                ),
                "staging",
            )

    def _boundaries(self) -> list[str]:
        events = self._target.database.events_of(self.run.correlation_id)
        return run_rules.boundaries([event.event_type for event in events])
