"""Learning mode: how it is decided, what it leaves behind, and who may read that (contract 2, 4, 6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from gate import evidence, run_rules
from gate.capabilities.role_cast import owner_staff
from gate.capabilities.webhook import recorded
from gate.doors.http import Exchange
from gate.doors.records import Feedback, Run
from gate.doors.webhook import Delivery, made_up_id, new_delivery, without, without_repository
from gate.errors import NotProven
from gate.language import Text, ensure, say
from gate.learning_cast import (
    Cast,
    Casting,
    Home,
    allowed,
    email_of,
    id_of,
    join,
    override_learning,
    server_default,
    set_default,
)
from gate.run_limits import lone_projects
from gate.run_stories import TRIES, Stories, another_lines_matter, draw, drawn
from gate.waiting import never, until
from gate.watching import ENDED, Watched, derived_project

if TYPE_CHECKING:
    from gate.world import World

NOBODY = "nobody-of-the-gate"
# Nobody's either, but much like a member's: a comparison of anything but whole logins takes it for theirs. By
# (attached, default) of the repository; to LIKE of SQL the underscore is any letter.
LIKE_A_MEMBERS: Mapping[tuple[bool, bool], Callable[[str], str]] = {
    (True, True): lambda login: login[:-1],
    (True, False): lambda login: login.replace("-", "_"),
    (False, True): lambda login: f"{login}-2",
    (False, False): lambda login: login[:-1],
}
# Attached or not, and the project's default; what comes of the last is sent by a member who has learning on.
FOUR = ((True, True), (True, False), (False, True), (False, False))
NAMED = """
SELECT r.external_id FROM learning_feedback f JOIN repositories r ON r.id = f.repository_id
WHERE f.run_id = %s::uuid
"""
ELSEWHERE = """
SELECT p.slug, m.learning_mode_override FROM project_members m
JOIN projects p ON p.id = m.project_id JOIN users u ON u.id = m.user_id
WHERE p.id <> %s::uuid AND lower(u.github_login) = lower(%s)
    AND m.learning_mode_override IS NOT NULL
ORDER BY p.slug
"""
LOCKED = "SELECT id FROM agent_runs WHERE correlation_id = %s FOR UPDATE"
SWITCHED_ON = "UPDATE agent_runs SET learning_mode = true WHERE correlation_id = %s AND status = 'pending'"
PLAIN = re.compile(r"[\w.:-]+")


class LearningMode:
    """What one scenario delivers, and which learning mode and feedback come of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._stories = Stories(world)
        self._home: Home | None = None
        self._place: tuple[bool, bool] | None = None
        self._override = "none"
        self._sender = ""
        self._delivery: Delivery | None = None
        self._answer: Exchange | None = None
        self._refused = False
        self.watched: list[Watched] = []

    # --- who and where

    @property
    def cast(self) -> Cast:
        """The projects and people, made once in a language."""
        return self._stories.cast("learning-cast", Casting(self._world).make)

    @property
    def home(self) -> Home:
        """The repository that this scenario is about."""
        if self._home is None:
            raise NotProven(say("No repository was chosen.", "Репозиторий не выбран."), "suite")
        return self._home

    def choose_home(self, attached: bool, default: bool) -> None:
        """A repository whose project has this default."""
        self._place = (attached, default)
        self._home = self.cast.homes[self._place]

    def choose_override(self, override: str) -> None:
        """A member with this override."""
        self._override = override

    def choose_unknown_home(self) -> None:
        """A repository of which there is no project."""
        name = f"{self._world.mark}/unheard-of"
        self._home = Home(derived_project(name), name, made_up_id())

    def sender(self, who: str) -> str:
        """The GitHub login of a sender: a member, somebody unknown, or a member of another project only."""
        if who == "unknown" and self._place is None:
            return NOBODY
        if who == "outsider" and self._place is not None:
            # Their override elsewhere would turn the outcome around, if it counted here.
            return self.cast.outsiders[not self._place[1]]
        login = self.cast.members[self._override]
        if who == "unknown" and self._place is not None:
            return LIKE_A_MEMBERS[self._place](login)
        return login.swapcase() if who == "other case" else login

    # --- acts

    def deliver(self, who: str) -> None:
        """An event of the repository, sent by `who`."""
        self._sender = self.sender(who)
        self._delivery = self._event(self.home, self._sender)
        self._answer = self._target.webhook.deliver(self._delivery)

    def deliver_homeless(self) -> None:
        """An event that names no repository; probe W17 leaves it to the build whether such are taken."""
        event = new_delivery(self._world.mark, "push", sender=NOBODY)
        self._sender, self._delivery = NOBODY, without_repository(event)
        self._home = Home(lone_projects(str(event.id))[0], "", 0)
        self._send_odd(
            say("This build takes no event without a repository.", "Событий без репозитория сборка не берёт.")
        )

    def _send_odd(self, refused: str) -> None:
        assert self._delivery is not None
        self._answer = self._target.webhook.send(self._delivery)
        self._refused = self._answer.status == 400
        if self._refused:
            evidence.weaker(f"{refused}\n{self._answer.told()}")

    def switch(self, override: bool | None) -> None:
        """A platform admin sets the override of the member without one; it is taken back after the scenario."""
        user_id = self.cast.user_ids[self.cast.members["none"]]
        self._world.add_cleanup(override_learning, self._world, self.home.project_id, user_id, None)
        override_learning(self._world, self.home.project_id, user_id, override)

    def make_admin(self) -> None:
        """The member without an override of their own, whom `switch` gives one; taken back after the scenario."""
        email = email_of(self.cast.members["none"])
        self._world.add_cleanup(allowed, self._world, email, False)
        allowed(self._world, email, True)

    def expel(self) -> None:
        """The same member is taken out of the project by the owner; put back after the scenario."""
        project, user_id = self.home.project_id, self.cast.user_ids[self.cast.members["none"]]
        # Before `switch` takes the override back: it can do so of a member only.
        self._world.add_cleanup(join, self._world, project, user_id)
        answer = owner_staff(self._world).remove_member(project, user_id)
        ensure(
            answer.status == 204,
            f"The owner could not take a member out of the project.\n{answer.told()}",
            f"Владельцу не удалось исключить участника из проекта.\n{answer.told()}",
        )

    def have_nameless_member(self) -> None:
        """One of whom no GitHub login is on record has an override; it is taken back after the scenario."""
        email = email_of(f"{self._world.mark}-nameless")
        allowed(self._world, email, False)
        user_id = id_of(self._target.database, email)
        join(self._world, self.home.project_id, user_id)
        self._world.add_cleanup(override_learning, self._world, self.home.project_id, user_id, None)
        override_learning(self._world, self.home.project_id, user_id, True)

    def deliver_nameless(self) -> None:
        """An event of the repository that names nobody who sent it."""
        self._sender, self._delivery = "", without("sender", self._event(self.home, NOBODY))
        self._send_odd(
            say("This build takes no event without a sender.", "Событий без отправителя сборка не берёт.")
        )

    def change_default(self, default: bool) -> None:
        """The project's default, where it stands (contract 4); it is put back after the scenario."""
        before = next(before for (_, before), home in self.cast.homes.items() if home == self.home)
        self._world.add_cleanup(set_default, self._target.database, self.home.project_id, before)
        set_default(self._target.database, self.home.project_id, default)

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
            self.deliver_homeless()
            if self._refused:
                return
            assert self._delivery is not None
            delivery = str(self._delivery.id)
            switched = self._target.database.execute(SWITCHED_ON, delivery)
            run = self._target.database.run_of(delivery)
            if switched or (run and run.learning_mode):
                break
        else:
            raise _too_quick()
        self.watched = [self._ended(delivery)]

    def watch_all(self) -> None:
        """Runs of repositories attached and not, with learning on and off by default, one of them overridden."""
        self._watch(slice(0, None))

    def deliver_held(self) -> None:
        """A member's event; the override is taken back while the run is locked: workers skip such (contract 4)."""
        database = self._target.database
        for _ in range(TRIES):
            self.deliver("member")
            assert self._delivery is not None
            delivery = str(self._delivery.id)
            with database.holding(LOCKED, delivery):
                run = database.run_of(delivery)
                if run and run.status == "pending":
                    self.switch(None)
                    break
        else:
            raise _too_quick()
        self._ended(delivery)

    def _ended(self, delivery: str) -> Watched:
        """The run of a delivery of the chosen repository, watched to its end."""
        watched = Watched(self._target, self.home.project_id, self.home.full_name)
        watched.add(delivery)
        with another_lines_matter():
            drawn(watched, watched.until_ended)
        return watched

    def deliver_again(self) -> None:
        """The same event under the same delivery id once more."""
        assert self._delivery is not None
        answer = self._target.webhook.send(self._delivery)
        ensure(
            answer.status == 200,
            f"The replay was not taken for one.\n{answer.told()}",
            f"Повтор не принят за повтор.\n{answer.told()}",
        )

    def _watch(self, which: slice) -> None:
        with another_lines_matter():
            self.watched = self._stories.kept("learning-four", self._four)[which]
        for watched in self.watched:
            draw(watched)

    def watch_failing(self) -> None:
        """A run with learning mode that loses its Job."""
        new = partial(self._new_run, self.cast.homes[True, True])
        with another_lines_matter():
            self.watched = [self._stories.kept("learning-failing", partial(self._stories.job_loss, new))]
        self._expect_failed()

    def watch_at_once(self) -> None:
        """Two runs with learning mode of one repository, which both came in before either ended."""
        home = self.cast.homes[True, True]

        def both() -> Watched:
            watched, delivery = self._new_run(home, 0)
            self._stories.deliver(watched, delivery, self._event(home, self.cast.members["on"]))
            watched.until_ended()
            return watched

        with another_lines_matter():
            self.watched = [self._stories.kept("learning-at-once", both)]
        draw(self.watched[0])

    def watch_failing_job(self) -> None:
        """The same, and its Job fails, where the cluster lets the gate make it fail."""
        new = partial(self._new_run, self.cast.homes[True, True])
        with another_lines_matter():
            story = self._stories.kept("learning-job-failure", partial(self._stories.job_failure, new))
        if story is None:
            evidence.weaker(say("No Job could be made to fail here.", "Заставить Job упасть здесь не удалось."))
            return
        self.watched = [story]
        self._expect_failed()

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

    def expect_mode(self, wanted: bool) -> None:
        """The run has this learning mode; an event that this build may refuse, and did, has no run."""
        if self._refused:
            return
        delivery = self._delivery
        assert delivery is not None
        run = recorded(self._target, delivery, self._answer)
        about = delivery.repository or "-"
        ensure(
            run.learning_mode is wanted,
            f"Run {run.id} of {about}, sent by {self._sender or '-'}, has learning mode "
            f"{run.learning_mode}, wanted {wanted}.\n{self._facts()}",
            f"У запуска {run.id} ({about}, отправитель {self._sender or '-'}) режим обучения "
            f"{run.learning_mode}, а нужен {wanted}.\n{self._facts()}",
        )

    def expect_server_default(self) -> None:
        """The run has the server's default; where that is off, a build that knows no other is not told from it."""
        self.expect_mode(server_default(self._target))

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
        for (_, default), home in self.cast.homes.items():
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
            watched, delivery = self._new_run(self.cast.homes[kind], 0)
            self._stories.deliver(watched, delivery)
            began.append(watched)
        for watched in began:
            watched.until_ended()
        return began

    def _new_run(self, home: Home, _: int) -> tuple[Watched, Delivery]:
        """Default and override agree but in the last: how the mode is decided is another line's matter."""
        watched = Watched(self._target, home.project_id, home.full_name, with_jobs=True)
        learning = home != self.cast.homes[True, False]
        return watched, self._event(home, self.cast.members["on" if learning else "off"])

    def _event(self, home: Home, sender: str) -> Delivery:
        # The mode is that of every event: what is decided for one type of them only is seen by two.
        attached = home in (self.cast.homes[True, True], self.cast.homes[True, False])
        event = new_delivery(
            self._world.mark,
            "pull_request" if attached else "push",
            repository=home.full_name,
            repository_id=home.repository_id,
            sender=sender,
        )
        if not attached:
            return event
        # Whose pull request it is does not count, only who sends the event (contract 4).
        author = self.cast.members["off" if sender.lower() == self.cast.members["on"].lower() else "on"]
        return event.with_payload(pull_request={"number": 1, "user": {"id": 1, "login": author}})

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

    def _facts(self) -> str:
        """What the mode is decided over, as the database has it."""
        rows = self._target.database.query(
            "SELECT p.slug, p.settings->'learning_mode_default' AS project_default, u.github_login,"
            " m.learning_mode_override FROM projects p LEFT JOIN project_members m ON m.project_id = p.id"
            " LEFT JOIN users u ON u.id = m.user_id WHERE p.id = %s::uuid ORDER BY u.github_login",
            str(self.home.project_id),
        )
        told = "\n".join(map(str, rows)) or say("There is no such project.", "Такого проекта нет.")
        others = self._target.database.query(ELSEWHERE, str(self.home.project_id), self._sender)
        if others:
            where = say("The sender's overrides in other projects:", "Настройки отправителя в других проектах:")
            told += "\n".join(["", where, *map(str, others)])
        return told


def _too_quick() -> NotProven:
    return NotProven(say("The worker was always quicker.", "Worker каждый раз успевал раньше."), "staging")
