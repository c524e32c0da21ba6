"""What the gate asked of a real API server, by its audit log, against the rights of `deploy/rights.yaml`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
RIGHTS = ROOT / "deploy" / "rights.yaml"
# (API group, resource with its part, verb)
Right = tuple[str, str, str]
# What another cluster, or another name of the staging, is needed for.
UNUSED_HERE = {
    ("", "pods/portforward", "create"): "asked for by Kubernetes 1.35 and newer only",
    ("", "namespaces", "get"): "asked for only where neither domain nor namespace say that it is a staging",
}


@dataclass
class Asked:
    """How often each right was used, and what was refused."""

    used: Counter[Right] = field(default_factory=Counter)
    refused: Counter[Right] = field(default_factory=Counter)

    def unused(self, given: Iterable[Right]) -> list[Right]:
        """Rights that nobody needed, and for which there is no reason known."""
        return [right for right in given if not self.used[right] and right not in UNUSED_HERE]

    def told(self, given: list[Right]) -> list[str]:
        """The rows of a table: each right and how often it was used."""
        return [
            f"| {_shown(right)} | {self.used[right] or UNUSED_HERE.get(right, '**never**')} |" for right in given
        ]


def given() -> list[Right]:
    """Every right of the manifest, in its order."""
    found: list[Right] = []
    for part in yaml.safe_load_all(RIGHTS.read_text(encoding="utf-8")):
        for rule in part.get("rules", []):
            found += [
                (group, resource, verb)
                for group in rule["apiGroups"]
                for resource in rule["resources"]
                for verb in rule["verbs"]
            ]
    return found


def asked(log: Path) -> Asked:
    """Read an audit log."""
    found = Asked()
    for line in log.read_text(encoding="utf-8").splitlines() if log.is_file() else []:
        entry: dict[str, Any] = json.loads(line)
        about = entry.get("objectRef")
        if not about or entry.get("stage") != "ResponseComplete":
            continue
        part = f"/{about['subresource']}" if about.get("subresource") else ""
        right = (about.get("apiGroup", ""), about["resource"] + part, entry["verb"])
        decision = entry.get("annotations", {}).get("authorization.k8s.io/decision")
        (found.refused if decision == "forbid" else found.used)[right] += 1
    return found


def _shown(right: Right) -> str:
    group, resource, verb = right
    return f"{verb} {resource}{f' ({group})' if group else ''}"
