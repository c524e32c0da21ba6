"""Faults in what the console's forms say when they are refused, and in what they show once they have worked."""

from . import Fault

_CREATE, _ATTACH = "s1.p1.1.1", "s1.p1.2.1"


def _of(name: str, lines: tuple[str, ...], en: str, ru: str) -> Fault:
    return Fault(f"console-{name}", en, ru, "6", lines)


FAULTS: tuple[Fault, ...] = (
    _of(
        "form-error-is-an-object",
        (_CREATE, _ATTACH),
        "A refused form says [object Object].",
        "Форма после отказа пишет [object Object].",
    ),
    _of(
        "form-error-is-a-key",
        (_CREATE, _ATTACH),
        "A refused form says the key of a text in place of the text.",
        "Форма после отказа пишет ключ текста вместо текста.",
    ),
    _of(
        "error-outlives-success",
        (_CREATE, _ATTACH),
        "The error of a refusal stays when the form has worked after it.",
        "Ошибка отказа остаётся, хотя потом форма сработала.",
    ),
    _of(
        "row-missing-after-refusal",
        (_CREATE, _ATTACH),
        "What a form makes after a refusal is not shown.",
        "Созданное формой после отказа не показано.",
    ),
    _of(
        "provider-missing",
        (_ATTACH,),
        "Repositories are shown without their provider.",
        "Репозитории показаны без провайдера.",
    ),
    _of(
        "repositories-under-their-project",
        (_ATTACH,),
        "Repositories are shown under the id of their project.",
        "Репозитории показаны под идентификатором их проекта.",
    ),
    _of(
        "renamed-row-doubled",
        (_CREATE,),
        "A project that was renamed is shown twice, as it was called before too.",
        "Переименованный проект показан дважды — и под прежним названием тоже.",
    ),
    _of(
        "allowed-again-doubled",
        ("s1.contract.console",),
        "Who is allowed again is shown twice, with the right of before too.",
        "Кому разрешили вход ещё раз, тот показан дважды — и с прежним правом тоже.",
    ),
    _of(
        "new-admin-shown-as-none",
        ("s1.contract.console",),
        "Who was allowed as an admin is shown as none until the page is loaded anew.",
        "Кому разрешили вход администратором, тот до перезагрузки страницы показан не администратором.",
    ),
)
