"""What the contract limits about runs (section 4): pure judges over the record, nothing is asked or done here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from uuid import NAMESPACE_DNS, NAMESPACE_OID, NAMESPACE_URL, NAMESPACE_X500, UUID, uuid5

from gate.doors.jobs import Job
from gate.doors.records import Run
from gate.errors import NotProven
from gate.language import ensure, say
from gate.watching import Watched

# Ten minutes from the claim on, or from wherever a build renews it; minutes taken for seconds or hours are seen.
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=5), timedelta(minutes=15)
# Those of RFC 4122; what is likeliest stands first.
NAMESPACES = (NAMESPACE_DNS, NAMESPACE_URL, NAMESPACE_OID, NAMESPACE_X500)
LONGEST_JOB_SECONDS = 15 * 60
KEPT_SECONDS = 10 * 60


def lone_projects(correlation_id: str) -> list[UUID]:
    """What may be the project of a run that came without a repository: contract 4.1 leaves the namespace open."""
    return [uuid5(namespace, f"correlation:{correlation_id}") for namespace in NAMESPACES]


def job_limits(found: Job) -> None:
    """One container of one pod, never retried, 15 minutes at most, kept for 10 minutes after its end.

    A Job that says nothing of the last is removed by whoever made it: contract 4 names no means.
    """
    if not found.containers:
        raise NotProven(say(f"The cluster does not tell what Job {found.name} is made of.",
                            f"Кластер не сообщает, из чего состоит Job {found.name}."), "staging")  # fmt: skip
    wanted: dict[str, object] = {"pods": 1, "containers": 1, "retries": 0, "restarts": "Never"}
    wanted |= {"longest_seconds": LONGEST_JOB_SECONDS}
    if found.kept_seconds is not None:
        wanted |= {"kept_seconds": KEPT_SECONDS}
    got = {name: getattr(found, name) for name in wanted}
    ensure(
        got == wanted,
        f"The limits of Job {found.name} are {got}, wanted {wanted}.",
        f"Ограничения Job {found.name}: {got}, а нужны {wanted}.",
    )


def lease_length(watched: Watched, run: Run) -> None:
    """While it ran its slot was leased for about ten minutes on."""
    for seconds, look in watched.looks:
        then = look.run(run.correlation_id)
        for slot in look.held_by(run) if then and then.status == "running" else ():
            left = slot.lease_until - look.at if slot.lease_until else timedelta()
            ensure(
                SHORTEST_LEASE <= left <= LONGEST_LEASE,
                f"At {seconds:.1f} s the lease of run {run.id} had {left} to go, wanted about 10 minutes: {slot}.",
                f"На {seconds:.1f} с аренде запуска {run.id} оставалось {left}, а нужно около 10 минут: {slot}.",
            )


def began_in_turn(watched: Watched, runs: Sequence[Run], apart: timedelta) -> None:
    """Whoever came first began first; workers side by side may be `apart` from each other."""
    for earlier, later in pairwise(runs):
        ensure(
            earlier.started_at and later.started_at and earlier.started_at <= later.started_at + apart,
            f"Run {earlier.id} came before run {later.id} and began after it: {earlier.started_at}, "
            f"{later.started_at}.\n{watched.told()}",
            f"Запуск {earlier.id} пришёл раньше запуска {later.id}, а начат позже: {earlier.started_at}, "
            f"{later.started_at}.\n{watched.told()}",
        )
