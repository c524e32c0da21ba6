"""`python -m gate verify BUNDLE`: for a stranger, without any access to the platform."""

from __future__ import annotations

import argparse
from pathlib import Path

from gate.attestation import sha256
from gate.bundle import ATTESTATION, SIGN_OFF, root_of
from gate.signoff import read_sign_off
from gate.verdict_file import VERDICT
from gate.verify import read_bundle, verify

ALTERED = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """The bundle, and what is known about it from elsewhere."""
    parser.add_argument("bundle", type=Path, help="evidence-….zip")
    parser.add_argument("--root", default="", help="the root hash as it was printed or published")
    parser.add_argument("--key", type=Path, help="Ed25519 public key (PEM) of whoever signed it")


def run(options: argparse.Namespace) -> int:
    """0: it is whole and its verdict follows from its results. 1: what differs, by name."""
    wrong, verdict = verify(options.bundle, options.root.lower(), options.key)
    if wrong:
        print(f"NOT the bundle that was made: {len(wrong)} difference(s)")
        print("\n".join(f"  {one}" for one in wrong))
        return ALTERED
    files = read_bundle(options.bundle)
    print(f"Whole: {len(files)} files; the verdict follows from the results.")
    print(f"Verdict: {verdict['decision']} (digest {sha256(files[VERDICT])})")
    print(
        f"Root:    {root_of(files[ATTESTATION])}{'' if options.root else ' - compare it with the published one'}"
    )
    if not options.key:
        signed = b'"sig"' in files[ATTESTATION]
        print(f"Signature: {'not checked, give --key' if signed else 'none'}")
    if SIGN_OFF in files:
        said = read_sign_off(files[SIGN_OFF])
        print(f"Sign-off: {said.decision} by {said.by} at {said.at}. {said.note}".rstrip())
    return 0
