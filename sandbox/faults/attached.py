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
            "attached-again-unchanged",
            "who attaches again is told so, and nothing is stored",
            "о повторном подключении сообщено, но ничего не записано",
        ),
        (
            "detach-needs-its-hook",
            "what GitHub does not let remove cannot be detached",
            "репозиторий не отключается, если GitHub не даёт удалить вебхук",
        ),
    ),
    *group(
        "2",
        ("s1.p1.2.1",),
        (
            "attached-elsewhere-is-told-attached",
            "a repository of another project is told to be attached, and stays there",
            "репозиторий другого проекта назван подключённым, но остаётся там",
        ),
    ),
)
