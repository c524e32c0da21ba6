"""`python -m gate provide`: find or install the browser and the report tool."""

from __future__ import annotations

import argparse

from gate.provide import provide


def arguments(parser: argparse.ArgumentParser) -> None:
    """`--quiet` says nothing when everything is there."""
    parser.add_argument("--quiet", action="store_true", help="say nothing when everything is there")


def run(options: argparse.Namespace) -> int:
    """Provide them and say where they are."""
    found = provide(print)
    if not options.quiet:
        print(f"browser      {found.browser or 'Playwright’s own'}")
        print(f"report tool  {' '.join(found.report)}")
    return 0
