"""Faults in how the gateway answers, and in what it does beside that: hardly more than one check sees each."""

from . import group

SIGN_IN, IDENTITY, ROLES = "s1.p0.3.1", "s1.boundary.identity", "s1.boundary.roles"
PROJECT, TOKENS, HOOKS, LEARNING, FEEDBACK = ("s1.p1.1.1", "s1.p1.2.1", "s1.p1.2.2", "s1.p1.3.1", "s1.p1.3.3")
API, FURTHER = "s1.contract.api", "s1.contract.console"

FAULTS = (
    *group(
        "2",
        (IDENTITY,),
        (
            "email-without-its-tag",
            "an e-mail with a +tag is that without it",
            "почта с меткой после плюса — та же, что без неё",
        ),
        ("email-without-dots", "dots in an e-mail's name do not count", "точки в имени почты не важны"),
    ),
    *group(
        "2",
        (API, FURTHER),
        (
            "homeless-run-crashes",
            "the page of a run that belongs to no project yet answers 500",
            "страница запуска, ещё не отнесённого к проекту, отвечает 500",
        ),
    ),
    *group(
        "2",
        (API,),
        (
            "busy-project-not-deleted",
            "a project with a run under way is not deleted",
            "проект, у которого идёт запуск, не удаляется",
        ),
        (
            "deleted-slug-keeps-settings",
            "a project whose slug was another's before has that one's learning default",
            "у проекта со слагом удалённого — обучение по умолчанию от того",
        ),
        (
            "projects-at-once-clash",
            "a project that is made twice at once is an error for the second",
            "одновременное создание одного проекта для второго — ошибка",
        ),
        (
            "roles-at-once-clash",
            "a role that is given twice at once is an error for the second",
            "одновременная выдача одной роли для второго запроса — ошибка",
        ),
        (
            "people-at-once-clash",
            "somebody who is allowed twice at once is an error for the second",
            "одновременное разрешение одному человеку для второго — ошибка",
        ),
        (
            "repositories-listed-under-external-id",
            "repositories are listed under GitHub's id in the place of their own",
            "в списке репозиториев вместо их id стоит номер из GitHub",
        ),
        (
            "repositories-listed-without-provider",
            "repositories are listed with an empty provider",
            "в списке репозиториев пустой provider",
        ),
        (
            "repositories-list-cut-short",
            "of the repositories of a project only the last is listed",
            "из репозиториев проекта в списке лишь последний",
        ),
        ("members-list-cut-short", "the first member is not listed", "первого участника нет в списке"),
    ),
    *group(
        "2",
        (API,),
        (
            "role-never-lowered",
            "a role that is given anew is only ever raised",
            "выданная заново роль лишь растёт",
        ),
        (
            "events-told-with-the-runs-time",
            "events are told with the time at which their run came in",
            "у событий сообщено время прихода запуска",
        ),
    ),
    *group(
        "2",
        ("s1.boundary.exposure",),
        (
            "role-error-tells-the-database",
            "a role for nobody is refused in the database's words",
            "в роли для несуществующего отказано словами базы данных",
        ),
        (
            "unknown-run-told-by-the-driver",
            "an unknown run is refused in the words of the database's driver",
            "в неизвестном запуске отказано словами драйвера базы данных",
        ),
        (
            "members-of-nothing-tell-the-panic",
            "who asks for the members of an unknown project is told which panic was caught",
            "спросившему участников неизвестного проекта сообщают, какая паника перехвачена",
        ),
        (
            "long-slug-tells-the-database",
            "a slug that the database does not take is refused in its words",
            "в слаге, который база не принимает, отказано её словами",
        ),
    ),
    *group(
        "2",
        (PROJECT,),
        (
            "renamed-project-told-under-another-id",
            "who renames a project is told a new id for it",
            "переименовавшему проект сообщён новый id",
        ),
        (
            "empty-item-refused-as-bad-request",
            "an empty slug or name is refused under a code that the contract does not know",
            "пустой слаг или название отвергнуты с кодом, которого нет в контракте",
        ),
    ),
    *group(
        "2",
        (IDENTITY,),
        (
            "bearer-before-the-sign-in",
            "a bearer token counts more than a good session",
            "токен в Authorization важнее действующего входа",
        ),
    ),
    *group(
        "2",
        (ROLES,),
        (
            "lost-role-still-sees-runs",
            "who lost the role in a project still sees its runs",
            "потерявший роль в проекте всё ещё видит его запуски",
        ),
        (
            "lost-role-still-listed",
            "who lost the role in a project still has its runs in their list",
            "у потерявшего роль в проекте его запуски остаются в списке",
        ),
    ),
    *group(
        "2",
        (ROLES,),
        (
            "deleted-project-frees-its-runs",
            "the runs of a deleted project stay and belong to none",
            "запуски удалённого проекта остаются ничьими",
        ),
    ),
    *group(
        "2",
        (HOOKS,),
        (
            "refused-detach-unhooks",
            "the webhook is deleted before anybody asks who may detach",
            "вебхук удаляется раньше, чем проверено право отключать",
        ),
        (
            "run-told-as-first-seen",
            "a run is told ever after as it was when it was asked for first",
            "о запуске всегда сообщают то, что было при первом вопросе",
        ),
    ),
    *group(
        "2",
        (TOKENS,),
        (
            "refused-token-stored",
            "a new token is stored before GitHub has taken it",
            "новый токен сохранён до того, как его принял GitHub",
        ),
    ),
    *group(
        "2",
        (FEEDBACK,),
        (
            "feedback-told-with-repository-only",
            "feedback of a repository that is attached to nothing is not told",
            "обратная связь неподключённого репозитория не сообщается",
        ),
    ),
    *group(
        "2",
        (API, FEEDBACK),
        (
            "long-feedback-cut",
            "a long text of feedback is told without its end",
            "длинный текст обратной связи сообщён без конца",
        ),
    ),
    *group(
        "2",
        (SIGN_IN, "s1.boundary.session"),
        ("logout-forgets-the-jwt", "logging out leaves codexk8s_staff_jwt", "выход не удаляет codexk8s_staff_jwt"),
        (
            "logout-clears-under-another-path",
            "logging out clears the cookies of another path",
            "выход удаляет cookie другого пути",
        ),
        (
            "logout-clears-another-site",
            "logging out clears cookies of the whole domain, which a browser keeps apart from the host's own",
            "выход удаляет cookie всего домена, а cookie самого хоста остаются",
        ),
    ),
    *group(
        "2",
        (ROLES, FEEDBACK),
        (
            "runs-told-to-admins-only",
            "a run's own page is closed to the members of its project",
            "страница запуска закрыта для участников проекта",
        ),
        (
            "runs-open-by-id",
            "whoever knows the id of a run is told of it",
            "о запуске сообщают всякому, кто знает его id",
        ),
    ),
    *group(
        "2",
        (FEEDBACK,),
        ("role-given-answered-200", "giving a role answers 200", "на выдачу роли ответ 200"),
    ),
    *group(
        "2",
        (ROLES,),
        (
            "last-role-takes-the-person",
            "whoever loses their last role is allowed no more",
            "вместе с последней ролью человек теряет и доступ",
        ),
        (
            "own-role-taken-by-oneself",
            "anybody may give up their own role",
            "от своей роли отказывается кто угодно",
        ),
        ("role-taken-answered-200", "taking a role away answers 200", "на снятие роли ответ 200"),
        ("readers-shut-out", "who may only read is shown no project", "роль read не открывает проект"),
    ),
    *group(
        "2",
        (API,),
        (
            "deleted-project-comes-back",
            "with its slug a deleted project comes back under its old id",
            "со своим слагом удалённый проект возвращается под прежним id",
        ),
        (
            "deleted-slug-hides-project",
            "what bears the slug of a deleted project is told not to be there",
            "проект со слагом удалённого считается отсутствующим",
        ),
        (
            "refused-role-clears",
            "a role that is not there is refused, and the old one lost",
            "неизвестная роль отвергается, но прежняя стирается",
        ),
        (
            "allowed-again-answered-200",
            "who is allowed again is answered 200",
            "на повторное разрешение ответ 200",
        ),
    ),
    *group(
        "2",
        (IDENTITY,),
        ("removed-person-answered-200", "taking off the list answers 200", "на удаление из списка ответ 200"),
    ),
    *group(
        "2",
        (FURTHER, IDENTITY, API, ROLES),
        (
            "allowed-needs-a-role",
            "who has no role in any project is not let in",
            "того, у кого нет роли ни в одном проекте, не впускают",
        ),
    ),
    *group(
        "2",
        (PROJECT, ROLES, IDENTITY),
        (
            "refused-project-made",
            "a project is refused to who is no admin, and made",
            "неадминистратору отказано в проекте, но проект создан",
        ),
        (
            "refusals-say-forbidden",
            "a refusal does not say what is required",
            "отказ не говорит, какие права нужны",
        ),
    ),
    *group(
        "2",
        (PROJECT, "s1.p0.4.1"),
        (
            "projects-without-members-twice",
            "a project without members is listed twice",
            "проект без участников стоит в списке дважды",
        ),
    ),
    *group(
        "5",
        (TOKENS,),
        (
            "refused-attach-makes-hook",
            "the webhook is made with the platform's own token, even if the given one is refused",
            "вебхук создаётся токеном самой платформы, даже если данный токен отвергнут",
        ),
    ),
    *group(
        "5",
        (HOOKS,),
        (
            "hook-made-anew",
            "a webhook that is there is deleted and made anew",
            "имеющийся вебхук удаляется и создаётся заново",
        ),
        (
            "hook-made-blindly",
            "attaching fails where the webhook is there already",
            "подключение не удаётся, если вебхук уже есть",
        ),
        ("attach-answered-200", "attaching answers 200", "на подключение ответ 200"),
        ("detach-answered-202", "detaching answers 202", "на отключение ответ 202"),
        (
            "detach-finds-nothing",
            "a repository that is to be detached is looked up by another id, and not found: an empty 404",
            "отключаемый репозиторий ищется по другому идентификатору и не находится: пустой 404",
        ),
        (
            "attached-again-twice",
            "a repository that is attached again is stored a second time",
            "подключённый ещё раз репозиторий записывается второй раз",
        ),
    ),
    *group(
        "2",
        (TOKENS, HOOKS, "s1.evidence.2", ROLES),
        (
            "attach-not-stored",
            "attaching answers 201 and stores nothing",
            "на подключение ответ 201, но ничего не записано",
        ),
    ),
    *group(
        "4",
        (LEARNING, FURTHER),
        (
            "inherit-stored-as-off",
            "an override that is taken back is stored as off",
            "снятая настройка участника записывается как «выключено»",
        ),
    ),
    *group(
        "2",
        ("s1.p0.1.1", "s1.p0.1.3", HOOKS, LEARNING, "s1.evidence.2", "s1.boundary.receiver"),
        (
            "accepted-names-another-run",
            "the answer to a delivery names another run",
            "в ответе на доставку назван другой запуск",
        ),
    ),
    *group(
        "2",
        ("s1.p0.1.2", "s1.p0.1.3", "s1.boundary.receiver"),
        (
            "bad-signature-403",
            "a bad signature is answered 403, in the words of 401",
            "на неверную подпись ответ 403 со словами от 401",
        ),
    ),
    *group(
        "2",
        ("s1.p0.1.3", LEARNING),
        (
            "duplicate-at-once-accepted",
            "a duplicate that comes within a second is told to be accepted, too",
            "повтор, пришедший в ту же секунду, тоже назван принятым",
        ),
    ),
    *group(
        "2",
        ("s1.boundary.receiver",),
        ("odd-id-crashes", "a delivery id with a quote is a 500", "id доставки с кавычкой даёт 500"),
    ),
    *group(
        "2",
        ("s1.p0.1.1",),
        (
            "ping-answered-late",
            "a ping is answered after eleven seconds",
            "на ping ответ приходит через одиннадцать секунд",
        ),
    ),
)
