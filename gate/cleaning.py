"""Taking away what the gate made. Everything it makes carries a mark, `gate-` with six hex digits and a number.

Rows go in one transaction that touches marked rows only, after the marked runs have ended, so that the worker
finds nothing missing under its hands. What still waits to be run is withdrawn first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.doors.database import REPOSITORIES_TURN
from gate.errors import Broken, Held, NotProven
from gate.guests import guests_of
from gate.language import Text, say
from gate.run_limits import lone_projects
from gate.waiting import until
from gate.watching import derived_project

if TYPE_CHECKING:
    from gate.doors.records import Hook
    from gate.target import Target

# Two polls and a pod that takes its time to begin.
LONGEST_WAIT_SECONDS = 60.0
# Whose greetings those of the last day are, nobody knows any more; a run's own came while it was under way.
A_DAY, CLOCKS_APART = timedelta(days=1), timedelta(minutes=1)
TRIES = 2
JOBS_AT_ONCE = 8
RUN_LABEL = "app.kubernetes.io/name=codex-k8s-run"
RUN_ID = "codexk8s.io/run-id"
ALIVE = "status IN ('pending', 'running')"
# A mark in the middle of a slug or an e-mail; the number tells it from a word such as gate-facade.
ANY_MARK = r"(?:^|[^a-z0-9])(gate-[0-9a-f]{6})-[0-9]"
# By name: what is marked. Runs of a marked project are ours too, and `greetings`: GitHub itself greets a new hook
# with a delivery, and its run may begin after the repository has left the project. `lone`: the projects of marked
# runs that named no repository, whose slug is the platform's choice (contract 4.1), and of greetings.
PROJECTS = "SELECT id FROM projects WHERE slug ~* %(anywhere)s OR id = ANY(%(lone)s::uuid[])"
USERS = "SELECT id FROM users WHERE email::text ~* %(anywhere)s"
MARKED = r"correlation_id LIKE %(begins)s ESCAPE '\'"
RUNS = f"({MARKED} OR id = ANY(%(greetings)s::uuid[]) OR project_id IN ({PROJECTS}))"
REMOVALS: tuple[tuple[str, str], ...] = (
    ("learning_feedback", f"run_id IN (SELECT id FROM agent_runs WHERE {RUNS})"),
    (
        "flow_events",
        f"{MARKED} OR correlation_id IN (SELECT correlation_id FROM agent_runs WHERE {RUNS})",
    ),
    ("agent_runs", RUNS),
    ("slots", f"project_id IN ({PROJECTS})"),
    ("repositories", f"project_id IN ({PROJECTS})"),
    ("project_members", f"project_id IN ({PROJECTS}) OR user_id IN ({USERS})"),
    ("projects", f"id IN ({PROJECTS})"),
    ("users", f"id IN ({USERS})"),
)
# Also those that went with their projects, as their events tell.
WITH_JOBS = f"""
SELECT id::text AS id FROM agent_runs WHERE {RUNS}
UNION SELECT payload ->> 'run_id' FROM flow_events WHERE {MARKED} AND event_type = 'run.started'
"""
# The run of a greeting to a hook of these repositories: GitHub's ping has `zen` and the hook that it greets.
GREETS = """
run_payload -> 'raw_payload' ?| ARRAY['zen', 'hook_id']
    AND lower(run_payload #>> '{raw_payload,repository,full_name}') = ANY(%s)
"""
# Of a test repository, while nobody else's project has it.
GREETINGS = f"""
SELECT id FROM agent_runs WHERE created_at > now() - %s::interval AND {GREETS}
    AND (project_id IS NULL OR project_id = ANY(%s::uuid[]))
"""
# Of the projects derived from test repositories those in which there is nothing but greetings.
GREETED = """
SELECT id FROM projects p WHERE id = ANY(%s::uuid[])
    AND NOT EXISTS (SELECT FROM agent_runs WHERE project_id = p.id AND id <> ALL(%s::uuid[]))
    AND NOT EXISTS (SELECT FROM repositories WHERE project_id = p.id)
    AND NOT EXISTS (SELECT FROM project_members WHERE project_id = p.id)
"""
# A real person's e-mail: whoever is more than a guest by now is nobody's to take off.
DISMISSED = """
DELETE FROM users u WHERE lower(email::text) = lower(%s) AND NOT is_platform_admin
    AND coalesce((to_jsonb(u) ->> 'is_platform_owner')::boolean, false) = false
    AND NOT EXISTS (SELECT FROM project_members WHERE user_id = u.id)
"""
# `created_at` of projects and users is not promised by the contract; asked through jsonb it may be missing.
FOUND = """
SELECT mark, kind, count(*) AS rows, max(at) AS newest FROM (
    SELECT substring(correlation_id from %(mark)s) AS mark, 'runs' AS kind, created_at AS at
    FROM agent_runs WHERE correlation_id LIKE 'gate-%%'
    UNION ALL SELECT substring(correlation_id from %(mark)s), 'events', created_at
    FROM flow_events WHERE correlation_id LIKE 'gate-%%'
    UNION ALL SELECT substring(lower(slug) from %(mark)s), 'projects', (to_jsonb(p) ->> 'created_at')::timestamptz
    FROM projects p WHERE slug ~* %(mark)s
    UNION ALL SELECT substring(lower(email::text) from %(mark)s), 'users',
        (to_jsonb(u) ->> 'created_at')::timestamptz
    FROM users u WHERE email::text ~* %(mark)s
) AS found WHERE mark IS NOT NULL GROUP BY mark, kind ORDER BY mark, kind
"""


@dataclass(frozen=True)
class Leftover:
    """What one run of the gate left: how many rows of each kind, and the time of the newest."""

    mark: str
    rows: dict[str, int]
    newest: datetime | None

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.rows.items())
        return f"{self.mark}  {kinds}  {self.newest or say('age unknown', 'возраст неизвестен')}"


@dataclass(frozen=True)
class Removed:
    """How many rows of each table went, and what stays: `2 x users (audit_log)`, the latter refers to them."""

    rows: dict[str, int]
    held: list[str]


def withdraw(target: Target, delivery_ids: Sequence[str]) -> None:
    """Take back runs that still wait: a staging shared by others need not run what was judged already."""
    target.database.transaction(
        [
            (
                "DELETE FROM flow_events WHERE correlation_id IN (SELECT correlation_id FROM agent_runs"
                " WHERE correlation_id = ANY(%s) AND status = 'pending' FOR UPDATE SKIP LOCKED)",
                (list(delivery_ids),),
            ),
            (
                "DELETE FROM agent_runs WHERE id IN (SELECT id FROM agent_runs"
                " WHERE correlation_id = ANY(%s) AND status = 'pending' FOR UPDATE SKIP LOCKED)",
                (list(delivery_ids),),
            ),
        ]
    )


def clean_up(target: Target) -> str:
    """Remove everything that bears the target's mark; returns a sentence about what could not be removed."""
    if target.read_only or not {"webhook", "people", "database"} & (target.opened() | target.opened_elsewhere):
        return ""
    try:
        under_way = datetime.now(UTC) - target.started
        target.kept_rows = remove(target, target.mark, under_way + CLOCKS_APART).held
    except NotProven as reason:
        return say(
            f"What this run made ({target.mark}) is still there: {reason} Remove it with `python -m gate clean`.",
            f"Созданное этим прогоном ({target.mark}) осталось: {reason} Уберите командой `python -m gate clean`.",
        )
    return ""


def leftovers(target: Target, older_than: timedelta) -> list[Leftover]:
    """What runs of the gate left whose newest row is older than this, by the database's own clock."""
    found: dict[str, dict[str, int]] = {}
    newest: dict[str, datetime | None] = {}
    for row in target.database.query(FOUND, {"mark": ANY_MARK}):
        found.setdefault(row["mark"], {})[row["kind"]] = row["rows"]
        times = [time for time in (newest.get(row["mark"]), row["newest"]) if time]
        newest[row["mark"]] = max(times, default=None)
    now: datetime = target.database.value("SELECT now()")
    unknown_age = now if older_than else now - timedelta(seconds=1)
    return [
        Leftover(mark, rows, newest[mark])
        for mark, rows in found.items()
        if (newest[mark] or unknown_age) <= now - older_than
    ]


def remove(target: Target, mark: str, greeted_within: timedelta = A_DAY) -> Removed:
    """Remove what bears this mark, as far as the tables let it go, and what lately greeted new hooks."""
    values = _values(mark)
    values["greetings"] = _greetings(target, greeted_within)
    _withdraw_all(target, values)
    _until_ended(target, values)
    values["lone"] = _lone_projects(target, values) + _greeted_projects(target, values["greetings"])
    runs = [row["id"] for row in target.database.query(WITH_JOBS, values)]
    removed = _remove_rows(target, values)
    _remove_jobs(target, runs)
    return removed


def forgotten_hooks(target: Target, older_than: timedelta) -> list[tuple[str, Hook]]:
    """Hooks of this age at the test repositories that lead to this platform, or bear a mark, of no project.

    What is younger somebody may have made by hand just now, and not attached yet.
    `NotProven` while another gate has its turn there: its hooks are not forgotten.
    """
    if not target.database.locked(REPOSITORIES_TURN):
        raise NotProven(say("another gate is at the test repositories.", "с ними работает другой прогон гейта."))
    found, by = [], datetime.now(UTC) - older_than
    for full_name in target.settings["GATE_GITHUB_REPOSITORIES"]:
        owner, _, name = full_name.partition("/")
        attached = target.database.value(
            "SELECT count(*) FROM repositories WHERE lower(owner) = lower(%s) AND lower(name) = lower(%s)",
            owner,
            name,
        )
        if not attached:
            hooks = [hook for hook in target.github.hooks(full_name) if _is_ours(target, hook)]
            found += [(full_name, hook) for hook in hooks if not older_than or _made(hook) <= by]
    return found


def forgotten_guests(target: Target, older_than: timedelta) -> list[str]:
    """Whom runs that were killed let in, as this folder of results knows."""
    return guests_of(target).emails(older_than)


def dismiss(target: Target, email: str) -> bool:
    """Take such a guest off; False where somebody has made more of them since, and they stay."""
    with suppress(Held):
        target.database.execute(DISMISSED, email)
    guests_of(target).drop(email)
    return target.database.user(email) is None


def _is_ours(target: Target, hook: Hook) -> bool:
    import re

    return hook.url == target.webhook_url or re.search(ANY_MARK, hook.url.lower()) is not None


def _made(hook: Hook) -> datetime:
    """By GitHub's clock; one of unknown age is young."""
    return hook.created_at or datetime.now(UTC)


def _values(mark: str) -> dict[str, Any]:
    escaped = mark.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return {"begins": f"{escaped}-%", "anywhere": f"(?:^|[^a-z0-9]){mark}-[0-9]", "lone": [], "greetings": []}


def _lone_projects(target: Target, values: dict[str, Any]) -> list[str]:
    """The projects that were derived from a marked delivery's id alone, as their own ids say."""
    rows = target.database.query(
        f"SELECT correlation_id, project_id FROM agent_runs WHERE project_id IS NOT NULL AND {RUNS}", values
    )
    return [str(row["project_id"]) for row in rows if row["project_id"] in lone_projects(row["correlation_id"])]


def _derived(target: Target) -> dict[str, str]:
    """The names of the test repositories, as the platform writes them, and the projects derived from them."""
    names = [name.lower() for name in target.settings["GATE_GITHUB_REPOSITORIES"]]
    return {name: str(derived_project(name)) for name in names}


def _greetings(target: Target, within: timedelta) -> list[str]:
    """The runs that GitHub's greetings to new hooks of the test repositories made, outside of marked projects."""
    derived = _derived(target)
    rows = target.database.query(GREETINGS, within, [*derived], [*derived.values()]) if derived else []
    return [str(row["id"]) for row in rows]


def _greeted_projects(target: Target, greetings: Sequence[str]) -> list[str]:
    """Where nothing but these greetings ever came; none without one, for then it is somebody else's."""
    derived = _derived(target)
    rows = target.database.query(GREETED, [*derived.values()], list(greetings)) if greetings else []
    return [str(row["id"]) for row in rows]


def _withdraw_all(target: Target, values: dict[str, Any]) -> None:
    waiting = target.database.query(
        f"SELECT correlation_id FROM agent_runs WHERE {RUNS} AND status = 'pending'", values
    )
    if waiting:
        with suppress(Held):  # then row by row, as everything
            withdraw(target, [row["correlation_id"] for row in waiting])


def _until_ended(target: Target, values: dict[str, Any]) -> None:
    """Wait for marked runs to end; those that never do are removed with their Jobs all the same."""
    within = min(target.settings["GATE_RUN_SECONDS"], LONGEST_WAIT_SECONDS)
    try:
        until(
            lambda: target.database.query(f"SELECT id, status FROM agent_runs WHERE {RUNS} AND {ALIVE}", values),
            lambda alive: not alive,
            what=Text("the end of the runs of this gate", "конец запусков этого прогона"),
            within=within,
        )
    except Broken as late:
        evidence.note(str(late))


def _remove_rows(target: Target, values: dict[str, Any]) -> Removed:
    """One transaction; the worker may hold a row just then, so it is tried again once."""
    # A worker that ends one of the runs just now writes its event as well, which must be there to go.
    statements: list[tuple[str, Any]] = [
        (f"SELECT id FROM agent_runs WHERE {RUNS} FOR UPDATE", values),
        *((f"DELETE FROM {table} WHERE {marked}", values) for table, marked in REMOVALS),
    ]
    for last_try in (False, True):
        try:
            _, *counts = target.database.transaction(statements)
        except NotProven as refused:
            if last_try and isinstance(refused, Held):
                return _remove_one_by_one(target, values)
            if last_try:
                raise
        else:
            break
    return Removed({table: count for (table, _), count in zip(REMOVALS, counts, strict=True)}, [])


def _remove_one_by_one(target: Target, values: dict[str, Any]) -> Removed:
    """Each row for itself: what a table that the contract does not name refers to stays, and all else goes."""
    gone, held = Counter[str](), Counter[str]()
    for table, marked in REMOVALS:
        for row in target.database.query(f"SELECT ctid::text AS row FROM {table} WHERE {marked}", values):
            this_one = f"DELETE FROM {table} WHERE ctid = %(row)s::tid AND ({marked})"
            try:
                gone[table] += sum(target.database.transaction([(this_one, values | row)]))
            except Held as refusal:
                held[f"{table} ({refusal.by})"] += 1
    return Removed(dict(gone), [f"{count} x {what}" for what, count in held.items()])


def _remove_jobs(target: Target, runs: Sequence[str]) -> None:
    """Delete the Jobs of these runs. Without the cluster door they go by themselves in 10 min (contract 4)."""
    if not runs or not (target.settings["GATE_KUBECONFIG"] or target.settings["GATE_KUBE_CONTEXT"]):
        return
    cluster, ours = target.cluster, set(runs)
    try:
        listed = cluster.ask(
            "jobs", cluster.batch().list_namespaced_job, cluster.jobs_namespace, label_selector=RUN_LABEL
        )
        found = [(item.metadata.labels or {}).get(RUN_ID, "") for item in (listed.items if listed else [])]
        with ThreadPoolExecutor(JOBS_AT_ONCE) as pool:
            list(pool.map(cluster.delete_job, [run_id for run_id in found if run_id in ours]))
    except NotProven as reason:
        evidence.note(str(reason))
