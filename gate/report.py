"""The report: Allure Report 3 in one file, and our own front page before it in the same file.

Why in the same file: one file can be mailed and opened from disk, and a link from a line of the gate document
into Allure's page of a scenario is then a plain fragment. The front page lives in a shadow root, so that
neither's style reaches the other.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gate.errors import GateError
from gate.folder import ALLURE, REPORT, SCREENSHOTS, VERDICT
from gate.labels import label_results
from gate.notes import write_notes
from gate.page.evidence import Picture, collect
from gate.page.front import front_page
from gate.provide import ROOT, report_command
from gate.verdict import Verdict
from gate.verdict_file import digest_of

GROUPS = "priority,gate line,feature"
BUILD_SECONDS = 300
# Allure counts its readers with Google; a report about a staging tells nobody that it was opened.
_ANALYTICS = re.compile(
    rb'<script async src="https://www\.googletagmanager\.com[^>]*></script>\s*<script>.*?</script>', re.DOTALL
)


def build_report(verdict: Verdict, reports: Path) -> Path:
    """Build `reports/allure-report/index.html` and the release notes; the answer is the report's path."""
    results = reports / ALLURE
    results.mkdir(parents=True, exist_ok=True)
    traces = label_results(results, verdict.judged, verdict.case.document)
    _environment(verdict, results / "environment.properties")
    page = reports / REPORT / "index.html"
    # Allure builds in a process of its own; what comes before its page is made meanwhile.
    with ThreadPoolExecutor(1) as beside:
        allure = beside.submit(_allure, results, page.parent, reports / "allure-history.jsonl")
        # As the judge has written it: made anew it would be the same, at a sixth of what this page costs.
        written = (reports / VERDICT).read_bytes()
        data, digest = json.loads(written), digest_of(written)
        shown = collect(data, traces, results)
        front = front_page({**data, "digest": digest}, verdict.case.history, traces, shown)
    page.write_bytes(_with_front(allure.result(), front.encode()))
    pictures = dict.fromkeys(f"{one.scenario}: {_file_of(one, reports)}" for one in shown.pictures)
    write_notes(data, shown.smoke, pictures, reports)
    return page


def _file_of(picture: Picture, reports: Path) -> str:
    """Where a picture lies, in the bundle too: under its own name where it has one."""
    named = f"{SCREENSHOTS}/{picture.name}"
    return named if (reports / named).is_file() else f"{ALLURE}/{picture.source}"


def _allure(results: Path, output: Path, history: Path) -> bytes:
    """Allure's own page, in UTF-8."""
    shutil.rmtree(output, ignore_errors=True)
    command = (
        *report_command(),
        "awesome",
        "--single-file",
        f"--config={ROOT / 'allurerc.mjs'}",
        f"--group-by={GROUPS}",
        f"--history-path={history.resolve()}",
        f"--output={output.resolve()}",
        str(results.resolve()),
    )
    # Not a continuous integration's job to Allure: it would print service messages.
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as wrong:
        raise GateError(f"The report tool failed: {wrong}. The verdict is in verdict.json.") from None
    page = output / "index.html"
    if done.returncode or not page.is_file():
        said = (done.stderr or done.stdout).strip()[-400:]
        raise GateError(
            f"The report tool failed with code {done.returncode}: {said}. The verdict is in verdict.json."
        )
    for beside in ("summary.json", "test-results.json"):  # for Allure's own service; the report is one file
        (output / beside).unlink(missing_ok=True)
    return page.read_bytes()


def _with_front(allure: bytes, front: bytes) -> bytes:
    allure = _ANALYTICS.sub(b"", allure)
    head, body, rest = allure.partition(b"<body>")
    if not body:
        raise GateError("Allure's page has no <body>; this version of the report tool is not known to the gate.")
    return b"".join((head, body, b"\n", front, rest))


def _environment(verdict: Verdict, path: Path) -> None:
    """What Allure shows as the environment."""
    start = verdict.case.run.start
    if start is None:
        return
    facts = {
        "Target": start.target,
        "Mark of the run": start.mark,
        "Started": start.started,
        "Suite": f"{start.suite.get('commit', '')}{' with changes' if start.suite.get('dirty') else ''}",
        **{f"Version {name}": number for name, number in start.versions.items()},
    }
    lines = [f"{name.replace(' ', '_')} = {value}" for name, value in facts.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
