"""Webhook ingress `POST /api/v1/webhooks/github`: the checks, in the contract's order, and the answer."""

from __future__ import annotations

import asyncio
import base64
import gzip
import sys
import traceback
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any
from urllib.parse import unquote_plus
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from .answers import Problem, answer, invalid, unauthorized
from .core import Gateway
from .intake import Recorded, known_run, note_nameless, note_replay, record, spelled_first
from .metrics import EVENTS
from .payload import Facts, facts, parse
from .signature import accepted, legacy_accepted, sign

LIMIT_BYTES = 1024 * 1024
DRAIN_BYTES = 256 * 1024
LONGEST_ID = 255
LATE_SECONDS = 11.0
LATER_SECONDS = 3.0
MIXED_SECONDS = 0.05


@dataclass(frozen=True)
class Delivery:
    """One delivery that passed all checks."""

    id: str
    event: str
    body: bytes
    facts: Facts


async def receive(gateway: Gateway, request: Request) -> Response:
    """Takes one delivery and counts it."""
    began = perf_counter()
    result = "error"
    if gateway.broken("nameless-delivery-told") and not request.headers.get("x-github-delivery"):
        await note_nameless(gateway)
    try:
        recorded = await _take(gateway, request)
        result = "duplicate" if recorded.duplicate else "accepted"
        return _receipt(gateway, recorded)
    except Problem as problem:
        if problem.field == "body" and gateway.broken("refused-body-burns-id"):
            gateway.burnt_ids.add(request.headers["x-github-delivery"])
        forbidden = problem.status == 401 and gateway.broken("bad-signature-403")
        return answer(_told(gateway, problem), 403 if forbidden else problem.status)
    finally:
        event = request.headers.get("x-github-event", "")
        uncounted = gateway.broken("metrics-count-accepted-only") or (
            result == "error" and gateway.differs("refusals-uncounted")
        )
        if result == "accepted" or not uncounted:
            event = "" if gateway.broken("metrics-without-event") else event
            _count(gateway, result, event, perf_counter() - began)


def _count(gateway: Gateway, result: str, event: str, seconds: float) -> None:
    """One delivery more, in seconds; faults count otherwise."""
    if gateway.broken("metrics-duration-always-zero"):
        seconds = 0.0
    if gateway.broken("metrics-in-milliseconds"):
        seconds *= 1000
    if result == "duplicate" and gateway.broken("metrics-count-replays-as-accepted"):
        gateway.metrics.requests["accepted", event] += 1
    gateway.metrics.delivered(result, event, seconds, 2 if gateway.broken("metrics-count-twice") else 1)


async def _take(gateway: Gateway, request: Request) -> Recorded:
    _refuse_early(gateway, request)
    delivery_id = _header(request, "X-GitHub-Delivery")
    if gateway.differs("headers-by-bytes"):
        delivery_id = request.headers["x-github-delivery"].strip()
    if "'" in delivery_id and gateway.broken("odd-id-crashes"):
        raise RuntimeError("unterminated quoted string")
    if len(delivery_id) > LONGEST_ID:
        raise invalid("X-GitHub-Delivery", "delivery id is too long")
    event = _event(gateway, request)
    given = _header(request, "X-Hub-Signature-256", required=False)
    if not given and not _unsigned_allowed(gateway, request):
        raise unauthorized(_words(gateway, "missing webhook signature"))
    body = await _body(gateway, request)
    if not body and gateway.broken("empty-body-accepted"):
        body = b"{}"
    if gateway.broken("json-before-signature"):
        parse(body)
    signed = await _check_signature(gateway, request, delivery_id, event, given, body)
    if isinstance(signed, Recorded):
        return signed
    if delivery_id in gateway.burnt_ids:
        return Recorded(delivery_id, uuid4(), duplicate=True)
    text = _first_value(_text(gateway, request, body), gateway.broken("json-read-to-its-first-end"))
    if event == "ping" and gateway.broken("ping-answered-late"):
        await asyncio.sleep(LATE_SECONDS)
    delivery = Delivery(delivery_id, event, text, facts(_document(gateway, text)))
    return await record(gateway, await _mixed(gateway, delivery))


def _refuse_early(gateway: Gateway, request: Request) -> None:
    """Two faults: what is to be looked at later is looked at first."""
    if gateway.broken("signature-before-headers") and not request.headers.get("x-hub-signature-256"):
        raise unauthorized("missing webhook signature")
    if gateway.broken("size-judged-first") and int(request.headers.get("content-length", 0)) > LIMIT_BYTES:
        raise invalid("body", "body is larger than 1 MiB")


def _document(gateway: Gateway, text: bytes) -> Any:
    document = _unchecked(text) if gateway.broken("json-not-checked") else parse(_json_in(gateway, text))
    if gateway.broken("installation-required") and not (
        isinstance(document, dict) and document.get("installation")
    ):
        raise invalid("payload", "installation is missing")
    if gateway.broken("public-repository-refused") and _public(document):
        raise invalid("payload", "repository.private is required")
    return document


def _json_in(gateway: Gateway, text: bytes) -> bytes:
    """The whole text; faults take the first value in it, or want the value to be all."""
    if gateway.broken("white-space-around-json-refused") and text != text.strip():
        raise invalid("body", "body is not valid JSON")
    return text


def _public(document: Any) -> bool:
    """A fault: what is false is taken for missing."""
    repository = document.get("repository") if isinstance(document, dict) else None
    return isinstance(repository, dict) and repository.get("private") is False


async def _mixed(gateway: Gateway, delivery: Delivery) -> Delivery:
    """The delivery, or by a fault what came with another in the same moment, or under another's id."""
    if gateway.broken("delivery-ids-folded"):
        delivery = replace(delivery, id=await spelled_first(gateway, delivery.id))
    if not gateway.broken("deliveries-mixed-up"):
        return delivery
    gateway.kept_deliveries["last"] = delivery
    await asyncio.sleep(MIXED_SECONDS)
    last = gateway.kept_deliveries["last"]
    return replace(delivery, body=last.body, facts=last.facts)


def _header(request: Request, name: str, *, required: bool = True) -> str:
    """The first line of that name, as UTF-8 where it is; 400 naming the header when there is none."""
    raw = request.headers.get(name, "").strip().encode("latin-1")
    if not raw and required:
        raise invalid(name, f"header {name} is required")
    return raw.decode("utf-8", "replace")


def _event(gateway: Gateway, request: Request) -> str:
    if gateway.broken("event-header-optional") and not request.headers.get("x-github-event"):
        return "unknown"
    event = _header(request, "X-GitHub-Event")
    if event not in EVENTS and gateway.broken("unknown-event-refused"):
        raise invalid("X-GitHub-Event", "event is not known")
    return event


def _unsigned_allowed(gateway: Gateway, request: Request) -> bool:
    legacy = "x-hub-signature" in request.headers and gateway.broken("signature-sha1-accepted")
    lax = gateway.broken("signature-missing-accepted") or gateway.broken("known-id-needs-no-signature")
    return legacy or lax or _believed(gateway, _event(gateway, request))


def _believed(gateway: Gateway, event: str) -> bool:
    """A fault: who makes a hook is to hear that it works, whatever the secret is."""
    return event == "ping" and gateway.broken("signature-not-asked-of-pings")


async def _body(gateway: Gateway, request: Request) -> bytes:
    """The raw body; one that is too big is not read to its end."""
    uncounted = "content-length" not in request.headers and gateway.broken("pieces-without-limit")
    limit = sys.maxsize if uncounted or gateway.broken("body-limit-missing") else LIMIT_BYTES
    parts, size = [], 0
    async for part in request.stream():
        size += len(part.decode(errors="ignore")) if gateway.broken("body-limit-in-characters") else len(part)
        if size <= limit:
            parts.append(part)
        elif size > limit + DRAIN_BYTES and not gateway.broken("size-judged-after-reading"):
            break
    if size > limit:
        if size > limit + DRAIN_BYTES and gateway.broken("huge-body-refused-late"):
            await asyncio.sleep(LATE_SECONDS)
        if gateway.broken("large-body-hung-up-on"):
            _hang_up(request)
        raise invalid("body", "body is larger than 1 MiB")
    body = b"".join(parts)
    packed = request.headers.get("content-encoding") == "gzip"
    return gzip.decompress(body) if packed and gateway.broken("compressed-body-unpacked") else body


def _hang_up(request: Request) -> None:
    """What a server makes of a handler that panics: the connection ends, and nothing else is the worse for it."""
    request.receive.__self__.transport.abort()  # type: ignore[attr-defined]


async def _check_signature(
    gateway: Gateway, request: Request, delivery_id: str, event: str, given: str, body: bytes
) -> Recorded | None:
    """401 unless the body is signed; only a fault lets an unsigned delivery through, or has an answer ready."""
    if _believed(gateway, event):
        return None
    if not given:
        if gateway.broken("known-id-needs-no-signature"):
            return await _known(gateway, delivery_id)
        legacy = request.headers.get("x-hub-signature", "")
        if gateway.broken("signature-missing-accepted") or legacy_accepted(gateway, legacy, body):
            return None
    elif accepted(gateway, given, body):
        return None
    if gateway.broken("known-id-skips-signature") and (run := await known_run(gateway, delivery_id)):
        return Recorded(delivery_id, run, duplicate=True)
    if gateway.broken("refused-replay-recorded"):
        await note_replay(gateway, Delivery(delivery_id, event, body, Facts({})))
    if gateway.broken("bad-signature-burns-id"):
        gateway.burnt_ids.add(delivery_id)
    await _record_refused(gateway, Delivery(delivery_id, event, body, Facts({})))
    if gateway.broken("odd-signature-crashes"):
        bytes.fromhex(given.removeprefix("sha256="))
    raise _bad_signature(gateway, body)


async def _known(gateway: Gateway, delivery_id: str) -> Recorded:
    """A fault: what is known already is told of, signed or not."""
    if run := await known_run(gateway, delivery_id):
        return Recorded(delivery_id, run, duplicate=True)
    raise unauthorized("missing webhook signature")


async def _record_refused(gateway: Gateway, delivery: Delivery) -> None:
    """Faults: it was refused, and is recorded all the same, in one way or another."""
    empty = replace(delivery, body=b"{}")
    if gateway.broken("refused-delivery-recorded"):
        await record(gateway, empty)
    if gateway.broken("refused-delivery-under-new-id"):
        await record(gateway, replace(delivery, id=str(uuid4()), facts=facts(parse(delivery.body))))
    if gateway.broken("refused-delivery-recorded-later"):
        gateway.after(LATER_SECONDS, record(gateway, empty))


def _bad_signature(gateway: Gateway, body: bytes) -> Problem:
    if gateway.broken("bad-signature-400"):
        return invalid("X-Hub-Signature-256", "invalid webhook signature")
    problem = unauthorized(_words(gateway, "invalid webhook signature"))
    right = sign(gateway.staging.secrets.webhook.encode(), body)
    expected = "expected " + right
    if gateway.broken("refusal-tells-signature"):
        problem.details = expected
    if gateway.broken("refusal-tells-signature-in-base64"):
        problem.details = base64.b64encode(bytes.fromhex(right.removeprefix("sha256="))).decode()
    if gateway.broken("log-tells-signature"):
        gateway.staging.log("gateway", expected)
    return problem


def _words(gateway: Gateway, message: str) -> str:
    if gateway.broken("signature-messages-swapped"):
        return {"missing": "invalid", "invalid": "missing"}[message.split()[0]] + " webhook signature"
    return message


def _text(gateway: Gateway, request: Request, body: bytes) -> bytes:
    """What is read as JSON: the body as it came. Two faults are too obliging here."""
    if gateway.broken("gzip-body-inflated") and request.headers.get("content-encoding") == "gzip":
        return gzip.decompress(body)
    if gateway.broken("form-body-accepted") and body.startswith(b"payload="):
        return unquote_plus(body.removeprefix(b"payload=").decode()).encode()
    return body


def _first_value(text: bytes, wanted: bool) -> bytes:
    """A fault: a decoder of streams reads one value, and nobody asks whether that was all."""
    if not wanted:
        return text
    import json

    try:
        _, end = json.JSONDecoder().raw_decode(text.decode())
    except (ValueError, RecursionError):
        return text
    return text.decode()[:end].encode()


def _unchecked(body: bytes) -> Any:
    """Without the check, a broken body breaks the handler: 500."""
    import json

    return json.loads(body)


def _receipt(gateway: Gateway, recorded: Recorded) -> Response:
    at_once = recorded.at_once and gateway.broken("duplicate-at-once-accepted")
    duplicate = recorded.duplicate and not (at_once or gateway.broken("duplicate-not-told"))
    status = 200 if recorded.duplicate and not at_once else 202
    if gateway.broken("delivery-statuses-swapped"):
        status = 202 if status == 200 else 200
    if recorded.duplicate and gateway.broken("duplicate-answers-202"):
        status = 202
    other = "duplicate-gets-new-run-id" if recorded.duplicate else "accepted-names-another-run"
    run_id = uuid4() if gateway.broken(other) else recorded.run_id
    body = {
        "correlation_id": recorded.correlation_id,
        "run_id": run_id,
        "status": "duplicate" if duplicate else "accepted",
        "duplicate": duplicate,
    }
    return answer(body, status)


def _told(gateway: Gateway, problem: Problem) -> dict[str, Any]:
    body = problem.body
    if problem.status == 400 and gateway.broken("wrong-field-named"):
        body["field"] = "request"
    if problem.status == 400 and gateway.broken("error-with-stack-trace"):
        body["details"] = "".join(traceback.format_exception(problem)) + "SELECT id FROM agent_runs WHERE …"
    return body
