"""What the staff API lets one do, and the least that one must be for it (contract 2, the column “who”)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from gate.capabilities import role_answers
from gate.capabilities.role_cast import (
    ADMIN,
    GUEST,
    LEAD,
    LEAVER,
    OTHER_ADMIN,
    OUTSIDER,
    OWNER,
    READER,
    WRITER,
    RoleCast,
)
from gate.doors.http import Exchange
from gate.doors.staff import Staff

Ask = Callable[[Staff, RoleCast, str], Exchange]
ORDER = ("nobody", OUTSIDER, READER, WRITER, LEAD, ADMIN, OWNER)
PLATFORM_ADMIN, PLATFORM_OWNER = "platform admin required", "platform owner required"
NO_ONE = "no one"


@dataclass(frozen=True)
class Effect:
    """What a granted act must have done: the row that it is about, and how that is now; None: gone."""

    what: str
    which: str
    how: str | None
    # Behind the first word, which is the role, stands what the act has no business with.
    first_word_only: bool = False


def _member(who: str, how: str | None, first_word_only: bool = False) -> Callable[[RoleCast], Effect]:
    return lambda cast: Effect("member", f"{cast.slug} {cast.email(who)}", how, first_word_only)


_guest = partial(_member, GUEST)


def _person(who: str) -> Callable[[RoleCast], Effect]:
    return lambda cast: Effect("user", cast.email(who), None)


@dataclass(frozen=True)
class Act:
    """One thing to do. `least` is who may do it and everybody above; `granted` is what those do in its place.

    `only_past_the_door`: whoever may do it is not refused for who they are, whatever else is wrong with it.
    """

    least: str
    ask: Ask
    granted: Ask | None = None
    # The same by an id in capitals, which is the same id (RFC 9562) as far as a build takes it for one at all.
    in_capitals: Ask | None = None
    only_past_the_door: bool = False
    # The first S1 builds lack it.
    may_be_absent: bool = False
    # Without one nothing may change.
    effect: Callable[[RoleCast], Effect] | None = None
    # Admins are let in and refused this one: in which words, the contract leaves open.
    admins_told_anyhow: bool = False
    # What is seen by it: the fields that are the same for everybody, and the ids of what must be there.
    fields: tuple[str, ...] = ()
    shows: Callable[[RoleCast], set[str]] = lambda _: set()

    def may(self, person: str) -> bool:
        """Whether this person may do it."""
        return self.least != NO_ONE and ORDER.index(person) >= ORDER.index(self.least)

    def messages(self, person: str) -> tuple[str, ...]:
        """What a refusal says; none: the contract leaves its words open. Who is no admin may hear either."""
        if person == ADMIN and self.least == OWNER:
            return () if self.admins_told_anyhow else (PLATFORM_OWNER,)
        return {ADMIN: (PLATFORM_ADMIN,), OWNER: (PLATFORM_OWNER, PLATFORM_ADMIN)}.get(self.least, ())


def _attach(staff: Staff, cast: RoleCast, person: str) -> Exchange:
    """A repository that nobody has, with a token that nobody gave: GitHub refuses it to whoever may ask."""
    owner, name = cast.unknown_repository.split("/")
    return staff.attach_repository(cast.project, owner, name, cast.unknown_token)


def _detach(staff: Staff, cast: RoleCast, person: str) -> Exchange:
    """The repository of the project."""
    return staff.detach_repository(cast.project, cast.repository)


def _detach_none(staff: Staff, cast: RoleCast, person: str) -> Exchange:
    """A repository that is not attached, so that none is lost."""
    return staff.detach_repository(cast.project, "00000000-0000-4000-8000-000000000000")


def _promote_oneself(staff: Staff, cast: RoleCast, person: str) -> Exchange:
    return staff.add_member(cast.project, cast.user_ids[person], "admin")


def _welcome_guest(staff: Staff, cast: RoleCast, person: str) -> Exchange:
    return staff.add_member(cast.project, cast.user_ids[GUEST], "read")


def _invite(staff: Staff, cast: RoleCast, person: str) -> Exchange:
    body = {"email": cast.email(GUEST), "role": "admin"}
    return staff.call("POST", f"/projects/{cast.project}/members", body)


def _leave(staff: Staff, cast: RoleCast, person: str) -> Exchange:
    """Whoever has no role there tries it all the same: it is not theirs to try."""
    return staff.remove_member(cast.project, cast.user_ids[person])


def _expel(staff: Staff, cast: RoleCast, person: str) -> Exchange:
    """Somebody who has a role in another project as well, which they keep."""
    return _leave(staff, cast, GUEST)


def _expel_for_good(staff: Staff, cast: RoleCast, person: str) -> Exchange:
    """Somebody whose only role it is: they are still allowed to come in (contract 2: that list is another)."""
    return _leave(staff, cast, READER)


def _switch_learning(staff: Staff, cast: RoleCast, person: str) -> Exchange:
    return staff.set_learning_mode(cast.project, cast.user_ids[GUEST], True)


ACTS: Mapping[str, Act] = {
    "see a project": Act(
        READER,
        lambda staff, cast, _: staff.get(f"/projects/{cast.project}"),
        fields=role_answers.PROJECT,
        shows=lambda cast: {str(cast.project)},
    ),
    "see its repositories": Act(
        READER,
        lambda staff, cast, _: staff.repositories(cast.project),
        fields=role_answers.REPOSITORIES,
        shows=lambda cast: {str(cast.repository)},
    ),
    "attach a repository": Act(WRITER, _attach, only_past_the_door=True),
    "detach a repository": Act(WRITER, _detach, _detach_none, only_past_the_door=True),
    "see its members": Act(ADMIN, lambda staff, cast, _: staff.get(f"/projects/{cast.project}/members")),
    "give somebody a role": Act(ADMIN, _promote_oneself, _welcome_guest, effect=_guest("read( .*)?", True)),
    "set a member's learning": Act(ADMIN, _switch_learning, effect=_guest(".* t")),
    "set their own learning": Act(
        ADMIN,
        lambda staff, cast, person: staff.set_learning_mode(cast.project, cast.user_ids[person], True),
        _switch_learning,
        effect=_guest(".* t"),
    ),
    "rename a project": Act(
        ADMIN,
        lambda staff, cast, _: staff.create_project(cast.slug, f"Taken {cast.mark}"),
        effect=lambda cast: Effect("project", str(cast.project), f"{cast.slug} Taken {cast.mark}"),
    ),
    "see who is allowed": Act(ADMIN, lambda staff, cast, _: staff.users()),
    "allow somebody": Act(
        ADMIN,
        lambda staff, cast, _: staff.allow(cast.newcomer, admin=True),
        effect=lambda cast: Effect("user", cast.newcomer, "true"),
    ),
    "take somebody off the list": Act(
        ADMIN, lambda staff, cast, _: staff.remove_user(cast.user_ids[LEAVER]), effect=_person(LEAVER)
    ),
    "take themselves off the list": Act(
        NO_ONE,
        lambda staff, cast, person: staff.remove_user(cast.user_ids[person]),
        in_capitals=lambda staff, cast, person: staff.remove_user(str(cast.user_ids[person]).upper()),
    ),
    "take an admin off the list": Act(
        OWNER,
        lambda staff, cast, _: staff.remove_user(cast.user_ids[OTHER_ADMIN]),
        effect=_person(OTHER_ADMIN),
        admins_told_anyhow=True,
    ),
    "give a role by e-mail": Act(OWNER, _invite, effect=_guest("admin( .*)?", True)),
    "take a role away": Act(OWNER, _expel, _expel_for_good, effect=_member(READER, None)),
    # How it ends for an owner who has no role there the contract does not say: they take somebody else's.
    "take their own role away": Act(OWNER, _leave, _expel, effect=_guest(None)),
    "delete a project": Act(
        OWNER,
        lambda staff, cast, _: staff.delete_project(cast.project),
        lambda staff, cast, _: staff.delete_project(cast.doomed),
        may_be_absent=True,
        effect=lambda cast: Effect("project", str(cast.doomed), None),
    ),
}
IN_RUSSIAN: Mapping[str, str] = {
    "видеть проект": "see a project",
    "видеть его репозитории": "see its repositories",
    "подключать репозиторий": "attach a repository",
    "отключать репозиторий": "detach a repository",
    "видеть участников": "see its members",
    "давать роль": "give somebody a role",
    "менять обучение участника": "set a member's learning",
    "менять собственное обучение": "set their own learning",
    "переименовывать проект": "rename a project",
    "видеть, кому разрешён вход": "see who is allowed",
    "разрешать вход": "allow somebody",
    "убирать из списка": "take somebody off the list",
    "убирать из списка себя": "take themselves off the list",
    "убирать из списка администратора": "take an admin off the list",
    "давать роль по email": "give a role by e-mail",
    "отнимать роль": "take a role away",
    "отнимать собственную роль": "take their own role away",
    "удалять проект": "delete a project",
}
ACT_WORDS: Mapping[str, Act] = {**ACTS, **{ru: ACTS[en] for ru, en in IN_RUSSIAN.items()}}
