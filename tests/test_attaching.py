"""Attaching asks once more where GitHub may have refused the platform for a moment; what was attached goes."""

import json
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from gate import evidence
from gate.capabilities import second_try
from gate.capabilities.refused_repository import RefusedRepository
from gate.capabilities.repositories import Repositories
from gate.capabilities.second_project import SecondProject
from gate.doors.github import GitHub
from gate.doors.http import Exchange
from gate.doors.records import Repository
from gate.errors import Broken, NotProven

SILENCE = Broken("The platform did not answer.")


@pytest.mark.parametrize(
    ("answers", "left", "red"),
    [
        ([201, 500], 1, ""),
        ([502, 201], 0, ""),
        ([400, 201], 0, ""),
        ([SILENCE, 201], 0, ""),
        ([500, 500, 201], 1, "not attached"),
        ([200, 201], 1, "not attached"),
        ([SILENCE, 500, 201], 1, "not attached"),
        ([500, SILENCE, 201], 1, "did not answer"),
        ([SILENCE, SILENCE, 201], 1, "did not answer"),
    ],
)
def test_what_fails_once_is_asked_again(
    answers: list[int | Broken], left: int, red: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*_: Any, **__: Any) -> Any:
        given = answers.pop(0)
        if isinstance(given, Broken):
            raise given
        return SimpleNamespace(status=given, told=lambda: "told")

    evidence.begin()
    monkeypatch.setattr(second_try, "AGAIN_AFTER_SECONDS", 0.01)
    target = SimpleNamespace(fact=lambda _: "token", github=SimpleNamespace(repository=lambda name: (name, 1)))
    attaching: Any = Repositories(SimpleNamespace(target=target))  # type: ignore[arg-type]
    attaching.ask_to_attach = ask
    if red:
        with pytest.raises(Broken, match=red):
            attaching.attach("acme/shop")
    else:
        attaching.attach("acme/shop")
    assert len(answers) == left and len(evidence.record().weaker) == (not red and not left)


@pytest.mark.parametrize("failure", [SILENCE, NotProven("No answer.")])
def test_what_the_api_does_not_detach_goes_from_the_database(failure: Exception) -> None:
    def detach(*_: Any) -> None:
        raise failure

    rows, done = [SimpleNamespace(id=1), SimpleNamespace(id=2)], []
    database = SimpleNamespace(repositories_of=lambda _: rows, execute=lambda *call: done.append(call))
    world: Any = SimpleNamespace(target=SimpleNamespace(database=database))
    world.as_person = lambda _: SimpleNamespace(detach_repository=detach)
    Repositories(world).detach_from(UUID(int=7))
    assert [call[1:] for call in done] == [(str(UUID(int=7)),)]


@pytest.mark.parametrize("status", [204, 202, 404, 405])
def test_detaching_waits_for_the_hook_and_is_answered_204(status: int) -> None:
    asked: list[str] = []

    def detach(*_: Any) -> Any:
        asked.append("detach")
        return SimpleNamespace(status=status, told=lambda: "told", is_json=False)

    world: Any = SimpleNamespace(target=None, as_person=lambda _: SimpleNamespace(detach_repository=detach))
    attached: Any = Repositories(world)
    attached.row = lambda _: SimpleNamespace(id=1)
    attached._hooks = SimpleNamespace(bare=set(), expect_one_only=lambda _: asked.append("listed"))
    attached.attached = ["acme/shop"]
    if status == 204:
        attached.detach("acme/shop")
    else:
        with pytest.raises(Broken, match="not detached"):
            attached.detach("acme/shop")
    assert asked == ["listed", "detach"] and bool(attached.attached) == (status != 204)


@pytest.mark.parametrize(
    ("given", "errors", "told"),
    [
        ([True], ["refused"], "sent"),
        ([False, True], ["refused"], "sent loaded sent"),
        ([False, False], ["refused"], "sent loaded sent red"),
        # A form that does nothing, or a table that is not read anew, is no refusal.
        ([False, True], [], "sent red"),
    ],
)
def test_what_the_page_was_refused_is_sent_once_more(
    given: list[bool], errors: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expect_repository(_: str) -> None:
        if not given.pop(0):
            raise Broken("Not listed.")

    seen: list[str] = []
    evidence.begin()
    monkeypatch.setattr(second_try, "AGAIN_AFTER_SECONDS", 0.01)
    github = SimpleNamespace(repository=lambda name: (name, 1))
    world: Any = SimpleNamespace(target=SimpleNamespace(github=github, fact=lambda _: "token"))
    attaching: Any = Repositories(world)
    attaching._page = SimpleNamespace(
        attach=lambda *_: seen.append("sent"),
        reload=lambda: seen.append("loaded"),
        expect_shown=lambda: None,
        expect_repository=expect_repository,
        window=SimpleNamespace(view=lambda: SimpleNamespace(errors=errors)),
    )
    try:
        attaching.attach_in_console("acme/shop")
    except Broken:
        seen.append("red")
    assert seen == told.split() and len(evidence.record().weaker) == (seen == ["sent", "loaded", "sent"])


def test_what_github_refuses_the_gate_as_well_is_not_the_platforms() -> None:
    def broken(_: str) -> None:
        raise Broken("Not listed.")

    def refuse(_: str) -> None:
        raise NotProven("GitHub is away", "staging")

    page: Any = SimpleNamespace(attach=lambda *_: None, expect_repository=broken)
    github: Any = SimpleNamespace(repository=refuse)
    with pytest.raises(NotProven, match="GitHub is away"):
        second_try.attached_by_form(page, github, "acme/shop", "token")


@pytest.mark.parametrize(
    ("status", "risks", "red"), [(409, 0, False), (400, 0, False), (500, 1, False), (302, 0, True)]
)
def test_a_second_project_that_crashes_is_a_risk(status: int, risks: int, red: bool) -> None:
    kept = Repository(1, UUID(int=1), "github", 7, "acme", "shop", b"token", "services.yaml")
    owned = {str(UUID(int=1)): [kept], str(UUID(int=2)): []}
    shown = {project: [{"owner": row.owner, "name": row.name} for row in rows] for project, rows in owned.items()}
    staff = SimpleNamespace(repositories=lambda id_: SimpleNamespace(items=lambda: shown[str(id_)]))
    world: Any = SimpleNamespace(as_person=lambda _: staff)
    world.target = SimpleNamespace(database=SimpleNamespace(repositories_of=owned.__getitem__))
    answer = SimpleNamespace(status=status, told=lambda: "told")
    world.repositories = SimpleNamespace(answers=[answer], project_id=UUID(int=1), row=lambda _: kept)
    world.repositories.hooks = SimpleNamespace(expect_one_only=lambda _: None)
    second: Any = SecondProject(world)
    second._second, second._before = UUID(int=2), kept
    found = evidence.begin()
    if red:
        with pytest.raises(Broken, match="neither"):
            second.expect_in_one("acme/shop")
    else:
        second.expect_in_one("acme/shop")
    assert len(found.risks) == risks


@pytest.mark.parametrize(
    ("reads", "manages", "made", "red"),
    [(False, True, 201, True), (True, False, 201, True), (True, True, 403, True), (True, True, 404, True),
     (True, True, 201, False), (True, True, 422, False)],
)  # fmt: skip
def test_a_token_that_may_make_no_hook_is_to_be_refused(reads: bool, manages: bool, made: int, red: bool) -> None:
    """A token that only reads the hooks, of somebody who may change them, GitHub refuses when it comes to that."""

    def answered(method: str, path: str, **asked: Any) -> Exchange:
        seen.append((method, path, asked.get("json")))
        told: dict[str, Any] = {"permissions": {"admin": manages}} if path.endswith("shop") else {"id": 9}
        status = {"GET": 200 if reads else 404, "POST": made, "DELETE": 204}[method]
        return Exchange(method, path, status, (), json.dumps(told).encode(), 0.01)

    def expect_error() -> str:
        raise Broken("No error text.")

    seen: list[tuple[str, str, Any]] = []
    http: Any = SimpleNamespace(request=answered)
    world: Any = SimpleNamespace(target=SimpleNamespace(github=GitHub(http, "own")), mark="gate-0a1b2c-1")
    world.repositories = SimpleNamespace(page=SimpleNamespace(expect_error=expect_error))
    refused = RefusedRepository(world)
    refused._name, refused._token = "acme/shop", "weak"
    with pytest.raises(Broken if red else NotProven):
        refused.expect_told_on_page()
    tried = [body for method, _, body in seen if method == "POST"]
    assert all(not body["active"] and "gate-0a1b2c-1" in body["config"]["url"] for body in tried)
    assert [path for method, path, _ in seen if method == "DELETE"] == ["/repos/acme/shop/hooks/9"] * (
        made == 201 and bool(tried)
    )
