"""Faults about who is told what by the staff API, and about who may what there, a part of the gateway."""

from . import group

ROLES, API, FEEDBACK = "s1.boundary.roles", "s1.contract.api", "s1.p1.3.3"

FAULTS = (
    *group(
        "2",
        (ROLES, FEEDBACK),
        (
            "events-for-admins-only",
            "the events of a run are an empty list for the members of its project",
            "события запуска для участников его проекта — пустой список",
        ),
        (
            "feedback-for-admins-only",
            "the feedback of a run is an empty list for the members of its project",
            "обратная связь запуска для участников его проекта — пустой список",
        ),
    ),
    *group(
        "2",
        (ROLES,),
        (
            "repositories-for-writers-only",
            "the repositories of a project are an empty list for who may only read",
            "репозитории проекта для роли read — пустой список",
        ),
        (
            "read-role-binds-admins",
            "a platform admin who may read a project may not write in it",
            "платформенный администратор с ролью read не может менять проект",
        ),
        (
            "admins-with-a-role-list-their-own",
            "a platform admin who has a role somewhere sees only their own projects",
            "платформенный администратор с ролью где-нибудь видит только свои проекты",
        ),
        (
            "highest-role-counts",
            "in every project of theirs people have the highest role that they have in any",
            "в каждом своём проекте у человека высшая из всех его ролей",
        ),
        (
            "one-project-listed-only",
            "members' lists have the first of their projects only",
            "в списках участников лишь первый из их проектов",
        ),
        (
            "runs-of-one-project-listed",
            "members' lists have the runs of one of their projects only",
            "в списках участников запуски лишь одного из их проектов",
        ),
        (
            "runs-of-one-project-told",
            "members are told of a run by its id in one of their projects only",
            "по id участникам показаны запуски лишь одного из их проектов",
        ),
        (
            "own-projects-listed-by-slug",
            "members' lists have the slug of a project for its name",
            "в списках участников вместо названия проекта стоит его слаг",
        ),
        (
            "own-runs-listed-as-they-began",
            "members' lists say that a run ended when it began",
            "в списках участников запуск завершился, когда начался",
        ),
    ),
    *group(
        "2",
        (API,),
        (
            "runs-listed-with-slug-for-name",
            "the list of runs has slug and name of a project swapped",
            "в списке запусков слаг и название проекта перепутаны",
        ),
        (
            "malformed-id-answered-empty",
            "a project that is asked for by a word is 200 and nothing",
            "на вопрос о проекте по слову ответ 200 и ничего",
        ),
        (
            "paths-below-an-id-cut",
            "what stands below the id of a project or a run is cut off its address",
            "всё, что стоит в адресе после id проекта или запуска, отброшено",
        ),
        (
            "project-shown-by-any-method",
            "a project is shown to whatever method it does not know",
            "проект показан на любой неизвестный метод",
        ),
        (
            "limit-of-members-cut",
            "no list of whoever is no admin is longer than 100",
            "у того, кто не администратор, никакой список не длиннее 100",
        ),
        (
            "limit-of-members-not-checked",
            "a limit that is no number is passed over when no admin asks",
            "негодный предел пропускается молча, если спрашивает не администратор",
        ),
        (
            "any-role-taken-by-email",
            "a role by e-mail that is not there is taken for read",
            "неизвестная роль, выданная по email, считается read",
        ),
        (
            "refused-invitation-allows",
            "whoever is given a role by e-mail is allowed before the role is looked at",
            "кому дают роль по email, тому вход разрешён раньше, чем проверена роль",
        ),
        (
            "unknown-role-by-email-crashes",
            "a role by e-mail that is not there ends in 500",
            "неизвестная роль, выданная по email, кончается ответом 500",
        ),
        (
            "role-by-email-for-members-only",
            "a role by e-mail is given to nobody who has none there, and answered 204",
            "роль по email не выдаётся тому, у кого её там нет, а ответ 204",
        ),
        (
            "learning-makes-a-member",
            "a setting of learning makes a member of whoever is none",
            "настройка обучения делает участником того, кто им не был",
        ),
    ),
    *group(
        "2",
        ("s1.p1.1.1",),
        (
            "empty-name-keeps-the-old",
            "a known slug with an empty name is taken, and keeps its name",
            "известный слаг с пустым названием принят, название остаётся",
        ),
        (
            "empty-name-stored",
            "a known slug with an empty name is refused, and the name is empty",
            "известный слаг с пустым названием отвергнут, но название стёрто",
        ),
    ),
    *group(
        "2",
        (ROLES, API, "s1.p0.3.2", "s1.p1.1.1"),
        (
            "errors-sent-as-text",
            "errors of the staff API are JSON that calls itself plain text",
            "ошибки API сотрудников — JSON, названный простым текстом",
        ),
    ),
)
