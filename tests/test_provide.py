"""Providing the browser and the report tool: the order, the memory, the sentences when nothing helps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gate import provide as module
from gate.errors import GateError
from gate.provide import ROOT, Provided, browser_path, provide, provided


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, ...]]:
    """A machine on which nothing can be installed; the answer gathers the commands that were tried."""
    tried: list[tuple[str, ...]] = []

    def fails(
        command: Sequence[str], seconds: float, environment: object = None
    ) -> subprocess.CompletedProcess[str]:
        tried.append(tuple(command))
        return subprocess.CompletedProcess(command, 1, "", "no network\n")

    monkeypatch.setattr(module, "_run", fails)
    monkeypatch.setattr(module, "MEMORY", tmp_path / "provided.json")
    monkeypatch.setattr(module, "CACHE", tmp_path)
    monkeypatch.setattr(module, "_is_root", lambda: False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    for name in ("GATE_BROWSER", "GATE_BROWSER_WS"):
        monkeypatch.delenv(name, raising=False)
    return tried


def test_no_browser_is_one_sentence_with_the_command(machine: list[tuple[str, ...]]) -> None:
    with pytest.raises(GateError, match="apt-get install chromium-headless-shell"):
        provide(print)
    assert [command[1:4] for command in machine] == [("-m", "playwright", "install")]


def test_as_root_debians_package_is_tried(machine: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_is_root", lambda: True)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None)
    with pytest.raises(GateError):
        provide(print)
    assert [command[-1] for command in machine[1:]] == ["-qq", "chromium-headless-shell", "chromium"]


def test_the_machines_browser_is_taken_before_a_package(
    machine: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/opt/{name}" if name.startswith("chromium") else None)
    monkeypatch.setattr(module, "_starts", lambda path: True)
    assert module._provide_browser(print) == "/opt/chromium-headless-shell"


def test_a_browser_that_does_not_start_is_named(
    machine: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/opt/chromium" if name == "chromium" else None)
    monkeypatch.setattr(module, "_starts", lambda path: False)
    with pytest.raises(GateError, match="/opt/chromium does not start"):
        module._provide_browser(print)


def test_no_npm_and_no_registry_is_one_sentence(
    machine: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(GateError, match="npm could not be installed from PyPI: no network"):
        module._provide_report_tool(print)


def test_what_was_provided_is_remembered_until_it_is_gone(machine: list[tuple[str, ...]], tmp_path: Path) -> None:
    browser, tool = tmp_path / "chromium", tmp_path / "cli.js"
    browser.touch()
    tool.touch()
    memory = {"browser": str(browser), "report": [str(tool)], "lock": module._lock_digest()}
    module.MEMORY.write_text(json.dumps(memory), encoding="utf-8")
    assert provide(print) == Provided(str(browser), (str(tool),), module._lock_digest())
    assert machine == []
    browser.unlink()
    assert provided() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"browser": 1}'])
def test_a_spoilt_memory_is_no_memory(machine: list[tuple[str, ...]], text: str) -> None:
    module.MEMORY.write_text(text, encoding="utf-8")
    assert provided() is None


def test_a_setting_names_the_browser(machine: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_BROWSER", "/opt/mine")
    assert browser_path() == "/opt/mine"


def test_the_lock_of_the_report_tool_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert packages["node_modules/allure"]["version"] == "3.18.0"
    assert all("resolved" not in one and one["integrity"].startswith("sha512-") for one in packages.values())


def test_every_requirement_is_locked_with_hashes() -> None:
    for name in ("requirements.txt", "requirements-npm.txt"):
        text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        rows = [row for row in text.splitlines() if row.strip() and not row.lstrip().startswith("#")]
        assert rows and all("==" in row and "--hash=sha256:" in row for row in rows)


def test_wrong_use_is_exit_code_3_without_a_traceback() -> None:
    for arguments in (["verdikt"], ["verdict", "--scope", "p2"], [], ["verdict", "--features", "nowhere"]):
        done = subprocess.run(
            [sys.executable, "-m", "gate", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={**os.environ, "GATE_REPORTS": "reports"},
            check=False,
        )
        assert done.returncode == 3, done.stderr
        assert "Traceback" not in done.stderr
