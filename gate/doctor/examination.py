"""The examination of all doors, and how it is told."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from gate.doctor import github, local, people, platform
from gate.doctor.finding import Finding
from gate.doctor.lines import WRITING, Outlook, outlooks
from gate.doctor.rights import RIGHTS, rights
from gate.document import Document
from gate.evidence import DOOR_NAMES
from gate.language import Text, say
from gate.settings import PEOPLE, Settings
from gate.target import Target

NAMES: Mapping[str, Text] = {
    **DOOR_NAMES,
    "plain": Text("plain HTTP", "обычный HTTP"),
    "outside": Text("view from outside", "вид снаружи"),
    "secret": Text("webhook secret", "секрет вебхука"),
    "default": Text("learning default", "режим обучения"),
    "weak": Text("token without rights", "токен без прав"),
    "admin": Text("admin", "администратор"),
    "member": Text("member", "участник"),
    "stranger": Text("stranger", "посторонний"),
    "report": Text("report tool", "средство отчётов"),
    "sandbox": Text("local staging", "локальный staging"),
    RIGHTS: Text("rights in cluster", "права в кластере"),
    WRITING: Text("writing", "запись"),
}
# Doors of the machine itself; the local staging brings every other.
OF_THE_MACHINE = ("browser", "report", "sandbox", WRITING)
# What the cluster tells where no setting does: with the cluster closed, its reason is told once.
OF_THE_CLUSTER = ("name", "gateway", "database", "secret", "default", RIGHTS)
# As much of a reason is compared: told behind another one, it may be cut.
CAUSE = 60


@dataclass(frozen=True)
class Examination:
    """What was found at each door of a staging, and what that means for the lines."""

    staging: str
    findings: tuple[Finding, ...]
    lines: tuple[Outlook, ...]

    @property
    def whole(self) -> bool:
        """Whether every door that was looked at is open, and so every line can be proven."""
        return all(finding.usable for finding in self.findings) and all(line.provable for line in self.lines)


def examine(target: Target, document: Document, writing: Collection[str] = ()) -> Examination:
    """Look at every door of a staging, one after the other; read-only. `writing`: lines that must write there."""
    edge, database, cluster = platform.edge(target), platform.database(target), platform.cluster(target)
    allowed, lost = rights(target)
    browser = local.browser(target, "" if edge.usable else edge.step)
    found = (
        edge,
        platform.plain(target),
        platform.name(target),
        platform.outside(target),
        cluster,
        allowed,
        platform.gateway(target),
        database,
        platform.secret(target),
        platform.learning_default(target),
        *github.doors(target, database),
        browser,
        *(people.person(target, name, edge, browser, database) for name in PEOPLE),
        local.smoke(target.settings),
        local.report_tool(),
        *local.writing(target.settings),
    )
    findings = tuple(_blamed_once(found))
    also = {WRITING: writing, RIGHTS: lost if cluster.usable else ()}
    return Examination(target.settings["GATE_DOMAIN"], findings, tuple(outlooks(document, findings, also)))


def _blamed_once(findings: Sequence[Finding]) -> Iterator[Finding]:
    """A closed cluster tells its reason itself; what fails for the same one needs the cluster."""
    cluster = next(one for one in findings if one.door == "cluster")
    cause = (cluster.seen.partition(": ")[2] or cluster.seen)[:CAUSE]
    for one in findings:
        same = one.door in OF_THE_CLUSTER and not one.usable and not cluster.usable and cause in one.seen
        yield replace(one, seen=say("needs the cluster", "нужен кластер")) if same else one


def examine_machine(settings: Settings, document: Document, writing: Collection[str] = ()) -> Examination:
    """No staging is configured: look at what a run on the local one needs of this machine."""
    target = Target(settings)
    try:
        findings = (local.browser(target), local.report_tool(), local.sandbox(), *local.writing(settings))
    finally:
        target.close()
    closed = {finding.door for finding in findings if not finding.usable}
    brought = [Finding(door, "sandbox" not in closed, (), "") for door in NAMES if door not in OF_THE_MACHINE]
    return Examination("", findings, tuple(outlooks(document, [*findings, *brought], {WRITING: writing})))


def as_json(found: Examination) -> dict[str, Any]:
    """The examination for a program."""
    return {
        "staging": found.staging or None,
        "doors": [asdict(finding) for finding in found.findings],
        "lines": [{**asdict(line), "provable": line.provable} for line in found.lines],
    }


def told(found: Examination) -> str:
    """The examination for a person."""
    title = found.staging or say(
        "No staging is configured (GATE_DOMAIN): a run would start the local one.",
        "Staging не настроен (GATE_DOMAIN): прогон запустит локальный.",
    )
    doors = [line for finding in found.findings for line in _door(finding)]
    return "\n".join([title, "", *doors, "", *_lines(found.lines)])


def _door(finding: Finding) -> Iterator[str]:
    sign = _sign(finding.usable)
    by = f"  [{', '.join(finding.by)}]" if finding.by else ""
    yield f"  {sign} {NAMES[finding.door]!s:<20} {finding.seen}{by}"
    if finding.step and not finding.usable:
        yield f"    {'':<20} → {finding.step}"


def _sign(usable: bool) -> str:
    signs = ("✓", "✗") if (sys.stdout.encoding or "").lower().startswith("utf") else ("+", "-")
    return signs[0] if usable else signs[1]


def _lines(lines: Sequence[Outlook]) -> Iterator[str]:
    provable = [line for line in lines if line.provable]
    yield say(
        f"From here {len(provable)} of {len(lines)} lines can be proven.",
        f"Отсюда можно доказать строк: {len(provable)} из {len(lines)}.",
    )
    if len(provable) < len(lines):
        for missing, ids in _grouped((line.missing, line.line) for line in lines if not line.provable):
            names = ", ".join(str(NAMES[door]) for door in missing)
            yield say(f"  not, for want of {names}:", f"  нет, не хватает ({names}):")
            yield f"    {', '.join(ids)}"
    for through, ids in _grouped((line.weaker, line.line) for line in provable if line.weaker):
        names = ", ".join(str(NAMES[door]) for door in through)
        yield say(f"  through a weaker door ({names}):", f"  через более слабую дверь ({names}):")
        yield f"    {', '.join(ids)}"


def _grouped(pairs: Iterable[tuple[tuple[str, ...], str]]) -> list[tuple[tuple[str, ...], list[str]]]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return list(groups.items())
