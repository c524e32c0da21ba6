"""Who has signed in during a run: in memory, or in a private folder where several workers of the run share it.

The folder is readable by its owner alone and removed with the run. What concerns one person is done by one worker
at a time: a second code of two-factor sign-in is not given twice.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gate import sessions

ALLOWED = "allowed"


class Acquainted:
    """Facts by name, such as the session of a person."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._known: dict[str, Mapping[str, Any]] = {}
        self._held: defaultdict[str, int] = defaultdict(int)

    @classmethod
    def shared(cls) -> Acquainted:
        """One that processes made from this one share."""
        return cls(Path(tempfile.mkdtemp(prefix="gate-")))

    @contextmanager
    def alone_with(self, person: str) -> Iterator[None]:
        """Meanwhile no other worker does anything with this person; it may be asked for within itself."""
        if self._folder is None or self._held[person]:
            yield
            return
        with (self._folder / f"{person}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._held[person] += 1
            try:
                yield
            finally:
                self._held[person] -= 1

    def get(self, name: str) -> Mapping[str, Any] | None:
        """The fact of this name; secrets in it are hidden here too from now on."""
        path = self._path(name)
        if path and path.is_file():
            self._known[name] = json.loads(path.read_text(encoding="utf-8"))
            sessions.hide_cookies(self._known[name].get("state", self._known[name]))
        return self._known.get(name)

    def keep(self, name: str, fact: Mapping[str, Any]) -> None:
        """Remember it."""
        self._known[name] = fact
        if self._folder:
            sessions.save(name, fact, self._folder)

    def allowed(self) -> list[str]:
        """Whom this run has put on the platform's list, by e-mail."""
        return list((self.get(ALLOWED) or {}).get("emails", []))

    def allow(self, email: str) -> None:
        """Remember whom to take off again."""
        with self.alone_with(ALLOWED):
            self.keep(ALLOWED, {"emails": [*self.allowed(), email]})

    def close(self) -> None:
        """Forget it all."""
        self._known.clear()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, name: str) -> Path | None:
        return self._folder / f"{name}.json" if self._folder else None
