"""Runs of events of every type and make: the worker asks none what its event was (contract 2 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gate.capabilities.boundary_deliveries import MARKUP, SPECIAL
from gate.capabilities.webhook import told_of
from gate.doors.webhook import (
    Delivery,
    new_delivery,
    of_bot,
    of_many_commits,
    of_public_repository,
    without,
)
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.run_stories import Stories, draw
from gate.watching import Watched, derived_project

if TYPE_CHECKING:
    from gate.world import World

# Those of pushes and pings are watched elsewhere.
TYPES = (
    "pull_request",
    "issues",
    "issue_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "gate_unheard_of",
)


def _of_odd_text(delivery: Delivery) -> Delivery:
    return delivery.with_payload(head_commit={"message": SPECIAL, "comment": MARKUP})


# What else an event may be, by the last word of its repository's name. None that the platform's own hooks deliver
# is an app's (contract 5); and nothing in a payload gets in a Job's way, however it comes there.
MAKES: Mapping[str, tuple[Text, Callable[[Delivery], Delivery]]] = {
    "no-app": (Text("of a webhook that no app made", "вебхука без приложения"), partial(without, "installation")),
    "public": (Text("about a public repository", "об открытом репозитории"), of_public_repository),
    "bot": (Text("that a bot caused", "вызванный ботом"), of_bot),
    "large": (Text("of some 900 kB", "размером около 900 кБ"), of_many_commits),
    "odd-text": (Text("with markup and letters of every alphabet", "с разметкой и любыми буквами"), _of_odd_text),
}


@dataclass(frozen=True)
class Told:
    """The record of the runs, and what kind of event each delivery brought."""

    watched: Watched
    kinds: Mapping[str, str]


class EveryEvent:
    """One run for each type and each make, all watched together."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._stories = Stories(world)
        self._told: Told | None = None

    # --- acts

    def watch(self) -> None:
        """Each about a repository of its own, so that none waits for a slot."""
        self._told = self._stories.kept("every-event", self._story)
        draw(self._told.watched)

    def _story(self) -> Told:
        kinds = dict(self._deliveries())
        deliveries = list(kinds.values())
        first = deliveries[0].repository
        watched = Watched(self._target, derived_project(first), first)
        self._stories.deliver(watched, *deliveries)
        # Which of them do not end, the check says.
        with suppress(Broken):
            # A worker may claim but one a poll (contract 4), and each of the pods begins when its node has time.
            watched.until_ended(times=3)
        return Told(watched, {str(delivery.id): kind for kind, delivery in kinds.items()})

    def _deliveries(self) -> Iterator[tuple[str, Delivery]]:
        """Each under what is told of it."""
        mark = self._world.mark
        for event in TYPES:
            yield event, new_delivery(mark, event, repository=f"{mark}/about-{event}")
        for name, (told, made) in MAKES.items():
            yield f"push {told}", made(new_delivery(mark, "push", repository=f"{mark}/about-{name}"))

    # --- checks

    def expect_succeeded(self) -> None:
        """Nothing in a payload makes a Job fail (contract 4), nor keeps it from beginning."""
        if self._told is None:
            raise NotProven(say("No run was watched yet.", "Ни один запуск ещё не наблюдали."), "suite")
        watched = self._told.watched
        ends = {kind: watched.run(delivery).status for delivery, kind in self._told.kinds.items()}
        wrong = {kind: status for kind, status in ends.items() if status != "succeeded"}
        ensure(
            not wrong,
            f"Not every run succeeds; of these events they are: {wrong}.\n{watched.told()}",
            f"Успешны не все запуски; у этих событий они: {wrong}.\n{watched.told()}",
        )
        for delivery in self._told.kinds:
            told_of(self._target, delivery, "webhook.received", 1)
