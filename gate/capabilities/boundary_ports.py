"""Ports as a stranger on the internet meets them: open, refused, silent - or not to be judged from here."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from gate import evidence
from gate.capabilities.boundary import ME, Probe, Seen, told
from gate.capabilities.boundary_exposure import OWN_WORDS
from gate.capabilities.boundary_verdict import shows_page
from gate.doors.http import Exchange, mapped
from gate.doors.outward import Outward
from gate.doors.ports import Answer, Port, try_port
from gate.doors.raw import Ask
from gate.doors.ways import place
from gate.errors import Broken, NotProven
from gate.language import ensure, say
from gate.target import HTTPS_PORT

if TYPE_CHECKING:
    from gate.world import World

CLOSED_WITHIN_SECONDS = 3.0
OPEN_WITHIN_SECONDS = 10.0
# What GitHub's host listens on too: refused at both, it is our own network that lets nothing out there.
SSH = 22
# TEST-NET-1 (RFC 5737): no machine has it, so that whatever accepts connections to it stands in between.
NOBODY = "192.0.2.1"
# A cluster of many may take hundreds of ports; a firewall takes more at once for an attack.
MOST_AT_ONCE = 32
# Closed by contract 1.
CLOSED_PORTS = (6443, 5000, 10250, 10254, 8443)
# Ports of the platform's own parts, which must not be reached past the edge (probe E26).
INNER_PORTS = (8080, 4180, 5173)
EDGE_PORTS = (80, HTTPS_PORT)
# What a cluster's own parts listen on beside that: etcd, kubelet, proxy, controllers, exporter.
CLUSTER_PORTS = (2379, 2380, 10255, 10256, 10257, 10259, 9100)


def _resolves(name: str) -> bool:
    try:
        return bool(socket.getaddrinfo(name, None))
    except OSError:
        return False


class Ports:
    """The ports of the staging's public address."""

    def __init__(self, world: World) -> None:
        self._target = world.target
        self._settings = world.target.settings
        self._domain = world.target.domain
        self._tried: list[Port] = []
        self._left_out = False
        # What answered where a Service has an address of its own.
        self._elsewhere: list[Seen] = []

    # --- acts

    def expect_view_from_outside(self) -> None:
        """The gate stands outside the staging's network, or says that it cannot judge."""
        said = self._settings["GATE_OUTSIDE"]
        if self._settings["GATE_PROXY"]:
            said = "no"  # a port that is tried past the proxy says nothing of those who need none
        reason = self._inside() if said == "auto" else "GATE_OUTSIDE=no, GATE_PROXY" if said == "no" else ""
        if reason:
            raise NotProven(
                say(
                    f"Ports cannot be judged from here, run the gate from outside: {reason}.",
                    f"Порты отсюда судить нельзя, запустите проверку снаружи: {reason}.",
                ),
                "not-configured",
            )

    def try_ports(self, ports: Sequence[int], within_seconds: float) -> None:
        """Connect to each port once, many at the same time."""
        evidence.used("edge")
        with ThreadPoolExecutor(max(1, min(len(ports), MOST_AT_ONCE))) as pool:
            self._tried = list(pool.map(lambda port: self._try(port, within_seconds), ports))
        evidence.note("\n".join(map(str, self._tried)))

    def try_open(self) -> None:
        """The ports that must be open."""
        edge = {HTTPS_PORT: self._target.port}
        self.try_ports([edge.get(port, port) for port in self._settings["GATE_OPEN_PORTS"]], OPEN_WITHIN_SECONDS)

    def try_closed(self) -> None:
        """The ports that must be closed."""
        ports = [port for port in self._settings["GATE_CLOSED_PORTS"] if port != self._target.port]
        if left := [port for port in CLOSED_PORTS if port not in (*ports, self._target.port)]:
            told = ", ".join(map(str, left))
            evidence.weaker(
                say(
                    f"GATE_CLOSED_PORTS leaves out what must be closed by contract 1: {told}.",
                    f"В GATE_CLOSED_PORTS нет портов, закрытых по контракту 1: {told}.",
                )
            )
        self.try_ports(ports, CLOSED_WITHIN_SECONDS)

    def try_inner(self) -> None:
        """The ports of the platform's parts."""
        self._try_known(INNER_PORTS)

    def try_of_machines(self) -> None:
        """The ports that the cluster takes on its machines: for Services and pods, and for its own parts."""
        try:
            outward = Outward(self._target.cluster)
            taken = outward.machine_ports()
            self._ask_elsewhere(outward.other_addresses())
        except NotProven as reason:
            evidence.weaker(str(reason))
            taken = {}
        evidence.note("\n".join(f"{number}: {whose}" for number, whose in taken.items()))
        others = {*taken, *CLUSTER_PORTS} - {*self._settings["GATE_OPEN_PORTS"], self._target.port}
        self._try_known(sorted(others))

    def _ask_elsewhere(self, places: Mapping[tuple[str, int], str]) -> None:
        """Ask there as somebody would who found it; the edge's own address is asked by many others."""
        for (address, port), whose in places.items():
            host = f"[{address}]" if ":" in address else address
            base = f"{'https' if port == HTTPS_PORT else 'http'}://{host}:{port}"
            probe = Probe(f"{whose}, {base}", Ask("GET", ME, (("Accept", "*/*"),)))
            with suppress(Broken, NotProven):  # nobody there is what should be
                if not self._is_edge(address, port):
                    door = self._target.raw_to(base, "gateway")
                    answer = door.ask(probe.ask, server_name=address, seconds=CLOSED_WITHIN_SECONDS)
                    self._elsewhere.append(Seen(probe, answer))

    def _is_edge(self, address: str, port: int) -> bool:
        edge = mapped(self._settings["GATE_HOSTS"], self._domain, HTTPS_PORT)[0]
        return port in EDGE_PORTS and address in (self._domain, *_addresses(edge))

    def _try_known(self, ports: Sequence[int]) -> None:
        """Those that contract 1 does not name, as far as their place is known: less makes the proof weaker."""
        if lost := self._lost(ports):
            evidence.weaker(self._told_lost(lost))
            self._left_out = True
        self.try_ports([port for port in ports if port not in lost], CLOSED_WITHIN_SECONDS)

    # --- checks

    def expect_open(self) -> None:
        """Each port accepts connections; one that keeps silent may be open to others, which is not proven here."""
        unclear = [port for port in self._tried if self._is_unclear(port)]
        closed = [port for port in self._tried if port.answer is not Answer.OPEN and port not in unclear]
        rejected = [port for port in closed if self._is_rejected_here(port)]
        self._expect_usual_place(closed)
        wrong = [port for port in closed if port not in rejected]
        self._broken_if(wrong, "A port that must be open is not", "Порт, который должен быть открыт, закрыт")
        if rejected:
            raise NotProven(
                say(
                    f"Your own network rejects port {SSH}, at {self._github} as well: try from another one.",
                    f"Порт {SSH} закрыт в вашей собственной сети, и у {self._github} тоже: попробуйте из другой.",
                )
            )
        if unclear or not self._tried:
            told = "; ".join(map(str, unclear)) or say("no ports", "портов нет")
            raise NotProven(
                say(
                    f"Whether it is open cannot be seen from here, try from another network: {told}",
                    f"Открыт ли он, отсюда не видно, попробуйте из другой сети: {told}",
                ),
                "staging",
            )

    def _expect_usual_place(self, closed: Sequence[Port]) -> None:
        """Contract 1 speaks of an edge at 443; where it is elsewhere the others may be, too."""
        elsewhere = [port for port in closed if port.number != self._target.port]
        if self._target.port == HTTPS_PORT or not elsewhere:
            return
        told, own = "; ".join(map(str, elsewhere)), self._target.port
        raise NotProven(
            say(
                f"GATE_DOMAIN names port {own}; where the other ports of this staging are is not known: {told}. "
                "Write those that must be open into GATE_OPEN_PORTS, or where they are into GATE_HOSTS.",
                f"GATE_DOMAIN называет порт {own}; где остальные порты этого staging, неизвестно: {told}. "
                "Напишите в GATE_OPEN_PORTS те, что должны быть открыты, или в GATE_HOSTS, где они.",
            )
        )

    def _is_unclear(self, port: Port) -> bool:
        """Silence may be a firewall's, near the gate or for admins only; the edge's own port has none."""
        if port.answer is Answer.SILENT:
            return port.number != self._target.port
        return port.answer is Answer.UNREACHABLE

    def _is_rejected_here(self, port: Port) -> bool:
        """Whether GitHub, where this port is open, seems to refuse it or keep silent too."""
        if (port.number, port.answer) != (SSH, Answer.REFUSED):
            return False
        real = mapped(self._settings["GATE_HOSTS"], self._github, SSH)
        control = try_port(SSH, *real, OPEN_WITHIN_SECONDS)
        evidence.note(str(control))
        return control.answer in (Answer.REFUSED, Answer.SILENT)

    def expect_closed(self) -> None:
        """Each port refuses or keeps silent; one that cannot be tried is not proven."""
        self._expect_nothing_elsewhere()
        opened = [port for port in self._tried if port.answer is Answer.OPEN]
        anywhere = self._open_anywhere(opened)
        wrong = [port for port in opened if port.number not in anywhere]
        self._broken_if(wrong, "A port that must be closed answers", "Порт, который должен быть закрыт, отвечает")
        if anywhere:
            told = "; ".join(map(str, anywhere.values()))
            raise NotProven(
                say(
                    "Something between here and the staging accepts every connection (VPN, proxy client), run "
                    f"without it: {told}",
                    "Что-то между этой машиной и staging принимает любые соединения (VPN, прокси-клиент), "
                    f"запустите без него: {told}",
                )
            )
        self._tell_silence()
        self._tell_untried()
        untried = [port for port in self._tried if port.answer is Answer.UNREACHABLE]
        if untried or not (self._tried or self._left_out):
            told = "; ".join(map(str, untried)) or say("no ports", "портов нет")
            more = self.unmapped([port.number for port in self._tried])
            raise NotProven(f"{told}\n{more}".strip(), "staging")

    def _expect_nothing_elsewhere(self) -> None:
        ours = [(one, one.exchange.brief()) for one in self._elsewhere if _is_the_platforms(one.exchange)]
        ensure(
            not ours,
            f"The platform answers past its edge, at an address of a Service's own.\n{told(ours)}",
            f"Платформа отвечает мимо своего входа, по собственному адресу Service.\n{told(ours)}",
        )

    def _lost(self, ports: Sequence[int]) -> list[int]:
        """Of which nobody says where they are, while GATE_HOSTS says it of others of the domain."""
        hosts = self._settings["GATE_HOSTS"]
        if not any(name == self._domain for name, _ in hosts) or _resolves(self._domain):
            return []
        return [port for port in ports if mapped(hosts, self._domain, port)[0] == self._domain]

    def unmapped(self, ports: Sequence[int]) -> str:
        """What to do about such ports; "" where there are none."""
        lost = self._lost(ports)
        return self._told_lost(lost) if lost else ""

    def _told_lost(self, lost: Sequence[int]) -> str:
        told = ", ".join(map(str, lost))
        return say(
            f"Where ports {told} of {self._domain} are, GATE_HOSTS does not say: add {self._domain}=address.",
            f"Где порты {told} у {self._domain}, GATE_HOSTS не говорит: добавьте {self._domain}=адрес.",
        )

    def _open_anywhere(self, opened: Sequence[Port]) -> dict[int, Port]:
        """Those that are open where nobody is: a VPN's or a proxy's client may accept what leads nowhere."""
        numbers = [port.number for port in opened]
        with ThreadPoolExecutor(max(1, len(numbers))) as pool:
            tried = list(pool.map(lambda port: try_port(port, NOBODY, port, CLOSED_WITHIN_SECONDS), numbers))
        return {port.number: port for port in tried if port.answer is Answer.OPEN}

    def _tell_silence(self) -> None:
        """Silence may be the staging's firewall or one on our own way out, which nobody can tell from here."""
        silent = ", ".join(str(port.number) for port in self._tried if port.answer is Answer.SILENT)
        if silent:
            evidence.residual_risk(
                say(
                    f"Ports {silent} gave no answer: closed, unless a firewall near the gate swallowed it all.",
                    f"Порты {silent} не ответили: закрыты, если только вопрос не съел файрвол рядом с проверкой.",
                )
            )

    def _tell_untried(self) -> None:
        """An address of the other family may have another firewall before it."""
        addresses = ", ".join(dict.fromkeys(address for port in self._tried for address in port.untried))
        if addresses:
            evidence.weaker(
                say(
                    f"The ports of {addresses} were not tried: this machine has no way to such addresses.",
                    f"Порты {addresses} не проверены: у этой машины нет пути к таким адресам.",
                )
            )

    def _broken_if(self, wrong: Sequence[Port], en: str, ru: str) -> None:
        if wrong:
            every = "\n".join(f"  {port}" for port in self._tried)
            raise Broken(f"{say(en, ru)}: {', '.join(map(str, wrong))}.\n{every}")

    # --- helpers

    @property
    def _github(self) -> str:
        return place(self._settings["GATE_GITHUB_URL"])[0]

    def _try(self, port: int, within_seconds: float) -> Port:
        return try_port(port, *mapped(self._settings["GATE_HOSTS"], self._domain, port), within_seconds)

    def _inside(self) -> str:
        """Why the gate seems to stand inside the staging's network, or "".

        A port that GATE_HOSTS maps one by one is somebody's own view of the outside and is judged as such; a whole
        name that is mapped, or resolves, to a private address is a view from inside.
        """
        ports = (*self._settings["GATE_OPEN_PORTS"], *self._settings["GATE_CLOSED_PORTS"])
        hosts = self._settings["GATE_HOSTS"]
        if all((self._domain.lower(), port) in hosts for port in ports):
            return ""
        if os.environ.get("KUBERNETES_SERVICE_HOST"):
            return say("the gate runs in a pod", "проверка запущена в поде")
        host = mapped(hosts, self._domain, 443)[0]
        private = [address for address in _addresses(host) if _is_private(address) or _is_ours(address)]
        if not private:
            return ""
        return say(f"{self._domain} is {private[0]} from here", f"{self._domain} отсюда — это {private[0]}")


def _is_the_platforms(exchange: Exchange) -> bool:
    return any(word in exchange.text for word in OWN_WORDS) or shows_page(exchange)


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as failure:
        raise NotProven(
            say(f"{host} does not resolve: {failure}", f"{host} не резолвится: {failure}"), "staging"
        ) from None
    return sorted({str(entry[4][0]) for entry in found})


def _is_private(address: str) -> bool:
    return not ipaddress.ip_address(address.partition("%")[0]).is_global


def _is_ours(address: str) -> bool:
    """Whether this very machine has the address: then the staging's firewall is behind us, not before us."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
