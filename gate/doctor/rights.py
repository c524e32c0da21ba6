"""The rights of `deploy/rights.yaml`, each asked of the cluster itself: a review of access writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import yaml

from gate.doctor.finding import Closed, Finding, look
from gate.language import say
from gate.target import ROOT, Target

RIGHTS = "rights"
MANIFEST = "deploy/rights.yaml"
ASKED_AT_ONCE = 8
# The lines that are not proven without a right. Those of other doors are told by them, and what is not here only
# makes a proof or the evidence weaker.
LINES: Mapping[str, tuple[str, ...]] = {
    "get deployments": ("s1.pre.3",),
    "get jobs": ("s1.p0.2.1", "s1.p0.2.2", "s1.p1.3.2"),
    "list jobs": ("s1.pre.3",),
    "delete jobs": ("s1.p0.2.1", "s1.p1.3.2"),
    "list pods": ("s1.pre.3",),
    "get secrets/codex-k8s-staging-tls": ("s1.pre.2",),
    "get ingresses/codex-k8s": ("s1.pre.2",),
}


@dataclass(frozen=True)
class Right:
    """One verb on one kind of thing, or on the one of that name."""

    group: str
    resource: str
    verb: str
    name: str
    in_namespace: bool

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}" + (f"/{self.name}" if self.name else "")


def wanted(namespace: str) -> list[Right]:
    """All rights of the manifest, as they would be in this namespace."""
    parts = yaml.safe_load_all((ROOT / MANIFEST).read_text(encoding="utf-8"))
    return [right for part in parts for rule in part.get("rules", []) for right in _of_rule(part, rule, namespace)]


def _of_rule(part: dict[str, Any], rule: dict[str, Any], namespace: str) -> Iterator[Right]:
    for group in rule["apiGroups"]:
        for resource in rule["resources"]:
            names = [namespace] if resource == "namespaces" else rule.get("resourceNames", [""])
            for verb in rule["verbs"]:
                for name in names:
                    yield Right(group, resource, verb, name, part["kind"] == "Role")


def rights(target: Target) -> tuple[Finding, set[str]]:
    """What may not be done in the cluster, and the lines that are not proven for it."""
    lost: set[str] = set()

    def act() -> str:
        asked = wanted(target.settings["GATE_NAMESPACE"])
        # None: this cluster answers no such question. The first alone: one that is away keeps silent.
        allowed = [_allowed(target, asked[0])]
        with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
            allowed += pool.map(lambda right: _allowed(target, right), asked[1:])
        lacking = [right for right, given in zip(asked, allowed, strict=True) if given is False]
        lost.update(line for right in lacking for line in LINES.get(str(right), ()))
        told = ", ".join(map(str, lacking))
        if lost:
            raise Closed(
                say(f"{len(lacking)} of {len(asked)} are missing", f"не хватает: {len(lacking)} из {len(asked)}"),
                say(f"Missing: {told}. Give them as in {MANIFEST}.", f"Нет: {told}. Дайте их, как в {MANIFEST}."),
            )
        if lacking:
            return say(
                f"missing, though no line hangs on that alone: {told}",
                f"не хватает, но сами по себе строки от этого не зависят: {told}",
            )
        if None in allowed:
            return say("this cluster does not tell", "этот кластер о них не говорит")
        return say(f"all {len(asked)} of {MANIFEST}", f"все {len(asked)} из {MANIFEST}")

    return look(RIGHTS, (), act, ""), lost


def _allowed(target: Target, right: Right) -> bool | None:
    from kubernetes import client

    door = target.cluster
    resource, _, part = right.resource.partition("/")
    about = client.V1ResourceAttributes(
        group=right.group,
        resource=resource,
        subresource=part,
        verb=right.verb,
        name=right.name,
        namespace=door.namespace if right.in_namespace else "",
    )
    review = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=about))
    found: Any = door.ask(
        f"the right to {right}", client.AuthorizationV1Api(door.api).create_self_subject_access_review, review
    )
    return bool(found.status.allowed) if found is not None and found.status else None
