"""The generated pages of docs/ are those of the features that lie beside them, and leave no line open."""

import re

import pytest

from gate.document import load_document
from gate.expected import expected, undeclared, unknown_ids
from proof import pages


@pytest.fixture(scope="module")
def made():
    return pages.pages()


@pytest.mark.parametrize("name", ["what-this-gate-checks.en.md", "what-this-gate-checks.ru.md", "traceability.md"])
def test_the_page_is_up_to_date(made, name):
    assert (pages.DOCS / name).read_text(encoding="utf-8") == made[name], "run `make docs`"


def test_no_cell_of_the_traceability_table_is_empty(made):
    rows = [line for line in made["traceability.md"].splitlines() if line.startswith("| `s1.")]
    assert len(rows) == len(load_document().lines)
    assert not [row for row in rows if re.search(r"\|\s*\|", row)]


def test_every_line_has_scenarios_in_both_languages_and_every_tag_a_line():
    declared, document = expected(pages.ROOT / "features"), load_document()
    assert undeclared(declared, document) == []
    assert unknown_ids(declared, document) == []
