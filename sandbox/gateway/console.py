"""Pages: a GET that is not for the API goes to the web console as it came (contract 1)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ..calls import CallError
from .answers import Problem, answer, empty
from .core import Gateway

HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"content-length")
)


async def proxy(gateway: Gateway, request: Request) -> Response:
    """The console's answer, or 502 when it is down; other methods have nothing there."""
    path = request.scope["path"]
    inside_api = path == "/api" or path.startswith("/api/")
    if inside_api and not (gateway.broken("unknown-api-path-shows-console") and request.method == "GET"):
        if gateway.broken("unknown-api-path-explained"):
            return answer({"code": "not_found", "message": f"no route {path}"}, 404)
        return empty(404)
    if request.method not in ("GET", "HEAD"):
        return empty(404)
    target = request.scope.get("raw_path") or path.encode()
    if query := request.scope.get("query_string"):
        target += b"?" + query
    headers = [(name, value) for name, value in request.headers.raw if name.lower() not in HOP_BY_HOP]
    try:
        said = await gateway.console.send(request.method, target, headers)
    except CallError as error:
        gateway.staging.log("gateway", f"web console: {error}")
        return answer(Problem("bad_gateway", "web console is not available").body, 502)
    response = Response(said.body, said.status)
    kept = [(name.lower(), value) for name, value in said.headers if name.lower() not in HOP_BY_HOP]
    length = next((value for name, value in said.headers if name.lower() == b"content-length"), None)
    size = length if request.method == "HEAD" and length else str(len(said.body)).encode()
    response.raw_headers = [*kept, (b"content-length", size)]
    return response
