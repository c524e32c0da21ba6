"""Steps of a suite that is as careless as can be; `test_secrecy.py` copies them into a project of their own."""

from __future__ import annotations

import io
import json
import logging
import os
import tempfile
import zipfile
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote

from behave import given

from gate import evidence
from gate.console.failure import cleaned
from gate.doors.http import Exchange
from gate.errors import GateError, NotProven
from gate.provide import browser_flags, browser_path
from gate.redaction import hide

KNOWN: dict[str, str] = json.loads(os.environ["PLANTED_KNOWN"])
# Nobody announced these; they are told by their shape.
UNKNOWN: dict[str, str] = json.loads(os.environ["PLANTED_UNKNOWN"])
EVERY = " ".join([*KNOWN.values(), *(f"user:{quote(one)}" for one in KNOWN.values())])


@given('the secret is in "{place}"')  # type: ignore[untyped-decorator]
def plant(context: Any, place: str) -> None:
    hide(KNOWN["read from the cluster"])
    PLACES[place](context)


def _exchange(_: Any) -> None:
    cookie = f"_oauth2_proxy={UNKNOWN['cookie']}; codexk8s_staff_jwt={UNKNOWN['jwt']}"
    basic = b64encode(f"gate:{KNOWN['GATE_ADMIN_PASSWORD']}".encode()).decode()
    sent = (
        ("Authorization", f"Bearer {KNOWN['GATE_GITHUB_TOKEN']}"),
        ("X-Echo", f"Basic {basic}"),
        ("X-Hub-Signature-256", f"sha256={UNKNOWN['signature']}"),
        ("Cookie", cookie),
    )
    answered = (("Set-Cookie", f"{cookie}; Path=/"), ("Location", f"/cb?code={UNKNOWN['code']}&state=1"))
    body = json.dumps({"token": UNKNOWN["github token"], "echo": EVERY, "dsn": UNKNOWN["dsn"]}).encode()
    evidence.note(
        Exchange("POST", f"https://x/?q={quote(EVERY)}", 200, answered, body, 0.1, sent, EVERY.encode()).told()
    )


def _attachments(_: Any) -> None:
    evidence.text("a page", f"<input value='{EVERY}'> localStorage: {UNKNOWN['jwt']} {UNKNOWN['pem']}")
    evidence.drawing("a drawing", f"<svg xmlns='http://www.w3.org/2000/svg'><text>{EVERY}</text></svg>")
    evidence.weaker(EVERY)
    evidence.residual_risk(EVERY)


def _trace(_: Any) -> None:
    line = {"headers": [{"name": "Cookie", "value": UNKNOWN["cookie"]}], "postData": EVERY, "url": EVERY}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("trace.network", json.dumps(line))
        archive.writestr("resources/page.html", f"<p>{EVERY}</p>{UNKNOWN['dsn']}")
    evidence.file("trace", cleaned(packed.getvalue()), "application/zip", "zip")


def _storage(context: Any) -> None:
    """A real page that keeps secrets in its storage and in itself, and fails in front of the gate's own camera."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=browser_path(), args=browser_flags())
        page = browser.new_context().new_page()
        page.route("**/*", lambda route: route.fulfill(body="<p>x</p>", content_type="text/html"))
        page.goto("https://staging.example.org/")
        page.evaluate(
            """([every, jwt, dsn]) => {
                 localStorage.setItem("token", jwt); sessionStorage.setItem("secrets", every);
                 localStorage.setItem("dsn", dsn); document.cookie = `codexk8s_staff_jwt=${jwt}; path=/`; }""",
            [EVERY, UNKNOWN["jwt"], UNKNOWN["dsn"]],
        )
        kept = page.evaluate("[JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie]")
        state = page.context.storage_state()
        page.context.tracing.start(snapshots=True)
        page.reload()
        page.evaluate("console.log(JSON.stringify(localStorage))")
        with tempfile.TemporaryDirectory() as folder:
            page.context.tracing.stop(path=Path(folder) / "trace.zip")
            evidence.file("trace", cleaned((Path(folder) / "trace.zip").read_bytes()), "application/zip", "zip")
        browser.close()
    assert UNKNOWN["jwt"] in kept[0]
    evidence.text("what the page kept", "\n".join([*kept, json.dumps(state)]))
    raise AssertionError(f"the page kept {kept}")


def _broken(_: Any) -> None:
    raise AssertionError(f"the platform answered {EVERY} {UNKNOWN['dsn']}")


def _crashed(_: Any) -> None:
    try:
        raise OSError(f'connection failed: {UNKNOWN["dsn"]} password "{KNOWN["DSN password"]}"')
    except OSError as cause:
        raise RuntimeError(f"https://api/?access_token={UNKNOWN['github token']}", EVERY) from cause


def _refused(_: Any) -> None:
    raise GateError(f"GitHub said: {json.dumps({'token': EVERY})}")


def _not_proven(_: Any) -> None:
    raise NotProven(f"the resolver said {EVERY}", "staging")


def _printed(_: Any) -> None:
    print(EVERY)
    logging.getLogger("platform").error("env: %s", EVERY)
    raise AssertionError("look at what was printed")


def _cleaned_up(context: Any) -> None:
    def fail() -> None:
        raise RuntimeError(f"not removed: {EVERY}")

    context.add_cleanup(fail)


PLACES = {
    "an exchange": _exchange,
    "attachments": _attachments,
    "a trace": _trace,
    "a browser's storage": _storage,
    "a broken check": _broken,
    "a crash": _crashed,
    "a refusal": _refused,
    "what is not proven": _not_proven,
    "what is printed": _printed,
    "a clean-up": _cleaned_up,
}
