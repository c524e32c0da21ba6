"""oauth2-proxy's side of the GitHub code flow: where to sign in, the token, the person behind it (contract 5)."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from ..calls import Caller, CallError
from ..staging import GITHUB, GITHUB_API, Staging
from .cookies import Session


class SignInRefused(Exception):
    """GitHub did not say who this is."""


class GitHub:
    """GitHub as the provider of identities."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging

    def authorize_url(self, callback: str, state: str) -> str:
        """Where the browser goes to sign in."""
        query = {
            "approval_prompt": "force",
            "client_id": self._staging.secrets.client_id,
            "redirect_uri": callback,
            "response_type": "code",
            "scope": "user:email read:org",
            "state": state,
        }
        return f"https://{GITHUB}/login/oauth/authorize?{urlencode(query)}"

    async def person(self, code: str, callback: str) -> Session:
        """Change the code for a token and ask who owns it; the primary verified e-mail counts."""
        token = await self._token(code, callback)
        user = await self._call("GET", GITHUB_API, "/user", token)
        emails = await self._call("GET", GITHUB_API, "/user/emails", token)
        primary = next((one["email"] for one in emails if one.get("primary") and one.get("verified")), None)
        if primary and self._staging.faults.on("edge-one-email-domain"):
            primary = primary if primary.endswith(self._staging.people["admin"].email.partition("@")[2]) else None
        if not primary:
            raise SignInRefused("no primary verified e-mail")
        return Session(email=primary, user=user["login"])

    async def close(self) -> None:
        """Close the kept connections."""
        if "_callers" in self.__dict__:
            for caller in self._callers.values():
                await caller.close()

    @cached_property
    def _callers(self) -> dict[str, Caller]:
        """Made at the first sign-in: only then the authority's file is sure to be there."""
        port, ca = self._staging.port("github"), str(self._staging.ca_file)
        return {host: Caller(port, host, ca) for host in (GITHUB, GITHUB_API)}

    async def _token(self, code: str, callback: str) -> str:
        secrets = self._staging.secrets
        form = {
            "client_id": secrets.client_id,
            "client_secret": secrets.client_secret,
            "code": code,
            "grant_type": "authorization_code",
            "redirect_uri": callback,
        }
        answer = await self._call("POST", GITHUB, "/login/oauth/access_token", "", urlencode(form).encode())
        if "access_token" not in answer:
            raise SignInRefused(str(answer.get("error", "no token")))
        return str(answer["access_token"])

    async def _call(self, method: str, host: str, path: str, token: str, body: bytes = b"") -> Any:
        headers = [(b"Accept", b"application/json"), (b"User-Agent", b"oauth2-proxy/v7.6.0")]
        if token:
            headers.append((b"Authorization", f"token {token}".encode()))
        if body:
            headers.append((b"Content-Type", b"application/x-www-form-urlencoded"))
        try:
            answer = await self._callers[host].send(method, path, headers, body)
        except CallError as problem:
            raise SignInRefused(str(problem)) from problem
        said = answer.json()
        if not answer.ok or said is None:
            raise SignInRefused(f"{host}{path} answered {answer.status}")
        return said
