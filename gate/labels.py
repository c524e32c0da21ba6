"""Makes Allure's results say what the verdict says: labels for priority, line and category, and true statuses.

allure-behave loses outcomes (a hook's error shows as skipped or passed): the recorded ones are put over them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gate.document import Document
from gate.judged import Judged, status_of

PRIORITY, LINE, CATEGORY = "priority", "gate line", "whose matter"
OURS = frozenset({PRIORITY, LINE, CATEGORY})
Place = tuple[tuple[str, ...], str]
PRIORITY_NAMES = {
    "precondition": "0 Preconditions",
    "p0": "1 P0",
    "security": "2 Security boundary",
    "boundary": "3 Boundary probes",
    "p1": "4 P1",
    "evidence": "5 Evidence",
}


@dataclass(frozen=True)
class Attachment:
    """A file that a step left."""

    name: str
    source: str
    type: str


@dataclass(frozen=True)
class Trace:
    """One result as Allure has it: its uuid leads to its page in the report."""

    uuid: str
    attachments: tuple[Attachment, ...] = field(default=())


def label_results(folder: Path, judged: Iterable[Judged], document: Document) -> Mapping[str, Trace]:
    """Rewrite the results in `folder` in place, and answer key -> trace; doing it twice changes nothing."""
    found = _by_place(folder)
    traces = {}
    for one in judged:
        # As many results as attempts, in their order; Allure shows the last, with those before it behind.
        for number, (path, before, result) in enumerate(found.get(_place(one), [])):
            _label(result, _attempt(one, number), document)
            if (after := json.dumps(result, ensure_ascii=False)) != before:
                path.write_text(after, encoding="utf-8")
            traces[one.declared.key] = Trace(result["uuid"], tuple(_attachments(result)))
    return traces


def _attempt(one: Judged, number: int) -> Judged:
    """The scenario as if there had been this attempt alone."""
    if number >= len(one.attempts) or len(one.attempts) == 1:
        return one
    return replace(one, result=one.attempts[number], status=status_of(one.attempts[number]))


def _by_place(folder: Path) -> Mapping[Place, list[tuple[Path, str, dict[str, Any]]]]:
    """The results of each scenario, the earlier attempt first."""
    found: dict[Place, list[tuple[Path, str, dict[str, Any]]]] = {}
    for path in sorted(folder.glob("*-result.json")):
        try:
            text = path.read_text(encoding="utf-8")
            result = json.loads(text)
            place = tuple(result.get("titlePath", [])[:-1]), str(result["name"])
            found.setdefault(place, []).append((path, text, result))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # counted as unreadable by the verdict
    for results in found.values():
        results.sort(key=lambda one: one[2].get("start") or 0)
    return found


def _place(one: Judged) -> Place:
    return Path(one.declared.file).parts[:-1], one.declared.name


def _label(result: dict[str, Any], one: Judged, document: Document) -> None:
    labels = [label for label in result.get("labels", []) if label.get("name") not in OURS]
    for id in one.declared.ids:
        line = document.line(id)
        if line is not None:
            words = line.text.ru if one.declared.language == "ru" else line.text.en
            labels.append({"name": PRIORITY, "value": PRIORITY_NAMES[line.priority]})
            labels.append({"name": LINE, "value": f"{id} {words.replace('`', '')}"})
    if one.category:
        labels.append({"name": CATEGORY, "value": one.category})
    result["labels"] = labels
    if one.status == "broken":
        result["status"] = "failed"
    elif one.status == "not-proven" and result.get("status") not in ("broken", "failed"):
        result["status"] = "broken" if one.result and one.result.status != "not-proven" else "skipped"
    if one.status != "proven" and one.reason:
        details = result.get("statusDetails") or {}
        result["statusDetails"] = {**details, "message": one.reason}


def _attachments(node: dict[str, Any]) -> Iterable[Attachment]:
    for one in node.get("attachments") or []:
        yield Attachment(str(one.get("name", "")), str(one.get("source", "")), str(one.get("type", "")))
    for step in node.get("steps") or []:
        yield from _attachments(step)
