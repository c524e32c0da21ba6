"""Where the wall time of a run goes: `python -m bench.wall [behave's arguments]`.

Starts a local staging, runs behave beside it, and looks every few milliseconds at what the run is doing: at the
innermost line of the gate, and at whose answer it waits for there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from bench.measure import Series
from bench.suites import ROOT
from proof.staging import Staging

# behave, looked at from a thread. Playwright waits in a loop of its own, so the caller's place is kept beside it.
LOOKING = """
import json, os, sys, threading, time
from collections import Counter
import behave.__main__
from playwright._impl import _sync_base
main, seen, asked = threading.main_thread().ident, Counter(), []
ours = os.getcwd() + os.sep
OTHERS = ("psycopg", "kubernetes", "requests", "http/client", "urllib3", "ssl.py", "socket.py", "selectors.py",
    "threading.py", "concurrent", "allure", "behave", "playwright")
def place(frame):
    doing, where = "", []
    while frame:
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        if file.startswith(ours) and "/.venv/" not in file:
            where.append(f"{file[len(ours):]}:{name}")
        elif not where and not doing:
            doing = next((one for one in OTHERS if f"/{one}" in file), "")
        frame = frame.f_back
    return "pause" if where[:1] == ["gate/waiting.py:pause"] else doing or "own", where
def look():
    last = time.perf_counter()
    while True:
        time.sleep(0.004)
        now = time.perf_counter()
        frame = sys._current_frames().get(main)
        kind, where = place(asked[-1] if asked else frame)
        where = [one for one in where if not one.startswith(("environment", "runner/"))]
        key = ("browser" if asked else kind, *where[:6])
        seen[key] += now - last
        last = now
import http.client, psycopg, urllib3.connection
counts = Counter()
def counted(owner, name, what):
    real = getattr(owner, name)
    def act(*given, **named):
        counts[what] += 1
        return real(*given, **named)
    setattr(owner, name, act)
counted(psycopg.Connection, "execute", "statements")
connect = psycopg.connect
def connected(*given, **named):
    counts["connections to the database"] += 1
    return connect(*given, **named)
psycopg.connect = connected
counted(http.client.HTTPConnection, "request", "requests of the raw door")
counted(urllib3.connection.HTTPConnection, "request", "requests of the other doors")
counted(http.client.HTTPConnection, "connect", "connections over HTTP")
counted(urllib3.connection.HTTPConnection, "connect", "connections over HTTP")
counted(urllib3.connection.HTTPSConnection, "connect", "connections over HTTPS")
sync = _sync_base.SyncBase._sync
def noted(self, coroutine):
    asked.append(sys._getframe(1))
    try:
        return sync(self, coroutine)
    finally:
        asked.pop()
_sync_base.SyncBase._sync = noted
def keep():
    with open(os.environ["SEEN"], "w") as file:
        json.dump([[[*key, seconds] for key, seconds in list(seen.items())], counts], file)
threading.Thread(target=look, daemon=True).start()
sys.path.insert(0, os.getcwd())
code = behave.__main__.main(sys.argv[1:])
keep()
sys.exit(code)
"""


# What no script would need; the rest is the platform, the doors' libraries that ask it, and pauses between looks.
OURS = ("own", "behave", "allure")
Looks = list[list[str | float]]


def main() -> None:
    """Play, look, tell."""
    looks, counts, seconds = looked_at(*sys.argv[1:])
    _tell(looks, seconds)
    print("\n", *(f"{what}: {number}\n" for what, number in sorted(counts.items())))


def looked_at(*arguments: str) -> tuple[Looks, dict[str, int], float]:
    """A run of behave at a staging of its own: how long what took, what was asked how often, seconds in all."""
    staging = Staging()
    try:
        with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
            seen = Path(folder) / "seen"
            variables = {**os.environ, **staging.settings, "SEEN": str(seen), "GATE_REPORTS": f"{folder}/reports"}
            began = time.monotonic()
            subprocess.run(
                [sys.executable, "-c", LOOKING, *arguments],
                cwd=ROOT, env=variables, stdout=subprocess.DEVNULL, check=False,
            )  # fmt: skip
            seconds = time.monotonic() - began
            looks, counts = json.loads(seen.read_text(encoding="utf-8"))
            return looks, counts, seconds
    finally:
        staging.stop()


def measured() -> tuple[Series, Series, dict[str, int]]:
    """The whole gate in one process, and what of it a script without a framework would need too."""
    looks, counts, seconds = looked_at()
    floor = sum(float(spent) for kind, *_, spent in looks if kind not in OURS)
    return Series([floor], [0.0]), Series([seconds], [0.0]), counts


def _tell(looks: Looks, seconds: float) -> None:
    kinds: defaultdict[str, float] = defaultdict(float)
    places: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for kind, *where, spent in looks:
        kinds[str(kind)] += float(spent)
        told = " < ".join(str(one).removeprefix("gate/").replace("capabilities/", "") for one in where)
        places[str(kind)][told] += float(spent)
    print(f"{seconds:.1f} s in all, {sum(kinds.values()):.1f} s looked at")
    for kind, spent in _most(kinds):
        print(f"\n{spent:7.1f} s  {kind}")
        for told, share in _most(places[kind])[:30]:
            print(f"   {share:7.2f}  {told}")


def _most(spent: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(spent.items(), key=lambda one: -one[1])


if __name__ == "__main__":
    main()
