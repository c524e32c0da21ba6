"""The head of the front page: the decision, in a word and in a sentence, and the facts that place it."""

from __future__ import annotations

from collections.abc import Sequence

from gate.history import Entry
from gate.page.html import Markup, tag
from gate.page.parts import PRIORITIES, View
from gate.page.runs import news, since
from gate.page.words import build_name, moment


def hero(view: View, history: Sequence[Entry]) -> Markup:
    """The decision, in a word and in a sentence, and the facts that place it."""
    words, verdict = view.words, view.verdict
    decision = verdict["decision"]
    state, word, means = decision, words[decision], words[f"{decision}.means"]
    if verdict["scope"] == "p0" and decision != "no-go":
        outcome = "passed" if verdict["scope_passed"] else "failed"
        state = "p0-passed" if verdict["scope_passed"] else decision
        word, means = words[f"p0.{outcome}"], words[f"p0.{outcome}.means"]
    return tag(
        "section",
        tag(
            "h1",
            tag(
                "span",
                {"go": "✓", "p0-passed": "✓", "no-go": "✕"}.get(state, "?"),
                class_="sign",
                aria_hidden="true",
            ),
            word,
        ),
        tag("p", means, class_="means"),
        _place(view, history),
        tag("p", told, class_="news") if (told := news(view)) else None,
        _score(view),
        tag("p", tag("a", words["all"], href="#gate-report", class_="all"), class_="to-report"),
        class_=f"hero {state}",
    )


def _place(view: View, history: Sequence[Entry]) -> Markup:
    words, run = view.words, view.verdict["run"]
    suite = str(run["suite"].get("commit", ""))[:10] or "—"
    facts = [
        (words["target"], run["target"] or "—"),
        (words["build"], build_name(run["images"]) or words["build.unknown"]),
        (words["finished"], moment(run["finished"], view.language)),
        (words["since"], since(view, history)),
        (words["suite.version"], f"{suite} + {words['dirty']}" if run["suite"].get("dirty") else suite),
    ]
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in facts), class_="place")


def _score(view: View) -> Markup:
    tiles = []
    for priority in PRIORITIES:
        lines = [line for line in view.verdict["lines"] if line["priority"] == priority]
        proven = sum(line["en"] == line["ru"] == "proven" for line in lines)
        broken = any("broken" in (line["en"], line["ru"]) for line in lines)
        state = "broken" if broken else "proven" if lines and proven == len(lines) else "open"
        number = tag("span", tag("b", proven), f"/{len(lines)}", class_="number")
        sign = tag("span", {"broken": "✕", "proven": "✓"}.get(state, "?"), aria_hidden="true", class_="sign")
        tiles.append(tag("li", sign, number, tag("span", view.words[priority], class_="label"), class_=state))
    return tag("ul", *tiles, class_="score")
