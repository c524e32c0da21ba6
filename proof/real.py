"""`make real`: build the real parts and run the gate on them in place of the stand-ins.

Three times: on the oauth2-proxy with the flags of contract 2 and nothing else, with an ingress that also removes a
client's own X-Auth-Request-*, and so with a kube-apiserver and etcd beside it, met with the rights of
`deploy/rights.yaml`. The first may be red only where `docs/findings.md` says so, the others nowhere.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proof import accepted, builds, rights
from proof.builds import CACHE, ROOT, Programs

PAGE = ROOT / "docs" / "real-parts.md"
BEGIN, END = "<!-- made by make real -->", "<!-- end -->"
# The one thing that these flags leave open; the page says what a platform's owner should change.
FINDINGS = {"s1.boundary.identity": "docs/findings.md, F1"}
LANGUAGES = ("en", "ru")
STATUS = {"passed": "proven", "failed": "broken"}
BY_HAND = ("GATE_DATABASE_URL", "GATE_GATEWAY_URL")


@dataclass
class Trial:
    """One way to set the staging up, and what the gate said of it."""

    title: str
    options: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    cluster: bool = False
    # What was asked of the real cluster, and the manifests of deploy/ that it did not take.
    asked: rights.Asked = field(default_factory=rights.Asked)
    refused: list[str] = field(default_factory=list)
    # (line, language) -> how many scenarios ended how.
    counts: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    reasons: list[str] = field(default_factory=list)
    complete: bool = False
    seconds: float = 0.0
    suite: str = ""

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
        """Whether the run came to its end, is red only where that is known, and had just the rights it needs."""
        sound = not self.refused and not self.asked.refused
        return self.complete and bool(self.counts) and self.red() <= self.known and sound

    def cell(self, line: str, language: str) -> str:
        """What a table says of a line: scenarios by outcome."""
        counts = self.counts.get((line, language), {})
        told = ", ".join(
            f"{counts[status]} {status}" for status in ("proven", "broken", "not proven") if counts.get(status)
        )
        return f"**{told}**" if counts.get("broken") else told or "-"


def trials() -> list[Trial]:
    """All ways."""
    strips = ("--variant", "ingress-strips-auth-request")
    return [
        Trial("the contract's flags alone", known=frozenset(FINDINGS)),
        Trial("the ingress also removes X-Auth-Request-*", strips),
        Trial("the same, on kube-apiserver", strips, cluster=True),
    ]


def run(trial: Trial, programs: Programs, behave: list[str], reports: Path) -> None:
    """Start a staging with the real parts, run the gate on it, and read what it left."""
    with _staging(trial, programs) as values:
        settings = {name: value for name, value in values.items() if name.startswith("GATE_")}
        began = time.monotonic()
        _gate("behave", *behave, settings=settings | {"GATE_REPORTS": str(reports)})
        trial.seconds = time.monotonic() - began
        if trial.cluster:
            # No kubelet, no way into a pod; whether the gate may ask for one is the server's matter all the same.
            _gate("gate", "doctor", settings={name: settings[name] for name in settings if name not in BY_HAND})
            trial.asked = rights.asked(Path(values["SANDBOX_FOLDER"]) / "audit.log")
            trial.refused = accepted.refused(Path(values["SANDBOX_FOLDER"]))
    read(trial, reports / "run.jsonl")


@contextmanager
def _staging(trial: Trial, programs: Programs) -> Iterator[dict[str, str]]:
    real = ["--oauth2-proxy", str(programs.oauth2_proxy)]
    if trial.cluster:
        real += ["--kube-apiserver", str(programs.kube_apiserver), "--etcd", str(programs.etcd)]
    command = [sys.executable, "-m", "sandbox", "--json", *real, *trial.options]
    staging = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert staging.stdout is not None
        line = staging.stdout.readline()
        if not line:
            raise SystemExit(f"{trial.title}: the staging did not start, see above.")
        yield json.loads(line)
    finally:
        staging.terminate()
        staging.wait(30)


def _gate(*command: str, settings: dict[str, str]) -> None:
    words = [sys.executable, "-m", *command]
    subprocess.run(words, cwd=ROOT, env=os.environ | settings, stdout=subprocess.DEVNULL, check=False)


def read(trial: Trial, record: Path) -> None:
    """Put the record of a run into its trial; without its end the run is not complete."""
    for entry in map(json.loads, record.read_text(encoding="utf-8").splitlines() if record.is_file() else []):
        if entry["kind"] == "start":
            trial.suite = entry["suite"]["commit"][:7]
        elif entry["kind"] == "scenario":
            trial.note(entry)
        elif entry["kind"] == "end":
            trial.complete = not entry["aborted"]


def table(done: list[Trial], programs: Programs) -> str:
    """What the runs said, line by line, as Markdown."""
    lines = sorted({line for trial in done for line, _ in trial.counts})
    heads = [f"{trial.title}, {language}" for trial in done for language in LANGUAGES]
    rows = [
        f"| {line} | " + " | ".join(trial.cell(line, language) for trial in done for language in LANGUAGES) + " |"
        for line in lines
    ]
    return "\n".join(
        [
            *(f"- {told}" for told in programs.told()),
            f"- the suite at {' and '.join(sorted({trial.suite for trial in done}))}",
            "",
            *(f"- {trial.title}: {_summary(trial)}" for trial in done),
            "",
            f"| Line | {' | '.join(heads)} |",
            "|---|" + "---|" * len(heads),
            *rows,
            *(row for trial in done if trial.cluster for row in _rights(trial)),
        ]
    )


def _rights(trial: Trial) -> list[str]:
    """What was asked of the cluster, by its own audit log."""
    return [
        "",
        "| Right of deploy/rights.yaml | asked for in that run |",
        "|---|---|",
        *trial.asked.told(rights.given()),
        "",
        f"Asked for and refused: {len(trial.asked.refused) or 'nothing'}. "
        f"Manifests of `deploy/` that a server-side dry run refused: {len(trial.refused) or 'none'}.",
    ]


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
    """Build, run every way, tell; 0 when nothing is red but what is known."""
    options = argparse.ArgumentParser(description=__doc__)
    for name in ("oauth2-proxy", "kube-apiserver", "etcd"):
        options.add_argument(f"--{name}", type=Path, metavar="PATH", help="this one, instead of building it")
    options.add_argument("--only", type=int, metavar="N", help="only the first, second or third way")
    options.add_argument(
        "--reports", type=Path, default=CACHE / "reports", help="where the runs leave their results"
    )
    options.add_argument("--write", action="store_true", help=f"write the table into {PAGE.relative_to(ROOT)}")
    chosen, behave = options.parse_known_args()
    programs = Programs(
        chosen.oauth2_proxy or builds.oauth2_proxy(),
        chosen.kube_apiserver or builds.kube_apiserver(),
        chosen.etcd or builds.etcd(),
    )
    done = []
    for number, trial in enumerate(trials(), 1):
        if chosen.only in (None, number):
            print(f"{trial.title}: the gate runs", flush=True)
            run(trial, programs, behave, (chosen.reports / f"real-{number}").resolve())
            done.append(trial)
            print("\n".join(["  " + _summary(trial), *(f"  {reason}" for reason in _told(trial))]), flush=True)
    if chosen.write:
        write(table(done, programs))
    return 0 if all(trial.good() for trial in done) else 1


def _told(trial: Trial) -> list[str]:
    """What a person should look at."""
    refused = [f"the cluster refused: {' '.join(right)}" for right in trial.asked.refused]
    unused = trial.asked.unused(rights.given()) if trial.cluster else []
    return [*trial.reasons, *refused, *trial.refused, *(f"never asked for: {' '.join(right)}" for right in unused)]


if __name__ == "__main__":
    sys.exit(main())
