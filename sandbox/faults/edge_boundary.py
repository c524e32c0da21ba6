"""Faults of the edge that only a probe of the security boundary meets."""

from . import Fault

_IDENTITY = ("s1.boundary.identity",)
_PATH = ("s1.boundary.path", "s1.security.1")
_PROXY = ("s1.boundary.proxy",)
_SESSION = ("s1.boundary.session",)
_REDIRECT = ("s1.boundary.redirect",)
Texts = dict[str, tuple[str, str]]


def faults(contract: str, lines: tuple[str, ...], texts: Texts) -> tuple[Fault, ...]:
    """Faults that share a section of the contract and the lines that see them."""
    return tuple(Fault(name, en, ru, contract, lines) for name, (en, ru) in texts.items())


BOUNDARY: tuple[Fault, ...] = (
    *faults(
        "2",
        _IDENTITY,
        {
            "edge-auth-request-email-let-through": (
                "a signed-in person's own X-Auth-Request-Email reaches the gateway",
                "собственный X-Auth-Request-Email вошедшего доходит до шлюза",
            ),
            "edge-forwarded-email-let-through": (
                "a signed-in person's own X-Forwarded-Email replaces that of the session",
                "собственный X-Forwarded-Email вошедшего заменяет адрес из сессии",
            ),
            "edge-auth-request-let-through-in-changes": (
                "a signed-in person's own X-Auth-Request-Email goes on with PUT and DELETE",
                "собственный X-Auth-Request-Email вошедшего проходит дальше при PUT и DELETE",
            ),
            "edge-user-let-through-in-writes": (
                "a signed-in person's own X-Forwarded-User goes on with what they write",
                "при записи собственный X-Forwarded-User вошедшего проходит дальше",
            ),
            "edge-second-line-let-through": (
                "of two identity headers with one name only the first is removed",
                "из двух одноимённых заголовков личности убирается только первый",
            ),
            "edge-list-let-through": (
                "of an identity header with a comma the last value is passed on",
                "из заголовка личности с запятой дальше проходит последнее значение",
            ),
            "edge-lower-case-let-through": (
                "identity headers written in lower case are not removed",
                "заголовки личности в нижнем регистре не убираются",
            ),
            "edge-underscore-auth-request": (
                "X_Auth_Request_Email is taken for X-Auth-Request-Email",
                "X_Auth_Request_Email принимается за X-Auth-Request-Email",
            ),
            "edge-underscore-forwarded": (
                "X_Forwarded_Email is taken for X-Forwarded-Email",
                "X_Forwarded_Email принимается за X-Forwarded-Email",
            ),
            "edge-underscore-mixed": (
                "X-Forwarded_Email is taken for X-Forwarded-Email",
                "X-Forwarded_Email принимается за X-Forwarded-Email",
            ),
            "edge-connection-removes-identity": (
                "a client's Connection header removes the identity that the edge added, and its own counts",
                "Connection клиента убирает личность, добавленную периметром, и действует его собственная",
            ),
            "edge-auth-request-email-signs-in": (
                "whoever sends X-Auth-Request-Email needs no session",
                "приславшему X-Auth-Request-Email сессия не нужна",
            ),
            "edge-bearer-needs-no-session": (
                "whoever sends a bearer token needs no session",
                "приславшему токен в Authorization сессия не нужна",
            ),
            "edge-forwarded-email-signs-in": (
                "whoever sends X-Forwarded-Email needs no session",
                "приславшему X-Forwarded-Email сессия не нужна",
            ),
        },
    ),
    *faults(
        "2",
        (*_IDENTITY, *_PATH),
        {"edge-writes-open": ("POST, PUT and DELETE need no session", "для POST, PUT и DELETE сессия не нужна")},
    ),
    *faults(
        "1",
        _PATH,
        {
            "edge-regex-not-anchored": (
                "the skip-auth regex has lost its ^: the webhook path anywhere in the address opens it",
                "в регулярном выражении пропуска нет ^: путь вебхука в любом месте адреса открывает его",
            ),
            "edge-regex-without-slash": (
                "the skip-auth regex ends without a slash: /api/v1/webhooksX is open",
                "регулярное выражение пропуска без косой черты: /api/v1/webhooksX открыт",
            ),
            "edge-regex-any-case": (
                "the skip-auth regex ignores case: /API/V1/WEBHOOKS/github is open",
                "регулярное выражение пропуска не различает регистр: /API/V1/WEBHOOKS/github открыт",
            ),
            "edge-dot-segments-after-check": (
                "/../ is resolved after the check of the path",
                "/../ раскрывается после проверки пути",
            ),
            "edge-encoded-dots-after-check": (
                "/%2e%2e/ is resolved after the check of the path",
                "/%2e%2e/ раскрывается после проверки пути",
            ),
            "edge-encoded-slash-after-check": (
                "..%2f is resolved after the check of the path",
                "..%2f раскрывается после проверки пути",
            ),
            "edge-decoded-twice": (
                "the path is decoded twice: %252e%252e climbs",
                "путь декодируется дважды: %252e%252e поднимается выше",
            ),
            "edge-path-parameters-dropped": (
                "path parameters are dropped after the check: /..;/ climbs",
                "параметры пути отбрасываются после проверки: /..;/ поднимается выше",
            ),
            "edge-backslash-is-slash": (
                "a backslash is read as a slash after the check",
                "обратная косая черта читается как прямая после проверки",
            ),
            "edge-double-slash-merged": (
                "double slashes are merged before the check, dots resolved after it",
                "двойные косые сливаются до проверки, а точки раскрываются после неё",
            ),
            "edge-absolute-target-passes": (
                "a request line with the whole address needs no session",
                "строке запроса с полным адресом сессия не нужна",
            ),
            "edge-fragment-after-check": (
                "%23 is read as the start of a fragment after the check",
                "%23 читается как начало фрагмента после проверки",
            ),
            "edge-question-mark-after-check": (
                "%3f is read as the start of the query after the check",
                "%3f читается как начало параметров после проверки",
            ),
            "edge-control-characters-cut": (
                "%00 or %0d%0a ends the path after the check",
                "%00 или %0d%0a обрывает путь после проверки",
            ),
            "edge-webhook-one-path-only": (
                "only /api/v1/webhooks/github passes, other webhook paths ask to sign in",
                "проходит только /api/v1/webhooks/github, остальные пути вебхуков требуют входа",
            ),
            "edge-webhook-post-only": (
                "the webhook path passes for POST only, other methods ask to sign in",
                "путь вебхука проходит только для POST, остальные методы требуют входа",
            ),
        },
    ),
    *faults("1", ("s1.security.1",), {"edge-head-open": ("HEAD needs no session", "для HEAD вход не нужен")}),
    *faults(
        "1",
        ("s1.p0.1.1",),
        {
            "edge-webhook-needs-no-bad-cookie": (
                "a webhook that carries a cookie of no session asks to sign in",
                "вебхук с недействительной cookie входа требует войти",
            ),
        },
    ),
    *faults(
        "1",
        _PROXY,
        {
            "edge-ping-closed": ("/ping wants a session", "/ping требует сессии"),
            "edge-forwarded-uri-trusted": (
                "the path to check is taken from the client's X-Forwarded-Uri",
                "проверяемый путь берётся из X-Forwarded-Uri клиента",
            ),
            "edge-original-url-trusted": (
                "the path to check is taken from X-Original-URL, X-Original-URI or X-Rewrite-URL",
                "проверяемый путь берётся из X-Original-URL, X-Original-URI или X-Rewrite-URL",
            ),
            "edge-kube-probe-answered": (
                "User-Agent kube-probe gets 200 on every path",
                "User-Agent kube-probe получает 200 на любом пути",
            ),
            "edge-google-probe-answered": (
                "User-Agent GoogleHC and GoogleStackdriverMonitoring get 200 on every path",
                "User-Agent GoogleHC и GoogleStackdriverMonitoring получают 200 на любом пути",
            ),
            "edge-preflight-open": ("OPTIONS needs no session", "для OPTIONS сессия не нужна"),
            "edge-method-override": (
                "X-HTTP-Method-Override changes the method",
                "X-HTTP-Method-Override меняет метод",
            ),
            "edge-websocket-open": ("a websocket needs no session", "для веб-сокета сессия не нужна"),
        },
    ),
    *faults(
        "1",
        _SESSION,
        {
            "edge-cookie-not-secure": ("the session cookie lacks Secure", "у cookie сессии нет Secure"),
            "edge-cookie-not-httponly": ("the session cookie lacks HttpOnly", "у cookie сессии нет HttpOnly"),
            "edge-cookie-without-samesite": ("the session cookie lacks SameSite", "у cookie сессии нет SameSite"),
            "edge-cookie-samesite-strict": (
                "the session cookie has SameSite=Strict",
                "у cookie сессии SameSite=Strict",
            ),
            "edge-cookie-samesite-none": ("the session cookie has SameSite=None", "у cookie сессии SameSite=None"),
            "edge-cookie-for-the-whole-domain": (
                "the session cookie goes to every host of the domain",
                "cookie сессии уходит на все узлы домена",
            ),
            "edge-cookie-signature-unchecked": (
                "the session cookie's signature is not checked",
                "подпись cookie сессии не проверяется",
            ),
            "edge-cookie-time-unsigned": (
                "the time in the session cookie is neither signed nor checked",
                "время в cookie сессии не подписано и не проверяется",
            ),
            "edge-cookie-under-any-name": (
                "the session is accepted in a cookie with any name",
                "сессия принимается в cookie с любым именем",
            ),
            "edge-csrf-state-unchecked": (
                "the callback takes another sign-in's state",
                "обратный вызов принимает state чужого входа",
            ),
            "edge-csrf-cookie-not-needed": (
                "the callback works in a browser that did not start the sign-in",
                "обратный вызов работает в браузере, который входа не начинал",
            ),
            "edge-sign-in-keeps-session": (
                "who signs in over a live session stays the old person",
                "вошедший поверх живой сессии остаётся прежним человеком",
            ),
        },
    ),
    *faults(
        "2",
        _REDIRECT,
        {
            "edge-start-obeys-at-once": (
                "the sign-in sends on at once to where no sign-in may lead",
                "вход сразу отправляет туда, куда вести не должен",
            ),
            "edge-odd-place-refused-late": (
                "a sign-in that was asked to lead elsewhere is refused at its end",
                "вход, который просили увести на сторону, отклоняется в самом конце",
            ),
            "edge-redirect-absolute": ("rd may be any address", "rd может быть любым адресом"),
            "edge-redirect-double-slash": (
                "rd may begin with // and another host",
                "rd может начинаться с // и чужого узла",
            ),
            "edge-redirect-backslash": (
                "rd may hold backslashes, which browsers read as slashes",
                "rd может содержать обратные косые, которые браузер читает как прямые",
            ),
            "edge-redirect-whitespace": (
                "rd may hold white space between two slashes",
                "rd может содержать пробельные символы между косыми",
            ),
            "edge-redirect-domain-prefix": (
                "rd may be any address that begins with the domain's",
                "rd может быть любым адресом, начинающимся с адреса домена",
            ),
            "edge-redirect-neighbours": (
                "rd may be any host below the domain's parent",
                "rd может быть любым узлом родительского домена",
            ),
            "edge-redirect-header-unchecked": (
                "X-Auth-Request-Redirect is followed unchecked",
                "X-Auth-Request-Redirect исполняется без проверки",
            ),
            "edge-redirect-lost": (
                "after signing in everybody lands on the first page, whatever they asked for",
                "после входа все попадают на первую страницу, что бы ни запросили",
            ),
            "edge-sign-out-redirect-unchecked": (
                "rd of /oauth2/sign_out is followed unchecked",
                "rd у /oauth2/sign_out исполняется без проверки",
            ),
        },
    ),
)
