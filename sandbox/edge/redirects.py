"""Where a person may be sent after signing in or out: only to a path of this very host (probe E19)."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from .messages import Incoming

On = Callable[[str], bool]

# Slash or backslash, then nothing, white space or dots, then another: browsers read these as another host.
_TRICK = re.compile(r"[/\\](?:[\s\v]*|\.{1,2})[/\\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_valid(target: str, domain: str, on: On) -> bool:
    """Whether `target` stays on this host."""
    if any(on(fault) and opens(target, domain) for fault, opens in _OPEN.items()):
        return True
    own_path = target.startswith("/") and not target.startswith("//")
    return own_path and not _TRICK.search(target) and not _CONTROL.search(target) and "\\" not in target


_OPEN: dict[str, Callable[[str, str], bool]] = {
    "edge-redirect-absolute": lambda target, _: target.startswith(("http://", "https://")),
    "edge-redirect-double-slash": lambda target, _: target.startswith("//"),
    "edge-redirect-backslash": lambda target, _: target.startswith("/") and "\\" in target,
    "edge-redirect-whitespace": lambda target, _: re.match(r"/[ \t]+/", target) is not None,
    "edge-redirect-neighbours": lambda target, domain: (urlsplit(target).hostname or "").endswith(
        domain.partition(".")[2]
    ),
    "edge-redirect-domain-prefix": lambda target, domain: target.startswith(f"https://{domain}"),
}


def wanted(request: Incoming, domain: str, on: On) -> str:
    """The first legal of: `rd`, the header, the address asked for; else the root."""
    if on("edge-redirect-lost"):
        return "/"
    rd, header = request.query.get("rd", [""])[0], request.header("x-auth-request-redirect")
    if on("edge-redirect-header-unchecked") and header:
        return header
    asked = "" if request.path.startswith("/oauth2/") else request.target
    return next((target for target in (rd, header, asked) if target and is_valid(target, domain, on)), "/")
