"""`waivers.yaml`: what somebody with a name accepts for a while, with a reason and an issue.

waivers:
  - line: s1.boundary.proxy
    scenario: "A title, in either language"     # optional: only this scenario, in both languages
    by: Name
    reason: why it is acceptable
    issue: https://github.com/owner/repo/issues/1
    until: 2026-03-31
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from gate.document import WAIVABLE, Document
from gate.language import Text

State = Literal["in force", "expired", "not allowed", "unused"]
FIELDS = ("line", "by", "reason", "issue", "until")


@dataclass(frozen=True)
class Waiver:
    """One acceptance; `scenario` empty means the whole line."""

    line: str
    by: str
    reason: str
    issue: str
    until: date
    scenario: str = ""

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.until

    def allowed(self, document: Document) -> bool:
        """Whether this line may be waived at all."""
        line = document.line(self.line)
        return line is not None and line.priority in WAIVABLE

    def covers(self, line: str, titles: set[str]) -> bool:
        """Whether it speaks of this scenario, known by its titles in both languages."""
        return self.line == line and (not self.scenario or self.scenario.strip() in titles)


@dataclass(frozen=True)
class Waivers:
    """All of them, and what of the file cannot be understood."""

    items: tuple[Waiver, ...] = ()
    problems: tuple[Text, ...] = ()


def load_waivers(path: Path) -> Waivers:
    """Read the file; no file is no waiver."""
    import yaml

    if not path.is_file():
        return Waivers()
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        entries = data.get("waivers") or []
        if not isinstance(entries, list):
            raise TypeError("'waivers' is no list")
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError) as wrong:
        return Waivers(problems=(_unreadable(path.name, "", wrong),))
    items, problems = [], []
    for number, entry in enumerate(entries, 1):
        try:
            items.append(_waiver(entry))
        except (TypeError, ValueError) as wrong:
            problems.append(_unreadable(path.name, f" {number}", wrong))
    return Waivers(tuple(items), tuple(problems))


def _waiver(entry: Any) -> Waiver:
    if not isinstance(entry, dict):
        raise TypeError("not a mapping")
    # A list in place of a text could grow without bound when it is written out.
    nested = [name for name, value in entry.items() if isinstance(value, list | dict | set)]
    if nested:
        raise ValueError(f"no text: {', '.join(nested)}")
    missing = [name for name in FIELDS if entry.get(name) in (None, "") or str(entry[name]).isspace()]
    if missing:
        raise ValueError(f"missing: {', '.join(missing)}")
    unknown = sorted(set(entry) - {*FIELDS, "scenario"})
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}")
    until = date.fromisoformat(str(entry["until"]).partition(" ")[0])
    texts = {name: str(entry[name]).strip() for name in ("line", "by", "reason", "issue")}
    return Waiver(**texts, until=until, scenario=str(entry.get("scenario") or "").strip())


def _unreadable(name: str, which: str, wrong: Exception) -> Text:
    return Text(
        f"{name}: entry{which} cannot be read: {wrong}.", f"{name}: запись{which} нельзя прочитать: {wrong}."
    )
