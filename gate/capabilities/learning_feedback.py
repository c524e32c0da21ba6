"""The feedback that runs with learning mode leave behind (contract 4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from gate import evidence, run_rules
from gate.capabilities.learning import too_quick
from gate.doors.records import Feedback, Run
from gate.doors.webhook import Delivery
from gate.errors import NotProven
from gate.language import Text, ensure, say
from gate.learning_cast import Home
from gate.run_stories import TRIES, Stories, another_lines_matter, draw
from gate.waiting import never, until
from gate.watching import ENDED, Watched

if TYPE_CHECKING:
    from gate.world import World

# Attached or not, and the project's default; what comes of the last is sent by a member who has learning on.
FOUR = ((True, True), (True, False), (False, True), (False, False))
NAMED = """
SELECT r.external_id FROM learning_feedback f JOIN repositories r ON r.id = f.repository_id
WHERE f.run_id = %s::uuid
"""
SWITCHED_ON = "UPDATE agent_runs SET learning_mode = true WHERE correlation_id = %s AND status = 'pending'"


class LearningFeedback:
    """Runs with and without learning mode, watched to their ends, and what they leave behind."""

    def __init__(self, world: World) -> None:
        self._target = world.target
        self._mode = world.learning
        self._stories = Stories(world)
        self.watched: list[Watched] = []

    # --- acts

    def watch_two(self) -> None:
        """A run with learning mode and one without, to their ends and a little beyond."""
        self._watch(slice(0, 2))

    def watch_unattached(self) -> None:
        """A run with learning mode of a repository that is attached to nothing: it has no row to name.

        Of the two such runs the one whose project has no learning by default, where that was decided rightly: the
        run's own mode counts (contract 4.5), and how it is decided is another line's matter.
        """
        self._watch(slice(2, None))
        self.watched = [one for one in self.watched if one.run().learning_mode][-1:] or self.watched[:1]

    def watch_homeless(self) -> None:
        """Of an event that names no repository; its learning is switched on while it waits."""
        for _ in range(TRIES):
            self._mode.deliver_homeless()
            if self._mode.refused:
                return
            assert self._mode.delivery is not None
            delivery = str(self._mode.delivery.id)
            switched = self._target.database.execute(SWITCHED_ON, delivery)
            run = self._target.database.run_of(delivery)
            if switched or (run and run.learning_mode):
                break
        else:
            raise too_quick()
        self.watched = [self._mode.ended(delivery)]

    def watch_all(self) -> None:
        """Runs of repositories attached and not, with learning on and off by default, one of them overridden."""
        self._watch(slice(0, None))

    def watch_at_once(self) -> None:
        """Two runs with learning mode of one repository, which both came in before either ended."""
        home = self._mode.cast.homes[True, True]

        def both() -> Watched:
            watched, delivery = self._new_run(home, 0)
            self._stories.deliver(watched, delivery, self._mode.event(home, self._mode.cast.members["on"]))
            watched.until_ended()
            return watched

        with another_lines_matter():
            self.watched = [self._stories.kept("learning-at-once", both)]
        draw(self.watched[0])

    def watch_failing(self) -> None:
        """A run with learning mode that loses its Job."""
        new = partial(self._new_run, self._mode.cast.homes[True, True])
        with another_lines_matter():
            self.watched = [self._stories.kept("learning-failing", partial(self._stories.job_loss, new))]
        self._expect_failed()

    def watch_failing_job(self) -> None:
        """The same, and its Job fails, where the cluster lets the gate make it fail."""
        new = partial(self._new_run, self._mode.cast.homes[True, True])
        with another_lines_matter():
            story = self._stories.kept("learning-job-failure", partial(self._stories.job_failure, new))
        if story is None:
            evidence.weaker(say("No Job could be made to fail here.", "Заставить Job упасть здесь не удалось."))
            return
        self.watched = [story]
        self._expect_failed()

    def _watch(self, which: slice) -> None:
        with another_lines_matter():
            self.watched = self._stories.kept("learning-four", self._four)[which]
        for watched in self.watched:
            draw(watched)

    def _expect_failed(self) -> None:
        draw(self.watched[0])
        run = self.watched[0].run()
        if run.status != "failed":
            raise NotProven(
                say(
                    f"Run {run.id} lost its Job and is {run.status}, see line s1.p0.2.1.",
                    f"Запуск {run.id} лишился Job и стал {run.status}, см. строку s1.p0.2.1.",
                ),
                "platform",
            )

    # --- checks

    def expect_modes_kept(self) -> None:
        """At their ends the runs have the mode that was right when their events came in (contract 4)."""
        wanted = [True, False, True, True]
        got = [watched.run().learning_mode for watched in self.watched]
        ensure(
            got == wanted,
            f"The ended runs of repositories (attached, default) {FOUR} have learning {got}, wanted {wanted}.",
            f"У завершённых запусков репозиториев (подключён, default) {FOUR} обучение {got}, а нужно {wanted}.",
        )

    def expect_defaults_kept(self) -> None:
        """A run is no reason to write its project anew: there is no API that sets a default (contract 4)."""
        for (_, default), home in self._mode.cast.homes.items():
            stored = self._target.database.project_by_id(home.project_id)
            now = stored and stored.settings.get("learning_mode_default")
            ensure(
                now is default,
                f"A run changed the learning default of its project {home.full_name} from {default} to {now}.",
                f"Запуск изменил обучение проекта {home.full_name} по умолчанию: было {default}, стало {now}.",
            )

    def expect_feedback(self) -> None:
        """Inline feedback with an explanation, written after the run ended."""
        if not self.watched:
            return
        watched = self.watched[0]
        run = watched.run()
        self._nothing_before_end(watched)
        found = self.feedback_of(watched)
        never(
            lambda: self._inline(run),
            lambda inline: len(inline) > 1,
            what=Text(
                f"Run {run.id} left more than one row of inline feedback",
                f"Запуск {run.id} оставил больше одной записи inline",
            ),
            during=self._target.settings["GATE_POLL_SECONDS"] + self._target.settings["GATE_SETTLE_SECONDS"],
        )
        now = self._target.database.value("SELECT now()")
        for one in found:
            what = say(f"feedback of run {run.id}", f"обратная связь запуска {run.id}")
            run_rules.within_the_story(watched, what, one.created_at, now)
        good = [one for one in found if one.kind == "inline" and one.explanation.strip() and one.run_id == run.id]
        self._expect_own_repository(run)
        ensure(
            good,
            f"The feedback of run {run.id} has no inline row with an explanation: {found}.",
            f"В обратной связи запуска {run.id} нет записи inline с объяснением: {found}.",
        )

    def expect_feedback_each(self) -> None:
        """Each of the runs has one row of inline feedback (contract 4.5), and none has another's."""
        if not self.watched:
            raise NotProven(say("No run was watched yet.", "Ни один запуск ещё не наблюдали."), "suite")
        runs = self.watched[0].runs
        shown = ", ".join(f"{run.id} ({run.status}, learning mode: {run.learning_mode})" for run in runs)
        in_russian = ", ".join(f"{run.id} ({run.status}, режим обучения: {run.learning_mode})" for run in runs)
        until(
            lambda: {str(run.id): len(self._inline(run)) for run in runs},
            lambda found: set(found.values()) == {1},
            hopeless=lambda found: any(rows > 1 for rows in found.values()),
            what=Text(
                f"one inline feedback for each of the runs {shown}",
                f"по одной записи inline у каждого из запусков {in_russian}",
            ),
            within=self._target.settings["GATE_RUN_SECONDS"],
        )

    def _inline(self, run: Run) -> list[int]:
        """The rows of the kind that contract 4.5 promises; a build may write others beside them."""
        return [one.id for one in self._target.database.feedback_of(run.id) if one.kind == "inline"]

    def _expect_own_repository(self, run: Run) -> None:
        """Whether feedback names a repository is the build's choice; if so, it is the run's."""
        payload = self._target.database.payload_of(run.correlation_id) or {}
        own = (payload.get("repository") or {}).get("id")
        named = [row["external_id"] for row in self._target.database.query(NAMED, str(run.id))]
        ensure(
            all(number == own for number in named),
            f"The feedback of run {run.id}, which is about repository {own}, names {named}.",
            f"Обратная связь запуска {run.id} о репозитории {own} называет {named}.",
        )

    def expect_none_without(self) -> None:
        """Nothing for the run without learning mode, and nothing comes."""
        run = self.watched[1].run()
        never(
            lambda: self._target.database.feedback_of(run.id),
            bool,
            what=Text(
                f"Run {run.id}, which is to have no learning mode (it has: {run.learning_mode}), left feedback",
                f"Запуск {run.id}, без режима обучения (записано: {run.learning_mode}), оставил обратную связь",
            ),
            during=max(self._target.settings["GATE_SETTLE_SECONDS"], self._target.settings["GATE_POLL_SECONDS"]),
        )

    # --- helpers

    def _four(self) -> list[Watched]:
        """All are delivered before one is watched to its end, so that they take the time of one."""
        began = []
        for kind in FOUR:
            watched, delivery = self._new_run(self._mode.cast.homes[kind], 0)
            self._stories.deliver(watched, delivery)
            began.append(watched)
        for watched in began:
            watched.until_ended()
        return began

    def _new_run(self, home: Home, _: int) -> tuple[Watched, Delivery]:
        """Default and override agree but in the last: how the mode is decided is another line's matter."""
        watched = Watched(self._target, home.project_id, home.full_name, with_jobs=True)
        learning = home != self._mode.cast.homes[True, False]
        return watched, self._mode.event(home, self._mode.cast.members["on" if learning else "off"])

    def feedback_of(self, watched: Watched) -> Sequence[Feedback]:
        """The feedback of a run that ended; how much later than the end it comes, contract 4.5 leaves open."""
        run = watched.run()
        return until(
            lambda: self._target.database.feedback_of(run.id),
            bool,
            what=Text(
                f"learning feedback of run {run.id} ({run.status}, learning mode: {run.learning_mode})",
                f"обратная связь обучения запуска {run.id} ({run.status}, режим обучения: {run.learning_mode})",
            ),
            within=self._target.settings["GATE_RUN_SECONDS"],
        )

    @staticmethod
    def _nothing_before_end(watched: Watched) -> None:
        for seconds, look in watched.looks:
            alive = {str(run.id): run.status for run in look.runs if run.status not in ENDED}
            early = [run_id for run_id, _ in look.feedback if run_id in alive]
            ensure(
                not early,
                f"At {seconds:.1f} s run {early} had feedback before its end.\n{watched.told()}",
                f"На {seconds:.1f} с у запуска {early} была обратная связь до его конца.\n{watched.told()}",
            )
