"""What the cluster leads outside past the sign-in: rules of ingresses, ports of machines, flags of the proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from gate import evidence
from gate.doors.cluster import Cluster
from gate.doors.deploy import INGRESS
from gate.language import say

PROXY = "oauth2-proxy"
# The Services that nobody may reach but past the sign-in (contract 1).
BEHIND = ("codex-k8s", "codex-k8s-web-console")
ALIAS = "nginx.ingress.kubernetes.io/server-alias"
_SKIP_FLAG = re.compile(r"--?skip[-_]auth[-_](?:regex|routes?)(?:=(.*))?$", re.DOTALL)
_SKIP_VARIABLES = ("OAUTH2_PROXY_SKIP_AUTH_REGEX", "OAUTH2_PROXY_SKIP_AUTH_ROUTES")
_PING_FLAG = re.compile(r"--?ping[-_]user[-_]agent(?:=(.*))?$", re.DOTALL)
_PING_VARIABLES = ("OAUTH2_PROXY_PING_USER_AGENT",)
_VARIABLE = "OAUTH2_PROXY_"
# What TOML and YAML have in common, as far as one line goes; a comment is none.
_CONFIG_LINE = re.compile(r"^[ \t]*([\w-]+)[ \t]*[=:]([^#\n]*)", re.MULTILINE)
_OFF = ("", "false", "f", "0", "[]")


class Outward:
    """The ways to the outside as the cluster shows them. What may not be read is noted as weaker proof."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._namespace = cluster.namespace

    def paths_past_proxy(self, host: str) -> list[str]:
        """The paths that an ingress leads for this host to something else than the proxy, as they are written."""
        return sorted(
            {
                path.path or "/"
                for ingress in self._ingresses()
                for rule in ingress.spec.rules or []
                if (rule.host or host).lower() == host.lower() and rule.http
                for path in rule.http.paths
                if not (path.backend.service and path.backend.service.name == PROXY)
            }
        )

    def names_past_proxy(self, host: str) -> dict[str, list[str]]:
        """Other hosts that an ingress leads to the gateway or the console, each with the paths of that rule."""
        found: dict[str, set[str]] = {}
        for ingress in self._ingresses():
            aliases = (ingress.metadata.annotations or {}).get(ALIAS, "").split(",")
            for rule in ingress.spec.rules or []:
                past = {
                    path.path or "/" for path in (rule.http.paths if rule.http else []) if _is_ours(path.backend)
                }
                for name in (rule.host or host, *aliases):
                    if past and (plain := _plain(name)) and plain != host.lower():
                        found.setdefault(plain, set()).update(past)
        return {name: sorted(paths) for name, paths in sorted(found.items())}

    def machine_ports(self) -> dict[int, str]:
        """TCP ports that Services and pods take on the machines themselves, each with whose it is."""
        pods = self._readable("pods", self._cluster.core().list_namespaced_pod)
        return dict([*_ports_of_services(self._services_everywhere), *_ports_of_pods(pods)])

    def other_addresses(self) -> dict[tuple[str, int], str]:
        """Addresses that the platform's Services have of their own, by a balancer or by word: whose each is."""
        return {
            (address, port.port): f"service {service.metadata.name}"
            for service in self._services_everywhere
            if service.metadata.namespace == self._namespace
            for address in _addresses_of(service)
            for port in service.spec.ports or []
            if (port.protocol or "TCP") == "TCP"
        }

    def skip_patterns(self) -> list[str] | None:
        """The patterns that the proxy lets pass without a session; None where its flags are not to be seen."""
        return [pattern for container in self._proxy_containers() for pattern in _patterns(container)] or None

    def ping_agents(self) -> list[str]:
        """The user agents that the proxy is told to answer as it answers /ping."""
        told = (_patterns(container, _PING_FLAG, _PING_VARIABLES) for container in self._proxy_containers())
        return [agent for agents in told for agent in agents if agent]

    def proxy_flags(self, *names: str) -> list[str]:
        """Those of these flags that the proxy is given: as a word, as a variable, or in a config file."""
        words = [pair for container in self._proxy_containers() for pair in _flags(container)]
        given = {_folded(name) for name, value in (*words, *self._configured) if value.lower() not in _OFF}
        if {"config", "alpha-config"} & given and not self._configured:
            evidence.weaker(
                say(
                    "The proxy has a config file that is not to be seen from here.",
                    "У oauth2-proxy есть файл настроек, который отсюда не виден.",
                )
            )
        return [name for name in names if _folded(name) in given]

    @cached_property
    def _configured(self) -> list[tuple[str, str]]:
        """The lines of the config files that the proxy's pod is given, by name and value."""
        read = self._cluster.core().read_namespaced_config_map
        volumes = (self._proxy_pod and self._proxy_pod.volumes) or []
        names = [volume.config_map.name for volume in volumes if volume.config_map]
        maps = [self._cluster.readable(f"configmap {name}", read, name, self._namespace) for name in names]
        texts = [text for one in maps if one is not None for text in (one.data or {}).values()]
        return [(name, value.strip(" \t\r\"'")) for text in texts for name, value in _CONFIG_LINE.findall(text)]

    def _proxy_containers(self) -> list[Any]:
        return list(self._proxy_pod.containers) if self._proxy_pod else []

    @cached_property
    def _proxy_pod(self) -> Any:
        read = self._cluster.apps().read_namespaced_deployment
        found = self._cluster.readable(f"deployment {PROXY}", read, PROXY, self._namespace)
        template = found.spec.template if found is not None and found.spec else None
        return template.spec if template else None

    def _ingresses(self) -> list[Any]:
        from kubernetes import client

        networking = client.NetworkingV1Api(self._cluster.api)
        listed = self._cluster.readable("ingresses", networking.list_namespaced_ingress, self._namespace)
        if listed is not None:
            return list(listed.items)
        _weaker("ingresses")
        one = self._cluster.ask(f"ingress {INGRESS}", networking.read_namespaced_ingress, INGRESS, self._namespace)
        return [one] if one is not None else []

    @cached_property
    def _services_everywhere(self) -> list[Any]:
        """A machine is open through the Services of every namespace; where they may not be read, through ours."""
        listed = self._cluster.readable("all services", self._cluster.core().list_service_for_all_namespaces)
        if listed is not None:
            return list(listed.items)
        evidence.weaker(
            say(
                "Only the platform's own namespace was looked at for ports: services of others may not be listed.",
                "Порты искали только в пространстве имён платформы: сервисы других прочесть нельзя.",
            )
        )
        return self._readable("services", self._cluster.core().list_namespaced_service)

    def _readable(self, what: str, call: Any) -> list[Any]:
        listed = self._cluster.readable(what, call, self._namespace)
        if listed is None:
            _weaker(what)
        return list(listed.items) if listed is not None else []


def _is_ours(backend: Any) -> bool:
    return bool(backend.service) and backend.service.name in BEHIND


def _plain(name: str) -> str:
    """A host that can be asked for: one below a wildcard; none for a pattern of nginx."""
    name = name.strip().lower()
    return "" if name.startswith("~") else name.replace("*", "gate-probe")


def _weaker(what: str) -> None:
    evidence.weaker(
        say(f"The {what} of the namespace may not be listed.", f"Список {what} пространства имён не прочесть.")
    )


def _ports_of_services(services: list[Any]) -> Iterator[tuple[int, str]]:
    for service in services:
        name = f"service {service.metadata.namespace}/{service.metadata.name}"
        for port in service.spec.ports or []:
            if (port.protocol or "TCP") == "TCP" and port.node_port:
                yield port.node_port, name
            if (port.protocol or "TCP") == "TCP" and service.spec.type == "LoadBalancer":
                yield port.port, name


def _addresses_of(service: Any) -> list[str]:
    balancer = service.status and service.status.load_balancer
    given = [one.ip or one.hostname for one in (balancer and balancer.ingress) or []]
    return [address for address in (*given, *(service.spec.external_ips or [])) if address]


def _ports_of_pods(pods: list[Any]) -> Iterator[tuple[int, str]]:
    for pod in pods:
        for container in pod.spec.containers:
            for port in container.ports or []:
                number = port.host_port or (port.container_port if pod.spec.host_network else None)
                if number and (port.protocol or "TCP") == "TCP":
                    yield number, f"pod {pod.metadata.name}"


def _folded(name: str) -> str:
    """One name for a flag, its variable and its line in a config file, where lists are in the plural."""
    return name.lower().replace("_", "-").removesuffix("s")


def _flags(container: Any) -> Iterator[tuple[str, str]]:
    """Names and values; of a flag that stands alone, as one that is on."""
    for word in [*(container.command or []), *(container.args or [])]:
        name, equals, value = word.lstrip("-").partition("=")
        if word.startswith("-"):
            yield name, value if equals else "true"
    for variable in container.env or []:
        if variable.name.startswith(_VARIABLE):
            yield variable.name.removeprefix(_VARIABLE), variable.value or ""


def _patterns(
    container: Any, named: re.Pattern[str] = _SKIP_FLAG, variables: tuple[str, ...] = _SKIP_VARIABLES
) -> Iterator[str]:
    """The values of the flag, in one word or two, and of the variables that stand for it."""
    words = [*(container.command or []), *(container.args or [])]
    for word, after in zip(words, (*words, "")[1:], strict=True):
        if flag := named.match(word):
            yield flag[1] if flag[1] is not None else after
    for variable in container.env or []:
        if variable.name in variables and variable.value:
            yield from variable.value.split(",")
