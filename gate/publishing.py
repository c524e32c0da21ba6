"""The release notes as one comment on a GitHub issue: created the first time, then its own is updated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate.bundle import ATTESTATION, SIGN_OFF, root_of
from gate.errors import GateError
from gate.notes import ROOT_BEGINS, notes_name
from gate.page.words import BY_LANGUAGE
from gate.signoff import read_sign_off
from gate.zipping import read_zip

if TYPE_CHECKING:
    from gate.github_api import GitHubApi

MARK = "<!-- codex-k8s release gate: {} -->"
LONGEST_COMMENT = 65_000  # GitHub takes 65536 characters
_ISSUE = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


@dataclass(frozen=True)
class Issue:
    """Where the comment goes."""

    repository: str
    number: int

    @classmethod
    def parse(cls, text: str) -> Issue:
        """`owner/repo#12`."""
        found = _ISSUE.fullmatch(text.strip())
        if not found:
            raise GateError(f"“{text}” names no issue. Write owner/repo#number, with --issue or GATE_NOTES_ISSUE.")
        return cls(found[1], int(found[2]))


def comment(reports: Path, verdict: dict[str, Any], language: str) -> str:
    """The comment over a run: the notes in this language, the Owner's decision, the other language folded."""
    other = next(one for one in BY_LANGUAGE if one != language)
    words = BY_LANGUAGE[language]
    main = f"{_mark(verdict)}\n{_notes(reports, language)}\n{_decision(reports, verdict, language)}"
    folded = f"\n<details><summary>{words['other-language']}</summary>\n\n{_notes(reports, other)}\n</details>\n"
    if len(main) + len(folded) <= LONGEST_COMMENT:
        return main + folded
    if len(main) <= LONGEST_COMMENT:
        return main
    return f"{main[: LONGEST_COMMENT - 2_000]}\n\n{words['too-long']}\n\n{_evidence(reports, language)}"


def publish(issue: Issue, body: str, github: GitHubApi) -> str:
    """Create the comment, or update the one that an earlier call made; the answer is its address."""
    mark, sent = body.partition("\n")[0], {"body": body}
    comments = f"/repos/{issue.repository}/issues/{issue.number}/comments"
    login = _login(github)
    mine = next((one for one in github.pages(f"{comments}?") if _is_ours(one, mark, login)), None)
    if mine is None:
        return str(github.ask("POST", comments, sent)["html_url"])
    return str(github.ask("PATCH", f"/repos/{issue.repository}/issues/comments/{mine['id']}", sent)["html_url"])


def _login(github: GitHubApi) -> str:
    """Whose token it is; empty where that may not be asked."""
    try:
        return str(github.ask("GET", "/user").get("login", ""))
    except GateError:
        return ""


def _mark(verdict: dict[str, Any]) -> str:
    """One comment for each target and gate document: the next run takes the place of the one before it."""
    return MARK.format(f"{verdict['document']} {verdict['run']['target']}")


def _is_ours(found: dict[str, Any], mark: str, login: str) -> bool:
    """Somebody may have quoted ours; an app's token cannot ask who it is, but it writes as a bot."""
    author = found.get("user") or {}
    own = author.get("login") == login if login else author.get("type") == "Bot"
    return own and str(found.get("body", "")).startswith(mark)


def _notes(reports: Path, language: str) -> str:
    try:
        text = (reports / notes_name(language)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise GateError(f"There are no release notes: {wrong}. Run the gate first.") from None
    if ROOT_BEGINS not in text:
        raise GateError("The release notes name no bundle yet. Type: python -m gate bundle")
    return _FRONT_MATTER.sub("", text).strip() + "\n"


def _evidence(reports: Path, language: str) -> str:
    return _notes(reports, language).partition(ROOT_BEGINS)[2].strip() + "\n"


def _decision(reports: Path, verdict: dict[str, Any], language: str) -> str:
    """What the Owner decided, once that is in the bundle; the bundle must be the one that the notes name."""
    files = read_zip(reports / f"evidence-{verdict['run']['mark']}.zip")
    if root_of(files[ATTESTATION]) not in _evidence(reports, language):
        raise GateError("The release notes name another bundle than the one beside them. Type: gate bundle")
    if SIGN_OFF not in files:
        return ""
    words, said = BY_LANGUAGE[language], read_sign_off(files[SIGN_OFF])
    note = f": {said.note}" if said.note else ""
    return f"\n## {words['signed-off']}\n\n**{words[said.decision]}**, {said.by}, {said.at}{note}\n"
