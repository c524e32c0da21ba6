"""Faults of the github."""

from . import Fault

FAULTS: tuple[Fault, ...] = ()
