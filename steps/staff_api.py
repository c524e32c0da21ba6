"""Sentences about what the staff API lets whom do."""

from behave import given, then, when

from gate.capabilities import role_acts
from gate.language import meaning


@given("a project and a person of every role in it")
@given("есть проект и по человеку с каждой ролью в нём")
def gather(context):
    """No role, read, read_write, admin; and a platform admin."""
    context.world.roles.gather()


@when("each of them tries to {act}")
@when("каждый из них пробует {act}")
def all_ask(context, act):
    """At the gateway, as the edge would name them."""
    context.world.roles.all_ask(meaning(act, role_acts.ACT_WORDS))


@when("each of them lists the projects and the runs")
@when("каждый из них запрашивает проекты и запуски")
def all_list(context):
    """As long as the lists may be."""
    context.world.roles.all_list()


@when("each of them lists one project and one run, and others have newer ones")
@when("каждый из них запрашивает один проект и один запуск, а у других есть более новые")
def all_list_one(context):
    """By the limit 1."""
    context.world.roles.all_list_one()


@then("everyone with a role in the project is shown it, and a run of it")
@then("каждому, у кого есть роль в проекте, показан он и его запуск")
def expect_own_first(context):
    """Nothing of others in their place."""
    context.world.roles.expect_own_first()


@then("only those who may are let do it, the others get 403")
@then("это удаётся только тем, кому можно, остальные получают 403")
def expect_only_allowed(context):
    """By the contract's column “who”, in its words."""
    context.world.roles.expect_only_allowed()


@when("a writer of the project asks it to detach a repository of another project")
@when("участник с правом записи просит этот проект отключить репозиторий другого проекта")
def detach_through_own(context):
    """By the id of that repository."""
    context.world.roles.detach_through_own()


@then("the other project keeps its repository")
@then("у другого проекта его репозиторий остаётся")
def strange_kept(context):
    """And nothing else is changed."""
    context.world.roles.expect_strange_kept()


@then("what the others did has happened, and nothing beside it")
@then("то, что сделали остальные, произошло, и ничего кроме этого")
def done(context):
    """By the rows of people, projects, members and repositories."""
    context.world.roles.expect_done()


@then("nothing is changed by those who were refused")
@then("те, кому отказано, ничего не изменили")
def expect_nothing_changed(context):
    """People, projects, roles and repositories in the database."""
    context.world.roles.expect_nothing_changed()


@then("everyone sees the projects that they have a role in, under that role, and no others")
@then("каждый видит проекты, где у него есть роль, с этой ролью, и никаких других")
def expect_own_projects(context):
    """A platform admin sees all."""
    context.world.roles.expect_own_projects()


@then("nobody sees a run of a project that they have no role in")
@then("никто не видит запусков проекта, в котором у него нет роли")
def expect_own_runs(context):
    """Nor in the list of runs."""
    context.world.roles.expect_own_runs()


@given("a platform admin has the role to read it")
@given("у платформенного администратора есть в нём роль read")
def have_reading_admin(context):
    """The lowest of the three."""
    context.world.two_rights.have_reading_admin()


@given("whoever may only read it leads another project")
@given("тот, у кого в нём роль read, — главный в другом проекте")
def have_reader_who_leads(context):
    """The highest of the three."""
    context.world.two_rights.have_reader_who_leads()


@given("each of the two projects has a run")
@given("в каждом из двух проектов есть запуск")
def have_runs(context):
    """One that no worker claims; they are removed."""
    context.world.two_rights.have_runs()


@when("they ask the project to attach and to detach a repository")
@when("этот человек просит проект подключить и отключить репозиторий")
def ask_to_write(context):
    """And for their list of projects."""
    context.world.two_rights.ask_to_write()


@then("they are let do it as any platform admin is")
@then("ему это можно, как любому платформенному администратору")
def expect_let(context):
    """What GitHub says of the repository is another matter."""
    context.world.two_rights.expect_let()


@then("they are refused as anybody is who may only read")
@then("ему отказано, как всякому с ролью read")
def expect_refused(context):
    """403."""
    context.world.two_rights.expect_refused()


@then("their list has the projects of others as well")
@then("в его списке есть и чужие проекты")
def expect_all_listed(context):
    """Where they have no role."""
    context.world.two_rights.expect_all_listed()


@then("their list has both projects, each under its own role")
@then("в его списке оба проекта, каждый под своей ролью")
def expect_both_listed(context):
    """And nothing else."""
    context.world.two_rights.expect_both_listed()


@then("they are told of the runs of both")
@then("запуски обоих ему показаны")
def expect_both_told(context):
    """In their list, and by id."""
    context.world.two_rights.expect_both_told()
