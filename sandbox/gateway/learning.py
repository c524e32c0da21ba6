"""The learning mode of a run, decided when its webhook comes in (contract 4, end)."""

from __future__ import annotations

from uuid import NAMESPACE_DNS, UUID, uuid5

from ..naming import derived_project
from ..store import Connection
from .core import Gateway
from .payload import Facts


async def project_of(gateway: Gateway, connection: Connection, facts: Facts) -> UUID | None:
    """The project that the repository is attached to."""
    query = "SELECT project_id FROM repositories WHERE provider = 'github' AND external_id = %s"
    if gateway.broken("learning-of-first-repository"):
        first = "SELECT DISTINCT ON (project_id) * FROM repositories ORDER BY project_id, created_at, id"
        query = query.replace("FROM repositories", f"FROM ({first}) r")
    row = await (await connection.execute(query.encode(), (facts.repository_id,))).fetchone()
    found = row["project_id"] if row else None
    if gateway.broken("repository-remembered-by-gateway"):
        found = gateway.kept_projects.setdefault(facts.repository_id, found)
    return found


async def learning_mode(gateway: Gateway, connection: Connection, attached: UUID | None, facts: Facts) -> bool:
    """The project's default, replaced by the override of the member who sent the event."""
    server_default = gateway.staging.learning_default
    derived = derived_project(facts.full_name) if facts.full_name else None
    if facts.full_name and gateway.broken("learning-derived-as-spelled"):
        derived = uuid5(NAMESPACE_DNS, f"repo:{facts.full_name}")
    project = attached or derived
    settings = "SELECT settings FROM projects WHERE id = %s"
    row = await (await connection.execute(settings, (project,))).fetchone()
    if gateway.broken("learning-of-derived-project"):
        row = await (await connection.execute(settings, (derived,))).fetchone() or row
    if row is None and project is None and gateway.broken("learning-off-without-repository"):
        return False
    if row is None:
        return server_default and not gateway.broken("learning-default-off-without-project")
    default = row["settings"].get("learning_mode_default")
    if gateway.broken("project-default-remembered"):
        default = gateway.kept_defaults.setdefault(project, default)
    mode = default if isinstance(default, bool) else server_default
    if gateway.broken("learning-project-default-ignored"):
        mode = server_default
    override = await _override(gateway, connection, project, facts.sender)
    return mode if override is None else override


async def _override(gateway: Gateway, connection: Connection, project: UUID | None, login: str) -> bool | None:
    nameless = not login and not gateway.broken("learning-login-missing-matches")
    if gateway.broken("learning-override-ignored") or nameless:
        return None
    as_kept = "u.github_login = lower(%(login)s)"
    right = as_kept if gateway.differs("logins-kept-in-lower-case") else SAME_LOGIN
    same = next((sql for fault, sql in WRONG_LOGIN.items() if gateway.broken(fault)), right)
    where = "true" if gateway.broken("learning-override-of-any-project") else "m.project_id = %(project)s"
    query = (
        "SELECT m.learning_mode_override AS override FROM project_members m JOIN users u ON u.id = m.user_id"
        f" WHERE {where} AND {same} ORDER BY m.learning_mode_override NULLS LAST LIMIT 1"
    )
    values = {"project": project, "login": login}
    row = await (await connection.execute(query.encode(), values)).fetchone()
    if row is None:
        return gateway.kept_overrides.get((project, login.lower()))
    if row["override"] is None and gateway.broken("learning-inherit-as-off"):
        return False
    if row["override"] is None and gateway.broken("learning-inherited-from-any-project"):
        row = await (await connection.execute(ELSEWHERE, {"login": login})).fetchone() or row
    return bool(row["override"]) if row["override"] is not None else None


ELSEWHERE = (
    b"SELECT m.learning_mode_override AS override FROM project_members m JOIN users u ON u.id = m.user_id"
    b" WHERE lower(u.github_login) = lower(%(login)s) AND m.learning_mode_override IS NOT NULL"
    b" ORDER BY m.updated_at LIMIT 1"
)
WRONG_LOGIN = {
    "learning-login-case-sensitive": "u.github_login = %(login)s",
    "learning-login-by-beginning": "lower(u.github_login) LIKE lower(%(login)s) || '%%'",
    "learning-login-as-beginning": "lower(%(login)s) LIKE lower(u.github_login) || '%%'",
    "learning-login-as-pattern": "u.github_login ILIKE %(login)s",
    "learning-login-missing-matches": "lower(coalesce(u.github_login, '')) = lower(%(login)s)",
    "learning-override-of-admins-ignored": "lower(u.github_login) = lower(%(login)s) AND NOT u.is_platform_admin",
}
SAME_LOGIN = "lower(u.github_login) = lower(%(login)s)"
