"""The webhook ingress: deliveries of one scenario, their answers, and what the platform recorded of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from gate import evidence
from gate.capabilities.token_leaks import LOG_MARGIN_SECONDS
from gate.doors.http import Exchange
from gate.doors.records import Run, shown
from gate.doors.webhook import (
    Delivery,
    Rewriting,
    Signature,
    new_delivery,
    new_id,
    of_bot,
    of_public_repository,
    rewritten,
    size_refused_on_the_way,
    without,
)
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.waiting import never, until

if TYPE_CHECKING:
    from gate.target import Target
    from gate.world import World

# An accepted delivery is committed before it is answered, so its row is there at once; this allows for a replica.
RECORDED_WITHIN_SECONDS = 5.0
LARGEST_BODY_BYTES = 1024 * 1024
# Whatever is not answered by then has failed for GitHub.
GITHUB_WAITS_SECONDS = 10.0
# Contract 2: any of these may be missing; `fields` names what the answer's field must name.
NO_SESSION = "_oauth2_proxy=no-session|1|none"
MISSING_HEADERS = {"delivery": "X-GitHub-Delivery", "event": "X-GitHub-Event"}
# Later events of deliveries that name none, or any that name, under another id, the repository of a refused one.
# What others do at the API meanwhile, such as attaching a repository, may be on record without an id, too.
STRAY_EVENTS = """
SELECT correlation_id, event_type::text FROM flow_events WHERE id > %s AND coalesce(correlation_id, '') <> ALL(%s)
    AND (coalesce(correlation_id, '') = '' AND event_type::text IN ('webhook.received', 'webhook.duplicate')
         OR payload::text LIKE %s)
"""
RECORDS = """
SELECT correlation_id, 'run ' || id AS what FROM agent_runs WHERE correlation_id = ANY(%(ids)s)
UNION ALL SELECT correlation_id, event_type::text FROM flow_events WHERE correlation_id = ANY(%(ids)s)
"""


class WebhookReceiver:
    """What one scenario delivers to the platform and what comes of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self.delivery = new_delivery(world.mark, "ping")
        self._began = datetime.now(UTC)
        self.first: Exchange | None = None
        self.answers: list[Exchange] = []
        # What was the last one before a delivery without an id, whose events no id tells from others.
        self._last_event: int | None = None

    @property
    def answer(self) -> Exchange:
        """The last answer."""
        if not self.answers:
            raise NotProven(say("Nothing was delivered yet.", "Пока ничего не доставлено."), "suite")
        return self.answers[-1]

    @property
    def run_id(self) -> str:
        """The run that the last answer names."""
        return str(self.answer.json().get("run_id"))

    # --- acts

    def prepare(self, event: str) -> None:
        """GitHub is about to deliver an event of this kind."""
        self.delivery = new_delivery(self._world.mark, event)

    def leave_out_installation(self) -> None:
        """Only an app's deliveries name one; the platform makes its hooks with a token (contract 5)."""
        self.delivery = without("installation", self.delivery)

    def make_repository_public(self) -> None:
        """What is false or 0 is a value like any other, also where the platform reads it."""
        self.delivery = of_public_repository(self.delivery)

    def make_sender_a_bot(self) -> None:
        """Every accepted delivery makes a run (contract 2), whoever is behind it."""
        self.delivery = of_bot(self.delivery)

    def deliver(self, signature: Signature = Signature.HONEST) -> Exchange:
        """Deliver the prepared event once."""
        self.answers.append(self._target.webhook.send(self.delivery, signature))
        self.first = self.first or self.answer
        return self.answer

    def deliver_accepted(self) -> None:
        """Deliver the prepared event honestly, and make sure that it was accepted."""
        self.deliver()
        self.expect_status(202)

    def deliver_with_bad_session(self) -> None:
        """Deliver honestly, with a session cookie that is none: the path needs no session, nor looks at one."""
        self.answers.append(self._target.webhook.send(self.delivery, headers={"Cookie": NO_SESSION}))

    def start_run(self, event: str = "push") -> str:
        """The id of the run that an honest delivery has started."""
        self.prepare(event)
        self.deliver_accepted()
        return self.run_id

    def deliver_at_once(self, times: int) -> None:
        """Deliver the same event several times at the same moment."""
        self.answers = self._target.webhook.send_at_once([self.delivery] * times)

    def deliver_changed(self, what: str) -> None:
        """Deliver something else, validly signed, under the same delivery id: only the id counts (contract 2)."""
        changed = {
            "body": self.delivery.with_payload(action="changed-by-replay"),
            "event": replace(self.delivery, event="issues"),
            "repository": new_delivery(
                self._world.mark, str(self.delivery.event), repository=f"{self._world.mark}/another"
            ).under_new_id(str(self.delivery.id)),
        }[what]
        self.answers.append(self._target.webhook.send(changed))

    def deliver_in_capitals(self) -> None:
        """Deliver under an id that differs in the case of its letters alone, and so is another one."""
        mark = self._world.mark
        self.delivery = self.delivery.under_new_id(mark + str(self.delivery.id).removeprefix(mark).upper())
        self.answers = []
        self.deliver()

    def deliver_rewritten(self, how: Rewriting) -> None:
        """Deliver the same JSON in other bytes, under the signature of the first."""
        signed = self._target.webhook.headers(self.delivery)["X-Hub-Signature-256"]
        other = replace(self.delivery, body=rewritten(self.delivery.payload, how))
        self.answers.append(self._target.webhook.send(other, headers={"X-Hub-Signature-256": signed}))

    def deliver_without(self, header: str, *, empty: bool = False) -> None:
        """Deliver with a header of GitHub left out, or with no value."""
        value = "" if empty else None
        kept = self._target.webhook.headers(self.delivery)
        name = MISSING_HEADERS[header]
        if header == "delivery":
            self._last_event = self._target.database.value("SELECT coalesce(max(id), 0) FROM flow_events")
        id_, event = kept["X-GitHub-Delivery"], kept["X-GitHub-Event"]
        crippled = Delivery(
            value if name == "X-GitHub-Delivery" else id_,
            value if name == "X-GitHub-Event" else event,
            self.delivery.payload,
            self.delivery.body,
        )
        self.answers.append(self._target.webhook.send(crippled))

    def deliver_body(self, body: bytes) -> None:
        """Deliver other bytes than JSON, validly signed."""
        crippled = Delivery(self.delivery.id, self.delivery.event, self.delivery.payload, body)
        self.answers.append(self._target.webhook.send(crippled))

    def deliver_oversize(self) -> None:
        """Deliver valid JSON of one byte more than 1 MiB, of far fewer characters, validly signed."""
        letters, rest = divmod(LARGEST_BODY_BYTES + 1 - len(b'{"padding":""}'), len("я".encode()))
        self.deliver_body(f'{{"padding":"{"я" * letters}{"x" * rest}"}}'.encode())

    # --- checks of the answer

    def expect_status(self, status: int) -> None:
        """The platform itself gave this status: JSON, no redirect, no sign-in page."""
        got, wanted = str(self.answer.status), str(status)
        if not self.answer.is_json:
            got += say(" and no JSON of its own", " и не свой JSON")
            wanted += say(" in JSON of its own", " в своём JSON")
        elif status == 202 and self.answer.status == 200:
            taken = self.answer.json().get("correlation_id")
            got += say(f" (to it a replay of {taken})", f" (для неё это повтор {taken})")
        ensure(
            got == wanted,
            f"The platform answered {got}, not {wanted}.\n{self.answer.told()}",
            f"Платформа ответила {got}, а не {wanted}.\n{self.answer.told()}",
        )

    def expect_accepted(self) -> None:
        """202 with the delivery's own ids (contract 2)."""
        self.expect_status(202)
        self._expect_fields(self.answer, status="accepted", duplicate=False)
        ensure(
            self.answer.seconds < GITHUB_WAITS_SECONDS,
            f"The answer took {self.answer.seconds:.0f} s; GitHub waits for {GITHUB_WAITS_SECONDS:.0f}.",
            f"Ответ занял {self.answer.seconds:.0f} с; GitHub ждёт {GITHUB_WAITS_SECONDS:.0f}.",
        )

    def expect_duplicate(self) -> None:
        """200 with the first answer's ids (contract 2)."""
        self.expect_status(200)
        self._expect_fields(self.answer, status="duplicate", duplicate=True)
        self._expect_same_run()

    def expect_one_accepted(self, duplicates: int) -> None:
        """Of the simultaneous deliveries one was accepted, the others are duplicates of the same run."""
        statuses = sorted(answer.status for answer in self.answers)
        wanted = [200] * duplicates + [202]
        ensure(
            statuses == wanted,
            f"Answers {statuses}, wanted one 202 and {duplicates} times 200.",
            f"Ответы {statuses}, а нужен один 202 и {duplicates} раз 200.",
        )
        runs = {str(answer.json().get("run_id")) for answer in self.answers}
        ensure(len(runs) == 1, f"The answers name several runs: {runs}.", f"В ответах разные запуски: {runs}.")
        for answer in self.answers:
            accepted = answer.status == 202
            self._expect_fields(answer, status="accepted" if accepted else "duplicate", duplicate=not accepted)

    def expect_error(self, status: int, code: str, message: str = "", field: str = "") -> None:
        """The platform's own JSON error (contract 2), with the message and field where the contract gives them."""
        self.expect_status(status)
        wanted = {"code": code, "message": message, "field": field}
        got = self.answer.json()
        wrong = {
            key: got.get(key)
            for key, value in wanted.items()
            if value and str(got.get(key, "")).lower() != value.lower()
        }
        wanted = {key: wanted[key] for key in wrong}
        ensure(
            not wrong,
            f"The error is not as the contract has it: wanted {wanted}, got {wrong}.\n{self.answer.told()}",
            f"Ошибка не по контракту: нужно {wanted}, получено {wrong}.\n{self.answer.told()}",
        )
        if status == 401:
            self._expect_right_signature_untold()

    def _expect_right_signature_untold(self) -> None:
        """Whoever is refused is not told what would have been believed; what they sent themselves is no news."""
        told = self._target.webhook.told_by(self.answer)
        ensure(
            not told,
            f"The refusal carries {told}: whoever asks once can sign what they like.",
            f"Отказ содержит {told}: спросив однажды, можно подписать что угодно.",
        )

    def expect_logs_tell_nothing(self) -> None:
        """Nor do the logs of the platform's pods, where they can be read: many may read them."""
        try:
            logs = self._target.cluster.logs_since(self._began, LOG_MARGIN_SECONDS)
        except NotProven as reason:
            evidence.note(str(reason))
            logs = {}
        if not logs:
            evidence.weaker(say("No pod's log can be read from here.", "Логи подов отсюда не прочесть."))
        for pod, log in logs.items():
            told = self._target.webhook.told_in([log], self.answer)
            ensure(
                not told,
                f"The log of pod {pod} tells {told}: whoever reads it can sign what they like.",
                f"Лог пода {pod} содержит {told}: прочитав его, можно подписать что угодно.",
            )

    def expect_oversize_refused(self) -> None:
        """400 naming the body, or refused by the ingress (contract 2)."""
        if size_refused_on_the_way(self.answer):
            return
        self.expect_error(400, "invalid_argument", field="body")

    def expect_one_outcome(self) -> None:
        """Accepted with its run, or refused without (contract leaves the choice to the build), nothing between."""
        if self.answer.status == 202:
            self.expect_accepted()
            self.expect_recorded()
        else:
            self.expect_error(401, "unauthorized", "invalid webhook signature")
            self.expect_nothing_recorded()

    # --- checks through the database

    def expect_recorded(self) -> None:
        """The run that the answer names is in the database, and no other, with one `webhook.received`."""
        recorded(self._target, self.delivery, next((one for one in self.answers if one.status == 202), None))
        self._expect_events("webhook.received", 1)

    def expect_replays_recorded(self, replays: int) -> None:
        """Each replay left a `webhook.duplicate` event."""
        self._expect_events("webhook.duplicate", replays)

    def expect_no_replay_recorded(self) -> None:
        """What was refused is no replay: nobody who does not know the secret writes into a run's story."""
        delivery_id = str(self.delivery.id)
        never(
            lambda: self._target.database.events_of(delivery_id, "webhook.duplicate"),
            bool,
            what=Text(
                f"A refused delivery is on record as a replay of delivery {delivery_id}",
                f"Отклонённая доставка записана как повтор доставки {delivery_id}",
            ),
            during=self._target.settings["GATE_SETTLE_SECONDS"],
        )

    def expect_payload_kept(self) -> None:
        """The payload in the database is that of the first delivery, as JSON values."""
        kept = self._target.database.payload_of(str(self.delivery.id))
        ensure(
            kept == self.delivery.payload,
            f"The first payload was not kept. Sent first: {self.delivery.payload}. Kept: {kept}.",
            f"Первое содержимое не сохранилось. Отправлено: {self.delivery.payload}. В базе: {kept}.",
        )

    def expect_nothing_recorded(self) -> None:
        """No run and no event for this delivery, and none appears."""
        nothing_recorded(self._target, [str(self.delivery.id)])
        self._expect_nothing_under_other_id()

    def fresh_id(self) -> str:
        """Another delivery id of this scenario."""
        return new_id(self._world.mark)

    # --- helpers

    def _expect_nothing_under_other_id(self) -> None:
        """Nor under another id or none: no other delivery names this made-up repository."""
        known = [str(self.delivery.id), *(str(answer.json().get("correlation_id")) for answer in self._accepted)]
        repository = str(self.delivery.payload["repository"]["id"])
        rows = self._target.database.query(
            # Not of the days before: a staging may keep 100,000 runs, and this is asked after each refusal.
            "SELECT id, correlation_id FROM agent_runs WHERE created_at > now() - interval '2 days'"
            " AND correlation_id <> ALL(%s)"
            " AND run_payload #>> '{raw_payload,repository,id}' = %s",
            known,
            repository,
        )
        if self._last_event is not None:
            rows += self._target.database.query(STRAY_EVENTS, self._last_event, known, f"%{repository}%")
        ensure(
            not rows,
            f"The refused delivery was recorded under another id: {shown(rows)}",
            f"Отклонённая доставка записана под другим id: {shown(rows)}",
        )

    @property
    def _accepted(self) -> list[Exchange]:
        return [answer for answer in self.answers if answer.status in (200, 202)]

    def _expect_events(self, event_type: str, count: int) -> None:
        told_of(self._target, str(self.delivery.id), event_type, count)

    def _expect_fields(self, answer: Exchange, *, status: str, duplicate: bool) -> None:
        got = answer.json()
        wanted = {"correlation_id": self.delivery.id, "status": status, "duplicate": duplicate}
        wrong = {key: got.get(key) for key, value in wanted.items() if got.get(key) != value}
        if _uuid(got.get("run_id")) is None:
            wrong["run_id"] = got.get("run_id")
        ensure(
            not wrong,
            f"Fields of the answer differ from the contract: {wrong}, wanted {wanted}.\n{answer.told()}",
            f"Поля ответа не по контракту: {wrong}, нужно {wanted}.\n{answer.told()}",
        )

    def _expect_same_run(self) -> None:
        first = self.first
        if first is None:
            raise NotProven(
                say("There is no first answer to compare.", "Нет первого ответа для сравнения."), "suite"
            )
        before, now = first.json().get("run_id"), self.answer.json().get("run_id")
        if before != now:
            raise Broken(
                say(
                    f"The duplicate names run {now}, the first delivery made run {before}.",
                    f"Повтор называет запуск {now}, а первая доставка создала {before}.",
                )
            )


def recorded(target: Target, delivery: Delivery, answer: Exchange | None) -> Run:
    """The run that the answer names, which the database has under the delivery's id, and no other (contract 2)."""
    named = _uuid(answer.json().get("run_id")) if answer else None
    return until(
        lambda: target.database.runs_of([str(delivery.id)]),
        lambda found: [run.id for run in found] == [named],
        hopeless=bool,
        what=Text(
            f"only run {named}, which the answer names, recorded for delivery {delivery.id}",
            f"для доставки {delivery.id} записан лишь запуск {named}, названный в ответе",
        ),
        within=RECORDED_WITHIN_SECONDS,
    )[0]


def told_of(target: Target, delivery_id: str, event_type: str, count: int) -> None:
    """So many events of this type are on record for a delivery, and no more."""
    until(
        lambda: [event.event_type for event in target.database.events_of(delivery_id)],
        lambda types: types.count(event_type) == count,
        hopeless=lambda types: types.count(event_type) > count,
        what=Text(
            f"{count} event(s) {event_type} for delivery {delivery_id}",
            f"событий {event_type} для доставки {delivery_id}: {count}",
        ),
        within=RECORDED_WITHIN_SECONDS,
    )


def records(target: Target, delivery_id: str) -> list[str]:
    """What is recorded under a delivery's id: its run and its events."""
    return [str(row["what"]) for row in target.database.query(RECORDS, {"ids": [delivery_id]})]


def nothing_recorded(target: Target, delivery_ids: Sequence[str]) -> None:
    """No run and no event for these refused deliveries, and none appears.

    Nor has one appeared by now for those that earlier scenarios saw refused: whoever records them later, as with
    the worker's next poll, is not seen in a second.
    """
    earlier: list[str] = target.kept.setdefault("refused deliveries", [])
    asked = [*earlier, *delivery_ids]
    # Told once: the scenarios that follow have no part in it.
    earlier.clear()
    never(
        lambda: target.database.query(RECORDS, {"ids": asked}),
        bool,
        what=Text("Something was recorded for a refused delivery", "Для отклонённой доставки появились записи"),
        during=target.settings["GATE_SETTLE_SECONDS"],
    )
    earlier += asked


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
