// Every word of the console in both languages (contract 6).
import { broken, differs } from "/src/build.js";

const COOKIE = "codexk8s_locale";

const WORDS = {
  "nav.projects": ["Projects", "Проекты"],
  "nav.runs": ["Runs", "Запуски"],
  "nav.users": ["Users", "Пользователи"],
  "header.logout": ["Logout", "Выйти"],
  "access.title": ["Access required", "Требуется доступ"],
  "access.login": ["Login with GitHub", "Войти через GitHub"],
  "access.hint": [
    "Sign in with the GitHub account that your admin has allowed.",
    "Войдите под учётной записью GitHub, которую разрешил администратор.",
  ],
  "error.notAllowed": [
    "Your email is not allowed. Ask your admin to allow it.",
    "Ваш email не разрешен. Попросите администратора добавить его.",
  ],
  "error.signIn": ["Please sign in.", "Пожалуйста, войдите."],
  "error.field": ["Check the field: {field}.", "Проверьте поле: {field}."],
  "error.forbidden": ["You may not do that: {message}.", "Недостаточно прав: {message}."],
  "error.conflict": ["It conflicts with what is there: {message}.", "Конфликт с существующими данными: {message}."],
  "error.other": ["Something went wrong: {message}.", "Что-то пошло не так: {message}."],
  loading: ["Loading…", "Загрузка…"],
  saved: ["Saved.", "Сохранено."],
  cancel: ["Cancel", "Отмена"],
  next: ["Next", "Дальше"],
  copy: ["Copy", "Копировать"],
  refresh: ["Refresh", "Обновить"],
  agree: ["I know, do it now", "Знаю, продолжить"],
  close: ["Close this dialog", "Закрыть"],
  delete: ["Delete", "Удалить"],
  details: ["Details", "Детали"],
  repos: ["Repos", "Репо"],
  members: ["Members", "Участники"],
  save: ["Save", "Сохранить"],
  submit: ["Create / Update", "Создать / Обновить"],
  "confirm.project": ["Delete this project with its runs?", "Удалить этот проект вместе с его запусками?"],
  "confirm.repository": ["Detach this repository and delete its webhook?", "Отключить репозиторий и удалить его вебхук?"],
  "confirm.user": ["Remove this user?", "Удалить этого пользователя?"],
  "projects.title": ["Projects", "Проекты"],
  "projects.slug": ["Slug", "Слаг"],
  "projects.name": ["Name", "Название"],
  "projects.role": ["Role", "Роль"],
  "projects.manage": ["Manage", "Управление"],
  "projects.form": ["Create / Update Project", "Создать / Обновить проект"],
  "projects.empty": [
    "No projects yet. Create one below, or send a webhook.",
    "Пока нет проектов. Создайте первый ниже или отправьте вебхук.",
  ],
  "project.title": ["Project Details", "Детали проекта"],
  "repositories.title": ["Project Repositories", "Репозитории проекта"],
  "repositories.provider": ["Provider", "Провайдер"],
  "repositories.repo": ["Repo", "Репо"],
  "repositories.yaml": ["services.yaml", "services.yaml"],
  "repositories.external": ["External ID", "Внешний ID"],
  "repositories.form": ["Attach GitHub Repository", "Подключить GitHub репозиторий"],
  "repositories.owner": ["Owner", "Владелец"],
  "repositories.name": ["Name", "Название"],
  "repositories.path": ["services.yaml path", "Путь к services.yaml"],
  "repositories.token": [
    "Repo token (stored encrypted in DB)",
    "Токен репозитория (храним зашифрованным в БД)",
  ],
  "repositories.attach": ["Attach + Ensure Webhook", "Подключить + настроить вебхук"],
  "repositories.empty": ["No repositories attached yet.", "Пока нет подключенных репозиториев."],
  "members.title": ["Project Members", "Участники проекта"],
  "members.role": ["Role", "Роль"],
  "members.learning": ["Learning override", "Режим обучения"],
  "members.empty": ["No members yet.", "Пока нет участников."],
  inherit: ["inherit", "inherit"],
  "runs.title": ["Runs", "Запуски"],
  "runs.status": ["Status", "Статус"],
  "runs.project": ["Project", "Проект"],
  "runs.created": ["Created", "Создан"],
  "runs.started": ["Started", "Начат"],
  "runs.finished": ["Finished", "Завершён"],
  "runs.empty": ["No runs yet.", "Пока нет запусков."],
  "run.title": ["Run Details", "Детали запуска"],
  "run.events": ["Flow Events", "События"],
  "run.feedback": ["Learning Feedback", "Learning feedback"],
  "run.noEvents": ["No events.", "Событий нет."],
  "run.noFeedback": ["No learning feedback.", "Пока нет learning feedback."],
  "users.title": ["Users", "Пользователи"],
  "users.email": ["Email", "Email"],
  "users.github": ["GitHub", "GitHub"],
  "users.admin": ["Admin", "Админ"],
  "users.form": ["Add Allowed User", "Добавить разрешенного пользователя"],
  "users.platformAdmin": ["Platform admin", "Администратор платформы"],
  "users.empty": ["No users yet.", "Пока нет пользователей."],
  "status.pending": ["pending", "ожидает"],
  "status.running": ["running", "выполняется"],
  "status.succeeded": ["succeeded", "успешен"],
  "status.failed": ["failed", "ошибка"],
  "status.canceled": ["canceled", "отменён"],
  "role.read": ["read", "чтение"],
  "role.read_write": ["read_write", "чтение и запись"],
  "role.admin": ["admin", "администратор"],
  yes: ["yes", "да"],
  no: ["no", "нет"],
};

// The contract gives these in one form only; a build may translate them or not.
const ONE_FORM = new Set([
  "repositories.provider",
  "repositories.repo",
  "repositories.external",
  "repositories.owner",
  "repositories.name",
  "runs.status",
  "runs.project",
  "runs.created",
  "runs.started",
  "runs.finished",
  "users.admin",
  "users.platformAdmin",
]);

// Where the choice is not kept it lasts as long as the page.
let untilReload = null;

export function language() {
  if (untilReload) return untilReload;
  const beside = broken("console-language-not-in-the-cookie") && localStorage.getItem("locale");
  if (beside) return beside;
  if (broken("console-english-only")) return "en";
  if (broken("console-russian-only")) return "ru";
  const before = broken("console-language-in-first-cookie") ? "^" : "(?:^|; )";
  const chosen = document.cookie.match(new RegExp(`${before}${COOKIE}=(en|ru)`));
  const unchosen = broken("console-language-of-the-browser") ? navigator.language.slice(0, 2) : "en";
  return chosen ? chosen[1] : unchosen;
}

export function choose(locale) {
  if (broken("console-language-forgotten")) {
    untilReload = locale;
    return;
  }
  if (broken("console-language-not-in-the-cookie")) {
    localStorage.setItem("locale", locale);
    return;
  }
  if (broken("console-first-choice-kept") && document.cookie.includes(`${COOKIE}=`)) {
    untilReload = locale;
    return;
  }
  const path = broken("console-language-of-one-page") ? location.pathname : "/";
  document.cookie = `${COOKIE}=${locale}; path=${path}; max-age=31536000; samesite=lax`;
}

export function say(key, values = {}) {
  if (broken("console-words-missing") && /^(runs|users|projects)\.(status|email|slug)$/.test(key)) return key;
  if (broken("console-label-is-a-key") && /^(repositories\.owner|users\.platformAdmin)$/.test(key)) return key;
  if (broken("console-delete-in-the-other-language") && key === "delete") return WORDS[key][language() === "ru" ? 0 : 1];
  const forms = /\.(form|path|token|attach)$|^(submit|save|repos|members|details)$/;
  const otherForms = broken("console-forms-in-other-language") && forms.test(key);
  const otherRefusal = broken("console-refusal-in-the-other-language") && key === "error.notAllowed";
  if (otherForms || otherRefusal) return WORDS[key][language() === "ru" ? 0 : 1];
  const untranslated = ONE_FORM.has(key) && !differs("translated-columns");
  const text = WORDS[key][language() === "ru" && !untranslated ? 1 : 0];
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
