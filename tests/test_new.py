"""`python -m gate new`: one language is written, both stand there, and nothing that the check would not pass."""

from __future__ import annotations

import builtins
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.__main__ import WRONG_USE, main
from gate.document import load_document
from gate.language import speak
from runner.check import check
from runner.sentences import load_sentences

ROOT = Path(__file__).resolve().parent.parent
STEPS = (
    'Given GitHub is about to deliver a "push" event',
    "И платформа приняла это событие",
    "When it delivers the event with a signature that is made with another secret",
    'Then the platform answers 401 itself with the message "invalid webhook signature"',
    "there is still one run and one received event",
)
EN, RU = "A known delivery id under another secret is refused", "Известный id под другим секретом отклонён"


@pytest.fixture
def features(tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(ROOT / "features", tmp_path / "features")
    yield tmp_path / "features"
    speak("en")


def new(features: Path, *arguments: str) -> int:
    return main(["new", "--features", str(features), "--steps", str(ROOT / "steps"), "--lang", "en", *arguments])


def options(line: str = "s1.p0.1.3", title: str = EN, steps: tuple[str, ...] = STEPS) -> list[str]:
    given = ["--line", line, "--title-en", title, "--title-ru", RU]
    return [*given, *(word for step in steps for word in ("--step", step))]


def content(features: Path) -> dict[str, str]:
    return {str(path): path.read_text(encoding="utf-8") for path in features.rglob("*.feature")}


def test_both_scenarios_stand_behind_their_sisters_and_are_in_order(
    features: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new(features, *options()) == 0
    english = (features / "en" / "webhook.feature").read_text(encoding="utf-8")
    russian = (features / "ru" / "webhook.feature").read_text(encoding="utf-8")
    assert f"\n  @p0 @s1.p0.1.3\n  Scenario: {EN}\n    Given GitHub is about to" in english
    assert "    And the platform has accepted the event\n" in english[english.index(EN) :]
    assert f'\n  @p0 @s1.p0.1.3\n  Сценарий: {RU}\n    Дано GitHub готов доставить событие "push"\n' in russian
    assert "    Когда он доставляет событие с подписью: сделана чужим секретом\n" in russian[russian.index(RU) :]
    assert "И по-прежнему есть один запуск и одно событие о получении" in russian[russian.index(RU) :]
    assert not check(features, load_sentences(ROOT / "steps"), load_document()).problems
    line = english[: english.index(EN)].count("\n") + 1
    assert f"behave features/en/webhook.feature:{line} features/ru/webhook.feature:" in capsys.readouterr().out


def test_it_goes_behind_the_last_of_its_line_and_a_tag_of_the_feature_is_not_doubled(features: Path) -> None:
    steps = ("Given a platform admin has signed in", "When nothing", "Then nothing")
    before = content(features)
    assert new(features, *options("s1.p1.3.2", steps=steps)) == WRONG_USE
    assert content(features) == before
    assert new(features, *options("s1.p0.1.1")) == 0
    english = (features / "en" / "webhook.feature").read_text(encoding="utf-8")
    tags = [line.strip() for line in english.splitlines() if line.strip().startswith("@p0")]
    own = english[: english.index(EN)].count("  @p0 ") - 1
    assert tags[own] == "@p0 @s1.p0.1.1"
    assert "@s1.p0.1.1" in tags[own - 1]
    assert "@s1.p0.1.1" not in tags[own + 1]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (options("s1.p0.1.9"), "has no line s1.p0.1.9; the nearest is s1.p0.1."),
        (
            options(steps=("Given GitHub is abuot to deliver a “push” event",)),
            "The nearest: Given GitHub is about",
        ),
        (options(steps=("When the platform has accepted the event",)), "known after Given, not after When"),
        (options(steps=("the platform accepted it",)), "Nobody knows the sentence"),
        (options(steps=STEPS[:2]), "The scenario has no Then"),
        (options(steps=(*STEPS[:2], *STEPS[3:])), "A scenario has one When, this one has 0: add it."),
        (options(title="Известный id"), "is not English"),
        (options(title="A forged signature is refused"), "Nothing is written."),
        ([*options(), "--feature", "webhok"], "There is no feature webhok; there are: "),
        ([*options(), "--tag", "secruity"], "it must be @security"),
        (["--line", "s1.p0.1.3", "--title-en", EN], "Nobody is there to be asked: give --title-ru."),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    given: list[str], complaint: str, features: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    before = content(features)
    if complaint == "Nothing is written.":
        title = next(
            line for line in before[str(features / "en" / "webhook.feature")].splitlines() if "Scenario: " in line
        )
        given = options(title=title.partition(": ")[2])
    assert new(features, *given) == WRONG_USE
    told = capsys.readouterr().err
    assert complaint in told
    assert "Traceback" not in told and ".feature:" not in told.partition(" stands at ")[0]
    assert content(features) == before


def test_a_person_is_asked_and_may_look_things_up(
    features: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    misspelt = "When it delivers the event with a signature that is mising"
    unknown = ("Given nonsense", misspelt)
    answers = iter(["?", "s1.p0.1.8", "s1.p0.1.3", "", EN, RU, "? signature", *unknown, *STEPS, ""])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(builtins, "input", lambda _: next(answers))
    assert new(features) == 0
    told = capsys.readouterr().out
    assert "s1.p0.1.1  " in told
    assert "the nearest is s1.p0.1." in told
    assert "it delivers the event with a signature that is {signature}" in told
    assert "Nobody knows the sentence “nonsense”." in told
    assert "“mising” is not known as signature. Write one of: missing, " in told
    assert "Когда он доставляет событие с подписью: сделана чужим секретом" in told
    assert RU in (features / "ru" / "webhook.feature").read_text(encoding="utf-8")


def test_somebody_who_gives_up_leaves_nothing(features: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: str) -> str:
        raise EOFError

    before = content(features)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(builtins, "input", gone)
    assert new(features, "--line", "s1.p0.1.3") == WRONG_USE
    assert content(features) == before
