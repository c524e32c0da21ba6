"""Sentences about odd requests at the public boundary: paths, proxies, the console's dev server."""

from behave import given, then, when

from gate.capabilities import boundary_probes
from gate.language import meaning


def _probes(context, phrase):
    world = context.world
    return meaning(phrase, boundary_probes.PROBES)(world.identity.owner.email, world.target.url, world.mark)


@given("the webhook path answers without a session")
@given("путь вебхука отвечает без входа")
@then("the webhook path still answers without a session")
@then("путь вебхука по-прежнему отвечает без входа")
def webhook_reached(context):
    """The honest twin: the platform itself refuses an unsigned delivery."""
    context.world.boundary.expect_webhook_reached()


@given("the users list opens to an admin's session")
@given("список пользователей открывается с сессией администратора")
@then("the users list still opens to an admin's session")
@then("список пользователей по-прежнему открывается с сессией администратора")
def users_open_to_admin(context):
    """The honest twin: the same address, asked by somebody who may."""
    context.world.boundary.expect_users_open_to_admin()


@given("the console opens to a member's session")
@given("консоль открывается с сессией участника")
def console_open_to_member(context):
    """The honest twin: the same host shows the console to somebody who signed in."""
    context.world.boundary.expect_console_open_to("member")


@given("the edge answers its own ping")
@given("вход отвечает на свой ping")
def edge_pings(context):
    """The honest twin of a health checker's name."""
    context.world.exposure.ask_edge_health()


@when("somebody without a session asks for {probes}")
@when("кто-то без входа запрашивает: {probes}")
@when("somebody without a session tries {probes}")
@when("кто-то без входа пробует: {probes}")
def ask_without_session(context, probes):
    """A few odd requests, exactly as written, with no cookie."""
    context.world.boundary.send(_probes(context, probes))


@when("somebody without a session goes by every path that an ingress names")
@when("кто-то без входа идёт по каждому пути, названному в ingress")
def ask_every_path(context):
    """Whatever a rule leads past the proxy, and the front page."""
    context.world.rules.ask_every_path(context.world.identity.owner.email)


@then("every path is stopped at the sign-in")
@then("каждый путь остановлен на входе")
def expect_paths_closed(context):
    """As for any other path that is not the webhook's."""
    context.world.rules.expect_closed()


@then("the proxy is told to let nothing pass but the webhook path")
@then("прокси велено пропускать без входа лишь путь вебхука")
def expect_one_pattern(context):
    """By its flags, where they can be seen."""
    context.world.rules.expect_one_pattern()


@when("the gateway itself is asked with {probes}")
@when("самому шлюзу присылают {probes}")
def ask_gateway(context, probes):
    """What an edge that passes targets on as written would hand to the gateway."""
    context.world.gateway_identity.send(_probes(context, probes))


@then("the gateway does not read them as another path")
@then("шлюз не принимает их за другой путь")
def expect_gateway_not_fooled(context):
    """Nothing of the staff API behind the name of the webhook path."""
    context.world.gateway_identity.expect_nothing_shown()


@when("a member who signed in asks for {probes}")
@when("вошедший участник запрашивает: {probes}")
def ask_as_member(context, probes):
    """The same with the session of somebody who is no admin."""
    context.world.boundary.send(_probes(context, probes), "member")


@when("a member puts another method into a header of a request for the projects")
@when("участник ставит другой метод в заголовок запроса проектов")
def override_method(context):
    """A GET that a header would turn into a DELETE."""
    context.world.boundary.override_method("member")


@then("every request is stopped at the sign-in")
@then("каждый запрос остановлен на входе")
def expect_closed(context):
    """401 for API clients, the sign-in page or a redirect to it for browsers, nothing given away."""
    context.world.boundary.expect_closed()


@then("every request is stopped at the sign-in or refused for its spelling")
@then("каждый запрос остановлен на входе или отклонён из-за написания")
def expect_closed_or_malformed(context):
    """Closed, 400, 404, or sent to a tidy path that is closed."""
    context.world.boundary.expect_closed_or_malformed()


@then("each is answered 404 or 405 with an empty body")
@then("на каждый ответ 404 или 405 с пустым телом")
def expect_empty_refusal(context):
    """The API's own answer to what it does not know."""
    context.world.boundary.expect_empty_refusal()


@then("each is answered 403 or 404 and shows no file")
@then("на каждый ответ 403 или 404 без содержимого файлов")
def expect_no_file(context):
    """The dev server refuses what is not its own."""
    context.world.boundary.expect_no_file("member", 403, 404)


@then("each is answered 400, 403 or 404 and shows no file")
@then("на каждый ответ 400, 403 или 404 без содержимого файлов")
def expect_no_file_or_malformed(context):
    """As above, or the request line is refused."""
    context.world.boundary.expect_no_file("member", 400, 403, 404)


@then("each answer is the plain list of projects")
@then("каждый ответ — обычный список проектов")
def expect_lists(context):
    """The header had no effect."""
    context.world.boundary.expect_lists()


@then("no answer shows the console or its source")
@then("ни один ответ не показывает консоль или её исходный код")
def expect_no_source(context):
    """Past the sign-in nothing is shown; a bare answer is told as a risk."""
    context.world.boundary.expect_no_source()
