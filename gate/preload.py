"""What scenarios and doors load on first use, loaded once before workers are made: each would load it again."""

from __future__ import annotations

import importlib
from contextlib import suppress

from gate.settings import PEOPLE, Settings

ALWAYS = (
    *(f"gate.{module}" for module in ("cleaning", "doors.pulse", "doors.session", "standing", "world")),
    "requests",
)
BROWSER = ("playwright.sync_api", "cryptography.x509")
DATABASE = ("psycopg.rows", "cryptography.hazmat.primitives.ciphers.aead")
# Of the cluster's client each API group loads its own, more than a second of core time for all four.
CLUSTER = (
    *(f"kubernetes.client.api.{group}_v1_api" for group in ("apps", "batch", "core", "networking")),
    "kubernetes.config",
)


def preload(settings: Settings) -> None:
    """Load the drivers of the doors that these settings can open; what is missing a worker loads itself."""

    def is_set(*names: str) -> bool:
        return any(settings[name] for name in names)

    modules = [*ALWAYS]
    if is_set(*(f"GATE_{person.upper()}_{way}" for person in PEOPLE for way in ("SESSION", "LOGIN"))):
        modules += BROWSER
    if clustered := is_set("GATE_KUBECONFIG", "GATE_KUBE_CONTEXT"):
        modules += CLUSTER
    if clustered or is_set("GATE_DATABASE_URL"):
        modules += DATABASE
    for module in modules:
        importlib.import_module(module)
    from gate.doors.tls import believing

    # Reading every CA that this machine believes takes as long as all else that a worker does at its start.
    with suppress(OSError):  # a file that cannot be read is told by the door that needs it
        believing(settings["GATE_CA_FILE"])
