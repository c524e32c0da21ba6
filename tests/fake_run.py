"""Makes the files of a run without running anything: features, `run.jsonl`, Allure's results."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gate.document import Document, Scope, load_document
from gate.expected import Declared, expected, features_digest
from gate.integrity import Wanted
from gate.verdict import Case, Verdict, decide
from gate.verdict_file import gather

NOW = datetime(2026, 2, 9, 12, 0, tzinfo=UTC)
COMMIT = "c0ffee" * 6 + "abcd"
SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "verdict.schema.json").read_text(encoding="utf-8"))
WANTED = Wanted(commit=COMMIT, max_age=timedelta(hours=24))
WORDS = {
    "en": ("Feature", "Scenario", "Given", "a thing"),
    "ru": ("Функция", "Сценарий", "Дано", "вещь"),
}
Line = dict[str, Any]


class FakeRun:
    """A healthy run over one scenario a line and language; a test then spoils what it is about."""

    def __init__(self, folder: Path, document: str = "s1") -> None:
        self.folder = folder
        self.document: Document = load_document(document)
        self.features = folder / "features"
        self.reports = folder / "reports"
        self.waivers = folder / "waivers.yaml"
        for language in WORDS:
            self._feature(language)
        self.declared: list[Declared] = expected(self.features)
        self.start = self._start() | {"settings": {"GATE_DOCUMENT": document}}
        self.results = [self._result(one) for one in self.declared]
        self.end: Line | None = {"kind": "end", "aborted": False, "finished": NOW.isoformat(), "cleaning": ""}
        self.exit: Line | None = None
        self.allure: list[str] | None = None
        self.raw: list[str] = []

    def of(self, id: str, language: str = "en") -> Line:
        """The result of that line's scenario."""
        return next(one for one in self.results if one["ids"] == [id] and one["language"] == language)

    def breaks(self, id: str, *languages: str) -> None:
        """The platform breaks this line."""
        for language in languages or ("en", "ru"):
            self.of(id, language).update(status="failed", category="platform", reason=f"{id} broke in {language}")

    def only(self, keep: Callable[[Line], bool]) -> None:
        """Only these scenarios were selected and ran."""
        self.results = [one for one in self.results if keep(one)]
        self.start["selection"] = [one["key"] for one in self.results]

    def accepts(self, line: str, until: str = "2026-03-01", **more: str) -> None:
        """Somebody accepts this line."""
        fields = {"by": "Olga", "reason": "known", "issue": "https://example.org/1", "until": until, **more}
        rows = "".join(f"    {name}: {json.dumps(value)}\n" for name, value in fields.items())
        before = self.waivers.read_text(encoding="utf-8") if self.waivers.exists() else "waivers:\n"
        self.waivers.write_text(f"{before}  - line: {line}\n{rows}", encoding="utf-8")

    def write(self) -> None:
        """Write all files."""
        results = self.reports / "allure-results"
        results.mkdir(parents=True, exist_ok=True)
        for old in results.glob("*-result.json"):
            old.unlink()
        names = [one["name"] for one in self.results] if self.allure is None else self.allure
        places = {one.name: [*Path(one.file).parts[:-1], one.feature] for one in self.declared}
        for number, name in enumerate(names):
            result = {"uuid": f"u{number}", "name": name, "titlePath": places.get(name, []), "status": "passed"}
            (results / f"{number}-result.json").write_text(json.dumps(result), encoding="utf-8")
        last = {one["key"]: one["status"] for one in sorted(self.results, key=lambda one: int(one["attempts"]))}
        self.start["suite"].setdefault("features", features_digest(self.features))
        counted = dict(Counter("skipped" if status == "not-proven" else status for status in last.values()))
        end = None if self.end is None else {"behave": counted, **self.end}
        lines = [line for line in (self.start, *self.results, end, self.exit) if line is not None]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines) + "".join(self.raw)
        (self.reports / "run.jsonl").write_text(text, encoding="utf-8")

    def case(self, scope: Scope = "all", wanted: Wanted = WANTED) -> Case:
        """Write the files and read them back."""
        self.write()
        return gather(
            self.reports, self.features, self.waivers, now=NOW + timedelta(hours=1), scope=scope, wanted=wanted
        )

    def verdict(self, scope: Scope = "all", **changed: Any) -> Verdict:
        """The verdict over what is written."""
        return decide(replace(self.case(scope), **changed))

    def _feature(self, language: str) -> None:
        feature, scenario, given, thing = WORDS[language]
        rows = [f"# language: {language}", f"@{language}", f"{feature}: {feature} {language}", ""]
        for line in self.document.lines:
            tag = "@p0 " if line.priority == "p0" else ""
            rows += [f"  {tag}@{line.id}", f"  {scenario}: {scenario} {line.id}", f"    {given} {thing}", ""]
        path = self.features / language / "everything.feature"
        path.parent.mkdir(parents=True)
        path.write_text("\n".join(rows), encoding="utf-8")

    def _start(self) -> Line:
        return {
            "kind": "start",
            "mark": "gate-7f3a",
            "target": "staging.example.org",
            "started": (NOW - timedelta(minutes=1)).isoformat(),
            "suite": {"commit": COMMIT, "dirty": False},
            "versions": {"behave": "1.3.3"},
            "selection": [one.key for one in self.declared],
            "who": "qa",
        }

    def _result(self, one: Declared) -> Line:
        acts = [act for act, lines in self.document.acts.items() if one.ids[0] in lines]
        return {
            "kind": "scenario",
            "key": one.key,
            "file": one.file,
            "line": one.line,
            "language": one.language,
            "ids": list(one.ids),
            "tags": list(one.tags),
            "name": one.name,
            "status": "passed",
            "reason": "",
            "category": "",
            "started": NOW.isoformat(),
            "seconds": 1.0,
            "doors": ["edge"],
            "acts": dict.fromkeys(acts, 1),
            "run_ids": [],
            "evidence": [],
            "weaker": [],
            "risks": [],
            "attempts": 1,
        }

    def exits(self, code: int) -> None:
        """Somebody saw behave end with this code."""
        self.exit = {"kind": "exit", "code": code}
