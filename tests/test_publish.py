"""Publishing: one comment that is its own, made once, then updated; the root and the Owner's decision in it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gate.__main__ import main
from gate.bundle import SIGN_OFF, Bundle, build_bundle
from gate.errors import GateError
from gate.folder import INPUTS, VERDICT
from gate.notes import write_notes
from gate.publishing import LONGEST_COMMENT, Issue, comment
from gate.signoff import sealed_sign_off, sign_off
from gate.verdict import decide
from gate.verdict_file import as_json, keep_inputs, write_verdict
from gate.verify import verify
from gate.zipping import read_zip, write_zip
from tests.fake_run import NOW, FakeRun

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"


class _GitHub(BaseHTTPRequestHandler):
    comments: list[dict[str, Any]]
    asked: list[str]

    def do_GET(self) -> None:
        self._note()
        self._answer({"login": "gate"} if self.path == "/user" else self.comments)

    def do_POST(self) -> None:
        self._note()
        made = {"id": len(self.comments) + 1, "user": {"login": "gate", "type": "User"}, **self._sent()}
        self.comments.append({**made, "html_url": f"https://github.test/c{made['id']}"})
        self._answer(self.comments[-1], 201)

    def do_PATCH(self) -> None:
        self._note()
        one = next(one for one in self.comments if str(one["id"]) == self.path.rpartition("/")[2])
        one.update(self._sent())
        self._answer(one)

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _note(self) -> None:
        self.asked.append(f"{self.command} {self.path.partition('?')[0]} {self.headers['Authorization']}")

    def _sent(self) -> dict[str, Any]:
        sent: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return sent

    def _answer(self, body: object, status: int = 200) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_GitHub]]:
    handler = type("Handler", (_GitHub,), {"comments": [], "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("GATE_GITHUB_API_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("GATE_GITHUB_TOKEN", TOKEN)
    yield handler
    server.shutdown()


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


def _bundled(run: FakeRun) -> Bundle:
    case = run.case()
    keep_inputs(case, run.reports / INPUTS)
    verdict = decide(case)
    write_verdict(verdict, run.reports / VERDICT)
    write_notes(as_json(verdict), "[smoke] ok", [], run.reports)
    return build_bundle(run.reports, run.features, run.waivers)


def _publish(run: FakeRun, *more: str) -> int:
    return main(["publish", "--reports", str(run.reports), *more])


def test_the_second_time_its_own_comment_is_updated(run: FakeRun, github: type[_GitHub]) -> None:
    github.comments.append({"id": 1, "body": "<!-- codex-k8s", "user": {"login": "somebody", "type": "User"}})
    bundle = _bundled(run)
    assert _publish(run, "--issue", "owner/repo#7") == 0
    run.of("s1.p1.1.1")["seconds"] = 9.0
    again = _bundled(run)
    assert _publish(run, "--issue", "owner/repo#7") == 0
    assert len(github.comments) == 2
    body = github.comments[1]["body"]
    assert again.root in body and bundle.root not in body
    assert body.startswith("<!-- codex-k8s release gate: ") and "\n---\n" not in body
    assert [one.split()[:2] for one in github.asked if "user" not in one][-1] == [
        "PATCH",
        "/repos/owner/repo/issues/comments/2",
    ]


def test_what_somebody_quoted_is_not_ours(run: FakeRun, github: type[_GitHub]) -> None:
    _bundled(run)
    _publish(run, "--issue", "owner/repo#7")
    github.comments[0]["user"] = {"login": "somebody", "type": "User"}
    _publish(run, "--issue", "owner/repo#7")
    assert len(github.comments) == 2


def test_without_an_issue_or_with_dry_run_it_is_printed(
    run: FakeRun, github: type[_GitHub], capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = _bundled(run)
    assert _publish(run) == 0
    assert _publish(run, "--issue", "owner/repo#7", "--dry-run", "--lang", "ru") == 0
    printed = capsys.readouterr().out
    assert printed.count(bundle.root) == 8  # the hash, and in the command; two languages; twice
    assert not github.asked


def test_the_owners_decision_is_told(run: FakeRun) -> None:
    bundle = _bundled(run)
    files = read_zip(bundle.path)
    shown = json.loads((run.reports / VERDICT).read_text(encoding="utf-8"))
    digest = (
        (run.reports / "release-notes.en.md").read_text(encoding="utf-8").rpartition("sign off by:** `")[2][:64]
    )
    made = sign_off(files, by="Olga", shown=digest, reject=False, no_blockers=True, note="well done", now=NOW)
    write_zip(bundle.path, {**files, SIGN_OFF: sealed_sign_off(made, None)})
    assert "**approved**, Olga" in comment(run.reports, shown, "en")
    assert verify(bundle.path, bundle.root) == []


def test_notes_of_another_bundle_are_refused(run: FakeRun) -> None:
    bundle = _bundled(run)
    before = (run.reports / "release-notes.en.md").read_text(encoding="utf-8")
    run.of("s1.p1.1.1")["seconds"] = 9.0
    assert _bundled(run).root != bundle.root
    (run.reports / "release-notes.en.md").write_text(before, encoding="utf-8")
    verdict = json.loads((run.reports / VERDICT).read_text(encoding="utf-8"))
    with pytest.raises(GateError, match="another bundle"):
        comment(run.reports, verdict, "en")


def test_the_bundle_is_the_same_though_its_notes_name_its_root_outside(run: FakeRun) -> None:
    bundle = _bundled(run)
    assert bundle.root in (run.reports / "release-notes.ru.md").read_text(encoding="utf-8")
    assert bundle.root.encode() not in read_zip(bundle.path)["release-notes.ru.md"]
    assert build_bundle(run.reports, run.features, run.waivers).root == bundle.root


def test_a_long_comment_keeps_the_root(run: FakeRun) -> None:
    for one in run.results:
        one.update(status="failed", category="platform", reason="wrong " * 2_000)
    bundle = _bundled(run)
    body = comment(run.reports, json.loads((run.reports / VERDICT).read_text(encoding="utf-8")), "en")
    assert len(body) <= LONGEST_COMMENT and bundle.root in body


@pytest.mark.parametrize("text", ["", "12", "owner#1", "owner/repo", "owner/repo#x", "https://github.com/o/r/1"])
def test_an_issue_has_one_spelling(text: str) -> None:
    with pytest.raises(GateError, match="owner/repo#number"):
        Issue.parse(text)


def test_a_refusal_is_one_sentence_without_the_token(
    run: FakeRun, github: type[_GitHub], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _bundled(run)
    monkeypatch.setattr(github, "do_POST", lambda self: self._answer({"message": "no"}, 403))
    assert _publish(run, "--issue", "owner/repo#7") == 3
    told = capsys.readouterr().err
    assert "403" in told and TOKEN not in told and len(told.splitlines()) == 1
