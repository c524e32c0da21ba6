"""Forms and dialogs of the console, in the ways of writing them that the contract leaves open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route

from gate.console import words
from gate.console.choosing import Select
from gate.console.console import Console
from gate.errors import Broken, NotProven

# What a page of another origin may ask of the staging without asking first.
SEND = "fetch('http://staging.test/api/v1/staff/projects', {method: 'POST', mode: 'no-cors'})"
FORM = """
<form {attributes} onsubmit="{submitted}; return false">
  <label>Slug <input name=slug required></label><label>Name <input name=name></label>
  <button {button}>Create / Update</button>
</form>
"""


@pytest.mark.parametrize(
    ("attributes", "button", "submitted", "sent"),
    [
        ("novalidate", "", SEND, True),
        ("", "", SEND, False),
        ("novalidate", "disabled", SEND, False),
        # What lacks something stays on the page, without a word.
        ("novalidate", "", f"this.elements.slug.value && {SEND}", False),
        ("novalidate", "", f"this.elements.name.value && {SEND}", True),
    ],
)
def test_a_form_may_refuse_to_be_sent(
    console: Console, attributes: str, button: str, submitted: str, sent: bool
) -> None:
    console.window.context.route("http://staging.test/**", lambda route: route.fulfill(status=400))
    console.window.page.set_content(FORM.format(attributes=attributes, button=button, submitted=submitted))
    assert console.projects.attempt("", "A name") is sent
    console.window.context.unroute_all()


FIELDS = "<label>Slug <input name=slug {0}></label><label>Name <input name=name {0}></label>"
SUBMIT = "<button {}>Create / Update</button>"


@pytest.mark.parametrize(
    ("form", "offered"),
    [
        (FIELDS.format("") + SUBMIT.format(""), True),
        # Whether a button that is off goes on once the form is filled is for the attempt to tell.
        (FIELDS.format("") + SUBMIT.format("disabled"), True),
        (FIELDS.format("disabled") + SUBMIT.format("disabled"), False),
        (FIELDS.format("readonly") + SUBMIT.format(""), False),
        (f"<fieldset disabled>{FIELDS.format('')}{SUBMIT.format('')}</fieldset>", False),
        (FIELDS.format("hidden") + SUBMIT.format(""), False),
        (FIELDS.format(""), False),
        ("<p>Ask an admin.</p>", False),
    ],
)
def test_a_form_that_cannot_be_used_is_not_offered(console: Console, form: str, offered: bool) -> None:
    console.window.page.set_content(f"<h2>Projects</h2><form><h3>Create / Update Project</h3>{form}</form>")
    assert console.projects.has_form() is offered


# A form that reads everything anew once it was sent, and empties itself after that.
SLOW = """
<form onsubmit="send(this); return false">{fields}<button>{button}</button></form><script>
async function send(form) {{
  fetch('/api/v1/staff/projects', {{method: 'POST', body: [...new FormData(form).values()].join(' ')}});
  for (const turn of [1, 2, 3]) {{
    await new Promise(soon => setTimeout(soon, 100));
    await fetch('/api/v1/staff/projects');
  }}
  form.reset();
}}
</script>
"""


@pytest.fixture
def sent(console: Console) -> Iterator[list[str]]:
    """What the form of a page sends."""
    found: list[str] = []

    def answer(route: Route) -> None:
        found.extend(filter(None, [route.request.post_data]))
        route.fulfill(json={})

    console.window.context.route("http://staging.test/api/**", answer)
    yield found
    console.window.context.unroute_all()


def show(console: Console, markup: str) -> None:
    """A page of the staging's own with this markup."""
    page = console.window.page
    page.route("http://staging.test/", lambda route: route.fulfill(body=markup, content_type="text/html"))
    console.projects.open()


def form_of(button: str, *names: str) -> str:
    """A slow form with these labels."""
    fields = "".join(f"<label>{name} <input name='{name}'></label>" for name in names)
    return SLOW.format(fields=fields, button=button)


def test_a_form_may_empty_itself_some_time_after_it_was_sent(console: Console, sent: list[str]) -> None:
    show(console, form_of("Create / Update", "Slug", "Name"))
    console.projects.create("one", "One")
    console.projects.create("two", "Two")
    console.window.settle()
    labels = ("Owner", "Name", words.SERVICES_YAML.en, words.REPOSITORY_TOKEN.en)
    show(console, form_of("Attach + Ensure Webhook", *labels))
    console.repositories("1").attach("acme", "one", "token", "a.yaml")
    console.repositories("1").attach("acme", "two", "token", "a.yaml")
    console.window.settle()
    assert sent == ["one One", "two Two", "acme one a.yaml token", "acme two a.yaml token"]


def test_a_form_may_propose_a_slug_while_the_name_is_typed(console: Console, sent: list[str]) -> None:
    proposing = (
        "<script>document.forms[0].oninput = ({target: it}) => it.name === 'Name' && (it.form.Slug.value = 'a')"
    )
    show(console, f"{form_of('Create / Update', 'Slug', 'Name')}{proposing}</script>")
    console.projects.create("one", "One")
    console.window.settle()
    assert sent == ["one One"]


# A dialog that comes when the API has been asked some things.
ASKS_LATE = """
<form onsubmit="ask(this); return false">{fields}<button>Create / Update</button></form>
<div role=dialog hidden><button onclick="{send}">Yes</button><button>Cancel</button></div><script>
async function ask() {{
  for (const turn of [1, 2, 3, 4, 5]) {{
    await new Promise(soon => setTimeout(soon, 100));
    await fetch('/api/v1/staff/projects');
  }}
  document.querySelector('[role=dialog]').hidden = false;
}}
</script>
"""


def test_a_dialog_may_come_after_a_question_to_the_api(
    console: Console, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gate.console.page.ASKED_BACK_WITHIN_SECONDS", 0.3)
    fields = "<label>Slug <input></label><label>Name <input></label>"
    agreed = "fetch('/api/v1/staff/projects', {method: 'POST', body: 'agreed'})"
    show(console, ASKS_LATE.format(fields=fields, send=agreed))
    console.projects.create("one", "One")
    console.window.settle()
    assert sent == ["agreed"]


def test_a_select_that_is_not_there_is_told_as_an_act_of_the_browser(console: Console) -> None:
    window = console.window
    window.page.set_default_timeout(100)
    gone = Select(window, window.page.locator("#gone"))
    for act in (gone.read, lambda: gone.choose(0)):
        with pytest.raises(Broken, match="The browser could not"):
            act()


def test_a_button_that_stays_locked_is_told_as_locked(console: Console) -> None:
    show(console, "<button disabled>Save</button>")
    console.window.page.set_default_timeout(300)
    with pytest.raises(Broken, match=r"could not click .* element is not enabled"):
        console.window.click(console.window.page.get_by_role("button"))


ERASE = "fetch('/api/v1/staff/projects/1', {method: 'DELETE'}).catch(() => 0)"
DIALOG = """
<button onclick="document.querySelector('[role=dialog]').hidden = false">Delete</button>
<div role=dialog hidden>{}<button onclick="{}" {}>Delete</button></div>
"""
WANTS_SLUG = "<input oninput=\"this.nextElementSibling.disabled = this.value !== 'a-slug'\">"


ANOTHER = "<button>Delete</button>"


@pytest.mark.parametrize(("field", "button"), [("", ""), (WANTS_SLUG, "disabled")])
def test_a_dialog_may_want_the_slug_before_one_can_agree(console: Console, field: str, button: str) -> None:
    show(console, DIALOG.format(field, ERASE, button))
    page = console.project("1")
    page.delete("a-slug")
    assert page.deleted


@pytest.mark.parametrize(
    ("field", "button", "error"),
    [
        ("", "disabled", Broken),
        # It may want another word than the slug.
        ("Write DELETE. <input>", "disabled", NotProven),
        ("Delete a-slug? <input type=checkbox>", "disabled", NotProven),
        (ANOTHER, "", NotProven),
    ],
)
def test_a_dialog_in_which_nobody_can_agree_deletes_nothing(
    console: Console, monkeypatch: pytest.MonkeyPatch, field: str, button: str, error: type[Exception]
) -> None:
    monkeypatch.setattr("gate.console.window.QUIET_SECONDS", 0.2)
    show(console, DIALOG.format(field, ERASE, button))
    page = console.project("1")
    with pytest.raises(error):
        page.delete("a-slug")
    assert not page.deleted


@pytest.mark.parametrize(
    ("button", "agrees"),
    [
        ("<button>Delete now</button>", True),
        ("<button>I know</button>", True),
        ("<button><i aria-hidden=true>✕ </i>I know</button>", True),
        ("<button> × </button>", False),
        ("<button>Интернет отключён</button>", True),
        ("<button aria-label='Delete project No 5'>Yes</button>", True),
        ("<button aria-label='Yes, delete'><svg></svg></button>", True),
        ("<button aria-label='Close this dialog'><svg></svg></button>", False),
        ("<button title=Закрыть><svg></svg></button>", False),
        ("<button aria-label='No'>✖</button>", False),
        ("<button><svg></svg></button>", False),
        ("<button>No</button>", False),
        ("<button>Not now</button>", False),
        ("<button>Нет, оставить</button>", False),
        ("<button>Go back</button>", False),
    ],
)
def test_what_agrees_in_a_dialog_is_no_sign_that_closes_it(console: Console, button: str, agrees: bool) -> None:
    page = console.window.page
    page.set_content(f"<div role=dialog>{button}<button>Cancel</button></div>")
    assert console.window.count(console.projects.agreeing(page.get_by_role("dialog"))) == agrees
