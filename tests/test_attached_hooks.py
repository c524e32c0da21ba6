"""What GitHub says of its own webhooks: which ping decides, and what cannot be judged without a setting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from gate import evidence
from gate.capabilities import attached_hooks
from gate.capabilities.attached_hooks import AttachedHooks
from gate.doors.records import Hook, HookDelivery
from gate.errors import Broken, NotProven

NAME, URL = "acme/shop", "https://staging.test/api/v1/webhooks/github"
ASKED = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
HOOK = Hook(7, URL, ("push",), True, "json", "0", has_secret=True)


class GitHub:
    """One repository, its hooks, and the pings of one of them as GitHub lists them."""

    def __init__(self, *hooks: Hook, pings: tuple[tuple[float, int], ...] = ()) -> None:
        self.now: list[Hook] = list(hooks)
        self.before: list[Hook] = []
        self.listed = [HookDelivery(id_, "ping", status, ASKED + timedelta(seconds=after))
                       for id_, (after, status) in enumerate(pings)]  # fmt: skip

    def hooks(self, _: str) -> list[Hook]:
        return self.now

    def ping(self, *_: Any) -> datetime:
        return ASKED

    def deliveries(self, *_: Any) -> list[HookDelivery]:
        return self.listed


def hooks_of(github: GitHub, *, known: str | None = "") -> AttachedHooks:
    """The hooks of the repository for a platform that took no ping; `known` is what is told of its settings."""
    database = SimpleNamespace(project_by_id=lambda _: None, value=lambda *_: False)
    target: Any = SimpleNamespace(
        github=github, webhook_url=URL, database=database, started=ASKED, known=lambda name: known
    )
    target.settings = {"GATE_POLL_SECONDS": 0.1}
    shown, github.now = github.now, github.before
    made = AttachedHooks(SimpleNamespace(target=target, mark="gate-7f3a"), {NAME: 1})  # type: ignore[arg-type]
    github.now = shown
    return made


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PINGED_WITHIN_SECONDS", "SEEN_WITHIN_SECONDS", "GITHUB_EVERY_SECONDS"):
        monkeypatch.setattr(attached_hooks, name, 0.05)
    evidence.begin()


@pytest.mark.parametrize(
    "pings",
    [
        # GitHub's greeting to the hook that was there, refused rightly and told late.
        pytest.param(((-2, 401),), id="a greeting"),
        pytest.param(((-2, 401), (1, 0)), id="a greeting, and ours under way"),
        pytest.param((), id="nothing"),
        pytest.param(((1, 503),), id="nobody behind the edge"),
    ],
)
def test_what_is_not_our_ping_or_not_answered_is_weaker(pings: tuple[tuple[float, int], ...]) -> None:
    hooks_of(GitHub(HOOK, pings=pings)).expect_believed()
    assert len(evidence.record().weaker) == 1


@pytest.mark.parametrize("pings", [((0, 202),), ((0, 401), (1, 202)), ((-2, 401), (0, 200))])
def test_the_newest_ping_decides(pings: tuple[tuple[float, int], ...]) -> None:
    hooks_of(GitHub(HOOK, pings=pings)).expect_believed()
    assert not evidence.record().weaker


@pytest.mark.parametrize(("status", "why"), [(401, "another secret"), (400, "answers 400"), (500, "answers 500")])
def test_a_ping_that_github_saw_refused_is_red(status: int, why: str) -> None:
    with pytest.raises(Broken, match=why):
        hooks_of(GitHub(HOOK, pings=((-5, 202), (0, status)))).expect_believed()


def test_a_hook_that_github_still_lists_as_it_was_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attached_hooks, "SEEN_WITHIN_SECONDS", 5.0)
    good = replace(HOOK, events=attached_hooks._listed(attached_hooks.DEFAULT_EVENTS))
    listed = [replace(good, active=False), good]
    hooks: Any = hooks_of(GitHub(good))
    hooks._github.hooks = lambda _: [listed.pop(0) if len(listed) > 1 else listed[0]]
    hooks._strange = HOOK
    hooks.expect_updated(NAME)
    hooks._strange = replace(HOOK, id=6)
    with pytest.raises(Broken, match="was not updated"):
        hooks.expect_updated(NAME)


@pytest.mark.parametrize(("polls", "red"), [(1, False), (100, True)])
def test_a_hook_that_goes_with_the_workers_next_poll_is_gone(polls: int, red: bool) -> None:
    listed = [[HOOK]] * (2 * polls)
    hooks: Any = hooks_of(GitHub())
    hooks._github.hooks = lambda _: listed.pop() if listed else []
    hooks._github.delete_hook = lambda *_: None
    if red:
        with pytest.raises(Broken, match="stayed after detaching"):
            hooks.expect_gone(NAME)
    else:
        hooks.expect_gone(NAME)


def test_events_that_nobody_tells_are_not_judged() -> None:
    hooks_of(GitHub(HOOK), known=None).expect_made()
    assert "GATE_WEBHOOK_EVENTS" in evidence.record().weaker[0]
    with pytest.raises(Broken, match="events"):
        hooks_of(GitHub(HOOK), known="").expect_made()
    with pytest.raises(Broken, match="events"):
        hooks_of(GitHub(Hook(7, URL, (), True, "json", "0", has_secret=True)), known=None).expect_made()


def test_an_address_that_nobody_tells_is_not_judged() -> None:
    elsewhere = Hook(7, "https://hooks.test/api/v1/webhooks/github", ("push",), True, "json", "0", has_secret=True)
    with pytest.raises(NotProven, match="GATE_WEBHOOK_URL"):
        hooks_of(GitHub(elsewhere), known=None).expect_made()
    with pytest.raises(Broken, match="one webhook"):
        hooks_of(GitHub(elsewhere), known="").expect_made()
    with pytest.raises(Broken, match="one webhook"):
        hooks_of(GitHub(), known=None).expect_made()


def test_a_list_of_hooks_that_lags_behind_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the gate made or removed itself GitHub lists a little later; a hook that somebody made stays red."""
    monkeypatch.setattr(attached_hooks, "SEEN_WITHIN_SECONDS", 1.0)
    github, cleanups = GitHub(), []
    hooks: Any = hooks_of(github)
    behind: list[list[Hook]] = []

    def listed(_: str) -> list[Hook]:
        return behind.pop() if behind else github.now

    def create(name: str, url: str, *_: Any, **__: Any) -> Hook:
        behind[:], github.now = [github.now] * 2, [*github.now, replace(HOOK, id=9, url=url)]
        return github.now[-1]

    def delete(*_: Any) -> None:
        behind[:], github.now = [github.now] * 2, []

    github.hooks, github.create_hook, github.delete_hook = listed, create, delete  # type: ignore
    hooks._world.add_cleanup = lambda *call: cleanups.append(call)
    hooks._leave(NAME, "https://{mark}.example.com")
    hooks.expect_foreign_kept(NAME)
    (remove, *what), *_ = cleanups
    remove(*what)
    assert not behind
    behind[:] = [[HOOK]] * 2
    hooks.expect_untouched()
    github.now = [HOOK]
    with pytest.raises(Broken, match="changed"):
        hooks.expect_untouched()


def test_of_a_greeting_nothing_is_left() -> None:
    """Whatever refers to its run goes before it, as a key without a cascade wants it."""
    done: list[tuple[str, Any]] = []
    hooks: Any = hooks_of(GitHub())
    database = hooks._target.database
    database.query = lambda *_: [{"correlation_id": "ping-1", "status": "succeeded"}]
    database.transaction = done.extend
    hooks._target.settings["GATE_RUN_SECONDS"] = 0.1
    hooks.sweep_greetings()
    tables = [statement.split()[2] for statement, _ in done]
    assert sorted(tables) == ["agent_runs", "flow_events", "learning_feedback"] and tables[-1] == "agent_runs"
    assert all(values == (["ping-1"],) for _, values in done)
