"""What QA can write wrong: each time one sentence, with file and line, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gate.__main__ import main
from gate.document import Document, load_document
from gate.errors import GateError
from gate.expected import parse
from gate.language import speak
from runner.check import Checked, check, fix
from runner.sentences import CYRILLIC, Sentences, load_sentences
from runner.unreadable import out_of_order, told_out_of_order

ROOT = Path(__file__).resolve().parent.parent
EN, RU = "en/webhook.feature", "ru/webhook.feature"


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return load_sentences(ROOT / "steps")


@pytest.fixture(scope="module")
def document() -> Document:
    """The gate document, as far as the webhook goes."""
    whole = load_document()
    return replace(whole, lines=tuple(line for line in whole.lines if line.id.startswith("s1.p0.1.")))


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """The pair of webhook features, to be spoilt."""
    for name in (EN, RU):
        (tmp_path / "features" / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / "features" / name, tmp_path / "features" / name)
    return tmp_path / "features"


def change(features: Path, name: str, old: str, new: str) -> int:
    """Replace the first `old` in a file; returns its line."""
    path = features / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


# What is written instead of what, in which file; how far below that line the problem is told; what is told.
SPOILT: dict[str, tuple[str, str, str, int, str]] = {
    "header of another language": (RU, "# language: ru", "# language: en", 0, "must be “# language: ru”"),
    "header of no language": (EN, "# language: en", "# language: xx", 0, "must be “# language: en”"),
    "header missing": (EN, "# language: en\n", "", 0, "must be “# language: en”"),
    "no tag of the language": (EN, "@en\n", "\n", 1, "tagged @en"),
    "sentence that nobody knows": (
        EN,
        "When it delivers the event\n",
        "When it delivers the events\n",
        0,
        "The nearest: When “it delivers the event",
    ),
    "sentence in the other language": (
        EN,
        "When it delivers the event\n",
        "When он доставляет событие\n",
        0,
        "in English: “it delivers the event”",
    ),
    "keyword in the other language": (
        EN,
        "    When it delivers",
        "    Когда it delivers",
        0, "“Когда” is Russian",
    ),
    "first step in the other language": (RU, "    Дано GitHub", "    Given GitHub", 0, "“Given” is English"),
    "keyword misspelt": (EN, "    Given GitHub", "    Givn GitHub", 0, "“Given” must be meant"),
    "keyword of a title misspelt": (RU, "  Сценарий:", "  Сцинарий:", 0, "“Сценарий” must be meant"),
    "keyword misspelt further down": (EN, "    When it delivers", "    Wen it delivers", 0, "must be meant"),
    "known after another keyword": (
        EN,
        "Then the platform either refuses",
        "And the platform either refuses",
        0,
        "known after Then, not after When",
    ),
    "title without its colon": (
        EN,
        "  Scenario: A delivery larger",
        "  Scenario A delivery larger",
        0, "must be a colon",
    ),
    "title in the other language": (
        EN,
        "Scenario: A delivery larger than 1 MiB",
        "Scenario: Доставка",
        0, "is not English",
    ),
    "title missing": (EN, "Scenario: A delivery larger than 1 MiB is refused", "Scenario:", 0, "has no title"),
    "title doubled": (
        EN,
        "Scenario: A delivery larger than 1 MiB is refused",
        "Scenario: A delivery whose body is not JSON is refused",
        0,
        "stands at features/en/webhook.feature:",
    ),
    "id of no line": (EN, "@p0 @s1.p0.1.2", "@p0 @s1.p0.1.7", 0, "has no line s1.p0.1.7; the nearest is s1.p0.1."),
    "id missing": (EN, "@p0 @s1.p0.1.2", "@p0", 1, "stands for no line of the gate document"),
    "id doubled": (EN, "@p0 @s1.p0.1.2", "@p0 @s1.p0.1.2 @s1.p0.1.2", 0, "stands here twice"),
    "id misspelt": (EN, "@p0 @s1.p0.1.2", "@p0 @s1p0.1.2", 0, "it must be @s1.p0.1.2"),
    "tag misspelt": (EN, "@p0 @s1.p0.1.2 @security", "@p0 @s1.p0.1.2 @secruity", 0, "it must be @security"),
    "tag with a letter of the other alphabet": (EN, "@p0 @s1.p0.1.2", "@р0 @s1.p0.1.2", 0, "it must be @p0"),
    "tag with an o for a zero": (EN, "@p0 @s1.p0.1.2", "@po @s1.p0.1.2", 0, "knows the tag @po; it must be @p0"),
    "id with a letter of the other alphabet": (EN, "@p0 @s1.p0.1.2", "@p0 @s1.р0.1.2", 0, "nearest is s1.p0.1.2"),
    "a row too few in one language": (
        RU,
        "      | push  |\n",
        "",
        -9, "Examples 1 has 2 rows there, 1 here",
    ),
    "column of words misnamed": (EN, "      | signature ", "      | signatur ", 0, "“signature”"),
    "a tab": (EN, "    When it delivers the event\n", "\tWhen it delivers the event\n", 0, "(there is a tab)"),
    "an indent": (EN, "    When it delivers", "  When it delivers", 0, "(indented by 2, not by 4)"),
    "line ends of Windows": (EN, "it delivers the event\n", "it delivers the event\r\n", 0, "ends with CR LF"),
    "no When": (
        EN,
        "    When it delivers the event\n",
        "",
        -2, "has one When, this one has 0: add it",
    ),
    "tag without @": (EN, "@p0 @s1.p0.1.2 @security", "@p0 @s1.p0.1.2 security", 0, "each one begins with @"),
    "priority of another line": (EN, "@p0 @s1.p0.1.2", "@p1 @s1.p0.1.2", 0, "differ"),
    "row with a cell too many": (EN, "      | push  |", "      | push  | x |", 0, "this row has 2 cells"),
    "row that is not closed": (EN, "      | push  |", "      | push", 0, "does not end with “|”"),
    "column that the outline wants": (EN, "      | event |", "      | evnt |", 0, "uses; they have evnt."),
    "column of no use": (
        EN,
        "      | event |\n      | ping  |\n      | push  |",
        "      | event | x |\n      | ping | 1 |\n      | push | 2 |",
        0, "the column “x” is used nowhere",
    ),
    "examples without rows": (EN, "      | ping  |\n      | push  |\n", "", -2, "is empty"),
    "examples without a table": (
        EN,
        "      | event |\n      | ping  |\n      | push  |\n",
        "",
        -1,
        "is empty",
    ),
    "word that no table has": (
        EN,
        "      | delivery id |",
        "      | delivery-id |",
        0, "Write one of: delivery id",
    ),
    "table below a step that takes none": (
        EN,
        "    When it delivers the event\n",
        "    When it delivers the event\n      | a |\n      | 1 |\n",
        1,
        "takes no table",
    ),
    "a step too few in one language": (
        RU,
        "    И названный в ответе запуск записан под id этой доставки\n",
        "",
        -4,
        "not in step with features/en",
    ),
    "other number in one language": (RU, "событие 10 раз", "событие 11 раз", -2, "do not say the same"),
    "other word in one language": (
        RU,
        "| сделана чужим секретом ",
        "| обрезана ",
        -9, "not in step with features/en",
    ),
    "a second When": (
        EN,
        "    And the run that the answer names",
        "    When it delivers the event again\n    Then the run that the answer names",
        -4, "has one When",
    ),
    "asterisk": (EN, "    When it delivers the event\n", "    * it delivers the event\n", 0, "known after When"),
}  # fmt: skip


@pytest.mark.parametrize("what", SPOILT)
def test_each_mistake_is_one_sentence_with_its_line(
    what: str, features: Path, sentences: Sentences, document: Document
) -> None:
    name, old, new, below, told = SPOILT[what]
    line = change(features, name, old, new) + below
    (problem,) = check(features, sentences, document).problems
    assert (problem.file, problem.line) == (f"features/{name}", line), str(problem)
    assert told in problem.text.en
    assert "\n" not in str(problem)
    assert CYRILLIC.search(problem.text.ru)


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (b"", 1, "is empty"),
        (b"\r\n \n", 1, "is empty"),
        (b"\xef\xbb\xbf# language: en\n", 1, "byte order mark"),
        ("# language: en\nдано\n".encode("cp1251"), 2, "not in UTF-8"),
        (b"# language: en\n" + b"# filler\n" * 1_200_000, 1, "11 MB"),
        (b"# language: en\n# nothing\n", 1, "no “Feature:”"),
        (b"# language: en\n@en\nFeature: Nothing\n", 3, "no scenario"),
        (b"# language: en\n| a |\n", 2, "table"),
        (b"# language: en\n@en\nFeature: A\nFeature: B\n", 3, "no scenario"),
        (b"# language: en\n@en\nFeature: A\n  Scenario: B\n    And c\n", 5, "cannot begin with “And”"),
        (b"# language: en\n@en\nFeature: A\n  Scenario: B\n    Givn c\n    And d\n", 5, "“Given” must be meant"),
        ("# language: en\n🦊\n".encode(), 2, "this is no step"),
        (b"\x00\x01\x02", 1, "must be “# language: en”"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_once(
    content: bytes, line: int, told: str, features: Path, sentences: Sentences, document: Document
) -> None:
    (features / EN).write_bytes(content)
    (problem,) = check(features, sentences, document).problems
    assert (problem.file, problem.line) == (f"features/{EN}", line), str(problem)
    assert told in problem.text.en


@pytest.mark.parametrize(
    "rewritten",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("    ", "\t"),
        lambda text: text.replace("\n", "  \n") + "\n\n\n",
        lambda text: text.replace("@p0 @s1.p0.1.2", "@p0 @s1.p0.1.2 @our-own"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("Scenario: A delivery larger", "Scenario: 🦊 A delivery over"),
    ],
    ids=["CRLF", "tabs", "white space", "a tag of one's own", "no end of line", "emoji"],
)
def test_what_behave_reads_is_at_most_laid_out_anew(
    rewritten: Callable[[str], str], features: Path, sentences: Sentences, document: Document
) -> None:
    for name in (EN, RU):
        text = (features / name).read_text(encoding="utf-8")
        (features / name).write_bytes(rewritten(text).encode())
    told = [problem.text.en for problem in check(features, sentences, document).problems]
    assert not [one for one in told if "`python -m gate check --fix` does it" not in one]
    fix(features)
    assert check(features, sentences, document).problems == ()


def test_a_scenario_in_one_language_only_is_named(
    features: Path, sentences: Sentences, document: Document
) -> None:
    extra = "\n  @p0 @s1.p0.1.1\n  Scenario: One more\n    When it delivers the event\n    Then there is one run\n"
    text = (features / EN).read_text(encoding="utf-8")
    place = text.index("\n  @p0 @s1.p0.1.2")
    extra = extra.replace("there is one run", "there is one run and one received event")
    (features / EN).write_text(text[:place] + extra + text[place:], encoding="utf-8")
    (problem,) = check(features, sentences, document).problems
    assert problem.text.en == "“One more” has no twin in features/ru/webhook.feature."
    assert problem.line == text[:place].count("\n") + 3


def test_a_feature_in_one_language_only_is_named(features: Path, sentences: Sentences, document: Document) -> None:
    (features / RU).unlink()
    (problem,) = check(features, sentences, document).problems
    assert problem.text.en == "there is no features/ru/webhook.feature: every feature has its Russian twin."


def test_a_feature_outside_of_both_folders_is_named(
    features: Path, sentences: Sentences, document: Document
) -> None:
    shutil.copy(features / EN, features / "webhook.feature")
    (problem,) = check(features, sentences, document).problems
    assert problem.file == "features/webhook.feature"


def test_a_line_of_the_document_without_a_scenario_is_named_with_its_place(
    features: Path, sentences: Sentences
) -> None:
    problems = check(features, sentences, load_document()).problems
    (told, *_) = [problem for problem in problems if "s1.p1.1.1" in problem.text.en]
    assert (ROOT / told.file).read_text(encoding="utf-8").splitlines()[told.line - 1].strip() == "- id: s1.p1.1.1"


def test_a_wrong_sentence_of_an_outline_is_told_once_and_not_for_each_row(
    features: Path, sentences: Sentences, document: Document
) -> None:
    line = change(
        features, EN, "Then the platform answers 401 itself with", "Then the platform says 401 itself with"
    )
    (problem,) = check(features, sentences, document).problems
    assert problem.line == line
    assert "The nearest: Then “the platform answers 401" in problem.text.en


STEPS = """from behave import given

@given("a thing that is {how}")
def thing(context, how):
    "A thing."

"""


def test_a_text_that_fits_two_sentences_is_ambiguous(tmp_path: Path, features: Path, document: Document) -> None:
    shutil.copytree(ROOT / "steps", tmp_path / "steps", ignore=shutil.ignore_patterns("__pycache__"))
    more = "@given('GitHub is about to deliver a {what} event')\ndef other(context, what):\n    \"Too much.\"\n"
    (tmp_path / "steps" / "zz.py").write_text(STEPS + more, encoding="utf-8")
    problems = check(features, load_sentences(tmp_path / "steps"), document).problems
    assert problems
    assert all("is ambiguous: it may be" in problem.text.en for problem in problems)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('@given("a thing that is {how}")\ndef again(context, how):\n    "Twice."\n', "Two step functions"),
        ("def broken(:\n", "steps/one.py:7: cannot be loaded: SyntaxError"),
        ("import nothing_of_this_name\n", "steps/one.py:7: cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_step_modules_that_cannot_be_loaded_are_told(tmp_path: Path, more: str, told: str) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "one.py").write_text(STEPS + more, encoding="utf-8")
    with pytest.raises(GateError) as failure:
        load_sentences(tmp_path / "steps")
    assert told in str(failure.value)


def test_the_command_tells_the_problems_and_fails(features: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(features, EN, "    When it delivers", "    Wen it delivers")
    try:
        assert main(["check", "--features", str(features), "--steps", str(ROOT / "steps"), "--lang", "ru"]) == 1
    finally:
        speak("en")
    printed = capsys.readouterr().out
    assert "features/en/webhook.feature:" in printed
    assert "должно быть «When»" in printed


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('    Given GitHub is about to deliver a "ping"', '    Givn GitHub is about to deliver a "ping"', "Givn"),
        ("  @p0 @s1.p0.1.2 @security\n", "  @p0 @security\n", "stands for no line"),
        ("    When it delivers", "      When it delivers", ""),
    ],
)
def test_a_run_of_features_that_lost_something_is_doubted(features: Path, old: str, new: str, told: str) -> None:
    (features.parent / "steps").symlink_to(ROOT / "steps")
    change(features, EN, old, new)
    feature = parse(features / EN, f"features/{EN}")
    problems = out_of_order(features.parent, [feature], None)
    assert bool(problems) == bool(told)
    assert told in told_out_of_order(problems)


def test_a_scenario_without_a_then_is_told(features: Path, sentences: Sentences, document: Document) -> None:
    for name, line in ((EN, "    Then "), (RU, "    Тогда ")):
        text = (features / name).read_text(encoding="utf-8")
        begin = text.index(line)
        end = text.index("\n\n", begin)
        (features / name).write_text(text[:begin].rstrip(" ") + text[end + 1 :], encoding="utf-8")
    assert any("no Then" in problem.text.en for problem in check(features, sentences, document).problems)


def test_the_checked_tree_is_counted(features: Path, sentences: Sentences, document: Document) -> None:
    assert check(features, sentences, document) == Checked(2, 54, ())
