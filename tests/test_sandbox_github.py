"""The stand-in GitHub: pages, codes and tokens, repositories and their webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from gate.language import Text
from gate.waiting import until
from sandbox.faults.github import FAULTS
from sandbox.people import GATE_LOGIN, WEAK_LOGIN, token_of
from sandbox.staging import DOMAIN, GITHUB, GITHUB_API
from tests.edge_house import Answer, Browser, House, house

HOOK = {
    "name": "web",
    "events": ["push", "issues"],
    "config": {
        "url": f"https://{DOMAIN}/api/v1/webhooks/github",
        "content_type": "json",
        "secret": "s3cr3t-of-hook",
    },
}


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("github")) as running:
        yield running


@pytest.fixture
def hooks(at: House) -> Iterator[str]:
    """The address of a repository's hooks; they are gone afterwards."""
    yield f"/repos/{at.staging.repositories[0].full_name}/hooks"
    at.staging.hooks.clear()


def api(at: House, method: str, path: str, token: str = "", body: Any = None) -> Answer:
    headers = [("Authorization", f"Bearer {token}")] if token else []
    sent = None if body is None else json.dumps(body).encode()
    return at.ask(method, path, *headers, host=GITHUB_API, body=sent)


def strong(at: House) -> str:
    return token_of(at.staging, GATE_LOGIN)


def test_a_wrong_password_and_a_wrong_code_are_refused_in_words(at: House) -> None:
    browser, person = Browser(at), at.staging.people["admin"]
    form = {"login": person.login, "password": "no", "return_to": "/"}
    assert "Incorrect username or password." in browser.go(f"https://{GITHUB}/session", form).text
    browser.go(f"https://{GITHUB}/session", form | {"password": person.password})
    answer = browser.go(f"https://{GITHUB}/sessions/two-factor", {"app_otp": "12345", "return_to": "/"})
    assert "Two-factor authentication failed." in answer.text
    assert "user_session" not in browser.jar[GITHUB]


def test_who_has_a_session_and_authorized_once_passes_with_no_page(at: House) -> None:
    browser = Browser(at)
    assert browser.sign_in("stranger").status == 200
    again = browser.go(f"https://{DOMAIN}/oauth2/start?rd=/users")
    assert browser.address == f"https://{DOMAIN}/users" and again.status == 200
    assert "Are you sure" in browser.go(f"https://{GITHUB}/logout").text
    browser.go(f"https://{GITHUB}/logout", {})
    browser.go(f"https://{DOMAIN}/oauth2/start")
    assert browser.address.startswith(f"https://{GITHUB}/login?")


def test_a_code_is_good_once_and_only_with_the_clients_secret(at: House) -> None:
    browser, held = Browser(at), at.staging.secrets
    browser.sign_in("member")
    cookie = ("Cookie", f"user_session={browser.jar[GITHUB]['user_session']}")
    path = f"/login/oauth/authorize?client_id={held.client_id}&state=x"
    code = at.ask("GET", path, cookie, host=GITHUB).header("location").partition("code=")[2].partition("&")[0]

    def redeem(secret: str) -> Answer:
        form = {"client_id": held.client_id, "client_secret": secret, "code": code}
        accept = ("Accept", "application/json")
        return at.ask("POST", "/login/oauth/access_token", accept, host=GITHUB, body=urlencode(form).encode())

    assert redeem("wrong").json() == {"error": "incorrect_client_credentials"}
    token = redeem(held.client_secret).json()["access_token"]
    assert redeem(held.client_secret).json() == {"error": "bad_verification_code"}
    assert api(at, "GET", "/user", token).json()["login"] == "max-member"
    primary = [one["email"] for one in api(at, "GET", "/user/emails", token).json() if one["primary"]]
    assert primary == [at.staging.people["member"].email]


def test_tokens_see_what_they_may(at: House, hooks: str) -> None:
    repository = at.staging.repositories[0]
    path, weak = f"/repos/{repository.full_name}", token_of(at.staging, WEAK_LOGIN)
    assert api(at, "GET", path, strong(at)).json()["id"] == repository.id
    assert [api(at, "GET", path, token).status for token in (weak, "", "ghp_nobody")] == [200, 404, 401]
    assert [api(at, "POST", hooks, token, HOOK).status for token in (weak, "", "ghp_nobody")] == [404, 401, 401]
    assert api(at, "GET", f"/repos/{repository.owner}/nothing", strong(at)).status == 404
    assert int(api(at, "GET", "/user", weak).header("x-ratelimit-remaining")) > 0


def test_a_hook_lives_and_its_secret_never_comes_back(at: House, hooks: str) -> None:
    made = api(at, "POST", hooks, strong(at), HOOK)
    hook = made.json()
    assert (made.status, hook["active"], hook["config"]["secret"]) == (201, True, "********")
    assert hook["config"]["insecure_ssl"] == "0"
    changed = api(at, "PATCH", f"{hooks}/{hook['id']}", strong(at), {"events": ["push"], "active": False}).json()
    assert (changed["events"], changed["active"]) == (["push"], False)
    assert api(at, "GET", hooks, strong(at)).json() == [changed]
    assert "s3cr3t-of-hook" not in api(at, "GET", f"{hooks}/{hook['id']}", strong(at)).text
    assert api(at, "DELETE", f"{hooks}/{hook['id']}", strong(at)).status == 204
    assert api(at, "GET", f"{hooks}/{hook['id']}", strong(at)).status == 404


def test_a_new_hook_is_greeted_and_a_ping_is_delivered_signed_and_what_came_back_is_told(
    at: House, hooks: str
) -> None:
    hook = api(at, "POST", hooks, strong(at), HOOK).json()
    mine = f"{hooks}/{hook['id']}"
    assert api(at, "POST", f"{mine}/pings", strong(at)).status == 204
    greeting, ping = until(
        lambda: api(at, "GET", f"{mine}/deliveries", strong(at)).json(),
        lambda told: len(told) == 2,
        what=Text("told", "рассказано"),
        within=5,
    )
    assert all(told["event"] == "ping" and told["status_code"] >= 200 for told in (greeting, ping))
    elsewhere = HOOK | {"config": {"url": "https://example.com/elsewhere"}}
    other = api(at, "POST", hooks, strong(at), elsewhere).json()["id"]
    assert api(at, "POST", f"{hooks}/{other}/pings", strong(at)).status == 204
    assert api(at, "GET", f"{hooks}/{other}/deliveries", strong(at)).json() == []


def test_odd_hooks_are_refused_and_twins_too(at: House, hooks: str) -> None:
    assert api(at, "POST", hooks, strong(at), HOOK).status == 201
    twin = api(at, "POST", hooks, strong(at), HOOK)
    assert (twin.status, twin.json()["errors"][0]["message"]) == (422, "Hook already exists on this repository")
    assert api(at, "POST", hooks, strong(at), HOOK | {"events": ["label"]}).status == 201
    assert api(at, "POST", hooks, strong(at), HOOK | {"events": ["nonsense"]}).status == 422
    assert api(at, "POST", hooks, strong(at), {"config": {}}).status == 422
    assert api(at, "POST", hooks, strong(at), ["x"]).status == 400


def test_troubles_are_told_in_githubs_own_words(at: House) -> None:
    at.staging.troubles.active.add("github-rate-limit")
    limited = api(at, "GET", "/user", strong(at))
    at.staging.troubles.active.clear()
    assert (limited.status, limited.header("x-ratelimit-remaining")) == (403, "0")
    assert "rate limit" in limited.json()["message"]


def _signs_in(at: House) -> bool:
    answer = Browser(at).sign_in("member")
    said = dict(answer.json()["headers"]) if answer.status == 200 and answer.text.startswith("{") else {}
    person = at.staging.people["member"]
    return (said.get("x-forwarded-email"), said.get("x-forwarded-user")) == (person.email, person.login)


def _keeps_hook(at: House) -> bool:
    path = f"/repos/{at.staging.repositories[1].full_name}/hooks"
    api(at, "POST", path, strong(at), HOOK)
    kept = bool(api(at, "GET", path, strong(at)).json())
    at.staging.hooks.clear()
    return kept


@pytest.mark.parametrize("fault", [fault.name for fault in FAULTS])
def test_a_fault_shows_and_a_healthy_github_does_not(at: House, fault: str) -> None:
    probe = _keeps_hook if fault == "github-hook-not-kept" else _signs_in
    assert probe(at)
    with at.broken(fault):
        assert not probe(at)
    assert probe(at)


def test_a_minimal_github_has_what_the_contract_names(at: House, hooks: str) -> None:
    at.staging.variants.active.add("github-minimal")
    try:
        made = api(at, "POST", hooks, strong(at), HOOK)
        assert made.status == 201
        hook = json.loads(made.body)
        assert hook["config"] == {name: HOOK["config"][name] for name in ("url", "content_type")}  # type: ignore[index]
        assert [one["id"] for one in json.loads(api(at, "GET", hooks, strong(at)).body)] == [hook["id"]]
        assert api(at, "POST", f"{hooks}/{hook['id']}/pings", strong(at)).status == 501
        assert api(at, "GET", hooks).status == 401
        assert api(at, "DELETE", f"{hooks}/{hook['id']}", strong(at)).status == 204
    finally:
        at.staging.variants.active.clear()
