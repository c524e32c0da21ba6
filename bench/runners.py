"""The same P0 scenarios under other runners, from the command to the finished report.

pytest-bdd and behavex call the gate's own step functions, so that only the runner differs; cucumber-js has steps
of its own (bench/others/steps.mjs), which look at less and leave no evidence. Each makes the report usual there.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from shlex import join

from bench.console import local_target
from bench.measure import Command, Series, alternate
from bench.suites import ROOT
from gate.console.engine import LOCALE_COOKIE
from gate.provide import report_command
from gate.settings import BY_NAME
from gate.target import Target

HERE = ROOT / "bench" / "others"
KEPT = ROOT / ".cache" / "bench"
PYTHON = KEPT / "venv" / "bin" / "python"
FEATURES = ("features/en/webhook.feature", "features/en/console.feature")
LINES = ("s1.p0.1.2", "s1.p0.4.1")
TAGS = " or ".join(f"@{line}" for line in LINES)
ROUNDS = 5


def measured(folder: Path) -> dict[str, Series]:
    """Each runner once a round, all at one staging."""
    _install()
    with local_target() as target:
        variables = _told(target, folder)
        return alternate(_commands(folder, variables), ROUNDS)


def _commands(folder: Path, variables: Mapping[str, str]) -> dict[str, Command]:
    ours = [sys.executable, "-m", "gate", "run", "--scope=p0", "--", *FEATURES, f"--tags={TAGS}"]
    results = folder / "pytest"
    allure = [*report_command(), "awesome", "--single-file", f"--output={folder / 'page'}", str(results)]
    pytest = [
        str(PYTHON), "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", str(HERE), "-p", "no:cacheprovider",
        "-m", " or ".join(LINES), f"--alluredir={results}", "--clean-alluredir", str(HERE / "test_p0.py"),
    ]  # fmt: skip
    behavex = [
        str(PYTHON), "-m", "behavex.runner", *FEATURES, "-t", TAGS, "-o", str(folder / "behavex"),
        "--parallel-processes", "1",
    ]  # fmt: skip
    cucumber = [
        "node_modules/.bin/cucumber-js", *(str(ROOT / one) for one in FEATURES), "--tags", TAGS,
        "--import", str(KEPT / "steps.mjs"), "--format", f"html:{folder / 'cucumber.html'}",
    ]  # fmt: skip
    # Not every line of P0 is played, so the gate's verdict is Incomplete.
    return {
        "the gate": Command(ours, ROOT, {**variables, "GATE_WORKERS": "1"}, codes=(2,)),
        "the gate, 4 workers": Command(ours, ROOT, {**variables, "GATE_WORKERS": "4"}, codes=(2,)),
        "pytest-bdd + Allure": Command(["sh", "-c", f"{join(pytest)} && {join(allure)}"], ROOT, variables),
        "behavex": Command(behavex, ROOT, variables),
        "cucumber-js + Playwright": Command(cucumber, KEPT, variables),
    }


def _told(target: Target, folder: Path) -> dict[str, str]:
    """What the runners are told: the staging, and for cucumber-js a session that was made before."""
    state = folder / "state.json"
    state.write_text(json.dumps(target.people.session("admin").state), encoding="utf-8")
    engine = target.engine
    engine.start()
    return {
        **{name: target.settings.raw(name) for name in BY_NAME if target.settings.given(name)},
        "GATE_WEBHOOK_SECRET": target.fact("GATE_WEBHOOK_SECRET"),
        "GATE_REPORTS": str(folder / "reports"),
        "PYTHONPATH": str(ROOT),
        "FEATURES": " ".join(FEATURES),
        "STATE": str(state),
        "BROWSER": engine._executable(headed=False) or "chromium",
        "FLAGS": json.dumps(engine._arguments()),
        "LOCALE_COOKIE": LOCALE_COOKIE,
    }


def _install() -> None:
    """The runners, once: Python's beside the project's own packages, Node's in a folder of its own."""
    wanted = "".join((HERE / name).read_text(encoding="utf-8") for name in ("requirements.txt", "package.json"))
    known = KEPT / "installed"
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "steps.mjs"):
        shutil.copy(HERE / name, KEPT)
    if known.is_file() and known.read_text(encoding="utf-8") == wanted:
        return
    print("  installing the other runners", flush=True)
    venv = PYTHON.parent.parent
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
    subprocess.run([str(PYTHON), "-m", "pip", "install", "-q", "-r", str(HERE / "requirements.txt")], check=True)
    packages = next(venv.glob("lib/python*/site-packages"))
    (packages / "project.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    subprocess.run(npm, cwd=KEPT, check=True)
    known.write_text(wanted, encoding="utf-8")
