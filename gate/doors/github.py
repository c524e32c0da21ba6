"""The GitHub door: the test repositories and their hooks, seen with the gate's own token (contract 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from gate.doors.http import Exchange, Http
from gate.doors.records import Hook, HookDelivery
from gate.errors import NotProven
from gate.language import say
from gate.redaction import hide

HOOKS_A_PAGE = 100


class GitHub:
    """GitHub's API with one token."""

    def __init__(self, http: Http, token: str) -> None:
        hide(token)
        self._http = http
        self._token = token

    def repository(self, full_name: str) -> tuple[str, int]:
        """A repository's name as GitHub itself writes it, and its id; `NotProven` when the token cannot see it."""
        found = self._asked("GET", f"/repos/{full_name}", 200).json()
        return str(found.get("full_name") or full_name), int(found["id"])

    def repository_id(self, full_name: str) -> int:
        """The id of a repository."""
        return self.repository(full_name)[1]

    def hooks(self, full_name: str) -> list[Hook]:
        """All hooks of a repository."""
        found = self._asked("GET", f"/repos/{full_name}/hooks?per_page={HOOKS_A_PAGE}", 200).json(list)
        return [_hook(item) for item in found]

    def create_hook(
        self,
        full_name: str,
        url: str,
        events: Sequence[str],
        *,
        active: bool = True,
        content_type: str = "form",
        secret: str = "",
    ) -> Hook:
        """Make a hook, as somebody else might have done before."""
        body = {"name": "web"} | _body(url, events, active, content_type, secret)
        return _hook(self._asked("POST", f"/repos/{full_name}/hooks", 201, body).json())

    def restore_hook(self, full_name: str, hook: Hook, secret: str) -> None:
        """Give a hook the shape that it had, with this secret."""
        body = _body(hook.url, hook.events, hook.active, hook.content_type, secret)
        self._asked("PATCH", f"/repos/{full_name}/hooks/{hook.id}", 200, body)

    def gives(self, full_name: str, token: str) -> bool:
        """Whether GitHub shows a repository's hooks to whoever has this token."""
        return self.asked_with(token, full_name).status == 200

    def may_not_manage(self, full_name: str, token: str) -> bool:
        """Whether GitHub says that this token's owner may not change a repository's hooks; it may say nothing."""
        hide(token)
        told = self._answer("GET", f"/repos/{full_name}", token=token).parsed()
        return isinstance(told, dict) and (told.get("permissions") or {}).get("admin") is False

    def asked_with(self, token: str, full_name: str) -> Exchange:
        """GitHub's answer to whoever asks with another token for a repository's hooks."""
        hide(token)
        return self._answer("GET", f"/repos/{full_name}/hooks", token=token)

    def may_make_hook(self, full_name: str, token: str, url: str) -> bool:
        """Whether GitHub lets whoever has this token make a hook: tried with one that is switched off and removed
        at once.
        """
        hide(token)
        body = {"name": "web"} | _body(url, ["push"], active=False, content_type="form", secret="")
        answer = self._answer("POST", f"/repos/{full_name}/hooks", body, token)
        if reason := _limited(answer):
            raise reason
        if answer.status == 201:
            self.delete_hook(full_name, int(answer.json()["id"]))
        return answer.status not in (403, 404)

    def ping(self, full_name: str, hook_id: int) -> datetime:
        """Ask GitHub to deliver a ping for a hook; returns when that was, by GitHub's clock, to the second."""
        date = self._asked("POST", f"/repos/{full_name}/hooks/{hook_id}/pings", 204).header("date")
        try:
            return parsedate_to_datetime(date)
        except ValueError:
            raise NotProven(
                say("GitHub does not tell the time.", "GitHub не сообщает время."), "staging"
            ) from None

    def deliveries(self, full_name: str, hook_id: int) -> list[HookDelivery]:
        """What GitHub delivered for a hook lately. The list is some seconds behind."""
        found = self._asked("GET", f"/repos/{full_name}/hooks/{hook_id}/deliveries", 200).json(list)
        return [
            HookDelivery(
                int(item["id"]),
                str(item.get("event", "")),
                int(item.get("status_code") or 0),
                datetime.fromisoformat(item["delivered_at"]),
            )
            for item in found
            if item.get("delivered_at")
        ]

    def delete_hook(self, full_name: str, hook_id: int) -> None:
        """Remove a hook; not found is fine."""
        self._asked("DELETE", f"/repos/{full_name}/hooks/{hook_id}", 204, missing_ok=True)

    def _asked(self, method: str, path: str, wanted: int, json: Any = None, missing_ok: bool = False) -> Exchange:
        exchange = self._answer(method, path, json)
        if exchange.status == wanted or (missing_ok and exchange.status == 404):
            return exchange
        if reason := _limited(exchange):
            raise reason
        raise NotProven(
            say(
                f"GitHub did not answer {wanted} to the gate's own token: {exchange.brief()}. "
                "Look at GATE_GITHUB_TOKEN and GATE_GITHUB_REPOSITORIES.",
                f"GitHub не ответил {wanted} на собственный токен проверки: {exchange.brief()}. "
                "Проверьте GATE_GITHUB_TOKEN и GATE_GITHUB_REPOSITORIES.",
            ),
            "not-configured" if exchange.status in (401, 403, 404) else "staging",
        )

    def _answer(self, method: str, path: str, json: Any = None, token: str = "") -> Exchange:
        headers = {
            "Authorization": f"Bearer {token or self._token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        return self._http.request(method, path, json=json, headers=headers)


def _limited(exchange: Exchange) -> NotProven | None:
    """GitHub answers nobody's token without end: its limit is no mistake in the settings, and passes by itself."""
    spent, wait = exchange.header("x-ratelimit-remaining") == "0", exchange.header("retry-after")
    if exchange.status not in (403, 429) or not (spent or wait or exchange.status == 429):
        return None
    now, reset = datetime.now(UTC), exchange.header("x-ratelimit-reset")
    ends = None
    if wait.isdigit():
        ends = now + timedelta(seconds=int(wait))
    elif reset.isdigit():
        ends = datetime.fromtimestamp(int(reset), UTC)
    en, ru = (f", until {ends:%H:%M} UTC", f", до {ends:%H:%M} UTC") if ends else ("", "")
    return NotProven(
        say(
            f"GitHub's rate limit is used up{en}: run again after that.\n{exchange.brief()}",
            f"Лимит запросов GitHub исчерпан{ru}: запустите после этого.\n{exchange.brief()}",
        ),
        "staging",
    )


def _body(url: str, events: Sequence[str], active: bool, content_type: str, secret: str) -> dict[str, Any]:
    config = {"url": url, "content_type": content_type} | ({"secret": secret} if secret else {})
    return {"active": active, "events": list(events), "config": config}


def _hook(item: dict[str, Any]) -> Hook:
    config = item.get("config") or {}
    return Hook(
        id=int(item["id"]),
        url=str(config.get("url", "")),
        events=tuple(sorted(item.get("events") or ())),
        active=bool(item.get("active", True)),
        content_type=str(config.get("content_type", "")),
        insecure_ssl=str(config.get("insecure_ssl", "0")),
        has_secret=bool(config.get("secret")),
        created_at=datetime.fromisoformat(made) if (made := item.get("created_at")) else None,
    )
