"""A repository that cannot be attached: GitHub does not give it to the token that comes with it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from gate import evidence
from gate.errors import Broken, NotProven
from gate.language import ensure, say

if TYPE_CHECKING:
    from gate.capabilities.repositories import Repositories
    from gate.world import World


class RefusedRepository:
    """What a platform admin tries to attach in the console, and what becomes of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._target = world.target
        self._name = ""
        self._token = ""

    @property
    def _all(self) -> Repositories:
        return self._world.repositories

    # --- acts

    def attach(self, why: str, which: int = 0) -> None:
        """Through the form: one that is `missing`, or a test repository with a `weak` or an `unknown` token."""
        first = self._all.names[which]
        owner = first.partition("/")[0]
        weak = self._target.settings["GATE_GITHUB_WEAK_TOKEN"]
        if why == "weak" and not weak:
            raise NotProven(
                say(
                    "A valid token without rights is needed: set GATE_GITHUB_WEAK_TOKEN.",
                    "Нужен действующий токен без прав: задайте GATE_GITHUB_WEAK_TOKEN.",
                )
            )
        tokens = {"weak": weak, "unknown": f"ghp_{secrets.token_hex(18)}"}
        name = f"{self._world.mark}-missing" if why == "missing" else first.partition("/")[2]
        self._name, self._token = f"{owner}/{name}", tokens.get(why, self._all.token)
        page = self._all.page
        self._all.leaks.given(self._token)
        self._all.leaks.remember()
        page.attach(owner, name, self._token)

    # --- checks

    def expect_told_on_page(self) -> None:
        """The page shows an error text of its own; `NotProven` where GitHub gives what was to be refused."""
        try:
            evidence.note(self._all.page.expect_error())
        except Broken:
            if self._is_given():
                given = say(
                    f"GitHub itself refuses nothing: with this token {self._name} may be given a webhook.",
                    f"Сам GitHub не отказывает: с этим токеном у {self._name} можно создать вебхук.",
                )
                raise NotProven(given, "staging") from None
            raise

    def _is_given(self) -> bool:
        """Whether GitHub lets this token do all that attaching takes (contract 5). A token that only reads the
        webhooks of somebody who may change them is told apart by an attempt alone.
        """
        github, trial = self._target.github, f"https://example.com/{self._world.mark}-tried"
        return (
            github.gives(self._name, self._token)
            and not github.may_not_manage(self._name, self._token)
            and github.may_make_hook(self._name, self._token, trial)
        )

    def expect_not_attached(self) -> None:
        """The project does not have it, whatever the page says."""
        assert self._all.project_id is not None
        rows = [f"{row.owner}/{row.name}" for row in self._target.database.repositories_of(self._all.project_id)]
        ensure(
            self._name.lower() not in map(str.lower, rows),
            f"{self._name} came with a token that GitHub does not know, and was attached.",
            f"{self._name} подключён, хотя пришёл с токеном, неизвестным GitHub.",
        )

    def expect_token_nowhere(self) -> None:
        """No spelling of the token in the database, the answers, the logs, nor on the page beside the form.

        The form itself may keep what was typed.
        """
        leaks = self._all.leaks
        leaks.look_in_database(self._all.project_id)
        leaks.look_in_answers([self._all.listed()])
        leaks.look_in_text(self._all.page)
        leaks.look_in_logs()
