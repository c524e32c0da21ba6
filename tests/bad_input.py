"""Every command with bad input: what it says, and its code. `python -m tests.bad_input` writes the table."""

from __future__ import annotations

import contextlib
import io
import os
import re
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gate.__main__ import COMMANDS, main
from gate.attestation import sha256
from gate.bundle import build_bundle
from gate.folder import INPUTS, VERDICT
from gate.notes import write_notes
from gate.verdict import decide
from gate.verdict_file import as_json, keep_inputs, write_verdict
from gate.zipping import read_zip
from tests.fake_run import FakeRun

PAGE = Path(__file__).parent.parent / "docs" / "exit-codes.md"
NOBODY = 65534
JUNK = bytes(range(256)) * 9
HEAD = """# What a command says to bad input

`python -m tests.bad_input` tries every command of `python -m gate` and writes this page; a test compares. Wrong
use ends with 3 and a sentence, never with a traceback and never with a code that means a verdict. What a run left
and cannot be read is no wrong use: the verdict over it is Incomplete (2) and names the file. `verify` ends with 1
for a bundle that is not the one that was made. Lines of usage are left out here.

| Command | Bad input | Code | What it says |
|---|---|---|---|
"""


# Digests and ages.
_CHANGING = re.compile(r"[0-9a-f]{12}…|\b[\d.]{3,}(?= h old)")


@dataclass(frozen=True)
class Case:
    """A command, what is wrong, its arguments, and the surroundings in which it is tried."""

    command: str
    wrong: str
    arguments: tuple[str, ...]
    within: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext


@dataclass(frozen=True)
class Said:
    """What came of it."""

    code: int
    text: str


def house(folder: Path) -> Path:
    """A run with verdict, notes and bundle, and some files and folders that are none."""
    run = FakeRun(folder)
    case = run.case()
    keep_inputs(case, run.reports / INPUTS)
    verdict = decide(case)
    write_verdict(verdict, run.reports / VERDICT)
    write_notes(as_json(verdict), "[smoke] ok", [], run.reports)
    shutil.copy(build_bundle(run.reports, run.features, run.waivers).path, folder / "bundle.zip")
    (folder / "file").write_bytes(JUNK)
    (folder / "cut.zip").write_bytes((folder / "bundle.zip").read_bytes()[:-900])
    (folder / "empty").mkdir()
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    return folder


def cases(at: Path) -> Iterator[Case]:
    """All of them, those that leave something else behind last."""
    for command in COMMANDS:
        needed = {"merge": ("x",), "verify": ("x",), "sign-off": ("x", *_BY)}.get(command, ())
        yield Case(command, "an option that is none", (*needed, "--nonsense"))
    yield from _folders(at)
    yield from _bundles(at)
    yield from _words(at)
    yield from _files(at)
    yield from _disks(at)


_BY = ("--by", "Olga", "--verdict", "0" * 64)


def _folders(at: Path) -> Iterator[Case]:
    missing, file = str(at / "missing"), str(at / "file")
    for command in ("verdict", "report", "bundle", "publish"):
        yield Case(command, "a folder that is missing", ("--reports", missing))
        yield Case(command, "a file in place of a folder", ("--reports", file))
    for command in ("verdict", "report", "bundle"):
        for wrong, name in (("features that are missing", missing), ("a file in place of the features", file)):
            yield Case(command, wrong, ("--reports", str(at / "reports"), "--features", name))


def _bundles(at: Path) -> Iterator[Case]:
    named = [("what is missing", "missing"), ("another file", "file"), ("an empty folder", "empty")]
    cut = [("a bundle that is cut short", "cut.zip")]
    more: tuple[str, ...]
    for command, more in (("merge", ()), ("verify", ()), ("sign-off", _BY)):
        yield Case(command, "nothing named", more)
        for wrong, name in [*named, *(cut if command != "merge" else [])]:
            yield Case(command, wrong, (str(at / name), *more))
    whole = at / "bundle.zip"
    for command, more in (("verify", ()), ("sign-off", _BY)):
        yield Case(command, "a bundle that may not be read", (str(whole), *more), _limited(whole, 0))
    yield Case("sign-off", "another verdict's digest", (str(whole), *_BY))
    yield Case("verify", "a key that is missing", (str(whole), "--key", str(at / "missing")))
    yield Case("verify", "a key that is none", (str(whole), "--key", str(at / "file")))
    for command, more in (("run", ()), ("merge", (str(at / "empty"),)), ("bundle", _results(at))):
        yield Case(command, "a key that is none", (*more, "--key", str(at / "file")))


def _words(at: Path) -> Iterator[Case]:
    yield Case("publish", "an issue that is none", (*_results(at)[:2], "--issue", "here"), _token)
    yield Case("login", "no staging", ())
    yield Case("login", "a person that is none", ("--as", "nobody"))
    yield Case("clean", "a word too much", ("everything",))


def _files(at: Path) -> Iterator[Case]:
    for command, more in (("bundle", _results(at)), ("publish", _results(at)[:2])):
        for name in (VERDICT, "release-notes.en.md"):
            path = at / "reports" / name
            yield Case(command, f"`{name}` that is binary", more, _spoiled(path, JUNK))
            yield Case(command, f"`{name}` that may not be read", more, _limited(path, 0))
    for name in ("run.jsonl", "blockers.json", "history.jsonl"):
        path = at / "reports" / name
        half = path.read_bytes()[:-30] if path.exists() else b'{"state": "chec'
        yield Case("verdict", f"`{name}` that is binary", _results(at), _spoiled(path, JUNK))
        yield Case("verdict", f"`{name}` that is cut short", _results(at), _spoiled(path, half))
    record = at / "reports" / "run.jsonl"
    yield Case("verdict", "`run.jsonl` that may not be read", _results(at), _limited(record, 0))
    yield Case("verdict", "`waivers.yaml` that is binary", (*_results(at), "--waivers", str(at / "file")))


def _disks(at: Path) -> Iterator[Case]:
    digest = sha256(read_zip(at / "bundle.zip")[VERDICT])
    signed = (str(at / "bundle.zip"), *_BY[:2], "--verdict", digest, "--no-blockers")
    yield Case("sign-off", "a full disk", signed, _full)
    for command in ("bundle", "verdict"):
        yield Case(command, "a folder without the right to write", _results(at), _limited(at / "reports", 0o555))
        yield Case(command, "a full disk", _results(at), _full)


def _results(at: Path) -> tuple[str, ...]:
    return ("--reports", str(at / "reports"), "--features", str(at / "features"))


def tried(case: Case) -> Said:
    """Run it here; what it says to people, without lines of usage."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), case.within():
        try:
            code = main([case.command, *case.arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
    told = err.getvalue() if code == 3 else out.getvalue()
    return Said(code, told if code != 3 else "\n".join(_no_usage(told)))


def table(folder: Path) -> str:
    """The page."""
    at, rows = house(folder), []
    for case in cases(at):
        said = tried(case)
        text = _CHANGING.sub("…", _first(said).replace(str(at), "…").replace("|", "\\|"))
        rows.append(f"| `{case.command}` | {case.wrong} | {said.code} | {text} |\n")
    return HEAD + "".join(rows)


def _first(said: Said) -> str:
    """The sentence; of a verdict the reason that names the file, which stands behind those of the lines."""
    lines = [line.strip() for line in said.text.splitlines() if line.strip()]
    if said.code == 2:
        return " … ".join([lines[0], *(line for line in lines if "the run " in line)][:2])
    return " ".join(lines[:2])


def _no_usage(text: str) -> list[str]:
    lines = text.splitlines()
    if lines and lines[0].startswith("usage:"):
        return [line for line in lines if line.startswith("python -m gate")]
    return lines


def _spoiled(path: Path, body: bytes) -> Callable[[], contextlib.AbstractContextManager[None]]:
    @contextlib.contextmanager
    def within() -> Iterator[None]:
        before = path.read_bytes() if path.exists() else None
        path.write_bytes(body)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            if before is not None:
                path.write_bytes(before)

    return within


def _limited(path: Path, mode: int) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Without these rights; root has all of them, so it is somebody else meanwhile."""

    @contextlib.contextmanager
    def within() -> Iterator[None]:
        before, user = path.stat().st_mode, os.geteuid()
        path.chmod(mode)
        if user == 0:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(user)
            path.chmod(before)

    return within


@contextlib.contextmanager
def _full() -> Iterator[None]:
    """No file can grow: what a full disk is to a program."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def _token() -> Iterator[None]:
    os.environ["GATE_GITHUB_TOKEN"] = "ghp_" + "0" * 36
    try:
        yield
    finally:
        del os.environ["GATE_GITHUB_TOKEN"]


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C.UTF-8"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        PAGE.write_text(table(Path(folder)), encoding="utf-8")
