"""The gateway of the local staging keeps to the contract, and its faults break what they say."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sandbox.faults import gateway, worker
from sandbox.gateway import VARIANTS
from sandbox.gateway.signature import LENIENT
from tests.sandbox_parts import PEOPLE, STRONG, WEAK, WEBHOOK, Parts, push, running

FORBIDDEN = {"code": "forbidden", "message": "email is not allowed"}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    with running(tmp_path_factory.mktemp("gateway")) as found:
        yield found


def test_first_delivery_and_replay(parts: Parts) -> None:
    first = parts.deliver(id="d-1")
    again = parts.deliver({"other": True}, id="d-1")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == {
        "correlation_id": "d-1",
        "run_id": str(parts.run_of("d-1")["id"]),
        "status": "accepted",
        "duplicate": False,
    }
    assert again.json() == first.json() | {"status": "duplicate", "duplicate": True}
    assert parts.run_of("d-1")["run_payload"]["raw_payload"] == push()
    events = parts.rows("SELECT event_type FROM flow_events WHERE correlation_id = 'd-1' ORDER BY id")
    assert [row["event_type"] for row in events] == ["webhook.received", "webhook.duplicate"]


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no delivery": ({"id": None, "event": None}, 400, "X-GitHub-Delivery"),
    "no event": ({"event": None, "signature": None}, 400, "X-GitHub-Event"),
    "no signature": ({"signature": None, "body": b"x" * 2**21}, 401, "missing webhook signature"),
    "empty signature": ({"signature": ""}, 401, "missing webhook signature"),
    "too big, bad signature": ({"signature": "sha256=00", "body": b"x" * (2**20 + 1)}, 400, "body"),
    "bad signature, bad json": ({"signature": "sha256=00", "body": b"{"}, 401, "invalid webhook signature"),
    "short": ({"signature": "sha256="}, 401, "invalid webhook signature"),
    "not ascii": ({"signature": "sha256=é".encode()}, 401, "invalid webhook signature"),
    "bad json": ({"body": b'{"a":'}, 400, "body"),
    "NaN": ({"body": b"NaN"}, 400, "body"),
    "deep": ({"body": b"[" * 100_000}, 400, "body"),
    "form": ({"body": b"payload=%7B%7D"}, 400, "body"),
    "list": ({"body": b"[]"}, 400, "payload"),
    "wrong type": ({"body": b'{"repository": {"id": "1"}}'}, 400, "payload"),
    "nul": ({"body": rb'{"a": "\u0000"}'}, 400, "payload"),
    "long id": ({"id": "x" * 10_000}, 400, "X-GitHub-Delivery"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_deliveries(parts: Parts, case: str) -> None:
    changes, status, told = REFUSED[case]
    before = parts.rows("SELECT count(*) FROM agent_runs")
    answer = parts.deliver(**changes)
    assert answer.status_code == status and told in (answer.json().get("field"), answer.json()["message"])
    assert parts.rows("SELECT count(*) FROM agent_runs") == before


@pytest.mark.parametrize("body", [b"null", b"{}", b'{"a":1,"a":2}', b" " * (2**20 - 2) + b"{}"])
def test_odd_deliveries_are_accepted(parts: Parts, body: bytes) -> None:
    assert parts.deliver(body=body, event="ping").status_code == 202


def test_a_broken_handler_tells_nothing_of_itself(parts: Parts) -> None:
    with parts.fault("json-not-checked"):
        answer = parts.deliver(body=b"{")
    assert (answer.status_code, answer.json()) == (500, {"code": "internal", "message": "internal error"})
    assert "JSONDecodeError" in parts.staging.logs["gateway"][-1]


def at_once(parts: Parts) -> list[int]:
    delivery = str(uuid4())
    with ThreadPoolExecutor(10) as pool:
        return sorted(pool.map(lambda _: parts.deliver(id=delivery).status_code, range(10)))


def test_ten_at_once_make_one_run(parts: Parts) -> None:
    assert at_once(parts) == [200] * 9 + [202]
    with parts.fault("duplicate-check-races"):
        assert at_once(parts).count(202) > 1


def test_metrics_do_not_grow_by_strangers(parts: Parts) -> None:
    for number in range(3):
        parts.deliver(event=f'x"}}{number}', signature="sha256=00")
    lines = parts.ask("GET", "/metrics", None).text.splitlines()
    counts = [line for line in lines if line.startswith("codexk8s_webhook_requests_total{")]
    assert any('result="error",event="other"' in line for line in counts)
    assert not any("x" in line.partition("event=")[2] for line in counts)
    assert any(line.startswith("codexk8s_webhook_duration_seconds_count") for line in lines)


@pytest.mark.parametrize(
    ("path", "text"),
    [("/healthz", "alive"), ("/health/livez", "alive"), ("/readyz", "ok"), ("/health/readyz", "ok")],
)
def test_health(parts: Parts, path: str, text: str) -> None:
    answer = parts.ask("GET", path, None)
    assert (answer.status_code, answer.text) == (200, text)


def test_routes_that_are_not_there(parts: Parts) -> None:
    for method, path, status in [
        ("GET", "/api/v1/webhooks/other", 404),
        ("GET", "/api/v1/webhooks/../staff/users", 404),
        ("DELETE", WEBHOOK, 405),
        ("OPTIONS", "/api/v1/staff/users", 405),
        ("POST", "/projects", 404),
    ]:
        answer = parts.ask(method, path.replace("..", "%2e%2e"))
        assert (answer.status_code, answer.content) == (status, b""), path
    down = parts.ask("GET", "/projects/1")
    assert (down.status_code, down.json()["code"]) == (502, "bad_gateway")


def test_who_is_asking(parts: Parts) -> None:
    me = parts.ask("GET", "/api/v1/auth/me", headers={"X-Forwarded-Email": "OLGA@codex-k8s.TEST"}).json()["user"]
    assert me["email"] == PEOPLE["admin"].email and me["is_platform_admin"] and me["is_platform_owner"]
    login = parts.rows("SELECT github_login FROM users WHERE email = 'olga@codex-k8s.test'")
    assert me["github_login"] == login[0]["github_login"] == "Olga-Owner"
    for headers, status, message in [
        ({}, 401, "missing auth token"),
        ({"Authorization": "Bearer x"}, 401, "invalid auth token"),
        ({"Cookie": "codexk8s_staff_jwt=eyJ9.e30."}, 401, "invalid auth token"),
    ]:
        answer = parts.ask("GET", "/api/v1/auth/me", None, headers=headers)
        assert (answer.status_code, answer.json()["message"]) == (status, message)
    answer = parts.ask("GET", "/api/v1/staff/users", "stranger")
    assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
    assert len(parts.ask("POST", "/api/v1/auth/logout").raw.headers.getlist("Set-Cookie")) == 3


def test_projects_members_and_their_doors(parts: Parts) -> None:
    made = parts.ask("POST", "/api/v1/staff/projects", json={"slug": "gate-a", "name": "A"})
    again = parts.ask("POST", "/api/v1/staff/projects", json={"slug": "gate-a", "name": "B"})
    assert made.status_code == 201 and again.json() == made.json() | {"name": "B"}
    settings = parts.rows("SELECT settings FROM projects WHERE slug = 'gate-a'")[0]["settings"]
    assert settings == {"learning_mode_default": False}
    path = f"/api/v1/staff/projects/{made.json()['id']}"
    assert parts.ask("POST", "/api/v1/staff/projects", json={"slug": "", "name": "A"}).json()["field"] == "slug"
    for method, where in [("POST", "/projects"), ("GET", "/users")]:
        refused = parts.ask(method, f"/api/v1/staff{where}", "member", json={"slug": "x", "name": "x"})
        assert (refused.status_code, refused.json()["message"]) == (403, "platform admin required")
    assert parts.ask("GET", path, "member").status_code == 403
    member = parts.rows("SELECT id FROM users WHERE email = 'max@codex-k8s.test'")[0]["id"]
    assert parts.ask("POST", path + "/members", json={"user_id": str(member), "role": "read"}).status_code == 204
    assert parts.ask("GET", path, "member").json()["name"] == "B"
    mode = f"{path}/members/{member}/learning-mode"
    assert parts.ask("PUT", mode, json={"enabled": True}).status_code == 204
    assert parts.ask("GET", path + "/members").json()["items"][0]["learning_mode_override"] is True
    unknown = parts.ask("GET", f"/api/v1/staff/projects/{uuid4()}")
    assert (unknown.status_code, unknown.json()["field"]) == (400, "project_id")
    assert parts.ask("GET", "/api/v1/staff/runs?limit=0").json()["field"] == "limit"
    assert parts.ask("DELETE", path).status_code == 204
    assert parts.ask("GET", path).status_code == 400


@pytest.fixture
def project(parts: Parts) -> Iterator[str]:
    made = parts.ask("POST", "/api/v1/staff/projects", json={"slug": f"p-{uuid4()}", "name": "P"}).json()["id"]
    yield f"/api/v1/staff/projects/{made}"
    parts.ask("DELETE", f"/api/v1/staff/projects/{made}")


def attach(parts: Parts, project: Any, name: str = "one", token: str = STRONG) -> requests.Response:
    body = {"provider": "github", "owner": "gate", "name": name, "token": token}
    return parts.ask("POST", project + "/repositories", json=body)


def test_attached_repository(parts: Parts, project: Any) -> None:
    first, second = attach(parts, project), attach(parts, project)
    assert first.status_code == second.status_code == 201 and first.json()["id"] == second.json()["id"]
    (hook,) = parts.github.hooks["gate/one"]
    assert hook["config"]["secret"] == parts.staging.secrets.webhook and hook["active"]
    stored = bytes(
        parts.rows("SELECT token_encrypted FROM repositories WHERE external_id = 41")[0]["token_encrypted"]
    )
    key = AESGCM(bytes.fromhex(parts.staging.secrets.token_key))
    assert key.decrypt(stored[:12], stored[12:], None).decode() == STRONG
    listed = parts.ask("GET", project + "/repositories")
    assert STRONG not in listed.text and listed.json()["items"] == [first.json()]
    assert attach(parts, project, "two", WEAK).status_code == 400
    assert attach(parts, project, "three").json()["field"] == "name"
    detached = parts.ask("DELETE", f"{project}/repositories/{first.json()['id']}")
    assert detached.status_code == 204 and parts.github.hooks["gate/one"] == []


def mode_of(parts: Parts, **about: Any) -> bool:
    delivery = str(uuid4())
    assert parts.deliver(push(**about), id=delivery).status_code == 202
    return bool(parts.run_of(delivery)["learning_mode"])


def test_learning_mode(parts: Parts, project: Any) -> None:
    attach(parts, project)
    member = parts.ask("GET", "/api/v1/auth/me", "member").json()["user"]
    here = {"repository_id": 41, "login": "MAX-member"}
    assert mode_of(parts, **here) is False
    parts.rows(
        "UPDATE projects SET settings = '{\"learning_mode_default\": true}' WHERE slug LIKE 'p-%%' RETURNING 1"
    )
    assert mode_of(parts, **here) is True
    parts.ask("POST", project + "/members", json={"user_id": member["id"], "role": "read"})
    parts.ask("PUT", f"{project}/members/{member['id']}/learning-mode", json={"enabled": False})
    assert mode_of(parts, **here) is False
    assert mode_of(parts, repository_id=41, login="other") is True
    assert mode_of(parts, repository_id=5, login="max-member") is False
    with parts.fault("learning-override-ignored"):
        assert mode_of(parts, **here) is True


def test_signature_faults_open_what_they_say(parts: Parts) -> None:
    body = json.dumps(push(), indent=1).encode()
    signed = parts.sign(json.dumps(push()).encode())
    assert parts.deliver(body=body, signature=signed).status_code == 401
    with parts.fault("signature-over-reencoded-json"):
        assert parts.deliver(body=body, signature=signed).status_code == 202
        assert parts.deliver(body=body, signature="sha256=" + "0" * 64).status_code == 401
    with parts.fault("gateway-tidies-paths"):
        spoofed = parts.ask("GET", "/api/v1/webhooks/%2e%2e/staff/users")
        assert spoofed.status_code == 200 and spoofed.json()["items"]


def test_variants_change_what_they_say(parts: Parts) -> None:
    assert {"no-project-delete", "no-owner-field", "get-webhook-404"} <= set(VARIANTS)
    parts.staging.variants.active.update(VARIANTS)
    try:
        assert "is_platform_owner" not in parts.ask("GET", "/api/v1/auth/me").json()["user"]
        assert parts.ask("GET", WEBHOOK).status_code == 404
        claim = {"X-Auth-Request-Email": PEOPLE["admin"].email}
        assert parts.ask("GET", "/api/v1/auth/me", None, headers=claim).status_code == 401
        assert parts.ask("DELETE", f"/api/v1/staff/projects/{uuid4()}").status_code == 404
        assert parts.ask("POST", "/api/v1/staff/users", json={"email": "new@gate.test"}).content == b""
        assert parts.ask("GET", "/api/v1/staff/users?limit=0").json()["field"] == "limit"
        assert parts.ask("GET", "/api/v1/staff/users", None).json()["field"] == ""
        body = b"{}"
        assert (
            parts.deliver(body=body, signature=parts.sign(body).replace("sha256=", "").upper()).status_code == 401
        )
        assert parts.deliver(body=body, signature="sha256=" + parts.sign(body)[7:].upper()).status_code == 202
    finally:
        parts.staging.variants.active.clear()


def test_every_fault_is_used_and_every_used_one_is_told() -> None:
    told = {fault.name for part in (gateway, worker) for fault in part.FAULTS}
    code = "\n".join(
        path.read_text() for room in ("gateway", "worker") for path in Path("sandbox", room).glob("*.py")
    )
    asked = set(re.findall(r'(?:broken|faults\.on)\(\s*"([a-z0-9-]+)"', code)) | set(LENIENT)
    assert asked <= told
    assert {name for name in told if f'"{name}"' not in code} == set()
