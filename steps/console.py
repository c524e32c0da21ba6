"""Sentences about the console's basic pages."""

from behave import given, then, when

from gate.capabilities import access, console
from gate.language import meaning


@given("{person} is at the console")
@given("{person} работает в консоли")
def come(context, person):
    """A window of someone who is signed in."""
    context.world.console.come(meaning(person, access.PEOPLE))


@given("{person} is at the console, where clocks are {zone}")
@given("{person} работает в консоли там, где часы {zone}")
def come_from_afar(context, person, zone):
    """As above; the place has a zone that is no whole number of hours."""
    context.world.console.come(meaning(person, access.PEOPLE), meaning(zone, console.ZONES))


@given("the platform has {things}, new ones among them")
@given("на платформе есть {things}, в том числе новые")
def have(context, things):
    """Rows that the page must show."""
    meaning(things, console.MAKERS)(context.world.console)


@when("they open the {page} page {way}")
@when("этот человек открывает страницу «{page}» {way}")
def open_page(context, page, way):
    """One of the ways to a page."""
    context.world.console.open(meaning(page, console.PAGES), meaning(way, console.WAYS))


@then("the page is whole, in the chosen language, and nothing failed behind it")
@then("страница открыта целиком, на выбранном языке, и за ней ничего не сломалось")
def expect_whole(context):
    """Heading, columns, no error box, no failed request, nothing in the browser's log."""
    context.world.console.expect_whole()


@then("its rows agree with the database")
@then("её строки совпадают с базой данных")
def expect_rows_agree(context):
    """The new rows are there, and all rows are as the database has them."""
    context.world.console.expect_rows_agree()


@then("they are sent to the Projects page, which offers no Users")
@then("открывается страница «Проекты», и ссылки «Пользователи» на ней нет")
def expect_sent_to_projects(context):
    """Sent away from the users."""
    context.world.console.expect_sent_to_projects()


@then("no other person is named anywhere on it")
@then("никто другой на ней не назван")
def expect_nobody_else_named(context):
    """No e-mail of others in the document."""
    context.world.console.expect_nobody_else_named()


@then('the API refuses them the users with 403 "{message}"')
@then('API отказывает в списке пользователей: 403 "{message}"')
def expect_refused_users(context, message):
    """The API guards what the console hides."""
    context.world.console.expect_refused_users(message)
