"""Which paths need a session: `^/api/v1/webhooks/.*` over the raw request target, as oauth2-proxy 7.6 reads it.

7.6 forwards the target as it came; one whose path has dot segments or empty ones, as written or after decoding
once, is redirected to the tidy path instead. What is still odd after that reaches the gateway, which must not read
it differently (probes E8, E9). Each fault here is one reading of a path that happens after the check.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from ..naming import SECOND_HOST
from .messages import Incoming

On = Callable[[str], bool]

PUBLIC = "/api/v1/webhooks/"
_SAFE = "/%:@!$&'()*+,;=~"


@dataclass(frozen=True)
class Passage:
    """Whether a request goes on without a session, and as which target."""

    public: bool
    target: str
    # A request that slipped past the check also slipped past the rule that removes identity headers.
    slipped: bool = False


def clean(path: str) -> str:
    """A path without empty and dot segments; a final slash stays."""
    tidy = posixpath.normpath("/" + path.lstrip("/"))
    return tidy + "/" if path.endswith("/") and tidy != "/" else tidy


def climbs_out(path: str) -> bool:
    """Whether the dot segments lead above the root, which nginx refuses."""
    depth = 0
    for segment in path.split("/"):
        depth += {"": 0, ".": 0, "..": -1}.get(segment, 1)
        if depth < 0:
            return True
    return False


def tidied(request: Incoming, path: str) -> str:
    """Where the tidy form of `path` is, when it is not tidy; the query stays."""
    tidy, question, query = clean(path), *request.target.partition("?")[1:]
    return "" if tidy == path else quote(tidy, safe=_SAFE) + question + query


def passage(request: Incoming, on: On) -> Passage:
    """The decision for one request."""
    for fault, slip in SLIPS.items():
        if on(fault) and (target := slip(request)):
            return Passage(True, target, slipped=True)
    if request.method == "HEAD" and on("edge-head-open"):
        return Passage(True, request.target, slipped=True)
    public = request.target.startswith(PUBLIC)
    return Passage(public and not _narrowed(request, on), request.target)


def _narrowed(request: Incoming, on: On) -> bool:
    """Faults that take the webhook path back behind the sign-in."""
    github = request.path == PUBLIC + "github"
    return (
        on("edge-webhook-needs-session")
        or (on("edge-webhook-needs-no-bad-cookie") and bool(request.values("cookie")))
        or on("edge-webhook-redirected")
        or (on("edge-webhook-one-path-only") and not github)
        or (on("edge-webhook-post-only") and request.method != "POST")
    )


def _reads_as(change: Callable[[str], str], needs: str) -> Callable[[Incoming], str]:
    """A slip: a target under the public prefix that has `needs` is read once more before it is forwarded."""

    def slip(request: Incoming) -> str:
        path, question, query = request.target.partition("?")
        changed = change(path)
        if not re.sub("/+", "/", changed).startswith(PUBLIC) or not re.search(needs, path, re.IGNORECASE):
            return ""
        read = clean(changed)
        return "" if read.startswith(PUBLIC) else read + question + query

    return slip


def _decode(pattern: str) -> Callable[[str], str]:
    return lambda path: re.sub(pattern, lambda found: unquote(found[0]), path, flags=re.IGNORECASE)


def _cut_at(mark: str) -> Callable[[Incoming], str]:
    """A slip: the check sees the whole target, what is behind the decoded `mark` is lost on the way."""

    def slip(request: Incoming) -> str:
        before, found, after = re.sub(mark, "\0", request.path, count=1, flags=re.IGNORECASE).partition("\0")
        if found and PUBLIC in after + "/":
            return before
        if found and before.startswith(PUBLIC) and ".." in after:
            return clean(before + after)
        return ""

    return slip


def _matches(pattern: str, *, flags: int = 0) -> Callable[[Incoming], str]:
    """A slip: another regular expression than the one of the contract, over path and query."""
    expression = re.compile(pattern, flags)

    def slip(request: Incoming) -> str:
        wider = expression.search(request.target) and not request.target.startswith(PUBLIC)
        return request.target if wider else ""

    return slip


def _told_by(*headers: str) -> Callable[[Incoming], str]:
    """A slip: the path that is checked comes from a header of the client."""

    def slip(request: Incoming) -> str:
        return request.target if any(request.header(name).startswith(PUBLIC) for name in headers) else ""

    return slip


def _starts(*prefixes: str) -> Callable[[Incoming], str]:
    return lambda request: request.target if request.path.startswith(prefixes) else ""


def _has(name: str) -> Callable[[Incoming], str]:
    return lambda request: request.target if request.header(name) else ""


_NOT_PAGES = ("/api/", "/healthz", "/readyz", "/health/", "/metrics", "/__vite_ws", "/@fs")

SLIPS: dict[str, Callable[[Incoming], str]] = {
    "edge-regex-not-anchored": _matches(r"/api/v1/webhooks/.*"),
    "edge-regex-without-slash": _matches(r"^/api/v1/webhooks.*"),
    "edge-regex-any-case": _matches(r"^/api/v1/webhooks/.*", flags=re.IGNORECASE),
    "edge-dot-segments-after-check": _reads_as(str, r"/\.\./"),
    "edge-encoded-dots-after-check": _reads_as(_decode("%2e"), r"/(%2e%2e|\.%2e|%2e\.)/"),
    "edge-encoded-slash-after-check": _reads_as(_decode("%2[ef]"), "%2f"),
    "edge-decoded-twice": _reads_as(lambda path: unquote(unquote(path)), "%25"),
    "edge-path-parameters-dropped": _reads_as(lambda path: re.sub(";[^/]*", "", path), ";"),
    "edge-backslash-is-slash": _reads_as(lambda path: path.replace("\\", "/"), r"\\"),
    "edge-double-slash-merged": _reads_as(str, "//"),
    "edge-absolute-target-passes": lambda request: clean(request.path) if request.absolute else "",
    "edge-fragment-after-check": _cut_at("%23|#"),
    "edge-question-mark-after-check": _cut_at(r"%3f"),
    "edge-control-characters-cut": _cut_at("%00|%0d%0a"),
    "edge-forwarded-uri-trusted": _told_by("x-forwarded-uri"),
    "edge-original-url-trusted": _told_by("x-original-url", "x-original-uri", "x-rewrite-url"),
    "edge-auth-request-email-signs-in": _has("x-auth-request-email"),
    "edge-forwarded-email-signs-in": _has("x-forwarded-email"),
    "edge-preflight-open": lambda request: request.target if request.method == "OPTIONS" else "",
    "edge-health-open": _starts("/healthz", "/readyz", "/health/"),
    "edge-metrics-open": _starts("/metrics"),
    # The dev server answers an unknown page with its only one.
    "edge-vite-prefix-open": lambda request: "/" if request.path.startswith("/__vite_ws") else "",
    "edge-run-events-open": _matches(r"^/api/v1/staff/runs/[^/]+/events"),
    "edge-dependencies-open": _starts("/node_modules/"),
    "edge-rule-past-the-sign-in": _starts("/exports"),
    "edge-second-host": lambda request: request.target if request.host == SECOND_HOST else "",
    "edge-second-public-path": _starts("/public/"),
    "edge-modules-open": lambda request: request.target if request.path.startswith(("/src/", "/@vite/")) else "",
    "edge-console-open": lambda request: "" if request.path.startswith(_NOT_PAGES) else request.target,
}
