"""The receiver's checks in their order (contract 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gate.capabilities.receiver_inside import weaker_from_outside
from gate.doors.http import Exchange
from gate.doors.raw import Ask
from gate.doors.webhook import (
    LARGEST_BODY_BYTES,
    PATH,
    Delivery,
    Signature,
    new_delivery,
    size_refused_on_the_way,
)
from gate.language import Text, ensure
from gate.waiting import never

if TYPE_CHECKING:
    from gate.world import World


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
    """Deliveries of one scenario, and which refusal the receiver gave."""

    def __init__(self, world: World) -> None:
        self._target = world.target
        self._delivery = new_delivery(world.mark, "push")
        self._answer: Exchange | None = None

    # --- acts

    def deliver_faulty(self, faulty: Faulty) -> None:
        """One delivery with two faults."""
        changed, webhook = faulty.change(self._delivery), self._target.webhook
        self._answer = webhook.send(changed, faulty.signature)
        if size_refused_on_the_way(self._answer):
            # What the ingress says of the size tells nothing of the gateway's own order.
            with weaker_from_outside():
                lines = tuple(webhook.headers(changed, faulty.signature).items())
                self._answer = self._target.raw_gateway.ask(Ask("POST", PATH, lines, changed.body), fresh=True)

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
