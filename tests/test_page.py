"""The front page, the release notes and the labels: what the Owner reads says what the verdict says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gate.history import Entry
from gate.labels import Trace, label_results
from gate.notes import release_notes
from gate.page.evidence import Shown, collect
from gate.page.front import front_page
from gate.page.html import tag
from gate.page.words import EN, RU, duration, moment
from gate.verdict import Verdict
from gate.verdict_file import as_json
from tests.fake_run import FakeRun

NOTHING = Shown((), (), "")


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


def _page(verdict: Verdict, traces: dict[str, Trace] | None = None) -> str:
    return front_page({**as_json(verdict), "digest": "d1gest"}, verdict.case.history, traces or {}, NOTHING)


def _headline(page: str, language: str) -> str:
    found = re.search(rf'class="page" lang="{language}".*?<h1>.*?</span>(.*?)</h1>', page)
    assert found
    return found[1]


def test_the_decision_is_the_headline_in_both_languages(run: FakeRun) -> None:
    assert _headline(_page(run.verdict()), "en") == "Go"
    run.breaks("s1.p0.1.1")
    page = _page(run.verdict())
    assert (_headline(page, "en"), _headline(page, "ru")) == ("No-Go", "No-Go")
    assert "s1.p0.1.1 broke in en" in page and "s1.p0.1.1 broke in ru" in page


def test_incomplete_says_so(run: FakeRun) -> None:
    run.results.pop()
    page = _page(run.verdict())
    assert (_headline(page, "en"), _headline(page, "ru")) == ("Incomplete", "Неполно")


def test_a_proven_p0_is_not_called_a_go(run: FakeRun) -> None:
    run.only(lambda one: "p0" in one["tags"])
    page = _page(run.verdict("p0"))
    assert _headline(page, "en") == "P0 is proven"
    assert "this is no go" in page.lower()


def test_every_line_of_the_document_is_there(run: FakeRun) -> None:
    page = _page(run.verdict())
    assert all(page.count(f"<code>{line.id}</code>") >= 2 for line in run.document.lines)


def test_a_scenario_links_to_its_page_in_the_report(run: FakeRun) -> None:
    verdict = run.verdict()
    key = run.of("s1.p0.1.1")["key"]
    assert '<a href="#' in _page(verdict, {key: Trace("a-uuid")}).replace('<a href="#gate-report"', "")


def test_what_the_platform_answered_is_no_html_of_ours(run: FakeRun) -> None:
    run.breaks("s1.p0.1.1")
    run.of("s1.p0.1.1")["reason"] = "<script>alert(1)</script> | `x` [a](b)"
    verdict = run.verdict()
    assert "<script>alert" not in _page(verdict)
    assert "<script>" not in release_notes(as_json(verdict), "en")


def test_both_languages_have_the_same_words() -> None:
    assert list(EN) == list(RU)
    assert all(EN.values()) and all(RU.values())


def test_times_are_told_as_people_do() -> None:
    assert moment("2026-02-09T12:40:00+00:00", "ru") == "9 февраля 2026, 12:40 UTC"
    assert moment(None, "en") == "—"
    assert [duration(seconds, EN) for seconds in (0.44, 12.3, 200)] == ["0.4 s", "12 s", "3 min 20 s"]


def test_attributes_are_escaped_and_left_out() -> None:
    assert tag("a", "<", href='"', hidden=True, lang=None) == '<a href="&quot;" hidden>&lt;</a>'


@pytest.mark.parametrize("language", ["en", "ru"])
def test_release_notes_hold_what_an_approval_needs(run: FakeRun, language: str) -> None:
    run.of("s1.p0.2.1")["run_ids"] = ["8f0d"]
    notes = release_notes(as_json(run.verdict()), language, "[smoke] all good")
    for wanted in (
        'required: ["Owner"]',
        "status: pending",
        "decision: go",
        "`8f0d`",
        "[smoke] all good",
        "gate-7f3a",
    ):
        assert wanted in notes
    assert notes.count("| `s1.") == len(run.document.lines)


def test_results_carry_line_priority_and_the_true_outcome(run: FakeRun) -> None:
    run.breaks("s1.p0.1.2", "en")
    verdict = run.verdict()
    folder = run.reports / "allure-results"
    traces = label_results(folder, verdict.judged, run.document)
    assert len(traces) == len(run.results)
    results = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*-result.json")]
    red = next(one for one in results if one["status"] == "failed")
    labels = {one["name"]: one["value"] for one in red["labels"]}
    assert labels["gate line"].startswith("s1.p0.1.2 ") and labels["priority"] == "1 P0"
    assert labels["whose matter"] == "platform"
    before = {path.name: path.read_bytes() for path in folder.glob("*-result.json")}
    label_results(folder, verdict.judged, run.document)
    assert {path.name: path.read_bytes() for path in folder.glob("*-result.json")} == before


def test_screenshots_and_smoke_come_from_their_lines(run: FakeRun, tmp_path: Path) -> None:
    from gate.labels import Attachment

    smoke, shot = run.of("s1.evidence.1")["key"], run.of("s1.evidence.2")["key"]
    (tmp_path / "s.txt").write_text("[smoke] ok", encoding="utf-8")
    traces = {
        smoke: Trace("u1", (Attachment("smoke output", "s.txt", "text/plain"),)),
        shot: Trace("u2", (Attachment("Repos attach", "p.png", "image/png"),)),
    }
    shown = collect(as_json(run.verdict()), traces, tmp_path)
    assert shown.smoke == "[smoke] ok"
    assert [one.name for one in shown.pictures] == ["Repos attach"]


def test_a_reason_leads_to_its_scenarios(run: FakeRun) -> None:
    run.breaks("s1.p0.1.1")
    key = run.of("s1.p0.1.1")["key"]
    assert re.search(r'<ul class="behind"><li><a href="#', _page(run.verdict(), {key: Trace("a-uuid")}))


def test_it_is_always_told_since_when_and_this_run_is_among_the_last(run: FakeRun) -> None:
    first = run.verdict()
    page = _page(first)
    assert "this run, the first on record" in page and page.count("This is the first run") == 1
    assert page.count('aria-current="true"') == 2
    before = Entry("gate-old", "2026-02-01T10:00:00+00:00", "go", "all", "staging.example.org", "", {})
    assert "the same since 1 February 2026" in _page(run.verdict(history=(before,)))
    run.breaks("s1.p0.1.1")
    assert "new with this run; the last was Go on 1 February 2026" in _page(run.verdict(history=(before,)))


def test_the_doors_are_named_in_the_language_of_the_page(run: FakeRun) -> None:
    found = re.findall(r'class="doors">(.*?)</p>', _page(run.verdict()))
    assert set(found) == {"Seen through: edge", "Через что смотрели: снаружи (HTTPS)"}
