"""One fault for each line of the document: it turns red and the report says why. And the proof's own tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gate.document import load_document
from proof import kill_page, mutation
from proof.evaluator import Evaluator
from proof.kill_matrix import CHOSEN, IN_TURN, Fault, Results, Trial, catalogue, listed, twins
from proof.staging import LANGUAGES, Outcome, Staging, Told, first_sentence
from proof.weakening import checks

FAULTS = {
    "s1.pre.1": "dns-other-address",
    "s1.pre.2": "edge-plain-http-404",
    "s1.pre.3": "readiness-fails",
    "s1.p0.1.1": "edge-webhook-needs-session",
    "s1.p0.1.2": "signature-not-checked",
    "s1.p0.1.3": "duplicate-gets-new-run-id",
    "s1.p0.2.1": "running-skipped",
    "s1.p0.2.2": "slot-leaked-after-success",
    "s1.p0.3.1": "console-identity-wrong",
    "s1.p0.3.2": "forbidden-with-200",
    "s1.p0.4.1": "console-projects-empty",
    "s1.p0.4.2": "console-runs-empty",
    "s1.p0.4.3": "console-users-empty",
    "s1.p1.1.1": "project-learning-default-missing",
    "s1.p1.2.1": "token-stored-in-clear",
    "s1.p1.2.2": "hook-inactive",
    "s1.p1.3.1": "learning-override-ignored",
    "s1.p1.3.2": "feedback-missing",
    "s1.p1.3.3": "feedback-shown-to-strangers",
    "s1.security.1": "edge-regex-not-anchored",
    "s1.security.2": "kubernetes-api-open",
    "s1.boundary.path": "edge-regex-without-slash",
    "s1.boundary.identity": "edge-auth-request-email-let-through",
    "s1.boundary.proxy": "edge-method-override",
    "s1.boundary.session": "edge-cookie-not-secure",
    "s1.boundary.redirect": "edge-redirect-absolute",
    "s1.boundary.exposure": "edge-health-open",
    "s1.boundary.console": "edge-fs-open",
    "s1.boundary.receiver": "gzip-body-inflated",
    "s1.boundary.roles": "readers-may-write",
    "s1.contract.api": "limit-not-checked",
    "s1.contract.data": "unique-index-lost",
    "s1.contract.console": "console-language-forgotten",
    "s1.evidence.1": "smoke-fails",
    "s1.evidence.2": "console-heading-only",
}
# New faults and renamed scenarios are tried whole until one is chosen for them.
STALE = 0.2


@dataclass
class House:
    """A staging and an evaluator that all tests share."""

    staging: Staging
    evaluator: Evaluator
    folder: Path

    def judge(self, *arguments: str, faults: tuple[str, ...] = (), weakened: str = "") -> Outcome:
        """Run behave with these arguments while the faults are on."""
        self.staging.switch(*faults)
        try:
            return self.evaluator.run(arguments, self.staging.settings, self.folder, weakened)
        finally:
            self.staging.switch()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(Staging(), Evaluator(), tmp_path_factory.mktemp("faults"))
    yield house
    house.evaluator.stop()
    house.staging.stop()


def test_every_line_has_its_fault() -> None:
    known = {fault.name: fault.lines for fault in catalogue(())}
    assert FAULTS.keys() == {line.id for line in load_document().lines}
    assert all(line in known[name] for line, name in FAULTS.items())


@pytest.mark.parametrize(("line", "fault"), FAULTS.items())
def test_the_line_turns_red_and_the_report_says_why(house: House, line: str, fault: str) -> None:
    outcome = house.judge(f"--tags=@{line} and @en", "--stop", faults=(fault,))
    assert outcome.complete and line in outcome.red("en"), outcome
    red = next(one for one in outcome.told if one.red)
    assert red.status == "failed" and red.category == "platform"
    assert first_sentence(red.reason) and red.check in checks()


def test_without_its_check_the_fault_passes(house: House) -> None:
    healthy = "--tags=@s1.pre.3 and @en", "--name=alive and ready"
    red = house.judge(*healthy, faults=("readiness-fails",))
    weakened = house.judge(*healthy, faults=("readiness-fails",), weakened=red.told[0].check)
    assert [one.status for one in (*red.told, *weakened.told)] == ["failed", "passed"]
    assert house.judge(*healthy).told[0].status == "passed"


def test_the_scenarios_that_saw_the_faults_are_those_of_today() -> None:
    chosen = json.loads(CHOSEN.read_text(encoding="utf-8"))
    faults = catalogue(())
    stale = [fault.name for fault in faults if not {*listed(chosen.get(fault.name, ""))} <= twins().keys()]
    assert len(stale) <= STALE * len(faults), stale


def test_lines_take_turns_beside_the_faults_and_each_gets_one(tmp_path: Path) -> None:
    results = Results(tmp_path / "kept")
    lines = [line.id for line in load_document().lines]
    for language in LANGUAGES:
        told = [Told(f"{id} {language}", "x:1", (id,), language, "passed", seconds=1) for id in lines]
        results.keep(Outcome(told, 1, True), language)
    turns = [{one.ids[0] for one in results.in_turn(Fault(f"fault {number}", (), ""))} for number in range(200)]
    assert {len(turn) for turn in turns} == {IN_TURN} and set().union(*turns) == set(lines)


def _trial(name: str, lines: tuple[str, ...], *red: tuple[str, str]) -> Trial:
    told = [
        Told(f"{line}{spoken}", "x:1", (line,), spoken, "failed", "ASSERT FAILED: why|so") for line, spoken in red
    ]
    return Trial(
        Fault(name, lines, "what"), Outcome([*told, Told("k", "x:2", ("s1.pre.1",), "en", "passed")], 1, True)
    )


def test_the_matrix_goes_on_where_it_ended_and_counts_what_is_beside_the_fault(tmp_path: Path) -> None:
    trials = [
        _trial("one", ("s1.pre.3",), ("s1.pre.3", "en"), ("s1.pre.3", "ru")),
        _trial("two", ("s1.pre.3",), ("s1.pre.3", "en"), ("s1.p0.1.1", "en")),
    ]
    for trial in trials:
        Results(tmp_path / "kept").keep(trial)
    kept = list(Results(tmp_path / "kept").trials.values())
    assert kept == trials and [trial.killed for trial in kept] == [True, False]
    assert kill_page.off_diagonal(kept) == (3, 1)
    page = kill_page.page([trial.fault for trial in kept], kept)
    assert "1 of 3 (33.33 %)" in page and "| two | s1.pre.3 | s1.p0.1.1 | why/so |" in page
    assert kill_page.picture(kept).count("<path") == 3


def test_every_check_can_be_found_again_and_told() -> None:
    found = {id: mutation.Found(id, "needed") for id in checks()}
    assert len(found) > 200
    assert f"Noticed when left out: **{len(found)}** (100 %)" in mutation.page(found)


def test_the_page_names_what_says_so_instead_and_counts_waits_apart() -> None:
    one, other = next(check for check in checks().values() if check.waits), next(iter(checks()))
    found = {one.id: mutation.Found(one.id, "doubled", "fault: scenario", instead=other)}
    page = mutation.page(found)
    assert f"` | `{other}` |" in page and "Noticed when left out: **0** (0 %" in page
    assert "**0** of 0 (-)" in page


def test_what_is_only_asked_where_its_failure_is_another_lines_matter_is_no_check() -> None:
    assert not {id for id in checks() if id.endswith(("LearningFeedback._four 1", "ToldRun._end_one 1"))}
