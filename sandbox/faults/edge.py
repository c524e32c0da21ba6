"""Faults of the edge."""

from . import Fault

FAULTS: tuple[Fault, ...] = ()
