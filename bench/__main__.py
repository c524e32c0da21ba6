"""`python -m bench [ITEM…]`: measure these, or all, and make docs/performance.md and its picture anew."""

from __future__ import annotations

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from bench.items import ITEMS, measured
from bench.page import FIGURES, write

VERSIONS_OF = ("behave", "allure-behave", "allure-python-commons", "playwright", "psycopg", "requests")


def main() -> None:
    """Measure, keep the figures beside the page, write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures what the gate itself costs.")
    parser.add_argument("items", nargs="*", metavar="ITEM", help=f"what to measure: {', '.join(ITEMS)}")
    parser.add_argument("--page", action="store_true", help="measure nothing, only write the page")
    options = parser.parse_args()
    if strange := set(options.items) - set(ITEMS):
        parser.error(f"no such item: {', '.join(sorted(strange))}")
    known: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.is_file() else {}
    for name in () if options.page else options.items or ITEMS:
        print(f"Measuring {name}", flush=True)
        known[name] = {"rows": measured(name), **_circumstances()}
        FIGURES.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(write(known))


def _circumstances() -> dict[str, Any]:
    """When and on what it was measured; the load tells how quiet the machine was."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in VERSIONS_OF}},
    }


if __name__ == "__main__":
    main()
