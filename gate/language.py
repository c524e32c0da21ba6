"""The language in which the gate speaks: that of the scenario being run, English outside of one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from gate.errors import Broken, WordError

Meaning = TypeVar("Meaning")
Language = Literal["en", "ru"]
_spoken: Language = "en"


@dataclass(frozen=True)
class Text:
    """One sentence in both languages; `str()` gives it in the language spoken now."""

    en: str
    ru: str

    def __str__(self) -> str:
        return self.ru if _spoken == "ru" else self.en


def speak(language: Language) -> None:
    """From now on speak `language`."""
    global _spoken
    _spoken = language


def spoken() -> Language:
    """The language spoken now."""
    return _spoken


def language_here(environment: Mapping[str, str] = os.environ) -> Language:
    """The language of this machine's locale, for whoever asked for none."""
    locale = next(filter(None, (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "ru" if locale.lower().startswith("ru") else "en"


def say(en: str, ru: str) -> str:
    """The one of the two sentences that the reader of this scenario understands."""
    return str(Text(en, ru))


def ensure(holds: object, en: str, ru: str) -> None:
    """Raise `Broken` with the sentence in the scenario's language unless `holds`."""
    if not holds:
        raise Broken(say(en, ru))


def meaning(word: str, meanings: Mapping[str, Meaning]) -> Meaning:
    """What a word of a sentence stands for; raises `WordError` with the words that are known."""
    if word not in meanings:
        import difflib

        near = difflib.get_close_matches(word, meanings, n=1, cutoff=0.5)
        known = ", ".join(f"“{known}”" for known in dict.fromkeys([*near, *meanings]))
        raise WordError(
            say(
                f"“{word}” is not known in this sentence. Write one of: {known}.",
                f"Слово «{word}» в этом предложении неизвестно. Напишите одно из: {known}.",
            )
        )
    return meanings[word]
