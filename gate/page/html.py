"""HTML as nested calls: everything that is not `Markup` already is escaped."""

from __future__ import annotations

import re
from html import escape


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """One element. An attribute that is None or False is left out; `class_` is `class`, `a_b` is `a-b`."""
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    return Markup(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: object) -> Markup:
    """The children one after the other; None is nothing."""
    return Markup("".join(_escaped(child) for child in children if child is not None))


def inline(text: str) -> Markup:
    """A sentence in which `code` stands between backticks."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))


def _escaped(child: object) -> str:
    if isinstance(child, Markup):
        return child
    if isinstance(child, list | tuple):
        return join(*child)
    return escape(str(child))


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
