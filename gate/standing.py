"""What is known to be down: the lines about that very thing turn red, the rest say why they cannot be judged.

A broken precondition must not hide the rest, nor colour it: with the edge down three hundred scenarios would be
red for one cause. So the edge is looked at before it is first used, and again after a scenario that failed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from gate.errors import Broken, NotProven
from gate.language import Text, say
from gate.waiting import until

# Which lines judge a thing themselves, down or not; what they say is then the cause that the others name.
OWNERS: Mapping[str, Collection[str]] = {
    "edge": ("s1.pre.2", "s1.p0.1.1", "s1.p0.3.1"),
    "codex-k8s-worker": ("s1.p0.2.1", "s1.p0.2.2"),
    # Its page that nobody serves is the matter of the lines about pages.
    "codex-k8s-web-console": ("s1.p0.4.1", "s1.p0.4.2", "s1.p0.4.3"),
}
# A gateway that was just replaced comes back within this.
EDGE_BACK_WITHIN_SECONDS = 5.0


class Standing:
    """What has fallen in this run, by name, with the reason in both languages."""

    def __init__(self, edge_trouble: Callable[[], str]) -> None:
        self._edge_trouble = edge_trouble
        self._edge_doubted = True
        self._fallen: dict[str, Text] = {}
        # What changed since others were told; None: it stands.
        self._news: dict[str, Text | None] = {}
        self._lines: frozenset[str] | None = None

    def begin(self, lines: Collection[str]) -> None:
        """A scenario for these lines begins."""
        self._lines = frozenset(lines)

    def doubt(self) -> None:
        """Something failed: whether the edge still stands is asked anew."""
        self._edge_doubted = True

    def fell(self, what: str, why: Text) -> None:
        """Something is down; the reason names its cause."""
        self._fallen[what] = self._news[what] = why

    def stands(self, what: str) -> None:
        """It is not down, or not any more."""
        if self._fallen.pop(what, None):
            self._news[what] = None

    def news(self) -> dict[str, Text | None]:
        """What fell, or stands again, since this was asked last; for the other workers of the run."""
        news, self._news = self._news, {}
        return news

    def fallen(self) -> Mapping[str, Text]:
        """What is known to be down here."""
        return dict(self._fallen)

    def hear(self, fallen: Mapping[str, Text]) -> None:
        """What has fallen by the knowledge of all workers."""
        self._fallen = dict(fallen)

    def require(self, what: str) -> None:
        """Raise `NotProven` when the scenario cannot be judged because this is down, unless it is about that."""
        if self._lines is None or self._lines & frozenset(OWNERS[what]):
            return
        if what == "edge" and self._edge_doubted:
            self._edge_doubted = False
            self._look_at_edge()
        if what in self._fallen:
            lines = ", ".join(OWNERS[what])
            raise NotProven(
                say(
                    f"Cannot be judged, see {lines}: {self._fallen[what].en}",
                    f"Проверить нельзя, см. {lines}: {self._fallen[what].ru}",
                ),
                "staging",
            )

    def _look_at_edge(self) -> None:
        try:
            until(
                self._edge_trouble,
                lambda trouble: not trouble,
                what=Text("an answer of the edge", "ответ края"),
                within=EDGE_BACK_WITHIN_SECONDS,
            )
        except Broken:
            trouble = self._edge_trouble()
            self.fell("edge", Text(f"the edge does not work: {trouble}", f"край не работает: {trouble}"))
        else:
            self.stands("edge")
