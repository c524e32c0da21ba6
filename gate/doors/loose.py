"""What a cluster answers, read as it is.

The official client takes an answer only whole: a pod whose owner has no uid is none to it. A real cluster always
answers so; what stands in for one need not, and what it leaves out is seldom what is asked for.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import Any

# What every object has in the client's models; nothing stands in it where the answer lacks it.
NESTED = frozenset({"metadata", "selector", "spec", "status", "template"})
MOMENT = re.compile(r"[a-z]+[A-Z]?[a-z]*(?:Time|Timestamp)")


class Loose(dict[str, Any]):
    """A JSON object whose values are attributes as well, named as the client's models name them.

    `host_ip` is `hostIP`; what is not there is None; moments are `datetime`. Labels and the like are used as the
    dictionaries that they are.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__({key: _loose(key, value) for key, value in values.items()})

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("__"):
            wanted = name.replace("_", "")
            for key in self:
                if key.lower() == wanted:
                    return self[key]
        if hasattr(dict, name):
            return super().__getattribute__(name)
        if name == "to_dict":
            return lambda: dict(self)
        return Loose({}) if name in NESTED else None


def _loose(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return Loose(value)
    if isinstance(value, list):
        return [_loose("", one) for one in value]
    if isinstance(value, str) and MOMENT.fullmatch(key):
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    return value
