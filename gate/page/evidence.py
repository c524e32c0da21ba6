"""The evidence on the front page: screenshots, timelines of runs, the smoke test's output.

The pictures are not embedded a second time: Allure's file has them, and the page's script takes them from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gate.labels import Attachment, Trace
from gate.page.html import Markup, tag
from gate.page.parts import View, section

SCREENSHOT_LINES = ("s1.evidence.2",)
SMOKE_LINES = ("s1.evidence.1",)
MOST_PICTURES, MOST_TIMELINES, MOST_SMOKE_CHARACTERS = 12, 6, 20_000


@dataclass(frozen=True)
class Picture:
    """An image among Allure's attachments."""

    name: str
    source: str
    key: str
    scenario: str
    language: str
    type: str


@dataclass(frozen=True)
class Shown:
    """What there is to show."""

    pictures: tuple[Picture, ...]
    timelines: tuple[Picture, ...]
    smoke: str


def collect(verdict: dict[str, Any], traces: Mapping[str, Trace], results: Path) -> Shown:
    """Find the evidence among the attachments of the scenarios that stand for it."""
    smoke = ""
    for one in _of_lines(verdict, traces, SMOKE_LINES, "text/plain"):
        if "smoke" in one.name.lower() and not smoke:
            smoke = _text(results / one.source)
    screenshots = list(_of_lines(verdict, traces, SCREENSHOT_LINES, "image/png"))
    failures = [one for one in _of_broken(verdict, traces) if one.type == "image/png"]
    drawings = list(_of_lines(verdict, traces, None, "image/svg+xml"))
    return Shown(tuple((failures + screenshots)[: 2 * MOST_PICTURES]), tuple(drawings), smoke)


def pictures(view: View, shown: Shown) -> Markup | None:
    """The screenshots of this page's language."""
    return _gallery(view, "pictures", _in_language(shown.pictures, view.language)[:MOST_PICTURES])


def timelines(view: View, shown: Shown) -> Markup | None:
    """The drawings of watched runs."""
    return _gallery(view, "timelines", _in_language(shown.timelines, view.language)[:MOST_TIMELINES], "wide")


def smoke(view: View, shown: Shown) -> Markup | None:
    """What the smoke script printed."""
    if not shown.smoke:
        return None
    output = tag("pre", shown.smoke, tabindex=0, role="group", aria_label=view.words["smoke"])
    return section("smoke", view, output)


def _gallery(view: View, name: str, found: Iterable[Picture], kind: str = "") -> Markup | None:
    figures = [_figure(view, one) for one in found]
    return section(name, view, tag("div", *figures, class_=f"gallery {kind}".strip())) if figures else None


def _figure(view: View, one: Picture) -> Markup:
    # The report tool names an attachment by the hash of its file's name.
    address = f"data/attachments/{hashlib.md5(one.source.encode(), usedforsecurity=False).hexdigest()}"
    extension = Path(one.source).suffix
    image = tag(
        "img",
        alt=f"{one.name}: {one.scenario}",
        data_attachment=f"{address}{extension}",
        data_type=one.type,
        decoding="sync",  # a picture of the whole page, or a print, waits for no decoder
    )
    link = view.link(one.key, image, class_="shot")
    return tag("figure", link, tag("figcaption", one.scenario))


def _in_language(found: Iterable[Picture], language: str) -> list[Picture]:
    found = list(found)
    return [one for one in found if one.language == language] or found


def _of_lines(
    verdict: dict[str, Any], traces: Mapping[str, Trace], ids: tuple[str, ...] | None, type: str
) -> Iterable[Picture]:
    for line in verdict["lines"]:
        if ids is None or line["id"] in ids:
            yield from (one for one in _of_scenarios(line["scenarios"], traces) if one.type == type)


def _of_broken(verdict: dict[str, Any], traces: Mapping[str, Trace]) -> Iterable[Picture]:
    for line in verdict["lines"]:
        yield from _of_scenarios((one for one in line["scenarios"] if one["status"] == "broken"), traces)


def _of_scenarios(scenarios: Iterable[dict[str, Any]], traces: Mapping[str, Trace]) -> Iterable[Picture]:
    for scenario in scenarios:
        trace = traces.get(scenario["key"])
        for one in trace.attachments if trace else ():
            yield _picture(scenario, one)


def _picture(scenario: dict[str, Any], one: Attachment) -> Picture:
    return Picture(one.name, one.source, scenario["key"], scenario["name"], scenario["language"], one.type)


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text[:MOST_SMOKE_CHARACTERS]
