"""Faults of the surface."""

from . import Fault

FAULTS: tuple[Fault, ...] = ()
