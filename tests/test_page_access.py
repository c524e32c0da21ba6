"""The front page for everybody: axe's checks, the keyboard, a phone's width, and two printed sheets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, Page, sync_playwright

from gate.provide import browser_flags, browser_path
from gate.summary import MOST_PAGES, printed
from tests.front_pages import DECISIONS, written

DESK, PHONE = (1280, 800), (390, 844)
# Axe gives up on a gradient; its lightest colour lies beneath, and the page must be readable on that.
FLAT = ".hero { background-image: none !important; }"
# What it cannot decide counts too, but for signs without letters and headings of groups of rows, unknown to it.
RUN_AXE = """async (options) => {
  const told = await axe.run(document, { resultTypes: ["violations", "incomplete"], ...options });
  const undecided = told.incomplete.filter((rule) => rule.id !== "th-has-data-cells");
  const measured = (node) => !node.any.some((one) => (one.data || {}).messageKey === "nonBmp");
  return [...told.violations, ...undecided].flatMap((rule) => rule.nodes.filter(measured).map((node) =>
    `${rule.id}: ${node.target.flat().join(" ")}: ${[...node.any, ...node.all].map((one) => one.message)}`));
}"""
EVERYTHING: dict[str, Any] = {}
COLOURS = {"runOnly": ["color-contrast"]}
ALL_BUT_COLOURS = {"rules": {"color-contrast": {"enabled": False}, "target-size": {"enabled": True}}}
LOOKS: list[tuple[Literal["light", "dark"], tuple[int, int], dict[str, Any]]] = [
    ("light", DESK, EVERYTHING),
    ("dark", DESK, COLOURS),
    ("dark", PHONE, ALL_BUT_COLOURS),
]
# Where the focus is, through the shadow root, and whether it shows.
FOCUSED = """() => {
  let at = document.activeElement;
  while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at), box = at.getBoundingClientRect();
  return { tag: at.localName, href: at.getAttribute("href"), language: at.dataset.language || null,
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.height > 0 && box.top < innerHeight && box.bottom > 0 };
}"""
IN_PAGE = """([selector, what]) => {
  const shown = document.getElementById("gate-front").shadowRoot.querySelector(".page:not([hidden])");
  return eval(what)([...shown.querySelectorAll(selector)]);
}"""
FLATTEN = """css => {
  const style = document.createElement("style");
  style.textContent = css;
  document.getElementById("gate-front").shadowRoot.append(style);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser_path(), args=browser_flags())
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    return {decision: written(folder, decision) for decision in DECISIONS}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}, locale="en") as context:
        yield context.new_page()


def _open(page: Page, path: Path, language: str = "en") -> None:
    page.goto(path.as_uri())
    page.evaluate("language => gateSpeak(language)", language)


def _inside(page: Page, selector: str, what: str) -> object:
    return page.evaluate(IN_PAGE, [selector, what])


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("decision", DECISIONS)
def test_axe_finds_nothing(page: Page, pages: dict[str, Path], decision: str, language: str) -> None:
    _open(page, pages[decision], language)
    page.add_script_tag(path=AXE_FILE_PATH)
    _inside(page, "details", "all => all.forEach(one => { one.open = true; })")
    page.evaluate(FLATTEN, FLAT)
    found = []
    for scheme, (width, height), options in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme} {width}: {one}" for one in page.evaluate(RUN_AXE, options)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("decision", DECISIONS)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    page: Page, pages: dict[str, Path], decision: str
) -> None:
    _open(page, pages[decision])
    wanted = _inside(
        page,
        "a, button, summary, [tabindex]",
        "all => all.filter(one => one.checkVisibility()).map(one => one.localName)",
    )
    reached: list[str] = []
    languages: list[str | None] = []
    while len(reached) < 500:
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            break
        assert at["ring"] and at["seen"], at
        reached.append(at["tag"])
        languages.append(at["language"])
        assert at["href"] or at["tag"] != "a"
    assert reached == wanted
    assert languages[:2] == ["en", "ru"]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_opens_and_switches(page: Page, pages: dict[str, Path], key: str) -> None:
    _open(page, pages["no-go"])
    folds = int(str(_inside(page, "summary", "all => all.length")))
    for _ in range(folds):
        _inside(page, "details:not([open]) > summary", "all => all[0].focus()")
        page.keyboard.press(key)
    assert _inside(page, "details:not([open])", "all => all.length") == 0
    _inside(page, "[data-language=ru]", "all => all[0].focus()")
    page.keyboard.press(key)
    assert page.evaluate("document.documentElement.lang") == "ru"
    assert page.evaluate(FOCUSED)["language"] == "ru"


def test_a_reason_leads_by_keyboard_to_its_scenario_and_back(page: Page, pages: dict[str, Path]) -> None:
    _open(page, pages["no-go"])
    _inside(page, ".reasons a", "all => all[0].focus()")
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.dataset.gate") == "report"
    page.keyboard.press("Tab")
    page.evaluate("document.getElementById('gate-back').focus()")
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.dataset.gate") == "front"


@pytest.mark.parametrize("decision", DECISIONS)
def test_nothing_is_wider_than_a_phone(page: Page, pages: dict[str, Path], decision: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    for language in ("en", "ru"):
        _open(page, pages[decision], language)
        _inside(page, "details", "all => all.forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("decision", DECISIONS)
def test_it_is_printed_on_two_sheets(page: Page, pages: dict[str, Path], decision: str) -> None:
    _open(page, pages[decision])
    for language in ("en", "ru"):
        assert printed(page, language).count(b"/Type /Page\n") <= MOST_PAGES


def test_a_line_that_passed_only_on_a_retry_is_marked_before_it_is_opened(
    page: Page, pages: dict[str, Path]
) -> None:
    for language, word in (("en", "flaky"), ("ru", "нестабильно")):
        _open(page, pages["go"], language)
        texts = "['code', '.flaky'].map(part => one.querySelector(part).textContent)"
        marked = f"all => all.map(one => {texts})"
        assert _inside(page, ".lines summary:has(.flaky)", marked) == [["s1.p0.2.1", word]]
        told = _inside(page, ".risks li:has(.kind)", "all => all.map(one => one.textContent)")
        assert any("s1.p0.2.1" in one and "The run stayed pending." in one and word in one for one in told)  # type: ignore[attr-defined]


def test_a_line_opens_to_its_scenarios_with_the_failure_that_was_first(page: Page, pages: dict[str, Path]) -> None:
    _open(page, pages["go"])
    line = page.locator(".lines details", has_text="s1.p0.2.1").first
    assert not line.locator(".scenarios").is_visible()
    line.locator("summary").click()
    assert "The run stayed pending." in line.locator(".scenarios").inner_text()
