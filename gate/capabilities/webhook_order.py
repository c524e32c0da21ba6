"""The receiver's checks in their order, and what its metrics count (contract 2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gate.doors.http import Exchange
from gate.doors.webhook import (
    LARGEST_BODY_BYTES,
    Delivery,
    Signature,
    Webhook,
    new_delivery,
    size_refused_on_the_way,
)
from gate.language import Text, ensure
from gate.waiting import never, until

if TYPE_CHECKING:
    from gate.world import World

COUNTED = re.compile(r'^codexk8s_webhook_requests_total\{[^}]*result="(\w+)"[^}]*\} (\S+)', re.MULTILINE)
TIMED = re.compile(r"^codexk8s_webhook_duration_seconds_count(?:\{[^}]*\})? (\S+)", re.MULTILINE)
NAMED = re.compile(r'^codexk8s_webhook_requests_total\{[^}]*event="push"[^}]*\} (\S+)', re.MULTILINE)
RESULTS = ("accepted", "duplicate", "error")
# A registry may gather what it tells now and then.
COUNTED_WITHIN_SECONDS = 5.0


@dataclass(frozen=True)
class Faulty:
    """Two things that are wrong with one delivery."""

    change: Callable[[Delivery], Delivery]
    signature: Signature = Signature.HONEST


def _no_json(delivery: Delivery) -> Delivery:
    return replace(delivery, body=b"payload=this+is+a+form")


def _too_large(delivery: Delivery) -> Delivery:
    return replace(delivery, body=b" " * (LARGEST_BODY_BYTES + 1))


NEITHER = Faulty(lambda delivery: replace(delivery, id=None, event=None))
NO_EVENT = Faulty(lambda delivery: replace(delivery, event=None), Signature.MISSING)
NO_ID = Faulty(lambda delivery: replace(delivery, id=None), Signature.FORGED)
UNSIGNED_LARGE = Faulty(_too_large, Signature.MISSING)
FORGED_TEXT = Faulty(_no_json, Signature.FORGED)
TWO_FAULTS: Mapping[str, Faulty] = {
    "neither id nor event": NEITHER,
    "ни id, ни типа события": NEITHER,
    "no event and no signature": NO_EVENT,
    "ни типа события, ни подписи": NO_EVENT,
    "no id and a forged signature": NO_ID,
    "нет id и поддельная подпись": NO_ID,
    "no signature and more than 1 MiB": UNSIGNED_LARGE,
    "нет подписи и больше 1 МиБ": UNSIGNED_LARGE,
    "a forged signature and no JSON": FORGED_TEXT,
    "поддельная подпись и не JSON": FORGED_TEXT,
}


class WebhookOrder:
    """Deliveries of one scenario, and what the receiver made of them."""

    def __init__(self, world: World) -> None:
        self._target = world.target
        self._delivery = new_delivery(world.mark, "push")
        self._answer: Exchange | None = None
        self._before: Counter[str] = Counter()

    # --- acts

    def deliver_faulty(self, faulty: Faulty) -> None:
        """One delivery with two faults."""
        changed = faulty.change(self._delivery)
        self._answer = self._target.webhook.send(changed, faulty.signature)

    def deliver_each_result(self) -> None:
        """One delivery of each outcome, at the very gateway whose metrics are read."""
        webhook = Webhook(self._target.gateway, self._target.raw_gateway, self._target.fact("GATE_WEBHOOK_SECRET"))
        self._before = self._counts()
        for signature in (Signature.HONEST, Signature.HONEST, Signature.FORGED):
            webhook.send(self._delivery, signature)

    # --- checks

    def expect_first_told(self, status: int, told: str) -> None:
        """The refusal is about the fault that is looked for first, and leaves nothing behind."""
        answer = self._answer
        assert answer is not None
        error = answer.parsed()
        by_ingress = size_refused_on_the_way(answer)
        named = str(error.get("field" if status == 400 else "message", "")) if isinstance(error, dict) else ""
        ensure(
            by_ingress or (answer.status == status and named.lower() == told.lower()),
            f"Of two faults the platform did not tell the first: wanted {status} “{told}”.\n{answer.told()}",
            f"Из двух ошибок платформа назвала не первую: нужно {status} «{told}».\n{answer.told()}",
        )
        database, delivery_id = self._target.database, str(self._delivery.id)
        never(
            lambda: (database.run_of(delivery_id), database.events_of(delivery_id)),
            any,
            what=Text("A refused delivery was recorded", "Отклонённая доставка записана"),
            during=self._target.settings["GATE_SETTLE_SECONDS"],
        )

    def expect_counted(self) -> None:
        """Each outcome was counted; others may have delivered meanwhile. A refusal need not be timed."""
        until(
            self._counts,
            lambda now: (
                all(now[result] > self._before[result] for result in RESULTS)
                and now["timed"] > self._before["timed"]
                # Under which name a refused delivery is counted is the build's choice.
                and now["push"] >= self._before["push"] + len(RESULTS) - 1
            ),
            what=Text(
                "one more delivery of each result, their times and their event in the metrics "
                f"(before: {dict(self._before)})",
                f"в метриках по доставке каждого исхода, их время и событие (было: {dict(self._before)})",
            ),
            within=COUNTED_WITHIN_SECONDS,
        )

    # --- helpers

    def _counts(self) -> Counter[str]:
        exchange = self._target.gateway.request("GET", "/metrics", headers={"Accept": "text/plain"})
        # What is no text of metrics counts nothing, which is then said with this status.
        counts: Counter[str] = Counter({"status": exchange.status})
        for result, count in COUNTED.findall(exchange.text):
            counts[result] += int(float(count))
        counts["push"] = sum(int(float(count)) for count in NAMED.findall(exchange.text))
        counts["timed"] = sum(int(float(count)) for count in TIMED.findall(exchange.text))
        return counts
