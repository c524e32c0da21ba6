"""What one scenario lives in: the target, the run's mark, and one object for each capability it touches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gate.language import Language
from gate.target import Target

if TYPE_CHECKING:
    from gate.capabilities.access import StaffAccess
    from gate.capabilities.console import ConsolePages
    from gate.capabilities.deployment import Deployment
    from gate.capabilities.preconditions import Encryption, Name
    from gate.capabilities.webhook import WebhookReceiver
    from gate.capabilities.worker import WorkerLoop
    from gate.console.browser import Browser
    from gate.doors.staff import Staff


@dataclass
class World:
    """The state of one scenario. `add_cleanup(function, *arguments)` runs after it, the last registered first."""

    target: Target
    language: Language
    number: int
    add_cleanup: Callable[..., Any]

    @property
    def mark(self) -> str:
        """What everything made by this scenario carries: the run's mark and the scenario's number."""
        return f"{self.target.mark}-{self.number}"

    @cached_property
    def webhook(self) -> WebhookReceiver:
        """Deliveries and what became of them."""
        from gate.capabilities.webhook import WebhookReceiver

        return WebhookReceiver(self)

    @cached_property
    def name(self) -> Name:
        """The staging's domain in DNS."""
        from gate.capabilities.preconditions import Name

        return Name(self)

    @cached_property
    def encryption(self) -> Encryption:
        """The staging's TLS."""
        from gate.capabilities.preconditions import Encryption

        return Encryption(self)

    @cached_property
    def deployment(self) -> Deployment:
        """The last deploy."""
        from gate.capabilities.deployment import Deployment

        return Deployment(self)

    @cached_property
    def worker(self) -> WorkerLoop:
        """Runs, watched from their delivery to their end."""
        from gate.capabilities.worker import WorkerLoop

        return WorkerLoop(self)

    @cached_property
    def browser(self) -> Browser:
        """Windows of a browser, each in a fresh context."""
        from gate.console.browser import Browser

        return Browser(self.target)

    def as_person(self, person: str) -> Staff:
        """The staff API in the name of admin, member or stranger, who signs in if they have not yet."""
        return self.target.people.staff(person)

    @cached_property
    def access(self) -> StaffAccess:
        """Signing in and out, and who is let in."""
        from gate.capabilities.access import StaffAccess

        return StaffAccess(self)

    @cached_property
    def console(self) -> ConsolePages:
        """The console's basic pages."""
        from gate.capabilities.console import ConsolePages

        return ConsolePages(self)

    def show_failure(self) -> None:
        """Attach what helps to understand a failed step: what the browser shows and logged."""
        if "browser" in self.__dict__:
            self.browser.show_failure()

    def close(self) -> None:
        """Close what this scenario opened."""
        if "browser" in self.__dict__:
            self.browser.close()
