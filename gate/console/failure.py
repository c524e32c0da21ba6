"""What a failed step leaves of a window: picture, page, logs, and a trace made after the fact.

Recording a trace all the time would cost every green scenario half of its time again and put cookies on disk. So
nothing is recorded while things go well: the trace is started on the failed page, takes its DOM as it stands,
loads it once more with everything that this asks for, and is cleaned of headers, cookies and secrets before it
is kept.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.errors import NotProven
from gate.language import say
from gate.redaction import HIDDEN, redact

if TYPE_CHECKING:
    from gate.console.window import Window

LARGEST_PAGE_CHARS = 400_000
# What was typed as a secret is wiped from the page, once its picture is taken, before its DOM is kept.
WIPE = "all => all.forEach(field => { field.value = '' })"
DROPPED = {"headers", "cookies", "postData", "queryString"}


def keep(window: Window) -> None:
    """Attach everything; what cannot be had of a broken browser is said, never raised over the failure."""
    from playwright.sync_api import Error

    logs = (
        (say("Browser's log", "Журнал браузера"), window.log.messages),
        (say("Network log", "Журнал сети"), window.log.requests),
        (say("What went wrong behind the page", "Что не сработало за страницей"), window.log.troubles),
    )
    for name, lines in logs:
        evidence.text(name, "\n".join(map(str, lines)) or say("nothing", "пусто"))
    for part in (_picture, _page, _trace):
        try:
            part(window)
        except (Error, OSError, AssertionError, NotProven) as failure:
            evidence.note(say(f"Not kept: {failure}", f"Не сохранено: {failure}"))


def _picture(window: Window) -> None:
    window.picture(say("The page at the failure", "Страница в момент сбоя"))


def _page(window: Window) -> None:
    window.secret_fields().evaluate_all(WIPE)
    source = redact(window.page.content())[:LARGEST_PAGE_CHARS]
    # As text: a page of the platform is looked at in the report, not run in it.
    evidence.text(say("The page's DOM", "DOM страницы"), f"{redact(window.page.url)}\n\n{source}")


def _trace(window: Window) -> None:
    if window.host not in window.page.url or "/oauth2/" in window.page.url:
        return  # loading a sign-in page once more could use something up
    tracing = window.context.tracing
    tracing.start(snapshots=True, screenshots=False, sources=False)
    window.page.evaluate("document.title")
    window.page.reload(wait_until="commit")
    window.settle()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.zip"
        tracing.stop(path=path)
        evidence.file(
            say("Trace (made after the failure)", "Трасса (снята после сбоя)"),
            cleaned(path.read_bytes()),
            "application/vnd.allure.playwright-trace",
            "zip",
        )


def cleaned(trace: bytes) -> bytes:
    """The trace without headers, cookies and bodies of requests, and with every text redacted."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(trace)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, _cleaned_part(name, old.read(name)))
    return out.getvalue()


def _cleaned_part(name: str, body: bytes) -> bytes:
    if name.endswith((".trace", ".network", ".stacks")):
        return b"\n".join(_cleaned_line(line) for line in body.splitlines())
    try:
        return redact(body.decode()).encode()
    except UnicodeDecodeError:
        return body  # a picture or a font of the page


def _cleaned_line(line: bytes) -> bytes:
    try:
        return redact(json.dumps(_stripped(json.loads(line)), ensure_ascii=False)).encode()
    except ValueError:
        return HIDDEN.encode()


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: ([] if isinstance(inner, list) else None) if key in DROPPED else _stripped(inner)
            for key, inner in value.items()
        }
    return [_stripped(inner) for inner in value] if isinstance(value, list) else value
