"""Faults of the console: of its pages in the browser, and of the server that hands them out."""

from . import Fault, console_forms, console_visits

_PROJECTS, _RUNS, _USERS = ("s1.p0.4.1",), ("s1.p0.4.2",), ("s1.p0.4.3",)
_PAGES = (*_PROJECTS, *_RUNS, *_USERS)
_SIGN_IN, _REFUSED, _CREATE = ("s1.p0.3.1",), ("s1.p0.3.2",), ("s1.p1.1.1",)
_ATTACH, _HOOKS = ("s1.p1.2.1", "s1.evidence.2"), ("s1.p1.2.2",)
_DETAILS = ("s1.p1.3.3", "s1.evidence.2")
_FORMS = (*_CREATE, "s1.p1.2.1", *_HOOKS)
# What hurts every page hurts every line that opens one.
_FURTHER = ("s1.contract.console",)
_EVERYWHERE = (*_PAGES, *_SIGN_IN, *_FORMS, *_DETAILS, *_FURTHER)
_DEV_SERVER = ("s1.boundary.console",)


def _of(name: str, lines: tuple[str, ...], en: str, ru: str) -> Fault:
    return Fault(f"console-{name}", en, ru, "6", lines)


FAULTS: tuple[Fault, ...] = (
    _of("down", (*_EVERYWHERE, *_REFUSED, *_DEV_SERVER), "The console does not answer.", "Консоль не отвечает."),
    _of(
        "projects-empty",
        (*_PROJECTS, *_FORMS),
        "Projects shows an empty table while projects exist.",
        "Страница «Проекты» пуста, хотя проекты есть.",
    ),
    _of(
        "runs-empty",
        _RUNS,
        "Runs shows an empty table while runs exist.",
        "Страница «Запуски» пуста, хотя запуски есть.",
    ),
    _of(
        "homeless-runs-hidden",
        _RUNS,
        "Runs hides those of no project.",
        "Страница «Запуски» прячет запуски без проекта.",
    ),
    _of(
        "names-are-markup",
        _PROJECTS,
        "The names of projects are taken for markup.",
        "Названия проектов приняты за разметку.",
    ),
    _of(
        "users-empty",
        _USERS,
        "Users shows an empty table while users exist.",
        "Страница «Пользователи» пуста, хотя пользователи есть.",
    ),
    _of(
        "admins-inverted",
        _USERS,
        "Users calls admins those who are none.",
        "На странице «Пользователи» админами названы те, кто ими не является.",
    ),
    _of(
        "login-of-the-row-above",
        _USERS,
        "Who has no login is shown with that of the row above.",
        "Тот, у кого нет логина, показан с логином из строки выше.",
    ),
    _of(
        "error-box",
        _EVERYWHERE,
        "Every page shows an error box above its content.",
        "На каждой странице сверху ошибка.",
    ),
    _of(
        "heading-only",
        _EVERYWHERE,
        "The pages show their heading and nothing else.",
        "На страницах только заголовок.",
    ),
    _of("english-only", _EVERYWHERE, "The console speaks English only.", "Консоль говорит только по-английски."),
    _of("russian-only", _EVERYWHERE, "The console speaks Russian only.", "Консоль говорит только по-русски."),
    _of(
        "words-missing",
        _EVERYWHERE,
        "Column titles show the key of a text in place of the text.",
        "Вместо названий столбцов показаны ключи текстов.",
    ),
    _of(
        "only-after-reload",
        _EVERYWHERE,
        "Rows appear only after a reload.",
        "Строки появляются только после обновления.",
    ),
    _of(
        "only-by-link",
        (*_RUNS, *_USERS, *_FORMS, *_DETAILS),
        "Pages open by link only; by address they answer 404.",
        "Страницы открываются только по ссылке, по адресу — 404.",
    ),
    _of(
        "links-dead",
        (*_RUNS, *_USERS, *_FORMS, *_DETAILS),
        "The links of the navigation do nothing.",
        "Ссылки навигации не работают.",
    ),
    _of(
        "columns-wrong", (*_PAGES, *_CREATE), "Each table lacks a column.", "В каждой таблице не хватает столбца."
    ),
    _of(
        "first-row-lost",
        (*_PAGES, *_FORMS, "s1.evidence.2"),
        "Each list loses its first row.",
        "Каждый список теряет первую строку.",
    ),
    _of(
        "status-stale",
        (*_RUNS, *_DETAILS),
        "Runs are shown as pending whatever their status is.",
        "Запуски показаны как pending, каков бы ни был их статус.",
    ),
    _of("details-of-another", _RUNS, "Details lead to the run below.", "«Детали» ведут к запуску строкой ниже."),
    _of("times-swapped", _RUNS, "Runs mix up start and end.", "На странице «Запуски» начало и конец перепутаны."),
    _of(
        "dates-broken", (*_RUNS, *_DETAILS), "Dates are shown as Invalid Date.", "Даты показаны как Invalid Date."
    ),
    _of("dates-by-twelve", (*_RUNS, *_DETAILS), "Hours are counted to twelve.", "Часы считаются до двенадцати."),
    _of(
        "dates-sign-swapped",
        (*_RUNS, *_DETAILS),
        "The offset of dates has the wrong sign.",
        "У смещения дат не тот знак.",
    ),
    _of(
        "dates-one-digit",
        (*_RUNS, *_DETAILS),
        "Days and months have one digit.",
        "День и месяц пишутся одной цифрой.",
    ),
    _of(
        "dates-whole-hours",
        _FURTHER,
        "The offset of dates is one of whole hours.",
        "Смещение дат указано в целых часах.",
    ),
    _of(
        "form-stuck-after-refusal",
        (*_CREATE, "s1.p1.2.1"),
        "A form that was refused once stays locked.",
        "Форма после отказа остаётся запертой.",
    ),
    _of(
        "log-error",
        _EVERYWHERE,
        "Each page writes an error to the browser's log.",
        "Страницы пишут ошибку в журнал браузера.",
    ),
    _of(
        "uncaught-error",
        _EVERYWHERE,
        "An exception on each page is not caught.",
        "На каждой странице возникает необработанное исключение.",
    ),
    _of(
        "asset-missing",
        _EVERYWHERE,
        "A style sheet of the pages answers 404.",
        "Таблица стилей страниц отвечает 404.",
    ),
    _of(
        "request-fails",
        _EVERYWHERE,
        "The pages ask for an API that is not there.",
        "Страницы обращаются к API, которого нет.",
    ),
    _of(
        "users-for-all",
        _USERS,
        "The Users link is shown to everybody, and nobody is sent away from the page.",
        "Ссылка «Пользователи» видна всем, и со страницы никого не отправляют.",
    ),
    _of(
        "users-link-for-all",
        _USERS,
        "The Users link is shown to everybody.",
        "Ссылка «Пользователи» видна всем.",
    ),
    _of(
        "users-reachable",
        _USERS,
        "Somebody who is no admin is not sent away from /users.",
        "Того, кто не администратор, не отправляют с /users.",
    ),
    _of(
        "identity-wrong", (*_SIGN_IN, *_PAGES), "The header shows somebody else.", "В шапке показан кто-то другой."
    ),
    _of("login-missing", _SIGN_IN, "The header does not show the GitHub login.", "В шапке нет логина GitHub."),
    _of("admin-pill-missing", _SIGN_IN, "The header does not tell an admin.", "В шапке не отмечен администратор."),
    _of(
        "no-access-card",
        ("s1.p0.3.2",),
        "Someone not allowed sees an empty page in place of the card.",
        "Неразрешённый пользователь видит пустую страницу вместо карточки.",
    ),
    _of(
        "refusal-in-the-other-language",
        _REFUSED,
        "The page tells in the other language what the API refuses.",
        "Об отказе API страница говорит на другом языке.",
    ),
    _of(
        "card-on-first-page-only",
        ("s1.p0.3.2",),
        "Someone not allowed sees the card on the first page only.",
        "Неразрешённый пользователь видит карточку только на первой странице.",
    ),
    _of(
        "logout-keeps-session",
        _SIGN_IN,
        "Logout leaves the session as it was.",
        "Выход не завершает сессию.",
    ),
    _of(
        "create-does-nothing",
        _CREATE,
        "The form that creates a project sends nothing.",
        "Форма проекта ничего не отправляет.",
    ),
    _of("create-swaps-fields", _CREATE, "The form mixes up slug and name.", "Форма путает слаг и название."),
    _of(
        "table-not-refreshed",
        _CREATE,
        "A new project is not shown until the page is opened again.",
        "Новый проект не виден, пока страницу не откроют заново.",
    ),
    _of(
        "empty-field-silent",
        _CREATE,
        "That an empty slug or name was refused is not said.",
        "О том, что в пустом слаге или названии отказано, не сказано.",
    ),
    _of(
        "repositories-empty",
        (*_ATTACH, *_HOOKS),
        "The project's repositories are not shown.",
        "Репозитории проекта не показаны.",
    ),
    _of(
        "attach-does-nothing",
        (*_ATTACH, *_HOOKS),
        "The form that attaches a repository sends nothing.",
        "Форма подключения ничего не отправляет.",
    ),
    _of(
        "attach-error-hidden",
        _ATTACH,
        "A refused attachment shows no error.",
        "Отказ в подключении репозитория не показан.",
    ),
    _of(
        "token-on-page",
        _ATTACH,
        "The repository's token is shown on the page.",
        "Токен репозитория показан на странице.",
    ),
    _of(
        "feedback-missing",
        _DETAILS,
        "Run details show no learning feedback.",
        "В деталях запуска нет learning feedback.",
    ),
    _of(
        "feedback-of-another-run",
        _DETAILS,
        "Run details show the feedback of another run.",
        "В деталях показан learning feedback другого запуска.",
    ),
    _of(
        "feedback-of-succeeded-only",
        ("s1.p1.3.3",),
        "A run that has failed is shown without its feedback.",
        "Неудачный запуск показан без своей обратной связи.",
    ),
    _of(
        "feedback-kind-missing",
        _DETAILS,
        "Feedback is shown without its kind.",
        "Learning feedback показан без вида.",
    ),
    _of(
        "feedback-text-cut",
        _DETAILS,
        "The feedback's text is cut after twelve letters.",
        "Текст обрезан после двенадцати букв.",
    ),
    _of(
        "homeless-run-crashes",
        _FURTHER,
        "Run details break where a run belongs to no project yet.",
        "Детали запуска ломаются, если он ещё не отнесён к проекту.",
    ),
    _of(
        "long-feedback-cut",
        ("s1.p1.3.3",),
        "Feedback is cut after 500 letters.",
        "Обратная связь обрезана после 500 букв.",
    ),
    _of(
        "events-by-name",
        _DETAILS,
        "The run's events stand in the order of their names, not of time.",
        "События запуска идут по алфавиту, а не по времени.",
    ),
    _of("event-text-lost", _DETAILS, "Events are shown as [object Object].", "Вместо событий [object Object]."),
    _of("events-doubled", _DETAILS, "Each event of a run is shown twice.", "Каждое событие показано дважды."),
    _of(
        "last-event-missing",
        _DETAILS,
        "The last event of a run is not shown.",
        "Последнее событие запуска не показано.",
    ),
    _of(
        "correlation-wrong",
        _DETAILS,
        "Run details show another correlation id.",
        "В деталях запуска другой correlation_id.",
    ),
    _of(
        "first-feedback-only",
        ("s1.p1.3.3",),
        "Only the first feedback of a run is shown.",
        "Показана лишь первая запись обратной связи.",
    ),
    _of(
        "feedback-time-of-the-run",
        ("s1.p1.3.3",),
        "Feedback is shown with the time of its run.",
        "У обратной связи показано время запуска.",
    ),
    _of(
        "feedback-is-markup",
        ("s1.p1.3.3",),
        "The text of feedback is taken for markup.",
        "Текст обратной связи принят за разметку.",
    ),
    _of(
        "events-are-markup",
        ("s1.p1.3.3",),
        "The text of events is taken for markup.",
        "Текст событий принят за разметку.",
    ),
    _of(
        "projects-for-admins",
        _FURTHER,
        "Who is no platform admin is shown no projects.",
        "Неадминистратору проекты не показаны.",
    ),
    _of("project-page-blank", _FURTHER, "A project's own page names nothing.", "Страница проекта пуста."),
    _of("members-save-nothing", _FURTHER, "Save on the members page sends nothing.", "«Сохранить» не действует."),
    _of(
        "members-show-defaults",
        _FURTHER,
        "Members are shown as inheriting.",
        "Участники показаны с наследованием.",
    ),
    _of("members-learning-lost", _FURTHER, "Save leaves the learning as it was.", "Обучение не сохраняется."),
    _of("inherit-sent-as-false", _FURTHER, "Inherit is saved as off.", "Наследование сохраняется как выключено."),
    _of("off-sent-as-inherit", _FURTHER, "Off is saved as inherited.", "«Выключено» сохранено как наследование."),
    _of(
        "off-shown-as-inherit",
        _FURTHER,
        "Learning that is off is shown as inherited.",
        "Выключенное обучение показано как унаследованное.",
    ),
    _of(
        "forms-in-other-language",
        _FURTHER,
        "Forms, buttons and links are in the other language.",
        "Формы, кнопки и ссылки на другом языке.",
    ),
    _of("no-admin-to-choose", _FURTHER, "A member cannot be made an admin.", "Роль admin участнику не выбрать."),
    _of(
        "delete-for-all",
        _FURTHER,
        "A project's Delete is shown to those who may not.",
        "«Удалить» у проекта показано тем, кому нельзя.",
    ),
    _of("cancel-deletes", _FURTHER, "Cancel deletes as well.", "«Отмена» тоже удаляет."),
    _of(
        "no-events-silent",
        _FURTHER,
        "A run without events says nothing of it.",
        "Запуск без событий об этом молчит.",
    ),
    _of("plus-lost", _FURTHER, "A plus in an e-mail is lost.", "Плюс в email теряется."),
    _of("allows-no-admins", _FURTHER, "The choice of an admin is lost.", "Выбор администратора теряется."),
    _of("allows-admins", _FURTHER, "Whoever is allowed becomes an admin.", "Разрешённый становится админом."),
    _of("empty-list-silent", _FURTHER, "An empty list says nothing.", "Пустой список молчит."),
    _of(
        "delete-does-nothing",
        _FURTHER,
        "The owner's Delete of a project deletes nothing.",
        "«Удалить» у владельца ничего не удаляет.",
    ),
    _of(
        "delete-of-another",
        _FURTHER,
        "The owner's Delete of a project deletes another.",
        "«Удалить» у владельца удаляет другой проект.",
    ),
    _of(
        "role-always-read",
        _PROJECTS,
        "Projects tell everybody that they may read there.",
        "В проектах у каждого роль read.",
    ),
    _of(
        "role-always-admin",
        _FURTHER,
        "Projects tell everybody that they are an admin there.",
        "В проектах каждый назван админом.",
    ),
    _of(
        "language-of-the-browser",
        _FURTHER,
        "Until a language is chosen it is the browser's.",
        "Пока язык не выбран, он как у браузера.",
    ),
    _of(
        "table-beside-the-card",
        ("s1.p0.3.2",),
        "Someone not allowed sees a table beside the card.",
        "Неразрешённый пользователь видит рядом с карточкой таблицу.",
    ),
    _of(
        "names-the-owner",
        _USERS,
        "The footer of the pages names the owner's e-mail.",
        "В подвале страниц стоит почта владельца.",
    ),
    _of(
        "feedback-doubled",
        ("s1.p1.3.3",),
        "The feedback of a run is shown twice.",
        "Обратная связь запуска показана дважды.",
    ),
    _of(
        "ghost-feedback",
        ("s1.p1.3.3",),
        "An empty item stands beside the words that there is no feedback.",
        "Рядом со словами, что обратной связи нет, стоит пустая запись.",
    ),
    _of(
        "event-kinds-missing",
        _DETAILS,
        "The events of a run are shown without their types.",
        "События запуска показаны без типов.",
    ),
    _of(
        "project-names-cut",
        (*_CREATE, *_PROJECTS),
        "Names of projects are cut after twelve letters.",
        "Названия проектов обрезаны после двенадцати букв.",
    ),
    _of("members-empty", _FURTHER, "The members are not shown.", "Участники не показаны."),
    _of("delete-dead", _FURTHER, "The Delete buttons do nothing.", "Кнопки «Удалить» ничего не делают."),
    _of("flags-dead", _FURTHER, "The flags in the header do nothing.", "Флаги в шапке не действуют."),
    _of(
        "language-of-one-page",
        _FURTHER,
        "The language is chosen for the page alone that is shown.",
        "Язык выбирается только для открытой страницы.",
    ),
    _of("language-forgotten", _FURTHER, "The chosen language is not kept.", "Выбранный язык не запоминается."),
    _of(
        "leaks-raw",
        _DEV_SERVER,
        "The dev server gives away files: `/@fs/…?raw??` (CVE-2025-30208).",
        "Dev-сервер отдаёт файлы: `/@fs/…?raw??` (CVE-2025-30208).",
    ),
    _of(
        "leaks-raw-import",
        _DEV_SERVER,
        "The dev server gives away files: `?raw?import` (CVE-2025-31125).",
        "Dev-сервер отдаёт файлы: `?raw?import` (CVE-2025-31125).",
    ),
    _of(
        "leaks-svg-wasm",
        _DEV_SERVER,
        "The dev server gives away files: `?.svg?.wasm?init` (CVE-2025-31486).",
        "Dev-сервер отдаёт файлы: `?.svg?.wasm?init` (CVE-2025-31486).",
    ),
    *console_forms.FAULTS,
    *console_visits.FAULTS,
)
