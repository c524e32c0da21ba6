"""Sentences about the form of the staff API and the promises of the tables."""

from behave import given, then, when

from gate.capabilities import contract_api
from gate.language import meaning


@when('a platform admin asks for every list with the limit "{limit}"')
@when('платформенный администратор запрашивает все списки с пределом "{limit}"')
def ask_limited(context, limit):
    """Projects, runs, users."""
    context.world.api_form.ask_limited(limit)


@given("many more runs are on record")
@given("записано ещё много запусков")
def have_many_runs(context):
    """More than a list shows unasked, canceled long ago; they are removed."""
    context.world.api_form.have_many_runs()


@when('a platform admin and a member ask for the runs with the limit "{limit}"')
@when('платформенный администратор и участник запрашивают запуски с пределом "{limit}"')
def ask_all_runs(context, limit):
    """At the gateway, or through the edge where that is not reached."""
    context.world.api_form.ask_all_runs(limit)


@then("as many runs are told as are on record, up to the limit")
@then("сообщено столько запусков, сколько записано, до этого предела")
def expect_as_many_as_asked(context):
    """By the database's own count before and after."""
    context.world.api_form.expect_as_many_as_asked()


@when('a platform admin asks for every list with the limit "{limit}", and a member for theirs')
@when('платформенный администратор запрашивает все списки с пределом "{limit}", а участник — свои')
def ask_limited_as_both(context, limit):
    """Theirs: projects and runs."""
    context.world.api_form.ask_limited_as_both(limit)


@when("a platform admin asks for a project that does not exist")
@when("платформенный администратор запрашивает проект, которого нет")
def ask_unknown_project(context):
    """By an id that nobody has."""
    context.world.api_form.ask_unknown_project()


@when("a platform admin asks for addresses that the API does not have")
@when("платформенный администратор запрашивает адреса, которых у API нет")
def ask_nowhere(context):
    """Unknown routes, and known ones by another method."""
    context.world.api_form.ask_nowhere()


@when("a platform admin asks for the list of {things}")
@when("платформенный администратор запрашивает список: {things}")
def ask_list(context, things):
    """One that has an item."""
    context.world.api_form.ask_list(meaning(things, contract_api.LIST_WORDS))


@when("a platform admin allows somebody again, in capitals and as an admin")
@when("платформенный администратор снова разрешает вход тому же человеку, заглавными и как администратору")
def allow_again(context):
    """Letters' case does not make another person."""
    context.world.api_form.allow_again()


@when("the platform owner gives roles by e-mail: to a member in capitals, to whoever has none in small letters")
@when("владелец платформы даёт роль по email: участнику — заглавными буквами, человеку без роли — строчными")
def give_roles_by_email(context):
    """In capitals: as the owner knows them, not as the list has them."""
    context.world.api_form.give_roles_by_email()


@then("each of them has that role")
@then("эта роль есть у каждого из них")
def roles_given(context):
    """By the database."""
    context.world.api_form.expect_roles_given()


@when("a member is given a role that does not exist, by their id and by their e-mail, and a stranger by theirs")
@when("участнику дают роль, которой нет, по его id и по его email, а постороннему — по его email")
def give_unknown_role(context):
    """None of the contract's three; the stranger is somebody whom nobody has allowed."""
    context.world.api_form.give_unknown_role()


@then('each is refused with 400 for the field "{field}"')
@then('на каждый ответ 400 из-за поля "{field}"')
def expect_invalid(context, field):
    """In the API's own error."""
    context.world.api_form.expect_invalid(field)


@then("what was asked for the member is refused with 400 as an invalid argument")
@then("на каждый запрос для участника ответ 400 как на негодный аргумент")
def expect_any_invalid(context):
    """Which field is to blame is not said by the contract."""
    context.world.api_form.expect_invalid()


@then("each list has no more than {count:d}")
@then("в каждом списке не больше {count:d}")
def expect_at_most(context, count):
    """And is not empty for it."""
    context.world.api_form.expect_at_most(count)


@then("each is answered with an empty 404 or 405")
@then("на каждый ответ пустой 404 или 405")
def expect_empty_refusals(context):
    """No page, no words."""
    context.world.api_form.expect_empty_refusals()


@then("every item has the fields of the contract")
@then("в каждой записи есть поля контракта")
def expect_fields(context):
    """By name."""
    context.world.api_form.expect_fields()


@then("it is still the same one person, now an admin")
@then("это по-прежнему один и тот же человек, теперь администратор")
def expect_same_person(context):
    """In the database."""
    context.world.api_form.expect_same_person()


@then("the member's role is what it was")
@then("роль участника прежняя")
def expect_role_kept(context):
    """In the database."""
    context.world.api_form.expect_role_kept()


@then("the stranger is refused as well, and is still not allowed")
@then("постороннему тоже отказано, и вход ему по-прежнему не разрешён")
def expect_still_unknown(context):
    """Nobody in the database has that e-mail."""
    context.world.api_form.expect_still_unknown()


@given("a run that belongs to no project")
@given("есть запуск, не относящийся ни к какому проекту")
def have_homeless(context):
    """As each is until a worker claims it; this one none will."""
    context.world.homeless_run.have()


@when("a platform admin asks for that run, its events and its feedback")
@when("платформенный администратор запрашивает тот запуск, его события и обратную связь")
def ask_homeless(context):
    """And for the list of runs."""
    context.world.homeless_run.ask()


@when("a platform admin opens the page of that run in the console")
@when("платформенный администратор открывает страницу этого запуска в консоли")
def open_homeless(context):
    """Run details."""
    context.world.homeless_run.open_page()


@then("the page names that run and its delivery")
@then("на странице названы этот запуск и его доставка")
def expect_homeless_shown(context):
    """And says that there are no events."""
    context.world.homeless_run.expect_shown()


@then("each is told, as it is on record")
@then("обо всём этом сообщено, и так, как записано")
def expect_homeless_told(context):
    """Where the list names the run."""
    context.world.homeless_run.expect_told()


@then("whoever is no platform admin gets no word of that run")
@then("тот, кто не платформенный администратор, ничего о том запуске не узнаёт")
def expect_homeless_hidden(context):
    """Asked for by its id."""
    context.world.homeless_run.expect_hidden()


@when("a platform admin makes the same project several times at once")
@when("платформенный администратор создаёт один и тот же проект несколько раз сразу")
def make_at_once(context):
    """As a double click does."""
    context.world.at_once.make_project()


@then("it is one project, and none of these is an error")
@then("это один проект, и ни один из запросов не вызвал ошибку")
def expect_one_project(context):
    """By its id."""
    context.world.at_once.expect_one_project()


@when("a platform admin allows the same person several times at once")
@when("платформенный администратор разрешает вход одному и тому же человеку несколько раз сразу")
def allow_at_once(context):
    """As a double click does."""
    context.world.at_once.allow_person()


@then("it is one person, and none of these is an error")
@then("это один человек, и ни один из запросов не вызвал ошибку")
def expect_one_person(context):
    """By their id."""
    context.world.at_once.expect_one_person()


@when("a platform admin gives somebody the same role several times at once")
@when("платформенный администратор выдаёт человеку одну и ту же роль несколько раз сразу")
def give_role_at_once(context):
    """As a double click does; somebody who has none in that project."""
    context.world.at_once.give_role()


@then("they have it once, and none of these is an error")
@then("роль выдана один раз, и ни один из запросов не вызвал ошибку")
def expect_one_role(context):
    """In the database."""
    context.world.at_once.expect_one_role()


@when("the table {table} is looked at")
@when("рассматривается таблица {table}")
def look_at(context, table):
    """In PostgreSQL's own catalogue."""
    context.world.data_rules.look_at(table)


@given("the database can be read")
@given("базу можно читать")
def readable(context):
    """Nothing is written."""
    context.world.data_rules.look_at("agent_runs")


@when("the rows of all tables are looked at")
@when("рассматриваются строки всех таблиц")
def look_at_rows(context):
    """Whoever wrote them."""
    context.world.data_rules.look_at("users")


@then("it has the columns of the contract")
@then("в ней есть столбцы контракта")
def expect_columns(context):
    """A build may have more."""
    context.world.data_rules.expect_columns()


@then("the database keeps it from taking the same twice")
@then("база не даёт ей принять одно и то же дважды")
def expect_unique(context):
    """By a unique index over what the contract says."""
    context.world.data_rules.expect_unique()


@then("every value is one that the contract knows, and there is one owner at most")
@then("все значения известны контракту, а владелец не больше чем один")
def expect_no_broken_rows(context):
    """Statuses, states, roles, kinds."""
    context.world.data_rules.expect_no_broken_rows()


@then("events are tied to no other table")
@then("события не привязаны ни к какой другой таблице")
def expect_events_untied(context):
    """No foreign key."""
    context.world.data_rules.expect_events_untied()


@then("runs go with their project")
@then("запуски удаляются вместе с проектом")
def expect_cascade(context):
    """ON DELETE CASCADE."""
    context.world.data_rules.expect_cascade()


@then("the owner that the deploy names is the platform's owner")
@then("владелец, названный при deploy, — владелец платформы")
def expect_owner(context):
    """By the list of users; an admin at least, where a build knows no owner."""
    context.world.data_rules.expect_owner()


@given("somebody has come in as a platform admin")
@given("кто-то пришёл как платформенный администратор")
def make_admin(context):
    """Whom the gateway is told of from inside."""
    context.world.api_form.make_admin()


@when("they are allowed again, as no admin")
@when("вход разрешают ему снова, уже не администратору")
def take_rights(context):
    """POST /users is an upsert by e-mail."""
    context.world.api_form.take_rights()


@then("what is for platform admins is refused to them")
@then("ему отказано в том, что для платформенных администраторов")
def expect_rights_lost(context):
    """The list of users."""
    context.world.api_form.expect_rights_lost()


@when("a platform admin sets the learning of somebody who has no role there")
@when("платформенный администратор настраивает обучение тому, у кого там нет роли")
def set_learning_of_nobody(context):
    """By the address that members have."""
    context.world.odd_questions.set_learning_of_nobody()


@then("they still have none")
@then("роли у этого человека по-прежнему нет")
def expect_no_member(context):
    """In the database."""
    context.world.odd_questions.expect_no_member()


@when("a platform admin asks for a project by a word and for lists longer than numbers are")
@when("платформенный администратор запрашивает проект по слову и списки длиннее любого числа")
def ask_malformed(context):
    """What no project has for an id, and no database for a number."""
    context.world.odd_questions.ask_malformed()


@then("each is refused with 400 or 404, or answered with a list")
@then("на каждый ответ отказ 400 или 404 либо список")
def expect_answered(context):
    """The contract does not say which; what crashes is told as a risk."""
    context.world.odd_questions.expect_answered()
