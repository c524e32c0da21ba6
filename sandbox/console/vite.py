"""What a dev server answers: the app for every page, its modules, nothing from outside its folder (probe E25)."""

from __future__ import annotations

import json
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..faults.console import FAULTS
from ..staging import Staging

ROOT = Path(__file__).with_name("static")
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
FILES = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in ROOT.rglob("*") if path.suffix in TYPES}
# All modules are fetched at once, instead of one import after the other.
PRELOADS = "".join(
    f'<link rel="modulepreload" href="/{name}" />' for name in sorted(FILES) if name.endswith(".js")
)
PAGE = FILES["index.html"].replace(b"</head>", f"{PRELOADS}</head>".encode())
# What a leak would show; nobody's real file.
PASSWD = "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n"
# Queries that got past the server's list of allowed folders: CVE-2025-30208, CVE-2025-31125, CVE-2025-31486.
LEAKS = {
    "console-leaks-raw": re.compile(r"^(raw|url)\?\?$|^import&raw\?\?$"),
    "console-leaks-raw-import": re.compile(r"^raw\?import$|^inline&import$|import=1"),
    "console-leaks-svg-wasm": re.compile(r"\.svg\?\.wasm\?init$"),
}
REFUSED = "<body><h1>403 Restricted</h1><p>The request url is outside of Vite serving allow list.</p></body>"
FORBIDDEN = re.compile(r"^/(@fs(/|$)|\.|etc/|proc/|root/|home/)|/\.\.?(/|$)|/node_modules/", re.IGNORECASE)


class DevServer:
    """One dev server; what is broken in the browser comes to it as `/src/build.js`."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._known = {fault.name for fault in FAULTS}
        self._owner = next((person.email for person in staging.people.values()), "")

    async def serve(self, request: Request) -> Response:
        """One file, one page, or a refusal."""
        raw = request.scope["raw_path"].decode("latin-1")
        query = request.scope["query_string"].decode("latin-1")
        path = request.url.path
        if self._staging.faults.on("console-down"):
            return JSONResponse({"code": "bad_gateway", "message": "console is unavailable"}, 502)
        if "#" in raw or "\\" in raw or "\x00" in path:
            return Response(status_code=400)
        if FORBIDDEN.search(path) or FORBIDDEN.search(raw):
            return self._outside(query)
        return self._inside(request, path)

    async def hot_reload(self, socket: WebSocket) -> None:
        """The dev server's websocket: it greets, and has no news."""
        await socket.accept(subprotocol="vite-hmr" if "vite-hmr" in socket.scope["subprotocols"] else None)
        await socket.send_json({"type": "connected"})
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            return

    def _outside(self, query: str) -> Response:
        for fault, pattern in LEAKS.items():
            if self._staging.faults.on(fault) and pattern.search(query):
                return Response(f"export default {json.dumps(PASSWD)}\n", media_type=TYPES[".js"])
        return Response(REFUSED, 403, media_type=TYPES[".html"])

    def _inside(self, request: Request, path: str) -> Response:
        name = path.lstrip("/")
        if name == "src/build.js":
            return _answer(self._build().encode(), TYPES[".js"])
        if name in FILES:
            return _answer(FILES[name], TYPES[Path(name).suffix])
        if Path(name).suffix or name.startswith(("@", "src/")):
            return Response(status_code=404)
        if self._staging.faults.on("console-only-by-link") and name and _navigates(request):
            return Response(status_code=404)
        return _answer(PAGE, TYPES[".html"])

    def _build(self) -> str:
        """The module that tells the app which of its faults and variants are on."""
        faults = sorted(self._known & self._staging.faults.active)
        variants = sorted(self._staging.variants.active)
        return (
            f"const faults = new Set({json.dumps(faults)});\nconst variants = new Set({json.dumps(variants)});\n"
            f"export const contact = {json.dumps(self._owner)};\n"
            "export const broken = (name) => faults.has(name);\n"
            "export const differs = (name) => variants.has(name);\n"
        )


def _navigates(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _answer(body: bytes, kind: str) -> Response:
    return Response(body, media_type=kind, headers={"Cache-Control": "no-cache"})
