"""What a run may do to a staging.

It says beforehand what it will create, and leaves a production alone unless that was asked for twice. A run for
reading only plays the scenarios tagged `@read-only`; the doors are locked then as well, so that the tag on a wrong
scenario costs its proof and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from gate.document import Document
from gate.errors import NotProven, SettingError
from gate.language import say

if TYPE_CHECKING:
    from gate.settings import Settings
    from gate.target import Target

READ_ONLY = "read-only"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# A word of a name, by itself: neither "product" nor what says of itself that it is none.
PRODUCTION = re.compile(r"(?<![a-z0-9])(?<!non-)(?<!not-)(?<!pre-)(?:prd|prod(?:uction)?)(?![a-z0-9])", re.I)
# What says of itself that it is none, whatever cluster it lives in and whatever its build is called.
STAGING = re.compile(r"(?<![a-z0-9])(?:staging|stage|stg|test|testing|dev|sandbox)(?![a-z0-9])", re.I)
# Labels of a namespace and keys of the platform's Secret that tell which environment this is.
ENVIRONMENT = re.compile(r"(?:^|[/._-])(?:env|environment|stage|tier)$", re.I)


def refuse_writing(read_only: bool, what: str) -> None:
    """Raise `NotProven` where a read-only run would write."""
    if read_only:
        raise NotProven(
            say(
                f"This run is read-only (GATE_READ_ONLY): {what} could write on the staging.",
                f"Прогон только для чтения (GATE_READ_ONLY): {what} может изменить staging.",
            )
        )


def refuse_method(read_only: bool, method: str, address: str) -> None:
    """The same for a request: only what asks is sent."""
    if method.upper() not in READING:
        refuse_writing(read_only, f"{method} {address}")


def not_played(settings: Settings, tags: Iterable[str]) -> NotProven | None:
    """Why a scenario with these tags is not played in this run; None: it is."""
    if not settings["GATE_READ_ONLY"] or READ_ONLY in tags:
        return None
    return NotProven(
        say(
            "This run is read-only (GATE_READ_ONLY), and this scenario writes on the staging.",
            "Прогон только для чтения (GATE_READ_ONLY), а этот сценарий пишет на staging.",
        )
    )


# --- production


def refuse_production(target: Target, flagged: bool) -> None:
    """Leave a target alone that calls itself production, unless a setting names it and the command says so too."""
    named = str(target.settings["GATE_PRODUCTION"]).lower() == target.domain.lower()
    if named and flagged:
        return
    told = list(_signs(target))
    if not told:
        return
    missing = [] if named else [f"GATE_PRODUCTION={target.domain}"]
    missing += [] if flagged else [say("--production on the command line (behave: -D production=yes)",
                                       "--production в командной строке (behave: -D production=yes)")]  # fmt: skip
    raise SettingError(
        say(
            f"This target calls itself production ({'; '.join(told)}), and the gate writes where it is aimed. "
            f"If that is meant, say it twice; still missing: {', '.join(missing)}.",
            f"Цель называет себя production ({'; '.join(told)}), а гейт пишет туда, куда направлен. "
            f"Если так и нужно, скажите об этом дважды; пока не хватает: {', '.join(missing)}.",
        )
    )


def _signs(target: Target) -> Iterator[str]:
    """A staging may share a cluster with production, and its build may be called "production" all the same."""
    own = {name: str(target.settings[name] or "") for name in ("GATE_DOMAIN", "GATE_NAMESPACE")}
    around = {name: str(target.settings[name] or "") for name in ("GATE_KUBE_CONTEXT", "GATE_PUBLIC_BASE_URL")}
    by_domain, by_namespace = (STAGING.search(value) for value in own.values())
    is_staging = by_domain or (by_namespace and _is_its_namespace(target))
    for name, value in (own if is_staging else own | around).items():
        if PRODUCTION.search(value) and not STAGING.search(value):
            yield f"{name}={value}"
    if is_staging:
        return
    if target.settings["GATE_KUBE_CONTEXT"] or target.settings["GATE_KUBECONFIG"]:
        try:
            yield from _signs_in_cluster(target)
        except NotProven:
            return  # a cluster that cannot be asked says nothing; its lines are not proven


def _is_its_namespace(target: Target) -> bool:
    """A default says nothing of a target, unless its cluster has a namespace of that name."""
    if target.settings.written("GATE_NAMESPACE"):
        return True
    try:
        return _namespace(target) is not None
    except NotProven:
        return False


def _namespace(target: Target) -> Any:
    cluster = target.cluster
    return cluster.readable("namespace", cluster.core().read_namespace, cluster.namespace)


def _signs_in_cluster(target: Target) -> Iterator[str]:
    space = _namespace(target)
    told = dict(space.metadata.labels or {}) if space else {}
    yield from (f"namespace label {key}={value}" for key, value in told.items() if _is_production(key, value))
    yield from (f"{key}={value}" for key, value in target.runtime_secret.items() if _is_production(key, value))


def _is_production(key: str, value: str) -> bool:
    return bool(ENVIRONMENT.search(key) and PRODUCTION.search(value))


# --- two stagings


def mixture(target: Target) -> str:
    """Which domain the namespace serves instead; "" where it serves this one, or nobody tells.

    A word of warning and no more: a name may lead to the staging that its ingress does not list.
    """
    from gate.doors.deploy import INGRESS, Deploy

    if not (target.settings["GATE_KUBE_CONTEXT"] or target.settings["GATE_KUBECONFIG"]):
        return ""
    try:
        hosts = Deploy(target.cluster).ingress_hosts()
    except NotProven:
        return ""  # an ingress that cannot be read says nothing
    domain, space = target.domain.lower(), target.settings["GATE_NAMESPACE"]
    if not hosts or any(_serves(host, domain) for host in hosts):
        return ""
    served = ", ".join(hosts)
    return say(
        f"Namespace {space} serves {served} (ingress {INGRESS}), not {domain}: if these are two "
        "stagings, set GATE_NAMESPACE (and GATE_KUBE_CONTEXT), or GATE_DOMAIN.",
        f"Namespace {space} обслуживает {served} (ingress {INGRESS}), а не {domain}: если это разные "
        "staging, задайте GATE_NAMESPACE (и GATE_KUBE_CONTEXT) или GATE_DOMAIN.",
    )


def _serves(host: str, domain: str) -> bool:
    """As an ingress means it: a star stands for one label."""
    return host == domain or (host.startswith("*.") and host[2:] == domain.partition(".")[2])


# --- what a run will create


def announced(target: Target, document: Document, selected: Iterable[Collection[str]]) -> str:
    """What the selected scenarios, given by their tags, will create there; for before the first of them."""
    writing = [tags for tags in selected if not_played(target.settings, tags) is None and READ_ONLY not in tags]
    doors = {need for tags in writing for id in tags for need in document.doors.get(id, ())}
    if not writing:
        return say(f"This run writes nothing on {target.domain}.", f"Прогон ничего не пишет на {target.domain}.")
    head = say(
        f"This run will create on {target.domain}, all of it marked {target.mark}-… and removed at the end:",
        f"Прогон создаст на {target.domain}, всё с меткой {target.mark}-…, и в конце уберёт:",
    )
    return "\n".join([head, *(f"  - {one}" for one in _created(target, doors))])


def _created(target: Target, doors: Collection[str]) -> Iterator[str]:
    settings = target.settings
    if "secret" in doors:
        yield say(
            "webhook deliveries, and what comes of them: runs, their events, slots, projects and Jobs",
            "доставки вебхуков и то, что из них выйдет: запуски, их события, слоты, проекты и Job",
        )
    if "admin" in doors:
        yield say("projects, their members and repositories, and users of made-up names",
                  "проекты, их участников и репозитории, пользователей с вымышленными именами")  # fmt: skip
        names = [name for name in ("admin", "member") if target.people.configured(name)]
        if names:
            yield say(f"sessions of {', '.join(names)}: the platform notes down the login of whoever signs in",
                      f"сессии ({', '.join(names)}): платформа записывает логин вошедшего")  # fmt: skip
    if "github" in doors and settings["GATE_GITHUB_REPOSITORIES"]:
        repositories = ", ".join(settings["GATE_GITHUB_REPOSITORIES"])
        yield say(f"webhooks at {repositories}", f"вебхуки в {repositories}")
