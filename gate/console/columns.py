"""Which of a table's columns are those that the contract names: a build may have more (contract 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gate.console.words import CYRILLIC, said
from gate.language import Language, Text

_DATE = r"(?:\d{4}-\d\d-\d\d|\d\d\.\d\d\.\d{4}) \d\d:\d\d\S+|-"
# What is written under a column; one without a Russian name in the contract is known by that among others.
WRITTEN = {
    "Status": r"[^\W\d_]+",
    "Created": _DATE,
    "Started": _DATE,
    "Finished": _DATE,
    "Repo": r"\S+/\S+",
    "services.yaml": r".*\.ya?ml",
    "External ID": r"\d+",
    "Email": r"\S+@\S+",
    "ID": r"[0-9a-f]{8}[0-9a-f-]*\W*",
}
# What a Russian console would call it, where by its cells more than one may be meant.
LIKELY = {
    "Status": "статус|состояни",
    "Project": "проект",
    "Created": "созда",
    "Started": "нача|старт",
    "Finished": "конец|оконч|заверш",
    "Provider": "провайдер",
    "Repo": "репо",
    "External ID": "внешн",
    "Email": "mail|почт",
    "Admin": "админ",
}

Cells = Sequence[Sequence[str]]


def placed(shown: Sequence[str], rows: Cells, wanted: Sequence[Text], language: Language) -> list[int] | None:
    """Where the wanted columns are, in their order; None when they are not. Of several the likeliest, or first."""
    found = [*_placements(shown, wanted, language)]
    return min(found, key=lambda places: _strange(shown, rows, wanted, places), default=None)


def _placements(
    shown: Sequence[str], wanted: Sequence[Text], language: Language, start: int = 0
) -> Iterator[list[int]]:
    """Every way to find the wanted columns in this order, from the left."""
    if not wanted:
        yield []
        return
    for at in range(start, len(shown)):
        if _is(shown[at], wanted[0], language):
            for others in _placements(shown, wanted[1:], language, at + 1):
                yield [at, *others]


def _is(shown: str, column: Text, language: Language) -> bool:
    """Whether a column has the word; where the contract gives no Russian one, any Russian text will do."""
    word = said(column, language)
    return shown == (word or column.en) or (not word and CYRILLIC.search(shown) is not None)


def _strange(shown: Sequence[str], rows: Cells, wanted: Sequence[Text], places: Sequence[int]) -> tuple[int, int]:
    """How many cells are not written as under these columns, and how many columns are called otherwise."""
    columns = [*zip((column.en for column in wanted), places, strict=True)]
    full = [cells for cells in rows if places and len(cells) > places[-1]]
    cells = [(name, cells[at]) for cells in full for name, at in columns if name in WRITTEN]
    return (
        sum(not re.fullmatch(WRITTEN[name], cell, re.IGNORECASE) for name, cell in cells),
        sum(not re.search(LIKELY.get(name, f"^{name}$"), shown[at], re.IGNORECASE) for name, at in columns),
    )
