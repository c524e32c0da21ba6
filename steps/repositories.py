"""Sentences about the repositories of a project."""

from behave import given, then, when

from gate.language import meaning

REASONS = {
    "it does not exist": "missing",
    "его не существует": "missing",
    "the token has no rights on it": "weak",
    "у токена нет на него прав": "weak",
    "GitHub does not know the token": "unknown",
    "GitHub не знает этот токен": "unknown",
}
WRITERS = {"read_write": "writer", "admin": "lead"}


@given("a project and {count:d} test repositories that are attached to nothing")
@given("a project and {count:d} test repository that is attached to nothing")
@given("есть проект и тестовые репозитории, никуда не подключённые: {count:d}")
def prepare(context, count):
    """What is attached elsewhere is not ours to detach."""
    context.world.repositories.prepare(count)


@given("the repository has another webhook to the platform's address")
@given("у репозитория есть другой вебхук на адрес платформы")
def another_hook(context):
    """Inactive, a form, other events, no secret; another hook stands before it."""
    context.world.repositories.hooks.leave_another(context.world.repositories.names[0])


@given("the repository has a webhook to the platform that is right in all but its secret")
@given("у репозитория есть вебхук на платформу, верный во всём, кроме секрета")
def lookalike_hook(context):
    """As GitHub shows it, nothing is wrong."""
    context.world.repositories.hooks.leave_lookalike(context.world.repositories.names[0])


@given("somebody has spoilt its webhook to the platform since")
@given("с тех пор кто-то испортил его вебхук на платформу")
def spoilt_hook(context):
    """Inactive, for other events, no secret."""
    context.world.repositories.hooks.switch_off(context.world.repositories.names[0])


@given("somebody has removed its webhook to the platform since")
@given("с тех пор кто-то удалил его вебхук на платформу")
def removed_hook(context):
    """By hand, at GitHub."""
    context.world.repositories.hooks.remove_by_hand(context.world.repositories.names[0])


@given("the repository has a webhook of somebody else's, which leads elsewhere")
@given("у репозитория есть чужой вебхук, ведущий в другое место")
@given("the first has a webhook of somebody else's, which leads elsewhere")
@given("у первого есть чужой вебхук, ведущий в другое место")
def foreign_hook(context):
    """Inactive, so that it delivers nothing."""
    context.world.repositories.hooks.leave_foreign(context.world.repositories.names[0])


@when("a platform admin attaches the repository and detaches it again")
@when("платформенный администратор подключает репозиторий и снова отключает")
def attach_and_detach(context):
    """Through the API."""
    context.world.repositories.attach_all()
    context.world.repositories.detach(context.world.repositories.names[0])


@given("a repository that was renamed since it was attached to a project")
@given("репозиторий, переименованный после подключения к проекту")
def renamed(context):
    """Attached in the database; no GitHub has it."""
    context.world.attached_runs.have_renamed()


@given("a repository that is attached to a project and has had a run there")
@given("репозиторий, подключённый к проекту, в котором уже был его запуск")
def had_run(context):
    """Attached in the database; no GitHub has it."""
    context.world.attached_runs.have_had_run()


@when("it is moved to another project and its next event comes in")
@when("его переносят в другой проект и приходит его следующее событие")
def move(context):
    """In the database; the platform is told nothing beside."""
    context.world.attached_runs.move()


@when("it is detached and its next event comes in")
@when("его отключают и приходит его следующее событие")
def detach_made_up(context):
    """In the database; the platform is told nothing beside."""
    context.world.attached_runs.detach()


@then("the run belongs to the project that the repository has now")
@then("запуск относится к нынешнему проекту репозитория")
def expect_in_new_project(context):
    """With its slot, its start and its Job."""
    context.world.attached_runs.expect_in_project()


@then("the run succeeds")
@then("запуск завершается успехом")
def expect_succeeded(context):
    """As one does that nobody touches."""
    context.world.attached_runs.expect_succeeded()


@then("the learning mode of the run is that of this project")
@then("режим обучения у запуска — как у этого проекта")
def expect_learning_of_project(context):
    """On, while it was off in the project before."""
    context.world.attached_runs.expect_learning_of_project()


@when('a "{event}" event of it comes in under the new name')
@when('приходит его событие "{event}" под новым именем')
def deliver_renamed(context, event):
    """Under the id that it always had."""
    context.world.attached_runs.deliver_renamed(event)


@then("the webhook of somebody else's is as it was")
@then("чужой вебхук остался каким был")
def foreign_kept(context):
    """As GitHub shows it."""
    context.world.repositories.hooks.expect_foreign_kept(context.world.repositories.names[0])


@then("the platform's webhook is gone from the repository")
@then("вебхука платформы у репозитория больше нет")
def own_hook_gone(context):
    """Where its token may remove it."""
    context.world.repositories.hooks.expect_gone(context.world.repositories.names[0])


@when("a platform admin attaches both in the console")
@when("платформенный администратор подключает оба в консоли")
def attach_in_console(context):
    """One after the other, through the form."""
    context.world.repositories.attach_all_in_console()


@given("a platform admin has attached both")
@given("платформенный администратор подключил оба")
@when("a platform admin attaches both")
@when("платформенный администратор подключает оба")
@given("a platform admin has attached the repository")
@given("платформенный администратор подключил репозиторий")
@when("a platform admin attaches the repository")
@when("платформенный администратор подключает репозиторий")
def attach(context):
    """Through the API."""
    context.world.repositories.attach_all()


@when("a platform admin attaches the repository again")
@when("платформенный администратор подключает репозиторий ещё раз")
def attach_again(context):
    """Through the API."""
    context.world.repositories.attach_again(context.world.repositories.names[0])


@when("a platform admin attaches the repository again with a token that GitHub does not know")
@when("платформенный администратор подключает репозиторий ещё раз с токеном, неизвестным GitHub")
def attach_again_unknown(context):
    """Through the API; it must be refused, or say that the repository is there."""
    context.world.repositories.attach_again_unknown(context.world.repositories.names[0])


@then("the token that is stored for it stays")
@then("сохранённый для него токен остаётся")
def expect_token_kept(context):
    """Not one byte of it is another."""
    context.world.repositories.expect_token_kept(context.world.repositories.names[0])


@when("a platform admin attaches a repository in the console: {reason}")
@when("платформенный администратор подключает в консоли репозиторий: {reason}")
def attach_unusable(context, reason):
    """It must be refused."""
    context.world.refused_repository.attach(meaning(reason, REASONS))


@given("a platform admin was refused a repository in the console: {reason}")
@given("платформенному администратору отказано в консоли в репозитории: {reason}")
def have_been_refused(context, reason):
    """And the page shows it."""
    context.world.refused_repository.attach(meaning(reason, REASONS))
    context.world.refused_repository.expect_told_on_page()


@given("a platform admin has attached the first in the console")
@given("платформенный администратор подключил первый в консоли")
def have_attached_first(context):
    """By the form, with the right token."""
    context.world.repositories.attach_in_console(context.world.repositories.names[0])


@when("they come there with the second and a token that GitHub does not know")
@when("он приходит туда со вторым и токеном, неизвестным GitHub")
def attach_second_unknown(context):
    """By the same form, in the same visit."""
    context.world.refused_repository.attach("unknown", 1)


@then("the second is not attached")
@then("второй не подключён")
def expect_second_refused(context):
    """No row of it."""
    context.world.refused_repository.expect_not_attached()


@when("they attach the repository with the right token there")
@when("он подключает там этот репозиторий с верным токеном")
def attach_after_refusal(context):
    """By the same form."""
    context.world.repositories.attach_after_refusal()


@then("the repository is attached all the same")
@then("репозиторий всё же подключён")
def stored(context):
    """A form that was refused once is not stuck, and the page forgets it."""
    context.world.repositories.expect_stored()


@given("a member who may write in that project")
@given("участник с правом записи в этом проекте")
def have_writer(context):
    """With the role read_write, and no platform admin."""
    context.world.repositories.have_writer()


@given("a member with the role {role} in that project")
@given("участник с ролью {role} в этом проекте")
def have_writer_by_role(context, role):
    """One of those that may write, and no platform admin."""
    context.world.repositories.have_writer(meaning(role, WRITERS))


@when("that member attaches the repository")
@when("этот участник подключает репозиторий")
def attach_as_writer(context):
    """Through the API, at the gateway."""
    context.world.repositories.attach_as_writer(context.world.repositories.names[0])


@when("that member detaches the first")
@when("этот участник отключает первый")
def detach_as_writer(context):
    """Through the API, at the gateway."""
    context.world.repositories.detach_as_writer(context.world.repositories.names[0])


@when("a member who may only read tries to attach the repository")
@when("участник с правом чтения пытается подключить репозиторий")
def attach_as_reader(context):
    """Refused, with a token that GitHub takes."""
    context.world.repositories.attach_as_reader(context.world.repositories.names[0])


@when("a member who may only read tries to detach the repository")
@when("участник с правом чтения пытается отключить репозиторий")
def detach_as_reader(context):
    """Refused, through the API, at the gateway."""
    context.world.repositories.detach_as_reader(context.world.repositories.names[0])


@when('GitHub delivers a "{event}" event from that repository')
@when('GitHub доставляет событие "{event}" из этого репозитория')
def deliver(context, event):
    """Under its real id."""
    context.world.attached_runs.deliver(event, context.world.repositories.names[0])


@when("a platform admin attaches the repository to another project")
@when("платформенный администратор подключает репозиторий к другому проекту")
def attach_elsewhere(context):
    """Through the API."""
    context.world.second_project.attach(context.world.repositories.names[0])


@then("the repository is in that project or refused there, as the answer says")
@then("репозиторий в том проекте или там отвергнут, как и сказано в ответе")
def in_one_project(context):
    """By API and database, in one of the two, with one webhook; a refusal changes nothing."""
    context.world.second_project.expect_in_one(context.world.repositories.names[0])


@when("a platform admin detaches the first")
@when("платформенный администратор отключает первый")
@when("a platform admin detaches the repository")
@when("платформенный администратор отключает репозиторий")
def detach(context):
    """Through the API."""
    context.world.repositories.detach(context.world.repositories.names[0])


@then("page, API and database have both under GitHub's own ids")
@then("на странице, в API и в базе есть оба с идентификаторами GitHub")
def attached(context):
    """`external_id` is GitHub's number."""
    context.world.repositories.expect_attached()


@then("their tokens are stored encrypted, no two alike")
@then("их токены хранятся зашифрованными, без одинаковых")
def encrypted(context):
    """Nonce, ciphertext, tag."""
    context.world.repositories.stored.expect_encrypted()


@then("the platform's key makes the given token of each")
@then("ключ платформы превращает каждый в тот токен, который был дан")
def key_fits(context):
    """Where the key is known here."""
    context.world.repositories.stored.expect_key_fits()


@then("the token can be read nowhere else")
@then("больше нигде токен прочесть нельзя")
def nowhere(context):
    """Rows, events, answers, page, logs; in clear, hex or base64."""
    context.world.repositories.expect_token_nowhere()


@then("the token that was given can be read nowhere")
@then("данный при этом токен нигде не прочесть")
def refused_nowhere(context):
    """Events, tables, answers, what the page says, logs."""
    context.world.refused_repository.expect_token_nowhere()


@then("the page shows that it is refused")
@then("страница показывает отказ")
def refused(context):
    """In a text of its own."""
    context.world.refused_repository.expect_told_on_page()


@then("no repository is stored and no webhook is touched")
@then("ни один репозиторий не сохранён и ни один вебхук не тронут")
def nothing_stored(context):
    """By API, database and GitHub."""
    context.world.repositories.expect_nothing_stored()


@then("each has one webhook to the platform: active, JSON, with a secret, for the right events")
@then("у каждого один вебхук на платформу: активный, JSON, с секретом, на нужные события")
def hooks_made(context):
    """As GitHub shows them."""
    context.world.repositories.hooks.expect_made()


@then("the platform takes what GitHub signs for each webhook")
@then("платформа принимает то, что GitHub подписывает для каждого вебхука")
def hooks_believed(context):
    """A ping that GitHub is asked for."""
    context.world.repositories.hooks.expect_believed()


@then("that very webhook is active, JSON, with a secret, for the right events")
@then("тот самый вебхук активный, JSON, с секретом, на нужные события")
def hook_updated(context):
    """By its id."""
    context.world.repositories.hooks.expect_updated(context.world.repositories.names[0])


@then("the project has the repository once")
@then("в проекте этот репозиторий один раз")
def attached_once(context):
    """In the database."""
    context.world.repositories.expect_once(context.world.repositories.names[0])


@then("the repository has one webhook to the platform")
@then("у репозитория один вебхук на платформу")
def one_hook(context):
    """And no second."""
    context.world.repositories.hooks.expect_one_only(context.world.repositories.names[0])


@then("the repository has one webhook to the platform, right again unless that was refused")
@then("у репозитория один вебхук на платформу, снова верный, если в этом не отказано")
def one_hook_as_told(context):
    """The very same, and no second."""
    context.world.repositories.expect_hook_as_told(context.world.repositories.names[0])


@then("the run belongs to the project of the repository")
@then("запуск относится к проекту этого репозитория")
def run_in_project(context):
    """In the database, once it is claimed."""
    context.world.attached_runs.expect_in_project()


@then("the API tells the same")
@then("API говорит то же самое")
def run_in_api(context):
    """By id and slug."""
    context.world.attached_runs.expect_in_api()


@then("the project no longer has the first, and still has the other")
@then("в проекте первого больше нет, а второй остался")
@then("the project no longer has the repository")
@then("в проекте этого репозитория больше нет")
def detached(context):
    """By API and database."""
    context.world.repositories.expect_detached(context.world.repositories.names[0])


@then("its webhook to the platform is gone, that of the other is there")
@then("его вебхука на платформу больше нет, а вебхук второго на месте")
def hook_gone(context):
    """Where its token may remove it."""
    context.world.repositories.hooks.expect_gone(context.world.repositories.names[0])
    context.world.repositories.hooks.expect_one_only(context.world.repositories.names[1])
