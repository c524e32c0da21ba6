"""The odd deliveries themselves, by the phrase that a feature uses for them; nothing is sent or judged here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from gate.doors.webhook import Delivery, encoded

SPECIAL = 'Привет, мир! Ёж, щука — 🦊👩‍💻 \u2028\u2029 "quoted" \\ back'
# What a careful server may take for dangerous or untidy, and has to keep all the same.
MARKUP = "  <b>Tom & Jerry</b> &amp; &lt;i&gt; it's <!-- \r\n\tindented\r\n\n  "
METRIC = "codexk8s_webhook_requests_total"
_LABELS = r'(\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\["\\n])*",?)*\})?'
NUMBER = r"(?:[-+]?[\d.]+(?:[eE][-+]?\d+)?|[+-]Inf|NaN)"
METRIC_LINE = re.compile(rf"[a-zA-Z_:][\w:]*{_LABELS} {NUMBER}( -?\d+)?")
DEEP = 10_000
Body = Callable[[Delivery], bytes]


def _object(delivery: Delivery, **changes: Any) -> bytes:
    return encoded({**delivery.payload, **changes})


def _spaced(delivery: Delivery) -> bytes:
    return b" \r\n\t" + delivery.body + b"\r\n\t "


def _nested(delivery: Delivery) -> bytes:
    return b"[" * DEEP + b"]" * DEEP


def _nested_inside(delivery: Delivery) -> bytes:
    return b'{"deep":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}"


def _twice(delivery: Delivery) -> bytes:
    return delivery.body[:-1] + b',"action":"closed","action":7}'


def _nameless(delivery: Delivery) -> bytes:
    return _object(delivery, repository={"id": delivery.payload["repository"]["id"]})


_MORE_THAN_JSON: tuple[Body, ...] = (
    lambda delivery: delivery.body + b"x",
    lambda delivery: delivery.body + b"{}",
    lambda delivery: delivery.body + b"\n" + delivery.body,
)
# W17: validly signed, so only GitHub could send it; 400 or 202, and the platform lives on.
ODD_BODIES: Mapping[str, tuple[Body, ...]] = {
    "truncated JSON": (lambda delivery: delivery.body[:-7],),
    "обрезанный JSON": (lambda delivery: delivery.body[:-7],),
    "JSON that is no object": (lambda _: b"[]", lambda _: b"null", lambda _: b'"x"', lambda _: b"7"),
    "JSON, но не объект": (lambda _: b"[]", lambda _: b"null", lambda _: b'"x"', lambda _: b"7"),
    "ten thousand levels": (_nested, _nested_inside),
    "десять тысяч уровней": (_nested, _nested_inside),
    "the same key twice": (_twice,),
    "один ключ дважды": (_twice,),
    "fields of the wrong type": (
        lambda delivery: _object(delivery, repository="text"),
        lambda delivery: _object(delivery, repository=[]),
        lambda delivery: _object(delivery, sender=7),
        lambda delivery: _object(delivery, installation={"id": "text"}),
    ),
    "поля не того типа": (
        lambda delivery: _object(delivery, repository="text"),
        lambda delivery: _object(delivery, repository=[]),
        lambda delivery: _object(delivery, sender=7),
        lambda delivery: _object(delivery, installation={"id": "text"}),
    ),
    "fields left out": (lambda _: b"{}", _nameless, lambda delivery: _object(delivery, sender=None)),
    "пропущенные поля": (lambda _: b"{}", _nameless, lambda delivery: _object(delivery, sender=None)),
    "a null character": (lambda delivery: _object(delivery, action="a").replace(b'"a"', b'"a\\u0000b"'),),
    "нулевой символ": (lambda delivery: _object(delivery, action="a").replace(b'"a"', b'"a\\u0000b"'),),
    # Contract 2: the body is JSON, and white space at its ends is a part of JSON.
    "something after their JSON": _MORE_THAN_JSON,
    "после JSON стоит что-то ещё": _MORE_THAN_JSON,
    "white space around their JSON": (_spaced,),
    "вокруг JSON стоят пробелы и концы строк": (_spaced,),
}
# W20: an id is the sender's word; it is refused, or kept exactly as it came.
ODD_IDS: Mapping[str, Callable[[str], str]] = {
    "ten thousand characters": lambda own: own + "x" * (10_000 - len(own)),
    "из десяти тысяч символов": lambda own: own + "x" * (10_000 - len(own)),
    "quotes and semicolons": lambda own: f"{own}'\";-- DROP TABLE agent_runs;--",
    "с кавычками и точками с запятой": lambda own: f"{own}'\";-- DROP TABLE agent_runs;--",
    "letters of other alphabets": lambda own: f"{own}-дом-家-🦊",
    "с буквами других алфавитов": lambda own: f"{own}-дом-家-🦊",
    "encoded line ends": lambda own: f"{own}%0d%0aX-Injected: 1",
    "с закодированными концами строк": lambda own: f"{own}%0d%0aX-Injected: 1",
}
