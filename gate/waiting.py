"""The one poller of the project: a condition, a deadline, and what was seen meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gate import evidence
from gate.errors import Broken
from gate.language import Text, say

Seen = TypeVar("Seen")

# 20 ms on a kept connection costs the client about 2 % of a core and ends a wait within one more look.
LOOK_EVERY_SECONDS = 0.02
# Nobody gains from 20 ms who has waited for long: a hundredth of that is as soon, and spares a staging far away,
# or a browser, whose looks take ten times as long. Nor does anybody who waits for nothing to come: what must never
# be there stays, once it is.
PATIENT_EVERY_SECONDS = 0.1


@dataclass
class Watch(Generic[Seen]):
    """The different things that were seen, each with the seconds since the watch began."""

    began: float = field(default_factory=time.monotonic)
    seen: list[tuple[float, Seen]] = field(default_factory=list)

    def look(self, at: Callable[[], Seen]) -> Seen:
        """Look once more, and remember what is new."""
        now = at()
        if not self.seen or self.seen[-1][1] != now:
            self.seen.append((self.seconds, now))
        return now

    @property
    def seconds(self) -> float:
        """Seconds since the watch began."""
        return time.monotonic() - self.began

    def told(self) -> str:
        """What was seen over time, one line each; at most the first five and the last ten."""
        lines = [f"{at:6.1f} s  {what}" for at, what in self.seen]
        if len(lines) > 15:
            lines = [*lines[:5], f"   …      ({len(lines) - 15})", *lines[-10:]]
        return "\n".join([*lines, say(f"{self.seconds:6.1f} s  end", f"{self.seconds:6.1f} s  конец")])

    def pause(self, seconds: float = 0) -> None:
        """Wait so long, or a little, before the next look."""
        usual = min(max(LOOK_EVERY_SECONDS, self.seconds / 100), PATIENT_EVERY_SECONDS)
        time.sleep(seconds or usual)


def until(
    look: Callable[[], Seen],
    wanted: Callable[[Seen], object],
    *,
    what: Text,
    within: float,
    hopeless: Callable[[Seen], object] | None = None,
    watch: Watch[Seen] | None = None,
    every: float = 0,
) -> Seen:
    """Look until what is seen is `wanted`, and return it.

    `what` names the wanted state, `within` is the deadline in seconds, `hopeless` tells that it can no longer
    come; between two looks pass `every` seconds, or few. Raises `Broken` with what was seen over time.
    """
    watch = watch or Watch()
    while True:
        # Before the look: one that takes long, on a busy machine, must not be the last.
        last = watch.seconds >= within
        now = watch.look(look)
        if wanted(now):
            evidence.note(f"{what}\n{watch.told()}")
            return now
        if hopeless and hopeless(now):
            lost = say("Not there, and it will not come any more", "Этого нет и уже не будет")
            raise Broken(f"{lost}: {what}.\n{watch.told()}")
        if last:
            late = say(f"Not within {within:.0f} s", f"Не дождались за {within:.0f} с")
            raise Broken(f"{late}: {what}.\n{watch.told()}")
        watch.pause(every)


def never(
    look: Callable[[], Seen],
    bad: Callable[[Seen], object],
    *,
    what: Text,
    during: float,
    every: float = PATIENT_EVERY_SECONDS,
) -> None:
    """Look for `during` seconds, `every` so often; raise `Broken` as soon as what is seen is `bad`."""
    watch: Watch[Seen] = Watch()
    while True:
        if bad(watch.look(look)):
            raise Broken(f"{what}.\n{watch.told()}")
        left = during - watch.seconds
        if left <= 0:
            return
        watch.pause(min(left, every))
