"""What one scenario lives in: the target, the run's mark, and one object for each capability it touches."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.cleaning import withdraw
from gate.doors import again
from gate.errors import Broken, NotProven
from gate.language import Language
from gate.target import Target

if TYPE_CHECKING:
    from gate.capabilities.access import StaffAccess
    from gate.capabilities.aftermath import Aftermath
    from gate.capabilities.at_once import AtOnce
    from gate.capabilities.attached_runs import AttachedRuns
    from gate.capabilities.boundary import Boundary
    from gate.capabilities.boundary_exposure import Exposure
    from gate.capabilities.boundary_gateway import GatewayIdentity
    from gate.capabilities.boundary_identity import Identity
    from gate.capabilities.boundary_ports import Ports
    from gate.capabilities.boundary_receiver import Receiver
    from gate.capabilities.boundary_redirect import Redirects
    from gate.capabilities.boundary_rules import Rules
    from gate.capabilities.boundary_session import Sessions
    from gate.capabilities.burst import Burst
    from gate.capabilities.bystander import Bystander
    from gate.capabilities.console import ConsolePages
    from gate.capabilities.console_more import FurtherPages
    from gate.capabilities.console_visits import ConsoleVisits
    from gate.capabilities.contract_api import ApiForm
    from gate.capabilities.contract_data import DataRules
    from gate.capabilities.deleted_project import DeletedProject
    from gate.capabilities.deployment import Deployment
    from gate.capabilities.every_event import EveryEvent
    from gate.capabilities.held_jobs import HeldJobs
    from gate.capabilities.held_slot import HeldSlot
    from gate.capabilities.homeless_run import HomelessRun
    from gate.capabilities.learning import LearningMode
    from gate.capabilities.learning_feedback import LearningFeedback
    from gate.capabilities.learning_shown import LearningShown
    from gate.capabilities.odd_questions import OddQuestions
    from gate.capabilities.one_job import OneJob
    from gate.capabilities.pace import Pace
    from gate.capabilities.pictures import Pictures
    from gate.capabilities.preconditions import Encryption, Name
    from gate.capabilities.projects import Projects
    from gate.capabilities.redelivery import Redelivery
    from gate.capabilities.refused_repository import RefusedRepository
    from gate.capabilities.repositories import Repositories
    from gate.capabilities.roles import Roles
    from gate.capabilities.second_project import SecondProject
    from gate.capabilities.smoke import Smoke
    from gate.capabilities.taken_job import TakenJob
    from gate.capabilities.taken_over import TakenOver
    from gate.capabilities.told_runs import ToldRun
    from gate.capabilities.turns import Turns
    from gate.capabilities.two_rights import TwoRights
    from gate.capabilities.webhook import WebhookReceiver
    from gate.capabilities.webhook_metrics import WebhookMetrics
    from gate.capabilities.webhook_order import WebhookOrder
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
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

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
    def burst(self) -> Burst:
        """Different deliveries at the same moment."""
        from gate.capabilities.burst import Burst

        return Burst(self)

    @cached_property
    def bystander(self) -> Bystander:
        """An honest delivery behind odd ones."""
        from gate.capabilities.bystander import Bystander

        return Bystander(self)

    @cached_property
    def redelivery(self) -> Redelivery:
        """A delivery that comes again after the end of its run."""
        from gate.capabilities.redelivery import Redelivery

        return Redelivery(self)

    @cached_property
    def webhook_order(self) -> WebhookOrder:
        """The receiver's checks in their order."""
        from gate.capabilities.webhook_order import WebhookOrder

        return WebhookOrder(self)

    @cached_property
    def webhook_metrics(self) -> WebhookMetrics:
        """What the receiver counts and times."""
        from gate.capabilities.webhook_metrics import WebhookMetrics

        return WebhookMetrics(self)

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
    def turns(self) -> Turns:
        """Runs that wait for a slot."""
        from gate.capabilities.turns import Turns

        return Turns(self)

    @cached_property
    def taken_job(self) -> TakenJob:
        """A run whose Job is there before it."""
        from gate.capabilities.taken_job import TakenJob

        return TakenJob(self)

    @cached_property
    def taken_over(self) -> TakenOver:
        """A run that an earlier worker began."""
        from gate.capabilities.taken_over import TakenOver

        return TakenOver(self)

    @cached_property
    def held_jobs(self) -> HeldJobs:
        """A run whose Job is held up."""
        from gate.capabilities.held_jobs import HeldJobs

        return HeldJobs(self)

    @cached_property
    def held_slot(self) -> HeldSlot:
        """A run whose slot is locked while its Job ends."""
        from gate.capabilities.held_slot import HeldSlot

        return HeldSlot(self)

    @cached_property
    def one_job(self) -> OneJob:
        """How many Jobs a run has."""
        from gate.capabilities.one_job import OneJob

        return OneJob(self)

    @cached_property
    def pace(self) -> Pace:
        """How soon the worker sees what happened."""
        from gate.capabilities.pace import Pace

        return Pace(self)

    @cached_property
    def every_event(self) -> EveryEvent:
        """Runs of events of every type."""
        from gate.capabilities.every_event import EveryEvent

        return EveryEvent(self)

    @cached_property
    def deleted_project(self) -> DeletedProject:
        """A derived project that was deleted and comes back."""
        from gate.capabilities.deleted_project import DeletedProject

        return DeletedProject(self)

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

    @cached_property
    def further(self) -> FurtherPages:
        """The console's further pages."""
        from gate.capabilities.console_more import FurtherPages

        return FurtherPages(self)

    @cached_property
    def visits(self) -> ConsoleVisits:
        """Visits to the console that lead over several pages."""
        from gate.capabilities.console_visits import ConsoleVisits

        return ConsoleVisits(self)

    @cached_property
    def api_form(self) -> ApiForm:
        """The form of the staff API."""
        from gate.capabilities.contract_api import ApiForm

        return ApiForm(self)

    @cached_property
    def odd_questions(self) -> OddQuestions:
        """Questions that make little sense."""
        from gate.capabilities.odd_questions import OddQuestions

        return OddQuestions(self)

    @cached_property
    def homeless_run(self) -> HomelessRun:
        """A run that belongs to no project."""
        from gate.capabilities.homeless_run import HomelessRun

        return HomelessRun(self)

    @cached_property
    def at_once(self) -> AtOnce:
        """The same thing asked for several times at once."""
        from gate.capabilities.at_once import AtOnce

        return AtOnce(self)

    @cached_property
    def data_rules(self) -> DataRules:
        """The promises of the tables."""
        from gate.capabilities.contract_data import DataRules

        return DataRules(self)

    @cached_property
    def boundary(self) -> Boundary:
        """Odd requests at the public boundary."""
        from gate.capabilities.boundary import Boundary

        return Boundary(self)

    @cached_property
    def identity(self) -> Identity:
        """Somebody who claims to be the owner."""
        from gate.capabilities.boundary_identity import Identity

        return Identity(self)

    @cached_property
    def gateway_identity(self) -> GatewayIdentity:
        """Identities as the gateway reads them."""
        from gate.capabilities.boundary_gateway import GatewayIdentity

        return GatewayIdentity(self)

    @cached_property
    def sessions(self) -> Sessions:
        """Session cookies, honest and otherwise."""
        from gate.capabilities.boundary_session import Sessions

        return Sessions(self)

    @cached_property
    def redirects(self) -> Redirects:
        """Where signing in and out may lead."""
        from gate.capabilities.boundary_redirect import Redirects

        return Redirects(self)

    @cached_property
    def exposure(self) -> Exposure:
        """What else could be seen from outside."""
        from gate.capabilities.boundary_exposure import Exposure

        return Exposure(self)

    @cached_property
    def rules(self) -> Rules:
        """What the cluster is told about who needs a session."""
        from gate.capabilities.boundary_rules import Rules

        return Rules(self)

    @cached_property
    def ports(self) -> Ports:
        """The ports of the public address."""
        from gate.capabilities.boundary_ports import Ports

        return Ports(self)

    @cached_property
    def receiver(self) -> Receiver:
        """Odd deliveries."""
        from gate.capabilities.boundary_receiver import Receiver

        return Receiver(self)

    @cached_property
    def learning(self) -> LearningMode:
        """Learning mode, and how it is decided."""
        from gate.capabilities.learning import LearningMode

        return LearningMode(self)

    @cached_property
    def feedback(self) -> LearningFeedback:
        """What runs with learning mode leave behind."""
        from gate.capabilities.learning_feedback import LearningFeedback

        return LearningFeedback(self)

    @cached_property
    def learning_shown(self) -> LearningShown:
        """What is shown of learning, and to whom."""
        from gate.capabilities.learning_shown import LearningShown

        return LearningShown(self)

    @cached_property
    def projects(self) -> Projects:
        """Projects that this scenario makes."""
        from gate.capabilities.projects import Projects

        return Projects(self)

    @cached_property
    def refused_repository(self) -> RefusedRepository:
        """A repository that cannot be attached."""
        from gate.capabilities.refused_repository import RefusedRepository

        return RefusedRepository(self)

    @cached_property
    def repositories(self) -> Repositories:
        """Test repositories, their tokens and their webhooks."""
        from gate.capabilities.repositories import Repositories

        return Repositories(self)

    @cached_property
    def second_project(self) -> SecondProject:
        """A repository that is attached to a second project."""
        from gate.capabilities.second_project import SecondProject

        return SecondProject(self)

    @cached_property
    def attached_runs(self) -> AttachedRuns:
        """Runs that an attached repository starts."""
        from gate.capabilities.attached_runs import AttachedRuns

        return AttachedRuns(self)

    @cached_property
    def told_run(self) -> ToldRun:
        """An ended run, and what is told of it to whom."""
        from gate.capabilities.told_runs import ToldRun

        return ToldRun(self)

    @cached_property
    def roles(self) -> Roles:
        """What the staff API lets whom do."""
        from gate.capabilities.roles import Roles

        return Roles(self)

    @cached_property
    def two_rights(self) -> TwoRights:
        """Somebody with two rights at once."""
        from gate.capabilities.two_rights import TwoRights

        return TwoRights(self)

    @cached_property
    def aftermath(self) -> Aftermath:
        """What is left when something was taken back."""
        from gate.capabilities.aftermath import Aftermath

        return Aftermath(self)

    @cached_property
    def smoke(self) -> Smoke:
        """The platform's own smoke script."""
        from gate.capabilities.smoke import Smoke

        return Smoke(self)

    @cached_property
    def pictures(self) -> Pictures:
        """The pictures that the gate document asks for."""
        from gate.capabilities.pictures import Pictures

        return Pictures(self)

    def excuse(self, broken: Broken) -> NotProven | None:
        """Why what just broke is not the platform's; None when it may be."""
        shown = self.browser.excuse() if "browser" in self.__dict__ else None
        found = shown or again.excuse(broken)
        return None if found and self._fell() else found

    def _fell(self) -> bool:
        """Whether a part of the platform ended since the scenario began: who fell was not just away."""
        from gate.cluster_state import came_back

        with suppress(NotProven):
            if fallen := came_back(self.target.cluster, self.began):
                evidence.note("\n".join(fallen))
                return True
        return False

    def show_failure(self) -> None:
        """Attach what helps to understand a failed step: what the browser shows and logged."""
        if "browser" in self.__dict__:
            self.browser.show_failure()

    def close(self) -> None:
        """Close what this scenario opened."""
        if "browser" in self.__dict__:
            self.browser.close()
        delivered = evidence.record().deliveries
        if delivered:
            # Judged already; a staging that others use need not run it. Without the database door it just runs.
            with suppress(NotProven):
                withdraw(self.target, delivered)
