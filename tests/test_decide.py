"""From a verdict to a decision, by the commands: published to the stand-in GitHub, blockers, signed off."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from gate.__main__ import main
from gate.blockers import fetch_blockers
from gate.bundle import SIGN_OFF, Bundle, build_bundle
from gate.folder import INPUTS, VERDICT
from gate.notes import write_notes
from gate.settings import Settings
from gate.verdict import decide
from gate.verdict_file import as_json, digest_of, keep_inputs, write_verdict
from gate.zipping import read_zip
from sandbox import github, people
from sandbox.people import GATE_LOGIN, token_of
from sandbox.serving import Server
from sandbox.sockets import bind, port_of
from sandbox.staging import Staging
from tests.fake_run import FakeRun


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Staging, str]]:
    staging, loop, bound = Staging(tmp_path_factory.mktemp("github")), asyncio.new_event_loop(), bind("github", 0)
    people.settle(staging)
    server = Server(github.app(staging), bound)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    yield staging, f"http://127.0.0.1:{port_of(bound)}"
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    bound.close()


class Issue:
    """An issue at the stand-in GitHub, seen by the gate's account."""

    def __init__(self, staging: Staging, api: str) -> None:
        self.api, self.token = api, token_of(staging, GATE_LOGIN)
        self.repository = staging.repositories[0].full_name
        self.number = self.ask("POST", "", {"title": "Sprint S1: release"})["number"]

    @property
    def name(self) -> str:
        return f"{self.repository}#{self.number}"

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        address = f"{self.api}/repos/{self.repository}/issues{path}"
        answer = requests.request(method, address, json=body, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def said(self) -> list[str]:
        return [str(one["body"]) for one in self.ask("GET", f"/{self.number}/comments?per_page=100")]


@pytest.fixture
def issue(staging: tuple[Staging, str], monkeypatch: pytest.MonkeyPatch) -> Issue:
    made = Issue(*staging)
    monkeypatch.setenv("GATE_GITHUB_API_URL", made.api)
    monkeypatch.setenv("GATE_GITHUB_TOKEN", made.token)
    return made


@pytest.fixture
def run(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


def _bundled(run: FakeRun) -> tuple[Bundle, str]:
    case = run.case()
    keep_inputs(case, run.reports / INPUTS)
    verdict = decide(case)
    write_verdict(verdict, run.reports / VERDICT)
    write_notes(as_json(verdict), "[smoke] ok", [], run.reports)
    return build_bundle(run.reports, run.features, run.waivers), digest_of((run.reports / VERDICT).read_bytes())


def _sign(bundle: Bundle, digest: str, *more: str) -> int:
    return main(["sign-off", str(bundle.path), "--by", "Olga Owner", "--verdict", digest, *more])


def test_the_notes_are_put_on_an_issue_and_updated_when_the_owner_has_decided(run: FakeRun, issue: Issue) -> None:
    for number in range(100):  # ours is on the second page
        issue.ask("POST", f"/{issue.number}/comments", {"body": f"talk {number}"})
    bundle, digest = _bundled(run)
    publish = ["publish", "--reports", str(run.reports), "--issue", issue.name]
    assert main(publish) == 0
    assert _sign(bundle, digest, "--no-blockers", "--note", "well done") == 0
    assert main(publish) == 0
    page = issue.ask("GET", f"/{issue.number}/comments?per_page=100&page=2")
    assert len(page) == 1 and bundle.root in page[0]["body"]
    assert "**approved**, Olga Owner" in page[0]["body"] and "well done" in page[0]["body"]
    assert main(["verify", str(bundle.path), "--root", bundle.root]) == 0


@pytest.mark.parametrize(
    ("issue_number", "token", "told"),
    [(999, "", "404"), (0, "ghp_" + "0" * 36, "401"), (0, None, "GATE_GITHUB_TOKEN")],
)
def test_what_github_refuses_is_one_sentence(
    run: FakeRun,
    issue: Issue,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    issue_number: int,
    token: str | None,
    told: str,
) -> None:
    _bundled(run)
    if token is None:
        monkeypatch.delenv("GATE_GITHUB_TOKEN")
    elif token:
        monkeypatch.setenv("GATE_GITHUB_TOKEN", token)
    name = f"{issue.repository}#{issue_number or issue.number}"
    assert main(["publish", "--reports", str(run.reports), "--issue", name]) == 3
    said = capsys.readouterr().err
    assert told in said and len(said.splitlines()) == 1
    assert issue.said() == []


def _refused(capsys: pytest.CaptureFixture[str], bundle: Bundle) -> str:
    assert SIGN_OFF not in read_zip(bundle.path)
    return capsys.readouterr().err


def test_no_approval_over_a_no_go_but_a_rejection(run: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    run.breaks("s1.p0.1.1")
    bundle, digest = _bundled(run)
    assert _sign(bundle, digest, "--no-blockers") == 3
    assert "no-go: it can be rejected, not approved" in _refused(capsys, bundle)
    assert _sign(bundle, digest, "--reject", "--note", "not today") == 0
    assert main(["verify", str(bundle.path)]) == 0
    assert "rejected by Olga Owner" in capsys.readouterr().out


def test_no_approval_over_an_incomplete_run(run: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    run.results.pop()
    bundle, digest = _bundled(run)
    assert _sign(bundle, digest, "--no-blockers") == 3
    assert "incomplete: it can be rejected" in _refused(capsys, bundle)


@pytest.mark.parametrize("shown", ["0" * 64, "", "abc"])
def test_another_digest_is_refused(run: FakeRun, capsys: pytest.CaptureFixture[str], shown: str) -> None:
    bundle, _ = _bundled(run)
    assert _sign(bundle, shown, "--no-blockers") == 3
    assert "another digest" in _refused(capsys, bundle)


def test_blockers_that_nobody_checked_are_confirmed_by_name(
    run: FakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, digest = _bundled(run)
    assert _sign(bundle, digest) == 3
    assert "--no-blockers" in _refused(capsys, bundle)
    assert _sign(bundle, digest, "--no-blockers") == 0
    assert _sign(bundle, digest, "--no-blockers") == 3  # once is enough


def test_an_issue_with_a_blockers_labels_is_a_no_go(run: FakeRun, issue: Issue) -> None:
    issue.ask("POST", "", {"title": "Replay makes a second run", "labels": ["bug", "p0"]})
    issue.ask("POST", "", {"title": "A typo", "labels": ["bug", "p3"]})
    source = f"{issue.repository}?labels=bug,p0&labels=bug,p1"
    given = {"GATE_BLOCKERS": source, "GATE_GITHUB_API_URL": issue.api, "GATE_GITHUB_TOKEN": issue.token}
    found = fetch_blockers(Settings(given))
    assert [(one.title, one.priority) for one in found.items] == [("Replay makes a second run", "p0")]
    verdict = run.verdict(blockers=found)
    assert verdict.decision == "no-go"
    assert json.dumps(as_json(verdict)["reasons"]).count("Replay makes a second run") == 2
