"""Faults of the gateway."""

from . import answers, attached, learning, staff, told, webhook

FAULTS = (*webhook.FAULTS, *staff.FAULTS, *learning.FAULTS, *answers.FAULTS, *attached.FAULTS, *told.FAULTS)
