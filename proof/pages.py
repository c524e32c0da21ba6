"""`make docs`: the pages of `docs/` that are made from the features, the gate document and the fault catalogue.

`what-this-gate-checks.<language>.md` is for people who read no code; `traceability.md` leads from a line of the
gate document to its scenarios, the doors they look through, and the faults that turn it red;
`contract-coverage.md` from each promise of the platform to the scenarios that touch it.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from gate.document import Document, Line, load_document
from gate.expected import LANGUAGES, Declared, expected
from gate.language import Language, speak
from proof import coverage
from proof.kill_matrix import Fault, catalogue

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
# Which doors each line looked through in a whole run; refreshed by `make docs` when there is a record of one.
DOORS = Path(__file__).with_name("doors.json")
TITLES = {"en": "What this gate checks", "ru": "Что проверяет этот гейт"}
INTRODUCTIONS = {
    "en": "Made from the scenarios by `make docs`. Each line of the gate document, and what is tried for it.",
    "ru": "Сделано из сценариев командой `make docs`. Каждая строка документа и то, что для неё проверяется.",
}


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    document, declared = load_document(), expected(ROOT / "features")
    found = {f"what-this-gate-checks.{spoken}.md": checks(document, declared, spoken) for spoken in LANGUAGES}
    found["traceability.md"] = traceability(document, declared, catalogue(()))
    found["contract-coverage.md"] = coverage.page()
    return found


def checks(document: Document, declared: list[Declared], language: Language) -> str:
    """The scenarios under the lines they stand for, in plain words."""
    speak(language)
    lines = [f"# {TITLES[language]}", "", INTRODUCTIONS[language]]
    section = ""
    for line in document.lines:
        if str(line.section) != section:
            section = str(line.section)
            lines += ["", f"## {section}"]
        lines += ["", f"**{line.text}** (`{line.id}`)", ""]
        lines += [f"- {title}" for title in _titles(declared, line, language)]
    speak("en")
    return "\n".join([*lines, ""])


def traceability(document: Document, declared: list[Declared], faults: list[Fault]) -> str:
    """Line, scenarios in each language, doors, faults: no empty cell."""
    doors: dict[str, list[str]] = json.loads(DOORS.read_text(encoding="utf-8"))
    turned: defaultdict[str, list[str]] = defaultdict(list)
    for fault in faults:
        for id in fault.lines:
            turned[id].append(fault.name)
    rows = [
        f"| `{line.id}` | {line.text.en} | {_where(declared, line)} | {_count(declared, line)} | "
        f"{', '.join(doors.get(line.id, ()))} | {_some(turned[line.id])} |"
        for line in document.lines
    ]
    return "\n".join(
        [
            "# Traceability",
            "",
            "Made by `make docs`. From each line of the gate document to the scenarios that stand for it, the",
            "doors they looked through in a whole run, and the faults of the local staging that turn it red. What",
            "each fault does to the gate is measured in the [kill matrix](kill-matrix.md).",
            "",
            "| Line | Text | Features | Scenarios en / ru | Doors | Faults |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def refresh_doors(record: Path) -> None:
    """Take the doors from the record of a whole run, if there is one."""
    entries = (
        [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()] if record.is_file() else []
    )
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        for id in entry.get("ids", ()):
            seen[id].update(entry["doors"])
    if {line.id for line in load_document().lines} <= seen.keys():
        told = {id: sorted(found) for id, found in sorted(seen.items())}
        DOORS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _titles(declared: Iterable[Declared], line: Line, language: Language) -> list[str]:
    names = (one.name for one in declared if one.language == language and line.id in one.ids)
    return list(dict.fromkeys(name.partition(" -- @")[0].strip() for name in names))


def _where(declared: Iterable[Declared], line: Line) -> str:
    names = dict.fromkeys(Path(one.file).stem for one in declared if line.id in one.ids)
    return ", ".join(f"`{name}`" for name in names)


def _count(declared: Iterable[Declared], line: Line) -> str:
    counts = {spoken: 0 for spoken in LANGUAGES}
    for one in declared:
        if line.id in one.ids and one.language in counts:
            counts[one.language] += 1
    return " / ".join(str(count) for count in counts.values())


def _some(names: list[str], most: int = 4) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def main() -> int:
    """Write the pages."""
    record = ROOT / "reports" / "run.jsonl"
    refresh_doors(record)
    coverage.refresh(record)
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
