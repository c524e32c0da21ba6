"""The staging that the settings name, or the local one.

With no staging configured the local one is started, as a process of its own, through its command line; from then
on it is met through settings like any other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TextIO

from gate.errors import GateError, SettingError
from gate.language import say
from gate.redaction import redact
from gate.settings import Settings
from gate.target import ROOT, Target

# Where a local staging that outlives its run says how to meet it again.
KEPT = ROOT / ".cache" / "sandbox.json"


def open_target(settings: Settings, tell: Callable[[str], None]) -> Target:
    """The configured staging; with none configured, the local one, started and stopped with the target."""
    if settings["GATE_DOMAIN"]:
        refuse_local(settings)
        return _led(settings)
    refuse_lonely(settings)
    values, stop = _start_local(settings, tell)
    target = Target(settings.with_values(values))
    target.when_closed(stop)
    return target


def _led(settings: Settings) -> Target:
    """The staging as it is reached through a proxy or a jump host, where the settings name one."""
    if not (settings["GATE_PROXY"] or settings["GATE_JUMP"]):
        return Target(settings)
    from gate.doors.ways import ThroughProxy, led

    through, ways = led(settings)
    target = Target(through)
    target.ways += ways
    for way in ways:
        target.when_closed(way.close)
    # The first leads to the edge: whom the proxy refuses there would take the platform for silent.
    to_edge = next((way for way in ways if isinstance(way, ThroughProxy)), None)
    if to_edge and (trouble := redact(to_edge.trouble())):
        target.close()
        domain, source = settings["GATE_DOMAIN"], settings.source("GATE_PROXY")
        raise SettingError(
            say(
                f"GATE_PROXY (from {source}) does not lead to {domain}: {trouble}. Mend it, or unset it.",
                f"GATE_PROXY (откуда: {source}) не ведёт к {domain}: {trouble}. Исправьте её или уберите.",
            )
        )
    return target


def refuse_local(settings: Settings) -> None:
    """Who asks for the local staging must not write to another one, which a forgotten `.env` may name."""
    asked = [name for name in ("GATE_SANDBOX_FAULTS", "GATE_SANDBOX") if settings[name]]
    if asked:
        domain, source = settings["GATE_DOMAIN"], settings.source("GATE_DOMAIN")
        raise SettingError(
            say(
                f"{asked[0]} is for the local staging, but GATE_DOMAIN (from {source}) names {domain}. "
                "Unset one of them.",
                f"{asked[0]} относится к локальному staging, а GATE_DOMAIN (откуда: {source}) называет {domain}. "
                "Уберите одно из двух.",
            )
        )


def refuse_lonely(settings: Settings) -> None:
    """A door without a staging that it belongs to is a mistake: the local staging has doors of its own."""
    lonely = [name for name in ("GATE_DATABASE_URL", "GATE_KUBE_CONTEXT", "GATE_GATEWAY_URL") if settings[name]]
    if lonely:
        raise SettingError(
            say(
                f"{lonely[0]} is set but GATE_DOMAIN is not: say which staging to judge, or unset both.",
                f"Задана {lonely[0]}, но не GATE_DOMAIN: укажите, какой staging проверять, или уберите обе.",
            )
        )


def _start_local(settings: Settings, tell: Callable[[str], None]) -> tuple[dict[str, str], Callable[[], None]]:
    """Start the local staging, or meet the one that was kept; returns its settings and how to stop it."""
    faults: tuple[str, ...] = settings["GATE_SANDBOX_FAULTS"]
    keep = settings["GATE_SANDBOX"] == "keep"
    if keep and (kept := _kept(faults)):
        tell(
            say(
                "No staging is configured (GATE_DOMAIN): meeting the local one that was kept.",
                "Staging не настроен (GATE_DOMAIN): используется оставленный локальный.",
            )
        )
        return kept, lambda: None
    tell(
        say(
            "No staging is configured (GATE_DOMAIN): starting the local one.",
            "Staging не настроен (GATE_DOMAIN): запускается локальный.",
        )
    )
    options = [*(["--keep", "--state", str(KEPT)] if keep else []), *(f"--fault={name}" for name in faults)]
    # In a file: a staging that outlives its run must not hold the run's own pipes open.
    with _log() as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--json", *options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            # A Ctrl-C on the terminal is for the gate, which then cleans up and stops the staging itself.
            start_new_session=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            values: dict[str, str] = json.loads(line)
        except ValueError:
            process.wait(timeout=20)
            complaints.seek(0)
            told = (line + complaints.read()).strip()
            raise GateError(
                say(f"The local staging did not start: {told}", f"Локальный staging не запустился: {told}")
            ) from None
    return values, (lambda: None) if keep else lambda: _stop(process)


def _log() -> TextIO:
    """What the local staging complains into; in an image, say, there is no place for it."""
    try:
        KEPT.parent.mkdir(exist_ok=True)
        return KEPT.with_suffix(".log").open("w+", encoding="utf-8")
    except OSError as wrong:
        raise GateError(
            say(
                f"Set GATE_DOMAIN: a local staging cannot be started here ({wrong.strerror}: {wrong.filename}).",
                f"Задайте GATE_DOMAIN: локальный staging здесь не запустить ({wrong.strerror}: {wrong.filename}).",
            )
        ) from None


def _kept(faults: tuple[str, ...]) -> dict[str, str] | None:
    """The settings of the local staging that an earlier run left up, with these faults on; None: there is none."""
    try:
        values: dict[str, str] = json.loads(KEPT.read_text(encoding="utf-8"))
        wanted = urllib.request.Request(
            f"{values['SANDBOX_CONTROL']}/faults", json.dumps(faults).encode(), method="PUT"
        )
        urllib.request.urlopen(wanted, timeout=5).close()
    except urllib.error.HTTPError as refusal:
        raise SettingError(f"GATE_SANDBOX_FAULTS: {refusal.read().decode()}") from None
    except (OSError, ValueError, KeyError):
        return None
    return values


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
