"""The platform at GitHub: looks a repository up, and keeps one webhook on it (contract 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..calls import Answer, CallError
from .answers import Problem, invalid
from .core import Gateway

Hook = dict[str, Any]


@dataclass(frozen=True)
class Remote:
    """One repository at GitHub, seen with the token that was given for it."""

    gateway: Gateway
    owner: str
    name: str
    token: str

    @property
    def path(self) -> str:
        """The repository's address in the API."""
        return f"/repos/{quote(self.owner, safe='')}/{quote(self.name, safe='')}"

    @property
    def hook_url(self) -> str:
        """The platform's webhook address."""
        return f"{self.gateway.staging.public_url}/api/v1/webhooks/github"

    async def external_id(self) -> int:
        """The repository's number; 400 when it is not there for this token."""
        found = (await self._asked("GET", self.path)).json()
        if not isinstance(found, dict) or not isinstance(found.get("id"), int):
            raise Problem("internal", "GitHub gave no repository id")
        number: int = found["id"]
        return number

    async def ensure_hook(self) -> None:
        """Updates the hook with our address, else creates one."""
        ours = await self._ours(every=self.gateway.broken("hook-of-another-taken"))
        if self.gateway.broken("hook-made-blindly"):
            ours = []
        if self.gateway.broken("hook-made-anew"):
            await self.remove_hook()
            ours = []
        if ours and not self.gateway.broken("hook-made-twice"):
            if not self.gateway.broken("hook-not-updated") and not self._kept_at_sight(ours[0]):
                await self._asked("PATCH", f"{self.path}/hooks/{ours[0]['id']}", self._changes())
        elif not self.gateway.broken("hook-not-made"):
            await self._create(twin=bool(ours))

    async def remove_hook(self, *, strict: bool = False, every: bool = False) -> None:
        """Best effort: what GitHub refuses stays there (contract 2)."""
        try:
            hooks = await self._ours(every=every or self.gateway.broken("detach-removes-every-hook"))
            for hook in hooks:
                await self._asked("DELETE", f"{self.path}/hooks/{hook['id']}")
        except Problem as problem:
            if strict:
                raise
            self.gateway.staging.log("gateway", f"webhook of {self.owner}/{self.name} stays: {problem.message}")
            return
        if not hooks and self.gateway.broken("hook-that-is-gone-holds-repository"):
            raise Problem("internal", "GitHub answered 404")

    def _kept_at_sight(self, hook: Hook) -> bool:
        """A build that compares what GitHub shows: of two secrets it shows the same stars."""
        wanted = self._wanted()
        shown = {**hook["config"], "secret": wanted["config"].get("secret")}
        alike = hook["active"] == wanted["active"] and {*hook["events"]} == {*wanted["events"]}
        return self.gateway.broken("hook-that-looks-right-kept") and alike and shown == wanted["config"]

    def _changes(self) -> Hook:
        wanted = self._wanted()
        if self.gateway.broken("hook-keeps-its-old-events"):
            wanted["add_events"] = wanted.pop("events")
        return wanted

    async def _create(self, *, twin: bool) -> None:
        wanted = self._wanted() | {"name": "web"}
        try:
            await self._asked("POST", f"{self.path}/hooks", wanted)
        except Problem:
            if not twin:
                raise
            # GitHub refuses an exact twin; a build that lost track of its address makes a near one.
            wanted["config"]["url"] += "?"
            await self._asked("POST", f"{self.path}/hooks", wanted)

    async def _ours(self, *, every: bool = False) -> list[Hook]:
        hooks = (await self._asked("GET", f"{self.path}/hooks?per_page=100")).json()
        if self.gateway.broken("hook-looked-for-in-first-place"):
            hooks = hooks[:1]
        return [hook for hook in hooks or () if every or self._leads_here(str(hook.get("config", {}).get("url")))]

    def _leads_here(self, url: str) -> bool:
        """The platform's own address and no other; two faults are content with a part of it."""
        if self.gateway.broken("hook-known-by-its-path"):
            return url.endswith("/api/v1/webhooks/github")
        if self.gateway.broken("hook-known-by-its-beginning"):
            return url.startswith(self.hook_url)
        return url == self.hook_url

    def _wanted(self) -> Hook:
        broken = self.gateway.broken
        config = {
            "url": self.hook_url,
            "content_type": "form" if broken("hook-form-encoded") else "json",
            "insecure_ssl": "1" if broken("hook-insecure-ssl") else "0",
            "secret": "" if broken("hook-without-secret") else self.gateway.staging.secrets.webhook,
        }
        if broken("hook-with-another-secret"):
            config["secret"] += "\n"
        if not config["secret"]:
            del config["secret"]
        events = ["push"] if broken("hook-wrong-events") else self.gateway.staging.webhook_events.split(",")
        return {"active": not broken("hook-inactive"), "events": events, "config": config}

    async def _asked(self, method: str, target: str, body: Any = None) -> Answer:
        try:
            said = await self.gateway.github.call(method, target, token=self.token, json_body=body)
        except CallError as error:
            self.gateway.staging.log("gateway", f"GitHub: {error}")
            raise Problem("internal", "GitHub cannot be reached") from error
        if not said.ok:
            if self.gateway.broken("refused-token-in-log"):
                self.gateway.staging.log("gateway", f"GitHub {method} {target} {said.status} token={self.token}")
            raise _refused(said.status, self.token if self.gateway.broken("refused-token-told") else "this token")
        return said


def _refused(status: int, token: str) -> Problem:
    if status in (401, 403):
        return invalid("token", f"{token} may not manage this repository")
    if status == 404:
        return invalid("name", f"the repository is not there for {token}")
    return Problem("internal", f"GitHub answered {status}")
