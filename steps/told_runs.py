"""Sentences about one ended run: to whom it is told, and whether as it is on record."""

from behave import given, then, when


@given("a run of that project has ended with feedback")
@given("запуск этого проекта завершился и оставил обратную связь")
def have_ended(context):
    """By a delivery about its repository; the feedback is written beside the worker's own."""
    context.world.told_run.have_ended()


@when("each of them asks for the run, its events and its feedback")
@when("каждый из них запрашивает этот запуск, его события и обратную связь")
def all_ask(context):
    """At the gateway, as the edge would name them."""
    context.world.told_run.ask()


@when("a platform admin asks for the run, its events and its feedback")
@when("платформенный администратор запрашивает этот запуск, его события и обратную связь")
def admin_asks(context):
    """At the gateway."""
    context.world.told_run.ask_as_admin()


@when("a platform admin opens that run in the console")
@when("платформенный администратор открывает этот запуск в консоли")
def open_page(context):
    """Run details."""
    context.world.told_run.open_page()


@when("someone who may only read the project comes to the console")
@when("в консоль приходит тот, кому в проекте можно только читать")
def come_as_reader(context):
    """Whom the gateway is told of from inside."""
    context.world.told_run.come_as_reader()


@then("those with a role in its project are told, the others get no word of it")
@then("тем, у кого есть роль в его проекте, он показан, остальным о нём ни слова")
def expect_told_by_role(context):
    """By the contract's “by project role”."""
    context.world.told_run.expect_told_by_role()


@then("everything is told as it is on record")
@then("обо всём сообщено так, как записано")
def expect_as_on_record(context):
    """The API against the database."""
    context.world.told_run.expect_as_on_record()


@then("the page shows every feedback, its kind and its text as it was written")
@then("на странице вся обратная связь: вид каждой записи и текст, как он написан")
def expect_all_feedback_shown(context):
    """No more and no fewer than on record."""
    context.world.told_run.expect_all_feedback_shown()


@then("the text of its events can be read as it was written")
@then("текст его событий можно прочесть так, как он написан")
def expect_events_shown(context):
    """Whatever is in it: text is no markup."""
    context.world.told_run.expect_events_shown()


@then("they find their project there, no other, and its run")
@then("там есть этот проект, нет других, и есть его запуск")
def expect_found_by_reader(context):
    """Projects and Runs."""
    context.world.told_run.expect_found_by_reader()


@then("the page of that run tells them all that is told of it")
@then("страница этого запуска сообщает всё, что о нём сообщается")
def expect_page_told_to_reader(context):
    """Its ids, its events and its feedback, as they are stored."""
    context.world.told_run.expect_page_told_to_reader()
