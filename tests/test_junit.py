"""JUnit XML: every result once, under its line, with the reason; readable by any parser of XML."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

from gate.junit import write_junit
from gate.results import read_run
from tests.fake_run import FakeRun


def written(run: FakeRun) -> Xml.Element:
    run.write()
    write_junit(read_run(run.reports / "run.jsonl"), run.reports / "junit.xml")
    return Xml.parse(run.reports / "junit.xml").getroot()


def test_every_result_is_there_with_its_line(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    root = written(run)
    assert int(root.get("tests", 0)) == len(run.results) == len(list(root.iter("testcase")))
    assert {one.get("value") for one in root.iter("property")} == {line.id for line in run.document.lines}
    assert not list(root.iter("failure")) and not list(root.iter("skipped"))


def test_red_errors_and_not_proven_are_told_apart(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.breaks("s1.p0.1.1", "en")
    run.of("s1.p0.1.2").update(status="error", category="suite", reason="Traceback\nmore")
    run.of("s1.p0.1.3").update(status="not-proven", reason="No access to the cluster")
    root = written(run)
    assert [root.get(kind) for kind in ("failures", "errors", "skipped")] == ["1", "1", "1"]
    failure, error, skipped = (next(root.iter(kind)) for kind in ("failure", "error", "skipped"))
    assert failure.get("message") == "s1.p0.1.1 broke in en" and failure.get("type") == "platform"
    assert error.get("message") == "Traceback" and skipped.get("message") == "No access to the cluster"


def test_what_xml_cannot_hold_does_not_break_it(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.of("s1.p0.1.1").update(status="failed", reason="got \x00\x1b[31m <&> ёж")
    assert "<&> ёж" in str(next(written(run).iter("failure")).text)


def test_a_scenario_counts_by_its_last_attempt(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.of("s1.p0.1.1").update(status="failed", reason="first")
    run.results.append(run.of("s1.p0.1.1") | {"status": "passed", "reason": "", "attempts": 2})
    assert not list(written(run).iter("failure"))
