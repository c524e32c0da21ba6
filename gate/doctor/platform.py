"""The doors of the platform: edge, name, gateway, database, cluster, secrets. Nothing is written there."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from gate.capabilities.boundary_ports import CLUSTER_PORTS, INNER_PORTS
from gate.doctor import tables
from gate.doctor.finding import Closed, Finding, given, look, milliseconds, or_cluster
from gate.doors.http import mapped
from gate.errors import Broken, NotProven
from gate.language import say, spoken
from gate.safety import mixture
from gate.settings import BY_NAME, Settings
from gate.target import POSTGRES_SECRET, RUNTIME_KEYS, RUNTIME_SECRET, Target
from gate.world import World

SESSION_CHECK = "/oauth2/auth"
DEPLOYMENT = "codex-k8s"
POSTGRES_PASSWORD = "CODEXK8S_POSTGRES_PASSWORD"


def edge(target: Target) -> Finding:
    """The public address, and that a sign-in guards it."""
    settings = target.settings
    return look("edge", given(settings, "GATE_DOMAIN", "GATE_HOSTS", "GATE_CA_FILE"), lambda: _edge(target), "")


def _edge(target: Target) -> str:
    host, _, port = str(target.settings["GATE_DOMAIN"]).partition(":")
    _resolved(target, host, int(port or 443))
    try:
        seen = target.edge.request("GET", SESSION_CHECK, headers={"Accept": "*/*"})
    except NotProven as untrusted:
        raise Closed(
            str(untrusted),
            say(
                "If an internal CA signs it: GATE_CA_FILE=/path/of/ca.pem. Else the certificate is broken.",
                "Если сертификат подписан внутренним CA: GATE_CA_FILE=/путь/ca.pem. Иначе дело в сертификате.",
            ),
        ) from None
    except Broken as silent:
        raise Closed(
            str(silent),
            say(
                f"Open {target.url} on this machine: is a VPN missing? GATE_HOSTS={host}=1.2.3.4 leads elsewhere.",
                f"Откройте {target.url} с этой машины: не нужен ли VPN? Другой адрес: GATE_HOSTS={host}=1.2.3.4.",
            ),
        ) from None
    if seen.status not in (401, 202):
        raise Closed(
            say(
                f"{seen.brief()}, where oauth2-proxy would answer 401: this is not the staging's edge.",
                f"{seen.brief()}, а oauth2-proxy ответил бы 401: это не staging.",
            ),
            say(
                f"Set GATE_DOMAIN to the host of the staging's ingress; now it is {host}.",
                f"Задайте в GATE_DOMAIN хост ingress staging; сейчас там {host}.",
            ),
        )
    return say(
        f"answers in {milliseconds(seen.seconds)}; the sign-in guards it",
        f"отвечает за {milliseconds(seen.seconds)}; вход на месте",
    )


def _resolved(target: Target, host: str, port: int) -> None:
    address, number = mapped(target.settings["GATE_HOSTS"], host, port)
    try:
        socket.getaddrinfo(address, number, type=socket.SOCK_STREAM)
    except OSError as failure:
        raise Closed(
            say(f"{address} does not resolve: {failure}", f"{address} не резолвится: {failure}"),
            say(
                f"Check the spelling of GATE_DOMAIN={host}, or say where it is: GATE_HOSTS={host}=1.2.3.4.",
                f"Проверьте написание GATE_DOMAIN={host} или укажите адрес: GATE_HOSTS={host}=1.2.3.4.",
            ),
        ) from None


def plain(target: Target) -> Finding:
    """Where the same host over plain HTTP is; only GATE_HOSTS can leave that open."""

    def act() -> str:
        return target.plain_url()

    host = target.domain
    return look("plain", given(target.settings, "GATE_HOSTS"), act, f"GATE_HOSTS=…,{host}:80=1.2.3.4:80")


def name(target: Target) -> Finding:
    """The domain in DNS, against the address that it should have."""

    def act() -> str:
        probe = World(target, spoken(), 0, print).name
        probe.know_address()
        probe.look_up()
        told = "; ".join(map(str, probe.lookups))
        if not any(lookup.addresses for lookup in probe.lookups):
            host = target.domain
            raise Closed(say(f"has no address: {told}", f"адреса нет: {told}"),
                         say(f"Check the spelling of GATE_DOMAIN={host}.",
                             f"Проверьте написание GATE_DOMAIN={host}."))  # fmt: skip
        # Another address is for the run to judge; here it matters whether it can.
        with suppress(Broken):
            probe.expect_staging()
        return told

    by = [*or_cluster(target.settings, "GATE_EXPECTED_ADDRESS"), *given(target.settings, "GATE_RESOLVER")]
    return look("name", by, act, say(
        "Set GATE_EXPECTED_ADDRESS to the staging's public address; with GATE_HOSTS also GATE_RESOLVER=8.8.8.8, "
        "or one of the network where the name is known. Or leave it: only s1.pre.1 stays unproven.",
        "Задайте в GATE_EXPECTED_ADDRESS публичный адрес staging; при GATE_HOSTS — ещё и GATE_RESOLVER=8.8.8.8 "
        "или резолвер той сети, где имя известно. Или оставьте так: не доказана останется только s1.pre.1.",
    ))  # fmt: skip


def outside(target: Target) -> Finding:
    """Whether ports can be judged from here."""

    def act() -> str:
        ports = World(target, spoken(), 0, print).ports
        ports.expect_view_from_outside()
        told = say("ports can be judged from here", "порты отсюда можно судить")
        lost = ports.unmapped([*target.settings["GATE_CLOSED_PORTS"], *INNER_PORTS, *CLUSTER_PORTS])
        return f"{told}. {lost}" if lost else told

    return look("outside", given(target.settings, "GATE_OUTSIDE"), act, say(
        "Run the gate from another network; if this one is outside after all: GATE_OUTSIDE=yes.",
        "Запустите гейт из другой сети; если эта всё-таки внешняя: GATE_OUTSIDE=yes.",
    ))  # fmt: skip


def gateway(target: Target) -> Finding:
    """The gateway's health, from inside."""

    def act() -> str:
        seen = target.gateway.request("GET", "/healthz", headers={"Accept": "*/*"})
        if seen.status != 200:
            raise Closed(seen.brief())
        return say(f"alive, {milliseconds(seen.seconds)}", f"жив, {milliseconds(seen.seconds)}")

    return look("gateway", or_cluster(target.settings, "GATE_GATEWAY_URL"), act, _by_hand(
        target.settings, "GATE_GATEWAY_URL=http://127.0.0.1:8080", "port-forward svc/codex-k8s 8080:80"
    ))  # fmt: skip


def database(target: Target) -> Finding:
    """The tables of the contract, and the rights on them."""
    where = say("user, password, name", "пользователь, пароль, имя")
    step = _by_hand(
        target.settings,
        "GATE_DATABASE_URL=postgresql://…@127.0.0.1:5432/…",
        f"port-forward postgres-0 5432 ({where}: secret {POSTGRES_SECRET})",
    )

    def act() -> str:
        try:
            return tables.examined(target.database, target.read_only) + _password_newline(target)
        except NotProven as failure:
            raise Closed(str(failure), step + _password_newline(target)) from None

    return look("database", or_cluster(target.settings, "GATE_DATABASE_URL"), act, step)


def _password_newline(target: Target) -> str:
    if target.settings["GATE_DATABASE_URL"]:
        return ""
    with suppress(NotProven):
        return _newline(target.cluster.secret(POSTGRES_SECRET), POSTGRES_PASSWORD, "GATE_DATABASE_URL")
    return ""


def _newline(secret: Mapping[str, str], key: str, setting: str) -> str:
    """A value that `echo x | base64` made has a newline that perhaps nobody meant; all its bytes are used."""
    if not secret.get(key, "").endswith("\n"):
        return ""
    return say(
        f"; {key} ends with a newline: if that is a slip, {setting} overrides it",
        f"; {key} кончается переводом строки: если это случайность, его заменит {setting}",
    )


def cluster(target: Target) -> Finding:
    """The namespace: its deployments, Jobs, pods and secret can be read."""
    settings = target.settings
    by = given(settings, "GATE_KUBE_CONTEXT", "GATE_KUBECONFIG", "GATE_NAMESPACE")
    space, context = settings["GATE_NAMESPACE"], settings["GATE_KUBE_CONTEXT"]
    contexts = _contexts(settings)
    if context not in contexts and (context or not settings["GATE_KUBECONFIG"]):
        step = _name_one_of(contexts)
    else:
        # Secrets by their names, which is all that deploy/rights.yaml gives.
        kubectl = f"kubectl {_context(settings)}-n {space} get"
        command = f"{kubectl} deployments,jobs,pods && {kubectl} secret {RUNTIME_SECRET}"
        step = say(f"This must work first: {command}", f"Сначала должно работать: {command}")
        if not settings["GATE_JUMP"]:
            step += say(
                "; from a jump host only: GATE_JUMP=user@host", "; только с jump-хоста: GATE_JUMP=user@host"
            )
    return look("cluster", by, lambda: _cluster(target), step)


def _cluster(target: Target) -> str:
    door = target.cluster
    space = door.namespace
    found: Any = door.ask(f"deployment {DEPLOYMENT}", door.apps().read_namespaced_deployment, DEPLOYMENT, space)
    if found is None:
        raise Closed(
            say(f"there is no deployment {DEPLOYMENT} in {space}", f"в {space} нет deployment {DEPLOYMENT}"),
            say("Set GATE_NAMESPACE to the staging's namespace.", "Задайте в GATE_NAMESPACE namespace staging."),
        )
    if told := mixture(target):
        raise Closed(told, _name_one_of(_contexts(target.settings)))
    door.ask("jobs", door.batch().list_namespaced_job, space, limit=1)
    pods = len(door.pods())
    door.secret(RUNTIME_SECRET)
    return say(f"namespace {space}, {pods} pods", f"namespace {space}, подов: {pods}")


def _contexts(settings: Settings) -> list[str]:
    """The contexts that the kubeconfig knows, for whoever must name one."""
    import yaml
    from kubernetes import config

    path = settings["GATE_KUBECONFIG"]
    try:
        contexts, _ = config.list_kube_config_contexts(str(path) if path else None)  # type: ignore[no-untyped-call]
    except (config.ConfigException, OSError, TypeError, yaml.YAMLError):
        return []
    return [str(one["name"]) for one in contexts]


def _name_one_of(contexts: list[str]) -> str:
    if not contexts:
        return say(
            "GATE_KUBE_CONTEXT=NAME; no kubeconfig is here, so GATE_KUBECONFIG=FILE as well.",
            "GATE_KUBE_CONTEXT=ИМЯ; kubeconfig здесь нет: ещё и GATE_KUBECONFIG=ФАЙЛ.",
        )
    names = ", ".join(contexts)
    return say(f"GATE_KUBE_CONTEXT=NAME; known here: {names}.", f"GATE_KUBE_CONTEXT=ИМЯ; здесь известны: {names}.")


def secret(target: Target) -> Finding:
    """What signs deliveries."""
    return _fact(target, "secret", "GATE_WEBHOOK_SECRET")


def learning_default(target: Target) -> Finding:
    """The server's learning default."""
    return _fact(target, "default", "GATE_LEARNING_MODE_DEFAULT")


def _fact(target: Target, door: str, setting: str) -> Finding:
    def act() -> str:
        value = target.fact(setting)
        if not BY_NAME[setting].secret:
            return value
        read = {} if target.settings[setting] else target.runtime_secret
        return say("known", "известен") + _newline(read, RUNTIME_KEYS[setting], setting)

    command = f"get secret {RUNTIME_SECRET} -o jsonpath='{{.data.{RUNTIME_KEYS[setting]}}}' | base64 -d"
    return look(
        door, or_cluster(target.settings, setting), act, _by_hand(target.settings, f"{setting}=…", command)
    )


def _context(settings: Settings) -> str:
    context = settings["GATE_KUBE_CONTEXT"]
    return f"--context {context} " if context else ""


def _by_hand(settings: Settings, setting: str, command: str) -> str:
    """With the cluster it would be found; else by which setting, and where its value comes from."""
    kubectl = f"kubectl {_context(settings)}-n {settings['GATE_NAMESPACE']} {command}"
    if given(settings, "GATE_KUBE_CONTEXT", "GATE_KUBECONFIG"):
        return say(
            f"Mend the way to the cluster, or give by hand {setting}, from: {kubectl}",
            f"Почините доступ к кластеру или задайте вручную {setting}, значение: {kubectl}",
        )
    return say(
        f"Give the cluster (GATE_KUBE_CONTEXT), or by hand {setting}, from: {kubectl}",
        f"Дайте кластер (GATE_KUBE_CONTEXT) или вручную {setting}, значение: {kubectl}",
    )
