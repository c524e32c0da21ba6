"""Sentences about identity headers and credentials that come from outside."""

from behave import given, then, when

from gate.capabilities import boundary_claims, boundary_gateway, boundary_tokens, refused_writes
from gate.language import meaning


@given("nobody is signed in and the staff API is closed")
@given("никто не вошёл, и API сотрудников закрыт")
def nobody(context):
    """No session; the addresses are closed to begin with."""
    context.world.identity.nobody()


@given("a member without admin rights is signed in and is who they are")
@given("участник без прав администратора вошёл, и платформа знает его как себя")
def member(context):
    """The honest twin: without a claim the platform names this very person."""
    context.world.identity.member()


@given("a stranger is signed in at GitHub and told that they are not allowed")
@given("посторонний вошёл через GitHub, и ему сказано, что доступа нет")
def stranger(context):
    """The honest twin: without a claim the platform refuses this person."""
    context.world.identity.stranger()


@when("they claim to be the owner by {claim}")
@when("он выдаёт себя за владельца через {claim}")
@when("somebody claims to be the owner by {claim}")
@when("кто-то выдаёт себя за владельца через {claim}")
def claim_to_be_owner(context, claim):
    """The headers of the owner, in every spelling of this kind."""
    context.world.identity.claim(meaning(claim, boundary_claims.CLAIM_WORDS))


@when("they bring an old token of the platform beside their session")
@when("вместе со входом он приносит старый токен платформы")
def bring_stale_tokens(context):
    """A cookie that a browser has kept."""
    context.world.identity.bring_stale_tokens()


@then("the old token keeps nobody out")
@then("старый токен не мешает его узнать")
def expect_known_in_spite_of_tokens(context):
    """200, themselves."""
    context.world.identity.expect_known_in_spite_of_tokens()


@then("nobody is let in")
@then("никого не впустили")
def expect_nobody_let_in(context):
    """Closed, no data."""
    context.world.identity.expect_closed()


@then("the platform still takes them for themselves")
@then("платформа по-прежнему считает его самим собой")
def expect_still_self(context):
    """Own e-mail, own login, no admin."""
    context.world.identity.expect_still_self()


@then("the users list stays closed to them")
@then("список пользователей для него закрыт")
def expect_no_users(context):
    """Refused, no data."""
    context.world.identity.expect_no_users()


@then("no project of theirs appears in the database")
@then("в базе не появилось созданных им проектов")
def expect_no_project(context):
    """Each write was refused, and left no row."""
    context.world.identity.expect_no_project()


@then("the records of both people are unchanged")
@then("записи об обоих людях не изменились")
def expect_records_unchanged(context):
    """Logins and rights in the database are as before."""
    context.world.identity.expect_records_unchanged()


@then("they are still told that they are not allowed")
@then("ему по-прежнему сказано, что доступа нет")
def expect_still_not_allowed(context):
    """The contract's refusal, no data."""
    context.world.identity.expect_still_not_allowed()


@given("an admin has allowed somebody of this run")
@given("администратор разрешил доступ человеку этого прогона")
def allow_somebody(context):
    """A marked e-mail in the platform's list."""
    context.world.gateway_identity.allow_somebody()


@given("an admin has allowed somebody of this run by an e-mail in capitals")
@given("администратор разрешил доступ человеку этого прогона, написав email заглавными буквами")
def allow_in_capitals(context):
    """A marked e-mail as some people write theirs."""
    context.world.gateway_identity.allow_somebody(in_capitals=True)


@when("the gateway is told their e-mail in small letters")
@when("шлюзу называют его email строчными буквами")
def identify_in_small_letters(context):
    """Only the case of letters differs."""
    context.world.gateway_identity.identify([context.world.gateway_identity.email])


@then("nobody who was refused is among the platform's users")
@then("никого из получивших отказ нет среди пользователей платформы")
def nobody_recorded(context):
    """A refusal leaves no trace in the list."""
    context.world.gateway_identity.expect_nobody_recorded()


@when("the gateway is told their e-mail in capitals")
@when("шлюзу называют его email заглавными буквами")
def identify_in_capitals(context):
    """Only the case of letters differs."""
    email = context.world.gateway_identity.email
    context.world.gateway_identity.identify([email, email.upper()])


@when("the gateway is told an e-mail that differs by {difference}")
@when("шлюзу называют email, в котором отличие: {difference}")
def identify_look_alike(context, difference):
    """An e-mail that is almost theirs."""
    email = context.world.gateway_identity.email
    context.world.gateway_identity.identify([meaning(difference, boundary_gateway.LOOK_ALIKES)(email)])


@given("the person has come in with their GitHub login")
@given("этот человек уже входил со своим логином GitHub")
def come_in(context):
    """The gateway keeps the login."""
    context.world.gateway_identity.come_in()


@when("that person comes for the first time, and asks for the projects only")
@when("этот человек приходит впервые и запрашивает только проекты")
def ask_for_projects(context):
    """Not who they are; a script does so."""
    context.world.gateway_identity.ask_for_projects()


@then("the login that they came with is on record")
@then("логин, с которым он пришёл, записан")
def expect_login_recorded(context):
    """In the person's row."""
    context.world.gateway_identity.expect_login_recorded()


@given("an admin has taken them off the list and they came again")
@given("администратор убрал его из списка, и он приходил снова")
@when("an admin takes them off the list and they come again")
@when("администратор убирает его из списка, и он приходит снова")
def take_off(context):
    """With the same e-mail and login as before."""
    context.world.gateway_identity.take_off()


@when("an admin allows them again and they come")
@when("администратор снова разрешает ему вход, и он приходит")
def allow_again(context):
    """With the same e-mail and login as ever."""
    context.world.gateway_identity.allow_again()


@when("the gateway is told that login with another e-mail")
@when("шлюзу называют этот логин с другим email")
def borrow_login(context):
    """An e-mail that nobody has allowed."""
    context.world.gateway_identity.borrow_login()


@when("the gateway is shown the credential: {credential}")
@when("шлюзу предъявляют: {credential}")
def present_credential(context, credential):
    """Credentials that nobody issued, and no identity header."""
    world = context.world
    made = meaning(credential, boundary_tokens.CREDENTIALS)
    world.gateway_identity.present(credential, made(world.identity.owner))


@when("the gateway is shown no credentials at all")
@when("шлюзу никто ничего не предъявил")
def present_nothing(context):
    """No header, no token, no cookie."""
    context.world.gateway_identity.present_nothing()


@when("the gateway is asked for changes with no credentials at all")
@when("шлюз без учётных данных просят об изменениях")
def change_with_nothing(context):
    """Every way to write, with no header, no token, no cookie."""
    context.world.gateway_identity.change_with_nothing()


@then("nothing of what was asked for is stored")
@then("ничего из запрошенного не сохранено")
def expect_nothing_stored(context):
    """No row of the scenario's mark."""
    refused_writes.expect_nothing_stored(context.world)


@then("the gateway knows the person")
@then("шлюз узнаёт этого человека")
def expect_known(context):
    """Letters' case does not count."""
    context.world.gateway_identity.expect_known()


@then('the gateway refuses with 403 "{message}"')
@then('шлюз отказывает: 403 "{message}"')
def expect_forbidden(context, message):
    """Exactly the contract's refusal."""
    context.world.gateway_identity.expect_error(403, "forbidden", message)


@then('the gateway refuses with 401 "{message}"')
@then('шлюз отказывает: 401 "{message}"')
def expect_unauthorized(context, message):
    """Exactly the contract's refusal."""
    context.world.gateway_identity.expect_error(401, "unauthorized", message)
