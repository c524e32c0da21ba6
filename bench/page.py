"""The page of what was measured, and its picture: ratios to the first row of each table, with their goals."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from bench.items import ITEMS

DOCS = Path(__file__).resolve().parent.parent / "docs"
FIGURES, PAGE, PICTURE = (DOCS / f"performance.{kind}" for kind in ("json", "md", "svg"))
HEAD = """# What the gate itself costs

Made by `make bench` (`make bench ARGS=waits` for one item). Figures are ratios between things that were measured
in alternation on one machine: minimum / **median** / maximum. Seconds are an aid only.

![Ratios and goals](performance.svg)
"""
NOTES = DOCS / "performance-notes.md"
BAR, HEIGHT, LEFT, WIDTH = 14, 20, 330, 860


def write(known: Mapping[str, Any]) -> Path:
    """Write page and picture; the answer is the page's path."""
    parts = [HEAD]
    for name, item in ITEMS.items():
        if name in known:
            parts.append(_section(name, (item.__doc__ or "").strip().rstrip("."), known[name]))
    notes = NOTES.read_text(encoding="utf-8") if NOTES.is_file() else ""
    PAGE.write_text("\n".join([*parts, notes]).rstrip() + "\n", encoding="utf-8")
    PICTURE.write_text(_picture(known), encoding="utf-8")
    return PAGE


def missed(row: Mapping[str, Any]) -> bool:
    """Whether a row has a goal and its median is above it."""
    return bool(row["goal"]) and float(row["ratio"][1]) > float(row["goal"])


def _section(name: str, title: str, found: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{what} {number}" for what, number in found["versions"].items())
    lines = [f"## {title}", "", "| | ratio | goal | seconds | MiB |", "|---|---|---|---|---|"]
    for row in found["rows"]:
        goal = f"≤ {row['goal']}{' **missed**' if missed(row) else ''}" if row["goal"] else ""
        cells = row["name"], _spread(row["ratio"]), goal, _spread(row["seconds"]), row["mebibytes"] or ""
        lines.append(f"| {' | '.join(map(str, cells))} |")
    told = f"`{name}`, {found['at']}, {found['cores']} cores, load {found['load']} at its end; {versions}."
    return "\n".join([*lines, "", told, ""])


def _spread(values: list[float]) -> str:
    least, median, most = values
    return f"{least:g} / **{median:g}** / {most:g}"


def _picture(known: Mapping[str, Any]) -> str:
    """One bar for each row that has a goal, as long as its ratio to the goal; the line is the goal."""
    rows = [row for name in ITEMS for row in known.get(name, {"rows": []})["rows"] if row["goal"]]
    scale = (WIDTH - LEFT - 60) / 2
    height = 30 + HEIGHT * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, row in enumerate(rows):
        share = min(float(row["ratio"][1]) / float(row["goal"]), 2.0)
        y, colour = 10 + HEIGHT * number, "#b3261e" if missed(row) else "#2e7d5b"
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end" fill="#222">{escape(row["name"])}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{share * scale:.0f}" height="{BAR}" fill="{colour}"/>',
            f'<text x="{LEFT + share * scale + 6:.0f}" y="{y + 12}" fill="#222">{row["ratio"][1]:g}</text>',
        ]
    goal = LEFT + scale
    parts += [
        f'<line x1="{goal}" x2="{goal}" y1="4" y2="{height - 18}" stroke="#222" stroke-dasharray="3 3"/>',
        f'<text x="{goal}" y="{height - 5}" text-anchor="middle" fill="#222">goal</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
