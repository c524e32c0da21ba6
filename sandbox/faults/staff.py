"""Faults of sign-in and of the staff API, a part of the gateway."""

from . import group

IDENTITY, FORBIDDEN = "s1.boundary.identity", "s1.p0.3.2"
PROJECT, TOKENS, HOOKS, LEARNING, FEEDBACK = ("s1.p1.1.1", "s1.p1.2.1", "s1.p1.2.2", "s1.p1.3.1", "s1.p1.3.3")

FAULTS = (
    *group(
        "2",
        (IDENTITY,),
        ("email-case-sensitive", "an e-mail in another case is unknown", "почта в другом регистре неизвестна"),
        (
            "email-compared-by-prefix",
            "an e-mail that begins like an allowed one is allowed",
            "почта с началом как у разрешённой тоже разрешена",
        ),
        ("nobody-is-owner", "who gives no identity is the owner", "кто не назвался, тот владелец"),
        ("unsigned-token-accepted", "a token's signature is not checked", "подпись токена не проверяется"),
    ),
    *group(
        "2",
        ("s1.boundary.roles",),
        ("project-open-to-everybody", "a project is shown without a role in it", "проект виден без роли в нём"),
        ("readers-may-write", "a member who may read may write as well", "роль read позволяет менять"),
        ("members-listed-for-everybody", "any member may list the members", "состав проекта виден участникам"),
        ("roles-given-by-members", "any member may give roles", "роли раздаёт любой участник"),
        ("learning-set-by-members", "any member may set learning", "обучение меняет любой участник"),
        ("people-allowed-by-anybody", "anybody may allow people", "вход разрешает кто угодно"),
        ("people-removed-by-anybody", "anybody may take people off the list", "убирает людей кто угодно"),
        ("admins-act-as-owner", "what is the owner's alone, any admin may do", "права владельца есть у админов"),
        ("one-removes-oneself", "an admin may take themselves off the list", "админ убирает из списка себя"),
        ("projects-listed-for-everybody", "everybody's list has every project", "все видят все проекты"),
        ("runs-listed-for-everybody", "everybody's list has every run", "все видят все запуски"),
        ("project-role-wrong", "the list of projects tells another role", "в списке проектов другая роль"),
    ),
    *group(
        "2",
        ("s1.contract.api",),
        ("limit-not-checked", "a limit that is no number is passed over", "негодный предел пропускается молча"),
        ("limit-ignored", "a list is as long as it is", "список не держит предела"),
        ("unknown-project-forbidden", "a project that is not there is 403", "несуществующий проект даёт 403"),
        ("unknown-api-path-explained", "an unknown address is explained", "неизвестный адрес объясняется"),
        ("runs-without-correlation", "runs are listed without correlation_id", "запуски без correlation_id"),
        ("allowed-twice-is-a-conflict", "who is allowed already is a conflict", "повторное разрешение — конфликт"),
        ("any-role-taken", "a role that is not there is taken for read", "неизвестная роль считается read"),
    ),
    *group(
        "2",
        ("s1.boundary.path", "s1.security.1"),
        (
            "gateway-tidies-paths",
            "the gateway resolves /../ that the edge let through as a webhook path",
            "шлюз раскрывает /../, пропущенный на входе как путь вебхука",
        ),
    ),
    *group(
        "2",
        ("s1.boundary.path",),
        (
            "unknown-api-path-shows-console",
            "an unknown path of the API shows the console's page",
            "неизвестный путь API показывает страницу консоли",
        ),
    ),
    *group("2", ("s1.pre.3",), ("readiness-fails", "the gateway is not ready (503)", "шлюз не готов (503)")),
    *group(
        "2",
        (FORBIDDEN,),
        ("stranger-admitted", "an unknown e-mail is let in", "неизвестная почта допущена"),
        ("forbidden-with-200", "the refusal comes with 200", "отказ приходит с кодом 200"),
        ("forbidden-other-message", "the refusal has another text", "у отказа другой текст"),
        ("forbidden-with-data", "data stands beside the refusal", "рядом с отказом лежат данные"),
    ),
    *group(
        "2",
        ("s1.p0.3.1",),
        ("github-login-not-recorded", "the GitHub login is not kept", "логин GitHub не сохраняется"),
    ),
    *group(
        "2",
        ("s1.p0.3.1", "s1.boundary.session"),
        ("logout-keeps-cookies", "logging out clears no cookie", "выход не удаляет cookie"),
    ),
    *group(
        "2",
        ("s1.p0.4.1", PROJECT),
        ("projects-list-empty", "the list of projects is empty", "список проектов пуст"),
        ("projects-list-own-only", "an admin sees only their own projects", "админ видит только свои проекты"),
    ),
    *group(
        "2",
        ("s1.p0.4.2",),
        (
            "runs-list-partial",
            "failed and unfinished runs are not listed",
            "неудачные и незаконченные запуски не показаны",
        ),
    ),
    *group(
        "2",
        ("s1.p0.4.3",),
        ("users-list-cut-short", "only the first user is listed", "показан только первый пользователь"),
    ),
    *group(
        "2",
        ("s1.p0.4.3", IDENTITY),
        ("users-list-for-everybody", "anybody may list the users", "список пользователей открыт всем"),
    ),
    *group(
        "2",
        (PROJECT, IDENTITY),
        ("anybody-creates-projects", "anybody may create a project", "создать проект может кто угодно"),
    ),
    *group(
        "2",
        (PROJECT,),
        ("project-made-twice", "the same slug makes a second project", "тот же слаг создаёт второй проект"),
        ("project-name-not-updated", "the same slug keeps the old name", "тот же слаг оставляет старое название"),
        (
            "empty-project-fields-accepted",
            "an empty slug or name is taken",
            "принимается пустой слаг или название",
        ),
        (
            "project-learning-default-missing",
            "a new project gets no learning default",
            "новый проект остаётся без режима обучения по умолчанию",
        ),
        (
            "project-learning-default-inverted",
            "a new project gets the opposite of the server's learning default",
            "новый проект получает противоположный режим обучения",
        ),
    ),
    *group(
        "3",
        (TOKENS,),
        ("token-stored-in-clear", "the token is stored as it is", "токен хранится открыто"),
        ("token-stored-as-base64", "the token is stored as base64", "токен хранится в base64"),
        ("token-nonce-constant", "every token has the same nonce", "у всех токенов один nonce"),
        ("token-under-another-key", "the token is under another key", "токен зашифрован другим ключом"),
        ("token-tag-cut-off", "the ciphertext lost its tag", "у шифротекста отрезана метка"),
        ("token-told-by-api", "the list of repositories shows tokens", "список репозиториев показывает токены"),
        ("token-echoed-on-attach", "the answer to attaching has the token", "ответ на подключение содержит токен"),
        ("token-in-log", "the gateway's log shows the token", "журнал шлюза показывает токен"),
        ("token-in-events", "a flow event carries the token", "событие содержит токен"),
        (
            "second-repository-replaces-first",
            "a project holds only the repository attached last",
            "в проекте остаётся лишь последний подключённый репозиторий",
        ),
        (
            "refused-repository-stored",
            "a repository that GitHub refuses is stored all the same",
            "репозиторий, отвергнутый GitHub, всё равно сохраняется",
        ),
    ),
    *group(
        "5",
        (HOOKS,),
        ("hook-not-made", "attaching makes no webhook", "подключение не создаёт вебхук"),
        (
            "hook-made-twice",
            "attaching again makes a second webhook",
            "повторное подключение создаёт второй вебхук",
        ),
        ("hook-not-updated", "a webhook that is there is left as it is", "имеющийся вебхук не обновляется"),
        ("hook-inactive", "the webhook is switched off", "вебхук выключен"),
        ("hook-wrong-events", "the webhook tells of pushes only", "вебхук сообщает только о push"),
        ("hook-without-secret", "the webhook has no secret", "у вебхука нет секрета"),
        ("hook-form-encoded", "the webhook sends forms", "вебхук шлёт формы"),
        ("hook-insecure-ssl", "the webhook does not check the certificate", "вебхук не проверяет сертификат"),
        ("detach-keeps-hook", "detaching leaves the webhook", "отключение оставляет вебхук"),
    ),
    *group(
        "4",
        (LEARNING,),
        (
            "learning-override-ignored",
            "a member's override counts for nothing",
            "настройка участника не действует",
        ),
        ("learning-inherit-as-off", "inherit is read as off", "«наследовать» понято как «выключено»"),
        (
            "learning-login-case-sensitive",
            "the sender is a member only in the same case",
            "отправитель узнаётся только в том же регистре",
        ),
        (
            "learning-override-of-any-project",
            "the override is taken from any project",
            "настройка участника берётся из любого проекта",
        ),
        (
            "learning-project-default-ignored",
            "the server's default beats the project's",
            "режим сервера важнее режима проекта",
        ),
        (
            "learning-default-off-without-project",
            "without a project learning is off",
            "без проекта обучение выключено",
        ),
    ),
    *group(
        "2",
        (FEEDBACK,),
        (
            "feedback-shown-to-strangers",
            "events and feedback are shown without a role in the project",
            "события и обучение видны без роли в проекте",
        ),
        ("events-out-of-order", "a run's events come in no order", "события запуска идут вперемешку"),
        ("feedback-not-told", "the API shows no feedback", "API не показывает обучение"),
    ),
)
