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
