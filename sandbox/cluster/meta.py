"""What every Kubernetes object has: metadata, stable ids, times; and the errors that the API answers with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

Object = dict[str, Any]
IDS = UUID("5b6f7a9e-0d0c-4b7e-9f6c-0c8f0f6f5a10")
REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "AlreadyExists",
    422: "Invalid",
}


@dataclass
class Clock:
    """The cluster's clock, which may be behind."""

    behind: timedelta = timedelta()

    def now(self) -> datetime:
        """The time in the cluster."""
        return datetime.now(UTC) - self.behind


CLOCK = Clock()


def stamp(moment: datetime | None = None, ago: float = 0) -> str:
    """A time as the API writes it: whole seconds, UTC; `ago` seconds earlier."""
    return ((moment or CLOCK.now()) - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def uid(kind: str, name: str) -> str:
    """The same id for the same thing, each time it is asked for."""
    return str(uuid5(IDS, f"{kind}/{name}"))


def metadata(kind: str, name: str, namespace: str | None, created: str, **more: Any) -> Object:
    """The metadata of an object that does not change."""
    found: Object = {"name": name, "uid": uid(kind, name), "resourceVersion": "1000", "creationTimestamp": created}
    if namespace:
        found["namespace"] = namespace
    return found | {key: value for key, value in more.items() if value is not None}


def condition(kind: str, status: bool, reason: str, since: str, message: str = "") -> Object:
    """One entry of `status.conditions`."""
    return {
        "type": kind,
        "status": "True" if status else "False",
        "reason": reason,
        "message": message,
        "lastTransitionTime": since,
    }


class ApiError(Exception):
    """An answer that is a `Status` object."""

    def __init__(self, code: int, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.body: Object = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": REASONS.get(code, "InternalError"),
            "code": code,
        }
        if details:
            self.body["details"] = details


def not_found(resource: str, name: str, group: str = "") -> ApiError:
    """404 as the API says it."""
    where = f"{resource}.{group}" if group else resource
    return ApiError(404, f'{where} "{name}" not found', name=name, group=group, kind=resource)


def selected(objects: Iterable[Object], labels: str, fields: str) -> list[Object]:
    """Those that match a label selector (`a=b,c!=d,e in (f,g),h,!i`) and a field selector."""
    wanted = _label_rules(labels)
    return [
        item
        for item in objects
        if all(rule(item["metadata"].get("labels") or {}) for rule in wanted) and _fields_match(item, fields)
    ]


def _label_rules(selector: str) -> list[Any]:
    return [_label_rule(part) for part in _parts(selector)]


def _parts(selector: str) -> list[str]:
    """Commas inside parentheses do not separate."""
    parts, depth, current = [], 0, ""
    for letter in selector:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append(current)
            current = ""
        else:
            current += letter
    return [part.strip() for part in [*parts, current] if part.strip()]


def _label_rule(part: str) -> Any:
    if "(" in part:
        head, values = part.rstrip(") ").split("(", 1)
        key, operator = head.split(maxsplit=1)
        allowed = {value.strip() for value in values.split(",")}
        inside = operator.strip() == "in"
        return lambda labels: (labels.get(key) in allowed) is inside
    if "!=" in part:
        key, value = (word.strip() for word in part.split("!=", 1))
        return lambda labels: labels.get(key) != value
    if "=" in part:
        key, value = (word.strip() for word in part.replace("==", "=").split("=", 1))
        return lambda labels: labels.get(key) == value
    if part.startswith("!"):
        return lambda labels: part[1:].strip() not in labels
    return lambda labels: part in labels


def _fields_match(item: Mapping[str, Any], selector: str) -> bool:
    for part in filter(None, selector.split(",")):
        negated = "!=" in part
        path, value = part.replace("==", "=").split("!=" if negated else "=", 1)
        found: Any = item
        for step in path.strip().split("."):
            found = found.get(step, "") if isinstance(found, Mapping) else ""
        if (str(found) == value.strip()) is negated:
            return False
    return True
