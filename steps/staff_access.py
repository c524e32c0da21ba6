"""Sentences about signing in and out, and about those who are not let in."""

from behave import given, then, when

from gate.capabilities import access, console
from gate.language import meaning


@given("{person} has no session at the staging")
@given("{person} не имеет сессии на staging")
def come_without_session(context, person):
    """A browser that the staging does not know."""
    context.world.access.come_without_session(meaning(person, access.PEOPLE))


@when("they sign in through GitHub")
@when("этот человек входит через GitHub")
def sign_in(context):
    """The whole way: oauth2-proxy, GitHub's pages, callback."""
    context.world.access.sign_in()


@given("{person} has signed in with a browser of their own")
@given("{person} входит в отдельном браузере")
def sign_in_apart(context, person):
    """A session that no other scenario uses."""
    context.world.access.come_without_session(meaning(person, access.PEOPLE))
    context.world.access.sign_in()


@given("a stranger has signed in at GitHub")
@given("посторонний вошёл через GitHub")
def come_as_stranger(context):
    """Somebody whom the platform does not allow."""
    context.world.access.come_as_stranger()


@given("nobody has signed in")
@given("никто не вошёл")
def come_as_nobody(context):
    """A browser without any session."""
    context.world.access.come_as_nobody()


@when("the browser opens the {page} page")
@when("браузер открывает страницу «{page}»")
def open_page(context, page):
    """By its address, without a session."""
    context.world.access.open_page(meaning(page, console.PAGES).pattern)


@when("they ask the API about {subject}")
@when("этот человек спрашивает API о {subject}")
@when("an API client asks about {subject}")
@when("клиент API спрашивает о {subject}")
def ask(context, subject):
    """One question to the API, as whoever this is."""
    context.world.access.ask(meaning(subject, access.SUBJECTS))


@when("they ask the API to {act}")
@when("этот человек просит API {act}")
def attempt(context, act):
    """As whoever may would ask it."""
    context.world.access.attempt(meaning(act, access.ACTS))


@when("they open the console at {page}")
@when("этот человек открывает консоль на странице «{page}»")
def open_console(context, page):
    """A page by its address."""
    context.world.access.open_console(meaning(page, access.PLACES))


@when("they sign out in the console")
@when("этот человек выходит в консоли")
def sign_out(context):
    """The header's Logout."""
    context.world.access.sign_out()


@then("they land in the console under their own name")
@then("открывается консоль под именем этого человека")
def expect_landed(context):
    """Address and header of the console."""
    context.world.access.expect_landed()


@then("the platform's API knows them as the same person")
@then("API платформы видит того же человека")
def expect_same_person(context):
    """`/auth/me` agrees with the browser and the database."""
    context.world.access.expect_same_person()


@then("their GitHub login is on record")
@then("логин GitHub этого человека записан")
def expect_login_recorded(context):
    """The user's row has the login."""
    context.world.access.expect_login_recorded()


@then("it is asked to sign in and gets nothing of the console")
@then("его просят войти, и ничего из консоли он не получает")
def expect_sign_in_page(context):
    """GitHub's or oauth2-proxy's page, no console."""
    context.world.access.expect_sign_in_page()


@then("the answer is 401 and has no data in it")
@then("ответ — 401, и данных в нём нет")
def expect_no_data(context):
    """Closed for an API client."""
    context.world.access.expect_no_data()


@then("a platform admin gets an answer to the same question")
@then("платформенный администратор на тот же вопрос получает ответ")
def expect_answered_to_admin(context):
    """The positive twin of a refusal."""
    context.world.access.expect_answered_to_admin()


@then("the browser has lost every cookie of the session")
@then("в браузере не осталось ни одного cookie сессии")
def expect_cookies_gone(context):
    """All three of the contract."""
    context.world.access.expect_cookies_gone()


@then("the next page asks them to sign in")
@then("следующая страница просит войти")
def expect_asked_to_sign_in(context):
    """What is left in the browser opens nothing."""
    context.world.access.expect_asked_to_sign_in()


@then('the answer is {status:d} with code "{code}" and message "{message}", and nothing else')
@then('ответ — {status:d} с кодом "{code}" и сообщением "{message}", и больше ничего')
def expect_refused(context, status, code, message):
    """Exactly this error."""
    context.world.access.expect_refused(status, code, message)


@then("the console tells them that access is required and offers to sign in")
@then("консоль сообщает, что требуется доступ, и предлагает войти")
def expect_access_card(context):
    """The card with its link."""
    context.world.access.expect_access_card()


@then("whoever takes that offer is led to the sign-in")
@then("кто им воспользуется, попадает на вход")
def expect_offer_followed(context):
    """The browser itself goes there; it is stopped on the way."""
    context.world.access.expect_offer_followed()


@then("the page shows them nothing of the platform")
@then("страница не показывает ничего из данных платформы")
def expect_nothing_shown(context):
    """No table and no page to go to."""
    context.world.access.expect_nothing_shown()
