"""Earlier verdicts, one line of JSON each in `history.jsonl`, and what changed since one of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gate.judged import Judged, JudgedLine

KEPT = 60
# A line of a few hundred milliseconds doubles by chance.
SLOWER_BY_SECONDS = 1.0


@dataclass(frozen=True)
class Entry:
    """One earlier run: `scenarios` maps a key to its status, kept only where something compares with it."""

    mark: str
    finished: str
    decision: str
    scope: str
    target: str
    commit: str
    lines: Mapping[str, Sequence[str]]
    seconds: Mapping[str, float] = field(default_factory=dict)
    scenarios: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Changes:
    """What is different from an earlier run."""

    since: str
    finished: str
    newly_red: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    slower: tuple[tuple[str, float, float], ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.newly_red or self.fixed or self.new or self.removed or self.slower)


def read_history(path: Path) -> list[Entry]:
    """The earlier runs, oldest first; a line that cannot be read is left out: it decides nothing."""
    entries = []
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    for line in text.splitlines():
        try:
            entries.append(Entry(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return entries


def keep_history(path: Path, earlier: Sequence[Entry], now: Entry) -> None:
    """Write the history with this run at its end, in place of an earlier verdict over the same run."""
    others = [entry for entry in earlier if entry.mark != now.mark]
    entries = [*others[-KEPT:], now]
    # What the next run compares with, whatever its scope, and what this one was compared with: its report may be
    # built again.
    compared = (
        last_go(entries, now.target),
        last_go(others, now.target),
        last_run(others, now.target, now.scope),
        *(last_run(entries, now.target, scope) for scope in {entry.scope for entry in entries}),
    )
    whole = {now.mark, *(one.mark for one in compared if one)}
    lines = []
    for entry in entries:
        data = asdict(entry)
        if entry.mark not in whole:
            data["scenarios"] = {}
        lines.append(json.dumps(data, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def last_go(earlier: Sequence[Entry], target: str) -> Entry | None:
    """The last Go of this target."""
    return next((one for one in reversed(earlier) if one.decision == "go" and one.target == target), None)


def last_run(earlier: Sequence[Entry], target: str, scope: str) -> Entry | None:
    """The last run of this target and scope."""
    return next((one for one in reversed(earlier) if one.target == target and one.scope == scope), None)


def changes(before: Entry | None, judged: Sequence[Judged], lines: Sequence[JudgedLine]) -> Changes | None:
    """What is different now. Scenarios that this run did not select are not called new or red."""
    if before is None:
        return None
    now = {one.declared.key: one.status for one in judged}
    was = before.scenarios or now
    ran = {key: status for key, status in now.items() if status != "not-run"}
    return Changes(
        since=before.mark,
        finished=before.finished,
        newly_red=tuple(key for key, status in ran.items() if status != "proven" and was.get(key) == "proven"),
        fixed=tuple(key for key, status in ran.items() if status == "proven" and was.get(key, status) != status),
        new=tuple(key for key in now if key not in was),
        removed=tuple(key for key in was if key not in now),
        slower=tuple(_slower(before, lines)),
    )


def _slower(before: Entry, lines: Sequence[JudgedLine]) -> list[tuple[str, float, float]]:
    found = []
    for one in lines:
        was = before.seconds.get(one.line.id, 0.0)
        if one.proven and was and one.seconds >= 2 * was and one.seconds - was >= SLOWER_BY_SECONDS:
            found.append((one.line.id, was, one.seconds))
    return found
