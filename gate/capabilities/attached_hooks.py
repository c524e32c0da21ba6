"""The webhooks of the test repositories: as they were, as the platform makes them, and put back afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.cleaning import GREETS
from gate.doors.again import NOBODY_BEHIND
from gate.doors.records import Hook
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.waiting import Watch, until
from gate.watching import ENDED

if TYPE_CHECKING:
    from gate.world import World

# Contract 5, when no setting says otherwise.
DEFAULT_EVENTS = "push,pull_request,issues,issue_comment,pull_request_review,pull_request_review_comment"
# GitHub answers a list of hooks from what it has just been told, a little later.
SEEN_WITHIN_SECONDS = 5.0
POLLS_WAITED = 2
PINGED_WITHIN_SECONDS = 10.0
# Of the 5000 questions that GitHub answers a token in an hour, others want some too.
GITHUB_EVERY_SECONDS = 1.0
# For the first time, or once more.
TAKEN = (202, 200)
# The same path at another staging, and an address that only begins like the platform's.
FOREIGN = ("https://{mark}.example.com/api/v1/webhooks/github", "{own}/{mark}")
# One that the platform wants, and one that it has no use for.
STRANGE_EVENTS = ("push", "watch")
# The clock of the gate and that of the platform; a hook's own id is never used again.
CLOCKS_APART = timedelta(minutes=10)
PINGED = """
SELECT count(*) > 0 FROM agent_runs
WHERE created_at >= %s AND run_payload->'raw_payload'->>'hook_id' = %s
"""
GREETINGS = f"SELECT correlation_id, status FROM agent_runs WHERE created_at >= %s AND {GREETS}"

# Feedback first: its key to the run may hold that (contract 3 promises no cascade).
FORGET = (
    "DELETE FROM learning_feedback WHERE run_id IN (SELECT id FROM agent_runs WHERE correlation_id = ANY(%s))",
    "DELETE FROM flow_events WHERE correlation_id = ANY(%s)",
    "DELETE FROM agent_runs WHERE correlation_id = ANY(%s)",
)


class AttachedHooks:
    """The hooks of some repositories that lead to the platform."""

    def __init__(self, world: World, repositories: Mapping[str, int]) -> None:
        self._world = world
        self._target = world.target
        self._github = world.target.github
        self._url = world.target.webhook_url
        self._ids = repositories
        self._before = {name: self._github.hooks(name) for name in repositories}
        self._since = world.target.database.value("SELECT now()")
        self._strange: Hook | None = None
        self._foreign: list[Hook] = []
        # The repositories whose hook somebody removed; there is none to wait for any more.
        self.bare: set[str] = set()

    # --- acts

    def leave_another(self, name: str) -> None:
        """Somebody made a hook to the same address before, in another shape; an older one leads elsewhere."""
        self._clear(name)
        self._leave(name, FOREIGN[0])
        self._strange = self._make(name, self._url, STRANGE_EVENTS, active=False)

    def leave_lookalike(self, name: str) -> None:
        """Somebody made one before that looks right; its secret is another, and GitHub shows none (contract 5)."""
        self._clear(name)
        events, secret = self._told_events() or _listed(DEFAULT_EVENTS), secrets.token_hex()
        self._strange = self._make(name, self._url, events, content_type="json", secret=secret)

    def switch_off(self, name: str) -> None:
        """Somebody spoils the one that the platform made; waits until GitHub lists it so."""
        spoilt = replace(self._expect_one(name), active=False, events=STRANGE_EVENTS)
        self._github.restore_hook(name, spoilt, secret="")
        try:
            # A build may leave alone what GitHub still lists as right.
            until(
                lambda: self._ours(name),
                lambda hooks: [(hook.active, hook.events) for hook in hooks] == [(False, STRANGE_EVENTS)],
                what=Text(f"the webhook of {name} spoilt in GitHub's list", f"испорченный вебхук {name} у GitHub"),
                within=SEEN_WITHIN_SECONDS,
                every=GITHUB_EVERY_SECONDS,
            )
        except Broken as late:
            raise NotProven(str(late)) from None
        self._strange = spoilt

    def remove_by_hand(self, name: str) -> None:
        """Somebody removes the one that the platform made; waits until GitHub lists it no more."""
        hook = self._expect_one(name)
        self._github.delete_hook(name, hook.id)
        self._await_listed(name, hook.id, there=False)
        if stayed := self._ours(name):
            raise NotProven(
                say(
                    f"GitHub still lists the webhook of {name} that was removed: {stayed}",
                    f"GitHub всё ещё показывает удалённый вебхук {name}: {stayed}",
                ),
                "staging",
            )
        self.bare.add(name)

    def leave_foreign(self, name: str) -> None:
        """Somebody has hooks of their own there, which lead elsewhere."""
        for place in FOREIGN:
            self._leave(name, place)

    def put_back(self) -> None:
        """Remove what came of the scenario, and restore what was there."""
        for name in self._before:
            self._put_back(name)

    def sweep_greetings(self) -> None:
        """The runs that GitHub's greetings to new hooks started, once they have ended, with what they left."""
        query = partial(self._target.database.query, GREETINGS, self._since, [*map(str.lower, self._ids)])
        with suppress(Broken):
            until(
                query,
                lambda rows: all(row["status"] in ENDED for row in rows),
                what=Text("the end of the runs of GitHub's pings", "конец запусков от ping GitHub"),
                within=self._target.settings["GATE_RUN_SECONDS"],
            )
        told = ([row["correlation_id"] for row in query()],)
        self._target.database.transaction([(statement, told) for statement in FORGET])

    # --- checks

    def expect_made(self) -> None:
        """One hook on each repository, in the contract's shape."""
        for name in self._ids:
            self._expect_good(name)

    def expect_updated(self, name: str) -> None:
        """It is the hook that was there, now in the contract's shape."""
        hook = self._expect_good(name)
        ensure(
            self._strange is not None and hook.id == self._strange.id,
            f"The webhook that {name} had was not updated: before {self._strange}, now {hook}.",
            f"Прежний вебхук {name} не обновлён: был {self._strange}, теперь {hook}.",
        )

    def expect_believed(self) -> None:
        """What GitHub signs with the hook's secret, which nobody is shown, the platform takes for GitHub's own."""
        for name in self._ids:
            hook = self._expect_one(name)
            try:
                answer = self._answer_to_ping(name, hook)
            except NotProven as reason:
                answer, told = 0, str(reason)
            else:
                told = say("GitHub delivered nothing in time.", "GitHub за это время ничего не доставил.")
            ensure(
                answer != 401,
                f"The platform refuses what GitHub signs for the webhook of {name} (401): it has another secret.",
                f"Платформа отвергает то, что GitHub подписывает для вебхука {name} (401): у него другой секрет.",
            )
            ensure(
                not 400 <= answer < 600 or answer in NOBODY_BEHIND,
                f"The platform answers {answer} to GitHub's own ping for the webhook of {name}.",
                f"На собственный ping GitHub для вебхука {name} платформа отвечает {answer}.",
            )
            if answer not in TAKEN:
                seen = say(
                    f"Whether the webhook's secret is right is not proven: {told} {answer or ''}",
                    f"Верен ли секрет вебхука, не доказано: {told} {answer or ''}",
                )
                evidence.weaker(seen)

    def expect_foreign_kept(self, name: str) -> None:
        """What leads elsewhere is none of the platform's business."""
        now = {hook.id: hook for hook in self._github.hooks(name)}
        changed = [(hook, now.get(hook.id)) for hook in self._foreign if now.get(hook.id) != hook]
        ensure(
            self._foreign and not changed,
            f"Somebody else's webhook of {name} was changed (before, now): {changed}.",
            f"Чужой вебхук {name} изменён (был, стал): {changed}.",
        )

    def expect_one_only(self, name: str) -> None:
        """There is no second hook to the platform."""
        self._expect_one(name)

    def expect_listed(self) -> None:
        """GitHub lists the one of each repository. By that list the platform finds what is to go (contract 5)."""
        for name in self._ids:
            self._expect_one(name)

    def expect_untouched(self) -> None:
        """Every hook is as it was before the scenario."""
        for name, before in self._before.items():
            self._expect_as_before(name, sorted(before, key=_by_id))

    def _expect_as_before(self, name: str, before: list[Hook]) -> None:
        def listed() -> list[Hook]:
            return sorted(self._github.hooks(name), key=_by_id)

        with suppress(Broken):  # what is still another then is told below
            until(
                listed,
                lambda hooks: hooks == before,
                what=Text(f"the webhooks of {name} as they were", f"вебхуки {name}, какими были"),
                within=SEEN_WITHIN_SECONDS,
                every=GITHUB_EVERY_SECONDS,
            )
        now = listed()
        ensure(
            now == before,
            f"The webhooks of {name} changed: before {before}, now {now}.",
            f"Вебхуки {name} изменились: было {before}, стало {now}.",
        )

    def expect_gone(self, name: str) -> None:
        """The hook went with the repository. The platform does its best only (contract 2): a hook that stayed is
        red where the very same token can remove it, and a risk to tell where it cannot.
        """
        watch = Watch[list[Hook]]()
        # Best effort may be a job in the background, or the worker's with its next poll.
        within = POLLS_WAITED * self._target.settings["GATE_POLL_SECONDS"] + SEEN_WITHIN_SECONDS
        while (stayed := watch.look(lambda: self._ours(name))) and watch.seconds < within:
            watch.pause(GITHUB_EVERY_SECONDS)
        if stayed and not self._removable(name, stayed):
            evidence.residual_risk(
                say(
                    f"The webhook of {name} stayed after detaching: its token may not remove it.",
                    f"Вебхук {name} остался после отключения: его токену нельзя удалять вебхуки.",
                )
            )
            return
        ensure(
            not stayed,
            f"The webhook of {name} stayed after detaching, although its token may remove it: {stayed}",
            f"Вебхук {name} остался после отключения, хотя его токен может его удалить: {stayed}",
        )

    # --- helpers

    def _leave(self, name: str, place: str) -> None:
        """A hook that is switched off: it delivers nothing."""
        url = place.format(mark=self._world.mark, own=self._url)
        self._foreign.append(self._make_for_now(name, url))

    def _make(self, name: str, url: str, events: Sequence[str], **options: Any) -> Hook:
        """A hook, made and listed: whoever looks next finds it."""
        hook = self._github.create_hook(name, url, events, **options)
        self._await_listed(name, hook.id, there=True)
        return hook

    def _make_for_now(self, name: str, url: str, secret: str = "") -> Hook:
        """A hook that is switched off, until the scenario ends."""
        hook = self._github.create_hook(name, url, ["push"], active=False, secret=secret)
        self._world.add_cleanup(self._remove, name, hook.id)
        self._await_listed(name, hook.id, there=True)
        return hook

    def _remove(self, name: str, hook_id: int) -> None:
        """A hook, removed and listed no more: the next scenario begins with what is really there."""
        self._github.delete_hook(name, hook_id)
        self._await_listed(name, hook_id, there=False)

    def _await_listed(self, name: str, hook_id: int, *, there: bool) -> None:
        with suppress(Broken):  # later still is GitHub's own matter
            until(
                lambda: {hook.id for hook in self._github.hooks(name)},
                lambda ids: (hook_id in ids) == there,
                what=Text(
                    f"GitHub's list of {name}'s webhooks {'with' if there else 'without'} {hook_id}",
                    f"список вебхуков {name} у GitHub {'с' if there else 'без'} {hook_id}",
                ),
                within=SEEN_WITHIN_SECONDS,
                every=GITHUB_EVERY_SECONDS,
            )

    def _answer_to_ping(self, name: str, hook: Hook) -> int:
        """How the platform answered a ping that GitHub is asked for now; 0 when nobody tells in time."""
        since, watch, asked_at = self._github.ping(name, hook.id), Watch[int](), GITHUB_EVERY_SECONDS
        while not (taken := self._pinged(hook.id)) and watch.seconds < PINGED_WITHIN_SECONDS:
            if watch.seconds >= asked_at:
                asked_at += GITHUB_EVERY_SECONDS
                if watch.look(lambda: self._newest_answer(name, hook, since)) in TAKEN:
                    break
            watch.pause()
        return TAKEN[0] if taken else self._newest_answer(name, hook, since)

    def _newest_answer(self, name: str, hook: Hook, since: datetime) -> int:
        """What GitHub says of the newest ping since then. An older one, such as GitHub's greeting to the hook that
        was there before, may be told later than it was answered.
        """
        pings = [one for one in self._github.deliveries(name, hook.id) if one.event == "ping" and one.at >= since]
        return max(pings, key=lambda one: (one.at, one.id)).status if pings else 0

    def _pinged(self, hook_id: int) -> bool:
        """Whether the platform took a ping of this hook."""
        return bool(self._target.database.value(PINGED, self._target.started - CLOCKS_APART, str(hook_id)))

    def _removable(self, name: str, hooks: list[Hook]) -> bool:
        try:
            for hook in hooks:
                self._github.delete_hook(name, hook.id)
        except NotProven:
            return False
        return True

    def _ours(self, name: str) -> list[Hook]:
        """Its hooks to the platform; a near twin that was there before the scenario is not this one's doing."""
        old = {hook.id for hook in self._before[name] if hook.url != self._url}
        return [hook for hook in self._github.hooks(name) if self._leads_here(hook) and hook.id not in old]

    def _leads_here(self, hook: Hook) -> bool:
        """Also a near twin, which GitHub allows beside the hook: another spelling, or a query behind it."""
        return _plain(hook.url) == _plain(self._url)

    def _expect_one(self, name: str) -> Hook:
        try:
            found = until(
                lambda: self._ours(name),
                lambda hooks: len(hooks) == 1,
                hopeless=lambda hooks: len(hooks) > 1,
                what=Text(
                    f"one webhook to {self._url} at {name}",
                    f"один вебхук на {self._url} у {name}",
                ),
                within=SEEN_WITHIN_SECONDS,
                every=GITHUB_EVERY_SECONDS,
            )
        except Broken:
            if not self._ours(name):
                self._require_address(name)
            raise
        return found[0]

    def _expect_good(self, name: str) -> Hook:
        """Contract 5 and probe W23. GitHub shows of the secret only that there is one."""
        watch = Watch[Hook]()
        # A hook that was there may be listed for a little as it was before.
        while (wrong := self._wrong(hook := self._expect_one(name))) and watch.seconds < SEEN_WITHIN_SECONDS:
            watch.pause(GITHUB_EVERY_SECONDS)
        if "has_secret" in wrong and self._tells_no_secret(name):
            evidence.weaker(
                say(
                    f"GitHub does not tell whether the webhook of {name} has a secret.",
                    f"GitHub не сообщает, есть ли у вебхука {name} секрет.",
                )
            )
            del wrong["has_secret"]
        if self._told_events() is None and "events" not in wrong:
            evidence.weaker(
                say(
                    "Which events the webhook must have is not known: set GATE_WEBHOOK_EVENTS.",
                    "Какие события должны быть у вебхука, неизвестно: задайте GATE_WEBHOOK_EVENTS.",
                )
            )
        if wrong:
            self._require_address(name)
        got, wanted = ({field: pair[side] for field, pair in wrong.items()} for side in (0, 1))
        ensure(
            not wrong,
            f"The webhook of {name} is not as the contract has it: {got}, wanted {wanted}.",
            f"Вебхук {name} не по контракту: {got}, а нужно {wanted}.",
        )
        return hook

    def _wrong(self, hook: Hook) -> dict[str, tuple[Any, Any]]:
        """Its fields that are not as the contract has them, each as it is and as it must be."""
        told = self._told_events()
        wanted = {
            "url": self._url,
            # The setting's, and the default's where it is not set; where nobody tells, any that there are.
            "events": (hook.events if told is None else told) or _listed(DEFAULT_EVENTS),
            "active": True,
            "content_type": "json",
            "insecure_ssl": "0",
            "has_secret": True,
        }
        pairs = {field: (getattr(hook, field), value) for field, value in wanted.items()}
        return {field: (got, value) for field, (got, value) in pairs.items() if got != value}

    def _told_events(self) -> tuple[str, ...] | None:
        """Those of the setting, or the default's; None where nobody tells which it is."""
        given = self._target.known("GATE_WEBHOOK_EVENTS")
        return None if given is None else _listed(given or DEFAULT_EVENTS)

    def _require_address(self, name: str) -> None:
        """`NotProven` where the platform's own address for webhooks is not known and it made one to another."""
        if self._target.known("GATE_WEBHOOK_URL") is not None:
            return
        old = {hook.id for hook in self._before[name]}
        new = [hook for hook in self._github.hooks(name) if hook.id not in old]
        # What the gate itself made bears the mark.
        others = [hook.url for hook in new if not self._leads_here(hook) and self._world.mark not in hook.url]
        if others:
            raise NotProven(
                say(
                    f"The webhook of {name} leads to {others[0]}, not to {self._url}, and where it must lead is "
                    "not known: set GATE_WEBHOOK_URL.",
                    f"Вебхук {name} ведёт на {others[0]}, а не на {self._url}, а куда он должен вести, "
                    "неизвестно: задайте GATE_WEBHOOK_URL.",
                )
            )

    def _tells_no_secret(self, name: str) -> bool:
        """Whether this GitHub keeps silent of secrets altogether, asked about a hook that surely has one."""
        url = f"https://example.com/{self._world.mark}-secret"
        made = self._make_for_now(name, url, secrets.token_hex())
        return not any(hook.has_secret for hook in self._github.hooks(name) if hook.id == made.id)

    def _clear(self, name: str) -> None:
        """Hooks to the platform that other runs forgot, or that are kept aside until `put_back`."""
        for hook in self._ours(name):
            self._remove(name, hook.id)

    def _put_back(self, name: str) -> None:
        before, now = self._before[name], self._github.hooks(name)
        known, left = {hook.id: hook for hook in before}, {hook.id for hook in now}
        secret = self._target.fact("GATE_WEBHOOK_SECRET", optional=True)
        added = [hook for hook in now if hook.id not in known and self._leads_here(hook)]
        for hook in added:
            self._remove(name, hook.id)
        # Only what leads to the platform: of others' hooks nobody here knows the secret.
        for hook in now:
            if hook.id in known and hook != known[hook.id] and self._leads_here(known[hook.id]):
                self._github.restore_hook(name, known[hook.id], secret)
        for hook in before:
            if hook.id not in left and self._leads_here(hook):
                options = {"content_type": hook.content_type, "secret": secret if hook.has_secret else ""}
                self._make(name, hook.url, hook.events, active=hook.active, **options)


def _listed(events: str) -> tuple[str, ...]:
    return tuple(sorted(event.strip() for event in events.split(",") if event.strip()))


def _plain(url: str) -> str:
    return url.lower().partition("#")[0].partition("?")[0].rstrip("/")


def _by_id(hook: Hook) -> int:
    return hook.id
