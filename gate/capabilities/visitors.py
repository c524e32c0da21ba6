"""Someone who signed in at GitHub and is not allowed: for real, or as the gateway would see them from inside."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from gate import evidence
from gate.console.console import Console
from gate.doors.http import Http
from gate.doors.staff import Staff, StaffFromInside
from gate.errors import NotProven
from gate.language import say
from gate.people import Session

if TYPE_CHECKING:
    from gate.world import World


class Visitor(Protocol):
    """What a person can do who stands at the platform's door."""

    @property
    def staff(self) -> Staff:
        """The API in their name."""

    def console(self) -> Console:
        """The console in their browser, not opened yet."""


class BySession:
    """Somebody with a session of oauth2-proxy, over the edge."""

    def __init__(self, world: World, session: Session) -> None:
        self._world = world
        self._session = session

    @property
    def staff(self) -> Staff:
        """The API over the edge, with their cookies."""
        return Staff(self._world.target.edge, self._session.cookies)

    def console(self) -> Console:
        """The console over the edge, in a window that has their session."""
        return self._world.browser.open(self._session.name, self._world.language)


class FromInside:
    """Without a second account: the gateway is told from inside what oauth2-proxy would tell it of a stranger.

    That proves what the gateway does with someone who is not allowed, and not that they get that far.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._email = f"{world.mark}@nobody.invalid"
        self._headers = {
            "X-Auth-Request-Email": self._email,
            "X-Auth-Request-User": world.mark,
            "X-Forwarded-Email": self._email,
            "X-Forwarded-User": world.mark,
        }
        evidence.weaker(
            say(
                "No stranger is configured (GATE_STRANGER_LOGIN): the refusal was proven at the gateway, "
                "from inside.",
                "Посторонний не настроен (GATE_STRANGER_LOGIN): отказ доказан у самого шлюза, изнутри.",
            )
        )

    @cached_property
    def staff(self) -> Staff:
        """The gateway's API, with the headers of a sign-in; they have been there before, as people have."""
        staff = StaffFromInside(self._gateway, self._headers)
        # A gateway that writes down whom it refuses lets them in the next time.
        staff.me()
        return staff

    def console(self) -> Console:
        """The console that the gateway serves, in a window that sends the same headers."""
        browser, language = self._world.browser, self._world.language
        evidence.used("gateway")
        return Console(browser.window(language, None, self._gateway.base, self._headers), language)

    @cached_property
    def _gateway(self) -> Http:
        try:
            return self._world.target.gateway
        except NotProven as reason:
            raise NotProven(
                say(
                    "Nobody can sign in as a stranger: set GATE_STRANGER_LOGIN and GATE_STRANGER_PASSWORD, or "
                    f"give access to the gateway from inside (GATE_GATEWAY_URL or a kube context). {reason}",
                    "Некому войти как посторонний: задайте GATE_STRANGER_LOGIN и GATE_STRANGER_PASSWORD или "
                    f"дайте доступ к шлюзу изнутри (GATE_GATEWAY_URL или контекст кластера). {reason}",
                ),
                reason.category,
            ) from None
