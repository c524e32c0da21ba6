"""The front page as two PDF files, one a language, for those who get it by mail; made by the same Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gate.errors import GateError
from gate.folder import REPORT
from gate.provide import browser_flags, browser_path

if TYPE_CHECKING:
    from playwright.sync_api import Page

MARGINS = {"top": "10mm", "bottom": "10mm", "left": "12mm", "right": "12mm"}
# The page must not grow beyond two sheets, however many reasons there are; it is made smaller until it fits.
SCALES = (1.0, 0.85, 0.7, 0.6, 0.5)
MOST_PAGES = 2


def write_summaries(reports: Path) -> list[Path]:
    """`summary.en.pdf` and `summary.ru.pdf` from the report."""
    from playwright.sync_api import Error, sync_playwright

    page_file = (reports / REPORT / "index.html").resolve()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path(), args=browser_flags())
            page = browser.new_page()
            page.goto(page_file.as_uri(), wait_until="domcontentloaded")
            written = {reports / f"summary.{language}.pdf": printed(page, language) for language in ("en", "ru")}
            browser.close()
    except Error as wrong:
        raise GateError(f"The summaries could not be printed: {str(wrong).splitlines()[0]}") from None
    for path, body in written.items():
        path.write_bytes(body)
    return list(written)


def printed(page: Page, language: str) -> bytes:
    """The front page of that language as a PDF, no larger than two sheets."""
    page.evaluate("language => gateSpeak(language)", language)
    for scale in SCALES:
        body = page.pdf(format="A4", print_background=True, margin=MARGINS, scale=scale)  # type: ignore[arg-type]
        if body.count(b"/Type /Page\n") <= MOST_PAGES:
            break
    return body
