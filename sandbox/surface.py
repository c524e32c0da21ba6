"""What a fault or a trouble changes outside of any request: ports, a migration's row, connections."""

from __future__ import annotations

import asyncio
from typing import LiteralString

import psycopg

from .sockets import Door
from .staging import Staging

# Ports that must be closed from outside (contract 1), and what listens behind them in this staging.
CLOSED = {6443: "cluster", 10250: "cluster", 10254: "gateway", 5000: "console", 8443: "edge", 5432: "postgres"}
# Ports of the parts themselves, which nobody may reach past the edge (probe E26).
INNER = {8080: "gateway", 4180: "edge", 5173: "console"}
# What a cluster may take on its machines: its own parts, and what a Service or a pod takes by a fault.
MACHINE = {port: "cluster" for port in (2379, 2380, 10255, 10256, 10257, 10259, 9100)}
NODE_PORT, OTHER_NODE_PORT, HOST_PORT = 30080, 30443, 15432
MACHINE |= {NODE_PORT: "gateway", OTHER_NODE_PORT: "cluster", HOST_PORT: "postgres"}
# What must be open, beside the ports of the edge.
SSH = 22
OPENED_BY = {
    "kubernetes-api-open": 6443,
    "kubelet-open": 10250,
    "registry-open": 5000,
    "metrics-port-open": 10254,
    "ingress-admission-open": 8443,
    "postgres-open": 5432,
    "gateway-port-open": 8080,
    "console-port-open": 5173,
    "gateway-is-a-node-port": NODE_PORT,
    "dashboard-is-a-node-port": OTHER_NODE_PORT,
    "database-has-a-host-port": HOST_PORT,
    "etcd-open": 2379,
}
_RUNS_FK = "ALTER TABLE agent_runs DROP CONSTRAINT agent_runs_project_id_fkey, ADD FOREIGN KEY (project_id)"
_NAMED_FK = (
    "ALTER TABLE learning_feedback DROP CONSTRAINT learning_feedback_repository_id_fkey,"
    " ADD FOREIGN KEY (repository_id)"
)
# What a fault does to the tables, and how it is undone.
DAMAGES: dict[str, tuple[LiteralString, LiteralString]] = {
    # goose also writes a row when it takes a migration back: the newest then says `is_applied = false`.
    "goose-newest-not-applied": (
        "INSERT INTO goose_db_version (version_id, is_applied) VALUES (20260209173000, false)",
        "DELETE FROM goose_db_version WHERE version_id = 20260209173000 AND NOT is_applied",
    ),
    "goose-table-empty": (
        "ALTER TABLE goose_db_version RENAME TO goose_kept;"
        " CREATE TABLE goose_db_version (LIKE goose_kept INCLUDING ALL)",
        "DROP TABLE goose_db_version; ALTER TABLE goose_kept RENAME TO goose_db_version",
    ),
    "email-column-is-text": (
        "ALTER TABLE users ALTER COLUMN email TYPE text",
        "DELETE FROM users a USING users b WHERE lower(a.email) = lower(b.email) AND a.created_at > b.created_at;"
        " ALTER TABLE users ALTER COLUMN email TYPE citext",
    ),
    "unique-index-lost": (
        "ALTER TABLE project_members DROP CONSTRAINT project_members_project_id_user_id_key",
        "ALTER TABLE project_members ADD UNIQUE (project_id, user_id)",
    ),
    "column-lost": (
        "ALTER TABLE learning_feedback RENAME COLUMN line TO line_no",
        "ALTER TABLE learning_feedback RENAME COLUMN line_no TO line",
    ),
    "second-owner": (
        "DROP INDEX users_one_owner; UPDATE users SET is_platform_owner = true WHERE email LIKE 'ops@%'",
        "UPDATE users SET is_platform_owner = false WHERE email LIKE 'ops@%';"
        " CREATE UNIQUE INDEX users_one_owner ON users (is_platform_owner) WHERE is_platform_owner",
    ),
    "owner-is-an-admin-only": (
        "UPDATE users SET is_platform_owner = false WHERE is_platform_owner",
        "UPDATE users SET is_platform_owner = true WHERE id ="
        " (SELECT id FROM users WHERE is_platform_admin ORDER BY created_at LIMIT 1)",
    ),
    "slots-outlive-projects": (
        "ALTER TABLE slots DROP CONSTRAINT slots_project_id_fkey",
        "DELETE FROM slots WHERE project_id NOT IN (SELECT id FROM projects); ALTER TABLE slots"
        " ADD FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE",
    ),
    "repositories-outlive-projects": (
        "ALTER TABLE repositories DROP CONSTRAINT repositories_project_id_fkey",
        "DELETE FROM repositories WHERE project_id NOT IN (SELECT id FROM projects); ALTER TABLE repositories"
        " ADD FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE",
    ),
    "feedback-outlives-projects": (
        "ALTER TABLE learning_feedback DROP CONSTRAINT learning_feedback_run_id_fkey",
        "DELETE FROM learning_feedback WHERE run_id NOT IN (SELECT id FROM agent_runs); ALTER TABLE"
        " learning_feedback ADD FOREIGN KEY (run_id) REFERENCES agent_runs (id) ON DELETE CASCADE",
    ),
    "runs-know-more": (
        """
ALTER TABLE agent_runs ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY, ADD COLUMN job_name text UNIQUE,
    ADD COLUMN repository text GENERATED ALWAYS AS (run_payload #>> '{raw_payload,repository,full_name}') STORED,
    ADD COLUMN serial bigserial UNIQUE, ADD CONSTRAINT agent_runs_end
    CHECK ((finished_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'canceled')));
CREATE OR REPLACE FUNCTION name_job() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.job_name := coalesce(NEW.job_name, 'codex-k8s-run-' || NEW.id); RETURN NEW; END $$;
CREATE TRIGGER agent_runs_job BEFORE INSERT ON agent_runs FOR EACH ROW EXECUTE FUNCTION name_job();
""",
        "ALTER TABLE agent_runs DROP COLUMN number, DROP COLUMN job_name, DROP COLUMN repository,"
        " DROP COLUMN serial, DROP CONSTRAINT agent_runs_end; DROP TRIGGER agent_runs_job ON agent_runs",
    ),
    "unique-indexes-carry-more": (
        "ALTER TABLE projects DROP CONSTRAINT projects_slug_key, ADD CONSTRAINT projects_slug_key UNIQUE (slug)"
        " INCLUDE (name)",
        "ALTER TABLE projects DROP CONSTRAINT projects_slug_key, ADD CONSTRAINT projects_slug_key UNIQUE (slug)",
    ),
    # What the gateway does with these is undone here.
    "refused-person-recorded": ("SELECT 1", "DELETE FROM users WHERE github_user_id = -1"),
    "refused-person-let-in-later": ("SELECT 1", "DELETE FROM users WHERE github_user_id = -1"),
    "repository-number-narrow": (
        "DELETE FROM repositories WHERE external_id > 2147483647;"
        " ALTER TABLE repositories ALTER COLUMN external_id TYPE integer",
        "ALTER TABLE repositories ALTER COLUMN external_id TYPE bigint",
    ),
    "feedback-goes-with-repositories": (
        f"{_NAMED_FK} REFERENCES repositories (id) ON DELETE CASCADE",
        f"{_NAMED_FK} REFERENCES repositories (id) ON DELETE SET NULL",
    ),
    "delivery-ids-bounded": (
        "ALTER TABLE agent_runs ALTER COLUMN correlation_id TYPE varchar(200)",
        "ALTER TABLE agent_runs ALTER COLUMN correlation_id TYPE text",
    ),
    "event-number-narrow": (
        "ALTER TABLE flow_events ALTER COLUMN id TYPE integer",
        "ALTER TABLE flow_events ALTER COLUMN id TYPE bigint",
    ),
    "events-tied-to-runs": (
        "ALTER TABLE flow_events ADD CONSTRAINT flow_events_of_run FOREIGN KEY (correlation_id) REFERENCES"
        " agent_runs (correlation_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID",
        "ALTER TABLE flow_events DROP CONSTRAINT flow_events_of_run",
    ),
    "runs-outlive-projects": (
        f"{_RUNS_FK} REFERENCES projects (id) ON DELETE SET NULL",
        f"{_RUNS_FK} REFERENCES projects (id) ON DELETE CASCADE",
    ),
}


class Surface:
    """The ports of the staging beside its edge, and the faults that have to be carried out."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._connections_cut = False
        self._done: set[str] = set()
        self._applying = asyncio.Lock()
        self.doors = {port: Door(f"port {port}") for port in (*CLOSED, *INNER, *MACHINE, SSH)}

    async def apply(self) -> None:
        """Make the world agree with the faults that are on; called after every change of them."""
        async with self._applying:
            on = self._staging.faults.on
            opened = {port for fault, port in OPENED_BY.items() if on(fault)}
            for port, door in self.doors.items():
                wanted = port in opened or (port == SSH and not on("ssh-port-refused"))
                if wanted and not door.is_open:
                    await door.open(self._behind(port))
                elif door.is_open and not wanted:
                    await door.close()
            await self._damage()
            await self._cut_connections()

    def close(self) -> None:
        """Give all ports back."""
        for door in self.doors.values():
            door.drop()

    def _behind(self, port: int) -> int:
        return self._staging.port((CLOSED | INNER | MACHINE | {SSH: "ssh"})[port])

    async def _damage(self) -> None:
        """What is wrong with the tables themselves, and how each is made good again."""
        for fault, (harm, mend) in DAMAGES.items():
            wanted = self._staging.faults.on(fault) or self._staging.variants.on(fault)
            if wanted != (fault in self._done):
                await self._execute(harm if wanted else mend)
                self._done ^= {fault}

    async def _cut_connections(self) -> None:
        """Once, when the trouble is switched on: connections from outside break, new ones work.

        The platform's own are left alone: one that loses its question answers 500, and that is its own matter.
        """
        wanted = self._staging.troubles.on("database-connections-cut")
        if wanted and not self._connections_cut:
            await self._execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND application_name NOT IN ('codex-k8s', 'codex-k8s-worker', 'neighbours')"
            )
        self._connections_cut = wanted

    async def _execute(self, query: LiteralString) -> None:
        url = self._staging.database_url
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(query)
