"""What must hold of watched runs (contract 4): pure judges over the record, nothing is asked or done here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from gate.doors.jobs import Job
from gate.doors.records import Event, Project, Run
from gate.language import ensure, say
from gate.watching import ENDED, Look, Watched

# `created_at` is written by the gateway or the database, `started_at` by the worker: their clocks may differ.
CLOCKS_APART = timedelta(seconds=90)
# No two zones are nearer to each other, and no clock of a server is that wrong.
ZONES_APART = timedelta(minutes=15)
# A time is taken a little before what it tells of can be seen.
COMMIT_TAKES = timedelta(milliseconds=200)
SLOTS = 2
# A shorter wait than this says nothing about the length of a lease.
WAITED_SECONDS = 0.6
STARTED = "run.started"
ENDINGS = ("run.succeeded", "run.failed", "run.canceled")
RUN_ID, PROJECT_ID, NAME = "codexk8s.io/run-id", "codexk8s.io/project-id", "app.kubernetes.io/name"


def statuses(watched: Watched, run: Run, end: str) -> None:
    """Pending, running, then the end; nothing left out, nothing else, never back."""
    seen, wanted = watched.statuses(run), ["pending", "running", end]
    went, should = " → ".join(seen), " → ".join(wanted)
    missed = [status for status in wanted[:2] if status not in seen and _between_looks(watched, run, status)]
    ensure(
        seen == [status for status in wanted if status not in missed],
        f"The run went {went}, wanted {should}.\n{watched.told()}",
        f"Запуск прошёл {went}, а нужно {should}.\n{watched.told()}",
    )


def _between_looks(watched: Watched, run: Run, status: str) -> bool:
    """Whether a status can have come and gone between two looks: its own times say that it was that short."""
    after = watched.first_of(run, "running", *ENDED) if status == "pending" else watched.first_of(run, *ENDED)
    then = after.run(run.correlation_id) if after else None
    if after is None or then is None:
        return False
    # As they were then: a start that was written once more tells nothing of how the first came about.
    times = {"pending": (then.created_at, then.started_at), "running": (then.started_at, then.finished_at)}
    begin, end = times[status]
    if begin is None or end is None:
        return False
    gap = timedelta(seconds=after.gap) + COMMIT_TAKES
    # The worker's clock may be another than the database's, by which it came between the one look and the next.
    if status == "pending" and begin != end and after.at - gap <= begin <= after.at:
        return abs(end - begin) <= gap + CLOCKS_APART and _came_between(watched, run, after)
    # Contract 4: a run is running for one poll or longer; one that never was cannot have been missed.
    least = watched.poll / 2 if status == "running" else timedelta()
    return least < end - begin <= gap


def _came_between(watched: Watched, run: Run, look: Look) -> bool:
    """Whether the look before this one was there, and did not have the run yet."""
    looks = [one for _, one in watched.looks]
    before = looks[: next(number for number, one in enumerate(looks) if one is look)]
    return bool(before) and before[-1].run(run.correlation_id) is None


def times(watched: Watched, run: Run) -> None:
    """Started when it runs, finished when it ended, in this order."""
    shown = f"created {run.created_at}, started {run.started_at}, finished {run.finished_at}"
    for _, look in watched.looks:
        then = look.run(run.correlation_id)
        if then is None:
            continue
        _time_set(then.status, "started_at", then.started_at, then.status in ("running", "succeeded"), shown)
        _time_set(then.status, "finished_at", then.finished_at, then.status in ENDED, shown)
        ensure(
            then.started_at in (None, run.started_at) and then.created_at == run.created_at,
            f"A time of the run that was set changed later: at first created {then.created_at}, started "
            f"{then.started_at}; at last {shown}.",
            f"Уже записанное время запуска потом изменилось: сначала created {then.created_at}, started "
            f"{then.started_at}; в конце {shown}.",
        )
    ensure(
        run.started_at and run.finished_at and run.started_at <= run.finished_at,
        f"The run finished before it was started: {shown}.",
        f"Запуск завершился раньше, чем начался: {shown}.",
    )
    # A run is running for one poll or longer (contract 4), so no clock shows one moment for both.
    ensure(
        run.status != "succeeded" or run.started_at != run.finished_at,
        f"The run is told to have finished in the moment in which it was started: {shown}.",
        f"Запуск завершён в тот же миг, в какой начат: {shown}.",
    )
    ensure(
        run.started_at and run.created_at <= run.started_at + CLOCKS_APART,
        f"The run was started before it was created: {shown}.",
        f"Запуск начался раньше, чем был создан: {shown}.",
    )

    for name in ("created_at", "started_at", "finished_at"):
        within_the_story(watched, f"run {run.id}: {name}", getattr(run, name))


def succeeded(run: Run) -> None:
    """Nothing in a webhook's payload makes a Job fail (contract 4): a run that is left to itself succeeds."""
    ensure(
        run.status == "succeeded",
        f"Nobody touched run {run.id} or its Job, and it is {run.status}; wanted succeeded.",
        f"Запуск {run.id} и его Job никто не трогал, а он {run.status}; нужен succeeded.",
    )


def waited_in_silence(watched: Watched, run: Run, events: list[Event]) -> None:
    """A run that waits for a slot is not started with each look at it, neither written nor told (contract 4.2)."""
    for seconds, look in watched.looks:
        then = look.run(run.correlation_id)
        ensure(
            then is None or then.status != "pending" or then.started_at is None,
            f"At {seconds:.1f} s run {run.id} waited as pending and had begun at {then and then.started_at}.",
            f"На {seconds:.1f} с запуск {run.id} ещё ждал в pending, а начат {then and then.started_at}.",
        )
        ensure(
            then is None or then.created_at == run.created_at,
            f"While run {run.id} waited for a slot its created_at moved: at {seconds:.1f} s "
            f"{then and then.created_at}, at last {run.created_at}; the oldest is to begin first.",
            f"Пока запуск {run.id} ждал слота, его created_at менялся: на {seconds:.1f} с "
            f"{then and then.created_at}, в конце {run.created_at}; первым начинается старший.",
        )
    # That its start is told at all is the matter of another line.
    starts = [event.created_at for event in events if event.event_type == STARTED]
    ensure(
        len(starts) <= 1,
        f"{STARTED} of run {run.id}, which began once, is told {len(starts)} times: {[*map(str, starts)]}.",
        f"{STARTED} запуска {run.id}, начатого один раз, записано не один раз: {[*map(str, starts)]}.",
    )


def end_time(run: Run) -> None:
    """However a run ended, it has the time of that; whether it had begun is left open here."""
    ensure(
        run.finished_at,
        f"Run {run.id} is {run.status} and has no finished_at.",
        f"Запуск {run.id} — {run.status}, но без finished_at.",
    )


def within_the_story(watched: Watched, what: str, moment: datetime | None, until: datetime | None = None) -> None:
    """A time lies within what was watched or `until` then, by any clock; in another zone it is hours away."""
    began, ended = watched.looks[0][1].at, until or watched.last.at
    ensure(
        moment is None or began - ZONES_APART < moment < ended + ZONES_APART,
        f"{what} is {moment}, but all of it happened between {began} and {ended}.",
        f"{what}: {moment}, а всё происходило между {began} и {ended}.",
    )


def _time_set(status: str, name: str, value: object, wanted: bool, shown: str) -> None:
    ensure(
        value or not wanted,
        f"The run was {status} without {name}: {shown}.",
        f"Запуск в статусе {status} без {name}: {shown}.",
    )
    too_early = value and (status == "pending" or (name == "finished_at" and status not in ENDED))
    ensure(
        not too_early,
        f"The run was {status} and had {name} already: {shown}.",
        f"Запуск в статусе {status} уже с {name}: {shown}.",
    )


def project(watched: Watched, run: Run, found: Project | None) -> None:
    """The run's project is the one derived from the repository's name (contract 4.1)."""
    name = watched.full_name.lower()
    ensure(
        run.project_id == watched.project_id,
        f"The run belongs to project {run.project_id}, wanted {watched.project_id}, derived from {name}.",
        f"Запуск в проекте {run.project_id}, а нужен {watched.project_id}, выведенный из {name}.",
    )
    ensure(
        found and found.slug == found.name == name,
        f"The project derived from {name} is recorded as {found}.",
        f"Проект, выведенный из {name}, записан как {found}.",
    )


def told_once(run: Run, events: list[Event], ending: str) -> None:
    """One `run.started` and one ending, the right one, in this order."""
    types = [event.event_type for event in events]
    told = boundaries(types)
    ensure(
        told == [STARTED, ending],
        f"The events of run {run.id} are {types}, wanted once {STARTED}, then once {ending}.",
        f"События запуска {run.id}: {types}, а нужны по одному {STARTED}, затем {ending}.",
    )


def boundaries(types: Sequence[str]) -> list[str]:
    """The events of a start or an end; a build may tell of more in between (the contract names no full list)."""
    return [name for name in types if name == STARTED or name.startswith(ENDINGS)]


def start_told(run: Run, watched: Watched, events: list[Event]) -> None:
    """`run.started` carries the ids of the run, its project and its slot, and the Job's name (contract 4.3)."""
    started = next((event for event in events if event.event_type == STARTED), None)
    ensure(started, f"There is no {STARTED} for {run.id}.", f"Нет события {STARTED} для {run.id}.")
    assert started is not None
    # Without a lease in the run's name, which is the matter of another line, any slot of the project may be told.
    slots = slot_numbers(watched, run) or [slot.slot_no for slot in watched.last.slots]
    told = payload(started).get("slot_no")
    wanted = {
        "run_id": str(run.id),
        "project_id": str(run.project_id),
        "job_name": f"codex-k8s-run-{run.id}",
        "slot_no": str(told) if str(told) in map(str, slots) else str(slots),
    }
    got = {name: str(payload(started).get(name)) for name in wanted}
    ensure(
        got == wanted,
        f"{STARTED} does not tell what happened: it carries {got}, wanted {wanted}.",
        f"{STARTED} говорит не то, что было: в нём {got}, а нужно {wanted}.",
    )


def slot_told(watched: Watched, run: Run, events: list[Event]) -> None:
    """Of several slots `run.started` tells the one that was leased to the run, if any: another line wants one."""
    held = list(map(str, slot_numbers(watched, run)))
    told = [
        str(payload(one)["slot_no"]) for one in events if one.event_type == STARTED and "slot_no" in payload(one)
    ]
    ensure(
        not held or all(number in held for number in told),
        f"{STARTED} of run {run.id} tells slot {told}, and leased to it was {held}.\n{watched.told()}",
        f"{STARTED} запуска {run.id} называет слот {told}, а арендован им был {held}.\n{watched.told()}",
    )


def job(run: Run, found: Job | None, events: list[Event], namespace: str) -> None:
    """The run's Job was in the cluster under its labels, and the event names it (contract 4.3)."""
    ensure(
        found,
        f"No Job codex-k8s-run-{run.id} was in the cluster, not even after the run was {run.status}.",
        f"Job codex-k8s-run-{run.id} в кластере не было, даже когда запуск стал {run.status}.",
    )
    assert found is not None
    wanted = {RUN_ID: str(run.id), PROJECT_ID: str(run.project_id), NAME: "codex-k8s-run"}
    got = {name: found.labels.get(name) for name in wanted}
    ensure(
        got == wanted,
        f"The labels of Job {found.name} are {got}, wanted {wanted}.",
        f"Метки Job {found.name}: {got}, а нужны {wanted}.",
    )
    told = [
        (payload(event).get("job_name"), payload(event).get("job_namespace"))
        for event in events
        if event.event_type == STARTED
    ]
    ensure(
        told == [(found.name, namespace)],
        f"{STARTED} names Job and namespace as {told}, in the cluster they are {(found.name, namespace)}.",
        f"{STARTED} называет Job и namespace {told}, а в кластере {(found.name, namespace)}.",
    )


def one_job(run: Run, jobs: Sequence[Job], *names: str) -> None:
    """Of Jobs that bear the run's id there is no second one, nor, where `names` are given, any of another name."""
    found = sorted(one.name for one in jobs)
    ensure(
        len(found) <= 1 and (not names or {*found} <= {*names}),
        f"Run {run.id} has the Jobs {found} in the cluster, wanted one.",
        f"У запуска {run.id} в кластере Job {found}, а нужен один.",
    )


def payload(event: Event) -> dict[str, Any]:
    """What an event carries; a build that writes something else than an object carries nothing."""
    return event.payload if isinstance(event.payload, dict) else {}


def slot_numbers(watched: Watched, run: Run) -> list[int]:
    """The slots that were ever leased to the run."""
    return sorted({slot.slot_no for _, look in watched.looks for slot in look.held_by(run)})


def own_slot(watched: Watched, run: Run) -> None:
    """While it ran exactly one slot of its project was leased to the run, until a time in the future."""
    for seconds, look in watched.looks:
        then = look.run(run.correlation_id)
        if then and then.status == "running":
            _one_lease(watched, look, then, seconds)
    numbers = slot_numbers(watched, run)
    ensure(
        len(numbers) == 1,
        f"Slots {numbers} were leased to run {run.id}, wanted one.\n{watched.told()}",
        f"Запуску {run.id} выдавали слоты {numbers}, а нужен один.\n{watched.told()}",
    )


def _one_lease(watched: Watched, look: Look, run: Run, seconds: float) -> None:
    held = look.held_by(run)
    good = [slot for slot in held if slot.state == "leased" and slot.project_id == run.project_id]
    shown = "; ".join(map(str, look.slots)) or "-"
    ensure(
        len(held) == len(good) == 1,
        f"At {seconds:.1f} s run {run.id} was running and had {len(good)} leased slots of its project, "
        f"wanted 1: {shown}.\n{watched.told()}",
        f"На {seconds:.1f} с запуск {run.id} выполнялся, а арендованных им слотов проекта {len(good)}, "
        f"нужен 1: {shown}.\n{watched.told()}",
    )
    until = good[0].lease_until
    ensure(
        until and until > look.at,
        f"At {look.at} slot {good[0].slot_no} was leased to the running run {run.id} until {until}: "
        "that is not in the future.",
        f"В {look.at} слот {good[0].slot_no} арендован выполняющимся запуском {run.id} до {until}: "
        "это не в будущем.",
    )


def leases_from_start(watched: Watched) -> None:
    """Who waited longest for a slot was leased it for as long as others: it counts from then (contract 4.2)."""
    leases: dict[str, tuple[float, float]] = {}
    for _, look in watched.looks:
        for run in look.runs:
            for slot in look.held_by(run):
                if run.started_at and slot.lease_until:
                    lasts = (slot.lease_until - run.started_at).total_seconds()
                    leases.setdefault(str(run.id), ((run.started_at - run.created_at).total_seconds(), lasts))
    if not leases:
        return
    (least, usual), (most, last) = min(leases.values()), max(leases.values())
    waited, lost = most - least, usual - last
    ensure(
        # What is lost by chance is not as long as the wait.
        waited < WAITED_SECONDS or not 0.9 < lost / waited < 1.1,
        f"A run that waited {waited:.1f} s longer for its slot was leased it for {lost:.1f} s less: "
        f"the lease does not begin with the run.\n{watched.told()}",
        f"Запуск, ждавший слота на {waited:.1f} с дольше, получил его на {lost:.1f} с меньше: "
        f"аренда отсчитана не от начала запуска.\n{watched.told()}",
    )


def nothing_held_after_end(watched: Watched) -> None:
    """No look ever showed a finished run that still held a slot: both change in one transaction (contract 4.4)."""
    for seconds, look in watched.looks:
        for run in look.runs:
            held = look.held_by(run) if run.status in ENDED else []
            ensure(
                not held,
                f"At {seconds:.1f} s run {run.id} was {run.status} and still held: {'; '.join(map(str, held))}.\n"
                f"{watched.told()}",
                f"На {seconds:.1f} с запуск {run.id} уже {run.status}, но держит: {'; '.join(map(str, held))}.\n"
                f"{watched.told()}",
            )


def all_free(look: Look) -> None:
    """Every slot of the project is free, with no owner and no lease time."""
    ensure(
        look.slots,
        "No slots of the project derived from the repository's name are recorded.",
        "Нет слотов у проекта, выведенного из имени репозитория.",
    )
    taken = [slot for slot in look.slots if slot.state != "free" or slot.lease_owner or slot.lease_until]
    ensure(
        not taken,
        f"After the end not every slot is free with no owner and no lease time: {'; '.join(map(str, taken))}.",
        f"После конца не все слоты свободны, без владельца и срока: {'; '.join(map(str, taken))}.",
    )


def within_slots(watched: Watched) -> None:
    """A slot for each running run, so never more of them than slots, leased only to runs that have not ended."""
    for seconds, look in watched.looks:
        for run in look.runs:
            if run.status == "running":
                _one_lease(watched, look, run, seconds)
        _only_ours(watched, look, seconds)


def _only_ours(watched: Watched, look: Look, seconds: float) -> None:
    alive = {str(run.id) for run in look.runs if run.status not in ENDED}
    strange = [slot for slot in look.slots if slot.state == "leased" and slot.lease_owner not in alive]
    ensure(
        not strange,
        f"At {seconds:.1f} s a slot was leased to none of the runs that had not ended: "
        f"{'; '.join(map(str, strange))}.\n{watched.told()}",
        f"На {seconds:.1f} с слот арендован не тем запуском, который ещё не завершён: "
        f"{'; '.join(map(str, strange))}.\n{watched.told()}",
    )


def some_waited(watched: Watched) -> bool:
    """Whether a run was seen waiting as pending while others ran."""
    return any({"pending", "running"} <= {run.status for run in look.runs} for _, look in watched.looks)


def slots_constant(watched: Watched) -> None:
    """The project has slots 1 and 2, all the time (contract 4.2: k = 2 on staging).

    They are all ensured before one is leased, perhaps one by one: what is seen before any run began is not judged.
    """
    begun = [look for _, look in watched.looks if any(run.status != "pending" for run in look.runs)]
    numbers = [
        tuple(slot.slot_no for slot in look.slots if slot.project_id in {run.project_id for run in look.runs})
        for look in begun
    ]
    seen = set(filter(None, numbers))
    wanted = tuple(range(1, SLOTS + 1))
    ensure(
        seen == {wanted},
        f"The slots of the project are numbered {sorted(seen)}, wanted always {wanted}.\n{watched.told()}",
        f"Номера слотов проекта {sorted(seen)}, а нужны всегда {wanted}.\n{watched.told()}",
    )


def end_of(run: Run) -> str:
    """The end that this run took: where slots are judged, how Jobs end is another line's matter."""
    return "failed" if run.status == "failed" else "succeeded"


def shown(run: Run) -> str:
    """A run in one line."""
    return say(f"run {run.id} ({run.status})", f"запуск {run.id} ({run.status})")
