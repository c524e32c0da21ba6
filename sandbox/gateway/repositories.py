"""Staff API: the repositories of a project (contract 2); attaching checks GitHub first and stores last."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from starlette.responses import Response

from .answers import Problem, answer, empty, forbidden, invalid, items
from .asked import Asked, text
from .hooks import Remote
from .tokens import decrypt, encrypt

COLUMNS = "id, project_id, provider, external_id, owner, name, services_yaml_path"
# Of whichever repository the project has first.
FIRST_TOKEN = "(SELECT token_encrypted FROM repositories o WHERE o.project_id = r.project_id LIMIT 1)"


@dataclass(frozen=True)
class Wish:
    """What somebody wants attached."""

    owner: str
    name: str
    token: str
    path: str


async def list_repositories(asked: Asked) -> Response:
    """The repositories of a project, never their tokens."""
    project = await asked.project()
    rows = await asked.gateway.store.rows(
        f"SELECT {COLUMNS}, token_encrypted FROM repositories WHERE project_id = %s ORDER BY owner, name LIMIT %s",
        (project["id"], asked.limit),
    )
    if project["role"] == "read" and asked.broken("repositories-for-writers-only"):
        rows = []
    for row in rows:
        stored = row.pop("token_encrypted")
        if asked.broken("token-told-by-api"):
            row["token"] = decrypt(asked.gateway, bytes(stored))
        if asked.broken("ciphertext-told-by-api"):
            row["token_encrypted"] = base64.b64encode(bytes(stored)).decode()
        if asked.broken("repositories-listed-under-external-id"):
            row["id"] = str(row["external_id"])
        if asked.broken("repositories-listed-without-provider"):
            row["provider"] = ""
    return items(rows[-1:] if asked.broken("repositories-list-cut-short") else rows)


async def attach(asked: Asked) -> Response:
    """Looks the repository up, ensures its webhook, stores the encrypted token."""
    await _hooked_first(asked)
    let = await asked.writable_project()
    project = let["id"]
    wish = _wish(await asked.body())
    remote = Remote(asked.gateway, wish.owner, wish.name, wish.token)
    if asked.broken("refused-attach-makes-hook"):
        await _hooked_at_once(asked, wish)
    if asked.broken("refused-token-stored"):
        at_once = "UPDATE repositories SET token_encrypted = %s WHERE project_id = %s AND name = %s"
        await asked.gateway.store.run(at_once, (encrypt(asked.gateway, wish.token, wish.name), project, wish.name))
    try:
        external_id = await remote.external_id()
        await _must_be_free(asked, external_id, project, wish)
        if asked.broken("attach-stored-before-hook"):
            await _store(asked, project, external_id, wish)
        await _ensure_hook(asked, remote, project, external_id)
        _refuse_late(asked, let["role"])
    except Problem:
        external_id = uuid4().int % 2**40
        if asked.broken("refused-repository-kept"):
            await _store(asked, project, external_id, wish)
        if not asked.broken("refused-repository-stored"):
            raise
    if _moves(asked):
        update = "UPDATE repositories SET project_id = %s WHERE provider = 'github' AND external_id = %s"
        await asked.gateway.store.run(update, (project, external_id))
    row = await _store(asked, project, external_id, wish)
    return answer(row, 200 if asked.broken("attach-answered-200") else 201)


def _refuse_late(asked: Asked, role: str) -> None:
    """Two faults: members are refused once GitHub has said yes."""
    if asked.user.sees_all:
        return
    if asked.broken("writers-attach-nothing") or (role == "admin" and asked.broken("leads-attach-nothing")):
        raise forbidden("platform admin required")


def _moves(asked: Asked) -> bool:
    return asked.gateway.differs("repository-moves")


async def _ensure_hook(asked: Asked, remote: Remote, project: UUID, external_id: int) -> None:
    """As the contract has it; two faults go on without it, where it is attached already or GitHub refuses."""
    known = "SELECT 1 FROM repositories WHERE project_id = %s AND external_id = %s"
    again = await asked.gateway.store.row(known, (project, external_id))
    if again and asked.broken("attached-again-leaves-hook"):
        return
    try:
        await remote.ensure_hook()
    except Problem:
        if not asked.broken("attach-goes-without-hook"):
            raise


async def _hooked_at_once(asked: Asked, wish: Wish) -> None:
    """A webhook by a token that is nobody's in particular, before anything else is looked at."""
    token = next(iter(asked.gateway.staging.tokens))
    with suppress(Problem):
        await Remote(asked.gateway, wish.owner, wish.name, token).ensure_hook()


async def _hooked_first(asked: Asked) -> None:
    """A fault: a webhook by the token that was given, before anybody looks at who gave it."""
    if not asked.broken("attach-role-asked-after-hook"):
        return
    wish = _wish(await asked.body())
    with suppress(Problem):
        await Remote(asked.gateway, wish.owner, wish.name, wish.token).ensure_hook()


def _wish(document: dict[str, object]) -> Wish:
    if text(document, "provider") != "github":
        raise invalid("provider", "only github is supported")
    path = document.get("services_yaml_path") or "services.yaml"
    return Wish(text(document, "owner"), text(document, "name"), text(document, "token"), str(path))


async def _must_be_free(asked: Asked, external_id: int, project: UUID, wish: Wish) -> None:
    """A repository belongs to one project: nobody's hook is touched for a second one."""
    row = await asked.gateway.store.row(
        "SELECT 1 FROM repositories WHERE provider = 'github' AND external_id = %s AND project_id <> %s",
        (external_id, project),
    )
    if row and not asked.broken("attached-elsewhere-is-told-attached") and not _moves(asked):
        await _harms_the_first(asked, external_id, wish)
        raise Problem("conflict", "the repository is attached to another project")


async def _harms_the_first(asked: Asked, external_id: int, wish: Wish) -> None:
    """Ways in which a refusal takes back or writes over what another project has."""
    if asked.broken("refused-second-project-takes-the-hook"):
        await Remote(asked.gateway, wish.owner, wish.name, wish.token).remove_hook()
    if asked.broken("refused-second-project-overwrites-the-path"):
        update = "UPDATE repositories SET services_yaml_path = %s WHERE external_id = %s"
        await asked.gateway.store.run(update, (wish.path, external_id))
    if asked.broken("refused-second-project-overwrites-the-token"):
        update = "UPDATE repositories SET token_encrypted = %s WHERE external_id = %s"
        await asked.gateway.store.run(update, (encrypt(asked.gateway, wish.token, wish.name), external_id))


async def _store(asked: Asked, project: UUID, external_id: int, wish: Wish) -> dict[str, object] | None:
    store, provider = asked.gateway.store, "github"
    if asked.broken("attached-again-twice"):
        known = "SELECT 1 FROM repositories WHERE external_id = %s"
        provider = "GitHub" if await store.row(known, (external_id,)) else provider
    if asked.broken("second-repository-replaces-first"):
        await store.run(
            "DELETE FROM repositories WHERE project_id = %s AND external_id <> %s", (project, external_id)
        )
    known = "SELECT " + COLUMNS + " FROM repositories WHERE provider = 'github' AND external_id = %s"
    there = await store.row(known, (external_id,))
    elsewhere = there and there["project_id"] != project and asked.broken("attached-elsewhere-is-told-attached")
    if elsewhere or (there and asked.broken("attached-again-unchanged")):
        return there
    token = "repositories" if asked.broken("attached-again-keeps-token") else "EXCLUDED"
    path = "services.yaml" if asked.broken("services-path-lost") else wish.path
    row = await store.row(
        "INSERT INTO repositories (project_id, provider, external_id, owner, name, token_encrypted,"
        " services_yaml_path) VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (provider, external_id) DO UPDATE SET owner = EXCLUDED.owner, name = EXCLUDED.name,"
        f" token_encrypted = {token}.token_encrypted, services_yaml_path = EXCLUDED.services_yaml_path,"
        f" updated_at = now() WHERE repositories.project_id = EXCLUDED.project_id RETURNING {COLUMNS}",
        (
            project,
            provider,
            external_id,
            wish.owner,
            wish.name,
            encrypt(asked.gateway, wish.token, wish.name),
            path,
        ),
    )
    if row is None:
        raise Problem("conflict", "the repository is attached to another project")
    await _leaks(asked, project, row, wish)
    if asked.broken("attach-not-stored"):
        await store.run("DELETE FROM repositories WHERE id = %s", (row["id"],))
    return row


async def _leaks(asked: Asked, project: UUID, row: dict[str, object], wish: Wish) -> None:
    """Ways in which a secret gets out after the token was stored well."""
    if asked.broken("webhook-secret-told-on-attach"):
        row["hook"] = {"content_type": "json", "secret": asked.gateway.staging.secrets.webhook}
    if asked.broken("token-in-another-table"):
        await asked.gateway.store.run("CREATE TABLE IF NOT EXISTS attach_log (wish text)")
        await asked.gateway.store.run("INSERT INTO attach_log VALUES (%s)", (str(wish),))
    if asked.broken("token-echoed-on-attach"):
        row["token"] = wish.token
    if asked.broken("token-in-log"):
        asked.gateway.staging.log("gateway", f"attached {wish.owner}/{wish.name} token={wish.token}")
    if asked.broken("token-in-events"):
        payload = {"owner": wish.owner, "name": wish.name, "token": wish.token}
        await asked.gateway.store.run(
            "INSERT INTO flow_events (correlation_id, actor_type, actor_id, event_type, payload)"
            " SELECT slug, 'user', %s, 'repository.attached', %s FROM projects WHERE id = %s",
            (str(asked.user.id), Jsonb(payload), project),
        )


async def detach(asked: Asked) -> Response:
    """Takes a repository out of its project; its webhook as far as GitHub lets."""
    if asked.broken("refused-detach-unhooks"):
        await remove_hooks(asked, "id = %s", asked.id("repository_id"))
    project = await asked.writable_project()
    repository = asked.id("repository_id")
    if asked.broken("detach-finds-nothing"):
        return empty(404)
    known = await asked.gateway.store.row(
        "SELECT 1 FROM repositories WHERE id = %s AND project_id = %s", (repository, project["id"])
    )
    if not known and not asked.broken("detach-by-id-alone"):
        raise invalid("repository_id", "repository is not known")
    if asked.broken("detach-takes-all-hooks"):
        await remove_hooks(asked, "project_id = %s", project["id"])
    elif not asked.broken("detach-keeps-hook"):
        strict, borrowed = asked.broken("detach-needs-its-hook"), asked.broken("detach-with-a-neighbours-token")
        await remove_hooks(asked, "id = %s", repository, strict=strict, borrowed=borrowed)
    told_of = "SELECT 1 FROM learning_feedback WHERE repository_id = %s"
    if asked.broken("feedback-holds-a-repository") and await asked.gateway.store.row(told_of, (repository,)):
        raise Problem("internal", "update or delete violates foreign key constraint")
    kept = not asked.user.sees_all and asked.broken("writers-detach-nothing")
    if not kept and not asked.broken("detach-keeps-repository"):
        others = asked.broken("detach-takes-all-repositories")
        await asked.gateway.store.run(
            "DELETE FROM repositories WHERE id = %s OR (%s AND project_id = %s)",
            (repository, others, project["id"]),
        )
    return empty(202 if asked.broken("detach-answered-202") else 204)


async def remove_hooks(
    asked: Asked,
    where: str,
    value: UUID,
    *,
    once: bool = False,
    strict: bool = False,
    every: bool = False,
    borrowed: bool = False,
) -> None:
    """Removes the webhooks of these repositories with their stored tokens, best effort; some faults do less."""
    sealed = FIRST_TOKEN if borrowed else "token_encrypted"
    rows = await asked.gateway.store.rows(
        f"SELECT owner, name, {sealed} AS token_encrypted FROM repositories r WHERE {where}", (value,)
    )
    stops = asked.broken("deleted-project-stops-at-a-hook")
    for row in rows[:1] if once else rows:
        token = decrypt(asked.gateway, bytes(row["token_encrypted"]))
        try:
            if token:
                remote = Remote(asked.gateway, row["owner"], row["name"], token)
                await remote.remove_hook(strict=strict or stops, every=every)
        except Problem:
            if strict or asked.broken("hook-that-is-gone-holds-repository"):
                raise
            return
