"""A real oauth2-proxy as the platform runs it: the flags (contract 2), the secrets, the way to our GitHub."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ..beside import Program, accepts
from ..sockets import HOST
from ..staging import GITHUB, GITHUB_API, PROXY_FLAGS, Staging

START_SECONDS = 10.0


def proxy_program(staging: Staging, program: Path) -> Program:
    """The process of this staging's edge; not started yet."""
    return Program(
        program,
        _arguments(staging),
        _environment(staging),
        ready=partial(accepts, HOST, staging.port("oauth2_proxy")),
        start_seconds=START_SECONDS,
        tell=partial(staging.log, "edge"),
    )


def _arguments(staging: Staging) -> list[str]:
    button = ["--skip-provider-button=true"] if staging.variants.on("skip-provider-button") else []
    return [
        f"--http-address={HOST}:{staging.port('oauth2_proxy')}",
        f"--upstream=http://{HOST}:{staging.port('gateway')}",
        *PROXY_FLAGS,
        "--provider=github",
        f"--login-url=https://{GITHUB}/login/oauth/authorize",
        f"--redeem-url=https://{GITHUB}/login/oauth/access_token",
        f"--validate-url=https://{GITHUB_API}/",
        f"--provider-ca-file={staging.ca_file}",
        *button,
    ]


def _environment(staging: Staging) -> dict[str, str]:
    """The secrets as the platform's Secret gives them (contract 1), and the way to the stand-in GitHub."""
    held = staging.secrets
    return {
        "OAUTH2_PROXY_CLIENT_ID": held.client_id,
        "OAUTH2_PROXY_CLIENT_SECRET": held.client_secret,
        "OAUTH2_PROXY_COOKIE_SECRET": held.cookie,
        "HTTPS_PROXY": f"http://{HOST}:{staging.port('outbound')}",
    }
