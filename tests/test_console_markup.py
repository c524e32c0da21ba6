"""Ways to write the same page that the contract leaves open: tables, titles, panes, a header, what lies around."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from threading import Thread
from types import SimpleNamespace

import pytest
from playwright.sync_api import BrowserContext, Error, Route

from gate import evidence
from gate.capabilities.console_more import BUTTONS_ABOVE, HEADER_BUTTONS, _told_by
from gate.capabilities.console_more import NAMES as FLAG_NAMES
from gate.console import words
from gate.console.console import Console
from gate.console.engine import Engine
from gate.console.log import PageLog
from gate.console.window import Window
from gate.errors import Broken, NotProven
from gate.language import Text
from gate.settings import Settings
from gate.target import Target

CELLS = "<td>one</td><td><span>One</span></td><td>-</td><td><a href=/projects/1>Repos</a></td><td>id-1</td>"
NAMES = ("Slug", "Name", "Role", "Manage", "ID")
HEADS = "".join(f"<th>{name}</th>" for name in NAMES)
BODY = f"<tr>{CELLS}</tr>"
CARD = "<section><header><h2>Projects</h2><button>New</button></header></section>"


@pytest.mark.parametrize(
    "table",
    [
        f"<table><thead><tr>{HEADS}</tr></thead><tbody>{BODY}</tbody></table>",
        f"<table><tr>{HEADS}</tr>{BODY}</table>",
        f"<table><thead><tr>{HEADS.replace('th>', 'td>')}</tr></thead><tbody>{BODY}</tbody></table>",
        f"<table><thead><tr>{HEADS}</tr></thead><tbody>"
        f"{BODY.replace('<td>one</td>', '<th scope=row>one</th>')}</tbody></table>",
        f"<table><caption>All</caption><thead><tr>{HEADS}<th>More</th></tr></thead>"
        f"<tbody>{BODY.replace('</tr>', '<td>x</td></tr>')}</tbody></table>",
    ],
)
def test_a_table_may_be_written_in_many_ways(console: Console, table: str) -> None:
    console.window.page.set_content(table)
    rows = console.projects.rows()
    assert [row.cells for row in rows] == [
        dict(zip(words_of(), ("one", "One", "-", "Repos", "id-1"), strict=True))
    ]
    assert rows[0].leads_to("/projects/1")


def words_of() -> list[str]:
    return [column.en for column in words.PROJECTS.columns]


@pytest.mark.parametrize(("base", "error"), [("http://127.0.0.1:9", NotProven), ("https://127.0.0.1:9", Broken)])
def test_only_at_the_edge_a_silent_door_is_the_platforms(
    context: BrowserContext, base: str, error: type[Exception]
) -> None:
    window = Window(context, base)
    with pytest.raises(error):
        window.go("/")
    window.page.close()


def test_a_title_may_tell_how_many_there_are(console: Console) -> None:
    item = "<div><span class=pill>run.started</span> 2026-11-25 10:00+00:00 <pre>{}</pre></div>"
    feedback = "<section><h3>Learning Feedback 0</h3><p>No learning feedback.</p></section>"
    console.window.page.set_content(
        f"<h2>Run Details</h2><section><h3>Flow Events <i>(1)</i></h3>{item}</section>{feedback}"
    )
    page = console.run("1")
    view = console.window.view(page.panes())
    assert view.headings == ("Run Details",)
    assert [shown.is_of("run.started") for shown in page.events()] == [True]
    page.expect_no_feedback()


@pytest.mark.parametrize(
    ("title", "fits"),
    [
        ("<h2>Projects <small>acme</small></h2>", True),
        ("<h2><span>Projects</span> <span class=badge>new</span><button>Refresh</button></h2>", True),
        ("<h2>Projects <a href=/>of acme</a></h2>", True),
        ("<h2>Projects of nobody</h2>", False),
        ("<h2><span>Projects</span> <b>of nobody</b></h2>", False),
        ("<h2><small>Projects</small></h2><h3>Projects</h3>", True),
        ("<h3>Projects</h3>", False),
    ],
)
def test_a_title_may_have_lesser_things_beside_it(console: Console, title: str, fits: bool) -> None:
    console.window.page.set_content(title)
    assert ("Projects" in console.window.view().headings) is fits


@pytest.mark.parametrize(
    "title",
    [
        "<h3>{} <button>Refresh</button></h3>",
        "<header><b>{}</b> <button>Refresh</button></header>",
        "<h6>{} <small>newest first</small></h6>",
        "<details open><summary>{} <span class=badge>new</span></summary>",
    ],
)
def test_panes_are_known_by_such_titles_too(console: Console, title: str) -> None:
    events, feedback = title.format("Flow Events"), title.format("Learning Feedback")
    panes = f"<div>{events}{EVENT}</div><div>{feedback}<li>{NOTE}</li></div>"
    console.window.page.set_content(f"<main><h2>Run Details</h2>{panes}</main>")
    page = console.run("1")
    assert [item.is_of("run.started") for item in page.expect_events(1)] == [True]
    assert [item.is_of("inline") for item in page.expect_feedback()] == [True]


EVENT = "<li><span class=pill>run.started</span> <time>2026-11-25 10:00+00:00</time> <pre>{}</pre></li>"
NOTE = "<span class=pill>inline</span> <time>2026-11-25 10:01+00:00</time> <pre>Why</pre>"
LOG = "<h3>Raw payload</h3><pre>{}</pre>"


@pytest.mark.parametrize(
    "markup",
    [
        "<h3>Flow Events</h3><ul>{events}</ul><h3>Learning Feedback</h3><ul><li>{note}</li></ul>{log}",
        "<div><h3>Flow Events</h3></div>{events}<div><h3>Learning Feedback</h3></div><div>{note}</div>",
        "<div><h3>Flow Events <i>(2)</i></h3><button>Refresh</button></div><div>{events}</div>"
        "<section><h3>Learning Feedback</h3><article>{note}</article></section>",
    ],
)
def test_titles_and_lists_may_stand_side_by_side(console: Console, markup: str) -> None:
    page, shown = console.run("1"), markup.format(events=EVENT * 2, note=NOTE, log=LOG)
    console.window.page.set_content(f"<main><h2>Run Details</h2>{shown}</main>")
    assert [item.is_of("run.started") for item in page.expect_events(2)] == [True] * 2
    assert [(item.is_of("inline"), item.time, item.text) for item in page.expect_feedback()] == [
        (True, "2026-11-25 10:01+00:00", "Why")
    ]
    nothing = markup.format(events="<li>No events.</li>", note="No learning feedback.", log="")
    console.window.page.set_content(f"<main><h2>Run Details</h2>{nothing}</main>")
    page.expect_no_events()
    page.expect_no_feedback()


@pytest.mark.parametrize(
    "kind", ["<b>inline</b>", "<i class=tag>inline</i> a.yaml:7", "<u class=pill>№ 3</u> <s>inline</s>"]
)
def test_a_pill_is_known_by_its_word_also_where_an_item_is_alone(console: Console, kind: str) -> None:
    note = f"<ul><li>{kind} <time>2026-11-25 10:01+00:00</time> <pre>Why</pre></li></ul>"
    pane = "<div><section><header><h3>{}</h3><time>2026-11-20 10:01+00:00</time></header>{}</section></div>"
    shown = pane.format("Flow Events", "<p>No events.</p>") + pane.format("Learning Feedback", note)
    console.window.page.set_content(f"<main><h2>Run Details</h2>{shown}</main>")
    assert [(item.is_of("inline"), item.is_of("post_pr"), item.time) for item in console.run("1").feedback()] == [
        (True, False, "2026-11-25 10:01+00:00")
    ]


def test_what_follows_a_pane_is_not_in_it(console: Console) -> None:
    events, empty = (
        f"<section><h3>Flow Events</h3>{EVENT}</section>",
        "<section><h3>Learning Feedback</h3>{}</section>",
    )
    console.window.page.set_content(
        f"{events}{empty.format('<p>No learning feedback.</p>')}<section>{LOG}</section>"
    )
    page = console.run("1")
    assert len(page.events()) == 1
    page.expect_no_feedback()
    console.window.page.set_content(f"{empty.format('')}{events}")
    assert page.feedback() == ()


def test_the_flags_are_found_in_a_header_that_is_not_marked_as_one(console: Console) -> None:
    page = console.window.page
    form = "<form><label>Slug <input name=slug></label><button>Create / Update</button></form>"
    rest = f"<main><button>Delete</button></main>{form}"
    page.set_content(f"<div><button>EN</button><button>RU</button></div>{rest}")
    assert page.locator(HEADER_BUTTONS).count() == 0
    assert page.locator(BUTTONS_ABOVE).all_text_contents() == ["EN", "RU"]
    page.set_content(f"{CARD}<header><button>EN</button><i role=button>RU</i><a>Выйти</a></header>{rest}")
    assert page.locator(HEADER_BUTTONS).all_text_contents() == ["EN", "RU"]


def test_a_flag_is_named_by_its_picture_or_class(console: Console) -> None:
    page = console.window.page
    page.set_content(
        "<button><i class='fi fi-ru'></i></button><button><img alt=English></button><button disabled>"
    )
    told = [_told_by(console.window, button) for button in page.locator("button").all()]
    assert [bool(FLAG_NAMES["ru"].search(each)) for each in told] == [True, False, False]
    assert [bool(FLAG_NAMES["en"].search(each)) for each in told] == [False, True, False]
    assert [console.window.can_press(button) for button in page.locator("button").all()] == [True, True, False]


@pytest.mark.parametrize(
    ("bar", "header"),
    [
        ("<header>{}</header>", "ann@x.test@annadminLogout"),
        ("<div role=banner>{}</div>", "ann@x.test@annadminLogout"),
        ("<nav>{}</nav>", ""),
    ],
)
def test_the_header_of_a_card_is_not_the_consoles(console: Console, bar: str, header: str) -> None:
    told = "<span>ann@x.test</span><span>@ann</span><span class=pill>admin</span><button>Logout</button>"
    console.window.page.set_content(CARD + bar.format(told))
    assert console.window.view().header == header
    console.expect_named("ann@x.test")
    console.expect_signed_in("ann@x.test", "ann", admin=True)


@pytest.mark.parametrize(
    ("markup", "errors"),
    [
        ("<p class=err>No</p>", ("No",)),
        ("<form><span class='err hint'>No</span></form>", ("No",)),
        ("<table><tr><td><span class=err>failed</span></td></tr></table>", ()),
        ("<section><span class='pill err'>run.failed</span> <pre><i class=err>E1</i></pre></section>", ()),
        ("<b class=badge><i class=err>failed</i></b> <span class='run-status err'>failed</span>", ()),
        ("<dl><dd class=err>failed</dd></dl> <b class=err>run.failed.job_not_found</b>", ()),
    ],
)
def test_what_failed_elsewhere_is_no_error_of_the_page(
    console: Console, markup: str, errors: tuple[str, ...]
) -> None:
    console.window.page.set_content(markup)
    assert console.window.view().errors == errors


@pytest.mark.parametrize(
    ("pill", "admin"),
    [
        ("<span class=pill>admin</span>", True),
        ("<span class=pill><svg viewBox='0 0 1 1'></svg>admin</span>", True),
        ("<span class=pill><i aria-hidden=true>★</i> Admin <b></b></span>", True),
        ("<span>administrator</span>", False),
        ("<a href=/users>Users</a>", False),
    ],
)
def test_a_picture_may_stand_in_the_pill_of_an_admin(console: Console, pill: str, admin: bool) -> None:
    console.window.page.set_content(f"<header>admin@x.test<i>@</i><b>@admin</b>{pill}<a>Logout</a></header>")
    console.expect_signed_in("admin@x.test", "admin", admin)
    with pytest.raises(Broken, match="whether"):
        console.expect_signed_in("admin@x.test", "admin", not admin)
    console.expect_signed_in("admin@x.test", "admin", None)


MANY = [{"id": f"id-{number}", "slug": f"p-{number:02}", "name": "", "role": "admin"} for number in range(40)]
APP = f"""
<h2>Projects</h2><table><thead><tr>{HEADS}</tr></thead><tbody></tbody></table><script>
fetch('/api/v1/staff/projects').then(answer => answer.json()).then(told => {{
  for (const it of told.items.slice(SKIPPED)) document.querySelector('tbody').insertAdjacentHTML('beforeend',
    `<tr><td>${{it.slug}}</td><td></td><td></td><td></td><td>${{it.id}}</td></tr>`);
}});
</script>
"""


@pytest.fixture
def served(console: Console, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Serve a console that shows what the API tells, 25 rows unless more is asked for, but the first ones."""

    def serve(skipped: int) -> None:
        def answer(route: Route) -> None:
            if "/api/" not in route.request.url:
                return route.fulfill(body=APP.replace("SKIPPED", str(skipped)), content_type="text/html")
            items = MANY if "limit=1000" in route.request.url else MANY[:25]
            return route.fulfill(json={"items": items})

        console.window.context.route("http://staging.test/**", answer)

    monkeypatch.setattr("gate.console.window.QUIET_SECONDS", 0.2)
    yield serve
    console.window.context.unroute_all()


def test_a_row_beyond_the_list_is_the_apis_own(console: Console, served: Callable[[int], None]) -> None:
    served(0)
    found = evidence.begin()
    console.projects.open()
    assert console.projects.expect_project("p-03")["ID"] == "id-3" and not found.weaker
    assert console.projects.expect_project("p-33")["ID"] == "id-33"
    assert "after 25 rows" in found.weaker[0]
    with pytest.raises(Broken):
        console.projects.expect_project("p-77")


@pytest.mark.parametrize("slug", ["p-00", "p-33"])
def test_where_a_row_is_hidden_none_is_excused(console: Console, served: Callable[[int], None], slug: str) -> None:
    served(1)
    console.projects.open()
    with pytest.raises(Broken):
        console.projects.expect_project(slug)


STALE = "/node_modules/.vite/deps/vue.js?v=1"
# A page that shows its heading once its library came; the dev server has a newer one by then.
COLD = f"<main></main><script type=module>import('{STALE}').then(() => document.title, () => 0)</script>"
WARM = "<h2>Projects</h2>"


@pytest.mark.parametrize(("pages", "shown"), [([COLD, WARM], True), ([COLD, COLD, WARM], False)])
def test_a_page_whose_library_is_outdated_is_loaded_once_more(
    console: Console, monkeypatch: pytest.MonkeyPatch, pages: list[str], shown: bool
) -> None:
    left = iter(pages)

    def answer(route: Route) -> None:
        if STALE in route.request.url:
            return route.fulfill(status=504)
        return route.fulfill(body=next(left), content_type="text/html")

    monkeypatch.setattr("gate.console.window.QUIET_SECONDS", 0.2)
    console.window.context.route("http://staging.test/**", answer)
    console.projects.open()
    what = Text("the heading", "заголовок")
    if shown:
        console.window.until(lambda view: "Projects" in view.headings, what)
    else:
        with pytest.raises(Broken):
            console.window.until(lambda view: "Projects" in view.headings, what)
    console.window.context.unroute_all()


def test_what_broke_with_an_outdated_library_is_no_trouble_once_it_is_loaded_anew(console: Console) -> None:
    broken = f"<h2>Projects</h2><script type=module>import('{STALE}')</script>"
    left = iter([broken, WARM, "<script>throw new Error('its own')</script>"])

    def answer(route: Route) -> None:
        if STALE in route.request.url:
            return route.fulfill(status=504)
        return route.fulfill(body=next(left), content_type="text/html")

    console.window.context.route("http://staging.test/**", answer)
    console.projects.open()
    console.window.settle()
    assert console.window.log.troubles
    console.projects.expect_sound()
    console.projects.open()
    with pytest.raises(Broken, match="its own"):
        console.projects.expect_sound()
    console.window.context.unroute_all()


@pytest.mark.parametrize("role", ["", 'role="button"'])
def test_the_cards_link_may_be_dressed_as_a_button(console: Console, role: str) -> None:
    link = f'<a {role} href="http://staging.test/oauth2/start">Login with GitHub</a>'
    console.window.page.set_content(f"<h2>Access required</h2>{link}")
    console.expect_access_card()
    console.expect_way_to_sign_in()
    console.window.context.unroute_all()


@pytest.mark.parametrize(
    ("markup", "fits"),
    [
        ("<a href=/runs/1>Details</a>", True),
        ("<a href=/runs/1 role=tab>Details →</a>", True),
        ("<a href=/runs/1 role=listitem aria-label=Детали><i class=icon></i></a>", True),
        ("<a href=/runs/1 role=button>Run Details</a>", False),
        ("<a href=/runs/1 role=button style='visibility: hidden'>Details</a>", False),
        ("<a role=button>Details</a>", False),
        ("<button>Details</button>", False),
    ],
)
def test_a_link_is_one_whatever_its_role(console: Console, markup: str, fits: bool) -> None:
    page = console.window.page
    page.set_content(f"<p>{markup}</p><a href=/runs/1>Other</a>")
    assert console.window.count(console.window.named("link", words.DETAILS_LINK)) == fits
    within = console.window.named("link", words.DETAILS_LINK, within=page.locator("p"))
    assert console.window.hrefs(within) == ["/runs/1"] * fits


LOGO = "<svg role=img><title>GitHub</title></svg>"


@pytest.mark.parametrize("picture", [LOGO, f"<i>{LOGO}</i>", "<img alt=GitHub>"])
def test_a_picture_with_a_name_is_no_part_of_what_a_link_says(console: Console, picture: str) -> None:
    link = f'<a href="http://staging.test/oauth2/start">{picture} Login with GitHub</a>'
    console.window.page.set_content(f"<h2>Access required</h2>{link}<button>{picture} Save</button>")
    assert console.window.count(console.window.named("button", words.SAVE)) == 1
    assert console.window.count(console.window.named("button", words.DELETE)) == 0
    console.expect_access_card()
    console.expect_way_to_sign_in()
    console.window.context.unroute_all()


TWIN = "<dl class=narrow hidden><dt>Role</dt><dd>admin</dd></dl>"
TIP = "<span role=tooltip>Open it</span><i style='visibility: hidden'>Copied</i>"
HINT = "<span style='position: absolute; width: 1px; height: 1px; overflow: hidden'>(sorted)</span>"


@pytest.mark.parametrize("unseen", [TWIN, TIP, HINT, TIP + HINT])
def test_words_that_nobody_sees_are_no_part_of_what_a_page_says(console: Console, unseen: str) -> None:
    page = console.window.page
    heads = HEADS.replace("Slug", f"<b>Slug</b> {unseen}")
    cells = CELLS.replace("one", f"<span>one</span> {unseen}", 1).replace("Repos", f"Repos {unseen}")
    page.set_content(f"<h2>Projects {unseen}</h2><table><tr>{heads}</tr><tr>{cells}</tr></table>")
    view = console.window.view()
    assert (view.headings, view.tables[0].columns) == (("Projects",), NAMES)
    assert console.projects.rows()[0]["Slug"] == "one"
    assert console.window.count(console.window.named("link", words.REPOS_LINK)) == 1


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("<span style='display: contents'><b>o</b>ne</span> 1", "one 1"),
        ("<b style='width: 1px; display: block'>one</b> 1", "one 1"),
        ("<b>one</b> two", "one two"),
    ],
)
def test_words_that_can_be_seen_are_told(console: Console, cell: str, told: str) -> None:
    console.window.page.set_content(f"<table><tr>{HEADS}</tr><tr>{CELLS.replace('one', cell, 1)}</tr></table>")
    assert console.projects.rows()[0]["Slug"] == told


LIGATURE = "<i class='material-icons'>delete</i>"


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("<button aria-label='Delete project one'>Delete</button>", True),
        ("<button>{LIGATURE} Delete</button>", True),
        ("<button><i class=material-symbols-outlined>delete</i><span>Удалить</span></button>", True),
        ("<button>Delete <b class=badge>3</b></button>", True),
        ("<button>Delete (99+)</button>", True),
        (f"<button>Delete {HINT}</button>", True),
        ("<button>Delete <b>all</b></button>", False),
        ("<button>Delete 3 projects</button>", False),
        ("<button>{LIGATURE} Remove</button>", False),
        ("<button aria-label='Löschen'>Remove</button>", False),
    ],
)
def test_a_name_may_say_more_than_its_word(console: Console, name: str, fits: bool) -> None:
    console.window.page.set_content(name.replace("{LIGATURE}", LIGATURE))
    assert console.project("1").offers_delete() is fits


@pytest.mark.parametrize("beside", ["", " 3", " <b class=badge>99+</b>", "(2)", " [12]", " →"])
def test_the_navigation_may_count(console: Console, beside: str) -> None:
    links = {"/": "Projects", "/runs": "Runs", "/users": "Users"}
    nav = "".join(f"<a href=http://staging.test{path}>{name}{beside}</a>" for path, name in links.items())
    console.window.page.set_content(f"<header>{nav}<button>Logout</button></header>")
    console.expect_navigation()
    assert console.window.view().link("Runs") and not console.window.view().link("Run")


class Asked:
    """A fetch of the page, as Playwright tells it."""

    url, method, resource_type = "http://staging.test/api/v1/staff/news", "GET", "fetch"

    def is_navigation_request(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("kind", "waits"),
    [("text/event-stream; charset=utf-8", False), ("application/x-ndjson", False), ("application/json", True)],
)
def test_a_stream_of_news_is_not_waited_for(kind: str, waits: bool) -> None:
    log, asked = PageLog("staging.test"), Asked()
    log._asked(asked)
    assert log.waiting_for == [asked.url]
    log._answered(SimpleNamespace(request=asked, url=asked.url, status=200, headers={"content-type": kind}))
    assert bool(log.waiting_for) is waits


def test_who_somebody_is_told_only_to_the_window_s_own_host(context: BrowserContext) -> None:
    heard: dict[str, str | None] = {}

    class Host(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard[f"{self.headers['Host']}{self.path}"] = self.headers["X-Auth-Request-Email"]
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        own, other = (f"{host}:{server.server_port}" for host in ("127.0.0.1", "localhost"))
        assert context.browser is not None
        engine = Engine(Target(Settings({"GATE_DOMAIN": "staging.example"})))
        engine._running = lambda: context.browser  # type: ignore[method-assign,assignment,return-value]
        opened = engine.context("en", None, f"http://{own}", {"X-Auth-Request-Email": "one@gate.test"})
        window = Window(opened, f"http://{own}")
        window.go("/runs")
        window.page.evaluate("url => fetch(url)", f"http://{other}/font")
        opened.close()
        server.shutdown()
    assert (heard[f"{own}/runs"], heard[f"{other}/font"]) == ("one@gate.test", None)


def test_a_font_that_does_not_come_keeps_nobody_from_a_picture(console: Console) -> None:
    with socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        font = f"url(http://127.0.0.1:{silent.getsockname()[1]}/font.woff2)"
        page = console.window.page
        style = f"@font-face {{ font-family: F; src: {font} }} h2 {{ font-family: F }}"
        page.set_content(f"<style>{style}</style><h2>Runs</h2>", wait_until="commit")
        console.window.settle()
        assert [kind for kind, _ in console.window.log.strangers_due] == ["font"]
        assert console.window.picture("runs").startswith(b"\x89PNG")


def test_a_page_that_is_being_replaced_is_looked_at_again(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, content = console.window.page, console.window.page.content
    page.set_content("<h2>Projects</h2>")
    failures = iter([Error("Unable to retrieve content because the page is navigating and changing the content.")])

    def overtaken() -> str:
        for failure in failures:
            raise failure
        return content()

    monkeypatch.setattr(page, "content", overtaken)
    assert "<h2>Projects</h2>" in console.window.source()
    assert console.window.count(page.locator("h2")) == 1 and console.window.text() == "Projects"
    monkeypatch.setattr(page, "content", lambda: (_ for _ in ()).throw(Error("something else")))
    with pytest.raises(Broken, match="something else"):
        console.window.source()


@pytest.mark.parametrize(("inside", "whole"), [("height: 100vh", True), ("height: 80px", False), ("", True)])
def test_a_picture_shows_what_scrolls_inside_the_page(console: Console, inside: str, whole: bool) -> None:
    page, row = console.window.page, "<p style='height: 100px; margin: 0'>run</p>"
    page.set_content(f"<body style='margin: 0'><main style='overflow: auto; {inside}'>{row * 30}</main></body>")
    before = page.viewport_size
    height = int.from_bytes(console.window.picture("The runs")[20:24], "big")
    assert before and (height >= 30 * 100 if whole else height == before["height"])
    assert page.viewport_size == before
