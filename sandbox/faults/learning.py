"""Faults of learning mode as the gateway decides and tells it, a part of the gateway."""

from . import group

LEARNING, FEEDBACK = "s1.p1.3.1", "s1.p1.3.3"

FAULTS = (
    *group(
        "4",
        (LEARNING,),
        (
            "learning-override-ignored",
            "a member's override counts for nothing",
            "настройка участника не действует",
        ),
        (
            "duplicate-decides-learning",
            "a replay decides the learning mode anew",
            "повтор решает режим обучения заново",
        ),
        (
            "learning-derived-as-spelled",
            "the project of a repository nobody attached is looked up by its name as GitHub spells it",
            "проект неподключённого репозитория ищется по имени в написании GitHub",
        ),
        (
            "learning-of-derived-project",
            "the project of a repository's name decides, though the repository is attached to another",
            "решает проект с именем репозитория, хотя тот подключён к другому",
        ),
        (
            "learning-of-first-repository",
            "learning is decided by its project for a project's first repository only",
            "режим обучения решает проект лишь для первого своего репозитория",
        ),
        (
            "project-default-remembered",
            "a project's default is kept in memory as it was at first",
            "обучение проекта по умолчанию запомнено таким, каким было сначала",
        ),
        (
            "learning-off-without-repository",
            "without a repository learning is off, whatever the server's default",
            "без репозитория обучение выключено, что бы ни стояло по умолчанию",
        ),
        (
            "learning-override-of-admins-ignored",
            "the override of a member who is a platform admin counts for nothing",
            "настройка участника, который и администратор платформы, не действует",
        ),
        (
            "learning-login-missing-matches",
            "an event without a sender is taken for one of a member without a login",
            "событие без отправителя принято за событие участника без логина",
        ),
        ("learning-for-pushes-only", "only a push is learnt from", "обучение бывает только у push"),
        ("learning-inherit-as-off", "inherit is read as off", "«наследовать» понято как «выключено»"),
        (
            "learning-login-case-sensitive",
            "the sender is a member only in the same case",
            "отправитель узнаётся только в том же регистре",
        ),
        (
            "learning-login-by-beginning",
            "the sender is a member whose login begins as theirs",
            "отправитель — участник, чей логин начинается так же",
        ),
        (
            "learning-login-as-beginning",
            "the sender is a member whose login theirs begins with",
            "отправитель — участник, с чьего логина начинается его логин",
        ),
        (
            "learning-login-as-pattern",
            "the sender's login is a pattern to the database",
            "логин отправителя для базы — шаблон",
        ),
        (
            "learning-override-of-any-project",
            "the override is taken from any project",
            "настройка участника берётся из любого проекта",
        ),
        (
            "learning-override-outlives-the-member",
            "the override of a member who has left the project counts on",
            "настройка участника действует и после его исключения из проекта",
        ),
        (
            "learning-inherited-from-any-project",
            "who inherits in the project has the override that they have elsewhere",
            "для наследующего в проекте действует его настройка из другого",
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
        ("event-payload-as-base64", "payloads of events are base64", "данные событий закодированы в base64"),
        ("events-out-of-order", "a run's events come in no order", "события запуска идут вперемешку"),
        ("feedback-not-told", "the API shows no feedback", "API не показывает обучение"),
    ),
)
