"""What the cluster is told about who needs a session: rules of ingresses, flags of the proxy (contract 1, 2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from gate import evidence
from gate.capabilities.boundary import JSON, PAGE, USERS, WEBHOOK, Boundary, Probe, Seen
from gate.capabilities.boundary_exposure import OWN_WORDS
from gate.capabilities.boundary_verdict import gives_away
from gate.doors.http import Exchange
from gate.doors.outward import Outward
from gate.doors.raw import Ask
from gate.errors import Broken
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.world import World

PUBLIC = WEBHOOK.rpartition("/")[0]
# What needs no session by the contract, has a scenario of its own, or is cert-manager's for a minute.
_OTHERS = (PUBLIC, "/oauth2", "/ping", "/ready", "/robots.txt", "/__vite_ws", "/.well-known/acme-challenge")
OPENERS = ("trusted-ip", "skip-jwt-bearer-tokens", "skip-auth-preflight", "htpasswd-file")
# Contract 2: the proxy runs without it.
BEHIND_ANOTHER = "reverse-proxy"
# Where a path that is a pattern stops being plain text.
_PATTERN = re.compile(r"[(\[{*+?^$|\\].*", re.DOTALL)
_GROUP = re.compile(r"\([^()]*\)")


class Rules(Boundary):
    """The paths and hosts that an ingress leads past the proxy, and the paths that the proxy lets pass."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._elsewhere: list[Seen] = []

    def ask_every_path(self, owner: str) -> None:
        """Ask for each without a session, as a browser and in the owner's name; for the front page in any case."""
        named = {_PATTERN.sub("", path) or "/" for path in self._outward.paths_past_proxy(self._target.domain)}
        paths = sorted({"/", *named})
        evidence.note(say("Paths of the ingress: ", "Пути ingress: ") + ", ".join(paths))
        for path in paths:
            if not any(f"{path}/".startswith(f"{other}/") for other in _OTHERS):
                below = f"{path.rstrip('/')}/{self._world.mark}"
                self.send(_probe(target, owner) for target in dict.fromkeys([path, below]))
                self.send(Probe(f"GET {target}", Ask("GET", target, (PAGE,))) for target in (path, below))
        # Whoever says the name that the proxy was told must not be let everywhere for it (probe E12).
        self.send(_probe(USERS, owner, ("User-Agent", agent)) for agent in self._outward.ping_agents())
        for name, past in self._outward.names_past_proxy(self._target.domain).items():
            plain = dict.fromkeys([USERS, *(_PATTERN.sub("", path) or "/" for path in past)])
            self._ask_under(name, [_probe(path, owner) for path in plain])

    def _ask_under(self, name: str, probes: Iterable[Probe]) -> None:
        """The staging's address, asked for another host, in TLS and in the request."""
        for probe in probes:
            asked = Probe(f"{probe.name}, Host: {name}", replace(probe.ask, host=name))
            try:
                answer = self._target.raw.ask(asked.ask, server_name=name)
            except Broken as refused:
                # An edge that ends the handshake for a name it does not serve is as closed as can be.
                evidence.note(f"{asked.name}: {refused}")
            else:
                self._elsewhere.append(Seen(asked, answer))

    def expect_closed(self) -> None:
        """Every path was stopped at the sign-in; under another host nothing of the platform answers."""
        super().expect_closed()
        if self._elsewhere:
            self.seen = self._elsewhere
            self.expect(
                _why_ours,
                "A rule of the ingress leads another host to the platform, past the sign-in.",
                "Правило ingress ведёт другой узел на платформу мимо входа.",
            )

    def expect_one_pattern(self) -> None:
        """The proxy's flags let nothing pass but the webhook path; flags that are not to be seen are noted."""
        self._expect_nobody_let_in()
        told = self._outward.skip_patterns()
        if told is None:
            evidence.weaker(
                say("The proxy's flags are not to be seen.", "Флаги oauth2-proxy отсюда не видны."),
            )
            return
        more = [pattern for pattern in told if not _is_public(pattern)]
        ensure(
            not more,
            f"The proxy lets more pass without a session than {PUBLIC}/: {', '.join(more)}",
            f"Прокси пропускает без входа не только {PUBLIC}/: {', '.join(more)}",
        )

    def _expect_nobody_let_in(self) -> None:
        """Some flags let in whom the gate cannot be: at another address, or with a token of somebody else's."""
        openers = self._outward.proxy_flags(*OPENERS)
        ensure(
            not openers,
            f"The proxy is told to let in who has no session: {', '.join(openers)}",
            f"Прокси велено впускать тех, у кого нет сессии: {', '.join(openers)}",
        )
        if self._outward.proxy_flags(BEHIND_ANOTHER):
            evidence.residual_risk(
                say(
                    f"The proxy runs with {BEHIND_ANOTHER}: it believes what is forwarded of addresses and paths.",
                    f"Прокси запущен с {BEHIND_ANOTHER}: он верит тому, что переслано об адресах и путях.",
                )
            )

    @cached_property
    def _outward(self) -> Outward:
        return Outward(self._target.cluster)


def _probe(target: str, owner: str, *more: tuple[str, str]) -> Probe:
    lines = (JSON, ("X-Auth-Request-Email", owner), ("X-Forwarded-Email", owner), *more)
    said = "".join(f" + {name}: {value}" for name, value in more)
    return Probe(f"GET {target} + X-Auth-Request-Email{said}", Ask("GET", target, lines))


def _why_ours(exchange: Exchange) -> str:
    """Another host may have a door of its own; that it has none, only the platform's own words tell."""
    if any(word in exchange.text for word in OWN_WORDS):
        return say("the platform's API answers", "отвечает API платформы")
    return gives_away(exchange)


def _is_public(pattern: str) -> bool:
    """Whether every alternative of a pattern, its method left aside, begins with the webhook path."""
    plain = re.sub(r"^[A-Z]+!?=", "", pattern.strip()).strip("^$")
    if plain.startswith("(") and plain.endswith(")"):
        plain = plain[1:-1].removeprefix("?:")
    while (shorter := _GROUP.sub("", plain)) != plain:
        plain = shorter
    return all(part.lstrip("^").replace("\\", "").startswith(f"{PUBLIC}/") for part in plain.split("|"))
