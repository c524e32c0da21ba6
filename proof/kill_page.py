"""The kill matrix for people: `docs/kill-matrix.md`, by the lines of the gate document, and its picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from html import escape

from gate.document import load_document
from proof.kill_matrix import IN_TURN, LINES_IN_BOTH, TOGETHER, Fault, Results, Trial
from proof.staging import LANGUAGES, ROOT
from sandbox.faults.further import LINES

PAGE = ROOT / "docs" / "kill-matrix.md"
PICTURE = PAGE.with_suffix(".svg")
REASON_CHARS = 160
# The picture, in pixels.
LEFT, TOP, ROW, COLUMN = 150, 30, 13, 2.6
STYLE = """
  text { font: 10px system-ui, sans-serif; fill: #57606a }
  .field { fill: #eaeef2 } .green { fill: #b4d8bd } .red { fill: #c9252d } .stray { fill: #e8a33d }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b1 } .field { fill: #21262d } .green { fill: #2c5238 }
    .red { fill: #ff6b62 } .stray { fill: #f0c060 }
  }
"""


def write(known: list[Fault], results: Results) -> None:
    """Write the page and the picture from what is known so far."""
    # The lines that a fault concerns are those of today, whenever it was tried.
    trials = [replace(results.trials[fault.name], fault=fault) for fault in known if fault.name in results.trials]
    PAGE.write_text(page(known, trials), encoding="utf-8")
    PICTURE.write_text(picture(trials), encoding="utf-8")


def page(known: list[Fault], trials: list[Trial]) -> str:
    """The whole page."""
    killed = [trial for trial in trials if trial.killed]
    strays = [trial for trial in trials if trial.astray()]
    cells, astray = off_diagonal(trials)
    late, late_astray = off_diagonal(map(_as_first_named, trials))
    unmoved = [(trial.fault.name, line) for trial in trials for line in sorted(trial.unmoved())]
    whole = sum(trial.whole for trial in trials)
    return "\n".join(
        [
            "# The kill matrix",
            "",
            "Made by `make faults ARGS=--write`: every fault of the local staging is switched on, the gate is",
            "run, the fault is switched off, what was red is run again.",
            "",
            f"- Faults tried: **{len(trials)} of {len(known)}** in the catalogue{_when(trials)}.",
            f"- Seen in both languages, by a line of theirs, and green before and after: **{len(killed)} of "
            f"{len(trials)}**.",
            f"- Red without belonging to the fault: **{_share(cells, astray)}** of the cells. Some faults",
            "  name lines in sandbox/faults/further.py that were seen red first, and found to be the fault's own",
            f"  effect then; without these: {_share(late, late_astray)}.",
            f"- Among the first {LINES_IN_BOTH} lines of a fault that was tried whole ({whole}), and not red with",
            f"  it on: {len(unmoved)} cells.",
            "",
            "![Faults by lines](kill-matrix.svg)",
            "",
            "A cell is a fault and a line. With each fault on, the scenario that saw it before runs in both",
            f"languages, and the quickest of up to {IN_TURN} lines, which take turns. A fault that is new or was",
            f"not seen so is tried whole: every scenario of its first {LINES_IN_BOTH} lines in both languages, of",
            "its further lines those in English. A cell counts as off the diagonal",
            "when something of the line ran and the fault does not name the line; it is red when a scenario of",
            "the line was, unless that scenario stands for a line of the fault as well. The first run of all, on",
            "a healthy staging, is the whole gate in both languages; the look after a fault is at what was red,",
            f"and up to {TOGETHER} faults share it.",
            "",
            *_strays(strays),
            *_unmoved(unmoved),
            *_missed([trial for trial in trials if not trial.killed]),
            "## Line by line",
            "",
            "The faults that turned each line red, and the first sentence that the report says about it.",
            *(text for line in load_document().lines for text in _line(line.id, line.text.en, trials)),
            "",
        ]
    )


def _when(trials: list[Trial]) -> str:
    """With which suite, and how long from the first trial's begin to the last one's end."""
    if not trials:
        return ""
    suites = ", ".join(dict.fromkeys(trial.suite for trial in sorted(trials, key=lambda trial: trial.ended)))
    began = min(trial.ended - trial.seconds for trial in trials)
    minutes = (max(trial.ended for trial in trials) - began) / 60
    return f", with the suite at {suites}, in {minutes:.0f} min"


def _share(cells: int, astray: int) -> str:
    return f"{astray} of {cells} ({100 * astray / cells:.2f} %)" if cells else "not measured"


def _as_first_named(trial: Trial) -> Trial:
    late = LINES.get(trial.fault.name, ())
    return replace(trial, fault=replace(trial.fault, lines=tuple(set(trial.fault.lines) - set(late))))


def off_diagonal(trials: Iterable[Trial]) -> tuple[int, int]:
    """The cells in which a fault met a line that is not its own, and how many of them were red."""
    cells = astray = 0
    for trial in trials:
        cells += len(trial.broken.lines() - set(trial.fault.lines))
        astray += len(trial.astray())
    return cells, astray


def _line(id: str, text: str, trials: list[Trial]) -> list[str]:
    red = [trial for trial in trials if id in trial.fault.lines and id in trial.broken.red()]
    if not red:
        return ["", f"### `{id}`", "", f"{text}", "", "No fault turned it red yet."]
    rows = [
        f"| {it.fault.name} | {_cell(it.fault.sentence)} | {_spoken(it, id)} | {_cell(it.reason(id))} |"
        for it in red
    ]
    head = ["| Fault | What is broken | Red in | What the report says first |", "|---|---|---|---|"]
    return ["", f"### `{id}`", "", f"{text} ({len(red)} faults)", "", *head, *rows]


def _spoken(trial: Trial, line: str) -> str:
    return " ".join(language for language in LANGUAGES if line in trial.broken.red(language))


def _strays(strays: list[Trial]) -> list[str]:
    if not strays:
        return []
    rows = [
        f"| {trial.fault.name} | {', '.join(trial.fault.lines[:3])} | {line} | {_cell(trial.reason(line))} |"
        for trial in strays
        for line in sorted(trial.astray())
    ]
    return [
        "## Off the diagonal",
        "",
        "| Fault | Its lines | Red beside them | Why |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def _unmoved(cells: list[tuple[str, str]]) -> list[str]:
    if not cells:
        return []
    rows = [f"| {name} | {line} |" for name, line in cells]
    return ["## Named, and not red", "", "| Fault | Line |", "|---|---|", *rows, ""]


def _missed(missed: list[Trial]) -> list[str]:
    if not missed:
        return []
    rows = [
        f"| {trial.fault.name} | {_cell(trial.fault.sentence)} | {', '.join(trial.fault.lines)} | "
        f"{', '.join(language for language in LANGUAGES if not trial.seen(language))} |"
        for trial in missed
    ]
    return [
        "## Not seen",
        "",
        "| Fault | What is broken | Its lines | Not seen in |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def _cell(text: str) -> str:
    short = text if len(text) <= REASON_CHARS else f"{text[:REASON_CHARS]}…"
    return short.replace("|", "/").replace("<", "&lt;")


def picture(trials: list[Trial]) -> str:
    """Faults from left to right, lines from top to bottom, both in the order of the document."""
    lines = [line.id for line in load_document().lines]
    order = {id: place for place, id in enumerate(lines)}
    columns = sorted(trials, key=lambda trial: min(order.get(id, len(lines)) for id in trial.fault.lines))
    width, height = LEFT + COLUMN * len(columns) + 10, TOP + ROW * len(lines) + 10
    marks: defaultdict[str, list[str]] = defaultdict(list)
    for place, trial in enumerate(columns):
        for id, kind in _kinds(trial).items():
            left, wide = LEFT + COLUMN * place, COLUMN - 0.4
            marks[kind].append(f"M{left:.1f} {TOP + ROW * order[id] + 1}h{wide:.1f}v{ROW - 2}h-{wide:.1f}z")
    names = "".join(
        f'<text x="{LEFT - 6}" y="{TOP + ROW * place + 10}" text-anchor="end">{escape(id)}</text>'
        for place, id in enumerate(lines)
    )
    paths = "".join(f'<path class="{kind}" d="{"".join(marks[kind])}"/>\n' for kind in ("green", "stray", "red"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" '
        f'height="{height}" role="img" aria-label="Faults by lines">\n<style>{STYLE}</style>\n'
        f'<text x="{LEFT}" y="18">{len(columns)} faults · red: a line of the fault · amber: another line · '
        f"green: looked at and not red</text>\n{names}\n"
        f'<rect class="field" x="{LEFT}" y="{TOP}" width="{width - LEFT - 10:.0f}" height="{ROW * len(lines)}"/>\n'
        f"{paths}</svg>\n"
    )


def _kinds(trial: Trial) -> dict[str, str]:
    red, astray = trial.broken.red() & set(trial.fault.lines), trial.astray()
    return {id: "red" if id in red else "stray" if id in astray else "green" for id in trial.broken.lines()}
