"""Puts the front page together: both languages in one shadow root, with its style and its script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gate.history import Entry
from gate.labels import Trace
from gate.page import evidence, parts, runs
from gate.page.hero import hero
from gate.page.html import Markup, join, tag
from gate.page.words import BY_LANGUAGE, Words

HERE = Path(__file__).parent


def front_page(
    verdict: dict[str, Any], history: Sequence[Entry], traces: Mapping[str, Trace], shown: evidence.Shown
) -> Markup:
    """The page as it goes into Allure's body: a host with a shadow root, and the script beside it."""
    pages = [_page(language, verdict, history, traces, shown) for language in BY_LANGUAGE]
    style = tag("style", Markup((HERE / "style.css").read_text(encoding="utf-8")))
    root = tag("template", style, *pages, shadowrootmode="open")
    outer = tag("style", Markup((HERE / "outer.css").read_text(encoding="utf-8")))
    script = tag("script", Markup((HERE / "script.js").read_text(encoding="utf-8")))
    back = tag("button", id="gate-back", type="button", hidden=True)
    return join(outer, tag("div", root, id="gate-front", data_decision=verdict["decision"]), back, script)


def _page(
    language: str,
    verdict: dict[str, Any],
    history: Sequence[Entry],
    traces: Mapping[str, Trace],
    shown: evidence.Shown,
) -> Markup:
    words: Words = BY_LANGUAGE[language]
    view = parts.View(language, words, verdict, traces)
    sections = (
        parts.why(view),
        parts.lines(view),
        runs.what_changed(view),
        parts.accepted(view),
        evidence.pictures(view, shown),
        evidence.timelines(view, shown),
        evidence.smoke(view, shown),
        runs.earlier(view, history),
        parts.facts(view),
    )
    return tag(
        "div",
        parts.header(view),
        tag("main", hero(view, history), *sections, id=f"verdict-{language}"),
        class_="page",
        lang=language,
        data_back=words["back"],
    )
