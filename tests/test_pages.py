"""The generated pages of docs/ are those of the features that lie beside them, and leave no line open."""

import json
import re

import pytest

from gate.document import load_document
from gate.doors import trail
from gate.expected import expected, undeclared, unknown_ids
from proof import coverage, pages


@pytest.fixture(scope="module")
def made():
    return pages.pages()


PAGES = ["what-this-gate-checks.en.md", "what-this-gate-checks.ru.md", "traceability.md", "contract-coverage.md"]


@pytest.mark.parametrize("name", PAGES)
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


def test_every_promise_of_the_contract_is_touched_or_says_why_not():
    known = coverage.scenarios()
    titles = {one.title for one in known}
    assert not [title for item in coverage.items() for title in item.proven_by if title not in titles]
    assert not [item.name for item in coverage.items() if not item.nobody and not coverage.touching(item, known)]


def test_what_was_touched_is_taken_from_a_whole_run_only(tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "TOUCHED", tmp_path / "touched.json")
    monkeypatch.setattr(coverage, "titles", lambda: {("f", "one -- @1.1 "): "one", ("f", "two"): "two"})
    fact, odd = "edge POST /api/v1/webhooks/github 202", "edge GET /gate-nowhere 404"
    ran = [
        {"kind": "scenario", "language": "en", "file": "f", "name": name, "touched": [fact, odd]}
        for name in ("one -- @1.1 ", "two")
    ]
    record = tmp_path / "run.jsonl"
    record.write_text(json.dumps(ran[0]) + "\n")
    coverage.refresh(record)
    assert not coverage.TOUCHED.exists()
    record.write_text("".join(json.dumps(one) + "\n" for one in ran))
    coverage.refresh(record)
    assert json.loads(coverage.TOUCHED.read_text()) == {"one": [fact], "two": [fact]}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (
            "https://x.test/api/v1/staff/runs/2f0c8a9e-1d5c-4b44-9d9b-0d7a1f6a2b3c/events?limit=1",
            "/api/v1/staff/runs/{id}/events",
        ),
        ("/api/v1/staff/users/17", "/api/v1/staff/users/{id}"),
        ("/projects/gate-0a1b2c-3", "/projects/{id}"),
        ("https://api.test/repos/some/where/hooks/7", "/repos/{owner}/{name}/hooks/{id}"),
        ("/health/livez", "/health/livez"),
    ],
)
def test_routes_are_told_without_their_ids(address, shown):
    assert trail.template(address) == shown
