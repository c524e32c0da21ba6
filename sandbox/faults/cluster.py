"""Faults of the cluster."""

from . import Fault

FAULTS: tuple[Fault, ...] = ()
