"""Different deliveries at the same moment: what one brings may not turn up under another (contract 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.capabilities.webhook import recorded
from gate.doors.http import Exchange
from gate.doors.webhook import Delivery, new_delivery
from gate.language import ensure

if TYPE_CHECKING:
    from gate.world import World

EVENTS = ("push", "issues", "pull_request", "issue_comment", "ping")
# From one kilobyte to two hundred: what is read in pieces overlaps with what is read at once.
COMMITS = (5, 1000, 20, 400, 80)


class Burst:
    """Deliveries that have only the moment in common."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._deliveries: list[Delivery] = []
        self._answers: list[Exchange] = []

    def prepare(self, count: int) -> None:
        """So many, each about a repository of its own, with a word of its own in many places."""
        self._deliveries = [self._new(number) for number in range(count)]

    def deliver(self) -> None:
        """All of them at once."""
        self._answers = self._target.webhook.send_at_once(self._deliveries)

    def expect_accepted(self) -> None:
        """202 for each, under its own id, and no two of the same run."""
        got = [(answer.status, answer.json().get("correlation_id")) for answer in self._answers]
        wanted = [(202, delivery.id) for delivery in self._deliveries]
        runs = {str(answer.json().get("run_id")) for answer in self._answers}
        ensure(
            got == wanted and len(runs) == len(wanted),
            f"Answers to {len(wanted)} different deliveries: {got}, wanted {wanted}; they name {len(runs)} runs.",
            f"Ответы на разные доставки ({len(wanted)}): {got}, нужны {wanted}; запусков названо {len(runs)}.",
        )

    def expect_own_payloads(self) -> None:
        """Each has a run of its own, which keeps what came with it."""
        for delivery, answer in zip(self._deliveries, self._answers, strict=True):
            recorded(self._target, delivery, answer)
            kept = self._target.database.payload_of(str(delivery.id))
            ensure(
                kept == delivery.payload,
                f"The run of delivery {delivery.id} about {delivery.repository} keeps another payload: "
                f"{str(kept)[:300]}",
                f"Запуск доставки {delivery.id} о {delivery.repository} хранит чужое содержимое: "
                f"{str(kept)[:300]}",
            )

    def _new(self, number: int) -> Delivery:
        name = f"{self._world.mark}/burst-{number}"
        commits = [{"id": f"{number}-{at}", "message": f"{name} {at} " + "x" * 150}
                   for at in range(COMMITS[number % len(COMMITS)])]  # fmt: skip
        event = EVENTS[number % len(EVENTS)]
        return new_delivery(self._world.mark, event, repository=name, sender=f"sender-{number}", commits=commits)
