"""Learning mode: how it is decided when an event comes in (contract 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gate import evidence
from gate.capabilities.role_cast import owner_staff
from gate.capabilities.webhook import recorded
from gate.doors.http import Exchange
from gate.doors.webhook import Delivery, made_up_id, new_delivery, without, without_repository
from gate.errors import NotProven
from gate.language import ensure, say
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
from gate.run_stories import TRIES, Stories, another_lines_matter, drawn
from gate.watching import Watched, derived_project

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
ELSEWHERE = """
SELECT p.slug, m.learning_mode_override FROM project_members m
JOIN projects p ON p.id = m.project_id JOIN users u ON u.id = m.user_id
WHERE p.id <> %s::uuid AND lower(u.github_login) = lower(%s)
    AND m.learning_mode_override IS NOT NULL
ORDER BY p.slug
"""
LOCKED = "SELECT id FROM agent_runs WHERE correlation_id = %s FOR UPDATE"


class LearningMode:
    """What one scenario delivers, and which learning mode comes of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._stories = Stories(world)
        self._home: Home | None = None
        self._place: tuple[bool, bool] | None = None
        self._override = "none"
        self._sender = ""
        self.delivery: Delivery | None = None
        self._answer: Exchange | None = None
        self.refused = False

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
        self.delivery = self.event(self.home, self._sender)
        self._answer = self._target.webhook.deliver(self.delivery)

    def deliver_homeless(self) -> None:
        """An event that names no repository; probe W17 leaves it to the build whether such are taken."""
        event = new_delivery(self._world.mark, "push", sender=NOBODY)
        self._sender, self.delivery = NOBODY, without_repository(event)
        self._home = Home(lone_projects(str(event.id))[0], "", 0)
        self._send_odd(
            say("This build takes no event without a repository.", "Событий без репозитория сборка не берёт.")
        )

    def _send_odd(self, refused: str) -> None:
        assert self.delivery is not None
        self._answer = self._target.webhook.send(self.delivery)
        self.refused = self._answer.status == 400
        if self.refused:
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
        self._sender, self.delivery = "", without("sender", self.event(self.home, NOBODY))
        self._send_odd(
            say("This build takes no event without a sender.", "Событий без отправителя сборка не берёт.")
        )

    def change_default(self, default: bool) -> None:
        """The project's default, where it stands (contract 4); it is put back after the scenario."""
        before = next(before for (_, before), home in self.cast.homes.items() if home == self.home)
        self._world.add_cleanup(set_default, self._target.database, self.home.project_id, before)
        set_default(self._target.database, self.home.project_id, default)

    def deliver_held(self) -> None:
        """A member's event; the override is taken back while the run is locked: workers skip such (contract 4)."""
        database = self._target.database
        for _ in range(TRIES):
            self.deliver("member")
            assert self.delivery is not None
            delivery = str(self.delivery.id)
            with database.holding(LOCKED, delivery):
                run = database.run_of(delivery)
                if run and run.status == "pending":
                    self.switch(None)
                    break
        else:
            raise too_quick()
        self.ended(delivery)

    def ended(self, delivery: str) -> Watched:
        """The run of a delivery of the chosen repository, watched to its end."""
        watched = Watched(self._target, self.home.project_id, self.home.full_name)
        watched.add(delivery)
        with another_lines_matter():
            drawn(watched, watched.until_ended)
        return watched

    def deliver_again(self) -> None:
        """The same event under the same delivery id once more."""
        assert self.delivery is not None
        answer = self._target.webhook.send(self.delivery)
        ensure(
            answer.status == 200,
            f"The replay was not taken for one.\n{answer.told()}",
            f"Повтор не принят за повтор.\n{answer.told()}",
        )

    # --- checks

    def expect_mode(self, wanted: bool) -> None:
        """The run has this learning mode; an event that this build may refuse, and did, has no run."""
        if self.refused:
            return
        delivery = self.delivery
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

    # --- helpers

    def event(self, home: Home, sender: str) -> Delivery:
        """A repository's event; a pull request of one that is attached, a push of one that is not."""
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


def too_quick() -> NotProven:
    """The worker took each run before the gate could do something to it."""
    return NotProven(say("The worker was always quicker.", "Worker каждый раз успевал раньше."), "staging")
