"""The console's own words, in both languages, exactly as contract 6 has them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gate.language import Language, Text

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


@dataclass(frozen=True)
class PageWords:
    """What a page is recognised by, and what else it says in the contract's own words.

    `columns` in their order; `empty` is how an empty list begins.

    A column whose Russian name the contract does not give has "" there: any word is right, its place counts.
    """

    heading: Text
    columns: tuple[Text, ...] = ()
    empty: Text | None = None
    form: Text | None = None
    labels: tuple[Text, ...] = ()
    buttons: tuple[Text, ...] = ()
    links: tuple[Text, ...] = ()


def same(word: str) -> Text:
    """A word that both languages share."""
    return Text(word, word)


def said(text: Text, language: Language) -> str:
    """The word as the console says it in this language."""
    return text.ru if language == "ru" else text.en


def columns(en: str, ru: str = "") -> tuple[Text, ...]:
    """The columns of a table, from comma separated lists; without the second the contract gives no Russian."""
    english = en.split(", ")
    return tuple(Text(*pair) for pair in zip(english, ru.split(", ") if ru else [""] * len(english), strict=True))


REPOS_LINK = Text("Repos", "Репо")
MEMBERS_LINK = Text("Members", "Участники")
DETAILS_LINK = Text("Details", "Детали")

PROJECT_FORM = Text("Create / Update Project", "Создать / Обновить проект")
SLUG = Text("Slug", "Слаг")
NAME = Text("Name", "Название")
CREATE_OR_UPDATE = Text("Create / Update", "Создать / Обновить")
DELETE = Text("Delete", "Удалить")
# What a dialog's other button may say; the contract does not tell.
DISAGREES = re.compile(
    r"cancel|close|\bback\b|\bno(?:t|pe)?\b|отмен|закры|назад|(?<![а-яё])нет(?![а-яё])", re.IGNORECASE
)
# As a word or as a sign, which may stand beside the word of the other one.
CANCELS = re.compile(rf"{DISAGREES.pattern}|×|✕", re.IGNORECASE)
AGREES = re.compile("delete|remove|yes|удал|да", re.IGNORECASE)
SAVE = Text("Save", "Сохранить")

ATTACH_FORM = Text("Attach GitHub Repository", "Подключить GitHub репозиторий")
ATTACH = Text("Attach + Ensure Webhook", "Подключить + настроить вебхук")
REPOSITORY_TOKEN = Text("Repo token (stored encrypted in DB)", "Токен репозитория (храним зашифрованным в БД)")
SERVICES_YAML = Text("services.yaml path", "Путь к services.yaml")

USER_FORM = Text("Add Allowed User", "Добавить разрешенного пользователя")

PROJECTS = PageWords(
    Text("Projects", "Проекты"),
    columns("Slug, Name, Role, Manage, ID", "Слаг, Название, Роль, Управление, ID"),
    Text("No projects yet.", "Пока нет проектов."),
    PROJECT_FORM,
    (SLUG, NAME),
    (CREATE_OR_UPDATE,),
    (REPOS_LINK, MEMBERS_LINK),
)
PROJECT = PageWords(Text("Project Details", "Детали проекта"), links=(REPOS_LINK, MEMBERS_LINK))
REPOSITORIES = PageWords(
    Text("Project Repositories", "Репозитории проекта"),
    columns("Provider, Repo, services.yaml, External ID, ID"),
    Text("No repositories attached yet.", "Пока нет подключенных репозиториев."),
    ATTACH_FORM,
    # What they are called in Russian the contract does not say, only that they are in labels.
    (Text("Owner", ""), Text("Name", ""), SERVICES_YAML, REPOSITORY_TOKEN),
    (ATTACH,),
)
MEMBERS = PageWords(Text("Project Members", "Участники проекта"), buttons=(SAVE,))
RUNS = PageWords(
    Text("Runs", "Запуски"),
    columns("Status, Project, Created, Started, Finished"),
    Text("No runs yet.", "Пока нет запусков."),
    links=(DETAILS_LINK,),
)
RUN = PageWords(Text("Run Details", "Детали запуска"))
USERS = PageWords(
    Text("Users", "Пользователи"),
    columns("Email, GitHub, Admin, ID"),
    form=USER_FORM,
    labels=(Text("Email", ""), Text("Platform admin", "")),
    buttons=(CREATE_OR_UPDATE,),
)

LOGOUT = Text("Logout", "Выйти")
ADMIN_PILL = same("admin")
ACCESS_REQUIRED = Text("Access required", "Требуется доступ")
LOGIN_WITH_GITHUB = Text("Login with GitHub", "Войти через GitHub")

FLOW_EVENTS = Text("Flow Events", "События")
LEARNING_FEEDBACK = Text("Learning Feedback", "Learning feedback")
NO_EVENTS = Text("No events.", "Событий нет.")
NO_FEEDBACK = Text("No learning feedback.", "Пока нет learning feedback.")

DATE_FORMATS = Text("%Y-%m-%d %H:%M%z", "%d.%m.%Y %H:%M%z")
NO_DATE = "-"
