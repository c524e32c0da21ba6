"""What an element says to whoever sees it, and how a locator finds one by that, whatever its role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

# Text nodes, not innerText: a style sheet may show a heading in capitals, its word is still the same.
TEXT = r"""
  const squeezed = t => (t || '').replace(/\s+/g, ' ').trim();
  // What decorates, tells what a picture shows, comes when pointed at, or is a word that a font draws as a sign.
  const aside = '[aria-hidden=true], svg, [role=tooltip], [class*=material-icons], [class*=material-symbols]';
  const shows = e => e.checkVisibility ? e.checkVisibility({visibilityProperty: true}) : e.offsetParent !== null;
  // Neither hidden nor in a box so small that it is for who listens; what has no box is as what is inside.
  const drawn = e => {
    if (e.offsetWidth > 1 && e.offsetHeight > 1) return shows(e);
    const style = getComputedStyle(e);
    return style.display === 'contents' || style.overflow === 'visible' && shows(e);
  };
  const told = (e, left) => {
    let found = '';
    for (let part = e.firstChild; part; part = part.nextSibling) {
      if (part.nodeType === 3) found += part.data;
      const says = part.nodeType === 1 && part.firstChild && !(left && part.matches(left));
      if (says && drawn(part)) found += told(part, left);
    }
    return found;
  };
  // The words that can be seen; `more` is what else is left out, where something remains without it.
  const text = (e, more = '') => {
    if (!e || !e.firstElementChild) return squeezed(e && e.textContent);
    const left = e.querySelector(aside + more) ? aside + more : '';
    // A part that stands beside nothing is what is told, and most cells of long tables have just one.
    while (!left && e.firstElementChild && e.firstChild === e.lastChild) e = e.firstChild;
    return squeezed(e.firstElementChild ? told(e, left) : e.textContent);
  };
"""
SAYS = "says"
ENGINE = f"""
(() => {{
  {TEXT}
  const kinds = {{link: 'a[href]', button: 'button, [role=button]'}};
  const seen = e => shows(e) && !e.closest('[aria-hidden=true]');
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
