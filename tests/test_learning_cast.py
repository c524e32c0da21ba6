"""What the learning mode is decided over is made like the platform's own, or is no matter of the platform."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gate.doors.http import Exchange
from gate.doors.secrecy import decrypted
from gate.errors import Broken, GateError, NotProven
from gate.learning_cast import TOKEN_BYTES, allowed, nobodys_token
from gate.settings import Settings
from gate.target import Target

KEY = "5a" * 32


def test_a_made_up_token_can_be_read_where_the_key_is_known() -> None:
    stored = nobodys_token(Target(Settings({"GATE_TOKEN_ENCRYPTION_KEY": KEY})))
    read = decrypted(stored, KEY)
    assert read is not None and read.startswith(b"ghp_") and len(stored) == TOKEN_BYTES


@pytest.mark.parametrize("key", ["", "no key", KEY[:-2]])
def test_it_is_as_long_where_it_is_not(key: str) -> None:
    assert len(nobodys_token(Target(Settings({"GATE_TOKEN_ENCRYPTION_KEY": key})))) == TOKEN_BYTES


def _answered(status: int, body: bytes = b"", kind: str = "text/html") -> Exchange:
    return Exchange("POST", "https://gate.test/users", status, (("Content-Type", kind),), body, 0.1)


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (Broken("The platform did not answer."), NotProven),
        (_answered(502), NotProven),
        (_answered(504), NotProven),
        (_answered(502, b"{}", "application/json"), Broken),
        (_answered(500), Broken),
        (_answered(403, b"{}", "application/json"), Broken),
    ],
)
def test_what_nobody_answers_is_not_the_platforms(
    answer: Exchange | Broken, wanted: type[GateError] | type[Broken]
) -> None:
    def allow(*_: object) -> Exchange:
        if isinstance(answer, Broken):
            raise answer
        return answer

    world = cast(Any, SimpleNamespace(as_person=lambda _: SimpleNamespace(allow=allow)))
    with pytest.raises(wanted):
        allowed(world, "somebody@gate.test", False)
