"""A dry run runs nothing, so nothing of it has failed, whatever the features are made of."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_a_dry_run_tells_of_no_failure():
    command = [sys.executable, "-m", "behave", "--dry-run", "features/en/webhook.feature"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert "0 features passed, 0 failed, 0 skipped, 1 untested" in done.stdout, done.stdout


def test_a_dry_run_loads_no_door_and_no_capability():
    looked = "import sys; from behave.__main__ import main; main(sys.argv[1:]); print(*sorted(sys.modules))"
    command = [sys.executable, "-c", looked, "--dry-run", "features/en/webhook.feature"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "gate.language" in loaded
    assert not {name for name in loaded if name.startswith(("gate.doors", "gate.console", "gate.target"))}
    assert not loaded & {"psycopg", "requests", "playwright", "kubernetes", "allure_commons"}


def test_a_dry_run_says_which_steps_nobody_knows(tmp_path: Path):
    for name in ("steps", "environment.py", "gate", "runner", "behave.ini"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "features").mkdir()
    feature = tmp_path / "features" / "some.feature"
    feature.write_text("Feature: A\n  Scenario: B\n    Given nobody knows this\n    And nobody knows that\n")
    done = subprocess.run(
        [sys.executable, "-m", "behave", "--dry-run"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Nobody knows these steps" in done.stdout
    assert "features/some.feature:3: Given nobody knows this" in done.stdout
    assert "features/some.feature:4: And nobody knows that" in done.stdout
