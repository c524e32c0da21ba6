"""Release notes in Markdown, from a verdict: what goes into an issue's comment and into the bundle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gate.page.words import BY_LANGUAGE, Words, build_name, moment

LANGUAGES = tuple(BY_LANGUAGE)
SHOWN_RUNS = 4
# What stands behind this is put under notes that lie beside the bundle: those inside cannot know its root.
ROOT_BEGINS = "\n<!-- evidence -->\n"


def notes_name(language: str) -> str:
    """`release-notes.en.md`."""
    return f"release-notes.{language}.md"


def write_notes(verdict: dict[str, Any], smoke: str, pictures: Iterable[str], folder: Path) -> list[Path]:
    """Write the notes in both languages."""
    pictures = list(pictures)
    written = []
    for language in LANGUAGES:
        path = folder / notes_name(language)
        path.write_text(release_notes(verdict, language, smoke, pictures), encoding="utf-8")
        written.append(path)
    return written


def release_notes(verdict: dict[str, Any], language: str, smoke: str = "", pictures: Iterable[str] = ()) -> str:
    """The notes in one language."""
    words = BY_LANGUAGE[language]
    parts = [
        _front_matter(verdict, words),
        _decision(verdict, words, language),
        _reasons(verdict, words, language),
        _lines(verdict, words, language),
        _list(words["risks"], _risks(verdict, words, language), words["risks.none"]),
        _list(words["blockers"], _blockers(verdict), _no_blockers(verdict, words)),
        _list(words["waivers"], _waivers(verdict, words), words["waivers.none"]),
        _list(words["pictures"], pictures, "—"),
        f"## {words['smoke']}\n\n{_fenced(smoke) if smoke else '—'}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def without_root(notes: str) -> str:
    """The notes as they go into the bundle."""
    return notes.partition(ROOT_BEGINS)[0]


def put_root(folder: Path, bundle: str, root: str, digest: str) -> None:
    """Name the bundle's root in the notes that lie in `folder`, beside the bundle."""
    for language in LANGUAGES:
        path = folder / notes_name(language)
        if path.is_file():
            words = BY_LANGUAGE[language]
            told = (
                f"## {words['bundle']}\n\n"
                f"- **{words['bundle.file']}:** `{bundle}`\n"
                f"- **{words['bundle.root']}:** `{root}`\n"
                f"- **{words['digest']}:** `{digest}`\n\n"
                f"{_fenced(f'python -m gate verify {bundle} --root {root}', '')}\n"
            )
            notes = without_root(path.read_text(encoding="utf-8"))
            path.write_text(f"{notes}{ROOT_BEGINS}\n{told}", encoding="utf-8")


def _front_matter(verdict: dict[str, Any], words: Words) -> str:
    run = verdict["run"]
    rows = [
        "---",
        f"doc_id: REL-{verdict['document']}-{run['mark']}",
        "type: release-notes",
        f'title: "{words["title"]}: {words[verdict["decision"]]}"',
        "status: draft",
        "owner_role: QA",
        f"created_at: {str(run['finished'] or '')[:10]}",
        f"decision: {verdict['decision']}",
        f"scope: {verdict['scope']}",
        "approvals:",
        '  required: ["Owner"]',
        "  status: pending",
        '  request_id: ""',
        "---",
    ]
    return "\n".join(rows)


def _decision(verdict: dict[str, Any], words: Words, language: str) -> str:
    run = verdict["run"]
    suite = str(run["suite"].get("commit", "")) or "—"
    dirty = f" ({words['dirty']})" if run["suite"].get("dirty") else ""
    facts = (
        (words["target"], run["target"] or "—"),
        (words["build"], build_name(run["images"]) or words["build.unknown"]),
        (words["finished"], moment(run["finished"], language)),
        (words["suite.version"], f"`{suite}`{dirty}"),
        (words["mark"], f"`{run['mark']}`"),
    )
    means = words[f"{verdict['decision']}.means"]
    told = "\n".join(f"- **{name}:** {value}" for name, value in facts)
    return f"# {words[verdict['decision']]}\n\n{means}\n\n{told}"


def _reasons(verdict: dict[str, Any], words: Words, language: str) -> str:
    rows = (
        f"**{words[one['weight']]}** {_code(one['line']) or words['the-run']} {_row(one[language])}"
        for one in verdict["reasons"]
    )
    return _list(words["why"], rows, words["why.none"])


def _lines(verdict: dict[str, Any], words: Words, language: str) -> str:
    columns = ("", *(words[name] for name in ("says", "english", "russian", "runs")))
    head = f"| {' | '.join(columns)} |\n|---|---|---|---|---|"
    rows = [
        f"| `{one['id']}` | {_cell(one['text'][language])} "
        f"| {words[one['en']]} | {words[one['ru']]} | {_runs(one)} |"
        for one in verdict["lines"]
    ]
    return "\n".join([f"## {words['lines']}\n", head, *rows])


def _runs(line: Mapping[str, Any]) -> str:
    ids = line["run_ids"]
    more = f" +{len(ids) - SHOWN_RUNS}" if len(ids) > SHOWN_RUNS else ""
    return " ".join(f"`{id}`" for id in ids[:SHOWN_RUNS]) + more


def _risks(verdict: dict[str, Any], words: Words, language: str) -> Iterable[str]:
    for one in verdict["residual_risks"]:
        said = f"{_code(one['line'])} {_row(one[language])}".strip()
        yield said if one["line"] is None else f"{words[one['kind']]}: {said}"


def _blockers(verdict: dict[str, Any]) -> Iterable[str]:
    for one in verdict["blockers"]["items"]:
        title = _row(f"{one['id']} {one['title']}")
        linked = f"[{title}]({one['url']})" if one["url"] else title
        yield f"{one['priority'].upper() or '?'} {linked}"


def _no_blockers(verdict: dict[str, Any], words: Words) -> str:
    state = verdict["blockers"]["state"]
    return words["blockers.none"] if state == "checked" else words[f"blockers.{state}"]


def _waivers(verdict: dict[str, Any], words: Words) -> Iterable[str]:
    for one in verdict["waivers"]:
        yield (
            f"{words[one['state']]}: {_code(one['line'])} {_row(one['by'])}, {words['until']} {one['until']}: "
            f"{_row(one['reason'])} ({_row(one['issue'])})"
        )


def _list(title: str, rows: Iterable[str], nothing: str) -> str:
    told = "\n".join(f"- {row}" for row in rows)
    return f"## {title}\n\n{told or nothing}"


def _fenced(text: str, kind: str = "text") -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{kind}\n{text.rstrip()}\n{fence}"


# What the platform answered is somebody else's text: it must not become Markdown of ours.
_ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in "\\*_[]<>#|@"})


def _row(text: str) -> str:
    return " ".join(text.split()).translate(_ESCAPED)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(id: str | None) -> str:
    return f"`{id}`" if id else ""
