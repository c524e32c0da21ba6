"""The matcher that looks at plain words first finds exactly what behave's own finds."""

import re
from copy import deepcopy

import pytest
from behave.matchers import ParseMatcher, use_step_matcher
from behave.model import Step, Table
from behave.step_registry import AmbiguousStep

from gate.target import ROOT
from runner.matching import NAME, ByBeginning, PlainWordsFirst, Registry
from runner.outlines import mend_outlines
from runner.sentences import KINDS, load_sentences

SENTENCES = load_sentences(ROOT / "steps").all
TEXTS = sorted(
    {
        found[1]
        for path in (ROOT / "features").rglob("*.feature")
        for found in re.finditer(r"^\s*(?:\w+) (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
)


def _found(matcher: ParseMatcher, text: str) -> object:
    match = matcher.match(text)
    return match and [(one.name, one.value) for one in match.arguments]


def test_it_finds_what_behave_finds():
    told = 0
    for pattern in {one.pattern for one in SENTENCES}:
        theirs, ours = ParseMatcher(None, pattern), PlainWordsFirst(None, pattern)
        for text in (*TEXTS[::7], pattern):
            found = _found(theirs, text)
            assert _found(ours, text) == found, (pattern, text)
            assert bool(ours.matches(text)) == bool(theirs.matches(text))
            told += found is not None
    assert told > len(SENTENCES) / 2


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("plain", "plain"),
        ("plain", "plain words"),
        ("{what} ends", "it ends"),
        ("{what} ends", "it ends not"),
        ("begins {what}", "begins so"),
        ("a{one}a", "a"),
        ("a{one}a", "aba"),
        ("with {{braces}} and {one}", "with {braces} and more"),
        ("{count:d} runs", "  3 runs"),
        ("say {what:w}.", "say so."),
        ("a (b) [c] {d}?", "a (b) [c] e?"),
    ],
)
def test_odd_patterns(pattern: str, text: str):
    assert _found(PlainWordsFirst(None, pattern), text) == _found(ParseMatcher(None, pattern), text)


def test_the_registry_looks_at_all_that_fit():
    every = ByBeginning()
    for one in SENTENCES:
        every.append(PlainWordsFirst(None, one.pattern))
    found = 0
    for text in TEXTS:
        fitting = [one for one in every if one.match(text)]
        assert [one for one in every.fitting(text) if one.match(text)] == fitting
        found += bool(fitting)
    assert found > len(TEXTS) / 2


def test_a_sentence_that_is_claimed_already_is_refused():
    every = Registry()
    every.clear()
    use_step_matcher(NAME)
    every.add_step_definition("given", "{who} comes", lambda context, who: None)
    every.add_step_definition("when", "she comes", lambda context: None)
    with pytest.raises(AmbiguousStep):
        every.add_step_definition("given", "she comes", lambda context: None)
    assert [len(every.steps[kind]) for kind in KINDS] == [1, 1, 0]


def test_a_step_of_an_example_is_its_own():
    step = Step("a.feature", 3, "Given", "given", "a <word>", table=Table(["a"], rows=[["1"]]))
    mend_outlines()
    copied = deepcopy(step)
    copied.table.headings[0] = "b"
    assert (copied.name, str(copied.location), step.table.headings) == ("a <word>", "a.feature:3", ["a"])
