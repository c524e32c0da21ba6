"""What only the first builds may lack is a fault of a later one, which knows who the platform's owner is."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from gate import evidence
from gate.capabilities import first_builds
from gate.capabilities.aftermath import Aftermath
from gate.capabilities.contract_data import DataRules
from gate.capabilities.role_acts import ACTS
from gate.capabilities.role_cast import ADMIN, OWNER
from gate.capabilities.roles import Roles
from gate.doors.http import Exchange
from gate.errors import Broken, NotProven

LATE, FIRST = {"user": {"id": "1", "is_platform_owner": True}}, {"user": {"id": "1"}}


def answer(status: int, body: bytes = b"") -> Exchange:
    return Exchange("DELETE", "https://x.test/p", status, (), body, 0.01)


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    """A build whose owner is told this by auth/me; None: there is no owner."""

    def staff(_: Any) -> Any:
        if told is None:
            raise NotProven("The platform has no owner.")
        return SimpleNamespace(me=lambda: answer(200, json.dumps(told).encode()))

    monkeypatch.setattr(first_builds, "owner_staff", staff)
    evidence.begin()


@pytest.mark.usefixtures("build")
@pytest.mark.parametrize(("told", "red"), [(LATE, True), (FIRST, False), ({}, False), ([], False), (None, False)])
@pytest.mark.parametrize("status", [404, 405])
def test_a_project_without_delete_is_weaker_in_a_first_build_only(told: Any, red: bool, status: int) -> None:
    world: Any = SimpleNamespace(target=SimpleNamespace(database=None), mark="gate-0a1b2c-1")
    roles, aftermath = Roles(world), Aftermath(world)
    roles._act = ACTS["delete a project"]
    roles._refusals, roles._grants = [(ADMIN, answer(status))], [(OWNER, answer(status))]
    world.repositories = SimpleNamespace(project_id=UUID(int=1))
    if red:
        with pytest.raises(Broken, match="later"):
            roles.expect_only_allowed()
        with pytest.raises(Broken, match="later"):
            aftermath._has_no_delete(answer(status))
    else:
        roles.expect_only_allowed()
        assert aftermath._has_no_delete(answer(status)) and aftermath._told_cannot()
        assert len(evidence.record().weaker) == 2


@pytest.mark.parametrize(
    ("owner", "admin", "column", "red"),
    [
        (True, True, True, False),
        (True, False, True, False),
        (False, True, True, True),
        (False, True, False, False),
        (False, False, False, True),
    ],
)
def test_whom_the_deploy_names_is_the_owner_where_owners_are_known(
    owner: bool, admin: bool, column: bool, red: bool
) -> None:
    user = SimpleNamespace(is_platform_owner=owner, is_platform_admin=admin)
    database = SimpleNamespace(user=lambda _: user, value=lambda _: column)
    world: Any = SimpleNamespace(target=SimpleNamespace(database=database, fact=lambda *_, **__: "o@x.test"))
    if red:
        with pytest.raises(Broken, match="that the deploy names"):
            DataRules(world).expect_owner()
    else:
        DataRules(world).expect_owner()
