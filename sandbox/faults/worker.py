"""Faults of the worker."""

from . import Fault

FAULTS: tuple[Fault, ...] = ()
