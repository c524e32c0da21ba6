"""The catalogue of sentences: nothing is left out, and what it says can be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.__main__ import main
from gate.language import speak
from runner.catalogue import CAPABILITIES, Entry, entries, page, text
from runner.sentences import Sentences, load_sentences

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return load_sentences(ROOT / "steps")


@pytest.fixture(scope="module")
def known(sentences: Sentences) -> list[Entry]:
    return entries(sentences, ROOT / "features")


def test_every_step_module_has_a_name_in_both_languages() -> None:
    assert CAPABILITIES.keys() == {path.stem for path in (ROOT / "steps").glob("*.py")}


def test_every_sentence_is_listed_beside_its_twin(sentences: Sentences, known: list[Entry]) -> None:
    assert {sentence for entry in known for sentence in entry.sentences} == set(sentences.all)
    assert all([one.language for one in entry.sentences] == ["en", "ru"] for entry in known)


def test_a_sentence_with_an_example_has_one_in_both_languages(known: list[Entry]) -> None:
    assert {len(entry.examples) for entry in known} <= {0, 2}
    assert sum(bool(entry.examples) for entry in known) > 0.9 * len(known)


def test_an_entry_shows_sentence_example_and_words_in_both_languages(known: list[Entry]) -> None:
    entry = next(entry for entry in known if entry.call.name == "deliver_empty_header")
    assert text([entry], "ru").splitlines() == [
        "Webhook ingress   (steps/webhook.py)",
        "",
        "  Когда  он доставляет событие с пустым заголовком {header}",
        "  When   it delivers the event with an empty {header} header",
        "         · он доставляет событие с пустым заголовком с id доставки",
        "         · it delivers the event with an empty delivery id header",
        "         {header}: с id доставки, с типом события",
        "         {header}: delivery id, event",
    ]


def test_the_page_escapes_what_it_shows(known: list[Entry]) -> None:
    html = page(known, "en")
    assert html.count("<tr>") == len(known)
    assert "staging&#x27;s address" in html
    assert "<var>{signature}</var>" in html


def test_the_command_finds_by_word_and_says_when_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    folders = ["--features", str(ROOT / "features"), "--steps", str(ROOT / "steps"), "--lang", "en"]
    assert main(["steps", *folders, "signature", "anew"]) == 0
    assert "Когда  он доставляет то же событие, записанное {how}" in capsys.readouterr().out
    assert main(["steps", *folders, "unheard-of"]) == 1
    speak("en")
