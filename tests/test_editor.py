"""By these settings of VS Code its Cucumber extension finds every step; docs/editor.md tells how it was tried."""

from __future__ import annotations

import json
import re
from pathlib import Path

from runner.sentences import load_sentences

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))
PARAMETER = re.compile(r"\{(\w+(?::\w+)?)\}")


def test_every_parameter_of_a_sentence_is_a_type_that_the_extension_knows() -> None:
    """Without its type an expression is not understood, and each of its steps is underlined."""
    sentences = load_sentences(ROOT / "steps").all
    wanted = {name for sentence in sentences for name in PARAMETER.findall(sentence.pattern)}
    assert [one["name"] for one in SETTINGS["cucumber.parameterTypes"]] == sorted(wanted)


def test_the_globs_find_all_features_and_all_steps() -> None:
    found = {path for glob in SETTINGS["cucumber.features"] for path in ROOT.glob(glob)}
    assert found == set((ROOT / "features").rglob("*.feature"))
    glue = {path for glob in SETTINGS["cucumber.glue"] for path in ROOT.glob(glob)}
    assert glue == set((ROOT / "steps").rglob("*.py"))
