"""Sentences about what is left when something was taken back or changed."""

from behave import given, then, when


@when("the platform owner takes a member's role away")
@when("владелец платформы отнимает роль у участника")
def take_role(context):
    """Who came in under that role before."""
    context.world.aftermath.take_role()


@then("the project is closed to that member")
@then("проект для этого участника закрыт")
def expect_closed(context):
    """And its repositories and runs; no list has them any more."""
    context.world.aftermath.expect_closed()


@given("a platform admin has switched a member's learning on")
@given("платформенный администратор включил обучение участника")
def switch_learning(context):
    """By the API."""
    context.world.aftermath.switch_learning()


@when("a platform admin gives that member a lower role")
@when("платформенный администратор понижает роль этого участника")
def give_role(context):
    """By the API."""
    context.world.aftermath.give_role()


@given("a member who may write is let detach a repository")
@given("участнику с правом записи можно отключить репозиторий")
def may_write(context):
    """One that is attached for it, in the database."""
    context.world.aftermath.expect_may_write(may=True)


@then("detaching a repository is refused to them")
@then("отключить репозиторий ему уже нельзя")
def may_not_write(context):
    """Within the time that a gateway may keep a role in mind."""
    context.world.aftermath.expect_may_write(may=False)


@then("it is not refused any more once they have their old role again")
@then("с прежней ролью, выданной снова, это опять можно")
def may_write_again(context):
    """A platform admin gives it, by the API."""
    context.world.aftermath.expect_written_again()


@then("the member has that role, and learning as before")
@then("у участника эта роль и прежнее обучение")
def expect_learning_kept(context):
    """In the database."""
    context.world.aftermath.expect_learning_kept()


@given("the platform owner has deleted a project")
@given("владелец платформы удалил проект")
def delete_project(context):
    """One of this scenario's own."""
    context.world.aftermath.delete_project()


@when("a platform admin makes a project with its slug")
@when("платформенный администратор создаёт проект с его слагом")
def make_again(context):
    """By the API."""
    context.world.aftermath.make_again()


@then("it is a new project")
@then("это новый проект")
def expect_anew(context):
    """By its id."""
    context.world.aftermath.expect_anew()


@then("its learning is the server's default again")
@then("его обучение — снова по умолчанию сервера")
def expect_server_default(context):
    """In its settings; the deleted one had the other."""
    context.world.aftermath.expect_server_default()


@when("the platform owner deletes the project")
@when("владелец платформы удаляет проект")
def delete_attached(context):
    """With the repository that is attached to it."""
    context.world.aftermath.delete_attached()


@when("a platform admin who is not the owner tries to delete the project")
@when("платформенный администратор, который не владелец, пытается удалить проект")
def delete_as_admin(context):
    """Refused, through the API, at the gateway."""
    context.world.aftermath.delete_as_admin()


@when("the platform owner deletes a project in the console")
@when("владелец платформы удаляет проект в консоли")
def delete_in_console(context):
    """By Delete on its own page."""
    context.world.aftermath.delete_in_console()


@when("the platform owner deletes in the console a project that was derived from a repository")
@when("владелец платформы удаляет в консоли проект, выведенный из репозитория")
def delete_derived_in_console(context):
    """The same where nobody made the project by hand, and its slug has a slash."""
    context.world.aftermath.delete_in_console(derived=True)


@then("that project is gone, and no other was asked for")
@then("этого проекта больше нет, и других удалить не просили")
def expect_deleted(context):
    """By the console's own request, in the database, and in the list of projects."""
    context.world.aftermath.expect_deleted()


@given("a repository of a project whose token GitHub no longer takes")
@given("репозиторий проекта, токен которого GitHub больше не принимает")
def have_revoked(context):
    """Stored as the platform stores it."""
    context.world.aftermath.have_revoked()


@given("feedback of a run names that repository")
@given("этот репозиторий назван в обратной связи запуска")
def have_named(context):
    """In the database, as the worker writes it."""
    context.world.aftermath.have_named()


@given("the project has a repository whose token GitHub no longer takes")
@given("в проекте есть репозиторий, токен которого GitHub больше не принимает")
@given("the project has another repository whose token GitHub no longer takes")
@given("в проекте есть ещё один репозиторий, токен которого GitHub больше не принимает")
def have_revoked_beside(context):
    """Beside the test repositories, before and behind them."""
    context.world.aftermath.have_revoked_beside()


@when("a platform admin detaches that repository")
@when("платформенный администратор отключает этот репозиторий")
def detach_revoked(context):
    """Its webhook cannot be removed."""
    context.world.aftermath.detach_revoked()


@then("the project does not have it any more")
@then("в проекте его больше нет")
def expect_detached(context):
    """In the database."""
    context.world.aftermath.expect_detached()


@then("the run still has that feedback")
@then("у запуска эта обратная связь остаётся")
def expect_feedback_kept(context):
    """It is the run's; which repository it was about may be lost."""
    context.world.aftermath.expect_feedback_kept()


@then("the webhooks of its repositories to the platform are gone")
@then("вебхуков его репозиториев на платформу больше нет")
def expect_hooks_gone(context):
    """At GitHub."""
    context.world.aftermath.expect_hooks_gone()
