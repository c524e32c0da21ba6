"""The one Chromium of a run: found, started when first needed, shared by its scenarios, closed at the end."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil

from gate import evidence
from gate.console.naming import teach
from gate.console.patience import PATIENCE
from gate.console.trust import pins, resolver_rules
from gate.console.words import said
from gate.errors import NotProven
from gate.language import Language, Text, say
from gate.provide import provided
from gate.redaction import redact

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright, Route

    from gate.target import Target

ON_THE_MACHINE = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
WINDOWED = ON_THE_MACHINE[1:]
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# In Playwright's log: what the browser wrote, or how it ended.
OWN_WORDS = re.compile(r"\[pid=\d+\](?:\[err\]| <process did exit:) ([^\n>]+)")
# How it says that there is no such browser, that it is not one, or that the system lacks what it needs.
LACKING = ("Executable doesn't exist", "ENOENT", "EACCES", "missing dependencies", "shared libraries")
LOCALE_COOKIE = "codexk8s_locale"
# Behind UTC, with a summer time: a wrong sign or hour shows in it.
TIME_ZONE = "America/New_York"
# Half an hour beside the whole ones, on either side: few live there, so it is a matter of its own.
HALF_HOUR_BEHIND, HALF_HOUR_AHEAD = "America/St_Johns", "Asia/Kolkata"
BROWSER_LOCALES = Text("en-US", "ru-RU")
WINDOW = {"width": 1280, "height": 900}

State = Mapping[str, Any]


class Engine:
    """Starts Chromium for a target, and opens fresh contexts in it."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._driver: set[psutil.Process] = set()

    def context(
        self,
        language: Language,
        state: State | None = None,
        base: str = "",
        headers: Mapping[str, str] | None = None,
        zone: str = TIME_ZONE,
    ) -> BrowserContext:
        """A fresh context that knows nothing but `state`; in it one speaks `language` and lives in `zone`."""
        from playwright.sync_api import Error

        evidence.used("browser")
        asked = language, state, base or self._target.url, headers, zone
        with suppress(Error):
            return self._fresh(*asked)
        # It went away since it was used last.
        self.close()
        try:
            return self._fresh(*asked)
        except Error as failure:
            reason = redact(str(failure)).strip().partition("\n")[0]
            told = say(f"The browser opens no window: {reason}", f"Браузер не открывает окно: {reason}")
            raise NotProven(told, "suite") from None

    def _fresh(
        self,
        language: Language,
        state: State | None,
        address: str,
        headers: Mapping[str, str] | None,
        zone: str,
    ) -> BrowserContext:
        made = self._running().new_context(
            base_url=address,
            storage_state=dict(state) if state else None,  # type: ignore[arg-type]
            locale=said(BROWSER_LOCALES, language),
            timezone_id=zone,
            viewport=WINDOW,  # type: ignore[arg-type]
            ignore_https_errors=self._elsewhere and bool(self._target.settings["GATE_CA_FILE"]),
        )
        # As in anybody's browser there is another cookie before it, among which a script has to find it.
        cookies = {"gate": "1", LOCALE_COOKIE: language}
        made.add_cookies([{"name": name, "value": value, "url": f"{address}/"} for name, value in cookies.items()])
        if headers:
            made.route(f"{address.rstrip('/')}/**", partial(_with, headers))
        return made

    def start(self) -> str:
        """Start the browser and say which it is, for whoever only wants to know whether it does."""
        running = self._running()
        return f"{running.browser_type.name} {running.version}"

    def close(self) -> None:
        """End the browser and its driver, by force where they do not answer; the next context starts others."""
        from playwright.sync_api import Error

        if self._browser is not None:
            with suppress(Error, NotProven):  # it may be gone already, and nothing else can be lost with it
                self._browser.close()
        if PATIENCE.lost:
            _end(self._driver)
        if self._playwright is not None:
            with suppress(Error):
                self._playwright.stop()
        self._browser = self._playwright = None
        PATIENCE.lost = False

    @property
    def _elsewhere(self) -> bool:
        return bool(self._target.settings["GATE_BROWSER_WS"])

    def _running(self) -> Browser:
        if self._browser is None or PATIENCE.lost or not self._browser.is_connected():
            from playwright.sync_api import Error, sync_playwright

            self.close()
            arguments = self._arguments()
            others = set(psutil.Process().children())
            try:
                self._playwright = sync_playwright().start()
                teach(self._playwright)
                self._driver = set(psutil.Process().children()) - others
                PATIENCE.limit()
                self._browser = self._connected(arguments) if self._elsewhere else self._launched(arguments)
            except Error as failure:
                raise (_unreachable(failure) if self._elsewhere else _no_browser(failure)) from None
            if self._elsewhere:
                self._refuse_other_hosts()
        return self._browser

    def _launched(self, arguments: list[str]) -> Browser:
        assert self._playwright is not None
        headed = self._target.settings["GATE_HEADED"]
        return self._playwright.chromium.launch(
            executable_path=self._executable(headed),
            headless=not headed,
            args=arguments,
            # Ctrl-C is for the gate: it still attaches what the browser shows, then closes it itself.
            handle_sigint=False,
        )

    def _connected(self, arguments: list[str]) -> Browser:
        """A browser elsewhere: DevTools has an http address or `/devtools/` in it, a Playwright server has not."""
        assert self._playwright is not None
        address = self._target.settings["GATE_BROWSER_WS"]
        if address.startswith("http") or "/devtools/" in address:
            return self._playwright.chromium.connect_over_cdp(address)
        options = json.dumps({"args": arguments})
        return self._playwright.chromium.connect(address, headers={"x-playwright-launch-options": options})

    def _refuse_other_hosts(self) -> None:
        """A browser elsewhere that was not told where the names are would judge whatever it finds under them."""
        hosts = self._target.settings["GATE_HOSTS"]
        if not hosts:
            return
        assert self._browser is not None
        rules = resolver_rules(hosts)
        told = self._browser.new_browser_cdp_session().send("SystemInfo.getInfo")["commandLine"]
        if rules not in told:
            self._browser.close()
            raise NotProven(
                say(
                    "The browser at GATE_BROWSER_WS does not know GATE_HOSTS. A Playwright server takes them with "
                    f"--unsafe; another browser must be started with --host-resolver-rules='{rules}'.",
                    "Браузер по адресу GATE_BROWSER_WS не знает GATE_HOSTS. Сервер Playwright принимает их с "
                    f"ключом --unsafe; другой браузер запустите с --host-resolver-rules='{rules}'.",
                ),
                "not-configured",
            )

    def _executable(self, headed: bool) -> str | None:
        """The chosen browser, else what `make` provided, else Playwright's own (None), else the machine's."""
        assert self._playwright is not None
        chosen = self._target.settings["GATE_BROWSER"]
        if chosen:
            return str(chosen)
        found_before = provided()
        if found_before and found_before.browser and not headed:
            return found_before.browser
        if Path(self._playwright.chromium.executable_path).is_file():
            return None
        found = next(filter(None, map(shutil.which, WINDOWED if headed else ON_THE_MACHINE)), None)
        if not found:
            raise _no_browser(None)
        return found

    def _arguments(self) -> list[str]:
        arguments = list(QUIET)
        if os.name == "posix" and os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium refuses to start as root with it
        settings = self._target.settings
        hosts, ca = settings["GATE_HOSTS"], settings["GATE_CA_FILE"]
        if hosts:
            arguments.append(f"--host-resolver-rules={resolver_rules(hosts)}")
        if ca:
            keys = pins(self._places(), hosts, ca, settings["GATE_REQUEST_SECONDS"])
            arguments.append(f"--ignore-certificate-errors-spki-list={','.join(keys)}")
        return arguments

    def _places(self) -> list[tuple[str, int]]:
        split = [urlsplit(url) for url in (self._target.url, self._target.settings["GATE_GITHUB_URL"])]
        return [(url.hostname or "", url.port or 443) for url in split if url.scheme == "https"]


def _with(headers: Mapping[str, str], route: Route) -> None:
    """What a host of the gate's own is told of somebody no other host is to hear: it would be asked for leave."""
    route.continue_(headers={**route.request.headers, **headers})


def _end(driver: set[psutil.Process]) -> None:
    """End these processes and all that they started, also such as stand still."""
    for process in driver:
        with suppress(psutil.NoSuchProcess):
            for one in (*process.children(recursive=True), process):
                one.kill()


def _unreachable(failure: Exception) -> NotProven:
    reason = redact(str(failure)).strip().splitlines()[0].removesuffix(".")
    return NotProven(
        say(
            f"The browser at GATE_BROWSER_WS cannot be reached: {reason}. Start it there (docs/ci.md), or unset "
            "GATE_BROWSER_WS to use one of this machine.",
            f"Браузер по адресу GATE_BROWSER_WS недоступен: {reason}. Запустите его там (docs/ci.md) или уберите "
            "GATE_BROWSER_WS, чтобы взять браузер этой машины.",
        ),
        "not-configured",
    )


def _reason(failure: Exception | None) -> str:
    """What Playwright says, with the browser's own first words or how its process ended."""
    told = redact(str(failure or "")).strip()
    own = OWN_WORDS.search(told)
    first = told.partition("\n")[0].removesuffix(".")
    return " ".join(f"{part}." for part in (first, own[1].strip() if own else "") if part)


def _no_browser(failure: Exception | None) -> NotProven:
    reason = _reason(failure)
    if failure and not any(words in str(failure) for words in LACKING):
        return NotProven(
            say(
                f"The browser is there, but ended while it started: {reason} Is there enough memory? "
                "`python -m gate doctor` tries it again.",
                f"Браузер есть, но при запуске завершился: {reason} Хватает ли памяти? "
                "Повторить попытку: `python -m gate doctor`.",
            ),
            "suite",
        )
    return NotProven(
        say(
            "No browser could be started. Install Chromium (for example `apt-get install chromium` or "
            f"`.venv/bin/playwright install chromium`) or set GATE_BROWSER to its path. {reason}",
            "Не удалось запустить браузер. Установите Chromium (например `apt-get install chromium` или "
            f"`.venv/bin/playwright install chromium`) или укажите путь к нему в GATE_BROWSER. {reason}",
        ),
        "not-configured",
    )
