"""What the learning mode is decided over is made like the platform's own, or is no matter of the platform."""

import pytest

from gate.doors.secrecy import decrypted
from gate.learning_cast import TOKEN_BYTES, nobodys_token
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
