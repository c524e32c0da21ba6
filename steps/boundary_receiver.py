"""Sentences about odd deliveries."""

from behave import given, then, when

from gate.capabilities import boundary_deliveries, boundary_receiver, webhook_order, words
from gate.language import meaning


@given("the gateway runs and takes honest deliveries")
@given("шлюз работает и принимает честные доставки")
def gateway_runs(context):
    """The honest twin; restarts are counted from here on."""
    context.world.receiver.look_at_restarts()
    context.world.receiver.expect_alive()


@when("a delivery comes with a forged signature line before the right one")
@when("приходит доставка, где строка поддельной подписи стоит перед верной")
def forged_first(context):
    """Bad, then good."""
    context.world.receiver.send_two_signatures(good_first=False)


@when("a delivery comes with a forged signature line after the right one")
@when("приходит доставка, где строка поддельной подписи стоит после верной")
def forged_last(context):
    """Good, then bad."""
    context.world.receiver.send_two_signatures(good_first=True)


@when("a delivery comes with Cyrillic, emoji, line separators and markup in its text")
@when("приходит доставка с кириллицей, эмодзи, разделителями строк и разметкой в тексте")
def special_text(context):
    """Text that breaks careless receivers."""
    context.world.receiver.send_special_text()


@when("a captured delivery comes again under another delivery id")
@when("перехваченная доставка приходит снова с другим id")
def captured(context):
    """The same body and signature."""
    context.world.receiver.send_captured()


@when("a rightly signed body of exactly 1 MiB comes")
@when("приходит верно подписанное тело ровно в 1 МиБ")
def exactly_one_mib(context):
    """The largest that is allowed."""
    context.world.receiver.send_size(boundary_receiver.MIB)


@when("a rightly signed body over 1 MiB comes in pieces of unknown length")
@when("приходит верно подписанное тело больше 1 МиБ частями, без указания длины")
def chunked(context):
    """Nobody says beforehand how much it will be."""
    context.world.receiver.send_chunked(boundary_receiver.MIB + 1)


@when("a rightly signed body of 25 MB comes")
@when("приходит верно подписанное тело в 25 МБ")
def largest_of_github(context):
    """GitHub's own cap, once."""
    context.world.receiver.send_size(boundary_receiver.LARGEST_GITHUB_BYTES)


@when("a body over 1 MiB comes with a forged signature")
@when("приходит тело больше 1 МиБ с поддельной подписью")
def oversize_forged(context):
    """Too large and not believed."""
    context.world.receiver.send_size(boundary_receiver.MIB + 1, words.SIGNED["wrongly"])


@when("a compressed body comes that would unpack to many megabytes, {signed} signed")
@when("приходит сжатое тело, которое распаковалось бы в десятки мегабайт, с {signed} подписью")
def bomb(context, signed):
    """A small bomb."""
    context.world.receiver.send_bomb(meaning(signed, words.SIGNED))


@when("rightly signed deliveries come with {bodies}")
@when("приходят верно подписанные доставки, в которых {bodies}")
def odd_bodies(context, bodies):
    """Only GitHub could sign them, but it may err."""
    context.world.receiver.send_bodies(meaning(bodies, boundary_deliveries.ODD_BODIES))


@when("a rightly signed form comes instead of JSON")
@when("вместо JSON приходит верно подписанная форма")
def form(context):
    """A hook with the wrong content type."""
    context.world.receiver.send_form()


@when("a delivery comes under an id of {kind}")
@when("приходит доставка с id {kind}")
def odd_id(context, kind):
    """The id is the sender's word."""
    context.world.receiver.send_id(meaning(kind, boundary_deliveries.ODD_IDS))


@when("unsigned deliveries come with event names that nobody knows")
@when("приходят неподписанные доставки с неизвестными именами событий")
def event_names(context):
    """A stranger chooses what could become a label."""
    context.world.receiver.send_event_names()


@when("an honest delivery comes over plain http")
@when("честная доставка приходит по обычному http")
def in_clear(context):
    """Port 80."""
    context.world.receiver.send_in_clear()


@then("it is only sent to https and nothing is recorded")
@then("она лишь отправлена на https, и ничего не записано")
def expect_only_sent(context):
    """A redirect without effect."""
    context.world.receiver.expect_only_sent_to_https()


@then("it is refused with 401 or recorded once, nothing between")
@then("она либо отклонена с ответом 401, либо записана один раз")
def expect_one_outcome(context):
    """One clear outcome."""
    context.world.receiver.expect_one_outcome()


@then("it is accepted and its run is recorded")
@then("она принята, и её запуск записан")
@then("the body is accepted and its run is recorded")
@then("тело принято, и запуск записан")
def expect_accepted(context):
    """202 and a row."""
    context.world.receiver.expect_accepted()


@then("the payload on record has the very same text")
@then("в записанном содержимом тот же самый текст")
def expect_same_text(context):
    """Compared as JSON values."""
    context.world.receiver.expect_same_text()


@then("each id has a run of its own, as the contract has it")
@then("у каждого id свой запуск, как в контракте")
def expect_own_run_each(context):
    """Deduplication is by id alone."""
    context.world.receiver.expect_own_run_each()


@then("what a gate cannot judge here is put on record")
@then("записано то, о чём здесь судить нельзя")
def report_replay_risk(context):
    """Residual risks for the Owner."""
    context.world.receiver.report_replay_risk()


@then("the body is refused for its size and nothing is recorded")
@then("тело отклонено из-за размера, и ничего не записано")
def expect_size_refused(context):
    """400 naming the body, or 413 by the ingress."""
    context.world.receiver.expect_refused(400, 413, field="body")


@then("the refusal comes at once")
@then("отказ приходит сразу")
def expect_at_once(context):
    """Nobody waits for the rest."""
    context.world.receiver.expect_refused_at_once()


@then("the gateway itself does not wait for the rest of such a body")
@then("сам шлюз не дожидается остатка такого тела")
def expect_rest_not_awaited(context):
    """Announced as 25 MB, cut off after 2 MiB."""
    context.world.receiver.expect_rest_not_awaited_inside()


@then("the gateway itself judges the size before the signature")
@then("сам шлюз проверяет размер раньше подписи")
def expect_size_first(context):
    """400 even with a forged signature, where the gateway can be reached."""
    context.world.receiver.expect_size_first_inside(boundary_receiver.MIB + 1, words.SIGNED["wrongly"])


@then("the gateway itself refuses such a body as well")
@then("сам шлюз такое тело тоже отклоняет")
def expect_pieces_refused(context):
    """400, where the gateway can be reached."""
    context.world.receiver.expect_pieces_refused_inside(boundary_receiver.MIB + 1)


@then("it is refused with 400 or 401 and nothing is recorded")
@then("она отклонена с ответом 400 или 401, и ничего не записано")
def expect_refused(context):
    """The platform's own refusal."""
    context.world.receiver.expect_refused(400, 401)


@then('it is refused with 400 for the field "{field}" and nothing is recorded')
@then('она отклонена с ответом 400 из-за поля "{field}", и ничего не записано')
def expect_field_refused(context, field):
    """The platform's own complaint."""
    context.world.receiver.expect_refused(400, field=field)


@then("every unsigned delivery is refused and nothing is recorded")
@then("каждая неподписанная доставка отклонена, и ничего не записано")
def expect_unsigned_refused(context):
    """Whatever its event is called."""
    context.world.receiver.expect_refused(401, 400)


@then("each is accepted or refused with 400")
@then("каждая принята или отклонена с ответом 400")
def expect_survived(context):
    """Nothing between; a 5xx is put on record."""
    context.world.receiver.expect_survived()


@then("each is refused as no JSON and nothing is recorded")
@then("каждая отклонена: тело не JSON, и ничего не записано")
def expect_no_json(context):
    """400 for the body; a 5xx is put on record."""
    context.world.receiver.expect_no_json()


@then("it is refused, or recorded under exactly that id")
@then("она отклонена или записана ровно под этим id")
def expect_refused_or_kept(context):
    """4xx, or the id as it came."""
    context.world.receiver.expect_refused_or_kept()


@then("the gateway has not restarted and takes the next delivery")
@then("шлюз не перезапустился и принимает следующую доставку")
def expect_alive(context):
    """The other doors agree."""
    context.world.receiver.expect_alive()


@then("the worker begins the run of an honest delivery that came after them")
@then("worker начинает запуск честной доставки, пришедшей после них")
def expect_bystander_begun(context):
    """Of another repository, while they are there still."""
    context.world.bystander.expect_begun()


@then("the metrics can still be read and have not grown with the names")
@then("метрики по-прежнему читаются и не разрослись от этих имён")
def expect_metrics(context):
    """Every line parses; the names are no labels."""
    context.world.receiver.expect_metrics_readable()


@when("a delivery comes with two faults: {faults}")
@when("приходит доставка с двумя ошибками: {faults}")
def deliver_faulty(context, faults):
    """Which is told shows the order of the checks."""
    context.world.webhook_order.deliver_faulty(meaning(faults, webhook_order.TWO_FAULTS))


@then('it is refused with {status:d} because of "{told}" and nothing is recorded')
@then('она отклонена с ответом {status:d} из-за "{told}", и ничего не записано')
def expect_first_told(context, status, told):
    """The field of a 400, the message of a 401."""
    context.world.webhook_order.expect_first_told(status, told)


@when("the gateway gets an honest delivery, its replay and a forged one")
@when("шлюз получает честную доставку, её повтор и поддельную")
def deliver_each_result(context):
    """At the gateway itself, whose metrics are read."""
    context.world.webhook_metrics.deliver_each_result()


@then("its metrics have counted what was accepted and its duplicate, and their time")
@then("его метрики посчитали принятую и её повтор, и их время")
def expect_counted(context):
    """By the label `result`, and the duration's count; each once, and in seconds."""
    context.world.webhook_metrics.expect_counted()
