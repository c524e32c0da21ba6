"""Faults of the gateway."""

from . import answers, attached, staff, told, webhook

FAULTS = (*webhook.FAULTS, *staff.FAULTS, *answers.FAULTS, *attached.FAULTS, *told.FAULTS)
