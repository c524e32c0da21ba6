"""What workers gain where a run waits: the features that wait for the platform's worker, alone and shared."""

from __future__ import annotations

import sys
import tempfile

from bench.measure import Command, Series, alternate
from bench.suites import ROOT
from proof.staging import Staging

WORKERS = 4
FEATURES = tuple(f"features/en/{name}.feature" for name in ("worker", "learning_mode"))
ROUNDS = 2


def measured(*options: str) -> tuple[Series, Series]:
    """One process and several, in turns, at a local staging with these options."""
    staging = Staging(*options)
    try:
        with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
            variables = {**staging.settings, "GATE_REPORTS": f"{folder}/reports"}
            behave = [sys.executable, "-m", "behave"]
            crew = [*behave, "--runner=runner.conductor:Conductor", *FEATURES]
            alone, shared = alternate(
                {
                    "alone": Command([*behave, *FEATURES], ROOT, variables),
                    "shared": Command(crew, ROOT, {**variables, "GATE_WORKERS": str(WORKERS)}),
                },
                ROUNDS,
                warm=False,
            ).values()
            return alone, shared
    finally:
        staging.stop()
