"""What the staff API lets each person do: everyone as much as their role allows, and no more (contract 2)."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from gate import evidence
from gate.capabilities.first_builds import expect_first_build
from gate.capabilities.homeless_run import invented
from gate.capabilities.role_acts import Act, Effect
from gate.capabilities.role_answers import expect_project, expect_shown
from gate.capabilities.role_cast import (
    ADMIN,
    GUEST,
    NOBODY,
    OUTSIDER,
    OWNER,
    PEOPLE,
    ROLES,
    WRITER,
    RoleCast,
    is_hidden,
    make_cast,
    named,
    staff_of,
    without_unknown,
)
from gate.doors.http import Exchange
from gate.doors.records import shown
from gate.doors.staff import LONGEST_LIST
from gate.errors import NotProven
from gate.language import ensure, say
from gate.run_stories import Stories

if TYPE_CHECKING:
    from gate.world import World

NOBODY_IS_SIGNED_IN = ("missing auth token", "invalid auth token")
# All that the acts could change, of what carries the mark of the cast.
STATE = """
SELECT 'user' AS what, email::text AS which, is_platform_admin::text AS how
    FROM users WHERE email::text LIKE %(all)s
UNION ALL SELECT 'project', id::text, slug || ' ' || name FROM projects WHERE slug LIKE %(all)s
UNION ALL SELECT 'member', p.slug || ' ' || u.email::text, concat_ws(' ', m.role, m.learning_mode_override)
    FROM project_members m JOIN projects p ON p.id = m.project_id JOIN users u ON u.id = m.user_id
    WHERE p.slug LIKE %(all)s
UNION ALL SELECT 'repository', r.id::text, r.owner || '/' || r.name
    FROM repositories r JOIN projects p ON p.id = r.project_id WHERE p.slug LIKE %(all)s
UNION ALL SELECT 'slot', p.slug || ' ' || s.slot_no, s.state::text
    FROM slots s JOIN projects p ON p.id = s.project_id WHERE p.slug LIKE %(doomed)s
UNION ALL SELECT 'run', p.slug || ' ' || r.id::text, r.status::text
    FROM agent_runs r JOIN projects p ON p.id = r.project_id WHERE p.slug LIKE %(doomed)s
"""
# What hangs on a project and goes with it (contract 2: cascades).
ORPHANS = " UNION ALL ".join(
    f"SELECT '{table}' AS what, count(*) AS rows FROM {table} WHERE project_id = %(project)s::uuid"
    for table in ("slots", "repositories", "project_members")
)
# A run that lost its project belongs to nobody, and is not gone (contract 3: the key of its project cascades).
ORPHANS += (
    " UNION ALL SELECT 'agent_runs', count(*) FROM agent_runs"
    " WHERE project_id = %(project)s::uuid OR id::text = ANY(%(runs)s)"
    " UNION ALL SELECT 'learning_feedback', count(*) FROM learning_feedback WHERE run_id::text = ANY(%(runs)s)"
)
# Of these contract 3 names no key to a project: its id may be older than its row (contract 4.1), and feedback may
# be kept as history. A row of the others blocks or shows something.
HISTORY = ("slots", "learning_feedback")
# Whose roles the acts are judged by; were they changed, a later refusal would have another cause.
INTACT = """
SELECT u.email::text AS email, u.is_platform_admin AS admin, m.role::text AS role FROM users u
LEFT JOIN project_members m ON m.user_id = u.id AND m.project_id = %s::uuid WHERE u.email::text = ANY(%s)
"""


class Roles:
    """One act of the staff API, asked for by a person of every role, and what came of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._database = world.target.database
        self._cast: RoleCast | None = None
        self._act: Act | None = None
        self._refusals: list[tuple[str, Exchange]] = []
        self._in_capitals: list[tuple[str, Exchange]] = []
        self._grants: list[tuple[str, Exchange]] = []
        self._lists: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self._stored: set[str] = set()
        self._before: list[dict[str, Any]] = []
        self._after: list[dict[str, Any]] = []

    @property
    def cast(self) -> RoleCast:
        """The project and its people."""
        if self._cast is None:
            raise NotProven(say("Nobody has a role yet.", "Ролей ещё ни у кого нет."), "suite")
        return self._cast

    # --- acts

    def gather(self) -> None:
        """The people of an earlier scenario, if none of them lost or won anything meanwhile; else new ones."""
        stories = Stories(self._world)
        self._cast = stories.cast("role-cast", partial(make_cast, self._world))
        if not self._intact():
            self._cast = make_cast(self._world)
            self._world.target.kept["role-cast", self._world.language] = self._cast

    def all_ask(self, act: Act) -> None:
        """Those who may not do it ask first, so that what is there afterwards is what they left."""
        self._act = act
        people = (*PEOPLE, OWNER) if act.least == OWNER else PEOPLE
        self._before = self._state()
        for person in people:
            if not act.may(person):
                self._refusals.append((person, act.ask(self._staff(person), self.cast, person)))
                if act.in_capitals:
                    self._in_capitals.append((person, act.in_capitals(self._staff(person), self.cast, person)))
        self._after = self._state()
        for person in people:
            if act.may(person):
                self._grants.append((person, (act.granted or act.ask)(self._staff(person), self.cast, person)))

    def all_list(self) -> None:
        """Everybody asks for the projects and the runs; one run belongs to no project yet."""
        self._have_homeless_run()
        self._stored = self._project_ids()
        for person in PEOPLE:
            staff = self._staff(person)
            self._lists[person] = {"projects": staff.projects().items(), "runs": staff.runs().items()}

    def all_list_one(self) -> None:
        """The same, and no more than one of each; others have a newer run and a project before it."""
        others = f"{self._world.mark}-a-first"
        self._world.add_cleanup(self._database.execute, "DELETE FROM projects WHERE slug = %s", others)
        self._world.as_person("admin").create_project(others, others)
        self._world.webhook.deliver()
        for person in PEOPLE:
            staff = self._staff(person)
            self._lists[person] = {name: staff.get(f"/{name}?limit=1").items() for name in ("projects", "runs")}

    def detach_through_own(self) -> None:
        """Who may write in one project names a repository of the other."""
        self._before = self._state()
        answer = self._staff(WRITER).detach_repository(self.cast.project, self.cast.strange_repository)
        evidence.note(answer.told())
        self._after = self._state()

    # --- checks

    def expect_only_allowed(self) -> None:
        """403 in the contract's words for the others, a yes for those whom the contract names."""
        if self._absent():
            return
        for person, answer in self._refusals:
            self._expect_refused(person, answer)
        for person, answer in self._in_capitals:
            self._expect_still_there(person, answer)
        for person, answer in self._grants:
            self._expect_granted(person, answer)
        if self._act and self._act.fields:
            expect_shown(self._grants, self._act.fields, self._act.shows(self.cast))

    def expect_nothing_changed(self) -> None:
        """What the refused asked for did not happen all the same."""
        changed = [row for row in (*self._before, *self._after) if (row in self._before) != (row in self._after)]
        ensure(
            not changed,
            f"Those who were refused changed something all the same: {shown(changed)}.",
            f"Те, кому отказано, всё же что-то изменили: {shown(changed)}.",
        )

    def expect_strange_kept(self) -> None:
        """The repository still hangs on its own project, and nothing else was changed."""
        known = {row["which"] for row in self._before}
        if str(self.cast.strange_repository) not in known:
            lost = say("The other project has no repository.", "У другого проекта нет репозитория.")
            raise NotProven(lost, "suite")
        changed = [row for row in self._before if row not in self._after]
        ensure(
            not changed,
            f"A writer of {self.cast.slug} reached into {self.cast.doomed_slug}; changed: {shown(changed)}.",
            f"Участник {self.cast.slug} с правом записи добрался до {self.cast.doomed_slug}: {shown(changed)}.",
        )

    def expect_own_projects(self) -> None:
        """With a role: this project, under that role, and no other; without: none; a platform admin sees all."""
        self._expect_once("projects")
        mine = str(self.cast.project)
        for person in (NOBODY, OUTSIDER, *ROLES):
            shown = {str(item.get("id")): item.get("role") for item in self._lists[person]["projects"]}
            wanted = self._roles_of(person)
            ensure(
                shown == wanted,
                f"A {named(person)} is shown the projects {shown}, wanted {wanted}.",
                f"{named(person)} видит проекты {shown}, а нужны {wanted}.",
            )
        # Others make and delete projects meanwhile, and a list of a thousand is cut.
        stored = self._stored | self._project_ids()
        seen = {str(item.get("id")) for item in self._lists[ADMIN]["projects"]}
        strange = seen - stored
        if strange:
            # One that came and went between two readings is not told a second time.
            again = {str(item.get("id")) for item in self._staff(ADMIN).projects().items()}
            strange &= again - self._project_ids()
        ensure(
            (mine in seen or len(seen) >= LONGEST_LIST) and not strange,
            f"A platform admin is not shown project {mine}, or is shown one that is not stored.",
            f"Платформенный администратор не видит проект {mine} или видит тот, которого нет в базе.",
        )

    def expect_own_first(self) -> None:
        """One project and one run of it: a limit counts what one may see (contract 2)."""
        mine = str(self.cast.project)
        for person in ROLES:
            projects, runs = (self._lists[person][name] for name in ("projects", "runs"))
            shown = [item.get("id") for item in projects], [item.get("project_id") for item in runs]
            ensure(
                shown == ([mine], [mine]),
                f"A {named(person)} who asks for one is shown the projects and runs' projects {shown}, "
                f"wanted one each, of {mine}.",
                f"{named(person)} просит по одному и видит проекты и проекты запусков {shown}, "
                f"а нужно по одному, от {mine}.",
            )
            expect_project(person, projects[0], self._database.project_by_id(self.cast.project))
            self._world.told_run.expect_told_rightly(runs[0])

    def _expect_once(self, name: str) -> None:
        """Nothing is listed twice, however many have a role in it."""
        for person, lists in self._lists.items():
            ids = [str(item.get("id")) for item in lists[name]]
            twice = sorted({id_ for id_ in ids if ids.count(id_) > 1}) if len(set(ids)) < len(ids) else []
            ensure(
                not twice,
                f"In the list of {name} for a {named(person)} stand {len(twice)} more than once: {twice[:3]}.",
                f"В списке {name} ({named(person)}) больше одного раза стоят {len(twice)}: {twice[:3]}.",
            )

    def expect_own_runs(self) -> None:
        """No run of others' projects, nor of none; each once."""
        self._expect_once("runs")
        for person in (NOBODY, OUTSIDER, *ROLES):
            own = self._roles_of(person)
            shown = [item for item in self._lists[person]["runs"] if str(item.get("project_id")) not in own]
            ensure(
                not shown,
                f"A {named(person)} is shown {len(shown)} runs of projects that they have no role in.",
                f"{named(person)} видит запуски чужих проектов: {len(shown)}.",
            )

    def expect_done(self) -> None:
        """What was granted happened, to those whom it is about and to nobody else."""
        if self._absent():
            return
        assert self._act is not None
        now = {(row["what"], row["which"]): row["how"] for row in self._state()}
        was = {(row["what"], row["which"]): row["how"] for row in self._after}
        effect = self._act.effect(self.cast) if self._act.effect else None
        if effect:
            wanted, got = effect.how, now.get((effect.what, effect.which))
            ensure(
                got is None if wanted is None else re.fullmatch(wanted, got or ""),
                f"It was granted and did not happen: {effect.what} {effect.which} is {got}, wanted {wanted}.",
                f"Разрешено, но не сделано: {effect.what} {effect.which}: {got}, а нужно {wanted}.",
            )
        if effect and effect.first_word_only:
            key = (effect.what, effect.which)
            before, after = (rows.get(key, "").partition(" ")[2] for rows in (was, now))
            ensure(
                key not in was or before == after,
                f"A role that was given changed the learning of {effect.which} from {before} to {after or '-'}.",
                f"Выданная роль изменила обучение {effect.which}: было {before}, стало {after or '-'}.",
            )
        if effect == Effect("project", str(self.cast.doomed), None):
            self._expect_no_orphans()
        own = (effect.what, effect.which) if effect else None
        strays = [key for key in {**was, **now} if key != own and was.get(key) != now.get(key)]
        strays = [key for key in strays if not (own and self._hangs_on(key, own))]
        if any(answer.status == 201 for _, answer in self._grants):
            strays = without_unknown(self._world, self.cast, strays, now)
        ensure(
            not strays,
            f"What was granted changed others as well: {[(key, was.get(key), now.get(key)) for key in strays]}.",
            f"Разрешённое изменило и другое: {[(key, was.get(key), now.get(key)) for key in strays]}.",
        )

    def _expect_no_orphans(self) -> None:
        """Of a deleted project nothing is left: a repository that stayed could be attached nowhere else."""
        runs = {row["which"].rpartition(" ")[2]: row["how"] for row in self._after if row["what"] == "run"}
        ensure(
            set(runs.values()) <= {"canceled"},
            f"Of its runs, which were canceled, some were started all the same: {runs}.",
            f"Его запуски были отменены, но всё же начаты: {runs}.",
        )
        rows = self._database.query(ORPHANS, {"project": str(self.cast.doomed), "runs": list(runs)})
        left = {row["what"]: row["rows"] for row in rows if row["rows"]}
        harmless = {what: left.pop(what) for what in HISTORY if what in left}
        ensure(
            not left,
            f"The project was deleted, and left rows behind: {left}.",
            f"Проект удалён, но от него остались строки: {left}.",
        )
        if harmless:
            self._tell_history(harmless, list(runs))

    def _tell_history(self, rows: dict[str, int], runs: list[str]) -> None:
        evidence.residual_risk(
            say(
                f"The project was deleted, and left rows behind that nobody sees: {rows}.",
                f"Проект удалён, но от него остались строки, которых никто не увидит: {rows}.",
            )
        )
        remove, project = self._world.add_cleanup, str(self.cast.doomed)
        remove(self._database.execute, "DELETE FROM slots WHERE project_id = %s::uuid", project)
        remove(self._database.execute, "DELETE FROM learning_feedback WHERE run_id::text = ANY(%s)", runs)

    # --- helpers

    def _roles_of(self, person: str) -> dict[str, str]:
        """Projects by id, with the role that this person has there."""
        if person == OUTSIDER:
            return {str(self.cast.doomed): "admin"}
        return {str(self.cast.project): ROLES[person]} if person in ROLES else {}

    def _project_ids(self) -> set[str]:
        return {str(row["id"]) for row in self._database.query("SELECT id FROM projects")}

    def _hangs_on(self, key: tuple[str, str], own: tuple[str, str]) -> bool:
        """With a project go the rows that hang on it, with a person their roles."""
        if own == ("project", str(self.cast.doomed)):
            return key[1].startswith(f"{self.cast.doomed_slug} ") or key[1] == str(self.cast.strange_repository)
        return own[0] == "user" and key[0] == "member" and key[1].endswith(f" {own[1]}")

    def _have_homeless_run(self) -> None:
        """A run that nobody will claim, of no project: what a left join lets through is then seen."""
        answer = self._world.webhook.deliver()
        if answer.status != 202:
            return
        with suppress(NotProven):  # a table that wants more than the contract tells
            invented(self._world, str(answer.json().get("run_id")))

    def _staff(self, person: str) -> Any:
        return staff_of(self._world, self.cast, person)

    def _state(self) -> list[dict[str, Any]]:
        return self._database.query(STATE, {"all": f"{self.cast.mark}-%", "doomed": self.cast.doomed_slug})

    def _intact(self) -> bool:
        emails = {self.cast.email(person): person for person in (*PEOPLE, GUEST)}
        rows = self._database.query(INTACT, str(self.cast.project), list(emails))
        found = {emails[row["email"]]: (row["admin"], row["role"]) for row in rows if row["email"] in emails}
        # A guest has some role, or was taken it away; without the other project nothing can reach into it.
        _, role = found.pop(GUEST, (False, None))
        there = role is not None and self._database.project_by_id(self.cast.doomed) is not None
        return there and found == {person: (person == ADMIN, ROLES.get(person)) for person in PEOPLE}

    def _expect_refused(self, person: str, answer: Exchange) -> None:
        assert self._act is not None
        told = answer.parsed()
        told = told if isinstance(told, dict) else {}
        messages = self._act.messages(person)
        told_as = f" {' / '.join(messages)}" if messages else ""
        good = told.get("code") == "forbidden" and (not messages or told.get("message") in messages)
        if (
            not messages
            and person in (NOBODY, OUTSIDER)
            and is_hidden(answer, self.cast.slug, self.cast.full_name)
        ):
            return
        ensure(
            answer.status == 403 and answer.is_json and good,
            f"A {named(person)} was not refused with 403{told_as} in JSON.\n{answer.told()}",
            f"{named(person)}: нет отказа 403{told_as} в JSON.\n{answer.told()}",
        )

    def _expect_still_there(self, person: str, answer: Exchange) -> None:
        """Who asked to be taken off the list by their id in capitals is on it.

        A build may take such an id for none, or for one that nobody has: in which words, the contract leaves open.
        """
        stored = {row["which"] for row in self._after if row["what"] == "user"}
        ensure(
            self.cast.email(person) in stored,
            f"A {named(person)} gave their own id in capitals, and took themselves off the list.\n{answer.told()}",
            f"{named(person)}: по своему id заглавными буквами удаляет из списка себя.\n{answer.told()}",
        )

    def _expect_granted(self, person: str, answer: Exchange) -> None:
        assert self._act is not None
        past_the_door = self._act.only_past_the_door
        good = not self._is_for_who_they_are(answer) if past_the_door else 200 <= answer.status < 300
        ensure(
            good,
            f"A {named(person)} may do this, and was refused.\n{answer.told()}",
            f"{named(person)} имеет на это право, но получает отказ.\n{answer.told()}",
        )

    def _is_for_who_they_are(self, answer: Exchange) -> bool:
        """Whether it has the words of a 403, or is the very answer that somebody got who may not do this.

        A 400 that hides a project may have the words of one about its repository: it blames another field.
        """
        refusals = [refusal for _, refusal in self._refusals]
        if any((answer.status, answer.parsed()) == (refusal.status, refusal.parsed()) for refusal in refusals):
            return True
        told = answer.parsed()
        # A 401 may also hand on what GitHub says of the token that was given.
        words = {*NOBODY_IS_SIGNED_IN, *(each.json().get("message") for each in refusals if each.status == 403)}
        return isinstance(told, dict) and told.get("message") in words

    def _absent(self) -> bool:
        """The first S1 builds cannot delete a project at all: 404 or 405, without a word (contract 2)."""
        assert self._act is not None
        if not self._act.may_be_absent:
            return False
        answers = [answer for _, answer in (*self._refusals, *self._grants)]
        if not all(answer.is_no_route for answer in answers):
            return False
        expect_first_build(self._world, answers[-1])
        evidence.weaker(
            say(
                "This build has no such act: everybody is answered 404 or 405.",
                "В этой сборке такого действия нет: всем отвечают 404 или 405.",
            )
        )
        return True
