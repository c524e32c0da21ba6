"""What a gateway's metrics may tell after a delivery, its replay and a forged one, and what they may not."""

from __future__ import annotations

import pytest

from gate.capabilities.webhook_metrics import Figures, Reading
from gate.doors.http import Exchange

REQUESTS = 'codexk8s_webhook_requests_total{{event="{event}",result="{result}",pod="a}}b"}} {count}'
DURATION = "codexk8s_webhook_duration_seconds"
NOTHING = Reading(200, ())


def reading(*lines: str) -> Reading:
    return Reading.of(Exchange("GET", "http://x/metrics", 200, (), "\n".join(lines).encode(), 0.01))


def counted(accepted: float = 1, duplicate: float = 1, error: float = 1, event: str = "push") -> list[str]:
    counts = {"accepted": accepted, "duplicate": duplicate, "error": error}
    return [REQUESTS.format(event=event, result=result, count=count) for result, count in counts.items()]


def timed(count: int, seconds: object, labels: str = "") -> list[str]:
    return [
        f'{DURATION}_bucket{{le="+Inf"}} {count}',
        f"{DURATION}_sum{labels} {seconds}",
        f"{DURATION}_count{labels} {count}",
    ]


def wrong(*lines: str, others: int | None = 0) -> str:
    known = {} if others is None else {"accepted": others, "duplicate": others}
    return str(Figures(NOTHING, reading(*lines), 0.06, known).wrong() or "")


@pytest.mark.parametrize(
    "lines",
    [
        [*counted(), *timed(3, 0.05)],
        # A refusal need not be timed, and a summary may not know its sum.
        [*counted(), *timed(2, "NaN", '{event="push"}')],
        # Of several gateways this one had nothing of ours.
        [],
        # A name that is folded tells nothing of ours alone.
        [*counted(5, 5, event="other"), *timed(12, 60)],
        # Each delivery of somebody else may have taken long, also one beside a refusal that is not timed.
        [*counted(error=3), *timed(4, 9.9)],
        # A sum that is not told says nothing, nor that of a gateway which accepted nothing.
        [*counted(), f"{DURATION}_count 3"],
        [*counted(0, 0, 1), *timed(1, 1e-6)],
    ],
)
def test_what_may_be_told(lines: list[str]) -> None:
    assert not wrong(*lines)


@pytest.mark.parametrize("unit", [1e3, 1e6, 1e9])
def test_a_time_in_another_unit_is_seen(unit: float) -> None:
    assert "these are no seconds" in wrong(*counted(), *timed(3, 0.006 * unit))


@pytest.mark.parametrize("seconds", [0, 1.2e-06])
def test_a_time_that_is_always_nothing_is_seen(seconds: float) -> None:
    assert "in so little time" in wrong(*counted(), *timed(3, seconds))


def test_a_sum_that_shrank_is_of_another_process() -> None:
    before, after = reading(*timed(1, 5)), reading(*counted(), *timed(3, 0.01))
    assert Figures(before, after, 0.06, {}).wrong() is None


def test_what_is_counted_twice_or_as_another_is_seen_unless_others_may_have_sent_it() -> None:
    assert '"accepted" of push grow by 2' in wrong(*counted(2), *timed(3, 0.05))
    assert '"duplicate" of push grow by 2' in wrong(*counted(1, 2), *timed(3, 0.05))
    assert not wrong(*counted(2), *timed(3, 0.05), others=1)
    assert not wrong(*counted(2), *timed(3, 0.05), others=None)


def test_only_series_with_a_number_are_read() -> None:
    broken = 'codexk8s_webhook_requests_total{result="accepted",event="gate"} 1"} 7'
    assert reading(broken, "codexk8s_webhook_requests_total x").count("codexk8s_webhook_requests_total") == 1
    assert reading("process_start_time_seconds 1.7e+09").count("process_start_time_seconds") == 1.7e9
