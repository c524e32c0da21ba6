"""Error texts of the console: what people can read, and what a program wrote in place of words."""

from __future__ import annotations

import pytest

from gate.console.refusal import expect_words
from gate.errors import Broken


@pytest.mark.parametrize(
    "shown",
    [
        "[object Object]",
        "Error: [object Object].",
        "undefined",
        "Something went wrong: undefined.",
        "Что-то пошло не так: null",
        "errors.repositories.attach",
    ],
)
def test_what_a_program_wrote_is_no_word(shown: str) -> None:
    with pytest.raises(Broken, match="words for people"):
        expect_words([shown])


@pytest.mark.parametrize(
    "shown",
    [
        "Forbidden.",
        "Отказано.",
        "HTTP 400",
        "invalid_argument",
        "Not found: services.yaml",
        "name is null or undefined in the request",
        "Проверьте поле: token (this token may not manage this repository).",
    ],
)
def test_what_people_can_read_is_enough_beside_anything(shown: str) -> None:
    expect_words([shown])
    expect_words(["[object Object]", shown])
