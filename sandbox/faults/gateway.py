"""Faults of the gateway."""

from . import answers, attached, staff, webhook

FAULTS = (*webhook.FAULTS, *staff.FAULTS, *answers.FAULTS, *attached.FAULTS)
