"""The Owner's decision over a bundle: bound to the verdict that was shown, and never a Go over anything less."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from gate.attestation import canonical, envelope, payload_of, sha256
from gate.errors import GateError

PAYLOAD_TYPE = "application/vnd.codex-k8s.sign-off+json"
SHORTEST_DIGEST = 12


@dataclass(frozen=True)
class SignOff:
    """Who decided what, when, over which verdict."""

    by: str
    decision: Literal["approved", "rejected"]
    at: str
    verdict: str
    root: str
    no_blockers: bool = False
    note: str = ""

    def problem(self, verdict: Mapping[str, Any]) -> str:
        """Why this decision may not be taken over that verdict; empty when it may."""
        if self.decision == "rejected":
            return ""
        if verdict["decision"] != "go":
            return f"The verdict is {verdict['decision']}: it can be rejected, not approved."
        if verdict["blockers"]["state"] != "checked" and not self.no_blockers:
            return "Blockers were not checked: confirm with --no-blockers that there are none."
        return ""


def sign_off(
    files: Mapping[str, bytes], *, by: str, shown: str, reject: bool, no_blockers: bool, note: str, now: datetime
) -> SignOff:
    """The decision of `by` over the verdict of digest `shown`; raises `GateError` where it may not be taken."""
    from gate.bundle import ATTESTATION, root_of
    from gate.folder import VERDICT

    digest = sha256(files[VERDICT])
    if not by.strip():
        raise GateError("A sign-off has a name: --by NAME.")
    if len(shown) < SHORTEST_DIGEST or not digest.startswith(shown.lower()):
        raise GateError(
            f"The verdict in the bundle has another digest than the one given. Read the report, then give the "
            f"digest that it shows (at least {SHORTEST_DIGEST} characters): --verdict {digest[:SHORTEST_DIGEST]}…"
        )
    decision: Literal["approved", "rejected"] = "rejected" if reject else "approved"
    made = SignOff(
        by.strip(),
        decision,
        now.isoformat(timespec="seconds"),
        digest,
        root_of(files[ATTESTATION]),
        no_blockers,
        note.strip(),
    )
    problem = made.problem(json.loads(files[VERDICT]))
    if problem:
        raise GateError(problem)
    return made


def sealed_sign_off(made: SignOff, key: Path | None) -> bytes:
    """As it is kept in the bundle."""
    return json.dumps(envelope(canonical(asdict(made)), key, PAYLOAD_TYPE), indent=1).encode()


def read_sign_off(data: bytes) -> SignOff:
    """A kept sign-off; raises `ValueError`, `KeyError` or `TypeError` when it is none."""
    found: dict[str, Any] = json.loads(payload_of(data, PAYLOAD_TYPE))
    return SignOff(**found)
