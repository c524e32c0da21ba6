"""The one poller: it ends early both ways, keeps its deadline, and tells what it saw."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from gate import waiting
from gate.errors import Broken
from gate.language import Text, speak
from gate.waiting import Watch, never, until

THING = Text("the thing", "эта вещь")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    speak("en")
    yield
    speak("en")


def test_what_is_there_already_needs_one_look() -> None:
    looks = iter(range(1, 9))
    assert until(lambda: next(looks), bool, what=THING, within=5) == 1
    assert next(looks) == 2


def test_what_comes_later_is_returned_soon_after() -> None:
    began = time.monotonic()
    seen = until(lambda: time.monotonic() - began, lambda seconds: seconds > 0.1, what=THING, within=5)
    assert 0.1 < seen < 0.3


def test_a_deadline_tells_what_was_seen_and_for_how_long() -> None:
    with pytest.raises(Broken, match=r"Not within 0 s: the thing\.\n +0\.0 s  pending"):
        until(lambda: "pending", lambda seen: seen == "done", what=THING, within=0.1)


def test_the_last_look_comes_after_the_deadline() -> None:
    """A slow look must not make a thing late that was there in time."""
    answers = iter(["pending", "done"])

    def slow() -> str:
        time.sleep(0.06)
        return next(answers)

    assert until(slow, lambda seen: seen == "done", what=THING, within=0.07) == "done"


def test_what_can_no_longer_come_ends_the_wait() -> None:
    began = time.monotonic()
    with pytest.raises(Broken, match="it will not come any more: the thing"):
        until(
            lambda: "failed",
            lambda seen: seen == "done",
            hopeless=lambda seen: seen == "failed",
            what=THING,
            within=30,
        )
    assert time.monotonic() - began < 1


def test_wanted_wins_over_hopeless() -> None:
    assert until(lambda: 1, bool, hopeless=bool, what=THING, within=1) == 1


def test_the_failure_speaks_the_scenarios_language() -> None:
    speak("ru")
    with pytest.raises(Broken, match="Не дождались за 0 с: эта вещь"):
        until(lambda: "pending", lambda _: False, what=THING, within=0)


def test_an_error_of_the_look_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        until(lambda: 1 // 0, bool, what=THING, within=5)


def test_never_looks_for_the_whole_time() -> None:
    began, looks = time.monotonic(), []
    never(lambda: looks.append(1), bool, what=THING, during=0.25)
    assert 0.25 <= time.monotonic() - began < 0.5
    # At once, now and then, and when the time is over; not every 20 ms.
    assert 3 <= len(looks) <= 5


def test_never_stops_at_the_first_bad_sight() -> None:
    answers = iter([[], [], ["a run"]])
    with pytest.raises(Broken, match=r"the thing\.\n(.*\n)+.*\['a run'\]"):
        never(lambda: next(answers), bool, what=THING, during=30)


def test_a_watch_keeps_differences_only_and_cuts_a_long_story() -> None:
    watch: Watch[int] = Watch()
    for number in range(40):
        watch.look(lambda number=number: number)  # type: ignore[misc]
        watch.look(lambda number=number: number)  # type: ignore[misc]
    assert [seen for _, seen in watch.seen] == list(range(40))
    told = watch.told().splitlines()
    assert len(told) == 5 + 1 + 10 + 1
    assert "(25)" in told[5]


def test_a_long_wait_looks_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    Watch[int]().pause()
    for waited in (5, 60):
        Watch[int](began=time.monotonic() - waited).pause()
    assert pauses == [waiting.LOOK_EVERY_SECONDS, pytest.approx(0.05, abs=0.001), waiting.PATIENT_EVERY_SECONDS]
