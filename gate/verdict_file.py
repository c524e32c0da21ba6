"""Between the files of a run and the judge: gathers a case from `reports/`, writes the verdict and the history."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gate import blockers, history
from gate.cluster_state import images_in
from gate.document import FIRST, Scope, load_document
from gate.errors import GateError
from gate.expected import expected, features_digest, of_document
from gate.folder import ALLURE, BLOCKERS, HISTORY, INPUTS, RECORD
from gate.history import Changes, Entry
from gate.integrity import Wanted
from gate.judged import Judged, JudgedLine, told
from gate.language import Text
from gate.redaction import redact
from gate.results import read_allure, read_run
from gate.verdict import EXIT_CODES, Case, Verdict
from gate.waivers import load_waivers

EXIT_CODES_OF_CRASH = EXIT_CODES["incomplete"]


def gather(
    reports: Path,
    features: Path,
    waivers: Path,
    *,
    now: datetime,
    scope: Scope = "all",
    wanted: Wanted | None = None,
) -> Case:
    """Read everything that a verdict over `reports` needs."""
    run = read_run(reports / RECORD)
    # The run itself says which document it was for, so that whoever verifies it judges by the same.
    document = load_document(run.start.settings.get("GATE_DOCUMENT", FIRST) if run.start else FIRST)
    return Case(
        document=document,
        declared=of_document(expected(features), document),
        run=run,
        now=now,
        allure=read_allure(reports / ALLURE),
        waivers=load_waivers(waivers),
        blockers=blockers.read_blockers(reports / BLOCKERS),
        history=_earlier(reports),
        images=images_in(reports, run.start.mark if run.start else ""),
        wanted=replace(wanted or Wanted(), features=features_digest(features)),
        scope=scope,
    )


def _earlier(reports: Path) -> list[Entry]:
    """The runs before; in a folder that was copied without them, those that the last verdict was compared with."""
    if (reports / HISTORY).is_file() or not (reports / INPUTS).is_file():
        return history.read_history(reports / HISTORY)
    return list(gather_inputs(reports)[-1])


def keep_inputs(case: Case, path: Path) -> None:
    """Write what `gather_again` needs to come to the same verdict anywhere."""
    wanted = {
        **asdict(case.wanted),
        "max_age": case.wanted.max_age.total_seconds() if case.wanted.max_age else None,
    }
    data = {
        "now": case.now.isoformat(),
        "scope": case.scope,
        "wanted": wanted,
        "history": [asdict(entry) for entry in case.history],
    }
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def gather_again(folder: Path) -> Case:
    """The case of an earlier verdict, from the files of its bundle alone."""
    now, scope, wanted, earlier = gather_inputs(folder)
    case = gather(folder, folder / "features", folder / "waivers.yaml", now=now, scope=scope, wanted=wanted)
    return replace(case, history=earlier)


def gather_inputs(folder: Path) -> tuple[datetime, Scope, Wanted, list[Entry]]:
    """What an earlier verdict took from outside of the run's files."""
    try:
        data = json.loads((folder / INPUTS).read_text(encoding="utf-8"))
        age = data["wanted"].pop("max_age")
        wanted = Wanted(**data["wanted"], max_age=None if age is None else timedelta(seconds=age))
        now, earlier = datetime.fromisoformat(data["now"]), [Entry(**entry) for entry in data["history"]]
        return now, data["scope"], wanted, earlier
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise GateError(f"{INPUTS} is missing or cannot be read: {wrong}") from None


def commit_of(folder: Path) -> str:
    """The commit that the features in `folder` are at; empty where they are part of no repository."""
    try:
        known = _git(folder, "ls-files")  # a copy may lie within a repository of something else
        return _git(folder, "rev-parse", "HEAD") if known else ""
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(folder: Path, *command: str) -> str:
    done = subprocess.run(("git", "-C", str(folder), *command), capture_output=True, text=True, check=True)
    return done.stdout.strip()


def wanted_by(settings: Any, features: Path) -> Wanted:
    """What results must belong to by the settings in force."""
    return Wanted(
        target=settings["GATE_DOMAIN"] if settings.given("GATE_DOMAIN") else "",
        commit=commit_of(features),
        max_age=timedelta(hours=settings["GATE_MAX_AGE_HOURS"]),
        retries=settings["GATE_RETRIES"] if settings.given("GATE_RETRIES") else None,
    )


def write_verdict(verdict: Verdict, path: Path) -> str:
    """Write `verdict.json`; the answer is its digest, by which a sign-off names it."""
    return write_json(as_json(verdict), path)


def write_json(verdict: dict[str, Any], path: Path) -> str:
    """Write a verdict that is already data; the answer is its digest."""
    written = text_of(verdict).encode()
    path.write_bytes(written)
    return digest_of(written)


def digest_of(written: bytes) -> str:
    """The digest of a `verdict.json`: by it a sign-off names what was shown."""
    return hashlib.sha256(written).hexdigest()


def text_of(verdict: dict[str, Any]) -> str:
    """A verdict as it is written."""
    return json.dumps(verdict, ensure_ascii=False, indent=1) + "\n"


def remember(verdict: Verdict, path: Path) -> None:
    """Put the verdict at the end of the history."""
    start, end = verdict.case.run.start, verdict.case.run.end
    if start is None:
        return
    entry = Entry(
        mark=start.mark,
        finished=end.finished if end else start.started,
        decision=verdict.decision,
        scope=verdict.case.scope,
        target=start.target,
        commit=str(start.suite.get("commit", "")),
        lines={one.line.id: (one.en, one.ru) for one in verdict.lines},
        seconds={one.line.id: one.seconds for one in verdict.lines if one.seconds},
        scenarios={one.declared.key: one.status for one in verdict.judged},
    )
    history.keep_history(path, verdict.case.history, entry)


def as_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as `docs/verdict.schema.json` describes it."""
    case = verdict.case
    data = {
        "version": 1,
        "document": case.document.id,
        "decision": verdict.decision,
        "scope": case.scope,
        "scope_passed": verdict.scope_passed,
        "reasons": [
            {"weight": one.weight, "kind": one.kind, "line": one.line, **asdict(one.text)}
            for one in verdict.reasons
        ],
        "lines": [_line(one) for one in verdict.lines],
        "residual_risks": [{"kind": one.kind, "line": one.line, **asdict(one.text)} for one in verdict.risks],
        "blockers": asdict(case.blockers),
        "waivers": [
            {**asdict(waiver), "until": waiver.until.isoformat(), "state": state}
            for waiver, state in verdict.waivers
        ],
        "changes": {"since_last_go": _changes(verdict.since_go), "since_last_run": _changes(verdict.since_run)},
        "counts": _counts(verdict),
        "run": _run(verdict),
    }
    # As a reader of the file sees it: tuples are lists.
    plain: dict[str, Any] = json.loads(json.dumps(data))
    return plain


def _line(one: JudgedLine) -> dict[str, Any]:
    return {
        "id": one.line.id,
        "priority": one.line.priority,
        "section": asdict(one.line.section),
        "text": asdict(one.line.text),
        "en": one.en,
        "ru": one.ru,
        "seconds": one.seconds,
        "doors": _gathered(one.scenarios, "doors"),
        "evidence": _gathered(one.scenarios, "evidence"),
        "run_ids": _gathered(one.scenarios, "run_ids"),
        "scenarios": [_scenario(scenario) for scenario in one.scenarios],
    }


def _gathered(scenarios: Sequence[Judged], what: str) -> list[str]:
    values = (value for one in scenarios if one.result for value in getattr(one.result, what))
    return list(dict.fromkeys(values))


def _scenario(one: Judged) -> dict[str, Any]:
    return {
        "key": one.declared.key,
        "pair": one.declared.pair,
        "language": one.declared.language,
        "name": one.declared.name.strip(),
        "file": one.declared.file,
        "line": one.declared.line,
        "status": one.status,
        "behave": one.result.status if one.result else None,
        "category": one.category,
        "flaky": one.flaky,
        "attempts": len(one.attempts),
        "first_failure": told(one.first_failure) if one.first_failure else "",
        "reason": "" if one.status == "proven" else one.reason,
        "seconds": one.result.seconds if one.result else 0.0,
    }


def _changes(found: Changes | None) -> dict[str, Any] | None:
    if found is None:
        return None
    slower = [{"line": line, "before": before, "now": now} for line, before, now in found.slower]
    return {**asdict(found), "slower": slower}


def _counts(verdict: Verdict) -> dict[str, Any]:
    run, allure = verdict.case.run, verdict.case.allure
    return {
        "declared": len(verdict.judged),
        "selected": len(run.start.selection) if run.start else 0,
        "results": len(run.results),
        "allure": allure.total if allure else None,
        "behave": run.end.behave if run.end else {},
    }


def _run(verdict: Verdict) -> dict[str, Any]:
    start, end = verdict.case.run.start, verdict.case.run.end
    return {
        "mark": start.mark if start else "",
        "target": start.target if start else "",
        "started": start.started if start else None,
        "finished": end.finished if end else None,
        "suite": start.suite if start else {},
        "images": [asdict(one) for one in verdict.case.images],
        "versions": start.versions if start else {},
        "settings": start.settings if start else {},
        "command": start.command if start else [],
        "who": start.who if start else "",
    }


def crashed(case_scope: Scope, wrong: BaseException) -> dict[str, Any]:
    """The verdict when the judge itself failed: never Go."""
    what = redact(f"{type(wrong).__name__}: {wrong}")
    text = Text(f"The judge itself failed: {what}", f"Сбой самого судьи: {what}")
    empty = {"state": "not-checked", "source": "", "items": [], "problem": ""}
    return {
        "version": 1,
        "document": "",
        "decision": "incomplete",
        "scope": case_scope,
        "scope_passed": False,
        "reasons": [{"weight": "incomplete", "kind": "judge", "line": None, **asdict(text)}],
        "lines": [],
        "residual_risks": [],
        "blockers": empty,
        "waivers": [],
        "changes": {"since_last_go": None, "since_last_run": None},
        "counts": {"declared": 0, "selected": 0, "results": 0, "allure": None, "behave": {}},
        "run": {
            "mark": "", "target": "", "started": None, "finished": None,
            "suite": {}, "images": [], "versions": {}, "settings": {}, "command": [], "who": "",
        },
    }  # fmt: skip
