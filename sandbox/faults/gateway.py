"""Faults of the gateway."""

from . import staff, webhook

FAULTS = (*webhook.FAULTS, *staff.FAULTS)
