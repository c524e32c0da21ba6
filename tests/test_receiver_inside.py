"""Bodies that are too large, at the gateway itself and where only the ingress can be asked (probe W15)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gate import evidence
from gate.capabilities.boundary_receiver import Receiver
from gate.capabilities.webhook_order import UNSIGNED_LARGE, WebhookOrder
from gate.doors.http import Exchange
from gate.doors.raw import Ask
from gate.doors.webhook import Delivery
from gate.errors import Broken, NotProven


@pytest.mark.parametrize(("judged_after", "red"), [(24.0, False), (26.0, True)])
def test_a_slow_way_is_given_the_time_that_a_whole_body_takes_on_it(judged_after: float, red: bool) -> None:
    def answer(seconds: float) -> Exchange:
        return Exchange("POST", "http://x/", 400, (), b"", seconds)

    def halfway(_: Ask, seconds: float) -> Exchange:
        if seconds < judged_after:
            raise Broken("the rest is waited for")
        return answer(judged_after)

    door = SimpleNamespace(ask_halfway=halfway, ask=lambda *_, **__: answer(15.0))
    webhook = SimpleNamespace(headers=lambda *_: {})
    target = SimpleNamespace(raw_gateway=door, webhook=webhook)
    receiver = Receiver(cast(Any, SimpleNamespace(target=target, mark="gate-0a1b2c-1")))
    if red:
        with pytest.raises(Broken):
            receiver._send_halfway()
    else:
        receiver._send_halfway()
        assert receiver._sent[-1].exchange.seconds == judged_after


@pytest.mark.parametrize("reached", [True, False])
def test_an_order_that_only_the_ingress_told_is_weaker_proof(reached: bool) -> None:
    def ask(sent: Ask, **_: Any) -> Exchange:
        if not reached:
            raise NotProven("no way inside")
        missing = b'{"code":"unauthorized","message":"missing webhook signature"}'
        return Exchange("POST", "http://x/", 401, (), missing, 0.1, sent_body=sent.body)

    def send(delivery: Delivery, _: Any) -> Exchange:
        return Exchange("POST", "https://x/", 413, (), b"<html>", 0.1, sent_body=delivery.body)

    nothing = SimpleNamespace(run_of=lambda _: None, events_of=lambda _: [])
    target = SimpleNamespace(
        webhook=SimpleNamespace(send=send, headers=lambda *_: {}),
        raw_gateway=SimpleNamespace(ask=ask),
        database=nothing,
        settings={"GATE_SETTLE_SECONDS": 0},
    )
    noted = evidence.begin()
    order = WebhookOrder(cast(Any, SimpleNamespace(target=target, mark="gate-0a1b2c-1")))
    order.deliver_faulty(UNSIGNED_LARGE)
    order.expect_first_told(401, "missing webhook signature")
    assert bool(noted.weaker) != reached


def test_an_odd_delivery_is_known_before_it_is_sent_under_each_id_that_it_may_get() -> None:
    def lost(*_: Any, **__: Any) -> Exchange:
        raise NotProven("the answer was lost")

    noted = evidence.begin()
    target = SimpleNamespace(raw=SimpleNamespace(ask=lost), webhook=SimpleNamespace(headers=lambda *_: {}))
    receiver = Receiver(cast(Any, SimpleNamespace(target=target, mark="gate-0a1b2c-1")))
    with pytest.raises(NotProven):
        receiver.send_id(lambda _: "gate-ё")
    assert set(noted.deliveries) == {"gate-ё", "gate-Ñ\x91"}
