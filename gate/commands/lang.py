"""`--lang`, the same for every command that speaks both languages."""

from __future__ import annotations

import argparse

from gate.language import language_here, speak


def arguments(parser: argparse.ArgumentParser) -> None:
    """`--lang en` or `--lang ru`; by default the language of the machine's locale."""
    parser.add_argument("--lang", choices=("en", "ru"), help="language of what is said; by default the locale's")


def choose(options: argparse.Namespace) -> None:
    """From now on speak the language that was asked for."""
    speak(options.lang or language_here())
