"""Open blocker bugs: from GitHub issues with given labels, or from a file. Not configured means *not checked*.

They are fetched once, when a run ends, into `reports/blockers.json`; the verdict reads only that file.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, quote

from gate.errors import GateError
from gate.redaction import redact

if TYPE_CHECKING:
    from gate.settings import Settings

State = Literal["checked", "not-checked", "failed"]
_LEVEL = re.compile(r"\bp([0-9])\b", re.IGNORECASE)
# P0 and P1 (gate document); a bug of lesser priority is known and does not block.
LAST_BLOCKING = 1


@dataclass(frozen=True)
class Blocker:
    """One open bug; `priority` is p0, p1, another, or whatever stands there where that says no such thing."""

    id: str
    title: str
    priority: str = ""
    url: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it is a No-Go: without a known priority it counts, because somebody labelled it as a blocker."""
        levels = _LEVEL.findall(self.priority)
        return not levels or int(min(levels)) <= LAST_BLOCKING


@dataclass(frozen=True)
class Blockers:
    """What is known about open blockers, and from where."""

    state: State = "not-checked"
    source: str = ""
    items: tuple[Blocker, ...] = ()
    problem: str = ""


def read_blockers(path: Path) -> Blockers:
    """What an earlier `fetch` kept; an unreadable file is a failed check, never none."""
    if not path.is_file():
        return Blockers()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        items = tuple(Blocker(**item) for item in data["items"])
        return Blockers(data["state"], data["source"], items, data.get("problem", ""))
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        return Blockers("failed", path.name, (), f"{path.name}: {wrong}")


def keep_blockers(found: Blockers, path: Path) -> None:
    """Write what was fetched, for the verdict."""
    path.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1), encoding="utf-8")


def fetch_blockers(settings: Settings) -> Blockers:
    """Ask GATE_BLOCKERS: a file, or `owner/repo?labels=a,b` (repeat `labels=` for "or")."""
    source: str = settings["GATE_BLOCKERS"]
    if not source:
        return Blockers()
    try:
        items = _from_file(Path(source)) if Path(source).is_file() else _from_github(source, settings)
    except GateError as refusal:
        return Blockers("failed", source, (), str(refusal))
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        return Blockers("failed", source, (), redact(f"{type(wrong).__name__}: {wrong}"))
    return Blockers("checked", source, tuple(items))


def _from_file(path: Path) -> list[Blocker]:
    """A list, YAML or JSON: id, title, priority, url, and `state: closed` for those that are done."""
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except yaml.YAMLError as wrong:
        raise ValueError(str(wrong)) from None
    entries = data["blockers"] if isinstance(data, dict) else data
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("it is no list of bugs")
    return [_entry(entry) for entry in entries if str(entry.get("state", "open")).lower() != "closed"]


def _entry(entry: dict[str, Any]) -> Blocker:
    given = {name: str(entry.get(name) or "") for name in ("priority", "url")}
    return Blocker(str(entry["id"]), str(entry["title"]), **given)


def _from_github(source: str, settings: Settings) -> list[Blocker]:
    from gate.github_api import GitHubApi

    repository, _, query = source.partition("?")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise ValueError(f"'{repository}' is neither a file nor owner/repository")
    found: dict[str, Blocker] = {}
    wanted = parse_qs(query).get("labels", [])
    if not wanted:  # every open issue would be a blocker
        raise ValueError("no labels are given; write owner/repository?labels=bug,p0")
    with closing(GitHubApi(settings)) as github:
        for labels in wanted:
            for issue in github.pages(f"/repos/{repository}/issues?state=open&labels={quote(labels)}&"):
                if "pull_request" not in issue:
                    blocker = _issue(issue, repository)
                    found[blocker.id] = blocker
    return list(found.values())


def _issue(issue: dict[str, Any], repository: str) -> Blocker:
    names = " ".join(str(label.get("name", "")) for label in issue["labels"])
    # Of several the highest: `p4-client` beside `p1` makes no lesser bug of it.
    priority = min((f"p{level}" for level in _LEVEL.findall(names)), default="")
    return Blocker(f"{repository}#{issue['number']}", str(issue["title"]), priority, str(issue["html_url"]))
