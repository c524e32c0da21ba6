"""Odd deliveries: what the receiver does with bodies, ids and headers that nobody honest sends (probes W5-W20)."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.capabilities.boundary import Probe, Seen, told, unsigned_delivery
from gate.capabilities.boundary_deliveries import MARKUP, SPECIAL, Body
from gate.capabilities.boundary_verdict import shows_inside
from gate.capabilities.receiver_inside import weaker_from_outside
from gate.capabilities.restarts import Restarts
from gate.capabilities.webhook import nothing_recorded, recorded, records, told_of
from gate.capabilities.webhook_metrics import expect_readable
from gate.doors.again import HEALTH
from gate.doors.http import Exchange
from gate.doors.raw import Ask, Lines, Raw
from gate.doors.webhook import PATH, Delivery, Signature, new_delivery, new_id, size_refused_on_the_way
from gate.errors import Broken
from gate.language import Text, ensure, say

if TYPE_CHECKING:
    from gate.world import World

MIB = 1024 * 1024
# GitHub's own cap; sent once.
LARGEST_GITHUB_BYTES = 25 * MIB
HALFWAY_BYTES = 2 * MIB
UPLOAD_SECONDS = 90.0
AT_ONCE_SECONDS = 10.0
SHOWN_LETTERS = 1000
NOTHING: dict[str, Any] = {"none": None, "text": "", "list": [], "object": {}, "no": False, "zero": 0}
CHUNK_BYTES = 64 * 1024
BOMB_BYTES = 16 * MIB
RANDOM_NAMES = 20
# Of several gateways one tells its metrics, and it saw its part of the names.
FEW_NAMES = RANDOM_NAMES // 4

# What the probes leave to others, each by its number in the sheet, so that the Owner sees what nobody looked at.
NOT_JUDGED = (
    Text(
        "Not judged: the gateway's memory under compressed bodies; only that it did not restart is seen (W16).",
        "Не проверено: память шлюза под сжатыми телами; видно лишь, что он не перезапустился (W16).",
    ),
    Text(
        "Not judged: the answer to a delivery while no worker runs; the gate stops nothing on a staging (W21).",
        "Не проверено: ответ на доставку, пока worker не работает; на staging ничего не останавливаем (W21).",
    ),
    Text(
        "Not judged over a network: the timing of the signature's comparison; a review of the code tells (W24).",
        "По сети не проверить: время сравнения подписи; это дело ревью кода (W24).",
    ),
    Text(
        "Not applicable in S1: the rotation of the webhook secret (W25).",
        "Неприменимо в S1: смена секрета вебхука (W25).",
    ),
)


@dataclass(frozen=True)
class Sent:
    """A delivery and its answer."""

    delivery: Delivery
    exchange: Exchange

    def seen(self) -> Seen:
        """The same as a probe, to be told in a failure."""
        return Seen(
            Probe(f"{len(self.delivery.body)} B, id {str(self.delivery.id)[:60]}", Ask("POST", PATH)),
            self.exchange,
        )


class Receiver:
    """What one scenario delivers in odd ways, and what became of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._sent: list[Sent] = []
        self._restarts = Restarts(world.target, "codex-k8s")
        self.worker_restarts = Restarts(world.target, "codex-k8s-worker")
        self._names: list[str] = []

    @property
    def accepted(self) -> list[str]:
        """The ids of the deliveries that the platform has taken."""
        return [str(sent.delivery.id) for sent in self._sent if sent.exchange.status == 202]

    # --- acts

    def look_at_restarts(self) -> None:
        """Remember how often the pods have restarted that take deliveries, and those that begin their runs."""
        self._restarts.look()
        self.worker_restarts.look()

    def send_two_signatures(self, good_first: bool) -> None:
        """Two signature lines, one forged and one honest, in this order."""
        delivery = self._new()
        honest, forged = (self._lines(delivery, kind)[-1] for kind in (Signature.HONEST, Signature.FORGED))
        common = self._lines(delivery)[:-1]
        pair = (honest, forged) if good_first else (forged, honest)
        self._send_raw(delivery, (*common, *pair))

    def send_special_text(self) -> None:
        """Text that somebody may want to tidy, and values that say nothing: GitHub sends many of both."""
        comment = {"body": SPECIAL, "ключ": [SPECIAL], "body_html": MARKUP, **NOTHING}
        delivery = self._new().with_payload(comment=comment, **NOTHING)
        self._send_raw(delivery, self._lines(delivery))

    def send_captured(self) -> None:
        """A delivery, and then the very same body and signature under an id of somebody else's choice."""
        delivery = self._new()
        self._send_raw(delivery, self._lines(delivery))
        again = delivery.under_new_id(new_id(self._world.mark))
        self._send_raw(again, self._lines(again))

    def send_size(self, size: int, signature: Signature = Signature.HONEST, *, inside: bool = False) -> None:
        """A JSON body of exactly this many bytes."""
        delivery = self._sized(size)
        self._send_raw(delivery, self._lines(delivery, signature), inside=inside, seconds=UPLOAD_SECONDS)

    def send_chunked(self, size: int, *, inside: bool = False) -> None:
        """A body of this size in pieces, with no word about its length."""
        delivery = self._sized(size)
        pieces = [delivery.body[at : at + CHUNK_BYTES] for at in range(0, size, CHUNK_BYTES)]
        framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        lines = (*self._lines(delivery), ("Transfer-Encoding", "chunked"))
        self._send_raw(delivery, lines, body=framed, inside=inside, seconds=UPLOAD_SECONDS)

    def send_bomb(self, signature: Signature) -> None:
        """A few kilobytes that would unpack to many megabytes."""
        honest = self._new()
        for content in (b" " * BOMB_BYTES, honest.body):
            # The signature is over the bytes that come (contract 2): no JSON, until somebody unpacks them.
            delivery = replace(self._new(), body=gzip.compress(content))
            self._send_raw(delivery, (*self._lines(delivery, signature), ("Content-Encoding", "gzip")))
        # Right for what is inside only, which nobody but who unpacks it can tell.
        packed = replace(honest, body=gzip.compress(honest.body))
        self._send_raw(packed, (*self._lines(honest, signature), ("Content-Encoding", "gzip")))

    def send_bodies(self, bodies: Sequence[Body]) -> None:
        """Odd bodies, each rightly signed under an id of its own."""
        for body in bodies:
            delivery = self._new()
            odd = replace(delivery, body=body(delivery))
            self._send_raw(odd, self._lines(odd))

    def send_form(self) -> None:
        """A form, as a hook with the wrong content type would send, rightly signed."""
        delivery = self._new()
        form = replace(delivery, body=b"payload=%7B%22action%22%3A%22opened%22%7D")
        lines = [line for line in self._lines(form) if line[0] != "Content-Type"]
        self._send_raw(form, (*lines, ("Content-Type", "application/x-www-form-urlencoded")))

    def send_id(self, make: Callable[[str], str]) -> None:
        """An honest delivery under an odd id."""
        delivery = self._new()
        odd = delivery.under_new_id(make(str(delivery.id)))
        self._send_raw(odd, self._lines(odd))

    def send_event_names(self) -> None:
        """Unsigned deliveries with event names that nobody knows, and one that would break a label."""
        self._names = [f"{self._world.mark}-{number}" for number in range(RANDOM_NAMES)]
        for name in (*self._names, 'gate"} 1', "gate\\", "gate{a=b,}"):
            delivery = replace(self._new(), event=name)
            self._send_raw(delivery, self._lines(delivery, Signature.FORGED))

    def send_in_clear(self) -> None:
        """An honest delivery over plain http."""
        delivery = self._new()
        door = self._target.raw_to(self._target.plain_url(), "edge")
        self._send_raw(delivery, self._lines(delivery), door=door)

    # --- checks of the answers

    def expect_one_outcome(self) -> None:
        """401 and nothing recorded, or 202 and one run."""
        for sent in self._sent:
            self._expect_status(sent, 202, 401)
            if sent.exchange.status == 202:
                recorded(self._target, sent.delivery, sent.exchange)
        self.expect_rejects_left_nothing()

    def expect_accepted(self) -> None:
        """202 for each, with a run under its id."""
        for sent in self._sent:
            self._expect_status(sent, 202)
            recorded(self._target, sent.delivery, sent.exchange)

    def expect_same_text(self) -> None:
        """The payload in the database is the one that was sent, as JSON values."""
        for sent in self._sent:
            kept = self._target.database.payload_of(str(sent.delivery.id))
            ensure(
                kept == sent.delivery.payload,
                f"The payload did not survive.\nSent: {_begin(sent.delivery.payload)}\nKept: {_begin(kept)}",
                f"Содержимое не уцелело.\nОтправлено: {_begin(sent.delivery.payload)}\nВ базе: {_begin(kept)}",
            )

    def expect_own_run_each(self) -> None:
        """By contract the id alone decides: a captured delivery under a new id is a new run."""
        self.expect_accepted()

    def report_replay_risk(self) -> None:
        """What the contract cannot prevent, and what is not judged over a network."""
        for risk in (
            Text(
                "A captured delivery can be sent again under another id: GitHub signs neither id nor time (W14).",
                "Перехваченную доставку можно послать с другим id: GitHub не подписывает ни id, ни время (W14).",
            ),
            *NOT_JUDGED,
        ):
            evidence.residual_risk(str(risk))

    def expect_refused(self, *statuses: int, field: str = "") -> None:
        """Each is refused with one of these statuses; a 400 of the platform names the field."""
        for sent in self._sent:
            if 413 in statuses and size_refused_on_the_way(sent.exchange):
                continue
            self._expect_status(sent, *statuses)
            got = sent.exchange.parsed()
            if sent.exchange.status == 400 and field and (isinstance(got, dict) or len(statuses) == 1):
                self._expect_field(sent, field)
        self.expect_rejects_left_nothing()

    def expect_only_sent_to_https(self) -> None:
        """A redirect to https, without effect."""
        self.expect_refused(301, 302, 307, 308)
        for sent in self._sent:
            location = sent.exchange.header("location")
            ensure(
                location.startswith("https://"),
                f"Plain http is sent to {location!r}, not to https.\n{sent.exchange.told()}",
                f"Обычный http отправлен на {location!r}, а не на https.\n{sent.exchange.told()}",
            )

    def expect_refused_at_once(self) -> None:
        """However long the upload takes, for an ingress may read it all first, the refusal comes at once."""
        for sent in self._sent:
            seconds = sent.exchange.seconds - sent.exchange.upload_seconds
            ensure(
                seconds < AT_ONCE_SECONDS,
                f"The refusal came {seconds:.0f} s after the end of the upload.",
                f"Отказ пришёл через {seconds:.0f} с после конца отправки.",
            )

    def expect_no_json(self) -> None:
        """400 that blames the body; a 5xx to somebody who holds the secret is told as a risk (probe W17)."""
        for sent in self._sent:
            if sent.exchange.status < 500:
                self._expect_status(sent, 400)
                self._expect_field(sent, "body")
        self.expect_survived()

    def expect_survived(self) -> None:
        """400, or 202 and a run that is told; a 5xx to whoever holds the secret is told as a risk, not judged."""
        crashed = [sent for sent in self._sent if sent.exchange.status >= 500]
        for sent in self._sent:
            if sent in crashed:
                continue
            status = sent.exchange.status
            self._expect_status(sent, 202, 400)
            if status == 202:
                recorded(self._target, sent.delivery, sent.exchange)
                told_of(self._target, str(sent.delivery.id), "webhook.received", 1)
        self.expect_rejects_left_nothing()
        for sent in crashed:
            self._tell_crash(sent)

    def _tell_crash(self, sent: Sent) -> None:
        """A 5xx with all that it left is a risk (probe W17)."""
        status, body = sent.exchange.status, f"{sent.delivery.body[:60]!r}"
        left = ", ".join(records(self._target, str(sent.delivery.id)))
        evidence.residual_risk(
            say(
                f"A validly signed odd body is answered {status}: {body}. Recorded: {left or 'nothing'}.",
                f"На верно подписанное странное тело ответ {status}: {body}. Записано: {left or 'ничего'}.",
            )
        )

    def expect_refused_or_kept(self) -> None:
        """4xx and nothing recorded, or 202 and the id as it was sent, be it each byte as a letter.

        HTTP gives the bytes of a header no alphabet (RFC 9110, 5.5), and many servers read them as Latin-1.
        """
        for sent in self._sent:
            ensure(
                sent.exchange.status == 202 or 400 <= sent.exchange.status < 500,
                f"Neither accepted nor refused.\n{told([(sent.seen(), str(sent.exchange.status))])}",
                f"Ни принято, ни отклонено.\n{told([(sent.seen(), str(sent.exchange.status))])}",
            )
            if sent.exchange.status == 202:
                by_bytes = _byte_by_byte(str(sent.delivery.id))
                kept_so = self._target.database.run_of(by_bytes) is not None
                delivery = replace(sent.delivery, id=by_bytes) if kept_so else sent.delivery
                recorded(self._target, delivery, sent.exchange)
                told_of(self._target, str(delivery.id), "webhook.received", 1)
        self.expect_rejects_left_nothing()

    # --- checks through other doors

    def expect_rejects_left_nothing(self) -> None:
        """No run and no event for any of the refused deliveries, and none appears; hence no Job either.

        A 5xx refuses nothing: where it is let pass, so is what it left and what it tells (probe W17). What a
        refusal tells of the inside is judged (probe E27).
        """
        self._expect_nothing_told()
        answers = [(str(sent.delivery.id), sent.exchange.status) for sent in self._sent]
        refused = [id_ for id_, status in answers if status not in (200, 202) and status < 500]
        if refused:
            nothing_recorded(self._target, refused)

    def _expect_nothing_told(self) -> None:
        refused = [sent for sent in self._sent if sent.exchange.status < 500]
        wrong = [(sent.seen(), reason) for sent in refused if (reason := shows_inside(sent.exchange))]
        ensure(
            not wrong,
            f"A refusal tells too much.\n{told(wrong)}",
            f"Отказ рассказывает лишнее.\n{told(wrong)}",
        )

    def expect_alive(self) -> None:
        """The gateway has not restarted, and takes the next honest delivery."""
        delivery = self._new()
        exchange = self._target.webhook.send(delivery)
        ensure(
            exchange.status == 202,
            f"After the odd delivery an honest one is not accepted.\n{exchange.told()}",
            f"После странной доставки честная не принята.\n{exchange.told()}",
        )
        self._restarts.expect_none()

    def expect_size_first_inside(self, size: int, signature: Signature) -> None:
        """At the gateway itself a body of this size is refused whatever its signature is."""
        self._expect_refused_inside(partial(self.send_size, size, signature, inside=True))

    def expect_pieces_refused_inside(self, size: int) -> None:
        """And where nobody in front of it has counted the pieces."""
        self._expect_refused_inside(partial(self.send_chunked, size, inside=True))

    def expect_rest_not_awaited_inside(self) -> None:
        """Nor does it read a huge body to its end before it judges how huge it is (probe W15)."""
        self._expect_refused_inside(self._send_halfway)

    def _send_halfway(self) -> None:
        """More than is taken, of a body that is announced to be much larger, and then nothing."""
        delivery, door = self._sized(HALFWAY_BYTES), self._target.raw_gateway
        lines = (*self._lines(delivery), ("Content-Length", str(LARGEST_GITHUB_BYTES)))
        ask = Ask("POST", PATH, lines, delivery.body)
        self._note(delivery)
        try:
            exchange = door.ask_halfway(ask, AT_ONCE_SECONDS)
        except Broken:
            # Only who answers others meanwhile has kept this one waiting.
            door.ask(Ask("GET", HEALTH, (("Accept", "*/*"),)), fresh=True)
            # Nor has who did not get it in time: what has left the socket may still be on its way for as long as
            # this body takes, which is as large as is needed to judge it.
            self.send_size(MIB + 1, inside=True)
            exchange = door.ask_halfway(ask, AT_ONCE_SECONDS + self._sent[-1].exchange.seconds)
        if exchange is not None:
            self._sent.append(Sent(delivery, exchange))
            return
        nothing_recorded(self._target, [str(delivery.id)])
        evidence.weaker(
            say(
                "The gateway itself hung up on a huge body without a word of its size.",
                "Сам шлюз оборвал соединение на огромном теле, ничего не сказав о размере.",
            )
        )

    def _expect_refused_inside(self, send: Callable[[], None]) -> None:
        """400 by size, where the gateway can be reached; the ingress in front may say 413 (probe W15)."""
        before = self._sent
        self._sent = []
        with weaker_from_outside():
            send()
            self.expect_refused(400, field="body")
        self._sent = [*before, *self._sent]

    def expect_metrics_readable(self) -> None:
        """Every line of `/metrics` parses, and the strangers' names did not become labels one by one."""
        # Of several gateways this one may have had none of the deliveries.
        self._target.raw_gateway.ask(unsigned_delivery(self._world.mark))
        expect_readable(self._target, self._names, FEW_NAMES)

    # --- helpers

    def _new(self) -> Delivery:
        return new_delivery(self._world.mark, "push")

    def _sized(self, size: int) -> Delivery:
        delivery = self._new()
        filled = delivery.with_payload(padding="")
        return delivery.with_payload(padding="x" * (size - len(filled.body)))

    def _lines(self, delivery: Delivery, signature: Signature = Signature.HONEST) -> Lines:
        """The header lines of a delivery; the signature is the last."""
        return tuple(self._target.webhook.headers(delivery, signature).items())

    @staticmethod
    def _note(delivery: Delivery) -> None:
        """Under whichever id it may be kept: what is taken and still waits at the end is withdrawn."""
        for delivery_id in {str(delivery.id), _byte_by_byte(str(delivery.id))}:
            evidence.delivered(delivery_id)

    def _send_raw(
        self,
        delivery: Delivery,
        lines: Lines,
        *,
        body: bytes | None = None,
        door: Raw | None = None,
        inside: bool = False,
        seconds: float | None = None,
    ) -> None:
        ask = Ask("POST", PATH, lines, delivery.body if body is None else body)
        self._note(delivery)
        door = self._target.raw_gateway if inside else door or self._target.raw
        exchange = door.ask(ask, fresh=seconds is not None, seconds=seconds)
        if exchange.status == 202:
            evidence.succeeded("delivery")
        self._sent.append(Sent(delivery, exchange))

    def _expect_status(self, sent: Sent, *statuses: int) -> None:
        status = sent.exchange.status
        ensure(
            status in statuses,
            f"The delivery was answered {status}, wanted {_either(statuses)}.\n{sent.exchange.told()}",
            f"На доставку ответ {status}, а нужен {_either(statuses)}.\n{sent.exchange.told()}",
        )

    def _expect_field(self, sent: Sent, field: str) -> None:
        got = sent.exchange.parsed()
        named = got.get("field") if isinstance(got, dict) else None
        ensure(
            named == field,
            f"The refusal does not name the field {field}: {got}.\n{sent.exchange.told()}",
            f"Отказ не называет поле {field}: {got}.\n{sent.exchange.told()}",
        )


def _byte_by_byte(delivery_id: str) -> str:
    """An id as a server reads it that takes each byte for a letter."""
    return delivery_id.encode().decode("latin-1")


def _either(statuses: Sequence[int]) -> str:
    return say(" or ", " или ").join(map(str, statuses))


def _begin(payload: object) -> str:
    """As much of a payload as anybody reads."""
    text = str(payload)
    return text if len(text) <= SHOWN_LETTERS else f"{text[:SHOWN_LETTERS]}… ({len(text)})"
