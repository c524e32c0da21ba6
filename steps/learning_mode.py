"""Sentences about learning mode and its feedback."""

from behave import given, then, when

from gate.capabilities import words
from gate.language import meaning


@given("a repository that is {attached} and whose project has learning {default} by default")
@given("репозиторий {attached}, и в его проекте обучение по умолчанию {default}")
def choose_home(context, attached, default):
    """One of the projects that were prepared."""
    context.world.learning.choose_home(meaning(attached, words.ATTACHED), meaning(default, words.LEARNING))


@given("a repository of which there is no project yet")
@given("репозиторий, проекта для которого ещё нет")
def choose_unknown_home(context):
    """Nobody has heard of it."""
    context.world.learning.choose_unknown_home()


@given("a member of the project whose own learning is {override}")
@given("участник проекта, чьё собственное обучение {override}")
def choose_override(context, override):
    """One of the members that were prepared."""
    context.world.learning.choose_override(meaning(override, words.OVERRIDES))


@given("a platform admin has switched the learning of a member {override}")
@given("платформенный администратор настроил обучение участника: {override}")
def switch(context, override):
    """Through the staff API."""
    context.world.learning.switch(meaning(override, words.LEARNING))


@given("the admin has taken that override back")
@given("администратор убрал эту настройку участника")
def take_back(context):
    """Null inherits."""
    context.world.learning.switch(None)


@given("the platform owner has taken that member out of the project")
@given("владелец платформы исключил этого участника из проекта")
def expel(context):
    """Through the staff API; they are a member again after the scenario."""
    context.world.learning.expel()


@given("that member has become a platform admin as well")
@given("этот участник стал и администратором платформы")
def make_admin(context):
    """Through the staff API; they are none again after the scenario."""
    context.world.learning.make_admin()


@given("a member whose GitHub login is not known has learning on")
@given("у участника, чей GitHub-логин неизвестен, обучение включено")
def have_nameless_member(context):
    """Somebody who was allowed and has never come."""
    context.world.learning.have_nameless_member()


@when("an event of the repository comes that names no sender")
@when("приходит событие репозитория, в котором отправитель не назван")
def deliver_nameless(context):
    """Builds may refuse such an event (probe W17)."""
    context.world.learning.deliver_nameless()


@when("an event of the repository is sent by {sender}")
@when("событие репозитория отправляет {sender}")
def deliver(context, sender):
    """One delivery."""
    context.world.learning.deliver(meaning(sender, words.SENDERS))


@when("an event of a repository with learning and one of a repository without come in")
@when("приходят событие репозитория с обучением и событие репозитория без него")
def watch_two(context):
    """Two runs, watched to their ends."""
    context.world.feedback.watch_two()


@when("an event of a repository with learning comes in and the Job of its run is deleted")
@when("приходит событие репозитория с обучением и Job его запуска удаляют")
def watch_failing(context):
    """A run that fails."""
    context.world.feedback.watch_failing()


@when("events of repositories with learning on and off by default come in")
@when("приходят события репозиториев с обучением по умолчанию и без него")
def watch_all(context):
    """Attached and not, watched to the ends of their runs."""
    context.world.feedback.watch_all()


@when("an event of a repository with learning comes in and the Job of its run fails")
@when("приходит событие репозитория с обучением и Job его запуска падает")
def watch_failing_job(context):
    """Its time is taken from it; some clusters do not let the gate do that."""
    context.world.feedback.watch_failing_job()


@when("the member sends an event of the repository and loses the override before its run begins")
@when("участник отправляет событие репозитория и лишается настройки раньше, чем начат запуск")
def deliver_held(context):
    """The run is locked meanwhile; workers skip what others have locked (contract 4)."""
    context.world.learning.deliver_held()


@given("an event of the repository was sent by {sender}")
@given("событие репозитория отправил {sender}")
def have_delivered(context, sender):
    """One delivery, accepted."""
    context.world.learning.deliver(meaning(sender, words.SENDERS))


@given("the project's learning by default was then switched {mode}")
@given("потом обучение проекта по умолчанию стало: {mode}")
def change_default(context, mode):
    """In the database: there is no API for it (contract 4)."""
    context.world.learning.change_default(meaning(mode, words.LEARNING))


@when("GitHub delivers that event of the repository once more")
@when("GitHub доставляет это событие репозитория ещё раз")
def deliver_again(context):
    """Under the same delivery id."""
    context.world.learning.deliver_again()


@then("each run still has the learning that was right when its event came in")
@then("у каждого запуска то обучение, какое было верным, когда пришло его событие")
def expect_modes_kept(context):
    """agent_runs.learning_mode."""
    context.world.feedback.expect_modes_kept()


@then("each project still has the default that it had")
@then("у каждого проекта то значение по умолчанию, какое было")
def expect_defaults_kept(context):
    """projects.settings."""
    context.world.feedback.expect_defaults_kept()


@when("two events of a repository with learning come in at once")
@when("одновременно приходят два события репозитория с обучением")
def watch_at_once(context):
    """Their runs are at work together."""
    context.world.feedback.watch_at_once()


@then("each of the two runs leaves feedback of its own")
@then("каждый из двух запусков оставляет собственную обратную связь")
def expect_feedback_each(context):
    """One row each, in the database."""
    context.world.feedback.expect_feedback_each()


@when("an event of a repository with learning that is attached to nothing comes in")
@when("приходит событие репозитория с обучением, который никуда не подключён")
def watch_unattached(context):
    """A run of a project that the worker derives."""
    context.world.feedback.watch_unattached()


@when("an event with learning that names no repository comes in")
@when("приходит событие с обучением, в котором нет репозитория")
def watch_homeless(context):
    """The learning is written into its run as it waits."""
    context.world.feedback.watch_homeless()


@when("a run with learning gets its slot only once a Job under its name is in the cluster")
@when("запуск с обучением получает слот, лишь когда в кластере уже есть Job под его именем")
def watch_taken_job(context):
    """The worker cannot create a second one: it takes that one, or gives the run up."""
    context.world.taken_job.watch_learning()


@when("a run with learning is at work which a worker before this one began")
@when("выполняется запуск с обучением, который начал предыдущий worker")
def watch_taken_over(context):
    """This one knows of its learning mode only what is on record."""
    context.world.taken_over.watch_learning()


@when("a platform admin opens a run with learning in the console")
@when("платформенный администратор открывает в консоли запуск с обучением")
def open_with(context):
    """Run details."""
    context.world.learning_shown.open_run("admin")


@when("a platform admin opens in the console a run with learning whose repository is attached to nothing")
@when("платформенный администратор открывает в консоли запуск с обучением из неподключённого репозитория")
def open_unattached(context):
    """Run details."""
    context.world.learning_shown.open_unattached()


@when("a platform admin opens in the console a run with learning that has failed")
@when("платформенный администратор открывает в консоли неудачный запуск с обучением")
def open_failed(context):
    """Run details."""
    context.world.learning_shown.open_failed()


@when("a platform admin opens a run without learning in the console")
@when("платформенный администратор открывает в консоли запуск без обучения")
def open_without(context):
    """Run details."""
    context.world.learning_shown.open_run("admin", learning=False)


@when("someone without a role in its project opens a run with learning in the console")
@when("человек без роли в проекте открывает в консоли запуск с обучением")
def open_as_member(context):
    """Run details of a run that is not theirs."""
    context.world.learning_shown.open_run("member")


@then("the run has learning {mode}")
@then("у запуска обучение {mode}")
def expect_mode(context, mode):
    """agent_runs.learning_mode."""
    context.world.learning.expect_mode(meaning(mode, words.LEARNING))


@when("an event that names no repository is sent")
@when("отправляют событие, в котором нет репозитория")
def deliver_homeless(context):
    """Nor a member of any project."""
    context.world.learning.deliver_homeless()


@then("the run has the server's default learning mode")
@then("у запуска режим обучения, заданный сервером по умолчанию")
def expect_server_default(context):
    """No project, no member."""
    context.world.learning.expect_server_default()


@then("the run with learning leaves inline feedback with an explanation, not before its end")
@then("запуск с обучением оставляет обратную связь inline с объяснением, не раньше своего конца")
def expect_feedback(context):
    """learning_feedback."""
    context.world.feedback.expect_feedback()


@then("the run without learning leaves none")
@then("запуск без обучения не оставляет её")
def expect_none(context):
    """No row, and none comes."""
    context.world.feedback.expect_none_without()


@then("the page shows the events of the run in their order")
@then("на странице события запуска в их порядке")
def expect_events_shown(context):
    """The pane of events."""
    context.world.learning_shown.expect_events_shown()


@then("the page shows the kind and the text of its feedback")
@then("на странице вид и текст его обратной связи")
def expect_feedback_shown(context):
    """The pane of feedback."""
    context.world.learning_shown.expect_feedback_shown()


@then("the page says in its own words that there is no learning feedback")
@then("страница своими словами говорит, что обратной связи обучения нет")
def expect_none_shown(context):
    """The empty pane."""
    context.world.learning_shown.expect_none_shown()


@then("neither the console nor the API tells them anything of the run")
@then("ни консоль, ни API ничего не сообщают ему о запуске")
def expect_hidden(context):
    """No text, no events, no feedback."""
    context.world.learning_shown.expect_hidden("member")


@then("with a role in the project they are told")
@then("с ролью в проекте ему сообщают")
def expect_seen(context):
    """The twin that shows that the door works."""
    context.world.learning_shown.expect_seen_with_role("member")
