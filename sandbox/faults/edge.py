"""Faults of the edge: ingress-nginx and oauth2-proxy."""

from . import Fault
from .edge_boundary import BOUNDARY, faults

_ON_WEBHOOKS: tuple[str, ...] = ("s1.p0.1.1", "s1.p0.1.2", "s1.p0.1.3", "s1.p0.2.1", "s1.p0.2.2", "s1.security.1")
_ON_WEBHOOKS += ("s1.p1.2.2", "s1.p1.3.1", "s1.p1.3.2", "s1.p1.3.3", "s1.evidence.2", "s1.boundary.receiver")
# The smoke script sends a delivery, too, and so does the probe whether the public path is still there.
_ON_WEBHOOKS += ("s1.evidence.1", "s1.boundary.redirect")
_ON_SIGN_IN: tuple[str, ...] = (
    "s1.p0.3.1",
    "s1.p0.3.2",
    "s1.p0.4.1",
    "s1.p0.4.2",
    "s1.p0.4.3",
    "s1.p1.1.1",
    "s1.p1.2.1",
)
_ON_SIGN_IN += ("s1.p1.2.2", "s1.p1.3.3", "s1.evidence.2", "s1.boundary.identity", "s1.boundary.session")
_IDENTITY = ("s1.boundary.identity",)
_PAGES = ("s1.p0.4.1", "s1.p0.4.2", "s1.p0.4.3", "s1.p1.1.1", "s1.p1.3.3", "s1.evidence.2")
_PROXY = ("s1.boundary.proxy",)
_SESSION = ("s1.boundary.session",)
_CONSOLE = ("s1.boundary.console",)
_EXPOSURE = ("s1.boundary.exposure",)
FAULTS: tuple[Fault, ...] = (
    *BOUNDARY,
    *faults(
        "2",
        ("s1.p0.3.1", "s1.p0.3.2", *_PAGES, *_IDENTITY),
        {
            "edge-sessions-mixed-up": (
                "everybody with a session is taken for whoever signed in last",
                "любого с сессией принимают за того, кто вошёл последним",
            ),
            "edge-answers-kept": (
                "the ingress keeps answers of the API and gives them to everybody",
                "ингресс запоминает ответы API и отдаёт их всем подряд",
            ),
        },
    ),
    *faults(
        "2",
        (*_IDENTITY, "s1.contract.data"),
        {
            "edge-forwarded-email-of-a-gone-owner": (
                "a signed-in person's X-Forwarded-Email is believed, and the owner whom the Secret names has gone",
                "X-Forwarded-Email вошедшего принимается на веру, а названного в Secret владельца уже нет",
            )
        },
    ),
    *faults(
        "2",
        ("s1.p0.3.1",),
        {
            "edge-user-header-missing": (
                "the gateway is not told the GitHub login",
                "шлюзу не передаётся логин GitHub",
            ),
            "edge-user-is-the-email": (
                "the gateway is told the e-mail instead of the GitHub login",
                "вместо логина GitHub шлюзу передаётся email",
            ),
            "edge-signed-in-elsewhere": (
                "whoever signed in is sent to /runs, wherever they wanted to go",
                "после входа всех отправляют на /runs, куда бы они ни шли",
            ),
        },
    ),
    *faults(
        "2",
        _ON_WEBHOOKS,
        {
            "edge-webhook-needs-session": (
                "the webhook path asks to sign in (403)",
                "путь вебхука требует входа (403)",
            ),
            "edge-webhook-redirected": (
                "the webhook path is sent to GitHub's sign-in (302)",
                "путь вебхука отправляется на вход GitHub (302)",
            ),
            "edge-signature-dropped": (
                "X-Hub-Signature-256 does not reach the gateway",
                "X-Hub-Signature-256 не доходит до шлюза",
            ),
            "edge-body-rewritten": (
                "the edge writes JSON bodies anew, so that no signature fits",
                "периметр переписывает тела JSON, и подпись не сходится",
            ),
            "edge-post-sent-twice": ("each POST reaches the gateway twice", "каждый POST доходит до шлюза дважды"),
        },
    ),
    *faults(
        "2",
        ("s1.boundary.receiver",),
        {"edge-body-truncated": ("bodies are cut off at 16 KiB", "тела обрезаются на 16 КиБ")},
    ),
    *faults(
        "2",
        ("s1.p0.1.1", "s1.p0.1.2", "s1.p0.1.3", "s1.boundary.receiver", "s1.p1.1.1", "s1.p1.2.1"),
        {
            "edge-401-replaced": (
                "the ingress puts its own page in place of the platform's 401",
                "ингресс подменяет ответ платформы 401 своей страницей",
            ),
            "edge-400-replaced": (
                "the ingress puts its own page in place of the platform's 400",
                "ингресс подменяет ответ платформы 400 своей страницей",
            ),
        },
    ),
    *faults(
        "2",
        ("s1.p0.3.2", "s1.p0.4.3", "s1.p1.1.1", "s1.p1.3.3", *_IDENTITY),
        {
            "edge-403-replaced": (
                "the ingress puts its own page in place of the platform's 403",
                "ингресс подменяет ответ платформы 403 своей страницей",
            )
        },
    ),
    *faults(
        "2",
        ("s1.p0.3.1", *_SESSION),
        {
            "edge-logout-cookies-lost": (
                "the cookies are not cleared at logout",
                "при выходе cookie не очищаются",
            ),
            "edge-sign-out-keeps-cookie": (
                "/oauth2/sign_out leaves the session cookie",
                "/oauth2/sign_out оставляет cookie сессии",
            ),
            "edge-api-redirected": (
                "an API client without a session gets 302 instead of 401",
                "клиент API без сессии получает 302 вместо 401",
            ),
            "edge-api-answers-200": (
                "an API client without a session gets 200 instead of 401",
                "клиент API без сессии получает 200 вместо 401",
            ),
        },
    ),
    *faults(
        "2",
        _ON_SIGN_IN,
        {
            "edge-sign-in-broken": ("the callback answers 500", "обратный вызов отвечает 500"),
            "edge-sign-in-loops": (
                "the callback sets no session cookie",
                "обратный вызов не ставит cookie сессии",
            ),
        },
    ),
    *faults(
        "1",
        ("s1.p0.3.2", "s1.boundary.identity"),
        {
            "edge-one-email-domain": (
                "only e-mails of the owner's domain may sign in",
                "войти можно только с почтой из домена владельца",
            ),
        },
    ),
    *faults(
        "6",
        _CONSOLE,
        {
            "edge-fs-open": (
                "/@fs/ gives files of the machine without a session",
                "/@fs/ отдаёт файлы машины без сессии",
            ),
            "edge-vite-prefix-open": (
                "/__vite_ws… leads to the console without a session",
                "/__vite_ws… ведёт в консоль без сессии",
            ),
        },
    ),
    *faults(
        "2",
        ("s1.security.1",),
        {
            "edge-modules-open": (
                "what the console's pages load needs no session",
                "для модулей консоли сессия не нужна",
            ),
            "edge-run-events-open": (
                "the events of a run need no session: the proxy skips a second pattern",
                "для событий запуска сессия не нужна: у прокси второй пропускаемый шаблон",
            ),
            "edge-dependencies-open": (
                "a rule of the ingress leads the console's dependencies past the proxy",
                "правило ingress ведёт зависимости консоли мимо прокси",
            ),
            "edge-rule-past-the-sign-in": (
                "a rule of the ingress leads a path straight to the gateway",
                "правило ingress ведёт один путь прямо к шлюзу",
            ),
            "edge-second-host": (
                "a rule of the ingress leads another host straight to the gateway",
                "правило ingress ведёт другой узел прямо к шлюзу",
            ),
            "edge-named-probe-answered": (
                "the proxy is told a user agent, and answers it 200 on every path",
                "прокси назван User-Agent, и ему он отвечает 200 на любом пути",
            ),
            "edge-second-public-path": (
                "the proxy is told to let a second path pass without a session",
                "прокси велено пропускать без входа второй путь",
            ),
        },
    ),
    *faults(
        "2",
        ("s1.p0.3.1", *_CONSOLE, *_SESSION, *_IDENTITY, *_PROXY),
        {"edge-console-open": ("the console's pages need no session", "для страниц консоли сессия не нужна")},
    ),
    *faults(
        "2",
        _EXPOSURE,
        {
            "edge-health-open": (
                "the health addresses answer through the edge without a session",
                "адреса здоровья отвечают через периметр без сессии",
            ),
            "edge-metrics-open": (
                "/metrics answers through the edge without a session",
                "/metrics отвечает через периметр без сессии",
            ),
            "edge-subdomains-served": (
                "a request for a subdomain of the domain is served",
                "запрос к поддомену этого домена обслуживается",
            ),
            "edge-any-host": ("a request for any host is served", "запрос к любому узлу обслуживается"),
            "edge-error-shows-stack": ("the sign-in page shows a stack", "страница входа показывает стек"),
            "edge-error-echoes-headers": (
                "the sign-in page shows the request's headers",
                "страница входа показывает заголовки запроса",
            ),
            "edge-error-leaks-secret": (
                "a failed sign-in shows the client secret",
                "неудачный вход показывает секрет клиента",
            ),
        },
    ),
    *faults(
        "1",
        ("s1.pre.2", *_EXPOSURE, "s1.boundary.receiver", "s1.evidence.1"),
        {
            "edge-plain-http-served": ("plain http is served like https", "простой http обслуживается как https"),
            "edge-plain-http-404": ("plain http is not redirected", "простой http не перенаправляется"),
            "edge-plain-http-redirects-to-itself": (
                "plain http is redirected to plain http",
                "простой http перенаправляется на простой http",
            ),
        },
    ),
)
