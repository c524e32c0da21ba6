"""What a page of the console shows at one moment, as plain data to be judged; taken in one look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gate.console.columns import placed
from gate.console.naming import TEXT
from gate.language import Language, Text

ONE_WORD = {"Slug", "Email", "Repo", "Role", "Status", "ID"}
SIGNS = re.compile(r"^\W+\s|\s\W+$")
COUNT = re.compile(r"\s*(?:\(\d+\+?\)|\[\d+\+?\]|\d+\+?)$")
# What stands where one may have to sign in.
SIGN_IN = "sign-in page"
CONSOLE = "console"
SIGN_IN_LOOK = r"""
([github, signIn, console]) => {
  const here = location.host + location.pathname;
  if (location.host === github) return here;
  const app = document.querySelector('script[type=module], #app');
  const way = document.querySelector('form[action*="/oauth2/start"], a[href*="/oauth2/start"]');
  return app ? `${console}: ${here}` : way ? `${signIn}: ${here}` : here;
}
"""
LOOK = (
    "(panes) => {"
    + TEXT
    + r"""
  const seen = e => e.checkVisibility ? e.checkVisibility() : e.offsetParent !== null;
  // What an element says itself, whatever pictures and other parts stand in it.
  const own = e => squeezed([...e.childNodes].map(part => part.nodeType === 3 ? part.data : '').join(''));
  // A word with an arrow or another sign beside it is still the word.
  const bare = t => t.replace(/^[^\p{L}\p{N}]+/u, '').replace(/\s[^\p{L}\p{N}]+$/u, '');
  const word = e => bare(text(e));
  // And a title with the number of what is below it is still the title.
  const title = t => bare(t).replace(/\s*[(\[]?\d+[)\]]?$/, '');
  // As is one with a button or a lesser part beside it.
  const beside = ',button,[role=button],small,[class*=badge],[class*=pill]';
  const titles = e => [...new Set([text(e), text(e, beside), own(e)].map(title))].filter(Boolean);
  const all = (where, what) => [...where.querySelectorAll(what)].filter(seen);
  // What can be read: a text that is kept in the page and not shown tells nobody anything.
  const shown = root => {
    if (!root) return '';
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), parts = [];
    while (walker.nextNode()) {
      const around = walker.currentNode.parentElement;
      if (seen(around) && !around.closest('[aria-hidden=true]')) parts.push(walker.currentNode.data);
    }
    return squeezed(parts.join(''));
  };
  const link = a => ({text: word(a), href: a.getAttribute('href') || ''});
  const cell = td => {
    const box = td.querySelector('input[type=checkbox]');
    // What the platform tells counts, not what can be done with it. A sign without a word: by its markup.
    const told = text(td, ',button') || text(td);
    return told || (box ? String(box.checked) : td.firstElementChild ? td.innerHTML.trim() : '');
  };
  // The first cell of a row may be its title.
  const row = tr => ({cells: all(tr, ':scope > td, :scope > th').map(cell), links: all(tr, 'a').map(link)});
  const table = t => {
    const head = [...t.rows].find(tr => t.tHead?.contains(tr) || !tr.querySelector('td'));
    return {
      columns: head ? all(head, 'th, td').map(e => word(e)) : [],
      rows: all(t, 'tr').filter(tr => tr !== head && tr.querySelector('td')).map(row),
    };
  };
  // The contract has no class for a pill: it is whichever part of the item beside its time and its `pre`.
  const item = (pre, top) => {
    let box = pre;
    const lone = e => !e.contains(top) && e.querySelectorAll('pre').length === 1;
    while (lone(box.parentElement)) box = box.parentElement;
    const time = text(box).match(/(\d{4}-\d\d-\d\d|\d\d\.\d\d\.\d{4}) \d\d:\d\d(Z|[+-]\d\d:?\d\d)/);
    const parts = [box, ...all(box, '*')].filter(e => !e.closest('pre, [aria-hidden=true]'));
    const rest = e => squeezed(own(e).replace(time ? time[0] : '', ''));
    return {says: parts.map(rest).filter(Boolean), time: time ? time[0] : '', text: pre.textContent || ''};
  };
  const titling = 'h2, h3, h4, h5, h6, legend, summary, header, strong, b, div, span, p';
  const titled = name => {
    const shown = all(document, titling);
    return shown.filter(e => title(text(e)) === name).pop() || shown.filter(e => titles(e).includes(name)).pop();
  };
  // Where titles and lists stand side by side a pane is its title and all that follows, up to the next one.
  const flat = (box, others) => {
    const heads = e => e.matches('h2, h3, h4, h5, h6') && e.tagName <= box.tagName;
    const ends = e => heads(e) || others.some(other => e.contains(other));
    const parts = [box];
    for (let e = box.nextElementSibling; e && !ends(e); e = e.nextElementSibling) parts.push(e);
    return parts;
  };
  const pane = name => {
    const top = titled(name);
    if (!top) return null;
    const others = panes.filter(other => other !== name).map(titled).filter(Boolean);
    let box = top;
    while (box.parentElement && box.parentElement !== document.body
           && !others.some(other => box.parentElement.contains(other))) box = box.parentElement;
    const parts = titles(box).includes(name) ? flat(box, others) : [box];
    const pres = parts.flatMap(part => part.matches('pre') ? [part] : all(part, 'pre'));
    return {
      text: parts.map(shown).join(' '),
      items: pres.map(pre => item(pre, top)),
    };
  };
  // An error of the page; not what is told of a thing that failed, in a list, a text or a pill.
  const label = e => e && !e.querySelector('h2, h3, form, table, input');
  const state = e => e.matches('[class*=status]') && !text(e).includes(' ');
  // What became of a thing, or an event's type, is told in one word wherever it stands.
  const became = e => /^(pending|running|succeeded|failed|canceled|(run|webhook)\.[\w.]+)$/.test(text(e));
  const of = e => became(e) || state(e) || label(e.closest('[class*=pill], [class*=badge]'));
  const error = e => !e.closest('table, pre') && !of(e);
  // A card may have a header too; the console's own is the one with Logout (contract 6).
  const head = all(document, 'header, [role=banner]').find(e => /logout|выйти/i.test(text(e)));
  return {
    path: location.pathname,
    host: location.host,
    headings: all(document, 'h2').flatMap(titles),
    forms: all(document, 'h3').flatMap(titles),
    errors: all(document, '.err').filter(error).map(e => text(e)).filter(Boolean),
    header: head ? text(head) : '',
    marks: head ? [head, ...all(head, '*')].map(own).filter(Boolean) : [],
    links: all(document, 'a').map(link),
    tables: all(document, 'table').map(table),
    panes: Object.fromEntries(panes.map(name => [name, pane(name)]).filter(pair => pair[1])),
    text: shown(document.body).slice(0, 20000),
  };
}
"""
)


@dataclass(frozen=True)
class Link:
    """A link that is shown."""

    text: str
    href: str

    def says(self, word: str) -> bool:
        """Whether it says this word, with or without how many there are of what it names."""
        return word in (self.text, COUNT.sub("", self.text))


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells by the contract's (English) column names, and its links."""

    cells: dict[str, str]
    links: tuple[Link, ...]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def leads_to(self, path: str) -> bool:
        """Whether the row has a link to this path."""
        return any(link.href.split("?")[0].rstrip("/") == path for link in self.links)


@dataclass(frozen=True)
class Table:
    """A table that is shown: the words over its columns, and its rows as they stand."""

    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Link, ...]], ...]

    def places(self, wanted: Sequence[Text], language: Language) -> list[int] | None:
        """Where the wanted columns are, in their order (a build may have more); None when they are not."""
        return placed(self.columns, [cells for cells, _ in self.rows], wanted, language)

    def read(self, wanted: Sequence[Text], language: Language) -> list[Row]:
        """The full rows, with their cells named; a row with fewer cells than columns is a remark, not a row."""
        places = self.places(wanted, language) or []
        return [
            Row({column.en: _told(column.en, cells[at]) for column, at in zip(wanted, places, strict=True)}, links)
            for cells, links in self.rows
            if places and len(cells) > places[-1]
        ]


def _told(column: str, cell: str) -> str:
    """What a cell tells; beside what is one word a build may put an arrow or another sign, as beside its links."""
    return SIGNS.sub("", cell) if column in ONE_WORD else cell


@dataclass(frozen=True)
class Item:
    """One item of a pane of the run's page: what its parts say, its time as shown, the text of its `pre`."""

    says: tuple[str, ...]
    time: str
    text: str

    def is_of(self, kind: str) -> bool:
        """Whether one of its parts is a pill with this event type or kind."""
        return kind in self.says

    @property
    def told(self) -> str:
        """What its parts say, for a message."""
        return " ".join(self.says)


@dataclass(frozen=True)
class Pane:
    """A titled part of the run's page."""

    text: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class View:
    """What a page shows at one moment; `marks` is what each part of its header says itself.

    A title with something lesser beside it stands in `headings` and `forms` with that and without it.
    """

    path: str
    host: str
    headings: tuple[str, ...]
    forms: tuple[str, ...]
    errors: tuple[str, ...]
    header: str
    marks: tuple[str, ...]
    links: tuple[Link, ...]
    tables: tuple[Table, ...]
    panes: dict[str, Pane]
    text: str = field(compare=False)

    def link(self, name: str) -> Link | None:
        """The link with this text."""
        return next((link for link in self.links if link.says(name)), None)

    def __str__(self) -> str:
        tables = "; ".join(f"{'|'.join(table.columns)}: {len(table.rows)}" for table in self.tables)
        bare = "" if self.headings else f"  text={self.text[:80]!r}"
        shown = f"{self.host}{self.path}  h2={list(self.headings)}  tables=[{tables}]{bare}"
        return shown + (f"  errors={list(self.errors)}" if self.errors else "")


def read(raw: dict[str, Any]) -> View:
    """The view from what `LOOK` returned."""
    return View(
        path=raw["path"],
        host=raw["host"],
        headings=tuple(raw["headings"]),
        forms=tuple(raw["forms"]),
        errors=tuple(raw["errors"]),
        header=raw["header"],
        marks=tuple(raw["marks"]),
        links=_links(raw["links"]),
        tables=tuple(_table(table) for table in raw["tables"]),
        panes={name: _pane(pane) for name, pane in raw["panes"].items()},
        text=raw["text"],
    )


def _links(raw: list[dict[str, str]]) -> tuple[Link, ...]:
    return tuple(Link(link["text"], link["href"]) for link in raw)


def _table(raw: dict[str, Any]) -> Table:
    rows = tuple((tuple(row["cells"]), _links(row["links"])) for row in raw["rows"])
    return Table(tuple(raw["columns"]), rows)


def _pane(raw: dict[str, Any]) -> Pane:
    return Pane(raw["text"], tuple(Item(tuple(item.pop("says")), **item) for item in raw["items"]))
