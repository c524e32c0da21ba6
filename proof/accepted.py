"""Does a real API server take the manifests of `deploy/`? Each is applied as a dry run, every field checked."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import yaml

from proof.builds import ROOT

DEPLOY = ROOT / "deploy"
PLURALS = {"Ingress": "ingresses"}
OF_THE_CLUSTER = ("Namespace", "ClusterRole", "ClusterRoleBinding")


def refused(folder: Path) -> list[str]:
    """`file kind name: the server's words` for each manifest that the API server of a local staging refuses."""
    facts = json.loads((folder / "smoke.json").read_text(encoding="utf-8"))
    found = []
    for path in sorted(DEPLOY.glob("*.yaml")):
        for manifest in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if manifest and (why := _why_not(facts, manifest)):
                found.append(f"{path.name} {manifest['kind']} {manifest['metadata']['name']}: {why}")
    return found


def place_of(manifest: dict[str, Any]) -> str:
    """Where the object lives in the API."""
    kind, version, meta = manifest["kind"], manifest["apiVersion"], manifest["metadata"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    inside = "" if kind in OF_THE_CLUSTER else f"/namespaces/{meta['namespace']}"
    return f"{root}{inside}/{PLURALS.get(kind, f'{kind.lower()}s')}/{meta['name']}"


def _why_not(facts: dict[str, Any], manifest: dict[str, Any]) -> str:
    query = "dryRun=All&fieldValidation=Strict&fieldManager=proof&force=true"
    asked = urllib.request.Request(
        f"{facts['cluster']}{place_of(manifest)}?{query}",
        json.dumps(manifest).encode(),
        {"Content-Type": "application/apply-patch+yaml", "Authorization": f"Bearer {facts['token']}"},
        method="PATCH",
    )
    try:
        urllib.request.urlopen(asked, timeout=20, context=ssl.create_default_context(cafile=facts["ca"])).close()
    except urllib.error.HTTPError as answer:
        return str(json.loads(answer.read()).get("message", answer.code))
    return ""
