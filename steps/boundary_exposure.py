"""Sentences about what can be seen from outside: ports, other names, health, errors."""

from behave import given, then, when


@given("the gate stands outside the staging's network")
@given("проверка идёт снаружи сети staging")
def outside(context):
    """Else nothing is proven about ports."""
    context.world.ports.expect_view_from_outside()


@when("the ports that must be open are tried")
@when("проверяются порты, которые должны быть открыты")
def try_open(context):
    """One connection each."""
    context.world.ports.try_open()


@when("the ports that must be closed are tried")
@when("проверяются порты, которые должны быть закрыты")
def try_closed(context):
    """One connection each."""
    context.world.ports.try_closed()


@when("the ports of the platform's own parts are tried")
@when("проверяются порты внутренних частей платформы")
def try_inner(context):
    """One connection each."""
    context.world.ports.try_inner()


@when("the ports that the cluster takes on its machines are tried")
@when("проверяются порты, занятые кластером на его машинах")
def try_of_machines(context):
    """Those of Services and pods, and of the cluster's own parts."""
    context.world.ports.try_of_machines()


@then("each of them accepts connections")
@then("каждый из них принимает соединения")
def expect_open(context):
    """Open, as the contract says."""
    context.world.ports.expect_open()


@then("none of them answers")
@then("ни один из них не отвечает")
def expect_closed(context):
    """Refused or silent."""
    context.world.ports.expect_closed()


@given("the gateway tells its health from inside")
@given("изнутри шлюз сообщает о своём здоровье")
def healthy_inside(context):
    """The honest twin: the pages are there, for those inside."""
    context.world.exposure.ask_health_inside()


@when("the platform's address is asked for other hosts")
@when("у адреса платформы запрашивают другие хосты")
def ask_other_hosts(context):
    """Its number, the service's name, localhost, a subdomain, nonsense."""
    context.world.exposure.ask_under_other_names()


@then("it answers 404 and shows nothing of the platform")
@then("он отвечает 404 и не показывает ничего от платформы")
def expect_no_platform(context):
    """The default backend."""
    context.world.exposure.expect_no_platform()


@when("the platform's address is asked with another name in TLS")
@when("у адреса платформы запрашивают с чужим именем в TLS")
def ask_other_tls_name(context):
    """A name in the handshake that is not the host's."""
    context.world.exposure.ask_with_other_tls_name()


@then("it does not open the platform")
@then("платформа при этом не открывается")
def expect_no_platform_or_closed(context):
    """Default backend, closed door or no handshake."""
    context.world.exposure.expect_no_platform_or_closed()


@when("the staff API is asked over plain http")
@when("API сотрудников запрашивают по обычному http")
def ask_in_clear(context):
    """Port 80."""
    context.world.exposure.ask_in_clear()


@then("the answer only sends to https on the same host")
@then("ответ лишь отправляет на https того же хоста")
def expect_sent_to_https(context):
    """A redirect, no data."""
    context.world.exposure.expect_sent_to_https()


@when("a stranger provokes errors at the edge and at the webhook")
@when("посторонний вызывает ошибки на входе и у вебхука")
def provoke_errors(context):
    """A handful, with marked headers."""
    context.world.exposure.provoke_errors()


@when("a member provokes errors in the staff API")
@when("участник вызывает ошибки в API сотрудников")
def provoke_errors_as_member(context):
    """Wrong arguments, unknown ids, things not allowed."""
    context.world.exposure.provoke_errors_as("member")


@when("a platform admin provokes errors in the staff API")
@when("платформенный администратор вызывает ошибки в API сотрудников")
def provoke_errors_as_admin(context):
    """The same; an admin is let where a member is stopped before anything is looked up."""
    context.world.exposure.provoke_errors_as("admin")


@when("a platform admin provokes errors by writing what cannot be stored")
@when("платформенный администратор вызывает ошибки, записывая то, что сохранить нельзя")
def provoke_write_errors(context):
    """Unknown people, projects that are none, letters that no database takes."""
    context.world.exposure.provoke_write_errors()


@then("no error shows a stack, SQL, a secret or the request's own headers")
@then("ни одна ошибка не показывает стек, SQL, секрет или заголовки запроса")
def expect_quiet_errors(context):
    """Errors are for those who run the platform, in its log."""
    context.world.exposure.expect_errors_that_tell_nothing()
