"""`python -m gate merge DIR...`: one verdict, report and bundle out of the shards of a run."""

from __future__ import annotations

import argparse
from pathlib import Path

from gate import settings as gate_settings
from gate.attestation import private_key
from gate.commands.run import FEATURES, SCOPE_TAGS, conclude
from gate.errors import GateError
from gate.merging import merge
from gate.provide import provide
from gate.verdict_file import wanted_by


def arguments(parser: argparse.ArgumentParser) -> None:
    """The folders of the shards, and where the whole goes."""
    parser.add_argument("shards", nargs="+", type=Path, metavar="DIR", help="what a shard left (its GATE_REPORTS)")
    parser.add_argument("--reports", type=Path, help="folder for the whole (GATE_REPORTS, else reports)")
    parser.add_argument("--scope", choices=tuple(SCOPE_TAGS), default="all", help="p0: exit 0 when P0 is proven")
    parser.add_argument("--key", type=Path, help="Ed25519 private key (PEM) that signs the bundle")


def run(options: argparse.Namespace) -> int:
    """Merge, judge, report; the exit code is that of the verdict."""
    settings = gate_settings.load()
    if not FEATURES.is_dir():
        raise GateError("There is no folder features here. Run this from the root of the project.")
    if options.key:
        private_key(options.key)
    provide(print)
    reports = options.reports or settings["GATE_REPORTS"]
    merge(options.shards, reports)
    return conclude(settings, reports, options.scope, wanted_by(settings, FEATURES), options.key)
