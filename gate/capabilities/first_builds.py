"""The first S1 builds cannot delete a project (contract 2): whether a build may be one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.capabilities.role_cast import owner_staff
from gate.doors.http import Exchange
from gate.errors import NotProven
from gate.language import ensure

if TYPE_CHECKING:
    from gate.world import World


def tells_owner(world: World) -> bool:
    """Whether auth/me tells the owner that they are one, as it does since late in S1."""
    try:
        told = owner_staff(world).me().parsed()
    except NotProven:  # nobody is the owner, or nobody can be asked
        return False
    return "is_platform_owner" in ((told or {}).get("user") or {})


def expect_first_build(world: World, answer: Exchange) -> None:
    """Only one that knows no owner yet may lack the route that this answer denies."""
    ensure(
        not tells_owner(world),
        "Projects cannot be deleted, which only the first builds may lack; this one is later: its auth/me tells "
        f"who the owner is.\n{answer.told()}",
        "Проекты нельзя удалять; это позволено лишь первым сборкам, а эта позже: её auth/me называет владельца.\n"
        f"{answer.told()}",
    )
