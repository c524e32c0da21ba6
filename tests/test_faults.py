"""One fault for each P0 line and one for the identity header: its line turns red, and the report says why."""

import json

import pytest

from proof.kill_matrix import Staging, catalogue

FAULTS = {
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
    "s1.boundary.identity": "edge-auth-request-email-let-through",
}


@pytest.fixture(scope="module")
def staging():
    staging = Staging()
    yield staging
    staging.stop()


def test_every_p0_line_has_its_fault():
    known = {fault.name: fault.lines for fault in catalogue(())}
    assert all(line in known[name] for line, name in FAULTS.items())


@pytest.mark.parametrize(("line", "fault"), FAULTS.items())
def test_the_line_turns_red_and_the_report_says_why(staging, tmp_path, line, fault):
    staging.switch(fault)
    outcome = staging.judge(f"@{line} and @en", tmp_path)
    staging.switch()
    assert outcome.complete and line in outcome.red("en"), outcome.status
    told = [json.loads(path.read_text()) for path in (tmp_path / "allure-results").glob("*-result.json")]
    reasons = [one["statusDetails"]["message"] for one in told if one["status"] == "failed"]
    assert reasons and all(len(reason) > len("AssertionError: ") for reason in reasons)
