"""The smoke script where the settings say: here, over SSH, or as it was recorded; what is kept of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gate import evidence
from gate.capabilities.smoke import Smoke
from gate.errors import NotProven
from gate.language import speak
from gate.settings import Settings
from gate.target import Target

SCRIPT = 'echo "[smoke] namespace=$CODEXK8S_STAGING_NAMESPACE knows=${GATE_ADMIN_PASSWORD:-nothing}"\n'
# Stands in for ssh: takes its options and the host, and lets a shell do the rest as sshd would.
SSH = '#!/bin/bash\nwhile [ "$1" = -o ]; do shift 2; done\necho "$1" > {folder}/host\nexec bash -c "$2"\n'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of the platform on the "staging host", and an ssh that leads there."""
    folder = tmp_path / "a checkout"
    (folder / "deploy" / "scripts").mkdir(parents=True)
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "ssh").write_text(SSH.format(folder=tmp_path), encoding="utf-8")
    (bin / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GATE_ADMIN_PASSWORD", "of-no-concern")
    speak("en")
    return folder


def script(checkout: Path, ending: str) -> None:
    (checkout / "deploy" / "scripts" / "staging_smoke.sh").write_text(SCRIPT + ending, encoding="utf-8")


def smoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **settings: str) -> tuple[Smoke, list[str]]:
    attached: list[str] = []
    monkeypatch.setattr(evidence, "text", lambda name, body: attached.append(body))
    target = Target(
        Settings({"GATE_DOMAIN": "staging.test", "GATE_REPORTS": str(tmp_path / "reports"), **settings})
    )
    made = Smoke(cast(Any, SimpleNamespace(target=target)))
    made.know_place()
    return made, attached


@pytest.mark.parametrize("place", ["{checkout}", "~/a checkout"])
def test_over_ssh_it_runs_in_the_checkout_there(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    script(checkout, 'echo "[smoke] OK"\n')
    ssh = f"qa@staging:{place.format(checkout=checkout)}"
    made, attached = smoke(tmp_path, monkeypatch, GATE_SMOKE_SSH=ssh, GATE_NAMESPACE="its-own")
    made.run()
    made.expect_ok()
    made.expect_kept()
    kept = json.loads((tmp_path / "reports" / "smoke.json").read_text())
    assert (tmp_path / "host").read_text() == "qa@staging\n"
    assert kept["exit_code"] == 0 and kept["ok"] and kept["seconds"] is not None
    assert kept["lines"] == ["[smoke] namespace=its-own knows=nothing", "[smoke] OK"]
    assert attached[0].startswith("# exit code 0, ") and attached[0].endswith("[smoke] OK\n")


def test_what_fails_there_is_red_and_what_cannot_run_is_not_proven(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(checkout, 'echo "[smoke] FAIL: worker"; exit 3\n')
    made, attached = smoke(tmp_path, monkeypatch, GATE_SMOKE_SSH=f"qa@staging:{checkout}")
    made.run()
    with pytest.raises(AssertionError, match="FAIL: worker"):
        made.expect_ok()
    assert attached[0].startswith("# exit code 3, ")
    made, _ = smoke(tmp_path, monkeypatch, GATE_SMOKE_SSH=f"qa@staging:{tmp_path}/nowhere")
    with pytest.raises(NotProven, match="could not be run"):
        made.run()


def test_a_recorded_output_is_a_weaker_proof_and_an_empty_one_none(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = tmp_path / "smoke.txt"
    recorded.write_text("[smoke] a\n[smoke] OK\n", encoding="utf-8")
    found = evidence.begin()
    made, attached = smoke(tmp_path, monkeypatch, GATE_SMOKE_FILE=str(recorded))
    made.run()
    made.expect_ok()
    assert found.weaker and attached[0].startswith("# exit code not known, ")
    recorded.write_text("nothing of the kind\n", encoding="utf-8")
    made, _ = smoke(tmp_path, monkeypatch, GATE_SMOKE_FILE=str(recorded))
    with pytest.raises(NotProven, match=r"no \[smoke\] line"):
        made.run()


DOMAIN = 'echo "[smoke] domain=$CODEXK8S_STAGING_DOMAIN"\n'
FAILS = 'echo "[smoke] FAIL: no such domain"; exit 1\n'


@pytest.mark.parametrize("setting", ["GATE_SMOKE_SSH", "GATE_SMOKE_COMMAND"])
@pytest.mark.parametrize(
    ("ending", "holds"),
    [
        (FAILS, True),
        ('echo "[smoke] OK"\n', False),
        ('echo "[smoke] FAIL: no such domain"; echo "[smoke] OK"\n', False),
        ('echo "[smoke] FAIL: no such domain"\n', False),
    ],
)
def test_for_a_domain_that_is_not_there_it_must_fail(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, ending: str, holds: bool
) -> None:
    script(checkout, DOMAIN + ending)
    here = "bash '{}/deploy/scripts/staging_smoke.sh'"
    place = f"qa@staging:{checkout}" if setting == "GATE_SMOKE_SSH" else here.format(checkout)
    found = evidence.begin()
    made, _ = smoke(tmp_path, monkeypatch, **{setting: place})
    made.run_astray()
    assert ".invalid" in found.notes[0] and not found.weaker
    if holds:
        made.expect_failed()
        return
    with pytest.raises(AssertionError, match="domain that is not there"):
        made.expect_failed()


@pytest.mark.parametrize(
    "command",
    [
        "echo '[smoke] OK'",
        "ssh qa@staging bash deploy/scripts/staging_smoke.sh",
        "CODEXK8S_STAGING_DOMAIN=staging.test bash deploy/scripts/staging_smoke.sh",
        "bash deploy/scripts/staging_smoke.sh 'unclosed",
    ],
)
def test_a_command_of_somebodys_own_is_not_led_astray(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    found = evidence.begin()
    made, _ = smoke(tmp_path, monkeypatch, GATE_SMOKE_COMMAND=command)
    made.run_astray()
    made.expect_failed()
    assert len(found.weaker) == 1


def test_a_script_that_still_tries_where_nothing_answers_proves_nothing(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gate.capabilities.smoke.ASTRAY_SECONDS", 0.5)
    script(checkout, "exec sleep 5\n")
    found = evidence.begin()
    made, _ = smoke(tmp_path, monkeypatch, GATE_SMOKE_SSH=f"qa@staging:{checkout}")
    made.run_astray()
    made.expect_failed()
    assert len(found.weaker) == 1
