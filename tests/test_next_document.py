"""The next sprint's gate document is data: a file, its scenarios, and no code."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate import document as documents
from gate.__main__ import main
from gate.commands.run import _tags_of
from gate.document import load_document, load_every
from gate.errors import GateError
from gate.expected import expected, of_document, unknown_ids
from gate.language import speak
from runner.check import check
from runner.sentences import load_sentences
from tests.fake_run import FakeRun

ROOT = Path(__file__).resolve().parent.parent
# As docs/next-gate.md shows it.
S2 = """
id: REG-CK8S-S2-0001
title: {en: Sprint S2 Regression Gate, ru: Регрессионный гейт спринта S2}
sections:
  - name: {en: Webhook ingress, ru: Webhook ingress}
    priority: p0
    lines:
      - {id: s2.p0.1.1, en: A delivery id stays known for good., ru: Id доставки остаётся известным навсегда.}
  - name: {en: Console, ru: Консоль}
    priority: p1
    lines:
      - {id: s2.p1.1.1, en: A run shows its learning mode., ru: Запуск показывает режим обучения.}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Documents of which there are two."""
    made = tmp_path / "documents"
    shutil.copytree(documents.DOCUMENTS, made)
    (made / "s2.yaml").write_text(S2, encoding="utf-8")
    monkeypatch.setattr(documents, "DOCUMENTS", made)
    monkeypatch.setattr("runner.check.DOCUMENTS", made)
    yield made
    speak("en")


def include(folder: Path) -> None:
    (folder / "s2.yaml").write_text(f"includes: [s1]{S2}", encoding="utf-8")


def test_a_second_document_is_judged_by_its_own_lines(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, "s2")
    assert [line.line.id for line in run.verdict().lines] == ["s2.p0.1.1", "s2.p1.1.1"]
    assert all(line.proven for line in run.verdict().lines)
    run.breaks("s2.p0.1.1", "ru")
    verdict = run.verdict()
    assert verdict.decision == "no-go"
    assert [reason.line for reason in verdict.reasons if reason.weight == "no-go"] == ["s2.p0.1.1"]


def test_scenarios_of_the_first_one_are_left_out(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, "s2")
    old = tmp_path / "features" / "en" / "old.feature"
    old.write_text("# language: en\n@en\nFeature: Old\n\n  @p0 @s1.p0.1.1\n  Scenario: Old\n    Given a thing\n")
    declared = expected(tmp_path / "features")
    second, first = load_document("s2"), load_document("s1")
    assert {one.file for one in of_document(declared, second)} == {one.file for one in run.declared}
    assert [one.file for one in of_document(declared, first)] == ["features/en/old.feature"]
    assert _tags_of(second, declared) == ["--tags=@s2.*"]
    assert _tags_of(first, declared) == ["--tags=@s1.*"]
    assert unknown_ids(declared, second) == unknown_ids(declared, first) == []
    assert run.verdict().case.declared == of_document(declared, second)


def test_with_the_first_one_included_its_lines_are_judged_too(tmp_path: Path, folder: Path) -> None:
    include(folder)
    run = FakeRun(tmp_path, "s2")
    lines = [line.line.id for line in run.verdict().lines]
    assert lines == [*(line.id for line in load_document("s1").lines), "s2.p0.1.1", "s2.p1.1.1"]
    assert load_document("s2").acts == load_document("s1").acts
    assert _tags_of(load_document("s2"), run.declared) == []
    run.breaks("s1.p0.1.1")
    assert run.verdict().decision == "no-go"


def test_its_scenarios_are_written_and_checked_like_all_others(tmp_path: Path) -> None:
    features = tmp_path / "features"
    shutil.copytree(ROOT / "features", features)
    sentences = load_sentences(ROOT / "steps")
    missing = [str(one) for one in check(features, sentences, load_every()).problems]
    assert len(missing) == 4 and all("s2." in one and "documents/s2.yaml:" in one for one in missing)
    steps = ('Given GitHub is about to deliver a "push" event', "And the platform has accepted the event",
             "When it delivers the event again", "Then there is still one run and one received event")  # fmt: skip
    where = ["--features", str(features), "--steps", str(ROOT / "steps"), "--feature", "webhook", "--lang", "en"]
    given = [word for step in steps for word in ("--step", step)]
    for line in ("s2.p0.1.1", "s2.p1.1.1"):
        title = ["--title-en", f"{line} holds", "--title-ru", f"Строка {line} держится"]
        assert main(["new", "--line", line, *title, *where, *given]) == 0
    assert check(features, sentences, load_every()).problems == ()
    assert "@p1 @s2.p1.1.1\n" in (features / "ru" / "webhook.feature").read_text(encoding="utf-8")


def test_a_document_that_is_not_there_or_not_right_is_one_sentence(folder: Path) -> None:
    with pytest.raises(GateError, match=r"There is no gate document s3 \(GATE_DOCUMENT\); there are: s1, s2"):
        load_document("s3")
    for wrong, told in (
        (S2.replace("s2.p1.1.1", "s2.p0.1.1"), "doubled"),
        (S2.replace("s2.p1.1.1", "line one"), "misspelt ids"),
        (S2.replace("priority: p1", "priority: p7"), "unknown priorities: p7"),
        (f"{S2}acts:\n  delivery: [s2.p0.9.9]\n", "unknown lines below acts or doors: s2.p0.9.9"),
        ("id: x", "cannot be read"),
    ):
        (folder / "s2.yaml").write_text(wrong, encoding="utf-8")
        with pytest.raises(GateError, match=told):
            load_document("s2")
