"""What fails around the gate is not the platform, is no Go, and leaves nothing behind; neighbours at work."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from gate.language import Text
from gate.waiting import until
from proof.staging import Staging
from proof.surroundings import FEW, TROUBLES, come, page


@pytest.mark.parametrize(
    "name", ["database dropped", "disk full", "kill -9", "Ctrl-C twice", "report tool missing"]
)
def test_the_run_is_judged_and_cleaned_up_all_the_same(name: str, tmp_path: Path) -> None:
    trouble = next(trouble for trouble in TROUBLES if trouble.name == name)
    try:
        came = come(replace(trouble, lines=FEW), tmp_path)
    except (OSError, subprocess.CalledProcessError) as refused:
        pytest.skip(f"only root may make a small file system: {refused}")
    assert came.right, came
    assert came.decision == "incomplete" and came.scenarios >= 5
    assert name in page([came])


def test_neighbours_work_and_clocks_are_apart() -> None:
    staging = Staging("--clocks-apart", "90", "--variant", "neighbours")
    try:
        with psycopg.connect(staging.settings["GATE_DATABASE_URL"], autocommit=True) as database:

            def running() -> int:
                query = "SELECT count(*) FROM agent_runs WHERE status = 'running'"
                return int(database.execute(query).fetchone()[0])  # type: ignore[index]

            until(running, lambda count: count == 2, what=Text("both slots taken", "оба слота заняты"), within=30)
            ahead = database.execute("SELECT now() - pg_catalog.now()").fetchone()
            assert ahead and ahead[0].total_seconds() == 90
            newest = database.execute("SELECT now() - max(created_at) FROM agent_runs").fetchone()
            assert newest and newest[0].total_seconds() < 60
    finally:
        staging.stop()
