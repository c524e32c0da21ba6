"""What the edge left unanswered for a moment: asked once more, by whoever finds out that a scenario broke on it.

An ingress that is reloaded or a gateway that is moved loses a request among thousands, and no contract says
otherwise. Only what reads is asked again, and only once: what is lost still stays the failure that it is. Nor is
anything excused where a change was lost, or where odd requests that change were sent, since those may be what
brought the platform down.

Nor is silence at a door of the gate's own proof of anything, for the way there may be cut; unless whoever is
behind it answers others meanwhile, and this one never: a handler that panics hangs up without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gate import evidence
from gate.errors import Broken, NotProven
from gate.language import say
from gate.safety import READING
from gate.waiting import Watch

AGAIN_AFTER_SECONDS = 2.0
# What a proxy says when nothing answers behind it.
NOBODY_BEHIND = (502, 503, 504)


HEALTH = "/healthz"


class Silent(NotProven):
    """No answer through a door whose way is the gate's own; `whole` where all of the request was written."""

    def __init__(self, door: evidence.Door, what: str, *, whole: bool = True) -> None:
        super().__init__(say(f"No answer, door {door}.\n{what}", f"Нет ответа, дверь {door}.\n{what}"), "staging")
        self.what, self.whole = what, whole


def whose(silent: Silent, healthy: Callable[[], bool], again: Callable[[], bool]) -> Silent | Broken:
    """The platform's, where the same way leads to a healthy gateway that leaves this request unanswered twice."""
    if not healthy() or again() or not healthy():
        return silent
    return Broken(
        say(
            f"The gateway answers {HEALTH}, and twice gave no answer to this: {silent.what}",
            f"Шлюз отвечает на {HEALTH}, а на это дважды не ответил: {silent.what}",
        )
    )


@dataclass(frozen=True)
class Lost:
    """A request that nobody behind the edge answered; `told` as in the error that comes of it."""

    told: str
    again: Callable[[], bool]


def lost(method: str, told: str, again: Callable[[], bool]) -> None:
    """Note it; `again` asks once more and says whether it is answered now."""
    if method in READING:
        evidence.record().lost.append(Lost(told, again))
    else:
        evidence.record().harmed = True


def odd(method: str) -> None:
    """Note that an odd request was sent."""
    if method not in READING:
        evidence.record().harmed = True


def excuse(broken: Broken) -> NotProven | None:
    """Why what broke is not the platform's: it came of a request that is answered now; None when it may be."""
    record = evidence.record()
    causes = [one for one in record.lost if one.told in str(broken)]
    if not causes or record.harmed:
        return None
    Watch().pause(AGAIN_AFTER_SECONDS)
    if not all(one.again() for one in causes):
        return None
    return NotProven(
        say(
            f"For a moment the edge did not answer; asked again it did.\n{causes[0].told}",
            f"Край ненадолго перестал отвечать; на повторный запрос ответил.\n{causes[0].told}",
        ),
        "staging",
    )
