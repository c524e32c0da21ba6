"""Faults about what is attached to a project and what is taken away with it, a part of the gateway."""

from . import group

HOOKS = "s1.p1.2.2"

FAULTS = (
    *group(
        "5",
        (HOOKS,),
        (
            "hook-known-by-its-path",
            "a webhook is taken for the platform's by its path, on whatever host",
            "вебхук принят за свой по одному пути, на любом хосте",
        ),
        (
            "hook-known-by-its-beginning",
            "a webhook is taken for the platform's when its address begins so",
            "вебхук принят за свой по началу адреса",
        ),
        (
            "deleted-project-keeps-second-hook",
            "with a project only the webhook of its first repository goes",
            "вместе с проектом удаляется вебхук лишь первого репозитория",
        ),
        (
            "deleted-project-stops-at-a-hook",
            "with a project go its webhooks up to the first that GitHub does not let remove",
            "вместе с проектом удаляются вебхуки до первого, который GitHub не даёт удалить",
        ),
        (
            "deleted-project-needs-its-hooks",
            "a project is not deleted while GitHub does not let remove one of its webhooks",
            "проект не удаляется, если GitHub не даёт удалить один из его вебхуков",
        ),
        (
            "deleted-project-takes-every-hook",
            "with a project go all webhooks of its repositories, whoever made them",
            "вместе с проектом удаляются все вебхуки его репозиториев, чьи бы они ни были",
        ),
        (
            "detach-takes-all-repositories",
            "with one repository all of the project are detached",
            "вместе с одним репозиторием отключаются все",
        ),
        (
            "detach-takes-all-hooks",
            "with one repository the webhooks of all of the project go",
            "вместе с одним репозиторием удаляются вебхуки всех",
        ),
        (
            "hook-that-looks-right-kept",
            "a webhook that looks right is left as it is, whatever its secret",
            "вебхук, правильный с виду, остаётся как есть, каким бы ни был его секрет",
        ),
        (
            "hook-keeps-its-old-events",
            "a webhook that is there keeps the events that it had",
            "у имеющегося вебхука остаются прежние события",
        ),
        (
            "hook-looked-for-in-first-place",
            "only the first webhook of a repository is looked at",
            "из вебхуков репозитория проверяется лишь первый",
        ),
        (
            "attached-again-unchanged",
            "who attaches again is told so, and nothing is stored",
            "о повторном подключении сообщено, но ничего не записано",
        ),
        (
            "attached-again-leaves-hook",
            "who attaches again has the token renewed, and nobody looks at the webhook",
            "при повторном подключении обновлён токен, а на вебхук никто не смотрит",
        ),
        (
            "detach-with-a-neighbours-token",
            "a webhook is removed with the token of whichever repository the project has first",
            "вебхук удаляется с токеном того репозитория, который в проекте первый",
        ),
        (
            "detach-needs-its-hook",
            "what GitHub does not let remove cannot be detached",
            "репозиторий не отключается, если GitHub не даёт удалить вебхук",
        ),
        (
            "hook-that-is-gone-holds-repository",
            "a repository whose webhook is gone already cannot be detached",
            "репозиторий, чьего вебхука уже нет, не отключается",
        ),
    ),
    *group(
        "2",
        (HOOKS,),
        (
            "feedback-holds-a-repository",
            "a repository that feedback names cannot be detached",
            "репозиторий, названный в обратной связи, не отключается",
        ),
        (
            "attach-role-asked-after-hook",
            "who may not attach is refused once the webhook is made",
            "кому нельзя подключать, тому отказано, когда вебхук уже создан",
        ),
        (
            "delete-role-asked-after-hooks",
            "who may not delete a project is refused once its webhooks are gone",
            "кому нельзя удалять проект, тому отказано, когда его вебхуков уже нет",
        ),
        (
            "writers-attach-nothing",
            "a member who may write is refused once GitHub has said yes",
            "участнику с правом записи отказано уже после согласия GitHub",
        ),
        (
            "leads-attach-nothing",
            "a member with the highest role is refused once GitHub has said yes",
            "участнику с высшей ролью отказано уже после согласия GitHub",
        ),
        (
            "writers-detach-nothing",
            "a member who may write is told to have detached, and the repository stays",
            "участнику с правом записи сообщено об отключении, а репозиторий остаётся",
        ),
        (
            "attached-again-keeps-token",
            "who attaches again with a new token is told so, and the old one stays",
            "о повторном подключении с новым токеном сообщено, но остаётся прежний",
        ),
    ),
    *group(
        "2",
        ("s1.p1.2.1",),
        (
            "refused-token-told",
            "a refusal to attach repeats the token that was given",
            "отказ в подключении повторяет данный токен",
        ),
        (
            "refused-token-in-log",
            "the log of a refusal to attach shows the token that was given",
            "в журнале об отказе в подключении виден данный токен",
        ),
        (
            "ciphertext-told-by-api",
            "the list of repositories shows the ciphertext of the token",
            "список репозиториев показывает шифртекст токена",
        ),
        (
            "webhook-secret-told-on-attach",
            "the answer to attaching has the secret of the webhook",
            "ответ на подключение содержит секрет вебхука",
        ),
        (
            "token-in-another-table",
            "a table beside the repositories keeps the token as it is",
            "таблица рядом с репозиториями хранит токен открыто",
        ),
        (
            "refused-second-project-takes-the-hook",
            "a second project is refused a repository, and the webhook of the first is removed",
            "второму проекту отказано в репозитории, а вебхук первого удалён",
        ),
        (
            "refused-second-project-overwrites-the-path",
            "a second project is refused a repository, and its services.yaml is written into the first",
            "второму проекту отказано в репозитории, а его путь к services.yaml записан первому",
        ),
        (
            "refused-second-project-overwrites-the-token",
            "a second project is refused a repository, and its token is written into the first",
            "второму проекту отказано в репозитории, а его токен записан первому",
        ),
        (
            "attached-elsewhere-is-told-attached",
            "a repository of another project is told to be attached, and stays there",
            "репозиторий другого проекта назван подключённым, но остаётся там",
        ),
    ),
)
