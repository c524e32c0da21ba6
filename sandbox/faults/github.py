"""Faults in what GitHub knows of the platform, or tells it."""

from . import Fault

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

FAULTS: tuple[Fault, ...] = (
    Fault(
        "github-application-gone",
        "GitHub does not know the application that oauth2-proxy asks for",
        "GitHub не знает приложения, от имени которого спрашивает oauth2-proxy",
        "5",
        _ON_SIGN_IN,
    ),
    Fault(
        "github-client-secret-wrong",
        "the application's client secret was changed at GitHub, but not in the cluster",
        "секрет приложения сменили на GitHub, но не в кластере",
        "5",
        _ON_SIGN_IN,
    ),
    Fault(
        "github-callback-not-registered",
        "the application's callback at GitHub is another address",
        "у приложения на GitHub записан другой адрес обратного вызова",
        "5",
        _ON_SIGN_IN,
    ),
    Fault(
        "github-email-not-verified",
        "the person's e-mail is taken as not verified",
        "email человека считается неподтверждённым",
        "5",
        _ON_SIGN_IN,
    ),
    Fault(
        "github-other-email-first",
        "another address of the person is taken for the primary one",
        "основным считается другой адрес человека",
        "5",
        (*_ON_SIGN_IN, "s1.p1.3.1"),
    ),
    Fault(
        "github-login-is-a-number",
        "the account's number is taken for its login",
        "вместо логина берётся номер учётной записи",
        "5",
        ("s1.p0.3.1",),
    ),
    Fault(
        "github-hook-not-kept",
        "GitHub acknowledges a new webhook and does not keep it",
        "GitHub подтверждает новый вебхук и не сохраняет его",
        "5",
        ("s1.p1.2.1", "s1.p1.2.2", "s1.evidence.2", "s1.boundary.receiver"),
    ),
)
