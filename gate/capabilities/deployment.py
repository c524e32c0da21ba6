"""s1.pre.3: the last deploy is green: deployments, their pods, the migrations, the health addresses."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.doors.deploy import DEPLOYMENTS, GATEWAY, WORKER, Container, Deploy, Migration, Rollout
from gate.doors.http import Exchange, Http
from gate.doors.records import shown
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.waiting import Watch

if TYPE_CHECKING:
    from gate.world import World

# Reasons that a container waits for and that do not pass by themselves.
STUCK = (
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
)
# The kubelet waits at most 5 min between restarts, so a loop shows itself within this; a single one is no loop.
LOOP_WITHIN = timedelta(minutes=10)
LOOP_RESTARTS = 3
# The kubelet waits 10 s before the first restart, and then twice as long each time. What has been ready for longer
# than that, as after a deploy whose database came late, has come back.
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 10, 300
LEAST_WELL_SECONDS = 60
# So long a deploy's migrate Job must be there; later its time to live may have taken it away, of which contract 1
# says nothing.
JOB_KEPT_FOR = timedelta(hours=1)
ALIVE = (("/healthz", "alive"), ("/health/livez", "alive"))
READY = (("/readyz", "ok"), ("/health/readyz", "ok"))


class Deployment:
    """What one scenario looks at in the last deploy."""

    def __init__(self, world: World) -> None:
        self._target = world.target
        self._restarts: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self._settle = world.target.settings["GATE_SETTLE_SECONDS"]
        self._deploy: Deploy
        self._gateway: Http
        self._name = ""
        self._migrations: list[Migration] = []
        self._applied: list[dict[str, Any]] = []
        self._rollout: Rollout | None = None
        self._gateway_deployed: Rollout | None = None
        self._containers: list[Container] = []
        self._answers: list[tuple[Exchange, str]] = []

    # --- acts

    def reach_cluster(self) -> None:
        """The cluster answers; without it nothing of a deploy can be judged."""
        self._deploy = Deploy(self._target.cluster)

    def reach_gateway(self) -> None:
        """The gateway has an address inside."""
        self._gateway = self._target.gateway

    def look_at_migrations(self) -> None:
        """The migrate Jobs and the newest row of goose's table."""
        self._migrations = self._deploy.migrations()
        evidence.note("\n".join(map(str, self._migrations)))
        with suppress(NotProven):  # who may see Jobs alone sees less
            self._gateway_deployed = self._deploy.revised(GATEWAY)
        if self._target.database.value("SELECT to_regclass('goose_db_version')::text"):
            self._applied = self._target.database.query(
                "SELECT id, version_id, is_applied, tstamp FROM goose_db_version ORDER BY id DESC LIMIT 1"
            )
        evidence.note(str(self._applied))

    def look_at(self, name: str) -> None:
        """Look at a deployment and at its pods."""
        self._name, self._rollout = name, self._deploy.rollout(name)
        self._containers = self._deploy.containers_of(name)
        evidence.note("\n".join(map(str, self._containers)))

    def watch(self) -> None:
        """Count the restarts of all pods, for as long as a thing that must never happen is watched for."""
        before, watch = self._count_restarts(), Watch[dict[str, int]]()
        while watch.look(self._count_restarts) == before and watch.seconds < self._settle:
            watch.pause()
        self._restarts = before, watch.seen[-1][1]
        evidence.note(watch.told())

    def _count_restarts(self) -> dict[str, int]:
        containers = [container for name in DEPLOYMENTS for container in self._deploy.containers_of(name)]
        return {f"{container.pod}/{container.name}": container.restarts for container in containers}

    def ask_health(self) -> None:
        """Ask the gateway for its health, from inside."""
        for path, word in ALIVE + READY:
            self._answers.append((self._gateway.request("GET", path, headers={"Accept": "*/*"}), word))

    # --- checks

    def expect_rolled_out(self) -> None:
        """All wanted replicas are updated and available at the observed generation."""
        rollout = self._rollout
        self._remember(rollout)
        if rollout is None:
            raise Broken(
                say(f"There is no deployment {self._name}.", f"Развёртывания (deployment) {self._name} нет.")
            )
        if rollout.wanted and not rollout.complete and _is_under_way(rollout):
            raise NotProven(
                say(f"A deploy is under way: {rollout}. Come back when it is done.",
                    f"Идёт deploy: {rollout}. Вернитесь, когда он закончится."), "staging",
            )  # fmt: skip
        ensure(
            rollout.complete,
            f"The deploy of {self._name} is not complete: {rollout}",
            f"Deploy {self._name} не завершён: {rollout}",
        )
        if self._name == WORKER:
            self._tell_half_deploy(rollout)

    def _tell_half_deploy(self, worker: Rollout) -> None:
        """Builds may number their images apart, so that this is a question and no verdict."""
        gateway = self._deploy.rollout(GATEWAY)
        if gateway and _of_two_builds(gateway, worker):
            evidence.residual_risk(
                say(
                    f"{GATEWAY} runs image tag {gateway.tag}, {WORKER} {worker.tag}: half a deploy?",
                    f"У {GATEWAY} тег образа {gateway.tag}, у {WORKER} {worker.tag}: deploy прошёл наполовину?",
                )
            )

    def _remember(self, rollout: Rollout | None) -> None:
        """Whatever needs a deployment that has no pod at work is not judged in its stead."""
        if rollout is not None and rollout.available:
            return self._target.standing.stands(self._name)
        nobody = Text(
            f"deployment {self._name} has no pod at work.", f"у развёртывания {self._name} нет работающих подов."
        )
        return self._target.standing.fell(self._name, nobody)

    def expect_pods_well(self) -> None:
        """No pod waits for ever, none restarts again and again."""
        if not self._containers and self._rollout and self._rollout.available:
            # Pods that are available are there: this cluster does not show them.
            evidence.weaker(
                say(f"The pods of {self._name} are not to be seen.", f"Поды {self._name} отсюда не видны.")
            )
            return
        ensure(self._containers, f"{self._name} has no pods.", f"У {self._name} нет подов.")
        for container in self._containers:
            ensure(
                container.waits_for not in STUCK,
                f"A pod of {self._name} does not start: {container}",
                f"Под {self._name} не запускается: {container}",
            )
            ensure(
                not _loops(container),
                f"A pod of {self._name} restarts in a loop: {container}",
                f"Под {self._name} перезапускается по кругу: {container}",
            )
            if _restarted_often(container):
                evidence.residual_risk(
                    say(
                        f"A pod of {self._name} restarted again and again, and is well now: {container}",
                        f"Под {self._name} несколько раз перезапускался, сейчас работает: {container}",
                    )
                )

    def expect_no_restarts(self) -> None:
        """The restarts did not grow while one watched; a pod that was replaced meanwhile counts anew."""
        before, after = self._restarts
        grown = [
            f"{name}: {count} -> {after[name]}" for name, count in before.items() if after.get(name, 0) > count
        ]
        ensure(
            not grown,
            f"Pods restarted while they were watched: {', '.join(grown)}.",
            f"Поды перезапустились, пока за ними смотрели: {', '.join(grown)}.",
        )

    def expect_migrated(self) -> None:
        """The newest migrate Job is complete; older ones do not matter (contract 1)."""
        if not self._migrations:
            self._allow_for_time_to_live()
        ensure(
            self._migrations,
            "There is no Job codex-k8s-migrate: the last deploy ran no migrations.",
            "Нет Job codex-k8s-migrate: последний deploy не выполнял миграции.",
        )
        newest = self._migrations[0]
        state = say("has failed", "упал") if newest.failed else say("is not complete", "не завершён")
        ensure(
            newest.complete and not newest.failed,
            f"The newest migrate Job {state}: {newest}",
            f"Новейший migrate Job {state}: {newest}",
        )
        self._tell_other_deploy(newest)

    def _tell_other_deploy(self, newest: Migration) -> None:
        """A Job of an earlier deploy looks as good as one of the last; only its age and its image tell."""
        gateway = self._gateway_deployed
        if gateway is None:
            return
        told = []
        if gateway.revised_at and gateway.deployed_at and gateway.deployed_at - newest.created_at > JOB_KEPT_FOR:
            told.append(
                say(f"{GATEWAY} got something new to run at {gateway.deployed_at:%Y-%m-%d %H:%M:%S}Z",
                    f"новое в {GATEWAY} появилось в {gateway.deployed_at:%Y-%m-%d %H:%M:%S}Z")
            )  # fmt: skip
        if _of_two_builds(gateway, newest):
            told.append(
                say(f"its image tag is {newest.tag}, that of {GATEWAY} {gateway.tag}",
                    f"тег его образа {newest.tag}, а у {GATEWAY} {gateway.tag}")
            )  # fmt: skip
        if told:
            evidence.residual_risk(
                say(
                    f"Was the newest migrate Job run by the last deploy? {newest}; {'; '.join(told)}.",
                    f"Новейший migrate Job точно от последнего deploy? {newest}; {'; '.join(told)}.",
                )
            )

    def _allow_for_time_to_live(self) -> None:
        """A deploy of some time ago, complete in everything else, may have lost its Job to the time to live."""
        rollouts = [self._deploy.rollout(name) for name in DEPLOYMENTS]
        complete = all(rollout and rollout.complete for rollout in rollouts)
        # Whoever scales a deployment, or sets something of another, deploys nothing.
        since = self._gateway_deployed.deployed_at if self._gateway_deployed else None
        lately = since is not None and datetime.now(UTC) - since < JOB_KEPT_FOR
        gone = not lately or self._deploy.remembers_migration()
        if complete and gone and self._applied and self._applied[0]["is_applied"]:
            raise NotProven(
                say(
                    "The migrate Job of the last deploy is gone, as by its time to live; everything else of the "
                    "deploy is complete. Come back after the next deploy.",
                    "Migrate Job последнего deploy уже удалён, как по сроку хранения; в остальном deploy "
                    "завершён. Вернитесь после следующего.",
                ),
                "staging",
            )

    def expect_migration_applied(self) -> None:
        """The newest row of goose's table says that it is applied."""
        ensure(
            self._applied,
            "The table goose_db_version is missing or empty: no migration was ever applied.",
            "Таблицы goose_db_version нет или она пуста: миграции не применялись.",
        )
        ensure(
            self._applied[0]["is_applied"],
            f"The newest migration is not applied: {shown(self._applied[0])}",
            f"Новейшая миграция не применена: {shown(self._applied[0])}",
        )

    def expect_healthy(self) -> None:
        """The gateway says that it is alive and ready, at its old and new addresses (contract 2)."""
        for exchange, word in self._answers:
            ensure(
                exchange.status == 200 and exchange.text.strip() == word,
                f"The gateway's health address does not answer 200 '{word}'.\n{exchange.told()}",
                f"Адрес здоровья шлюза не отвечает 200 «{word}».\n{exchange.told()}",
            )


def _is_under_way(rollout: Rollout) -> bool:
    """The cluster itself says that it moves on, and did lately; a roll-out that stands still is red."""
    if not rollout.progress.startswith("Progressing=True") or rollout.progress_at is None:
        return False
    if rollout.progress.endswith("NewReplicaSetAvailable"):
        # That roll-out was over; what is missing now broke afterwards.
        return False
    return datetime.now(UTC) - rollout.progress_at < timedelta(seconds=rollout.deadline_seconds)


def _of_two_builds(one: Rollout, other: Rollout | Migration) -> bool:
    return bool(one.tag and other.tag) and one.tag != other.tag


def _restarted_often(container: Container) -> bool:
    return (
        container.restarts >= LOOP_RESTARTS
        and container.ended_at is not None
        and datetime.now(UTC) - container.ended_at < LOOP_WITHIN
    )


def _loops(container: Container) -> bool:
    return _restarted_often(container) and not _came_back(container)


def _came_back(container: Container) -> bool:
    """It is ready, and runs for longer than the kubelet last waited."""
    if container.well_since is None:
        return False
    last_wait = min(FIRST_WAIT_SECONDS * 2 ** (container.restarts - 1), LONGEST_WAIT_SECONDS)
    least = timedelta(seconds=max(last_wait, LEAST_WELL_SECONDS))
    return datetime.now(UTC) - container.well_since > least
