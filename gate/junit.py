"""The results of a run as JUnit XML, for tools that know nothing else: made from the record, not by the runner.

A suite is a feature file, a case a scenario; its class name holds the ids of the gate's lines. What is not proven
is `skipped`, with the reason; a scenario that never ran is not there, and the verdict tells that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

from gate.results import Result, Run, latest

# Characters that XML 1.0 cannot hold, escaped or not.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(run: Run, path: Path) -> None:
    """Write the file; the attempt that counts of each scenario is its last."""
    counted = list(latest(run.results).values())
    by_file: dict[str, list[Result]] = {}
    for result in counted:
        by_file.setdefault(result.file, []).append(result)
    root = Xml.Element("testsuites", {"name": "codex-k8s release gate", **_counts(counted)})
    for file, results in by_file.items():
        suite = Xml.SubElement(root, "testsuite", {"name": file, **_counts(results)})
        if run.start:
            suite.set("timestamp", run.start.started)
            suite.set("hostname", run.start.target)
        for result in results:
            _case(suite, result)
    Xml.indent(root)
    path.write_bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _case(suite: Xml.Element, result: Result) -> None:
    case = Xml.SubElement(
        suite,
        "testcase",
        classname=f"{Path(result.file).stem}.{result.language} {' '.join(result.ids)}".strip(),
        name=_text(result.name),
        time=f"{result.seconds:.3f}",
        file=result.file,
        line=str(result.line),
    )
    properties = Xml.SubElement(case, "properties")
    for id in result.ids:
        Xml.SubElement(properties, "property", name="line", value=id)
    kind = _kind(result)
    if kind:
        reason = _text(result.reason)
        told = Xml.SubElement(case, kind, message=(reason.strip().splitlines() or [result.status])[0])
        told.text = reason
        if kind != "skipped":
            told.set("type", result.category or result.status)


def _kind(result: Result) -> str:
    if result.status == "passed":
        return ""
    if result.status in ("not-proven", "skipped"):
        return "skipped"
    return "failure" if result.status == "failed" else "error"


def _counts(results: Sequence[Result]) -> dict[str, str]:
    kinds = [_kind(one) for one in results]
    return {
        "tests": str(len(results)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
        "time": f"{sum(one.seconds for one in results):.3f}",
    }


def _text(text: str) -> str:
    return _UNSPEAKABLE.sub("\N{REPLACEMENT CHARACTER}", text)
