"""GitHub's API for what is no door of the staging: the notes and the blockers. By the same ways as the doors."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gate.doors.http import Http
from gate.doors.ways import led
from gate.errors import Broken, GateError, NotProven
from gate.redaction import hide, redact

if TYPE_CHECKING:
    from gate.settings import Settings

PAGE = 100


class GitHubApi:
    """One token's view; a refusal is one sentence."""

    def __init__(self, settings: Settings) -> None:
        token = settings["GATE_GITHUB_TOKEN"]
        hide(token)
        through, self._ways = led(settings)
        base, hosts, ca = (through[name] for name in ("GATE_GITHUB_API_URL", "GATE_HOSTS", "GATE_CA_FILE"))
        self._http = Http(base, "github", hosts, ca, through["GATE_REQUEST_SECONDS"])
        self._headers = {"Accept": "application/vnd.github+json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What GitHub answers to one request."""
        try:
            answer = self._http.request(method, path, json=body, headers=self._headers)
        except (NotProven, Broken) as failure:
            raise GateError(" ".join(str(failure).split())) from None
        found = answer.parsed()
        if answer.status >= 300 or found is None:
            raise GateError(redact(f"GitHub did not do what it was asked: {answer.brief()}"))
        return found

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Everything in a list, page by page; `path` ends with its query."""
        for page in itertools.count(1):
            found = self.ask("GET", f"{path}per_page={PAGE}&page={page}")
            yield from found
            if len(found) < PAGE:
                return

    def close(self) -> None:
        """Close the connections and the ways."""
        self._http.close()
        for way in self._ways:
            way.close()
