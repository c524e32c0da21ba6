"""Faults of the console."""

from . import Fault

FAULTS: tuple[Fault, ...] = ()
