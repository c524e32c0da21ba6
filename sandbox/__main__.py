"""`python -m sandbox`: run a local staging until Ctrl-C, and tell how to aim the suite at it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import words
from .words import say

if TYPE_CHECKING:
    from .cluster import Programs
    from .lifetime import StateFile
    from .local import Local
    from .staging import Staging

PORTS = ("edge", "edge_http", "gateway", "console", "cluster", "github", "control", "ssh")
DONE, FAILED, WRONG_USE = 0, 1, 2
# Where the suite has the one that it keeps (GATE_SANDBOX=keep) write its settings.
KEPT = Path(__file__).resolve().parent.parent / ".cache" / "sandbox.json"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__, allow_abbrev=False)
    made.add_argument("--json", action="store_true", help="print the settings as one line of JSON when ready")
    made.add_argument("--fault", action="append", default=[], metavar="NAME", help="misbehave so; repeatable")
    made.add_argument("--variant", action="append", default=[], metavar="NAME", help="an allowed difference")
    made.add_argument("--trouble", action="append", default=[], metavar="NAME", help="a trouble around it")
    for kind in ("faults", "variants", "troubles"):
        made.add_argument(f"--list-{kind}", action="store_true", help=f"list the {kind}, a name first on a line")
    made.add_argument("--poll", type=_seconds, metavar="SECONDS", help="the worker's poll interval")
    made.add_argument("--lease", type=_seconds, metavar="SECONDS", help="how long a slot is leased")
    made.add_argument("--job-seconds", type=_seconds, metavar="SECONDS", help="how long a Job runs")
    made.add_argument(
        "--clocks-apart", type=_seconds, metavar="SECONDS", help="database ahead of us, cluster behind, by this"
    )
    made.add_argument(
        "--oauth2-proxy", type=Path, metavar="PATH", help="run this real oauth2-proxy instead of the stand-in"
    )
    made.add_argument(
        "--kube-apiserver", type=Path, metavar="PATH", help="run this real kube-apiserver instead of the stand-in"
    )
    made.add_argument("--etcd", type=Path, metavar="PATH", help="with --kube-apiserver: its etcd (default: etcd)")
    made.add_argument("--keep", action="store_true", help="outlive the parent; end after half an hour of silence")
    made.add_argument("--idle", type=_seconds, metavar="SECONDS", help="with --keep: that silence")
    made.add_argument("--state", type=Path, metavar="FILE", help="keep the settings in FILE while running")
    made.add_argument("--stop", action="store_true", help="stop the one that was kept, or that of --state")
    made.add_argument("--lang", choices=words.LANGUAGES, help="language of what is printed")
    for port in PORTS:
        made.add_argument(
            f"--{port.replace('_', '-')}-port", type=int, default=0, metavar="PORT", help=argparse.SUPPRESS
        )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    options = parser().parse_args(arguments)
    words.choose(options.lang)
    try:
        if listing := _listing(options):
            print("\n".join(listing))
            return DONE
        return _stop(options.state or KEPT) if options.stop else _run(options)
    except ImportError as error:
        return _complain(
            say(
                f"The local staging lacks a Python package ({error}). Install requirements.txt first.",
                f"Локальному staging не хватает пакета Python ({error}). Сначала установите requirements.txt.",
            )
        )
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads: no second complaint at exit
        return FAILED


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 86400:
        raise argparse.ArgumentTypeError("seconds above 0 and below a day")
    return value


def _complain(sentence: str, code: int = FAILED) -> int:
    print(sentence, file=sys.stderr)
    return code


def _listing(options: argparse.Namespace) -> list[str]:
    """The lists that were asked for."""
    lines: list[str] = []
    if options.list_faults:
        from .faults import catalogue

        lines += [f"{it.name}\t{','.join(it.lines)}\t{say(it.en, it.ru)}" for it in catalogue().values()]
    if options.list_variants or options.list_troubles:
        from .variants import TROUBLES, VARIANTS

        shown = (VARIANTS if options.list_variants else {}) | (TROUBLES if options.list_troubles else {})
        lines += [f"{name}\t{sentence}" for name, sentence in shown.items()]
    return lines


def _stop(state: Path) -> int:
    from . import lifetime

    if lifetime.StateFile(state).stop():
        print(say("The local staging stops.", "Локальный staging останавливается."))
    else:
        print(say("No local staging is kept here.", "Оставленного локального staging здесь нет."))
    return DONE


def _run(options: argparse.Namespace) -> int:
    from . import lifetime
    from .control import UnknownName
    from .programs import PostgresError
    from .sockets import PortError

    state = lifetime.StateFile(options.state) if options.state else None
    try:
        if state:
            state.refuse_if_taken()
        return asyncio.run(_serve(options, state))
    except UnknownName as wrong:
        return _complain(str(wrong), WRONG_USE)
    except (PortError, PostgresError, lifetime.AlreadyRunning, OSError) as wrong:
        if isinstance(wrong, BrokenPipeError):
            raise
        reason = str(wrong).rstrip(".")
        return _complain(
            say(f"The local staging did not start: {reason}.", f"Локальный staging не запустился: {reason}.")
        )


def _configure(staging: Staging, options: argparse.Namespace) -> None:
    from .control import checked

    also = [name.strip() for name in os.environ.get("GATE_SANDBOX_FAULTS", "").split(",") if name.strip()]
    staging.faults.active = checked([*options.fault, *also], "faults")
    staging.variants.active = checked(options.variant, "variants")
    staging.troubles.active = checked(options.trouble, "troubles")
    for name in ("poll", "lease", "job_seconds", "clocks_apart"):
        if given := getattr(options, name):
            setattr(staging, name, given)


async def _serve(options: argparse.Namespace, state: StateFile | None) -> int:
    """Run until it is over; whatever has begun by then is undone."""
    from .lifetime import Ending, folder
    from .staging import Staging

    # First of all: a signal that comes before it is listened to would leave the folder behind.
    ending = Ending(with_parent=options.json, keep=options.keep)
    with folder() as made:
        staging = Staging(made)
        _configure(staging, options)
        running = asyncio.create_task(_stay(staging, options, state, ending.event))
        over = asyncio.create_task(ending.event.wait())
        await asyncio.wait({running, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if not running.done():
            running.cancel()
        try:
            return await running
        except asyncio.CancelledError:
            return DONE


async def _stay(
    staging: Staging, options: argparse.Namespace, state: StateFile | None, ended: asyncio.Event
) -> int:
    """Start everything, tell how to reach it, and stay."""
    from . import beginning
    from .lifetime import IDLE_SECONDS

    begun = time.monotonic()
    idle = (options.idle or IDLE_SECONDS) if options.keep else None
    async with beginning.database(staging) as starting:
        from .local import Local

        ports = {port: getattr(options, f"{port}_port") for port in PORTS}
        async with Local(staging, starting, ports, options.oauth2_proxy, _real_cluster(options)) as local:
            local.settings["SANDBOX_PID"] = str(os.getpid())
            if ended.is_set():
                # Something on the way here was just being answered and has missed that this was cancelled.
                return DONE
            try:
                if state:
                    state.write(local.settings)
                _announce(local, options.json, time.monotonic() - begun)
                failure = await local.until_over(idle)
            finally:
                if state:
                    state.remove()
    return _complain(failure) if failure else DONE


def _real_cluster(options: argparse.Namespace) -> Programs | None:
    if not options.kube_apiserver:
        return None
    from .cluster import Programs

    etcd = options.etcd or shutil.which("etcd")
    if not etcd:
        raise OSError("--kube-apiserver needs an etcd beside it: give --etcd PATH")
    return Programs(options.kube_apiserver, Path(etcd))


def _announce(local: Local, as_json: bool, seconds: float) -> None:
    if as_json:
        print(json.dumps(local.settings), flush=True)
        return
    on = ", ".join(sorted(local.staging.faults.active)) or say("none", "нет")
    server = local.database.server if local.database else ""
    print(
        say(
            f"The local staging is up ({seconds:.1f} s). Database: {server}. Faults: {on}. Ctrl-C ends it.\n"
            "To aim the suite at it, put these lines into .env:\n",
            f"Локальный staging запущен ({seconds:.1f} с). База данных: {server}. Неисправности: {on}. "
            "Остановить: Ctrl-C.\nЧтобы направить на него проверки, внесите эти строки в .env:\n",
        )
    )
    print("\n".join(f"{name}={value}" for name, value in local.settings.items() if name.startswith("GATE_")))
    control = local.settings["SANDBOX_CONTROL"]
    print(
        say(
            f"\nSwitch a fault on: curl -X PUT -d '[\"name\"]' {control}/faults   (--list-faults shows the names)",
            f"\nВключить неисправность: curl -X PUT -d '[\"имя\"]' {control}/faults   (имена: --list-faults)",
        ),
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
