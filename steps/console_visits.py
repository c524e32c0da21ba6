"""Sentences about visits to the console that lead over several pages."""

from behave import given, then, when


@given("deliveries have started two runs")
@given("доставки начали два запуска")
def have_two_runs(context):
    """Each has a run of its own."""
    context.world.visits.have_two_runs()


@when("a platform admin reads both in one visit to the console")
@when("платформенный администратор читает оба за одно посещение консоли")
def read_both_runs(context):
    """From the list and back by the navigation; no page is loaded anew."""
    context.world.visits.read_both_runs()


@then("the page names the second run and its delivery, and leads on from there")
@then("на странице названы второй запуск и его доставка, и с неё можно уйти дальше")
def expect_second_run(context):
    """Its ids, and the links of the header."""
    context.world.visits.expect_second_run()


@then("the browser's own Back over two pages shows the first run, and Forward the second")
@then("кнопка браузера «Назад» через две страницы показывает первый запуск, а «Вперёд» — второй")
def expect_runs_by_history(context):
    """Under its address, with its ids and its events."""
    context.world.visits.expect_runs_by_history()


@when("a platform admin reads a run in the console, its delivery comes again, and they come back by the links")
@when(
    "платформенный администратор читает запуск в консоли, его доставка повторяется, и он возвращается по ссылкам"
)
def read_run_again(context):
    """No page is loaded anew."""
    context.world.visits.read_run_again()


@then("the page shows the replay")
@then("страница показывает повтор")
def expect_replay_shown(context):
    """Beside the events that it showed before."""
    context.world.visits.expect_replay_shown()


@when("a platform admin who does not own the platform opens the console")
@when("консоль открывает платформенный администратор, который платформой не владеет")
def open_as_admin(context):
    """The gateway is told of them from inside."""
    context.world.visits.open_as_admin()


@then("it offers them all that is an admin's")
@then("в ней есть всё, что положено администратору")
def expect_admin(context):
    """Form, pill, users."""
    context.world.visits.expect_admin()


@given("a delivery has started a run and come again twice")
@given("доставка начала запуск и пришла ещё дважды")
def have_replays(context):
    """Both replays are on record."""
    context.world.visits.have_replays()


@when("a platform admin opens the page of its run in the console")
@when("платформенный администратор открывает в консоли страницу её запуска")
def read_run(context):
    """By its address."""
    context.world.visits.read_run()


@then("the page shows both replays")
@then("страница показывает оба повтора")
def expect_replays_shown(context):
    """Two items that are alike."""
    context.world.visits.expect_replays_shown()


@when("a platform admin goes on from the projects to the runs in the console")
@when("платформенный администратор переходит в консоли от проектов к запускам")
def go_on_to_runs(context):
    """By the navigation."""
    context.world.visits.go_on_to_runs()


@then("the browser's own Back shows the projects again, and Forward the runs")
@then("кнопка браузера «Назад» снова показывает проекты, а «Вперёд» — запуски")
def expect_back_and_forth(context):
    """Each page under its address."""
    context.world.visits.expect_back_and_forth()


@when("a platform admin presses the flag of the other language on the projects, and on the runs that of the first")
@when("платформенный администратор нажимает на проектах флаг другого языка, а на запусках — первого")
def press_flags_on_lists(context):
    """From the one to the other by the navigation."""
    context.world.visits.press_flags_on_lists()


@then("the runs are at once in the first language, their dates too, and so is the page that comes next")
@then("запуски сразу на первом языке, и даты тоже, и следующая страница")
def expect_first_language(context):
    """Nothing is loaded anew."""
    context.world.visits.expect_first_language()


@when("a platform admin reads a run with learning and then one without in one visit to the console")
@when("платформенный администратор за одно посещение консоли читает запуск с обучением и затем без него")
def read_with_and_without(context):
    """From the list and back by the navigation."""
    context.world.learning_shown.read_both()


@given("a delivery has started one more run")
@given("доставка начала ещё один запуск")
def have_one_more(context):
    """Beside the one before."""
    context.world.visits.start_run()


@when("a platform admin leaves the first run before its page has its answers, and opens the second")
@when("платформенный администратор уходит с первого запуска, не дождавшись ответов, и открывает второй")
def leave_first_run(context):
    """By the navigation, in one visit to the console."""
    context.world.visits.leave_first_run()


@then("the page stays the second run's when the answers about the first come")
@then("когда ответы о первом запуске приходят, страница остаётся страницей второго")
def expect_second_stays(context):
    """Its ids and its events."""
    context.world.visits.expect_second_stays()


@given("a platform admin has read the list of runs in the console and gone on to the projects")
@given("платформенный администратор прочитал в консоли список запусков и перешёл к проектам")
def have_left_runs(context):
    """By the navigation."""
    context.world.visits.have_left_runs()


@when("a delivery starts one more run")
@when("доставка начинает ещё один запуск")
def start_run(context):
    """While the console is open."""
    context.world.visits.start_run()


@then("they find it when they go back to the list")
@then("этот запуск виден, когда он возвращается к списку")
def expect_found_on_return(context):
    """By the navigation."""
    context.world.visits.expect_found_on_return()


@given("a platform admin has read the list of projects in the console and gone on to the runs")
@given("платформенный администратор прочитал в консоли список проектов и перешёл к запускам")
def have_left_projects(context):
    """By the navigation."""
    context.world.visits.go_on_to_runs()


@when("a project is made meanwhile through the API")
@when("тем временем через API создаётся проект")
def make_project(context):
    """While the console is open."""
    context.world.projects.make()


@then("they find that project when they go back to the projects")
@then("этот проект виден, когда он возвращается к проектам")
def expect_project_found_on_return(context):
    """By the navigation."""
    context.world.visits.expect_project_found_on_return()


@when("a platform admin reads its repositories and another project's in one visit to the console")
@when("платформенный администратор за одно посещение консоли читает репозитории этого и другого проекта")
def read_both_repositories(context):
    """From the projects and back by the navigation."""
    context.world.visits.read_both_repositories()


@then("the page shows the other project's repositories, and none of the first")
@then("страница показывает репозитории другого проекта, и ни одного из первого")
def expect_second_repositories(context):
    """By their names."""
    context.world.visits.expect_second_repositories()


@when("a platform admin reads its members and another project's in one visit to the console")
@when("платформенный администратор за одно посещение консоли читает участников этого и другого проекта")
def read_both_members(context):
    """From the projects and back by the navigation."""
    context.world.visits.read_both_members()


@then("the page shows the other project's members, and nobody who is in the first alone")
@then("страница показывает участников другого проекта и никого, кто есть только в первом")
def expect_second_members(context):
    """By their e-mails."""
    context.world.visits.expect_second_members()


@when("someone who may write in it opens its repositories in the console")
@when("тот, кому можно в него писать, открывает его репозитории в консоли")
def open_as_writer(context):
    """At the gateway, as the edge would name them, and by the link of the project's row."""
    context.world.visits.open_as_writer()


@then("they see its repositories and the form that attaches one more")
@then("там есть его репозитории и форма, подключающая ещё один")
def expect_may_attach(context):
    """The rows, the title of the form, its button."""
    context.world.visits.expect_may_attach()


@given("a platform admin has been at the console")
@given("платформенный администратор работал в консоли")
def have_been(context):
    """And was named there."""
    context.world.visits.have_been()


@when("a member who is no admin comes to it with the same browser")
@when("участник без прав администратора приходит в неё с тем же браузером")
def change_person(context):
    """With the cookies of their own session, and with what the console has kept."""
    context.world.visits.change_person()


@then("the console names the member, and nothing of the admin stays")
@then("консоль называет участника, и от администратора ничего не осталось")
def expect_theirs(context):
    """In the header and the navigation."""
    context.world.visits.expect_theirs()
