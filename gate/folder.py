"""The folder of a run's results: what lies in it under which name, and who may write there."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path
from typing import IO

from gate.errors import GateError
from gate.language import say

# What the evidence lines leave beside the report, under names that a person understands.
SMOKE, SCREENSHOTS = "smoke.json", "screenshots"
VERDICT, RECORD, ALLURE, HISTORY = "verdict.json", "run.jsonl", "allure-results", "history.jsonl"
REPORT = "allure-report"
# What a verdict takes from outside of the run's files: the moment, what was wanted, the earlier runs.
INPUTS = "verdict-inputs.json"
JUNIT, BLOCKERS, CLUSTER = "junit.xml", "blockers.json", "cluster.json"


def results_in(reports: Path) -> Path:
    """The folder itself; raises `GateError` where there is none: a misspelt name is no empty run."""
    return _there(
        reports,
        "Name the folder of a run's results with --reports.",
        "Укажите папку с результатами прогона: --reports.",
    )


def features_in(features: Path) -> Path:
    """The folder itself; raises `GateError` where there is none: the expected list would be empty."""
    return _there(
        features,
        "Name the features that were run with --features.",
        "Укажите сценарии, которые выполнялись: --features.",
    )


def _there(folder: Path, en: str, ru: str) -> Path:
    if not folder.is_dir():
        raise GateError(say(f"There is no folder {folder}. {en}", f"Папки {folder} нет. {ru}"))
    return folder


def claim(reports: Path) -> IO[str]:
    """The folder for one run alone, as long as the answer stays open; `GateError` while another run has it."""
    reports.mkdir(parents=True, exist_ok=True)
    file = (reports / ".lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise GateError(
            say(
                f"Another run writes to {reports}. Wait for its end, or give this one another GATE_REPORTS.",
                f"В {reports} пишет другой прогон. Дождитесь его конца или задайте другой GATE_REPORTS.",
            )
        ) from None
    except OSError:
        pass  # a volume that knows no locks
    return file


def forget(reports: Path) -> None:
    """Nothing that an earlier run left may be taken for something of the run that begins."""
    for name in (RECORD, VERDICT, INPUTS, JUNIT, BLOCKERS, CLUSTER, SMOKE):
        (reports / name).unlink(missing_ok=True)
    for path in (*reports.glob("summary.*.pdf"), *reports.glob("release-notes.*.md")):
        path.unlink()
    for name in (ALLURE, REPORT, SCREENSHOTS):
        shutil.rmtree(reports / name, ignore_errors=True)
