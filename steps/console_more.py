"""Sentences about the console's further pages and forms."""

from behave import given, then, when

from gate.capabilities import console
from gate.language import meaning

AS_ADMIN = {
    "a platform admin": True,
    "платформенному администратору": True,
    "somebody without admin rights": False,
    "человеку без прав администратора": False,
}

READ = {
    "Projects": "projects",
    "Проекты": "projects",
    "Project Details": "project",
    "Детали проекта": "project",
    "Project Repositories": "repositories",
    "Репозитории проекта": "repositories",
    "Project Members": "members",
    "Участники проекта": "members",
    "Runs": "runs",
    "Запуски": "runs",
    "Users": "users",
    "Пользователи": "users",
}

REFUSED = {
    "Run Details": "run",
    "Детали запуска": "run",
    "Project Repositories": "repositories",
    "Репозитории проекта": "repositories",
}


@when("a platform admin opens the project's own page")
@when("платформенный администратор открывает страницу этого проекта")
def open_project(context):
    """By its address."""
    context.world.further.open_project()


@when("a platform admin changes the role and the learning of a member in the console")
@when("платформенный администратор меняет в консоли роль и обучение участника")
def change_member(context):
    """By the link of the project's row, and Save."""
    context.world.further.change_member()


@given("a platform admin has switched a member's learning off in the console")
@given("платформенный администратор выключил обучение участника в консоли")
def have_changed_member(context):
    """With a new role, and stored; meanwhile somebody else becomes a member."""
    context.world.further.change_member("false", joined=True)
    context.world.further.expect_member_stored(False)


@when("they set it back to inherit there")
@when("он возвращает там наследование")
def inherit_again(context):
    """In the same row, by Save."""
    context.world.further.inherit_again()


@when("they give that member another role there and nothing else")
@when("он даёт там этому участнику другую роль, и больше ничего")
def change_role_alone(context):
    """In the same row, by Save."""
    context.world.further.change_role_alone()


@then("the member's role alone is changed")
@then("изменилась только роль этого участника")
def expect_role_alone(context):
    """In the database."""
    context.world.further.expect_member_stored(False, "admin")


@when("a platform admin allows somebody in the console as {what}")
@when("платформенный администратор разрешает в консоли вход: {what}")
def allow_somebody(context, what):
    """By the form of the users' page."""
    context.world.further.allow_somebody(meaning(what, AS_ADMIN))


@when("a platform admin allows an admin and then somebody else in one visit to the console")
@when("платформенный администратор за одно посещение консоли разрешает вход администратору, а затем ещё кому-то")
def allow_admin_first(context):
    """By the same form, whose box is not ticked the second time."""
    context.world.further.allow_admin_first()


@when("a platform admin allows somebody and then makes them an admin in one visit to the console")
@when(
    "платформенный администратор за одно посещение консоли разрешает кому-то вход, "
    "а затем делает его администратором"
)
def allow_twice(context):
    """By the same form, whose box is ticked the second time."""
    context.world.further.allow_twice()


@then("the member's learning is stored as inherited, and nothing else is changed")
@then("обучение участника сохранено как наследуемое, и больше ничего не изменилось")
def expect_inherited(context):
    """In the database."""
    context.world.further.expect_member_stored(None)


@when("a platform admin opens the repositories of a new project")
@when("платформенный администратор открывает репозитории нового проекта")
def open_empty_project(context):
    """By their address."""
    context.world.further.open_empty_project()


@when("the one without a role opens the {page} page")
@when("тот, у кого роли нет, открывает страницу «{page}»")
def open_as_nobody(context, page):
    """At the gateway, as the edge would name them."""
    context.world.further.open_as_nobody(meaning(page, console.PAGES))


@when("the one without a role opens {page} by its address")
@when("тот, у кого роли нет, открывает «{page}» по адресу")
def open_refused(context, page):
    """At the gateway, as the edge would name them."""
    context.world.further.open_refused(meaning(page, REFUSED))


@then("the console shows them an error or another page, and not mere emptiness")
@then("консоль показывает ему ошибку или другую страницу, а не просто пустоту")
def expect_refused(context):
    """Whichever way the console has."""
    context.world.further.page.expect_refused()


@when("a platform admin opens {page} while the API fails")
@when("платформенный администратор открывает «{page}», когда API не работает")
def open_while_api_fails(context, page):
    """The browser answers each question to the staff API with 500."""
    context.world.further.open_while_api_fails(meaning(page, READ))


@then("the page does not say that there is nothing, unless it tells of an error as well")
@then("страница не говорит, что ничего нет, если не сообщает и об ошибке")
def expect_not_mere_emptiness(context):
    """Its sentence for an empty list; an error is a text of the class err."""
    context.world.further.page.expect_not_mere_emptiness()


@then("once the API works, the page is shown as ever")
@then("когда API снова работает, страница показана как обычно")
def expect_shown_again(context):
    """Loaded anew."""
    context.world.further.page.open_again()
    context.world.further.page.expect_shown()


@when("a platform admin reads the page {page}")
@when("платформенный администратор читает страницу {page}")
def read_page(context, page):
    """By its address."""
    context.world.further.read_page(meaning(page, READ))


@then("its form, labels, buttons and links are in the chosen language")
@then("её форма, подписи, кнопки и ссылки на выбранном языке")
def expect_words(context):
    """In the contract's words."""
    context.world.further.expect_words()


@when("those who are not the owner open the project's own page")
@when("страницу этого проекта открывают те, кто не владелец")
def open_as_no_owner(context):
    """At the gateway, as the edge would name them."""
    context.world.further.open_as_no_owner()


@then("none of them is offered Delete")
@then("никому из них не предложено «Удалить»")
def expect_no_delete(context):
    """No such button."""
    context.world.further.expect_no_delete()


@when("a platform admin opens a run without events in the console")
@when("платформенный администратор открывает в консоли запуск без событий")
def open_silent_run(context):
    """Written into the database."""
    context.world.further.open_silent_run()


@then("the page says in its own words that there are no events and no feedback")
@then("страница своими словами говорит, что нет ни событий, ни обратной связи")
def expect_silent(context):
    """In both panes."""
    context.world.further.expect_silent()


@when("a platform admin presses the flag of the other language")
@when("платформенный администратор нажимает флаг другого языка")
def press_other_flag(context):
    """In the header of a page far below the first."""
    context.world.further.press_other_flag()


@when("a platform admin chooses another role for one member, and changes and saves another in the console")
@when("платформенный администратор выбирает в консоли другую роль одному участнику, а меняет и сохраняет другого")
def choose_for_two(context):
    """The first is not saved."""
    context.world.further.choose_for_two()


@when("a platform admin changes a member in the console and then presses the flag of the other language")
@when("платформенный администратор меняет в консоли участника и затем нажимает флаг другого языка")
def change_and_press_flag(context):
    """On one page, which is not loaded anew."""
    context.world.further.change_and_press_flag()


@then("the page shows every member in that language as they are stored")
@then("страница на этом языке показывает каждого участника так, как он записан")
def expect_member_shown_translated(context):
    """Role and learning."""
    context.world.further.expect_member_shown_translated()


@when("a platform admin whose browser speaks Russian opens the console for the first time")
@when("платформенный администратор с русским браузером впервые открывает консоль")
def open_unchosen(context):
    """No language has been chosen in it."""
    context.world.further.open_unchosen()


@then("the page is in English")
@then("страница на английском")
def expect_english(context):
    """Heading and columns."""
    context.world.further.expect_whole()


@then("it names the project and leads to its repositories and members")
@then("она называет проект и ведёт к его репозиториям и участникам")
def expect_project_told(context):
    """Slug, name, two links."""
    context.world.further.expect_project_told()


@then("the page shows both, at once and when it is loaded again")
@then("страница показывает и то и другое, сразу и после перезагрузки")
def expect_member_shown(context):
    """In the member's row; those of the others are as they were."""
    context.world.further.expect_member_shown()


@then("both are stored, and nothing of the other members is changed")
@then("и то и другое сохранено, а у остальных участников ничего не изменилось")
def expect_member_stored(context):
    """In the database."""
    context.world.further.expect_member_stored()


@then("that person stands in the table and is stored as that")
@then("этот человек есть в таблице и записан именно так")
def expect_allowed(context):
    """And in the database."""
    context.world.further.expect_somebody_allowed()


@then("the gateway lets that person in")
@then("шлюз впускает этого человека")
def expect_let_in(context):
    """As who they are."""
    context.world.further.expect_let_in()


@then("the page says in its own words that there is nothing yet")
@then("страница своими словами говорит, что пока ничего нет")
def expect_empty(context):
    """In the contract's words, in the chosen language."""
    context.world.further.expect_empty()


@then("the page, its header and every other page are in the other language, also when loaded again")
@then("страница, её шапка и все остальные страницы на другом языке, и после перезагрузки тоже")
def expect_other_language(context):
    """At once, dates and navigation too; the choice is kept in the cookie, and for all pages."""
    context.world.further.expect_other_language()
