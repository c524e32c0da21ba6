"""What an element says to whoever sees it, and how a locator finds one by that, whatever its role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

# textContent, not innerText: a style sheet may show a heading in capitals, its word is still the same.
TEXT = r"""
  const squeezed = t => (t || '').replace(/\s+/g, ' ').trim();
  // Without what only decorates, or tells what a picture shows; `more` is what else is left out, where
  // something remains without it.
  const text = (e, more = '') => {
    const left = '[aria-hidden=true], svg' + more;
    if (!e || !e.querySelector(left)) return squeezed(e && e.textContent);
    const bare = e.cloneNode(true);
    bare.querySelectorAll(left).forEach(each => each.remove());
    return squeezed(bare.textContent);
  };
"""
SAYS = "says"
ENGINE = f"""
(() => {{
  {TEXT}
  const kinds = {{link: 'a[href]', button: 'button, [role=button]'}};
  const seen = e => e.checkVisibility({{visibilityProperty: true}}) && !e.closest('[aria-hidden=true]');
  const names = e => [text(e) || e.title, e.ariaLabel || ''];
  const queryAll = (root, wanted) => {{
    const kind = wanted.split(' ', 1)[0], word = new RegExp(wanted.slice(kind.length + 1));
    const fits = e => names(e).some(name => word.test(name)) && seen(e);
    return [...root.querySelectorAll(kinds[kind])].filter(fits);
  }};
  return {{query: (root, wanted) => queryAll(root, wanted)[0] || null, queryAll}};
}})()
"""
KINDS = ("link", "button")


def teach(playwright: Playwright) -> None:
    """Let locators find links and buttons by what they say; before the first page is opened."""
    playwright.selectors.register(SAYS, script=ENGINE)


def saying(kind: str, words: re.Pattern[str]) -> str:
    """The selector of the links or buttons that say one of the words, or are called so."""
    return f"{SAYS}={kind} {words.pattern}"
