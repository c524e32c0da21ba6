"""GitHub's own pages on the way of a sign-in: what a person would press is pressed, the rest is nobody's red."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from gate.capabilities.boundary_visitor import Visitor
from gate.console import signin
from gate.console.signin import KeptByGitHub
from gate.errors import Broken, NotProven
from gate.people import SIGN_INS_TRIED
from gate.settings import BY_NAME, Settings
from gate.target import Target
from tests.local_staging import local_staging, switched

Values = dict[str, str]


@pytest.fixture(scope="module")
def values() -> Iterator[Values]:
    with local_staging() as told:
        yield told


@pytest.fixture
def target(values: Values) -> Iterator[Target]:
    opened = Target(Settings({name: value for name, value in values.items() if name in BY_NAME}))
    yield opened
    opened.close()


def test_who_signed_in_often_is_asked_once_more_and_passes(values: Values, target: Target) -> None:
    member = target.people.session("member")
    with switched(values, "github-asks-after-ten", kind="variants"):
        for _ in range(12):
            visitor = Visitor(target, member)
            back = visitor.permission(visitor.start())
            assert back.startswith("/oauth2/callback?") and "code=" in back
    # It was caught, not gone: it is good still.
    assert visitor.finish(back).status == 302


def test_an_offer_of_githubs_own_is_put_off(values: Values, target: Target) -> None:
    with switched(values, "github-offers-passkey", kind="variants"):
        assert target.people.session("member").cookies


def test_a_page_that_only_a_person_can_answer_is_not_red(
    values: Values, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signin, "WITHIN_SECONDS", 2.0)
    people = target.people
    # Nobody is remembered: every try meets the page.
    monkeypatch.setattr(people, "_remember", lambda *_: None)
    with switched(values, "github-page-in-the-way", kind="troubles"):
        for _ in range(SIGN_INS_TRIED):
            with pytest.raises(KeptByGitHub, match="gate login --as stranger") as kept:
                people.session("stranger", judged=True)
            assert kept.value.category == "staging" and "Skip to content" in str(kept.value)
    # After that nobody tries any more, though it would work.
    with pytest.raises(NotProven, match=r"see s1\.p0\.3\.1.*GitHub keeps stranger"):
        people.session("stranger", judged=True)


def test_an_application_that_github_does_not_know_is_red_at_once(values: Values, target: Target) -> None:
    with switched(values, "github-application-gone"):
        with pytest.raises(Broken, match=r"does not take what oauth2-proxy asks it \(404\)"):
            target.people.session("stranger", judged=True)
        with pytest.raises(NotProven, match=r"see s1\.p0\.3\.1"):
            target.people.session("stranger")


def test_whose_email_the_settings_lack_is_known_by_their_session(values: Values) -> None:
    known = {name: value for name, value in values.items() if name in BY_NAME and name != "GATE_ADMIN_EMAIL"}
    target = Target(Settings(known))
    assert target.people.email("admin").lower() == values["GATE_ADMIN_EMAIL"].lower()
    target.close()
    target = Target(Settings({**known, "GATE_ADMIN_PASSWORD": "wrong"}))
    assert target.people.email("admin") == ""
    target.close()


def test_a_browser_without_a_way_to_github_is_no_red(values: Values) -> None:
    known = {name: value for name, value in values.items() if name in BY_NAME}
    github = urlsplit(known["GATE_GITHUB_URL"]).netloc
    kept = [one for one in known["GATE_HOSTS"].split(",") if not one.startswith(f"{github}:")]
    target = Target(Settings({**known, "GATE_HOSTS": ",".join([f"{github}:443=127.0.0.1:1", *kept])}))
    with pytest.raises(KeptByGitHub, match=f"no way to {github}"):
        target.people.session("stranger", judged=True)
    target.close()
