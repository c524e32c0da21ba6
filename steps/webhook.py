"""Sentences about the webhook ingress."""

from behave import given, then, when

from gate.capabilities import words
from gate.language import meaning


@given('GitHub is about to deliver a "{event}" event')
@given('GitHub готов доставить событие "{event}"')
def prepare(context, event):
    """An event that has not been delivered yet."""
    context.world.webhook.prepare(event)


@given("the event comes from a webhook that no app made")
@given("событие приходит от вебхука, созданного без приложения")
def leave_out_installation(context):
    """As the platform's own webhooks send it: they are made with a token."""
    context.world.webhook.leave_out_installation()


@given("the event is about a public repository")
@given("событие произошло в открытом репозитории")
def public_repository(context):
    """Most events that the other scenarios deliver are about a private one."""
    context.world.webhook.make_repository_public()


@given("the event was caused by a bot")
@given("событие вызвано ботом")
def caused_by_bot(context):
    """As the platform's own agents and other apps cause them."""
    context.world.webhook.make_sender_a_bot()


@given("the platform has accepted the event")
@given("платформа приняла это событие")
@when("the platform accepts the event")
@when("платформа принимает это событие")
def accepted_before(context):
    """The event was delivered once and accepted."""
    context.world.webhook.deliver_accepted()


@when("it delivers the event with a session cookie that is no good")
@when("он доставляет событие с негодной cookie входа")
def deliver_with_bad_session(context):
    """No session was ever given to GitHub; whoever sends one is none the worse for it."""
    context.world.webhook.deliver_with_bad_session()


@when("it delivers the event")
@when("он доставляет событие")
@when("it delivers the event again")
@when("он доставляет событие ещё раз")
def deliver(context):
    """One honest delivery."""
    context.world.webhook.deliver()


@given("the event was delivered with a signature that is {signature}")
@given("событие доставили с подписью: {signature}")
@when("it delivers the event with a signature that is {signature}")
@when("он доставляет событие с подписью: {signature}")
def deliver_signed(context, signature):
    """One delivery, signed in another way."""
    context.world.webhook.deliver(meaning(signature, words.SIGNATURES))


@when("it delivers the event written anew {how} under the old signature")
@when("он доставляет то же событие, записанное {how}, под прежней подписью")
def deliver_rewritten(context, how):
    """The same JSON in other bytes: only the raw bytes are what is signed."""
    context.world.webhook.deliver_rewritten(meaning(how, words.REWRITINGS))


@when("it delivers the event under the same delivery id in capitals")
@when("он доставляет событие под тем же id доставки заглавными буквами")
def deliver_in_capitals(context):
    """An id that differs in the case of its letters is another one."""
    context.world.webhook.deliver_in_capitals()


@when("it delivers the event {times:d} times at the same moment")
@when("он доставляет событие {times:d} раз одновременно")
def deliver_at_once(context, times):
    """Equal deliveries that race each other."""
    context.world.webhook.deliver_at_once(times)


@given("GitHub is about to deliver {count:d} different events")
@given("GitHub готов доставить разные события, всего {count:d}")
def prepare_burst(context, count):
    """Of several types and sizes, each about another repository."""
    context.world.burst.prepare(count)


@when("it delivers all of them at the same moment")
@when("он доставляет их все одновременно")
def deliver_burst(context):
    """Different deliveries that race each other."""
    context.world.burst.deliver()


@then("each of them is accepted with 202 under its own delivery id")
@then("каждое принято с ответом 202 под id своей доставки")
def expect_burst_accepted(context):
    """No answer is another's."""
    context.world.burst.expect_accepted()


@then("each of them has a run of its own with its own payload")
@then("у каждого есть свой запуск со своим содержимым")
def expect_burst_recorded(context):
    """Compared as JSON values."""
    context.world.burst.expect_own_payloads()


@when("it delivers another {difference} under the same delivery id")
@when("он доставляет под тем же id доставки другое: {difference}")
def deliver_changed(context, difference):
    """A replay that is not equal."""
    context.world.webhook.deliver_changed(meaning(difference, words.REPLAYS))


@given("a run has ended long ago")
@given("запуск давным-давно завершился")
def ended_long_ago(context):
    """Written into the database, with everything that a run has."""
    context.world.redelivery.have_old()


@given("a run has ended some time ago")
@given("запуск какое-то время назад завершился")
def ended_before(context):
    """That of an earlier scenario, where there was one."""
    context.world.redelivery.have_ended()


@when("GitHub delivers its event once more")
@when("GitHub доставляет его событие ещё раз")
def redeliver(context):
    """As the button “Redeliver” does."""
    context.world.redelivery.deliver()


@then("the platform answers 200 as a duplicate of that run")
@then("платформа отвечает 200 и называет это повтором того запуска")
def expect_duplicate_of_ended(context):
    """By the id of the run."""
    context.world.redelivery.expect_duplicate()


@then("the run stays as it ended and is not started again")
@then("запуск остаётся таким, каким завершился, и не начинается заново")
def expect_left_alone(context):
    """Watched over a poll of the worker."""
    context.world.redelivery.expect_left_alone()


@then("this delivery is on record as a replay")
@then("эта доставка записана как повтор")
def expect_redelivery_recorded(context):
    """One replay more than before."""
    context.world.redelivery.expect_recorded()


@when("it delivers the event without its {header} header")
@when("он доставляет событие без заголовка {header}")
def deliver_without(context, header):
    """A header of GitHub's is missing."""
    context.world.webhook.deliver_without(meaning(header, words.HEADERS))


@when("it delivers the event with an empty {header} header")
@when("он доставляет событие с пустым заголовком {header}")
def deliver_empty_header(context, header):
    """A header of GitHub's has no value."""
    context.world.webhook.deliver_without(meaning(header, words.HEADERS), empty=True)


@given("the event was delivered with a body that is {body}, rightly signed")
@given("событие доставили с верно подписанным телом: {body}")
@when("it delivers a body that is {body}, rightly signed")
@when("он доставляет верно подписанное тело: {body}")
def deliver_no_json(context, body):
    """A validly signed body that is no JSON."""
    context.world.webhook.deliver_body(meaning(body, words.NO_JSON))


@when("it delivers a body larger than 1 MiB, rightly signed")
@when("он доставляет верно подписанное тело больше 1 МиБ")
def deliver_oversize(context):
    """A validly signed body of 1 MiB and a byte."""
    context.world.webhook.deliver_oversize()


@then("the platform accepts it with 202 itself, without a detour through sign-in")
@then("платформа сама принимает его с ответом 202, не отправляя на вход")
def expect_accepted(context):
    """202, JSON, own ids, no redirect."""
    context.world.webhook.expect_accepted()


@then("the run that the answer names is recorded under the delivery id")
@then("названный в ответе запуск записан под id этой доставки")
def expect_recorded(context):
    """The database agrees with the answer."""
    context.world.webhook.expect_recorded()


@then('the platform answers 401 itself with the message "{message}"')
@then('платформа сама отвечает 401 с сообщением "{message}"')
def expect_unauthorized(context, message):
    """The platform's own refusal, as the contract words it."""
    context.world.webhook.expect_error(401, "unauthorized", message)


@then("the logs of the platform do not tell what would have been believed")
@then("логи платформы не сообщают, чему она поверила бы")
def expect_logs_tell_nothing(context):
    """Neither the right signature nor the secret."""
    context.world.webhook.expect_logs_tell_nothing()


@then("the platform answers 401 itself")
@then("платформа сама отвечает 401")
def expect_refused(context):
    """The platform's own refusal, whichever of its two messages it gives."""
    context.world.webhook.expect_error(401, "unauthorized")


@then("the platform either refuses the event with 401 or records it like any other")
@then("платформа либо отвечает 401, либо записывает событие как обычное")
def expect_one_outcome(context):
    """Builds may differ here; nothing between the two is right."""
    context.world.webhook.expect_one_outcome()


@then('the platform answers 400 and names the field "{field}"')
@then('платформа отвечает 400 и называет поле "{field}"')
def expect_invalid(context, field):
    """The platform's own complaint about a field."""
    context.world.webhook.expect_error(400, "invalid_argument", field=field)


@then("the body is refused as too large")
@then("тело отклонено как слишком большое")
def expect_too_large(context):
    """400 by the platform or 413 by the ingress."""
    context.world.webhook.expect_oversize_refused()


@then("no run and no event are recorded for the delivery")
@then("для этой доставки нет ни запуска, ни события")
def expect_nothing(context):
    """Nothing in the database, and nothing comes."""
    context.world.webhook.expect_nothing_recorded()


@then("the platform answers 200 as a duplicate of the same run")
@then("платформа отвечает 200: это повтор того же запуска")
def expect_duplicate(context):
    """200 with the first answer's ids."""
    context.world.webhook.expect_duplicate()


@then("one delivery is accepted and the other {others:d} are duplicates of its run")
@then("одна доставка принята, остальные {others:d} — повторы её запуска")
def expect_race(context, others):
    """One 202, the rest 200, one run id."""
    context.world.webhook.expect_one_accepted(others)


@then("there is still one run and one received event")
@then("по-прежнему есть один запуск и одно событие о получении")
@then("there is one run and one received event")
@then("есть один запуск и одно событие о получении")
def expect_one_run(context):
    """Nothing was recorded twice."""
    context.world.webhook.expect_recorded()


@then("{replays:d} replay is on record")
@then("записан повтор: {replays:d}")
@then("{replays:d} replays are on record")
@then("записаны повторы: {replays:d}")
def expect_replays(context, replays):
    """The event log tells of each replay."""
    context.world.webhook.expect_replays_recorded(replays)


@then("the refused delivery is no replay on record")
@then("отклонённая доставка не записана как повтор")
def expect_no_replay(context):
    """A refusal leaves no event."""
    context.world.webhook.expect_no_replay_recorded()


@then("the payload is kept as it came")
@then("содержимое сохранено как пришло")
@then("the first payload is kept")
@then("сохранено первое содержимое")
def expect_payload_kept(context):
    """No replay has changed it."""
    context.world.webhook.expect_payload_kept()


@then("the run has no second Job")
@then("второго Job у запуска нет")
def expect_one_job(context):
    """Looked for once it has begun."""
    context.world.one_job.expect_one(context.world.webhook.delivery)
