"""The browser of one scenario: a window for each person who takes part, each in a context of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gate.console.console import Console
from gate.console.engine import TIME_ZONE
from gate.console.failure import keep
from gate.console.refused import excuse
from gate.console.window import Window
from gate.errors import NotProven
from gate.language import Language

if TYPE_CHECKING:
    from gate.console.engine import Engine, State
    from gate.target import Target


class Browser:
    """Windows that one scenario opens; all are closed after it."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._windows: list[Window] = []

    @property
    def _engine(self) -> Engine:
        return self._target.engine

    def open(self, person: str, language: Language, zone: str = TIME_ZONE) -> Console:
        """A window of someone who is signed in already; no page is opened by that."""
        self._target.standing.require("codex-k8s-web-console")
        # What a page kept beside its cookies may be of the sign-in's language.
        state = {**self._target.people.session(person).state, "origins": []}
        return Console(self.window(language, state, zone=zone), language)

    def open_anew(self, language: Language, state: State | None = None) -> Console:
        """A window of nobody, or of what `state` knows."""
        return Console(self.window(language, state), language)

    def window(
        self,
        language: Language,
        state: State | None = None,
        base: str = "",
        headers: Mapping[str, str] | None = None,
        zone: str = TIME_ZONE,
    ) -> Window:
        """A window in a fresh context; `base` and `headers` for a door other than the edge."""
        if not base:
            self._target.standing.require("edge")
        context = self._engine.context(language, state, base, headers, zone)
        self._windows.append(Window(context, base or self._target.url, self._target.url))
        return self._windows[-1]

    def excuse(self) -> NotProven | None:
        """Why a failure is not the platform's: the edge refused one of the windows for a while."""
        return next(filter(None, map(excuse, self._windows)), None)

    def show_failure(self) -> None:
        """Attach what every open window shows and what happened behind it."""
        for window in self._windows:
            keep(window)

    def close(self) -> None:
        """Close the windows; a browser that crashed is not used again."""
        while self._windows:
            window = self._windows.pop()
            if window.log.crashed:
                self._engine.close()
            window.close()
