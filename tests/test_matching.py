"""The matcher that looks at plain words first finds exactly what behave's own finds."""

import re

import pytest
from behave.matchers import ParseMatcher

from gate.target import ROOT
from runner.matching import PlainWordsFirst
from runner.sentences import load_sentences

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
