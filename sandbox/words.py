"""The sandbox's few sentences to a person, in English and Russian."""

from __future__ import annotations

import os

LANGUAGES = ("en", "ru")
_language = "en"


def choose(language: str | None) -> None:
    """Speak `language`; without one, that of the environment."""
    global _language
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    _language = language or ("ru" if named.lower().startswith("ru") else "en")


def say(en: str, ru: str) -> str:
    """The sentence in the chosen language."""
    return ru if _language == "ru" else en
