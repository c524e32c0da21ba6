"""Sentences about the worker run loop."""

from behave import given, then, when

from gate.capabilities import words
from gate.language import meaning


@given("a delivery about a repository that the platform has never seen")
@given("доставка о репозитории, которого платформа ещё не видела")
@given("more deliveries about one repository than its project has slots")
@given("доставок об одном репозитории больше, чем слотов у его проекта")
def prepare(context):
    """Nothing is sent yet: watching begins before the delivery."""
    context.world.worker.prepare()


@when("it comes in and its run is watched to the end")
@when("она приходит и её запуск наблюдают до конца")
def watch_one(context):
    """One run, from delivery to end."""
    context.world.worker.watch_one()


@when("it comes in and the Job of its run is deleted while it runs")
@when("она приходит и Job её запуска удаляют во время выполнения")
def watch_job_loss(context):
    """One run that loses its Job."""
    context.world.worker.watch_job_loss()


@given("a run that has ended, its Job still there")
@given("запуск, который завершён, а его Job ещё на месте")
def have_succeeded(context):
    """Further deliveries are about its repository."""
    context.world.worker.have_succeeded()


@when("another run of its project comes in and loses its Job while it runs")
@when("приходит ещё один запуск его проекта и теряет свой Job во время выполнения")
def watch_job_loss_beside(context):
    """The Job of the first one is not its own."""
    context.world.worker.watch_job_loss_beside()


@when("it comes in and the lease of its run ends while the run is at work")
@when("она приходит и аренда её запуска истекает, пока он выполняется")
def watch_lapsed(context):
    """One run whose lease the gate ends in the database."""
    context.world.worker.watch_lapsed()


@when("it comes in and the lease of its run ends before the next run of its project begins")
@when("она приходит и аренда её запуска истекает раньше, чем начат следующий запуск её проекта")
def watch_lapsed_beside(context):
    """The next one is why a worker frees leases that are over (contract 4.2)."""
    context.world.worker.watch_lapsed_beside()


@when("it comes in and the slot of its run goes to another while the run is at work")
@when("она приходит и слот её запуска, пока тот выполняется, переходит к другому")
def watch_robbed(context):
    """As may come of a lease whose time is over; the gate writes it in the database."""
    context.world.worker.watch_robbed()


@then("the run ends as its Job did, and the slot of the other run is still leased to it")
@then("запуск завершается как его Job, а слот другого запуска по-прежнему арендован тому")
def robbed_ended(context):
    """It frees what it holds, and nothing else."""
    context.world.worker.expect_robbed_ended()


@when("it comes in and the Job of its run fails while it runs")
@when("она приходит и Job её запуска падает во время выполнения")
def watch_job_failure(context):
    """Its time is taken from it; some clusters do not let the gate do that."""
    context.world.worker.watch_job_failure()


@then('the run fails as well, which "run.failed" tells, and its slot is free')
@then('запуск тоже завершается неудачей, о чём сообщает "run.failed", и слот свободен')
def expect_failed_with_job(context):
    """Status, event and slots."""
    context.world.worker.expect_failed_with_job()


@when("it comes in and the Job of its run is held up before its end")
@when("она приходит и Job её запуска приостанавливают раньше его конца")
@when("it comes in, the Job of its run is held up and another run of this project comes in")
@when("она приходит, Job её запуска приостанавливают и приходит ещё один запуск этого проекта")
def watch_held_up(context):
    """For two polls at least; some clusters do not let the gate do that."""
    context.world.held_jobs.watch()


@then("the run stays running for as long as its Job is held up")
@then("запуск остаётся running всё время, пока его Job приостановлен")
def expect_running_held_up(context):
    """Its Job has not ended."""
    context.world.held_jobs.expect_running()


@then("it succeeds once its Job may go on")
@then("он завершается успехом, когда его Job продолжает работу")
def expect_succeeded_held_up(context):
    """Pending, running, succeeded."""
    context.world.held_jobs.expect_succeeded()


@then("the other run begins meanwhile, in the other slot")
@then("второй запуск начинается тем временем, в другом слоте")
def expect_side_by_side(context):
    """A project has two."""
    context.world.held_jobs.expect_side_by_side()


@given("a repository whose run has ended, its Job still there")
@given("репозиторий, запуск которого завершился, а его Job ещё есть")
def have_ended_run(context):
    """What the next one is made like."""
    context.world.taken_over.have()


@when("a run of that repository is at work which a worker before this one began")
@when("выполняется запуск того репозитория, который начал предыдущий worker")
def watch_taken_over(context):
    """A copy of an ended run and of its Job."""
    context.world.taken_over.watch()


@then("it succeeds as its Job does, and is told to have ended once")
@then("он завершается успехом, как его Job, и об этом сообщено один раз")
def expect_taken_over_ended(context):
    """The worker looks at every running run."""
    context.world.taken_over.expect_ended()


@when("it comes in and somebody has the slot of its run locked while the Job ends")
@when("она приходит и кто-то держит слот её запуска заблокированным, пока завершается Job")
def watch_held_slot(context):
    """By a transaction of ours, for two polls of the worker."""
    context.world.held_slot.watch()


@when("it comes in and the Job of its run is deleted while somebody has the slot of the run locked")
@when("она приходит и Job её запуска удаляют, пока кто-то держит слот запуска заблокированным")
def watch_held_slot_vanishing(context):
    """As before, and the run is to end as failed."""
    context.world.held_slot.watch(vanishing=True)


@then("the run is never seen ended while the slot is leased to it")
@then("запуск ни разу не завершён, пока слот ещё арендован ему")
def expect_ended_together(context):
    """Both change in one transaction."""
    context.world.held_slot.expect_together()


@given("deliveries of events of every type and make, each about a repository of its own")
@given("доставки событий всех типов и видов, каждая о своём репозитории")
def prepare_every_event(context):
    """Nothing is sent yet."""
    context.world.worker.prepare()


@when("they come in at once and each of their runs is watched to its end")
@when("они приходят одновременно и каждый их запуск наблюдают до его конца")
def watch_every_event(context):
    """One of a type that nobody has heard of, one that is large, one that no app made."""
    context.world.every_event.watch()


@then("every one of these runs succeeds")
@then("каждый из этих запусков успешен")
def expect_every_event(context):
    """None waits for ever, none fails."""
    context.world.every_event.expect_succeeded()


@given("the project of a repository that nobody attached was deleted after a run")
@given("проект репозитория, который никто не подключал, удалён после запуска")
def have_deleted_project(context):
    """In the database."""
    context.world.deleted_project.have()


@when("the next delivery about that repository comes in and its run is watched to the end")
@when("приходит следующая доставка о том репозитории и её запуск наблюдают до конца")
def watch_after_deletion(context):
    """One run."""
    context.world.deleted_project.watch()


@then("the project is there again under the same id, and the run belongs to it")
@then("проект снова есть под тем же id, и запуск относится к нему")
def expect_project_back(context):
    """The id comes from the repository's name."""
    context.world.deleted_project.expect_back()


@when("they come in at once and their runs are watched to the end")
@when("они приходят одновременно и их запуски наблюдают до конца")
def watch_crowd(context):
    """More runs than slots."""
    context.world.worker.watch_crowd()


@given("a project whose slots are all leased to a run that is gone")
@given("проект, все слоты которого арендованы запуском, которого уже нет")
def lease_all(context):
    """Written into the database for a project of ours."""
    context.world.worker.lease_all_to_nobody()


@given("a project one of whose slots is leased to another run")
@given("проект, один слот которого арендован другим запуском")
def lease_first(context):
    """Written into the database for a project of ours."""
    context.world.worker.lease_first_to_nobody()


@when("a run of this project comes in and is watched to its end")
@when("приходит запуск этого проекта, и его наблюдают до конца")
def watch_neighbour(context):
    """One run beside the other."""
    context.world.worker.watch_neighbour()


@then("it had the slot that was left, and its start tells which")
@then("у него был оставшийся слот, и событие о начале называет какой")
def other_slot(context):
    """The second of the project."""
    context.world.worker.expect_other_slot()


@then("the slot of the other run is still leased to it")
@then("слот другого запуска по-прежнему арендован ему")
def neighbour_kept(context):
    """Owner and time are what they were."""
    context.world.worker.expect_neighbour_kept()


@given("a run of this project waits as pending for a slot")
@given("запуск этого проекта в статусе pending ждёт слот")
def waits(context):
    """Delivered, and watched over two polls."""
    context.world.worker.deliver_to_busy_project()


@given("a Job under the name of its own is in the cluster already")
@given("в кластере уже есть Job под именем его собственного")
def make_taken_job(context):
    """Like that of a run that ended; the worker cannot create a second one."""
    context.world.taken_job.make()


@then("the waiting run ends, and is told to have ended once")
@then("ждавший запуск завершается, и об этом сообщено один раз")
def expect_taken_ended(context):
    """As that Job ended, or as one that could not be started."""
    context.world.taken_job.expect_ended()


@given("more runs of this project than it has slots came in one after the other")
@given("один за другим пришли запуски этого проекта, и их больше, чем слотов")
def line_up(context):
    """Each delivered after the answer to the one before."""
    context.world.turns.line_up()


@given("a delivery about no repository")
@given("доставка не о репозитории")
def prepare_homeless(context):
    """As those about an organization are."""
    context.world.worker.prepare()


@when("it comes in without a repository and its run is watched to the end")
@when("она приходит без репозитория и её запуск наблюдают до конца")
def watch_homeless(context):
    """The payload has no such field."""
    context.world.worker.watch_homeless()


@given("the time of that lease is over")
@given("срок этой аренды истёк")
@when("the time of these leases is over")
@when("срок этих аренд истекает")
def end_leases(context):
    """Written into the database."""
    context.world.turns.end_leases()


@when("the time of one of these leases is over")
@when("срок одной из этих аренд истекает")
def end_first_lease(context):
    """Written into the database; the others go on."""
    context.world.turns.end_first_lease()


@then("the run was pending, then running, then {end}")
@then("запуск был pending, затем running, затем {end}")
def expect_statuses(context, end):
    """The order of the statuses."""
    context.world.worker.expect_statuses(meaning(end, words.ENDS))


@then("its times say when it was created, started and finished, in this order")
@then("его времена говорят, когда он создан, начат и закончен, в этом порядке")
def expect_times(context):
    """created_at, started_at, finished_at."""
    context.world.worker.expect_times()


@then("it belongs to the project that bears the repository's name in lower case")
@then("он относится к проекту с именем репозитория в нижнем регистре")
def expect_project(context):
    """The derived project."""
    context.world.worker.expect_project()


@then('the event log tells of its start and then of "{ending}", once each')
@then('журнал событий сообщает о его начале и затем "{ending}", по одному разу')
def expect_told_once(context, ending):
    """run.started and its end."""
    context.world.worker.expect_told_once(ending)


@then("a Job that bears the ids of the run and its project was in the cluster")
@then("в кластере был Job с id этого запуска и его проекта")
def expect_job(context):
    """Name, labels, namespace, as the event has them."""
    context.world.worker.expect_job()


@then("this Job is never retried, may take 15 minutes and is kept for 10 more")
@then("этот Job не повторяется, может идти 15 минут и хранится ещё 10")
def expect_job_limits(context):
    """As its own specification has it."""
    context.world.worker.expect_job_limits()


@then("it began within a few polls of the worker after it came")
@then("он начался не позже нескольких опросов worker после прихода")
def expect_soon_begun(context):
    """Whoever comes waits for a poll, and for those before."""
    context.world.pace.expect_soon_begun()


@then("the run ended within a few polls of the worker after this Job")
@then("запуск завершился не позже нескольких опросов worker после этого Job")
def expect_soon_ended(context):
    """The worker looks once per poll."""
    context.world.pace.expect_soon_ended()


@then("while it ran one slot of its project was leased to it for about ten minutes on")
@then("пока он выполнялся, ему был арендован один слот проекта примерно на 10 минут вперёд")
def expect_own_slot(context):
    """The lease of the running run."""
    context.world.worker.expect_own_slot()


@then("with its end every slot is free, with no owner and no lease time")
@then("с его концом все слоты свободны, без владельца и срока аренды")
@then("with their ends every slot is free, with no owner and no lease time")
@then("с их концом все слоты свободны, без владельца и срока аренды")
def expect_free(context):
    """The lease ended with the run."""
    context.world.worker.expect_slots_free()


@then("it belongs to a project of its own and succeeds")
@then("он относится к собственному проекту и завершается успехом")
def expect_own_project(context):
    """Derived from the delivery's id."""
    context.world.worker.expect_own_project()


@then("the waiting runs begin in the order in which they came")
@then("ждавшие запуски начинаются в том порядке, в каком пришли")
def expect_in_turn(context):
    """Oldest first."""
    context.world.turns.expect_in_turn()


@then("a run waited as pending for its turn, and all of them ended")
@then("запуск в статусе pending ждал своей очереди, и все они дошли до конца")
def expect_turns(context):
    """None is lost, none jumps in."""
    context.world.worker.expect_turns()


@then("there were never more runs running than slots, nor two in one slot")
@then("никогда не выполнялось больше запусков, чем слотов, и двух в одном слоте")
def expect_no_overbooking(context):
    """One lease a running run."""
    context.world.worker.expect_never_overbooked()


@then("the waiting run gets a slot and ends")
@then("ждавший запуск получает слот и доходит до конца")
def expect_served(context):
    """The expired lease was freed."""
    context.world.turns.expect_waiting_run_served()


@then("the leases whose time was not over are still there, and are given back")
@then("аренды, чей срок не истёк, остались, и их возвращают")
def expect_live_kept(context):
    """By the gate: their owner is nobody."""
    context.world.turns.expect_live_kept()


@when("somebody has the waiting run locked and a run of another project comes in")
@when("кто-то держит ждущий запуск заблокированным и приходит запуск другого проекта")
def hold_waiting_run(context):
    """By a transaction of ours; workers skip what others have locked (contract 4)."""
    context.world.worker.hold_waiting_run()


@then("the other run begins all the same")
@then("другой запуск всё же начинается")
def expect_other_begun(context):
    """While the lock is there."""
    context.world.worker.expect_other_begun()
