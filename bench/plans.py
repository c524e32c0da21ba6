"""How the suite's queries fare on a staging of 100,000 runs and 1,000,000 events: by an index, or row by row?

`python -m bench.plans` starts a local staging, plays some features while it notes every statement, fills the
tables, and asks PostgreSQL for the plan of each. It prints those that read a large table row by row.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench.suites import ROOT

FEATURES = ("webhook", "worker", "boundary_receiver", "contract", "learning_mode")
LARGE = ("agent_runs", "flow_events")
RUNS, EVENTS = 100_000, 1_000_000
FILL = (
    "INSERT INTO projects (slug, name) VALUES ('filled/one', 'one')",
    f"""INSERT INTO agent_runs (correlation_id, project_id, status, run_payload, created_at)
    SELECT gen_random_uuid()::text, (SELECT id FROM projects WHERE slug = 'filled/one'), 'succeeded',
        jsonb_build_object('raw_payload', jsonb_build_object('repository', jsonb_build_object('id', n))),
        now() - n * interval '1 minute' FROM generate_series(1, {RUNS}) AS n""",
    f"""INSERT INTO flow_events (correlation_id, actor_type, event_type, payload, created_at)
    SELECT correlation_id, 'system', 'webhook.received', '{{}}', created_at
    FROM agent_runs, generate_series(1, {EVENTS // RUNS}) WHERE project_id IN
        (SELECT id FROM projects WHERE slug = 'filled/one')""",
    "ANALYZE",
)
# behave, with every statement and its values noted.
NOTING = """
import json, os, sys
import psycopg
from behave.__main__ import main
execute = psycopg.Connection.execute
def noting(connection, sql, values=None, **more):
    with open(os.environ["STATEMENTS"], "a") as file:
        file.write(json.dumps([str(sql), values], default=str) + "\\n")
    return execute(connection, sql, values, **more)
psycopg.Connection.execute = noting
sys.path.insert(0, os.getcwd())
sys.exit(main(sys.argv[1:]))
"""


def main() -> None:
    """Play, fill, ask; one line a statement that reads a large table row by row."""
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
        staging = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            assert staging.stdout
            settings: dict[str, str] = json.loads(staging.stdout.readline())
            noted = _noted(settings, Path(folder))
            _tell(settings["GATE_DATABASE_URL"], noted)
        finally:
            staging.terminate()
            staging.wait(30)


def _noted(settings: dict[str, str], folder: Path) -> dict[str, Any]:
    """Each statement with the values that it was last given."""
    path = folder / "statements"
    known = {name: value for name, value in settings.items() if name.startswith("GATE_")}
    variables = {**os.environ, **known, "STATEMENTS": str(path), "GATE_REPORTS": str(folder / "reports")}
    files = [f"features/en/{name}.feature" for name in FEATURES]
    subprocess.run([sys.executable, "-c", NOTING, *files], cwd=ROOT, env=variables, check=False)
    return dict(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def _tell(url: str, noted: dict[str, Any]) -> None:
    asked = slow = 0
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in FILL:
            connection.execute(statement)
        for sql, values in noted.items():
            if not re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)", sql):
                continue
            try:
                plan = connection.execute(f"EXPLAIN (FORMAT JSON) {sql}", values).fetchone()
            except psycopg.Error:  # such as bytes, which were noted as text
                continue
            assert plan
            asked += 1
            read = sorted(set(_row_by_row(plan[0][0]["Plan"])))
            if read:
                slow += 1
                print(
                    f"{plan[0][0]['Plan']['Total Cost']:>10.0f}  {', '.join(read)}  {' '.join(sql.split())[:220]}"
                )
    print(f"{asked} statements, {slow} of them read a large table row by row.")


def _row_by_row(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan" and plan.get("Relation Name") in LARGE:
        yield plan["Relation Name"]
    for inner in plan.get("Plans", ()):
        yield from _row_by_row(inner)


if __name__ == "__main__":
    main()
