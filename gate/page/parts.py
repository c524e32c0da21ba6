"""The sections of the front page. Each takes the view (language, words, verdict) and gives HTML."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gate.evidence import DOOR_NAMES
from gate.labels import Trace
from gate.page.html import Markup, inline, join, tag
from gate.page.words import Words, duration

PRIORITIES = ("precondition", "p0", "security", "boundary", "p1", "evidence")
# A status is never told by colour alone.
SIGNS = {"proven": "✓", "broken": "✕", "not-proven": "?", "not-run": "–"}
GROUPED_KINDS = ("not-run", "not-declared")
SHOWN_REASONS, SHOWN_BEHIND = 12, 4


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
    name = tag("p", tag("strong", words["title"]), " ", tag("span", "codex-k8s", class_="whole"), class_="name")
    return tag("header", name, tag("div", *switches, role="group", aria_label=words["language"], class_="switch"))


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
    said = tag("p", inline(view.said(one)), class_="text")
    return tag("li", head, said, _behind(view, one, line) if line else None, class_=one["weight"])


def _behind(view: View, one: dict[str, Any], line: dict[str, Any]) -> Markup | None:
    """Links to the scenarios that a reason is about; to those in the other language only where a twin is not."""
    red = [scenario for scenario in line["scenarios"] if scenario["status"] != "proven"]
    if one["kind"] == "broken":
        red = [scenario for scenario in red if scenario["status"] == "broken"] or red
    ours = {scenario["pair"] for scenario in red if scenario["language"] == view.language}
    red = [one for one in red if one["language"] == view.language or one["pair"] not in ours]
    red.sort(key=lambda scenario: scenario["language"] != view.language)
    links = [view.link(scenario["key"], scenario["name"], lang=scenario["language"]) for scenario in red]
    return folded(view, links, SHOWN_BEHIND, class_="behind") if links else None


def folded(view: View, told: Sequence[object], shown: int, class_: str | None = None) -> Markup:
    """A list of which the first are shown, and the others open at a click."""
    items = [tag("li", one) for one in told]
    if len(items) <= shown + 1:
        return tag("ul", *items, class_=class_)
    more = tag("summary", view.words["and.more"].format(n=len(items) - shown))
    rest = tag("details", more, tag("ul", *items[shown:], class_=class_))
    return join(tag("ul", *items[:shown], class_=class_), rest)


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
    flaky = any(one["flaky"] for one in line["scenarios"])
    mark = join(" ", unsteady(view)) if flaky else None
    said = tag("span", tag("code", line["id"]), " ", inline(view.said(line["text"])), mark)
    if line["scenarios"]:
        said = tag("details", tag("summary", said), _scenarios(view, line))
    cells = [tag("td", pill(view, line[language]), class_="status") for language in ("en", "ru")]
    return tag("tr", tag("td", said), *cells, class_="red" if "broken" in (line["en"], line["ru"]) else None)


def _scenarios(view: View, line: dict[str, Any]) -> Markup:
    items = []
    mine = [one for one in line["scenarios"] if one["language"] == view.language]
    for one in mine or line["scenarios"]:
        name = view.link(one["key"], one["name"], lang=one["language"])
        facts = duration(one["seconds"], view.words) if one["seconds"] else ""
        why_not = _first_line(one["reason"] or one["first_failure"])
        reason = tag("p", why_not, class_="text") if why_not else None
        mark = join(" ", unsteady(view)) if one["flaky"] else None
        status = pill(view, one["status"], short=True)
        items.append(tag("li", status, " ", name, " ", tag("small", facts), mark, reason))
    names = [getattr(DOOR_NAMES[door], view.language) if door in DOOR_NAMES else door for door in line["doors"]]
    doors = tag("p", f"{view.words['doors']}: {', '.join(names)}", class_="doors") if names else None
    return join(tag("ul", *items, class_="scenarios"), doors)


def pill(view: View, status: str, short: bool = False) -> Markup:
    """A status: its sign and its word."""
    sign = tag("span", SIGNS[status], aria_hidden="true")
    word = tag("span", view.words[status], class_="hidden" if short else None)
    return tag("span", sign, " ", word, class_=f"pill {status}")


def unsteady(view: View) -> Markup:
    """What is said of a scenario that passed only when it was tried again."""
    return tag("span", view.words["flaky"], class_="kind flaky")


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
