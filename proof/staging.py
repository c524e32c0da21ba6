"""A local staging in a process of its own, and what one run of the gate said about it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "ru")


class Staging:
    """One local staging, whose faults, variants and troubles are switched while it runs."""

    def __init__(self, *options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--json", *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.settings: dict[str, str] = json.loads(self._process.stdout.readline())
        self._control = self.settings.pop("SANDBOX_CONTROL")

    def switch(self, *names: str, kind: str = "faults") -> None:
        """From now on exactly these faults (or variants, or troubles) are on."""
        body = json.dumps(list(names)).encode()
        request = urllib.request.Request(f"{self._control}/{kind}", body, method="PUT")
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request, timeout=30).close()

    def stop(self) -> None:
        """End the staging."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass(frozen=True)
class Told:
    """One scenario's result. `check` is the one in the suite's code that its error came from."""

    key: str
    place: str
    ids: tuple[str, ...]
    language: str
    status: str
    reason: str = ""
    category: str = ""
    seconds: float = 0.0
    check: str = ""

    @property
    def red(self) -> bool:
        """Whether it counts as broken: what failed, and what broke in the suite itself."""
        return self.status not in ("passed", "not-proven", "skipped")


@dataclass
class Outcome:
    """What one run of the gate said; without the end of its record it is not complete."""

    told: list[Told] = field(default_factory=list)
    seconds: float = 0.0
    complete: bool = False

    def red(self, language: str = "") -> set[str]:
        """The lines that are broken, in this language or in any."""
        return {line for one in self.told if one.red and language in ("", one.language) for line in one.ids}

    def lines(self) -> set[str]:
        """The lines of which something ran."""
        return {line for one in self.told for line in one.ids}

    def reason(self, lines: Iterable[str], language: str = "en") -> str:
        """The first sentence that a reader of the report meets about the first of these lines that is red."""
        for line in lines:
            for one in self.told:
                if one.red and line in one.ids and one.language == language:
                    return first_sentence(one.reason)
        return ""


def first_sentence(reason: str) -> str:
    """A reason's first line, without behave's word before it."""
    return reason.strip().partition("\n")[0].removeprefix("ASSERT FAILED: ")


def read(path: Path) -> Outcome:
    """The record of a run as an outcome."""
    outcome = Outcome()
    for entry in _entries(path):
        if entry["kind"] == "end":
            outcome.complete = not entry["aborted"]
        if entry["kind"] == "scenario":
            outcome.told.append(
                Told(
                    entry["key"], f"{entry['file']}:{entry['line']}", tuple(entry["ids"]), entry["language"],
                    entry["status"], entry["reason"], entry["category"], entry["seconds"],
                )
            )  # fmt: skip
    return outcome


def _entries(path: Path) -> list[dict[str, Any]]:
    """The lines of a record; a run that was killed may have left half of one."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
