"""Issues of a repository and what is said below them: as much as release notes and a list of blockers need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..staging import GITHUB, GITHUB_API, Repository
from .hooks import Refused

LONGEST_BODY = 65_536
Body = dict[str, Any]


@dataclass
class _Issue:
    about: Body
    comments: list[Body] = field(default_factory=list)


class Issues:
    """All issues, kept as long as the sandbox runs."""

    def __init__(self) -> None:
        self._of: dict[str, list[_Issue]] = {}
        self._said = 0

    def open(self, repository: Repository, login: str, asked: Body) -> Body:
        """A new issue."""
        if not asked.get("title"):
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed")
        issues = self._of.setdefault(repository.full_name, [])
        number = len(issues) + 1
        about = {
            "number": number,
            "title": asked["title"],
            "state": "open",
            "labels": [{"name": name} for name in asked.get("labels", [])],
            "user": {"login": login, "type": "User"},
            "html_url": f"https://{GITHUB}/{repository.full_name}/issues/{number}",
        }
        issues.append(_Issue(about))
        return about

    def all(self, repository: Repository, labels: set[str]) -> list[Body]:
        """The open issues that carry every one of these labels, the newest first."""
        issues = reversed(self._of.get(repository.full_name, []))
        return [one.about for one in issues if labels <= {label["name"] for label in one.about["labels"]}]

    def comments(self, repository: Repository, number: int) -> list[Body]:
        """What is said below an issue, the oldest first."""
        issues = self._of.get(repository.full_name, [])
        if not 1 <= number <= len(issues):
            raise Refused(HTTPStatus.NOT_FOUND, "Not Found")
        return issues[number - 1].comments

    def comment(self, repository: Repository, number: int, login: str, asked: Body) -> Body:
        """Say something below an issue."""
        below = self.comments(repository, number)
        self._said += 1
        place = f"{repository.full_name}/issues"
        made = {
            "id": self._said,
            "user": {"login": login, "type": "User"},
            "body": _text(asked),
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "url": f"https://{GITHUB_API}/repos/{place}/comments/{self._said}",
            "html_url": f"https://{GITHUB}/{place}/{number}#issuecomment-{self._said}",
        }
        below.append(made)
        return made

    def change(self, repository: Repository, id: int, login: str, asked: Body) -> Body:
        """Say one's own comment anew; somebody else's is forbidden."""
        said = (one for issue in self._of.get(repository.full_name, []) for one in issue.comments)
        found = next((one for one in said if one["id"] == id), None)
        if found is None:
            raise Refused(HTTPStatus.NOT_FOUND, "Not Found")
        if found["user"]["login"] != login:
            raise Refused(HTTPStatus.FORBIDDEN, "Must have admin rights to Repository.")
        found["body"] = _text(asked)
        return found


def paged(request: Request, found: list[Body], number: Callable[[Request, str, int], int]) -> Response:
    """The page that was asked for."""
    size = max(1, min(100, number(request, "per_page", 30)))
    first = (max(1, number(request, "page", 1)) - 1) * size
    return JSONResponse(found[first : first + size])


def _text(asked: Body) -> str:
    body = str(asked.get("body") or "")
    if not body or len(body) > LONGEST_BODY:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed")
    return body
