"""GitHub: the test repositories, the token that may manage their hooks, and the one that may not. Only read."""

from __future__ import annotations

from collections.abc import Iterator

from gate.doctor.finding import Closed, Finding, given, look
from gate.doors.http import Exchange
from gate.errors import Broken, NotProven
from gate.language import say, spoken
from gate.target import Target
from gate.world import World

REPOSITORIES_NEEDED = 2


def doors(target: Target, database: Finding) -> Iterator[Finding]:
    """Both tokens; behind a GitHub that is closed the second is not tried."""
    first = _github(target, database)
    yield first
    yield _weak(target, first)


def _github(target: Target, database: Finding) -> Finding:
    by = given(target.settings, "GATE_GITHUB_TOKEN", "GATE_GITHUB_REPOSITORIES", "GATE_GITHUB_API_URL")

    def act() -> str:
        if not target.settings["GATE_GITHUB_TOKEN"]:
            raise Closed(say("no token", "нет токена"))
        names = _repositories(target)
        _expect_there(target, names)
        if database.usable:
            _expect_free(target, names)
        return ", ".join(names)

    return look("github", by, act, say(
        "Make a token that may manage the webhooks of two test repositories: GATE_GITHUB_TOKEN=…, "
        "GATE_GITHUB_REPOSITORIES=owner/one,owner/two.",
        "Сделайте токен с правом на вебхуки двух тестовых репозиториев: GATE_GITHUB_TOKEN=…, "
        "GATE_GITHUB_REPOSITORIES=owner/one,owner/two.",
    ))  # fmt: skip


def _repositories(target: Target) -> list[str]:
    names = list(target.settings["GATE_GITHUB_REPOSITORIES"])
    if len(names) < REPOSITORIES_NEEDED:
        raise Closed(
            say(f"{len(names)} of {REPOSITORIES_NEEDED} test repositories are named",
                f"тестовых репозиториев названо: {len(names)} из {REPOSITORIES_NEEDED}"),
        )  # fmt: skip
    return names


def _expect_there(target: Target, names: list[str]) -> None:
    """A GitHub that does not answer, or answers something else, is a matter of its address, not of the token."""
    try:
        for full_name in names:
            target.github.repository_id(full_name)
            target.github.hooks(full_name)
    except (NotProven, Broken) as failure:
        if isinstance(failure, NotProven) and failure.category == "not-configured":
            raise
        url = target.settings["GATE_GITHUB_API_URL"]
        raise Closed(str(failure), say(
            f"Is {url} GitHub's API, and seen from here? Another address: GATE_GITHUB_API_URL; an internal CA: "
            "GATE_CA_FILE=/path/of/ca.pem; a name that leads elsewhere: GATE_HOSTS=name=1.2.3.4.",
            f"Точно ли {url} — API GitHub и видно ли его? Другой адрес: GATE_GITHUB_API_URL; внутренний CA: "
            "GATE_CA_FILE=/путь/ca.pem; имя ведёт в другое место: GATE_HOSTS=имя=1.2.3.4.",
        )) from None  # fmt: skip


def _expect_free(target: Target, names: list[str]) -> None:
    repositories = World(target, spoken(), 0, print).repositories
    repositories.ids = dict(map(target.github.repository, names))
    try:
        repositories.expect_free()
    except NotProven as taken:
        raise Closed(str(taken), say("Detach them there, or name others in GATE_GITHUB_REPOSITORIES.",
                                     "Отключите их там или назовите другие в GATE_GITHUB_REPOSITORIES.")
                     ) from None  # fmt: skip


def _weak(target: Target, first: Finding) -> Finding:
    token = target.settings["GATE_GITHUB_WEAK_TOKEN"]

    def act() -> str:
        if not token:
            raise Closed(say("no token", "нет токена"))
        if not first.usable:
            raise Closed(say("cannot be looked at while GitHub is closed", "пока GitHub закрыт, не проверить"),
                         first.step)  # fmt: skip
        if token == target.settings["GATE_GITHUB_TOKEN"]:
            raise Closed(say("it is GATE_GITHUB_TOKEN itself", "это сам GATE_GITHUB_TOKEN"))
        names = target.settings["GATE_GITHUB_REPOSITORIES"]
        shown = [name for name in names if _is_shown(target.github.asked_with(token, name))]
        if not shown:
            return say("valid, and refused the hooks", "действует, к вебхукам не допущен")
        if all(target.github.may_not_manage(name, token) for name in shown):
            return say("valid, reads the hooks and may not change them", "действует, читает вебхуки, но не меняет")
        return say(
            f"valid, and shown the hooks of {shown[0]}; that it may not change them is for the run to see",
            f"действует, вебхуки {shown[0]} ему показаны; что менять их он не может, увидит прогон",
        )

    return look("weak", given(target.settings, "GATE_GITHUB_WEAK_TOKEN"), act, say(
        "GATE_GITHUB_WEAK_TOKEN=…: a valid token, say of another account, that may not manage these webhooks.",
        "GATE_GITHUB_WEAK_TOKEN=…: действующий токен, например другого аккаунта, без права на эти вебхуки.",
    ))  # fmt: skip


def _is_shown(answer: Exchange) -> bool:
    if answer.status == 401:
        raise Closed(say(f"GitHub does not know it: {answer.brief()}", f"GitHub его не знает: {answer.brief()}"))
    return answer.status == 200
