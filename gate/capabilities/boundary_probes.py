"""The odd requests themselves, by the phrase that a feature uses for them; nothing is sent or judged here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gate.capabilities.boundary import JSON, ME, PAGE, PROJECTS, USERS, WEBHOOK, Probe, unsigned_delivery
from gate.doors.raw import Ask, Lines

# What a set of probes may need to know: the owner's e-mail, the public address, the scenario's mark.
Makes = Callable[[str, str, str], Sequence[Probe]]
HOOKS = "/api/v1/webhooks"
STAFF = "staff/users"
# Of no run and no project: what is closed is closed before anybody looks.
NO_ID = "00000000-0000-4000-8000-000000000000"
UPGRADE: Lines = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "Z2F0ZS1wcm9iZS1ub25jZQ=="),
)
# The settings frame of a client that offers HTTP/2 (RFC 9113 3.2.1 as it was), base64url.
H2C: Lines = (
    ("Connection", "Upgrade, HTTP2-Settings"),
    ("Upgrade", "h2c"),
    ("HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA"),
)


def _get(*targets: str, lines: Lines = (JSON,)) -> list[Probe]:
    return [Probe(f"GET {target}", Ask("GET", target, lines)) for target in targets]


def _as_owner(targets: Sequence[str], owner: str) -> list[Probe]:
    """Odd targets, with the headers of somebody who hopes that the gateway behind believes them."""
    return _get(*targets, lines=(JSON, ("X-Auth-Request-Email", owner), ("X-Forwarded-Email", owner)))


def _with(name_values: Sequence[tuple[str, str]], owner: str, target: str = USERS) -> list[Probe]:
    """Odd headers beside the owner's name, which only an edge that was fooled would pass on."""
    claim: Lines = (JSON, ("X-Auth-Request-Email", owner), ("X-Forwarded-Email", owner))
    return [Probe(f"{name}: {value}", Ask("GET", target, (*claim, (name, value)))) for name, value in name_values]


def _climbs(segments: Sequence[str]) -> list[str]:
    return [f"{HOOKS}/{segment}{STAFF}" for segment in segments]


def _protected(owner: str, url: str, mark: str) -> Sequence[Probe]:
    pages = ["/", "/runs", "/users", f"/projects/{mark}"]
    # What a page would load; that they are there is not promised, that they are closed is.
    parts = ["/@vite/client", "/src/main.ts", "/src/main.js", "/assets/index.js"]
    parts += ["/@id/vue", "/node_modules/.vite/deps/vue.js"]
    # What an exception in the proxy would be made for: a list below one thing, whoever's it is.
    run, project = f"/api/v1/staff/runs/{NO_ID}", f"{PROJECTS}/{NO_ID}"
    below = [run, f"{run}/events", f"{run}/learning-feedback"]
    below += [project, f"{project}/members", f"{project}/repositories"]
    asked = _get(ME, USERS, PROJECTS, "/api/v1/staff/runs", *below, *pages, *parts)
    heads = [Probe(f"HEAD {path}", Ask("HEAD", path, (JSON,))) for path in ("/", "/runs", ME, USERS)]
    return [*asked, *heads, *_as_owner(below, owner), *_get(*pages, *parts, USERS, lines=(PAGE,))]


def _health(owner: str, url: str, mark: str) -> Sequence[Probe]:
    paths = ("/healthz", "/readyz", "/metrics", "/health/livez", "/health/readyz")
    return [*_get(*paths), *_get(*paths, lines=(PAGE,))]


def _near_misses(owner: str, url: str, mark: str) -> Sequence[Probe]:
    paths = (HOOKS, f"{HOOKS}X/y", "/API/V1/WEBHOOKS/github")
    return [*_get(*paths), *(Probe(f"POST {path}", Ask("POST", path, (JSON,), b"{}")) for path in paths)]


def _beside(owner: str, url: str, mark: str) -> Sequence[Probe]:
    others = [
        Probe(f"{verb} {WEBHOOK}", Ask(verb, WEBHOOK, (JSON,))) for verb in ("GET", "PUT", "DELETE", "OPTIONS")
    ]
    # Whoever takes whatever is posted below the prefix answers a GET as the contract has it.
    posted = [Probe(f"POST {path}", Ask("POST", path, (JSON,), b"{}")) for path in (f"{HOOKS}/", f"{HOOKS}/other")]
    return [*_get(f"{HOOKS}/", f"{HOOKS}/other", lines=(PAGE,)), *_get(f"{HOOKS}/other"), *posted, *others]


def _query(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner([f"{USERS}?x={WEBHOOK}", f"{USERS}?{HOOKS}/", f"/?next={WEBHOOK}"], owner)


def _dots(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner([*_climbs(["../"]), f"/{HOOKS}//../{STAFF}", f"{HOOKS}/./../{STAFF}"], owner)


def _encoded_dots(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner(_climbs(["%2e%2e/", ".%2e/", "%2E%2E/"]), owner)


def _encoded_slashes(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner(_climbs(["..%2f", "%2e%2e%2f", "..%5c"]), owner)


def _twice(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner(_climbs(["%252e%252e/", "..%252f"]), owner)


def _parameters(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner(_climbs(["..;/", "..;x=1/"]), owner)


def _backslashes(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner([f"{HOOKS}\\..\\staff\\users", f"{HOOKS}/..\\staff/users"], owner)


def _absolute(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner([f"{url}{USERS}", f"{url}{HOOKS}/../{STAFF}", f"http://localhost{USERS}"], owner)


def _fragments(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner([f"{HOOKS}/x%23/../../{STAFF}", f"{USERS}%23{HOOKS}/", f"{USERS}#{HOOKS}/"], owner)


def _question_marks(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner([f"{HOOKS}/x%3f/../../{STAFF}", f"{USERS}%3f{HOOKS}/"], owner)


def _controls(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _as_owner([f"{USERS}%00{HOOKS}/", f"{HOOKS}/x%00/../../{STAFF}", f"{USERS}%0d%0a{HOOKS}/"], owner)


def _told_path(owner: str, url: str, mark: str) -> Sequence[Probe]:
    names = ("X-Forwarded-Uri", "X-Original-URL", "X-Original-URI", "X-Rewrite-URL", "X-Forwarded-Prefix")
    return _with([*((name, WEBHOOK) for name in names), ("X-Forwarded-Uri", "/ping")], owner)


def _probe_agents(owner: str, url: str, mark: str) -> Sequence[Probe]:
    agents = ("kube-probe/1.30", "GoogleHC/1.0", "GoogleStackdriverMonitoring-UptimeChecks")
    named = [("User-Agent", agent) for agent in agents]
    return [*_with(named, owner), *_with(named[:1], owner, "/")]


def _preflight(owner: str, url: str, mark: str) -> Sequence[Probe]:
    plain: Lines = (JSON,)
    cors: Lines = (JSON, ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"))
    return [
        Probe(f"OPTIONS {path}", Ask("OPTIONS", path, lines)) for path in (USERS, ME) for lines in (plain, cors)
    ]


def _websocket(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return [Probe("websocket /", Ask("GET", "/", (JSON, *UPGRADE)))]


def _h2c(owner: str, url: str, mark: str) -> Sequence[Probe]:
    """The upgrade on the public path; the staff request after it goes over the same connection."""
    bare = unsigned_delivery(mark)
    return [
        Probe("Upgrade: h2c, POST to the webhook", Ask("POST", WEBHOOK, (*bare.lines, *H2C), bare.body)),
        *_get(USERS),
    ]


def _dev_files(owner: str, url: str, mark: str) -> Sequence[Probe]:
    passwd = "/@fs/etc/passwd"
    queries = ("", "?raw??", "?import&raw??", "?raw?import", "?.svg?.wasm?init", "?import&?inline=1.wasm?init")
    return _get(*(passwd + query for query in queries), "/@fs/x?.svg?.wasm?init", lines=(("Accept", "*/*"),))


def _dev_targets(owner: str, url: str, mark: str) -> Sequence[Probe]:
    return _get("/@fs/app/#/../../../etc/passwd", "/#/../../etc/passwd", lines=(("Accept", "*/*"),))


def _dev_socket(owner: str, url: str, mark: str) -> Sequence[Probe]:
    prefix = "/__vite_ws"
    paths = (prefix, f"{prefix}/", f"{prefix}/index.html", f"{prefix}/@vite/client", f"{prefix}/src/main.ts")
    socket = Probe(f"websocket {prefix}", Ask("GET", prefix, (("Accept", "*/*"), *UPGRADE)))
    return [
        *_get(*paths, lines=(PAGE,)),
        *_get(prefix, f"{prefix}/index.html", lines=(("Accept", "*/*"),)),
        socket,
    ]


PROBES: Mapping[str, Makes] = {
    "the pages and the staff API": _protected,
    "страницы и API сотрудников": _protected,
    "the health pages and the metrics": _health,
    "страницы здоровья и метрики": _health,
    "paths that only resemble the webhook path": _near_misses,
    "пути, лишь похожие на путь вебхука": _near_misses,
    "other routes and methods on the webhook path": _beside,
    "другие маршруты и методы на пути вебхука": _beside,
    "the webhook path in the query": _query,
    "путь вебхука в строке запроса": _query,
    "dot segments": _dots,
    "сегменты из точек": _dots,
    "encoded dots": _encoded_dots,
    "закодированные точки": _encoded_dots,
    "encoded slashes": _encoded_slashes,
    "закодированные косые черты": _encoded_slashes,
    "dots encoded twice": _twice,
    "точки, закодированные дважды": _twice,
    "path parameters": _parameters,
    "параметры пути": _parameters,
    "backslashes": _backslashes,
    "обратные косые черты": _backslashes,
    "an absolute address": _absolute,
    "полный адрес": _absolute,
    "an encoded fragment": _fragments,
    "закодированный фрагмент": _fragments,
    "an encoded question mark": _question_marks,
    "закодированный вопросительный знак": _question_marks,
    "control characters": _controls,
    "управляющие символы": _controls,
    "a header that names the public path": _told_path,
    "заголовок, называющий публичный путь": _told_path,
    "the name of a health checker": _probe_agents,
    "имя проверяющего здоровье": _probe_agents,
    "a preflight": _preflight,
    "предварительный запрос CORS": _preflight,
    "a websocket upgrade": _websocket,
    "переход на websocket": _websocket,
    "an upgrade to h2c": _h2c,
    "переход на h2c": _h2c,
    "files of the server": _dev_files,
    "файлы сервера": _dev_files,
    "invalid targets": _dev_targets,
    "недопустимые цели": _dev_targets,
    "the dev server's socket prefix": _dev_socket,
    "префикс сокета сервера разработки": _dev_socket,
}
