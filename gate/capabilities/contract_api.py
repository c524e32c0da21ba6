"""The form of the staff API: limits, unknown ids and addresses, fields of its lists (contract 2)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from gate import evidence
from gate.capabilities.fresh_runs import await_told
from gate.capabilities.role_cast import ADMIN, GUEST, OWNER, READER, RoleCast, made, owner_staff, staff_of
from gate.doors.http import Exchange
from gate.doors.staff import Staff, StaffFromInside, identity
from gate.errors import Broken, NotProven
from gate.language import Text, ensure, say
from gate.run_stories import RECORDED_WITHIN_SECONDS
from gate.waiting import until

if TYPE_CHECKING:
    from gate.world import World

LISTS_OF_ALL = ("/projects", "/runs")
LISTS = (*LISTS_OF_ALL, "/users")
LISTS_OF_A_RUN = ("events", "learning-feedback")
# A right is written with the answer; this allows for a replica, and for no list of rights kept aside for minutes.
RIGHTS_WITHIN_SECONDS = 10.0
PROJECT_LISTS = ("members", "repositories")
NO_ROLE = "emperor"
FORGET = "DELETE FROM users WHERE lower(email::text) = lower(%s)"
ROLE = """
SELECT m.role::text FROM project_members m JOIN users u ON u.id = m.user_id
WHERE m.project_id = %s::uuid AND lower(u.email::text) = lower(%s)
"""
TAKE_BACK = """
DELETE FROM project_members WHERE project_id = %s::uuid
    AND user_id IN (SELECT id FROM users WHERE lower(email::text) = lower(%s))
"""
GIVEN_ROLE = "read_write"
# `is_platform_owner` appeared late in S1 (contract 2). What may be empty may be left out: a role of nobody's, a
# right that somebody has not, a login, an override, the project and the times of a run that waits. Where they are
# there, others compare them.
FIELDS: Mapping[str, frozenset[str]] = {
    "projects": frozenset({"id", "slug", "name"}),
    "members": frozenset({"project_id", "user_id", "email", "role"}),
    "repositories": frozenset(
        {"id", "project_id", "provider", "external_id", "owner", "name", "services_yaml_path"}
    ),
    "users": frozenset({"id", "email"}),
    "runs": frozenset({"id", "correlation_id", "status", "created_at"}),
    "events": frozenset({"correlation_id", "event_type", "created_at", "payload_json"}),
}
LIST_WORDS: Mapping[str, str] = {name: name for name in FIELDS} | {
    "проекты": "projects",
    "участники": "members",
    "репозитории": "repositories",
    "пользователи": "users",
    "запуски": "runs",
    "события": "events",
}
NOWHERE = (
    ("GET", "/api/v1/staff/gate-nowhere"),
    ("GET", "/api/v1/gate-nowhere"),
    ("PATCH", "/api/v1/staff/projects"),
    ("PUT", "/api/v1/auth/me"),
    # A link in a mail would sign people out.
    ("GET", "/api/v1/auth/logout"),
)
# More than a list is likely to be cut to; of so long ago that they are at the end of a list, where nobody looks.
MANY = 520
MANY_RUNS = """
SELECT (jsonb_populate_record(NULL::agent_runs,
    replace(replace(to_jsonb(r)::text, r.id::text, new.id::text), r.correlation_id, new.correlation_id)::jsonb
    || jsonb_build_object('id', new.id, 'correlation_id', new.correlation_id, 'status', 'canceled',
        'learning_mode', false, 'created_at', r.created_at - interval '1000 days',
        'updated_at', r.created_at - interval '1000 days', 'started_at', NULL,
        'finished_at', r.created_at - interval '1000 days'))).*
FROM agent_runs r, generate_series(1, %s) series(nth),
    LATERAL (SELECT gen_random_uuid() AS id, %s || series.nth AS correlation_id) new
WHERE r.id = %s::uuid
"""
RUNS_OF_ALL = "SELECT count(*) FROM agent_runs WHERE project_id IS NOT NULL"
RUNS_OF_ONE = "SELECT count(*) FROM agent_runs WHERE project_id = %s::uuid"
# What the rows are of which the lists tell.
OWNERS_ON_RECORD = """
SELECT id::text AS id, coalesce((to_jsonb(users) ->> 'is_platform_owner')::boolean, false) AS is_platform_owner
FROM users WHERE email::text LIKE %s OR (to_jsonb(users) ->> 'is_platform_owner')::boolean
"""
MEMBERS_ON_RECORD = """
SELECT m.user_id::text AS id, lower(u.email::text) AS email, m.role::text AS role, m.learning_mode_override
FROM project_members m JOIN users u ON u.id = m.user_id WHERE m.project_id = %s::uuid
"""
REPOSITORIES_ON_RECORD = """
SELECT id::text AS id, lower(provider::text) AS provider, external_id::text AS external_id, lower(owner) AS owner,
    lower(name) AS name, lower(services_yaml_path) AS services_yaml_path
FROM repositories WHERE project_id = %s::uuid
"""


class ApiForm:
    """Questions of a platform admin to the staff API, at the gateway, and the answers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._database = world.target.database
        self._answers: list[Exchange] = []
        self._list = ""
        self._runs_on_record: list[int] = []
        self._demoted = ""
        self._unknown = f"{world.mark}-unknown@gate.test"
        self._invited: Exchange | None = None
        # By whose e-mail it was asked for.
        self._given: dict[str, Exchange] = {}
        self._login: str | None = None

    @property
    def _cast(self) -> RoleCast:
        return self._world.roles.cast

    @property
    def _staff(self) -> Staff:
        return staff_of(self._world, self._cast, ADMIN)

    # --- acts

    def ask_limited(self, limit: str) -> None:
        """Every list with this limit; those of one project and of one run where they take any."""
        inner = [f"/projects/{self._cast.project}/{name}" for name in PROJECT_LISTS]
        inner += [f"/runs/{self._world.told_run.run_id}/{name}" for name in LISTS_OF_A_RUN]
        limited = [*LISTS, *filter(self._takes_limit, inner)]
        self._answers = [self._staff.get(f"{path}?limit={limit}") for path in limited]

    def ask_limited_as_both(self, limit: str) -> None:
        """The same, and of a member, whose lists may be another query, those that everybody has."""
        self.ask_limited(limit)
        member = staff_of(self._world, self._cast, READER)
        self._answers += [member.get(f"{path}?limit={limit}") for path in LISTS_OF_ALL]

    def have_many_runs(self) -> None:
        """Many canceled runs of the roles' project, of long ago."""
        begins = f"{self._world.mark}-many-"
        self._world.add_cleanup(
            self._database.execute, "DELETE FROM agent_runs WHERE correlation_id LIKE %s", f"{begins}%"
        )
        self._database.copy("agent_runs", MANY_RUNS, MANY, begins, self._world.told_run.run_id)

    def ask_all_runs(self, limit: str) -> None:
        """The list of runs with this limit, and how many are on record before and after; a member's are fewer."""
        self._answers, self._runs_on_record = [], []
        for person, runs in ((ADMIN, (RUNS_OF_ALL,)), (READER, (RUNS_OF_ONE, str(self._cast.project)))):
            before = self._database.value(*runs)
            self._answers.append(staff_of(self._world, self._cast, person).get(f"/runs?limit={limit}"))
            self._runs_on_record.append(min(int(before), int(self._database.value(*runs)), int(limit)))

    def _takes_limit(self, path: str) -> bool:
        """Contract 2 speaks of lists without saying whether it means those inside of something, too."""
        cut, refused = (self._staff.get(f"{path}?limit={limit}") for limit in ("1", "0"))
        took = refused.status == 400 or len(cut.items()) < len(self._staff.get(path).items())
        if not took:
            evidence.weaker(say(f"{path} takes no limit here.", f"Список {path} здесь не знает предела."))
        return took

    def ask_unknown_project(self) -> None:
        """A project that nobody made."""
        self._answers = [self._staff.get(f"/projects/{uuid4()}")]

    def ask_nowhere(self) -> None:
        """Addresses and methods that the API does not have, also below an id that it knows."""
        project, run_id = f"/projects/{self._cast.project}", self._new_run()
        below = [
            ("GET", f"{project}/gate-nowhere"),
            ("GET", f"/runs/{run_id}/gate-nowhere"),
            ("PUT", project),
        ]
        self._answers = [self._staff.call(method, path) for method, path in (*NOWHERE, *below)]

    def _new_run(self) -> str:
        """The id of a run that has just come in."""
        self._world.webhook.deliver_accepted()
        return self._world.webhook.run_id

    def ask_list(self, name: str) -> None:
        """A list that has at least one item."""
        self._list = name
        path = f"/projects/{self._cast.project}/{name}" if name in PROJECT_LISTS else f"/{name}"
        run_id = self._new_run() if name in ("runs", "events") else ""
        if name == "events":
            path = f"/runs/{run_id}/events"
            await_told(self._world, [run_id])
            self._await_first(path)
        self._answers = [self._staff.get(path)]

    def _await_first(self, path: str) -> None:
        """A list that has nothing yet: of a delivery only the run is promised with its answer."""
        with suppress(Broken):  # an empty list says so itself
            until(
                lambda: self._staff.get(path),
                lambda answer: answer.status != 200 or answer.items(),
                what=Text(f"the first of {path}", f"первая запись в {path}"),
                within=RECORDED_WITHIN_SECONDS,
            )

    def allow_again(self) -> None:
        """Somebody who has come in already is allowed again, written in capitals, and now as an admin."""
        staff_of(self._world, self._cast, READER).me()
        user = self._database.user(self._cast.email(READER))
        self._login = user.github_login if user else None
        self._answers = [self._staff.allow(self._cast.email(READER).upper(), admin=True)]

    def make_admin(self) -> None:
        """Somebody is allowed as a platform admin, and has come in as one."""
        self._demoted = f"{self._world.mark}-demoted@gate.test"
        self._answers = [self._staff.allow(self._demoted, admin=True)]
        self._expect_rights(True)

    def take_rights(self) -> None:
        """The same person is allowed again, as no admin; by the owner, where there is one, who surely may."""
        try:
            staff = staff_of(self._world, self._cast, OWNER)
        except NotProven:
            staff = self._staff
        self._answers = [staff.allow(self._demoted, admin=False)]

    def give_unknown_role(self) -> None:
        """A role that there is not, by a platform admin and, by e-mail, by the owner; to a stranger as well."""
        project, invitation = self._cast.project, {"email": self._cast.email(READER), "role": NO_ROLE}
        self._answers = [self._staff.add_member(project, self._cast.user_ids[READER], NO_ROLE)]
        if owner := self._owner():
            self._answers.append(owner.call("POST", f"/projects/{project}/members", invitation))
        self._world.add_cleanup(self._database.execute, FORGET, self._unknown)
        # Where nobody may give roles by e-mail an admin tries: it is refused in either case.
        invitation = {"email": self._unknown, "role": NO_ROLE}
        self._invited = (owner or self._staff).call("POST", f"/projects/{project}/members", invitation)

    def give_roles_by_email(self) -> None:
        """The owner gives a member another role by their e-mail in capitals, and somebody who has none a first."""
        project, guest = self._cast.project, self._cast.user_ids[GUEST]
        staff = self._owner()
        if staff is None:
            return
        self._world.add_cleanup(self._staff.add_member, project, guest, "read")
        newcomer = f"{self._world.mark}-invited@gate.test"
        self._world.add_cleanup(self._database.execute, FORGET, newcomer)
        made(self._staff.allow(newcomer))
        self._world.add_cleanup(self._database.execute, TAKE_BACK, str(project), newcomer)
        for email in (self._cast.email(GUEST).upper(), newcomer):
            invitation = {"email": email, "role": GIVEN_ROLE}
            self._given[email] = staff.call("POST", f"/projects/{project}/members", invitation)

    def _owner(self) -> Staff | None:
        """Whoever may give roles by e-mail; where nobody is the owner nobody may."""
        try:
            return owner_staff(self._world)
        except NotProven as reason:
            told = say("Roles by e-mail are not tried", "Роли по email не проверены")
            evidence.weaker(f"{told}: {reason}")
            return None

    # --- checks

    def expect_invalid(self, field: str | None = None) -> None:
        """Each is refused with 400; where the contract says which field is to blame, it is named."""
        for answer in self._answers:
            told = answer.parsed()
            told = told if isinstance(told, dict) else {}
            blamed = field is None or told.get("field") == field
            ensure(
                answer.status == 400 and answer.is_json and told.get("code") == "invalid_argument" and blamed,
                f"No 400 in JSON for the field {field or '(any)'}: {answer.brief()}.\n{answer.told()}",
                f"Нет отказа 400 в JSON из-за поля {field or '(любого)'}: {answer.brief()}.\n{answer.told()}",
            )

    def expect_at_most(self, count: int) -> None:
        """Each list has items, and no more than this."""
        for answer in self._answers:
            shown = len(answer.items()) if answer.status == 200 else None
            # A run may have no feedback where none could be written; of all else there is something.
            least = 0 if "/learning-feedback" in answer.url else 1
            ensure(
                shown is not None and least <= shown <= count,
                f"The list does not hold to its limit of {count}: {shown} items.\n{answer.told()}",
                f"Список не держит предел {count}: записей {shown}.\n{answer.told()}",
            )

    def expect_as_many_as_asked(self) -> None:
        """Neither a limit of the platform's own nor a usual length cuts the list (contract 2: 1 to 1000)."""
        for answer, wanted in zip(self._answers, self._runs_on_record, strict=True):
            shown = len(answer.items()) if answer.status == 200 else 0
            ensure(
                shown >= wanted,
                f"Of {wanted} runs on record, at least, that the limit allows {shown} are told: {answer.brief()}.",
                f"Из {wanted} запусков, не менее, которые допускает предел, сообщено {shown}: {answer.brief()}.",
            )

    def expect_empty_refusals(self) -> None:
        """404 or 405 without a word: no page of the console, no list of routes."""
        for answer in self._answers:
            ensure(
                answer.status in (404, 405) and not answer.body.strip(),
                f"An address that the API does not have is answered, or not without a word.\n{answer.told()}",
                f"На адрес, которого у API нет, ответ не пустой 404 или 405.\n{answer.told()}",
            )

    def expect_fields(self) -> None:
        """Every item has the contract's fields that are never empty, and is of what the list was asked for."""
        answer = self._answers[0]
        items: list[dict[str, Any]] = answer.items() if answer.status == 200 else []
        lacking = sorted({field for item in items for field in FIELDS[self._list] - item.keys()})
        ensure(
            items and not lacking,
            f"The list of {self._list} has {len(items)} items, which lack {lacking or '-'}.\n{answer.told()}",
            f"В списке {self._list} записей: {len(items)}, в них нет полей {lacking or '-'}.\n{answer.told()}",
        )
        self._expect_own(items, answer)
        self._expect_as_on_record(items, answer)

    def _expect_as_on_record(self, items: list[dict[str, Any]], answer: Exchange) -> None:
        """What no page shows of an item is the database's as well; of those only who are ours to change."""
        key, rows = self._on_record()
        told = {str(item.get(key)): item for item in items}
        lacking = [row for row in rows if row["id"] not in told and self._list in PROJECT_LISTS]
        ensure(
            not lacking,
            f"The list of {self._list} does not tell of all that are on record: {lacking}.\n{answer.told()}",
            f"Список {self._list} сообщает не обо всём, что записано: нет {lacking}.\n{answer.told()}",
        )
        wrong = [
            (row, told[row["id"]])
            for row in rows
            if row["id"] in told
            and any(name != "id" and _lower(told[row["id"]].get(name, row[name])) != row[name] for name in row)
        ]
        ensure(
            not wrong,
            f"The list of {self._list} tells otherwise than is on record: {wrong[:3]}.\n{answer.told()}",
            f"Список {self._list} сообщает не то, что записано: {wrong[:3]}.\n{answer.told()}",
        )

    def _on_record(self) -> tuple[str, list[dict[str, Any]]]:
        """By which field the items of the list are known, and the rows that they tell of."""
        if self._list == "runs":
            answer = self._world.webhook.answer.json()
            return "id", [{"id": str(answer["run_id"]), "correlation_id": str(self._world.webhook.delivery.id)}]
        if self._list == "users":
            return "id", self._database.query(OWNERS_ON_RECORD, f"{self._cast.mark}-%")
        if self._list == "members":
            return "user_id", self._database.query(MEMBERS_ON_RECORD, str(self._cast.project))
        if self._list == "repositories":
            return "id", self._database.query(REPOSITORIES_ON_RECORD, str(self._cast.project))
        return "id", []

    def _expect_own(self, items: list[dict[str, Any]], answer: Exchange) -> None:
        """A list of one project or run holds nothing of another."""
        field, owner = {
            "members": ("project_id", str(self._cast.project)),
            "repositories": ("project_id", str(self._cast.project)),
            "events": ("correlation_id", str(self._world.webhook.delivery.id)),
        }.get(self._list, ("", ""))
        strange = {str(item[field]) for item in items if item[field] != owner} if field else set()
        ensure(
            not strange,
            f"The list of {self._list} of {owner} also holds some of {sorted(strange)[:5]}.\n{answer.told()}",
            f"В списке {self._list}, относящемся к {owner}, есть и чужие: {sorted(strange)[:5]}.\n{answer.told()}",
        )

    def expect_same_person(self) -> None:
        """The same row under the same id and login, now an admin."""
        answer, email = self._answers[0], self._cast.email(READER)
        rows = self._database.query(
            "SELECT id::text AS id, is_platform_admin, github_login FROM users"
            " WHERE lower(email::text) = lower(%s)",
            email,
        )
        known = {"id": str(self._cast.user_ids[READER]), "github_login": self._login}
        wanted, found = [{**known, "is_platform_admin": True}], [dict(row) for row in rows]
        ensure(
            answer.status == 201 and found == wanted,
            f"Allowing {email} again did not change the one record: {found}, wanted {wanted}.\n{answer.told()}",
            f"Повторное разрешение {email} изменило не ту единственную запись: {found}, а нужно {wanted}."
            f"\n{answer.told()}",
        )

    def expect_rights_lost(self) -> None:
        """What is for admins is refused them now; or the request was, and they are the admin that they were."""
        if 400 <= self._answers[0].status < 500:
            evidence.residual_risk(
                say(
                    "An admin's rights are not taken away by allowing them again: the platform refuses that.",
                    "Права администратора не снять повторным разрешением входа: платформа в этом отказывает.",
                )
            )
        self._expect_rights(400 <= self._answers[0].status < 500, taken=True)

    def _expect_rights(self, admin: bool, taken: bool = False) -> None:
        answer = self._answers[0]
        ensure(
            answer.status == 201 or (admin and taken),
            f"{self._demoted} was not allowed.\n{answer.told()}",
            f"{self._demoted}: вход не разрешён.\n{answer.told()}",
        )
        theirs = StaffFromInside(
            self._world.target.gateway, identity(self._demoted, f"{self._world.mark}-demoted")
        )
        wanted = 200 if admin else 403
        until(
            lambda: theirs.users().status,
            lambda status: status == wanted,
            what=Text(
                f"{wanted} for {self._demoted}, who asks for the users as {'an' if admin else 'no'} admin",
                f"{wanted} на вопрос {self._demoted} о пользователях ({'админ' if admin else 'не админ'})",
            ),
            within=RIGHTS_WITHIN_SECONDS,
        )

    def expect_roles_given(self) -> None:
        """To those whose e-mails they are, whatever the case: the column is citext (contract 3)."""
        for email, answer in self._given.items():
            role = self._role_of(email)
            ensure(
                answer.status == 204 and role == GIVEN_ROLE,
                f"The role {GIVEN_ROLE} was not given to {email}, by whose e-mail it was asked for; their role in "
                f"the project: {role or 'none'}.\n{answer.told()}",
                f"Роль {GIVEN_ROLE}, запрошенная по email {email}, не выдана; роль этого человека в проекте: "
                f"{role or 'никакой'}.\n{answer.told()}",
            )

    def expect_role_kept(self) -> None:
        """The member's role is what it was."""
        role = self._role_of(self._cast.email(READER))
        ensure(role == "read", f"The member's role is now {role}.", f"Роль участника теперь {role}.")

    def expect_still_unknown(self) -> None:
        """A request that is refused leaves nothing: whom nobody had allowed is in no list of users now.

        Which of the two is refused, the e-mail or the role, and so with what, is the build's choice.
        """
        assert self._invited is not None
        stored = self._database.user(self._unknown)
        ensure(
            400 <= self._invited.status < 500 and stored is None,
            f"A role that does not exist was not just refused to {self._unknown}, whom nobody had allowed; "
            f"on record is now {stored or '-'}.\n{self._invited.told()}",
            f"Несуществующая роль для {self._unknown}, кому никто не разрешал входа, не просто отклонена; "
            f"теперь записано: {stored or '-'}.\n{self._invited.told()}",
        )

    def _role_of(self, email: str) -> str | None:
        role: str | None = self._database.value(ROLE, str(self._cast.project), email)
        return role


def _lower(value: Any) -> Any:
    """A text whose case does not count: e-mails, ids, roles. A number of a database may be a text in JSON."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.lower() if isinstance(value, str) else value
