"""One window of a browser: acts in it, looks at it, waits for what it shows, keeps what failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from gate import evidence
from gate.console import words
from gate.console.log import PageLog
from gate.console.naming import KINDS, saying
from gate.console.view import CONSOLE, LOOK, SIGN_IN, SIGN_IN_LOOK, View, read
from gate.errors import Broken, NotProven
from gate.language import Text, say
from gate.redaction import redact, secrets_in
from gate.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page, Response

# A console served unbundled over a slow line needs its time; a page that waits for nothing more does not.
PAGE_SECONDS = 45.0
QUIET_SECONDS = 5.0
# What has all its sources and has drawn nothing yet may be at work on them, on a machine that is busy.
BLANK_SECONDS = 15.0
# One act may be several requests, each sent when the one before is answered.
STILL_SECONDS = 0.2
# A click waits for the page below it, which a dev server may be loading once more.
ACT_SECONDS = 30.0
HINDERED = re.compile(r"element is not \w+|element was detached|intercepts pointer events")
# Inputs whose content must not be in a picture.
SECRET_INPUTS = "input[type=password], input[name*=token i], input[name*=otp i], input[autocomplete=one-time-code]"
SHOWN_CHARS = 200
MASK = "#6b7280"
# What may stand beside a name: an arrow, a sign. Spelled out, for in the browser `\W` takes Cyrillic for signs.
NO_WORD = "[^0-9A-Za-zА-Яа-яЁё]*"
# How much is out of sight in what scrolls inside the page and takes most of its height.
SCROLLED = r"""
() => Math.max(0, ...[...document.querySelectorAll('body *')]
  .filter(e => e.clientHeight > innerHeight / 2 && /auto|scroll/.test(getComputedStyle(e).overflowY))
  .map(e => e.scrollHeight - e.clientHeight))
"""
# No picture of a browser is much higher.
HIGHEST_PIXELS = 12_000
OVERTAKEN = ("interrupted by another navigation", "ERR_ABORTED")
NAVIGATIONS_OVERTAKEN = 4
LOOKS_OVERTAKEN = 2
BEING_REPLACED = ("context was destroyed", "navigating", "navigation")
STAGING_MATTERS = ("ERR_CERT", "ERR_SSL", "ERR_NAME_NOT_RESOLVED", "ERR_INTERNET_DISCONNECTED")
BACKSLASH = "\\"
Found = TypeVar("Found")


class Window:
    """One page in a context of its own."""

    def __init__(self, context: BrowserContext, base: str, edge: str = "") -> None:
        self.base = base.rstrip("/")
        self.host = urlsplit(base).netloc
        self.edge_host = urlsplit(edge or base).hostname or ""
        # Inside, the gateway is spoken to in clear.
        self.at_edge = urlsplit(base).scheme == "https"
        self.context = context
        self.log = PageLog(self.host)
        with self.asked(say("open a window", "открыть окно")):
            self.page: Page = context.new_page()
        self.page.set_default_timeout(ACT_SECONDS * 1000)
        self.log.listen(self.page)

    # --- acts

    def go(self, address: str) -> Response | None:
        """Open an address; a path is one of the staging's."""
        url = address if "://" in address else self.base + address
        return self._navigated(url, lambda: self.page.goto(url, wait_until="commit", timeout=PAGE_SECONDS * 1000))

    def reload(self) -> Response | None:
        """Load the page that is shown once more."""
        return self._navigated(
            self.page.url, lambda: self.page.reload(wait_until="commit", timeout=PAGE_SECONDS * 1000)
        )

    def back(self, pages: int = 1) -> None:
        """The browser's own Back; it leads over several pages at once, too."""
        with self.asked(say("go back", "вернуться назад")):
            if pages == 1:
                self.page.go_back(wait_until="commit")
            else:
                self.page.evaluate("pages => history.go(-pages)", pages)
        self.log.moved()

    def depth(self) -> int:
        """How many pages the browser's history has."""
        return int(self.look(lambda: self.page.evaluate("history.length")))

    def forward(self, pages: int = 1) -> None:
        """The browser's own Forward; it leads over several pages at once, too."""
        with self.asked(say("go forward", "перейти вперёд")):
            if pages == 1:
                self.page.go_forward(wait_until="commit")
            else:
                self.page.evaluate("pages => history.go(pages)", pages)
        self.log.moved()

    def click(self, what: Locator) -> None:
        """Click, once it is there and can be clicked."""
        self.log.acted()
        with self.asked(say(f"click {_named(what)}", f"нажать {_named(what)}")):
            what.first.click()
        self.log.moved()

    def click_and_hear(self, what: Locator, *paths: str) -> tuple[str, list[str]]:
        """Click, and return which of the paths answered to that, and the Set-Cookie lines of its answer."""
        from playwright.sync_api import TimeoutError as Late

        try:
            with self.page.expect_response(lambda answer: urlsplit(answer.url).path in paths) as heard:
                self.click(what)
            with self.asked(say("read an answer", "прочитать ответ")):
                return urlsplit(heard.value.url).path, heard.value.header_values("set-cookie")
        except Late:
            raise Broken(
                say(
                    f"{_named(what)} was clicked, and the console asked nothing of {paths[0]}.",
                    f"Нажато {_named(what)}, но консоль не обратилась к {paths[0]}.",
                )
            ) from None

    def click_and_leave(self, what: Locator, path: str) -> None:
        """Click, and see that the browser itself goes to this path, here or in another window; it is stopped."""
        from playwright.sync_api import TimeoutError as Late

        self.context.route(f"**{path}*", lambda route: route.abort())
        try:
            with self.context.expect_event(
                "request",
                lambda asked: asked.is_navigation_request() and urlsplit(asked.url).path == path,
                timeout=QUIET_SECONDS * 1000,
            ):
                self.click(what)
        except Late:
            raise Broken(
                say(
                    f"{_named(what)} was clicked, and the browser did not go to {path}.",
                    f"Нажато {_named(what)}, но браузер не перешёл на {path}.",
                )
            ) from None

    def fill(self, field: Locator, value: str) -> None:
        """Write into a field."""
        self.log.acted()
        with self.asked(say(f"fill {_named(field)}", f"заполнить {_named(field)}")):
            field.first.fill(value)

    def named(self, role: Any, text: Text, within: Locator | None = None) -> Locator:
        """The elements of this role that are called or say the word, in either language; links of any role."""
        where, word = within or self.page, counted(text.en, text.ru)
        found = where.get_by_role(role, name=word)
        return found.or_(where.locator(saying(role, word))) if role in KINDS else found

    def labelled(self, text: Text, place: int) -> Locator:
        """The field under a label in either language; where no label fits, the field at this place."""
        either = re.compile(rf"^\s*(?:{re.escape(text.en)}|{re.escape(text.ru)})", re.IGNORECASE)
        found = self.page.get_by_label(either).and_(self.page.locator("input, textarea"))
        return found.first if self.count(found) else self.page.locator(TEXT_FIELDS).nth(place)

    # --- looks

    def view(self, panes: Sequence[str] = ()) -> View:
        """What the page shows now."""
        return read(self.look(lambda: self.page.evaluate(LOOK, list(panes))))

    def source(self) -> str:
        """The page's HTML as it stands now."""
        return self.look(self.page.content)

    def text(self) -> str:
        """All that the page says now."""
        return self.look(lambda: self.page.inner_text("body"))

    def count(self, what: Locator) -> int:
        """How many of these the page has now."""
        return self.look(what.count)

    def can_fill(self, field: Locator) -> bool:
        """Whether the page has this field now and lets one write into it."""
        return self.look(lambda: field.first.is_visible() and field.first.is_editable())

    def can_press(self, button: Locator) -> bool:
        """Whether the page shows this button now and lets one press it."""
        return self.look(lambda: button.is_visible() and button.is_enabled())

    def hrefs(self, links: Locator) -> list[str]:
        """Where these links lead, as they are written now."""
        return self.look(lambda: links.evaluate_all("links => links.map(a => a.getAttribute('href') || '')"))

    def error_texts(self) -> list[str]:
        """All that is marked as an error and can be seen, also where a thing that failed may be told so."""
        found = self.look(self.page.locator(".err:visible").all_text_contents)
        return [text for text in map(str.strip, found) if text]

    def look(self, look: Callable[[], Found]) -> Found:
        """What a look finds; a page that is being replaced is looked at again."""
        from playwright.sync_api import Error

        act = say("look at the page", "посмотреть на страницу")
        for _ in range(LOOKS_OVERTAKEN):
            try:
                return look()
            except Error as failure:
                if not any(sign in str(failure) for sign in BEING_REPLACED):
                    raise self._gone(failure, act) from None
            with self.asked(act):
                self.page.wait_for_load_state("domcontentloaded")
        with self.asked(act):
            return look()

    def told(self, path: str) -> list[dict[str, Any]] | None:
        """The items of a list that the API told the page; None where it did not ask for it."""
        told = [self._told(url, answer) for url, answer in self.log.lists.get(path, {}).items()]
        return [*{str(item.get("id")): item for items in told for item in items}.values()] if told else None

    def _told(self, url: str, answer: Any) -> list[dict[str, Any]]:
        from playwright.sync_api import Error

        with suppress(Error, ValueError):
            return _items(answer.json())
        # The browser keeps no answer for ever, and none that it had already: the same is asked once more.
        return self.listed(url.removeprefix(self.base))

    def listed(self, path: str) -> list[dict[str, Any]]:
        """The items of a list of the API, asked for in a page aside; none where it tells no list."""
        from playwright.sync_api import Error

        with self.asked(say(f"ask for {_plain(path)}", f"запросить {_plain(path)}")):
            page = self.context.new_page()
            try:
                answer = page.goto(self.base + path, timeout=PAGE_SECONDS * 1000)
                return _items(answer.json()) if answer and answer.ok else []
            except ValueError:
                return []
            finally:
                with suppress(Error):
                    page.close()

    def shown(self) -> str:
        """The beginning of the page's text, for a message."""
        return redact(self.view().text[:SHOWN_CHARS])

    def until(
        self,
        wanted: Callable[[View], object],
        what: Text,
        *,
        panes: Sequence[str] = (),
        hopeless: Callable[[View], object] | None = None,
    ) -> View:
        """Wait until the page shows what is wanted; give up when it waits for nothing and still does not."""
        try:
            return self._until(wanted, what, panes, hopeless)
        except Broken:
            # A dev server says by its socket, which no proxy need let through, that all is to be loaded anew.
            if not self.log.outdated:
                raise
        self.load_anew()
        return self._until(wanted, what, panes, hopeless)

    def load_anew(self) -> None:
        """Load the page once more; what went wrong before is forgotten."""
        self.log.start_over()
        self.reload()

    def _until(
        self,
        wanted: Callable[[View], object],
        what: Text,
        panes: Sequence[str],
        hopeless: Callable[[View], object] | None,
    ) -> View:
        drawn: list[str] = []

        def look() -> View:
            view = self.view(panes)
            if drawn and view.text != drawn[0]:
                self.log.moved()  # it still draws, with nothing to wait for
            drawn[:] = [view.text]
            return view

        return until(
            look,
            wanted,
            what=what,
            within=PAGE_SECONDS,
            hopeless=lambda view: (
                (hopeless and hopeless(view))
                or self.log.quiet_seconds > (QUIET_SECONDS if view.text.strip() else BLANK_SECONDS)
            ),
        )

    def settle(self) -> None:
        """Wait until every request of the page is answered, and none has followed."""
        until(
            lambda: [self.page.url] if self._is_replaced() else self.log.waiting_for,
            lambda waiting: not waiting and self.log.still_seconds > STILL_SECONDS,
            what=Text("every request of the page answered", "ответы на все запросы страницы"),
            within=PAGE_SECONDS,
        )

    def expect_sign_in(self, github_url: str) -> None:
        """GitHub's or oauth2-proxy's page is shown, and nothing of the console came on the way."""
        github = urlsplit(github_url).netloc
        until(
            lambda: (self._sign_in_look(github), [*self.log.told]),
            lambda seen: seen[0].startswith((f"{github}/", SIGN_IN)) and not seen[1],
            what=Text("the page that asks to sign in", "страница, которая просит войти"),
            within=PAGE_SECONDS,
            hopeless=lambda seen: seen[1] or seen[0].startswith(CONSOLE) or self.log.quiet_seconds > QUIET_SECONDS,
        )

    def forget_site(self, url: str) -> None:
        """Drop the cookies of another site, with those of its domain; a port tells no cookies apart."""
        host = urlsplit(url).hostname or ""
        if host != urlsplit(self.base).hostname:
            self.context.clear_cookies(domain=re.compile(rf"^\.?{re.escape(host)}$"))

    def cookies(self, url: str = "") -> dict[str, str]:
        """The cookies that the browser would send to an address; the staging's by default."""
        kept = self.context.cookies(url or f"{self.base}/")
        return {str(cookie.get("name")): str(cookie.get("value")) for cookie in kept}

    # --- evidence

    def picture(self, name: str, full: bool = True) -> bytes:
        """Take a picture of the whole page with its secrets covered, and attach it."""
        with self.asked(say("take a picture", "сделать снимок")):
            if self.log.strangers_due:
                self.page.evaluate("stop()")  # a font that does not come would keep the browser from taking one
            masks = [self.secret_fields(), *self._secret_texts()]
            with self._unrolled() if full else nullcontext():
                png = self.page.screenshot(full_page=full, mask=masks, mask_color=MASK, animations="disabled")
        evidence.picture(name, png)
        return png

    @contextmanager
    def _unrolled(self) -> Iterator[None]:
        """A window so high that nothing is left to scroll inside the page, as long as it lasts."""
        size = self.page.viewport_size
        below = min(int(self.page.evaluate(SCROLLED)), HIGHEST_PIXELS)
        if not size or not below:
            yield
            return
        self.page.set_viewport_size({"width": size["width"], "height": size["height"] + below})
        try:
            yield
        finally:
            self.page.set_viewport_size(size)

    def secret_fields(self) -> Locator:
        """Every field whose content is secret."""
        label = re.compile("|".join(map(re.escape, (words.REPOSITORY_TOKEN.en, words.REPOSITORY_TOKEN.ru))))
        return self.page.locator(SECRET_INPUTS).or_(self.page.get_by_label(label))

    def _secret_texts(self) -> list[Locator]:
        """Places where the page shows a secret that the gate knows: a broken platform may do that."""
        return [self.page.get_by_text(secret) for secret in secrets_in(self.source())]

    def close(self) -> None:
        """Close the window and its context."""
        from playwright.sync_api import Error

        with suppress(Error, NotProven):  # a browser that crashed has closed it already
            self.context.close()

    # --- helpers

    def _sign_in_look(self, github: str) -> str:
        """Where the browser is, and what kind of page it has there."""
        from playwright.sync_api import Error

        try:
            return str(self.page.evaluate(SIGN_IN_LOOK, [github, SIGN_IN, CONSOLE]))
        except Error as failure:
            if any(sign in str(failure) for sign in BEING_REPLACED):
                return "…"
            raise self._gone(failure, say("look at the page", "посмотреть на страницу")) from None

    def _is_replaced(self) -> bool:
        """Whether another page is just being put in the place of this one; hears what happened meanwhile."""
        from playwright.sync_api import Error

        try:
            self.page.evaluate("document.readyState")
        except Error as failure:
            if any(sign in str(failure) for sign in BEING_REPLACED):
                return True
            raise self._gone(failure, say("look at the page", "посмотреть на страницу")) from None
        return False

    def _navigated(self, url: str, act: Callable[[], Response | None]) -> Response | None:
        """Navigate; when the page is just going somewhere by itself, let it get there first.

        An address asked for in the moment when another page is put in place is lost in the browser: it is never
        sent, and nobody hears of it.
        """
        from playwright.sync_api import Error

        with suppress(Broken):
            until(
                lambda: self._is_replaced() or self.log.going,
                lambda going: not going,
                what=Text("a page that goes nowhere", "страница, которая никуда не переходит"),
                within=ACT_SECONDS,
            )
        self.log.moved()
        with self.asked(say(f"open {_plain(url)}", f"открыть {_plain(url)}")):
            for _ in range(NAVIGATIONS_OVERTAKEN):
                try:
                    return act()
                except Error as failure:
                    if not any(sign in str(failure) for sign in OVERTAKEN):
                        raise
                    self.page.wait_for_load_state()
            return act()

    @contextmanager
    def asked(self, act: str) -> Iterator[None]:
        """An act of the browser in words; that it could not do it is told as whose matter that is."""
        from playwright.sync_api import Error

        try:
            yield
        except Error as failure:
            raise self._gone(failure, act) from None

    def _gone(self, failure: Exception, act: str) -> Broken | NotProven:
        """Whose matter it is that the browser could not do something."""
        said, _, log = str(failure).partition("Call log:")
        # Of the browser's long log of tries what kept it from acting in the end.
        hindered = HINDERED.findall(log)
        reason = redact(" ".join([said.strip(), *hindered[-1:]]))
        told = say(f"The browser could not {act}: {reason}", f"Браузер не смог {act}: {reason}")
        # The way inside is the gate's own; whether strangers get through is the edge's matter.
        inside = not self.at_edge and "net::ERR_" in reason
        if inside or any(sign in reason for sign in STAGING_MATTERS):
            return NotProven(told, "staging")
        if self.log.crashed or "closed" in reason or "crashed" in reason:
            return NotProven(told, "suite")
        return Broken(told)


TEXT_FIELDS = "input:not([type=checkbox]):not([type=hidden]):visible, textarea:visible"


def counted(*words: str) -> re.Pattern[str]:
    """One of the words, with nothing beside it but signs, and how many there are of what it names."""
    return re.compile(alone(*words).pattern.removesuffix("$") + rf"(?:\d+{NO_WORD})?$")


def alone(*words: str) -> re.Pattern[str]:
    """One of the words, with nothing but signs beside it."""
    # Playwright writes the pattern between slashes, so a slash of a word's own must be escaped.
    either = "|".join(re.escape(word).replace("/", r"\/") for word in words)
    return re.compile(rf"^{NO_WORD}(?:{either}){NO_WORD}$")


def _items(told: Any) -> list[dict[str, Any]]:
    """The items of a list answer (contract 2)."""
    found = told.get("items") if isinstance(told, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _named(what: Locator) -> str:
    """A locator in words, without the machinery around it."""
    found = re.search(r"\(\?:(.*?)\)", str(what)) or re.search(r"selector='(.*)'", str(what))
    # What is escaped for a pattern is not for people.
    return f"“{found[1].replace(BACKSLASH, '')[:80]}”" if found else str(what)[:80]


def _plain(url: str) -> str:
    return url.partition("?")[0]
