"""What the cluster is told about who needs a session: rules of ingresses, flags of the proxy (contract 1, 2)."""

from __future__ import annotations

import re
from functools import cached_property

from gate import evidence
from gate.capabilities.boundary import JSON, PAGE, WEBHOOK, Boundary, Probe
from gate.doors.outward import Outward
from gate.doors.raw import Ask
from gate.language import ensure, say

PUBLIC = WEBHOOK.rpartition("/")[0]
# What needs no session by the contract, has a scenario of its own, or is cert-manager's for a minute.
_OTHERS = (PUBLIC, "/oauth2", "/ping", "/ready", "/robots.txt", "/__vite_ws", "/.well-known/acme-challenge")
# Where a path that is a pattern stops being plain text.
_PATTERN = re.compile(r"[(\[{*+?^$|\\].*", re.DOTALL)
_GROUP = re.compile(r"\([^()]*\)")


class Rules(Boundary):
    """The paths that an ingress leads past the proxy, and those that the proxy lets pass."""

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

    def expect_one_pattern(self) -> None:
        """The proxy's flags let nothing pass but the webhook path; flags that are not to be seen are noted."""
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

    @cached_property
    def _outward(self) -> Outward:
        return Outward(self._target.cluster)


def _probe(target: str, owner: str) -> Probe:
    lines = (JSON, ("X-Auth-Request-Email", owner), ("X-Forwarded-Email", owner))
    return Probe(f"GET {target} + X-Auth-Request-Email", Ask("GET", target, lines))


def _is_public(pattern: str) -> bool:
    """Whether every alternative of a pattern, its method left aside, begins with the webhook path."""
    plain = re.sub(r"^[A-Z]+!?=", "", pattern.strip()).strip("^$")
    if plain.startswith("(") and plain.endswith(")"):
        plain = plain[1:-1].removeprefix("?:")
    while (shorter := _GROUP.sub("", plain)) != plain:
        plain = shorter
    return all(part.lstrip("^").replace("\\", "").startswith(f"{PUBLIC}/") for part in plain.split("|"))
