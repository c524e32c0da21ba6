"""Faults of the gateway."""

from . import answers, staff, webhook

FAULTS = (*webhook.FAULTS, *staff.FAULTS, *answers.FAULTS)
