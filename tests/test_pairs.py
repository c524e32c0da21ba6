"""Each English scenario has its Russian twin, and all the features are in order: what `python -m gate check` says.

That each rule bites is shown in test_check.py; here the rules meet the features that the gate runs.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from gate.document import load_document
from runner.check import Checked, check
from runner.sentences import KINDS, Sentences, load_sentences

ROOT = Path(__file__).resolve().parent.parent
NAMES = sorted({path.name for path in (ROOT / "features").glob("*/*.feature")})


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return load_sentences(ROOT / "steps")


@pytest.fixture(scope="module")
def checked(sentences: Sentences) -> Checked:
    return check(ROOT / "features", sentences, load_document())


@pytest.mark.parametrize("name", NAMES)
def test_a_feature_is_in_order_in_both_languages(name: str, checked: Checked) -> None:
    assert not [str(problem) for problem in checked.problems if Path(problem.file).name == name]


def test_every_line_of_the_gate_document_has_scenarios_in_both_languages(checked: Checked) -> None:
    assert not list(map(str, checked.problems))
    assert checked.files == 2 * len(NAMES)


def test_every_sentence_exists_in_both_languages(sentences: Sentences) -> None:
    calls = {sentence.call for sentence in sentences.all}
    for call in calls:
        for kind in KINDS:
            english, russian = sentences.of(call, kind)
            assert bool(english) == bool(russian), f"steps/{call.module}.py:{call.line}"


def test_every_word_has_a_twin_that_means_the_same(sentences: Sentences) -> None:
    """A table that lacks a word in one language would make its scenario impossible to write there."""
    counts: defaultdict[str, set[int]] = defaultdict(set)
    for sentence in sentences.all:
        for parameter in sentence.call.words:
            where = f"steps/{sentence.call.module}.py:{sentence.call.line} {parameter}"
            counts[where].add(len(sentence.words(parameter)))
    assert not {where: count for where, count in counts.items() if len(count) > 1}
