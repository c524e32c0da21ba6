"""The record of a run, one JSON line after the other, so that nothing is lost when the run is."""

from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

from gate.document import LINE_ID
from gate.errors import Broken, Category, GateError
from gate.evidence import Record
from gate.expected import features_digest
from gate.language import Text, say
from gate.redaction import redact

VERSIONS_OF = ("behave", "allure-behave", "playwright", "psycopg", "requests", "kubernetes")
ROOT = Path(__file__).resolve().parent.parent
# What behave says of a Ctrl-C that meets it between a step and its function.
ABORTED = "ABORTED: By user"
INTERRUPTED = Text("The run was interrupted.", "Прогон был прерван.")


@dataclass
class Outcome:
    """What a hook or the guard learned about the running scenario, beside behave's own status."""

    record: Record
    attempt: int = 1
    not_proven: str = ""
    category: Category | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))


class RunRecord:
    """Writes `run.jsonl`: a start, each scenario, an end. A record without an end is that of a crashed run."""

    def __init__(self) -> None:
        self._file: FileIO | None = None
        # What ends the run when its results cannot be written any more; why, and how many are on record by then.
        self.stop: Callable[[str], Any] = lambda why: None
        self.lost = ""
        self._kept = 0
        # In a worker: what to do with a line instead of writing it.
        self.relay: Callable[[dict[str, Any]], None] | None = None
        self.outcomes: dict[str, Outcome] = {}
        self.not_proven: list[tuple[str, str]] = []
        self.last: dict[str, Any] = {}
        # A sentence for each worker process that ended before its work did.
        self.died: list[str] = []

    def start(self, path: Path, *, mark: str, target: str, settings: dict[str, str], selection: list[str]) -> None:
        """Begin a new record."""
        from importlib.metadata import version  # it loads a mail reader, which a dry run has no use for

        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = FileIO(path, "w")
        self._write(
            kind="start",
            mark=mark,
            target=target,
            started=_now(),
            suite=_suite(),
            versions={"python": platform.python_version(), **{name: version(name) for name in VERSIONS_OF}},
            settings=settings,
            selection=selection,
            command=[redact(word) for word in sys.argv[1:]],
            who=os.environ.get("USER", ""),
        )

    def doubt(self, problems: Iterable[Text]) -> None:
        """What keeps this run from being believed, whatever its results are."""
        for problem in problems:
            self._write(kind="problem", en=problem.en, ru=problem.ru)

    def running(self, scenario: Any, record: Record, attempt: int) -> Outcome:
        """A scenario begins."""
        outcome = Outcome(record, attempt)
        self.outcomes[key_of(scenario)] = outcome
        if self.relay:
            self.relay({"kind": "running", "key": key_of(scenario), "name": scenario.name})
        return outcome

    def finished(self, scenario: Any, again: bool = False) -> None:
        """A scenario, its hooks and its clean-up are over; `again`: it is tried once more."""
        outcome = self.outcomes.get(key_of(scenario))
        reason = (outcome.not_proven if outcome else "") or _reason(scenario)
        status = "not-proven" if outcome and outcome.not_proven else scenario.status.name
        if status in ("hook_error", "error", "failed") and (not reason or reason.startswith(ABORTED)):
            # Of a Ctrl-C in a hook, be it that of a step, behave keeps no word; of an error there it does.
            status, reason = "not-proven", str(INTERRUPTED)
        facts = outcome.record if outcome else Record()
        self.take(
            kind="scenario",
            key=key_of(scenario),
            file=scenario.filename,
            line=scenario.line,
            language=scenario.feature.language or "en",
            ids=ids_of(scenario),
            tags=[str(tag) for tag in scenario.effective_tags],
            name=scenario.name,
            status=status,
            reason=redact(reason),
            category=_category(status, scenario, outcome),
            started=outcome.started.isoformat() if outcome else None,
            seconds=round(scenario.duration, 3),
            doors=sorted(facts.doors),
            touched=sorted(map(redact, facts.touched)),
            acts=dict(facts.acts),
            run_ids=facts.run_ids,
            evidence=facts.attached,
            weaker=facts.weaker,
            risks=facts.risks,
            attempts=outcome.attempt if outcome else 1,
            again=again,
        )

    def take(self, **line: Any) -> None:
        """Count and write what became of a scenario, here or in a worker."""
        if line["status"] == "not-proven":
            self.not_proven.append((line["name"], line["reason"]))
        self.last = self._write(**line)

    def end(
        self,
        *,
        behave: Counter[str],
        aborted: bool,
        cleaning: str,
        kept: Sequence[str] = (),
        restarted: Sequence[str] = (),
    ) -> None:
        """The run is over; `behave` is its own count, `cleaning` says what could not be removed.

        `kept` are rows that other tables refer to: they stay, and nothing judged depends on that. `restarted` are
        containers of the platform's that came back meanwhile.
        """
        self._write(
            kind="end",
            behave=dict(behave),
            aborted=aborted,
            cleaning=redact(cleaning),
            kept=[redact(one) for one in kept],
            restarted=[redact(one) for one in restarted],
            died=self.died,
            finished=_now(),
        )
        if self._file:
            self._file.close()
            self._file = None

    def _write(self, **line: Any) -> dict[str, Any]:
        if self.relay:
            self.relay(line)
        elif self._file:
            try:
                _append(self._file, json.dumps(line, ensure_ascii=False) + "\n")
                self._kept += line["kind"] == "scenario"
            except OSError as failure:
                # Whatever came later would hide that this is missing.
                self._file.close()
                self._file = None
                self.lose(str(failure.strerror))
        return line

    def lose(self, why: str) -> None:
        """A result could not be written, here or in Allure's folder: what is on record stays, and the run ends."""
        if self.lost:
            return
        self.lost = why
        if self.relay:
            self.relay({"kind": "lost", "why": why})
        self.stop(why)

    def told_lost(self) -> str:
        """One sentence about it for whoever waits for the run; "" when everything is written."""
        if not self.lost:
            return ""
        return say(
            f"The results cannot be written: {self.lost}. {self._kept} scenario(s) are on record; make room and "
            "run again.",
            f"Результаты нельзя записать: {self.lost}. Записано сценариев: {self._kept}; освободите место и "
            "запустите снова.",
        )


def _append(file: FileIO, line: str) -> None:
    """A line is there whole or not at all."""
    place, data = file.tell(), line.encode()
    try:
        if file.write(data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError:
        file.truncate(place)
        raise


def key_of(scenario: Any) -> str:
    """What identifies a scenario between its declaration and its result."""
    return f"{scenario.filename}::{','.join(ids_of(scenario))}::{scenario.name}"


def ids_of(scenario: Any) -> list[str]:
    """The gate lines that the scenario's tags name."""
    return sorted(str(tag) for tag in scenario.effective_tags if LINE_ID.match(str(tag)))


def _category(status: str, scenario: Any, outcome: Outcome | None) -> str:
    if outcome and outcome.category:
        return outcome.category
    if any(isinstance(step.exception, Broken) for step in scenario.all_steps):
        # What the platform broke stays broken, whatever becomes of the hooks and clean-ups behind it.
        return "platform"
    return {"failed": "platform", "passed": ""}.get(status, "suite")


def _reason(scenario: Any) -> str:
    for step in scenario.all_steps:
        if step.status.name == "undefined":
            return f"{step.filename}:{step.line}: undefined step: {step.keyword} {step.name}"
        if isinstance(step.exception, GateError):
            return redact(f"{step.filename}:{step.line}: {step.exception}")  # a sentence, no traceback
        if step.error_message:
            return str(step.error_message)
    return str(scenario.error_message or scenario.skip_reason or "")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _suite() -> dict[str, Any]:
    asked = ["git", "status", "--porcelain=v2", "--branch"]
    try:
        told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.splitlines()
    except OSError:
        told = []
    about = dict(line.split(" ", 2)[1:] for line in told if line.startswith("# "))
    suite = {"commit": about.get("branch.oid", ""), "dirty": any(not line.startswith("#") for line in told)}
    return {**suite, "features": features_digest(Path("features"))}


RUN = RunRecord()
