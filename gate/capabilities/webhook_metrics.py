"""What the receiver's metrics count, and in what they measure its time (contract 2, health)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gate import evidence
from gate.capabilities.boundary_deliveries import METRIC, METRIC_LINE, NUMBER
from gate.doors.http import Exchange
from gate.doors.webhook import Delivery, Signature, Webhook, new_delivery
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.waiting import Watch, until

if TYPE_CHECKING:
    from gate.target import Target
    from gate.world import World

TIMED, SUMMED = "codexk8s_webhook_duration_seconds_count", "codexk8s_webhook_duration_seconds_sum"
# Of several gateways each tells its own figures, and when its process began, as libraries of metrics do unasked.
PROCESS = "process_start_time_seconds"
SERIES = re.compile(
    rf'^({METRIC}|{TIMED}|{SUMMED}|{PROCESS})(?:\{{((?:\w+="(?:[^"\\]|\\.)*",?)*)\}})? ({NUMBER})\b', re.MULTILINE
)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
# The second is another that the platform's own webhooks send: each counts under its own name.
EVENT, OTHER_EVENT = "push", "issues"
SENT = (Signature.HONEST, Signature.HONEST, Signature.FORGED)
# The deliveries of the first, and one of the second.
DELIVERIES = len(SENT) + 1
ON_RECORD = {"accepted": "webhook.received", "duplicate": "webhook.duplicate"}
# Contract 2 names it as a result, and not what it counts.
REFUSED = "error"
RESULTS = (*ON_RECORD, REFUSED)
# A registry may gather what it tells now and then.
COUNTED_WITHIN_SECONDS = 5.0
# What a gateway may still do, and time, when each of our answers is already read.
AFTERWARDS_SECONDS = 0.1
# What is accepted is committed to PostgreSQL first; less is told by who reads the clock only at the end.
LEAST_SECONDS = 20e-6
# GitHub waits no longer; so long may each delivery of somebody else have taken.
OTHERS_TAKE_SECONDS = 10.0
# What others deliver may be on record before the first reading and be counted after it, and of several gateways
# now this one and now that one may tell its figures. Neither happens each time.
MORE_TRIALS = 2
BETWEEN_TRIALS_SECONDS = 2.0
LAST_EVENT = "SELECT coalesce(max(id), 0) FROM flow_events"
OTHERS = "SELECT count(*) FROM flow_events WHERE id > %s AND event_type = %s AND correlation_id <> ALL(%s)"


@dataclass(frozen=True)
class Reading:
    """What `/metrics` told of the receiver at one moment."""

    status: int
    series: tuple[tuple[str, tuple[tuple[str, str], ...], float], ...]

    @classmethod
    def of(cls, exchange: Exchange) -> Reading:
        """Read from the answer; what is no text of metrics counts nothing."""
        found = SERIES.findall(exchange.text)
        return cls(
            exchange.status, tuple((name, tuple(LABEL.findall(told)), float(value)) for name, told, value in found)
        )

    def count(self, name: str, **labels: str) -> float:
        """The sum of the series of this name with these labels, whatever others they have."""
        return sum(value for one, told, value in self.series if one == name and labels.items() <= {*told})

    def tells(self, name: str) -> bool:
        """Whether there is any series of this name."""
        return any(one == name for one, _, _ in self.series)

    def __str__(self) -> str:
        results = ", ".join(f"{result} {self.count(METRIC, result=result):g}" for result in RESULTS)
        timed, seconds = self.count(TIMED), self.count(SUMMED)
        events = ", ".join(f"{event} {self.count(METRIC, event=event):g}" for event in (EVENT, OTHER_EVENT))
        return f"{self.status}: {results}; {events}; {timed:g} in {seconds:g} s"


@dataclass(frozen=True)
class Figures:
    """Readings before some deliveries and after them, how long these took, and what others had delivered."""

    before: Reading
    after: Reading
    own_seconds: float
    others: Mapping[str, int]

    def wrong(self) -> Text | None:
        """What cannot be of these deliveries and those of others; None when all can."""
        return (
            self._too_long()
            or self._no_time()
            or next((text for result in self.others if (text := self._too_many(result))), None)
        )

    def _too_long(self) -> Text | None:
        others = max(0.0, *(self._grown(name) - DELIVERIES for name in (METRIC, TIMED)))
        told = self._grown(SUMMED)
        allowed = self.own_seconds + DELIVERIES * AFTERWARDS_SECONDS + others * OTHERS_TAKE_SECONDS
        # Asked in this way, for a sum may be no number.
        if not told > allowed:
            return None
        return Text(
            f"{SUMMED} grew by {told:g} while our {DELIVERIES} deliveries took {self.own_seconds:.3f} s in all, "
            f"with {others:g} of others beside them: these are no seconds.",
            f"{SUMMED} выросло на {told:g}, а наши доставки ({DELIVERIES}) заняли вместе "
            f"{self.own_seconds:.3f} с, чужих рядом было {others:g}: это не секунды.",
        )

    def _no_time(self) -> Text | None:
        counted, told = self._grown(TIMED), self._grown(SUMMED)
        accepted = self._grown(METRIC, result="accepted")
        # A sum that shrank, or that is not told, is of another matter.
        if not (counted > 0 and accepted > 0 and self.after.tells(SUMMED) and 0 <= told < LEAST_SECONDS):
            return None
        return Text(
            f"{SUMMED} grew by {told:g} while {counted:g} deliveries were timed, {accepted:g} of them accepted: "
            "nothing is written to a database in so little time.",
            f"{SUMMED} выросло на {told:g}, а замерено доставок: {counted:g}, из них принято {accepted:g}: за "
            "такое время в базу ничего не записать.",
        )

    def _too_many(self, result: str) -> Text | None:
        grown, others = self._grown(METRIC, result=result, event=EVENT), self.others[result]
        if not grown > 1 + others:
            return None
        return Text(
            f'An honest delivery, its replay and a forged one made "{result}" of {EVENT} grow by {grown:g}, '
            f"with {others} of others on record meanwhile.",
            f"От честной доставки, её повтора и поддельной «{result}» для {EVENT} выросло на {grown:g}, "
            f"а чужих за это время записано {others}.",
        )

    def _grown(self, name: str, **labels: str) -> float:
        return self.after.count(name, **labels) - self.before.count(name, **labels)


class WebhookMetrics:
    """Deliveries of each outcome at the very gateway whose metrics are read, and what these tell of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._delivery, self._other = self._new(EVENT), self._new(OTHER_EVENT)
        self._before = Reading(0, ())
        self._last_event: int | None = None
        self._seconds = 0.0

    # --- acts

    def deliver_each_result(self) -> None:
        """An honest delivery, its replay and a forged one, and an honest one of another event."""
        target = self._target
        webhook = Webhook(target.gateway, target.raw_gateway, target.fact("GATE_WEBHOOK_SECRET"))
        self._delivery, self._other = self._new(EVENT), self._new(OTHER_EVENT)
        self._last_event = self._asked(LAST_EVENT)
        self._before = self._read()
        self._seconds = sum(webhook.send(self._delivery, signature).seconds for signature in SENT)
        self._seconds += webhook.send(self._other).seconds

    # --- checks

    def expect_counted(self) -> None:
        """What was accepted and its replay were counted and timed, and nothing more than came."""
        for _ in range(MORE_TRIALS):
            if not self._wrong():
                break
            Watch[None]().pause(BETWEEN_TRIALS_SECONDS)
            self.deliver_each_result()
        else:
            if wrong := self._wrong():
                raise Broken(wrong)

    def _wrong(self) -> str:
        """What is missing in the figures, or too much where they are of the same process as before."""
        try:
            self._wait()
        except Broken as missing:
            return str(missing)
        now = self._read()
        if now.count(PROCESS) != self._before.count(PROCESS):
            evidence.weaker(
                say(
                    "The metrics are now of another process: whether too much was counted is not judged.",
                    "Метрики теперь от другого процесса: не посчитано ли лишнее, не проверено.",
                )
            )
            return ""
        if now.count(METRIC, result=REFUSED) == self._before.count(METRIC, result=REFUSED):
            evidence.weaker(
                say(
                    f'The metrics do not count the forged delivery as "{REFUSED}"; contract 2 does not say that a '
                    "refusal is one.",
                    f"Поддельную доставку метрики не считают за «{REFUSED}»; по контракту 2 отказ им не назван.",
                )
            )
        return str(Figures(self._before, now, self._seconds, self._others()).wrong() or "")

    def _wait(self) -> None:
        """What went on record was counted; others may have delivered meanwhile. A refusal need not be timed."""
        before = self._before
        until(
            self._read,
            lambda now: (
                all(now.count(METRIC, result=one) > before.count(METRIC, result=one) for one in ON_RECORD)
                and now.count(TIMED) > before.count(TIMED)
                # Under which name a refused delivery is counted is the build's choice.
                and now.count(METRIC, event=EVENT) >= before.count(METRIC, event=EVENT) + len(ON_RECORD)
                and now.count(METRIC, event=OTHER_EVENT) > before.count(METRIC, event=OTHER_EVENT)
            ),
            what=Text(
                f"one more delivery accepted and one more duplicate, their times and their events in the metrics "
                f"(before: {before})",
                f"в метриках по одной принятой доставке и повтору, их время и события (было: {before})",
            ),
            within=COUNTED_WITHIN_SECONDS,
        )

    # --- helpers

    def _new(self, event: str) -> Delivery:
        return new_delivery(self._world.mark, event)

    def _read(self) -> Reading:
        return Reading.of(self._target.gateway.request("GET", "/metrics", headers={"Accept": "text/plain"}))

    def _others(self) -> Mapping[str, int]:
        """How many deliveries of others are on record since, by their result; none where nobody can tell."""
        found: dict[str, int] = {}
        own = [self._delivery.id, self._other.id]
        for result, event_type in ON_RECORD.items() if self._last_event is not None else ():
            count = self._asked(OTHERS, self._last_event, event_type, own)
            found |= {} if count is None else {result: count}
        return found

    def _asked(self, sql: str, *values: object) -> int | None:
        try:
            return int(self._target.database.value(sql, *values))
        except NotProven as reason:
            evidence.weaker(
                say(
                    f"What others delivered meanwhile is not known: {reason}",
                    f"Что за это время доставили другие, неизвестно: {reason}",
                )
            )
            return None


def expect_readable(target: Target, names: Sequence[str], few: int) -> None:
    """Every line of `/metrics` parses, and of these names of events few at most became labels."""
    exchange = target.gateway.request("GET", "/metrics", headers={"Accept": "text/plain"})
    written = [line.rstrip() for line in exchange.text.split("\n")]
    lines = [line for line in written if line and not line.startswith("#")]
    broken = [line for line in lines if not METRIC_LINE.fullmatch(line)]
    ensure(
        exchange.status == 200 and any(line.startswith(METRIC) for line in lines) and not broken,
        f"/metrics cannot be read any more ({exchange.status}): {broken[:3]}",
        f"/metrics больше не читается ({exchange.status}): {broken[:3]}",
    )
    own = [name for name in names if name in exchange.text]
    ensure(
        len(own) < few,
        f"Unsigned deliveries made {len(own)} labels of {METRIC}: a stranger can grow it without end.",
        f"Неподписанные доставки создали меток {METRIC}: {len(own)}. Чужой может раздувать их без конца.",
    )
