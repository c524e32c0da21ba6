"""What a build or a staging may do one way or the other by the contract, and the gate takes for right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from kubernetes import client

from gate.acquainted import Acquainted
from gate.capabilities.boundary import Probe, Seen
from gate.capabilities.boundary_gateway import GatewayIdentity
from gate.capabilities.boundary_verdict import not_closed
from gate.capabilities.preconditions import Encryption
from gate.capabilities.role_acts import ACTS, PLATFORM_OWNER
from gate.capabilities.role_cast import ADMIN
from gate.capabilities.run_on_record import same_moment
from gate.doors.cluster import Cluster
from gate.doors.deploy import _migration, _rollout
from gate.doors.http import Exchange
from gate.doors.jobs import read_job
from gate.doors.raw import Ask
from gate.doors.staff import WHO
from gate.errors import Broken, NotProven, SettingError
from gate.people import People
from gate.run_limits import job_limits
from gate.settings import Settings
from gate.target import Target

NOW = datetime.now(UTC)
REFUSAL = (403, "forbidden", "email is not allowed")


def answer(status: int, body: Any, kind: str = "application/json") -> Exchange:
    written = b"" if body is None else json.dumps(body).encode()
    return Exchange("GET", "https://x/", status, (("Content-Type", kind),), written, 0.01)


@pytest.mark.parametrize(
    ("more", "right"),
    [
        ({}, True),
        ({"field": ""}, True),
        ({"field": None}, True),
        ({"field": "email"}, False),
        ({"items": []}, False),
        ({"request_id": "9f0c", "status": 403, "timestamp": "2026-01-01T00:00:00Z"}, True),
        ({"email": "owner"}, False),
        ({"hint": "ask owner@x.test"}, False),
        ({"request": {"node": "gw-1", "trace": None}}, True),
        ({"user": {"github_login": "x"}}, False),
    ],
)
def test_beside_an_error_there_is_no_data(more: Mapping[str, Any], right: bool) -> None:
    told = {"code": "forbidden", "message": "email is not allowed", **more}
    assert answer(403, told).is_error(*REFUSAL) is right
    assert not answer(401, told).is_error(*REFUSAL)


@pytest.mark.parametrize(
    ("kind", "right"),
    [
        ("application/json; charset=UTF-8", True),
        ("application/problem+json", True),
        ("text/plain", False),
        ("", False),
    ],
)
def test_an_error_calls_itself_json(kind: str, right: bool) -> None:
    assert answer(403, {"code": "forbidden"}, kind).is_json is right


@pytest.mark.parametrize("body", [None, [], "text", {}])
def test_what_is_no_error_is_none(body: Any) -> None:
    assert not answer(403, body).is_error(*REFUSAL)


def test_a_list_of_nothing_may_be_null_and_must_be_there() -> None:
    assert answer(200, {"items": None}).items() == answer(200, {"items": []}).items() == []
    with pytest.raises(Broken):
        answer(200, {}).items()


def test_a_time_that_is_not_on_record_need_not_be_told() -> None:
    assert same_moment(None, None) and same_moment("", None)
    assert not same_moment(NOW.isoformat(), None) and not same_moment(None, NOW)


def test_who_may_take_people_off_the_list_may_be_refused_an_admin_in_any_words() -> None:
    assert ACTS["take an admin off the list"].messages(ADMIN) == ()
    assert ACTS["take a role away"].messages(ADMIN) == (PLATFORM_OWNER,)


# --- clusters that tell less than Kubernetes does

POD = {"spec": {"containers": [{"name": "run", "image": "busybox"}], "restartPolicy": "Never"}}
SPEC = {"backoffLimit": 0, "activeDeadlineSeconds": 900, "ttlSecondsAfterFinished": 600, "template": POD}


def job(status: Mapping[str, Any] | None, spec: Mapping[str, Any] | None = SPEC) -> Any:
    told = {"metadata": {"name": "codex-k8s-run-1"}, "status": status, "spec": spec}
    return client.V1Job.from_dict({name: value for name, value in told.items() if value is not None})


def condition(kind: str) -> dict[str, str]:
    return {"type": kind, "status": "True"}


@pytest.mark.parametrize(
    ("status", "complete", "failed"),
    [
        ({"conditions": [condition("SuccessCriteriaMet"), condition("Complete")]}, True, False),
        ({"conditions": [condition("SuccessCriteriaMet")], "succeeded": 1}, True, False),
        ({"succeeded": 1}, True, False),
        ({"conditions": [condition("Failed")], "succeeded": 1}, False, True),
        ({"active": 1}, False, False),
        ({}, False, False),
        (None, False, False),
    ],
)
def test_a_job_ends_by_its_conditions_or_by_its_pod(status: Any, complete: bool, failed: bool) -> None:
    assert (read_job(job(status)).succeeded, read_job(job(status)).failed) == (complete, failed)
    assert _migration(job(status or {})).complete is complete


def test_the_limits_of_a_job_may_stand_on_its_pod_and_may_not_be_told() -> None:
    job_limits(read_job(job({})))
    on_pod = {"template": {"spec": {**POD["spec"], "activeDeadlineSeconds": 900}}}
    job_limits(read_job(job({}, {**SPEC, "activeDeadlineSeconds": None, **on_pod})))
    again = {"template": {"spec": {**POD["spec"], "restartPolicy": "OnFailure"}}}
    # Who made it may remove it.
    job_limits(read_job(job({}, {**SPEC, "ttlSecondsAfterFinished": None})))
    for broken in ({"backoffLimit": 6}, {"completions": 2}, {"ttlSecondsAfterFinished": 0}, again):
        with pytest.raises(Broken):
            job_limits(read_job(job({}, {**SPEC, **broken})))
    with pytest.raises(NotProven):
        job_limits(read_job(job({}, None)))


def deployment(status: Mapping[str, Any]) -> Any:
    labels = {"app": "x"}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": POD}
    meta = {"name": "codex-k8s", "generation": 7}
    return client.V1Deployment.from_dict({"metadata": meta, "spec": spec, "status": status})


@pytest.mark.parametrize(
    ("status", "complete"),
    [
        ({"observedGeneration": 7, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}, True),
        ({"observedGeneration": 7, "replicas": 2, "availableReplicas": 2}, False),
        ({"availableReplicas": 2}, True),
        ({"readyReplicas": 2}, True),
        ({"readyReplicas": 1}, False),
        ({"observedGeneration": 7, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}, False),
    ],
)
def test_a_deployment_without_generations_is_judged_by_what_is_available(status: Any, complete: bool) -> None:
    assert _rollout(deployment(status)).complete is complete


def test_a_deployment_without_a_status_is_not_judged() -> None:
    with pytest.raises(NotProven, match="no status"):
        _rollout(deployment({}))


def test_an_answer_in_another_form_is_no_crash() -> None:
    cluster = Cluster("gate", None, "x")

    def strange(**_: Any) -> None:
        client.V1PodList.from_dict({"items": None})

    with pytest.raises(NotProven, match="has not the form"):
        cluster.ask("pods", strange)


# --- the edge


@pytest.mark.parametrize(
    ("lived", "left", "given", "right"),
    [
        (76, 14.5, "", True),
        (85, 5, "", False),
        (1, 5, "", True),
        (0, 0.5, "", True),
        (1, 5, "15", False),
    ],
)
def test_a_certificate_made_for_days_is_renewed_within_days(
    lived: float, left: float, given: str, right: bool
) -> None:
    settings = Settings({"GATE_DOMAIN": "staging.test", "GATE_TLS_MIN_DAYS": given})
    encryption = Encryption(cast(Any, SimpleNamespace(target=Target(settings))))
    begins, ends = NOW - timedelta(days=lived), NOW + timedelta(days=left)
    encryption.shown = cast(Any, SimpleNamespace(begins=begins, ends=ends))
    if right:
        encryption.expect_days_left()
    else:
        with pytest.raises(Broken):
            encryption.expect_days_left()


@pytest.mark.parametrize(
    ("domain", "hosts", "known"),
    [
        ("staging.test", "", True),
        ("staging.test", "staging.test=10.0.0.1", True),
        ("staging.test", "staging.test:443=10.0.0.1:8443,staging.test:80=10.0.0.1:8080", True),
        ("staging.test", "staging.test:443=10.0.0.1:8443", False),
        ("staging.test:8443", "", False),
        ("staging.test:8443", "staging.test:80=10.0.0.1:8080", True),
    ],
)
def test_plain_http_is_not_looked_for_where_only_the_way_to_https_is_told(
    domain: str, hosts: str, known: bool
) -> None:
    target = Target(Settings({"GATE_DOMAIN": domain, "GATE_HOSTS": hosts}))
    if known:
        assert target.plain_url() == "http://staging.test"
    else:
        with pytest.raises(NotProven, match=r"staging\.test:80=address:port"):
            _ = target.plain_url()


@pytest.mark.parametrize(
    ("path", "body", "right"),
    [
        ("//api/v1/webhooks//../staff/users", b'<div id="app"></div>', True),
        ("/api/v1/webhooks/../staff/users", b'<div id="app"></div>', False),
        ("//api/v1/webhooks//../staff/users", b'{"items":[]}', False),
    ],
)
def test_a_path_that_is_not_the_apis_is_the_consoles(path: str, body: bytes, right: bool) -> None:
    kind = "application/json" if body.startswith(b"{") else "text/html"
    world = SimpleNamespace(target=None, mark="gate-000000-1")
    gateway = GatewayIdentity(cast(Any, world))
    exchange = Exchange("GET", f"http://gateway{path}", 200, (("Content-Type", kind),), body, 0.01)
    gateway.seen.append(Seen(Probe(path, Ask("GET", path)), exchange))
    if right:
        gateway.expect_nothing_shown()
    else:
        with pytest.raises(Broken):
            gateway.expect_nothing_shown()


@pytest.mark.parametrize(
    ("github", "location", "closed"),
    [
        ("github.test", "https://github.test/login/oauth/authorize?x=1", True),
        ("staging.test", "https://staging.test:9443/login/oauth/authorize?x=1", True),
        ("staging.test", "https://staging.test/runs", False),
        ("github.test", "https://staging.test/login/oauth/authorize", False),
    ],
)
def test_a_stand_in_of_github_may_share_the_host(github: str, location: str, closed: bool) -> None:
    page = (("Accept", "text/html"),)
    sent = Exchange("GET", "https://staging.test/", 302, (("Location", location),), b"", 0.01, page)
    assert (not_closed(sent, {github}) == "") is closed


def test_a_domain_is_read_in_any_case_and_an_address_is_refused() -> None:
    read = Settings({"GATE_DOMAIN": "Staging.Test:443", "GATE_GITHUB_URL": "https://github.test:443/"})
    assert (read["GATE_DOMAIN"], read["GATE_GITHUB_URL"]) == ("staging.test", "https://github.test")
    assert Settings({"GATE_DOMAIN": "Staging.Test.:8443"})["GATE_DOMAIN"] == "staging.test:8443"
    assert Settings({"GATE_DOMAIN": "staging.test."})["GATE_DOMAIN"] == "staging.test"
    with pytest.raises(SettingError, match=r"GATE_DOMAIN=https://staging\.test"):
        Settings({"GATE_DOMAIN": "https://staging.test"})


# --- people whose e-mail nobody gave


def people(known: dict[str, bool], told: Exchange, whom: str = "") -> People:
    """People at a staging with these users, admins or not; it answers everybody so, and its edge names `whom`."""

    def request(_: str, path: str, **__: Any) -> Exchange:
        return answer(200, {"email": whom}) if path == WHO else told

    def now(email: str) -> Any:
        return SimpleNamespace(email=email, has_rights=known[email])

    users = [now(email) for email in known]
    target = SimpleNamespace(
        settings=Settings({"GATE_DOMAIN": "staging.test"}),
        edge=SimpleNamespace(request=request),
        acquainted=Acquainted(),
        database=SimpleNamespace(users=lambda: users, user=lambda email: now(email) if email in known else None),
    )
    return People(cast(Any, target))


SAM, OTHER = "sam@x.test", "somebody@x.test"


@pytest.mark.parametrize(
    ("name", "known", "status", "whom", "excused"),
    [
        ("stranger", {SAM: False}, 200, "", "is no stranger"),
        ("stranger", {OTHER: False}, 200, "", ""),
        ("stranger", {OTHER: False}, 403, "", ""),
        ("member", {OTHER: False}, 403, "", "GATE_MEMBER_EMAIL"),
        ("member", {OTHER: False}, 403, SAM, "GATE_MEMBER_EMAIL"),
        ("member", {SAM: False}, 200, "", ""),
        ("member", {SAM: True}, 200, "", "is a platform admin"),
        ("member", {}, 200, "", ""),
        ("admin", {SAM: False}, 200, "", "is no platform admin"),
        ("admin", {SAM: True}, 200, "", ""),
    ],
)
def test_who_is_unknown_to_the_settings_is_no_proof(
    name: str, known: dict[str, bool], status: int, whom: str, excused: str
) -> None:
    told = answer(status, {"user": {"email": SAM, "github_login": "sam"}} if status == 200 else {})
    asked = people(known, told, whom)
    if excused:
        with pytest.raises(NotProven, match=excused):
            asked._session(name, {"cookies": []}, {"_oauth2_proxy": "x"})
    else:
        session = asked._session(name, {"cookies": []}, {"_oauth2_proxy": "x"})
        assert session.email == (SAM if status == 200 else "")


def test_who_is_on_the_list_and_refused_is_the_platforms() -> None:
    asked = people({"Sam@X.test": True}, answer(403, {}), whom=SAM)
    with pytest.raises(Broken, match=r"sam@x\.test is in the platform's users"):
        asked._session("admin", {"cookies": []}, {"_oauth2_proxy": "x"})


def test_who_was_put_on_the_list_by_coming_is_a_stranger() -> None:
    known = {OTHER: False}
    asked = people(known, answer(200, {"user": {"email": SAM, "github_login": "sam"}}))
    asked._prepare("stranger")
    known[SAM] = False
    assert asked._session("stranger", {"cookies": []}, {"_oauth2_proxy": "x"}).email == SAM


def test_who_is_made_an_admin_by_the_settings_at_the_first_sign_in_is_one() -> None:
    known = {SAM: False}
    asked = people(known, answer(200, {"user": {"email": SAM, "github_login": "sam"}}))
    asked._prepare("admin")
    known[SAM] = True
    assert asked._session("admin", {"cookies": []}, {"_oauth2_proxy": "x"}).email == SAM
