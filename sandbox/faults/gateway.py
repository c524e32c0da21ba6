"""Faults of the gateway."""

from . import Fault

FAULTS: tuple[Fault, ...] = ()
