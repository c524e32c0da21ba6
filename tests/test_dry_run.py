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
