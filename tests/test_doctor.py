"""The doctor: open doors are told as open, closed ones with the next step; nothing is written or given away."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import certifi
import psycopg
import pytest

from gate import login
from gate.doctor import local, platform
from gate.doctor.examination import NAMES, Examination, examine, examine_machine, told
from gate.doctor.finding import Finding, look
from gate.doctor.lines import OR, outlooks
from gate.doctor.rights import LINES, RIGHTS, rights, wanted
from gate.doctor.tables import PRIVILEGES
from gate.document import load_document
from gate.evidence import Door
from gate.language import speak
from gate.settings import BY_NAME, Settings
from gate.target import Target
from proof.doctor import PAGE, page
from tests.local_staging import local_staging, switched

ROOT = Path(__file__).resolve().parent.parent
Values = dict[str, str]
CLUSTER = ("GATE_KUBECONFIG", "GATE_KUBE_CONTEXT")


@pytest.fixture(scope="module")
def staging() -> Iterator[Values]:
    with local_staging() as told:
        yield told


@pytest.fixture(scope="module")
def values(staging: Values) -> Values:
    return {name: value for name, value in staging.items() if name in BY_NAME}


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting one takes longer than all the other doors together."""
    monkeypatch.setattr(local, "browser", lambda *_: Finding("browser", True, (), "there"))


def examined(values: Values, *without: str, **changed: str) -> Examination:
    """The examination with some settings left out or changed."""
    kept = {name: value for name, value in values.items() if name not in without} | changed
    target = Target(Settings({**kept, "GATE_REQUEST_SECONDS": "5"}))
    try:
        return examine(target, load_document())
    finally:
        target.close()


def finding(found: Examination, door: str) -> Finding:
    return next(one for one in found.findings if one.door == door)


def missing(found: Examination) -> dict[str, tuple[str, ...]]:
    return {line.line: line.missing for line in found.lines if line.missing}


def content(values: Values) -> dict[str, Any]:
    """Everything that the platform wrote down."""
    with psycopg.connect(values["GATE_DATABASE_URL"]) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            table: connection.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1').fetchall()
            for (table,) in tables
        }


def test_with_every_door_open_all_lines_can_be_proven_and_nothing_is_written(values: Values) -> None:
    before = content(values)
    found = examined(values)
    assert found.whole, told(found)
    assert content(values) == before
    assert [line.line for line in found.lines] == [line.id for line in load_document().lines]


@pytest.mark.usefixtures("no_browser")
@pytest.mark.parametrize(
    ("without", "door", "step", "lost"),
    [
        ((*CLUSTER, "GATE_DATABASE_URL"), "database", "GATE_DATABASE_URL=postgresql://", "s1.p0.1.1"),
        ((*CLUSTER, "GATE_GATEWAY_URL"), "gateway", "port-forward svc/codex-k8s 8080:80", "s1.boundary.path"),
        (CLUSTER, "cluster", "GATE_KUBE_CONTEXT=NAME", "s1.p0.2.1"),
        (CLUSTER, "secret", "CODEXK8S_GITHUB_WEBHOOK_SECRET", "s1.p0.1.2"),
        (("GATE_ADMIN_PASSWORD",), "admin", "python -m gate login --as admin", "s1.p0.4.1"),
        (("GATE_MEMBER_LOGIN",), "member", "GATE_MEMBER_SESSION=.sessions/member.json", "s1.boundary.session"),
        (("GATE_GITHUB_TOKEN",), "github", "GATE_GITHUB_TOKEN=", "s1.p1.2.2"),
        (("GATE_SMOKE_COMMAND",), "smoke", "GATE_SMOKE_SSH", "s1.evidence.1"),
    ],
)
def test_a_closed_door_has_its_next_step_and_its_lines(
    without: tuple[str, ...], door: str, step: str, lost: str, values: Values
) -> None:
    found = examined(values, *without)
    assert not finding(found, door).usable
    assert step in finding(found, door).step
    assert door in missing(found)[lost]
    assert step in told(found)


@pytest.mark.usefixtures("no_browser")
def test_a_cluster_that_is_away_says_where_it_is_looked_for(values: Values, tmp_path: Path) -> None:
    config = json.loads(Path(values["GATE_KUBECONFIG"]).read_text(encoding="utf-8"))
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    away = tmp_path / "kubeconfig"
    away.write_text(json.dumps(config), encoding="utf-8")
    cluster = finding(examined({**values, "GATE_KUBECONFIG": str(away)}), "cluster")
    assert "https://127.0.0.1:9: " in cluster.seen and "Connection refused" in cluster.seen
    assert "GATE_JUMP=" in cluster.step


@pytest.mark.usefixtures("no_browser")
def test_a_wrong_context_is_told_once_with_those_that_are_known(values: Values) -> None:
    found = examined(values, "GATE_DATABASE_URL", "GATE_GATEWAY_URL", GATE_KUBE_CONTEXT="stagin")
    cluster = finding(found, "cluster")
    assert "Expected object with name stagin" in cluster.seen
    assert f"known here: {values['GATE_KUBE_CONTEXT']}." in cluster.step
    for door in ("gateway", "database", "secret", "default"):
        assert (finding(found, door).usable, finding(found, door).seen) == (False, "needs the cluster"), door
        assert "by hand" in finding(found, door).step


@pytest.mark.usefixtures("no_browser")
@pytest.mark.parametrize(
    ("changed", "door", "seen", "step", "lost"),
    [
        ({"GATE_GITHUB_WEAK_TOKEN": ""}, "weak", "no token", "GATE_GITHUB_WEAK_TOKEN=", {"s1.p1.2.1"}),
        (
            {"GATE_GITHUB_WEAK_TOKEN": "ghp_nobody"},
            "weak",
            "GitHub does not know it",
            "a valid token",
            {"s1.p1.2.1"},
        ),
        (
            {"GATE_GITHUB_API_URL": "https://nowhere.codex-k8s.test"},
            "github",
            "does not resolve|Name or service|No answer",
            "GATE_HOSTS=",
            {"s1.p1.2.1", "s1.p1.2.2", "s1.evidence.2"},
        ),
        (
            {"GATE_GITHUB_URL": "https://nowhere.codex-k8s.test"},
            "stranger",
            "does not resolve|Name or service|No answer",
            "GATE_GITHUB_URL",
            None,
        ),
        ({"GATE_RESOLVER": ""}, "name", "GATE_HOSTS says where", "only s1.pre.1 stays unproven", {"s1.pre.1"}),
    ],
)
def test_what_a_run_would_not_prove_is_foretold(
    changed: Values, door: str, seen: str, step: str, lost: set[str] | None, values: Values
) -> None:
    found = examined(values, **changed)
    assert re.search(seen, finding(found, door).seen), finding(found, door)
    assert step in finding(found, door).step
    assert lost is None or missing(found).keys() == lost


@pytest.mark.usefixtures("no_browser")
def test_a_token_that_may_manage_hooks_is_not_weak_and_one_place_without_plain_http_is_told(
    values: Values,
) -> None:
    only_https = ",".join(pair for pair in values["GATE_HOSTS"].split(",") if ":80=" not in pair)
    found = examined(values, GATE_GITHUB_WEAK_TOKEN=values["GATE_GITHUB_TOKEN"], GATE_HOSTS=only_https)
    assert finding(found, "weak").seen == "it is GATE_GITHUB_TOKEN itself"
    assert f"{values['GATE_DOMAIN']}:80=" in finding(found, "plain").step
    assert missing(found)["s1.pre.2"] == ("plain",)


@pytest.mark.usefixtures("no_browser")
def test_a_github_of_another_authority_is_no_matter_of_the_token(values: Values, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(Path(certifi.where()).read_bytes())
    github = finding(examined(values, GATE_CA_FILE=str(tmp_path / "ca.pem")), "github")
    assert "s1.pre.2" not in github.seen and "CERTIFICATE_VERIFY_FAILED" in github.seen.upper()
    assert "GATE_CA_FILE=/path/of/ca.pem" in github.step and "Make a token" not in github.step


@pytest.mark.parametrize(
    ("value", "setting", "told"),
    [
        ("battery staple\n", "", "ends with a newline: if that is a slip, GATE_WEBHOOK_SECRET overrides it"),
        ("battery staple", "", "known"),
        ("battery staple\n", "given by hand", "known"),
    ],
)
def test_a_newline_behind_a_secret_is_told(value: str, setting: str, told: str) -> None:
    target = Target(Settings({"GATE_DOMAIN": "x.example", "GATE_WEBHOOK_SECRET": setting}))
    vars(target).update(runtime_secret={"CODEXK8S_GITHUB_WEBHOOK_SECRET": value})
    found = platform.secret(target)
    assert found.usable and found.seen.endswith(told)
    assert "battery" not in found.seen


def asked_rights(values: Values) -> tuple[Finding, set[str]]:
    target = Target(Settings(values))
    try:
        return rights(target)
    finally:
        target.close()


def test_every_right_that_lacks_is_named_with_the_lines_that_it_costs(staging: Values, values: Values) -> None:
    with switched(staging, "cluster-secrets-forbidden", "cluster-logs-forbidden", kind="troubles"):
        found, lost = asked_rights(values)
    assert (found.usable, lost) == (False, {"s1.pre.2"})
    secrets = "get secrets/codex-k8s-runtime, get secrets/codex-k8s-postgres, get secrets/codex-k8s-staging-tls"
    assert found.step == f"Missing: get pods/log, {secrets}. Give them as in deploy/rights.yaml."
    with switched(staging, "cluster-logs-forbidden", kind="troubles"):
        found, lost = asked_rights(values)
    assert (found.usable, lost) == (True, set())
    assert found.seen.endswith("no line hangs on that alone: get pods/log")
    with switched(staging, "cluster-minimal", kind="variants"):
        found, lost = asked_rights(values)
    assert (found.usable, found.seen) == (True, "this cluster does not tell")
    with switched(staging, "cluster-least-rights", kind="variants"):
        found, lost = asked_rights(values)
    assert found.usable and not lost and found.seen.startswith("all ")


def test_a_line_that_a_right_is_missing_for_is_not_promised() -> None:
    doors = [Finding(door, door != RIGHTS, (), "") for door in NAMES]
    lines = outlooks(load_document(), doors, {RIGHTS: ["s1.pre.2"]})
    assert {one.line: one.missing for one in lines if not one.provable} == {"s1.pre.2": (RIGHTS,)}


def test_the_lines_of_a_right_are_lines_and_the_right_is_one() -> None:
    assert LINES.keys() <= {str(right) for right in wanted("codex-k8s-ai-staging")}
    assert {id for lines in LINES.values() for id in lines} <= {line.id for line in load_document().lines}


@pytest.fixture(scope="module")
def limited(values: Values) -> Iterator[Values]:
    """A user of the database who may do nearly all that the suite does."""
    url = urlsplit(values["GATE_DATABASE_URL"])
    with psycopg.connect(values["GATE_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE ROLE limited LOGIN PASSWORD 'limited'")
        connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO limited")
        connection.execute("REVOKE DELETE ON project_members, users FROM limited")
        connection.execute("REVOKE INSERT ON learning_feedback FROM limited")
        yield {**values, "GATE_DATABASE_URL": f"postgresql://limited:limited@{url.hostname}:{url.port}{url.path}"}
        connection.execute("DROP OWNED BY limited; DROP ROLE limited")


def test_every_privilege_on_the_database_that_lacks_is_named(limited: Values) -> None:
    def database(**changed: str) -> Finding:
        target = Target(Settings({**limited, **changed}))
        try:
            return platform.database(target)
        finally:
            target.close()

    found = database()
    assert not found.usable
    assert found.seen == "its user may not INSERT learning_feedback; DELETE project_members, users"
    assert database(GATE_READ_ONLY="yes").usable


def test_the_privileges_are_those_that_the_statements_need() -> None:
    statements = {
        "INSERT": r"INSERT INTO ([a-z_]+)|\.copy\(\"([a-z_]+)\"",
        "UPDATE": r"(?s)UPDATE ([a-z_]+)\s+SET|SELECT [^;\"]{,40} FROM ([a-z_]+) [^;\"]{,80} FOR UPDATE",
        "DELETE": r"DELETE FROM ([a-z_]+)",
    }
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "gate").rglob("*.py"))
    for privilege, statement in statements.items():
        needed = {table for found in re.finditer(statement, text) for table in found.groups() if table}
        assert needed <= {*PRIVILEGES[privilege]}, privilege
        assert privilege == "DELETE" or needed == {*PRIVILEGES[privilege]}, privilege
    assert {*PRIVILEGES["DELETE"]} == {*PRIVILEGES["SELECT"]}


@pytest.mark.usefixtures("no_browser")
def test_test_repositories_that_are_attached_elsewhere_are_told(values: Values) -> None:
    name = values["GATE_GITHUB_REPOSITORIES"].split(",")[0]
    target = Target(Settings(values))
    try:
        _, number = target.github.repository(name)
    finally:
        target.close()
    with psycopg.connect(values["GATE_DATABASE_URL"], autocommit=True) as connection:
        project = connection.execute(
            "INSERT INTO projects (slug, name) VALUES ('other', 'o') RETURNING id"
        ).fetchone()
        assert project
        owner, _, repository = name.partition("/")
        connection.execute(
            "INSERT INTO repositories (project_id, provider, external_id, owner, name, token_encrypted,"
            " services_yaml_path) VALUES (%s, 'github', %s, %s, %s, 'x', 'x')",
            (project[0], number, owner, repository),
        )
        try:
            github = finding(examined(values), "github")
        finally:
            connection.execute("DELETE FROM projects WHERE slug = 'other'")
    assert f"attached elsewhere: {name} -> other" in github.seen
    assert "Detach them there" in github.step


def test_read_only_only_the_lines_that_write_nothing_are_promised() -> None:
    found = examine_machine(Settings({"GATE_READ_ONLY": "yes"}), load_document(), {"s1.p0.1.1"})
    assert missing(found)["s1.p0.1.1"] == ("writing",)
    assert finding(found, "writing").by == ("GATE_READ_ONLY",)
    assert "s1.pre.1" not in missing(found)


def test_a_missing_package_is_a_missing_environment() -> None:
    def act() -> str:
        raise ModuleNotFoundError("No module named 'psutil'", name="psutil")

    seen = look("browser", (), act, "make provide")
    assert seen.seen == "the environment is not installed (psutil is missing)"
    assert seen.step == "make provide && . .venv/bin/activate"


@pytest.mark.usefixtures("no_browser")
def test_without_a_stranger_the_gateway_is_the_weaker_door(values: Values) -> None:
    found = examined(values, "GATE_STRANGER_LOGIN")
    line = next(line for line in found.lines if line.line == "s1.p0.3.2")
    assert line.provable
    assert line.weaker == ("gateway",)


@pytest.mark.usefixtures("no_browser")
@pytest.mark.parametrize(
    ("changed", "seen", "step"),
    [
        ({"GATE_DOMAIN": "no-such-host.invalid"}, "does not resolve", "Check the spelling of GATE_DOMAIN"),
        (
            {"GATE_DOMAIN": "github.codex-k8s.test"},
            "this is not the staging's edge",
            "Set GATE_DOMAIN to the host",
        ),
        ({"GATE_HOSTS": "staging.codex-k8s.test=127.0.0.1:1"}, "did not answer", "is a VPN missing?"),
        ({"GATE_CA_FILE": ""}, "TLS is not to be trusted", "GATE_CA_FILE="),
    ],
)
def test_a_wrong_edge_says_what_is_wrong(values: Values, changed: Values, seen: str, step: str) -> None:
    found = examined(values, **changed)
    edge = finding(found, "edge")
    assert seen in edge.seen
    assert step in edge.step
    assert "edge" in missing(found)["s1.p0.1.1"]


@pytest.mark.usefixtures("no_browser")
def test_a_session_is_looked_at_and_an_ended_one_is_told(
    values: Values, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    target = Target(Settings(values))
    try:
        kept = login.log_in(target, "admin", print)
    finally:
        target.close()
    without = ("GATE_ADMIN_LOGIN", "GATE_ADMIN_PASSWORD")
    before = content(values)
    alive = finding(examined(values, *without, GATE_ADMIN_SESSION=str(kept.path)), "admin")
    assert alive.usable
    assert values["GATE_ADMIN_EMAIL"] in alive.seen
    assert content(values) == before
    state = kept.path.read_text(encoding="utf-8")
    cookies = json.loads(state)
    for cookie in cookies["cookies"]:
        cookie["value"] = "x" * 40
    kept.path.write_text(json.dumps(cookies), encoding="utf-8")
    ended = finding(examined(values, *without, GATE_ADMIN_SESSION=str(kept.path)), "admin")
    assert "the session ended" in ended.seen
    assert "python -m gate login --as admin" in ended.step
    kept.path.write_text(state, encoding="utf-8")
    stranger = finding(examined(values, GATE_STRANGER_SESSION=str(kept.path)), "stranger")
    assert "is allowed, so no stranger" in stranger.seen


@pytest.mark.usefixtures("no_browser")
def test_it_speaks_russian_and_gives_no_secret_away(values: Values) -> None:
    speak("ru")
    try:
        text = told(examined(values, "GATE_SMOKE_COMMAND", GATE_ADMIN_TOTP_SECRET="not base32!"))
    finally:
        speak("en")
    assert "секрет TOTP — не base32" in text
    assert "не хватает (администратор)" in text
    secrets = {value for name, value in values.items() if BY_NAME[name].secret and len(value) > 5}
    assert not [one for one in secrets if one in text]


def test_the_page_shows_what_it_says(values: Values) -> None:
    assert page(values) == PAGE.read_text(encoding="utf-8"), "python -m proof.doctor makes it anew"


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("GATE_", "CODEXK8S_"))}
    return subprocess.run(
        [sys.executable, "-m", "gate", "doctor", *arguments],
        cwd=ROOT, env=bare | environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_without_a_staging_only_the_machine_is_looked_at() -> None:
    done = command("--json", "--lang", "en")
    found = json.loads(done.stdout)
    assert found["staging"] is None
    assert [one["door"] for one in found["doors"]] == ["browser", "report", "sandbox"]
    assert done.returncode == (0 if all(one["usable"] for one in found["doors"]) else 1)


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"GATE_DATABASE_URL": "postgresql://u:hunter22@h/d"}, "GATE_DATABASE_URL is set but GATE_DOMAIN is not"),
        ({"GATE_DOMIAN": "x"}, "Did you mean GATE_DOMAIN"),
        ({"GATE_ADMIN_SESSION": "/no/such/file"}, "GATE_ADMIN_SESSION=/no/such/file"),
        ({"GATE_KUBECONFIG": __file__, "GATE_DOMAIN": "no-such-host.invalid"}, "does not resolve"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_no_traceback(environment: Values, complaint: str) -> None:
    done = command("--lang", "en", **environment)
    assert complaint in done.stdout + done.stderr
    assert done.returncode in (1, 3)
    assert "Traceback" not in done.stderr
    assert "hunter22" not in done.stdout + done.stderr


def test_every_line_of_the_document_has_its_doors() -> None:
    document = load_document()
    assert list(document.doors) == [line.id for line in document.lines]
    needed = {door for doors in document.doors.values() for need in doors for door in need.split(OR)}
    assert needed <= NAMES.keys()


def test_the_doors_are_those_that_a_whole_run_looked_through() -> None:
    seen: dict[str, list[str]] = json.loads((ROOT / "proof" / "doors.json").read_text(encoding="utf-8"))
    noted = set(get_args(Door))
    for line, doors in load_document().doors.items():
        needed = {need.split(OR)[0] for need in doors} & noted
        assert line not in seen or needed <= set(seen[line]), line


def test_a_line_without_any_open_door_misses_all_of_them() -> None:
    (line, *_) = outlooks(load_document(), [])
    assert line.missing == load_document().doors[line.line]
