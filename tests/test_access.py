"""What somebody at the door may be shown and told: the gate's tolerance for builds that it has not seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gate import evidence
from gate.capabilities import access as staff_access
from gate.capabilities.access import StaffAccess
from gate.capabilities.refused_writes import NOBODYS
from gate.doors.records import User
from gate.errors import Broken

OWNER = {"id": "7", "email": "Olga@x.test", "is_platform_admin": False, "is_platform_owner": True}


def access_of(told: dict[str, Any] | None = None, row: User | None = None, links: tuple[str, ...] = ()) -> Any:
    """Somebody whom the API tells so and the database has so, before a page with these links."""
    view = SimpleNamespace(tables=(), links=[SimpleNamespace(href=href) for href in links])
    access = cast(Any, StaffAccess.__new__(StaffAccess))
    access._target = SimpleNamespace(database=SimpleNamespace(user=lambda _: row))
    access._console = SimpleNamespace(window=SimpleNamespace(view=lambda: view))
    access._session = SimpleNamespace(email="olga@x.test")
    access._user = lambda: told
    return access


@pytest.mark.parametrize("told_as_admin", [True, False])
def test_an_owner_may_be_told_as_an_admin(told_as_admin: bool) -> None:
    row = User(7, "olga@x.test", None, is_platform_admin=False, is_platform_owner=True)
    access_of(OWNER | {"is_platform_admin": told_as_admin}, row).expect_same_person()


@pytest.mark.parametrize(("owner", "admin"), [(False, False), (False, True), (True, True)])
def test_nobody_else_is_told_otherwise_than_on_record(owner: bool, admin: bool) -> None:
    row = User(7, "olga@x.test", None, is_platform_admin=admin, is_platform_owner=owner)
    told = OWNER | {"is_platform_owner": owner, "is_platform_admin": not admin}
    with pytest.raises(Broken, match="differs"):
        access_of(told, row).expect_same_person()


def test_a_page_may_lead_on_to_what_was_asked_of_it() -> None:
    access_of(links=("/runs", f"/projects/{NOBODYS}/members")).expect_nothing_shown()
    with pytest.raises(Broken, match="is shown"):
        access_of(links=(f"/projects/{NOBODYS}", "/projects/7")).expect_nothing_shown()


@pytest.mark.parametrize(
    ("told", "recorded", "raised", "weaker"),
    [
        ("olga", "olga", False, 0),
        # It remembers the person, and does not look at the row.
        ("Olga", "former", False, 1),
        # It has read the row, and left it as it was.
        ("former", "former", True, 0),
    ],
)
def test_a_login_that_is_not_written_again_by_who_remembers_it_makes_the_proof_weaker(
    told: str, recorded: str, raised: bool, weaker: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("RECORDED_WITHIN_SECONDS", "REMEMBERED_SECONDS"):
        monkeypatch.setattr(staff_access, limit, 0)
    row = User(7, "olga@x.test", recorded, is_platform_admin=False, is_platform_owner=False)
    access, found = access_of({"github_login": told}, row), evidence.begin()
    if raised:
        with pytest.raises(Broken, match="former"):
            access._expect_login_anew("olga")
    else:
        access._expect_login_anew("olga")
    assert len(found.weaker) == weaker
