"""What one person is told, beside what another is told of the same thing: the fields that contract 2 names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from gate.capabilities.role_cast import ADMIN, named
from gate.doors.http import Exchange
from gate.doors.records import Project, shown
from gate.language import ensure

PROJECT = ("id", "slug", "name")
REPOSITORIES = ("id", "project_id", "provider", "external_id", "owner", "name", "services_yaml_path")
RUN = (
    "id",
    "correlation_id",
    "project_id",
    "project_slug",
    "project_name",
    "status",
    "created_at",
    "started_at",
    "finished_at",
)
EVENTS = ("correlation_id", "event_type", "created_at", "payload_json")
FEEDBACK = (
    "id",
    "run_id",
    "repository_id",
    "pr_number",
    "file_path",
    "line",
    "kind",
    "explanation",
    "created_at",
)


def things(answer: Exchange) -> list[dict[str, Any]]:
    """The items of a list, or the one thing that was asked for; `Broken` when it is neither."""
    told = answer.json()
    one = isinstance(told, dict) and answer.status == 200 and "items" not in told
    return [told] if one else answer.items()


def told(answer: Exchange, fields: Iterable[str]) -> list[dict[str, str]]:
    """These fields of it in one order; what is empty may be left out or null."""
    plain = [{name: _plain(thing.get(name)) for name in fields} for thing in things(answer)]
    return sorted(plain, key=lambda thing: tuple(thing.values()))


def expect_same(person: str, answer: Exchange, admins: Exchange, fields: Iterable[str]) -> None:
    """Whoever may see a thing sees all of it that a platform admin sees: an empty list is no answer."""
    mine, wanted = (told(each, fields) for each in (answer, admins))
    lacking, strange = ([one for one in these if one not in those] for these, those in _both_ways(mine, wanted))
    ensure(
        mine == wanted,
        f"A {named(person)} is told {len(mine)} of {len(wanted)} that a platform admin is told; "
        f"lacking: {shown(lacking[:2])}, otherwise: {shown(strange[:2])}.\n{answer.told()}",
        f"{named(person)}: сообщено {len(mine)} из {len(wanted)}, известных администратору; "
        f"не хватает: {shown(lacking[:2])}, иначе: {shown(strange[:2])}.\n{answer.told()}",
    )


def expect_shown(grants: Iterable[tuple[str, Exchange]], fields: Iterable[str], ids: set[str]) -> None:
    """Everybody who may see these things sees them, and as a platform admin does."""
    answers = dict(grants)
    for person, answer in answers.items():
        lacking = ids - {str(thing.get("id")) for thing in things(answer)}
        ensure(
            not lacking,
            f"A {named(person)} may see {sorted(lacking)}, and is not shown it.\n{answer.told()}",
            f"{named(person)} имеет право видеть {sorted(lacking)}, но не видит.\n{answer.told()}",
        )
        expect_same(person, answer, answers[ADMIN], fields)


def expect_project(person: str, told: dict[str, Any], stored: Project | None) -> None:
    """Whoever has a role in a project is told the slug and the name that it has."""
    ensure(
        stored and (told.get("slug"), told.get("name")) == (stored.slug, stored.name),
        f"A {named(person)} is shown the project {shown(told)}, on record is {stored}.",
        f"{named(person)} видит проект {shown(told)}, а записан {stored}.",
    )


def _both_ways(mine: list[Any], wanted: list[Any]) -> tuple[tuple[list[Any], list[Any]], ...]:
    return (wanted, mine), (mine, wanted)


def _plain(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return str(value or "")
