"""The front pages of made-up runs as files for a browser: the three decisions, with all that a page can hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gate.labels import Trace
from gate.page.evidence import Picture, Shown
from gate.page.front import front_page
from gate.verdict import Verdict
from gate.verdict_file import as_json
from tests.fake_run import FakeRun

DECISIONS = ("go", "no-go", "incomplete")
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
AROUND = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Report</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
    '<body>{}<div id="app"></div></body></html>'
)


def written(folder: Path, decision: str) -> Path:
    """The page of a run with that decision."""
    run = FakeRun(folder / decision)
    _SPOILED[decision](run)
    verdict = run.verdict()
    assert verdict.decision == decision, verdict.reasons
    path = folder / f"{decision}.html"
    path.write_text(AROUND.format(html_of(verdict)), encoding="utf-8")
    return path


def html_of(verdict: Verdict) -> str:
    """The front page, every scenario of it a link, with pictures, timelines and the smoke test's output."""
    traces = {one.declared.key: Trace(f"u-{one.declared.key}") for one in verdict.judged}
    data = {**as_json(verdict), "digest": "0123456789abcdef" * 4}
    return front_page(data, verdict.case.history, traces, _shown(verdict))


def _shown(verdict: Verdict) -> Shown:
    every = [
        Picture(
            "a view",
            f"{one.declared.language}.gif",
            one.declared.key,
            one.declared.name,
            one.declared.language,
            "image/gif",
        )
        for one in verdict.judged
    ]
    return Shown(tuple(every[::8]), tuple(every[::9]), "[smoke] ok\n" * 60)


def flaky(run: FakeRun, id: str, language: str = "en") -> None:
    """The line's scenario failed, was tried again and passed."""
    last = run.of(id, language)
    first = {**last, "status": "failed", "category": "platform", "reason": "The run stayed pending.\n  for 60 s"}
    run.results.insert(run.results.index(last), first)
    last["attempts"] = 2
    run.start["settings"]["GATE_RETRIES"] = "1"


def _go(run: FakeRun) -> None:
    flaky(run, "s1.p0.2.1")
    run.of("s1.pre.1")["weaker"] = ["seen through another door"]


def _no_go(run: FakeRun) -> None:
    flaky(run, "s1.p0.2.1")
    for line in run.document.lines[:15]:
        run.breaks(line.id)
    run.results = [one for one in run.results if not one["ids"][0].startswith("s1.boundary.")]
    run.accepts("s1.p1.1.1")
    run.accepts("s1.p1.2.1", until="2026-01-01")


def _incomplete(run: FakeRun) -> None:
    run.of("s1.p0.1.1").update(status="skipped", category="not-configured", reason="There is no database.")
    run.of("s1.p1.1.1").update(status="skipped", category="staging", reason="The edge answered 502.")
    run.results = [one for one in run.results if not one["ids"][0].startswith("s1.boundary.")]


_SPOILED: dict[str, Callable[[FakeRun], None]] = {"go": _go, "no-go": _no_go, "incomplete": _incomplete}
