"""The house style of a feature file: `tidy` lays the same lines out anew, and changes none of their words.

Works on lines, not on what behave understands of them: what cannot be read yet can be laid out all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from runner.reading import CELL_BOUNDARY, LANGUAGES, STEPS, TITLES, keywords_of

# What a copy from a web page or an office program brings along: spaces of other widths, and marks of no width.
ODD_SPACES = re.compile("[\u00a0\u2007\u202f\t]")
NO_WIDTH = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
QUOTES = ('"""', "'''", "```")
# Spaces before each kind of line.
INDENT = {"feature": 0, "description": 2, "scenario": 2, "step": 4, "examples": 4, "row": 6, "text": 6}


def tidy(text: str) -> str:
    """The text in the house style; what is in it already comes back as it was."""
    laid = _Layout().lay([*_cleaned(text)])
    return "\n".join(laid) + "\n" if laid else ""


def _cleaned(text: str) -> Iterator[str]:
    """Lines with the ends, the blanks and the marks that nobody sees put right; texts of steps keep theirs."""
    inside = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        quote = next((one for one in QUOTES if line.strip().startswith(one)), "")
        if inside and quote != inside:
            yield line.rstrip()
            continue
        inside = "" if inside else quote
        yield ODD_SPACES.sub(" ", NO_WIDTH.sub("", line)).rstrip()


class _Layout:
    """Takes the lines of a file one by one, and knows below what each of them stands."""

    def __init__(self) -> None:
        self._below = "start"
        self._laid: list[str] = []
        # Tags and comments belong to what comes after them, so they wait for it.
        self._waiting: list[str] = []
        self._rows: list[str] = []
        self._text: list[str] = []
        self._quote = ""
        self._gap = False

    def lay(self, lines: list[str]) -> list[str]:
        for line in lines:
            self._take(line)
        self._end_table()
        self._put_waiting(INDENT["step"] if self._below != "feature" else INDENT["scenario"])
        self._laid += [f"{' ' * INDENT['text']}{line}".rstrip() for line in self._text]
        return self._laid

    def _take(self, line: str) -> None:
        bare = line.strip()
        if self._quote:
            self._take_text(line)
        elif bare.startswith("|"):
            self._rows.append(bare)
        else:
            self._end_table()
            self._take_plain(bare)

    def _take_plain(self, bare: str) -> None:
        if not bare:
            self._gap = True
        elif bare.startswith(("@", "#")):
            # Line 1 names the language and stands alone.
            if not self._laid and not self._waiting:
                self._put(bare, 0)
            else:
                self._waiting.append(" ".join(bare.split()) if bare.startswith("@") else bare)
        elif bare.startswith(QUOTES):
            self._quote = bare[:3]
            self._text = [bare]
        elif kind := _kind(bare):
            self._put_title(kind, bare)
        elif self._below == "feature" or (self._below in ("scenario", "examples") and not _is_step(bare)):
            self._put_description(bare)
        else:
            self._below = "step"
            self._put_waiting(INDENT["step"])
            self._put(bare, INDENT["step"])

    def _put_title(self, kind: str, bare: str) -> None:
        """A feature, a scenario or examples, with what waited for it; a blank line before, but not at the top."""
        self._below = kind
        if kind != "feature" and self._laid:
            self._laid.append("")
        self._put_waiting(INDENT[kind])
        self._put(bare, INDENT[kind])

    def _put_description(self, bare: str) -> None:
        if self._gap and self._laid[-1].startswith(" "):
            self._laid.append("")
        self._put_waiting(INDENT["description"])
        self._put(bare, INDENT["description"] + (2 if self._below != "feature" else 0))

    def _put_waiting(self, indent: int) -> None:
        for line in self._waiting:
            self._laid.append(" " * indent + line)
        self._waiting = []

    def _put(self, bare: str, indent: int) -> None:
        self._laid.append(" " * indent + bare)
        self._gap = False

    def _end_table(self) -> None:
        if self._rows:
            self._put_waiting(INDENT["row"])
            self._laid += [" " * INDENT["row"] + row for row in _aligned(self._rows)]
            self._rows, self._gap = [], False

    def _take_text(self, line: str) -> None:
        """A text below a step: moved as a whole, so that its own indentation stays."""
        self._text.append(line)
        if line.strip().startswith(self._quote):
            first, *inner, last = self._text
            edge = min((len(one) - len(one.lstrip()) for one in inner if one.strip()), default=0)
            for one in (first, *(one[edge:] for one in inner), last.strip()):
                self._laid.append(f"{' ' * INDENT['text']}{one}".rstrip())
            self._quote, self._text = "", []


def _kind(bare: str) -> str:
    """Which title a line is: feature, scenario (of any kind) or examples; "" when it is none."""
    for kind in TITLES:
        if bare.startswith(_beginnings(kind, ":")):
            return kind if kind in ("feature", "examples") else "scenario"
    return ""


def _is_step(bare: str) -> bool:
    return any(bare.startswith(_beginnings(kind)) for kind in STEPS)


@cache
def _beginnings(kind: str, end: str = "") -> tuple[str, ...]:
    """The keywords of a kind in both languages, with what follows each."""
    return tuple(f"{word}{end}" for language in LANGUAGES for word in keywords_of(language)[kind])


def _aligned(rows: list[str]) -> list[str]:
    """The rows of a table with their columns below each other; one that is not closed is left as it is."""
    cells = [[cell.strip() for cell in CELL_BOUNDARY.split(row)[1:-1]] for row in rows]
    if any(not row.endswith("|") or row.endswith("\\|") for row in rows) or len({len(row) for row in cells}) != 1:
        return rows
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
