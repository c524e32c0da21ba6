"""The verdict: the rules of the gate document, and that no way of losing a result ends in Go."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from gate.blockers import Blocker, Blockers, fetch_blockers
from gate.commands.verdict import judge, told
from gate.folder import VERDICT
from gate.integrity import Wanted
from gate.language import spoken
from gate.settings import Settings
from gate.verdict import decide
from gate.verdict_file import gather
from tests.fake_run import NOW, SCHEMA, WANTED, FakeRun


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


def test_a_healthy_run_over_everything_is_go(run: FakeRun) -> None:
    verdict = run.verdict()
    assert verdict.reasons == ()
    assert (verdict.decision, verdict.scope_passed, verdict.exit_code) == ("go", True, 0)


NO_GO_LINES = ["s1.pre.1", "s1.p0.1.2", "s1.p0.4.3", "s1.security.1", "s1.security.2", "s1.boundary.identity"]


@pytest.mark.parametrize("id", NO_GO_LINES)
@pytest.mark.parametrize("languages", [("en",), ("ru",), ("en", "ru")])
def test_a_broken_line_that_must_hold_is_no_go(run: FakeRun, id: str, languages: tuple[str, ...]) -> None:
    run.breaks(id, *languages)
    verdict = run.verdict()
    assert (verdict.decision, verdict.exit_code) == ("no-go", 1)
    assert [(one.weight, one.line) for one in verdict.reasons] == [("no-go", id)]
    assert f"{id} broke in {languages[0]}" in verdict.reasons[0].text.en
    assert f"{id} broke in {languages[-1]}" in verdict.reasons[0].text.ru


@pytest.mark.parametrize("id", ["s1.p1.1.1", "s1.p1.3.2", "s1.evidence.1"])
def test_a_broken_line_that_nobody_judged_is_incomplete(run: FakeRun, id: str) -> None:
    run.breaks(id)
    assert (run.verdict().decision, run.verdict().exit_code) == ("incomplete", 2)


@pytest.mark.parametrize("id", ["s1.p1.1.1", "s1.boundary.proxy"])
def test_what_somebody_accepts_is_a_residual_risk(run: FakeRun, id: str) -> None:
    run.breaks(id)
    run.accepts(id)
    verdict = run.verdict()
    assert verdict.decision == "go"
    assert [(one.kind, one.line) for one in verdict.risks if one.kind == "waived"] == [("waived", id)]


@pytest.mark.parametrize("id", ["s1.pre.2", "s1.p0.1.1", "s1.security.2"])
def test_what_must_hold_is_waived_by_nobody(run: FakeRun, id: str) -> None:
    run.breaks(id)
    run.accepts(id)
    verdict = run.verdict()
    assert verdict.decision == "no-go"
    assert [state for _, state in verdict.waivers] == ["not allowed"]


@pytest.mark.parametrize("id", ["s1.p1.1.1", "s1.boundary.proxy"])
@pytest.mark.parametrize("broken", [True, False])
def test_an_expired_waiver_makes_the_run_incomplete(run: FakeRun, id: str, broken: bool) -> None:
    if broken:
        run.breaks(id)
    run.accepts(id, until="2026-02-08")
    assert run.verdict().decision == "incomplete"


def test_a_waiver_is_good_on_its_last_day(run: FakeRun) -> None:
    run.breaks("s1.p1.1.1")
    run.accepts("s1.p1.1.1", until="2026-02-09")
    assert run.verdict().decision == "go"


def test_a_waiver_of_one_scenario_covers_its_twin_and_no_other(run: FakeRun) -> None:
    run.breaks("s1.boundary.proxy")
    run.accepts("s1.boundary.proxy", scenario="Scenario s1.boundary.proxy")
    assert run.verdict().decision == "go"
    run.waivers.unlink()
    run.accepts("s1.boundary.proxy", scenario="Scenario s1.boundary.path")
    assert run.verdict().decision == "no-go"


@pytest.mark.parametrize(
    "text",
    ["waivers: [", "waivers: 3", "- a", "waivers:\n  - line: s1.p1.1.1\n", "waivers:\n  - just words\n",
     "waivers:\n  - {line: s1.p1.1.1, by: O, reason: r, issue: i, until: soon}\n",
     "waivers:\n  - {line: s1.p1.1.1, by: O, reason: r, issue: i, until: 2026-03-01, forever: yes}\n"],
)  # fmt: skip
def test_waivers_that_cannot_be_read_are_no_waivers(run: FakeRun, text: str) -> None:
    run.waivers.write_text(text, encoding="utf-8")
    run.breaks("s1.p1.1.1")
    verdict = run.verdict()
    assert verdict.decision == "incomplete"
    assert "waiver" in {one.kind for one in verdict.reasons}


# --- losing a result


def _vanish(run: FakeRun) -> None:
    run.results.remove(run.of("s1.p0.1.2", "ru"))


def _skip(run: FakeRun) -> None:
    run.of("s1.p0.1.2").update(status="skipped", category="suite")


def _undefined(run: FakeRun) -> None:
    run.of("s1.p0.1.2").update(status="undefined", category="suite")


def _untested(run: FakeRun) -> None:
    run.of("s1.p0.1.2").update(status="untested", category="suite")


def _not_proven(run: FakeRun) -> None:
    run.of("s1.p0.1.2").update(status="not-proven", category="not-configured", reason="no cluster")


def _hook(run: FakeRun) -> None:
    run.of("s1.p0.1.2").update(status="hook_error", category="suite")


def _cleanup(run: FakeRun) -> None:
    run.of("s1.p0.1.2").update(status="cleanup_error", category="suite")


def _suite_error(run: FakeRun) -> None:
    run.of("s1.p0.1.2").update(status="error", category="suite", reason="KeyError: 'x'")


def _final_cleaning(run: FakeRun) -> None:
    assert run.end
    run.end["cleaning"] = "2 projects could not be removed"


def _doubled(run: FakeRun) -> None:
    run.results.append(dict(run.of("s1.p0.1.2")))


def _doubled_red_then_green(run: FakeRun) -> None:
    run.results.append(dict(run.of("s1.p0.1.2")))
    run.of("s1.p0.1.2").update(status="failed", category="platform")


def _retried_too_often(run: FakeRun) -> None:
    run.results.append({**run.of("s1.p0.1.2"), "attempts": 2})
    run.of("s1.p0.1.2").update(status="failed", category="platform")


def _one_language(run: FakeRun) -> None:
    run.only(lambda one: one["language"] == "ru")


def _only_p0(run: FakeRun) -> None:
    run.only(lambda one: "p0" in one["tags"])


def _no_end(run: FakeRun) -> None:
    run.end = None


def _aborted(run: FakeRun) -> None:
    assert run.end
    run.end["aborted"] = True


def _unreadable(run: FakeRun) -> None:
    run.raw.append("{ half a line")


def _binary(run: FakeRun) -> None:
    run.raw.append("\x00\x01\ufffd\n")


def _unknown_status(run: FakeRun) -> None:
    run.of("s1.p0.1.2").update(status="fine")


def _wrong_type(run: FakeRun) -> None:
    run.of("s1.p0.1.2").update(ids="s1.p0.1.2")


def _unknown_kind(run: FakeRun) -> None:
    run.raw.append(json.dumps({"kind": "judgement"}) + "\n")


def _second_start(run: FakeRun) -> None:
    run.raw.append(json.dumps(run.start) + "\n")


def _no_start(run: FakeRun) -> None:
    run.start["kind"] = "begin"


def _exit_code(run: FakeRun) -> None:
    run.exits(1)


def _exit_zero(run: FakeRun) -> None:
    run.of("s1.p1.1.1").update(status="skipped", category="suite")
    run.exits(0)


def _other_count(run: FakeRun) -> None:
    assert run.end
    run.end["behave"] = {"passed": len(run.results) + 1}


def _allure_lost_one(run: FakeRun) -> None:
    run.allure = [one["name"] for one in run.results[1:]]


def _allure_has_another(run: FakeRun) -> None:
    run.allure = [one["name"] for one in run.results[1:]] + ["something else"]


def _undeclared_result(run: FakeRun) -> None:
    run.results.append(
        {**run.of("s1.p0.1.2"), "key": "features/en/x.feature::s1.p0.1.2::another", "name": "another"}
    )


def _old(run: FakeRun) -> None:
    assert run.end
    run.end["finished"] = (NOW - timedelta(hours=30)).isoformat()


def _future(run: FakeRun) -> None:
    assert run.end
    run.end["finished"] = (NOW + timedelta(days=3)).isoformat()


def _timeless(run: FakeRun) -> None:
    assert run.end
    run.end["finished"] = "yesterday"


def _other_suite(run: FakeRun) -> None:
    run.start["suite"]["commit"] = "0" * 40


def _changed_features(run: FakeRun) -> None:
    run.start["suite"]["features"] = "sha256:others"


def _never_delivered(run: FakeRun) -> None:
    for one in run.results:
        one["acts"].pop("delivery", None)


def _never_attached(run: FakeRun) -> None:
    for one in run.results:
        one["acts"].pop("attach", None)


def _unknown_tag(run: FakeRun) -> None:
    path = run.features / "en" / "everything.feature"
    path.write_text(
        path.read_text(encoding="utf-8").replace("@s1.p1.1.1\n", "@s1.p1.1.1 @s1.p9.9.9\n"), encoding="utf-8"
    )


def _homeless_red(run: FakeRun) -> None:
    path = run.features / "en" / "everything.feature"
    text = path.read_text(encoding="utf-8") + "  Scenario: of no line\n    Given a thing\n"
    path.write_text(text, encoding="utf-8")
    key = "features/en/everything.feature::::of no line"
    one = {**run.of("s1.p0.1.2"), "key": key, "ids": [], "name": "of no line", "status": "failed"}
    run.results.append({**one, "category": "platform"})
    run.start["selection"].append(key)


WAYS = [value for name, value in list(globals().items()) if name.startswith("_") and callable(value)
        and getattr(value, "__module__", "") == __name__]  # fmt: skip


@pytest.mark.parametrize("spoil", WAYS, ids=lambda way: way.__name__.strip("_").replace("_", " "))
def test_no_way_of_losing_a_result_is_go(run: FakeRun, spoil: Callable[[FakeRun], None]) -> None:
    spoil(run)
    verdict = run.verdict()
    assert verdict.decision != "go"
    assert verdict.exit_code in (1, 2)
    assert verdict.reasons


def test_there_are_many_ways() -> None:
    assert len(WAYS) >= 30


def test_no_record_is_incomplete(run: FakeRun) -> None:
    run.write()
    (run.reports / "run.jsonl").unlink()
    verdict = decide(gather(run.reports, run.features, run.waivers, now=NOW, wanted=WANTED))
    assert verdict.decision == "incomplete"
    assert "no record" in verdict.reasons[0].text.en


def test_another_target_is_incomplete(run: FakeRun) -> None:
    verdict = decide(run.case(wanted=replace(WANTED, target="other.example.org")))
    assert verdict.decision == "incomplete"
    assert "staging.example.org, not other.example.org" in verdict.reasons[0].text.en


def test_a_crash_of_the_judge_is_incomplete_and_leaves_no_older_go(
    run: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.write()
    (run.reports / VERDICT).write_text('{"decision": "go"}', encoding="utf-8")
    monkeypatch.setattr("gate.commands.verdict.decide", lambda case: 1 / 0)
    assert judge(run.reports, run.features, run.waivers, "all", Wanted()) is None
    written = json.loads((run.reports / VERDICT).read_text(encoding="utf-8"))
    jsonschema.validate(written, SCHEMA)
    assert written["decision"] == "incomplete"
    assert "ZeroDivisionError" in written["reasons"][0]["en"]


# --- scope, blockers, flaky


def test_scope_p0_passes_without_being_a_go(run: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    _only_p0(run)
    verdict = run.verdict("p0")
    assert (verdict.scope_passed, verdict.exit_code, verdict.decision) == (True, 0, "incomplete")
    assert "This is not a Go" in told(verdict)
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert told(verdict).startswith("P0: ") and "Это не Go" in told(verdict)
    assert spoken() == "en"


@pytest.mark.parametrize(
    "spoil", [_vanish, _skip, _undefined, _hook, _doubled, _no_end, _allure_lost_one, _exit_code]
)
def test_scope_p0_does_not_pass_over_a_lost_result(run: FakeRun, spoil: Callable[[FakeRun], None]) -> None:
    _only_p0(run)
    spoil(run)
    verdict = run.verdict("p0")
    assert not verdict.scope_passed
    assert verdict.exit_code == 2


def test_a_stop_is_told_once(run: FakeRun) -> None:
    _aborted(run)
    _other_count(run)
    assert [one.text.en for one in run.verdict().reasons] == ["The run was stopped before its end."]


def test_scope_p0_in_one_language_does_not_pass(run: FakeRun) -> None:
    run.only(lambda one: "p0" in one["tags"] and one["language"] == "en")
    assert run.verdict("p0").exit_code == 2


def test_scope_p0_needs_no_attach(run: FakeRun) -> None:
    _only_p0(run)
    _never_attached(run)
    assert run.verdict("p0").scope_passed


@pytest.mark.parametrize("priority", ["p0", "P1", "", "critical", "P0 (blocker)", "1", "p4 p1"])
def test_an_open_blocker_is_no_go(run: FakeRun, priority: str) -> None:
    known = Blockers("checked", "a file", (Blocker("#7", "It leaks", priority),))
    assert run.verdict(blockers=known).decision == "no-go"


def test_other_bugs_block_nothing(run: FakeRun) -> None:
    known = Blockers("checked", "a file", (Blocker("#7", "A typo", "p3"),))
    assert run.verdict(blockers=known).decision == "go"


def test_blockers_that_nobody_checked_are_told(run: FakeRun) -> None:
    assert "blockers" in {one.kind for one in run.verdict().risks}
    assert "blockers" not in {one.kind for one in run.verdict(blockers=Blockers("checked")).risks}


def test_blockers_that_could_not_be_read_are_incomplete(run: FakeRun) -> None:
    found = fetch_blockers(Settings({"GATE_BLOCKERS": "neither a file nor a repository"}))
    assert run.verdict(blockers=found).decision == "incomplete"


def test_blockers_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "blockers.yaml"
    path.write_text(
        "- {id: 1, title: a, priority: P0}\n- {id: 2, title: b, state: closed}\n"
        "- {id: 3, title: c, priority: null}\n",
        encoding="utf-8",
    )
    found = fetch_blockers(Settings({"GATE_BLOCKERS": str(path)}))
    assert (found.state, [(one.id, one.blocks) for one in found.items]) == ("checked", [("1", True), ("3", True)])


def test_a_pass_on_a_retry_is_proven_but_flaky(run: FakeRun) -> None:
    _retried_too_often(run)
    run.of("s1.p0.1.2")["reason"] = "answered 500"
    verdict = decide(run.case(wanted=replace(WANTED, retries=1)))
    assert verdict.decision == "go"
    assert [one.text.en for one in verdict.risks if one.kind == "flaky"] == [
        "“Scenario s1.p0.1.2” passed only when tried again. First: answered 500"
    ]


def test_broken_beats_not_proven_beats_proven(run: FakeRun) -> None:
    run.breaks("s1.p0.1.1", "en")
    _skip(run)
    lines = {one.line.id: (one.en, one.ru) for one in run.verdict().lines}
    assert lines["s1.p0.1.1"] == ("broken", "proven")
    assert lines["s1.p0.1.2"] == ("not-proven", "proven")


def test_weaker_doors_and_observations_are_told_in_both_languages(run: FakeRun) -> None:
    run.of("s1.p0.3.2", "en")["weaker"] = ["seen at the gateway only"]
    run.of("s1.p0.3.2", "ru")["weaker"] = ["видно только у шлюза"]
    risks = [one for one in run.verdict().risks if one.kind == "weaker-door"]
    assert [(one.text.en, one.text.ru) for one in risks] == [("seen at the gateway only", "видно только у шлюза")]


def test_rows_that_the_platforms_own_tables_hold_are_a_risk_and_no_doubt(run: FakeRun) -> None:
    assert run.end is not None
    run.end["kept"] = ["2 x users (audit_log)"]
    verdict = run.verdict()
    assert verdict.decision == "go" and "2 x users (audit_log)" in verdict.risks[-1].text.ru
