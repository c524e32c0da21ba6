"""This run among the others: since when its decision stands, what changed, and the last runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gate.history import Entry, last_go
from gate.page.html import Markup, tag
from gate.page.parts import View, folded, section
from gate.page.words import duration, moment

SHOWN_CHANGES, SHOWN_RUNS = 8, 24


def news(view: View) -> str:
    """What is different from the last run, in a sentence; of the first run, `since` tells that it is the first."""
    changes, words = view.verdict["changes"]["since_last_run"], view.words
    if changes is None:
        return ""
    told = [
        f"{words[kind]}: {len(changes[kind])}"
        for kind in ("newly_red", "fixed", "new", "removed", "slower")
        if changes[kind]
    ]
    return f"{words['since.run']}: {', '.join(told) or words['same.short']}."


def since(view: View, history: Sequence[Entry]) -> str:
    """Since when the decision has been what it is; for one that is new, what it was before."""
    words, language, scope = view.words, view.language, view.verdict["scope"]
    now, before = this_run(view), [one for one in _others(view, history) if one.scope == scope]
    if not before:
        return words["since.first"]
    word, first, last = _decided(view, now), now, before[-1]
    for entry in reversed(before):
        if _decided(view, entry) != word:
            break
        first = entry
    if first is not now:
        told = words["since.then"].format(when=moment(first.finished, language))
    else:
        told = words["since.now"].format(what=_decided(view, last), when=moment(last.finished, language))
    go = last_go(before, now.target)
    if go and go is not last and now.decision != "go":
        told += f"; {words['last.go'].format(when=moment(go.finished, language))}"
    return told


def what_changed(view: View) -> Markup:
    """Against the last Go, and against the last run."""
    found = view.verdict["changes"]
    parts_ = []
    for name, changes, nothing in (
        ("since.go", found["since_last_go"], "never.go"),
        ("since.run", found["since_last_run"], "first.run"),
    ):
        told = _changes(view, changes) if changes else tag("p", view.words[nothing], class_="none")
        when = f" ({moment(changes['finished'], view.language)})" if changes else ""
        parts_.append(tag("div", tag("h3", view.words[name], when), told))
    return section("changes", view, tag("div", *parts_, class_="columns"))


def _changes(view: View, changes: dict[str, Any]) -> Markup:
    names = {one["key"]: one for line in view.verdict["lines"] for one in line["scenarios"]}
    items: list[Markup] = []
    for kind in ("newly_red", "fixed", "new", "removed"):
        keys = changes[kind]
        told = [view.link(key, names[key]["name"] if key in names else key.rpartition("::")[2]) for key in keys]
        if told:
            items.append(_change(view, kind, told))
    slower = [
        f"{one['line']} {duration(one['before'], view.words)} → {duration(one['now'], view.words)}"
        for one in changes["slower"]
    ]
    if slower:
        items.append(_change(view, "slower", slower))
    return tag("ul", *items, class_="changed") if items else tag("p", view.words["same"], class_="none")


def _change(view: View, kind: str, told: Sequence[object]) -> Markup:
    head = tag("b", f"{view.words[kind]}: {len(told)}")
    return tag("li", head, folded(view, told, SHOWN_CHANGES), class_=kind)


def earlier(view: View, history: Sequence[Entry]) -> Markup:
    """The last runs of this target, oldest first, this one at the end."""
    now = this_run(view)
    runs = [*_others(view, history), now][-SHOWN_RUNS:]
    return section("history", view, tag("ol", *(_run(view, entry, entry is now) for entry in runs)))


def _run(view: View, entry: Entry, now: bool) -> Markup:
    state = Counter(_line_state(statuses) for statuses in entry.lines.values())
    scope = f" ({entry.scope})" if entry.scope != "all" else ""
    counts = ", ".join(f"{number} {view.words[status]}" for status, number in state.items())
    when = tag("time", moment(entry.finished, view.language), datetime=entry.finished)
    this = tag("small", view.words["this.run"], class_="now") if now else None
    word = tag("b", f"{_decided(view, entry)}{scope}")
    return tag("li", word, when, tag("small", counts), this, class_=entry.decision, aria_current=now and "true")


def this_run(view: View) -> Entry:
    """This run, as the next one will find it in the history."""
    verdict, run = view.verdict, view.verdict["run"]
    return Entry(
        mark=run["mark"] or "",
        finished=run["finished"] or run["started"] or "",
        decision=verdict["decision"],
        scope=verdict["scope"],
        target=run["target"] or "",
        commit="",
        lines={line["id"]: (line["en"], line["ru"]) for line in verdict["lines"]},
    )


def _others(view: View, history: Sequence[Entry]) -> list[Entry]:
    """The earlier runs of this target; the history may hold this one already, when its report is built again."""
    run = view.verdict["run"]
    return [one for one in history if one.target == run["target"] and one.mark != run["mark"]]


def _decided(view: View, entry: Entry) -> str:
    """The decision in a word; a run of P0 alone says whether P0 is proven."""
    if entry.scope != "p0" or entry.decision == "no-go":
        return view.words[entry.decision]
    needed = [line["id"] for line in view.verdict["lines"] if line["priority"] == "p0"]
    proven = all(_line_state(entry.lines.get(id, ("not-run",))) == "proven" for id in needed)
    return view.words["p0.passed" if proven else "p0.failed"]


def _line_state(statuses: Sequence[str]) -> str:
    return next((one for one in ("broken", "not-proven", "not-run") if one in statuses), "proven")
