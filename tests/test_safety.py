"""What a run may do to a staging: told beforehand, refused at a production, and nothing at all when read-only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from gate.document import load_document
from gate.doors.raw import Ask
from gate.doors.webhook import new_delivery
from gate.errors import NotProven, SettingError
from gate.expected import expected
from gate.safety import PRODUCTION, READ_ONLY, announced, mixture, not_played, refuse_production
from gate.settings import BY_NAME, Settings
from gate.target import Target
from tests.local_staging import local_staging

ROOT = Path(__file__).resolve().parent.parent
Values = dict[str, str]
WATCHED = """
CREATE SCHEMA watching;
CREATE TABLE watching.written (what text, by text);
CREATE FUNCTION watching.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO watching.written VALUES (TG_OP || ' ' || TG_TABLE_NAME, current_setting('application_name'));
    RETURN NULL;
END $$;
"""
WATCH = (
    'CREATE TRIGGER watching AFTER INSERT OR UPDATE OR DELETE ON "{}"'
    " FOR EACH ROW EXECUTE FUNCTION watching.note()"
)


@pytest.fixture(scope="module")
def values() -> Iterator[Values]:
    with local_staging() as told:
        yield {name: value for name, value in told.items() if name in BY_NAME}


def behave(values: Values, reports: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("GATE_", "CODEXK8S_"))}
    return subprocess.run(
        [sys.executable, "-m", "behave", *arguments],
        cwd=ROOT, env=bare | values | {"GATE_REPORTS": str(reports)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def results(reports: Path) -> list[dict[str, Any]]:
    lines = (reports / "run.jsonl").read_text(encoding="utf-8").splitlines()
    return [line for line in map(json.loads, lines) if line["kind"] == "scenario"]


def hooks(values: Values) -> list[Any]:
    target = Target(Settings(values))
    try:
        return [target.github.hooks(name) for name in target.settings["GATE_GITHUB_REPOSITORIES"]]
    finally:
        target.close()


def test_a_read_only_run_changes_no_row_and_no_hook(values: Values, tmp_path: Path) -> None:
    before = hooks(values)
    with psycopg.connect(values["GATE_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(WATCHED)
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            connection.execute(WATCH.format(table))
        done = behave(values, tmp_path, "-DGATE_READ_ONLY=yes")
        written = connection.execute("SELECT what, by FROM watching.written").fetchall()
        # The watch itself works: an admin who signs in is written down.
        behave(values, tmp_path / "other", "features/en/console.feature", "--tags=@s1.p0.4.1")
        seen = connection.execute("SELECT what FROM watching.written").fetchall()
    assert written == []
    assert hooks(values) == before
    assert ("UPDATE users",) in seen
    assert "This run is read-only" in done.stdout
    statuses = Counter((READ_ONLY in one["tags"], one["status"]) for one in results(tmp_path))
    assert set(statuses) == {(True, "passed"), (False, "not-proven")}, done.stdout
    assert statuses[True, "passed"] >= 100
    told = {one["reason"] for one in results(tmp_path) if one["status"] == "not-proven"}
    assert len(told) == 2  # the same in both languages
    assert all("GATE_READ_ONLY" in reason for reason in told)


def test_the_doors_are_locked_too(values: Values) -> None:
    target = Target(Settings({**values, "GATE_READ_ONLY": "yes"}))
    writing = [
        lambda: target.webhook.send(new_delivery(target.mark, "ping")),
        lambda: target.raw.ask(Ask("DELETE", "/api/v1/staff/users/1")),
        lambda: target.database.execute("INSERT INTO users (email) VALUES ('nobody@gate.test')"),
        lambda: target.github.delete_hook(values["GATE_GITHUB_REPOSITORIES"].partition(",")[0], 1),
        lambda: target.cluster.delete_job("00000000-0000-0000-0000-000000000000"),
        lambda: target.cluster.overrun_job("00000000-0000-0000-0000-000000000000"),
        lambda: target.people.session("admin"),
        lambda: target.people.session("member"),
    ]
    try:
        for write in writing:
            with pytest.raises(NotProven, match="read-only"):
                write()
        assert target.database.value("SELECT count(*) FROM users WHERE email = 'nobody@gate.test'") == 0
        assert target.gateway.request("GET", "/healthz").status == 200
        assert target.clean_up() == ""
    finally:
        target.close()


def test_what_writes_bears_no_tag_and_twins_agree() -> None:
    declared = expected(ROOT / "features")
    tagged = [one for one in declared if READ_ONLY in one.tags]
    assert {one.pair for one in tagged if one.language == "en"} == {
        one.pair for one in tagged if one.language == "ru"
    }
    delivering = set(load_document().acts["delivery"]) | {"s1.p0.2.1", "s1.p0.1.2"}
    assert not [one.key for one in tagged if delivering.intersection(one.ids)]


@pytest.mark.parametrize(
    ("name", "is_production"),
    [
        ("prod.example.com", True), ("codex-k8s-prod", True), ("PRODUCTION", True), ("eu_prd", True),
        ("staging.product.com", False), ("preprod", False), ("pre-prod", False), ("non-prod.example", False),
        ("reproduction.example", False), ("staging.example.com", False), ("codex-k8s-ai-staging", False),
    ],
)  # fmt: skip
def test_a_production_is_told_by_its_name(name: str, is_production: bool) -> None:
    assert bool(PRODUCTION.search(name)) is is_production


def refusal(flagged: bool, **values: str) -> str:
    target = Target(Settings(values))
    try:
        refuse_production(target, flagged)
    except SettingError as refused:
        return str(refused)
    finally:
        target.close()
    return ""


def test_a_production_must_be_meant_twice() -> None:
    domain = "codex.prod.example.com"
    nothing = refusal(False, GATE_DOMAIN=domain)
    assert f"calls itself production (GATE_DOMAIN={domain})" in nothing
    assert f"still missing: GATE_PRODUCTION={domain}, --production on the command line" in nothing
    assert "missing: --production" in refusal(False, GATE_DOMAIN=domain, GATE_PRODUCTION=domain)
    assert f"missing: GATE_PRODUCTION={domain}." in refusal(True, GATE_DOMAIN=domain)
    assert refusal(True, GATE_DOMAIN=domain, GATE_PRODUCTION="other.prod.example.com")
    assert refusal(True, GATE_DOMAIN=domain, GATE_PRODUCTION=domain) == ""
    assert refusal(False, GATE_DOMAIN="staging.example.com") == ""
    shared = {"GATE_KUBE_CONTEXT": "prod-eu", "GATE_NAMESPACE": "codex-k8s-ai-staging"}
    assert refusal(False, GATE_DOMAIN="x.example", **shared) == ""
    assert refusal(False, GATE_DOMAIN="staging.prod.example.com") == ""
    # The default says nothing of a target.
    assert "GATE_KUBE_CONTEXT=prod-eu" in refusal(False, GATE_DOMAIN="x.example", GATE_KUBE_CONTEXT="prod-eu")
    assert "GATE_PUBLIC_BASE_URL" in refusal(
        False, GATE_DOMAIN="x.example", GATE_PUBLIC_BASE_URL="https://prod.x.example"
    )
    assert "GATE_NAMESPACE=codex-prod" in refusal(False, GATE_DOMAIN="x.example", GATE_NAMESPACE="codex-prod")


class _Namespace:
    """A cluster whose namespace bears labels."""

    namespace = "codex"
    exists = True

    def __init__(self, **labels: str) -> None:
        self.metadata = self
        self.labels = labels

    def core(self) -> _Namespace:
        return self

    read_namespace = None

    def readable(self, *_: object) -> _Namespace | None:
        return self if self.exists else None


def test_the_cluster_may_say_it_too() -> None:
    def asked(labels: Values, secret: Values, space: str = "codex") -> str:
        target = Target(
            Settings({"GATE_DOMAIN": "x.example", "GATE_NAMESPACE": space, "GATE_KUBE_CONTEXT": "any"})
        )
        vars(target).update(cluster=_Namespace(**labels), runtime_secret=secret)
        try:
            refuse_production(target, False)
        except SettingError as refused:
            return str(refused)
        return ""

    assert "namespace label app.example/environment=production" in asked(
        {"app.example/environment": "production"}, {}
    )
    assert "CODEXK8S_ENV=prod" in asked({}, {"CODEXK8S_ENV": "prod"})
    # A build is often called "production" wherever it runs.
    assert asked({"environment": "production"}, {"NODE_ENV": "production"}, "codex-staging") == ""
    assert asked({"team": "prod", "environment": "staging"}, {"CODEXK8S_PASSWORD": "prod"}) == ""


@pytest.mark.parametrize(
    ("hosts", "domain", "served"),
    [
        (("staging.example",), "Staging.example:8443", ""),
        (("other.example", "*.example"), "staging.example", ""),
        (("other.example", "*.example"), "a.staging.example", "other.example, *.example"),
        (("other.example",), "staging.example", "other.example"),
        ((None, "other.example"), "staging.example", ""),
        ((), "staging.example", ""),
        (None, "staging.example", ""),
    ],
)
def test_a_namespace_that_serves_another_domain_is_told(
    hosts: tuple[str | None, ...] | None, domain: str, served: str
) -> None:
    def ask(*_: object) -> object:
        if hosts is None:
            raise NotProven("403")
        return SimpleNamespace(spec=SimpleNamespace(rules=[SimpleNamespace(host=host) for host in hosts]))

    target = Target(Settings({"GATE_DOMAIN": domain, "GATE_KUBE_CONTEXT": "any"}))
    vars(target).update(cluster=SimpleNamespace(namespace="codex-k8s-ai-staging", api=None, ask=ask))
    told = mixture(target)
    assert bool(told) is bool(served)
    assert not served or f"serves {served} (ingress codex-k8s), not {target.domain}: if these are two" in told
    assert mixture(Target(Settings({"GATE_DOMAIN": domain}))) == ""


def test_a_run_aimed_at_two_stagings_says_so_before_its_first_scenario(values: Values, tmp_path: Path) -> None:
    done = behave({**values, "GATE_DOMAIN": "other.codex-k8s.test"}, tmp_path, "--tags=@s1.pre.1")
    assert (
        f"serves {values['GATE_DOMAIN']} (ingress codex-k8s), not other.codex-k8s.test"
        in done.stderr + done.stdout
    )
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("exists", [True, False])
def test_the_default_namespace_says_something_where_it_exists(exists: bool) -> None:
    target = Target(Settings({"GATE_DOMAIN": "x.example", "GATE_KUBE_CONTEXT": "prod-eu"}))
    cluster = _Namespace()
    cluster.exists = exists
    vars(target).update(cluster=cluster, runtime_secret={})
    if exists:
        refuse_production(target, False)
    else:
        with pytest.raises(SettingError, match="GATE_KUBE_CONTEXT=prod-eu"):
            refuse_production(target, False)


def test_a_run_aimed_at_a_production_stops_before_its_first_scenario(tmp_path: Path) -> None:
    done = behave({"GATE_DOMAIN": "prod.invalid"}, tmp_path, "--tags=@s1.pre.1")
    assert "This target calls itself production (GATE_DOMAIN=prod.invalid)" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode != 0
    assert not (tmp_path / "run.jsonl").exists()


def test_what_will_be_created_is_told_from_what_was_selected(values: Values) -> None:
    target = Target(Settings(values))
    document = load_document()
    try:
        whole = announced(target, document, [one.tags for one in expected(ROOT / "features")])
        assert target.mark in whole
        assert "webhook deliveries" in whole and "sessions of admin, member" in whole
        assert f"webhooks at {', '.join(target.settings['GATE_GITHUB_REPOSITORIES'])}" in whole
        webhook = announced(target, document, [("p0", "s1.p0.1.1")])
        assert "webhook deliveries" in webhook and "sessions" not in webhook and "webhooks at" not in webhook
        assert "writes nothing" in announced(target, document, [("s1.pre.1", READ_ONLY)])
    finally:
        target.close()
    reading = Settings({**values, "GATE_READ_ONLY": "yes"})
    assert "writes nothing" in announced(Target(reading), document, [("p0", "s1.p0.1.1")])
    assert not_played(reading, ["p0"]) and not not_played(reading, [READ_ONLY])
