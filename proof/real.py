"""`make real`: build the real oauth2-proxy of the contract and run the gate on it in place of the stand-in.

Twice: with the flags of contract 2 and nothing else, and with an ingress that also removes a client's own
X-Auth-Request-*. The first run may be red only where `docs/findings.md` says so, the second one nowhere.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "real"
PAGE = ROOT / "docs" / "real-parts.md"
BEGIN, END = "<!-- oauth2-proxy: made by make real -->", "<!-- oauth2-proxy: end -->"
MODULE = "github.com/oauth2-proxy/oauth2-proxy/v7"
VERSION = "v7.6.0"
# What Go's checksum database says of this version.
SUM = "h1:hB759i/hkrFxoLQxpmGpslmm80hChOA8LQ3VM+2pRS0="
PROGRAM = CACHE / f"oauth2-proxy-{VERSION}"
# The one thing that these flags leave open; the page says what a platform's owner should change.
FINDINGS = {"s1.boundary.identity": "docs/findings.md, F1"}
LANGUAGES = ("en", "ru")
STATUS = {"passed": "proven", "failed": "broken"}


@dataclass
class Trial:
    """One way to set the staging up, and what the gate said of it."""

    title: str
    options: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    # (line, language) -> how many scenarios ended how.
    counts: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    reasons: list[str] = field(default_factory=list)
    complete: bool = False
    seconds: float = 0.0

    def note(self, entry: dict[str, Any]) -> None:
        """Count one scenario of the record."""
        status = STATUS.get(entry["status"], "not proven")
        for line in entry["ids"]:
            counts = self.counts[line, entry["language"]]
            counts[status] = counts.get(status, 0) + 1
        if status != "proven":
            first = (entry["reason"].strip().splitlines() or ["no reason"])[0]
            self.reasons.append(f"{entry['language']} {','.join(entry['ids'])} {status}: {entry['name']}: {first}")

    def red(self) -> set[str]:
        """The lines that are broken in any language."""
        return {line for (line, _), counts in self.counts.items() if counts.get("broken")}

    def good(self) -> bool:
        """Whether the run came to its end, and is red only where that is known."""
        return self.complete and bool(self.counts) and self.red() <= self.known

    def cell(self, line: str, language: str) -> str:
        """What a table says of a line: scenarios by outcome."""
        counts = self.counts.get((line, language), {})
        told = ", ".join(
            f"{counts[status]} {status}" for status in ("proven", "broken", "not proven") if counts.get(status)
        )
        return f"**{told}**" if counts.get("broken") else told or "-"


def trials() -> list[Trial]:
    """Both ways."""
    return [
        Trial("the contract's flags alone", known=frozenset(FINDINGS)),
        Trial("the ingress also removes X-Auth-Request-*", ("--variant", "ingress-strips-auth-request")),
    ]


def build() -> Path:
    """The pinned version out of its Go module; a second call finds it built."""
    if PROGRAM.is_file():
        return PROGRAM
    if not shutil.which("go"):
        raise SystemExit(
            "Go is needed to build the real oauth2-proxy (https://go.dev/dl), or give --oauth2-proxy PATH."
        )
    print(f"Building oauth2-proxy {VERSION} (a minute or two)", flush=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    # `go install …@v7.6.0` wants the list of all versions, which not every module proxy gives.
    told = json.loads(_go("mod", "download", "-json", f"{MODULE}@{VERSION}", folder=CACHE))
    if told["Sum"] != SUM:
        raise SystemExit(f"The module proxy gave another {MODULE}@{VERSION}: {told['Sum']}, wanted {SUM}.")
    unfinished = PROGRAM.with_suffix(".part")
    flags = f"-s -w -X main.VERSION={VERSION}"
    _go("build", "-trimpath", "-ldflags", flags, "-o", str(unfinished), ".", folder=Path(told["Dir"]))
    unfinished.replace(PROGRAM)
    return PROGRAM


def _go(*arguments: str, folder: Path) -> str:
    done = subprocess.run(["go", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"go {arguments[0]} failed:\n{done.stderr or done.stdout}")
    return done.stdout


def run(trial: Trial, program: Path, behave: list[str], reports: Path) -> None:
    """Start a staging with the real part, run the gate on it, and read what it left."""
    command = [sys.executable, "-m", "sandbox", "--json", "--oauth2-proxy", str(program), *trial.options]
    staging = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert staging.stdout is not None
        settings = {k: v for k, v in json.loads(staging.stdout.readline()).items() if k.startswith("GATE_")}
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "behave", *behave],
            cwd=ROOT,
            env=os.environ | settings | {"GATE_REPORTS": str(reports)},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        trial.seconds = time.monotonic() - began
    finally:
        staging.terminate()
        staging.wait(30)
    read(trial, reports / "run.jsonl")


def read(trial: Trial, record: Path) -> None:
    """Put the record of a run into its trial; without its end the run is not complete."""
    for entry in map(json.loads, record.read_text(encoding="utf-8").splitlines() if record.is_file() else []):
        if entry["kind"] == "scenario":
            trial.note(entry)
        elif entry["kind"] == "end":
            trial.complete = not entry["aborted"]


def table(done: list[Trial], version: str) -> str:
    """What the runs said, line by line, as Markdown."""
    lines = sorted({line for trial in done for line, _ in trial.counts})
    heads = [f"{trial.title}, {language}" for trial in done for language in LANGUAGES]
    rows = [
        f"| {line} | " + " | ".join(trial.cell(line, language) for trial in done for language in LANGUAGES) + " |"
        for line in lines
    ]
    return "\n".join(
        [
            f"`{version}`; module {MODULE} {VERSION}, {SUM}",
            "",
            *(f"- {trial.title}: {_summary(trial)}" for trial in done),
            "",
            f"| Line | {' | '.join(heads)} |",
            "|---|" + "---|" * len(heads),
            *rows,
        ]
    )


def _summary(trial: Trial) -> str:
    total: dict[str, int] = defaultdict(int)
    for counts in trial.counts.values():
        for status, number in counts.items():
            total[status] += number
    told = ", ".join(f"{number} {status}" for status, number in sorted(total.items(), reverse=True))
    red = ", ".join(f"{line} ({FINDINGS.get(line, 'not known')})" for line in sorted(trial.red())) or "none"
    ended = "" if trial.complete else " The run did not come to its end."
    return f"{told} (a scenario counts for each of its lines) in {trial.seconds:.0f} s. Red lines: {red}.{ended}"


def write(text: str) -> None:
    """Put the table into the page, between its two marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"{PAGE.relative_to(ROOT)} has lost its marks {BEGIN} … {END}.")
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Build, run both ways, tell; 0 when nothing is red but what is known."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--oauth2-proxy", type=Path, metavar="PATH", help="this one, instead of building it")
    options.add_argument(
        "--reports", type=Path, default=CACHE / "reports", help="where the runs leave their results"
    )
    options.add_argument("--write", action="store_true", help=f"write the table into {PAGE.relative_to(ROOT)}")
    chosen, behave = options.parse_known_args()
    program = chosen.oauth2_proxy or build()
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    done = trials()
    for number, trial in enumerate(done, 1):
        print(f"{trial.title}: the gate runs", flush=True)
        run(trial, program, behave, (chosen.reports / f"oauth2-proxy-{number}").resolve())
        print("\n".join(["  " + _summary(trial), *(f"  {reason}" for reason in trial.reasons)]), flush=True)
    if chosen.write:
        write(table(done, version))
    return 0 if all(trial.good() for trial in done) else 1


if __name__ == "__main__":
    sys.exit(main())
