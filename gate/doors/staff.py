"""The staff API door: what a signed-in person can ask of the platform (contract 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gate.doors.http import Exchange, Http

ME = "/api/v1/auth/me"
# Whom the edge itself takes a session for: oauth2-proxy's own endpoint.
WHO = "/oauth2/userinfo"
STAFF = "/api/v1/staff"
# Contract 2: `limit` is 1 to 1000.
LONGEST_LIST = 1000
# How a server in Go may tell a time that is not there.
ZERO_TIME = "0001-01-01T00:00:00Z"
# And an id.
ZERO_ID = "00000000-0000-0000-0000-000000000000"


def told_time(told: object) -> str:
    """A time as the API tells it; "" for none."""
    return "" if told in (None, ZERO_TIME) else str(told)


def told_id(told: object) -> str:
    """An id as the API tells it; "" for none."""
    return "" if told in (None, ZERO_ID) else str(told)


class Staff:
    """The staff API in the name of one person, given by the cookies of their session; none: nobody."""

    def __init__(self, http: Http, cookies: Mapping[str, str] | None = None) -> None:
        self._http = http
        self._cookies = dict(cookies or {})

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """GET below `/api/v1/staff`, or any absolute path of the API."""
        return self.call("GET", path, headers=headers)

    def call(self, method: str, path: str, json: Any = None, headers: Mapping[str, str] | None = None) -> Exchange:
        """Any method below `/api/v1/staff`, or on an absolute path of the API."""
        where = path if path.startswith("/api/") else STAFF + path
        return self._http.request(method, where, json=json, headers=headers, cookies=self._cookies)

    def me(self, headers: Mapping[str, str] | None = None) -> Exchange:
        """Who am I?"""
        return self.get(ME, headers)

    def users(self) -> Exchange:
        """Who may use the platform? For platform admins."""
        return self.get("/users")

    def allow(self, email: str, admin: bool = False) -> Exchange:
        """Allow an e-mail, as a platform admin."""
        return self.call("POST", "/users", {"email": email, "is_platform_admin": admin})

    def remove_user(self, user_id: Any) -> Exchange:
        """Take someone off the list, as a platform admin."""
        return self.call("DELETE", f"/users/{user_id}")

    def projects(self) -> Exchange:
        """The projects that the person may see."""
        return self.get(f"/projects?limit={LONGEST_LIST}")

    def create_project(self, slug: str, name: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """Create or rename a project, as a platform admin."""
        return self.call("POST", "/projects", {"slug": slug, "name": name}, headers)

    def delete_project(self, project_id: Any) -> Exchange:
        """Delete a project, as the platform owner; first S1 builds answer 404 or 405."""
        return self.call("DELETE", f"/projects/{project_id}")

    def remove_member(self, project_id: Any, user_id: Any) -> Exchange:
        """Take somebody out of a project."""
        return self.call("DELETE", f"/projects/{project_id}/members/{user_id}")

    def add_member(self, project_id: Any, user_id: Any, role: str) -> Exchange:
        """Give someone a role in a project, as a platform admin."""
        given = user_id if isinstance(user_id, int) else str(user_id)
        return self.call("POST", f"/projects/{project_id}/members", {"user_id": given, "role": role})

    def set_learning_mode(self, project_id: Any, user_id: Any, enabled: bool | None) -> Exchange:
        """Override the learning mode of a member; None inherits."""
        path = f"/projects/{project_id}/members/{user_id}/learning-mode"
        return self.call("PUT", path, {"enabled": enabled})

    def repositories(self, project_id: Any) -> Exchange:
        """The repositories attached to a project."""
        return self.get(f"/projects/{project_id}/repositories")

    def attach_repository(
        self, project_id: Any, owner: str, name: str, token: str, services_yaml: str = "services.yaml"
    ) -> Exchange:
        """Attach a GitHub repository to a project."""
        body = {
            "provider": "github",
            "owner": owner,
            "name": name,
            "token": token,
            "services_yaml_path": services_yaml,
        }
        return self.call("POST", f"/projects/{project_id}/repositories", body)

    def detach_repository(self, project_id: Any, repository_id: Any) -> Exchange:
        """Detach a repository from its project."""
        return self.call("DELETE", f"/projects/{project_id}/repositories/{repository_id}")

    def runs(self) -> Exchange:
        """The runs that the person may see."""
        return self.get(f"/runs?limit={LONGEST_LIST}")

    def run(self, run_id: Any) -> Exchange:
        """One run."""
        return self.get(f"/runs/{run_id}")

    def events(self, run_id: Any) -> Exchange:
        """The flow events of a run."""
        return self.get(f"/runs/{run_id}/events")

    def feedback(self, run_id: Any) -> Exchange:
        """The learning feedback of a run."""
        return self.get(f"/runs/{run_id}/learning-feedback")

    def logout(self) -> Exchange:
        """End the session."""
        return self.call("POST", "/api/v1/auth/logout")


class StaffFromInside(Staff):
    """The staff API with the headers that the edge would add."""

    def __init__(self, gateway: Http, added: Mapping[str, str]) -> None:
        super().__init__(gateway)
        self._added = dict(added)

    def call(self, method: str, path: str, json: Any = None, headers: Mapping[str, str] | None = None) -> Exchange:
        """Any method, with the added headers under those of the call."""
        return super().call(method, path, json, {**self._added, **(headers or {})})


def identity(email: str, login: str) -> dict[str, str]:
    """The headers of a sign-in. The gateway keeps the login that it is told: an unknown one stays untold."""
    ways = ("Auth-Request", "Forwarded")
    told = {f"X-{way}-Email": email for way in ways}
    return told | ({f"X-{way}-User": login for way in ways} if login else {})
