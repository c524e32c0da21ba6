"""Faults of the console that show on the way from page to page, in its forms, or in other places and months."""

from . import group

_FURTHER = ("s1.contract.console",)
_PAGES = ("s1.p0.4.1", "s1.p0.4.2", "s1.p0.4.3")
_TIMES = ("s1.p0.4.2", "s1.contract.console")

FAULTS = (
    *group(
        "6",
        _FURTHER,
        (
            "console-inherited-shown-as-off",
            "Learning that is inherited is shown as off.",
            "Унаследованное обучение показано как выключенное.",
        ),
        (
            "console-failure-shown-as-emptiness",
            "Where the API fails a list is said to be empty.",
            "Когда API не работает, список назван пустым.",
        ),
        (
            "console-run-kept",
            "The details of a second run are those of the first until the page is loaded again.",
            "Детали второго запуска до перезагрузки — те же, что у первого.",
        ),
        (
            "console-panes-kept",
            "The events and the feedback of a second run are those of the first.",
            "События и обратная связь второго запуска — те же, что у первого.",
        ),
        (
            "console-run-remembered",
            "What was read of a run is kept: its page tells nothing new until it is loaded again.",
            "Прочитанное о запуске запоминается: до перезагрузки его страница не скажет нового.",
        ),
        (
            "console-next-run-not-drawn",
            "From one run's page right to another's the address changes and the page does not.",
            "При переходе прямо от запуска к запуску меняется адрес, а страница — нет.",
        ),
        (
            "console-panes-kept-by-history",
            "By the browser's Back and Forward from one run right to another the ids change and the panes stay.",
            "По «Назад» и «Вперёд» прямо от запуска к запуску меняются id, а панели остаются.",
        ),
        (
            "console-language-in-first-cookie",
            "The chosen language is found only in the first cookie.",
            "Выбранный язык находится, только если его cookie — первая.",
        ),
        (
            "console-project-links-exchanged",
            "On a project's own page Repos leads to its members, and Members to its repositories.",
            "На странице проекта «Репо» ведёт к участникам, а «Участники» — к репозиториям.",
        ),
        (
            "console-back-keeps-page",
            "The browser's Back changes the address and not the page.",
            "«Назад» в браузере меняет адрес, но не страницу.",
        ),
        (
            "console-admin-box-sticks",
            "Once an admin was allowed, whoever is allowed next is one, too.",
            "После администратора и следующий разрешённый становится администратором.",
        ),
        (
            "console-derived-not-deleted",
            "The owner is not offered to delete a project that was derived.",
            "Владельцу не предложено удалить выведенный проект.",
        ),
        (
            "console-save-stores-all-rows",
            "Save stores what is chosen in all rows.",
            "«Сохранить» записывает выбранное во всех строках.",
        ),
        (
            "console-equal-events-once",
            "Of events that are alike a run's page shows one.",
            "Из одинаковых событий страница запуска показывает одно.",
        ),
        (
            "console-owner-is-the-admin",
            "Only the platform's owner is taken for an admin.",
            "Администратором считается лишь владелец платформы.",
        ),
        (
            "console-first-choice-kept",
            "The language that was chosen first stays the kept one; another choice lasts until the next load.",
            "Сохранённым остаётся первый выбранный язык; другой действует до перезагрузки.",
        ),
        (
            "console-list-keeps-its-language",
            "The table of runs keeps the language in which it was drawn first.",
            "Таблица запусков остаётся на языке, на котором нарисована впервые.",
        ),
        (
            "console-members-kept",
            "Members are drawn from what was read first, also after Save.",
            "Участники рисуются по прочитанному впервые, и после «Сохранить» тоже.",
        ),
        (
            "console-lists-kept",
            "A list that was read is not asked for again until the page is loaded again.",
            "Прочитанный список до перезагрузки заново не запрашивается.",
        ),
        (
            "console-projects-kept",
            "Whoever comes back to the projects by a link sees the list of before; only its form reads it anew.",
            "Кто возвращается к проектам по ссылке, видит прежний список; заново его читает лишь форма.",
        ),
        (
            "console-lists-lost-by-flag",
            "A flag that is pressed on a list leaves it without rows.",
            "Флаг, нажатый на списке, оставляет его без строк.",
        ),
        (
            "console-lists-lost-by-history",
            "Whoever comes to a list by the browser's Back or Forward sees it without rows.",
            "Кто приходит к списку кнопками браузера «Назад» и «Вперёд», видит его без строк.",
        ),
        (
            "console-repositories-kept",
            "The repositories of a second project are those of the first until the page is loaded again.",
            "Репозитории второго проекта до перезагрузки — те же, что у первого.",
        ),
        (
            "console-members-of-the-first",
            "The members of a second project are those of the first until the page is loaded again.",
            "Участники второго проекта до перезагрузки — те же, что у первого.",
        ),
        (
            "console-late-answer-wins",
            "An answer about a page that was left takes the place of the page that is open.",
            "Ответ о странице, с которой ушли, занимает место открытой.",
        ),
        (
            "console-nav-for-admins-only",
            "Who is no platform admin has no navigation.",
            "У тех, кто не администратор платформы, нет навигации.",
        ),
        (
            "console-row-links-for-admins-only",
            "Who is no platform admin has no links in the rows of projects.",
            "У тех, кто не администратор платформы, в строках проектов нет ссылок.",
        ),
        (
            "console-saved-row-falls-back",
            "After Save a member's row shows the old values until the page is loaded again.",
            "После «Сохранить» строка участника до перезагрузки показывает прежние значения.",
        ),
        (
            "console-save-tells-an-error",
            "Save stores a member, and then tells of an error.",
            "«Сохранить» записывает участника, а потом сообщает об ошибке.",
        ),
        (
            "console-delete-tells-an-error",
            "Delete deletes the project, and then fails.",
            "«Удалить» удаляет проект, а потом падает.",
        ),
        (
            "console-projects-read-before-delete",
            "Delete goes on to the projects before the project is deleted, and they list it still.",
            "«Удалить» уводит к проектам, не дождавшись удаления, и проект там ещё есть.",
        ),
        (
            "console-delete-locked",
            "In the dialog that asks whether to delete, the button that agrees cannot be pressed.",
            "В диалоге с вопросом об удалении кнопку согласия нельзя нажать.",
        ),
        (
            "console-choices-by-row-number",
            "After Save the members are read again, and what is chosen stays with the number of the row.",
            "После «Сохранить» участники читаются заново, а выбранное остаётся за номером строки.",
        ),
        (
            "console-role-alone-inherits",
            "Save sends the learning as inherited where only the role was changed.",
            "«Сохранить» отправляет обучение как наследуемое, если изменена только роль.",
        ),
        (
            "console-run-for-admins",
            "A run's page is empty for who is no platform admin.",
            "Страница запуска пуста для тех, кто не администратор платформы.",
        ),
        (
            "console-refused-run-is-empty",
            "A run that is refused to its reader is shown as one without events and feedback.",
            "Запуск, в котором читателю отказано, показан как запуск без событий и обратной связи.",
        ),
        (
            "console-refused-repositories-are-empty",
            "Repositories that are refused to their reader are shown as none.",
            "Если читателю отказано в репозиториях, страница говорит, что их нет.",
        ),
        (
            "console-attach-for-admins",
            "The form that attaches a repository is for platform admins only.",
            "Форма подключения репозитория есть только у администраторов платформы.",
        ),
        (
            "console-header-keeps-language",
            "The flags change the page, and the header only when it is loaded again.",
            "Флаги меняют страницу, а шапку — лишь после перезагрузки.",
        ),
        (
            "console-language-not-in-the-cookie",
            "The chosen language is kept beside the cookie.",
            "Выбранный язык хранится помимо cookie.",
        ),
        (
            "console-pill-of-before",
            "Once an admin was signed in with this browser, everybody wears the pill.",
            "Побывал в этом браузере администратор — и отметка есть у всех.",
        ),
        (
            "console-header-of-before",
            "The header is that of whoever was signed in with this browser before.",
            "Шапка — того, кто входил в этом браузере раньше.",
        ),
        (
            "console-header-missing-below",
            "Pages below a list have no header.",
            "У страниц ниже списков нет шапки.",
        ),
        (
            "console-delete-in-the-other-language",
            "Delete is told in the other language.",
            "Кнопка «Удалить» подписана на другом языке.",
        ),
        (
            "console-label-is-a-key",
            "The labels Owner and Platform admin are keys of a text.",
            "Вместо подписей Owner и Platform admin стоят ключи текстов.",
        ),
        (
            "console-options-exchanged",
            "The words of two roles are exchanged in the list to choose from.",
            "В списке выбора перепутаны названия двух ролей.",
        ),
        (
            "console-dates-whole-hours-ahead",
            "Half an hour of a zone east of Greenwich is lost.",
            "Полчаса поясов к востоку от Гринвича теряются.",
        ),
        (
            "console-events-with-the-runs-time",
            "Every event of a run is shown with the run's own time.",
            "У каждого события показано время самого запуска.",
        ),
    ),
    *group(
        "6",
        (*_FURTHER, "s1.evidence.2"),
        (
            "console-rows-links-exchanged",
            "In the table of projects Repos leads to the members, and Members to the repositories.",
            "В таблице проектов «Репо» ведёт к участникам, а «Участники» — к репозиториям.",
        ),
    ),
    *group(
        "6",
        _TIMES,
        (
            "console-dates-offset-of-today",
            "Every date is written with the offset of today.",
            "Каждая дата записана с сегодняшним смещением.",
        ),
    ),
    *group(
        "6",
        (*_PAGES, *_FURTHER, "s1.p1.3.3", "s1.evidence.2"),
        (
            "console-empty-beside-rows",
            "Pages say that there is nothing yet, also beside rows.",
            "Страницы говорят, что ничего ещё нет, и рядом со строками.",
        ),
    ),
    *group(
        "6",
        (*_FURTHER, "s1.p1.3.3"),
        (
            "console-empty-unseen",
            "The words that there is nothing yet are in the page, and never seen.",
            "Слова о том, что ничего ещё нет, есть в странице, но не видны.",
        ),
    ),
    *group(
        "6",
        ("s1.p1.2.1",),
        (
            "console-first-token-kept",
            "The form sends again the token with which it attached a repository first.",
            "Форма снова отправляет токен, с которым первый раз подключила репозиторий.",
        ),
    ),
    *group(
        "6",
        ("s1.p0.4.2",),
        (
            "console-dates-midnight-24",
            "The hour after midnight is written 24.",
            "Час после полуночи записан как 24.",
        ),
        (
            "console-homeless-run-in-a-project",
            "A run of no project is shown with the project of the row above.",
            "У запуска без проекта показан проект строки выше.",
        ),
    ),
    *group(
        "6",
        ("s1.p0.4.3",),
        (
            "console-login-undefined",
            "Who has no GitHub login is shown as @undefined.",
            "Человек без логина GitHub показан как @undefined.",
        ),
    ),
    *group(
        "6",
        ("s1.p0.3.2",),
        (
            "console-sign-in-stays",
            "The link of the card stays in the app.",
            "Ссылка карточки не выходит из приложения.",
        ),
        (
            "console-card-missing-below",
            "Pages below a list have no access card.",
            "У страниц ниже списков нет карточки о доступе.",
        ),
        (
            "console-card-missing-inside-a-project",
            "The pages of a project's repositories and members have no access card.",
            "У страниц репозиториев и участников проекта нет карточки о доступе.",
        ),
    ),
)
