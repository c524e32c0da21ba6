"""Sentences about the evidence that goes into the release notes."""

from behave import given, then, when


@given("it is known where the smoke script runs")
@given("известно, где выполняется смоук-скрипт")
def smoke_place(context):
    """Here, over SSH, or in a file that was recorded."""
    context.world.smoke.know_place()


@when("the smoke script runs")
@when("смоук-скрипт выполняется")
def run_smoke(context):
    """Once for both languages."""
    context.world.smoke.run()


@then("it ends with OK")
@then("он заканчивается словом OK")
def smoke_ok(context):
    """The last line and the exit code."""
    context.world.smoke.expect_ok()


@then("its output, exit code and duration are kept for the release notes")
@then("его вывод, код завершения и длительность сохранены для заметок релиза")
def smoke_kept(context):
    """In the reports folder."""
    context.world.smoke.expect_kept()


@when("the smoke script runs for a domain that is not there")
@when("смоук-скрипт выполняется для домена, которого нет")
def run_smoke_astray(context):
    """Where the gate itself makes the command; once for both languages."""
    context.world.smoke.run_astray()


@then("it ends with an error, and not with OK")
@then("он завершается с ошибкой, а не с OK")
def smoke_failed(context):
    """No OK, and another exit code than 0."""
    context.world.smoke.expect_failed()


@when("a platform admin goes from Projects to Repos and attaches them")
@when("платформенный администратор переходит из «Проектов» в «Репо» и подключает их")
def attach(context):
    """By the links of the console."""
    context.world.pictures.attach()


@given("a run with learning feedback has ended")
@given("запуск с обратной связью обучения завершён")
def run_ended(context):
    """From its delivery to its feedback."""
    context.world.pictures.let_run_end()


@when("a platform admin goes from Runs to its Details")
@when("платформенный администратор переходит из «Запусков» в «Детали»")
def open_details(context):
    """By the links of the console."""
    context.world.pictures.open_details()


@then("its events and its feedback can be read there")
@then("там можно прочесть его события и обратную связь")
def legible(context):
    """All that the database has."""
    context.world.pictures.expect_details_legible()


@then('a picture "{what}" of the whole page is kept, with no secret in it')
@then('сохранён снимок всей страницы "{what}", без секретов')
def picture(context, what):
    """Named after the line."""
    context.world.pictures.take(what)
