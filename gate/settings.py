"""Every setting: its name, meaning, default, source and check. One object, made once, that cannot print a secret.

Sources, the later wins: the file `.env` < the environment < `behave -D NAME=value`.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from gate.errors import SettingError
from gate.language import say
from gate.redaction import HIDDEN, hide, in_force

PREFIX = "GATE_"
COMMENT = re.compile(r"(?:^|\s)\s*#")
PEOPLE = ("admin", "member", "stranger")
HOST = re.compile(r"[\w.-]+(:\d{1,5})?")
# What README's examples write where a value belongs.
PLACEHOLDER = "…"
# Each has a browser of its own. Left to itself, the gate takes no more than what long series of runs have proven.
MOST_WORKERS, MOST_BY_ITSELF = 32, 4


@dataclass(frozen=True)
class Setting:
    """One setting as `.env.example` lists it. `found` says where a person finds the value."""

    name: str
    meaning: str
    default: str = ""
    found: str = ""
    secret: bool = False
    alias: str = ""
    check: Callable[[str], Any] = str


def _number(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise ValueError(say("must be above zero", "должно быть больше нуля"))
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError(say("must not be below zero", "не может быть меньше нуля"))
    return value


def _shard(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    number, _, of = (word.strip() for word in text.partition("/"))
    if not (number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise ValueError(say("write which of how many, such as 2/5", "укажите, какая часть из скольких: 2/5"))
    return int(number), int(of)


def _workers(text: str) -> int:
    """A number, or as many as this machine carries: what a worker does is mostly to wait."""
    carried = min(2 * len(os.sched_getaffinity(0)), MOST_BY_ITSELF)
    count = carried if text.lower() == "auto" else int(text)
    if not 1 <= count <= MOST_WORKERS:
        raise ValueError(say(f"auto, or 1 to {MOST_WORKERS}", f"auto или число от 1 до {MOST_WORKERS}"))
    return count


def _yes(text: str) -> bool:
    answers = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in answers:
        raise ValueError(say("say yes or no", "ответьте yes или no"))
    return answers[text.lower()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _ports(text: str) -> tuple[int, ...]:
    ports = tuple(int(word) for word in _words(text))
    if any(not 0 < port < 65536 for port in ports):
        raise ValueError(say("a port is 1 to 65535", "порт — число от 1 до 65535"))
    return ports


def _one_of(*allowed: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text and text not in allowed:
            raise ValueError(say("one of ", "одно из: ") + ", ".join(allowed))
        return text

    return check


def _url(text: str) -> str:
    if text and not text.startswith(("https://", "http://")):
        raise ValueError(say("must start with https:// or http://", "должно начинаться с https:// или http://"))
    text = text.rstrip("/")
    return text.removesuffix(":443" if text.startswith("https:") else ":80")


def _postgres(text: str) -> str:
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError(say("must start with postgresql://", "должно начинаться с postgresql://"))
    if text.partition("?")[0].count("@") > 1:
        raise ValueError(
            say(
                "signs such as @ and / in a password are written %40 and %2F",
                "знаки вроде @ и / в пароле пишутся как %40 и %2F",
            )
        )
    try:
        _ = urlsplit(text).port
    except ValueError:
        # Its own words may show a piece of the password.
        raise ValueError(
            say(
                "it cannot be read; signs such as [ and / in a password are written %5B and %2F",
                "не читается; знаки вроде [ и / в пароле пишутся как %5B и %2F",
            )
        ) from None
    return text


def _names_in(address: str) -> tuple[str, ...]:
    """The user and the database."""
    parts = urlsplit(address)
    return unquote(parts.username or ""), unquote(parts.path.lstrip("/"))


def _password_in(address: str) -> str:
    return unquote(urlsplit(address).password or "")


def _existing(text: str) -> Path | None:
    path = Path(text).expanduser()
    if text and not path.is_file():
        raise ValueError(say("there is no such file", "такого файла нет"))
    return path if text else None


def _domain(text: str) -> str:
    if text and not HOST.fullmatch(text):
        example = "staging.example.com"
        raise ValueError(
            say(
                f"GATE_DOMAIN is a host name, such as {example} or {example}:8443",
                f"GATE_DOMAIN — имя хоста, например {example} или {example}:8443",
            )
        )
    # As a browser writes it; a dot at its end, as resolvers print it, belongs to no certificate.
    host, colon, port = text.lower().removesuffix(":443").partition(":")
    return f"{host.removesuffix('.')}{colon}{port}"


def _hosts(text: str) -> dict[tuple[str, int | None], tuple[str, int | None]]:
    """`name[:port]=address[:port]` pairs; no port means every port."""
    found = {}
    for pair in _words(text):
        name, equals, address = pair.partition("=")
        if not equals:
            raise ValueError(say(f"'{pair}' is not name=address", f"«{pair}» — не имя=адрес"))
        found[_place(name)] = _place(address)
    return found


def _place(text: str) -> tuple[str, int | None]:
    host, colon, port = text.strip().rpartition(":")
    if colon and port.isdigit():
        return host.strip("[]").lower(), int(port)
    return text.strip().strip("[]").lower(), None


def _person_settings(person: str) -> Iterable[Setting]:
    whom = {
        "admin": "a platform admin",
        "member": "someone allowed who is no admin",
        "stranger": "a GitHub account that the platform does not allow",
    }[person]
    key = f"GATE_{person.upper()}_"
    yield Setting(f"{key}LOGIN", f"GitHub login of {whom}", found="the test account")
    yield Setting(f"{key}PASSWORD", "their GitHub password", secret=True)
    yield Setting(f"{key}TOTP_SECRET", "their two-factor secret, base32", secret=True)
    yield Setting(f"{key}EMAIL", "their primary e-mail at GitHub")
    yield Setting(
        f"{key}SESSION",
        "a saved browser session (Playwright storage state) instead of login and password",
        found=f"made by `python -m gate login --as {person}`",
        check=_existing,
    )


_SECRET = "kubectl get secret {} -o jsonpath"
CATALOGUE: tuple[Setting, ...] = (
    Setting("GATE_DOMAIN", "host of the staging, also host:port; unset: the local staging is started",
            alias="CODEXK8S_STAGING_DOMAIN", check=_domain),
    Setting("GATE_NAMESPACE", "its namespace in the cluster", "codex-k8s-ai-staging",
            alias="CODEXK8S_STAGING_NAMESPACE"),
    Setting("GATE_DOCUMENT", "the gate document that is judged: a name in gate/documents", "s1"),
    Setting("GATE_READ_ONLY", "run only what writes nothing; everything else is not proven", "no", check=_yes),
    Setting("GATE_PRODUCTION", "domain of a production that may be judged all the same, with --production"),
    Setting("GATE_HOSTS", "where names really are: name:port=address:port, comma separated; without ports: all",
            check=_hosts),
    Setting("GATE_PROXY", "HTTP proxy to the domain and to GitHub: http://[user:password@]host:port", secret=True,
            check=_url),
    Setting("GATE_JUMP", "user@host[:port] whence the cluster, the database and the gateway are reached by ssh"),
    Setting("GATE_CA_FILE", "PEM file of an internal CA, believed beside the public ones", check=_existing),
    Setting("GATE_KUBECONFIG", "kubeconfig for the cluster door", found="~/.kube/config", check=_existing),
    Setting("GATE_KUBE_CONTEXT", "context in it", found="kubectl config get-contexts"),
    Setting("GATE_DATABASE_URL", "postgresql://user:password@host:port/name of the platform's database",
            secret=True, check=_postgres, found=_SECRET.format("codex-k8s-postgres")),
    Setting("GATE_GATEWAY_URL", "address of Service codex-k8s from inside",
            check=_url, found="kubectl port-forward svc/codex-k8s 8080:80"),
    Setting("GATE_WEBHOOK_SECRET", "what signs deliveries", secret=True,
            found=_SECRET.format("codex-k8s-runtime") + " CODEXK8S_GITHUB_WEBHOOK_SECRET"),
    Setting("GATE_TOKEN_ENCRYPTION_KEY", "what encrypts repository tokens, 64 hex digits", secret=True,
            found=_SECRET.format("codex-k8s-runtime") + " CODEXK8S_TOKEN_ENCRYPTION_KEY"),
    Setting("GATE_PUBLIC_BASE_URL", "the platform's public address; unset: https://<domain>", check=_url),
    Setting("GATE_LEARNING_MODE_DEFAULT", "the server's learning default, true or false",
            check=_one_of("true", "false"), found=_SECRET.format("codex-k8s-runtime")),
    Setting("GATE_WEBHOOK_URL", "webhook address that the platform gives to GitHub", check=_url),
    Setting("GATE_WEBHOOK_EVENTS", "events that the platform asks GitHub for, comma separated", check=_words),
    Setting("GATE_OWNER_EMAIL", "e-mail of the platform owner",
            found=_SECRET.format("codex-k8s-runtime") + " CODEXK8S_BOOTSTRAP_OWNER_EMAIL"),
    Setting("GATE_GITHUB_URL", "GitHub's web address", "https://github.com", check=_url),
    Setting("GATE_GITHUB_API_URL", "GitHub's API address", "https://api.github.com", check=_url),
    Setting("GATE_GITHUB_TOKEN", "a token that may manage the hooks of the test repositories", secret=True),
    Setting("GATE_GITHUB_REPOSITORIES", "two or more test repositories owner/name, comma separated", check=_words),
    Setting("GATE_GITHUB_WEAK_TOKEN", "a valid token that may not change their webhooks, best one that reads them",
            secret=True),
    *(setting for person in PEOPLE for setting in _person_settings(person)),
    Setting("GATE_EXPECTED_ADDRESS", "address(es) the domain must resolve to; unset: the ingress's own",
            check=_words),
    Setting("GATE_RESOLVER", "a second resolver, ip or ip:port", found="for example 8.8.8.8"),
    Setting("GATE_TLS_MIN_DAYS", "least days that the certificate must still be valid; unset: a sixth of its time "
            "will do as well", "14", check=_number),
    Setting("GATE_OPEN_PORTS", "ports that answer from outside", "22,80,443", check=_ports),
    Setting("GATE_CLOSED_PORTS", "ports that do not", "6443,10250,10254,5000,8443,5432", check=_ports),
    Setting("GATE_OUTSIDE", "does the gate run outside the staging's network: yes, no or auto", "auto",
            check=_one_of("yes", "no", "auto")),
    Setting("GATE_RUN_SECONDS", "longest time for a run to reach its end, seconds", "120", check=_number),
    Setting("GATE_SETTLE_SECONDS", "how long a thing that must never happen is watched for, seconds", "1",
            check=_number),
    Setting("GATE_POLL_SECONDS", "the worker's poll interval, seconds", "5", check=_number),
    Setting("GATE_REQUEST_SECONDS", "longest time for one answer, seconds", "20", check=_number),
    Setting("GATE_SMOKE_COMMAND", "the smoke script, run here", found="bash deploy/scripts/staging_smoke.sh"),
    Setting("GATE_SMOKE_SSH", "user@host where the smoke script is run over SSH"),
    Setting("GATE_SMOKE_FILE", "output of the smoke script that was recorded elsewhere", check=_existing),
    Setting("GATE_BROWSER", "path of a Chromium; unset: the one that `make` provided", check=_existing),
    Setting("GATE_BROWSER_WS", "a browser elsewhere: address of a Playwright server or of DevTools", secret=True),
    Setting("GATE_HEADED", "show the browser", "no", check=_yes),
    Setting("GATE_SANDBOX", "`keep` leaves the local staging up for the next run", check=_one_of("keep")),
    Setting("GATE_SANDBOX_FAULTS", "faults of the local staging, comma separated", check=_words,
            found="python -m sandbox --list-faults"),
    Setting("GATE_BLOCKERS", "open blocker bugs: owner/repo?labels=a,b or a file", found="docs/verdict.md"),
    Setting("GATE_NOTES_ISSUE", "GitHub issue where `python -m gate publish` puts the notes: owner/repo#number"),
    Setting("GATE_MAX_AGE_HOURS", "results older than this are no proof, hours", "24", check=_number),
    Setting("GATE_RETRIES", "how often a scenario that failed is tried again; one that passes then is flaky", "0",
            check=_count),
    Setting("GATE_SHARD", "which part of the scenarios is run here, such as 2/5; `python -m gate merge` joins",
            found="docs/ci.md", check=_shard),
    Setting("GATE_WORKERS", "how many processes `python -m gate run` shares the scenarios among; auto: 4 at most",
            "auto", check=_workers),
    Setting("GATE_REPORTS", "folder for what a run leaves", "reports", check=Path),
)  # fmt: skip
BY_NAME = {setting.name: setting for setting in CATALOGUE}


class Settings:
    """The settings in force: `settings["GATE_DOMAIN"]` gives the checked value."""

    def __init__(self, given: Mapping[str, str], sources: Mapping[str, str] | None = None) -> None:
        self._sources = dict(sources or {})
        self._written = {name for name, raw in given.items() if raw}
        self._raw = {name: given.get(name, "") or setting.default for name, setting in BY_NAME.items()}
        self._refuse_placeholders()
        self._values = {name: self._checked(BY_NAME[name], raw) for name, raw in self._raw.items()}
        # First what is none: a password may be a piece of it.
        in_force(*(raw for name, raw in self._raw.items() if not BY_NAME[name].secret))
        in_force(*_names_in(self._raw["GATE_DATABASE_URL"]))
        hide(*(raw for name, raw in self._raw.items() if BY_NAME[name].secret))
        # Errors of a driver tell the parts of a DSN one by one.
        hide(_password_in(self._raw["GATE_DATABASE_URL"]))

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def given(self, name: str) -> bool:
        """Whether somebody set this one, rather than the default."""
        return self._raw[name] != BY_NAME[name].default

    def written(self, name: str) -> bool:
        """Whether somebody wrote this one down, be it what the default says."""
        return name in self._written

    def source(self, name: str) -> str:
        """Where the value in force came from."""
        return self._sources.get(name, say("the default", "значение по умолчанию"))

    def with_values(self, values: Mapping[str, str]) -> Settings:
        """These settings with `values` under them: what somebody set by hand stays."""
        by_hand = {name: raw for name, raw in self._raw.items() if self.given(name)}
        known = {name: value for name, value in values.items() if name in BY_NAME}
        return Settings({**known, **by_hand}, self._sources)

    def raw(self, name: str) -> str:
        """A setting as it was written."""
        return self._raw[name]

    def replaced(self, values: Mapping[str, str]) -> Settings:
        """These settings with `values` in place of what somebody set."""
        written = {name: raw for name, raw in self._raw.items() if self.written(name)}
        return Settings({**written, **values}, self._sources)

    def shown(self) -> dict[str, str]:
        """What is in force, fit to print: secrets are hidden."""
        return {name: HIDDEN if BY_NAME[name].secret and raw else raw for name, raw in self._raw.items() if raw}

    def _refuse_placeholders(self) -> None:
        """Named all at once: they were copied together."""
        left = [name for name, raw in self._raw.items() if raw.endswith(PLACEHOLDER)]
        if left:
            where = self._where(left[0])
            raise SettingError(
                say(
                    f"Still the README's placeholder “{PLACEHOLDER}” (from {where}): {', '.join(left)}. "
                    "Write the value, or take the line out.",
                    f"Здесь ещё «{PLACEHOLDER}» из README (откуда: {where}): {', '.join(left)}. "
                    "Впишите значение или уберите строку.",
                )
            )

    def _where(self, name: str) -> str:
        return self._sources.get(name, say("the environment", "окружение"))

    def _checked(self, setting: Setting, raw: str) -> Any:
        try:
            return setting.check(raw)
        except ValueError as wrong:
            shown = HIDDEN if setting.secret else raw
            where = self._where(setting.name)
            raise SettingError(
                say(
                    f"{setting.name}={shown} (from {where}): {wrong}. Meaning: {setting.meaning}.",
                    f"{setting.name}={shown} (откуда: {where}): {wrong}. Смысл: {setting.meaning}.",
                )
            ) from None


def load(overrides: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Read `.env`, the environment and the `-D` overrides; raise `SettingError` for a name nobody knows."""
    sources: list[tuple[str, Mapping[str, str]]] = [
        (".env", _env_file((folder or Path.cwd()) / ".env")),
        (say("the environment", "окружение"), _indexed_job(os.environ) | os.environ),
        ("-D", overrides or {}),
    ]
    given: dict[str, tuple[str, str]] = {}
    # What is written for the gate is meant for it; the platform's own names may be those of another staging.
    for names_of in (_aliased, _known):
        for source, values in sources:
            given |= {name: (value, source) for name, value in names_of(values, source).items()}
    return Settings(
        {name: value for name, (value, _) in given.items()},
        {name: source for name, (_, source) in given.items()},
    )


def _indexed_job(environment: Mapping[str, str]) -> dict[str, str]:
    """A pod of a Kubernetes Indexed Job is told which it is, from 0 on; its manifest adds how many there are."""
    index, count = (environment.get(name, "") for name in ("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"))
    return {"GATE_SHARD": f"{int(index) + 1}/{count}"} if index.isdigit() and count else {}


def _aliased(values: Mapping[str, str], source: str) -> dict[str, str]:
    aliases = {setting.alias: setting.name for setting in CATALOGUE if setting.alias}
    return {aliases[name]: value for name, value in values.items() if name in aliases}


def _known(values: Mapping[str, str], source: str) -> dict[str, str]:
    found = {name: value for name, value in values.items() if name.startswith(PREFIX)}
    for name in found:
        if name not in BY_NAME:
            raise SettingError(_unknown(name, source))
    return found


def _unknown(name: str, source: str) -> str:
    near = difflib.get_close_matches(name, BY_NAME, n=1)
    hint = say(f" Did you mean {near[0]}?", f" Может быть, {near[0]}?") if near else ""
    return say(
        f"There is no setting {name} (from {source}).{hint} All are listed in .env.example.",
        f"Настройки {name} нет (откуда: {source}).{hint} Все перечислены в .env.example.",
    )


def _env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; quotes around a value and `export` are fine, `#` begins a comment."""
    if not path.is_file():
        return {}
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        line = line.strip().removeprefix("export ")
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise SettingError(
                say(
                    f"{path}, line {number}: not NAME=value.",
                    f"{path}, строка {number}: не ИМЯ=значение.",
                )
            )
        found[name.strip()] = _value(value.strip())
    return found


def _value(text: str) -> str:
    """In quotes all of it, without them what stands before a comment."""
    if text[:1] in ("'", '"') and (end := text.find(text[0], 1)) > 0:
        return text[1:end]
    return COMMENT.split(text, maxsplit=1)[0].strip("'\"")


def example() -> str:
    """The text of `.env.example`: every setting with its meaning, default and where the value is found."""
    blocks = []
    for setting in CATALOGUE:
        lines = [f"# {setting.meaning}"]
        if setting.found:
            lines.append(f"#   found: {setting.found}")
        if setting.alias:
            lines.append(f"#   also read from {setting.alias}")
        blocks.append("\n".join([*lines, f"#{setting.name}={setting.default}"]))
    head = "# Copy to .env and fill in what your staging needs; a domain and a kube context are enough to begin.\n"
    return head + "\n" + "\n\n".join(blocks) + "\n"
