"""The webhook door: deliveries as GitHub makes them, honest and otherwise (contract 2)."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from gate import evidence
from gate.doors.http import Exchange, Http
from gate.doors.raw import Ask, Raw
from gate.doors.secrecy import LEAST_SECRET_LETTERS, found_in
from gate.language import ensure, say

PATH = "/api/v1/webhooks/github"
# Ids of real repositories are far below; two runs of the gate do not meet by chance.
# What GitHub says was done, and not always the same: whatever comes in makes a run (contract 2).
ACTIONS = {
    "ping": "",
    "push": "",
    "issues": "closed",
    "issue_comment": "deleted",
    "pull_request": "closed",
    "pull_request_review": "submitted",
    "pull_request_review_comment": "created",
}
FIRST_MADE_UP_ID = 7_000_000_000_000
MADE_UP_IDS = 1_000_000_000_000
LARGEST_BODY_BYTES = 1024 * 1024
# GitHub tells of no more commits in one event; with so many words each they make some 900 kB.
MOST_COMMITS, COMMIT_WORDS = 2048, 62
# By these the gateway's own errors are known (contract 2); an ingress may answer in JSON, too.
OWN_CODES = ("invalid_argument", "unauthorized", "forbidden", "conflict", "internal", "bad_gateway")


class Signature(Enum):
    """How a delivery is signed."""

    HONEST = "honest"
    FORGED = "forged"
    OTHER_SECRET = "other secret"
    EMPTY_SECRET = "empty secret"
    OTHER_BODY = "other body"
    EMPTY_BODY = "empty body"
    UNSIGNED_HASH = "unsigned hash"
    TRUNCATED = "truncated"
    TOO_LONG = "too long"
    NOT_HEX = "not hex"
    SHA1 = "sha1"
    SHA1_PREFIX = "sha1 prefix"
    LEGACY_HEADER = "legacy header"
    NO_PREFIX = "no prefix"
    MISSING = "missing"
    EMPTY = "empty"
    PREFIX_ONLY = "prefix only"
    UPPER_CASE = "upper case"
    UPPER_PREFIX = "upper prefix"
    SPACES = "spaces"


@dataclass(frozen=True)
class Delivery:
    """One delivery of an event: what identifies it, what it says, and how it is signed."""

    id: str | None
    event: str | None
    payload: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def repository(self) -> str:
        """`owner/name` of the repository that the payload names."""
        return str(self.payload.get("repository", {}).get("full_name", ""))

    def with_payload(self, **changes: Any) -> Delivery:
        """The same delivery id with another payload."""
        payload = {**self.payload, **changes}
        return replace(self, payload=payload, body=encoded(payload))

    def under_new_id(self, delivery_id: str) -> Delivery:
        """The same event under another delivery id."""
        return replace(self, id=delivery_id)


class Rewriting(Enum):
    """Ways to write the same JSON in other bytes, which a signature of the first bytes does not cover."""

    SPACES = "spaces"
    KEY_ORDER = "key order"
    LINE_ENDS = "line ends"
    LINE_END_BEHIND = "line end behind"


def rewritten(payload: dict[str, Any], how: Rewriting) -> bytes:
    """The same payload in other bytes."""
    if how is Rewriting.SPACES:
        return json.dumps(payload, ensure_ascii=False).encode()
    if how is Rewriting.LINE_ENDS:
        return json.dumps(payload, ensure_ascii=False, indent=2).replace("\n", "\r\n").encode()
    if how is Rewriting.LINE_END_BEHIND:
        return encoded(payload) + b"\n"
    return encoded(dict(reversed(payload.items())))


def encoded(payload: Any) -> bytes:
    """The payload as the bytes that are signed and sent."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def sign(secret: str, body: bytes, algorithm: str = "sha256") -> str:
    """The signature header's value for a body: `sha256=` and the HMAC in lower-case hex."""
    return f"{algorithm}=" + hmac.new(secret.encode(), body, algorithm).hexdigest()


def size_refused_on_the_way(answer: Exchange) -> bool:
    """Whether the ingress refused the body for its size: 413, or 502 (contract 2).

    A gateway that refuses at once hangs up while the body is still on its way; the proxies before it may then find
    the connection reset and the answer gone. Whether it still runs is for the scenario to see.
    """
    large, told = len(answer.sent_body) > LARGEST_BODY_BYTES, answer.parsed()
    own = isinstance(told, dict) and told.get("code") in OWN_CODES
    if not large or answer.status not in (413, 502) or own:
        return False
    if answer.status == 502:
        evidence.weaker(
            say(
                "The edge answered 502 to a body over 1 MiB: the refusal itself was lost on its way.",
                "На тело больше 1 МиБ граница ответила 502: сам отказ потерялся по пути.",
            )
        )
    return True


def new_delivery(
    mark: str,
    event: str,
    *,
    repository: str | None = None,
    repository_id: int | None = None,
    sender: str = "gate-probe",
    **more: Any,
) -> Delivery:
    """An event about a made-up repository `<mark>/probe`, or about `repository`; its id bears the mark."""
    full_name = repository or f"{mark}/probe"
    action = ACTIONS.get(event, "opened")
    payload: dict[str, Any] = {
        **({"action": action} if action else {}),
        "installation": {"id": 1},
        "repository": {
            "id": repository_id or made_up_id(),
            "full_name": full_name,
            "name": full_name.rpartition("/")[2],
            "private": True,
        },
        "sender": {"id": 1, "login": sender},
        **more,
    }
    return Delivery(new_id(mark), event, payload, encoded(payload))


def without_repository(delivery: Delivery) -> Delivery:
    """The same event about no repository at all."""
    return without("repository", delivery)


def of_public_repository(delivery: Delivery) -> Delivery:
    """The same event about a repository that everybody may read."""
    return delivery.with_payload(repository={**delivery.payload["repository"], "private": False})


def of_bot(delivery: Delivery) -> Delivery:
    """The same event as GitHub tells it of an app that acts under its own name."""
    return delivery.with_payload(sender={**delivery.payload["sender"], "login": "gate-probe[bot]", "type": "Bot"})


def of_many_commits(delivery: Delivery) -> Delivery:
    """The same event about as many commits as GitHub tells of at most, of nearly as many bytes as are taken."""
    commits = [{"id": secrets.token_hex(20), "message": "Mend. " * COMMIT_WORDS} for _ in range(MOST_COMMITS)]
    return delivery.with_payload(commits=commits)


def without(field: str, delivery: Delivery) -> Delivery:
    """The same event without a field of its payload."""
    payload = {name: value for name, value in delivery.payload.items() if name != field}
    return replace(delivery, payload=payload, body=encoded(payload))


def new_id(mark: str) -> str:
    """A delivery id of this run."""
    return f"{mark}-{uuid.uuid4()}"


def made_up_id() -> int:
    """The id of a repository that does not exist."""
    return FIRST_MADE_UP_ID + secrets.randbelow(MADE_UP_IDS)


class Webhook:
    """Sends deliveries to the public webhook address, without a cookie."""

    def __init__(self, http: Http, raw: Raw, secret: str) -> None:
        evidence.conceal("GATE_WEBHOOK_SECRET", secret)
        self._http = http
        self._raw = raw
        self._secret = secret

    def send(
        self,
        delivery: Delivery,
        signature: Signature = Signature.HONEST,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Deliver once; an accepted or duplicate answer counts as a working act."""
        if delivery.id:
            evidence.delivered(delivery.id)
        exchange = self._http.request(
            "POST", PATH, body=delivery.body, headers={**self.headers(delivery, signature), **(headers or {})}
        )
        self._remember(exchange)
        return exchange

    def deliver(self, delivery: Delivery) -> Exchange:
        """Deliver honestly for the first time: without 202 there is no run to look at (contract 2)."""
        exchange = self.send(delivery)
        ensure(
            exchange.status == 202,
            f"The delivery was not accepted.\n{exchange.told()}",
            f"Доставка не принята.\n{exchange.told()}",
        )
        return exchange

    def send_at_once(self, deliveries: Sequence[Delivery]) -> list[Exchange]:
        """Deliver them all at the same moment, equal ones or different ones; the answers in their order."""
        for delivery in deliveries:
            evidence.delivered(str(delivery.id))
        asks = [Ask("POST", PATH, tuple(self.headers(one).items()), one.body) for one in deliveries]
        answers = self._raw.ask_at_once(asks)
        for answer in answers:
            self._remember(answer)
        return answers

    def headers(self, delivery: Delivery, signature: Signature = Signature.HONEST) -> dict[str, str]:
        """The headers of a delivery as GitHub sends them, with this signature."""
        headers = {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": "GitHub-Hookshot/gate"}
        if delivery.id is not None:
            headers["X-GitHub-Delivery"] = delivery.id
        if delivery.event is not None:
            headers["X-GitHub-Event"] = delivery.event
        return headers | self._signed(delivery.body, signature)

    def told_by(self, answer: Exchange) -> str:
        """What of the secret an answer gives away that was not in the request itself: "" when nothing."""
        return self.told_in([answer.body, *(value for _, value in answer.headers)], answer)

    def told_in(self, shown: Sequence[str | bytes], refused: Exchange) -> str:
        """The same of other texts that a refused request has led to."""
        sent = [value for _, value in refused.sent_headers]
        signature = say("the right signature", "верную подпись")
        digits = sign(self._secret, refused.sent_body).removeprefix("sha256=")
        # As text, and as the bytes that a program compares: some write these in base64.
        named: list[tuple[str, str | bytes]] = [(signature, digits), (signature, bytes.fromhex(digits))]
        if len(self._secret) >= LEAST_SECRET_LETTERS:
            named.append((say("the webhook secret", "секрет вебхука"), self._secret))
        else:
            evidence.weaker(
                say("The webhook secret is too short to be looked for.",
                    "Секрет вебхука слишком короткий, чтобы его искать."),
            )  # fmt: skip
        return next((it for it, secret in named if found_in(secret, shown) and not found_in(secret, sent)), "")

    def _signed(self, body: bytes, signature: Signature) -> dict[str, str]:
        honest = sign(self._secret, body)
        hex_digits = honest.removeprefix("sha256=")
        other_digit = "0" if hex_digits[-1] != "0" else "1"
        values = {
            Signature.HONEST: honest,
            Signature.FORGED: honest[:-1] + other_digit,
            Signature.OTHER_SECRET: sign(self._secret[::-1] + "x", body),
            Signature.EMPTY_SECRET: sign("", body),
            Signature.OTHER_BODY: sign(self._secret, body + b" "),
            Signature.EMPTY_BODY: sign(self._secret, b""),
            Signature.UNSIGNED_HASH: "sha256=" + hashlib.sha256(body).hexdigest(),
            Signature.TRUNCATED: honest[: len("sha256=") + 8],
            Signature.TOO_LONG: honest + "00",
            Signature.NOT_HEX: "sha256=" + "z" * 64,
            Signature.SHA1: sign(self._secret, body, "sha1"),
            Signature.SHA1_PREFIX: "sha1=" + hex_digits,
            Signature.NO_PREFIX: hex_digits,
            Signature.EMPTY: "",
            Signature.PREFIX_ONLY: "sha256=",
            Signature.UPPER_CASE: "sha256=" + hex_digits.upper(),
            Signature.UPPER_PREFIX: "SHA256=" + hex_digits,
            Signature.SPACES: f"sha256= {hex_digits}",
        }
        if signature is Signature.MISSING:
            return {}
        if signature is Signature.LEGACY_HEADER:
            return {"X-Hub-Signature": sign(self._secret, body, "sha1")}
        return {"X-Hub-Signature-256": values[signature]}

    @staticmethod
    def _remember(exchange: Exchange) -> None:
        answer = exchange.parsed()
        if exchange.status in (200, 202) and isinstance(answer, dict):
            evidence.succeeded("delivery")
            evidence.names_run(str(answer.get("run_id", "")))
