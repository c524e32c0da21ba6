"""Questions of which the contract does not say how they end, but what they may not do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate import evidence
from gate.capabilities.role_cast import ADMIN, NOBODY, RoleCast, staff_of
from gate.doors.http import Exchange
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.world import World

# No project has it, and no number of a database holds it.
NO_ID, NO_NUMBER = "not-an-id", "99999999999999999999"
ROLE = "SELECT role::text FROM project_members WHERE project_id = %s::uuid AND user_id::text = %s"
TAKE_BACK = "DELETE FROM project_members WHERE project_id = %s::uuid AND user_id::text = %s"


class OddQuestions:
    """A platform admin asks them at the gateway."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._answers: list[Exchange] = []

    @property
    def _cast(self) -> RoleCast:
        return self._world.roles.cast

    # --- acts

    def set_learning_of_nobody(self) -> None:
        """Of somebody who has no role in the project."""
        project, user = self._cast.project, self._cast.user_ids[NOBODY]
        self._world.add_cleanup(self._world.target.database.execute, TAKE_BACK, str(project), str(user))
        self._answers = [staff_of(self._world, self._cast, ADMIN).set_learning_mode(project, user, True)]

    def ask_malformed(self) -> None:
        """A project by a word, and lists as long as no number says."""
        staff = staff_of(self._world, self._cast, ADMIN)
        self._answers = [staff.get(f"/projects/{NO_ID}")]
        self._answers += [staff.get(f"/{name}?limit={NO_NUMBER}") for name in ("projects", "runs", "users")]

    # --- checks

    def expect_no_member(self) -> None:
        """Roles are given by POST (contract 2); whether this is refused or passed over is the build's choice."""
        self._tell_crashes()
        role = self._world.target.database.value(ROLE, str(self._cast.project), str(self._cast.user_ids[NOBODY]))
        ensure(
            role is None,
            f"A setting of learning gave somebody the role {role} in the project.\n{self._answers[0].told()}",
            f"Настройка обучения дала человеку роль {role} в проекте.\n{self._answers[0].told()}",
        )

    def expect_answered(self) -> None:
        """400 or 404, or a list where one was asked for; what crashes is told and not judged."""
        self._tell_crashes()
        for answer in self._answers:
            listed = "limit=" in answer.url and answer.status == 200 and bool(answer.items())
            ensure(
                listed or answer.status in (400, 404) or answer.status >= 500,
                f"A malformed question is neither refused with 400 or 404 nor answered.\n{answer.told()}",
                f"На негодный вопрос нет ни отказа 400 или 404, ни ответа.\n{answer.told()}",
            )

    # --- helpers

    def _tell_crashes(self) -> None:
        for answer in self._answers:
            if answer.status >= 500:
                told = say("A malformed question of an admin crashes", "Негодный вопрос администратора ломает API")
                evidence.residual_risk(f"{told}: {answer.brief()}")
