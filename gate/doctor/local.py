"""The doors on this machine: browser, report tool, smoke script, local staging."""

from __future__ import annotations

import importlib.util
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gate.doctor.finding import INSTALL, Closed, Finding, given, look, not_installed
from gate.doctor.lines import WRITING
from gate.errors import NotProven
from gate.language import say
from gate.provide import provided
from gate.settings import Settings
from gate.target import ROOT, Target

SSH_SECONDS = 10
SANDBOX_SECONDS = 30
# What the local staging and a run on it load.
PACKAGES = ("behave", "cryptography", "playwright", "psycopg", "starlette", "uvicorn")
SMOKE = ("GATE_SMOKE_COMMAND", "GATE_SMOKE_SSH", "GATE_SMOKE_FILE")


def browser(target: Target, edge_step: str = "") -> Finding:
    """A browser starts, or the one elsewhere answers; behind a closed edge that is what must be mended first."""

    def act() -> str:
        try:
            return target.engine.start()
        except NotProven as reason:
            if reason.category == "not-configured":
                raise
            raise Closed(str(reason), edge_step or say(
                "Start it by hand to see why; GATE_BROWSER=/path/of/chromium names another one.",
                "Запустите его вручную, чтобы увидеть причину; другой задаёт GATE_BROWSER=/путь/к/chromium.",
            )) from None  # fmt: skip

    return look("browser", given(target.settings, "GATE_BROWSER", "GATE_BROWSER_WS"), act, edge_step or say(
        "make provide, or GATE_BROWSER=/path/of/chromium.",
        "make provide или GATE_BROWSER=/путь/к/chromium.",
    ))  # fmt: skip


def report_tool() -> Finding:
    """The report tool was provided and is still there."""

    def act() -> str:
        found = provided()
        if found is None:
            raise Closed(say("was never provided", "ещё не установлено"))
        return Path(found.report[-1]).parent.name

    return look("report", (), act, "make provide")


def smoke(settings: Settings) -> Finding:
    """The smoke script can be started, or its output is recorded and fresh. It is not run here."""
    command = "GATE_SMOKE_COMMAND='bash deploy/scripts/staging_smoke.sh'"
    step = say(
        f"{command}, or GATE_SMOKE_SSH=user@host, or GATE_SMOKE_FILE=output.txt.",
        f"{command}, или GATE_SMOKE_SSH=user@host, или GATE_SMOKE_FILE=output.txt.",
    )
    return look("smoke", given(settings, *SMOKE)[:1], lambda: _smoke(settings), step)


def _smoke(settings: Settings) -> str:
    if command := settings["GATE_SMOKE_COMMAND"]:
        return _startable(command)
    if place := settings["GATE_SMOKE_SSH"]:
        return _reachable(place.partition(":")[0])
    if path := settings["GATE_SMOKE_FILE"]:
        recorded = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        told = f"{path.name}, {recorded:%Y-%m-%d %H:%M} UTC"
        if datetime.now(UTC) - recorded > timedelta(hours=settings["GATE_MAX_AGE_HOURS"]):
            raise Closed(say(f"too old: {told}", f"слишком старо: {told}"))
        return told
    raise Closed(say("where it runs is not set", "не задано, где он запускается"))


def _startable(command: str) -> str:
    """The program and the script that it is given are there."""
    words = shlex.split(command)
    if not words or not shutil.which(words[0]):
        raise Closed(say(f"there is no program {command}", f"нет программы {command}"))
    script = next((word for word in words[1:] if word.endswith((".sh", ".py"))), "")
    if script and not Path(script).is_file():
        raise Closed(say(f"there is no {script} here", f"{script} здесь нет"))
    return Path(script or words[0]).name


def _reachable(host: str) -> str:
    command = ("ssh", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={SSH_SECONDS}", host, "true")
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3 * SSH_SECONDS, check=False
    )
    if done.returncode:
        raise Closed(done.stderr, say(f"This must work first: {shlex.join(command)}",
                                      f"Сначала должно работать: {shlex.join(command)}"))  # fmt: skip
    return host


def sandbox() -> Finding:
    """The local staging could be started: its program answers."""

    def act() -> str:
        for package in PACKAGES:
            if importlib.util.find_spec(package) is None:
                raise Closed(not_installed(package), INSTALL)
        command = (sys.executable, "-m", "sandbox", "--list-faults")
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SANDBOX_SECONDS,
            check=False,
        )
        if done.returncode:
            raise Closed(done.stderr)
        return say("would be started for a run", "будет запущен на время прогона")

    return look("sandbox", (), act, "make provide")


def writing(settings: Settings) -> list[Finding]:
    """Told only where a run would be read-only: nobody misses it otherwise."""
    if not settings["GATE_READ_ONLY"]:
        return []
    seen = say("only what writes nothing is played", "играется только то, что ничего не пишет")
    step = say("Without GATE_READ_ONLY everything is.", "Без GATE_READ_ONLY — всё.")
    return [Finding(WRITING, False, ("GATE_READ_ONLY",), seen, step)]
