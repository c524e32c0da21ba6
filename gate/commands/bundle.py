"""`python -m gate bundle`: everything behind the verdict in one zip, under one hash."""

from __future__ import annotations

import argparse
from pathlib import Path

from gate import settings as gate_settings
from gate.bundle import build_bundle
from gate.folder import results_in


def arguments(parser: argparse.ArgumentParser) -> None:
    """What goes in, and the key."""
    parser.add_argument("--reports", type=Path, help="folder of the results (GATE_REPORTS, else reports)")
    parser.add_argument("--features", type=Path, default=Path("features"), help="the features that were run")
    parser.add_argument("--waivers", type=Path, default=Path("waivers.yaml"), help="what somebody accepts")
    parser.add_argument("--key", type=Path, help="Ed25519 private key (PEM) that signs the statement")


def run(options: argparse.Namespace) -> int:
    """Build it and print the root, which must be kept outside of it."""
    reports = results_in(options.reports or gate_settings.load()["GATE_REPORTS"])
    bundle = build_bundle(reports, options.features, options.waivers, options.key)
    print(f"Bundle:  {bundle.path} ({bundle.files} files)")
    print(f"Root:    {bundle.root}")
    return 0
