"""What `make recheck` plays for each fault: scenarios that exist, of lines that exist."""

from __future__ import annotations

import json

from gate.document import load_document
from gate.expected import expected
from proof.again import CHOSEN
from proof.kill_matrix import catalogue
from proof.staging import ROOT

# New faults and renamed scenarios are tried whole until the matrix chooses anew.
STALE = 0.2


def test_the_chosen_scenarios_are_those_of_today() -> None:
    chosen = json.loads(CHOSEN.read_text(encoding="utf-8"))
    titles = {one.name for one in expected(ROOT / "features") if one.language == "en"}
    faults = catalogue(())
    stale = [fault.name for fault in faults if chosen["faults"].get(fault.name) not in titles]
    assert len(stale) <= STALE * len(faults), stale
    assert {line.id for line in load_document().lines} == set(chosen["lines"])
