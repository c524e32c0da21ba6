"""`python -m gate publish`: the release notes as a comment on a GitHub issue, or on the screen."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path

from gate import settings as gate_settings
from gate.errors import GateError
from gate.folder import VERDICT
from gate.github_api import GitHubApi
from gate.page.words import BY_LANGUAGE
from gate.publishing import Issue, comment, publish
from gate.redaction import redact


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and whether really."""
    parser.add_argument("--issue", default="", help="owner/repo#number (GATE_NOTES_ISSUE); without one: printed")
    parser.add_argument("--dry-run", action="store_true", help="print the comment instead of sending it")
    parser.add_argument("--reports", type=Path, help="folder of the results (GATE_REPORTS, else reports)")
    parser.add_argument("--lang", choices=tuple(BY_LANGUAGE), default="en", help="what stands first; default en")


def run(options: argparse.Namespace) -> int:
    """Print it, or create or update the comment and say where it is."""
    settings = gate_settings.load()
    reports = options.reports or settings["GATE_REPORTS"]
    try:
        verdict = json.loads((reports / VERDICT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise GateError(f"There is no verdict to publish: {wrong}. Run the gate first.") from None
    body = redact(comment(reports, verdict, options.lang))
    address = options.issue or settings["GATE_NOTES_ISSUE"]
    if options.dry_run or not address:
        print(body)
        return 0
    if not settings["GATE_GITHUB_TOKEN"]:
        raise GateError("GATE_GITHUB_TOKEN is not set: commenting on an issue needs a token that may.")
    issue = Issue.parse(address)
    with closing(GitHubApi(settings)) as github:
        print(f"Published: {publish(issue, body, github)}")
    return 0
