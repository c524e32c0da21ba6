"""Signing in once for later runs: by itself and by hand, and that only the right person's session is kept."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gate import login, sessions
from gate.commands import login as command
from gate.console.signin import SESSION_COOKIE, Credentials, SignIn
from gate.errors import GateError, SettingError
from gate.language import speak
from gate.settings import BY_NAME, Settings
from gate.target import Target
from tests.local_staging import local_staging

Values = dict[str, str]


@pytest.fixture(scope="module")
def values() -> Iterator[Values]:
    with local_staging() as told:
        yield told


@pytest.fixture
def target(values: Values, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    monkeypatch.chdir(tmp_path)
    opened = Target(Settings(known(values)))
    yield opened
    opened.close()


def known(values: Values) -> Values:
    return {name: value for name, value in values.items() if name in BY_NAME}


def test_with_a_password_it_signs_in_by_itself_and_keeps_the_session(target: Target, values: Values) -> None:
    kept = login.log_in(target, "admin", print)
    assert kept.who == values["GATE_ADMIN_EMAIL"]
    assert kept.ends is None or kept.ends > datetime.now(UTC)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700
    again = Target(Settings({**known(values), "GATE_ADMIN_SESSION": str(kept.path), "GATE_ADMIN_PASSWORD": ""}))
    try:
        assert again.people.staff("admin").me().status == 200
    finally:
        again.close()


def test_by_hand_it_waits_until_the_platform_knows_them(
    target: Target, values: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody types in the window while it looks; here that somebody is the suite's own sign-in."""
    look, github = login._Arrival.look, values["GATE_GITHUB_URL"]
    key = "GATE_STRANGER_"
    person = Credentials("x", *(values.get(key + what, "") for what in ("LOGIN", "PASSWORD", "TOTP_SECRET")))

    def typing(arrival: login._Arrival) -> str:
        SignIn(arrival._window, person, github)._step()
        return look(arrival)

    monkeypatch.setattr(login._Arrival, "look", typing)
    monkeypatch.setattr(login, "has_password", lambda *_: False)
    said: list[str] = []
    kept = login.log_in(target, "stranger", said.append)
    assert kept.path == Path(".sessions/stranger.json")
    assert "as the stranger" in said[0]


def test_somebody_else_is_not_kept(target: Target, values: Values) -> None:
    wrong = {f"GATE_ADMIN_{what}": values.get(f"GATE_STRANGER_{what}", "") for what in ("LOGIN", "PASSWORD")}
    other = Target(
        Settings({**known(values), **wrong, "GATE_ADMIN_TOTP_SECRET": values.get("GATE_STRANGER_TOTP_SECRET", "")})
    )
    try:
        with pytest.raises(GateError, match="no platform admin; that is not the admin"):
            login.log_in(other, "admin", print)
    finally:
        other.close()
    assert not Path(".sessions/admin.json").exists()


def test_a_window_that_is_closed_ends_the_waiting(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "has_password", lambda *_: False)
    monkeypatch.setattr(login._Arrival, "look", lambda _: "closed")
    with pytest.raises(GateError, match="Nobody signed in"):
        login.log_in(target, "member", print)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*BY_NAME, "CODEXK8S_STAGING_DOMAIN", "DISPLAY", "WAYLAND_DISPLAY", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def told(*arguments: str) -> str:
    import argparse

    parser = argparse.ArgumentParser()
    command.arguments(parser)
    try:
        with pytest.raises(GateError) as failure:
            command.run(parser.parse_args(arguments))
    finally:
        speak("en")
    return str(failure.value)


@pytest.mark.usefixtures("bare")
def test_what_is_missing_is_told_before_a_browser_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "set GATE_DOMAIN" in told("--lang", "en")
    monkeypatch.setenv("GATE_DOMAIN", "staging.example")
    assert "leave out --headless" in told("--headless", "--lang", "en")
    assert "no screen here" in told("--as", "member", "--lang", "en")
    assert "нет экрана" in told("--as", "member", "--lang", "ru")


@pytest.mark.usefixtures("bare")
def test_a_session_file_that_is_gone_does_not_keep_one_from_making_it_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GATE_ADMIN_SESSION", ".sessions/admin.json")
    monkeypatch.setenv("GATE_DOMAIN", "staging.example")
    assert command._settings("admin", True)["GATE_ADMIN_SESSION"] is None
    with pytest.raises(SettingError, match="GATE_ADMIN_SESSION"):
        command._settings("member", True)


def test_cookies_belong_to_their_host() -> None:
    def cookie(domain: str, **more: object) -> dict[str, object]:
        return {"name": "_oauth2_proxy", "value": "v", "domain": domain, **more}

    state = {"cookies": [cookie("staging.example", expires=2e9), cookie("github.com", expires=1e9)], "origins": []}
    assert sessions.cookies_for(state, "Staging.example") == {"_oauth2_proxy": "v"}
    assert sessions.belongs(cookie(".example"), "staging.example")
    assert not sessions.belongs(cookie("example"), "staging.example")
    assert sessions.ends_at(state, "staging.example") == datetime.fromtimestamp(2e9, UTC)


def test_a_file_that_is_no_session_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps([1]))
    with pytest.raises(SettingError, match="not a saved browser session"):
        sessions.read(tmp_path / "x.json")


def test_a_session_that_ends_within_a_run_is_renewed(target: Target, values: Values) -> None:
    kept = login.log_in(target, "admin", print)
    state = json.loads(kept.path.read_text(encoding="utf-8"))
    soon = datetime.now(UTC).timestamp() + 600
    for cookie in state["cookies"]:
        if sessions.belongs(cookie, target.domain):
            cookie["expires"] = soon
    sessions.save("ending", state, kept.path.parent)
    path = kept.path.with_name("ending.json")
    target.close()
    again = Target(Settings({**known(values), "GATE_ADMIN_SESSION": str(path), "GATE_ADMIN_PASSWORD": ""}))
    try:
        # GitHub still knows the browser, so nobody is asked for anything.
        renewed = again.people.session("admin")
        old = sessions.cookies_for(state, target.domain)[SESSION_COOKIE]
        assert renewed.cookies[SESSION_COOKIE] not in ("", old)
    finally:
        again.close()
