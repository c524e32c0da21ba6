"""`python -m gate verify BUNDLE`: for a stranger, without any access to the platform."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from gate.attestation import keyids, sha256
from gate.bundle import ATTESTATION, SIGN_OFF, root_of
from gate.folder import VERDICT
from gate.signoff import read_sign_off
from gate.verify import verify
from gate.zipping import read_zip

ALTERED = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """The bundle, and what is known about it from elsewhere."""
    parser.add_argument("bundle", type=Path, help="evidence-….zip")
    parser.add_argument("--root", default="", help="the root hash as it was printed or published")
    help_of_key = "Ed25519 public key (PEM) of whoever signed it; once more for whoever signed it off"
    parser.add_argument("--key", type=Path, action="append", default=[], dest="keys", help=help_of_key)


def run(options: argparse.Namespace) -> int:
    """0: it is whole and its verdict follows from its results. 1: what differs, by name."""
    wrong = verify(options.bundle, options.root.strip().lower(), options.keys)
    if wrong:
        print(f"NOT the bundle that was made: {len(wrong)} difference(s)")
        print("\n".join(f"  {one}" for one in wrong))
        if any(one.startswith(f"{VERDICT} says another") for one in wrong):
            print("The verdict was computed by this version of the suite; another may have made the bundle.")
        return ALTERED
    files = read_zip(options.bundle)
    verdict, checked = json.loads(files[VERDICT]), bool(options.keys)
    compare = "" if options.root else " - compare it with the published one, for whoever edits can hash again"
    print(f"Whole: {len(files)} files; the verdict follows from the results.")
    print(f"Verdict: {verdict['decision']} (digest {sha256(files[VERDICT])})")
    print(f"Root:    {root_of(files[ATTESTATION])}{compare}")
    print(f"Signed:  {_signed(files, ATTESTATION, checked)}")
    if SIGN_OFF in files:
        said = read_sign_off(files[SIGN_OFF])
        told = f"{said.decision} by {said.by} at {said.at}. {said.note}".rstrip()
        print(f"Sign-off: {told} Signed: {_signed(files, SIGN_OFF, checked)}")
    return 0


def _signed(files: Mapping[str, bytes], name: str, checked: bool) -> str:
    known = keyids(files[name])
    if not known:
        return "by nobody, so anybody can have written it"
    return f"with key {', '.join(known)}{'' if checked else ', not checked: give --key'}"
