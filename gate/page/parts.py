"""The sections of the front page. Each takes the view (language, words, verdict) and gives HTML."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gate.history import Entry
from gate.labels import Trace
from gate.page.html import Markup, inline, join, tag
from gate.page.words import Words, build_name, duration, moment

PRIORITIES = ("precondition", "p0", "security", "boundary", "p1", "evidence")
# A status is never told by colour alone.
SIGNS = {"proven": "✓", "broken": "✕", "not-proven": "?", "not-run": "–"}
GROUPED_KINDS = ("not-run", "not-declared")
SHOWN_REASONS, SHOWN_CHANGES, SHOWN_RUNS = 12, 8, 24


@dataclass(frozen=True)
class View:
    """One language's page over one verdict."""

    language: str
    words: Words
    verdict: dict[str, Any]
    traces: Mapping[str, Trace]

    def said(self, text: Mapping[str, Any]) -> str:
        """The text in this page's language."""
        return str(text[self.language])

    def link(self, key: str, *children: object, **attributes: object) -> Markup:
        """A link to Allure's page of a scenario; plain text where Allure has none."""
        trace = self.traces.get(key)
        if trace is None:
            return tag("span", *children, **attributes)
        id = hashlib.md5(trace.uuid.encode(), usedforsecurity=False).hexdigest()
        return tag("a", *children, href=f"#{id}", **attributes)


def section(name: str, view: View, *content: object) -> Markup:
    """A section with its heading."""
    id = f"{name}-{view.language}"
    heading = tag("h2", view.words[name], id=id)
    return tag("section", heading, *content, aria_labelledby=id, class_=name)


def header(view: View) -> Markup:
    """The name, and the switches."""
    words = view.words
    switches = [
        tag(
            "button",
            name,
            type="button",
            data_language=code,
            lang=code,
            aria_pressed=str(code == view.language).lower(),
        )
        for code, name in (("en", "English"), ("ru", "Русский"))
    ]
    name = tag("p", tag("strong", words["title"]), " codex-k8s", class_="name")
    return tag("header", name, tag("div", *switches, role="group", aria_label=words["language"], class_="switch"))


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
        tag("p", _news(view), class_="news"),
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
        (words["suite.version"], f"{suite} + {words['dirty']}" if run["suite"].get("dirty") else suite),
    ]
    since = _since(view, history)
    if since and since != moment(run["finished"], view.language):
        facts.insert(3, (words["since"], since))
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in facts), class_="place")


def _news(view: View) -> str:
    """What is different from the last run, in a sentence."""
    changes, words = view.verdict["changes"]["since_last_run"], view.words
    if changes is None:
        return words["first.run"]
    told = [
        f"{words[kind]}: {len(changes[kind])}"
        for kind in ("newly_red", "fixed", "new", "removed", "slower")
        if changes[kind]
    ]
    return f"{words['since.run']}: {', '.join(told) or words['same.short']}."


def _since(view: View, history: Sequence[Entry]) -> str:
    """Since when the decision has been what it is."""
    verdict, first = view.verdict, ""
    for entry in reversed(history):
        if entry.target != verdict["run"]["target"] or entry.scope != verdict["scope"]:
            continue
        if entry.decision != verdict["decision"]:
            break
        first = entry.finished
    if not first:
        return ""
    return moment(first, view.language)


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


def why(view: View) -> Markup:
    """The reasons, the heavier first; lines that simply were not run are told together."""
    reasons = view.verdict["reasons"]
    if not reasons:
        risks = len(view.verdict["residual_risks"])
        known = view.words["why.risks"].format(n=risks) if risks else ""
        return section("why", view, tag("p", f"{view.words['why.none']} {known}".strip()))
    alone = [one for one in reasons if one["kind"] not in GROUPED_KINDS]
    grouped = [one for one in reasons if one["kind"] in GROUPED_KINDS]
    if len(grouped) <= 3:
        alone, grouped = reasons, []
    items = [_reason(view, one) for one in alone[:SHOWN_REASONS]]
    content: list[object] = [tag("ul", *items, class_="reasons")] if items else []
    if alone[SHOWN_REASONS:]:
        more = [_reason(view, one) for one in alone[SHOWN_REASONS:]]
        summary = tag("summary", view.words["and.more"].format(n=len(more)))
        content.append(tag("details", summary, tag("ul", *more, class_="reasons")))
    if grouped:
        summary = tag("summary", f"{view.words['why.rest']}: {len(grouped)}")
        rest = [tag("li", tag("code", one["line"] or ""), " ", inline(view.said(one))) for one in grouped]
        content.append(tag("details", summary, tag("ul", *rest, class_="plain")))
    return section("why", view, *content, _whose(view))


def _whose(view: View) -> Markup | None:
    """Whose matter the scenarios are that were run and are not proven."""
    scenarios = {one["key"]: one for line in view.verdict["lines"] for one in line["scenarios"]}
    counts = Counter(one["category"] for one in scenarios.values() if one["category"])
    items = [
        tag("li", view.words[f"category.{category}"], ": ", tag("b", counts[category]))
        for category in ("platform", "staging", "not-configured", "suite")
        if counts[category]
    ]
    return tag("ul", *items, class_="whose", aria_label=view.words["whose"]) if items else None


def _reason(view: View, one: dict[str, Any]) -> Markup:
    line = next((line for line in view.verdict["lines"] if line["id"] == one["line"]), None)
    title = inline(view.said(line["text"])) if line else view.words["the-run"]
    place = tag("code", one["line"]) if line else None
    weight = tag("span", view.words[one["weight"]], class_="weight")
    head = tag("p", weight, place, " ", title, class_="head")
    return tag("li", head, tag("p", inline(view.said(one)), class_="text"), class_=one["weight"])


def lines(view: View) -> Markup:
    """The gate document as a table; each line opens to its scenarios."""
    words = view.words
    columns = [tag("th", words[name], scope="col") for name in ("says", "english", "russian")]
    bodies = []
    for name in dict.fromkeys(view.said(line["section"]) for line in view.verdict["lines"]):
        rows = [_row(view, line) for line in view.verdict["lines"] if view.said(line["section"]) == name]
        bodies.append(tag("tbody", tag("tr", tag("th", name, colspan=3, scope="rowgroup")), *rows))
    table = tag("table", tag("thead", tag("tr", *columns)), *bodies)
    return section("lines", view, table)


def _row(view: View, line: dict[str, Any]) -> Markup:
    said = tag("span", tag("code", line["id"]), " ", inline(view.said(line["text"])))
    if line["scenarios"]:
        said = tag("details", tag("summary", said), _scenarios(view, line))
    cells = [tag("td", pill(view, line[language]), class_="status") for language in ("en", "ru")]
    return tag("tr", tag("td", said), *cells, class_="red" if "broken" in (line["en"], line["ru"]) else None)


def _scenarios(view: View, line: dict[str, Any]) -> Markup:
    items = []
    for one in line["scenarios"]:
        if one["language"] != view.language and line["scenarios"] and _spoken(line, view.language):
            continue
        name = view.link(one["key"], one["name"], lang=one["language"])
        facts = duration(one["seconds"], view.words) if one["seconds"] else ""
        reason = tag("p", _first_line(one["reason"]), class_="text") if one["reason"] else None
        items.append(tag("li", pill(view, one["status"], short=True), " ", name, " ", tag("small", facts), reason))
    doors = (
        tag("p", f"{view.words['doors']}: {', '.join(line['doors'])}", class_="doors") if line["doors"] else None
    )
    return join(tag("ul", *items, class_="scenarios"), doors)


def _spoken(line: dict[str, Any], language: str) -> bool:
    return any(one["language"] == language for one in line["scenarios"])


def pill(view: View, status: str, short: bool = False) -> Markup:
    """A status: its sign and its word."""
    sign = tag("span", SIGNS[status], aria_hidden="true")
    word = tag("span", view.words[status], class_="hidden" if short else None)
    return tag("span", sign, " ", word, class_=f"pill {status}")


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
    shown = [tag("li", one) for one in told[:SHOWN_CHANGES]]
    if len(told) > SHOWN_CHANGES:
        shown.append(tag("li", view.words["and.more"].format(n=len(told) - SHOWN_CHANGES)))
    return tag("li", tag("b", f"{view.words[kind]}: {len(told)}"), tag("ul", *shown), class_=kind)


def accepted(view: View) -> Markup:
    """Residual risks, blockers, waivers: what the Owner takes with the decision."""
    words, verdict = view.words, view.verdict
    risks = [
        tag("li", tag("span", words[one["kind"]], class_="kind"), " ", _code(one["line"]), " ", view.said(one))
        for one in verdict["residual_risks"]
    ]
    waivers = [_waiver(view, one) for one in verdict["waivers"]]
    return join(
        section("risks", view, _list_or(risks, words["risks.none"])),
        tag(
            "div",
            section("blockers", view, _blockers(view)),
            section("waivers", view, _list_or(waivers, words["waivers.none"])),
            class_="columns",
        ),
    )


def _blockers(view: View) -> Markup:
    known, words = view.verdict["blockers"], view.words
    if known["state"] != "checked":
        return tag("p", words[f"blockers.{known['state']}"], " ", known["problem"], class_="none warn")
    items = [
        tag(
            "li",
            tag("b", (one["priority"] or "?").upper()),
            " ",
            _anchor(one["url"], f"{one['id']} {one['title']}"),
        )
        for one in known["items"]
    ]
    return _list_or(items, words["blockers.none"])


def _waiver(view: View, one: dict[str, Any]) -> Markup:
    state = tag("span", view.words[one["state"]], class_="kind")
    text = f"{one['by']}, {view.words['until']} {one['until']}: {one['reason']} "
    return tag("li", state, " ", tag("code", one["line"]), " ", text, _anchor(one["issue"], one["issue"]))


def earlier(view: View, history: Sequence[Entry]) -> Markup | None:
    """The last runs of this target, oldest first."""
    target = view.verdict["run"]["target"]
    runs = [entry for entry in history if entry.target == target][-SHOWN_RUNS:]
    if not runs:
        return None
    items = []
    for entry in runs:
        state = Counter(_line_state(statuses) for statuses in entry.lines.values())
        scope = f" ({entry.scope})" if entry.scope != "all" else ""
        words = f"{view.words[entry.decision]}{scope}"
        counts = ", ".join(f"{number} {view.words[status]}" for status, number in state.items())
        when = tag("time", moment(entry.finished, view.language), datetime=entry.finished)
        items.append(tag("li", tag("b", words), when, tag("small", counts), class_=entry.decision))
    return section("history", view, tag("ol", *items))


def _line_state(statuses: Sequence[str]) -> str:
    return next((one for one in ("broken", "not-proven", "not-run") if one in statuses), "proven")


def facts(view: View) -> Markup:
    """What was run, with which versions and settings; the counts that agree."""
    verdict, words = view.verdict, view.words
    run, counts = verdict["run"], dict(verdict["counts"])
    counts["allure"] = "—" if counts["allure"] is None else counts["allure"]
    tables = [
        tag("details", tag("summary", words[name]), _pairs(run[name]))
        for name in ("versions", "settings")
        if run[name]
    ]
    images = {one["name"]: f"{one['image']} {one['digest']}".strip() for one in run["images"]}
    if images:
        tables.insert(0, tag("details", tag("summary", words["images"]), _pairs(images)))
    mark = tag("p", f"{words['mark']}: ", tag("code", run["mark"] or "—"))
    who = tag("p", f"{words['who']}: {run['who']}") if run["who"] else None
    digest = tag("p", f"{words['digest']}: ", tag("code", verdict["digest"]))
    return section("facts", view, tag("p", words["counts"].format(**counts)), mark, digest, who, *tables)


def _pairs(values: Mapping[str, Any]) -> Markup:
    return tag(
        "dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in values.items()), class_="pairs"
    )


def _list_or(items: Iterable[Markup], nothing: str) -> Markup:
    items = list(items)
    return tag("ul", *items, class_="items") if items else tag("p", nothing, class_="none")


def _anchor(url: str, text: str) -> Markup:
    return (
        tag("a", text, href=url, rel="noopener") if url.startswith(("https://", "http://")) else tag("span", text)
    )


def _code(text: str | None) -> Markup | None:
    return tag("code", text) if text else None


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
