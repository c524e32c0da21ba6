"""`python -m gate sign-off`: the Owner's decision, kept in the bundle."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from gate.bundle import SIGN_OFF
from gate.errors import GateError
from gate.signoff import sealed_sign_off, sign_off
from gate.verify import verify
from gate.zipping import read_zip, write_zip


def arguments(parser: argparse.ArgumentParser) -> None:
    """Who, over which verdict, and what."""
    parser.add_argument("bundle", type=Path, help="evidence-….zip")
    parser.add_argument("--by", required=True, help="name of the person who decides")
    parser.add_argument("--verdict", required=True, help="digest of the verdict as the report shows it")
    parser.add_argument("--reject", action="store_true", help="reject instead of approve")
    parser.add_argument("--no-blockers", action="store_true", help="I know that there is no open P0/P1 blocker")
    parser.add_argument("--note", default="", help="a sentence to keep with the decision")
    parser.add_argument("--key", type=Path, help="Ed25519 private key (PEM) that signs the decision")


def run(options: argparse.Namespace) -> int:
    """Record it; refuses a bundle that is not whole, and a Go over anything less."""
    wrong = verify(options.bundle)
    if wrong:
        raise GateError("This bundle is not whole, so nothing is signed off:\n  " + "\n  ".join(wrong))
    files = read_zip(options.bundle)
    if SIGN_OFF in files:
        raise GateError("This bundle has been signed off already.")
    made = sign_off(
        files,
        by=options.by,
        shown=options.verdict,
        reject=options.reject,
        no_blockers=options.no_blockers,
        note=options.note,
        now=datetime.now(UTC),
    )
    write_zip(options.bundle, {**files, SIGN_OFF: sealed_sign_off(made, options.key)})
    print(f"{made.decision} by {made.by} over verdict {made.verdict[:12]}, root {made.root}")
    return 0
