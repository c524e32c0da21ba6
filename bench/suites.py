"""Suites made for measuring: as large as wanted, of steps that do nothing or only wait."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.measure import Command

ROOT = Path(__file__).resolve().parent.parent
IN_A_FILE = 10
STEPS = """
import time
from behave import given

@given("nothing")
def nothing(context):
    pass

@given("a wait of {seconds:f} s")
def wait(context, seconds):
    time.sleep(seconds)
"""
OURS = f"exec(compile(open({str(ROOT / 'environment.py')!r}).read(), 'environment.py', 'exec'))\n"


def suite(folder: Path, scenarios: int, step: str, steps: int, *, in_a_file: int = IN_A_FILE) -> Path:
    """So many scenarios of one step each repeated; run with the gate's own environment, or bare."""
    for name, hooks in (("ours", OURS), ("bare", "")):
        home = folder / name
        (home / "features" / "en").mkdir(parents=True)
        (home / "steps").mkdir()
        (home / "behave.ini").write_text("[behave]\npaths = features\ndefault_format = null\n", encoding="utf-8")
        (home / "environment.py").write_text(hooks, encoding="utf-8")
        (home / "steps" / "all.py").write_text(STEPS, encoding="utf-8")
        for file in range(scenarios // in_a_file):
            rows = ["# language: en", "@en", f"Feature: file {file}", ""]
            for number in range(in_a_file):
                rows += ["  @p0 @s1.p0.1.1", f"  Scenario: scenario {file}.{number}", f"    Given {step}"]
                rows += [f"    And {step}"] * (steps - 1) + [""]
            (home / "features" / "en" / f"f{file}.feature").write_text("\n".join(rows), encoding="utf-8")
    return folder


def bare(folder: Path, *, allure: bool) -> Command:
    """Plain behave, with Allure's formatter or with none."""
    formatter = ["-f", "allure_behave.formatter:AllureFormatter", "-o", "results"] if allure else []
    return Command([sys.executable, "-m", "behave", *formatter, "--no-summary"], folder / "bare")


def ours(folder: Path, workers: int = 1) -> Command:
    """The gate's environment: hooks, record, evidence, redaction, progress, Allure's results."""
    variables = {"GATE_DOMAIN": "127.0.0.1:9", "GATE_WORKERS": str(workers), "PYTHONPATH": str(ROOT)}
    runner = ["--runner=runner.conductor:Conductor"] if workers > 1 else []
    return Command([sys.executable, "-m", "behave", *runner], folder / "ours", variables)
