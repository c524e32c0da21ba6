"""Makes docs/doctor.md: what the doctor says of the local staging, and where something is missing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gate import login
from gate.doctor.examination import Examination, as_json, examine, told
from gate.document import load_document
from gate.language import Language, speak
from gate.redaction import redact
from gate.settings import BY_NAME, Settings
from gate.target import Target

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "doctor.md"
CLUSTER = ("GATE_KUBECONFIG", "GATE_KUBE_CONTEXT", "GATE_DATABASE_URL", "GATE_GATEWAY_URL")
# What differs from machine to machine and from minute to minute.
VARYING = (
    (r"\b\d+ (ms|мс)\b", r"4 \1"),
    (r"@ 127\.0\.0\.1:\d+", "@ 127.0.0.1:5353"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "2026-02-09 12:00 UTC"),
    (r"chromium \d[\d.]*", "chromium 150.0"),
    (r"PostgreSQL \d[\d.]*", "PostgreSQL 18"),
    (r"(GATE_KUBE_CONTEXT=NAME); .*", r"\1; known here: staging."),
    (r"does not resolve: .*?  ", "does not resolve: Name or service not known  "),
    (r"in a browser: .*? See", "in a browser: Name or service not known. See"),
)
HEAD = """# What the doctor says

`python -m gate doctor` looks at each door of the staging, read-only, and ends with the lines that can be proven
from here; `--json` says it for a program, `--lang ru` (or the locale) in Russian. The exit code is 0 when nothing
is missing, else 1. This page is made by `python -m proof.doctor`; a test holds it against what the doctor says.
"""


def page(values: Mapping[str, str]) -> str:
    """The whole page, from the settings of a local staging that runs."""
    with tempfile.TemporaryDirectory() as folder:
        ended = _ended_session(values, Path(folder))
        without_password = {"GATE_ADMIN_LOGIN": "", "GATE_ADMIN_PASSWORD": "", "GATE_ADMIN_SESSION": str(ended)}
        whole = _examined(values)
        parts = [
            ("The local staging (`--sandbox`)", _shown(whole)),
            ("The same in Russian: `--lang ru`", _shown(_examined(values, "ru"), "ru")),
            ("A wrong domain", _shown(_examined({**values, "GATE_DOMAIN": "stagng.codex-k8s.test"}))),
            ("An expired session", _shown(_examined({**values, **without_password}))),
            ("No access to the cluster", _shown(_examined({**values, **dict.fromkeys(CLUSTER, "")}))),
            ("For a program: `--json`, the first door and the first line", _first_of_json(whole)),
        ]
    return HEAD + "".join(f"\n## {title}\n\n{text}" for title, text in parts)


def main() -> int:
    """Start a local staging, write the page."""
    command = [sys.executable, "-m", "sandbox", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        values = {name: value for name, value in json.loads(process.stdout.readline()).items() if name in BY_NAME}
        try:
            PAGE.write_text(page(values), encoding="utf-8")
        finally:
            process.terminate()
    print(PAGE.relative_to(ROOT))
    return 0


def _examined(values: Mapping[str, str], language: Language = "en") -> Examination:
    target = Target(Settings({**values, "GATE_REQUEST_SECONDS": "5"}))
    speak(language)
    try:
        return examine(target, load_document())
    finally:
        speak("en")
        target.close()


def _shown(found: Examination, language: Language = "en") -> str:
    speak(language)
    try:
        text = redact(told(found))
    finally:
        speak("en")
    for pattern, instead in VARYING:
        text = re.sub(pattern, instead, text)
    return f"```text\n{text}\n```\n"


def _first_of_json(found: Examination) -> str:
    whole = as_json(found)
    first = {**whole, "doors": whole["doors"][:1], "lines": whole["lines"][:1]}
    text = json.dumps(first, ensure_ascii=False, indent=1)
    for pattern, instead in VARYING:
        text = re.sub(pattern, instead, text)
    return f"```json\n{text}\n```\n"


def _ended_session(values: Mapping[str, str], folder: Path) -> Path:
    """A session of the admin that nobody knows any more."""
    target = Target(Settings(dict(values)))
    try:
        path = login.log_in(target, "admin", print, folder).path
    finally:
        target.close()
    state = json.loads(path.read_text(encoding="utf-8"))
    for cookie in state["cookies"]:
        cookie["value"] = "x" * 40
    path.write_text(json.dumps(state), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
