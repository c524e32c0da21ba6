"""The selects of a row: elements of HTML, or boxes of a component library that open a list (contract 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gate.language import Text, say

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from gate.console.window import Window

LEARNING_CHOICES = ("inherit", "true", "false")
ROLE_CHOICES = ("read", "read_write", "admin")
ELEMENT = """
select => ({
  at: select.selectedIndex,
  texts: [...select.options].map(option => option.text.trim()),
  values: [...select.options].map(option => option.value),
})
"""
OPENS_A_LIST = "[aria-haspopup=listbox]"
# `innerText` of what is on its way in is empty.
OPTIONS = "options => options.map(one => [one.textContent.trim(), one.getAttribute('aria-selected') === 'true'])"
BOX = "box => ('value' in box ? box.value : box.textContent).trim()"


@dataclass(frozen=True)
class Choice:
    """A select as it stands: the place of what is chosen, -1 for nothing; its options, as worded and as sent."""

    at: int
    texts: list[str]
    values: list[str]

    def offers(self, word: str) -> bool:
        """Whether it is among the options, by its word or its value."""
        return word in (*self.texts, *self.values)

    @property
    def roles(self) -> list[str]:
        """The role that each option is: by its word, if the contract has it; as sent; by its place."""
        placed = (*ROLE_CHOICES, *self.texts[len(ROLE_CHOICES) :])
        return [
            next((word for word in told if word in ROLE_CHOICES), placed[at])
            for at, told in enumerate(zip(self.texts, self.values, strict=True))
        ]

    @property
    def meanings(self) -> list[str]:
        """What each option means of learning: by its word, where it is the contract's, else by its place."""
        placed = (*LEARNING_CHOICES, *self.texts[len(LEARNING_CHOICES) :])
        worded = ([choice for choice in LEARNING_CHOICES if choice in text.lower()] for text in self.texts)
        return [found[0] if found else placed[at] for at, found in enumerate(worded)]

    @property
    def role(self) -> str:
        """The role that is chosen; empty for none."""
        return self.roles[self.at] if self.at >= 0 else ""

    @property
    def learning(self) -> str:
        """The learning override that is chosen; empty for none."""
        return self.meanings[self.at] if self.at >= 0 else ""


class Select:
    """A `select` of HTML."""

    def __init__(self, window: Window, found: Locator) -> None:
        self._window, self._found = window, found

    def read(self) -> Choice:
        """What it offers, and what is chosen."""
        return Choice(**self._window.look(lambda: self._found.evaluate(ELEMENT)))

    def choose(self, at: int) -> None:
        """Choose the option at this place."""
        with self._window.asked(say("choose in a list", "выбрать в списке")):
            self._found.select_option(index=at)


class Box(Select):
    """A box with the role `combobox`, or a button that opens a list; its options are there while it is open."""

    def read(self) -> Choice:
        """Opens the list, and closes it again."""
        shown, options = self._window.look(lambda: self._found.evaluate(BOX)), self._open()
        told: list[tuple[str, bool]] = self._window.look(lambda: options.evaluate_all(OPTIONS))
        texts = [text for text, _ in told]
        marked = [at for at, (_, selected) in enumerate(told) if selected]
        chosen = marked or [at for at, text in enumerate(texts) if text == shown]
        with self._window.asked(say("close a list", "закрыть список")):
            self._found.press("Escape")
        self._await_closed(options)
        return Choice(chosen[0] if chosen else -1, texts, texts)

    def choose(self, at: int) -> None:
        """Opens the list and clicks there."""
        options = self._open()
        self._window.click(options.nth(at))
        self._await_closed(options)

    def _open(self) -> Locator:
        self._window.click(self._found)
        page, named = self._window.page, self._window.look(lambda: self._found.get_attribute("aria-controls"))
        lists = page.locator(f'[id="{named}"]') if named else page
        options = lists.get_by_role("option")
        self._window.until(lambda _: self._window.count(options), Text("a list of options", "список вариантов"))
        return options

    def _await_closed(self, options: Locator) -> None:
        self._window.until(
            lambda _: not self._window.count(options),
            Text("the list of options closed", "список вариантов закрыт"),
        )


def selects(window: Window, row: Locator) -> list[Select]:
    """The selects of a row, in their order."""
    # A library keeps one out of sight beside its box, for the form that it is sent with.
    if elements := window.look(row.locator("select:visible").all):
        return [Select(window, one) for one in elements]
    # The role is a library's also of what stands in its box to be typed into.
    outermost = row.get_by_role("combobox").and_(window.page.locator(":not([role=combobox] *)"))
    boxes = window.look(outermost.all) or window.look(row.locator(OPENS_A_LIST).all)
    return [Box(window, one) for one in boxes]
