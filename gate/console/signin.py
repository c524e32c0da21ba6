"""Signing in as a person does: oauth2-proxy's button, GitHub's pages, back to the staging (contract 2, 5).

There is no fixed order of pages: a browser that GitHub remembers passes with none, another meets sign-in, code and
"Authorize". So each look tells which page this is, and each page is acted upon once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gate.console.way_back import CALLBACK, WayBack
from gate.errors import Broken, NotProven
from gate.language import Text, say
from gate.redaction import redact, withhold
from gate.waiting import Watch, until

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from gate.console.window import Window

START = "/oauth2/start?rd=%2F"
AUTHORIZE = "/login/oauth/authorize"
# What GitHub says there of an application that it does not know, or of a question that makes no sense.
WRONGLY_ASKED = (400, 404, 422)
SESSION_COOKIE = "_oauth2_proxy"
WITHIN_SECONDS = 90.0
# GitHub may send the code by itself once six digits are there; if it does not, Enter does.
SENDS_ITSELF_SECONDS = 1.0
CODES_TRIED = 2
STARTS_TRIED = 2
SHOWN_CHARS = 300

LOOK = r"""
() => {
  const seen = e => !!e && (e.checkVisibility ? e.checkVisibility() : e.offsetParent !== null);
  const text = e => (e.textContent || e.value || '').replace(/\s+/g, ' ').trim();
  const there = what => seen(document.querySelector(what));
  const press = [...document.querySelectorAll('button, input[type=submit], a')].filter(seen);
  const named = pattern => press.find(e => pattern.test(text(e)));
  const alert = [...document.querySelectorAll('.flash-error, [role=alert]')].filter(seen).map(text).join(' ');
  const authorize = named(/^Authorize\b/);
  const later = named(/^(Ask me later|Remind me later|Not now|Skip( for now)?)$/i);
  return {
    host: location.host, path: location.pathname, ready: document.readyState !== 'loading',
    password: there('input[name=password]'), code: there('input[name=app_otp]'),
    authorize: !!authorize && !authorize.disabled, later: later ? text(later) : '',
    proxy: !!named(/^Sign in with GitHub$/),
    other_factor: !!document.querySelector('a[href*="two-factor/app"]'),
    acted: window.__gateActed || 0, alert: alert, title: document.title,
    text: (document.body ? document.body.innerText : '').replace(/\s+/g, ' ').trim(),
  };
}
"""
# Lives as long as the document, so that a page is not acted upon twice and a new one is.
ACTED = "step => { window.__gateActed = step }"

# Codes that were sent lately, by their secret: GitHub takes none twice.
_sent: dict[str, str] = {}


@dataclass(frozen=True)
class Credentials:
    """What a person knows; without a password only a browser that GitHub remembers gets through."""

    person: str
    login: str
    password: str = field(default="", repr=False)
    totp_secret: str = field(default="", repr=False)


class KeptByGitHub(NotProven):
    """GitHub does not let a person through; another try would meet the same page, or lock the account."""


class SignIn:
    """One sign-in in one window."""

    def __init__(self, window: Window, credentials: Credentials, github_url: str) -> None:
        self._window = window
        self._page = window.page
        self._who = credentials
        self._github = urlsplit(github_url).netloc
        self._codes = 0
        self._sent_password = False
        self._alert_before = ""
        self._starts = 0
        self._filled_at = 0.0
        # GitHub's pages that were put off; one that comes again is not.
        self._put_off: set[str] = set()
        # Why it will not end well.
        self._lost = ""

    def walk(self) -> None:
        """Go all the way; ends back at the staging with a session, or says at which page it came to an end."""
        try:
            self._window.go(START)
        except Broken as broken:
            raise (self._cut_off_from_github(str(broken)) or broken) from None
        self._go_on(lambda place: place == "signed in")
        self._window.log.start_over()

    def way_back(self, question: str) -> str:
        """Answer the pages that GitHub shows at this address of its own; returns the way back, not gone."""
        from playwright.sync_api import Error

        caught = WayBack(self._window)
        with suppress(Error):  # a page that passes on at once is held up while it is opened
            self._page.goto(question, wait_until="commit")
        self._go_on(lambda _: caught.address)
        return caught.address

    def _go_on(self, arrived: Callable[[str], object]) -> None:
        """Act upon page after page; whose matter it is when that does not lead there, the last page tells."""
        try:
            until(
                self._step,
                lambda place: arrived(place) or self._lost,
                what=Text(f"{self._who.person} signed in", f"{self._who.person}: вход выполнен"),
                within=WITHIN_SECONDS,
            )
        except Broken as late:
            why = str(late)
            raise (self._kept_by_github(why) or self._cut_off_from_github(why) or late) from None
        if self._lost:
            raise self._kept_by_github(self._lost) or Broken(self._lost)

    def _step(self) -> str:
        """Look which page this is, act upon it once, and say where the person is."""
        page = self._look()
        if page is None or not page["ready"]:
            return "between pages"
        if page["host"] == self._window.host:
            return self._at_staging(page)
        if page["host"] == self._github:
            return self._at_github(page)
        return f"at {page['host']}{page['path']}"

    def _at_staging(self, page: dict[str, Any]) -> str:
        if not page["path"].startswith("/oauth2/") and self._has_session():
            return "signed in"
        if page["proxy"]:
            self._once(page, self._start_at_proxy)
            return "at the sign-in page of oauth2-proxy"
        if page["path"].startswith("/oauth2/callback") and page["text"]:
            self._lost = say(
                f"oauth2-proxy did not let {self._who.person} in after GitHub: {_shown(page)}",
                f"После GitHub oauth2-proxy не впустил ({self._who.person}): {_shown(page)}",
            )
        elif self._window.log.status_of(page["path"]) >= 500:
            self._lost = say(
                f"The sign-in ended at {page['path']} with an error: {_shown(page)}",
                f"Вход закончился ошибкой на {page['path']}: {_shown(page)}",
            )
        return f"at the staging, {page['path']}, without a session: {_shown(page)}"

    def _start_at_proxy(self) -> None:
        if self._starts >= STARTS_TRIED:
            self._lost = say(
                f"oauth2-proxy asks {self._who.person} to sign in again and again, though GitHub said who.",
                f"oauth2-proxy просит войти снова и снова ({self._who.person}), хотя GitHub назвал человека.",
            )
            return
        self._starts += 1
        self._press("Sign in with GitHub")

    def _at_github(self, page: dict[str, Any]) -> str:
        status = self._window.log.status_of(page["path"])
        if status >= 500 or status == 429:
            raise NotProven(
                say(
                    f"GitHub itself does not work ({status}), so nobody can sign in.\n{_shown(page)}",
                    f"Сам GitHub не работает ({status}), поэтому войти нельзя.\n{_shown(page)}",
                ),
                "staging",
            )
        if page["code"]:
            return self._at_code(page)
        if page["password"]:
            return self._at_password(page)
        if page["authorize"]:
            self._once(page, lambda: self._click(self._page.get_by_role("button", name="Authorize")))
            return "at GitHub's “Authorize”"
        if "verified-device" in page["path"]:
            raise self._refused(
                page,
                "GitHub wants a code that it sent by e-mail. Sign in by hand once",
                "GitHub ждёт код из письма. Войдите один раз вручную",
            )
        if page["other_factor"]:
            link = self._page.locator("a[href*='two-factor/app']")
            self._once(page, lambda: self._click(link))
        elif page["later"] and (page["acted"] or page["path"] not in self._put_off):
            self._put_off.add(page["path"])
            self._once(page, lambda: self._press(page["later"]))
        elif page["path"] == AUTHORIZE and (status in WRONGLY_ASKED or "redirect_uri" in page["text"]):
            self._lost = say(
                f"GitHub does not take what oauth2-proxy asks it ({status}): {_shown(page)}",
                f"GitHub не принимает того, что просит oauth2-proxy ({status}): {_shown(page)}",
            )
        return f"at GitHub, {page['path']}: {_shown(page)}"

    def _at_password(self, page: dict[str, Any]) -> str:
        if not self._who.password:
            raise self._refused(
                page, "The saved session has ended. Renew it", "Сохранённая сессия закончилась. Обновите её"
            )
        # Asked again, or told something new: no other try, which could lock the account. What the page says before
        # anything was sent is no refusal.
        if self._sent_password and (not page["acted"] or page["alert"] not in ("", self._alert_before)):
            raise self._refused(page, "GitHub refused login or password", "GitHub не принял логин или пароль")
        if not self._sent_password:
            self._alert_before = page["alert"]
        self._once(page, self._send_password)
        return "at GitHub's sign-in page"

    def _send_password(self) -> None:
        self._page.locator("input[name=login]").fill(self._who.login)
        self._page.locator("input[name=password]").fill(self._who.password)
        self._sent_password = True
        self._press("Sign in")

    def _at_code(self, page: dict[str, Any]) -> str:
        if not self._who.totp_secret:
            raise self._refused(page, "GitHub asks for a second factor", "GitHub просит второй фактор")
        refused = bool(page["alert"]) and self._codes > 0
        if refused and self._codes >= CODES_TRIED:
            raise self._refused(page, "GitHub refused the code", "GitHub не принял код")
        if page["acted"] == 0:
            self._fill_code()
        elif page["acted"] == 1 and time.monotonic() - self._filled_at > SENDS_ITSELF_SECONDS:
            self._acting(2, lambda: self._page.locator("input[name=app_otp]").press("Enter"))
        return "at GitHub's page for the code"

    def _fill_code(self) -> None:
        code = fresh_code(self._who.totp_secret)
        self._codes += 1
        self._filled_at = time.monotonic()
        self._acting(1, lambda: self._page.locator("input[name=app_otp]").fill(code))

    def _kept_by_github(self, why: str) -> KeptByGitHub | None:
        """GitHub shows pages of its own now and then: not the platform's matter, if it sent the person there
        rightly and has not had them back yet.
        """
        log = self._window.log
        rightly = log.status_of(AUTHORIZE) not in (0, *WRONGLY_ASKED) and not log.status_of(CALLBACK)
        if not rightly or urlsplit(self._page.url).netloc != self._github:
            return None
        return KeptByGitHub(
            say(
                f"GitHub keeps {self._who.person} at a page of its own. "
                f"Sign in by hand once: {self._renewed()}. {why}",
                f"GitHub задерживает ({self._who.person}) на своей странице. "
                f"Войдите один раз вручную: {self._renewed()}. {why}",
            ),
            "staging",
        )

    def _cut_off_from_github(self, why: str) -> KeptByGitHub | None:
        """Where the platform sent the person rightly, and no answer of GitHub's comes to this browser."""
        if self._window.log.gets_through_to(self._github):
            return None
        return KeptByGitHub(
            say(
                f"The browser has no way to {self._github}, so {self._who.person} cannot sign in. {why}",
                f"У браузера нет пути к {self._github}, войти нельзя ({self._who.person}). {why}",
            ),
            "staging",
        )

    def _renewed(self) -> str:
        return f"`python -m gate login --as {self._who.person}`"

    def _look(self) -> dict[str, Any] | None:
        from playwright.sync_api import Error

        try:
            seen: dict[str, Any] = self._page.evaluate(LOOK)
            return seen
        except Error:
            if self._page.is_closed() or self._window.log.crashed:
                raise NotProven(say("The browser went away.", "Браузер закрылся."), "suite") from None
            return None  # the page is being replaced

    def _once(self, page: dict[str, Any], act: Callable[[], None]) -> None:
        if not page["acted"]:
            self._acting(1, act)

    def _acting(self, step: int, act: Callable[[], None]) -> None:
        """Act; a page that goes on by itself meanwhile is looked at anew, and the deadline is in `walk`."""
        from playwright.sync_api import Error

        try:
            self._page.evaluate(ACTED, step)
            act()
        except Error as failure:
            if "Timeout" in type(failure).__name__:
                reason = redact(str(failure).split("Call log:")[0])
                self._lost = say(f"Sign-in is stuck: {reason}", f"Вход застрял: {reason}")

    def _press(self, name: str) -> None:
        named = self._page.get_by_role("button", name=name, exact=True)
        self._click(named.or_(self._page.get_by_role("link", name=name, exact=True)))

    def _click(self, what: Locator) -> None:
        what.first.click(no_wait_after=True)

    def _has_session(self) -> bool:
        return any(name.startswith(SESSION_COOKIE) and "csrf" not in name for name in self._window.cookies())

    def _refused(self, page: dict[str, Any], en: str, ru: str) -> KeptByGitHub:
        """GitHub's no, with its own words; how to go on is the same for all of them."""
        key = f"GATE_{self._who.person.upper()}"
        keys = f"{key}_LOGIN, {key}_PASSWORD, {key}_TOTP_SECRET"
        words = page["alert"] or _shown(page)
        return KeptByGitHub(
            redact(
                say(
                    f"{en}: {self._renewed()}, or set {keys}. GitHub: {words}",
                    f"{ru}: {self._renewed()}, или задайте {keys}. GitHub: {words}",
                )
            ),
            "not-configured",
        )


def fresh_code(secret: str) -> str:
    """A code of the authenticator that was not sent before; waits for the next one when it was."""
    import pyotp

    totp, watch = pyotp.TOTP(secret.replace(" ", "")), Watch[str]()
    while _sent.get(secret) == totp.now():
        watch.pause()
    _sent[secret] = totp.now()
    withhold(_sent[secret])  # six digits, which a page may show by chance, and they are spent
    return _sent[secret]


def _shown(page: dict[str, Any]) -> str:
    return redact(f"“{page['title']}” {page['text'][:SHOWN_CHARS]}")
