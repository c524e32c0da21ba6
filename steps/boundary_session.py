"""Sentences about session cookies, the sign-in around them, and where it may lead."""

from behave import given, then, when

from gate.capabilities import boundary_redirect, boundary_session
from gate.language import meaning


@given("a member's session works")
@given("сессия участника работает")
def member_signed_in(context):
    """The honest twin: the untouched cookie names this very person."""
    context.world.sessions.signed_in("member")


@given("an admin's session works")
@given("сессия администратора работает")
def admin_signed_in(context):
    """The honest twin, for somebody else."""
    context.world.sessions.signed_in("admin")


@when("their cookie is presented with {forgery}")
@when("предъявляют его cookie, у которой {forgery}")
def present_forged(context, forgery):
    """The person's own cookie, tampered with."""
    context.world.sessions.present(meaning(forgery, boundary_session.FORGERIES), "member")


@when("their cookie is presented cut in two")
@when("предъявляют его cookie, разрезанную на две")
def present_split(context):
    """The untouched cookie in two pieces."""
    context.world.sessions.present_split("member")


@then("the cookie opens nothing")
@then("эта cookie ничего не открывает")
def expect_closed(context):
    """Closed, as without a session."""
    context.world.sessions.expect_closed()


@then("it opens nothing, or their own account")
@then("она не открывает ничего или открывает его же учётную запись")
def expect_closed_or_own(context):
    """Builds differ; nobody else may come of it."""
    context.world.sessions.expect_closed_or_own("member")


@then("their session cookie is Secure, HttpOnly, SameSite=Lax and for this host only")
@then("его cookie сессии — Secure, HttpOnly, SameSite=Lax и только для этого хоста")
def expect_attributes(context):
    """What the browser keeps beside the value."""
    context.world.sessions.expect_attributes()


@when("a browser that began no sign-in opens the way back of another's")
@when("браузер, не начинавший вход, открывает чужое возвращение с GitHub")
def call_back_without_cookie(context):
    """No csrf cookie."""
    context.world.sessions.call_back_without_cookie("member")


@when("a browser that began its own sign-in opens the way back of another's")
@when("браузер, начавший свой вход, открывает чужое возвращение с GitHub")
def call_back_with_other_state(context):
    """A csrf cookie and a state that do not belong together."""
    context.world.sessions.call_back_with_other_state("member")


@when("a browser that finished a sign-in comes back from GitHub once more")
@when("браузер, завершивший вход, возвращается с GitHub ещё раз")
def call_back_again(context):
    """A state that was used."""
    context.world.sessions.call_back_again("admin")


@then("the sign-in is refused with 403 and no session is given")
@then("во входе отказано с ответом 403, сессия не выдана")
def expect_sign_in_refused(context):
    """403 and no cookie."""
    context.world.sessions.expect_sign_in_refused()


@when("in the admin's browser the sign-in page is opened and the member signs in")
@when("в браузере администратора открывают страницу входа и входит участник")
def change_person(context):
    """One browser, two people."""
    context.world.sessions.change_person("admin", "member")


@then("the browser belongs to the member and the admin's session is gone from it")
@then("в браузере вошёл участник, а сессии администратора в нём нет")
def expect_changed(context):
    """The new person, not the old one."""
    context.world.sessions.expect_now("member")


@when("the member signs in anew and signs out")
@when("участник входит заново и выходит")
def sign_out(context):
    """A session of its own, so that the others live on."""
    context.world.sessions.sign_out("member")


@when("the member's browser opens the sign-out of the edge")
@when("браузер участника открывает выход на входе")
def leave_through_edge(context):
    """Not the console's own button."""
    context.world.sessions.leave_through_edge("member")


@then("the session is gone from the browser")
@then("сессии в браузере больше нет")
def expect_session_gone(context):
    """The cookie is cleared."""
    context.world.sessions.expect_session_gone()


@then("the answer clears all three cookies")
@then("ответ удаляет все три cookie")
def expect_cleared(context):
    """Session, csrf and the staff token."""
    context.world.sessions.expect_cookies_cleared()


@then("whether a copied cookie lives on is put on record")
@then("записано, живёт ли скопированная cookie")
def report_copied(context):
    """A residual risk, not judged."""
    context.world.sessions.report_copied_cookie()


@when("somebody asks the sign-in and the sign-out to lead to {place}")
@when("кто-то просит вход и выход увести {place}")
def ask_to_lead(context, place):
    """By the query and by the header."""
    context.world.redirects.ask_to_lead(meaning(place, boundary_redirect.PLACES))


@when("the member finishes a sign-in that was asked to lead to {place}")
@when("участник завершает вход, который просили увести {place}")
def finish_sign_in(context, place):
    """To the very end, at GitHub and back."""
    context.world.redirects.finish(meaning(place, boundary_redirect.PLACES)[0], "member")


@when("the admin finishes a sign-in that began at the runs page")
@when("администратор завершает вход, начатый со страницы запусков")
def finish_honest_sign_in(context):
    """The honest twin. The two people take turns: GitHub counts the sign-ins of each."""
    context.world.redirects.finish(boundary_redirect.HONEST, "admin")


@then("every way stays on the platform's own host")
@then("все пути остаются на хосте самой платформы")
def expect_to_stay(context):
    """Read as browsers read them."""
    context.world.redirects.expect_to_stay()


@then("the member is signed in and still on the platform's own host")
@then("участник вошёл и остался на хосте самой платформы")
def expect_signed_in_here(context):
    """A session, and a last step to this host."""
    context.world.redirects.expect_to_stay()


@then("the admin is back at the runs page")
@then("администратор снова на странице запусков")
def expect_led_back(context):
    """An honest wish is granted."""
    context.world.redirects.expect_led_to(boundary_redirect.HONEST)
