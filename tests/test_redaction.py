"""Redaction: known secrets in every spelling, unknown ones by their shape, ordinary words untouched."""

import base64
from urllib.parse import quote

import pytest

from gate import evidence
from gate.redaction import hide, in_force, redact, shows_secret, withhold
from gate.sessions import hide_cookies
from gate.settings import Settings

pytestmark = pytest.mark.usefixtures("announced")


def test_a_known_secret_is_hidden_in_every_spelling():
    secret = "s3cret/with+signs=&more"
    hide(secret)
    encoded = base64.b64encode(secret.encode()).decode()
    for spelling in (secret, quote(secret, safe=""), encoded):
        assert spelling not in redact(f"before {spelling} after")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (
            "X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            "757107ea",
        ),
        ("Authorization: Bearer abc.def.ghi", "abc.def.ghi"),
        ("authorization: token 0123456789abcdef", "0123456789abcdef"),
        ("Cookie: a=1; _oauth2_proxy=QWxhZGRpbjpvcGVu|17|x; b=2", "QWxhZGRpbjpvcGVu"),
        ("postgresql://gate:hunter22@db:5432/codex", "hunter22"),
        ("https://github.test/cb?code=abcdef012345&state=xyz", "abcdef012345"),
        ('{"token": "plainvalue"}', "plainvalue"),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "ghp_0123"),
        ("jwt eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "eyJhbGci"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
    ],
)
def test_a_secret_is_hidden_by_its_shape(text, secret):
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "slot 1: state=leased, owner 8f0d",
        '{"code":"forbidden","message":"email is not allowed"}',
        "the token is stored encrypted",
        "POST https://staging.test/api/v1/webhooks/github -> 202 (41 ms)",
    ],
)
def test_ordinary_words_stay(text):
    assert redact(text) == text


def test_only_what_opens_something_is_shown_as_a_secret():
    hide("s3cr3t-of-the-hook")
    withhold("nobody-knows-what-this-is")
    assert shows_secret("a page with s3cr3t-of-the-hook on it")
    assert shows_secret("ghp_0123456789abcdefghijABCDEFGHIJ012345")
    page = "nobody-knows-what-this-is, ?state=0123456789, Authorization: needed anew, sha256=0123456789abcdef"
    assert "nobody-knows" not in redact(page)
    assert not shows_secret(page)


def test_settings_in_force_are_never_hidden():
    in_force("codex-k8s-ai-staging-of-the-test")
    withhold("codex-k8s-ai-staging-of-the-test", "ai-staging-of-the-test")
    assert (
        redact("job_namespace: codex-k8s-ai-staging-of-the-test")
        == "job_namespace: codex-k8s-ai-staging-of-the-test"
    )


def test_a_login_that_github_tells_in_a_cookie_is_no_secret():
    hide_cookies(
        {
            "cookies": [
                {"name": "dotcom_user", "value": "codex-k8s-gate-admin-of-the-test"},
                {"name": "_oauth2_proxy_0", "value": "session-of-the-test-0123456789"},
            ]
        }
    )
    assert not shows_secret("@codex-k8s-gate-admin-of-the-test")
    assert shows_secret("session-of-the-test-0123456789")


@pytest.mark.parametrize("weak", ["codex-k8s", "ai-staging", "hidden-of-the-test"])
def test_a_password_that_is_a_piece_of_a_name_is_told_and_stays_in_that_name_alone(weak):
    in_force("codex-k8s-ai-staging", "hidden-of-the-test.example.org")
    evidence.begin()
    evidence.conceal("The database's password", weak, "a-strong-one-of-the-test")
    page = "job_namespace: codex-k8s-ai-staging, hidden-of-the-test.example.org"
    assert redact(page) == page and not shows_secret(page)
    assert redact(f"{weak}, user:{weak}@db, {weak}-run-1") == "[hidden], user:[hidden]@db, [hidden]-run-1"
    assert not shows_secret(f"{weak}-run-1") and shows_secret("a-strong-one-of-the-test")
    assert evidence.record().risks[0].startswith("The database's password is a piece of a name")


def test_a_command_is_no_name():
    in_force("TOKEN=s3cr3t-of-the-command bash smoke.sh")
    assert hide("s3cr3t-of-the-command")
    assert shows_secret("s3cr3t-of-the-command")


def test_a_password_of_the_settings_may_be_its_own_users_name():
    Settings({"GATE_DATABASE_URL": "postgresql://platform_of_the_test:platform_of_the_test@db:5432/platform"})
    assert redact("user platform_of_the_test") == "user platform_of_the_test"
    Settings({"GATE_DATABASE_URL": "postgresql://platform:strong_one_of_the_test@db:5432/platform"})
    assert "strong_one" not in redact("user strong_one_of_the_test")
