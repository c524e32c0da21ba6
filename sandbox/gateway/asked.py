"""One question to the staff API: who asks, what they sent, and the checks that every handler shares."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request

from ..store import Row
from .answers import forbidden, invalid
from .core import Gateway
from .identity import User

LIST_LIMIT = 1000
DEFAULT_LIMIT = 200
LOOKING_SECONDS = 0.2
SHORT_LIMIT = 25
WRITERS = ("read_write", "admin")


@dataclass
class Asked:
    """A request of somebody who is known."""

    gateway: Gateway
    request: Request
    user: User

    def broken(self, fault: str) -> bool:
        """Whether this fault is switched on now."""
        return self.gateway.broken(fault)

    def must_be_owner(self) -> None:
        """403 for everybody but the platform's owner."""
        self.user.must_be_admin() if self.broken("admins-act-as-owner") else self.user.must_be_owner()

    def must_be_admin(self, unless: str) -> None:
        """403 for everybody but platform admins, unless this fault is on."""
        if not self.broken(unless):
            self.user.must_be_admin()

    @property
    def limit(self) -> int:
        """`?limit=`: a positive integer, at most 1000."""
        usual = SHORT_LIMIT if self.gateway.differs("short-lists") else DEFAULT_LIMIT
        given = self.request.query_params.get("limit", str(usual))
        inner = bool(self.request.path_params) and self.gateway.differs("inner-lists-without-limit")
        if inner or self.broken("limit-ignored"):
            return LIST_LIMIT
        if not (given.isascii() and given.isdigit() and int(given[:9]) > 0):
            passed_over = not self.user.sees_all and self.broken("limit-of-members-not-checked")
            if passed_over or self.broken("limit-not-checked"):
                return DEFAULT_LIMIT
            raise invalid("limit", "limit must be a positive integer")
        cut = not self.user.sees_all and self.broken("limit-of-members-cut")
        usual_only = cut or self.broken("limit-cut-to-the-usual")
        return min(int(given[:9]), DEFAULT_LIMIT // 2 if usual_only else LIST_LIMIT)

    def id(self, name: str) -> UUID:
        """An id of the path; 400 naming it when it is none."""
        try:
            return UUID(self.request.path_params[name])
        except ValueError:
            raise invalid(name, f"{name} is not a valid id") from None

    async def body(self) -> dict[str, Any]:
        """The JSON object that was sent."""
        try:
            document = json.loads(await self.request.body())
        except (ValueError, RecursionError):
            raise invalid("body", "body is not valid JSON") from None
        if not isinstance(document, dict):
            raise invalid("body", "body must be an object")
        return document

    async def project(self) -> Row:
        """The project of the path, when the person may see it; its row, with their role in it."""
        row = await self.gateway.store.row(
            "SELECT p.id, p.slug, p.name, m.role FROM projects p"
            " LEFT JOIN project_members m ON m.project_id = p.id AND m.user_id = %s WHERE p.id = %s",
            (self.user.id, self.id("project_id")),
        )
        if row and self.broken("lost-role-remembered"):
            role = row["role"] or self.gateway.kept_roles.get((self.user.id, row["id"]))
            row["role"] = self.gateway.kept_roles[self.user.id, row["id"]] = role
        if row and row["role"] and self.broken("changed-role-remembered"):
            row["role"] = self.gateway.kept_roles.setdefault((self.user.id, row["id"]), row["role"])
        if row and self.broken("role-counts-everywhere"):
            row["role"] = row["role"] or await self.role_anywhere()
        if row and row["slug"] in self.gateway.kept_slugs and self.broken("deleted-slug-hides-project"):
            row = None
        if row is None and self.broken("unknown-project-forbidden"):
            raise forbidden("project access required")
        if row is None:
            raise invalid("project_id", "project is not known")
        if row["role"] == "read" and self.broken("readers-shut-out"):
            row["role"] = None
        if not (self.user.sees_all or row["role"] or self.broken("project-open-to-everybody")):
            if self.gateway.differs("unseen-project-unknown"):
                raise invalid("project_id", "project is not known")
            raise forbidden("project access required")
        return row

    async def role_anywhere(self) -> str | None:
        """A role of theirs in whatever project."""
        query = "SELECT role FROM project_members WHERE user_id = %s"
        query += " ORDER BY array_position(%s, role) DESC LIMIT 1"
        row = await self.gateway.store.row(query, (self.user.id, ["read", *WRITERS]))
        return row["role"] if row else None

    async def writable_project(self) -> Row:
        """The project of the path, when the person may change it."""
        row = await self.project()
        if row["role"] == "read" and self.broken("read-role-binds-admins"):
            raise forbidden("project write access required")
        if row["role"] and self.broken("highest-role-counts"):
            row["role"] = await self.role_anywhere()
        if not (self.user.sees_all or row["role"] in WRITERS or self.broken("readers-may-write")):
            raise forbidden("project write access required")
        return row


async def clash(asked: Asked, query: str, name: str) -> None:
    """A fault: whoever looks while another stores the same finds nothing, and stores it second."""
    others = asked.gateway.being_stored
    if await asked.gateway.store.row(query, (name,)):
        return
    if name in others:
        raise RuntimeError("duplicate key value violates unique constraint")
    others.add(name)
    await asyncio.sleep(LOOKING_SECONDS)
    others.discard(name)


def text(document: dict[str, Any], field: str) -> str:
    """A text that must be there and not be empty."""
    value = document.get(field)
    if not isinstance(value, str) or not value.strip():
        raise invalid(field, f"{field} is required")
    return value.strip()


def flag(document: dict[str, Any], field: str) -> bool:
    """A truth value; absent means false."""
    value = document.get(field, False)
    if not isinstance(value, bool):
        raise invalid(field, f"{field} must be true or false")
    return value
