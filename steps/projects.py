"""Sentences about projects."""

from behave import given, then, when

from gate.language import meaning

FIELDS = {"slug": "slug", "слаг": "slug", "name": "name", "название": "name"}


@given("a platform admin has the projects page open")
@given("у платформенного администратора открыта страница проектов")
def admin_opens(context):
    """In the scenario's language."""
    context.world.projects.open_page("admin")


@given("a person who is no admin has the projects page open")
@given("у участника, который не администратор, открыта страница проектов")
def member_opens(context):
    """Someone who is allowed, and no more."""
    context.world.projects.open_page("member")


@given("they have created a project with slug and name")
@given("он уже создал проект со слагом и названием")
def created(context):
    """Through the same form, and waited for."""
    context.world.projects.create_and_wait()


@given("they have been refused a project without a name")
@given("ему отказано в проекте без названия")
def refused(context):
    """In the same form."""
    context.world.projects.have_been_refused()


@then("the project is stored all the same")
@then("проект всё же сохранён")
def stored(context):
    """A form that was refused once is not stuck, and the page forgets it."""
    context.world.projects.expect_stored()


@when("they create a project with slug and name")
@when("он создаёт проект со слагом и названием")
def create(context):
    """Through the form."""
    context.world.projects.create()


@when("they create it again under another name")
@when("он создаёт его ещё раз под другим названием")
def create_renamed(context):
    """The slug stays."""
    context.world.projects.create_renamed()


@when("they create a project without a {field}")
@when("он создаёт проект, не указав {field}")
def create_without(context, field):
    """In the console, and the same by API."""
    context.world.projects.create_without(meaning(field, FIELDS))


@when("a platform admin gives the API the slug of a project and no name")
@when("платформенный администратор даёт API слаг имеющегося проекта без названия")
def give_no_name(context):
    """The same address makes and renames."""
    context.world.projects.give_no_name()


@when("they try to create a project in the console and by API")
@when("он пытается создать проект в консоли и через API")
def try_as_no_admin(context):
    """Where the console offers a form at all."""
    context.world.projects.try_as_no_admin()


@then("the project appears in the table")
@then("проект появляется в таблице")
def in_table(context):
    """Without a reload."""
    context.world.projects.expect_in_table()


@then("the API lists it under that name")
@then("API показывает его под этим названием")
def in_api(context):
    """Once."""
    context.world.projects.expect_in_api()


@then("it is stored with the server's learning default")
@then("он сохранён с серверным значением режима обучения")
def in_database(context):
    """In its settings."""
    context.world.projects.expect_in_database()


@then("it is still the same one project under the new name")
@then("это всё тот же единственный проект под новым названием")
def renamed(context):
    """Same id, same settings, no second one."""
    context.world.projects.expect_renamed()


@then("whoever gives the same slug to the API is told that project")
@then("кто даёт API тот же слаг, тому сообщён этот проект")
def told_as_stored(context):
    """Its own id, slug and name."""
    context.world.projects.expect_told_as_stored()


@then("the page says in its own words that this is refused")
@then("страница своими словами сообщает об отказе")
def own_error(context):
    """A text of the page, not of the browser."""
    context.world.projects.expect_own_error()


@then("the API refuses that with 400")
@then("API отказывает в этом с кодом 400")
@then("the API refuses it with 400 as well")
@then("API тоже отказывает с кодом 400")
def refused_by_api(context):
    """Whatever a form may check."""
    context.world.projects.expect_refused_by_api(400)


@then('the API refuses them with 403 and "{message}"')
@then('API отказывает ему с кодом 403 и словами "{message}"')
def refused_to_member(context, message):
    """In the contract's words."""
    context.world.projects.expect_refused_by_api(403, message)


@then("the console does not let them")
@then("консоль ему этого не даёт")
def console_refused(context):
    """No form, or an error when it is sent."""
    context.world.projects.expect_console_refused()


@then("the project has the name that it had")
@then("у проекта прежнее название")
def name_kept(context):
    """In the database."""
    context.world.projects.expect_name_kept()


@then("no project is stored")
@then("ни одного проекта не сохранено")
def none_stored(context):
    """Under this slug or name."""
    context.world.projects.expect_none_stored()
