"""Webhooks of repositories, with GitHub's own checks; a hook's secret never comes back (contract 5)."""

from __future__ import annotations

import hashlib
import hmac
import json
from copy import deepcopy
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import count
from time import monotonic
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from ..calls import Caller, CallError
from ..staging import GITHUB_API, Repository, Staging

Hook = dict[str, Any]

# The events of repository hooks that anybody here has a use for.
_EVENTS = {
    "*",
    "check_run",
    "check_suite",
    "commit_comment",
    "create",
    "delete",
    "deployment",
    "deployment_status",
}
_EVENTS |= {"discussion", "discussion_comment", "fork", "issue_comment", "issues", "label", "member", "milestone"}
_EVENTS |= {"ping", "public", "pull_request", "pull_request_review", "pull_request_review_comment", "push"}
_EVENTS |= {"pull_request_review_thread", "release", "repository", "star", "status", "watch"}
_EVENTS |= {"workflow_dispatch", "workflow_job", "workflow_run"}
_HOOKS_PER_EVENT = 20
_LISTED_AFTER_SECONDS = 1.5
_WEBHOOKS = "/api/v1/webhooks/github"
_FORM = "x-www-form-urlencoded"


class Refused(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, message: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors


class Hooks:
    """All hooks, by repository and number; kept in `staging.hooks`, secrets included."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._numbers = count(410_000_001)
        self._delivered: dict[int, list[Hook]] = {}
        self._made: dict[int, float] = {}

    def all(self, repository: Repository) -> list[Hook]:
        """The repository's hooks as GitHub shows them."""
        late = _LISTED_AFTER_SECONDS if self._staging.variants.on("github-lists-hooks-late") else 0.0
        made_by = monotonic() - late
        return [_shown(hook) for number, hook in self._of(repository).items() if self._made[number] <= made_by]

    def one(self, repository: Repository, number: int) -> Hook:
        """One hook as GitHub shows it."""
        return _shown(self._found(repository, number))

    def create(self, repository: Repository, wanted: Hook) -> Hook:
        """Make a hook; a twin of one that is there is refused."""
        if wanted.get("name", "web") != "web":
            raise _invalid("name", "Hook name must be web")
        number = next(self._numbers)
        address = f"https://{GITHUB_API}/repos/{repository.full_name}/hooks/{number}"
        hook: Hook = {"type": "Repository", "id": number, "name": "web", "active": True, "events": ["push"]}
        hook |= {"config": {}, "created_at": _now(), "url": address, "ping_url": f"{address}/pings"}
        hook |= {"test_url": f"{address}/test", "deliveries_url": f"{address}/deliveries"}
        hook["last_response"] = {"code": None, "status": "unused", "message": None}
        self._set(repository, hook, wanted)
        self._made[number] = monotonic()
        if not self._staging.faults.on("github-hook-not-kept"):
            self._of(repository)[number] = hook
        return _shown(hook)

    def change(self, repository: Repository, number: int, wanted: Hook) -> Hook:
        """Change a hook; a `config` that is given takes the whole place of the old one, secret included."""
        hook = deepcopy(self._found(repository, number))
        self._set(repository, hook, wanted)
        self._of(repository)[number] = hook
        return _shown(hook)

    def delete(self, repository: Repository, number: int) -> None:
        """Remove a hook."""
        self._found(repository, number)
        del self._of(repository)[number]

    def deliveries(self, repository: Repository, number: int) -> list[Hook]:
        """What was delivered for a hook, the newest first."""
        self._found(repository, number)
        return list(reversed(self._delivered.get(number, [])))

    async def greet(self, repository: Repository, number: int) -> None:
        """Ping a new hook, unless it is gone already."""
        if number in self._of(repository):
            await self.ping(repository, number)

    async def ping(self, repository: Repository, number: int) -> None:
        """Deliver a ping as the hook has it: to its address, in its form, signed with its secret."""
        hook = self._found(repository, number)
        config = hook["config"]
        if config["url"] != f"{self._staging.public_url}{_WEBHOOKS}":
            return
        payload = {"zen": "Keep it logically awesome.", "hook_id": number, "hook": _shown(hook)}
        payload |= {"repository": {"id": repository.id, "full_name": repository.full_name}}
        payload |= {"sender": {"id": 1, "login": repository.owner}}
        body, guid = json.dumps(payload), str(uuid4())
        if config["content_type"] == "form":
            body = urlencode({"payload": body})
        headers = {"X-GitHub-Delivery": guid, "X-GitHub-Event": "ping", "User-Agent": "GitHub-Hookshot/0"}
        headers["Content-Type"] = f"application/{'json' if config['content_type'] == 'json' else _FORM}"
        if secret := config.get("secret"):
            digest = hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
            headers["X-Hub-Signature-256"] = f"sha256={digest}"
        given = [(name.encode(), value.encode()) for name, value in headers.items()]
        edge = Caller(self._staging.port("edge"), self._staging.domain, str(self._staging.ca_file))
        try:
            status = (await edge.send("POST", _WEBHOOKS, given, body.encode())).status
        except CallError:
            status = HTTPStatus.BAD_GATEWAY
        finally:
            await edge.close()
        told: Hook = {"id": next(self._numbers), "guid": guid, "event": "ping", "delivered_at": _now()}
        self._delivered.setdefault(number, []).append(told | {"status_code": int(status)})

    def _of(self, repository: Repository) -> dict[int, Hook]:
        return self._staging.hooks.setdefault(repository.full_name, {})

    def _found(self, repository: Repository, number: int) -> Hook:
        if number not in self._of(repository):
            raise Refused(HTTPStatus.NOT_FOUND, "Not Found")
        return self._of(repository)[number]

    def _set(self, repository: Repository, hook: Hook, wanted: Hook) -> None:
        if "config" in wanted:
            hook["config"] = _config(wanted["config"])
        if not hook["config"].get("url"):
            raise _invalid("url", "Config must contain URL for webhooks")
        hook["active"] = bool(wanted.get("active", hook["active"]))
        hook["events"] = _events(hook["events"], wanted)
        hook["updated_at"] = _now()
        self._refuse_twin(repository, hook)

    def _refuse_twin(self, repository: Repository, hook: Hook) -> None:
        """Hooks may share a configuration only while their events do not overlap."""
        others = [other for other in self._of(repository).values() if other["id"] != hook["id"]]
        for other in others:
            overlap = set(other["events"]) & set(hook["events"])
            if overlap and _place(other) == _place(hook):
                raise _invalid("", "Hook already exists on this repository")
        if any(sum(event in other["events"] for other in others) >= _HOOKS_PER_EVENT for event in hook["events"]):
            raise _invalid("", "The event cannot have more than 20 hooks")


def _config(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise _invalid("config", "config must be an object")
    url = str(given.get("url", ""))
    if url and not url.startswith(("http://", "https://")):
        raise _invalid("url", "url is not supported")
    config = {"url": url, "content_type": str(given.get("content_type", "form"))}
    config["insecure_ssl"] = str(given.get("insecure_ssl", "0"))
    if given.get("secret"):
        config["secret"] = str(given["secret"])
    return config


def _events(now: list[str], wanted: Hook) -> list[str]:
    events = wanted.get("events", now)
    if not isinstance(events, list):
        raise _invalid("events", "events must be a list")
    events = [*events, *wanted.get("add_events", [])]
    removed = wanted.get("remove_events", [])
    unknown = [event for event in events if event not in _EVENTS]
    if unknown:
        raise _invalid("events", f"The events {', '.join(map(str, unknown))} are not supported by this webhook")
    return list(dict.fromkeys(event for event in events if event not in removed))


def _place(hook: Hook) -> tuple[str, str, str]:
    config = hook["config"]
    return config["url"], config["content_type"], config["insecure_ssl"]


def _shown(hook: Hook) -> Hook:
    shown = deepcopy(hook)
    if "secret" in shown["config"]:
        shown["config"]["secret"] = "********"
    return shown


def _invalid(field: str, message: str) -> Refused:
    error = {"resource": "Hook", "code": "custom", "message": message} | ({"field": field} if field else {})
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Validation Failed", [error])


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
